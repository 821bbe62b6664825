"""Many people as weights on few nodes of the log odds, so that a fit can be repeated quickly.

The fits of calibration need sums over people of smooth functions of their log odds. Cubic
interpolation between nodes writes each person as weights on the four nearest ones, so that a sum
over people becomes a sum over nodes. With the nodes as close as they are here the sums agree to
about 1e-10 of their size. Where that cannot be promised (few people, a curve too steep for the
distance between nodes, probabilities of 0 or 1, a fit that is not determined) there is no answer,
and the fit is made on the people themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from risicoscreener.evaluation.caching import once_per_sample
from risicoscreener.evaluation.calibration.basis import restricted_cubic_basis
from risicoscreener.evaluation.calibration.levels import KNOTS, levels_of
from risicoscreener.evaluation.calibration.logistic import LogisticFit, fit_logistic
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]

NODES = 2000
FEWEST_LEVELS = 4 * NODES
"""Distinct probabilities below which the people themselves are as quick."""

MOST_RISE = 0.03
"""Largest rise of the fitted log odds from node to node with which the answer is given."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """Nodes of the log odds and what each person weighs on them.

    Attributes
    ----------
    log_odds
        ``(G,)``, equally far apart.
    everybody, with_outcome
        Sparse ``(G, n)`` and ``(G, events)``: weights on the nodes of all rows, and of the rows
        with the outcome.
    to_people
        Sparse ``(n, G)``: from values at the nodes to values of people.
    events
        ``(events,)``: rows with the outcome.
    knots
        Where the flexible curve of the sample has its knots.
    """

    log_odds: FloatArray
    everybody: Any
    with_outcome: Any
    to_people: Any
    events: npt.NDArray[np.intp]
    knots: FloatArray

    @classmethod
    def of(cls, sample: Sample) -> Nodes | None:
        """Those of a sample, or None if the people themselves should be used."""
        levels = levels_of(sample)
        inside = levels.inside
        if (inside.start, inside.stop) != (0, len(levels.starts)):
            return None
        if len(levels.starts) < FEWEST_LEVELS:
            return None
        log_odds = levels.log_odds
        places = np.linspace(log_odds[0], log_odds[-1], NODES)
        to_people = _interpolation(log_odds[levels.of_rows], places)
        everybody = to_people.T.tocsr()
        events = np.flatnonzero(sample.outcome == 1)
        with_outcome = everybody[:, events].tocsr()
        return cls(places, everybody, with_outcome, to_people, events, levels.knots(KNOTS))

    def shift(self, weight: FloatArray) -> float | None:
        """The intercept with the log odds as offset."""
        fit = self._fit(self.line[:1], weight, offset=self.log_odds)
        return None if fit is None else float(fit.coefficients[0])

    def recalibration(self, weight: FloatArray) -> tuple[float, float] | None:
        """Intercept and slope of the outcome on the log odds."""
        fit = self._fit(self.line, weight, start=np.array([0.0, 1.0]))
        return None if fit is None else (float(fit.coefficients[0]), float(fit.coefficients[1]))

    def observed(self, weight: FloatArray) -> FloatArray | None:
        """Height of the flexible curve at each person, ``(n,)``."""
        fit = self._fit(self.spline, weight, start=self.spline_start)
        return None if fit is None else self.to_people @ fit.mean

    def distance(self, probability: FloatArray, weight: FloatArray) -> float | None:
        """Mean distance over people of the flexible curve from the probability."""
        observed = self.observed(weight)
        if observed is None:
            return None
        observed -= probability
        return float(np.abs(observed, out=observed) @ weight) / float(weight.sum())

    @cached_property
    def line(self) -> FloatArray:
        """``(2, G)``."""
        return np.stack([np.ones(NODES), self.log_odds])

    @cached_property
    def spline(self) -> FloatArray:
        """``(k, G)``: orthonormal columns that span the restricted cubic spline."""
        if len(self.knots) < 3:
            return self.line
        basis = restricted_cubic_basis(self.log_odds, self.knots.tolist())
        design = np.column_stack([np.ones(NODES), basis])
        return np.ascontiguousarray(np.linalg.qr(design)[0].T) * np.sqrt(NODES)

    @cached_property
    def spline_start(self) -> FloatArray:
        """``(k,)``: the coefficients that give everybody their own log odds."""
        return np.linalg.lstsq(self.spline.T, self.log_odds, rcond=None)[0].astype(np.float64)

    def _fit(
        self,
        columns: FloatArray,
        weight: FloatArray,
        *,
        offset: FloatArray | float = 0.0,
        start: FloatArray | None = None,
    ) -> LogisticFit | None:
        """The fit, if interpolation between nodes is as good as the people themselves."""
        events = self.with_outcome @ weight[self.events]
        fit = fit_logistic(columns, events, self.everybody @ weight, offset=offset, start=start)
        rise = np.diff(fit.coefficients @ columns + offset)
        return fit if fit.determined and np.abs(rise).max() <= MOST_RISE else None


def _interpolation(x: FloatArray, places: FloatArray) -> csr_matrix:
    """``(n, G)``: cubic interpolation (Lagrange) from equally spaced places to sorted ``x``."""
    first = np.clip(np.searchsorted(places, x, side="right") - 2, 0, len(places) - 4)
    u = (x - places[first]) / (places[1] - places[0])
    weights = [
        -(u - 1) * (u - 2) * (u - 3) / 6,
        u * (u - 2) * (u - 3) / 2,
        -u * (u - 1) * (u - 3) / 2,
        u * (u - 1) * (u - 2) / 6,
    ]
    columns = first[:, None] + np.arange(4)
    ends = np.arange(0, 4 * len(x) + 1, 4)
    shape = (len(x), len(places))
    return csr_matrix((np.stack(weights, axis=1).ravel(), columns.ravel(), ends), shape=shape)


@once_per_sample
def nodes_of(sample: Sample) -> Nodes | None:
    """The nodes of a sample, made once."""
    return Nodes.of(sample)
