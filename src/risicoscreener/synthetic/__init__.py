"""Synthetic cohorts: dossiers of people who do not exist, with the truth behind them."""

from __future__ import annotations

from risicoscreener.synthetic.cohort import Cohort, Truth, simulate
from risicoscreener.synthetic.parameters import Parameter, Parameters, load_parameters
from risicoscreener.synthetic.storage import write_cohort

__all__ = [
    "Cohort",
    "Parameter",
    "Parameters",
    "Truth",
    "load_parameters",
    "simulate",
    "write_cohort",
]
