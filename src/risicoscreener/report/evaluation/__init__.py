"""A report on predicted probabilities: rows in; page, tables and plain data out."""

from __future__ import annotations

from risicoscreener.report.evaluation.about import About, read_about
from risicoscreener.report.evaluation.data import ReportData, report_json_schema
from risicoscreener.report.evaluation.problems import Problem, TableError
from risicoscreener.report.evaluation.report import EvaluationReport

__all__ = [
    "About",
    "EvaluationReport",
    "Problem",
    "ReportData",
    "TableError",
    "read_about",
    "report_json_schema",
]
