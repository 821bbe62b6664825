"""scikit-learn: the usual calibrated pipeline, and the shipped model as a pipeline."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from competitors._chain import small_model
from competitors._features import SEVEN
from competitors._interface import Competitor
from competitors._probability import Rows, line, program, rows, training
from competitors._single import Dossier

OWN_MODEL = "a model of its own, fitted to data drawn from ours"


@cache
def calibrated() -> Any:
    """Imputation, splines, logistic regression, cross-fitted calibration."""
    import pandas as pd

    from _peers import calibrated_pipeline

    matrix, outcome = training()
    return calibrated_pipeline(pd.DataFrame(matrix, columns=program().features), outcome)


@cache
def calibrated_on_seven() -> Any:
    """The same pipeline on the seven features, fitted to outcomes drawn by the small model."""
    import pandas as pd

    from _peers import calibrated_pipeline

    rng = np.random.default_rng(0)
    highest = [term.knots[-1] for term in small_model().terms]
    matrix = np.array(highest) * rng.random((4000, len(highest)))
    outcome = rng.random(len(matrix)) < small_model().score_many(matrix).probability
    return calibrated_pipeline(pd.DataFrame(matrix, columns=SEVEN), outcome)


@cache
def same_model() -> Any:
    """The shipped model: hat functions at its knots, and its values as coefficients."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import MissingIndicator, SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer

    given = line()
    curves: list[tuple[str, Any, Any]] = []
    for i, knots in enumerate(given.knots):
        hats = SplineTransformer(
            degree=1, knots=knots[:, None], extrapolation="constant", include_bias=True
        )
        first = SimpleImputer(strategy="constant", fill_value=knots[0])
        curves.append((f"curve {i}", make_pipeline(first, hats), [i]))
    unknown = MissingIndicator(features="all")
    columns = ColumnTransformer([*curves, ("unknown", unknown, slice(0, len(curves)))])
    ends = np.array([knots[[0, -1]] for knots in given.knots]).T
    regression = LogisticRegression()
    regression.classes_ = np.array([0, 1])
    at_first = np.array([values[0] for values in given.values])
    regression.coef_ = np.concatenate([*given.values, given.missing - at_first])[None, :]
    regression.intercept_ = np.array([given.intercept])
    regression.n_features_in_ = regression.coef_.shape[1]
    return make_pipeline(columns.fit(ends), regression)


class SameModel(Competitor):
    name = "scikit-learn, the same model"
    task = "probability"
    does = "the probability, of the same curves as a pipeline"
    tuned = "hat functions at our knots, coefficients put in by hand; arrays; one thread"
    needs = ("sklearn",)
    largest = 1_000_000

    def prepare(self, data: Rows) -> np.ndarray:
        same_model()
        return data.matrix

    def run(self, prepared: np.ndarray) -> np.ndarray:
        return same_model().predict_proba(prepared)[:, 1]


class Calibrated(Competitor):
    name = "scikit-learn, calibrated pipeline"
    task = "probability"
    does = "a probability"
    tuned = "median, splines, logistic regression, calibrated in five folds; a frame; one thread"
    needs = ("sklearn", "pandas")
    largest = 1_000_000
    kind_only = OWN_MODEL

    def prepare(self, data: Rows) -> Any:
        import pandas as pd

        calibrated()
        return pd.DataFrame(data.matrix, columns=program().features)

    def run(self, prepared: Any) -> np.ndarray:
        return calibrated().predict_proba(prepared)[:, 1]

    def reference(self, prepared: Any) -> np.ndarray:
        """The mean of its five calibrated models."""
        models = calibrated().calibrated_classifiers_
        return np.mean([model.predict_proba(prepared)[:, 1] for model in models], axis=0)


class OneRow(Calibrated):
    name = "scikit-learn, one row, probability alone"
    task = "single"
    does = "a probability, of 16 features that are there; no JSON, no features, no decision"

    def prepare(self, data: Dossier) -> Any:
        del data
        return super().prepare(rows(1))


COMPETITORS = (SameModel(), Calibrated(), OneRow())
