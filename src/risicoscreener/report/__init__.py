"""Pictures and reports that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.report.timeline import plot_timeline

if TYPE_CHECKING:
    from risicoscreener.report.evaluation import EvaluationReport

__all__ = ["EvaluationReport", "plot_timeline"]


def __getattr__(name: str) -> object:
    # A report needs scipy and pandas, which who draws a timeline does not pay for.
    if name == "EvaluationReport":
        from risicoscreener.report import evaluation

        return evaluation.EvaluationReport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
