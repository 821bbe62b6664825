"""One small fitted model and its bundle, made once."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from risicoscreener.models import (
    Bundle,
    HistoryEntry,
    PopulationRule,
    Provenance,
    RiskModel,
    SplineLogisticClassifier,
    Texts,
    Waiver,
    fit_risk_model,
)

TEXTS = Texts(nl="tekst", en="text")
DEFINITIONS = {"age_years": "a1", "priors": "b2", "debt_eur": "c3", "postcode_income": "d4"}
WAIVER = Waiver(
    feature="postcode_income",
    sensitivity="proxy",
    reason="needed to show the effect of leaving it out",
    granted_by="ethics board",
    granted_on=date(2025, 1, 2),
)


def cohort(n: int = 800, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """People with four features, some unknown, and a known risk."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(18, 70, n)
    priors = rng.poisson(2.0, n).astype(float)
    debt = np.exp(rng.normal(8, 1, n))
    income = rng.normal(0, 1, n)
    lp = -1.0 - 0.03 * (age - 35) + 0.25 * priors + 0.3 * np.log(debt / 3000)
    y = (rng.random(n) < 1 / (1 + np.exp(-lp))).astype(float)
    debt[rng.random(n) < 0.1] = np.nan
    frame = pd.DataFrame(
        {"age_years": age, "priors": priors, "debt_eur": debt, "postcode_income": income}
    )
    return frame, y


def settings(**changes: Any) -> dict[str, Any]:
    """Arguments of `fit_risk_model` that a test does not care about."""
    base: dict[str, Any] = {
        "name": "any_2y",
        "outcome": TEXTS,
        "horizon_days": 730,
        "population": TEXTS,
        "title": TEXTS,
        "description": TEXTS,
        "sensitivity": {
            "age_years": "allowed",
            "priors": "allowed",
            "debt_eur": "allowed",
            "postcode_income": "proxy",
        },
        "waivers": [WAIVER],
        "provenance": Provenance(data_set="made up", command="fit", made_on=date(2025, 1, 3)),
        "synthetic": True,
        "population_rules": [PopulationRule("age_years", minimum=18.0)],
        "required": ["priors"],
        "estimator": SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1),
        "folds": 5,
    }
    return base | changes


@pytest.fixture(scope="session")
def model() -> RiskModel:
    frame, y = cohort()
    return fit_risk_model(frame, y, **settings(definitions=DEFINITIONS))


@pytest.fixture(scope="session")
def bundle(model: RiskModel) -> Bundle:
    return Bundle.create(
        id="test-1",
        models=[model, msgspec.structs.replace(model, name="violence_2y")],
        owner="model owner",
        created=date(2025, 2, 1),
        review_on=date(2026, 2, 1),
        library_version="0.1.0",
        definitions=DEFINITIONS | {"shoe_size": "e5"},
        history=[HistoryEntry(on=date(2025, 2, 1), action="fitted", by="analyst")],
    )
