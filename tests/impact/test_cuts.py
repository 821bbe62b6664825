"""Cut-offs are examined one by one, and nothing is chosen where nothing meets the limits."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from risicoscreener import Screener
from risicoscreener.errors import ImpactError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.utility import expected_cost, net_benefit
from risicoscreener.impact import (
    CutChoice,
    Limits,
    People,
    Settings,
    choose_cuts,
    policy_of,
)
from risicoscreener.impact.cuts import Candidate, _Judged, _not_met
from risicoscreener.impact.spread import Spread
from risicoscreener.report.pictures import impact as pictures
from risicoscreener.synthetic import at_liberty, simulate

START = dt.date(2022, 3, 1)
NONE = Limits()


def hand_made() -> Sample:
    """Ten people: at 0.2 or above are six, three of whom have the outcome."""
    probability = [0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.9]
    outcome = [0, 0, 1, 0, 0, 1, 0, 0, 1, 1]
    return Sample.of(probability, outcome)


def test_net_benefit_at_the_users_threshold_is_counted_by_hand():
    # From 0.2: three found and three alarmed; at a threshold of 0.1 an alarm weighs 1/9.
    found = _Judged(hand_made(), 0.2, 0.1, NONE, None).benefit()
    assert found.value == pytest.approx((3 - 3 / 9) / 10)
    # From 0.45: two found, none alarmed.
    assert _Judged(hand_made(), 0.45, 0.1, NONE, None).benefit().value == pytest.approx(0.2)


def test_it_is_the_net_benefit_and_the_expected_cost_of_evaluation():
    rng = np.random.default_rng(1)
    p = rng.random(500)
    sample = Sample.of(p, rng.random(500) < p)
    at = _Judged(sample, 0.3, 0.3, NONE, None).benefit()
    same = net_benefit(sample, 0.3)["net_benefit"]
    assert (at.value, at.low, at.high) == pytest.approx((same.value, same.low, same.high))
    other = _Judged(sample, 0.6, 0.3, NONE, None).benefit()
    cost = expected_cost(sample, 0.6, cost_missed=1.0, cost_alarm=0.3 / 0.7)
    assert other.value == pytest.approx(sample.outcome.mean() - cost.value)


def test_gaps_between_groups_are_counted_by_hand():
    # Group a: 40 events of which 10 are missed; group b: 40 of which 30.
    probability = np.r_[np.full(10, 0.1), np.full(30, 0.9), np.full(30, 0.1), np.full(10, 0.9)]
    probability = np.r_[probability, np.full(20, 0.1), np.full(20, 0.9), np.full(40, 0.1)]
    outcome = np.r_[np.ones(80), np.zeros(80)]
    labels = np.r_[["a"] * 40, ["b"] * 40, ["a"] * 40, ["b"] * 40]
    gaps = _Judged(Sample.of(probability, outcome), 0.5, 0.5, NONE, labels).gaps()
    assert gaps["false_negative_gap"] == pytest.approx(0.75 - 0.25)
    # Nobody of b's others is alarmed: few (nobody) above is a rate all the same.
    assert gaps["false_positive_gap"] == pytest.approx(0.5)
    expected = {"a": 10 * 0.1 + 30 * 0.9 + 20 * 0.1 + 20 * 0.9, "b": 30 * 0.1 + 10 * 0.9 + 40 * 0.1}
    assert gaps["calibration_gap"] == pytest.approx((expected["a"] - expected["b"]) / 40)


def test_what_is_not_known_meets_no_limit():
    limits = Limits(wait_days=10, granted_share=0.2, false_negative_gap=0.1)
    assert (
        _not_met(limits, {"wait_days": 10.0, "granted_share": 0.2, "false_negative_gap": 0.1}) == []
    )
    assert _not_met(limits, {"wait_days": 11.0, "granted_share": 0.1}) == [
        "wait_days", "granted_share", "false_negative_gap",
    ]  # fmt: skip
    assert _not_met(limits, dict.fromkeys(("wait_days", "granted_share"), math.nan)) == [
        "wait_days", "granted_share", "false_negative_gap",
    ]  # fmt: skip


def candidate(cuts, probability_from, *, weekly=1.0, falls_off=()) -> Candidate:
    def one(name, value):
        return Spread(name, value, value, value)

    judged = _Judged(hand_made(), probability_from, 0.1, NONE, None)
    benefit = judged.benefit()
    return Candidate(
        cuts, benefit, one("granted_share", 0.2), one("assessments_per_week", weekly),
        one("wait_days", 9.0), {}, falls_off, None, judged.acted,
    )  # fmt: skip


def choice(*candidates: Candidate, **limits: float) -> CutChoice:
    return CutChoice("m", "leave/2021-07-01", 0.1, Limits(**limits), candidates)


def test_the_best_is_the_highest_of_those_within_the_limits():
    found = choice(
        candidate((0.1, 0.2), 0.2, weekly=9.0, falls_off=("assessments_per_week",)),
        candidate((0.1, 0.45), 0.45),
        candidate((0.1, 0.95), 0.95),
        assessments_per_week=5.0,
    )
    assert found.best.cuts == (0.1, 0.45)
    assert [c.cuts[1] for c in found.feasible] == [0.45, 0.95]
    frame = found.to_frame()
    assert frame["best"].tolist() == [False, True, False]
    assert frame["why"][0] == "9.0 assessments a week, limit 5.0"
    text = found.text("en")
    assert "3 examined, 2 within the limits" in text
    assert "0.1 / 0.2: net benefit 0.2667" in text  # also what falls off is listed
    assert "falls off: 9.0 assessments a week, limit 5.0" in text
    json.dumps(found.to_dict(), allow_nan=False)


def test_where_nothing_is_feasible_nothing_is_chosen():
    found = choice(candidate((0.1, 0.2), 0.2, falls_off=("wait_days",)), wait_days=3.0)
    assert found.best is None
    assert found.feasible == found.not_told_apart == ()
    assert "nothing was chosen" in found.text("en")
    assert "er is niets gekozen" in found.text("nl")
    assert "median wait 9.0 days, limit 3.0" in found.text("en")
    assert "nothing meets" in pictures.describe_cuts(found, language="en")


def test_candidates_that_cannot_be_told_apart_are_named():
    found = choice(candidate((0.1, 0.2), 0.2), candidate((0.1, 0.25), 0.25))
    assert [c.cuts for c in found.not_told_apart] == [(0.1, 0.2)]
    assert "The difference with 0.1 / 0.2 can be chance" in found.text("en")


def test_candidates_on_the_same_people_are_told_apart_by_the_difference():
    # Whoever is alarmed between the two cut-offs is alarmed wrongly: that cannot be worth it.
    probability = np.r_[np.full(300, 0.1), np.full(60, 0.3), np.full(40, 0.9)]
    outcome = np.r_[np.zeros(360), np.ones(40)]
    sample = Sample.of(probability, outcome)
    judged = [_Judged(sample, cut, 0.2, NONE, None) for cut in (0.2, 0.5)]
    made = [
        replace(candidate((0.1, j.cut_off), 0.2), net_benefit=j.benefit(), acted=j.acted)
        for j in judged
    ]
    benefits = [one.net_benefit for one in made]
    assert benefits[0].high > benefits[1].low  # the intervals overlap, of course
    found = CutChoice("m", "p", 0.2, NONE, tuple(made))
    assert found.best is made[1]
    assert found.not_told_apart == ()
    twin = CutChoice("m", "p", 0.2, NONE, (made[1], replace(made[1], cuts=(0.2, 0.5))))
    assert len(twin.not_told_apart) == 1


@pytest.fixture(scope="module")
def examined():
    during = {"calendar.as_of_from": START, "calendar.as_of_to": dt.date(2022, 4, 30)}
    cohort = simulate(500, seed=3, population="sentenced", changes=during)
    people = People.of(cohort.tables, cohort.index(), at_liberty(cohort))
    screener = Screener.load()
    scored = screener.screen_many(cohort.tables, "leave", cohort.index())
    sample = Sample.of(
        scored.models["violence_2y"].probability, cohort.truth.persons["violence_2y"].to_numpy()
    )
    settings = Settings.of(START, "leave", capacity=5, months=2, replicates=2)
    given = (people, screener, policy_of("leave/2021-07-01"), "violence_2y")
    return given, settings, sample


def test_more_is_sent_on_from_a_lower_cut_off(examined):
    given, settings, sample = examined
    labels = np.arange(len(sample)) % 2
    done: list[int] = []
    found = choose_cuts(
        *given,
        [(0.05, 0.10), (0.10, 0.25), (0.4, 0.8)],
        settings,
        sample=sample,
        threshold=0.2,
        limits=Limits(granted_share=0.0, calibration_gap=5.0),
        labels=labels,
        on_candidate=done.append,
    )
    weekly = [c.assessments_per_week.value for c in found.candidates]
    assert weekly[0] > weekly[1]
    assert done == [1, 2, 3]
    assert len(found.feasible) == 3
    assert set(found.candidates[0].gaps) == {
        "false_negative_gap", "false_positive_gap", "calibration_gap",
    }  # fmt: skip
    for lang in ("nl", "en"):
        ax = pictures.plot_cuts(found, language=lang)
        assert ax.get_xlabel()
        assert found.best.label in pictures.describe_cuts(found, language=lang)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "any_2y"}, "has no model 'any_2y'; expected one of leave_failure, violence_2y"),
        ({"candidates": []}, "there are no candidates"),
        ({"candidates": [(0.1,)]}, "has 1 cut-offs; expected 2"),
        ({"limits": Limits(false_negative_gap=0.1)}, "labels is None; expected a group"),
        ({"settings": Settings.of(START, ("leave", "low_security"), capacity=1)}, "leave alone"),
    ],
)
def test_what_does_not_fit_is_refused(examined, change, said):
    (people, screener, policy, model), settings, sample = examined
    given = {"model": model, "candidates": [(0.1, 0.2)], "settings": settings, "limits": NONE}
    given |= change
    with pytest.raises(ImpactError, match=said):
        choose_cuts(
            people, screener, policy, given["model"], given["candidates"], given["settings"],
            sample=sample, threshold=0.2, limits=given["limits"],
        )  # fmt: skip
    with pytest.raises(ImpactError, match="limit wait_days is -1"):
        Limits(wait_days=-1)
