"""Cause-specific proportional hazards with a free baseline (Cox)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.models.time.base import BLOCK_CELLS, AdditiveHazardEstimator
from risicoscreener.models.time.combining import SurvivalRule, combine_hazards
from risicoscreener.models.time.partial_likelihood import (
    Baseline,
    PartialLikelihood,
    RiskSets,
    Ties,
)

if TYPE_CHECKING:
    from risicoscreener.evaluation.time.outcome import TimeToEvent
    from risicoscreener.models.piecewise import FloatArray


class CauseSpecificCox(AdditiveHazardEstimator):
    """Proportional hazards per cause; incidence under all causes together.

    Each cause has its own coefficients and its own baseline (Cox 1972; Breslow 1974), fitted
    with the other causes as censoring. That gives hazards among those still at risk, which is
    right; the probability of an event needs all of them (Prentice and others 1978).

    Parameters
    ----------
    terms
        ``spline``: piecewise linear with knots at quantiles, constant beyond; ``linear``: one
        slope from the lowest to the highest value seen, constant beyond (these two values then
        stand in the program).
    knots, tail, shrinkage, smoothness, monotone
        As for `SplineLogisticClassifier`. A penalty that is None is chosen by the held-out
        partial likelihood, per cause; 0 is none. Directions hold for the first cause alone.
    ties
        ``breslow``, under which a weight of 2 is exactly a row seen twice; or ``efron``, better
        where many events fall on one day.
    survival
        How hazards become survival, see `combine_hazards`. ``exponential`` lowers.
    folds
        For the choice of the penalty.
    level
        Coverage of the interval of the lowered program.

    Attributes
    ----------
    causes_
        The causes in the data.
    hazards_, baselines_
        Per cause its coefficients and baseline.
    longest_follow_up_
        In days; no horizon may be longer.

    Notes
    -----
    `statsmodels.PHReg` has neither weights nor penalty; the sums are those of
    `PartialLikelihood`, and agree with `PHReg` and `survival::coxph` of R.
    """

    def __init__(
        self,
        *,
        terms: Literal["spline", "linear"] = "spline",
        knots: int | Sequence[Sequence[float]] = 7,
        tail: float = 0.002,
        shrinkage: float | None = None,
        smoothness: float | None = None,
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        ties: Ties = "breslow",
        survival: SurvivalRule = "exponential",
        folds: int = 5,
        level: float = 0.95,
    ) -> None:
        self.terms = terms
        self.knots = knots
        self.tail = tail
        self.shrinkage = shrinkage
        self.smoothness = smoothness
        self.monotone = monotone
        self.ties = ties
        self.survival = survival
        self.folds = folds
        self.level = level

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.ties not in ("breslow", "efron"):
            raise ValueError(f"ties is {self.ties!r}; give 'breslow' or 'efron'.")
        if self.survival not in ("exponential", "product_limit"):
            raise ValueError(
                f"survival is {self.survival!r}; give 'exponential' or 'product_limit'."
            )

    def _fit(self, x: FloatArray, outcome: TimeToEvent, groups: Any) -> None:
        design = self.basis_.design(x)[:, 1:]
        self.hazards_ = {}
        self.baselines_: dict[int, Baseline] = {}
        for cause in self.causes_:
            make = partial(_likelihood, design, outcome, cause, self.ties)
            start = np.zeros(design.shape[1])
            deal = self._folds(x, outcome, groups)
            found = self._fit_hazard(make, outcome, cause, start, deal)
            self.hazards_[cause] = found
            self.baselines_[cause] = make(outcome.weight).baseline(found.coefficients)

    def predict_survival(self, X: Any, horizons: npt.ArrayLike) -> FloatArray:  # noqa: N803
        """Probability of no event of any cause by each horizon, ``(n, H)``."""
        x, asked = self._asked(X, horizons)
        return self._combined(x, asked)[0]

    def _incidence(self, x: FloatArray, horizons: FloatArray, cause: int) -> FloatArray:
        found: FloatArray = self._combined(x, horizons)[1][self.causes_.index(cause)]
        return found

    def _combined(self, x: FloatArray, horizons: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Survival ``(n, H)`` and incidences ``(causes, n, H)``."""
        baselines = [self.baselines_[cause] for cause in self.causes_]
        times = np.unique(np.concatenate([baseline.times for baseline in baselines]))
        times = times[times <= horizons.max(initial=0.0)]
        increments = np.zeros((len(baselines), len(times)))
        for row, baseline in zip(increments, baselines, strict=True):
            steps = np.searchsorted(baseline.times, times[-1], "right") if len(times) else 0
            row[np.searchsorted(times, baseline.times[:steps])] = baseline.increments[:steps]
        stops = np.searchsorted(times, horizons, side="right")
        survival = np.empty((len(x), len(horizons)))
        incidence = np.empty((len(baselines), *survival.shape))
        size = max(1, BLOCK_CELLS // max(len(times), 1))
        for start in range(0, len(x), size):
            rows = slice(start, start + size)
            ratios = [
                self._log_hazard_ratio(x[rows], self.hazards_[k].coefficients) for k in self.causes_
            ]
            hazards = np.exp(np.array(ratios))[:, :, None] * increments[:, None, :]
            survival[rows], incidence[:, rows] = combine_hazards(hazards, stops, self.survival)
        return survival, incidence

    def _check_lowers(self) -> None:
        if len(self.causes_) > 1:
            raise ModelError(
                "with competing causes the incidence is no function of one linear predictor, so "
                "it does not lower exactly; use SubdistributionHazard, which does."
            )
        if self.survival != "exponential":
            raise ModelError("a product limit does not lower exactly; use survival='exponential'.")

    def _log_baseline(self, horizon_days: float) -> tuple[float, FloatArray]:
        return log_baseline(self.baselines_[1], horizon_days, self.hazards_[1].factor)


def log_baseline(
    baseline: Baseline, horizon_days: float, factor: FloatArray
) -> tuple[float, FloatArray]:
    """Logarithm of a cumulative hazard, and the root of its covariance with the coefficients."""
    reached = baseline.cumulative(np.array([horizon_days]))[0]
    if reached <= 0:
        return -np.inf, factor
    return float(np.log(reached)), baseline.root_of_covariance(horizon_days, factor)


def _likelihood(
    design: FloatArray, outcome: TimeToEvent, cause: int, ties: Ties, weight: FloatArray
) -> PartialLikelihood:
    sets = RiskSets.of(replace(outcome, weight=weight), cause, ties)
    return PartialLikelihood(design, weight, sets)
