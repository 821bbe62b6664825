"""m2cgen: a linear model as a function in plain Python."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from competitors._interface import Competitor
from competitors._probability import Rows, training


@cache
def fitted() -> tuple[Any, Any]:
    """A logistic regression, and the log odds as m2cgen writes them."""
    import m2cgen
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    matrix, outcome = training()
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(matrix, outcome)
    scaler, scaled = pipeline[0], pipeline[1]
    coefficients = scaled.coef_ / scaler.scale_
    scaled.intercept_ = scaled.intercept_ - coefficients @ scaler.mean_
    scaled.coef_ = coefficients
    made: dict[str, Any] = {}
    exec(m2cgen.export_to_python(scaled, function_name="score"), made)  # made here, of our fit
    return scaled, made["score"]


class Linear(Competitor):
    name = "m2cgen, a linear model"
    task = "probability"
    does = "a probability of a straight line for each feature; knows no unknown values"
    tuned = "a function of plain Python, called row by row; one thread"
    needs = ("m2cgen", "sklearn")
    largest = 100_000
    kind_only = "a linear model of its own, fitted to data drawn from ours"

    def prepare(self, data: Rows) -> list[list[float]]:
        fitted()
        return np.nan_to_num(data.matrix).tolist()

    def run(self, prepared: list[list[float]]) -> list[float]:
        score = fitted()[1]
        return [1.0 / (1.0 + math.exp(-score(row))) for row in prepared]

    def reference(self, prepared: list[list[float]]) -> np.ndarray:
        return fitted()[0].predict_proba(np.array(prepared))[:, 1]


COMPETITORS = (Linear(),)
