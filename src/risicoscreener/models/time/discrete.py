"""Hazard in intervals of time, with a smooth baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.evaluation.time.outcome import DAYS_PER_YEAR
from risicoscreener.models.time.base import BLOCK_CELLS, AdditiveHazardEstimator
from risicoscreener.models.time.combining import combine_hazards
from risicoscreener.models.time.person_period import (
    HazardLink,
    Periods,
    PersonPeriods,
    cumulative_hazard,
)

if TYPE_CHECKING:
    from risicoscreener.evaluation.time.outcome import TimeToEvent
    from risicoscreener.models.piecewise import FloatArray

MONTH = DAYS_PER_YEAR / 12.0
LEVEL_SHARE = 0.01
"""Weight of first differences of the baseline, as a share of that of second differences."""


class DiscreteTimeHazard(AdditiveHazardEstimator):
    """Hazard per interval of time, per cause: penalised terms and a smooth baseline.

    The hazard of a cause in an interval, among those still at risk, is ``link^-1(g_j + lp(x))``
    (Prentice and Gloeckler 1978; Allison 1982). Within an interval it is constant, so that
    follow-up and horizons may end anywhere. Rows of persons and periods are never written out
    (see `PersonPeriods`).

    Parameters
    ----------
    link
        ``cloglog``: proportional hazards, and a single cause lowers exactly; ``logit``:
        proportional odds within an interval.
    interval_days
        Length of the intervals, or their edges: ascending from 0 to at least the longest
        follow-up.
    baseline_smoothness
        Weight of the squared second differences of ``g`` (towards a log-linear hazard; Eilers and
        Marx 1996), with a hundredth of it on first differences.
    terms, knots, tail, shrinkage, smoothness, monotone, folds, level
        As for `CauseSpecificCox`; the penalty is chosen by the held-out likelihood.

    Attributes
    ----------
    causes_
        The causes in the data.
    periods_
        The intervals.
    hazards_
        Per cause its coefficients; those of the intervals are ``extra``.
    longest_follow_up_
        In days; no horizon may be longer.
    """

    def __init__(
        self,
        *,
        link: HazardLink = "cloglog",
        interval_days: float | Sequence[float] = MONTH,
        baseline_smoothness: float = 1.0,
        terms: Literal["spline", "linear"] = "spline",
        knots: int | Sequence[Sequence[float]] = 7,
        tail: float = 0.002,
        shrinkage: float | None = None,
        smoothness: float | None = None,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        folds: int = 5,
        level: float = 0.95,
    ) -> None:
        self.link = link
        self.interval_days = interval_days
        self.baseline_smoothness = baseline_smoothness
        self.terms = terms
        self.knots = knots
        self.tail = tail
        self.shrinkage = shrinkage
        self.smoothness = smoothness
        self.monotone = monotone
        self.folds = folds
        self.level = level

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.link not in ("cloglog", "logit"):
            raise ValueError(f"link is {self.link!r}; give 'cloglog' or 'logit'.")
        if not self.baseline_smoothness >= 0:
            raise ValueError("baseline_smoothness must be at least 0.")

    def _fit(self, x: FloatArray, outcome: TimeToEvent, groups: Any) -> None:
        self.periods_ = Periods(self._edges(outcome.longest))
        design = self.basis_.design(x)[:, 1:]
        roughness = self._roughness()
        self.hazards_ = {}
        for cause in self.causes_:
            periods = PersonPeriods(
                design,
                outcome.time,
                outcome.is_event(cause),
                outcome.weight,
                self.periods_,
                self.link,
            )
            self.hazards_[cause] = self._fit_hazard(
                periods.reweighted,
                outcome,
                cause,
                periods.first_guess(),
                self._folds(x, outcome, groups),
                roughness,
            )

    def _edges(self, longest: float) -> FloatArray:
        if isinstance(self.interval_days, (int, float)):
            if not self.interval_days > 0:
                raise ValueError(f"interval_days is {self.interval_days!r}; give days above 0.")
            count = max(1, int(np.ceil(longest / self.interval_days - 1e-9)))
            return np.append(np.arange(count) * self.interval_days, max(longest, 1e-9))
        edges = np.asarray(self.interval_days, dtype=np.float64)
        ascends = edges.ndim == 1 and len(edges) > 1 and (np.diff(edges) > 0).all()
        if not ascends or edges[0] != 0 or edges[-1] < longest:
            raise ValueError(
                f"the edges of the intervals must ascend from 0 to at least {longest:g} days, the "
                "longest follow-up."
            )
        return edges

    def _roughness(self) -> FloatArray:
        count = self.periods_.count
        total = np.zeros((count, count))
        for order, share in ((1, LEVEL_SHARE), (2, 1.0)):
            if count > order:
                d = np.diff(np.eye(count), n=order, axis=0)
                total += share * self.baseline_smoothness * (d.T @ d)
        return total

    # -- predict -------------------------------------------------------------------------------

    def predict_survival(self, X: Any, horizons: npt.ArrayLike) -> FloatArray:  # noqa: N803
        """Probability of no event of any cause by each horizon, ``(n, H)``."""
        x, asked = self._asked(X, horizons)
        return self._combined(x, asked)[0]

    def _incidence(self, x: FloatArray, horizons: FloatArray, cause: int) -> FloatArray:
        found: FloatArray = self._combined(x, horizons)[1][self.causes_.index(cause)]
        return found

    def _combined(self, x: FloatArray, horizons: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Survival ``(n, H)`` and incidences ``(causes, n, H)``."""
        within = horizons[(horizons > 0) & (horizons < self.periods_.edges[-1])]
        grid = np.unique(np.concatenate([self.periods_.edges, within]))
        stops = np.searchsorted(grid, horizons)
        stops = np.minimum(stops, len(grid) - 1)
        owner = np.searchsorted(self.periods_.edges, grid[1:], side="left") - 1
        share = np.diff(grid) / np.diff(self.periods_.edges)[owner]
        survival = np.empty((len(x), len(horizons)))
        incidence = np.empty((len(self.causes_), *survival.shape))
        size = max(1, BLOCK_CELLS // len(grid))
        for start in range(0, len(x), size):
            rows = slice(start, start + size)
            hazards = np.array([self._hazard(x[rows], k)[:, owner] * share for k in self.causes_])
            survival[rows], incidence[:, rows] = combine_hazards(hazards, stops)
        return survival, incidence

    def _hazard(self, x: FloatArray, cause: int) -> FloatArray:
        """Cumulative hazard of a cause in each interval, ``(n, J)``."""
        found = self.hazards_[cause]
        ratio = self._log_hazard_ratio(x, found.coefficients)
        return cumulative_hazard(ratio[:, None] + found.extra, self.link)

    # -- lower ---------------------------------------------------------------------------------

    def _check_lowers(self) -> None:
        if len(self.causes_) > 1:
            raise ModelError(
                "with competing causes the incidence is no function of one linear predictor, so "
                "it does not lower exactly; use SubdistributionHazard, which does."
            )
        if self.link != "cloglog":
            raise ModelError(
                "hazards with a logit link multiply to no function of one linear predictor; use "
                "link='cloglog'."
            )

    def _log_baseline(self, horizon_days: float) -> tuple[float, FloatArray]:
        found = self.hazards_[1]
        exposed = self.periods_.exposure(np.array([horizon_days]))[0]
        parts = exposed * np.exp(found.extra)
        reached = parts.sum()
        if reached <= 0:
            return -np.inf, found.factor
        size = len(found.coefficients)
        mapped = np.zeros((size + 1, size + len(parts)))
        mapped[0, size:] = parts / reached
        mapped[1:, :size] = np.eye(size)
        return float(np.log(reached)), mapped @ found.factor
