"""The hazard in intervals against written-out rows of persons and periods."""

import numpy as np
import pytest
import statsmodels.api as sm

from models.time.people import people
from risicoscreener.models.time import DiscreteTimeHazard, TimeToEvent
from risicoscreener.models.time.person_period import Periods, PersonPeriods

GROUP = people(400, unknown=0.0, competing=False)
X = GROUP.x[:, :2]
EDGES = [0.0, 100.0, 250.0, 500.0, 1000.0]


def whole_intervals() -> TimeToEvent:
    """Follow-up that ends with an interval."""
    edges = np.array(EDGES)
    return TimeToEvent(edges[np.searchsorted(edges, GROUP.y.time)], GROUP.y.cause)


def written_out(y):
    """A row per person and interval: interval, person, event."""
    rows = [
        (j, i, y.cause[i] == 1 and y.time[i] == end)
        for i in range(len(y))
        for j, end in enumerate(EDGES[1:])
        if end <= y.time[i]
    ]
    return np.array(rows, dtype=int).T


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_coefficients_are_those_of_a_regression_on_written_out_rows(link):
    y = whole_intervals()
    period, person, event = written_out(y)
    design = np.hstack([np.eye(len(EDGES) - 1)[period], X[person]])
    family = sm.families.Binomial(
        sm.families.links.CLogLog() if link == "cloglog" else sm.families.links.Logit()
    )
    expected = sm.GLM(event, design, family=family).fit(tol=1e-13, maxiter=100)
    model = DiscreteTimeHazard(
        link=link, interval_days=EDGES, baseline_smoothness=0, terms="linear", shrinkage=0
    ).fit(X, y)
    found = model.hazards_[1].coefficients[::2] / np.ptp(X, axis=0)
    np.testing.assert_allclose(found, expected.params[-2:], rtol=1e-7)
    hazard = model.hazards_[1].extra - X.mean(axis=0) @ found
    np.testing.assert_allclose(hazard, expected.params[:-2], rtol=1e-7)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_gradient_and_hessian_are_the_derivatives_of_the_deviance(link):
    y = GROUP.y
    rng = np.random.default_rng(1)
    periods = PersonPeriods(
        X, y.time, y.cause == 1, rng.uniform(0.5, 2, len(y)), Periods(np.array(EDGES)), link
    )
    b = np.r_[0.3, -0.2, -2.0, -1.5, -1.0, -2.5]
    gradient, hessian = periods.expansion(b)
    step = 1e-5 * np.eye(len(b))
    numeric = [(periods.deviance(b + h) - periods.deviance(b - h)) / 2e-5 for h in step]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-6)
    bent = [(periods.expansion(b + h)[0] - periods.expansion(b - h)[0]) / 2e-5 for h in step]
    np.testing.assert_allclose(hessian, bent, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_an_end_within_an_interval_counts_by_its_share_and_biases_nothing(link):
    group = people(20_000, 5, unknown=0.0)
    model = DiscreteTimeHazard(link=link, interval_days=60.0, shrinkage=0.1, smoothness=0.0)
    found = model.fit(group.x, group.y).predict_cumulative_incidence(group.x, [100, 365, 800])
    for column, horizon in enumerate([100, 365, 800]):
        assert found[:, column].mean() == pytest.approx(group.truth(horizon).mean(), abs=0.01)


def test_a_smooth_baseline_fills_an_interval_without_events():
    time = np.r_[np.full(50, 10.0), np.full(50, 110.0), np.full(100, 150.0)]
    y = TimeToEvent(time, np.r_[np.ones(100), np.zeros(100)])
    model = DiscreteTimeHazard(interval_days=[0, 50, 100, 150], shrinkage=1, smoothness=0)
    model.fit(np.zeros((200, 1)), y)
    assert np.isfinite(model.hazards_[1].extra).all()
    assert model.hazards_[1].extra[1] < model.hazards_[1].extra.max()


@pytest.mark.parametrize(
    ("intervals", "message"),
    [
        (0.0, "days above 0"),
        ([0.0, 100.0], "at least"),
        ([5.0, 2000.0], "from 0"),
        ([0, 9, 9, 2000], "ascend"),
    ],
)
def test_intervals_that_do_not_cover_the_follow_up_are_refused(intervals, message):
    with pytest.raises(ValueError, match=message):
        DiscreteTimeHazard(interval_days=intervals).fit(X, GROUP.y)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"link": "probit"}, "cloglog"), ({"baseline_smoothness": -1}, "smoothness")],
)
def test_parameters_that_make_no_sense_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        DiscreteTimeHazard(**change).fit(X, GROUP.y)
