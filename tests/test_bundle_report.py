"""The page on the shipped models is about the models that are shipped."""

from __future__ import annotations

import numpy as np

from bundle_report import SEED, _overall, _provenance, _tenths
from cases import ROOT
from risicoscreener.models import Bundle, Intervals
from risicoscreener.models.shipped import shipped_bundle_bytes

PAGE = (ROOT / "docs" / "reference-bundle.md").read_text("utf-8")
BUNDLE = Bundle.load(shipped_bundle_bytes())


def test_it_names_the_bundle_and_how_its_models_were_fitted():
    assert BUNDLE.id in PAGE
    assert _provenance(BUNDLE) in PAGE


def test_it_has_every_model_and_the_command_that_made_it():
    assert all(f"## {model.name}: {model.title.en}" in PAGE for model in BUNDLE.models)
    assert f"python scripts/bundle_report.py -n 30000 --seed {SEED}" in PAGE


def test_errors_are_those_against_the_truth():
    stated, chance = np.array([0.2, 0.4, 0.6, 0.9]), np.array([0.1, 0.4, 0.7, 0.8])
    shown = _overall(stated, np.array([0.0, 1.0, 0.0, 1.0]), chance)
    assert "| mean error | +2.50 points |" in shown
    assert "| mean absolute error | 7.50 points |" in shown
    assert "| root mean square error | 8.66 points |" in shown
    assert "| AUC of the truth | 0.750 |" in shown


def test_tenths_are_of_the_stated_probability():
    stated = np.linspace(0.01, 0.99, 100)
    intervals = Intervals(stated / 3, stated.copy(), np.ones(100))
    intervals.upper[5:10] = 0.0
    rows = _tenths(stated, (stated > 0.5).astype(float), stated / 2, intervals).splitlines()[2:]
    assert len(rows) == 10
    assert rows[0] == "| 1 | 5.5 % | 1.8-1.5 % | 2.7 % | 0.0 % | 2.7 points | 50 % |"
    assert rows[9] == "| 10 | 94.5 % | 31.5-94.5 % | 47.3 % | 100.0 % | 47.3 points | 100 % |"
