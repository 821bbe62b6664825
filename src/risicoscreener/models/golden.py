"""Golden vectors: made-up inputs with the answers that a program must go on giving."""

from __future__ import annotations

import math
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.models.risk_model import GoldenSet, GoldenVector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.missing.patterns import PatternSubmodels
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.support import Support
    from risicoscreener.models.uncertainty.conformal import ConformalBands

RANDOM_VECTORS = 50

SET_STEP = 1e-6
"""Distance from an edge of a conformal set at which it is looked at too."""


def golden_vectors(program: ScoringProgram, seed: int = 0) -> tuple[GoldenVector, ...]:
    """The answers of a program, as they are now, to its `golden_inputs`."""
    return tuple(GoldenVector.record(program, row) for row in golden_inputs(program, seed))


def pattern_vectors(scorer: PatternSubmodels, seed: int = 0) -> tuple[GoldenVector, ...]:
    """The answers of pattern submodels to inputs of their own patterns.

    They reach every knot and every cell of each submodel; its values for unknown features are
    never used. The fall-back has `golden_vectors` of its own.
    """
    found = []
    for submodel in scorer.submodels:
        places = [i for i, mark in enumerate(submodel.known) if mark == "1"]
        for row in golden_inputs(submodel.program, seed):
            if any(math.isnan(x) for x in row):
                continue
            whole = [math.nan] * len(scorer.features)
            for place, x in zip(places, row, strict=True):
                whole[place] = x
            found.append(GoldenVector.record(scorer, whole))
    return tuple(found)


def golden_sets(bands: ConformalBands) -> tuple[GoldenSet, ...]:
    """The answers of conformal sets at and on both sides of every number that they hold."""
    found = []
    for stratum in bands.strata:
        without, with_it = stratum.quantiles
        bounds = {*bands.cut_offs, *stratum.edges, *stratum.lower, *stratum.upper}
        bounds |= {without, 1.0 - with_it, 0.0, 1.0}
        near = {min(max(p + step, 0.0), 1.0) for p in bounds for step in (-SET_STEP, 0.0, SET_STEP)}
        found += [GoldenSet.record(bands, stratum.name, p) for p in sorted(near)]
    return tuple(found)


def golden_inputs(program: ScoringProgram, seed: int = 0) -> list[list[float]]:
    """Made-up inputs that reach every knot, every unknown value and every bound of support.

    Features are drawn independently of each other from their own knots, so no row is a person
    of the training data. Changing any coefficient changes the answer to some row.

    Parameters
    ----------
    seed
        Of the rows that are drawn.

    Returns
    -------
    Rows of one number per feature, NaN for unknown.
    """
    at_knots = [
        [term.knots[min(i, len(term.knots) - 1)] for term in program.terms]
        for i in range(max(len(term.knots) for term in program.terms))
    ]
    between = [np.mean(pair, axis=0).tolist() for pair in pairwise(at_knots)]
    unknown = [math.nan] * len(program.terms)
    rows = [*at_knots, *between, unknown, *_cells(program)]
    if program.support is not None:
        rows += _edges(program.support)
    return rows + _random_rows(program, np.random.default_rng(seed))


def _cells(program: ScoringProgram) -> list[list[float]]:
    """A row for each cell of each pair; the other features lie at their first knot."""
    base = [term.knots[0] for term in program.terms]
    rows = []
    for pair in program.pairs:
        places = program.features.index(pair.first), program.features.index(pair.second)
        for one, other in product(inside(pair.first_edges), inside(pair.second_edges)):
            row = list(base)
            row[places[0]], row[places[1]] = one, other
            rows.append(row)
    return rows


def inside(edges: Sequence[float]) -> list[float]:
    """A value in each cell of one side of a pair, the last unknown."""
    below = [edges[0] - 1.0] if edges else [0.0]
    return [*below, *edges, math.nan]


def _edges(support: Support) -> list[list[float]]:
    """Typical values; all bounds, and just beyond them; and the same for each population rule."""
    typical = [bounds.typical for bounds in support.ranges]
    lows, highs = [r.low for r in support.ranges], [r.high for r in support.ranges]
    rows = [typical, lows, highs]
    rows.append([math.nextafter(low, -math.inf) for low in lows])
    rows.append([math.nextafter(high, math.inf) for high in highs])
    for rule in support.rules:
        position = support.features.index(rule.feature)
        for bound, beyond in ((rule.minimum, -math.inf), (rule.maximum, math.inf)):
            edges = [] if bound is None else [bound, math.nextafter(bound, beyond)]
            rows += [[*typical[:position], edge, *typical[position + 1 :]] for edge in edges]
    return rows


def _random_rows(program: ScoringProgram, rng: np.random.Generator) -> list[list[float]]:
    """Each feature anywhere from below its first knot to above its last, or unknown (1 in 10)."""
    first = np.array([term.knots[0] for term in program.terms])
    last = np.array([term.knots[-1] for term in program.terms])
    shape = (RANDOM_VECTORS, len(program.terms))
    drawn = first + (last - first) * rng.uniform(-0.1, 1.1, shape)
    drawn[rng.random(shape) < 0.1] = np.nan
    rows: list[list[float]] = np.round(drawn, 6).tolist()
    return rows
