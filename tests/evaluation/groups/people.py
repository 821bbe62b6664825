"""The people of the stored answers, and their sample."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from cases import ROOT
from risicoscreener.evaluation import Sample

ORACLE = ROOT / "tests" / "oracles" / "groups"


def oracle_people() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "people.csv")


def oracle_answers() -> dict:
    return json.loads((ORACLE / "expected.json").read_text("utf-8"))


def sample_of(frame: pd.DataFrame, **changes) -> Sample:
    return Sample.of(frame["probability"].to_numpy(), frame["outcome"].to_numpy(), **changes)


def drawn(n: int = 400, seed: int = 0, shares=(0.5, 0.5), shift: float = 0.0):
    """``(sample, labels)`` of groups ``g0``, ``g1``, …, calibrated but for a shift of the last."""
    rng = np.random.default_rng(seed)
    labels = np.array([f"g{i}" for i in rng.choice(len(shares), n, p=shares)])
    lp = rng.standard_normal(n) - 0.5
    moved = lp + shift * (labels == f"g{len(shares) - 1}")
    y = rng.random(n) < 1 / (1 + np.exp(-moved))
    return Sample.of(1 / (1 + np.exp(-lp)), y), labels
