"""Designs and outcomes of pilots for tests."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from cases import ROOT
from risicoscreener.evaluation.pilots import (
    NEVER,
    Assumed,
    Cells,
    PilotDesign,
    simulated,
    stepped_wedge,
)

ORACLE = ROOT / "tests" / "oracles" / "pilots"
EXAMPLE = ROOT / "examples" / "pilot"
ASSUMED = Assumed("binary", 0.4, 30, icc=0.05, cac=0.8, size_cv=0.4)


@cache
def expected() -> dict[str, Any]:
    return json.loads((ORACLE / "expected.json").read_text("utf-8"))


def oracle_people() -> pd.DataFrame:
    return pd.read_csv(ORACLE / "people.csv")


def wedge(n: int = 8, each: int = 2) -> PilotDesign:
    sites = [f"PI-{i + 1:02}" for i in range(n)]
    return stepped_wedge([sites[i : i + each] for i in range(0, n, each)])


def oracle_design() -> PilotDesign:
    return stepped_wedge(["ab", "cd", "ef", "gh"])


def drawn(design: PilotDesign, effect: float = 0.0, seed: int = 1, **changes: Any) -> Cells:
    assumed = Assumed(**{**vars(ASSUMED), **changes})
    return next(iter(simulated(design, assumed, effect, runs=1, seed=seed)))


def as_cells(mean: Any, size: Any, spread: float = 1.0) -> Cells:
    """Continuous outcomes with these means."""
    mean, size = np.asarray(mean, float), np.broadcast_to(np.asarray(size, float), np.shape(mean))
    squares = size * mean**2 + spread * np.maximum(size - 1, 0)
    return Cells("continuous", size.copy(), size * mean, squares)


@st.composite
def designs(draw: st.DrawFn, *, most_sites: int = 7) -> PilotDesign:
    """Parallel and staggered designs in which something can be compared."""
    n_sites = draw(st.integers(4, most_sites))
    n_periods = draw(st.integers(2, 6))
    starts = draw(
        st.lists(
            st.sampled_from([NEVER, *range(1, n_periods)]), min_size=n_sites, max_size=n_sites
        ).filter(lambda found: len(set(found)) > 1)
    )
    kind = draw(st.sampled_from(["parallel", "staggered"]))
    return PilotDesign(
        kind,
        tuple(f"s{i}" for i in range(n_sites)),
        tuple(f"t{i}" for i in range(n_periods)),
        tuple(starts),
        randomised=kind == "parallel",
    )
