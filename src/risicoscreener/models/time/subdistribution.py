"""Proportional subdistribution hazards (Fine and Gray): one linear predictor for the incidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from risicoscreener.models.time.base import AdditiveHazardEstimator, incidence_of
from risicoscreener.models.time.cox import log_baseline
from risicoscreener.models.time.partial_likelihood import PartialLikelihood, RiskSets

if TYPE_CHECKING:
    from risicoscreener.evaluation.time.outcome import TimeToEvent
    from risicoscreener.models.piecewise import FloatArray


class SubdistributionHazard(AdditiveHazardEstimator):
    """Cumulative incidence under competing events as one additive model (Fine and Gray 1999).

    ``F(t | x) = 1 - exp(-H0(t) exp(lp(x)))``: at every horizon a `ScoringProgram` with link
    ``cloglog`` and the same terms. Who had a competing event stays at risk, with the probability
    of being still followed as weight.

    Parameters
    ----------
    terms, knots, tail, shrinkage, smoothness, monotone, folds, level
        As for `CauseSpecificCox`.

    Attributes
    ----------
    hazards_, baselines_
        Of cause 1: coefficients and baseline.
    longest_follow_up_
        In days; no horizon may be longer.

    Notes
    -----
    Coefficients say how a feature moves the incidence, through its effect on the event and on
    competing events together; for the effect on those at risk see `CauseSpecificCox`. Ties are
    Breslow's. Censoring is taken to be independent of the features, and the interval takes its
    distribution as known: the covariance is the inverse of the penalised information, as for
    `SplineLogisticClassifier`, with Breslow's variance of the baseline.
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
        folds: int = 5,
        level: float = 0.95,
    ) -> None:
        self.terms = terms
        self.knots = knots
        self.tail = tail
        self.shrinkage = shrinkage
        self.smoothness = smoothness
        self.monotone = monotone
        self.folds = folds
        self.level = level

    def _fit(self, x: FloatArray, outcome: TimeToEvent, groups: Any) -> None:
        design = self.basis_.design(x)[:, 1:]
        make = partial(_likelihood, design, outcome)
        start = np.zeros(design.shape[1])
        found = self._fit_hazard(make, outcome, 1, start, self._folds(x, outcome, groups))
        self.hazards_ = {1: found}
        self.baselines_ = {1: make(outcome.weight).baseline(found.coefficients)}

    def _causes_predicted(self) -> tuple[int, ...]:
        return (1,)

    def _incidence(self, x: FloatArray, horizons: FloatArray, cause: int) -> FloatArray:
        with np.errstate(divide="ignore"):
            log_hazard = np.log(self.baselines_[cause].cumulative(horizons))
        return incidence_of(
            self._log_hazard_ratio(x, self.hazards_[cause].coefficients), log_hazard
        )

    def _log_baseline(self, horizon_days: float) -> tuple[float, FloatArray]:
        return log_baseline(self.baselines_[1], horizon_days, self.hazards_[1].factor)


def _likelihood(design: FloatArray, outcome: TimeToEvent, weight: FloatArray) -> PartialLikelihood:
    weighted = replace(outcome, weight=weight)
    sets = RiskSets.of(weighted, 1, "breslow", subdistribution=True)
    return PartialLikelihood(design, weight, sets)
