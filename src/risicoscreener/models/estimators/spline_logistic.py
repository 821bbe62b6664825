"""Additive logistic regression with penalised linear splines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from risicoscreener.models.calibration import Identity
from risicoscreener.models.covariance import Uncertainty
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.models.estimators.out_of_fold import (
    averaged_out_of_fold,
    calibrate_out_of_fold,
)
from risicoscreener.models.estimators.penalised import (
    Bounds,
    Sample,
    covariance_factor,
    cross_validated_deviance,
    fit_penalised,
)
from risicoscreener.models.estimators.splines import RampBasis
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.terms import Term

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support

SHRINKAGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
SMOOTHNESSES = (0.0, 0.01, 0.1, 1.0)
PILOT = (1.0, 0.03)


class SplineLogisticClassifier(AdditiveClassifier):
    """Additive logistic regression with penalised linear splines, calibrated out of fold.

    Each feature adds a continuous piecewise-linear term with knots at weighted quantiles and
    constant ends. A NaN adds a value of its own, shrunk towards the mean of the term. The fit
    maximises the likelihood less the penalty of `RampBasis.penalty`; the interval comes from
    the inverse of the penalised Hessian (see Notes).

    Parameters
    ----------
    knots
        Largest number of knots per feature. A feature with no more distinct values than that
        has its knots at these values. Or the knots themselves: per feature a sequence of
        ascending numbers, for fits that must share them.
    tail
        Share of the weight at or beyond each boundary knot.
    shrinkage, smoothness
        Weights of the penalty towards no effect and towards a straight line. One that is None
        is chosen by the held-out deviance in ``folds`` folds.
    monotone
        Directions: a mapping from feature name, or a sequence per feature, to 1
        (non-decreasing), -1 (non-increasing) or 0. The penalty is chosen, and the covariance
        computed, as if there were none, which can only make the interval wider.
    calibration
        ``logistic``: intercept and slope on out-of-fold linear predictors. None: no map.
    folds
        Number of folds, for the penalty and the calibration. They follow from the content of
        the rows (or from their groups), so that there is no seed and no order of rows.
    level
        Coverage of the interval of the lowered program.

    Attributes
    ----------
    classes_
        The two labels; probabilities are of the second.
    basis_, coefficients_, covariance_factor_
        Ramps, their coefficients (intercept first) and the factor of their covariance.
    shrinkage_, smoothness_
        The penalty used.
    calibration_
        The calibration map of the lowered program.
    out_of_fold_
        Linear predictor of each row by fits that did not see its fold; NaN without folds and
        for rows of weight 0.

    Notes
    -----
    The covariance is that of the Bayesian posterior, ``inv(X'WX + S)``, not a sandwich. The
    penalty biases a term where it bends; a sandwich measures the variance around the biased
    mean and covers too little, while the posterior includes the expected squared bias, so that
    averaged over the data intervals cover at about their level (Wahba 1983; Nychka 1988;
    Wood 2006). A cell that was never seen keeps the variance of its prior.
    """

    def __init__(
        self,
        *,
        knots: int | Sequence[Sequence[float]] = 7,
        tail: float = 0.002,
        shrinkage: float | None = None,
        smoothness: float | None = None,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        calibration: Literal["logistic"] | None = "logistic",
        folds: int = 5,
        level: float = 0.95,
    ) -> None:
        self.knots = knots
        self.tail = tail
        self.shrinkage = shrinkage
        self.smoothness = smoothness
        self.monotone = monotone
        self.calibration = calibration
        self.folds = folds
        self.level = level

    # -- fit -------------------------------------------------------------------------------

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        self.basis_ = RampBasis.fit(x, weight, self.knots, self.tail)
        bounds = Bounds(*self.basis_.bounds(self._directions()))
        sample = Sample(self.basis_.design(x), outcome, weight)
        shares = deal_folds(x, outcome, weight, groups, self.folds)
        starts = self._choose_penalty(sample, shares)
        penalty = self._penalty
        fit = fit_penalised(sample, penalty, bounds)
        self.coefficients_ = fit.coefficients
        self.covariance_factor_ = covariance_factor(fit.information, penalty)
        self.n_iter_ = fit.steps
        self.reference_ = weight @ self._term_values(x) / weight.sum()
        self.calibration_ = Identity()
        if shares is None:
            return None
        lp = _out_of_fold(sample, shares, penalty, bounds, starts)
        self.calibration_ = calibrate_out_of_fold(lp, outcome, shares, self.calibration)
        return averaged_out_of_fold(lp, shares)

    def _check_parameters(self) -> None:
        for name in ("shrinkage", "smoothness"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < np.inf:
                raise ValueError(f"{name} is {value!r}; give a number of at least 0, or None.")
        if self.shrinkage == 0:
            raise ValueError("shrinkage must be above 0: without it a cell may have no estimate.")
        if self.calibration not in ("logistic", None):
            raise ValueError(f"calibration is {self.calibration!r}; give 'logistic' or None.")
        if self.folds < 2 or (isinstance(self.knots, int) and self.knots < 2):
            raise ValueError(f"knots={self.knots} and folds={self.folds} must be at least 2.")

    @property
    def _penalty(self) -> FloatArray:
        return self.basis_.penalty(self.shrinkage_, self.smoothness_)

    def _choose_penalty(self, sample: Sample, shares: FloatArray | None) -> FloatArray | None:
        """Set the penalty; returns the coefficients per fold that came with it, if any."""
        grid = list(
            product(
                SHRINKAGES if self.shrinkage is None else (self.shrinkage,),
                SMOOTHNESSES if self.smoothness is None else (self.smoothness,),
            )
        )
        self.shrinkage_, self.smoothness_ = grid[0] if len(grid) == 1 else PILOT
        if shares is None or len(grid) == 1:
            return None
        deviance, coefficients = cross_validated_deviance(
            sample, shares, [self.basis_.penalty(*pair) for pair in grid], self._penalty
        )
        best = int(deviance.sum(axis=0).argmin())
        self.shrinkage_, self.smoothness_ = grid[best]
        chosen: FloatArray = coefficients[:, best]
        return chosen

    # -- predict and lower -------------------------------------------------------------------

    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        return self.basis_.design(x) @ self.coefficients_

    def _lower(self, names: Sequence[str], support: Support | None) -> ScoringProgram:
        centres = [centre.tolist() for centre in self.basis_.centres]
        return ScoringProgram(
            intercept=float(self.coefficients_[0]),
            terms=tuple(self._term(i, name) for i, name in enumerate(names)),
            calibration=self.calibration_,
            uncertainty=Uncertainty.from_factor(self.covariance_factor_, centres, self.level),
            support=support,
        )

    def _term(self, position: int, name: str) -> Term:
        values, missing = self._knot_values(position)
        return Term(
            feature=name,
            knots=tuple(self.basis_.knots[position].tolist()),
            values=tuple(values.tolist()),
            missing=missing,
            reference=float(self.reference_[position]),
        )

    def _knot_values(self, position: int) -> tuple[FloatArray, float]:
        """Value of a term at each knot, and for an unknown value."""
        start, centre = self.basis_.starts[position], self.basis_.centres[position]
        increments = self.coefficients_[start : start + len(centre)]
        values = np.concatenate([[0.0], np.cumsum(increments)]) - centre @ increments
        return values, float(self.coefficients_[start + len(centre)])

    def _term_values(self, x: FloatArray) -> FloatArray:
        """Value of each term, shape ``(n, F)``."""
        columns = []
        for position, column in enumerate(x.T):
            values, missing = self._knot_values(position)
            term = np.interp(column, self.basis_.knots[position], values)
            columns.append(np.where(np.isnan(column), missing, term))
        return np.column_stack(columns)


def _out_of_fold(
    sample: Sample,
    shares: FloatArray,
    penalty: FloatArray,
    bounds: Bounds,
    starts: FloatArray | None,
) -> FloatArray:
    """Linear predictor ``(n, folds)`` of each row by the fit without the fold's share of it."""
    lp = np.zeros(shares.shape)
    for fold, share in enumerate(shares.T):
        start = None if starts is None else starts[fold]
        kept = sample.reweighted(sample.weight - share)
        fit = fit_penalised(kept, penalty, bounds, start)
        held = share > 0
        lp[held, fold] = sample.design[held] @ fit.coefficients
    return lp
