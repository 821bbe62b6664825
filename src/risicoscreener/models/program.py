"""The scoring program: what every additive risk model lowers to.

Per feature one piecewise-linear term, an intercept, a link and a calibration map; with it the
factor of the covariance of the coefficients (interval) and the support. The program needs numpy
only, scores one person in microseconds and a million in a second, and is plain data: it goes to
and from a dictionary without loss.
"""

from __future__ import annotations

import base64
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isnan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import (
    INVERSE_LINKS_MANY,
    INVERSE_LINKS_ONE,
    Calibration,
    Identity,
    LinkName,
)
from risicoscreener.models.piecewise import MAX_KNOTS, FloatArray, Piecewise
from risicoscreener.models.support import Support

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from risicoscreener.models.support import SupportColumns, SupportResult

CHUNK_ROWS = 8192
"""Rows scored at a time: the working set stays in the cache of one core."""

MAX_TERMS = 2000


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """What one feature adds to the linear predictor.

    Parameters
    ----------
    feature
        Name of the feature.
    knots, values
        The piecewise-linear function: constant outside the first and last knot; a knot given
        twice is a jump (then the right value holds).
    missing
        What an unknown (NaN) value adds.
    reference
        Mean of the term in the training data; contributions are relative to it.
    """

    feature: str
    knots: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_KNOTS)]
    values: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_KNOTS)]
    missing: float
    reference: float = 0.0


class Uncertainty(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Covariance of the coefficients, as a lower-triangular factor ``L`` with ``cov = L @ L.T``.

    The coefficients are, in this order: the intercept, and per term one per segment between
    neighbouring knots (the increment over that segment) followed by one for an unknown value.
    The basis function of a segment is a ramp, ``clip((x - left) / (right - left), 0, 1)``, less
    its ``centre``; of an unknown value it is 1, and the ramps are then 0. So
    ``var(lp) = ||L.T @ basis||**2``.

    Parameters
    ----------
    level
        Coverage of the interval, such as 0.95.
    centres
        Per term, per segment: the mean of its ramp in the training data.
    factor
        The lower triangle of ``L``, row by row: little-endian float64 in base64, because the
        decimal text of some ten thousand numbers would be most of a bundle.
    """

    level: Annotated[float, Meta(gt=0, lt=1)]
    centres: tuple[tuple[float, ...], ...]
    factor: str

    def __repr__(self) -> str:
        return f"Uncertainty(level={self.level}, {len(self.matrix)} coefficients)"

    @classmethod
    def from_factor(
        cls, factor: FloatArray, centres: Sequence[Sequence[float]], level: float = 0.95
    ) -> Uncertainty:
        """Pack a lower-triangular factor of shape ``(P, P)``."""
        packed = factor[np.tril_indices(len(factor))].astype("<f8").tobytes()
        rows = tuple(tuple(float(c) for c in row) for row in centres)
        return cls(level=level, centres=rows, factor=base64.b64encode(packed).decode("ascii"))

    @cached_property
    def matrix(self) -> FloatArray:
        """The factor ``L``, shape ``(P, P)``, lower-triangular.

        Raises
        ------
        ModelError
            If the text is no base64, is of the wrong length or holds a number not finite.
        """
        size = 1 + sum(len(row) + 1 for row in self.centres)
        expected = size * (size + 1) // 2 * 8
        try:
            packed = base64.b64decode(self.factor, validate=True)
        except ValueError as error:
            raise ModelError("the covariance factor is not base64; fit the model again.") from error
        if len(packed) != expected:
            raise ModelError(
                f"the covariance factor has {len(packed)} bytes; {expected} were expected for "
                f"{size} coefficients. Fit the model again."
            )
        factor = np.zeros((size, size))
        factor[np.tril_indices(size)] = np.frombuffer(packed, "<f8")
        if not np.isfinite(factor).all():
            raise ModelError("the covariance factor holds NaN or infinity; fit the model again.")
        return factor


@dataclass(frozen=True, slots=True)
class Interval:
    """Interval of one probability. ``standard_error`` is of the linear predictor."""

    lower: float
    upper: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of ``n`` probabilities, each an array of shape ``(n,)``."""

    lower: FloatArray
    upper: FloatArray
    standard_error: FloatArray


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of ``n`` rows; ``contributions`` is ``(n, F)``, or None if not asked."""

    probability: FloatArray
    linear_predictor: FloatArray
    contributions: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that a program says about one person: score, contributions, interval and support.

    ``interval`` is None if the program carries no covariance.
    """

    probability: float
    linear_predictor: float
    contributions: list[float]
    interval: Interval | None
    support: SupportResult | None


@dataclass(frozen=True, slots=True)
class Assessments:
    """All that a program says about ``n`` people, as columns."""

    scores: Scores
    intervals: Intervals | None
    support: SupportColumns | None


class ScoringProgram(Struct, frozen=True, forbid_unknown_fields=True, dict=True, kw_only=True):
    """An additive model, ready to score.

    ``lp = intercept + sum of terms``, ``probability = after_link(link(before_link(lp)))``.

    Parameters
    ----------
    intercept
        On the scale of the linear predictor.
    terms
        One per feature; their order is the order of the values to score.
    link, calibration
        How the linear predictor becomes a probability.
    uncertainty, support
        Covariance for the interval, and where the model may speak; both may be absent.

    Examples
    --------
    >>> program = ScoringProgram(
    ...     intercept=-1.0,
    ...     terms=(Term("age_years", (18.0, 40.0), (0.5, -0.5), missing=0.0),),
    ... )
    >>> probability, lp, contributions = program.score_one([18.0])
    >>> round(probability, 3), lp, contributions
    (0.378, -0.5, [0.5])
    """

    intercept: float
    terms: Annotated[tuple[Term, ...], Meta(max_length=MAX_TERMS)]
    link: LinkName = "logit"
    calibration: Calibration = Identity()
    uncertainty: Uncertainty | None = None
    support: Support | None = None

    def __post_init__(self) -> None:
        names = self.features
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ModelError(f"features {', '.join(twice)} occur twice; one term per feature.")
        if self.support is not None and self.support.features != names:
            raise ModelError("support names other features, or in another order, than the terms.")
        numbers = [
            self.intercept,
            *(n for t in self.terms for n in (t.missing, t.reference)),
        ]
        if not np.isfinite(numbers).all():
            raise ModelError("the program holds NaN or infinity; fit the model again.")
        self._tables  # noqa: B018  (an unusable program fails here, not at the first score)
        if self.uncertainty is not None:
            self._check_uncertainty(self.uncertainty)

    def _check_uncertainty(self, uncertainty: Uncertainty) -> None:
        """Every segment has a coefficient, and none is a jump."""
        segments = tuple(len(term.knots) - 1 for term in self.terms)
        if tuple(len(row) for row in uncertainty.centres) != segments:
            raise ModelError("the covariance does not have one coefficient per segment of a term.")
        if any(len(set(term.knots)) < len(term.knots) for term in self.terms):
            raise ModelError("a term with a jump cannot carry a covariance; separate the knots.")
        self._basis  # noqa: B018
        uncertainty.matrix  # noqa: B018

    def __repr__(self) -> str:
        extras = [n for n in ("uncertainty", "support") if getattr(self, n) is not None]
        return " ".join(
            [
                f"<ScoringProgram of {len(self.terms)} terms ({', '.join(self.features)}),",
                f"link {self.link}, calibration {self.calibration!r}",
                f"with {' and '.join(extras)}>" if extras else ">",
            ]
        )

    # -- what it is ------------------------------------------------------------------------

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features in the order in which values are given."""
        return tuple(term.feature for term in self.terms)

    @property
    def reference(self) -> float:
        """Linear predictor to which the contributions add: intercept plus the term means."""
        return self.intercept + sum(term.reference for term in self.terms)

    def term(self, feature: str) -> Term:
        """The term of a feature.

        Raises
        ------
        ModelError
            If the program does not have it.
        """
        for term in self.terms:
            if term.feature == feature:
                return term
        known = ", ".join(self.features)
        raise ModelError(f"the program has no feature {feature!r}; known: {known}.")

    @cached_property
    def functions(self) -> tuple[Piecewise, ...]:
        """The function of each term."""
        return tuple(Piecewise(t.knots, t.values, t.feature) for t in self.terms)

    @cached_property
    def _tables(self) -> tuple[tuple[Any, ...], ...]:
        """Per term all that `score_one` needs, so that its loop looks nothing up by name."""
        return tuple(
            (f.knots, f.anchors, f.starts, f.slopes, term.missing, term.reference)
            for f, term in zip(self.functions, self.terms, strict=True)
        )

    # -- score -----------------------------------------------------------------------------

    def score_one(self, values: Sequence[float]) -> tuple[float, float, list[float]]:
        """Probability, linear predictor and contributions of one person.

        Parameters
        ----------
        values
            One number per feature, in the order of `features`; NaN is unknown.

        Returns
        -------
        probability, linear_predictor, contributions
            Contributions are relative to the training mean of each term;
            ``reference + sum(contributions)`` is the linear predictor.

        Raises
        ------
        ModelError
            For another number of values than features, or an infinite value.
        """
        if len(values) != len(self.terms):
            raise ModelError(f"{len(values)} values were given for {len(self.terms)} features.")
        lp = self.intercept
        contributions: list[float] = []
        append = contributions.append
        for x, (knots, anchors, starts, slopes, missing, reference) in zip(
            values, self._tables, strict=True
        ):
            if x == x:
                piece = bisect_right(knots, x)
                y = starts[piece] + slopes[piece] * (x - anchors[piece])
            else:
                y = missing
            lp += y
            append(y - reference)
        if isnan(lp):  # 0 * infinity in a piece outside the knots
            raise self._infinite(values)
        return self.probability_one(lp), lp, contributions

    def score_many(self, matrix: npt.ArrayLike, *, contributions: bool = False) -> Scores:
        """The answers of `score_one` for each row of a matrix of shape ``(n, F)``.

        Linear predictor, contributions and probability are the same doubles as those of
        `score_one`: the same operations in the same order.
        """
        x = self._matrix(matrix)
        lp = np.empty(len(x))
        parts = np.empty(x.shape) if contributions else None
        with np.errstate(invalid="ignore"):  # an infinite value becomes NaN, refused below
            for rows in _chunks(len(x)):
                columns = np.ascontiguousarray(x[rows].T)
                lp[rows] = self._sum_terms(columns, None if parts is None else parts[rows])
        if np.isnan(lp).any():
            raise self._infinite(x[np.isnan(lp)][0].tolist())
        return Scores(self.probability_many(lp), lp, parts)

    def _sum_terms(self, columns: FloatArray, parts: FloatArray | None) -> FloatArray:
        """Linear predictor of a chunk given as ``(F, rows)``; fills ``parts`` if given."""
        lp = np.full(columns.shape[1], self.intercept)
        for i, (term, function) in enumerate(zip(self.terms, self.functions, strict=True)):
            y = function.many(columns[i])
            np.copyto(y, term.missing, where=np.isnan(columns[i]))
            lp += y
            if parts is not None:
                parts[:, i] = y - term.reference
        return lp

    def probability_one(self, lp: float) -> float:
        """Probability of one linear predictor."""
        raw = INVERSE_LINKS_ONE[self.link](self.calibration.before_link(lp))
        return self.calibration.after_link_one(raw)

    def probability_many(self, lp: FloatArray) -> FloatArray:
        """Probability of each linear predictor."""
        raw = INVERSE_LINKS_MANY[self.link](self.calibration.before_link(lp))
        return self.calibration.after_link_many(raw)

    def _matrix(self, matrix: npt.ArrayLike) -> FloatArray:
        x = np.asarray(matrix, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != len(self.terms):
            raise ModelError(
                f"a matrix of shape {x.shape} was given; expected (n, {len(self.terms)}), a "
                f"column for each of: {', '.join(self.features)}."
            )
        return x

    def _infinite(self, values: Sequence[float]) -> ModelError:
        named = zip(self.features, values, strict=True)
        wrong = [name for name, x in named if x in (float("inf"), float("-inf"))]
        return ModelError(
            f"infinite value of {', '.join(wrong)}; give a number, or NaN for unknown."
        )

    # -- uncertainty -----------------------------------------------------------------------

    @cached_property
    def _basis(self) -> _Basis:
        assert self.uncertainty is not None
        return _Basis(self.terms, self.uncertainty)

    @cached_property
    def _quantile(self) -> float:
        """Standard normal quantile of the level of the interval."""
        level = self.uncertainty.level if self.uncertainty is not None else 0.95
        return NormalDist().inv_cdf(0.5 + level / 2.0)

    def interval_one(
        self, values: Sequence[float], linear_predictor: float | None = None
    ) -> Interval | None:
        """Interval of one probability, or None if the program carries no covariance.

        It is symmetric on the linear predictor and mapped by calibration and link. It holds
        what the sample leaves uncertain about the coefficients; not whether the model is the
        right one, nor whether the person is like the sample (see `support`).

        Parameters
        ----------
        values
            As for `score_one`.
        linear_predictor
            That of `score_one` on the same values, if at hand.
        """
        if self.uncertainty is None:
            return None
        lp = self.score_one(values)[1] if linear_predictor is None else linear_predictor
        error = self._basis.standard_error_one(values)
        half = self._quantile * error
        return Interval(self.probability_one(lp - half), self.probability_one(lp + half), error)

    def interval_many(
        self, matrix: npt.ArrayLike, linear_predictor: FloatArray | None = None
    ) -> Intervals | None:
        """Interval of each row, equal to `interval_one` but for rounding (1e-12)."""
        if self.uncertainty is None:
            return None
        x = self._matrix(matrix)
        lp = self.score_many(x).linear_predictor if linear_predictor is None else linear_predictor
        error = self._basis.standard_error_many(x)
        half = self._quantile * error
        return Intervals(self.probability_many(lp - half), self.probability_many(lp + half), error)

    # -- all at once -----------------------------------------------------------------------

    def assess_one(self, values: Sequence[float]) -> Assessment:
        """Score, interval and support of one person."""
        probability, lp, contributions = self.score_one(values)
        interval = self.interval_one(values, lp)
        support = None
        if self.support is not None:
            leverage = None if interval is None else interval.standard_error**2
            support = self.support.check_one(values, leverage)
        return Assessment(probability, lp, contributions, interval, support)

    def assess_many(self, matrix: npt.ArrayLike, *, contributions: bool = False) -> Assessments:
        """Score, interval and support of each row of an ``(n, F)`` matrix."""
        x = self._matrix(matrix)
        scores = self.score_many(x, contributions=contributions)
        intervals = self.interval_many(x, scores.linear_predictor)
        support = None
        if self.support is not None:
            leverage = None if intervals is None else intervals.standard_error**2
            support = self.support.check_many(x, leverage)
        return Assessments(scores, intervals, support)

    # -- look at it ------------------------------------------------------------------------

    def curve(self, feature: str, points: int = 101) -> Curve:
        """The term of a feature over the range of its knots, with its pointwise interval.

        Parameters
        ----------
        feature
            Name of a feature of the program.
        points
            Number of points between the first and the last knot; the knots are added.
        """
        term = self.term(feature)
        grid = np.linspace(term.knots[0], term.knots[-1], points if len(term.knots) > 1 else 1)
        x = np.unique(np.concatenate([grid, term.knots]))
        position = self.features.index(feature)
        y = self.functions[position].many(x) - term.reference
        half = None
        if self.uncertainty is not None:
            half = self._quantile * self._basis.term_standard_error(position, x)
        return Curve(feature, x, y, half, term.missing - term.reference)

    def plot(self, feature: str, ax: Any = None) -> Any:
        """Draw the term of a feature on a matplotlib axes, which is returned."""
        from risicoscreener.models.plots import plot_curve

        return plot_curve(self.curve(feature), ax=ax)

    def to_frame(self) -> pd.DataFrame:
        """One row per knot and per unknown value: feature, knot, value, contribution."""
        import pandas as pd

        rows = []
        for term in self.terms:
            cells = [
                *zip(term.knots, term.values, strict=True),
                (float("nan"), term.missing),
            ]
            rows += [(term.feature, x, y, y - term.reference) for x, y in cells]
        return pd.DataFrame(rows, columns=["feature", "knot", "value", "contribution"])

    def to_dict(self) -> dict[str, Any]:
        """Plain data (dictionaries, lists, numbers, text), from which `from_dict` restores it."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> ScoringProgram:
        """The program of `to_dict`, equal to the last bit.

        Raises
        ------
        ModelError
            For an unknown or absent field, a wrong type, or numbers that cannot be scored.
        """
        try:
            return msgspec.convert(plain, cls)
        except msgspec.ValidationError as error:
            raise ModelError(f"this is not a scoring program: {error}.") from error


@dataclass(frozen=True, slots=True)
class Curve:
    """One term over a grid, relative to its training mean, on the scale of the log odds.

    ``half_width`` is half the pointwise interval, None without covariance; ``unknown`` is the
    contribution of an unknown value.
    """

    feature: str
    x: FloatArray
    contribution: FloatArray
    half_width: FloatArray | None
    unknown: float

    def to_frame(self) -> pd.DataFrame:
        """Columns x, contribution, lower, upper (the last two only with a covariance)."""
        import pandas as pd

        frame = pd.DataFrame({"x": self.x, "contribution": self.contribution})
        if self.half_width is not None:
            frame["lower"] = self.contribution - self.half_width
            frame["upper"] = self.contribution + self.half_width
        return frame


class _Basis:
    """The basis functions of `Uncertainty`, for a row and for a chunk of rows.

    Coefficients stand in the order: the ramps of all terms, the unknown values of all terms,
    the intercept; so that ramps and unknown values are two blocks without gaps. Ramps run from
    0 to the width of their segment: the division by it is done once, in the factor.
    """

    def __init__(self, terms: Sequence[Term], uncertainty: Uncertainty) -> None:
        self.slices = _ramp_slices(terms)
        self.lefts = _joined(term.knots[:-1] for term in terms)
        self.widths = _joined(term.knots[1:] for term in terms) - self.lefts
        self.centres = _joined(uncertainty.centres) * self.widths
        self.owners = np.repeat(np.arange(len(terms)), [len(term.knots) - 1 for term in terms])
        factor = uncertainty.matrix[_reorder(terms)]
        factor[: len(self.widths)] /= self.widths[:, None]
        if not np.isfinite(factor).all():
            raise ModelError("two knots are too close for an interval; merge them.")
        self.size = len(factor)
        self.transposed: FloatArray = np.linalg.qr(factor.T).R  # upper-triangular in the new order
        self.factor = np.ascontiguousarray(self.transposed.T)
        self.ramp_factor = self.factor[: len(self.widths)]
        self.offset = self.factor[-1] - self.centres @ self.ramp_factor

    def standard_error_one(self, values: Sequence[float]) -> float:
        """Standard error of the linear predictor of one row."""
        x = np.array(values)
        ramps = x.take(self.owners)
        ramps -= self.lefts
        np.minimum(ramps, self.widths, out=ramps)
        np.maximum(ramps, 0.0, out=ramps)
        if isnan(x @ x):  # one is unknown; quicker than to look at each
            return self._error_with_unknown(x, ramps)
        rooted = ramps @ self.ramp_factor
        rooted += self.offset
        return sqrt(rooted @ rooted)

    def _error_with_unknown(self, x: FloatArray, ramps: FloatArray) -> float:
        """The same where some value is unknown: its centred ramps are 0, and its own basis is 1."""
        np.copyto(ramps, self.centres, where=np.isnan(ramps))
        rooted = ramps @ self.ramp_factor
        rooted += np.isnan(x) @ self.factor[len(ramps) : -1]
        rooted += self.offset
        return sqrt(rooted @ rooted)

    def standard_error_many(self, matrix: FloatArray) -> FloatArray:
        """Standard error of the linear predictor of each row of a matrix ``(n, F)``.

        Chunk by chunk in two reused buffers; the triangle of the factor is used in two steps,
        which leaves out a quarter of the multiplications.
        """
        error = np.empty(len(matrix))
        width = min(len(matrix), CHUNK_ROWS)
        basis, rooted = np.empty((self.size, width)), np.empty((self.size, width))
        half = self.size // 2
        for rows in _chunks(len(matrix)):
            columns = np.ascontiguousarray(matrix[rows].T)
            b, r = basis[:, : columns.shape[1]], rooted[:, : columns.shape[1]]
            self._functions(columns, b)
            np.matmul(self.transposed[:half], b, out=r[:half])
            np.matmul(self.transposed[half:, half:], b[half:], out=r[half:])
            np.multiply(r, r, out=r)
            error[rows] = np.sqrt(r.sum(axis=0))
        return error

    def _functions(self, columns: FloatArray, out: FloatArray) -> None:
        """All basis functions of a chunk given as ``(F, rows)`` into ``out``, ``(P, rows)``."""
        unknown = np.isnan(columns)
        for position, ramps in enumerate(self.slices):
            self._ramps(columns[position], ramps, out[ramps])
            if unknown[position].any():
                np.copyto(out[ramps], 0.0, where=unknown[position])
        out[len(self.lefts) : -1] = unknown
        out[-1] = 1.0

    def _ramps(self, column: FloatArray, ramps: slice, out: FloatArray) -> None:
        """Centred ramps of one term into ``out``, shape ``(segments, rows)``."""
        np.subtract(column, self.lefts[ramps, None], out=out)
        np.clip(out, 0.0, self.widths[ramps, None], out=out)
        out -= self.centres[ramps, None]

    def term_standard_error(self, position: int, x: FloatArray) -> FloatArray:
        """Standard error of one centred term at each known ``x``."""
        ramps = self.slices[position]
        basis = np.empty((ramps.stop - ramps.start, len(x)))
        self._ramps(x, ramps, basis)
        error: FloatArray = np.sqrt(np.square(self.transposed[:, ramps] @ basis).sum(axis=0))
        return error


def _ramp_slices(terms: Sequence[Term]) -> tuple[slice, ...]:
    """Per term its rows in the block of ramps."""
    ends = np.cumsum([0, *(len(term.knots) - 1 for term in terms)]).tolist()
    return tuple(slice(a, b) for a, b in pairwise(ends))


def _reorder(terms: Sequence[Term]) -> list[int]:
    """Stored positions (intercept first, then term by term) in the order of `_Basis`."""
    ramps: list[int] = []
    unknown: list[int] = []
    position = 1
    for term in terms:
        last = position + len(term.knots) - 1
        ramps += range(position, last)
        unknown.append(last)
        position = last + 1
    return [*ramps, *unknown, 0]


def _joined(rows: Any) -> FloatArray:
    return np.array([number for row in rows for number in row], dtype=np.float64)


def _chunks(n: int) -> Iterator[slice]:
    for start in range(0, n, CHUNK_ROWS):
        yield slice(start, min(start + CHUNK_ROWS, n))
