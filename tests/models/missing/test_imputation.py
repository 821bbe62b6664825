"""Multiple imputation fills in what is merely unknown, and keeps estimates unbiased."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.imputation.mice import MICEData

from risicoscreener.errors import ModelError
from risicoscreener.models.missing import (
    Condition,
    MissingPolicy,
    MissingRule,
    multiple_imputation,
    pool,
)


def related(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Three features, and an outcome with slopes 1, 0.5 and 0."""
    a = rng.normal(size=n)
    b = 0.6 * a + 0.8 * rng.normal(size=n)
    c = rng.poisson(2.0, n).astype(float)
    return pd.DataFrame({"a": a, "b": b, "c": c}), a + 0.5 * b + rng.normal(size=n)


def at_random(frame: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """``a`` is missing more often where the outcome is high (a third); ``c`` at random."""
    found = frame.copy()
    found.loc[rng.random(len(y)) < 1 / (1 + np.exp(0.7 - 0.7 * y)), "a"] = np.nan
    found.loc[rng.random(len(y)) < 0.2, "c"] = np.nan
    return found


def slopes(frames: list[pd.DataFrame], y: np.ndarray):
    fits = [sm.OLS(y, sm.add_constant(frame)).fit() for frame in frames]
    return pool(
        [f.params.to_numpy() for f in fits],
        [f.cov_params().to_numpy() for f in fits],
        complete_degrees_of_freedom=len(y) - 4,
    )


def test_known_values_stay_and_filled_in_values_are_values_that_occur():
    rng = np.random.default_rng(0)
    frame, y = related(300, rng)
    holes = at_random(frame, y, rng)
    found = multiple_imputation(holes, outcome=y, m=3, iterations=3)
    assert len(found) == 3
    for completed in found.frames:
        assert not completed.isna().any().any()
        known = holes.notna()
        assert (completed.where(known) == holes.where(known))[known].stack().all()
        assert set(completed["c"]) <= set(holes["c"].dropna())
    assert (found.frames[0]["a"] != found.frames[1]["a"]).any()
    np.testing.assert_array_equal(found.imputed, holes.isna())


TRUTH = np.array([0.0, 1.0, 0.5, 0.0])


def test_intervals_cover_where_features_are_normal():
    covered = []
    for seed in range(80):
        rng = np.random.default_rng(seed)
        frame, y = related(300, rng)
        holes = at_random(frame, y, rng)
        found = multiple_imputation(
            holes, outcome=y, m=8, iterations=5, seed=seed, method={"a": "normal"}
        )
        intervals = slopes(list(found.frames), y).intervals()
        covered.append((intervals[:, 0] <= TRUTH) & (TRUTH <= intervals[:, 1]))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def test_the_bias_of_complete_cases_is_nearly_gone():
    ours, complete = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        frame, y = related(300, rng)
        holes = at_random(frame, y, rng)
        found = multiple_imputation(holes, outcome=y, m=5, iterations=5, seed=seed)
        ours.append(slopes(list(found.frames), y).estimate - TRUTH)
        known = holes.notna().all(axis=1)
        fit = sm.OLS(y[known], sm.add_constant(holes[known])).fit()
        complete.append(fit.params.to_numpy() - TRUTH)
    bias, before = np.abs(np.mean(ours, axis=0)), np.abs(np.mean(complete, axis=0))
    assert bias[:3].max() < 0.06
    assert before[0] > 0.2


def test_the_answer_is_that_of_statsmodels_but_for_simulation():
    rng = np.random.default_rng(1)
    frame, y = related(800, rng)
    holes = at_random(frame, y, rng)
    ours = slopes(list(multiple_imputation(holes, outcome=y, m=20).frames), y)
    state = np.random.get_state()
    np.random.seed(0)  # statsmodels draws from the global generator
    theirs = MICEData(holes.assign(y=y), k_pmm=5)
    theirs.update_all(10)
    frames = []
    for _ in range(20):
        theirs.update_all(3)
        frames.append(theirs.data[["a", "b", "c"]].copy())
    np.random.set_state(state)
    other = slopes(frames, y)
    np.testing.assert_allclose(ours.estimate, other.estimate, atol=0.04)
    np.testing.assert_allclose(ours.standard_error, other.standard_error, rtol=0.25)


def test_what_is_not_applicable_is_never_filled_in():
    rng = np.random.default_rng(2)
    n = 300
    priors = rng.poisson(1.0, n).astype(float)
    days = np.where(priors > 0, 1000.0 / (priors + 1.0) + rng.normal(0, 10, n), np.nan)
    hidden = rng.random(n) < 0.2
    frame = pd.DataFrame({"priors": priors, "days": np.where(hidden, np.nan, days)})
    policy = MissingPolicy((MissingRule("days", "not_applicable", Condition("priors", high=0.0)),))
    found = multiple_imputation(frame, outcome=priors > 1, m=3, policy=policy)
    for completed in found.frames:
        np.testing.assert_array_equal(completed["days"].isna(), priors == 0)
        lost = hidden & (priors > 0)
        assert np.corrcoef(completed["days"][lost], days[lost])[0, 1] > 0.8


def test_values_that_do_not_exist_do_not_bend_the_relation_with_others():
    rng = np.random.default_rng(3)
    n = 2000
    other = rng.normal(size=n)
    exists = rng.random(n) < 0.5
    size = np.where(exists, 3.0 * other + 0.1 * rng.normal(size=n), np.nan)
    hidden = exists & (rng.random(n) < 0.3)
    frame = pd.DataFrame(
        {"exists": exists.astype(float), "size": np.where(hidden, np.nan, size), "other": other}
    )
    policy = MissingPolicy((MissingRule("size", "not_applicable", Condition("exists", high=0.0)),))
    found = multiple_imputation(frame, outcome=None, m=2, policy=policy).frames[0]
    assert np.abs(found["size"][hidden] - size[hidden]).mean() < 0.3


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does():
    rng = np.random.default_rng(4)
    frame, y = related(200, rng)
    holes = at_random(frame, y, rng)
    order = rng.permutation(200)
    one = multiple_imputation(holes, outcome=y, m=2, iterations=2, seed=1)
    mixed = multiple_imputation(holes.iloc[order], outcome=y[order], m=2, iterations=2, seed=1)
    pd.testing.assert_frame_equal(mixed.frames[1].sort_index(), one.frames[1])
    other = multiple_imputation(holes, outcome=y, m=2, iterations=2, seed=2)
    assert not other.frames[0].equals(one.frames[0])


def test_the_chains_can_be_looked_at():
    rng = np.random.default_rng(5)
    frame, y = related(200, rng)
    holes = at_random(frame, y, rng)
    found = multiple_imputation(holes, outcome=y, m=3, iterations=4)
    assert found.means.shape == (3, 4, 3)
    filled = found.frames[2]["a"][found.imputed["a"]]
    assert found.means[2, -1, 0] == pytest.approx(filled.mean())
    assert np.isnan(found.means[:, :, 1]).all()


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        ({"a": ["x"] * 50}, {}, "columns a are not numeric"),
        ({"a": [1.0] * 5 + [np.nan] * 45}, {}, "of a too few values are known"),
        ({"a": [np.inf] * 50}, {}, "infinite"),
        ({}, {"m": 1}, "at least 2"),
        ({}, {"outcome": [1.0]}, "outcome must hold"),
        ({}, {"method": "mean"}, "method is"),
        ({}, {"method": {"z": "normal"}}, "method is"),
    ],
)
def test_bad_input_is_refused(change, options, match):
    frame = pd.DataFrame({"a": np.arange(50.0), "b": np.arange(50.0)}).assign(**change)
    with pytest.raises(ModelError, match=match):
        multiple_imputation(frame, **({"outcome": np.zeros(50)} | options))
