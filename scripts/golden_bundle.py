"""Write a bundle with everything that format 2 can hold to tests/models/golden_bundles/.

    python scripts/golden_bundle.py

Once a format was released its file stays as it is: what this writes is of the present format, and
an older one is read for ever. The models are fitted on people who are made up here.
"""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from risicoscreener.instruments import Instrument
from risicoscreener.models import (
    Bundle,
    HistoryEntry,
    Provenance,
    RiskModel,
    SampleSizeWarning,
    Texts,
    TimeToEvent,
    fit_risk_model,
)
from risicoscreener.models.bundle_file import FORMAT_VERSION
from risicoscreener.models.kinds import EstimatorRecipe, make_estimator

FOLDER = Path(__file__).parent.parent / "tests" / "models" / "golden_bundles"
MADE_ON = dt.date(2026, 11, 29)
COMMAND = "python scripts/golden_bundle.py"
TEXT = Texts(nl="verzonnen", en="made up")
PEOPLE, INSTRUMENT = 1600, "ogrs3"
MODELS: dict[str, dict[str, Any]] = {
    "spline_with_patterns_and_bands": {
        "parameters": {"knots": 3, "shrinkage": 1.0, "smoothness": 0.1},
        "options": {"patterns": "pattern", "cut_offs": (0.2, 0.5)},
    },
    "boosting_with_pairs_and_replicates": {
        "kind": "boosting",
        "parameters": {"max_rounds": 20, "max_bins": 6, "pairs": 1, "folds": 2},
        "options": {"replicates": 10},
        "calibration": "beta",
    },
    "venn_abers": {
        "parameters": {"knots": 3, "shrinkage": 1.0, "smoothness": 0.1},
        "calibration": "venn_abers",
    },
    "spline_calibration": {
        "parameters": {"knots": 3, "shrinkage": 1.0, "smoothness": 0.1},
        "calibration": "spline",
    },
    "isotonic": {
        "parameters": {"knots": 3, "shrinkage": 1.0, "smoothness": 0.1},
        "calibration": "isotonic",
    },
    "scorecard": {"kind": "scorecard", "parameters": {"shrinkage": 1.0, "max_bins": 3}},
    "subdistribution": {
        "kind": "subdistribution",
        "parameters": {"terms": "linear", "shrinkage": 1.0},
    },
}
"""Per model its estimator, as in a recipe, and options of `fit_risk_model`."""


def people() -> tuple[pd.DataFrame, np.ndarray, TimeToEvent]:
    """Three features, some unknown, an outcome within two years, and the same with its time."""
    rng = np.random.default_rng(20261129)
    age, priors = rng.uniform(18, 70, PEOPLE).round(1), rng.poisson(2.0, PEOPLE).astype(float)
    debt = np.exp(rng.normal(8, 1, PEOPLE)).round()
    lp = -0.4 - 0.03 * (age - 35) + 0.25 * priors * (age < 40) + 0.3 * np.log(debt / 3000)
    days = rng.exponential(1500.0 / np.exp(lp)).round()
    other = rng.exponential(8000.0, PEOPLE).round()
    debt[rng.random(PEOPLE) < 0.3] = np.nan
    frame = pd.DataFrame({"age_years": age, "priors": priors, "debt_eur": debt})
    first = np.minimum(np.minimum(days, other), 800.0)
    cause = np.where(first == 800.0, 0, np.where(days <= other, 1, 2))
    return frame, ((cause == 1) & (first <= 730)).astype(float), TimeToEvent(first, cause)


def fitted(name: str, how: dict[str, Any]) -> RiskModel:
    """One of `MODELS`."""
    frame, y, timed = people()
    recipe = EstimatorRecipe(kind=how.get("kind", "spline_logistic"), parameters=how["parameters"])
    return fit_risk_model(
        frame,
        timed if recipe.in_time else y,
        name=name,
        outcome=TEXT,
        horizon_days=730,
        population=TEXT,
        title=TEXT,
        description=TEXT,
        sensitivity=dict.fromkeys(frame.columns, "allowed"),
        provenance=Provenance(data_set="made up", command=COMMAND, made_on=MADE_ON),
        synthetic=True,
        required=["priors"],
        estimator=make_estimator(
            recipe, calibration=how.get("calibration", "logistic"), horizon_days=730
        ),
        folds=2,
        **how.get("options", {}),
    )


def bundle() -> Bundle:
    """Everything that the present format can hold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SampleSizeWarning)
        models = [fitted(name, how) for name, how in MODELS.items()]
    models.append(Instrument.load(INSTRUMENT).model())
    names = dict.fromkeys(name for model in models for name in model.features)
    return Bundle.create(
        id="golden",
        models=models,
        owner="maintainers of the risicoscreener package",
        created=MADE_ON,
        review_on=dt.date(2027, 11, 29),
        library_version="0.1.0",
        definitions={name: f"{place:064x}" for place, name in enumerate(names)},
        history=[
            HistoryEntry(
                on=MADE_ON,
                action="fitted",
                by="maintainers",
                note=COMMAND,
                details={"n": float(PEOPLE)},
            )
        ],
    )


if __name__ == "__main__":
    made = bundle()
    made.save(FOLDER / f"format_{FORMAT_VERSION}.json")
