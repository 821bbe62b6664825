"""Support as the training data give it: ranges without extremes, and what is unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.models.support import FeatureRange, PopulationRule, Support
from risicoscreener.models.uncertainty.density import with_distance

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram

HIDDEN_EXTREMES = 4
"""Training values at each end that a stored range leaves out: an extreme is one person's."""

LEVERAGE_QUANTILE = 0.999


def support_of(
    program: ScoringProgram,
    x: FloatArray,
    rules: tuple[PopulationRule, ...],
    required: tuple[str, ...],
    max_missing_share: float,
) -> Support:
    """Where a program may speak: ranges, rules and what is unusual in its training data.

    What is unusual is the largest leverage; for a program without interval, which has none, the
    largest distance to what is typical (`with_distance`).
    """
    intervals = program.interval_many(x)
    leverage = None
    if intervals is not None:
        leverage = float(np.quantile(np.square(intervals.standard_error), LEVERAGE_QUANTILE))
    support = Support(
        features=program.features,
        ranges=tuple(_range(column) for column in x.T),
        rules=rules,
        required=required,
        max_missing_share=max_missing_share,
        max_leverage=leverage,
    )
    return with_distance(support, x) if intervals is None else support


def _range(column: FloatArray) -> FeatureRange:
    """Range of the known values less the extremes, and their median."""
    known = np.sort(column[~np.isnan(column)])
    hidden = min(HIDDEN_EXTREMES, (len(known) - 1) // 2)
    low, high = known[hidden], known[len(known) - 1 - hidden]
    return FeatureRange(float(low), float(high), float(np.median(known)))
