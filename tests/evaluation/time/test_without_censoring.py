"""If everybody is followed, figures at a horizon are those of a binary outcome."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.time.samples import people
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.discrimination import placements
from risicoscreener.evaluation.time import (
    HorizonNetBenefit,
    HorizonSample,
    horizon_auc,
    horizon_brier,
    horizon_expected_observed,
    horizon_net_benefit,
    horizon_recalibration,
)
from risicoscreener.evaluation.utility.gain import NetBenefit


@pytest.fixture(scope="module")
def both():
    sample = people(500, 2, censored=False)
    return sample, Sample.of(sample.probability, sample.outcome)


def test_the_brier_score_is_the_mean_squared_error(both):
    sample, binary = both
    expected = np.mean((binary.outcome - binary.probability) ** 2)
    assert horizon_brier(sample, sample.weight) == pytest.approx(expected, abs=1e-14)


def test_the_auc_is_the_mean_placement(both):
    sample, binary = both
    event = binary.outcome == 1
    expected = placements(event, binary.probability)[event].mean()
    assert horizon_auc(sample, sample.weight) == pytest.approx(expected, abs=1e-14)


def test_expected_over_observed_is_a_ratio_of_means(both):
    sample, binary = both
    expected = binary.probability.mean() / binary.outcome.mean()
    assert horizon_expected_observed(sample, sample.weight) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("cut_off", [0.0, 0.2, 0.5, 0.9])
def test_net_benefit_is_that_of_a_binary_outcome(both, cut_off):
    sample, binary = both
    found = horizon_net_benefit(sample, cut_off)["horizon_net_benefit"].value
    assert found == pytest.approx(NetBenefit(cut_off)(binary, binary.weight), abs=1e-14)
    assert HorizonNetBenefit(cut_off)(sample, sample.weight) == pytest.approx(found, abs=1e-14)


def test_intercept_and_slope_and_their_robust_errors_are_those_of_statsmodels(both):
    import statsmodels.api as sm

    sample, binary = both
    lp = np.log(-np.log1p(-binary.probability))
    family = sm.families.Binomial(sm.families.links.CLogLog())
    # the robust error by the observed information, as the derivative has it
    fits = {
        "horizon_slope": sm.GLM(binary.outcome, sm.add_constant(lp), family),
        "horizon_intercept": sm.GLM(binary.outcome, np.ones(len(lp)), family, offset=lp),
    }
    found = horizon_recalibration(sample)
    for name, model in fits.items():
        fit = model.fit(tol=1e-14, maxiter=200, method="newton", disp=0)
        hessian = model.hessian(fit.params)
        score = model.score_obs(fit.params)
        bread = np.linalg.inv(-hessian)
        n = len(lp)
        error = np.sqrt((bread @ score.T @ score @ bread)[-1, -1] * n / (n - 1))
        one = found[name]
        assert one.value == pytest.approx(fit.params[-1], abs=1e-8)
        assert (one.high - one.low) / 2 / 1.959963984540054 == pytest.approx(error, rel=1e-7)


def test_the_map_of_recalibration_is_that_of_the_models():
    from risicoscreener.models.time import TimeToEvent, calibrate_incidence

    sample = people(800, 4)
    y = TimeToEvent(sample.time, sample.cause, sample.weight)
    fit = calibrate_incidence(sample.probability, y, sample.horizon_days)
    found = horizon_recalibration(sample)["horizon_slope"].value
    assert found == pytest.approx(fit.slope, abs=1e-6)  # that one has a tiny penalty


def test_the_errors_of_net_benefit_and_of_what_it_adds_are_those_of_the_bootstrap():
    from risicoscreener.evaluation.resampling import bootstrap

    sample = people(500, 6)
    found = horizon_net_benefit(sample, 0.4)
    model, everybody = HorizonNetBenefit(0.4), HorizonNetBenefit(0.0)

    def over_all(s, w):
        # everybody at the odds of the cut-off: the incidence is the net benefit at 0
        share = everybody(s, w)
        return model(s, w) - (share - (1 - share) * 0.4 / 0.6)

    drawn = bootstrap(sample, {"": model, "_over_all": over_all}, replicates=400)
    for name in ("", "_over_all"):
        one = found[f"horizon_net_benefit{name}"]
        assert one.value == pytest.approx(drawn.point[name], abs=1e-12)
        error = (one.high - one.low) / 2 / 1.959963984540054
        assert error == pytest.approx(drawn.error(name), rel=0.15)


def test_rows_in_any_order_give_the_same(both):
    sample, _ = both
    turn = np.random.default_rng(0).permutation(len(sample))
    other = HorizonSample.of(
        sample.probability[turn], sample.time[turn], sample.cause[turn], horizon_days=500
    )
    assert horizon_auc(other, other.weight) == pytest.approx(horizon_auc(sample, sample.weight))
