"""The solver of the penalised fits, held against R (see tests/oracles for the scripts)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from risicoscreener.models.estimators.groups import Groups
from risicoscreener.models.estimators.penalised import (
    Bounds,
    Fit,
    Sample,
    covariance_factor,
    fit_penalised,
)

ORACLES = Path(__file__).parents[2] / "oracles"
PENALISED = json.loads((ORACLES / "penalised" / "expected.json").read_text("utf-8"))
ELASTIC_NET = json.loads((ORACLES / "elastic_net" / "expected.json").read_text("utf-8"))
SIZE = 9


def people(topic: str, *, weighted: bool) -> Sample:
    frame = pd.read_csv(ORACLES / topic / "people.csv")
    design = np.column_stack([np.ones(len(frame)), frame.drop(columns=["y", "weight"])])
    weight = frame["weight"].to_numpy() if weighted else np.ones(len(frame))
    return Sample(design, frame["y"].to_numpy(dtype=float), weight)


def covariance(fit: Fit, penalty: np.ndarray) -> np.ndarray:
    factor = covariance_factor(fit.information, penalty)
    return factor @ factor.T


# -- without penalty, and with a quadratic one ------------------------------------------------


@pytest.mark.parametrize("name", ["glm", "glm_weighted"])
def test_without_penalty_it_is_the_glm_of_r_with_its_covariance_and_deviance(name: str) -> None:
    sample = people("penalised", weighted=name == "glm_weighted")
    none = np.zeros((SIZE, SIZE))
    fit = fit_penalised(sample, none, Bounds.none(SIZE), tolerance=1e-14)
    expected = PENALISED[name]
    assert fit.coefficients == pytest.approx(np.array(expected["coefficients"]), abs=1e-8)
    assert covariance(fit, none) == pytest.approx(np.array(expected["covariance"]), abs=1e-8)
    assert 2 * sample.deviance(fit.coefficients) == pytest.approx(expected["deviance"], abs=1e-8)


def matrices() -> dict[str, np.ndarray]:
    bend = np.diff(np.eye(SIZE - 1), axis=0)
    ridge = np.zeros((SIZE, SIZE))
    ridge[1:, 1:] = np.eye(SIZE - 1)
    both = ridge.copy()
    both[1:, 1:] += 4 * bend.T @ bend
    return {"ridge": ridge, "ridge_and_bend": both}


@pytest.mark.parametrize("name", ["ridge", "ridge_and_bend"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_with_a_quadratic_penalty_it_is_lrm_of_rms_with_its_covariance(
    name: str, position: int
) -> None:
    expected = PENALISED[name][position]
    penalty = expected["penalty"] * matrices()[name]
    sample = people("penalised", weighted=False)
    fit = fit_penalised(sample, penalty, Bounds.none(SIZE), tolerance=1e-14)
    assert fit.coefficients == pytest.approx(np.array(expected["coefficients"]), abs=1e-8)
    assert covariance(fit, penalty) == pytest.approx(np.array(expected["covariance"]), abs=1e-8)


# -- the elastic net -----------------------------------------------------------------------------


def elastic_net(case: dict[str, Any]) -> Fit:
    """Ours; glmnet divides the loss by the sum of the weights, so its penalty is multiplied."""
    sample = people("elastic_net", weighted=case["weighted"])
    total = sample.weight.sum() * case["lambda"]
    penalised = np.array([0.0, *[1.0] * (SIZE - 1)])
    lower = np.where((penalised > 0) & case["non_negative"], 0.0, -np.inf)
    return fit_penalised(
        sample,
        np.diag(total * (1.0 - case["alpha"]) * penalised),
        Bounds(lower, np.full(SIZE, np.inf)),
        tolerance=1e-14,
        groups=Groups(np.arange(SIZE), np.ones(SIZE), total * case["alpha"] * penalised),
    )


def named(case: dict[str, Any]) -> str:
    weights = "weighted" if case["weighted"] else "plain"
    bound = "-bounded" if case["non_negative"] else ""
    return f"alpha={case['alpha']}-lambda={case['lambda']}-{weights}{bound}"


@pytest.mark.parametrize("case", ELASTIC_NET["fits"], ids=named)
def test_the_elastic_net_is_that_of_glmnet_with_the_same_zeros(case: dict[str, Any]) -> None:
    expected = np.array(case["coefficients"])
    found = elastic_net(case).coefficients
    assert found == pytest.approx(expected, abs=1e-8)
    assert (found == 0).tolist() == (expected == 0).tolist()


def test_the_stored_cases_hold_coefficients_of_zero() -> None:
    zeros = [np.count_nonzero(np.array(case["coefficients"]) == 0) for case in ELASTIC_NET["fits"]]
    assert max(zeros) == 7
    assert sum(count > 0 for count in zeros) >= 8
