"""A weighted sum of scoring programs as one program, exact at every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Calibration, Identity, Logistic
from risicoscreener.models.piecewise import MAX_KNOTS
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.terms import PairTerm, Term

if TYPE_CHECKING:
    from collections.abc import Sequence


def weighted_sum(
    programs: Sequence[ScoringProgram], weights: Sequence[float], calibration: Calibration
) -> ScoringProgram:
    """The program whose linear predictor is the weighted sum of calibrated ones.

    Programs of weight 0 leave no trace. Terms of one feature are added on all their knots; one
    at which any of them jumps stands twice.

    Parameters
    ----------
    programs
        With the same features and a logit link, and a logistic calibration or none.
    calibration
        Of the sum.

    Raises
    ------
    ModelError
        For other features, another link or calibration, and for more knots than a term can hold.
    """
    scaled = [
        _calibrated(program, weight)
        for program, weight in zip(programs, weights, strict=True)
        if weight != 0
    ]
    names = scaled[0].features
    if any(program.features != names or program.link != "logit" for program in scaled):
        raise ModelError("programs can be added only if they have the same features and a logit.")
    of_features = zip(*(program.terms for program in scaled), strict=True)
    return ScoringProgram(
        intercept=sum(program.intercept for program in scaled),
        terms=tuple(_sum_of_terms(terms) for terms in of_features),
        pairs=_sum_of_pairs([pair for program in scaled for pair in program.pairs]),
        calibration=calibration,
    )


def _calibrated(program: ScoringProgram, weight: float) -> ScoringProgram:
    """The program with its calibration carried out and all multiplied by a weight."""
    found = program.calibration
    if not isinstance(found, Identity | Logistic):
        raise ModelError(
            f"a program with calibration {found!r} cannot be added to others, since it does not "
            "act on the linear predictor; fit it with calibration='logistic'."
        )
    shift, slope = (found.intercept, found.slope) if isinstance(found, Logistic) else (0.0, 1.0)
    by = weight * slope
    terms = tuple(
        msgspec.structs.replace(
            term,
            values=tuple(by * y for y in term.values),
            missing=by * term.missing,
            reference=by * term.reference,
        )
        for term in program.terms
    )
    pairs = tuple(
        msgspec.structs.replace(
            pair,
            values=tuple(tuple(by * y for y in row) for row in pair.values),
            reference=by * pair.reference,
        )
        for pair in program.pairs
    )
    return ScoringProgram(
        intercept=weight * shift + by * program.intercept,
        terms=terms,
        pairs=pairs,
        link=program.link,
    )


def _sum_of_terms(terms: Sequence[Term]) -> Term:
    from risicoscreener.models.uncertainty.bootstrap import on_knots

    times: dict[float, int] = {}
    for term in terms:
        for knot in set(term.knots):
            times[knot] = max(times.get(knot, 1), min(term.knots.count(knot), 2))
    knots = tuple(knot for knot in sorted(times) for _ in range(times[knot]))
    if len(knots) > MAX_KNOTS:
        raise ModelError(
            f"the terms of {terms[0].feature} have {len(knots)} knots together, more than the "
            f"{MAX_KNOTS} of a term; fit the members with fewer knots or steps."
        )
    shared = [on_knots(term, knots) for term in terms]
    return Term(
        feature=terms[0].feature,
        knots=knots,
        values=tuple(np.sum([term.values for term in shared], axis=0).tolist()),
        missing=sum(term.missing for term in terms),
        reference=sum(term.reference for term in terms),
    )


def _sum_of_pairs(pairs: Sequence[PairTerm]) -> tuple[PairTerm, ...]:
    """Pairs of the same two features become one, on all their edges."""
    found: dict[frozenset[str], PairTerm] = {}
    for pair in pairs:
        both = frozenset((pair.first, pair.second))
        found[both] = _sum_of_two(found[both], pair) if both in found else pair
    return tuple(found.values())


def _sum_of_two(pair: PairTerm, other: PairTerm) -> PairTerm:
    if other.first != pair.first:
        other = _turned(other)
    first = tuple(sorted({*pair.first_edges, *other.first_edges}))
    second = tuple(sorted({*pair.second_edges, *other.second_edges}))
    x, y = (grid.ravel() for grid in np.meshgrid(_inside(first), _inside(second), indexing="ij"))
    table = (pair.many(x, y) + other.many(x, y)).reshape(len(first) + 2, len(second) + 2)
    return PairTerm(
        first=pair.first,
        second=pair.second,
        first_edges=first,
        second_edges=second,
        values=tuple(map(tuple, table.tolist())),
        reference=pair.reference + other.reference,
    )


def _turned(pair: PairTerm) -> PairTerm:
    return PairTerm(
        first=pair.second,
        second=pair.first,
        first_edges=pair.second_edges,
        second_edges=pair.first_edges,
        values=tuple(zip(*pair.values, strict=True)),
        reference=pair.reference,
    )


def _inside(edges: tuple[float, ...]) -> np.ndarray:
    """A value in each cell: below the first edge, at each edge, unknown."""
    below = np.nextafter(edges[0], -np.inf) if edges else 0.0
    return np.array([below, *edges, np.nan])
