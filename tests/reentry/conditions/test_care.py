"""Flags on continuity of care, and to whom they may go."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given, settings

from cases import EXAMPLES
from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.record import Debt, Detention, Dossier, IdentityCare, Inquiry, Person
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions import (
    action_lists,
    care_flags,
    list_care_flags,
    read_consents,
)
from risicoscreener.reentry.conditions.covering import outside
from risicoscreener.reentry.sharing import Consent
from strategies import as_of_days, dossiers

DAY = dt.date(2024, 4, 15)
ARRIVED = dt.date(2024, 1, 8)
CONSENTS = EXAMPLES / "reentry" / "long_sentence_consents.json"


def a_dossier(*care: IdentityCare, release: dt.date | None = dt.date(2024, 5, 1), debts=()):
    stay = Detention(
        recorded_at=ARRIVED,
        arrived_on=ARRIVED,
        regime="sentence",
        sentence_days=150,
        expected_release_on=release,
    )
    asked = Inquiry(
        recorded_at=ARRIVED,
        subject="debts",
        source="collection_agency",
        consulted_on=ARRIVED,
        complete=True,
    )
    return Dossier(
        person_id="case-0001",
        person=Person(birth_date=dt.date(1990, 1, 1), sex="male"),
        detentions=[stay],
        identity_care=list(care),
        debts=list(debts),
        inquiries=[asked],
    )


def a_fact(kind: str, finding: str = "yes", from_on: dt.date = ARRIVED, **more):
    return IdentityCare(recorded_at=from_on, kind=kind, finding=finding, from_on=from_on, **more)


INSURED = a_fact("health_insurance", from_on=dt.date(2020, 1, 1))
ENDED = msgspec.structs.replace(INSURED, until_on=dt.date(2024, 3, 1))


def raised(dossier: Dossier, day: dt.date = DAY) -> set[str]:
    return {flag.id for flag in care_flags(dossier, day).flags if flag.state == "raised"}


@pytest.mark.parametrize(
    ("care", "release", "expected"),
    [
        (
            [a_fact("treatment"), INSURED],
            dt.date(2024, 5, 1),
            {"treatment_ends", "insurance_suspended"},
        ),
        ([a_fact("treatment"), INSURED], dt.date(2024, 9, 1), set()),
        ([a_fact("treatment"), INSURED], None, {"treatment_no_date"}),
        (
            [
                a_fact("treatment", until_on=dt.date(2024, 3, 1)),
                a_fact("treatment", "no", dt.date(2024, 3, 1)),
                INSURED,
            ],
            dt.date(2024, 9, 1),
            {"treatment_stopped"},
        ),
        (
            [a_fact("addiction"), a_fact("treatment", "no"), INSURED],
            dt.date(2024, 9, 1),
            {"indicated_untreated"},
        ),
        (
            [a_fact("health_insurance", "no"), a_fact("treatment", "no")],
            dt.date(2024, 9, 1),
            {"uninsured"},
        ),
        (
            [
                ENDED,
                a_fact("health_insurance", "no", dt.date(2024, 3, 1)),
                a_fact("treatment", "no"),
            ],
            dt.date(2024, 9, 1),
            {"uninsured", "insurance_ended"},
        ),
    ],
)
def test_each_flag_is_raised_by_its_facts(care, release, expected):
    assert raised(a_dossier(*care, release=release)) == expected


def test_arrears_with_the_insurer_are_told():
    debt = Debt(
        recorded_at=ARRIVED,
        kind="health_insurance",
        creditor="insurer",
        amount_eur=900.0,
        since=dt.date(2023, 5, 1),
    )
    assert "premium_debt" in raised(a_dossier(INSURED, debts=[debt]))


def test_what_cannot_be_established_is_said_and_not_passed_over():
    found = care_flags(a_dossier(), DAY)
    unknown = {flag.id for flag in found.flags if flag.state == "unknown"}
    assert {"treatment_ends", "uninsured", "insurance_suspended"} <= unknown
    assert "cannot be established" in found.text("en")


def test_a_later_fact_is_not_known_yet():
    later = a_fact("treatment", from_on=dt.date(2024, 4, 16))
    assert "treatment_ends" not in raised(a_dossier(later, INSURED))
    assert "treatment_ends" in raised(a_dossier(later, INSURED), dt.date(2024, 4, 16))


def consent(**changes) -> Consent:
    plain = {
        "person_id": "case-0001",
        "recipient": "care_provider",
        "purpose": "continuity_of_care",
        "given_on": dt.date(2024, 4, 1),
        "reference": "consent-0001",
        "until": dt.date(2024, 6, 30),
    }
    return Consent(**{**plain, **changes})


TREATED = a_dossier(a_fact("treatment"), INSURED)


@pytest.mark.parametrize(
    ("given_", "day", "allowed"),
    [
        (consent(), DAY, True),
        (consent(given_on=dt.date(2024, 4, 16)), DAY, False),
        (consent(until=dt.date(2024, 4, 14)), DAY, False),
        (consent(withdrawn_on=DAY), DAY, False),
        (consent(withdrawn_on=dt.date(2024, 4, 16)), DAY, True),
        (consent(purpose="insurance"), DAY, False),
        (consent(recipient="care_continuity_officer"), DAY, False),
    ],
)
def test_treatment_goes_to_a_provider_only_with_consent_that_holds(given_, day, allowed):
    flags = care_flags(TREATED, day, consents=[given_])
    flag = next(one for one in flags.flags if one.id == "treatment_ends")
    assert flag.may_go_to("care_provider") is allowed
    shown = flags.for_recipient("care_provider")
    assert ("treatment_ends" in {one.id for one in shown.flags}) is allowed


def test_without_consent_the_flag_says_to_whom_it_may_not_go():
    text = care_flags(TREATED, DAY).text("nl")
    assert "mag niet naar de behandelaar na de detentie: er is geen toestemming" in text
    assert "mag niet naar de gemeente: de tabel van doelen laat dit niet door" in text


@settings(max_examples=60)
@given(dossiers(), as_of_days())
def test_the_municipality_never_gets_anything_medical_whatever_was_agreed(dossier, day):
    try:
        found = care_flags(
            dossier,
            day,
            consents=[
                consent(
                    person_id=dossier.person_id,
                    recipient=name,
                    purpose=purpose,
                    given_on=dt.date(2000, 1, 1),
                    until=None,
                )
                for name in outside()
                for purpose in ("continuity_of_care", "reintegration", "insurance")
            ],
        )
    except ReentryError:
        return  # not in detention
    for name in ("municipality", "probation"):
        ids = {flag.id for flag in found.for_recipient(name).flags}
        assert ids <= {"premium_debt"}


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (consent(person_id="case-0002"), "consent of 'case-0002'; expected one of 'case-0001'"),
        (consent(recipient="mayor"), "recipient 'mayor'; expected one of municipality"),
        (consent(until=dt.date(2024, 3, 1)), "until 2024-03-01 lies before given_on 2024-04-01"),
    ],
)
def test_consent_that_cannot_be_meant_is_refused(given_, said):
    with pytest.raises(ReentryError) as error:
        care_flags(TREATED, DAY, consents=[given_])
    assert said in str(error.value)


def test_nobody_is_flagged_who_is_not_inside():
    with pytest.raises(ReentryError, match="is not in detention on 2023-01-01"):
        care_flags(TREATED, dt.date(2023, 1, 1))
    with pytest.raises(ReentryError, match="recipient 'casemanager'"):
        care_flags(TREATED, DAY).for_recipient("casemanager")


def test_consents_are_read_from_a_file():
    (found,) = read_consents(CONSENTS.read_bytes())
    assert found.recipient == "care_provider"
    dossier = read_dossier((EXAMPLES / "reentry" / "long_sentence.json").read_bytes())
    flags = care_flags(dossier, dt.date(2024, 4, 15), consents=[found])
    assert flags.person_id == found.person_id
    with pytest.raises(ReentryError, match="the consents: "):
        read_consents('{"person_id": 3}')


def test_many_are_flagged_as_each_is():
    other = msgspec.structs.replace(TREATED, person_id="case-0002")
    outside_now = msgspec.structs.replace(TREATED, person_id="case-0003", detentions=[])
    frame = list_care_flags([TREATED, other, outside_now], DAY, consents=[consent()], lang="en")
    for dossier, consents in ((TREATED, [consent()]), (other, [])):
        one = care_flags(dossier, DAY, consents=consents).to_frame("en")
        rows = frame[frame["person_id"] == dossier.person_id].reset_index(drop=True)
        assert rows.equals(one)
    assert set(frame["person_id"]) == {"case-0001", "case-0002"}
    assert list_care_flags([outside_now], DAY).empty


def test_a_table_for_care_has_only_those_who_agreed():
    other = msgspec.structs.replace(TREATED, person_id="case-0002")
    frame = action_lists([TREATED, other], DAY, recipient="care_provider", consents=[consent()])
    assert set(frame["person_id"]) == {"case-0001"}
    assert set(frame["action"]) == {"care_handover", "medication_supply"}


def test_flags_go_to_a_table():
    frame = care_flags(TREATED, DAY).to_frame("en")
    assert set(frame["recipient"]) == set(outside())
    assert frame.loc[frame["recipient"] == "municipality", "allowed"].sum() == 0
