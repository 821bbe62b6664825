"""Learners of effects: from doubly robust scores, from two models, by a forest, or none at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.selection.expected import EVEN, KNOTS, TAIL

if TYPE_CHECKING:
    from risicoscreener.models.estimators.splines import RampBasis
    from risicoscreener.models.program import ScoringProgram

FloatArray = npt.NDArray[np.float64]

SHRINKAGES = tuple(np.logspace(1, 6, 9).tolist())
BENDS = (0.1, 10.0)
"""Penalties that are averaged over: of slopes, and of bends as a multiple of it."""
LEAST_VARIANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a learner sees of people who could have gone either way.

    Attributes
    ----------
    x
        ``(n, F)``: what may change the effect; NaN for unknown.
    score
        ``(n,)``: doubly robust scores of the effect.
    received, outcome, propensity, expected
        ``(n,)`` each: the help, what became of people, chance of the help, and outcome expected
        whether or not it was received.
    """

    x: FloatArray
    score: FloatArray
    received: FloatArray
    outcome: FloatArray
    propensity: FloatArray
    expected: FloatArray

    def where(self, rows: npt.NDArray[Any]) -> Lesson:
        """Some of the rows."""
        return Lesson(**{name: values[rows] for name, values in vars(self).items()})


class Effects(Protocol):
    """A fitted model of the effect."""

    @property
    def kind(self) -> str:
        """Name of the learner."""

    def effect(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Effect of each row and its standard error, ``(n,)`` each."""

    def parts(self, x: FloatArray) -> FloatArray | None:
        """What each column adds to the effect of an average person, ``(n, F)``, if additive."""

    def programs(self) -> Mapping[str, ScoringProgram] | None:
        """What can be stored; None for what cannot."""


@dataclass(frozen=True, eq=False)
class AdditiveEffects:
    """An effect that is a sum of one function of each column: the linear predictor of a program."""

    program: ScoringProgram
    kind: str = "spline"

    def effect(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Effect of each row and its standard error."""
        effect = self.program.score_many(x).linear_predictor
        intervals = self.program.interval_many(x, effect)
        assert intervals is not None
        return effect, intervals.standard_error

    def parts(self, x: FloatArray) -> FloatArray | None:
        """What each column adds."""
        return self.program.score_many(x, contributions=True).contributions

    def programs(self) -> Mapping[str, ScoringProgram] | None:
        """The program."""
        return {"effect": self.program}


@dataclass(frozen=True, eq=False)
class TwoModels:
    """The difference of two logistic models: of people with, and without, the help."""

    with_help: ScoringProgram
    without: ScoringProgram
    kind: str = "two_models"

    def effect(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Effect of each row; its error by the delta method, of two models apart."""
        found, variance = np.zeros(len(x)), np.zeros(len(x))
        for sign, program in ((1.0, self.with_help), (-1.0, self.without)):
            scores = program.score_many(x)
            intervals = program.interval_many(x, scores.linear_predictor)
            assert intervals is not None
            found += sign * scores.probability
            slope = scores.probability * (1 - scores.probability)
            variance += (slope * intervals.standard_error) ** 2
        return found, np.sqrt(variance)

    def parts(self, x: FloatArray) -> FloatArray | None:  # noqa: ARG002
        """None: a difference of two curved models is no sum."""
        return None

    def programs(self) -> Mapping[str, ScoringProgram] | None:
        """Both programs."""
        return {"with_help": self.with_help, "without": self.without}


@dataclass(frozen=True, eq=False)
class Forest:
    """A causal forest of EconML; it lives in memory only."""

    forest: Any
    middle: FloatArray
    kind: str = "forest"

    def effect(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Effect of each row and its standard error."""
        value, variance = self.forest.predict_and_var(_filled(x, self.middle))
        return value.ravel(), np.sqrt(np.maximum(variance.ravel(), 0.0))

    def parts(self, x: FloatArray) -> FloatArray | None:  # noqa: ARG002
        """None: a forest is no sum."""
        return None

    def programs(self) -> Mapping[str, ScoringProgram] | None:
        """None: trees are not stored."""
        return None


def learn_average(lesson: Lesson, names: tuple[str, ...]) -> AdditiveEffects:
    """The same effect for everybody: what the others have to beat."""
    n, basis = len(lesson.score), _basis(lesson.x)
    coefficients = np.zeros(basis.size)
    coefficients[0] = lesson.score.mean()
    covariance = np.eye(basis.size) * 1e-18
    covariance[0, 0] = lesson.score.var() / n
    return AdditiveEffects(_program(basis, coefficients, covariance, names), "average")


def learn_spline(lesson: Lesson, names: tuple[str, ...]) -> AdditiveEffects:
    """DR-learner: penalised splines on doubly robust scores (Kennedy 2023, EJS 17:3008-3049).

    How much the effect may differ is not chosen but averaged over: a grid of penalties, each by
    its marginal likelihood, so that the error holds the doubt about it. The noise of each penalty
    is robust (scores differ in spread between people).
    """
    basis = _basis(lesson.x)
    design, score = basis.design(lesson.x), lesson.score
    n = len(score)
    gram, moment = design.T @ design, design.T @ score
    noise = max(float(score.var()), 1e-12)
    fits = []
    for shrinkage in SHRINKAGES:
        for bend in BENDS:
            prior = basis.penalty(shrinkage, bend * shrinkage)
            fits.append(_posterior(gram / noise, moment / noise, prior))
    evidence = np.array([fit[2] for fit in fits])
    share = np.exp(evidence - evidence.max())
    share /= share.sum()
    coefficients = sum(s * fit[0] for s, fit in zip(share, fits, strict=True))
    residual = score - design @ coefficients
    meat = (design * (residual**2 * n / max(n - 1, 1))[:, None]).T @ design / noise**2
    covariance = np.zeros((basis.size, basis.size))
    for s, (b, inverse, _, prior) in zip(share, fits, strict=True):
        if s < 1e-8:
            continue
        away = (b - coefficients)[:, None]
        covariance += s * (inverse @ (meat + prior) @ inverse + away @ away.T)
    return AdditiveEffects(_program(basis, np.asarray(coefficients), covariance, names))


def _posterior(
    precision: FloatArray, moment: FloatArray, prior: FloatArray
) -> tuple[FloatArray, FloatArray, float, FloatArray]:
    """Mean, covariance and log marginal likelihood (but for a constant) of a Gaussian prior."""
    from scipy.linalg import cho_factor, cho_solve

    factor = cho_factor(precision + prior)
    mean = cho_solve(factor, moment)
    inverse = cho_solve(factor, np.eye(len(moment)))
    log_det = 2.0 * float(np.log(np.diag(factor[0])).sum())
    prior_det = float(np.linalg.slogdet(prior[1:, 1:])[1])
    return mean, inverse, 0.5 * (prior_det - log_det + float(moment @ mean)), prior


def learn_two_models(lesson: Lesson, names: tuple[str, ...]) -> TwoModels:
    """T-learner: a penalised logistic model of each arm, weighted by the chance of being in it.

    The weights make up for what the columns do not hold of who received the help.
    """
    from risicoscreener.models.estimators.penalised import Bounds, Sample, fit_penalised

    programs = []
    for arm in (1.0, 0.0):
        rows = lesson.received == arm
        chance = lesson.propensity[rows] if arm else 1 - lesson.propensity[rows]
        weight = (1 / chance) / (1 / chance).mean()
        x, y = lesson.x[rows], lesson.outcome[rows]
        basis = _basis(x)
        sample = Sample(basis.design(x), y, weight)
        fit = fit_penalised(sample, prior := basis.penalty(3.0, 3.0), Bounds.none(basis.size))
        from scipy.special import expit

        away = weight * (y - expit(sample.design @ fit.coefficients))
        meat = (sample.design * (away**2)[:, None]).T @ sample.design
        inverse = np.linalg.inv(fit.information + prior)
        covariance = inverse @ (meat + prior) @ inverse
        programs.append(_program(basis, fit.coefficients, covariance, names))
    with_help, without = programs
    return TwoModels(with_help, without)


def learn_forest(lesson: Lesson, names: tuple[str, ...], *, seed: int = 0) -> Forest:  # noqa: ARG001
    """Causal forest (Athey, Tibshirani and Wager 2019) on residuals of outcome and of help.

    Raises
    ------
    ReentryError
        Without the extra ``uplift`` (EconML).
    """
    try:
        from econml.grf import CausalForest  # type: ignore[import-untyped]
    except ImportError:
        raise ReentryError(
            "a forest needs EconML; install it with pip install 'risicoscreener[uplift]', or "
            "leave the learner 'forest' out"
        ) from None
    middle = np.nan_to_num(np.nanmedian(lesson.x, axis=0))
    forest = CausalForest(n_estimators=200, min_samples_leaf=25, random_state=seed, n_jobs=1)
    forest.fit(
        _filled(lesson.x, middle),
        (lesson.received - lesson.propensity)[:, None],
        lesson.outcome - lesson.expected,
    )
    return Forest(forest, middle)


LEARNERS = {
    "average": learn_average,
    "spline": learn_spline,
    "two_models": learn_two_models,
    "forest": learn_forest,
}
"""By name what learns effects; ``average`` is what the others have to beat."""


def restored(kind: str, programs: Mapping[str, ScoringProgram]) -> Effects:
    """A fitted model from what was stored of it.

    Raises
    ------
    ReentryError
        For another kind, or other programs than it has.
    """
    try:
        if kind == "two_models":
            return TwoModels(programs["with_help"], programs["without"])
        if kind in ("spline", "average"):
            return AdditiveEffects(programs["effect"], kind)
    except KeyError as error:
        raise ReentryError(f"the program {error} is absent; learn the model again") from None
    raise ReentryError(f"kind {kind!r} of a stored model; expected average, spline or two_models")


def _basis(x: FloatArray) -> RampBasis:
    from risicoscreener.models.estimators.splines import RampBasis

    return RampBasis.fit(x, np.ones(len(x)), KNOTS, TAIL, EVEN)


def _program(
    basis: RampBasis, coefficients: FloatArray, covariance: FloatArray, names: tuple[str, ...]
) -> ScoringProgram:
    """Coefficients as a program, whose parts are relative to the mean of what is known."""
    from risicoscreener.models.calibration import Identity
    from risicoscreener.models.estimators import SplineLogisticClassifier

    fitted = SplineLogisticClassifier(level=0.95)
    size = len(covariance)
    scale = float(np.trace(covariance)) / size
    fitted.basis_, fitted.coefficients_ = basis, coefficients
    steadied = (covariance + covariance.T) / 2 + np.eye(size) * max(scale, 1e-12) * 1e-9
    fitted.covariance_factor_ = np.asarray(np.linalg.cholesky(steadied), np.float64)
    fitted.reference_ = np.zeros(len(names))
    fitted.calibration_ = Identity()
    fitted.n_features_in_ = len(names)
    return fitted.lower(list(names))


def _filled(x: FloatArray, middle: FloatArray) -> FloatArray:
    """Unknown values at the middle, with a column for each that says where."""
    unknown = np.isnan(x)
    return np.column_stack([np.where(unknown, middle, x), unknown.astype(np.float64)])


def is_flat(effect: FloatArray) -> bool:
    """Whether a model gives everybody the same effect."""
    return math.sqrt(float(effect.var())) < LEAST_VARIANCE
