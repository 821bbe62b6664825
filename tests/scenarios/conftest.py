"""The sentences that scenarios may use, in Dutch: facts with days, a decision, what must follow."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from pytest_bdd import given, parsers, then, when

from risicoscreener.errors import PolicyError
from scenarios.asking import DECISIONS, MODELS, decide
from scenarios.casefile import CATEGORIES, DAY, CaseFile
from scenarios.dates import DATE, day
from scenarios.finding import (
    LEVELS,
    OUTCOMES,
    cites,
    condition_named,
    level_of,
    part_named,
    policies,
    policy_of_tags,
)
from scenarios.vocabulary import (
    ADDRESSES,
    ASSESSED,
    CLAIMS,
    DETENTION_FACTS,
    ENDINGS,
    EVENTS,
    GOALS,
    GRADES,
    IMPAIRMENTS,
    IMPROVEMENT,
    IN_ORDER,
    LIBERTIES,
    OFFENCES,
    PLACES,
    REQUEST_FACTS,
    SUBJECTS,
    TABLES,
    VICTIM_FACTS,
    WEEKS_OF,
)

if TYPE_CHECKING:
    from pytest_bdd.parser import Feature, Scenario

    from risicoscreener.screening import ScreeningResult

ABOUT = pytest.StashKey[str]()
"""The policy that a scenario is about, such as ``leave/1999-01-01``."""


def pytest_bdd_apply_tag(tag: str, function: Any) -> bool:
    """A tag names the policy that a feature is about; it is no mark of pytest."""
    function.policy = policy_of_tags([tag])
    return True


def pytest_itemcollected(item: Any) -> None:
    """The name of a policy selects its scenarios: ``-k promotion/2020``."""
    policy = getattr(getattr(item, "obj", None), "policy", None)
    if policy is not None:
        item.extra_keyword_matches.add(policy)


def pytest_bdd_before_scenario(
    request: pytest.FixtureRequest, feature: Feature, scenario: Scenario
) -> None:
    """A policy that does not ship is not tested yet."""
    about = policy_of_tags(scenario.tags) or policy_of_tags(feature.tags)
    assert about is not None, f"{feature.filename}: expected a tag @beleid:<kind>/<version>"
    if about not in policies():
        pytest.skip(f"there is no policy {about} yet")
    request.node.stash[ABOUT] = about


@pytest.fixture
def case() -> CaseFile:
    return CaseFile()


def dated(pattern: str) -> Any:
    """Sentence in which DATUM, and what is named `until`, are days and `n` is a number."""
    parser = parsers.re(pattern.replace("DATUM", f"(?P<on>{DATE})"))
    return given(parser, converters={"on": day, "until": day, "n": int})


def _sentences(facts: dict[str, Any]) -> Any:
    """One of these sentences, whole."""
    return parsers.re("(?P<sentence>" + "|".join(map(re.escape, facts)) + ")")


@given("iemand van wie alles bekend en in orde is")
def everything_in_order(case: CaseFile) -> None:
    """That is how a case file starts."""


@dated(r"een gevangenisstraf van (?P<n>\d+) dagen, begonnen op DATUM")
def a_sentence(case: CaseFile, n: int, on: dt.date) -> None:
    case.arrived_on = on
    case.detention["sentence_days"] = n


@dated(r"(?P<n>\d+) (?:dagen|dag) van de straf (?:zijn|is) voorwaardelijk")
def conditional_part(case: CaseFile, n: int) -> None:
    case.detention["conditional_days"] = n


@dated("het vonnis is van DATUM")
def judgment(case: CaseFile, on: dt.date) -> None:
    case.detention["judged_on"] = on


@dated("de verwachte invrijheidstelling is op DATUM")
def expected_release(case: CaseFile, on: dt.date) -> None:
    case.detention["expected_release_on"] = on


@dated(r"op de dag van de beslissing resteren (?P<n>-?\d+) dagen")
def days_left(case: CaseFile, n: int) -> None:
    case.release_in_days = n


@dated(
    r"op de dag van de beslissing resteren (?P<n>\d+) dagen tot de voorwaardelijke invrijheidstelling"
)
def days_to_conditional_release(case: CaseFile, n: int) -> None:
    case.conditional_release_in_days = n


@dated("de datum van voorwaardelijke invrijheidstelling is DATUM")
def conditional_release(case: CaseFile, on: dt.date) -> None:
    case.detention["conditional_release_on"] = on


@given(_sentences(DETENTION_FACTS))
def detention_fact(case: CaseFile, sentence: str) -> None:
    case.detention |= DETENTION_FACTS[sentence]


@dated(r"(?P<n>\d+) dagen zijn elders ondergaan en komen in mindering op de straf")
def credited(case: CaseFile, n: int) -> None:
    case.detention["credited_days"] = n


@dated("hij is op DATUM geplaatst in (?P<place>" + "|".join(PLACES) + ")")
def placed(case: CaseFile, on: dt.date, place: str) -> None:
    case.detention |= {"unit": PLACES[place], "unit_since": on}


@given("dat was in het kader van detentiefasering")
def phased(case: CaseFile) -> None:
    on = case.detention["unit_since"]
    row = {"decision": "granted", "decided_on": on, "started_on": on}
    case.add("liberties", recorded_at=on, kind="low_security", asked_on=on - 20 * DAY, **row)


@dated("deelname aan een penitentiair programma is op DATUM akkoord bevonden")
def programme_agreed(case: CaseFile, on: dt.date) -> None:
    row = {"decision": "granted", "decided_on": on}
    kind = "penitentiary_programme"
    case.add("liberties", recorded_at=on, kind=kind, asked_on=on - 20 * DAY, **row)


@given(_sentences(REQUEST_FACTS))
def request_fact(case: CaseFile, sentence: str) -> None:
    case.request |= REQUEST_FACTS[sentence]


@given(parsers.re("hij vraagt incidenteel verlof voor een (?P<event>" + "|".join(EVENTS) + ")"))
def incidental_request(case: CaseFile, event: str) -> None:
    case.request |= IN_ORDER | {"event": EVENTS[event]}


@dated(r"het programma heeft (?P<n>\d+) uur per week")
def programme_hours(case: CaseFile, n: int) -> None:
    case.request["hours_per_week"] = float(n)


@given(_sentences(IMPAIRMENTS))
def impairment(case: CaseFile, sentence: str) -> None:
    case.impaired_by = IMPAIRMENTS[sentence]


@given(_sentences(IMPROVEMENT))
def improvement(case: CaseFile, sentence: str) -> None:
    case.willing_to_improve = IMPROVEMENT[sentence]


@given(
    parsers.re("hij (?P<part>weigert deelname|neemt deel) aan een traject Terugdringen Recidive")
)
def recidivism_programme(case: CaseFile, part: str) -> None:
    on = case.arrived_on + 30 * DAY
    status = {"weigert deelname": "refused", "neemt deel": "open"}[part]
    row = {"kind": "recidivism_programme", "status": status, "status_on": on}
    case.add("programme", recorded_at=on, occurred_on=on, **row)


@given(_sentences(ADDRESSES))
def address(case: CaseFile, sentence: str) -> None:
    case.address = ADDRESSES[sentence]


@given(parsers.re("over (?P<part>" + "|".join(TABLES) + ") is niets bekend"))
def nothing_known(case: CaseFile, part: str) -> None:
    case.nothing_known_of(TABLES[part])


@given(parsers.re("naar (?P<part>" + "|".join(TABLES) + ") is niet volledig navraag gedaan"))
def incompletely_known(case: CaseFile, part: str) -> None:
    case.incompletely_consulted.add(TABLES[part])
    if TABLES[part] == "victims":
        case.victims_none_known = False


@given("navraag bij slachtoffers leverde geen belang op")
def no_victims_interests(case: CaseFile) -> None:
    case.victims_none_known = True


@given(_sentences(VICTIM_FACTS))
def victims_interest(case: CaseFile, sentence: str) -> None:
    found: dict[str, Any] = {
        "protection_need": "some",
        "no_contact_asked": False,
        "area_ban_asked": False,
        "objects_to_liberty": False,
    }
    on = case.arrived_on
    row = {"recorded_at": on, "known_on": on, "interest": "known"} | found | VICTIM_FACTS[sentence]
    case.add("victims", **{name: value for name, value in row.items() if value is not None})


@given(parsers.re("hij is veroordeeld voor (?P<offence>" + "|".join(OFFENCES) + ")"))
def offence(case: CaseFile, offence: str) -> None:
    case.offence = dict(OFFENCES[offence])


@dated("hij is op DATUM veroordeeld voor een feit dat hij in detentie pleegde")
def offence_inside(case: CaseFile, on: dt.date) -> None:
    case.add(
        "convictions",
        recorded_at=on,
        offence_on=case.arrived_on + 30 * DAY,
        judged_on=on,
        sanction="custodial",
        offence_class="violence",
        severity=2,
    )


CLAIM = "(?P<claim>" + "|".join(CLAIMS) + ")"


@given(parsers.re(f"hij weigert een afgesproken betalingsregeling voor {CLAIM}"))
def payment_refused(case: CaseFile, claim: str) -> None:
    _debt(case, claim, "refused")


@given(parsers.re(f"hij komt een betalingsregeling voor {CLAIM} na"))
def payment_kept(case: CaseFile, claim: str) -> None:
    _debt(case, claim, "kept")


def _debt(case: CaseFile, claim: str, arrangement: str) -> None:
    on = case.arrived_on
    case.add(
        "debts",
        recorded_at=on,
        kind=CLAIMS[claim],
        creditor="state",
        amount_eur=900.0,
        since=on - 100 * DAY,
        arrangement=arrangement,
        arranged_on=on,
    )


INCIDENT = "(?P<subject>" + "|".join(SUBJECTS) + ")"


@dated(f"op DATUM (?P<grade>ontoelaatbaar|ongewenst) gedrag: {INCIDENT}")
def incident(case: CaseFile, on: dt.date, grade: str, subject: str) -> None:
    _incident(case, on, GRADES[grade], subject)


@dated(f"op DATUM een disciplinaire straf voor {INCIDENT}")
def punished(case: CaseFile, on: dt.date, subject: str) -> None:
    _incident(case, on, "undesired", subject, discipline="isolation")


@dated("op DATUM een (?:poging tot )?ontvluchting")
def escape(case: CaseFile, on: dt.date) -> None:
    _incident(case, on, "intolerable", "ontvluchting")


def _incident(case: CaseFile, on: dt.date, grade: str, subject: str, **more: str) -> None:
    case.add(
        "conduct",
        recorded_at=on,
        occurred_on=on,
        kind="incident",
        category="living_climate",
        grade=grade,
        subject=SUBJECTS[subject],
        **more,
    )


@dated(r"de laatste (?P<n>\d+) weken gewenst gedrag in beide categorieën")
def desired_weeks(case: CaseFile, n: int) -> None:
    case.weeks = dict.fromkeys(CATEGORIES, n)


@dated(r"de laatste (?P<n>\d+) weken gewenst gedrag in (?P<of>re-integratie|leefklimaat)")
def desired_weeks_in(case: CaseFile, n: int, of: str) -> None:
    case.weeks[WEEKS_OF[of]] = n


@given(parsers.re("in de weken daarvoor ongewenst gedrag in (?P<of>re-integratie|leefklimaat)"))
def undesired_weeks_before(case: CaseFile, of: str) -> None:
    case.other_week[WEEKS_OF[of]] = "undesired"


@dated("hij is op DATUM gepromoveerd")
def promoted(case: CaseFile, on: dt.date) -> None:
    case.promoted_on = on


@given("hij is niet gepromoveerd")
def not_promoted(case: CaseFile) -> None:
    case.promoted_on = None


@dated("hij is op DATUM gedegradeerd")
def degraded(case: CaseFile, on: dt.date) -> None:
    case.add("programme", recorded_at=on, occurred_on=on, kind="degradation")


@dated("hij is op DATUM opnieuw gepromoveerd")
def promoted_again(case: CaseFile, on: dt.date) -> None:
    case.add("programme", recorded_at=on, occurred_on=on, kind="promotion")


@given("er is geen detentie- en re-integratieplan")
def no_plan(case: CaseFile) -> None:
    case.plan_made, case.goal = False, None


@given(_sentences(GOALS))
def goal(case: CaseFile, sentence: str) -> None:
    case.goal = dict(GOALS[sentence])


@given(parsers.re("een doel van het plan is (?P<status>geweigerd|niet bereikt|bereikt)"))
def goal_status(case: CaseFile, status: str) -> None:
    on = case.arrived_on + 30 * DAY
    codes = {"geweigerd": "refused", "niet bereikt": "not_met", "bereikt": "met"}
    row = {"kind": "goal", "goal": "debts", "status": codes[status], "status_on": on}
    case.add("programme", recorded_at=on, occurred_on=case.arrived_on + 14 * DAY, **row)


@given("hij verklaart zich niet bereid de voorwaarden na te leven")
def unwilling(case: CaseFile) -> None:
    case.willing = False


@given("zijn bereidheid om voorwaarden na te leven is niet besproken")
def willingness_unknown(case: CaseFile) -> None:
    case.willing = None


LIBERTY = "(?P<kind>" + "|".join(LIBERTIES) + ")"


@dated(f"{LIBERTY} op DATUM is (?P<ending>" + "|".join(ENDINGS) + ")")
def earlier_leave(case: CaseFile, kind: str, on: dt.date, ending: str) -> None:
    case.add(
        "liberties",
        recorded_at=on + 2 * DAY,
        kind=LIBERTIES[kind],
        asked_on=on - 30 * DAY,
        decision="granted",
        decided_on=on - 10 * DAY,
        started_on=on,
        outcome=ENDINGS[ending],
        ended_on=on + 2 * DAY,
    )


@dated(f"{LIBERTY} is op DATUM verleend")
def liberty_granted(case: CaseFile, kind: str, on: dt.date) -> None:
    row = {"decision": "granted", "decided_on": on, "started_on": on}
    case.add("liberties", recorded_at=on, kind=LIBERTIES[kind], asked_on=on - 20 * DAY, **row)


@dated(f"{LIBERTY} is op DATUM ingetrokken")
def liberty_withdrawn(case: CaseFile, kind: str, on: dt.date) -> None:
    row = {"decision": "withdrawn", "decided_on": on}
    case.add("liberties", recorded_at=on, kind=LIBERTIES[kind], asked_on=on - 20 * DAY, **row)


@dated(
    f"een verdiepende risicotaxatie van DATUM, geldig tot en met (?P<until>{DATE}), "
    f"is (?P<result>{'|'.join(ASSESSED)})"
)
def assessed(case: CaseFile, on: dt.date, until: dt.date, result: str) -> None:
    case.add(
        "assessments",
        recorded_at=on,
        kind="deep_risk_assessment",
        asked_on=on - 20 * DAY,
        done_on=on,
        outcome=ASSESSED[result],
        valid_until=until,
    )


@dated("een verdiepende risicotaxatie is op DATUM aangevraagd")
def assessment_asked(case: CaseFile, on: dt.date) -> None:
    case.add("assessments", recorded_at=on, kind="deep_risk_assessment", asked_on=on)


@given(parsers.re("het risico is (?P<band>laag|matig|hoog)"))
def risk(case: CaseFile, band: str) -> None:
    case.band = band


@given(parsers.re(f"het risico (?P<of>{'|'.join(MODELS)}) is (?P<band>laag|matig|hoog)"))
def risk_of(case: CaseFile, of: str, band: str) -> None:
    case.bands[MODELS[of]] = band


@given("de schatting van het risico loopt over een grens heen")
def near_cut_off(case: CaseFile) -> None:
    case.near_cut_off = True


@given("het model kan over iemand als hij niets zeggen")
def out_of_support(case: CaseFile) -> None:
    case.supported = False


@given("een regel van het dossier is onbruikbaar")
def quarantined(case: CaseFile) -> None:
    case.quarantined_rows = 1


DECISION = "(?P<decision>" + "|".join(DECISIONS) + ")"


@when(
    parsers.re(f"op (?P<on>{DATE}) over {DECISION} wordt beslist"),
    converters={"on": day},
    target_fixture="answer",
)
def decided(case: CaseFile, on: dt.date, decision: str) -> ScreeningResult | PolicyError:
    try:
        return decide(case, DECISIONS[decision], on)
    except PolicyError as refusal:
        return refusal


@pytest.fixture
def result(request: pytest.FixtureRequest) -> ScreeningResult:
    """What the policy that the scenario is about makes of the case."""
    answer = request.getfixturevalue("answer")
    if isinstance(answer, PolicyError):
        raise answer
    assert answer.policy.id == request.node.stash[ABOUT]
    return answer


@then("is er voor die dag geen regeling")
def no_policy(request: pytest.FixtureRequest) -> None:
    answer = request.getfixturevalue("answer")
    assert isinstance(answer, PolicyError)
    assert "no policy for" in str(answer)


@then(_sentences(OUTCOMES))
def outcome(result: ScreeningResult, sentence: str) -> None:
    expected = OUTCOMES[sentence]
    holds = result.outcome != "grant" if expected == "not_grant" else result.outcome == expected
    _check(holds, result, sentence)


@then(parsers.re('is aan het vereiste "(?P<phrase>[^"]+)" (?P<level>voldaan|niet voldaan)'))
def requirement(result: ScreeningResult, phrase: str, level: str) -> None:
    found = level_of(phrase, result)
    _check(found == LEVELS[level], result, f"{phrase}: {found}")


@then(parsers.re('is niet bekend of aan het vereiste "(?P<phrase>[^"]+)" is voldaan'))
def requirement_unknown(result: ScreeningResult, phrase: str) -> None:
    found = level_of(phrase, result)
    _check(found == "unknown", result, f"{phrase}: {found}")


@then(parsers.re('moet eerst bekend worden "(?P<phrase>[^"]+)"'))
def missing(result: ScreeningResult, phrase: str) -> None:
    name = part_named(phrase, policies()[result.policy.id])
    _check(name in {m.name for m in result.missing}, result, f"{phrase} is missing")


@then(parsers.re('verwijst de reden naar "(?P<citation>[^"]+)"'))
def reason(result: ScreeningResult, citation: str) -> None:
    _check(cites(citation, result), result, f"a reason refers to {citation}")


@then(parsers.re('geldt als voorwaarde "(?P<phrase>[^"]+)"'))
def condition(result: ScreeningResult, phrase: str) -> None:
    name = condition_named(phrase, policies()[result.policy.id])
    _check(name in {c.id for c in result.conditions}, result, f"condition {phrase}")


@then(parsers.re('geldt niet als voorwaarde "(?P<phrase>[^"]+)"'))
def no_condition(result: ScreeningResult, phrase: str) -> None:
    name = condition_named(phrase, policies()[result.policy.id])
    _check(name not in {c.id for c in result.conditions}, result, f"no condition {phrase}")


@then(parsers.re("beslist (?P<who>.+)"))
def decided_by(result: ScreeningResult, who: str) -> None:
    said = policies()[result.policy.id].policy.decided_by
    _check(said is not None and who in said.nl, result, f"{who} decides")


def _check(holds: bool, result: ScreeningResult, asked: str) -> None:
    assert holds, f"{asked}\n{result.policy.id}, {result.rule.id}:\n{result.text('nl')}"
