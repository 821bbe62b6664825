"""Old models and new people for the tests of updating."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from risicoscreener.models import Logistic, ScoringProgram, Term

ORACLE = Path(__file__).parents[2] / "oracles" / "updating"
NAMES = ("age", "priors", "debt")


def expected() -> dict[str, Any]:
    return json.loads((ORACLE / "expected.json").read_text("utf-8"))


def oracle_people() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "people.csv")


def straight(slopes=(0.4, 0.3, 0.5), **changes: Any) -> ScoringProgram:
    """Straight terms between -2 and 2, constant beyond."""
    terms = tuple(
        Term(name, (-2.0, 2.0), (-2.0 * slope, 2.0 * slope), missing=0.0)
        for name, slope in zip(NAMES, slopes, strict=True)
    )
    settings = {"intercept": -1.0, "terms": terms, "calibration": Logistic(0.2, 1.1)}
    return ScoringProgram(**(settings | changes))


def bent() -> ScoringProgram:
    """Five knots per term; the third feature has no effect."""
    knots = (-2.0, -1.0, 0.0, 1.0, 2.0)
    shapes = ((-1.6, -0.8, 0.0, 0.8, 1.6), (-0.5, -0.4, 0.0, 0.4, 0.5), (0.0,) * 5)
    terms = tuple(
        Term(name, knots, values, missing=0.0) for name, values in zip(NAMES, shapes, strict=True)
    )
    return ScoringProgram(intercept=-1.0, terms=terms)


def log_odds(program: ScoringProgram, x: np.ndarray) -> np.ndarray:
    lp = program.score_many(x).linear_predictor
    p = program.probability_many(lp)
    return np.log(p / (1 - p))


def transport(
    n: int, seed: int, *, shift=0.0, slope=1.0, effect=0.0, width=3
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """New people of `bent` with a change: features, outcome and true log odds."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, width))
    truth = shift + slope * log_odds(bent(), x[:, :3]) + effect * x[:, -1]
    return x, (rng.random(n) < expit(truth)).astype(float), truth
