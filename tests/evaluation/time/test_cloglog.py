"""A fit knows whether it has a maximum."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.evaluation.time.cloglog import fit_cloglog


@pytest.mark.parametrize("n", [20, 200])
def test_separated_outcomes_have_no_maximum(n):
    x = np.sort(np.random.default_rng(n).normal(size=n))
    outcome = (x > x[n // 2]).astype(float)
    columns = np.vstack([np.ones(n), x])
    assert not fit_cloglog(columns, outcome, np.ones(n)).determined
    outcome[0] = 1.0
    assert fit_cloglog(columns, outcome, np.ones(n)).determined


def test_rare_outcomes_have_one():
    rng = np.random.default_rng(1)
    x = rng.normal(size=50_000)
    outcome = (rng.random(50_000) < np.exp(-9 + x)).astype(float)
    found = fit_cloglog(np.vstack([np.ones(50_000), x]), outcome, np.ones(50_000))
    assert found.determined
    assert found.coefficients == pytest.approx([-9, 1], abs=0.8)
