"""Pattern submodels as an estimator, so that they are cross-validated as one procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from risicoscreener.models.calibration import LEAST_PROBABILITY, MOST_PROBABILITY
from risicoscreener.models.missing.patterns import PatternSubmodels, fit_pattern_submodels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray


class PatternedClassifier(BaseEstimator):  # type: ignore[misc]
    """An additive estimator, fitted anew for each frequent pattern of what is known.

    Parameters
    ----------
    estimator
        Unfitted, with ``lower``.
    names
        Names of the columns.
    rows, least_rows, least_events
        As for `fit_pattern_submodels`.

    Attributes
    ----------
    submodels_
        The `PatternSubmodels`.
    """

    submodels_: PatternSubmodels

    def __init__(
        self,
        estimator: Any,
        names: Sequence[str],
        *,
        rows: Literal["pattern", "known"] = "pattern",
        least_rows: int = 200,
        least_events: int = 20,
    ) -> None:
        self.estimator = estimator
        self.names = names
        self.rows = rows
        self.least_rows = least_rows
        self.least_events = least_events

    def fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Self:
        """Fit the fall-back on all rows, and a submodel per frequent pattern."""
        frame = pd.DataFrame(np.asarray(X, dtype=np.float64), columns=list(self.names))
        self.submodels_ = fit_pattern_submodels(
            self.estimator,
            frame,
            y,
            rows=self.rows,
            least_rows=self.least_rows,
            least_events=self.least_events,
            sample_weight=sample_weight,
            groups=groups,
        )
        return self

    def decision_function(self, X: Any) -> FloatArray:  # noqa: N803
        """Log odds ``(n,)``, calibrated."""
        p = self.submodels_.score_many(X).probability
        p = np.clip(p, LEAST_PROBABILITY, MOST_PROBABILITY)
        log_odds: FloatArray = np.log(p) - np.log1p(-p)
        return log_odds
