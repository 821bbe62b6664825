"""Pictures and reports that people read."""

from __future__ import annotations

from risicoscreener.report.evaluation import EvaluationReport
from risicoscreener.report.timeline import plot_timeline

__all__ = ["EvaluationReport", "plot_timeline"]
