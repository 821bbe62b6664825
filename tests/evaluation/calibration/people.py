"""The people of the oracles, and what R and model-diagnostics say of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from risicoscreener.evaluation import Sample

ORACLES = Path(__file__).parents[2] / "oracles" / "evaluation_calibration"
NAMES = ("probability", "coarse", "outcome", "weight", "cluster")
PEOPLE = dict(
    zip(NAMES, np.loadtxt(ORACLES / "people.csv", delimiter=",", skiprows=1).T, strict=True)
)
R = json.loads((ORACLES / "expected.json").read_text("utf-8"))
MODEL_DIAGNOSTICS = json.loads((ORACLES / "model_diagnostics.json").read_text("utf-8"))
SOME = np.arange(0, 400, 8)


def people(score="probability", weighted=False, clustered=False) -> Sample:
    """The people with one of two scores, with or without weights and clusters."""
    return Sample.of(
        PEOPLE[score],
        PEOPLE["outcome"],
        weight=PEOPLE["weight"] if weighted else None,
        cluster=PEOPLE["cluster"] if clustered else None,
    )


def overfitted(n=400, seed=3, decimals=None):
    """Probabilities that are too extreme and too low, with outcomes."""
    rng = np.random.default_rng(seed)
    lp = rng.normal(-1, 1.2, n)
    p = 1 / (1 + np.exp(-lp))
    y = rng.random(n) < 1 / (1 + np.exp(-(0.3 + 0.7 * lp)))
    return (p if decimals is None else p.round(decimals)), y.astype(float)


def calibrated(n=400, seed=5):
    """Probabilities from which the outcomes were drawn."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-rng.normal(-1, 1.2, n)))
    return p, (rng.random(n) < p).astype(float)
