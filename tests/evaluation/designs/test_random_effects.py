"""Figures of prisons are pooled as metafor does, and the next prison has an interval of its own."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from cases import ROOT
from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Estimate
from risicoscreener.evaluation.designs import external, random_effects, summarise
from risicoscreener.evaluation.discrimination import delong_error

R = json.loads((ROOT / "tests/oracles/designs/expected.json").read_text("utf-8"))["pooled"]
METHODS = ("reml", "paule_mandel")


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", R)
def test_figures_are_those_of_metafor(case, method, held):
    given_, theirs = R[case], R[case]["held" if held else "plain"][method]
    ours = random_effects(given_["y"], given_["s"], method=method, held=held)
    for name, value in theirs.items():
        found = getattr(ours, name)
        if value in (None, "NA"):
            assert math.isnan(found)
        else:
            assert found == pytest.approx(value, rel=1e-8, abs=1e-8), name


def test_the_variance_between_of_paule_and_mandel_is_that_of_statsmodels():
    y, s = (np.array(R["spread"][name]) for name in "ys")
    theirs = combine_effects(y, s**2, method_re="iterated", atol=1e-12)
    ours = random_effects(y, s, method="paule_mandel")
    assert ours.tau**2 == pytest.approx(theirs.tau2, rel=1e-6)
    assert ours.mean == pytest.approx(theirs.mean_effect_re, rel=1e-8)


def test_estimates_that_are_alike_have_nothing_between_them():
    found = random_effects([0.5, 0.5, 0.5], [0.1, 0.2, 0.3])
    assert (found.tau, found.i_squared, found.q) == (0, 0, 0)
    assert found.high - found.low > 2 * 1.96 * 0.08


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 1)), min_size=3, max_size=10),
    st.floats(-5, 5),
    st.floats(0.1, 10),
)
def test_the_pooled_mean_moves_and_stretches_with_the_estimates(rows, shift, factor):
    y, s = np.array(rows).T
    base, moved = random_effects(y, s), random_effects(factor * y + shift, factor * s)
    assert moved.mean == pytest.approx(factor * base.mean + shift, abs=1e-5 * factor)
    assert moved.tau == pytest.approx(factor * base.tau, abs=1e-4 * factor)
    assert base.next_low <= base.low <= base.mean <= base.high <= base.next_high


def test_two_prisons_say_nothing_of_a_third():
    found = random_effects([0.1, 0.9], [0.2, 0.3])
    assert math.isnan(found.next_low)
    assert math.isfinite(found.low)


def prison(value, low, high, name="auc"):
    return Estimate(name, value, low, high, method="delong", n=100, events=30)


def test_a_summary_is_made_on_its_scale_and_taken_back():
    z = 1.959963984540054
    lows = {v: 1 / (1 + math.exp(-(math.log(v / (1 - v)) - z * 0.2))) for v in (0.6, 0.7, 0.8)}
    highs = {v: 1 / (1 + math.exp(-(math.log(v / (1 - v)) + z * 0.2))) for v in lows}
    parts = [(str(v), prison(v, lows[v], highs[v]), z) for v in lows]
    found = summarise(parts)
    on_scale = random_effects([math.log(v / (1 - v)) for v in lows], [0.2] * 3)
    assert found.scale == "logit"
    assert found.mean.value == pytest.approx(1 / (1 + math.exp(-on_scale.mean)))
    assert found.next_low == pytest.approx(1 / (1 + math.exp(-on_scale.next_low)))
    assert (found.mean.n, found.mean.events, found.k) == (300, 90, 3)


def test_a_prison_without_an_interval_is_named_but_not_pooled():
    without = Estimate("auc", 1.0, problem="separated", n=5, events=1)
    parts = [
        ("a", prison(0.6, 0.5, 0.7), 1.96),
        ("b", without, 1.96),
        ("c", prison(0.7, 0.6, 0.8), 1.96),
    ]
    found = summarise(parts)
    assert found.k == 2
    assert [name for name, _ in found.parts] == ["a", "b", "c"]
    assert found.mean.n == 200


def test_one_usable_prison_gives_no_mean():
    found = summarise([("a", prison(0.6, 0.5, 0.7), 1.96)])
    assert found.mean.problem == "few_parts"
    assert found.to_dict()["tau"] is None


def test_a_summary_can_be_read_as_a_table_and_as_plain_values():
    slope = [prison(v, v - 0.2, v + 0.2, "calibration_slope") for v in (0.8, 1.0, 1.1)]
    found = summarise([(str(i), one, 1.96) for i, one in enumerate(slope)])
    assert found.scale == "identity"
    assert found.to_frame()["part"].tolist() == ["0", "1", "2", "mean", "next prison"]
    assert found.to_dict()["parts"]["1"]["value"] == 1.0
    assert "next prison" in found._repr_html_()


@pytest.mark.parametrize(
    ("values", "errors"), [([1], [1]), ([1, 2], [1]), ([1, 2], [1, 0]), ([1, math.nan], [1, 1])]
)
def test_what_cannot_be_pooled_is_refused(values, errors):
    with pytest.raises(EvaluationError, match="expected|must"):
        random_effects(values, errors)


def test_errors_of_small_prisons_are_those_of_delong():
    """The interval of an area in a small prison is of t: its error is not the width over 3.92."""
    rng = np.random.default_rng(4)
    p = 1 / (1 + np.exp(2 - rng.normal(size=300)))
    y = (rng.random(300) < p).astype(float)
    prison_of = np.repeat(np.arange(6), 50)
    found = external(p, p[:, None], y, prison=prison_of).summaries["auc"]
    areas = np.array([one.value for _, one in found.parts])
    errors = [delong_error(y[prison_of == k], p[prison_of == k]) for k in range(6)]
    pooled = random_effects(np.log(areas / (1 - areas)), np.array(errors) / (areas * (1 - areas)))
    assert found.tau == pytest.approx(pooled.tau, rel=1e-9)
    assert found.mean.value == pytest.approx(1 / (1 + math.exp(-pooled.mean)), rel=1e-9)


def test_a_limit_that_is_cut_off_at_0_does_not_make_an_error_smaller():
    parts = [prison(v, max(v - 0.0392, 0.0), v + 0.0392, "brier") for v in (0.02, 0.03, 0.05)]
    found = summarise([(str(one.value), one, 1.96) for one in parts])
    assert found.q == pytest.approx(random_effects([0.02, 0.03, 0.05], [0.02] * 3).q)


def test_a_method_that_is_not_known_is_refused():
    with pytest.raises(EvaluationError, match="method is 'DL'; expected reml or paule_mandel"):
        random_effects([0.1, 0.2], [0.1, 0.1], method="DL")
