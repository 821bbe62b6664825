"""What is recorded is repeated to the byte from the facts as known then, or it is said why not."""

from __future__ import annotations

import datetime as dt
import json
from itertools import islice

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import risicoscreener
from cases import KINDS, OUTCOMES, example
from risicoscreener import Screener
from risicoscreener.decision import PolicyBook
from risicoscreener.decision.compiled import CompiledPolicy
from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.errors import RecordError
from risicoscreener.features import Feature
from risicoscreener.screening.record import (
    RecordLog,
    Replayer,
    decision_body,
    digest_of,
    replay,
    replay_all,
    result_of,
)
from risicoscreener.screening.record.chain import canonical, payload_hash, sha256_of
from risicoscreener.screening.record.entries import screening_body
from risicoscreener.screening.record.foundation import (
    decoded_definitions,
    encoded_definitions,
    foundation_of,
    screener_of,
)
from screening.record.making import ARCHIVIST, decide


def record(log: RecordLog, screener: Screener, name: str, kind: str = "leave", **named):
    result = screener.screen(example(name), kind, **named)
    return result, log.append_screening(result, example(name), screener)


def test_what_is_recorded_is_repeated_to_the_byte(log: RecordLog, place, screener) -> None:
    results = [record(log, screener, name, kind)[0] for name in OUTCOMES for kind in KINDS]
    again = place.open()
    found = list(replay_all(again))
    assert [one.status for one in found] == ["same"] * len(results)
    assert found[0].text("en") == "entry 1: the same result, byte for byte"
    assert [result_of(entry) for entry in again.entries()] == results
    assert log.screening(digest_of(results[4])).link.sequence == 5
    assert again.verify().ok


def test_every_kind_of_decision_is_repeated(small: RecordLog, screener) -> None:
    for kind in screener.kinds:
        last = screener.policies.versions(kind)[-1].policy.valid_until
        record(small, screener, "grant", kind, as_of=last or dt.date(2025, 6, 1))
    assert all(one.same for one in replay_all(small))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, 99), kind=st.sampled_from(KINDS))
def test_anybody_of_a_cohort_is_repeated(number, kind, small, replayer, screener, dossiers) -> None:
    dossier = dossiers[number]
    result = screener.screen(dossier, kind)
    entry = small.append_screening(result, dossier, screener)
    assert replayer.entry(entry).same


@pytest.fixture
def replayer(small: RecordLog) -> Replayer:
    """Repeats what is in the small record, with the models loaded once."""
    return Replayer(small)


@pytest.fixture(scope="module")
def dossiers(cohort) -> list[Dossier]:
    return list(islice(cohort.tables.to_dossiers(), 100))


def test_facts_that_came_later_are_not_stored_and_those_for_audit_neither(
    small: RecordLog, screener
) -> None:
    plain = example("grant")
    as_of = screener.screen(plain, "leave").as_of - dt.timedelta(days=40)
    result = screener.screen(plain, "leave", as_of=as_of)
    entry = small.append_screening(result, plain, screener)
    stored = msgspec.json.decode(bytes(screening_body(entry).dossier), type=Dossier)
    whole = read_dossier(plain)
    facts = [
        row
        for t in msgspec.structs.fields(Dossier)
        if isinstance(rows := getattr(stored, t.name), list)
        for row in rows
    ]
    assert facts
    assert all(row.recorded_at <= as_of for row in facts)
    assert len(stored.conduct) < len(whole.conduct) or stored != whole
    assert stored.audit == []
    assert replay(small, entry).same


def test_a_dossier_with_rows_set_apart_is_repeated(small: RecordLog, screener) -> None:
    plain = example("grant")
    plain["debts"][0]["amount_eur"] = -1
    result = screener.screen(plain, "leave", on_error="quarantine")
    assert result.quarantined_rows == 1
    entry = small.append_screening(result, plain, screener)
    assert replay(small, entry).same


def test_what_would_not_be_repeated_is_not_recorded(small: RecordLog, screener) -> None:
    result = screener.screen(example("grant"), "leave")
    for other in (
        msgspec.structs.replace(result, outcome="deny"),
        msgspec.structs.replace(result, as_of=result.as_of - dt.timedelta(days=1)),
    ):
        with pytest.raises(RecordError, match="is not what this screener says"):
            small.append_screening(other, example("grant"), screener)
    with pytest.raises(RecordError, match="is not what this screener says"):
        small.append_screening(result, example("deny"), screener)
    assert len(small) == 0


def test_a_batch_is_recorded_at_once(small: RecordLog, screener) -> None:
    given = [
        (screener.screen(example(name), kind), example(name), screener)
        for name in OUTCOMES
        for kind in KINDS
    ]
    assert len(small.append_screenings(given)) == len(given)
    broken = (given[0][0], example("deny"), screener)
    with pytest.raises(RecordError):
        small.append_screenings([given[0], broken])
    assert len(small) == len(given)


def test_policies_and_models_are_stored_once(small: RecordLog, screener, tmp_path) -> None:
    for name in OUTCOMES:
        record(small, screener, name)
    rests_on = {blob for entry in small.entries() for blob in entry.link.blobs}
    assert rests_on == set(small.entry(1).link.blobs)
    assert all(sha256_of(small.blob(digest)) == digest for digest in rests_on)


def test_what_a_screening_rests_on_names_policies_models_and_definitions(screener) -> None:
    stored = foundation_of(screener, "leave")
    found = stored.foundation
    assert found.policies == tuple(v.digest for v in screener.policies.versions("leave"))
    assert found.bundle_sha256 == screener.bundle.sha256
    assert found.digests == screener.definitions.plan(tuple(found.digests)).digests
    assert set(screener.route("leave").names) <= set(found.digests)
    again = foundation_of(screener_of(found, stored.blobs.__getitem__), "leave")
    assert again == stored


def test_definitions_with_open_ranges_cases_and_sums_read_back(screener) -> None:
    features = screener.definitions.plan().features
    encoded = encoded_definitions(features)
    again = decoded_definitions(encoded)
    # Not compared as they are: a case may have the value NaN, which equals nothing.
    assert encoded_definitions(again) == encoded
    assert again.plan().digests == screener.definitions.plan().digests
    odd = Feature(
        name="odd",
        group="person",
        aggregate="age",
        text={"nl": "é", "en": "e"},
        unit="years",
        source="project",
        low=float("-inf"),
    )
    dated = Feature(
        name="dated",
        group="detention",
        aggregate="count",
        table="detentions",
        where={"arrived_on": {"max": dt.date(2021, 12, 1)}},
        text={"nl": "é", "en": "e"},
        unit="count",
        source="project",
    )
    assert decoded_definitions(encoded_definitions({"dated": dated}))["dated"] == dated
    assert decoded_definitions(encoded_definitions({"odd": odd}))["odd"] == odd


# -- what differs --------------------------------------------------------------------------------


def test_a_newer_version_that_says_the_same_says_so(
    small: RecordLog, screener, monkeypatch
) -> None:
    _, entry = record(small, screener, "grant")
    monkeypatch.setattr(risicoscreener, "__version__", "9.9.9")
    found = replay(small, entry)
    assert found.same
    assert found.text("en").splitlines() == [
        f"entry 1: the same result, byte for byte, with version 9.9.9 instead of {found.then}",
        f"  the library was {found.then} and is 9.9.9",
    ]


def other_policies(screener: Screener) -> Screener:
    """The screener with a leave policy that holds half as long."""
    book = screener.policies
    policies = [v for kind in book.kinds() if kind != "leave" for v in book.versions(kind)]
    for version in book.versions("leave"):
        shorter = msgspec.structs.replace(version.policy, validity_days=1)
        policies.append(CompiledPolicy(shorter))
    return Screener(screener.bundle, PolicyBook(policies), screener.definitions)


def test_with_another_policy_it_is_said_what_differs(small: RecordLog, screener) -> None:
    result, entry = record(small, screener, "grant")
    found = replay(small, entry, other_policies(screener))
    assert found.status == "differs"
    assert {d.place for d in found.differences} == {"policy.digest", "valid_until"}
    said = found.text("en")
    assert "the policy was " in said
    tomorrow = result.as_of + dt.timedelta(days=1)
    assert f'valid_until: "{result.valid_until}" became "{tomorrow}"' in said
    assert found.text("nl") != said


def test_with_another_definition_it_is_said_which(small: RecordLog, screener) -> None:
    from dataclasses import replace

    from risicoscreener.features.catalogue import Catalogue

    _, entry = record(small, screener, "grant")
    modelled = {name for m in screener.bundle.models for name in m.features}
    plan = screener.route("leave").plan
    inputs = {i for n in modelled for i in screener.definitions.plan([n]).features}
    name = next(n for n in plan.names if n not in inputs and plan.features[n].window_days)
    changed = dict(screener.definitions)
    changed[name] = replace(changed[name], window_days=changed[name].window_days + 1)
    other = Screener(screener.bundle, screener.policies, Catalogue(changed))
    found = replay(small, entry, other)
    assert f"the definition of {name} differs" in found.text("en")


def tampered(log: RecordLog, sequence: int, **changes: object):
    """An entry of which the payload was changed and hashed anew."""
    entry = log.entry(sequence)
    body = msgspec.structs.replace(screening_body(entry), **changes)
    payload = msgspec.structs.replace(entry.payload, body=canonical(body))
    link = msgspec.structs.replace(entry.link, payload_sha256=payload_hash(payload))
    return msgspec.structs.replace(entry, link=link, payload=payload)


def test_a_result_that_was_forged_before_it_was_recorded_shows(small: RecordLog, screener) -> None:
    result, _ = record(small, screener, "deny")
    forged = msgspec.structs.replace(result, outcome="grant")
    found = replay(small, tampered(small, 1, result=msgspec.Raw(forged.to_json())))
    assert (found.status, found.causes) == ("differs", ())
    (difference,) = found.differences
    assert (difference.place, difference.then, difference.now) == ("outcome", '"grant"', '"deny"')


def test_facts_that_were_changed_show_value_by_value(small: RecordLog, screener) -> None:
    record(small, screener, "grant")
    body = screening_body(small.entry(1))
    facts = json.loads(bytes(body.dossier))
    facts["debts"] = []
    facts["person"]["birth_date"] = "1990-01-01"
    found = replay(small, tampered(small, 1, dossier=msgspec.Raw(json.dumps(facts).encode())))
    assert found.status == "differs"
    assert len(found.differences) <= 20
    assert found.more >= 0
    assert any("age" in d.place or d.place.startswith("models") for d in found.differences)


# -- what cannot be repeated ---------------------------------------------------------------------


def test_what_was_deleted_cannot_be_repeated_and_says_under_which_basis(log, screener) -> None:
    record(log, screener, "grant")
    log.delete([1], basis="erasure", by=ARCHIVIST)
    found = replay(log, 1)
    assert found.status == "deleted"
    assert "deleted in entry 2 under request of the person" in found.text("en")
    assert "AVG art. 17" in found.text("nl")


def test_a_payload_that_was_changed_is_not_repeated(log, place, screener) -> None:
    record(log, screener, "grant")
    place.tamper("UPDATE record_payload SET subject = 'SYN-000009'")
    found = replay(log, 1)
    assert (found.status, found.same) == ("impossible", False)
    assert "was changed" in found.text("en")


def test_a_payload_that_is_gone_without_a_marker(log, place, screener) -> None:
    record(log, screener, "grant")
    place.tamper("DELETE FROM record_payload")
    assert "the chain has no deletion of it" in replay(log, 1).text("en")


def test_what_it_rests_on_is_checked_before_it_is_used(log, place, screener) -> None:
    record(log, screener, "grant")
    digest = screening_body(log.entry(1)).foundation
    bundle = foundation_of(screener, "leave").foundation.bundle_file
    place.tamper("UPDATE record_blob SET content = ? WHERE sha256 = ?", b"{}", bundle)
    assert f"{bundle} was changed" in replay(log, 1).text("en")
    place.tamper("DELETE FROM record_blob WHERE sha256 = ?", digest)
    assert "has nothing with sha256" in replay(log, 1).text("en")


@pytest.mark.parametrize("content", [b"\0", b"{}"])
def test_a_foundation_that_was_changed_is_not_used(log, place, screener, content) -> None:
    result = screener.screen(example("grant"), "leave")
    entry = log.append_screening(result, example("grant"), screener)
    place.tamper(
        "UPDATE record_blob SET content = ? WHERE sha256 = ?",
        content,
        screening_body(entry).foundation,
    )
    found = replay(log, 1)
    assert found.status == "impossible"
    assert "was changed" in found.text("en")


def test_facts_that_no_library_like_this_wrote_are_not_repeated(log, screener) -> None:
    _, entry = record(log, screener, "grant")
    body = msgspec.structs.replace(
        screening_body(entry), dossier=msgspec.Raw(b'{"written": "later"}')
    )
    payload = msgspec.structs.replace(entry.payload, body=canonical(body))
    link = msgspec.structs.replace(entry.link, payload_sha256=payload_hash(payload))
    found = Replayer(log).entry(msgspec.structs.replace(entry, link=link, payload=payload))
    assert found.status == "impossible"
    assert "what entry 1 says cannot be read" in found.text("en")


def test_only_a_screening_is_repeated(small: RecordLog, screener) -> None:
    result, _ = record(small, screener, "grant")
    entry = small.append_decision(decide(result))
    assert decision_body(entry).advice == "grant"
    with pytest.raises(RecordError, match="is a decision; expected a screening"):
        replay(small, entry)
    assert [one.sequence for one in replay_all(small)] == [1]
