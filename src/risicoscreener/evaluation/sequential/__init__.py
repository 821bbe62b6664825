"""Tests that may be looked at every month: the chance of a false alarm holds for all together.

Start with `EProcess` and the bets on what is to be watched; `e_bh` says which of several are
alarms. `BettingSequence` gives an interval, `Cusum` what surgery knows.
"""

from __future__ import annotations

from risicoscreener.evaluation.sequential.bets import (
    STEPS,
    bets_of,
    calibration_factors,
    share_factors,
    volume_factors,
)
from risicoscreener.evaluation.sequential.confidence import BettingSequence
from risicoscreener.evaluation.sequential.conformal import ConformalMartingale, rank_factors
from risicoscreener.evaluation.sequential.cusum import Cusum, cusum_limit, cusum_run_length
from risicoscreener.evaluation.sequential.maturing import (
    TimingCurve,
    chance_in_period,
    registered_factors,
)
from risicoscreener.evaluation.sequential.multiplicity import (
    CONTROLS,
    Control,
    bonferroni,
    e_bh,
    log_threshold,
)
from risicoscreener.evaluation.sequential.process import (
    CohortProcess,
    EProcess,
    mean_log_e,
)
from risicoscreener.evaluation.sequential.reference import (
    Binned,
    stability_index,
    tolerated_range,
    tolerated_rate,
)
from risicoscreener.evaluation.sequential.slope import slope_bets, slope_factors

__all__ = [
    "CONTROLS",
    "STEPS",
    "BettingSequence",
    "Binned",
    "CohortProcess",
    "ConformalMartingale",
    "Control",
    "Cusum",
    "EProcess",
    "TimingCurve",
    "bets_of",
    "bonferroni",
    "calibration_factors",
    "chance_in_period",
    "cusum_limit",
    "cusum_run_length",
    "e_bh",
    "log_threshold",
    "mean_log_e",
    "rank_factors",
    "registered_factors",
    "share_factors",
    "slope_bets",
    "slope_factors",
    "stability_index",
    "tolerated_range",
    "tolerated_rate",
    "volume_factors",
]
