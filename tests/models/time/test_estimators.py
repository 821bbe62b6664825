"""What holds for every survival estimator."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from models.time.people import people
from risicoscreener.errors import ModelError
from risicoscreener.models.time import (
    CauseSpecificCox,
    DiscreteTimeHazard,
    SubdistributionHazard,
    TimeToEvent,
    brier_at,
    recalibrated,
)

FIXED = {"shrinkage": 1.0, "smoothness": 0.03}
GROUP = people(600)
ALONE = people(600, 1, competing=False)
KINDS = {
    "cox": CauseSpecificCox(**FIXED),
    "cox, product limit": CauseSpecificCox(survival="product_limit", **FIXED),
    "fine and gray": SubdistributionHazard(**FIXED),
    "cloglog": DiscreteTimeHazard(**FIXED),
    "logit": DiscreteTimeHazard(link="logit", **FIXED),
}
WITH_ALL_CAUSES = [name for name in KINDS if name != "fine and gray"]
LOWERS = {
    "cox": (KINDS["cox"], ALONE),
    "cloglog": (KINDS["cloglog"], ALONE),
    "fine and gray": (KINDS["fine and gray"], GROUP),
    "fine and gray, one cause": (KINDS["fine and gray"], ALONE),
}
NAMES = ["age", "woman", "debt"]
HORIZONS = st.lists(st.floats(0, 900), min_size=1, max_size=6)
FITTED = {name: clone(model).fit(GROUP.x, GROUP.y) for name, model in KINDS.items()}
EVERY = pytest.mark.parametrize("name", KINDS)


@pytest.mark.parametrize("name", WITH_ALL_CAUSES)
@settings(max_examples=25, deadline=None)
@given(HORIZONS)
def test_incidences_of_all_causes_and_survival_add_up_to_1(name, horizons):
    model = FITTED[name]
    total = model.predict_survival(GROUP.x, horizons)
    for cause in model.causes_:
        total = total + model.predict_cumulative_incidence(GROUP.x, horizons, cause)
    np.testing.assert_allclose(total, 1.0, atol=1e-10)


@EVERY
@settings(max_examples=25, deadline=None)
@given(HORIZONS)
def test_incidence_does_not_fall_with_the_horizon(name, horizons):
    found = FITTED[name].predict_cumulative_incidence(GROUP.x, sorted(horizons))
    assert (np.diff(found, axis=1) >= -1e-12).all()
    assert ((found >= 0) & (found <= 1)).all()


@EVERY
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1000))
def test_a_person_of_weight_2_is_two_persons(name, seed):
    weight = np.random.default_rng(seed).integers(0, 4, len(GROUP.x))
    twice = np.repeat(np.arange(len(weight)), weight)
    # a quantile that falls between two persons may differ, so knots are given
    model = clone(KINDS[name]).set_params(knots=[[-0.8, 0, 0.8], [0, 1], [-1, 0, 1]])
    a = clone(model).fit(GROUP.x, GROUP.y, sample_weight=weight)
    b = clone(model).fit(GROUP.x[twice], GROUP.y[twice])
    horizon = min(500, a.longest_follow_up_)
    first, second = (m.predict_cumulative_incidence(GROUP.x, [horizon]) for m in (a, b))
    np.testing.assert_allclose(first, second, rtol=1e-7)


@EVERY
def test_the_order_of_people_does_not_matter(name):
    order = np.random.default_rng(0).permutation(len(GROUP.x))
    model = clone(KINDS[name]).set_params(shrinkage=None)
    a = clone(model).fit(GROUP.x, GROUP.y)
    b = clone(model).fit(GROUP.x[order], GROUP.y[order])
    assert a.hazards_[1].shrinkage == b.hazards_[1].shrinkage
    first, second = (m.predict_cumulative_incidence(GROUP.x, [500]) for m in (a, b))
    np.testing.assert_allclose(first, second, rtol=1e-8)


@EVERY
def test_it_comes_near_the_truth_at_every_horizon(name):
    group = people(6000, 2)
    model = clone(KINDS[name]).set_params(shrinkage=0.3).fit(group.x, group.y)
    horizons = [100, 365, 730]
    found = model.predict_cumulative_incidence(group.x, horizons)
    for column, horizon in enumerate(horizons):
        assert np.abs(found[:, column] - group.truth(horizon)).mean() < 0.03


@EVERY
def test_the_penalty_is_chosen_per_cause_by_what_was_held_out(name):
    model = clone(KINDS[name]).set_params(shrinkage=None, smoothness=None).fit(GROUP.x, GROUP.y)
    weak = clone(model).set_params(shrinkage=1e6, smoothness=0.0).fit(GROUP.x, GROUP.y)
    assert model.hazards_[1].shrinkage < 30
    assert model.score(GROUP.x, GROUP.y) > weak.score(GROUP.x, GROUP.y)
    if 2 in model.hazards_:
        assert model.hazards_[2].shrinkage >= model.hazards_[1].shrinkage


@EVERY
def test_directions_hold_for_the_event(name):
    noise = people(300, 7)
    x = np.column_stack([noise.x[:, 0], np.random.default_rng(0).normal(size=300), noise.x[:, 2]])
    loose = clone(KINDS[name]).set_params(shrinkage=0.01, smoothness=0.0)
    bound = clone(loose).set_params(monotone=[-1, 1, 0]).fit(x, noise.y)
    grid = np.zeros((50, 3))
    for feature, sign in ((0, -1), (1, 1)):
        at = grid.copy()
        at[:, feature] = np.linspace(-2, 2, 50)
        steps = np.diff(bound._log_hazard_ratio(at, bound.hazards_[1].coefficients))
        assert (sign * steps >= -1e-9).all()


@EVERY
def test_nothing_after_the_longest_follow_up_is_predicted(name):
    with pytest.raises(ModelError, match="longest follow-up is .* days. Ask a shorter"):
        FITTED[name].predict_cumulative_incidence(GROUP.x, [5000])
    at_the_end = FITTED[name].longest_follow_up_
    assert FITTED[name].predict_cumulative_incidence(GROUP.x[:1], at_the_end).shape == (1, 1)


@EVERY
def test_a_cause_that_was_never_seen_is_refused(name):
    with pytest.raises(ModelError, match="cause 3 has no hazard"):
        FITTED[name].predict_cumulative_incidence(GROUP.x, [100], cause=3)


@EVERY
def test_horizons_that_are_no_days_are_refused(name):
    with pytest.raises(ModelError, match="numbers of days"):
        FITTED[name].predict_cumulative_incidence(GROUP.x, [-1])


@EVERY
def test_without_any_event_there_is_no_hazard(name):
    with pytest.raises(ValueError, match="no event of cause 1"):
        clone(KINDS[name]).fit(GROUP.x, TimeToEvent(GROUP.y.time, GROUP.y.cause * 0))


@EVERY
def test_another_number_of_outcomes_than_rows_is_refused(name):
    with pytest.raises(ValueError, match="give one per person"):
        clone(KINDS[name]).fit(GROUP.x, GROUP.y[:5])


@EVERY
def test_parameters_can_be_read_set_and_cloned(name):
    model = KINDS[name]
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(ValueError, match="shrinkage"):
        clone(model).set_params(shrinkage=-1).fit(GROUP.x, GROUP.y)
    with pytest.raises(ValueError, match="terms"):
        clone(model).set_params(terms="cubic").fit(GROUP.x, GROUP.y)
    with pytest.raises(ValueError, match="level"):
        clone(model).set_params(level=1.0).fit(GROUP.x, GROUP.y)


@EVERY
def test_scikit_learn_validates_it_across_folds_and_searches_its_parameters(name):
    scores = cross_val_score(clone(KINDS[name]), GROUP.x, GROUP.y, cv=3)
    assert (scores > 0.55).all()
    search = GridSearchCV(clone(KINDS[name]), {"monotone": [[-1, -1, 0], [1, 1, 0]]}, cv=3)
    found = search.fit(GROUP.x, GROUP.y.to_structured())
    assert found.best_params_ == {"monotone": [1, 1, 0]}


@EVERY
def test_who_has_no_complete_follow_up_does_not_count(name):
    unseen = TimeToEvent(np.r_[GROUP.y.time, 0.0], np.r_[GROUP.y.cause, 0])
    model = clone(KINDS[name]).fit(np.vstack([GROUP.x, [9.0, 9.0, 9.0]]), unseen)
    found = model.predict_cumulative_incidence(GROUP.x, [300])
    np.testing.assert_allclose(
        found, FITTED[name].predict_cumulative_incidence(GROUP.x, [300]), rtol=1e-12
    )


# -- lowering ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOWERS)
@settings(max_examples=15, deadline=None)
@given(st.floats(20, 900))
def test_it_lowers_to_the_same_probabilities_at_any_horizon(name, horizon):
    group = LOWERS[name][1]
    fitted = FITTED[name] if group is GROUP else alone(name)
    program = fitted.lower(horizon, NAMES)
    assert program.link == "cloglog"
    expected = fitted.predict_cumulative_incidence(group.x, [horizon])[:, 0]
    np.testing.assert_allclose(
        program.score_many(group.x).probability, expected, atol=1e-12, rtol=0
    )
    assert program.score_one([np.nan] * 3)[0] > 0


_ALONE = {}


def alone(name):
    if name not in _ALONE:
        _ALONE[name] = clone(LOWERS[name][0]).fit(ALONE.x, ALONE.y)
    return _ALONE[name]


@pytest.mark.parametrize("name", LOWERS)
def test_its_contributions_add_up_with_mean_0_in_the_training_data(name):
    model, group = LOWERS[name]
    program = clone(model).fit(group.x, group.y).lower(365, NAMES)
    scores = program.score_many(group.x, contributions=True)
    np.testing.assert_allclose(scores.contributions.mean(axis=0), 0.0, atol=1e-10)


@pytest.mark.parametrize("name", LOWERS)
def test_its_interval_covers_the_truth(name):
    model, group = LOWERS[name]
    inside = []
    for seed in range(25):
        drawn = people(1000, 100 + seed, competing=group is GROUP)
        fitted = clone(model).set_params(terms="linear", shrinkage=0.01).fit(drawn.x, drawn.y)
        found = fitted.lower(400, NAMES).interval_many(drawn.x)
        truth = drawn.truth(400) if group is GROUP else -np.expm1(-400 * drawn.hazard)
        inside.append(((found.lower <= truth) & (truth <= found.upper)).mean())
    assert 0.90 <= np.mean(inside) <= 0.99


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cox", "use SubdistributionHazard"),
        ("cloglog", "use SubdistributionHazard"),
        ("logit", "use SubdistributionHazard"),
    ],
)
def test_with_competing_causes_it_says_what_lowers_instead(name, message):
    with pytest.raises(ModelError, match=message):
        FITTED[name].lower(365, NAMES)


def test_what_lowers_not_exactly_says_so():
    logit = clone(KINDS["logit"]).fit(ALONE.x, ALONE.y)
    with pytest.raises(ModelError, match="link='cloglog'"):
        logit.lower(365, NAMES)
    limit = clone(KINDS["cox, product limit"]).fit(ALONE.x, ALONE.y)
    with pytest.raises(ModelError, match="survival='exponential'"):
        limit.lower(365, NAMES)


def test_a_horizon_without_events_is_not_lowered():
    with pytest.raises(ModelError, match="no event was seen within 0 days"):
        FITTED["fine and gray"].lower(0.0, NAMES)


def test_names_come_from_the_frame_and_must_fit():
    frame = pd.DataFrame(GROUP.x, columns=NAMES)
    model = clone(KINDS["fine and gray"]).fit(frame, GROUP.y)
    assert model.lower(365).features == tuple(NAMES)
    with pytest.raises(ModelError, match="2 feature names were given for 3"):
        model.lower(365, ["a", "b"])


# -- calibration at a horizon --------------------------------------------------------------------


def crossing(n, seed):
    """People whose hazards are not proportional: the feature counts in the first 200 days only."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1))
    early = rng.exponential(1 / (np.exp(x[:, 0]) / 800))
    late = 200 + rng.exponential(800, n)
    first = np.where(early < 200, early, late)
    end = rng.uniform(100, 1200, n)
    return x, TimeToEvent(np.ceil(np.minimum(first, end)), (first <= end) * 1)


def test_calibration_at_a_horizon_repairs_hazards_that_are_not_proportional():
    x, y = crossing(4000, 0)
    new_x, new_y = crossing(8000, 1)
    model = SubdistributionHazard(terms="linear", shrinkage=0.01).fit(x, y)
    gains = {}
    for horizon in (150, 900):
        calibration = model.calibrate_at(horizon, x, y, folds=3)
        program = model.lower(horizon, ["x"], calibration=calibration)
        before = model.predict_cumulative_incidence(new_x, [horizon])[:, 0]
        after = program.score_many(new_x).probability
        np.testing.assert_allclose(after, recalibrated(before, calibration), atol=1e-12)
        gains[horizon] = brier_at(before, new_y, horizon) - brier_at(after, new_y, horizon)
        slope = calibration.slope
        assert slope > 1.1 if horizon == 150 else slope < 0.95
    assert all(gain > 0 for gain in gains.values())


def test_calibration_uses_predictions_of_fits_that_did_not_see_the_row():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 8))
    y = TimeToEvent(np.ceil(rng.exponential(300, 200)), np.ones(200))
    model = SubdistributionHazard(terms="linear", shrinkage=0.001).fit(x, y)
    assert model.calibrate_at(200, x, y).slope < 0.6  # the features mean nothing


def test_calibration_without_any_event_up_to_the_horizon_says_so():
    y = TimeToEvent(np.r_[np.full(20, 100.0), np.full(20, 90.0)], np.r_[np.ones(20), np.zeros(20)])
    model = SubdistributionHazard(shrinkage=1.0).fit(np.arange(40.0)[:, None], y)
    with pytest.raises(ModelError, match="no event within 50 days"):
        model.calibrate_at(50, np.arange(40.0)[:, None], y)
    with pytest.raises(ModelError, match="too few events"):
        model.calibrate_at(100, np.arange(40.0)[:, None], TimeToEvent(y.time, y.cause * 0))
