"""Generated programs and inputs for property tests."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st

from risicoscreener.errors import ModelError
from risicoscreener.models import (
    Beta,
    Ensemble,
    FeatureRange,
    Identity,
    Logistic,
    PairTerm,
    PopulationRule,
    ScoringProgram,
    Spline,
    Support,
    Table,
    Term,
    Uncertainty,
    VennAbers,
)

number = st.floats(-1e3, 1e3, allow_nan=False, width=32)


@st.composite
def terms(draw: Any, name: str, jumps: bool) -> Term:
    knots = draw(st.lists(st.integers(-200, 200), min_size=1, max_size=7, unique=not jumps))
    knots = sorted(knot / 4 for knot in knots)
    values = draw(st.lists(number, min_size=len(knots), max_size=len(knots)))
    return Term(name, tuple(knots), tuple(values), draw(number), draw(number))


unit = st.floats(0.0, 1.0)
moderate = st.floats(-5.0, 5.0)


@st.composite
def rising(draw: Any, size: int) -> tuple[float, ...]:
    return tuple(sorted(draw(st.lists(unit, min_size=size, max_size=size))))


@st.composite
def tables(draw: Any) -> Table:
    size = draw(st.integers(1, 8))
    before = sorted(draw(st.lists(st.integers(0, 50), min_size=size, max_size=size)))
    return Table(tuple(b / 50 for b in before), draw(rising(size)))


@st.composite
def venn_abers(draw: Any) -> VennAbers:
    edges = sorted(draw(st.lists(unit, min_size=1, max_size=6, unique=True)))
    one, other = draw(rising(2 * len(edges) + 1)), draw(rising(2 * len(edges) + 1))
    lower, upper = np.minimum(one, other), np.maximum(one, other)
    merged = draw(st.sampled_from([(), tuple(((lower + upper) / 2).tolist())]))
    return VennAbers(tuple(edges), tuple(lower.tolist()), tuple(upper.tolist()), merged)


@st.composite
def splines(draw: Any) -> Spline:
    """Any coefficients, with enough slope added that the whole line rises."""
    knots = sorted(draw(st.lists(st.integers(-20, 20), min_size=3, max_size=6, unique=True)))
    bent = draw(st.lists(moderate, min_size=len(knots) - 2, max_size=len(knots) - 2))
    slope = 1.0
    while True:
        try:
            return Spline(tuple(k / 4 for k in knots), draw(moderate), (slope, *bent))
        except ModelError:
            slope *= 2.0


calibrations = st.one_of(
    st.just(Identity()),
    st.builds(Logistic, intercept=moderate, slope=st.floats(1e-3, 5.0)),
    st.builds(Beta, a=st.floats(0.0, 5.0), b=st.floats(0.0, 5.0), intercept=moderate),
    splines(),
    tables(),
    venn_abers(),
)
"""Every kind of map that a program may hold."""

sides = st.lists(st.integers(-100, 100), max_size=4, unique=True).map(
    lambda found: tuple(sorted(i / 4 for i in found))
)


@st.composite
def pairs(draw: Any, first: str, second: str) -> PairTerm:
    one, other = draw(sides), draw(sides)
    row = st.lists(number, min_size=len(other) + 2, max_size=len(other) + 2).map(tuple)
    table = draw(st.lists(row, min_size=len(one) + 2, max_size=len(one) + 2))
    return PairTerm(first, second, one, other, tuple(table), draw(number))


@st.composite
def programs(draw: Any, covariance: bool = True) -> ScoringProgram:
    """With a covariance; or with steps, pairs and perhaps replicates, which a covariance bars."""
    names = tuple(f"feature_{i}" for i in range(draw(st.integers(1, 5))))
    parts = tuple(draw(terms(name, jumps=not covariance)) for name in names)
    joined = [] if covariance else draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    program = ScoringProgram(
        intercept=draw(number),
        terms=parts,
        pairs=tuple(draw(pairs(names[0], other)) for other in joined if other != names[0]),
        link=draw(st.sampled_from(["logit", "cloglog"])),
        calibration=draw(calibrations),
        uncertainty=uncertainty(parts, draw(st.integers(0, 9))) if covariance else None,
        support=draw(supports(names)),
    )
    if covariance or draw(st.booleans()):
        return program
    return msgspec.structs.replace(program, uncertainty=replicates_of(program))


def replicates_of(program: ScoringProgram, count: int = 12) -> Ensemble:
    """Replicates with other numbers on the same knots."""
    return Ensemble.from_programs(program, [jittered(program, seed) for seed in range(count)])


def jittered(program: ScoringProgram, seed: int) -> ScoringProgram:
    """The same parts with other numbers."""
    rng = np.random.default_rng(seed)

    def noise(values: Any) -> tuple[float, ...]:
        return tuple((np.array(values) + rng.normal(0, 0.3, len(values))).tolist())

    return msgspec.structs.replace(
        program,
        intercept=program.intercept + rng.normal(),
        terms=tuple(
            Term(t.feature, t.knots, noise(t.values), t.missing + rng.normal(), rng.normal())
            for t in program.terms
        ),
        pairs=tuple(
            msgspec.structs.replace(
                p, values=tuple(noise(row) for row in p.values), reference=rng.normal()
            )
            for p in program.pairs
        ),
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
