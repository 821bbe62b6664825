"""Venn-Abers calibration, inductive and cross: two probabilities for each person.

For a person with score ``s`` the lower probability is the value at ``s`` of isotonic regression
on the calibration data and ``(s, 0)``, the upper that with ``(s, 1)``. Both are found for all
scores at once from the greatest convex minorant of the cumulative sum diagram.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.models.calibrating.data import CalibrationData, Tied
from risicoscreener.models.calibrating.register import settings
from risicoscreener.models.calibration import MAX_EDGES, VennAbers, merge_bounds
from risicoscreener.models.estimators.folds import deal_folds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray

Point = tuple[float, float]


@dataclass(frozen=True)
class Steps:
    """``m`` edges, and lower, upper and merged probability of the ``2 m + 1`` cells.

    Cells are, in turn, the gap below an edge and the edge itself, and at last the gap above
    all edges.
    """

    edges: FloatArray
    lower: FloatArray
    upper: FloatArray
    merged: FloatArray

    @classmethod
    def of(cls, data: CalibrationData) -> Steps:
        """Inductive Venn-Abers predictor of a calibration set."""
        tied = Tied.of(data)
        upper = _with_an_event(tied.weight, tied.events)
        # The lower probabilities are the upper ones of the other outcome, seen from above.
        others = (tied.weight - tied.events)[::-1]
        lower = 1.0 - _with_an_event(tied.weight[::-1], others)[::-1]
        # A new event in a gap is pooled with the score above it, a new other with that below.
        below = np.append(0.0, np.repeat(lower, 2))
        above = np.append(np.repeat(upper, 2), 1.0)
        below, above = np.maximum.accumulate(below), np.maximum.accumulate(above)
        merged = np.array([merge_bounds(*pair) for pair in zip(below, above, strict=True)])
        return cls(tied.probability, below, above, merged)

    def cells(self, probability: FloatArray) -> npt.NDArray[np.intp]:
        """Cell of each probability before calibration."""
        left = np.searchsorted(self.edges, probability, "left")
        cells: npt.NDArray[np.intp] = left + np.searchsorted(self.edges, probability, "right")
        return cells

    def at(self, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower and upper probability of the cells of other edges, which hold those of these."""
        odd = 2 * np.searchsorted(edges, self.edges) + 1  # the cell of each edge
        position = np.arange(2 * len(edges) + 1)
        own = np.searchsorted(odd, position, "left") + np.searchsorted(odd, position, "right")
        return self.lower[own], self.upper[own]

    def compact(self) -> Steps:
        """Without edges at which nothing changes, and with no more than may be stored.

        Where edges are dropped that do matter, the lower probability of the joined cell is the
        lowest and the upper the highest, so that the bounds only become wider.
        """
        heights = np.column_stack([self.lower, self.upper, self.merged])
        rise = np.abs(heights[2::2] - heights[:-2:2]).sum(axis=1)
        moved = np.abs(heights[1::2] - heights[:-2:2]).sum(axis=1)
        kept = np.flatnonzero((rise > 0.0) | (moved > 0.0))
        if len(kept) == 0:
            kept = np.array([0])
        if len(kept) > MAX_EDGES:
            kept = kept[_spread(np.cumsum((rise + moved)[kept]), MAX_EDGES)]
        return self._only(kept)

    def _only(self, kept: npt.NDArray[np.intp]) -> Steps:
        """With these edges, bounds of joined gaps outwards, their merged value in the middle."""
        first = np.append(0, 2 * kept + 2)  # first and last cell of each joined gap
        last = np.append(2 * kept, 2 * len(self.edges))
        edge = 2 * kept + 1
        return Steps(
            self.edges[kept],
            _interleaved(self.lower[first], self.lower[edge]),
            _interleaved(self.upper[last], self.upper[edge]),
            _interleaved(self.merged[(first + last) // 2], self.merged[edge]),
        )


def _spread(way: FloatArray, most: int) -> npt.NDArray[np.intp]:
    """Positions of at most ``most`` elements that share out the way evenly."""
    found = np.arange(most)
    for levels in range(most, 8 * most, most // 4):
        near = np.searchsorted(way, np.linspace(way[0], way[-1], levels) * (1.0 - 1e-12))
        if len(np.unique(near)) > most:
            break
        found = np.unique(near)
    return found


def _interleaved(gaps: FloatArray, edges: FloatArray) -> FloatArray:
    values = np.empty(len(gaps) + len(edges))
    values[0::2], values[1::2] = gaps, edges
    return values


def fit_venn_abers(
    lp: npt.ArrayLike, outcome: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> VennAbers:
    """Inductive Venn-Abers predictor: bounds, and the probability between them.

    If the calibration data and the person are exchangeable and the score was made on other
    data, then the bound that belongs to the outcome is a calibrated probability. With scores
    out of fold of several fits this holds approximately. The new person counts with weight 1.

    Parameters are those of `fit_logistic`. The tables are exact up to `MAX_EDGES` steps; with
    more, neighbouring steps are joined and the bounds there are the outer ones.

    References
    ----------
    Vovk V, Petej I, Fedorova V (2015). Large-scale probabilistic predictors with and without
    guarantees of validity. NIPS 28, 892-900.
    """
    return _stored(Steps.of(CalibrationData.of(lp, outcome, weight)).compact(), formula=True)


def fit_cross_venn_abers(
    lp: npt.ArrayLike,
    outcome: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    folds: npt.ArrayLike | None = None,
) -> VennAbers:
    """Cross Venn-Abers predictor: those of parts of the data, joined by geometric means.

    The probability is ``GM(upper) / (GM(1 - lower) + GM(upper))`` over the folds, as in the
    paper; here one model gives the new person's score. The bounds are the means of those of the
    folds, widened where needed to hold that probability.

    Parameters
    ----------
    lp, outcome, weight
        As for `fit_logistic`.
    folds
        ``(n,)``: fold of each row, best that by which its linear predictor was left out. By
        default dealt from the content of the rows, as many as ``methods.toml`` says.

    Raises
    ------
    ModelError
        If a fold does not hold both outcomes.

    References
    ----------
    Vovk V, Petej I, Fedorova V (2015), section 4.
    """
    parts = [Steps.of(part) for part in _parts(lp, outcome, weight, folds)]
    edges = np.unique(np.concatenate([part.edges for part in parts]))
    bounds = [part.at(edges) for part in parts]
    lower, upper = np.array([b[0] for b in bounds]), np.array([b[1] for b in bounds])
    with np.errstate(divide="ignore"):  # a fold that is certain makes the mean certain
        event = np.exp(np.log(upper).mean(axis=0))
        other = np.exp(np.log1p(-lower).mean(axis=0))
    merged = np.maximum.accumulate(1.0 / (1.0 + other / event))
    steps = Steps(
        edges,
        np.minimum(np.maximum.accumulate(lower.mean(axis=0)), merged),
        np.maximum(np.maximum.accumulate(upper.mean(axis=0)), merged),
        merged,
    )
    return _stored(steps.compact(), formula=False)


def _parts(
    lp: npt.ArrayLike,
    outcome: npt.ArrayLike,
    weight: npt.ArrayLike | None,
    folds: npt.ArrayLike | None,
) -> Sequence[CalibrationData]:
    """The data of each fold."""
    if folds is None:
        data = CalibrationData.of(lp, outcome, weight)
        count = settings().venn_abers.folds
        shares = deal_folds(data.lp[:, None], data.outcome, data.weight, None, count)
        if shares is None:
            raise ModelError(
                "a cross Venn-Abers calibration needs at least two people with, and two without, "
                "the outcome; take a simpler method."
            )
        return [CalibrationData.of(data.lp, data.outcome, share) for share in shares.T]
    lp, outcome, folds = np.asarray(lp), np.asarray(outcome), np.asarray(folds)
    if folds.shape != lp.shape:
        raise ModelError(f"folds has shape {folds.shape}; expected {lp.shape}, one per person.")
    weight = np.ones(lp.shape) if weight is None else np.asarray(weight, np.float64)
    return [
        CalibrationData.of(lp[held], outcome[held], weight[held])
        for held in (folds == fold for fold in np.unique(folds))
    ]


def _stored(steps: Steps, *, formula: bool) -> VennAbers:
    return VennAbers(
        edges=tuple(steps.edges.tolist()),
        lower=tuple(steps.lower.tolist()),
        upper=tuple(steps.upper.tolist()),
        merged=() if formula else tuple(steps.merged.tolist()),
    )


def _with_an_event(weight: FloatArray, events: FloatArray) -> FloatArray:
    """Isotonic value at each score after an event of weight 1 was added there.

    Algorithms 1 and 2 of Vovk, Petej and Fedorova (2015): an event added at score ``i`` moves
    the points of the diagram from ``i`` on by (1, 1), or those before it by (-1, -1). Going from
    left to right one point at a time moves over, and the corners of the convex minorant from
    the moved points on are kept on a stack.
    """
    points: list[Point] = [
        (-1.0, -1.0),
        (0.0, 0.0),
        *zip(np.cumsum(weight).tolist(), np.cumsum(events).tolist(), strict=True),
    ]
    corners: list[Point] = []
    for point in points:
        while len(corners) > 1 and not _turns_left(corners[-2], corners[-1], point):
            corners.pop()
        corners.append(point)
    stack = corners[::-1]
    values = np.empty(len(weight))
    for i, (x, y) in enumerate(points[2:]):
        top, following = stack[-1], stack[-2]
        values[i] = (following[1] - top[1]) / (following[0] - top[0])
        moved = (x - 1.0, y - 1.0)
        if _cross(top, following, moved) >= 0.0:
            continue
        stack.pop()
        while len(stack) > 1 and not _turns_left(moved, stack[-1], stack[-2]):
            stack.pop()
        stack.append(moved)
    return np.clip(values, 0.0, 1.0)


def _cross(a: Point, b: Point, c: Point) -> float:
    """Above 0 if ``c`` lies to the left of (above) the line from ``a`` to ``b``."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _turns_left(a: Point, b: Point, c: Point) -> bool:
    return _cross(a, b, c) > 0.0
