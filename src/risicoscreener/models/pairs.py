"""The pairs of a scoring program together: whether they fit its features, and what they add."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from risicoscreener.errors import ModelError
from risicoscreener.models.terms import cell_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.terms import PairTerm

Numbers: TypeAlias = tuple[float, ...]
PairTable: TypeAlias = tuple[int, int, Numbers, Numbers, tuple[Numbers, ...], float]
"""Places of both features, edges of both, the cells by row, and the reference."""


def check_pairs(pairs: Sequence[PairTerm], features: Sequence[str]) -> None:
    """Each pair joins two features of the program, once.

    Raises
    ------
    ModelError
        Naming the pair that does not.
    """
    joined = [frozenset((pair.first, pair.second)) for pair in pairs]
    for pair, both in zip(pairs, joined, strict=True):
        if not both <= set(features) or len(both) < 2 or joined.count(both) > 1:
            raise ModelError(
                f"pair {pair.name} must join two different features of the program, and stand "
                f"in it once; features: {', '.join(features)}."
            )


def pair_tables(pairs: Sequence[PairTerm], features: Sequence[str]) -> tuple[PairTable, ...]:
    """Per pair all that is needed to score one person."""
    places = {feature: position for position, feature in enumerate(features)}
    return tuple(
        (
            places[pair.first],
            places[pair.second],
            pair.first_edges,
            pair.second_edges,
            pair.values,
            pair.reference,
        )
        for pair in pairs
    )


def add_pairs(
    tables: Sequence[PairTable], values: Sequence[float], lp: float, contributions: list[float]
) -> float:
    """Linear predictor of one person with the pairs added; half of each to both contributions."""
    for i, j, edges, others, table, reference in tables:
        y = table[cell_one(edges, values[i])][cell_one(others, values[j])]
        lp += y
        half = (y - reference) / 2.0
        contributions[i] += half
        contributions[j] += half
    return lp


def add_pairs_many(
    pairs: Sequence[PairTerm],
    tables: Sequence[PairTable],
    columns: FloatArray,
    lp: FloatArray,
    contributions: FloatArray | None,
) -> None:
    """The same for people given as ``(F, n)``, in place; see `add_pairs`."""
    for pair, (i, j, *_) in zip(pairs, tables, strict=True):
        y = pair.many(columns[i], columns[j])
        lp += y
        if contributions is not None:
            half = (y - pair.reference) / 2.0
            contributions[:, i] += half
            contributions[:, j] += half
