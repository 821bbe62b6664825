"""The distinct probabilities of a sample, with what a replicate does not change about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.caching import once_per_sample
from risicoscreener.evaluation.calibration.basis import (
    KNOT_QUANTILES,
    restricted_cubic_basis,
    weighted_quantiles,
)
from risicoscreener.evaluation.calibration.logistic import fit_logistic
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

KNOTS = 4
"""Knots of the flexible curve, unless a caller says otherwise; `docs/evaluation/calibration.md`
has the measurement that decided."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Distinct probabilities in ascending order.

    Probabilities of exactly 0 or 1 have no log odds; `inside` are the levels between them.

    Attributes
    ----------
    starts
        ``(m,)``: the first row of each level.
    probability
        ``(m,)``.
    outcome, weight
        ``(n,)``: of the rows of the sample.
    """

    starts: Codes
    probability: FloatArray
    outcome: FloatArray
    weight: FloatArray
    _splines: dict[int, FloatArray] = field(default_factory=dict)
    _starts: dict[int, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(cls, sample: Sample) -> Levels:
        """Those of a sample. They do not refer to it, so that it can be forgotten."""
        starts = sample.tie_starts
        return cls(starts, sample.probability[starts], sample.outcome, sample.weight)

    @cached_property
    def inside(self) -> slice:
        """The levels strictly between 0 and 1."""
        p = self.probability
        return slice(int(np.searchsorted(p, 0.0, "right")), int(np.searchsorted(p, 1.0, "left")))

    @cached_property
    def log_odds(self) -> FloatArray:
        """Of the levels inside."""
        p = self.probability[self.inside]
        return np.log(p) - np.log1p(-p)

    @cached_property
    def line(self) -> FloatArray:
        """``(2, m)``: the columns of an intercept and a slope."""
        return np.stack([np.ones(len(self.log_odds)), self.log_odds])

    @cached_property
    def of_rows(self) -> Codes:
        """``(n,)``: the level of each row of the sample."""
        sizes = np.diff(self.starts, append=len(self.outcome))
        return np.repeat(np.arange(len(self.starts)), sizes)

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum over the rows of each level."""
        starts = self.starts
        return values if len(starts) == len(values) else np.add.reduceat(values, starts)

    def counts(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weight of the people with the outcome, and of all people, at each level."""
        return self.sums(weight * self.outcome), self.sums(weight)

    def spline(self, knots: int = KNOTS) -> FloatArray:
        """``(k, m)``: orthonormal columns that span the restricted cubic spline of the log odds.

        The knots stand at quantiles of the log odds in the sample; replicates keep them. With
        ties in the way there are fewer; with fewer than three it is a line.
        """
        if knots not in self._splines:
            self._splines[knots] = self._spline(self.knots(knots))
        return self._splines[knots]

    def spline_start(self, knots: int = KNOTS) -> FloatArray:
        """``(k,)``: coefficients of the spline in the sample itself."""
        if knots not in self._starts:
            events, total = self.counts(self.weight)
            inside = self.inside
            fit = fit_logistic(self.spline(knots), events[inside], total[inside])
            found = fit.coefficients if fit.determined else np.zeros(len(fit.coefficients))
            self._starts[knots] = found
        return self._starts[knots]

    def knots(self, number: int = KNOTS) -> FloatArray:
        """Where the knots stand, on the scale of the log odds."""
        weight = self.counts(self.weight)[1][self.inside]
        used = weight > 0
        found = weighted_quantiles(self.log_odds[used], weight[used], KNOT_QUANTILES[number])
        return np.unique(found)

    def _spline(self, knots: FloatArray) -> FloatArray:
        lp = self.log_odds
        basis = restricted_cubic_basis(lp, knots.tolist()) if len(knots) > 2 else lp[:, None]
        design = np.column_stack([np.ones(len(lp)), basis])
        return np.ascontiguousarray(_orthonormal(design).T)


def _orthonormal(design: FloatArray) -> FloatArray:
    """Columns of mean square 1 that span what the design spans; dependent ones are left out."""
    design = design[:, : len(design)]
    q, r = np.linalg.qr(design)
    size = np.abs(np.diag(r))
    kept = size > 1e-10 * np.linalg.norm(design, axis=0)
    if not kept.all():
        q = np.linalg.qr(design[:, kept])[0]
    return q * np.sqrt(len(design))


@once_per_sample
def levels_of(sample: Sample) -> Levels:
    """The levels of a sample, made once."""
    return Levels.of(sample)
