"""What a user would write otherwise: a calibrated scikit-learn pipeline, pandas and numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler


def calibrated_pipeline(frame: pd.DataFrame, outcome: np.ndarray) -> Any:
    """Imputation, splines, logistic regression, cross-fitted sigmoid calibration; fitted."""
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        SplineTransformer(n_knots=5, degree=1),
        LogisticRegression(max_iter=2000),
    )
    return CalibratedClassifierCV(pipeline, cv=5, method="sigmoid").fit(frame, outcome)


def training_data(names: list[str], n: int = 4000) -> tuple[pd.DataFrame, np.ndarray]:
    """Features of a synthetic cohort and whether a new offence followed."""
    from risicoscreener.features import compute_features
    from risicoscreener.synthetic import simulate

    cohort = simulate(n, seed=1, population="sentenced")
    persons = cohort.truth.persons.reset_index()
    values = compute_features(cohort.tables, persons[["person_id", "as_of"]], names)
    frame = values.to_frame().reset_index(drop=True)
    return frame.loc[:, frame.notna().any()], persons["any_2y_registered"].to_numpy()
