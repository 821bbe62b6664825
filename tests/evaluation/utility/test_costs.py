"""Expected cost for any costs and prevalence: straight lines for cut-offs, an envelope below."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.utility import (
    cost_curve,
    expected_cost,
    net_benefit_at,
    probability_cost,
)

PEOPLE = Sample.of([0.1, 0.2, 0.3, 0.6, 0.7], [0, 1, 0, 1, 0])


def test_the_line_of_a_cut_off_runs_from_the_share_alarmed_to_the_share_missed():
    line = cost_curve(PEOPLE, [0.25]).at_cut_offs[0]
    assert line.y[[0, -1]] == pytest.approx([2 / 3, 1 / 2])
    assert line.y[50] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert line.label == "0.25"


def test_expected_cost_of_a_case_worked_out_by_hand():
    # at 0.25 one missed at 4 and two wrong alarms at 1, of five people
    found = expected_cost(PEOPLE, 0.25, cost_missed=4, cost_alarm=1)
    assert found.value == pytest.approx(6 / 5)


def test_the_cost_at_another_prevalence_keeps_the_shares_missed_and_alarmed():
    found = expected_cost(PEOPLE, 0.25, cost_missed=4, cost_alarm=1, prevalence=0.1)
    assert found.value == pytest.approx(0.1 * 4 * 1 / 2 + 0.9 * 2 / 3)


def test_at_its_own_prevalence_both_ways_give_one_value():
    own = expected_cost(PEOPLE, 0.25, cost_missed=4, cost_alarm=1)
    told = expected_cost(PEOPLE, 0.25, cost_missed=4, cost_alarm=1, prevalence=0.4)
    assert own.value == pytest.approx(told.value)


def test_costs_at_odds_of_the_cut_off_are_net_benefit_turned_round():
    cost = expected_cost(PEOPLE, 0.25, cost_missed=1, cost_alarm=1 / 3)
    prevalence = 0.4
    gain = net_benefit_at(0.25)(PEOPLE, PEOPLE.weight)
    assert cost.value == pytest.approx(prevalence - gain)


@st.composite
def people(draw):
    rows = draw(
        st.lists(st.tuples(st.integers(0, 8), st.integers(0, 1)), min_size=2, max_size=25).filter(
            lambda rows: len({y for _, y in rows}) == 2
        )
    )
    p, y = np.array(rows, dtype=float).T
    return Sample.of(p / 10, y)


@given(people())
def test_the_envelope_is_the_lowest_of_the_lines_of_all_cut_offs(sample):
    cut_offs = [0.0, *np.unique(sample.probability[sample.probability > 0]), 0.99]
    curve = cost_curve(sample, cut_offs, points=21)
    lines = np.array([line.y for line in curve.at_cut_offs])
    assert curve.lowest.y == pytest.approx(lines.min(axis=0), abs=1e-12)
    assert (curve.lowest.y <= curve.trivial.y + 1e-12).all()


def test_a_model_without_error_costs_nothing():
    curve = cost_curve(Sample.of([0.1, 0.9], [0, 1]), [0.5])
    assert curve.lowest.y == pytest.approx(0)
    assert curve.at_cut_offs[0].y == pytest.approx(0)
    assert np.isnan(curve.at_cut_offs[0].high).all()


def test_the_band_of_a_line_is_that_of_the_bootstrap():
    rng = np.random.default_rng(4)
    p = rng.beta(1, 2, 600)
    sample = Sample.of(p, rng.random(600) < p)
    line = cost_curve(sample, [0.3], points=5).at_cut_offs[0]

    def at(place):
        def measure(sample, weight):
            y, above = sample.outcome, sample.probability >= 0.3
            missed = weight @ (y * ~above) / (weight @ y)
            return place * missed + (1 - place) * (weight @ ((1 - y) * above) / (weight @ (1 - y)))

        return measure

    drawn = bootstrap(sample, {"a": at(0.25), "b": at(0.5)}, replicates=1500)
    for place, name in ((1, "a"), (2, "b")):
        half = (line.high - line.low)[place] / 2
        assert half == pytest.approx(1.96 * drawn.error(name), rel=0.06)


def test_one_outcome_gives_no_cost_curve():
    curve = cost_curve(Sample.of([0.1, 0.2], [0, 0]), [0.15])
    assert (curve.lowest.ok, curve.lowest.problem, curve.at_cut_offs) == (False, "one_class", ())
    alone = Sample.of([0.1, 0.2], [0, 0])
    told = expected_cost(alone, 0.15, cost_missed=1, cost_alarm=1, prevalence=0.5)
    assert told.problem == "one_class"


def test_the_axis_joins_prevalence_and_costs():
    assert probability_cost(0.2, 1, 1) == pytest.approx(0.2)
    assert probability_cost(0.2, 4, 1) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.2, 1, 1), "prevalence is 1.2"),
        ((0.2, -1, 1), "cost_missed is -1"),
        ((0.2, 1, float("inf")), "cost_alarm is inf"),
        ((0.2, 0, 0), "nothing costs"),
    ],
)
def test_impossible_costs_are_refused(arguments, message):
    with pytest.raises(EvaluationError, match=message):
        probability_cost(*arguments)


def test_a_result_can_be_read_as_a_table_and_as_plain_values():
    curve = cost_curve(PEOPLE, [0.25], label="ours")
    assert curve.label == "ours"
    assert {"trivial", "lowest", "0.25"} <= set(curve.to_frame().columns)
    assert curve.to_dict()["at_cut_offs"][0]["label"] == "0.25"
    assert "lowest" in curve._repr_html_()
