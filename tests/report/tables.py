"""Small tables of predictions for the tests of reports; everybody in them is invented."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from risicoscreener.report import EvaluationReport

MADE_ON = dt.date(2026, 11, 29)
QUICK = {"replicates": 20, "made_on": MADE_ON}
HOSTILE = "<script>alert(1)</script>"


def expit(x):
    return 1 / (1 + np.exp(-x))


def binary(n=400, seed=1):
    """People with known outcomes, in two divisions, with a second model."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-0.8, 1.0, n)
    return pd.DataFrame(
        {
            "person_id": [f"SYN-{i}" for i in range(n)],
            "probability": expit(log_odds),
            "outcome": (rng.random(n) < expit(log_odds)).astype(int),
            "sex": rng.choice(["man", "vrouw"], n, p=[0.7, 0.3]),
            "prison": rng.choice(["Noord", "Zuid"], n),
            "probability_old": expit(0.5 * log_odds + rng.normal(0, 0.5, n)),
        }
    )


def timed(n=400, seed=2):
    """People followed for some time, with a competing event."""
    rng = np.random.default_rng(seed)
    log_hazard = rng.normal(-0.7, 0.9, n)
    times = np.stack(
        [
            rng.exponential(730 / np.exp(log_hazard)),
            rng.exponential(5000, n),
            rng.uniform(200, 1500, n),
        ]
    )
    return pd.DataFrame(
        {
            "probability": 1 - np.exp(-np.exp(log_hazard)),
            "outcome": np.array([1, 2, 0])[times.argmin(axis=0)],
            "time": np.ceil(times.min(axis=0)),
            "horizon": 730,
            "sex": rng.choice(["man", "vrouw"], n),
        }
    )


def report(frame, **options):
    """A report that is quick to make."""
    return EvaluationReport.of(frame, **{**QUICK, **options})
