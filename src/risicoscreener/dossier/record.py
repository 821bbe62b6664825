"""The dossier as a record: one typed object for a person, with a list for each table.

The classes here are the one definition of what a dossier contains. The Arrow schema of the
tables, the JSON Schema, validation and the conversion between record and tables are all read
off these annotations.

Every fact carries `recorded_at`, the day on which the prison could know it. A picture as of a
day uses only facts recorded on or before that day, and within such a fact only the fields that
had come true by then: a field marked `known_from` another field (the outcome of a leave, the
end of a stay) counts as unknown before that other date. A correction is a new fact whose
`supersedes` names the `fact_id` of the fact it replaces; with `void` it only withdraws it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from risicoscreener.dossier.vocabulary import codes_of

if TYPE_CHECKING:
    AddressCheck: TypeAlias = str
    Arrangement: TypeAlias = str
    AssessmentKind: TypeAlias = str
    AssessmentOutcome: TypeAlias = str
    AuditAttribute: TypeAlias = str
    CareKind: TypeAlias = str
    ConductCategory: TypeAlias = str
    ConductKind: TypeAlias = str
    ConductSubject: TypeAlias = str
    ContactWish: TypeAlias = str
    Creditor: TypeAlias = str
    DebtKind: TypeAlias = str
    Discipline: TypeAlias = str
    Finding: TypeAlias = str
    Goal: TypeAlias = str
    GoalStatus: TypeAlias = str
    Grade: TypeAlias = str
    HousingStatus: TypeAlias = str
    IncomeKind: TypeAlias = str
    LeaveEvent: TypeAlias = str
    LibertyDecision: TypeAlias = str
    LibertyKind: TypeAlias = str
    LibertyOutcome: TypeAlias = str
    Need: TypeAlias = str
    OffenceClass: TypeAlias = str
    ProgrammeKind: TypeAlias = str
    Regime: TypeAlias = str
    Register: TypeAlias = str
    Sanction: TypeAlias = str
    Sex: TypeAlias = str
    Subject: TypeAlias = str
    Supervision: TypeAlias = str
    Unit: TypeAlias = str
    VictimInterest: TypeAlias = str
else:
    AddressCheck = codes_of("address_check")
    Arrangement = codes_of("arrangement")
    AssessmentKind = codes_of("assessment_kind")
    AssessmentOutcome = codes_of("assessment_outcome")
    AuditAttribute = codes_of("audit_attribute")
    CareKind = codes_of("care_kind")
    ConductCategory = codes_of("conduct_category")
    ConductKind = codes_of("conduct_kind")
    ConductSubject = codes_of("conduct_subject")
    ContactWish = codes_of("contact_wish")
    Creditor = codes_of("creditor")
    DebtKind = codes_of("debt_kind")
    Discipline = codes_of("discipline")
    Finding = codes_of("finding")
    Goal = codes_of("goal")
    GoalStatus = codes_of("goal_status")
    Grade = codes_of("grade")
    HousingStatus = codes_of("housing_status")
    IncomeKind = codes_of("income_kind")
    LeaveEvent = codes_of("leave_event")
    LibertyDecision = codes_of("liberty_decision")
    LibertyKind = codes_of("liberty_kind")
    LibertyOutcome = codes_of("liberty_outcome")
    Need = codes_of("need")
    OffenceClass = codes_of("offence_class")
    ProgrammeKind = codes_of("programme_kind")
    Regime = codes_of("regime")
    Register = codes_of("register")
    Sanction = codes_of("sanction")
    Sex = codes_of("sex")
    Subject = codes_of("subject")
    Supervision = codes_of("supervision")
    Unit = codes_of("unit")
    VictimInterest = codes_of("victim_interest")

# `\Z`, since `$` in Python also matches before a final line break; the schema is for ECMA regexes.
Identifier = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9._:\-]{1,64}\Z",
        extra_json_schema={"pattern": r"^[A-Za-z0-9._:\-]{1,64}$"},
    ),
]
Days = Annotated[int, Meta(ge=0, le=36525)]
Hours = Annotated[float, Meta(ge=0, le=168)]
AmountEur = Annotated[float, Meta(ge=0, le=1e8)]
Severity = Annotated[int, Meta(ge=1, le=5)]
Conditions = Annotated[int, Meta(ge=0, le=100)]


def _known_from(field: str) -> Any:
    return Meta(extra_json_schema={"x-known-from": field}, extra={"known_from": field})


class Fact(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What every fact has: the day it could be known, and how it corrects an earlier one."""

    recorded_at: dt.date
    fact_id: Identifier | None = None
    supersedes: Identifier | None = None
    void: bool = False


class Person(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Who the dossier is about. Attributes for audit are kept apart, in `AuditFact`."""

    birth_date: dt.date
    sex: Sex


class Detention(Fact, kw_only=True):
    """A stay. A change of unit, sentence or dates is a new fact that supersedes the old one.

    `unit_since` is the day of the placement in the present unit, `selected_for` a unit for which
    someone is selected and not placed yet, and `credited_days` time served outside this stay that
    is deducted from the sentence. `suspended_part_executed` says that a suspended part was ordered
    to be executed.
    """

    arrived_on: dt.date
    regime: Regime
    unit: Unit = "regular"
    prison: Identifier | None = None
    sentence_days: Days | None = None
    conditional_days: Days | None = None
    judged_on: dt.date | None = None
    expected_release_on: dt.date | None = None
    conditional_release_on: dt.date | None = None
    released_on: Annotated[dt.date | None, _known_from("released_on")] = None
    tbs_with_care: bool | None = None
    removal_or_extradition: bool | None = None
    unlawful_stay: bool | None = None
    unit_since: dt.date | None = None
    selected_for: Unit | None = None
    credited_days: Days | None = None
    isd_claimed: bool | None = None
    prosecuted_inside: bool | None = None
    suspended_part_executed: bool | None = None
    release_uncertain: bool | None = None


class Conviction(Fact, kw_only=True):
    """An irrevocable conviction. Severity runs from 1 (minor) to 5 (most serious)."""

    offence_class: OffenceClass
    offence_on: dt.date
    judged_on: dt.date
    sanction: Sanction
    severity: Severity
    custodial_days: Days | None = None
    index_offence: bool = False
    breached_on: Annotated[dt.date | None, _known_from("breached_on")] = None


class Debt(Fact, kw_only=True):
    """A debt, from the day it arose to the day it ended."""

    kind: DebtKind
    creditor: Creditor
    amount_eur: AmountEur
    since: dt.date
    arrangement: Annotated[Arrangement | None, _known_from("arranged_on")] = None
    arranged_on: Annotated[dt.date | None, _known_from("arranged_on")] = None
    until: Annotated[dt.date | None, _known_from("until")] = None


class Housing(Fact, kw_only=True):
    """A period of living somewhere."""

    status: HousingStatus
    from_on: dt.date
    until_on: Annotated[dt.date | None, _known_from("until_on")] = None
    municipality: Identifier | None = None
    address_check: AddressCheck = "not_checked"


class IncomeWork(Fact, kw_only=True):
    """A period of work, benefit or education."""

    kind: IncomeKind
    from_on: dt.date
    until_on: Annotated[dt.date | None, _known_from("until_on")] = None
    hours_per_week: Hours | None = None


class IdentityCare(Fact, kw_only=True):
    """An identity document, insurance, treatment or indication: whether it is there, and since."""

    kind: CareKind
    finding: Finding
    from_on: dt.date
    until_on: Annotated[dt.date | None, _known_from("until_on")] = None
    instrument: Identifier | None = None


class Conduct(Fact, kw_only=True):
    """An incident, a positive act or a weekly review inside."""

    occurred_on: dt.date
    kind: ConductKind
    category: ConductCategory
    grade: Grade
    subject: ConductSubject = "other"
    discipline: Discipline = "none"


class Programme(Fact, kw_only=True):
    """Promotion and degradation, the D&R plan and its goals, labour, visits."""

    kind: ProgrammeKind
    occurred_on: dt.date
    goal: Goal | None = None
    supports_leave: bool | None = None
    willing: bool | None = None
    status: Annotated[GoalStatus | None, _known_from("status_on")] = None
    status_on: Annotated[dt.date | None, _known_from("status_on")] = None
    hours: Hours | None = None


class Liberty(Fact, kw_only=True):
    """A liberty that was asked for, what was decided, and how it ended.

    `special_conditions` is the number of special conditions attached when it was granted. What
    goes with the request: the `event` of an incidental leave and whether it is confirmed, meets
    the further terms for such an event, needs the prisoner there and can wait for another leave;
    the tie with the person visited; the supervision that is needed; what stands in the way by the
    inquiries of the director; and the hours a week of a programme.
    """

    kind: LibertyKind
    asked_on: dt.date
    decision: Annotated[LibertyDecision | None, _known_from("decided_on")] = None
    decided_on: Annotated[dt.date | None, _known_from("decided_on")] = None
    started_on: Annotated[dt.date | None, _known_from("started_on")] = None
    outcome: Annotated[LibertyOutcome | None, _known_from("ended_on")] = None
    ended_on: Annotated[dt.date | None, _known_from("ended_on")] = None
    special_conditions: Annotated[Conditions | None, _known_from("decided_on")] = None
    event: LeaveEvent | None = None
    event_confirmed: bool | None = None
    event_terms_met: bool | None = None
    presence_needed: bool | None = None
    other_leave_serves: bool | None = None
    relation_close: bool | None = None
    visited_objects: bool | None = None
    supervision: Supervision | None = None
    tension_at_address: bool | None = None
    danger_to_prisoner: bool | None = None
    social_unrest: bool | None = None
    prosecutor_objects: bool | None = None
    hours_per_week: Hours | None = None


class VictimFact(Fact, kw_only=True):
    """What is known of the interests of victims, next of kin or others."""

    known_on: dt.date
    interest: VictimInterest
    contact_wish: ContactWish | None = None
    protection_need: Need | None = None
    no_contact_asked: bool | None = None
    area_ban_asked: bool | None = None
    objects_to_liberty: bool | None = None
    informed_on: Annotated[dt.date | None, _known_from("informed_on")] = None


class Assessment(Fact, kw_only=True):
    """An assessment that was asked for, and what came of it."""

    kind: AssessmentKind
    asked_on: dt.date
    done_on: Annotated[dt.date | None, _known_from("done_on")] = None
    outcome: Annotated[AssessmentOutcome | None, _known_from("done_on")] = None
    valid_until: Annotated[dt.date | None, _known_from("done_on")] = None


class Inquiry(Fact, kw_only=True):
    """That a register was consulted for a part of the dossier, so that 'nothing' means none."""

    subject: Subject
    source: Register
    consulted_on: dt.date
    complete: bool


class AuditFact(Fact, kw_only=True):
    """An attribute kept only to check for unequal treatment; no feature can read it."""

    attribute: AuditAttribute
    value: Identifier
    noted_on: dt.date


class Dossier(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All that is known about one person."""

    person_id: Identifier
    person: Person
    schema_version: Annotated[int, Meta(ge=1, le=1)] = 1
    detentions: list[Detention] = []
    convictions: list[Conviction] = []
    debts: list[Debt] = []
    housing: list[Housing] = []
    income_work: list[IncomeWork] = []
    identity_care: list[IdentityCare] = []
    conduct: list[Conduct] = []
    programme: list[Programme] = []
    liberties: list[Liberty] = []
    victims: list[VictimFact] = []
    assessments: list[Assessment] = []
    inquiries: list[Inquiry] = []
    audit: list[AuditFact] = []

    def to_json(self) -> bytes:
        """The dossier as JSON; `read_dossier` gives an equal object back."""
        return msgspec.json.encode(self)
