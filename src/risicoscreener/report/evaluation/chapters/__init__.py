"""The chapters of a report: each makes plain data of facts, in words of one language."""

from __future__ import annotations

from risicoscreener.report.evaluation.chapters.checklists import checklists
from risicoscreener.report.evaluation.chapters.closing import limits, methods, next_steps, origin
from risicoscreener.report.evaluation.chapters.comparison import comparison
from risicoscreener.report.evaluation.chapters.decisions import decisions, utility
from risicoscreener.report.evaluation.chapters.groups import groups
from risicoscreener.report.evaluation.chapters.people import missing, people
from risicoscreener.report.evaluation.chapters.performance import calibration, discrimination

__all__ = [
    "calibration",
    "checklists",
    "comparison",
    "decisions",
    "discrimination",
    "groups",
    "limits",
    "methods",
    "missing",
    "next_steps",
    "origin",
    "people",
    "utility",
]
