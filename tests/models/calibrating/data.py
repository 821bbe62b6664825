"""People with a known relation between linear predictor and outcome, and what R made of some."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from cases import ROOT

ORACLE = ROOT / "tests" / "oracles" / "calibration"


def expected() -> dict[str, Any]:
    """What R found on `people`."""
    return json.loads((ORACLE / "expected.json").read_text("utf-8"))


def people() -> pd.DataFrame:
    """The rows that R was given: lp, outcome, weight, stratum."""
    return pd.read_csv(ORACLE / "people.csv")


def drawn(
    n: int, seed: int, slope: float = 0.7, bend: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Linear predictors, and outcomes whose log odds are ``slope * lp + bend * lp * |lp|``."""
    rng = np.random.default_rng(seed)
    lp = rng.normal(-0.5, 1.2, n)
    return lp, (rng.random(n) < expit(slope * lp + bend * lp * np.abs(lp))).astype(float)
