"""A model of time as a model of one horizon: it is fitted in time and lowers to one program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import LEAST_PROBABILITY, MOST_PROBABILITY
from risicoscreener.models.checking import is_constant, says_nothing
from risicoscreener.models.time import as_time_to_event, horizon_weights
from risicoscreener.models.time.base import deal_outcomes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.support import Support
    from risicoscreener.models.time import TimeToEvent


class AtHorizon(BaseEstimator):  # type: ignore[misc]
    """An estimator of time, with the calibration and the program of one horizon.

    Parameters
    ----------
    estimator
        Unfitted, of `risicoscreener.models.time`, of a kind that lowers.
    horizon_days
        In days, at most the longest follow-up.
    calibrated
        Whether the incidence is recalibrated out of fold at the horizon (`calibrate_at`).
    folds
        Of that calibration.

    Attributes
    ----------
    estimator_
        The fitted estimator.
    calibration_
        The map at the horizon, or None.
    """

    def __init__(
        self, estimator: Any, horizon_days: float, *, calibrated: bool = True, folds: int = 5
    ) -> None:
        self.estimator = estimator
        self.horizon_days = horizon_days
        self.calibrated = calibrated
        self.folds = folds

    def fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Self:
        """Fit in time, and calibrate at the horizon; arguments are those of the estimator."""
        self.estimator_ = clone(self.estimator).fit(X, y, sample_weight, groups)
        self.calibration_ = None
        if self.calibrated:
            self.calibration_ = self.estimator_.calibrate_at(
                self.horizon_days, X, y, sample_weight, groups, self.folds
            )
        return self

    def lower(
        self, feature_names: Sequence[str] | None = None, support: Support | None = None
    ) -> ScoringProgram:
        """The program of the incidence at the horizon; see `AdditiveHazardEstimator.lower`."""
        program: ScoringProgram = self.estimator_.lower(
            self.horizon_days, feature_names, support, self.calibration_
        )
        return program

    def decision_function(self, X: Any) -> FloatArray:  # noqa: N803
        """Log odds ``(n,)`` of the event by the horizon."""
        x = np.asarray(X, dtype=np.float64)
        names = [f"feature_{i}" for i in range(x.shape[1])]
        p = self.lower(names).score_many(x).probability
        p = np.clip(p, LEAST_PROBABILITY, MOST_PROBABILITY)
        log_odds: FloatArray = np.log(p) - np.log1p(-p)
        return log_odds


def out_of_fold_at(
    estimator: AtHorizon, x: FloatArray, outcome: TimeToEvent, groups: Any, folds: int
) -> tuple[FloatArray, int]:
    """Log odds ``(n,)`` of each row by a fit, with its calibration, that did not see it.

    All weights must be above 0.

    Returns
    -------
    log odds, number of folds

    Raises
    ------
    ModelError
        If there are too few events for two folds, or no fit tells people apart.
    """
    shares = deal_outcomes(x, outcome, outcome.is_event().astype(np.float64), groups, folds)
    if shares is None:
        raise ModelError("too few people with or without the outcome to cross-validate.")
    total, varies = np.zeros(len(x)), False
    for share in shares.T:
        kept, held = replace(outcome, weight=outcome.weight - share), share > 0
        fit = clone(estimator).fit(x, kept, groups=groups)
        lp = fit.decision_function(x[held])
        varies = varies or not is_constant(lp)
        total[held] += share[held] * lp
    if not varies:
        raise says_nothing()
    return total / outcome.weight, shares.shape[1]


def known_at(
    y: Any, horizon_days: float, weight: npt.ArrayLike | None = None
) -> tuple[TimeToEvent, FloatArray, FloatArray]:
    """The outcome in time; at the horizon whether it happened, and the weight of each row.

    The weights make up for who was censored before the horizon (`horizon_weights`).
    """
    outcome = as_time_to_event(y, weight)
    event, weights = horizon_weights(outcome, horizon_days)
    return outcome, event, weights
