"""The two lowest rungs: a new intercept, and a new intercept and slope, of an old model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from scipy.special import expit, logit

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import (
    INVERSE_LINKS_MANY,
    Beta,
    Calibration,
    Identity,
    Logistic,
    Spline,
    Table,
    VennAbers,
)
from risicoscreener.models.covariance import Uncertainty
from risicoscreener.models.ensemble import Ensemble

if TYPE_CHECKING:
    import numpy.typing as npt

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.updating.data import NewData

PROBABILITY_FLOOR = 1e-12
LEAST_SPREAD = 1e-9
TABLE_PREDICTORS = np.linspace(-8.0, 8.0, 181)
"""Where a map that is not logistic is tabulated, on the scale of the linear predictor."""


@dataclass(frozen=True)
class Line:
    """``intercept + slope * z``, with ``z`` the calibrated linear predictor of the old model.

    Attributes
    ----------
    covariance
        ``(2, 2)``, of intercept and slope; zeros where they were not estimated.
    log_likelihood
        Weighted, of the new data.
    """

    intercept: float
    slope: float
    covariance: FloatArray
    log_likelihood: float


def calibrated_predictor(program: ScoringProgram, x: FloatArray) -> FloatArray:
    """What the old model says, on the scale of its link, shape ``(n,)``."""
    lp = program.score_many(x).linear_predictor
    if is_line(program.calibration):
        return program.calibration.before_link(lp)
    return link_many(program.link, program.probability_many(lp))


def is_line(calibration: Calibration) -> bool:
    """The map is a straight line on the scale of the linear predictor."""
    return isinstance(calibration, Identity | Logistic)


def link_many(link: str, probability: FloatArray) -> FloatArray:
    """The link of each probability, none of them infinite."""
    p = np.clip(probability, PROBABILITY_FLOOR, 1.0 - PROBABILITY_FLOOR)
    found: FloatArray = logit(p) if link == "logit" else np.log(-np.log1p(-p))
    return found


def fit_line(data: NewData, z: FloatArray, link: str, *, intercept: bool, slope: bool) -> Line:
    """Maximum likelihood of the intercept, or of intercept and slope (Cox 1958).

    With several rows per person the covariance is the one that is robust to it.

    Raises
    ------
    ModelError
        If the old model says the same of everyone, so that there is no slope to estimate.
    """
    import statsmodels.api as sm

    family = sm.families.Binomial(
        link=sm.families.links.Logit() if link == "logit" else sm.families.links.CLogLog()
    )
    if slope and np.ptp(z) < LEAST_SPREAD:
        raise ModelError(
            "the old model gives everyone of the new data the same probability, so that it has no "
            "slope; update its intercept only, or fit a new model."
        )
    if not intercept:
        probability = np.clip(INVERSE_LINKS_MANY[link](z), 1e-15, 1.0 - 1e-15)
        loss = -data.outcome * np.log(probability) - (1 - data.outcome) * np.log1p(-probability)
        return Line(0.0, 1.0, np.zeros((2, 2)), -float(data.weight @ loss))
    design = np.column_stack([np.ones(data.n), z]) if slope else np.ones((data.n, 1))
    offset = None if slope else z
    model = sm.GLM(data.outcome, design, family=family, freq_weights=data.weight, offset=offset)
    start = np.array([0.0, 1.0]) if slope else np.zeros(1)
    fit = model.fit(tol=1e-13, maxiter=200, start_params=start)
    covariance = np.zeros((2, 2))
    covariance[: len(start), : len(start)] = _covariance(data, design, fit, link)
    estimated = float(fit.params[1]) if slope else 1.0
    return Line(float(fit.params[0]), estimated, covariance, float(fit.llf))


def _covariance(data: NewData, design: FloatArray, fit: Any, link: str) -> FloatArray:
    """Of intercept and slope; with several rows per person from scores added up per person."""
    found: FloatArray = fit.cov_params()
    if data.groups is None:
        return found
    residual, _ = score_and_spread(fit.predict(which="linear"), data, link)
    scores = per_person(design * residual[:, None], data.groups)
    sandwich: FloatArray = found @ scores.T @ scores @ found
    return sandwich * len(scores) / (len(scores) - 1)


def score_and_spread(lp: FloatArray, data: NewData, link: str) -> tuple[FloatArray, FloatArray]:
    """Per row the derivative of its log-likelihood, and the expected second derivative."""
    if link == "logit":
        p = expit(lp)
        return data.weight * (data.outcome - p), data.weight * p * (1.0 - p)
    hazard = np.exp(np.minimum(lp, 30.0))
    p = np.clip(-np.expm1(-hazard), 1e-15, 1.0)
    steep = hazard * np.exp(-hazard)  # derivative of the probability
    variance = np.maximum(p * (1.0 - p), 1e-300)
    return (
        data.weight * (data.outcome - p) * steep / variance,
        data.weight * np.square(steep) / variance,
    )


def per_person(rows: FloatArray, groups: npt.NDArray[Any]) -> FloatArray:
    """Rows added up per person, ``(persons, k)``."""
    codes = np.unique(groups, return_inverse=True)[1]
    summed = np.zeros((int(codes.max()) + 1, rows.shape[1]))
    np.add.at(summed, codes, rows)
    return summed


def recalibrated(program: ScoringProgram, line: Line) -> ScoringProgram:
    """The program with another calibration map, its terms as they were.

    A covariance of the terms is widened by that of the new intercept and slope, so that the
    interval holds both.

    Raises
    ------
    ModelError
        If the slope is not positive: the old model ranks the new people the wrong way round.
    """
    if line.slope <= 0:
        raise ModelError(
            f"the slope of the old model in the new data is {line.slope:.3g}: it ranks these "
            "people the wrong way round. Do not recalibrate it; refit it or fit a new model."
        )
    return msgspec.structs.replace(
        program,
        calibration=_composed(program, line),
        uncertainty=_widened(program, line),
    )


def _composed(program: ScoringProgram, line: Line) -> Calibration:
    """The old map followed by the line; exact but for a `Table` that slopes between its knots."""
    old = program.calibration
    if isinstance(old, Identity):
        return Logistic(intercept=line.intercept, slope=line.slope)
    if isinstance(old, Logistic):
        return Logistic(
            intercept=line.intercept + line.slope * old.intercept, slope=line.slope * old.slope
        )
    if isinstance(old, Spline):
        return Spline(
            knots=old.knots,
            intercept=line.intercept + line.slope * old.intercept,
            coefficients=tuple(line.slope * c for c in old.coefficients),
        )
    if isinstance(old, Beta) and program.link == "logit":
        return Beta(
            a=line.slope * old.a,
            b=line.slope * old.b,
            intercept=line.intercept + line.slope * old.intercept,
        )
    if isinstance(old, VennAbers):
        tables = (old.lower, old.upper, old.probabilities)
        lower, upper, merged = (_moved(np.array(t), line, program.link) for t in tables)
        return VennAbers(old.edges, lower, upper, merged)
    return _tabulated(program, line)


def _moved(probability: FloatArray, line: Line, link: str) -> tuple[float, ...]:
    """Probabilities moved along the line on the scale of the link; 0 and 1 stay."""
    moved = INVERSE_LINKS_MANY[link](line.intercept + line.slope * link_many(link, probability))
    moved = np.where(probability <= 0.0, 0.0, np.where(probability >= 1.0, 1.0, moved))
    return tuple(np.maximum.accumulate(moved).tolist())


def _tabulated(program: ScoringProgram, line: Line) -> Table:
    """Any other map followed by the line: exact at the knots, and constant where it was."""
    if isinstance(program.calibration, Table):
        old = program.calibration
        before, after = _refined(np.array(old.before), np.array(old.after))
    else:
        before = INVERSE_LINKS_MANY[program.link](TABLE_PREDICTORS)
        after = program.probability_many(TABLE_PREDICTORS)
    return Table(tuple(before.tolist()), _moved(after, line, program.link))


def _refined(before: FloatArray, after: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points added within the sloping segments of a table, as many as fit."""
    sloping = np.flatnonzero((np.diff(before) > 0) & (np.diff(after) > 0))
    each = (len(TABLE_PREDICTORS) - len(before)) // max(len(sloping), 1)
    if each < 1:
        return before, after
    share = np.arange(1, each + 1) / (each + 1)
    places = np.repeat(sloping + 1, each)
    x = (before[sloping, None] + np.diff(before)[sloping, None] * share).ravel()
    y = (after[sloping, None] + np.diff(after)[sloping, None] * share).ravel()
    return np.insert(before, places, x), np.insert(after, places, y)


def _widened(program: ScoringProgram, line: Line) -> Uncertainty | Ensemble | None:
    """Uncertainty of the terms and of the line together, on the scale of the old predictor."""
    old, calibration = program.uncertainty, program.calibration
    if old is None or not is_line(calibration) or not line.covariance.any():
        return old
    inner = calibration if isinstance(calibration, Logistic) else Logistic(0.0, 1.0)
    total = line.slope * inner.slope
    if isinstance(old, Ensemble):
        return _widened_ensemble(old, line, inner, total)
    centred = _centred_coefficients(program, old)
    moves = np.zeros((len(centred), 2))  # of the old predictor, by intercept and by slope
    moves[0, 0] = 1.0 / total
    moves[:, 1] = inner.slope * centred / total
    moves[0, 1] += inner.intercept / total
    root = np.linalg.cholesky(line.covariance + 1e-300 * np.eye(2)) if _full(line) else _root(line)
    stacked = np.hstack([old.matrix, moves @ root])
    return Uncertainty.from_factor(lower_root(stacked), old.centres, old.level)


def _full(line: Line) -> bool:
    return bool(line.covariance[1, 1] > 0)


def _root(line: Line) -> FloatArray:
    """Root of a covariance of which only the intercept was estimated."""
    return np.diag(np.sqrt(np.diag(line.covariance)))


def lower_root(stacked: FloatArray) -> FloatArray:
    """Lower-triangular ``L`` with ``L @ L.T == stacked @ stacked.T``, for ``(P, >= P)``."""
    found: FloatArray = np.tril(np.linalg.qr(stacked.T).R.T)
    return found


def _centred_coefficients(program: ScoringProgram, uncertainty: Uncertainty) -> FloatArray:
    """The coefficients of a program in the order and around the centres of its covariance."""
    coefficients, intercept = [], program.intercept
    for term, centre in zip(program.terms, uncertainty.centres, strict=True):
        increments = np.diff(term.values)
        shift = term.values[0] + float(np.array(centre) @ increments)
        coefficients += [*increments, term.missing - shift]
        intercept += shift
    return np.array([intercept, *coefficients], dtype=float)


def _widened_ensemble(old: Ensemble, line: Line, inner: Logistic, total: float) -> Ensemble:
    """Each replicate with an intercept and slope of its own, spread as they were estimated.

    The spread is laid out at normal quantiles in a fixed order, so that there is no seed.
    """
    draws = old.matrix.copy()
    spread = (
        _spread(len(draws))
        @ (np.linalg.cholesky(line.covariance) if _full(line) else _root(line)).T
    )
    ratio = (line.slope + spread[:, 1]) * inner.slope / total
    draws *= ratio[:, None]
    draws[:, 0] += (spread[:, 0] + spread[:, 1] * inner.intercept) / total
    return Ensemble.from_draws(draws, old.level)


def _spread(count: int) -> FloatArray:
    """``(count, 2)`` uncorrelated standard normal numbers with mean 0 and variance 1."""
    drawn = np.random.default_rng(0).normal(size=(count, 2))
    drawn -= drawn.mean(axis=0)
    root = np.linalg.cholesky(np.cov(drawn.T))
    found: FloatArray = np.linalg.solve(root, drawn.T).T
    return found
