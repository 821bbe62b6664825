"""Rubin's rules and exact intervals are those of R (``tests/oracles/missing/make.R``)."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cases import ROOT
from risicoscreener.models.missing import pool
from risicoscreener.models.uncertainty import conformal_bands

FOLDER = ROOT / "tests" / "oracles" / "missing"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))


def completed() -> list[pd.DataFrame]:
    """The people with the values that R filled in."""
    people = pd.read_csv(FOLDER / "people.csv")
    filled = {name: np.array(values) for name, values in EXPECTED["imputed"].items()}
    frames = []
    for i in range(filled["a"].shape[1]):
        frame = people.copy()
        for name, values in filled.items():
            frame.loc[frame[name].isna(), name] = values[:, i]
        frames.append(frame)
    return frames


def test_pooled_coefficients_and_covariance_are_those_of_hmisc():
    fits = []
    for frame in completed():
        design = sm.add_constant(frame[["a", "b", "c"]])
        glm = sm.GLM(frame["y"], design, family=sm.families.Binomial())
        fits.append(glm.fit(tol=1e-14, maxiter=100))
    found = pool([f.params for f in fits], [f.cov_params() for f in fits])
    np.testing.assert_allclose(found.estimate, EXPECTED["coefficients"], atol=1e-8)
    np.testing.assert_allclose(found.covariance, EXPECTED["covariance"], atol=1e-8)


@pytest.mark.parametrize("case", range(4))
def test_the_interval_of_a_bin_is_that_of_binom_test(case):
    answers = EXPECTED["binomial"]
    n, events = answers["n"][case], answers["events"][case]
    y = np.arange(n) < events
    found = conformal_bands(np.full(n, 0.4), y, cut_offs=(0.5,), alpha=0.1, bins=1).strata[0]
    assert found.lower[0] == pytest.approx(answers["lower"][case], abs=1e-8)
    assert found.upper[0] == pytest.approx(answers["upper"][case], abs=1e-8)
