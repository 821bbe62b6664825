"""Cases that a reader may not tell apart: they differ in hidden domains alone, and end alike.

Which rule decided, or what else would help, can depend on a hidden domain though it does not speak
of it. What is taken from all of these cases together, or from the first of them, depends only on
what may be seen and on the outcome.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from risicoscreener.decision import Change, CompiledPolicy

MOST_CASES = 4096
"""Combinations of hidden levels that are looked through; with more, what would help is left out."""

Levels = tuple[int, ...]


def cases_alike(
    compiled: CompiledPolicy, levels: Sequence[int], hidden: Iterable[str]
) -> Iterator[Levels]:
    """The levels of each case that differs in hidden domains alone, with the same outcome.

    Parameters
    ----------
    levels
        The level of each domain, shape (domains,).
    hidden
        Names of the domains that are hidden.

    Yields
    ------
    Levels like the given ones, those with the best hidden levels first.
    """
    concealed, table = frozenset(hidden), compiled.outcomes
    outcome = table[tuple(levels)]
    options = [
        range(size) if domain.id in concealed else (level,)
        for domain, size, level in zip(compiled.domains, compiled.shape, levels, strict=True)
    ]
    return (case for case in product(*options) if table[case] == outcome)


def changes_alike(
    compiled: CompiledPolicy, levels: Sequence[int], hidden: Iterable[str]
) -> tuple[Change, ...]:
    """What would help in each of the cases that are alike, by steps in domains that are not hidden.

    In the order of `CompiledPolicy.changes`; none if there are more than `MOST_CASES`.
    """
    concealed = frozenset(hidden)
    sizes = zip(compiled.domains, compiled.shape, strict=True)
    if prod(size for domain, size in sizes if domain.id in concealed) > MOST_CASES:
        return ()
    found = [
        compiled.changes(int(np.ravel_multi_index(case, compiled.shape)))
        for case in cases_alike(compiled, levels, concealed)
    ]
    return tuple(
        change
        for change in found[0]
        if concealed.isdisjoint(compiled.domains[d].id for d, _ in change.steps)
        and all(change in others for others in found)
    )
