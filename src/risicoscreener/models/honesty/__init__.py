"""Honesty: enough people, validation of the whole procedure, stability, and no leaks."""

from __future__ import annotations

from risicoscreener.models.honesty.leaks import (
    LeakFinding,
    LeakLimits,
    LeakReport,
    later_facts_search,
    leak_search,
)
from risicoscreener.models.honesty.sample_size import (
    SampleSize,
    largest_r_squared,
    r_squared_of_c_statistic,
    required_sample_size,
    required_sample_size_for_time_to_event,
    required_sample_size_for_validation,
)
from risicoscreener.models.honesty.stability import (
    PredictionStability,
    SelectionStability,
    prediction_stability,
    selected_features,
    selection_stability,
)
from risicoscreener.models.honesty.validation import (
    HeldOutPerformance,
    PartPerformance,
    forward_in_time,
    nested_cross_validate,
)
from risicoscreener.models.honesty.validation import (
    HeldOutPerformance as Validation,  # the name until 0.1, as is the next: docs/releases.md
)
from risicoscreener.models.honesty.validation import (
    PartPerformance as Part,
)

__all__ = [
    "HeldOutPerformance",
    "LeakFinding",
    "LeakLimits",
    "LeakReport",
    "Part",
    "PartPerformance",
    "PredictionStability",
    "SampleSize",
    "SelectionStability",
    "Validation",
    "forward_in_time",
    "largest_r_squared",
    "later_facts_search",
    "leak_search",
    "nested_cross_validate",
    "prediction_stability",
    "r_squared_of_c_statistic",
    "required_sample_size",
    "required_sample_size_for_time_to_event",
    "required_sample_size_for_validation",
    "selected_features",
    "selection_stability",
]
