"""Generated programs and inputs for property tests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from risicoscreener.models import (
    FeatureRange,
    Identity,
    Logistic,
    PopulationRule,
    ScoringProgram,
    Support,
    Table,
    Term,
    Uncertainty,
)

number = st.floats(-1e3, 1e3, allow_nan=False, width=32)


@st.composite
def terms(draw: Any, name: str, jumps: bool) -> Term:
    knots = draw(st.lists(st.integers(-200, 200), min_size=1, max_size=7, unique=not jumps))
    knots = sorted(knot / 4 for knot in knots)
    values = draw(st.lists(number, min_size=len(knots), max_size=len(knots)))
    return Term(name, tuple(knots), tuple(values), draw(number), draw(number))


calibrations = st.one_of(
    st.just(Identity()),
    st.builds(Logistic, intercept=st.floats(-3, 3), slope=st.floats(0.1, 3)),
    st.just(Table(before=(0.1, 0.4, 0.4, 0.9), after=(0.05, 0.3, 0.5, 0.8))),
)


@st.composite
def programs(draw: Any, covariance: bool = True) -> ScoringProgram:
    names = tuple(f"feature_{i}" for i in range(draw(st.integers(1, 5))))
    parts = tuple(draw(terms(name, jumps=not covariance)) for name in names)
    return ScoringProgram(
        intercept=draw(number),
        terms=parts,
        link=draw(st.sampled_from(["logit", "cloglog"])),
        calibration=draw(calibrations),
        uncertainty=uncertainty(parts, draw(st.integers(0, 9))) if covariance else None,
        support=draw(supports(names)),
    )


def uncertainty(parts: tuple[Term, ...], seed: int) -> Uncertainty:
    rng = np.random.default_rng(seed)
    size = 1 + sum(len(term.knots) for term in parts)
    factor = np.tril(rng.normal(size=(size, size))) / 10 + np.eye(size)
    centres = [rng.random(len(term.knots) - 1).tolist() for term in parts]
    return Uncertainty.from_factor(factor, centres)


@st.composite
def supports(draw: Any, names: tuple[str, ...]) -> Support:
    low = draw(st.floats(-60, 0))
    return Support(
        features=names,
        ranges=tuple(FeatureRange(low, low + 70.0, low + 9.0) for _ in names),
        rules=(PopulationRule(names[0], minimum=-40.0),) if draw(st.booleans()) else (),
        required=draw(st.sampled_from([(), names[-1:]])),
        max_missing_share=draw(st.sampled_from([0.0, 0.3, 1.0])),
        max_leverage=draw(st.sampled_from([None, 1.0, 5.0])),
    )


def rows(width: int) -> st.SearchStrategy[list[float]]:
    """Feature values that hit knots, lie beyond them, or are unknown."""
    on_knots = st.integers(-220, 220).map(lambda i: i / 4)
    value = st.one_of(on_knots, st.floats(-1e6, 1e6), st.just(math.nan))
    return st.lists(value, min_size=width, max_size=width)
