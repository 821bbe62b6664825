"""A person decides; what cannot be understood is refused, what is unusual is said."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import OUTCOMES, example
from risicoscreener.decision.outcome import OUTCOMES as IN_ORDER
from risicoscreener.errors import RecordError
from risicoscreener.screening.record import (
    Actor,
    ConditionSet,
    Reason,
    RecordLog,
    SecondReading,
    check_decision,
    decision_body,
    decision_json_schema,
    entries,
    findings_of,
    read_decision,
    read_second_reading,
    reasons,
    second_reader_of,
    standing,
)
from risicoscreener.screening.record.chain import canonical, sha256_of
from risicoscreener.screening.record.decision import direction_of, second_reader_rules
from risicoscreener.screening.record.entries import ScreeningBody, screening_draft
from risicoscreener.screening.result import RequirementFound
from risicoscreener.texts import Texts
from screening.record.making import DIRECTOR, NOON, OFFICER, decide


@pytest.fixture
def grant(screened):
    return screened("grant")


@pytest.fixture
def deny(screened):
    return screened("deny")


@pytest.fixture
def deep(screened):
    return screened("deep_assessment")


def codes(decision, result) -> set[str]:
    return {one.code for one in findings_of(decision, result)}


def in_time(result):
    """The result as if it were of the day of the decisions of these tests."""
    return msgspec.structs.replace(
        result, as_of=NOON.date(), valid_until=NOON.date() + dt.timedelta(days=30)
    )


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OUTCOMES)
def test_who_agrees_needs_no_reason(screened, name: str) -> None:
    result = screened(name)
    check_decision(decide(result), result)


def test_an_override_needs_a_reason(deny) -> None:
    with pytest.raises(RecordError, match=r"reasons is empty.*facts_wrong"):
        check_decision(decide(deny, "grant", reasons=()), deny)
    check_decision(decide(deny, "grant"), deny)


def test_a_reason_is_one_for_this_direction(grant, deny) -> None:
    with pytest.raises(RecordError, match=r"'unrest', which is no reason.*more liberty"):
        check_decision(decide(deny, "grant", reasons=(Reason("unrest"),)), deny)
    with pytest.raises(RecordError, match=r"'personal_event', which is no reason.*less liberty"):
        check_decision(decide(grant, "deny", reasons=(Reason("personal_event"),)), grant)
    with pytest.raises(RecordError, match="'whim'"):
        check_decision(decide(grant, "deny", reasons=(Reason("whim"),)), grant)
    check_decision(decide(grant, "deny", reasons=(Reason("unrest"),)), grant)


def test_another_reason_needs_words(grant) -> None:
    with pytest.raises(RecordError, match="has no words"):
        check_decision(decide(grant, "deny", reasons=(Reason("other"),)), grant)
    check_decision(decide(grant, "deny", reasons=(Reason("other", "verhuisd"),)), grant)


def test_a_decision_is_of_the_screening_that_it_names(grant, deny) -> None:
    with pytest.raises(RecordError, match="sha256 of the result"):
        check_decision(decide(grant), deny)


def test_times_that_contradict_each_other(grant) -> None:
    with pytest.raises(RecordError, match="before opened_at"):
        check_decision(decide(grant, decided_at=NOON - dt.timedelta(seconds=1)), grant)
    with pytest.raises(RecordError, match="expected at most the 600"):
        check_decision(decide(grant, seconds=700), grant)


def test_conditions_that_contradict_the_outcome_or_say_nothing(grant) -> None:
    condition = ConditionSet(grant.conditions[0].id)
    with pytest.raises(RecordError, match="the outcome is deny"):
        check_decision(decide(grant, "deny", conditions=(condition,)), grant)
    with pytest.raises(RecordError, match="'call_home' is not one of the screening"):
        check_decision(decide(grant, conditions=(ConditionSet("call_home"),)), grant)
    check_decision(decide(grant, conditions=(ConditionSet("call_home", "elke avond"),)), grant)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("decided_by", {"role": "director", "id": "Jansen"}, "decided_by.id"),
        ("decided_by", {"role": "director", "id": "J-ansen"}, "decided_by.id"),
        ("decided_by", {"role": "boss", "id": "DIR-00A1"}, "decided_by.role"),
        ("decided_at", "2026-03-02T12:10:00", "decided_at"),
        ("seconds", -1, "seconds"),
        ("seconds", "long", "seconds"),
        ("outcome", "perhaps", "outcome"),
        ("screening", "abc", "screening"),
        ("reasons", [{"code": "other", "words": "x" * 1001}], "reasons"),
        ("legal_ground", "", "legal_ground"),
        ("name", "somebody", "name"),
    ],
)
def test_what_is_no_decision_is_refused_by_its_field(grant, field, value, expected: str) -> None:
    plain = json.loads(decide(grant).to_json()) | {field: value}
    with pytest.raises(RecordError, match=expected):
        read_decision(plain)
    with pytest.raises(RecordError, match=expected):
        read_decision(json.dumps(plain))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(
            decision_json_schema(), format_checker=jsonschema.FormatChecker()
        ).validate(plain if field != "decided_at" else plain | {"decided_at": 5})


def test_a_decision_made_in_python_is_checked_as_one_that_is_read(grant) -> None:
    with pytest.raises(RecordError, match="decided_at"):
        read_decision(decide(grant, decided_at=dt.datetime(2026, 3, 2, 13)))
    with pytest.raises(RecordError, match="decided_by.id"):
        read_decision(decide(grant, decided_by=Actor("director", "Jansen")))


def test_a_decision_reads_back(grant, deny) -> None:
    for decision in (decide(grant), decide(deny, "grant", legal_ground="Rtvi art. 21")):
        jsonschema.validate(json.loads(decision.to_json()), decision_json_schema())
        assert read_decision(decision.to_json()) == decision
        assert read_decision(decision) == decision
    doubled = decision.to_json().replace(b"{", b'{"outcome":"deny",', 1)
    with pytest.raises(RecordError, match="twice"):
        read_decision(doubled)
    with pytest.raises(RecordError, match="not JSON"):
        read_decision(b"{")


# -- what is said ----------------------------------------------------------------------------------


def test_a_usual_decision_has_nothing_to_say(grant) -> None:
    assert codes(decide(in_time(grant)), in_time(grant)) == set()


def with_requirement(result, level: str):
    one: RequirementFound = msgspec.structs.replace(result.requirements[0], level=level)
    return msgspec.structs.replace(result, requirements=(one, *result.requirements[1:]))


@pytest.mark.parametrize("level", ["not_met", "unknown"])
def test_a_grant_that_the_law_does_not_allow_is_not_blocked_and_is_said(deny, level: str) -> None:
    result = with_requirement(deny, level)
    without, stated = decide(result, "grant"), decide(result, "grant", legal_ground="Rtvi art. 21")
    check_decision(without, result)
    assert "inadmissible" in codes(without, result)
    assert "ground_stated" in codes(stated, result)
    assert "inadmissible" not in codes(stated, result)


def test_a_grant_on_what_is_unknown_is_said(deny) -> None:
    domain = msgspec.structs.replace(deny.domains[0], known=False)
    result = msgspec.structs.replace(deny, domains=(domain,), quarantined_rows=2)
    assert {"unknown", "rows_set_apart"} <= codes(decide(result, "grant"), result)
    assert not {"unknown", "rows_set_apart"} & codes(decide(result, "deny"), result)


def test_decisions_out_of_time_without_conditions_or_too_fast_are_said(grant) -> None:
    result = in_time(grant)
    late = {
        f"{name}_at": NOON + dt.timedelta(days=31, hours=i)
        for i, name in enumerate(("opened", "decided"))
    }
    early = {name: at - dt.timedelta(days=40) for name, at in late.items()}
    assert codes(decide(result, **late), result) == {"not_valid_any_more"}
    assert codes(decide(result, **early), result) == {"before_picture"}
    assert codes(decide(result, conditions=()), result) == {"conditions_left_out"}
    assert codes(decide(result, seconds=29), result) == {"decided_fast"}
    expired = msgspec.structs.replace(result.bundle, expired=True)
    old = msgspec.structs.replace(result, bundle=expired)
    assert codes(decide(old), old) == {"bundle_expired"}


@settings(deadline=None)
@given(st.sampled_from(IN_ORDER), st.sampled_from(IN_ORDER))
def test_directions_are_those_of_the_order_of_outcomes(advice, chosen) -> None:
    class Advice:
        outcome = advice

    said = direction_of(chosen, Advice)
    assert said == {0: "agreed"}.get(
        IN_ORDER.index(chosen) - IN_ORDER.index(advice),
        "up" if IN_ORDER.index(chosen) > IN_ORDER.index(advice) else "down",
    )


# -- second readers --------------------------------------------------------------------------------


def at_levels(result, **levels: str):
    domains = tuple(
        msgspec.structs.replace(d, level=levels.get(d.name, d.level)) for d in result.domains
    )
    return msgspec.structs.replace(result, domains=domains)


def rules(outcome: str, result) -> list[str]:
    return [rule.id for rule in second_reader_of(outcome, result)]


def all_met(result):
    met = tuple(msgspec.structs.replace(r, level="met") for r in result.requirements)
    return msgspec.structs.replace(result, requirements=met)


def test_when_a_decision_needs_a_second_reader(grant, deny, deep) -> None:
    calm = {"victims": "none_known", "gravity": "ordinary"}
    grant, deny, deep = (at_levels(all_met(r), **calm) for r in (grant, deny, deep))
    assert rules("grant", grant) == []
    assert rules("deny", grant) == []
    assert rules("grant", deny) == ["grant_against_deny"]
    assert rules("deny", deny) == []
    assert rules("grant", deep) == []
    for level in ("serious", "unknown"):
        assert rules("grant", at_levels(deep, gravity=level)) == ["no_assessment_serious_offence"]
    unweighed = tuple(d for d in deep.domains if d.name != "gravity")
    assert rules("grant", msgspec.structs.replace(deep, domains=unweighed)) == [
        "no_assessment_serious_offence"
    ]
    for level in ("weighty", "unknown"):
        assert rules("grant", at_levels(deep, victims=level)) == ["victims_weighty"]
        assert rules("deep_assessment", at_levels(deny, victims=level)) == ["victims_weighty"]
        assert rules("grant", at_levels(grant, victims=level)) == []
    for level in ("not_met", "unknown"):
        assert rules("grant", with_requirement(grant, level)) == ["requirement_not_met"]


def test_a_decision_is_final_when_the_second_reader_agrees(
    log: RecordLog, screener, screened
) -> None:
    result = screened("deep_assessment")
    log.append_screening(result, example("deep_assessment"), screener)
    entry = log.append_decision(decide(result, "grant"))
    assert [r.code for r in decision_body(entry).second_readers] == [
        "no_assessment_serious_offence"
    ]
    assert standing(log, entry) == "awaits_second_reader"
    read_at = NOON + dt.timedelta(hours=1)
    given = {"decision": entry.sha256, "read_by": OFFICER, "read_at": read_at, "agrees": True}
    for changes, expected in (
        ({"read_by": DIRECTOR}, "who decided"),
        ({"read_by": Actor("minister", DIRECTOR.id)}, "who decided"),
        ({"read_at": NOON}, "after decided_at"),
        ({"agrees": False}, "does not agree"),
        ({"decision": "0" * 64}, "no entry with hash"),
        ({"decision": log.entry(1).sha256}, "expected a decision"),
    ):
        with pytest.raises(RecordError, match=expected):
            log.append_second_reading(SecondReading(**(given | changes)))
    log.append_second_reading(SecondReading(**given))
    assert standing(log, entry) == "final"
    with pytest.raises(RecordError, match="has a second reading"):
        log.append_second_reading(SecondReading(**given))
    later = log.append_decision(decide(result, "grant", legal_ground="Rtvi art. 21"))
    assert "decided_before" in [f.code for f in decision_body(later).findings]
    assert (standing(log, entry), standing(log, later)) == ("replaced", "awaits_second_reader")
    log.append_second_reading(
        SecondReading(**(given | {"decision": later.sha256, "agrees": False, "words": "nee"}))
    )
    assert standing(log, later) == "not_agreed"
    assert log.verify().ok


def test_of_two_second_readings_at_once_one_is_refused(
    log: RecordLog, place, screener, deep, monkeypatch
) -> None:
    log.append_screening(deep, example("deep_assessment"), screener)
    entry = log.append_decision(decide(deep, "grant"))
    reading = SecondReading(
        decision=entry.sha256, read_by=OFFICER, read_at=NOON + dt.timedelta(days=1), agrees=True
    )
    both, looked = threading.Barrier(2), entries._reading_of

    def look_and_wait(*given):
        found = looked(*given)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return found

    monkeypatch.setattr(entries, "_reading_of", look_and_wait)
    refused = []

    def read() -> None:
        with place.open() as own:
            try:
                own.append_second_reading(reading)
            except RecordError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert "has a second reading" in refused[0]
    assert log.verify().ok


def test_a_decision_says_itself_in_words(small: RecordLog, screener, deep) -> None:
    small.append_screening(deep, example("deep_assessment"), screener)
    own = ConditionSet("call_home", "belt elke avond")
    conditions = (ConditionSet(deep.conditions[0].id), own)
    why = (Reason("conditions_suffice"), Reason("other", "de moeder is ernstig ziek"))
    decision = decide(
        deep, "grant", reasons=why, conditions=conditions, legal_ground="Rtvi art. 21", seconds=5
    )
    body = decision_body(small.append_decision(decision))
    said = body.text("en")
    for expected in (
        "director DIR-00A1, PI-1, decided on 2026-03-02: grant (more liberty; the screening: deep",
        "reason: conditions, escort or supervision contain the risk",
        "in words: de moeder is ernstig ziek",
        f"condition: {deep.conditions[0].text.en}",
        "condition: belt elke avond",
        "legal ground: Rtvi art. 21",
        "note: decided in less time than reading takes",
        "second reader needed: granted without the deep assessment",
    ):
        assert expected in said
    assert len(body.text("nl").splitlines()) == len(said.splitlines())
    assert "reden: voorwaarden, begeleiding of toezicht vangen het risico op" in body.text("nl")


def test_in_a_decision_of_another_kind_outcomes_have_their_own_names(
    small: RecordLog, screener, screened
) -> None:
    kind = next(k for k in screener.kinds if screener.policies.versions(k)[-1].policy.outcomes)
    last = screener.policies.versions(kind)[-1].policy.valid_until
    result = screened("grant", kind, as_of=last or dt.date(2025, 6, 1))
    small.append_screening(result, example("grant"), screener)
    body = decision_body(small.append_decision(decide(result)))
    assert f": {result.policy.outcomes[result.outcome].en} (agreed;" in body.text("en")


def test_a_decision_on_what_is_not_recorded_is_refused(small: RecordLog, grant) -> None:
    with pytest.raises(RecordError, match="has no screening"):
        small.append_decision(decide(grant))
    assert len(small) == 0


def test_a_result_that_an_older_version_wrote_can_be_decided_on(
    small: RecordLog, screener, grant
) -> None:
    """Its JSON then was other bytes, by which the record knows it."""
    draft = screening_draft(grant, example("grant"), screener, {})
    written = json.dumps(json.loads(grant.to_json()), indent=1).encode()
    body = msgspec.json.decode(draft.body, type=ScreeningBody)
    older = msgspec.structs.replace(body, result=msgspec.Raw(written))
    digest = sha256_of(written)
    small.append([msgspec.structs.replace(draft, body=canonical(older), reference=digest)])
    entry = small.append_decision(decide(grant, screening=digest))
    assert decision_body(entry).direction == "agreed"


def test_a_second_reading_reads_back(grant) -> None:
    reading = SecondReading(decision="0" * 64, read_by=OFFICER, read_at=NOON, agrees=True)
    assert read_second_reading(msgspec.json.encode(reading)) == reading


# -- texts -----------------------------------------------------------------------------------------


def test_every_reason_and_rule_says_itself_in_both_languages() -> None:
    for text in [r.text for r in reasons().values()] + [r.text for r in second_reader_rules()]:
        assert isinstance(text, Texts)
        assert text.nl
        assert text.en
        assert text.nl != text.en
    for direction in ("up", "down"):
        assert any(r.direction == direction for r in reasons().values())
    assert all(rule.source for rule in second_reader_rules())
