"""Base rates and models of rare events."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import logit
from scipy.stats import beta, binomtest

import rare_events
from risicoscreener.errors import ModelError
from risicoscreener.models.estimators import SplineLogisticClassifier
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.terms import PairTerm, Term
from risicoscreener.models.time import (
    RareEventModel,
    base_rate,
    exact_interval,
    exact_rate_interval,
)
from risicoscreener.models.time.rare import LogF

SAMPLE = rare_events.draw(np.random.default_rng(0), 30, 2.0)
NAMES = ["a", "b"]


def fitted(**options):
    groups = options.pop("groups", SAMPLE.person)
    return RareEventModel(**options).fit(SAMPLE.x, SAMPLE.y, groups=groups)


# -- the base rate -------------------------------------------------------------------------------


def test_without_clusters_the_interval_is_exact():
    y = np.r_[np.ones(3), np.zeros(197)]
    found, expected = base_rate(y), binomtest(3, 200).proportion_ci(method="exact")
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high), rel=1e-10)
    assert (found.events, found.exposures, found.design_effect) == (3, 200, 1)


def test_no_event_gives_an_upper_bound_and_an_estimate_above_0():
    found = base_rate(np.zeros(100))
    assert found.lower == 0
    assert found.upper == pytest.approx(1 - 0.025**0.01, rel=1e-10)
    assert 0 < found.estimate < found.upper
    assert exact_interval(0, 100)[0] == 0
    assert exact_interval(100, 100)[1] == 1


def test_events_of_one_person_count_for_less():
    y = np.zeros(400)
    y[:8] = 1
    person = np.arange(400) // 8
    together, apart = base_rate(y, person), base_rate(y, np.arange(400))
    assert together.design_effect > 5
    assert together.upper > apart.upper
    assert together.lower < apart.lower
    assert together.estimate == apart.estimate


def test_the_effective_number_follows_korn_and_graubard():
    from scipy.stats import norm, t

    y, person = SAMPLE.y, SAMPLE.person
    found = base_rate(y, person)
    n, rate = len(y), y.mean()
    sums = np.bincount(person, y - rate)
    variance = len(sums) / (len(sums) - 1) * (sums @ sums) / n**2
    effect = variance / (rate * (1 - rate) / n)
    effective = n / effect * (norm.ppf(0.975) / t.ppf(0.975, len(sums) - 1)) ** 2
    k = rate * effective
    assert found.design_effect == pytest.approx(effect)
    assert found.lower == pytest.approx(beta.ppf(0.025, k, effective - k + 1))
    assert found.upper == pytest.approx(beta.ppf(0.975, k + 1, effective - k))


def test_the_interval_of_a_rate_in_time_is_that_of_garwood():
    from scipy.stats import chi2

    low, high = exact_rate_interval(4, 200.0)
    assert (low, high) == pytest.approx((chi2.ppf(0.025, 8) / 400, chi2.ppf(0.975, 10) / 400))
    assert exact_rate_interval(0, 200.0) == pytest.approx((0, -np.log(0.025) / 200))


@pytest.mark.parametrize(
    ("y", "groups", "message"),
    [([], None, "0 or 1"), ([0.0, 2.0], None, "0 or 1"), ([0, 1], [1], "groups has 1 rows; 2")],
)
def test_a_base_rate_needs_outcomes_and_their_persons(y, groups, message):
    with pytest.raises(ModelError, match=message):
        base_rate(y, groups)


# -- the model -----------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"program": rare_events.long_horizon()}])
def test_the_mean_probability_is_the_observed_rate(options):
    model = fitted(**options)
    assert model.predict_proba(SAMPLE.x)[:, 1].mean() == pytest.approx(SAMPLE.y.mean(), rel=1e-8)


def test_the_log_f_prior_is_that_of_added_records():
    # Greenland and Mansournia 2015: per coefficient m/2 events and m/2 others with its column 1
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(200), rng.normal(size=(200, 2))])
    y = (rng.random(200) < 0.05).astype(float)
    m = 3.0
    rows = np.vstack([x, *(np.eye(3)[[k, k]] for k in (1, 2))])
    outcome = np.r_[y, 1, 0, 1, 0]
    weight = np.r_[np.ones(200), np.full(4, m / 2)]
    expected = sm.GLM(outcome, rows, family=sm.families.Binomial(), freq_weights=weight).fit(
        tol=1e-13
    )
    prior = LogF(x, y, np.ones(200), np.zeros(200), np.array([0, m, m]))
    gradient, hessian = prior.expansion(expected.params)
    np.testing.assert_allclose(gradient, 0.0, atol=1e-8)
    np.testing.assert_allclose(np.linalg.inv(hessian), expected.cov_params(), rtol=1e-8)


def test_a_strong_prior_leaves_the_base_rate():
    p = fitted(prior_strength=1e9).predict_proba(SAMPLE.x)[:, 1]
    np.testing.assert_allclose(p, SAMPLE.y.mean(), rtol=1e-3)


def test_a_strong_prior_leaves_the_score_with_slope_1():
    program = rare_events.long_horizon()
    model = fitted(program=program, prior_strength=1e9)
    assert model.slope_ == pytest.approx(1.0, abs=1e-3)
    gap = logit(model.predict_proba(SAMPLE.x)[:, 1]) - program.score_many(SAMPLE.x).linear_predictor
    assert np.ptp(gap) < 1e-2


def test_data_move_the_slope_of_a_score_that_is_too_steep():
    many = rare_events.draw(np.random.default_rng(1), 800, 0.0)
    model = RareEventModel(program=rare_events.long_horizon()).fit(many.x, many.y)
    assert model.slope_ == pytest.approx(1 / rare_events.STEEPNESS, abs=0.15)


def test_own_terms_find_what_the_score_does_not_hold():
    many = rare_events.draw(np.random.default_rng(1), 800, 0.0)
    blind = rare_events.long_horizon()
    flat = Term("b", (-2.0, 2.0), (0.0, 0.0), missing=0.0)
    program = ScoringProgram(intercept=-0.5, terms=(blind.terms[0], flat))
    model = RareEventModel(program=program, own_terms=True).fit(many.x, many.y)
    lowered = model.lower(NAMES).term("b")
    assert lowered.values[1] - lowered.values[0] == pytest.approx(
        4 * rare_events.SLOPES[1], abs=0.5
    )


def test_a_slope_does_not_turn_the_order_of_a_score():
    program = rare_events.long_horizon()
    turned = -program.score_many(SAMPLE.x).linear_predictor
    y = (turned >= np.sort(turned)[-40]).astype(float)
    model = RareEventModel(program=program).fit(SAMPLE.x, y)
    assert model.slope_ == pytest.approx(0.05)


def long_horizon_fit():
    many = rare_events.draw(np.random.default_rng(5), 800, 0.0)
    x = many.x.copy()
    x[::9, 0] = np.nan
    return SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1).fit(x, many.y).lower(NAMES)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"knots": 4},
        {"program": rare_events.long_horizon()},
        {"program": long_horizon_fit()},
        {"program": long_horizon_fit(), "own_terms": True},
    ],
)
def test_it_lowers_to_the_same_probabilities(options):
    model = fitted(**options)
    x = np.vstack([SAMPLE.x, [[np.nan, 0.0], [5.0, np.nan], [-5.0, 5.0]]])
    program = model.lower(NAMES)
    expected = model.predict_proba(x)[:, 1]
    np.testing.assert_allclose(program.score_many(x).probability, expected, atol=1e-12, rtol=0)
    assert program.interval_one([0.1, 0.2]) is not None


def test_the_doubt_about_the_score_is_in_the_interval():
    program = long_horizon_fit()
    import msgspec

    certain = msgspec.structs.replace(program, uncertainty=None)
    doubtful, sure = (
        fitted(program=p).lower(NAMES).interval_many(SAMPLE.x).standard_error
        for p in (program, certain)
    )
    assert (doubtful > sure).all()


def test_leaves_of_one_person_widen_the_interval():
    same = np.repeat(np.arange(len(SAMPLE.y) // 20 + 1), 20)[: len(SAMPLE.y)]
    y = np.zeros(len(same))
    y[:15], y[200:215] = 1, 1  # two persons have nearly all
    apart = RareEventModel().fit(SAMPLE.x, y)
    together = RareEventModel().fit(SAMPLE.x, y, groups=same)
    assert together.design_effect_ > 3
    a, b = (m.lower(NAMES).interval_one([0.0, 0.0]) for m in (apart, together))
    assert b.upper > a.upper
    assert b.lower < a.lower


@pytest.mark.parametrize("program", [None, rare_events.long_horizon()])
def test_without_any_event_the_interval_reaches_the_exact_bound_and_nobody_has_0(program):
    model = RareEventModel(program=program).fit(SAMPLE.x, np.zeros(len(SAMPLE.y)))
    lowered = model.lower(NAMES)
    p = lowered.score_many(SAMPLE.x).probability
    assert (p > 0).all()
    assert model.classes_.tolist() == [0, 1]
    if program is None:
        upper = lowered.interval_one([0.0, 0.0]).upper
        assert upper == pytest.approx(exact_interval(0, len(SAMPLE.y))[1], rel=1e-8)
        assert np.ptp(p) < 1e-15


def test_an_outcome_of_events_alone_is_no_rare_event():
    with pytest.raises(ValueError, match="one class"):
        RareEventModel().fit(SAMPLE.x, np.ones(len(SAMPLE.y)))


def test_directions_hold():
    model = RareEventModel(monotone={"a": -1, "b": 0}, knots=5)
    import pandas as pd

    values = model.fit(pd.DataFrame(SAMPLE.x, columns=NAMES), SAMPLE.y).lower().term("a").values
    assert (np.diff(values) <= 1e-12).all()


def test_a_program_that_cannot_be_continued_is_refused():
    jump = ScoringProgram(
        intercept=0.0,
        terms=(
            Term("a", (0.0, 0.0), (0.0, 1.0), missing=0.0),
            Term("b", (0.0, 1.0), (0.0, 1.0), missing=0.0),
        ),
    )
    with pytest.raises(ModelError, match="jump or a pair"):
        fitted(program=jump)
    pair = PairTerm("a", "b", (0.0,), (0.0,), ((0.0,) * 3,) * 3)
    plain = rare_events.long_horizon()
    with pytest.raises(ModelError, match="jump or a pair"):
        fitted(program=ScoringProgram(intercept=0.0, terms=plain.terms, pairs=(pair,)))
    with pytest.raises(ModelError, match="program has 2 features and X 1 columns"):
        RareEventModel(program=plain).fit(SAMPLE.x[:, :1], SAMPLE.y)


@pytest.mark.parametrize("change", [{"prior_strength": 0.0}, {"level": 1.0}])
def test_parameters_that_make_no_sense_are_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        fitted(**change)


@pytest.mark.parametrize("events", [5, 30])
def test_intervals_hold_the_true_probability_as_often_as_they_say(events):
    shares = np.array([rare_events.coverage(seed, events, 2.0) for seed in range(40)]).mean(axis=0)
    terms, score, base, _ = shares
    assert 0.92 <= terms <= 0.985
    assert min(score, base) >= 0.93
