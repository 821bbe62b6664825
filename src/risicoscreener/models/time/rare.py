"""Rare events in a short time: shrinkage, clusters of one person, and an honest interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from scipy.stats import norm, t

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Identity
from risicoscreener.models.covariance import Uncertainty
from risicoscreener.models.estimators.base import AdditiveClassifier
from risicoscreener.models.estimators.penalised import Bounds
from risicoscreener.models.estimators.splines import RampBasis
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.time.penalties import fit_likelihood
from risicoscreener.models.time.spline_terms import coefficients_of, mean_terms, terms_of
from risicoscreener.models.time.triangle import lower_triangular

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support

LEAST_SLOPE = 0.05
HALF = 0.5
"""What Jeffreys' prior adds to a number of events."""


@dataclass(frozen=True)
class BaseRate:
    """The rate of an event without features, with an exact interval.

    Attributes
    ----------
    estimate
        Events by exposures; without events ``0.5 / (n + 1)``, never 0.
    lower, upper
        Ends of the interval.
    events, exposures
        Counted.
    design_effect
        Variance of the rate over that without clusters, at least 1.
    """

    estimate: float
    lower: float
    upper: float
    events: float
    exposures: float
    design_effect: float


def base_rate(y: npt.ArrayLike, groups: Any = None, level: float = 0.95) -> BaseRate:
    """Share of exposures (days of leave, months) with an event.

    The interval is that of Clopper and Pearson (1934) on the effective number of exposures:
    those over the design effect of clusters, and for the few clusters that estimate it times
    ``(z / t)**2`` (Korn and Graubard 1998). No event gives an upper bound above 0. The clusters
    then tell nothing of the design effect; it is taken as 1, to which it tends for rare events,
    as a person with less than one expected event has few to cluster.

    Parameters
    ----------
    y
        ``(n,)``, 0 or 1 for each exposure.
    groups
        ``(n,)``: who; by default each exposure is of another person.
    level
        Coverage of the interval.

    Raises
    ------
    ModelError
        For no exposures, or an outcome other than 0 or 1.
    """
    y = np.asarray(y, dtype=np.float64)
    if y.ndim != 1 or not len(y) or not np.isin(y, (0.0, 1.0)).all():
        raise ModelError("y must hold a 0 or 1 for each of at least one exposure.")
    events, exposures = float(y.sum()), len(y)
    member = _members(groups, len(y))
    effect = _design_effect_of_mean(y, member)
    persons = int(member.max()) + 1
    effective = exposures / effect
    if effect > 1.0 and persons > 1:
        quantiles = norm.ppf(HALF + level / 2.0), t.ppf(HALF + level / 2.0, persons - 1)
        effective *= float(quantiles[0] / quantiles[1]) ** 2
    rate = events / exposures
    lower, upper = exact_interval(rate * effective, effective, level)
    estimate = rate if events else HALF / (exposures + 1.0)
    return BaseRate(estimate, lower, upper, events, exposures, effect)


def exact_interval(events: float, exposures: float, level: float = 0.95) -> tuple[float, float]:
    """Clopper-Pearson interval of a proportion; numbers need not be whole."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(events, exposures, alpha=1.0 - level, method="beta")
    return float(low) if events > 0 else 0.0, float(high) if events < exposures else 1.0


def exact_rate_interval(events: float, time: float, level: float = 0.95) -> tuple[float, float]:
    """Exact (Garwood 1936) interval of a Poisson rate per unit of time."""
    from statsmodels.stats.rates import confint_poisson

    low, high = confint_poisson(events, time, method="exact-c", alpha=1.0 - level)
    return float(low) if events > 0 else 0.0, float(high)


class RareEventModel(AdditiveClassifier):
    """Probability of a rare event in a short time, such as a leave that fails.

    A logistic regression with few coefficients, each with a log-F(m, m) prior (Greenland and
    Mansournia 2015), and none on the intercept: so the mean probability is the observed rate,
    which Firth's penalty would raise. The features may come through an earlier model of a longer
    horizon: its linear predictor is a score with slope 1, from which the data may move it.

    Parameters
    ----------
    program
        A model of a longer horizon or a commoner event, with the features of ``X`` in order. None:
        shrink to the base rate.
    own_terms
        Whether features may also deviate from ``program``; without one they always do.
    prior_strength
        ``m``: the prior of each coefficient weighs as ``m`` events. A coefficient is a step from
        one knot to the next, or the slope of the score over two standard deviations.
    knots, tail
        As for `SplineLogisticClassifier`, with ends at low and high quantiles; 2 is a straight
        line. With a program its knots hold.
    monotone
        Directions of the own terms.
    level
        Coverage of the interval of the lowered program.

    Attributes
    ----------
    slope_
        Of the score of ``program``; None without.
    events_, design_effect_
        Events seen, and the factor of the covariance for clusters of one person.
    coefficients_, covariance_factor_
        Of the ramps of ``basis_``, intercept first.

    Notes
    -----
    The interval comes from the inverse of the penalised information, times the larger of 1 and
    the mean design effect of the scores of persons, and takes a quantile of Student's t for the
    number of persons with an event. Without any event the probability is that of Jeffreys' prior
    for all, and the interval reaches the exact upper bound. ``scripts/rare_events.py`` measures
    the coverage.
    """

    def __init__(
        self,
        *,
        program: ScoringProgram | None = None,
        own_terms: bool = False,
        prior_strength: float = 2.0,
        knots: int | Sequence[Sequence[float]] = 2,
        tail: float = 0.02,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        level: float = 0.95,
    ) -> None:
        self.program = program
        self.own_terms = own_terms
        self.prior_strength = prior_strength
        self.knots = knots
        self.tail = tail
        self.monotone = monotone
        self.level = level

    def _check_parameters(self) -> None:
        if not 0 < self.prior_strength < np.inf:
            raise ValueError(f"prior_strength is {self.prior_strength!r}; give one above 0.")
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level!r}; give a number between 0 and 1.")

    def _validated(self, x: Any, y: Any, weight: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
        """As the base has it, but an outcome of 0 alone is one that was never seen."""
        values = np.unique(np.asarray(y)) if np.ndim(y) == 1 else np.zeros(0)
        if len(values) == 1 and values.dtype.kind in "biuf" and values[0] == 0:
            padded = np.concatenate([np.asarray(y, dtype=float), [1.0]])
            rows = np.asarray(x, dtype=np.float64)
            x = _same_kind(x, np.vstack([rows, rows[:1]]))
            weights = np.ones(len(rows)) if weight is None else np.asarray(weight, dtype=float)
            x, outcome, weight = super()._validated(x, padded, np.append(weights, 1.0))
            return x[:-1], outcome[:-1], weight[:-1]
        return super()._validated(x, y, weight)

    # -- fit -----------------------------------------------------------------------------------

    def _fit(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        groups: npt.NDArray[Any] | None,
    ) -> None:
        self.calibration_ = Identity()
        self.basis_, score, score_root = self._score(x, weight)
        member = _members(groups, len(x))
        self.events_ = float(weight @ outcome)
        if self.events_ > 0:
            self._fit_events(x, outcome, weight, member, score, score_root)
        else:
            self._fit_without_events(weight, score)
        self.reference_ = mean_terms(self.basis_, self.coefficients_, x, weight)

    def _score(
        self, x: FloatArray, weight: FloatArray
    ) -> tuple[RampBasis, FloatArray | None, FloatArray]:
        """Basis, coefficients of the centred score on it, and the root of their covariance."""
        program = self.program
        if program is None:
            basis = RampBasis.fit(x, weight, self.knots, self.tail)
            return basis, None, np.zeros((basis.size, 0))
        if len(program.terms) != x.shape[1]:
            raise ModelError(
                f"program has {len(program.terms)} features and X {x.shape[1]} columns; give "
                f"the columns {', '.join(program.features)}."
            )
        uncertainty = program.uncertainty
        if uncertainty is not None and not isinstance(uncertainty, Uncertainty):
            raise ModelError("program has replicates; give one with a covariance, or without.")
        fitted = RampBasis.fit(x, weight, [list(dict.fromkeys(t.knots)) for t in program.terms], 0)
        centres = [np.array(row) for row in uncertainty.centres] if uncertainty else fitted.centres
        basis = RampBasis(fitted.knots, tuple(centres))
        coefficients = coefficients_of(program, basis)
        root = np.zeros((basis.size, 0)) if uncertainty is None else uncertainty.matrix
        mean = weight @ basis.design(x) / weight.sum()
        scale = _slope_of(program)
        return basis, scale * _centred(coefficients, mean), scale * _centred(root, mean)

    def _fit_events(
        self,
        x: FloatArray,
        outcome: FloatArray,
        weight: FloatArray,
        member: npt.NDArray[np.intp],
        score: FloatArray | None,
        score_root: FloatArray,
    ) -> None:
        design = self.basis_.design(x)
        back, scale = self._coordinates(design, weight, score)
        offset = np.zeros(len(x)) if score is None else design @ score
        strength = np.full(back.shape[1], float(self.prior_strength))
        strength[0] = 0.0
        posterior = LogF(design @ back, outcome, weight, offset, strength)
        start = np.zeros(len(strength))
        start[0] = logit(np.clip(self.events_ / weight.sum(), 1e-9, 1.0 - 1e-9))
        no_more = np.zeros((len(start), len(start)))
        fit = fit_likelihood(posterior, no_more, start, self._bounds(design, scale))
        b = fit.coefficients
        self.slope_ = None if scale is None else 1.0 + float(b[1]) * scale
        self.coefficients_ = back @ b + (0.0 if score is None else score)
        self.design_effect_ = posterior.design_effect(b, member)
        half = np.linalg.inv(np.linalg.cholesky(posterior.expansion(b)[1])).T
        root = back @ half * np.sqrt(self.design_effect_)
        if self.slope_ is not None:
            root = np.hstack([root, self.slope_ * score_root])
        persons = len(np.unique(member[outcome == 1]))
        self.covariance_factor_ = lower_triangular(root) * _student(persons, self.level)

    def _fit_without_events(self, weight: FloatArray, score: FloatArray | None) -> None:
        """Everyone as Jeffreys' prior has it, up to the exact upper bound."""
        exposures = float(weight.sum())
        self.slope_, self.design_effect_ = None, 1.0
        self.coefficients_ = np.zeros(self.basis_.size)
        self.coefficients_[0] = logit(HALF / (exposures + 1.0))
        upper = exact_interval(0.0, exposures, self.level)[1]
        error = (logit(upper) - self.coefficients_[0]) / norm.ppf(HALF + self.level / 2.0)
        self.covariance_factor_ = np.zeros((self.basis_.size, self.basis_.size))
        self.covariance_factor_[0, 0] = error
        if score is not None:
            self.slope_ = 1.0
            self.coefficients_ = self.coefficients_ + score

    def _coordinates(
        self, design: FloatArray, weight: FloatArray, score: FloatArray | None
    ) -> tuple[FloatArray, float | None]:
        """What the coefficients of the fit are in those of the basis, ``(P, C)``.

        With it the slope per coefficient of the score, if there is one: that coefficient is
        what the slope adds over two standard deviations.
        """
        unit = np.eye(self.basis_.size)
        columns, scale = [unit[:, :1]], None
        if score is not None:
            spread = np.sqrt(np.average(np.square(design @ score), weights=weight))
            scale = 1.0 / max(2.0 * float(spread), 1e-12)
            columns.append(scale * score[:, None])
        if score is None or self.own_terms:
            columns.append(unit[:, 1:][:, _filled(design)])
        return np.hstack(columns), scale

    def _bounds(self, design: FloatArray, scale: float | None) -> Bounds:
        found = self.basis_.bounds(self._directions())
        lower, upper = (bound[1:][_filled(design)] for bound in found)
        if scale is None:
            return Bounds(np.r_[-np.inf, lower], np.r_[np.inf, upper])
        own = slice(None if self.own_terms else 0)
        least = (LEAST_SLOPE - 1.0) / scale
        return Bounds(np.r_[-np.inf, least, lower[own]], np.r_[np.inf, np.inf, upper[own]])

    # -- predict and lower ---------------------------------------------------------------------

    def _linear_predictor(self, x: FloatArray) -> FloatArray:
        return self.basis_.design(x) @ self.coefficients_

    def _lower(self, names: Sequence[str], support: Support | None) -> ScoringProgram:
        centres = [centre.tolist() for centre in self.basis_.centres]
        return ScoringProgram(
            intercept=float(self.coefficients_[0]),
            terms=terms_of(self.basis_, self.coefficients_, self.reference_, names),
            uncertainty=Uncertainty.from_factor(self.covariance_factor_, centres, self.level),
            support=support,
        )


@dataclass(frozen=True)
class LogF:
    """Logistic loss with an offset and a log-F(m, m) prior per coefficient.

    Attributes
    ----------
    design, outcome, weight, offset
        ``(n, C)`` and ``(n,)``.
    strength
        ``(C,)``, the ``m`` of each coefficient; 0 is no prior. Minus the log prior of ``b`` is
        ``m (log(1 + exp(b)) - b / 2)``.
    """

    design: FloatArray
    outcome: FloatArray
    weight: FloatArray
    offset: FloatArray
    strength: FloatArray

    def deviance(self, coefficients: FloatArray) -> float:
        """Minus the log posterior."""
        lp = self.design @ coefficients + self.offset
        loss = self.weight @ (np.logaddexp(0.0, lp) - self.outcome * lp)
        prior = np.logaddexp(0.0, coefficients) - coefficients / 2.0
        return float(loss + self.strength @ prior)

    def expansion(self, coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and Hessian."""
        p = expit(self.design @ coefficients + self.offset)
        prior = expit(coefficients)
        gradient = self.design.T @ (self.weight * (p - self.outcome))
        hessian = self.design.T @ (self.design * (self.weight * p * (1.0 - p))[:, None])
        gradient = gradient + self.strength * (prior - HALF)
        return gradient, hessian + np.diag(self.strength * prior * (1.0 - prior))

    def design_effect(self, coefficients: FloatArray, member: npt.NDArray[np.intp]) -> float:
        """Mean over directions of the variance of the scores of persons over that of rows.

        At least 1: that events spread over persons more evenly than chance is chance.
        """
        p = expit(self.design @ coefficients + self.offset)
        scores = self.design * (self.weight * (self.outcome - p))[:, None]
        persons = np.zeros((int(member.max()) + 1, scores.shape[1]))
        np.add.at(persons, member, scores)
        rows = scores.T @ scores
        factor = len(persons) / max(len(persons) - 1.0, 1.0)
        ratio = np.trace(np.linalg.pinv(rows, hermitian=True) @ (persons.T @ persons)) * factor
        return max(1.0, float(ratio) / np.linalg.matrix_rank(rows))


def _student(persons: int, level: float) -> float:
    """Quantile of Student's t over the normal one, as programs take the normal one."""
    level = HALF + level / 2.0
    return float(t.ppf(level, max(persons, 1)) / norm.ppf(level))


def _slope_of(program: ScoringProgram) -> float:
    """Slope of the logistic calibration of a program; 1 for other maps, which keep the order."""
    return float(getattr(program.calibration, "slope", 1.0))


def _centred(coefficients: FloatArray, mean: FloatArray) -> FloatArray:
    """Coefficients with mean predictor 0, for a mean row ``(P,)`` of the design."""
    centred = coefficients.copy()
    centred[0] = centred[0] - mean @ coefficients
    return centred


def _filled(design: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether each column but that of the intercept has a value at all."""
    return np.asarray(design[:, 1:].any(axis=0), dtype=np.bool_)


def _members(groups: Any, n: int) -> npt.NDArray[np.intp]:
    if groups is None:
        return np.arange(n)
    if len(groups) != n:
        raise ModelError(f"groups has {len(groups)} rows; {n} were expected.")
    return np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.intp)


def _design_effect_of_mean(y: FloatArray, member: npt.NDArray[np.intp]) -> float:
    """Variance of a mean by persons over that by rows, at least 1."""
    rate, count = y.mean(), int(member.max()) + 1
    if rate in (0.0, 1.0) or count in (1, len(y)):
        return 1.0
    residual = np.bincount(member, y - rate)
    variance = count / (count - 1.0) * np.square(residual).sum() / len(y) ** 2
    return max(1.0, float(variance / (rate * (1.0 - rate) / len(y))))


def _same_kind(x: Any, rows: FloatArray) -> Any:
    """A data frame if ``x`` is one, so that names stay."""
    import pandas as pd

    return pd.DataFrame(rows, columns=x.columns) if isinstance(x, pd.DataFrame) else rows
