"""Estimators in the manner of scikit-learn that lower to a scoring program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)
from threadpoolctl import threadpool_limits

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Identity, Logistic
from risicoscreener.models.penalised import (
    BLOCK_ROWS,
    Bounds,
    Fit,
    Sample,
    covariance_factor,
    cross_validated_deviance,
    fit_penalised,
)
from risicoscreener.models.program import ScoringProgram, Term, Uncertainty
from risicoscreener.models.splines import RampBasis

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support

SHRINKAGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
SMOOTHNESSES = (0.0, 0.01, 0.1, 1.0)
PILOT = (1.0, 0.03)
LEAST_CALIBRATION_SLOPE = 0.05


class SplineLogisticClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Additive logistic regression with penalised linear splines, calibrated out of fold.

    Each feature adds a continuous piecewise-linear term with knots at weighted quantiles and
    constant ends. A NaN adds a value of its own, shrunk towards the mean of the term. The fit
    maximises the likelihood less the penalty of `RampBasis.penalty`; the interval comes from
    the inverse of the penalised Hessian (see Notes).

    Parameters
    ----------
    knots
        Largest number of knots per feature. A feature with no more distinct values than that
        has its knots at these values.
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
        knots: int = 7,
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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    # -- fit -------------------------------------------------------------------------------

    def fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> SplineLogisticClassifier:
        """Fit terms, penalty, covariance and calibration.

        Parameters
        ----------
        X
            ``(n, F)``, NaN for unknown.
        y
            ``(n,)``, two labels.
        sample_weight
            ``(n,)``, not negative; a weight of 2 is a row seen twice.
        groups
            ``(n,)``: rows of one group (person) are never split over folds.
        """
        self._check_parameters()
        x, outcome, weight = self._validated(X, y, sample_weight)
        # The matrices are a few hundred wide: threads of the linear algebra gain nothing on an
        # idle machine, and on a busy one they wait for each other many times the work itself.
        with threadpool_limits(1, "blas"):
            return self._fit(x, outcome, weight, groups)

    def _fit(
        self, x: FloatArray, outcome: FloatArray, weight: FloatArray, groups: Any
    ) -> SplineLogisticClassifier:
        used = weight > 0
        x, outcome, weight = x[used], outcome[used], weight[used]
        if groups is not None:
            groups = _checked_groups(groups, used)
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
        self.calibration_: Identity | Logistic = Identity()
        self.out_of_fold_ = np.full(len(used), np.nan)
        if shares is not None:
            lp = _out_of_fold(sample, shares, penalty, bounds, starts)
            self.out_of_fold_[used] = (lp * shares).sum(axis=1) / weight
            if self.calibration == "logistic":
                held = shares > 0
                outcomes = np.broadcast_to(outcome[:, None], held.shape)[held]
                self.calibration_ = logistic_calibration(lp[held], outcomes, shares[held])
        self.reference_ = weight @ self._term_values(x) / weight.sum()
        return self

    def _check_parameters(self) -> None:
        for name in ("shrinkage", "smoothness"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < np.inf:
                raise ValueError(f"{name} is {value!r}; give a number of at least 0, or None.")
        if self.shrinkage == 0:
            raise ValueError("shrinkage must be above 0: without it a cell may have no estimate.")
        if self.calibration not in ("logistic", None):
            raise ValueError(f"calibration is {self.calibration!r}; give 'logistic' or None.")
        if self.knots < 2 or self.folds < 2:
            raise ValueError(f"knots={self.knots} and folds={self.folds} must be at least 2.")

    def _validated(self, x: Any, y: Any, weight: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Checked matrix, outcome 0 or 1, weight; sets ``classes_``."""
        x, y = validate_data(self, x, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind != "binary":
            raise ValueError(f"Only binary classification is supported. The type is {kind}.")
        weight = _check_sample_weight(weight, x, dtype=np.float64, ensure_non_negative=True)
        self.classes_ = np.unique(y[weight > 0])
        if len(self.classes_) < 2:
            raise ValueError("y has one class only (of positive weight); two classes are needed.")
        return x, (y == self.classes_[1]).astype(np.float64), weight

    def _directions(self) -> list[int]:
        """Direction -1, 0 or 1 per feature."""
        if self.monotone is None:
            return [0] * self.n_features_in_
        if isinstance(self.monotone, Mapping):
            names = list(getattr(self, "feature_names_in_", range(self.n_features_in_)))
            unknown = sorted(set(map(str, self.monotone)) - set(map(str, names)))
            if unknown:
                raise ValueError(f"monotone names {', '.join(unknown)}, which X does not have.")
            directions = [self.monotone.get(name, 0) for name in names]
        else:
            directions = list(self.monotone)
        if len(directions) != self.n_features_in_ or not set(directions) <= {-1, 0, 1}:
            raise ValueError(
                f"monotone needs -1, 0 or 1 for each of {self.n_features_in_} features."
            )
        return directions

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

    # -- predict ---------------------------------------------------------------------------

    def decision_function(self, X: Any) -> FloatArray:  # noqa: N803
        """Calibrated linear predictor ``(n,)``: log odds of the second class."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        lp = np.empty(len(x))
        for start in range(0, len(x), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            lp[rows] = self.basis_.design(x[rows]) @ self.coefficients_
        calibrated: FloatArray = self.calibration_.before_link(lp)
        return calibrated

    def predict_proba(self, X: Any) -> FloatArray:  # noqa: N803
        """Probabilities ``(n, 2)`` in the order of ``classes_``."""
        lp = self.decision_function(X)
        return np.column_stack([expit(-lp), expit(lp)])

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803
        """The more probable label. Decisions belong to a policy, not to this threshold."""
        positive = self.decision_function(X) > 0
        labels: npt.NDArray[Any] = self.classes_[positive.astype(np.intp)]
        return labels

    # -- lower -----------------------------------------------------------------------------

    def lower(
        self, feature_names: Sequence[str] | None = None, support: Support | None = None
    ) -> ScoringProgram:
        """The scoring program with the same probabilities (to 1e-12) and the interval.

        Parameters
        ----------
        feature_names
            Names in the order of the columns; by default those of the fit.
        support
            Where the program may speak.
        """
        check_is_fitted(self)
        fallback: Sequence[str] = list(getattr(self, "feature_names_in_", ()))
        names = list(feature_names or fallback)
        if len(names) != self.n_features_in_:
            raise ModelError(
                f"{len(names)} feature names were given for {self.n_features_in_} features; give "
                "one per column, or fit on a data frame."
            )
        basis = self.basis_
        return ScoringProgram(
            intercept=float(self.coefficients_[0]),
            terms=tuple(self._term(i, str(name)) for i, name in enumerate(names)),
            calibration=self.calibration_,
            uncertainty=Uncertainty.from_factor(
                self.covariance_factor_, [c.tolist() for c in basis.centres], self.level
            ),
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


def _checked_groups(groups: Any, used: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    groups = np.asarray(groups)
    if groups.shape != used.shape:
        raise ValueError(f"groups has shape {groups.shape}; expected {used.shape}.")
    chosen: npt.NDArray[Any] = groups[used]
    return chosen


def logistic_calibration(lp: FloatArray, outcome: FloatArray, weight: FloatArray) -> Logistic:
    """Intercept and slope of the outcome on the linear predictor.

    A slope that is not positive says that the predictor carries no signal out of fold; it is
    set to `LEAST_CALIBRATION_SLOPE` with the intercept that then fits, so that the map stays
    increasing and the probabilities lie close to the prevalence.
    """
    sample = Sample(np.column_stack([np.ones_like(lp), lp]), outcome, weight)
    bounds = Bounds(np.array([-np.inf, LEAST_CALIBRATION_SLOPE]), np.full(2, np.inf))
    ridge = np.diag([0.0, 1e-6])  # keeps a constant predictor from being singular
    fit: Fit = fit_penalised(sample, ridge, bounds)
    return Logistic(intercept=float(fit.coefficients[0]), slope=float(fit.coefficients[1]))


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


def deal_folds(
    x: FloatArray, outcome: FloatArray, weight: FloatArray, groups: Any, count: int
) -> FloatArray | None:
    """How the weight of each row is dealt out over the folds.

    Rows are dealt in the order of a hash of their content, those with an event apart from
    those without: so the order in which they were given does not matter. Whole weights are
    numbers of people, who are dealt out one by one; a row of weight 2 is then treated as two
    rows. Rows of one group stay together.

    Returns
    -------
    ``(n, folds)`` with rows that add up to ``weight``; None if some fold would leave less than
    both classes to fit on.
    """
    if groups is None:
        member, key = np.arange(len(outcome)), _content_keys(x, outcome)
        whole = bool((weight == np.floor(weight)).all())
    else:
        member = np.unique(groups, return_inverse=True)[1]
        key = _mixed(np.arange(member.max() + 1).astype(np.uint64))
        whole = False
    units = weight if whole else np.ones(len(key))
    event = np.bincount(member, outcome) > 0
    other = np.bincount(member, 1.0 - outcome) > 0
    count = int(min(count, units[event].sum(), units[other].sum()))
    if count < 2:
        return None
    dealt = np.empty((len(key), count))
    for members in (np.flatnonzero(event), np.flatnonzero(~event)):
        order = members[np.argsort(key[members], kind="stable")]
        end = np.cumsum(units[order])[:, None]
        begin = end - units[order][:, None]
        first = count - 1 - np.arange(count)
        dealt[order] = (end + first) // count - (begin + first) // count
    dealt = dealt[member]
    if not whole:
        dealt *= weight[:, None]
    kept = weight[:, None] - dealt
    both_left = (outcome @ kept > 0) & ((1.0 - outcome) @ kept > 0)
    return dealt if both_left.all() else None


def _content_keys(x: FloatArray, outcome: FloatArray) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each row."""
    canonical = np.where(np.isnan(x), np.nan, x + 0.0)  # one NaN, and no negative zero
    key = _mixed(outcome.astype(np.uint64))
    for column in canonical.T:
        key = _mixed(key ^ np.ascontiguousarray(column).view(np.uint64))
    return key


def _mixed(key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SplitMix64 (Steele, Lea and Flood 2014): spreads close keys over all 64 bits."""
    key = key + np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
