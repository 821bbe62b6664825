"""What decisions by predicted probabilities bring: net benefit, costs, consequences for people."""

from __future__ import annotations

from risicoscreener.evaluation.utility.gain import net_benefit_at

__all__ = ["net_benefit_at"]
