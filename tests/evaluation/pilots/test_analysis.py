"""An analysis from table to words."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.pilots.data import as_cells, designs, drawn, wedge
from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots import (
    METHODS,
    AnalysisPlan,
    analyse,
    analyse_variants,
    cell_model,
    effect_by,
    fit_marginal,
    fit_mixed,
    interrupted,
    parallel,
    recommended,
    staggered,
)
from risicoscreener.evaluation.wording import method_text

SITES = [f"PI-{i:02}" for i in range(1, 9)]


@pytest.mark.parametrize("kind", ["binary", "count", "continuous"])
def test_every_method_finds_an_effect_that_is_large(kind):
    design = wedge(8)
    cells = drawn(design, -0.3, seed=5, kind=kind, level=0.6, per_cell=200.0, size_cv=0.0)
    for method in METHODS:
        found = effect_by(method, cells, design, AnalysisPlan(method))
        assert found.value == pytest.approx(-0.3, abs=0.12), method
        assert found.low < found.value < found.high, method
        assert found.p_value < (0.1 if method == "group_time" else 0.05), method
        assert method_text(found.method).nl


@given(st.integers(0, 10**6), st.floats(-3, 3), st.floats(0.2, 5))
@settings(max_examples=15)
def test_another_unit_gives_the_same_answer_in_that_unit(seed, shift, scale):
    design = wedge(6)
    rng = np.random.default_rng(seed)
    mean, size = rng.normal(size=design.shape), rng.integers(5, 40, design.shape)
    one = as_cells(mean, size)
    other = as_cells(shift + scale * mean, size, scale**2)
    for method in ("randomisation", "kenward_roger", "cr2"):
        a, b = (effect_by(method, c, design, AnalysisPlan(method)) for c in (one, other))
        assert b.value == pytest.approx(scale * a.value, rel=1e-3, abs=1e-4 * scale)
        assert b.p_value == pytest.approx(a.p_value, rel=1e-2, abs=1e-3)


@pytest.mark.parametrize(
    ("design", "method"),
    [
        (wedge(8), "randomisation"),
        (wedge(4, 2), "cr2"),
        (parallel(SITES, SITES[:4], periods=["1", "2"], start=1, randomised=False), "cr2"),
        (staggered({"a": "2", "b": None, "c": None, "d": "2"}, ["1", "2"]), "group_time"),
    ],
)
def test_the_method_fits_how_sites_came_to_start(design, method):
    assert recommended(design) == method


def test_an_analysis_says_levels_in_people():
    found = analyse(drawn(wedge(8), -0.1, seed=2), wedge(8))
    assert found.with_ - found.without == pytest.approx(found.effect.value)
    for lang, word in (("nl", "van elke 100 mensen"), ("en", "of every 100 people")):
        assert word in found.text(lang)
    assert json.dumps(found.to_dict(), allow_nan=False)
    assert next(iter(found.to_frame().index)) == "randomisation"
    assert "kenward_roger" in found.others
    assert found.icc.has_interval
    assert found.icc.low <= found.icc.value <= found.icc.high


def test_a_site_without_data_is_left_out_and_said():
    design = wedge(8)
    cells = drawn(design, seed=2)
    cells = cells.where((np.arange(8) != 3)[:, None] & np.ones(5, bool))
    found = analyse(cells, design)
    assert found.effect.sites == 7
    assert "site_without_data" in found.notes
    assert "PI-04" not in found.design.sites


def test_who_chose_to_start_is_noted():
    design = parallel(SITES, SITES[:4], periods=["1", "2", "3"], start=1, randomised=False)
    found = analyse(drawn(design), design)
    assert "not_randomised" in found.notes
    assert "randomisation" not in found.others
    lots = analyse(drawn(design), design, AnalysisPlan("randomisation"))
    assert "no_lots" in lots.notes


def test_a_wrong_method_is_called_wrong():
    found = analyse(drawn(wedge(8)), wedge(8), AnalysisPlan("ignoring_sites"))
    assert "ONJUIST" in found.text("nl")
    assert "wrong_method" in found.notes


def test_adjusting_takes_out_what_sites_differ_in():
    design = parallel(SITES, SITES[:4])
    rng = np.random.default_rng(1)
    before = rng.normal(size=8)
    mean = (before + 0.5 * design.exposure[:, 0] + rng.normal(0, 0.02, 8))[:, None]
    cells = as_cells(mean, 100, 0.01)
    plan = AnalysisPlan("kenward_roger")
    plain, adjusted = (
        analyse(cells, design, plan, adjust=adjust, checks=False).effect
        for adjust in (None, {"before": before})
    )
    assert adjusted.error < plain.error / 5
    assert adjusted.value == pytest.approx(0.5, abs=0.05)
    with pytest.raises(PilotError, match="does not adjust"):
        effect_by("randomisation", cells, design, plan, adjust={"before": before})


def test_one_period_in_each_site_is_the_t_test_of_means():
    from scipy.stats import ttest_ind

    design = parallel(SITES, SITES[:4])
    mean = np.random.default_rng(3).normal(size=(8, 1))
    found = effect_by("kenward_roger", as_cells(mean, 50), design, AnalysisPlan())
    r = ttest_ind(mean[:4, 0], mean[4:, 0])
    assert found.p_value == pytest.approx(r.pvalue, rel=1e-4)
    assert found.degrees == pytest.approx(6, rel=1e-3)


def test_variances_are_those_of_statsmodels():
    from statsmodels.regression.mixed_linear_model import MixedLM

    design = parallel(SITES, SITES[:4], periods=["1"])
    rng = np.random.default_rng(8)
    size = rng.integers(10, 30, 8)
    site = np.repeat(np.arange(8), size)
    y = rng.normal(0, 0.5, 8)[site] + rng.normal(size=len(site))
    frame = pd.DataFrame({"site": np.array(SITES)[site], "period": "1", "outcome": y})
    from risicoscreener.evaluation.pilots import cells_from

    model = cell_model(cells_from(frame, design, "continuous"), design)
    ours = fit_mixed(model)
    x = np.column_stack([np.ones(len(y)), design.exposure[site, 0]])
    theirs = MixedLM(y, x, groups=site).fit(reml=True)
    assert ours.site == pytest.approx(float(np.ravel(theirs.cov_re)[0]), rel=1e-3)
    assert ours.within == pytest.approx(theirs.scale, rel=1e-3)
    assert ours.value == pytest.approx(theirs.fe_params[1], rel=1e-4)


def test_the_interval_of_the_icc_is_where_the_likelihood_has_fallen():
    fit = fit_mixed(cell_model(drawn(wedge(8), seed=6), wedge(8)))
    low, high = fit.icc_interval()
    for side in (low, high):
        assert fit._profile(side) == pytest.approx(fit.log_likelihood - 1.92073, abs=0.01)


@pytest.mark.parametrize("method", ["kenward_roger", "cr2", "wild_bootstrap"])
def test_ratios_and_differences_agree_on_the_side(method):
    design = wedge(8)
    cells = drawn(design, -0.2, seed=4)
    difference = effect_by(method, cells, design, AnalysisPlan(method))
    odds = fit_marginal(cells, design)
    assert math.copysign(1, difference.value) == math.copysign(1, odds.value)
    assert odds.degrees == 6


def test_a_rate_ratio_has_time_at_risk_as_its_offset():
    design = parallel(SITES, SITES[:4])
    size = np.full((8, 1), 50.0)
    total = np.array([[10.0], [12], [8], [10], [20], [22], [18], [20]])
    from risicoscreener.evaluation.pilots import Cells

    found = fit_marginal(Cells("count", size, total, total), design)
    assert found.value == pytest.approx(math.log(0.5))
    with pytest.raises(PilotError, match="no odds"):
        fit_marginal(as_cells(total, size), design)


def test_variants_are_told_apart_from_each_other():
    design = parallel(SITES, SITES[:6], periods=["1", "2", "3"], start=1)
    variant = dict.fromkeys(SITES[:3], "shops") | dict.fromkeys(SITES[3:6], "outside")
    effect = np.array([0.5] * 3 + [1.5] * 3 + [0.0] * 2)[:, None] * design.exposure
    mean = effect + np.random.default_rng(2).normal(0, 0.05, design.shape)
    found = analyse_variants(as_cells(mean, 100, 0.01), design, variant).to_frame()
    values = found.set_index(["variant", "against"])["value"]
    assert values["shops", ""] == pytest.approx(0.5, abs=0.15)
    assert values["outside", ""] == pytest.approx(1.5, abs=0.15)
    assert values["shops", "outside"] == pytest.approx(-1.0, abs=0.15)
    assert (found["p_holm"] >= found["p_value"]).all()
    with pytest.raises(PilotError, match="lacks site 'PI-01'"):
        analyse_variants(as_cells(mean, 100), design, {})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"method": "magic"}, "method is 'magic'"),
        ({"level": 1.0}, "level is 1.0"),
        ({"draws": 3}, "draws is 3"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changes, said):
    with pytest.raises(PilotError, match=said):
        AnalysisPlan(**changes)


@given(designs(), st.integers(0, 100))
@settings(max_examples=30)
def test_any_design_gives_an_effect_or_a_reason(design, seed):
    try:
        found = analyse(drawn(design, seed=seed), design)
    except PilotError:
        return
    assert math.isfinite(found.effect.value)
    assert found.text("nl")


def test_a_series_needs_periods_and_one_start():
    design = parallel(["a", "b"], ["a"], periods=list("12345"), start=2)
    with pytest.raises(PilotError, match="2 periods before"):
        interrupted(as_cells(np.zeros((2, 5)), 9), design)
    with pytest.raises(PilotError, match="different periods"):
        interrupted(drawn(wedge(8)), wedge(8))


def test_a_jump_that_controls_share_is_no_effect():
    rng = np.random.default_rng(4)
    time = np.arange(20)
    shared = 0.05 * time + 0.8 * (time >= 10) + rng.normal(0, 0.1, 20)
    mean = np.array([shared + rng.normal(0, 0.05, 20), shared + rng.normal(0, 0.05, 20)])
    names = [str(t) for t in time]
    alone = parallel(["a", "b"], ["a"], periods=names, start=10)
    found = interrupted(as_cells(mean, 50), alone)
    assert abs(found.level[0]) < 3 * found.level[1]
    assert not found.short
    assert found.to_frame().loc["level", "low"] < 0 < found.to_frame().loc["level", "high"]
