"""Figures of several prisons as draws of one distribution: their mean, and the next prison."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit, logit, stdtrit

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.sample import as_numbers

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Method = Literal["reml", "paule_mandel"]

FEWEST_FOR_PREDICTION = 3
"""Parts below which nothing can be said of the next one."""

SCALES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "identity": (lambda x: x, lambda x: x),
    "logit": (logit, expit),
    "log": (np.log, np.exp),
}
SCALE_OF = {"auc": "logit", "expected_observed": "log"}
"""On which estimates are closer to normal (Snell et al. 2018); the others stay as they are."""


@dataclass(frozen=True)
class Pooled:
    """Estimates with their standard errors, pooled with random effects on one scale.

    Attributes
    ----------
    mean, low, high
        The mean over prisons and its interval.
    next_low, next_high
        Prediction interval of the true value in a prison like these; NaN with fewer than 3.
    tau
        Standard deviation of the true values between prisons.
    i_squared
        Share of the variance of the estimates that is between prisons.
    q
        Cochran's statistic of heterogeneity, with ``k - 1`` degrees of freedom.
    k
        How many estimates.
    """

    mean: float
    low: float
    high: float
    next_low: float
    next_high: float
    tau: float
    i_squared: float
    q: float
    k: int


@dataclass(frozen=True)
class Summary:
    """One measure over prisons.

    Attributes
    ----------
    mean
        `Estimate` of the mean over prisons, back on the scale of the measure.
    next_low, next_high
        Prediction interval of the true value in a prison like these.
    tau
        Standard deviation of the true values between prisons, on `scale`.
    i_squared, q, k
        As of `Pooled`.
    scale
        ``identity``, ``logit`` or ``log``: where they were pooled.
    parts
        By name the `Estimate` of each prison, also of those that could not be pooled.
    """

    mean: Estimate
    next_low: float
    next_high: float
    tau: float
    i_squared: float
    q: float
    k: int
    scale: str
    parts: tuple[tuple[str, Estimate], ...]

    @property
    def name(self) -> str:
        """Which measure."""
        return self.mean.name

    def to_frame(self) -> pd.DataFrame:
        """A row for each prison, then the mean, then the next prison."""
        import pandas as pd

        rows = [(n, e.value, e.low, e.high, e.n, e.events) for n, e in self.parts]
        rows.append(("mean", *_bounds(self.mean), self.mean.n, self.mean.events))
        rows.append(("next prison", math.nan, self.next_low, self.next_high, 0, 0))
        return pd.DataFrame(rows, columns=["part", "value", "low", "high", "n", "events"])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with None for what is not there."""
        numbers = {
            key: value if math.isfinite(value) else None
            for key in ("next_low", "next_high", "tau", "i_squared", "q")
            if isinstance(value := getattr(self, key), float)
        }
        parts = {name: one.to_dict() for name, one in self.parts}
        told = {"mean": self.mean.to_dict(), "k": self.k, "scale": self.scale}
        return told | numbers | {"parts": parts}

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True, index=False)


def random_effects(
    values: npt.ArrayLike,
    errors: npt.ArrayLike,
    *,
    method: Method = "reml",
    held: bool = True,
    level: float = 0.95,
) -> Pooled:
    """Pool estimates with random effects.

    Parameters
    ----------
    values, errors
        ``(k,)`` estimates, about normal, and their standard errors, above 0.
    method
        Of the variance between: restricted maximum likelihood, or Paule and Mandel (1982).
    held
        Keep the interval of the mean from becoming narrower than the estimates' own errors allow,
        where they happen to lie close together (Knapp and Hartung 2003).

    Notes
    -----
    The interval of the mean is that of Hartung and Knapp (2001) with ``k - 1`` degrees of freedom;
    the prediction interval that of Higgins, Thompson and Spiegelhalter (2009) with ``k - 2`` and
    the same standard error of the mean.

    Raises
    ------
    EvaluationError
        If there are fewer than 2, lengths differ, an error is not above 0, or the method is
        another.
    """
    y, s = as_numbers(values, "values"), as_numbers(errors, "errors")
    if y.ndim != 1 or y.shape != s.shape or len(y) < 2:
        raise EvaluationError(
            f"values of shape {y.shape} and errors of {s.shape}; expected (k,) of both, k 2 or more"
        )
    if not (np.isfinite(y).all() and (np.isfinite(s) & (s > 0)).all()):
        raise EvaluationError("values must be numbers, and errors numbers above 0")
    quantile(level)
    if method not in get_args(Method):
        raise EvaluationError(f"method is {method!r}; expected {' or '.join(get_args(Method))}")
    variance, k = np.square(s), len(y)
    between = _reml(y, variance) if method == "reml" else _paule_mandel(y, variance)
    mean, weight = _mean(y, variance, between)
    factor = _q(y, variance, between) / (k - 1)
    error = math.sqrt((max(factor, 1.0) if held else factor) / weight.sum())
    tail = 0.5 + level / 2
    half = float(stdtrit(k - 1, tail)) * error
    far = math.nan
    if k >= FEWEST_FOR_PREDICTION:
        far = float(stdtrit(k - 2, tail)) * math.hypot(math.sqrt(between), error)
    return Pooled(
        mean=mean,
        low=mean - half,
        high=mean + half,
        next_low=mean - far,
        next_high=mean + far,
        tau=math.sqrt(between),
        i_squared=between / (between + _typical(variance)),
        q=_q(y, variance, 0.0),
        k=k,
    )


def summarise(
    parts: Sequence[tuple[str, Estimate, float]], *, method: Method = "reml", level: float = 0.95
) -> Summary:
    """Pool one measure over prisons, on the scale that suits it.

    Parameters
    ----------
    parts
        Per prison its name, its `Estimate`, and how many standard errors its limits lie away.
        Prisons without a value or an interval are left out of the mean, and stay in `parts`.
    """
    name = parts[0][1].name
    scale = SCALE_OF.get(name, "identity")
    there, back = SCALES[scale]
    used = [(e, q) for _, e, q in parts if e.has_interval and _inside(e, scale)]
    n, events = sum(e.n for e, _ in used), sum(e.events for e, _ in used)
    estimates = tuple((label, e) for label, e, _ in parts)
    if len(used) < 2:
        none = Estimate(name, math.nan, level=level, n=n, events=events, problem="few_parts")
        nan = math.nan
        return Summary(none, nan, nan, nan, nan, nan, len(used), scale, estimates)
    values = [float(there(e.value)) for e, _ in used]
    errors = [_error(e, q, scale) for e, q in used]
    found = random_effects(values, errors, method=method, level=level)
    mean = Estimate(
        name,
        float(back(found.mean)),
        float(back(found.low)),
        float(back(found.high)),
        level,
        "random_effects",
        n,
        events,
    )
    return Summary(
        mean,
        float(back(found.next_low)),
        float(back(found.next_high)),
        found.tau,
        found.i_squared,
        found.q,
        found.k,
        scale,
        estimates,
    )


def _inside(estimate: Estimate, scale: str) -> bool:
    """Whether value and limits exist on a scale."""
    if scale == "identity":
        return True
    below = estimate.high < 1 if scale == "logit" else True
    return estimate.low > 0 and below


def _error(estimate: Estimate, errors_away: float, scale: str) -> float:
    """Standard error on a scale; a limit that was cut off at a bound does not make it smaller."""
    there, _ = SCALES[scale]
    value, low, high = (float(there(x)) for x in _bounds(estimate))
    half = max(high - value, value - low) if scale == "identity" else (high - low) / 2
    return half / errors_away


def _bounds(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _mean(y: FloatArray, variance: FloatArray, between: float) -> tuple[float, FloatArray]:
    weight = 1 / (variance + between)
    return float(weight @ y / weight.sum()), weight


def _q(y: FloatArray, variance: FloatArray, between: float) -> float:
    mean, weight = _mean(y, variance, between)
    return float(weight @ np.square(y - mean))


def _typical(variance: FloatArray) -> float:
    """The typical variance within (Higgins and Thompson 2002)."""
    weight, k = 1 / variance, len(variance)
    return float((k - 1) * weight.sum() / (weight.sum() ** 2 - np.square(weight).sum()))


def _reml(y: FloatArray, variance: FloatArray) -> float:
    """Variance between of largest restricted likelihood: where its slope becomes 0."""

    def slope(between: float) -> float:
        mean, weight = _mean(y, variance, between)
        square = np.square(weight)
        return float(square @ np.square(y - mean) - weight.sum() + square.sum() / weight.sum())

    return _root(slope, y, variance)


def _paule_mandel(y: FloatArray, variance: FloatArray) -> float:
    """Variance between with which the estimates spread as much as they should."""
    return _root(lambda between: _q(y, variance, between) - (len(y) - 1), y, variance)


def _root(slope: Callable[[float], float], y: FloatArray, variance: FloatArray) -> float:
    if slope(0.0) <= 0:
        return 0.0
    above = float(np.square(y - y.mean()).sum()) + float(variance.max())
    while slope(above) > 0:
        above *= 2
    return float(brentq(slope, 0.0, above, xtol=1e-15, rtol=1e-14, maxiter=500))
