"""The table of a policy read for many prepared cases: levels in, outcomes out.

The place of a case in the table is a number in a mixed base (Horner's scheme over its levels).
Levels are small, so most of that is done in numbers of one byte: consecutive domains are joined
while their product fits a byte, and only the joined ones are put together in a wider type. Cases
go through in blocks that stay in the cache of a core.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.errors import PolicyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from risicoscreener.decision.compiled import CompiledPolicy

BLOCK = 16_384
BYTE = 256


class Index:
    """From levels to places in a table of a shape.

    Parameters
    ----------
    shape
        Number of levels per domain.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        self.shape = tuple(shape)
        self.groups: list[tuple[tuple[int, ...], int]] = []
        group: list[int] = []
        size = 1
        for domain, levels in enumerate(shape):
            if levels == 1:
                continue  # always 0, and part of no place
            if group and size * levels > BYTE:
                self.groups.append((tuple(group), size))
                group, size = [], 1
            group.append(domain)
            size *= levels
        self.groups.append((tuple(group), size))
        self.type = np.uint16 if math.prod(shape) <= 1 << 16 else np.uint32

    def take(self, table: NDArray[Any], levels: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Values of a flat table for checked columns of levels of type uint8."""
        n = len(levels[0])
        found = np.empty(n, table.dtype)
        byte = np.empty(min(n, BLOCK), np.uint8)
        place = np.empty(min(n, BLOCK), self.type)
        for start in range(0, n, BLOCK):
            rows = slice(start, min(start + BLOCK, n))
            at = self._place(levels, rows, byte[: rows.stop - start], place[: rows.stop - start])
            table.take(at, out=found[rows], mode="clip")  # places are checked: faster than raise
        return found

    def _place(
        self,
        levels: Sequence[NDArray[Any]],
        rows: slice,
        byte: NDArray[np.uint8],
        place: NDArray[Any],
    ) -> NDArray[Any]:
        for number, (group, size) in enumerate(self.groups):
            joined = byte
            if len(group) < 2:
                joined = levels[group[0]][rows] if group else np.multiply(byte, 0, out=byte)
            else:
                np.multiply(levels[group[0]][rows], self.shape[group[1]], out=byte)
                byte += levels[group[1]][rows]
            for domain in group[2:]:
                byte *= self.shape[domain]
                byte += levels[domain][rows]
            if number == 0:
                place[:] = joined
            else:
                place *= size
                place += joined
        return place


def checked_levels(
    compiled: CompiledPolicy, levels: Sequence[NDArray[Any]] | NDArray[Any]
) -> list[NDArray[np.uint8]]:
    """Columns of levels as bytes, each within its domain.

    Raises
    ------
    PolicyError
        If there are not as many columns as domains, or one is not of whole numbers within its
        domain or of another length.
    """
    columns = [np.asarray(column) for column in levels]
    if len(columns) != len(compiled.domains):
        names = ", ".join(d.id for d in compiled.domains)
        raise PolicyError(
            f"{compiled.id}: {len(columns)} columns of levels; expected {len(compiled.domains)} "
            f"({names})"
        )
    return [
        _checked(compiled, domain.id, len(domain.levels), column, columns[0].shape)
        for domain, column in zip(compiled.domains, columns, strict=True)
    ]


def _checked(
    compiled: CompiledPolicy,
    domain: str,
    size: int,
    column: NDArray[Any],
    shape: tuple[int, ...],
) -> NDArray[np.uint8]:
    if column.dtype.kind not in "iu" or column.ndim != 1 or column.shape != shape:
        raise PolicyError(
            f"{compiled.id}: levels of {domain} are {column.dtype} of shape {column.shape}; "
            f"expected whole numbers of shape {shape if len(shape) == 1 else '(n,)'}"
        )
    signed = column.dtype.kind == "i"
    if column.size and (int(column.max()) >= size or (signed and int(column.min()) < 0)):
        wrong = column[(column >= size) | (column < 0)][0]
        raise PolicyError(
            f"{compiled.id}: level {wrong} of {domain}; expected 0 to {size - 1} "
            f"({', '.join(v.id for d in compiled.domains if d.id == domain for v in d.levels)})"
        )
    return column.astype(np.uint8, copy=False)
