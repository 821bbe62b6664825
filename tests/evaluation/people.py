"""The people of the oracle of discrimination, and what R says of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from risicoscreener.evaluation import Sample

ORACLE = Path(__file__).parents[1] / "oracles" / "discrimination"


@cache
def people() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "people.csv")


@cache
def expected() -> dict:
    return json.loads((ORACLE / "expected.json").read_text("utf-8"))


def sample_of(model: str, *, weighted: bool = False, clustered: bool = False) -> Sample:
    table = people()
    return Sample.of(
        table[model],
        table.outcome,
        weight=table.weight if weighted else None,
        cluster=table.person if clustered else None,
    )


@st.composite
def samples(draw, *, weighted: bool = True):
    """Few people with many ties, both outcomes, and weights of which some are 0."""
    n = draw(st.integers(2, 30))

    def one_each(values):
        return st.lists(values, min_size=n, max_size=n).map(np.array)

    p, y = draw(one_each(st.integers(0, 8))) / 8, draw(one_each(st.integers(0, 1)))
    y[:2] = (0, 1)
    w = draw(one_each(st.integers(0, 3))) if weighted else np.ones(n)
    w[:2] = np.maximum(w[:2], 1)
    return Sample.of(p, y, weight=w)
