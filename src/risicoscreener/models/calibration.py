"""From linear predictor to probability: links and calibration maps.

A calibration map acts before the link (logistic, spline: on the linear predictor) or after it
(beta, table, Venn-Abers: on the probability). Each is a small frozen class with a ``kind``;
`Calibration` is the register of the kinds that a stored program may name. A new kind is a class
here and a name there. What fits them to data is `risicoscreener.models.calibrating`.

Every map is non-decreasing, or it is refused when it is made or read. So an interval of the
linear predictor maps to an interval of the probability by its ends.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import numpy as np
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.models.piecewise import MAX_KNOTS, FloatArray, Piecewise

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

Number = TypeVar("Number", float, FloatArray)

LinkName = Literal["logit", "cloglog"]

LEAST_PROBABILITY = 1e-300
MOST_PROBABILITY = 1.0 - 2.0**-53
"""Where the log odds of a probability are still finite."""

MAX_EDGES = 500
"""Most steps of a Venn-Abers calibration."""


def expit_one(lp: float) -> float:
    """Inverse of the logit; numpy's ``exp``, so that it is the same double as in `expit_many`."""
    e = float(np.exp(-abs(lp)))
    return 1.0 / (1.0 + e) if lp >= 0.0 else e / (1.0 + e)


def expit_many(lp: FloatArray) -> FloatArray:
    """Inverse of the logit of each element, without overflow."""
    e = np.exp(-np.abs(lp))
    return np.where(lp >= 0.0, 1.0, e) / (1.0 + e)


def cloglog_one(lp: float) -> float:
    """Inverse of the complementary log-log: ``1 - exp(-exp(lp))``."""
    return float(-np.expm1(-np.exp(min(lp, 700.0))))


def cloglog_many(lp: FloatArray) -> FloatArray:
    """Inverse of the complementary log-log of each element."""
    return -np.expm1(-np.exp(np.minimum(lp, 700.0)))


INVERSE_LINKS_ONE: dict[str, Callable[[float], float]] = {
    "logit": expit_one,
    "cloglog": cloglog_one,
}
INVERSE_LINKS_MANY: dict[str, Callable[[FloatArray], FloatArray]] = {
    "logit": expit_many,
    "cloglog": cloglog_many,
}


class _Map(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", dict=True):
    """What every calibration map does unless it says otherwise: nothing."""

    def before_link(self, lp: Number) -> Number:
        """Linear predictor to calibrated linear predictor; a number or an array."""
        return lp

    def after_link_one(self, probability: float) -> float:
        """Probability to calibrated probability."""
        return probability

    def after_link_many(self, probability: FloatArray) -> FloatArray:
        """Each probability to a calibrated probability."""
        return probability


class Identity(_Map, frozen=True, tag="identity"):
    """No recalibration."""


class Logistic(_Map, frozen=True, tag="logistic"):
    """Logistic recalibration: ``intercept + slope * lp`` (Cox 1958; Platt 1999).

    Raises
    ------
    ModelError
        If the slope is not above 0, or a number is not finite.
    """

    intercept: float
    slope: Annotated[float, Meta(gt=0)]

    def __post_init__(self) -> None:
        _check_finite("logistic", self.intercept, self.slope)
        if self.slope <= 0.0:
            raise ModelError(
                f"a logistic calibration has slope {self.slope!r}; above 0 was expected. A "
                "predictor that points the wrong way needs another model, not another map."
            )

    def before_link(self, lp: Number) -> Number:
        """Shifted and scaled linear predictor."""
        return self.intercept + self.slope * lp


class Beta(_Map, frozen=True, tag="beta"):
    """Beta calibration (Kull, Silva Filho and Flach 2017).

    The log odds become ``intercept + a * log(p) - b * log(1 - p)``. With ``a = b`` this is
    logistic recalibration; with ``a`` and ``b`` apart, low and high risks are stretched
    differently.

    Raises
    ------
    ModelError
        If ``a`` or ``b`` is below 0 (the map could fall), or a number is not finite.
    """

    a: Annotated[float, Meta(ge=0)]
    b: Annotated[float, Meta(ge=0)]
    intercept: float

    def __post_init__(self) -> None:
        _check_finite("beta", self.a, self.b, self.intercept)
        if self.a < 0.0 or self.b < 0.0:
            raise ModelError(
                f"a beta calibration has a={self.a!r} and b={self.b!r}; both must be at least 0, "
                "else the map falls. Fit it with `fit_beta`."
            )

    def after_link_one(self, probability: float) -> float:
        """Beta map of one probability."""
        p = min(max(probability, LEAST_PROBABILITY), MOST_PROBABILITY)
        return expit_one(self.intercept + self.a * float(np.log(p)) - self.b * float(np.log1p(-p)))

    def after_link_many(self, probability: FloatArray) -> FloatArray:
        """Beta map of each probability."""
        p = np.minimum(np.maximum(probability, LEAST_PROBABILITY), MOST_PROBABILITY)
        return expit_many(self.intercept + self.a * np.log(p) - self.b * np.log1p(-p))


class Spline(_Map, frozen=True, tag="spline"):
    """Restricted cubic spline of the linear predictor, linear beyond its boundary knots.

    The recalibrated linear predictor is ``intercept + coefficients @ basis``, with the basis of
    Harrell (2015, section 2.4.5): ``lp`` itself and ``K - 2`` cubic terms divided by
    ``(last knot - first knot)**2``, as ``rms::rcs`` has it.

    Parameters
    ----------
    knots
        ``K >= 3`` ascending numbers on the scale of the linear predictor.
    intercept, coefficients
        ``K - 1`` coefficients, that of ``lp`` first.

    Raises
    ------
    ModelError
        If the spline falls anywhere on the line, or its knots or coefficients cannot be used.
    """

    knots: Annotated[tuple[float, ...], Meta(min_length=3, max_length=MAX_KNOTS)]
    intercept: float
    coefficients: Annotated[tuple[float, ...], Meta(min_length=2, max_length=MAX_KNOTS)]

    def __post_init__(self) -> None:
        _check_finite("spline", *self.knots, self.intercept, *self.coefficients)
        if any(right <= left for left, right in pairwise(self.knots)):
            raise ModelError("the knots of a calibration spline must ascend; merge equal knots.")
        if len(self.knots) < 3 or len(self.coefficients) != len(self.knots) - 1:
            raise ModelError(
                f"a calibration spline has {len(self.knots)} knots and {len(self.coefficients)} "
                "coefficients; at least 3 knots and one coefficient fewer were expected."
            )
        lowest = self.least_slope
        if not lowest >= 0.0:
            raise ModelError(
                f"a calibration spline falls: its lowest slope is {lowest:.3g}, and none below 0 "
                "keeps the order of people. Fit it with `fit_spline`."
            )

    @cached_property
    def _pieces(self) -> tuple[tuple[float, float, float, float, float], ...]:
        """Per piece anchor, value, slope, half the curvature and a sixth of the third derivative.

        ``K + 1`` pieces: before the first knot, between knots, beyond the last.
        """
        t = self.knots
        theta = _cube_coefficients(t, self.coefficients)
        value, slope = self.intercept + self.coefficients[0] * t[0], self.coefficients[0]
        bend = cube = 0.0
        pieces = [(t[0], value, slope, 0.0, 0.0)]
        for knot, following, jump in zip(t[:-1], t[1:], theta[:-1], strict=True):
            cube += jump
            pieces.append((knot, value, slope, bend, cube))
            d = following - knot
            value += ((cube * d + bend) * d + slope) * d
            slope += (3.0 * cube * d + 2.0 * bend) * d
            bend += 3.0 * cube * d
        pieces.append((t[-1], value, slope, 0.0, 0.0))
        return tuple(pieces)

    @cached_property
    def _columns(self) -> FloatArray:
        return np.array(self._pieces).T

    @property
    def least_slope(self) -> float:
        """Lowest slope anywhere on the line: below 0 the map falls."""
        slopes = [piece[2] for piece in self._pieces]
        for (anchor, _, slope, bend, cube), following in zip(
            self._pieces[1:-1], self.knots[1:], strict=True
        ):
            if cube > 0.0 and 0.0 < -bend / (3.0 * cube) < following - anchor:
                slopes.append(slope - bend * bend / (3.0 * cube))
        return min(slopes)

    def before_link(self, lp: Number) -> Number:
        """The spline at one linear predictor, or at each of an array."""
        if isinstance(lp, np.ndarray):
            anchor, value, slope, bend, cube = self._columns[
                :, np.searchsorted(self.knots, lp, side="right")
            ]
        else:
            anchor, value, slope, bend, cube = self._pieces[bisect_right(self.knots, lp)]
        d = lp - anchor
        return value + ((cube * d + bend) * d + slope) * d


def _cube_coefficients(
    knots: tuple[float, ...], coefficients: tuple[float, ...]
) -> tuple[float, ...]:
    """Coefficient of ``max(x - knot, 0)**3`` per knot; the last two make the right tail linear."""
    *_, before, last = knots
    norm = (last - knots[0]) ** 2
    theta = [c / norm for c in coefficients[1:]]
    inner = list(zip(theta, knots, strict=False))
    theta.append(-sum(c * (last - t) for c, t in inner) / (last - before))
    theta.append(sum(c * (before - t) for c, t in inner) / (last - before))
    return tuple(theta)


class Table(_Map, frozen=True, tag="table"):
    """Piecewise-linear map of the probability; holds isotonic calibration and step tables.

    ``before`` ascends (a value given twice is a step), ``after`` does not decrease, both
    between 0 and 1.

    Raises
    ------
    ModelError
        If the table falls, leaves 0 to 1, or cannot be looked up.
    """

    before: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_KNOTS)]
    after: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_KNOTS)]

    def __post_init__(self) -> None:
        falls = any(b < a for a, b in pairwise(self.after))
        beyond = any(not 0.0 <= p <= 1.0 for p in (*self.before, *self.after))
        if falls or beyond:
            raise ModelError(
                "a calibration table must hold probabilities between 0 and 1 that do not "
                "decrease; make it with isotonic regression on out-of-fold predictions."
            )
        self._function  # noqa: B018  (an unusable table fails here, not at the first score)

    def __repr__(self) -> str:
        ends = f"{self.before[0]:.4g} to {self.before[-1]:.4g}"
        values = f"{self.after[0]:.4g} to {self.after[-1]:.4g}"
        return f"Table({len(self.before)} knots from {ends}, values from {values})"

    @cached_property
    def _function(self) -> Piecewise:
        return Piecewise(self.before, self.after, "calibration table")

    @cached_property
    def _ceilings(self) -> tuple[float, ...]:
        """Per piece the value at its right end, which rounding may not pass."""
        return (*self.after, self.after[-1])

    def after_link_one(self, probability: float) -> float:
        """Table looked up at one probability."""
        found = self._function.one(probability)
        return min(found, self._ceilings[bisect_right(self.before, probability)])

    def after_link_many(self, probability: FloatArray) -> FloatArray:
        """Table looked up at each probability."""
        ceilings = np.take(self._ceilings, np.searchsorted(self.before, probability, "right"))
        return np.minimum(self._function.many(probability), ceilings)


class VennAbers(_Map, frozen=True, tag="venn_abers"):
    """Venn-Abers calibration: two probabilities, one of which is well calibrated.

    A person gets ``lower`` (isotonic calibration as if the outcome were known not to happen)
    and ``upper`` (as if it were known to happen), and as single probability that of least
    regret under log loss, ``upper / (1 - lower + upper)`` (Vovk, Petej and Fedorova 2015).

    Parameters
    ----------
    edges
        ``m`` ascending probabilities at which the tables step.
    lower, upper
        ``2 m + 1`` values each: below the first edge, at it, between the first and the second,
        at the second, and so on. They do not decrease, and ``lower <= upper``.
    merged
        Single probabilities of these cells, if they are not those of the formula (cross
        Venn-Abers); empty otherwise.

    Raises
    ------
    ModelError
        If a table falls, leaves 0 to 1 or has another length, or the two cross.
    """

    edges: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_EDGES)]
    lower: Annotated[tuple[float, ...], Meta(max_length=2 * MAX_EDGES + 1)]
    upper: Annotated[tuple[float, ...], Meta(max_length=2 * MAX_EDGES + 1)]
    merged: Annotated[tuple[float, ...], Meta(max_length=2 * MAX_EDGES + 1)] = ()

    def __post_init__(self) -> None:
        tables = [self.lower, self.upper, *([self.merged] if self.merged else [])]
        if not 1 <= len(self.edges) <= MAX_EDGES or any(
            len(table) != 2 * len(self.edges) + 1 for table in tables
        ):
            raise ModelError(
                f"a Venn-Abers calibration needs 1 to {MAX_EDGES} edges, and tables of twice as "
                "many values and one more; make it with `fit_venn_abers`."
            )
        if any(not left < right for left, right in pairwise(self.edges)):
            raise ModelError("the edges of a Venn-Abers calibration must ascend.")
        falls = any(not left <= right for table in tables for left, right in pairwise(table))
        beyond = any(not 0.0 <= p <= 1.0 for table in (self.edges, *tables) for p in table)
        crossed = any(low > high for low, high in zip(self.lower, self.upper, strict=True))
        if falls or beyond or crossed:
            raise ModelError(
                "a Venn-Abers calibration must hold probabilities between 0 and 1 that do not "
                "decrease, the lower at most the upper; make it with `fit_venn_abers`."
            )

    def __repr__(self) -> str:
        kind = "cross, " if self.merged else ""
        ends = f"{self.edges[0]:.4g} to {self.edges[-1]:.4g}"
        return f"VennAbers({kind}{len(self.edges)} edges from {ends})"

    @cached_property
    def probabilities(self) -> tuple[float, ...]:
        """Single probability of each cell."""
        pairs = zip(self.lower, self.upper, strict=True)
        return self.merged or tuple(merge_bounds(low, high) for low, high in pairs)

    def _cell(self, probability: float) -> int:
        if probability != probability:
            raise ModelError("a Venn-Abers calibration was asked for NaN; give a probability.")
        return bisect_left(self.edges, probability) + bisect_right(self.edges, probability)

    def _cells(self, probability: FloatArray) -> npt.NDArray[np.intp]:
        if np.isnan(probability).any():
            raise ModelError("a Venn-Abers calibration was asked for NaN; give probabilities.")
        left = np.searchsorted(self.edges, probability, side="left")
        cells: npt.NDArray[np.intp] = left + np.searchsorted(self.edges, probability, side="right")
        return cells

    def after_link_one(self, probability: float) -> float:
        """Single calibrated probability of one probability."""
        return self.probabilities[self._cell(probability)]

    def after_link_many(self, probability: FloatArray) -> FloatArray:
        """Single calibrated probability of each probability."""
        return np.take(self.probabilities, self._cells(probability))

    def bounds_one(self, probability: float) -> tuple[float, float]:
        """Lower and upper probability of one probability before calibration."""
        cell = self._cell(probability)
        return self.lower[cell], self.upper[cell]

    def bounds_many(self, probability: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower and upper probability of each probability before calibration."""
        cells = self._cells(probability)
        return np.take(self.lower, cells), np.take(self.upper, cells)


def merge_bounds(lower: float, upper: float) -> float:
    """``upper / (1 - lower + upper)``, written so that rounding cannot make it fall."""
    return 1.0 / (1.0 + (1.0 - lower) / upper) if upper > 0.0 else 0.0


def _check_finite(kind: str, *numbers: float) -> None:
    if not all(isfinite(number) for number in numbers):
        raise ModelError(f"a {kind} calibration holds NaN or infinity; fit it again.")


Calibration = Identity | Logistic | Beta | Spline | Table | VennAbers
"""The kinds of calibration map that a stored program may name."""


def calibrated_log_odds(calibration: Calibration, lp: FloatArray) -> FloatArray:
    """Log odds after calibration, of linear predictors under the logit link.

    Finite, also where a map gives a probability of 0 or 1.
    """
    return log_odds_after_link(calibration, calibration.before_link(lp))


def log_odds_after_link(calibration: Calibration, before: FloatArray) -> FloatArray:
    """Log odds after calibration, of what its ``before_link`` gave under the logit link."""
    if isinstance(calibration, Identity | Logistic | Spline):
        return before  # through the probability, the tails would lose their digits
    found = calibration.after_link_many(expit_many(before))
    p = np.minimum(np.maximum(found, LEAST_PROBABILITY), MOST_PROBABILITY)
    log_odds: FloatArray = np.log(p) - np.log1p(-p)
    return log_odds
