"""Chains of corrections: which fact supersedes which, as pairs of row numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def rows_in_cycles(supersedes: Mapping[int, int]) -> list[int]:
    """Rows that, followed from correction to corrected fact, come back to themselves.

    Parameters
    ----------
    supersedes
        Row of a fact to the row of the fact that it supersedes.
    """
    found: list[int] = []
    done: set[int] = set()
    for start in supersedes:
        path: dict[int, int] = {}
        row = start
        while row in supersedes and row not in done and row not in path:
            path[row] = len(path)
            row = supersedes[row]
        if row in path:
            found += [on for on, place in path.items() if place >= path[row]]
        done.update(path)
    return sorted(found)


def rows_that_lead_to(ends: Iterable[int], supersedes: Mapping[int, int]) -> list[int]:
    """Rows whose chain of corrections passes through one of some rows, without those rows."""
    sources: dict[int, list[int]] = {}
    for row, target in supersedes.items():
        sources.setdefault(target, []).append(row)
    reached = set(ends)
    waiting = list(reached)
    given = frozenset(reached)
    while waiting:
        for row in sources.get(waiting.pop(), []):
            if row not in reached:
                reached.add(row)
                waiting.append(row)
    return sorted(reached - given)


def rows_linked_to(rows: Iterable[int], supersedes: Mapping[int, int]) -> list[int]:
    """Rows in one chain of corrections with some rows, in either direction, without those rows."""
    neighbours: dict[int, list[int]] = {}
    for row, target in supersedes.items():
        neighbours.setdefault(row, []).append(target)
        neighbours.setdefault(target, []).append(row)
    given = frozenset(rows)
    reached = set(given)
    waiting = list(given)
    while waiting:
        for row in neighbours.get(waiting.pop(), []):
            if row not in reached:
                reached.add(row)
                waiting.append(row)
    return sorted(reached - given)
