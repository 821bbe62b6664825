"""What cannot be alike."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.groups import implied_false_positive_rate, impossibility

from .people import drawn, oracle_people, sample_of


def test_rates_of_few_people_above_the_cut_off_are_not_shown():
    sample, labels = drawn(300)
    cut_off = float(np.sort(sample.probability)[-5])
    group = impossibility(sample, labels, cut_off, replicates=10)["g0"]
    assert group["ppv"].problem == group["false_positive_rate"].problem == "few_at_cut_off"
    assert group["base_rate"].ok


def test_it_can_be_written_where_nobody_is_above_the_cut_off():
    sample, labels = drawn(300)
    found = impossibility(sample, labels, 1.0, replicates=10)
    assert found.to_dict()["ppv"] is None
    assert found.text("en") == ""
    json.dumps(found.to_dict(), allow_nan=False)


@given(*[st.integers(1, 500)] * 3, st.integers(0, 500))
def test_the_formula_is_the_one_of_the_counts(tp, fp, fn, tn):
    n = tp + fp + fn + tn
    found = implied_false_positive_rate((tp + fn) / n, tp / (tp + fp), fn / (tp + fn))
    assert found == pytest.approx(fp / (fp + tn))


def test_figures_that_no_cut_off_can_have_come_out_above_one():
    assert implied_false_positive_rate(0.8, 0.5, 0.1) > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0.0, 0.5, 0.1), "base_rate"), ((0.5, 0.0, 0.1), "ppv"), ((0.5, 0.5, 1.2), "false_negative")],
)
def test_rates_that_are_none_are_refused(arguments, message):
    with pytest.raises(EvaluationError, match=message):
        implied_false_positive_rate(*arguments)


def test_the_observed_false_positive_rate_follows_from_the_figures_of_the_group():
    people = oracle_people()
    found = impossibility(sample_of(people), people["group"], 0.4, replicates=10)
    for group in found.groups:
        by_formula = implied_false_positive_rate(
            group["base_rate"].value, group["ppv"].value, group["false_negative_rate"].value
        )
        assert group["false_positive_rate"].value == pytest.approx(by_formula, abs=1e-12)


def test_what_is_implied_takes_predictive_value_and_misses_of_all_together():
    people = oracle_people()
    found = impossibility(sample_of(people), people["group"], 0.4, replicates=40)
    above = people["probability"] >= 0.4
    assert found.ppv == pytest.approx(people.loc[above, "outcome"].mean())
    assert found.false_negative_rate == pytest.approx(1 - above[people["outcome"] == 1].mean())
    for group in found.groups:
        p = people.loc[people["group"] == group.label, "outcome"].mean()
        implied = group["implied_false_positive_rate"]
        assert implied.value == pytest.approx(
            implied_false_positive_rate(p, found.ppv, found.false_negative_rate)
        )
        assert implied.low < implied.value < implied.high
    rates = [g["implied_false_positive_rate"].value for g in found.groups]
    assert found.implied_spread == pytest.approx(max(rates) - min(rates))


def test_calibrated_probabilities_are_higher_without_the_outcome_where_the_base_rate_is():
    rng = np.random.default_rng(0)
    n = 20_000
    group = np.repeat(["low", "high"], n // 2)
    lp = rng.standard_normal(n) + np.where(group == "high", 0.5, -1.0)
    p = 1 / (1 + np.exp(-lp))
    found = impossibility(Sample.of(p, rng.random(n) < p), group, 0.4, replicates=20)
    high, low = (found[g]["mean_probability_others"] for g in ("high", "low"))
    assert high.low > low.high + 0.1


def test_the_sentence_has_the_numbers_in_both_languages():
    people = oracle_people()
    found = impossibility(sample_of(people), people["group"], 0.4, replicates=10)
    rates = people.groupby("group")["outcome"].mean()
    assert f"{rates.min():.3f}".replace(".", ",") in found.text("nl")
    assert f"{found.ppv:.3f}" in found.text("en")


def test_equal_base_rates_leave_room_and_the_sentence_says_so():
    p = np.tile(np.linspace(0.1, 0.9, 20), 2)
    y = np.tile(np.arange(20) % 2, 2)
    found = impossibility(Sample.of(p, y), np.repeat(["a", "b"], 20), 0.4, replicates=10)
    assert "alike too" in found.text("en")
    assert found.implied_spread == pytest.approx(0.0)


def test_base_rates_that_differ_less_than_is_shown_count_as_alike():
    p = np.tile(np.linspace(0.1, 0.9, 40), 2)
    y = np.tile(np.arange(40) % 2, 2)
    y[0] = 1  # 21 of 40 against 20 of 40
    found = impossibility(Sample.of(p, y), np.repeat(["a", "b"], 40), 0.4, replicates=10)
    assert "alike too" in found.text("en", digits=1)
    assert "cannot be alike" in found.text("en", digits=2)


def test_nobody_above_the_cut_off_gives_problems_and_no_sentence():
    sample, labels = drawn(200)
    found = impossibility(sample, labels, 1.0, replicates=10)
    assert found["g0"]["implied_false_positive_rate"].problem == "not_defined"
    assert math.isnan(found.implied_spread)
    assert found.text("nl") == ""


def test_groups_that_are_all_small_are_refused_and_some_small_ones_named():
    sample, labels = drawn(300, shares=(0.5, 0.48, 0.02))
    assert "g2" in impossibility(sample, labels, 0.4, replicates=10).hidden
    with pytest.raises(EvaluationError, match="no group is large enough"):
        impossibility(Sample.of([0.1, 0.4], [0, 1]), ["a", "b"], 0.3, replicates=10)


def test_a_result_is_a_table_and_plain_values():
    sample, labels = drawn(200)
    found = impossibility(sample, labels, 0.4, replicates=10)
    assert list(found.to_frame().index) == ["g0", "g1"]
    assert found.to_dict()["groups"]["g0"]["ppv"]["n"] > 0
    with pytest.raises(KeyError):
        found["g9"]
