"""Groups against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.groups import contrasts, group_measures, impossibility
from risicoscreener.evaluation.scoring import base_rate

from .people import drawn, oracle_answers, oracle_people, sample_of

RATE = {"base_rate": base_rate}


def test_a_group_that_another_table_hides_takes_no_part():
    sample, labels = drawn(400, shares=(0.4, 0.3, 0.2, 0.1))
    found = contrasts(sample, labels, RATE, hidden_elsewhere=["g1", "g3"], replicates=10)
    assert found.hidden == ("g1", "g3")
    assert {c.group for c in found.items} == {"g2"}
    rates = impossibility(sample, labels, 0.4, hidden_elsewhere=["g1", "g3"], replicates=10)
    assert rates.hidden == ("g1", "g3")


def test_an_error_rate_that_the_table_hides_has_no_contrast():
    sample, labels = drawn(300)
    cut_off = float(np.sort(sample.probability)[-5])
    made = group_measures(cut_off)
    found = contrasts(sample, labels, made, replicates=10, shuffles=5)
    for name in ("ppv", "npv", "false_positive_rate", "false_negative_rate"):
        (one,) = (c for c in found.items if c.measure == name)
        assert one.difference.problem == one.ratio.problem == "few_at_cut_off"
        assert math.isnan(one.value)
        assert math.isnan(one.difference.value)
        assert math.isnan(found.spread(name).by_chance)
    assert found.spread("share_above").difference.ok


def test_largest_differences_and_smallest_ratios_are_those_of_fairlearn():
    people, answers = oracle_people(), oracle_answers()
    found = contrasts(
        sample_of(people),
        people["group"],
        group_measures(answers["cut_off"]),
        replicates=10,
        shuffles=0,
    )
    for name, value in answers["difference"].items():
        assert found.spread(name).difference.value == pytest.approx(value, abs=1e-10), name
        ratio = answers["ratio"][name]
        assert found.spread(name).ratio.value == pytest.approx(ratio, abs=1e-10), name


def test_the_largest_group_is_the_reference_unless_another_is_named():
    sample, labels = drawn(300, shares=(0.2, 0.5, 0.3))
    first = contrasts(sample, labels, RATE, replicates=10, shuffles=0)
    assert {c.reference for c in first.items} == {"g1"}
    other = contrasts(sample, labels, RATE, reference="g0", replicates=10, shuffles=0)
    assert {c.group for c in other.items} == {"g1", "g2"}
    one = other.of("base_rate", "g2")
    assert one.difference.value == pytest.approx(one.value - one.of_reference)
    assert one.ratio.value == pytest.approx(one.value / one.of_reference)


def test_every_figure_is_that_of_its_own_group():
    people, answers = oracle_people(), oracle_answers()
    found = contrasts(
        sample_of(people),
        people["group"],
        group_measures(answers["cut_off"]),
        replicates=10,
        shuffles=0,
    )
    for label in ("b", "c"):
        for name, value in answers["group"][label].items():
            one = found.of(name, label)
            assert one.value == pytest.approx(value, abs=1e-10)
            assert one.of_reference == pytest.approx(answers["group"]["a"][name], abs=1e-10)
            assert one.difference.value == pytest.approx(
                value - answers["group"]["a"][name], abs=1e-10
            )


def test_the_interval_of_a_difference_of_rates_is_about_the_normal_one():
    sample, labels = drawn(1500)
    one = contrasts(sample, labels, RATE, replicates=400, shuffles=0).items[0]
    part = sample.sorted(labels)
    variance = sum(sample.outcome[part == g].var() / (part == g).sum() for g in ("g0", "g1"))
    assert one.difference.high - one.difference.low == pytest.approx(
        2 * 1.96 * math.sqrt(variance), rel=0.15
    )
    assert one.difference.method == "bootstrap"


def test_an_interval_holds_no_difference_as_often_as_it_says():
    held = 0
    for seed in range(80):
        sample, labels = drawn(200, seed)
        one = contrasts(sample, labels, RATE, replicates=80, shuffles=0, seed=seed).items[0]
        held += one.difference.low <= 0 <= one.difference.high
    assert 69 <= held <= 80


def test_chance_alone_stays_below_its_mark_about_nineteen_times_in_twenty():
    below = 0
    for seed in range(60):
        sample, labels = drawn(200, seed, shares=(0.4, 0.3, 0.3))
        spread = contrasts(sample, labels, RATE, replicates=10, shuffles=60, seed=seed).spreads[0]
        below += spread.difference.value <= spread.by_chance
    assert below >= 52


def test_a_group_whose_risk_is_another_goes_beyond_chance():
    sample, labels = drawn(1500, shift=1.0)
    found = contrasts(sample, labels, replicates=40, shuffles=40)
    spread = found.spread("expected_observed")
    assert spread.difference.value > spread.by_chance
    assert found.of("expected_observed", "g0" if found.items[0].group == "g0" else "g1").difference


def test_persons_with_rows_in_two_groups_are_drawn_whole_and_not_shuffled():
    sample, labels = drawn(200)
    p, y = np.empty(200), np.empty(200)
    p[sample.order], y[sample.order] = sample.probability, sample.outcome
    across = Sample.of(p, y, cluster=np.arange(200) // 2)
    found = contrasts(across, labels, RATE, replicates=20, shuffles=20)
    assert found.items[0].difference.method == "clustered_bootstrap"
    assert math.isnan(found.spreads[0].by_chance)
    within = Sample.of(p, y, cluster=np.char.add(labels, (np.arange(200) % 20).astype(str)))
    assert math.isfinite(
        contrasts(within, labels, RATE, replicates=20, shuffles=20).spreads[0].by_chance
    )


def test_small_groups_take_no_part_and_are_named():
    sample, labels = drawn(300, shares=(0.4, 0.3, 0.28, 0.02))
    found = contrasts(sample, labels, RATE, replicates=10, shuffles=0)
    assert found.hidden == ("g1", "g3")  # the second protects the first
    assert {c.group for c in found.items} | {found.items[0].reference} == {"g0", "g2"}


def test_a_figure_that_a_group_does_not_have_gives_a_problem():
    p = np.r_[np.linspace(0.1, 0.9, 40), np.full(40, 0.3)]
    y = np.tile([0, 1], 40)
    labels = np.repeat(["a", "b"], 40)
    found = contrasts(Sample.of(p, y), labels, replicates=10, shuffles=5)
    one = found.of("calibration_slope", "a" if found.items[0].group == "a" else "b")
    assert one.difference.problem == "not_defined"
    assert found.spread("calibration_slope").difference.problem == "not_defined"


def test_a_result_is_a_table_and_plain_values():
    sample, labels = drawn(300)
    found = contrasts(sample, labels, RATE, replicates=20, shuffles=10)
    assert set(found.to_frame().columns) >= {"group", "difference", "ratio_low"}
    assert found.to_dict()["spreads"][0]["measure"] == "base_rate"
    assert "reference" in found._repr_html_()
    with pytest.raises(KeyError):
        found.of("auc", "g0")
    with pytest.raises(KeyError):
        found.spread("auc")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": ["a"] * 100}, "1 groups are large enough"),
        ({"reference": "z"}, "reference is 'z'; expected one of g0, g1"),
    ],
)
def test_what_cannot_be_compared_is_refused(changes, message):
    sample, labels = drawn(100)
    with pytest.raises(EvaluationError, match=message):
        contrasts(sample, **({"labels": labels} | changes))
