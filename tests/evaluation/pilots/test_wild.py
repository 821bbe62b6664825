"""The wild cluster bootstrap against one that fits every draw anew."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.pilots.data import drawn, wedge
from risicoscreener.evaluation.pilots import cell_model, wild_bootstrap
from risicoscreener.evaluation.pilots.robust import robust_error, unweighted


@pytest.fixture(scope="module")
def model():
    design = wedge(8)
    return cell_model(drawn(design, -0.1, seed=9), design)


def refitted(model, weight, signs, effect):
    """Studentised estimates of every draw, by least squares of draws made with the null imposed."""
    root = np.linalg.cholesky(weight).T
    y, x = root @ model.y, root @ model.x
    rest = x[:, 1:]
    under = y - effect * x[:, 0]
    fitted = rest @ np.linalg.lstsq(rest, under, rcond=None)[0]
    found = []
    for sign in signs.T:
        drawn_y = fitted + effect * x[:, 0] + sign[model.site] * (under - fitted)
        again = model.with_y(np.linalg.solve(root, drawn_y))
        value, error, _ = robust_error(again, weight, np.linalg.inv(weight), "CR1")
        found.append(abs(value - effect) / error)
    return np.array(found)


@pytest.mark.parametrize("effect", [0.0, -0.2])
def test_it_is_the_bootstrap_that_fits_every_draw_anew(model, effect):
    weight = unweighted(model)[0]
    test = wild_bootstrap(model, weight, draws=60, seed=2)
    value, error, _ = robust_error(model, weight, np.linalg.inv(weight), "CR1")
    assert (test.value, test.error) == pytest.approx((value, error))
    found = refitted(model, weight, test.draws, effect)
    larger = (found >= abs(value - effect) / error - 1e-12).sum()
    assert test.p_value(effect) == pytest.approx((1 + larger) / 61)


def test_limits_are_where_the_p_value_crosses(model):
    test = wild_bootstrap(model, unweighted(model)[0], draws=999, seed=2)
    low, high = test.interval(0.9)
    step = 2e-4 * test.error
    assert test.p_value(low - step) <= 0.1 < test.p_value(low + step)
    assert test.p_value(high + step) <= 0.1 < test.p_value(high - step)


def test_draws_come_from_their_seed(model):
    weight = unweighted(model)[0]
    one, other, third = (wild_bootstrap(model, weight, seed=s) for s in (1, 1, 2))
    assert one.p_value() == other.p_value()
    assert one.p_value() != third.p_value()


def test_webbs_weights_have_mean_nought_and_variance_one(model):
    draws = wild_bootstrap(model, unweighted(model)[0], draws=20_000).draws
    assert len(np.unique(draws)) == 6
    assert draws.mean() == pytest.approx(0, abs=0.01)
    assert draws.var() == pytest.approx(1, abs=0.01)
