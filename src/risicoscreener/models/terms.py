"""The parts of a scoring program: one function per feature, and interactions of two features."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import pairwise
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Annotated

import numpy as np
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.models.piecewise import MAX_KNOTS, FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

CHUNK_ROWS = 8192
"""Rows scored at a time: the working set stays in the cache of one core."""

MAX_EDGES = 100
"""Most edges on one side of a pair."""


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """What one feature adds to the linear predictor.

    Parameters
    ----------
    feature
        Name of the feature.
    knots, values
        The piecewise-linear function: constant outside the first and last knot; a knot given
        twice is a jump (then the right value holds).
    missing
        What an unknown (NaN) value adds.
    reference
        Mean of the term in the training data; contributions are relative to it.
    """

    feature: str
    knots: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_KNOTS)]
    values: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_KNOTS)]
    missing: float
    reference: float = 0.0


class PairTerm(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """What two features add together to the linear predictor, beyond the term of each.

    A table of cells, constant within each. What a cell adds beyond ``reference`` counts half to
    the contribution of each feature: the Shapley value of an interaction of two.

    Parameters
    ----------
    first, second
        Names of two features of the program.
    first_edges, second_edges
        Ascending; the cell of a value is the number of edges at or below it, so ``m`` edges make
        ``m + 1`` cells; one more, the last, is for an unknown value.
    values
        ``m + 2`` rows (first feature) of ``n + 2`` numbers (second feature).
    reference
        Mean in the training data.

    Raises
    ------
    ModelError
        For edges that do not ascend, a table of another shape, or a number not finite.
    """

    first: str
    second: str
    first_edges: Annotated[tuple[float, ...], Meta(max_length=MAX_EDGES)]
    second_edges: Annotated[tuple[float, ...], Meta(max_length=MAX_EDGES)]
    values: Annotated[tuple[tuple[float, ...], ...], Meta(min_length=2, max_length=MAX_EDGES + 2)]
    reference: float = 0.0

    def __post_init__(self) -> None:
        for edges in (self.first_edges, self.second_edges):
            if any(right <= left for left, right in pairwise(edges)):
                raise ModelError(f"the edges of {self.name} do not ascend; sort and merge them.")
        expected = (len(self.first_edges) + 2, len(self.second_edges) + 2)
        if len(self.values) != expected[0] or any(len(row) != expected[1] for row in self.values):
            raise ModelError(
                f"the table of {self.name} is not of {expected[0]} rows of {expected[1]}: one "
                "for each cell between the edges, and one for an unknown value."
            )
        cells = (number for row in self.values for number in row)
        if not all(map(isfinite, (*self.first_edges, *self.second_edges, self.reference, *cells))):
            raise ModelError(f"{self.name} holds NaN or infinity; fit the model again.")

    @property
    def name(self) -> str:
        """Both features, as a message names them."""
        return f"{self.first} x {self.second}"

    def one(self, first: float, second: float) -> float:
        """What the pair adds for one value of each feature; NaN is unknown."""
        return self.values[cell_one(self.first_edges, first)][cell_one(self.second_edges, second)]

    def turned(self) -> PairTerm:
        """The same with the features in the other order."""
        return PairTerm(
            self.second,
            self.first,
            self.second_edges,
            self.first_edges,
            tuple(zip(*self.values, strict=True)),
            self.reference,
        )

    def on_edges(self, first: tuple[float, ...], second: tuple[float, ...]) -> PairTerm:
        """The same function on other edges; exact if its own are among them.

        Otherwise a cell has the value at its lower edge.
        """
        if (first, second) == (self.first_edges, self.second_edges):
            return self
        rows, columns = ((-inf, *edges, nan) for edges in (first, second))
        values = tuple(tuple(self.one(x, y) for y in columns) for x in rows)
        return PairTerm(self.first, self.second, first, second, values, self.reference)

    def many(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """What the pair adds for each element of two columns."""
        return self._table[cells(self.first_edges, first), cells(self.second_edges, second)]

    @cached_property
    def _table(self) -> FloatArray:
        return np.array(self.values)


def cell_one(edges: Sequence[float], x: float) -> int:
    """The cell of one value: edges at or below it, or the last cell for an unknown value."""
    return bisect_right(edges, x) if x == x else len(edges) + 1


def cells(edges: Sequence[float], x: FloatArray) -> npt.NDArray[np.intp]:
    """The cell of each element."""
    found = np.searchsorted(np.array(edges), x, side="right")
    return np.where(np.isnan(x), len(edges) + 1, found)


def chunks(n: int, rows: int = CHUNK_ROWS) -> Iterator[slice]:
    """Slices that divide ``n`` rows."""
    for start in range(0, n, rows):
        yield slice(start, min(start + rows, n))
