"""What survival estimators share: input, terms, folds, calibration at a horizon, lowering."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.time.outcome import TimeToEvent, as_time_to_event
from risicoscreener.evaluation.time.ranking import concordance
from risicoscreener.models.calibration import Identity, Logistic, cloglog_many
from risicoscreener.models.covariance import Uncertainty
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.choosing import PILOT, SHRINKAGES, SMOOTHNESSES
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.models.estimators.penalised import Bounds, covariance_factor
from risicoscreener.models.estimators.splines import RampBasis
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.time.horizon import calibrate_incidence
from risicoscreener.models.time.penalties import Likelihood, best_penalty, fit_likelihood
from risicoscreener.models.time.spline_terms import mean_terms, terms_of
from risicoscreener.models.time.triangle import lower_triangular

if TYPE_CHECKING:
    from risicoscreener.models.calibration import Calibration
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support

BLOCK_CELLS = 2_000_000
CLOSE = 1e-9
"""Days by which a horizon may pass the longest follow-up, for rounding."""


@dataclass(frozen=True)
class Fitted:
    """One hazard: penalty used, coefficients of the features and factor of the covariance.

    Attributes
    ----------
    coefficients
        ``(P,)``, of the ramps and unknown values of the basis, without intercept.
    extra
        Coefficients of the baseline, for a model that has them.
    factor
        ``factor @ factor.T`` is the covariance of all coefficients, those of the baseline last.
    """

    shrinkage: float
    smoothness: float
    coefficients: FloatArray
    extra: FloatArray
    factor: FloatArray


class AdditiveHazardEstimator(BaseEstimator):  # type: ignore[misc]
    """Base of survival estimators whose log hazard is a sum over features.

    Parameters that all have
    ------------------------
    terms
        ``spline``: piecewise linear with knots at quantiles, constant beyond; ``linear``: one
        slope from the lowest to the highest value seen, constant beyond.
    knots, tail, shrinkage, smoothness, monotone
        As for `SplineLogisticClassifier`. A penalty that is None is chosen by the held-out
        (partial) likelihood, per cause. Directions hold for the first cause alone.
    folds
        For the penalty.
    level
        Coverage of the interval of the lowered program.
    """

    terms: Literal["spline", "linear"]
    knots: int | Sequence[Sequence[float]]
    tail: float
    shrinkage: float | None
    smoothness: float | None
    monotone: Mapping[str, int] | Sequence[int] | None
    folds: int
    level: float
    n_features_in_: int
    hazards_: dict[int, Fitted]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags

    # -- what a kind of model adds -------------------------------------------------------------

    @abstractmethod
    def _fit(self, x: FloatArray, outcome: TimeToEvent, groups: Any) -> None:
        """Learn from rows of positive weight; ``basis_`` is there."""

    @abstractmethod
    def _incidence(self, x: FloatArray, horizons: FloatArray, cause: int) -> FloatArray:
        """Cumulative incidence ``(n, H)``; the horizons are checked."""

    @abstractmethod
    def _log_baseline(self, horizon_days: float) -> tuple[float, FloatArray]:
        """Logarithm of the cumulative hazard where the linear predictor is 0, and its covariance.

        The second is a root ``(P + 1, columns)`` of the covariance of it and the coefficients of
        the features.
        """

    # -- fit -----------------------------------------------------------------------------------

    def fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Self:
        """Fit the hazard of each cause.

        Parameters
        ----------
        X
            ``(n, F)``, NaN for unknown.
        y
            `TimeToEvent`, or a structured array or data frame with ``time`` (days) and ``cause``.
        sample_weight
            ``(n,)``, not negative; a weight of 2 is a row seen twice.
        groups
            ``(n,)``: rows of one group (person) are never split over folds.

        Raises
        ------
        ValueError
            For a parameter or an input that makes no sense, or no event at all.
        """
        self._check_parameters()
        x, outcome = self._validated(X, y, sample_weight)
        used = (outcome.weight > 0) & ((outcome.time > 0) | (outcome.cause > 0))
        if groups is not None:
            groups = np.asarray(groups)
            if groups.shape != used.shape:
                raise ValueError(f"groups has shape {groups.shape}; expected {used.shape}.")
            groups = groups[used]
        x, outcome = x[used], outcome[used]
        if not outcome.is_event().any():
            raise ValueError("y has no event of cause 1 with weight; a hazard needs some.")
        present = np.unique(outcome.cause[outcome.cause > 0])
        self.causes_ = tuple(int(k) for k in present)
        self.cause_names_ = outcome.names
        self.longest_follow_up_ = outcome.longest
        self.basis_ = self._basis(x, outcome.weight)
        with threadpool_limits(1, "blas"):
            self._fit(x, outcome, groups)
        self.reference_ = mean_terms(self.basis_, self._coefficients, x, outcome.weight)
        return self

    def _check_parameters(self) -> None:
        for name in ("shrinkage", "smoothness"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < np.inf:
                raise ValueError(f"{name} is {value!r}; give a number of at least 0, or None.")
        if self.terms not in ("spline", "linear"):
            raise ValueError(f"terms is {self.terms!r}; give 'spline' or 'linear'.")
        if self.folds < 2 or (isinstance(self.knots, int) and self.knots < 2):
            raise ValueError(f"knots={self.knots} and folds={self.folds} must be at least 2.")
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level!r}; give a number between 0 and 1.")

    def _validated(self, x: Any, y: Any, weight: Any) -> tuple[FloatArray, TimeToEvent]:
        x = validate_data(self, x, dtype=np.float64, ensure_all_finite="allow-nan")
        outcome = as_time_to_event(y, weight)
        if len(outcome) != len(x):
            raise ValueError(f"X has {len(x)} rows and y has {len(outcome)}; give one per person.")
        return x, outcome

    def _basis(self, x: FloatArray, weight: FloatArray) -> RampBasis:
        if self.terms == "spline":
            return RampBasis.fit(x, weight, self.knots, self.tail)
        return RampBasis.fit(x, weight, [_ends(column) for column in x.T], self.tail)

    # -- one hazard ----------------------------------------------------------------------------

    def _fit_hazard(
        self,
        likelihood_of: Callable[[FloatArray], Likelihood],
        outcome: TimeToEvent,
        cause: int,
        start: FloatArray,
        folds: Callable[[FloatArray], FloatArray | None],
        baseline_penalty: FloatArray | None = None,
    ) -> Fitted:
        """Penalty, coefficients and covariance of the hazard of one cause."""
        extra = np.zeros((0, 0)) if baseline_penalty is None else baseline_penalty
        empty = self._empty_columns(likelihood_of(outcome.weight))

        def penalty(pair: tuple[float, float]) -> FloatArray:
            return _block_diagonal(self._feature_penalty(*pair) + empty, extra)

        pairs = self._grid()
        chosen = PILOT if len(pairs) > 1 else pairs[0]
        if len(pairs) > 1:
            shares = folds(outcome.is_event(cause).astype(np.float64))
            if shares is not None:
                candidates = [penalty(pair) for pair in pairs]
                best = best_penalty(
                    likelihood_of, outcome.weight, shares, candidates, penalty(PILOT), start
                )
                chosen = pairs[best]
        s = penalty(chosen)
        bounds = self._bounds(cause, len(start))
        fit = fit_likelihood(likelihood_of(outcome.weight), s, start, bounds)
        size = len(empty)
        return Fitted(
            *chosen,
            fit.coefficients[:size],
            fit.coefficients[size:],
            covariance_factor(fit.information, s),
        )

    def _grid(self) -> list[tuple[float, float]]:
        smoothnesses: Sequence[float] = SMOOTHNESSES if self.terms == "spline" else (0.0,)
        return list(
            product(
                SHRINKAGES if self.shrinkage is None else (self.shrinkage,),
                smoothnesses if self.smoothness is None else (self.smoothness,),
            )
        )

    def _feature_penalty(self, shrinkage: float, smoothness: float) -> FloatArray:
        return self.basis_.penalty(shrinkage, smoothness)[1:, 1:]

    def _empty_columns(self, likelihood: Any) -> FloatArray:
        """A penalty that keeps the coefficient of a column without any value at 0."""
        return np.diag(1.0 * ~likelihood.design.any(axis=0))

    def _bounds(self, cause: int, size: int) -> Bounds:
        if cause != 1:
            return Bounds.none(size)
        directions = AdditiveClassifier._directions(cast("Any", self))
        lower, upper = self.basis_.bounds(directions)
        free = np.full(size - len(lower) + 1, np.inf)
        return Bounds(np.append(lower[1:], -free), np.append(upper[1:], free))

    def _folds(
        self, x: FloatArray, outcome: TimeToEvent, groups: Any
    ) -> Callable[[FloatArray], FloatArray | None]:
        """Gives shares of the weights per fold, dealt by whether there was an event."""

        def deal(event: FloatArray) -> FloatArray | None:
            return deal_outcomes(x, outcome, event, groups, self.folds)

        return deal

    # -- predict -------------------------------------------------------------------------------

    def predict_cumulative_incidence(
        self,
        X: Any,  # noqa: N803
        horizons: npt.ArrayLike,
        cause: int = 1,
    ) -> FloatArray:
        """Probability of the event by each horizon, before another cause, ``(n, H)``.

        Parameters
        ----------
        X
            ``(n, F)``, NaN for unknown.
        horizons
            ``(H,)``, in days; at least 0 and at most the longest follow-up.
        cause
            1 for the event, 2 and above for competing ones.

        Raises
        ------
        ModelError
            For a horizon beyond the longest follow-up, or a cause that the data did not have.
        """
        x, asked = self._asked(X, horizons)
        if cause not in self._causes_predicted():
            known = ", ".join(map(str, self._causes_predicted()))
            raise ModelError(f"cause {cause!r} has no hazard in this model; known: {known}.")
        return self._incidence(x, asked, cause)

    def _causes_predicted(self) -> tuple[int, ...]:
        return self.causes_

    def _asked(self, x: Any, horizons: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self)
        x = validate_data(self, x, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        asked = np.atleast_1d(np.asarray(horizons, dtype=np.float64))
        if asked.ndim != 1 or not (np.isfinite(asked) & (asked >= 0)).all():
            raise ModelError("horizons must be numbers of days, at least 0, in one dimension.")
        self._check_horizon(asked.max(initial=0.0))
        return x, asked

    def _check_horizon(self, horizon_days: float) -> None:
        if horizon_days > self.longest_follow_up_ + CLOSE:
            raise ModelError(
                f"a horizon of {horizon_days:g} days was asked; the longest follow-up is "
                f"{self.longest_follow_up_:g} days. Ask a shorter horizon, or follow people longer."
            )

    def _log_hazard_ratio(self, x: FloatArray, coefficients: FloatArray) -> FloatArray:
        """``(n,)``: the part of the features in the logarithm of a hazard."""
        ratio: FloatArray = self.basis_.design(x)[:, 1:] @ coefficients
        return ratio

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """Concordance of the risk at the longest follow-up with who has the event first.

        See `concordance`.
        """
        outcome = as_time_to_event(y, sample_weight)
        risk = self.predict_cumulative_incidence(X, [self.longest_follow_up_])[:, 0]
        return concordance(outcome, risk)

    # -- calibration at a horizon --------------------------------------------------------------

    def out_of_fold_incidence(
        self,
        horizon_days: float,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
        folds: int = 5,
    ) -> FloatArray:
        """Cumulative incidence ``(n,)`` at a horizon, each row by fits that did not see it.

        NaN for rows of weight 0.

        Raises
        ------
        ModelError
            If there are too few events for two folds.
        """
        x = np.asarray(X, dtype=np.float64)
        outcome = as_time_to_event(y, sample_weight)
        event = outcome.is_event().astype(np.float64)
        shares = deal_outcomes(x, outcome, event, groups, folds)
        if shares is None:
            raise ModelError("too few events for two folds.")
        total = np.zeros(len(x))
        for share in shares.T:
            kept = replace(outcome, weight=outcome.weight - share)
            model = clone(self).fit(x, kept, groups=groups)
            held = share > 0
            found = model.predict_cumulative_incidence(x[held], [horizon_days])[:, 0]
            total[held] += share[held] * found
        weight = outcome.weight
        return np.divide(total, weight, out=np.full(len(x), np.nan), where=weight > 0)

    def calibrate_at(
        self,
        horizon_days: float,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
        folds: int = 5,
    ) -> Logistic:
        """Calibration map at a horizon, from predictions out of fold.

        Parameters
        ----------
        horizon_days
            A proportional hazard is right on average over time, and may be wrong at one horizon.
        X, y, sample_weight, groups
            As for `fit`; the data of the fit.

        Returns
        -------
        A map on the scale of ``log(-log(1 - F))``: give it to `lower`, or to `recalibrated`.
        """
        found = self.out_of_fold_incidence(horizon_days, X, y, sample_weight, groups, folds)
        outcome = as_time_to_event(y, sample_weight)
        known = ~np.isnan(found)
        return calibrate_incidence(found[known], outcome[known], horizon_days)

    # -- lower ---------------------------------------------------------------------------------

    def lower(
        self,
        horizon_days: float,
        feature_names: Sequence[str] | None = None,
        support: Support | None = None,
        calibration: Calibration | None = None,
    ) -> ScoringProgram:
        """The scoring program of the cumulative incidence at a horizon (to 1e-12), with interval.

        ``F = 1 - exp(-H0(horizon) exp(lp))`` is a program with link ``cloglog``.

        Parameters
        ----------
        horizon_days
            In days, above 0 and at most the longest follow-up.
        feature_names
            Names in the order of the columns; by default those of the fit.
        support
            Where the program may speak.
        calibration
            The map of `calibrate_at`; by default none.

        Raises
        ------
        ModelError
            If the model does not lower exactly (competing causes, a logit hazard), no event was
            seen up to the horizon, or the names do not fit.
        """
        check_is_fitted(self)
        self._check_horizon(horizon_days)
        self._check_lowers()
        names = self._names(feature_names)
        intercept, root = self._log_baseline(horizon_days)
        if not np.isfinite(intercept):
            raise ModelError(
                f"no event was seen within {horizon_days:g} days; a model of rare events gives an "
                "upper bound."
            )
        centres = [centre.tolist() for centre in self.basis_.centres]
        return ScoringProgram(
            intercept=intercept,
            terms=terms_of(self.basis_, self._coefficients, self.reference_, names),
            link="cloglog",
            calibration=Identity() if calibration is None else calibration,
            uncertainty=Uncertainty.from_factor(lower_triangular(root), centres, self.level),
            support=support,
        )

    def _check_lowers(self) -> None:
        """Raise ModelError if the incidence is no function of one linear predictor."""

    def _names(self, feature_names: Sequence[str] | None) -> list[str]:
        fallback: Sequence[str] = list(getattr(self, "feature_names_in_", ()))
        names = list(feature_names or fallback)
        if len(names) != self.n_features_in_:
            raise ModelError(
                f"{len(names)} feature names were given for {self.n_features_in_} features; give "
                "one per column, or fit on a data frame."
            )
        return [str(name) for name in names]

    @property
    def _coefficients(self) -> FloatArray:
        """Of the basis, in the hazard of the event; the intercept is in the baseline."""
        return np.concatenate([[0.0], self.hazards_[1].coefficients])


def incidence_of(coefficient: FloatArray, log_hazard: FloatArray) -> FloatArray:
    """``1 - exp(-exp(log_hazard + lp))``, ``(n, H)``, of ``lp`` ``(n,)`` and horizons ``(H,)``."""
    return cloglog_many(coefficient[:, None] + log_hazard)


def _block_diagonal(first: FloatArray, second: FloatArray) -> FloatArray:
    size = len(first) + len(second)
    joined = np.zeros((size, size))
    joined[: len(first), : len(first)] = first
    joined[len(first) :, len(first) :] = second
    return joined


def _ends(column: FloatArray) -> list[float]:
    """Lowest and highest known value; one of them if they are the same, 0 if there are none."""
    known = column[~np.isnan(column)]
    return np.unique([known.min(), known.max()]).tolist() if len(known) else [0.0]


def deal_outcomes(
    x: FloatArray, outcome: TimeToEvent, event: FloatArray, groups: Any, folds: int
) -> FloatArray | None:
    """`deal_folds` by the content of features and outcome; None for too few events.

    Where all have the event those before the median time are dealt apart.
    """
    weighted = outcome.weight > 0
    if not event[weighted].any():
        return None
    if event[weighted].all():
        event = (outcome.time <= np.median(outcome.time[weighted])).astype(np.float64)
    columns = np.column_stack([x, outcome.time, outcome.cause])
    return deal_folds(columns, event, outcome.weight, groups, folds)
