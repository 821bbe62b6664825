"""Whole points for a scorecard: the penalised log loss, minimised over whole numbers.

With points ``p`` and total ``s``, the linear predictor is ``a + c s``. Every trial of points is
judged by the loss at its own best ``a`` and ``c``; these depend on the points only through how
many people with and without the outcome have each total, so a trial costs a histogram, not a fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import expit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray

Points = npt.NDArray[np.intp]

STARTS = 4
"""Roundings, of all scales that were tried, from which the search sets out."""

MAX_ROUNDS = 50
MAX_STEPS = 50
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Rounded:
    """Points per feature (its bins, then unknown), and the line from total to log odds.

    ``loss`` is half the deviance plus the penalty.
    """

    points: tuple[Points, ...]
    intercept: float
    scale: float
    loss: float


@dataclass(frozen=True)
class Rounding:
    """The data on which points are judged.

    Attributes
    ----------
    codes
        ``(n, F)``: bin of each value; the last of a feature is for an unknown value.
    outcome, weight
        ``(n,)``.
    bins
        Per feature its number of bins of known values.
    shrinkage
        Weight of the penalty, as of `RampBasis.penalty` without smoothness.
    directions
        Per feature 1, -1 or 0.
    max_points
        Most points of one feature.
    """

    codes: npt.NDArray[np.intp]
    outcome: FloatArray
    weight: FloatArray
    bins: tuple[int, ...]
    shrinkage: float
    directions: tuple[int, ...]
    max_points: int

    # -- starts ----------------------------------------------------------------------------

    def naive(self, values: Sequence[FloatArray]) -> Rounded:
        """Every value times the largest scale that the most points allow, rounded."""
        return self.judge(self._rounded(values, float(self.max_points)))

    def best(self, values: Sequence[FloatArray]) -> Rounded:
        """The best points found from the roundings at many scales.

        Parameters
        ----------
        values
            Per feature what each bin, and an unknown value, adds to the linear predictor.
        """
        tops = np.linspace(1.0, self.max_points, 2 * min(self.max_points, 50) - 1)
        starts = sorted(
            (self.judge(self._rounded(values, top)) for top in tops), key=lambda start: start.loss
        )
        found = min((self._descend(start) for start in starts[:STARTS]), key=lambda r: r.loss)
        nothing = self.judge([np.zeros(k + 1, dtype=np.intp) for k in self.bins])
        chosen = found if found.scale > 0 and found.loss < nothing.loss else nothing
        return Rounded(
            tuple(self._with_unseen(f, p) for f, p in enumerate(chosen.points)),
            chosen.intercept,
            chosen.scale,
            chosen.loss,
        )

    def _rounded(self, values: Sequence[FloatArray], top: float) -> list[Points]:
        """Values scaled so that the widest feature gives ``top`` points, and rounded."""
        lowest = [
            row[seen].min() for row, seen in zip(values, map(self._seen, self._all), strict=True)
        ]
        raised = [np.maximum(row - low, 0.0) for row, low in zip(values, lowest, strict=True)]
        widest = max((float(row.max()) for row in raised), default=0.0)
        scale = top / widest if widest > 0 else 0.0
        return [np.rint(row * scale).astype(np.intp) for row in raised]

    @property
    def _all(self) -> range:
        return range(len(self.bins))

    def _seen(self, feature: int) -> npt.NDArray[np.bool_]:
        """Which bins of a feature hold anyone; those of known values all do."""
        seen = np.ones(self.bins[feature] + 1, dtype=bool)
        seen[-1] = bool((self.codes[:, feature] == self.bins[feature]).any())
        return seen

    def _shares(self, feature: int) -> FloatArray:
        """Share of the known weight in each bin of known values."""
        k = self.bins[feature]
        counts = np.bincount(self.codes[:, feature], self.weight, minlength=k + 1)[:k]
        shares: FloatArray = counts / counts.sum() if counts.sum() > 0 else np.full(k, 1.0 / k)
        return shares

    def _with_unseen(self, feature: int, points: Points) -> Points:
        """Points with those for unknown, if nobody was, at the mean of the others."""
        if self._seen(feature)[-1]:
            return points
        points = points.copy()
        points[-1] = round(float(self._shares(feature) @ points[:-1]))
        return points

    # -- judge -----------------------------------------------------------------------------

    def judge(self, points: Sequence[Points]) -> Rounded:
        """Points with their best intercept and scale."""
        total = self.total(points)
        size = int(total.max(initial=0)) + 1
        events, others = self._tables(np.zeros_like(total), total, 1, size)
        penalty = sum(float(self.penalty(f, p[None])[0]) for f, p in enumerate(points))
        start = np.array([_log_odds(events.sum(), others.sum()), 0.0])
        line, loss = fit_lines(events, others, np.array([penalty]), start)
        return Rounded(tuple(points), float(line[0, 0]), float(line[0, 1]), float(loss[0]))

    def total(self, points: Sequence[Points]) -> Points:
        """Total of each row."""
        total = np.zeros(len(self.codes), dtype=np.intp)
        for feature, row in enumerate(points):
            total += row[self.codes[:, feature]]
        return total

    def penalty(self, feature: int, trials: Points) -> FloatArray:
        """Penalty of each trial of a feature's points (``(M, bins + 1)``) at scale 1."""
        known = trials[:, :-1].astype(np.float64)
        steps = self.bins[feature] - 1
        penalty = steps * np.square(np.diff(known, axis=1)).sum(axis=1)
        if self._seen(feature)[-1]:
            penalty = penalty + np.square(trials[:, -1] - known @ self._shares(feature))
        scaled: FloatArray = self.shrinkage * penalty
        return scaled

    # -- search ----------------------------------------------------------------------------

    def _descend(self, start: Rounded) -> Rounded:
        """The feature by feature best points, until none can be bettered alone."""
        current = start
        for _ in range(MAX_ROUNDS):
            before = current.loss
            for feature in self._all:
                current = self._better_feature(current, feature)
            if current.loss >= before - TOLERANCE * (1.0 + abs(before)):
                break
        return current

    def _better_feature(self, current: Rounded, feature: int) -> Rounded:
        """Points in which one feature has moved as far as moving it helps."""
        code = self.codes[:, feature]
        rest = self.total(current.points) - current.points[feature][code]
        size = int(rest.max(initial=0)) + self.max_points + 1
        events, without = self._tables(code, rest, self.bins[feature] + 1, size)
        others = [self.penalty(f, p[None])[0] for f, p in enumerate(current.points)]
        elsewhere = sum(others) - others[feature]
        while True:
            trials = self._moves(feature, current.points[feature])
            if not len(trials):
                return current
            penalty = elsewhere + self.penalty(feature, trials)
            line, loss = fit_lines(
                _shifted(events, trials, self.max_points),
                _shifted(without, trials, self.max_points),
                penalty,
                np.array([current.intercept, current.scale]),
            )
            best = int(loss.argmin())
            if not loss[best] < current.loss - TOLERANCE * (1.0 + abs(current.loss)):
                return current
            points = list(current.points)
            points[feature] = trials[best]
            current = Rounded(
                tuple(points), float(line[best, 0]), float(line[best, 1]), float(loss[best])
            )

    def _tables(
        self, code: Points, total: Points, bins: int, size: int
    ) -> tuple[FloatArray, FloatArray]:
        """Weight with and without the outcome, per bin and total, each ``(bins, size)``."""
        place, count = code * size + total, bins * size
        events = np.bincount(place, self.weight * self.outcome, minlength=count)
        others = np.bincount(place, self.weight * (1.0 - self.outcome), minlength=count)
        shape = (bins, size)
        return (
            events.astype(np.float64).reshape(shape),
            others.astype(np.float64).reshape(shape),
        )

    def _moves(self, feature: int, points: Points) -> Points:
        """Points one step away: of one bin, of a bin and all above it, or none for any."""
        known, seen = self.bins[feature], self._seen(feature)
        units = np.eye(known + 1, dtype=np.intp)
        tails = np.tril(np.ones((known, known), dtype=np.intp)).T[1:]
        tails = np.column_stack([tails, np.zeros(len(tails), dtype=np.intp)])
        moves = np.vstack([units[seen], tails])
        trials = np.vstack([points + moves, points - moves, np.zeros_like(points)])
        trials -= trials[:, seen].min(axis=1, keepdims=True)
        trials[:, ~seen] = 0
        rises = self.directions[feature] * np.diff(trials[:, :known], axis=1) >= 0
        allowed = (trials.max(axis=1) <= self.max_points) & rises.all(axis=1)
        return np.unique(trials[allowed], axis=0)


def _shifted(table: FloatArray, trials: Points, most: int) -> FloatArray:
    """Per trial the weight at each total: every bin's row moved up by its points."""
    bins, size = table.shape
    padded = np.column_stack([np.zeros((bins, most)), table])
    place = np.arange(size) + (most - trials)[:, :, None]
    found: FloatArray = padded[np.arange(bins)[None, :, None], place].sum(axis=1)
    return found


def fit_lines(
    events: FloatArray, others: FloatArray, penalty: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The logistic lines of outcome on total, of ``M`` trials at once, by Newton's method.

    Parameters
    ----------
    events, others
        ``(M, T)``: weight with and without the outcome at each total.
    penalty
        ``(M,)``: half of it times the squared scale is added to the loss.
    start
        First guess of intercept and scale.

    Returns
    -------
    line, loss
        ``(M, 2)`` and ``(M,)``.
    """
    weight, total = events + others, np.arange(events.shape[1], dtype=np.float64)
    line = np.tile(start, (len(events), 1))
    loss = _line_loss(events, weight, penalty, line)
    for _ in range(MAX_STEPS):
        probability = expit(line[:, :1] + line[:, 1:] * total)
        residual = weight * probability - events
        spread = weight * probability * (1.0 - probability)
        g0, g1 = residual.sum(axis=1), residual @ total + penalty * line[:, 1]
        h00, h01 = spread.sum(axis=1), spread @ total
        h11 = spread @ np.square(total) + penalty
        ridge = 1e-9 * (h00 + h11) + 1e-12  # keeps a total that all share from being singular
        h00, h11 = h00 + ridge, h11 + ridge
        determinant = h00 * h11 - h01**2
        step = np.column_stack([h11 * g0 - h01 * g1, h00 * g1 - h01 * g0]) / determinant[:, None]
        decrease = step[:, 0] * g0 + step[:, 1] * g1
        if (decrease <= TOLERANCE * (1.0 + np.abs(loss))).all():
            break
        line, loss = _halved(events, weight, penalty, (line, loss), step)
    return line, loss


def _halved(
    events: FloatArray,
    weight: FloatArray,
    penalty: FloatArray,
    current: tuple[FloatArray, FloatArray],
    step: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Lines after a step that is halved where it would raise the loss."""
    line, loss = current
    factor = np.ones(len(loss))
    for _ in range(30):
        trial = line - factor[:, None] * step
        found = _line_loss(events, weight, penalty, trial)
        worse = found > loss
        if not worse.any():
            break
        factor = np.where(worse, factor / 2.0, factor)
    return np.where(worse[:, None], line, trial), np.where(worse, loss, found)


def _line_loss(
    events: FloatArray, weight: FloatArray, penalty: FloatArray, line: FloatArray
) -> FloatArray:
    eta = line[:, :1] + line[:, 1:] * np.arange(events.shape[1])
    loss = (weight * np.logaddexp(0.0, eta) - events * eta).sum(axis=1)
    total: FloatArray = loss + penalty * np.square(line[:, 1]) / 2.0
    return total


def _log_odds(events: float, others: float) -> float:
    return float(np.log(max(events, 1e-9) / max(others, 1e-9)))
