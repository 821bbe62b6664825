"""Net benefit is what is found less what it costs, and its interval is that of a mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.utility import (
    TreatAll,
    decision_curve,
    net_benefit,
    net_benefit_at,
)

HAND = Sample.of([0.1, 0.2, 0.3, 0.6], [0, 1, 0, 1])


@st.composite
def samples(draw):
    n = draw(st.integers(2, 30))
    p = draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))
    y = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    w = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    return Sample.of(np.array(p) / 20, y, weight=w)


def test_net_benefit_of_a_case_worked_out_by_hand():
    # at 0.2: two found, one wrong alarm at a quarter each, of four people
    assert net_benefit_at(0.2)(HAND, HAND.weight) == pytest.approx((2 - 0.25) / 4)


def test_figures_at_a_cut_off_of_the_same_case():
    found = net_benefit(HAND, 0.2)
    assert found["net_benefit_all"].value == pytest.approx((2 - 2 * 0.25) / 4)
    assert found["net_benefit_over_all"].value == pytest.approx(0.25 / 4)
    assert found["standardised_net_benefit"].value == pytest.approx(1.75 / 2)
    # one of four is spared and nobody is missed
    assert found["interventions_avoided"].value == pytest.approx(250)
    assert found["test_trade_off"].value == pytest.approx(16)


def test_where_acting_on_nobody_is_the_alternative_the_trade_off_is_that_of_the_whole_benefit():
    found = net_benefit(HAND, 0.6)
    assert found["net_benefit_all"].value < 0
    assert found["test_trade_off"].value == pytest.approx(4)


def test_a_model_without_gain_has_no_trade_off():
    wrong = Sample.of([0.1, 0.2, 0.3, 0.6], [1, 1, 0, 0])
    found = net_benefit(wrong, 0.25)["test_trade_off"]
    assert (found.ok, found.problem) == (False, "no_gain")


def test_an_uncertain_gain_bounds_no_trade_off():
    found = net_benefit(HAND, 0.2)["test_trade_off"]
    assert (found.has_interval, found.problem) == (False, "gain_uncertain")


def test_a_weight_counts_as_copies_of_a_person():
    copies = Sample.of([0.1, 0.2, 0.2, 0.3], [0, 1, 1, 0])
    weighted = Sample.of([0.1, 0.2, 0.3], [0, 1, 0], weight=[1, 2, 1])
    for one, other in zip(net_benefit(copies, 0.15), net_benefit(weighted, 0.15), strict=True):
        assert one.value == pytest.approx(other.value)


@given(samples(), st.integers(0, 19))
def test_the_measure_and_the_figures_are_one(sample, cut):
    found = net_benefit(sample, cut / 20)
    assert net_benefit_at(cut / 20)(sample, sample.weight) == pytest.approx(
        found["net_benefit"].value, abs=1e-12
    )
    assert TreatAll(cut / 20)(sample, sample.weight) == pytest.approx(
        found["net_benefit_all"].value, abs=1e-12
    )


@given(samples(), st.integers(0, 19))
def test_no_model_brings_more_than_one_without_error(sample, cut):
    prevalence = sample.weight @ sample.outcome / sample.weight.sum()
    assert net_benefit_at(cut / 20)(sample, sample.weight) <= prevalence + 1e-12


@given(samples())
def test_at_cut_off_zero_everybody_is_flagged_at_no_cost(sample):
    found = net_benefit(sample, 0.0)
    assert found["net_benefit_over_all"].value == 0
    assert found["interventions_avoided"].problem == "not_defined"


def test_the_curve_holds_the_figures_of_each_cut_off():
    rng = np.random.default_rng(0)
    p = rng.random(200)
    sample = Sample.of(p, rng.random(200) < p, cluster=rng.integers(0, 40, 200))
    curve = decision_curve(sample, [0.1, 0.3], label="ours")
    at = net_benefit(sample, 0.3)
    for name, part in (
        ("net_benefit", curve.model),
        ("net_benefit_all", curve.everybody),
        ("net_benefit_over_all", curve.over_everybody),
        ("standardised_net_benefit", curve.standardised),
        ("interventions_avoided", curve.avoided),
    ):
        assert part.name == name
        assert (part.y[1], part.low[1], part.high[1]) == pytest.approx(
            (at[name].value, at[name].low, at[name].high)
        )
        assert part.method == "clustered"
    assert curve.label == "ours"
    assert curve.nobody.y.tolist() == [0, 0]
    assert list(curve.to_frame()["cut_off"]) == [0.1, 0.3]
    assert curve.to_dict()["model"]["label"] == "ours"
    assert "cut_off" in curve._repr_html_()


def test_without_cut_offs_a_curve_goes_by_hundredths():
    assert decision_curve(HAND).model.x == pytest.approx(np.arange(1, 100) / 100)


def test_where_nobody_is_flagged_the_benefit_is_zero_without_a_band():
    curve = decision_curve(HAND, [0.5, 0.7])
    assert curve.model.y[1] == 0
    assert np.isnan(curve.model.low[1])
    assert net_benefit(HAND, 0.7)["net_benefit"].problem == "no_spread"


def test_one_outcome_leaves_no_share_of_the_prevalence():
    found = net_benefit(Sample.of([0.1, 0.4], [0, 0]), 0.3)
    assert found["net_benefit"].value == pytest.approx(-0.5 * 3 / 7)
    assert found["standardised_net_benefit"].problem == "one_class"


@pytest.mark.parametrize("clustered", [False, True])
def test_the_error_is_that_of_the_bootstrap(clustered):
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(250), 2)
    p = rng.beta(1, 3, 250)[person]
    y = (rng.random(250) < p[::2])[person]
    sample = Sample.of(p, y, cluster=person if clustered else None)
    drawn = bootstrap(sample, {"net_benefit": net_benefit_at(0.2)}, replicates=2000)
    found = net_benefit(sample, 0.2)["net_benefit"]
    assert found.high - found.low == pytest.approx(2 * 1.96 * drawn.error("net_benefit"), rel=0.06)


@pytest.mark.parametrize("cut_off", [-0.1, 1.0, float("nan")])
def test_a_cut_off_where_no_exchange_exists_is_refused(cut_off):
    for function in (net_benefit_at, TreatAll, lambda c: net_benefit(HAND, c)):
        with pytest.raises(EvaluationError, match="cut_off is"):
            function(cut_off)


@pytest.mark.parametrize(
    ("cut_offs", "message"),
    [
        ([], "shape"),
        ([0.2, 0.1], "ascend"),
        ([0.1, 0.1], "ascend"),
        ([[0.1, 0.2]], "shape"),
        ([0.1, 1], "cut_off is 1"),
    ],
)
def test_a_curve_wants_ascending_cut_offs(cut_offs, message):
    with pytest.raises(EvaluationError, match=message):
        decision_curve(HAND, cut_offs)
