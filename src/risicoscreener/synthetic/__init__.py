"""Synthetic cohorts: dossiers of people who do not exist, with the truth behind them."""

from __future__ import annotations

from risicoscreener.synthetic.at_liberty import at_liberty
from risicoscreener.synthetic.cohort import Cohort, Truth, simulate
from risicoscreener.synthetic.kinds import Parameter
from risicoscreener.synthetic.parameters import Parameters, load_parameters
from risicoscreener.synthetic.scenario import Scenario
from risicoscreener.synthetic.storing.card import CohortCheck, DataCard, verify_cohort
from risicoscreener.synthetic.storing.storage import write_cohort

__all__ = [
    "Cohort",
    "CohortCheck",
    "DataCard",
    "Parameter",
    "Parameters",
    "Scenario",
    "Truth",
    "at_liberty",
    "load_parameters",
    "simulate",
    "verify_cohort",
    "write_cohort",
]
