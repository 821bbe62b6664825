"""Two models of the same people, compared pair by pair."""

from __future__ import annotations

from risicoscreener.evaluation.comparing.comparison import compare, paired_replicates
from risicoscreener.evaluation.comparing.difference import Comparison, Difference

__all__ = ["Comparison", "Difference", "compare", "paired_replicates"]
