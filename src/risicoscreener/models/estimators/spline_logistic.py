"""Additive logistic regression with penalised linear splines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from risicoscreener.models.calibration import Identity
from risicoscreener.models.covariance import Uncertainty
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.choosing import (
    LAYOUTS,
    PILOT,
    Layout,
    Pair,
    Penalty,
    PenaltyFamily,
    corrected_deviance,
    held_out_deviance,
    information_criterion,
    spread_over_penalties,
    widened,
)
from risicoscreener.models.estimators.folds import deal_folds, resampled_weights
from risicoscreener.models.estimators.out_of_fold import (
    averaged_out_of_fold,
    calibrate_out_of_fold,
    check_calibration,
)
from risicoscreener.models.estimators.penalised import (
    Bounds,
    Expansion,
    Sample,
    expansions_of_folds,
    fit_penalised,
)
from risicoscreener.models.estimators.splines import RampBasis
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.terms import Term

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.calibrating import Method
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support

PenaltyChoice = Literal["cross_validation", "optimism", "aic"]

EVEN = 0.5
"""Knots half way between quantiles and even distances."""


class SplineLogisticClassifier(AdditiveClassifier):
    """Additive logistic regression with penalised linear splines, calibrated out of fold.

    Each feature adds a continuous piecewise-linear term with constant ends and knots half way
    between weighted quantiles and even distances. A NaN adds a value of its own, shrunk towards
    the mean of the term. The fit maximises the likelihood less the penalty of
    `RampBasis.penalty`; the interval comes from the inverse of the penalised Hessian and the
    doubt about the penalty (see Notes).

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
        is chosen by ``penalty_choice``.
    layout
        What the penalty takes as the distance between knots (`Pair`): ``knots`` or ``people``.
        None: chosen with the weights; ``knots`` if both weights are given.
    l1_ratio
        Part of the shrinkage that is a group lasso: 0 is a ridge, 1 the lasso, between them the
        elastic net. Above 0 features that add too little leave the model as a whole (see Notes).
    penalty_choice
        ``cross_validation``: least deviance held out in ``folds`` folds. ``optimism``: least
        deviance corrected for optimism in ``bootstraps`` bootstrap samples (Harrell, Lee and
        Mark 1996). ``aic``: least Akaike criterion with effective parameters (Gray 1992), the
        cheapest.
    monotone
        Directions: a mapping from feature name, or a sequence per feature, to 1
        (non-decreasing), -1 (non-increasing) or 0. The penalty is chosen, and the covariance
        computed, as if there were none, which can only make the interval wider.
    calibration
        Method of `risicoscreener.models.calibrating` (``logistic``: intercept and slope), fitted
        on out-of-fold linear predictors. None: no map.
    folds
        Number of folds, for the penalty and the calibration. They follow from the content of
        the rows (or from their groups), so that there is no seed and no order of rows.
    level
        Coverage of the interval of the lowered program.
    bootstraps, random_state
        Number and seed of the bootstrap samples of ``optimism``; nothing else is random.

    Attributes
    ----------
    classes_
        The two labels; probabilities are of the second.
    basis_, coefficients_, covariance_factor_
        Ramps, their coefficients (intercept first) and the factor of their covariance.
    shrinkage_, smoothness_, layout_
        The penalty used.
    selected_
        ``(F,)``: whether the feature is in the model; all are if ``l1_ratio`` is 0.
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
    Marra and Wood 2012). To it is added how far the coefficients would move with the other
    penalties of the grid, each weighed by its marginal likelihood (Kass and Steffey 1989; Wood,
    Pya and Säfken 2016), so that a penalty that was chosen is not taken for known. A cell that
    was never seen keeps the variance of its prior.

    The group lasso is adaptive: weights of features are inverse to their size in a pilot fit
    (Zou 2006; Wang and Leng 2008). All coefficients of a feature, that of its unknown value
    included, are one group. Shrinkage is chosen on a path that starts where no feature is left.
    The interval takes the features that are left as given, and the group lasso as the normal
    prior with the precision that it has at their size (Park and Casella 2008): it does not hold
    the uncertainty of the selection, nor that of the penalty.
    """

    def __init__(
        self,
        *,
        knots: int | Sequence[Sequence[float]] = 13,
        tail: float = 0.002,
        shrinkage: float | None = None,
        smoothness: float | None = None,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        calibration: Method | None = "logistic",
        folds: int = 5,
        level: float = 0.95,
        l1_ratio: float = 0.0,
        penalty_choice: PenaltyChoice = "cross_validation",
        bootstraps: int = 50,
        random_state: int = 0,
        layout: Layout | None = None,
    ) -> None:
        self.knots = knots
        self.tail = tail
        self.shrinkage = shrinkage
        self.smoothness = smoothness
        self.monotone = monotone
        self.calibration = calibration
        self.folds = folds
        self.level = level
        self.l1_ratio = l1_ratio
        self.penalty_choice = penalty_choice
        self.bootstraps = bootstraps
        self.random_state = random_state
        self.layout = layout

    # -- fit -------------------------------------------------------------------------------

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> FloatArray | None:
        self.basis_ = RampBasis.fit(x, weight, self.knots, self.tail, EVEN)
        bounds = Bounds(*self.basis_.bounds(self._directions()))
        sample = Sample(self.basis_.design(x), outcome, weight)
        shares = deal_folds(x, outcome, weight, groups, self.folds)
        study = _Study(self, sample, shares, groups, x)
        self.shrinkage_, self.smoothness_, self.layout_ = pair = study.choose()
        penalty = study.penalty(pair)
        fit = fit_penalised(sample, penalty.quadratic, bounds, groups=penalty.groups)
        self.coefficients_ = fit.coefficients
        factor = penalty.covariance_factor(fit.coefficients, fit.information)
        self.covariance_factor_ = study.with_doubt(factor, pair)
        self.selected_ = self._selected(penalty)
        self.n_iter_ = fit.steps
        self.reference_ = weight @ self._term_values(x) / weight.sum()
        self.calibration_ = Identity()
        if shares is None:
            return None
        lp = study.out_of_fold(pair, bounds)
        self.calibration_ = calibrate_out_of_fold(lp, outcome, shares, self.calibration)
        return averaged_out_of_fold(lp, shares)

    def _check_parameters(self) -> None:
        for name in ("shrinkage", "smoothness"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < np.inf:
                raise ValueError(f"{name} is {value!r}; give a number of at least 0, or None.")
        if self.shrinkage == 0:
            raise ValueError("shrinkage must be above 0: without it a cell may have no estimate.")
        if not 0 <= self.l1_ratio <= 1:
            raise ValueError(f"l1_ratio is {self.l1_ratio!r}; give a number from 0 to 1.")
        if self.layout not in (None, *LAYOUTS):
            raise ValueError(f"layout is {self.layout!r}; give {' or '.join(LAYOUTS)}, or None.")
        if self.penalty_choice not in get_args(PenaltyChoice):
            raise ValueError(
                f"penalty_choice is {self.penalty_choice!r}; give one of "
                f"{', '.join(get_args(PenaltyChoice))}."
            )
        if self.bootstraps < 2:
            raise ValueError(f"bootstraps={self.bootstraps} must be at least 2.")
        check_calibration(self.calibration)
        if self.folds < 2 or (isinstance(self.knots, int) and self.knots < 2):
            raise ValueError(f"knots={self.knots} and folds={self.folds} must be at least 2.")

    def _selected(self, penalty: Penalty) -> npt.NDArray[np.bool_]:
        """Per feature whether its group is in the model."""
        if penalty.groups is None:
            return np.ones(self.n_features_in_, dtype=bool)
        norms = penalty.groups.norms(penalty.groups.scale * self.coefficients_)
        selected: npt.NDArray[np.bool_] = norms[1:] > 0
        return selected

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


@dataclass
class _Study:
    """The data of one fit: which penalty it gets, and its fits without a fold."""

    model: SplineLogisticClassifier
    sample: Sample
    shares: FloatArray | None
    groups: npt.NDArray[Any] | None
    x: FloatArray
    by_folds: bool = False

    @cached_property
    def family(self) -> PenaltyFamily:
        people = self.model.basis_.people(self.x, self.sample.weight)
        return PenaltyFamily(self.model.basis_, self.model.l1_ratio, people)

    @cached_property
    def whole(self) -> Expansion:
        """The expansion of all data."""
        return Expansion.around_pilot(self.sample, self.family.pilot)

    @cached_property
    def folds(self) -> list[Expansion]:
        """The expansion without each fold."""
        assert self.shares is not None
        return expansions_of_folds(self.sample, self.shares, self.family.pilot)

    @cached_property
    def importance(self) -> FloatArray | None:
        return (
            None if self.family.l1_ratio == 0 else self.family.importance(self.whole.coefficients)
        )

    def penalty(self, pair: Pair) -> Penalty:
        """The penalty of the fit to all data."""
        return self.family.at(pair, self.importance)

    @cached_property
    def grid(self) -> list[Pair]:
        """The penalties to choose from."""
        model = self.model
        fixed = (model.shrinkage, model.smoothness)
        layouts: Sequence[Layout] = LAYOUTS if None in fixed else LAYOUTS[:1]
        if model.layout is not None:
            layouts = (model.layout,)
        return self.family.grid(*fixed, self.sample, self.importance, layouts)

    def choose(self) -> Pair:
        """Shrinkage, smoothness and layout."""
        if len(self.grid) == 1:
            return self.grid[0]
        scores = self._scores(self.grid)
        return Pair(*PILOT) if scores is None else self.grid[int(scores.argmin())]

    def with_doubt(self, factor: FloatArray, pair: Pair) -> FloatArray:
        """A factor of the covariance with that of the choice among the penalties added."""
        if len(self.grid) == 1 or self.family.l1_ratio > 0:
            return factor
        return widened(factor, spread_over_penalties(self.whole, self.family, self.grid, pair))

    def _scores(self, grid: list[Pair]) -> FloatArray | None:
        """What is to be least; None if the data cannot say it."""
        if self.model.penalty_choice == "aic":
            return information_criterion(self.whole, self.family, grid)
        if self.shares is None:
            return None
        if self.model.penalty_choice == "optimism":
            data = (self.x, self.sample.outcome, self.sample.weight, self.groups)
            drawn = resampled_weights(*data, self.model.bootstraps, self.model.random_state)
            return corrected_deviance(self.whole, drawn, self.family, grid)
        self.by_folds = True
        return held_out_deviance(self.folds, self.shares, self.family, grid).sum(axis=0)

    def out_of_fold(self, pair: Pair, bounds: Bounds) -> FloatArray:
        """Linear predictor ``(n, folds)`` of each row by the fit without the fold's share of it."""
        assert self.shares is not None
        lp = np.zeros(self.shares.shape)
        for fold, share in enumerate(self.shares.T):
            held = share > 0
            lp[held, fold] = self.sample.design[held] @ self._without(fold, pair, bounds)
        return lp

    def _without(self, fold: int, pair: Pair, bounds: Bounds) -> FloatArray:
        """Coefficients without a fold, from its expansion if that is there."""
        assert self.shares is not None
        if self.by_folds or self.family.l1_ratio > 0:
            expansion = self.folds[fold]
            kept = expansion.sample
            penalty = self.family.at(pair, self.family.importance(expansion.coefficients))
            start = expansion.fit(penalty.quadratic, penalty.groups)
        else:
            kept = self.sample.reweighted(self.sample.weight - self.shares[:, fold])
            penalty, start = self.family.at(pair), None
        fit = fit_penalised(kept, penalty.quadratic, bounds, start, groups=penalty.groups)
        return fit.coefficients
