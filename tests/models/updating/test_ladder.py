"""Each rung gives the model that it promises."""

from __future__ import annotations

import msgspec
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from risicoscreener.errors import ModelError
from risicoscreener.models import (
    Provenance,
    RiskModel,
    ScoringProgram,
    Term,
    Uncertainty,
)
from risicoscreener.models.calibration import Beta, Logistic, Spline, Table, VennAbers
from risicoscreener.models.ensemble import Ensemble
from risicoscreener.models.terms import PairTerm
from risicoscreener.models.updating import update
from risicoscreener.models.updating.data import NewData
from risicoscreener.models.updating.recalibration import fit_line
from risicoscreener.models.updating.revision import Revision

from ..conftest import cohort
from .people import NAMES, bent, expected, log_odds, oracle_people, straight, transport


def covariance(program: ScoringProgram, scale: float) -> Uncertainty:
    size = 1 + sum(len(term.knots) for term in program.terms)
    rng = np.random.default_rng(0)
    factor = scale * np.tril(rng.normal(size=(size, size)) / 5 + np.eye(size))
    return Uncertainty.from_factor(factor, [[0.3] * (len(t.knots) - 1) for t in program.terms])


def test_none_is_the_same_program():
    x, y, _ = transport(200, 0)
    program = bent()
    assert update(program, x, y, rung="none") is program


@pytest.mark.parametrize("weighting", ["plain", "weighted"])
def test_intercept_and_slope_are_those_of_glm_in_r(weighting):
    people, known = oracle_people(), expected()[weighting]
    x, y = people[list(NAMES)], people["y"]
    weight = people["w"] if weighting == "weighted" else None
    large = update(straight(), x, y, rung="in_the_large", sample_weight=weight)
    line = update(straight(), x, y, rung="logistic", sample_weight=weight)
    a, (b0, b1) = known["intercept"], known["logistic"]
    # The old calibration is 0.2 + 1.1 lp; the new one comes after it.
    assert large.calibration.intercept == pytest.approx(a + 0.2, rel=1e-8)
    assert large.calibration.slope == pytest.approx(1.1, rel=1e-12)
    assert line.calibration.intercept == pytest.approx(b0 + b1 * 0.2, rel=1e-8)
    assert line.calibration.slope == pytest.approx(b1 * 1.1, rel=1e-8)


def test_a_complementary_log_log_program_is_recalibrated_on_its_own_scale():
    people = oracle_people()
    program = straight(link="cloglog", calibration=Logistic(0.2, 1.1))
    found = update(program, people[list(NAMES)], people["y"], rung="logistic").calibration
    b0, b1 = expected()["cloglog"]
    # For a link that is not canonical both climb by Fisher scoring and stop on a flat top.
    assert found.intercept == pytest.approx(b0 + b1 * 0.2, abs=1e-6)
    assert found.slope == pytest.approx(b1 * 1.1, abs=1e-6)


def test_in_the_large_expects_as_many_events_as_were_seen():
    x, y, _ = transport(700, 1, shift=0.9)
    found = update(bent(), x, y, rung="in_the_large")
    assert expit(log_odds(found, x)).sum() == pytest.approx(y.sum(), rel=1e-9)


def test_a_recalibrated_program_keeps_its_terms():
    x, y, _ = transport(700, 1, shift=0.9)
    assert update(bent(), x, y, rung="logistic").terms == bent().terms


def test_the_interval_of_a_recalibrated_program_holds_intercept_and_slope():
    people, known = oracle_people(), expected()["plain"]
    program = straight()
    exact = msgspec.structs.replace(program, uncertainty=covariance(program, 1e-9))
    found = update(exact, people[list(NAMES)], people["y"], rung="logistic")
    x = people[list(NAMES)].to_numpy(float)[:20]
    error = found.interval_many(x).standard_error * found.calibration.slope
    v = np.column_stack([np.ones(20), log_odds(program, x)])
    c = np.array(known["logistic_covariance"])
    assert error == pytest.approx(np.sqrt(np.einsum("ij,jk,ik->i", v, c, v)), rel=1e-6)


def test_the_interval_of_a_recalibrated_program_holds_its_old_terms():
    people = oracle_people()
    program = straight()
    vague = msgspec.structs.replace(program, uncertainty=covariance(program, 0.5))
    x, y = people[list(NAMES)], people["y"]
    before = vague.interval_many(x.to_numpy(float)).standard_error
    large = update(vague, x, y, rung="in_the_large")
    after = large.interval_many(x.to_numpy(float)).standard_error
    added = expected()["plain"]["intercept_variance"] / 1.1**2
    assert np.square(after) == pytest.approx(np.square(before) + added, rel=1e-6)


def test_the_covariance_of_repeated_people_is_the_clustered_one_of_statsmodels():
    import statsmodels.api as sm

    people = oracle_people()
    x, y = people[list(NAMES)], people["y"].to_numpy(float)
    z = log_odds(straight(), x.to_numpy(float))
    model = sm.GLM(y, sm.add_constant(z), family=sm.families.Binomial())
    clustered = model.fit(
        cov_type="cluster", cov_kwds={"groups": people["person"], "use_correction": False}
    )
    data = NewData.read(straight(), x, y, None, people["person"])
    found = fit_line(data, z, "logit", intercept=True, slope=True).covariance
    persons = people["person"].nunique()
    expected_covariance = clustered.cov_params() * persons / (persons - 1)
    assert found == pytest.approx(expected_covariance, rel=1e-6)


def test_replicates_are_moved_with_the_line_and_spread_by_its_error():
    people = oracle_people()
    program = straight()
    rng = np.random.default_rng(1)
    draws = rng.normal(size=(400, 1 + 3 * 3)) * 0.05
    loose = msgspec.structs.replace(program, uncertainty=Ensemble.from_draws(draws))
    x, y = people[list(NAMES)], people["y"]
    found = update(loose, x, y, rung="in_the_large")
    before = loose.interval_many(x.to_numpy(float)).standard_error
    after = found.interval_many(x.to_numpy(float)).standard_error
    added = expected()["plain"]["intercept_variance"] / 1.1**2
    # The draws of intercept and terms are independent, but not exactly uncorrelated.
    assert np.square(after) == pytest.approx(np.square(before) + added, rel=0.15)


def test_a_table_is_followed_by_the_line():
    x, y, _ = transport(900, 2, shift=0.7)
    table = Table(before=(0.05, 0.3, 0.3, 0.9), after=(0.02, 0.25, 0.4, 0.85))
    program = msgspec.structs.replace(bent(), calibration=table)
    found = update(program, x, y, rung="in_the_large")
    shift = log_odds(found, x) - log_odds(program, x)
    assert np.ptp(shift) < 2e-3  # between the knots the table is a straight line, not the logit
    assert expit(log_odds(found, x)).mean() == pytest.approx(y.mean(), abs=1e-4)
    inside = found.probability_many(logit(np.array([0.3])))
    assert logit(inside)[0] == pytest.approx(logit(0.4) + shift.mean(), abs=2e-3)


@pytest.mark.parametrize(
    "old",
    [
        Beta(a=0.8, b=1.3, intercept=0.1),
        Spline(knots=(-3.0, -1.0, 0.5), intercept=0.1, coefficients=(0.9, 0.3)),
        VennAbers(
            edges=(0.2, 0.4), lower=(0.1, 0.1, 0.2, 0.3, 0.4), upper=(0.2, 0.3, 0.3, 0.5, 0.6)
        ),
    ],
    ids=["beta", "spline", "venn_abers"],
)
def test_any_other_map_is_followed_by_the_line_exactly(old):
    x, y, _ = transport(900, 2, shift=0.7)
    program = msgspec.structs.replace(bent(), calibration=old)
    before = log_odds(program, x)
    large = log_odds(update(program, x, y, rung="in_the_large"), x) - before
    assert large == pytest.approx(np.full(900, large[0]), abs=1e-9)
    line = log_odds(update(program, x, y, rung="logistic"), x)
    slope, intercept = np.polyfit(before, line, 1)
    assert line == pytest.approx(intercept + slope * before, abs=1e-9)
    assert expit(line).mean() == pytest.approx(y.mean(), abs=1e-9)


def test_a_table_that_begins_at_nobody_and_ends_at_everybody_keeps_its_ends():
    x, y, _ = transport(900, 2, shift=0.7)
    steps = Table(before=(0.2, 0.2, 0.6, 0.6), after=(0.0, 0.3, 0.3, 1.0))
    program = msgspec.structs.replace(bent(), calibration=steps)
    found = update(program, x, y, rung="in_the_large").calibration
    assert (found.after[0], found.after[-1]) == (0.0, 1.0)


def test_an_old_model_that_ranks_people_wrongly_is_not_recalibrated():
    x, y, _ = transport(900, 3, slope=-1.0)
    with pytest.raises(ModelError, match="wrong way"):
        update(bent(), x, y, rung="logistic")


# -- refit -------------------------------------------------------------------------------------


def test_a_refit_is_the_maximum_of_the_penalised_likelihood():
    x, y, _ = transport(400, 4, effect=0.7)
    program = bent()
    revision = Revision.of(program, NewData.read(program, x, y), refit=True, extend=False)
    (shrinkage, smoothness), fit = revision.choose()
    found = revision.lowered((shrinkage, smoothness), fit, 0.95)
    knots = np.array(program.terms[0].knots)
    old = np.array([term.values for term in program.terms])
    bend = np.diff(np.eye(4), axis=0)

    def lp(p):  # intercept, slope, and the change of each term at each knot but the first
        change = np.column_stack([np.zeros(3), p[2:].reshape(3, 4)])
        terms = [np.interp(x[:, j], knots, p[1] * old[j] + change[j]) for j in range(3)]
        return p[0] + np.sum(terms, axis=0)

    def loss(p):
        steps = np.diff(np.column_stack([np.zeros(3), p[2:].reshape(3, 4)]), axis=1)
        penalty = shrinkage * 4 * np.square(steps).sum()
        penalty += smoothness * 4**3 * np.square(steps @ bend.T).sum()
        z = lp(p)
        return (np.logaddexp(0, z) - y * z).sum() + penalty / 2

    start = np.r_[0.0, 1.0, np.zeros(12)]
    best = minimize(loss, start, method="BFGS", options={"gtol": 1e-7, "maxiter": 500})
    assert found.score_many(x).linear_predictor == pytest.approx(lp(best.x), abs=2e-5)


def test_a_refit_stays_on_the_old_knots_and_carries_a_covariance():
    x, y, _ = transport(2000, 5, effect=0.8)
    found = update(bent(), x, y, rung="refit")
    assert [term.knots for term in found.terms] == [term.knots for term in bent().terms]
    assert isinstance(found.uncertainty, Uncertainty)


def test_a_refit_finds_an_effect_that_the_old_model_does_not_have():
    x, y, truth = transport(5000, 6, effect=0.8)
    found = update(bent(), x, y, rung="refit")
    before = np.abs(expit(log_odds(bent(), x)) - expit(truth)).mean()
    after = np.abs(expit(log_odds(found, x)) - expit(truth)).mean()
    assert after < 0.25 * before


def test_a_refit_is_drawn_to_the_old_model_where_nothing_changed():
    errors = {"refit": 0.0, "logistic": 0.0}
    for seed in range(20):
        x, y, truth = transport(400, 70 + seed)
        for rung in errors:
            errors[rung] += np.abs(log_odds(update(bent(), x, y, rung=rung), x) - truth).mean()
    assert errors["refit"] < 1.4 * errors["logistic"]  # it has 14 parameters instead of 2


def test_intervals_of_a_refit_cover_the_truth():
    covered = []
    for seed in range(40):
        x, y, truth = transport(1000, 50 + seed, effect=0.6, shift=0.3)
        inside = (np.abs(x) < 2).all(axis=1)  # beyond the knots the terms are constant
        found = update(bent(), x, y, rung="refit").interval_many(x[inside])
        p = expit(truth[inside])
        covered.append(((found.lower <= p) & (p <= found.upper)).mean())
    assert 0.91 < np.mean(covered) < 0.99


def test_a_refit_of_steps_moves_at_the_steps_only():
    card = ScoringProgram(
        intercept=-1.0,
        terms=(
            Term("age", (-0.5, -0.5, 0.5, 0.5), (-1.0, 0.0, 0.0, 1.0), missing=0.2),
            Term("priors", (0.0, 0.0), (0.0, 0.5), missing=0.0),
        ),
    )
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 2))
    y = (rng.random(3000) < expit(-1 + 2.0 * (x[:, 0] > 0.5) + (x[:, 1] > 0))).astype(float)
    found = update(card, x, y, rung="refit")
    values = found.terms[0].values
    assert values[1] == pytest.approx(values[2], abs=1e-6)
    assert values[3] - values[2] == pytest.approx(2.0, abs=0.3)
    assert values[1] - values[0] == pytest.approx(0.0, abs=0.3)
    assert isinstance(found.uncertainty, Ensemble)
    interval = found.interval_many(x[:5])
    assert (interval.lower < interval.upper).all()


def test_pairs_are_scaled_with_the_old_model():
    pair = PairTerm("age", "priors", (0.0,), (0.0,), ((0.5, -0.5, 0), (-0.5, 0.5, 0), (0, 0, 0)))
    program = msgspec.structs.replace(bent(), pairs=(pair,))
    rng = np.random.default_rng(2)
    x = rng.normal(size=(4000, 3))
    y = (rng.random(4000) < expit(0.5 * log_odds(program, x))).astype(float)
    found = update(program, x, y, rung="refit")
    ratio = found.pairs[0].values[0][0] / 0.5
    assert 0.35 < ratio < 0.65
    assert np.abs(log_odds(found, x) - 0.5 * log_odds(program, x)).mean() < 0.1


def test_directions_are_kept():
    x, y, _ = transport(1500, 8, effect=-0.6)
    free = update(bent(), x, y, rung="refit")
    kept = update(bent(), x, y, rung="refit", monotone={"debt": 1, "age": 1})
    assert np.diff(free.term("debt").values).min() < -0.1
    assert np.diff(kept.term("debt").values).min() > -1e-7
    assert np.diff(kept.term("age").values).min() > -1e-7


def test_an_unknown_value_gets_a_value_of_its_own():
    x, y, truth = transport(4000, 9)
    rng = np.random.default_rng(3)
    lacking = rng.random(4000) < 0.3
    y = (rng.random(4000) < expit(truth + 1.0 * lacking)).astype(float)
    x[lacking, 2] = np.nan
    found = update(bent(), x, y, rung="refit").term("debt")
    assert found.missing - found.values[2] == pytest.approx(1.0, abs=0.3)


def test_a_program_of_another_link_is_not_refitted():
    x, y, _ = transport(300, 10)
    program = msgspec.structs.replace(bent(), link="cloglog")
    with pytest.raises(ModelError, match="recalibrated only"):
        update(program, x, y, rung="refit")


# -- extension ---------------------------------------------------------------------------------


def extended_people(n: int = 3000):
    x, y, truth = transport(n, 11, width=4, effect=0.9)
    return pd.DataFrame(x, columns=[*NAMES, "visits"]), y, truth


def test_an_extension_adds_terms_and_scales_the_old_ones_alike():
    frame, y, truth = extended_people()
    found = update(bent(), frame, y, rung="extension")
    assert found.features == (*NAMES, "visits")
    ratios = [np.ptp(found.terms[i].values) / np.ptp(bent().terms[i].values) for i in (0, 1)]
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-9)
    x = frame.to_numpy()
    before = np.abs(expit(log_odds(bent(), x[:, :3])) - expit(truth)).mean()
    after = np.abs(expit(log_odds(found, x)) - expit(truth)).mean()
    assert after < 0.25 * before


def test_an_extension_keeps_the_uncertainty_of_the_old_terms():
    frame, y, _ = extended_people()
    program = bent()
    vague = msgspec.structs.replace(program, uncertainty=covariance(program, 0.4))
    x = frame.to_numpy()[:50]
    with_old = update(vague, frame, y, rung="extension").interval_many(x).standard_error
    without = update(program, frame, y, rung="extension").interval_many(x).standard_error
    old = vague.interval_many(x[:, :3]).standard_error
    assert (with_old > without).all()
    assert (with_old > 0.8 * old).all()


def test_an_extension_keeps_the_replicates_of_the_old_terms():
    frame, y, _ = extended_people()
    program = bent()
    draws = np.random.default_rng(0).normal(size=(100, 1 + 3 * 6)) * 0.2
    loose = msgspec.structs.replace(program, uncertainty=Ensemble.from_draws(draws))
    found = update(loose, frame, y, rung="extension")
    assert isinstance(found.uncertainty, Ensemble)
    x = frame.to_numpy()[:200]
    after = found.interval_many(x).standard_error
    slope = np.ptp(found.terms[0].values) / np.ptp(program.terms[0].values)
    old = slope * loose.interval_many(x[:, :3]).standard_error
    new = update(program, frame, y, rung="extension").interval_many(x).standard_error
    # Two sources that are drawn independently, but are not exactly uncorrelated in 100 draws.
    assert np.square(after).mean() == pytest.approx((old**2 + new**2).mean(), rel=0.15)


def test_refit_and_extension_does_both():
    frame, y, _ = extended_people()
    found = update(bent(), frame, y, rung="refit_and_extension")
    assert found.features == (*NAMES, "visits")
    assert np.ptp(found.term("visits").values) > 2.0


def test_columns_may_stand_in_any_order():
    frame, y, _ = extended_people(800)
    a = update(bent(), frame, y, rung="extension")
    b = update(bent(), frame[["visits", "debt", "age", "priors"]], y, rung="extension")
    assert a == b


def test_an_extension_without_new_features_is_refused():
    x, y, _ = transport(300, 12)
    with pytest.raises(ModelError, match="new features"):
        update(bent(), x, y, rung="extension")


# -- risk models -------------------------------------------------------------------------------


SOURCE = Provenance(data_set="new people", command="update", made_on="2025-05-01")


@pytest.mark.parametrize("rung", ["none", "in_the_large", "logistic", "refit"])
def test_an_updated_risk_model_reproduces_its_golden_vectors(model, rung):
    frame, y = cohort(600, seed=3)
    found = update(model, frame, y, rung=rung, provenance=SOURCE)
    assert isinstance(found, RiskModel)
    assert found.differences() == []
    assert len(found.golden) >= 50


def test_a_recalibration_keeps_the_record_of_the_training(model):
    frame, y = cohort(600, seed=3)
    found = update(model, frame, y, rung="logistic", provenance=SOURCE)
    assert found.training == model.training
    assert found.program.support == model.program.support
    assert found.provenance["calibration"] == SOURCE
    assert found.performance is None


def test_a_refit_records_the_new_people(model):
    frame, y = cohort(600, seed=3)
    found = update(model, frame, y, rung="refit", provenance=SOURCE)
    assert (found.training.n, found.training.events) == (600, int(y.sum()))
    assert found.provenance == {"*": SOURCE, "before the update": model.provenance["*"]}
    old, new = model.program.support, found.program.support
    assert (new.rules, new.required) == (old.rules, old.required)
    assert new.ranges != old.ranges


def test_a_new_feature_of_a_risk_model_needs_its_sensitivity_and_waiver(model):
    frame, y = cohort(600, seed=3)
    frame["visits"] = np.random.default_rng(0).normal(size=600)
    with pytest.raises(ModelError, match="visits is not declared"):
        update(model, frame, y, rung="extension")
    proxy = {"visits": "proxy"}
    with pytest.raises(ModelError, match="waiver"):
        update(model, frame, y, rung="extension", sensitivity=proxy)
    waiver = msgspec.structs.replace(model.waivers[0], feature="visits", sensitivity="proxy")
    found = update(model, frame, y, rung="extension", sensitivity=proxy, waivers=[waiver])
    assert found.sensitive["visits"] == "proxy"
    assert waiver in found.waivers
    assert found.differences() == []


def test_a_feature_that_nobody_of_the_new_people_has_is_not_refitted(model):
    frame, y = cohort(600, seed=3)
    frame["debt_eur"] = np.nan
    with pytest.raises(ModelError, match="debt_eur is unknown for everyone"):
        update(model, frame, y, rung="refit")


def test_an_unknown_rung_is_refused():
    x, y, _ = transport(300, 12)
    with pytest.raises(ModelError, match="in_the_large"):
        update(bent(), x, y, rung="retrain")
