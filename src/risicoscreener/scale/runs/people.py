"""Nobody is in two parts of a folder, looked up in memory that does not grow with the parts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.errors import DossierError, PartError

if TYPE_CHECKING:
    from risicoscreener.scale.runs.inputs import Part

RANGES = 64
"""Hashes are compared a range at a time, each in the memory of one sixty-fourth of all people."""
_BYTES = 8
_EDGES = (np.arange(1, RANGES, dtype=np.uint64) << np.uint64(64 - 6)).astype(np.uint64)


class SeenPeople:
    """Hashes of the ids of many parts, on disk.

    Parameters
    ----------
    folder
        Where there is room; the file has no name there, so that nothing is left of it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by `close`
        self._bounds: list[np.ndarray] = []
        self._size = 0

    def add(self, ids: pa.Array) -> None:
        """The people of the next part."""
        import pandas as pd

        names = ids.to_numpy(zero_copy_only=False)
        hashes = np.unique(pd.util.hash_array(names.astype(object), categorize=False))
        cuts = np.searchsorted(hashes, _EDGES)
        self._bounds.append(self._size + np.concatenate(([0], cuts, [len(hashes)])))
        self._size += len(hashes)
        self._file.seek(0, os.SEEK_END)
        self._file.write(hashes.tobytes())  # `tofile` does not say when the disk is full
        self._file.flush()

    def close(self) -> None:
        """Give up the file."""
        self._file.close()

    def alike(self) -> Iterator[tuple[int, int]]:
        """Pairs of parts, counted from 0, that both have the hash of someone."""
        for at in range(RANGES):
            parts = [self._read(bounds[at], bounds[at + 1]) for bounds in self._bounds]
            hashes = np.concatenate([*parts, np.zeros(0, np.uint64)])
            owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
            order = np.argsort(hashes, kind="stable")
            hashes, owners = hashes[order], owners[order]
            for twice in np.unique(hashes[1:][hashes[1:] == hashes[:-1]]):
                first, end = (np.searchsorted(hashes, twice, side) for side in ("left", "right"))
                yield from combinations(owners[first:end].tolist(), 2)

    def _read(self, first: int, end: int) -> np.ndarray:
        self._file.seek(int(first) * _BYTES)
        return np.frombuffer(self._file.read(int(end - first) * _BYTES), np.uint64)


def check_disjoint(parts: Sequence[Part], seen: SeenPeople) -> None:
    """Nobody is in two of these parts, which were added in this order.

    Raises
    ------
    PartError
        That names someone who is, and both parts.
    """
    for one, other in seen.alike():
        twice = _in_both(parts[one], parts[other])
        if twice:
            more = f" ({len(twice)} persons like this)" if len(twice) > 1 else ""
            first, second = (parts[i].files for i in (one, other))
            cause = DossierError(
                f"person {twice[0]} is in {_persons_in(first)} and in {_persons_in(second)}; "
                f"expected each person, with all facts, in one part{more}"
            )
            raise PartError(parts[other].name, str(cause)) from cause


def _in_both(one: Part, other: Part) -> list[str]:
    """Who is, as against having the same hash as someone else."""
    ids = one.person_ids()
    return sorted(pc.unique(ids.filter(pc.is_in(ids, other.person_ids()))).to_pylist())


def _persons_in(files: dict[str, Path]) -> str:
    return next(name for name in files if name.startswith("persons."))
