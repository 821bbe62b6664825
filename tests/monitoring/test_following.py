"""How people follow screenings: the figures are those of counting, and a known bias is found."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import example
from risicoscreener import Screener
from risicoscreener.errors import RecordError
from risicoscreener.evaluation.groups.disclosure import Disclosure
from risicoscreener.evaluation.intervals import wilson
from risicoscreener.monitoring import decisions_in, overrides, unusual_deciders
from risicoscreener.monitoring.following import GROUP_OF
from risicoscreener.screening.record import (
    Actor,
    ConditionSet,
    Decision,
    DecisionBody,
    Reason,
    digest_of,
    open_log,
)

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SHOW_ALL = Disclosure(fewest_people=1, fewest_of_class=0)
OUTCOMES = ("deny", "deep_assessment", "grant")


def body(
    decider: int = 0,
    direction: str = "agreed",
    seconds: float = 300.0,
    advice: str = "deny",
    band: str = "low",
    kind: str = "leave",
    prison: int = 1,
    at: dt.datetime = NOON,
    left_out: tuple[str, ...] = (),
    conditions: tuple[ConditionSet, ...] = (),
) -> DecisionBody:
    step = {"agreed": 0, "up": 1, "down": -1}[direction]
    place = (OUTCOMES.index(advice) + step) % 3
    decision = Decision(
        screening="0" * 64,
        decided_by=Actor("director", f"D-{decider:04X}"),
        prison=f"PI-{prison}",
        opened_at=at - dt.timedelta(seconds=seconds),
        decided_at=at,
        seconds=seconds,
        outcome=OUTCOMES[place],
        conditions=conditions,
    )
    return DecisionBody(
        library_version="0",
        decision=decision,
        kind=kind,
        as_of=at.date(),
        advice=advice,
        band=band,
        direction=direction,
        findings=(),
        second_readers=(),
        left_out=left_out,
    )


bodies = st.lists(
    st.builds(
        body,
        decider=st.integers(0, 3),
        direction=st.sampled_from(["agreed", "up", "down"]),
        seconds=st.floats(0, 1000),
        advice=st.sampled_from(OUTCOMES),
        band=st.sampled_from(["low", "high"]),
        prison=st.integers(1, 2),
        at=st.datetimes(
            dt.datetime(2024, 1, 1), dt.datetime(2026, 1, 1), timezones=st.just(dt.UTC)
        ),
        left_out=st.sampled_from([(), ("no_contact",)]),
    ),
    min_size=1,
    max_size=60,
)


@settings(deadline=None)
@given(bodies, st.sampled_from(sorted(GROUP_OF)))
def test_the_shares_are_those_of_counting(found, by: str) -> None:
    table = overrides(found, by, disclosure=SHOW_ALL)
    assert {row.group for row in table.rows} == {GROUP_OF[by](one) for one in found}
    assert sum(row.n for row in table.rows) == table.total.n == len(found)
    for row in (*table.rows, table.total):
        own = [one for one in found if not row.group or GROUP_OF[by](one) == row.group]
        counted = Counter(one.direction for one in own)
        for name in ("agreed", "up", "down"):
            share = getattr(row, name)
            assert share.value == pytest.approx(counted[name] / len(own))
            assert 0 <= share.low <= share.value + 1e-12
            assert share.value - 1e-12 <= share.high <= 1
        fast = sum(one.decision.seconds < 30 for one in own)
        assert row.fast.value == pytest.approx(fast / len(own))
        same = sum(one.direction == "agreed" and not one.left_out for one in own)
        assert row.unchanged.value == pytest.approx(same / len(own))
        assert row.median_seconds == pytest.approx(np.median([o.decision.seconds for o in own]))
        assert row.deciders == len({one.decision.decided_by.id for one in own})


def test_of_one_decider_the_interval_is_that_of_wilson() -> None:
    found = [body(direction="agreed")] * 18 + [body(direction="up")] * 2
    row = overrides(found, "decider").total
    assert (row.agreed.low, row.agreed.high) == pytest.approx(wilson(0.9, 20))
    assert row.deciders == 1


def test_of_several_deciders_who_differ_the_interval_is_wider() -> None:
    found = [body(d, "agreed" if d < 4 else "up") for d in range(8) for _ in range(20)]
    total = overrides(found, "decider").total
    low, high = wilson(0.5, 160)
    assert total.agreed.low < low - 0.1
    assert total.agreed.high > high + 0.1


def test_a_condition_that_was_added_is_a_change() -> None:
    added = body(conditions=(ConditionSet("call_home", "elke avond"),))
    table = overrides([body()] * 10 + [added] * 10, "kind")
    assert (table.total.agreed.value, table.total.unchanged.value) == (1.0, 0.5)


def test_small_groups_are_withheld_and_cannot_be_worked_out() -> None:
    found = [body(0)] * 40 + [body(1)] * 30 + [body(2, "up")] * 3
    table = overrides(found, "decider")
    assert [row.withheld for row in table.rows] == [False, True, True]
    assert table.total.n == 73
    frame = table.to_frame()
    assert math.isnan(frame.loc["D-0002", "n"])
    assert math.isnan(frame.loc["D-0002", "agreed"])
    assert "D-0002: not shown" in table.text("en")
    assert table.to_dict()["rows"][2]["n"] is None
    assert overrides(found[-3:], "decider").total.withheld


def test_a_group_that_always_agrees_is_shown() -> None:
    table = overrides([body(0)] * 40 + [body(1, "up")] * 40, "decider")
    assert table["D-0000"].agreed.value == 1.0


def test_periods_are_those_of_the_calendar() -> None:
    at = [dt.datetime(2025, month, 28, tzinfo=dt.UTC) for month in (1, 3, 4, 12)]
    found = [body(at=moment) for moment in at for _ in range(10)]
    assert [row.group for row in overrides(found, "quarter").rows] == [
        "2025-Q1",
        "2025-Q2",
        "2025-Q4",
    ]
    assert [row.group for row in overrides(found, "month").rows] == [
        "2025-01",
        "2025-03",
        "2025-04",
        "2025-12",
    ]
    assert overrides(found, "year")["2025"].n == 40


def test_nothing_is_said_of_no_decisions_and_bad_arguments_are_refused() -> None:
    assert overrides([]).text("en") == "no decisions"
    assert len(overrides([]).to_frame()) == 0
    with pytest.raises(RecordError, match="expected one of kind, decider"):
        overrides([body()], "name")
    with pytest.raises(KeyError):
        overrides([body()])["absent"]
    with pytest.raises(RecordError, match="level"):
        unusual_deciders([], level=2)


# -- deciders of whom it is known how they decide ------------------------------------------------


def simulated(
    biased: set[int], deciders: int = 12, cases: int = 150, seed: int = 1
) -> list[DecisionBody]:
    """Deciders who look at each case, and some who nearly always follow the screening at once.

    Who looks follows a low-risk advice more often than a high-risk one, and each decider has
    another mix of cases, so that shares of agreement differ without any bias.
    """
    rng = np.random.default_rng(seed)
    found = []
    for decider in range(deciders):
        share_high = rng.uniform(0.1, 0.9)
        for _ in range(cases):
            band = "high" if rng.random() < share_high else "low"
            follows = 0.97 if decider in biased else {"low": 0.9, "high": 0.6}[band]
            seconds = rng.lognormal(3.0 if decider in biased else 5.5, 0.5)
            direction = "agreed" if rng.random() < follows else "up"
            found.append(body(decider, direction, min(seconds, 3000.0), band=band))
    return found


def test_who_follows_at_once_is_found() -> None:
    biased = {3, 8}
    found = unusual_deciders(simulated(biased))
    too_often = {one.decider for one in found if one.differs and one.agreed > one.expected}
    assert too_often == {f"D-{d:04X}" for d in biased}
    assert all(one.fast > 0.5 for one in found if one.decider in too_often)
    assert all(one.fast < 0.05 for one in found if one.decider not in too_often)
    assert "agrees more often than others" in found[0].text("en")
    table = overrides(simulated(biased), "decider")
    assert all((table[f"D-{d:04X}"].fast.low > 0.5) == (d in biased) for d in range(12))


def test_a_mix_of_cases_alone_makes_nobody_unusual() -> None:
    alarms = [
        any(one.differs for one in unusual_deciders(simulated(set(), 6, 80, seed)))
        for seed in range(200)
    ]
    # Of 200 groups without bias about 5% may raise an alarm: more than 22 with a chance under 0.1%.
    assert sum(alarms) <= 22


def test_shares_that_differ_by_their_cases_alone_differ_before_standardisation() -> None:
    table = overrides(simulated(set()), "decider")
    shares = [row.agreed.value for row in table.rows]
    assert max(shares) - min(shares) > 0.15
    assert not any(one.differs for one in unusual_deciders(simulated(set())))


def test_deciders_with_cases_of_their_own_or_few_are_not_compared() -> None:
    own = [body(0, kind="promotion")] * 50
    others = [body(1), body(2, "up")] * 50
    assert {one.decider for one in unusual_deciders(own + others)} == {"D-0001", "D-0002"}
    few = [body(3)] * 9
    assert "D-0003" not in {one.decider for one in unusual_deciders(few + others)}


# -- from a record -----------------------------------------------------------------------------


def test_decisions_are_read_from_a_record_the_last_on_each_screening(tmp_path) -> None:
    screener = Screener.load()
    results = {name: screener.screen(example(name), "leave") for name in ("grant", "deny")}
    with open_log(tmp_path / "record.db", create=True) as log:
        for name, result in results.items():
            log.append_screening(result, example(name), screener)
        given = {
            "decided_by": Actor("director", "D-0001"),
            "prison": "PI-1",
            "opened_at": NOON,
            "decided_at": NOON + dt.timedelta(minutes=2),
            "seconds": 100.0,
        }
        deny, grant = digest_of(results["deny"]), digest_of(results["grant"])
        why = (Reason("facts_wrong"),)
        first = Decision(screening=deny, outcome="grant", reasons=why, **given)
        log.append_decision(first)
        log.append_decision(Decision(screening=grant, outcome="deny", reasons=why, **given))
        log.append_decision(Decision(screening=deny, outcome="deny", **given))
        found = list(decisions_in(log))
        assert [(one.advice, one.direction) for one in found] == [
            ("deny", "agreed"),
            ("grant", "down"),
        ]
        log.delete([4], basis="erasure", by=Actor("archivist", "A-0001"))
        assert len(list(decisions_in(log))) == 1
