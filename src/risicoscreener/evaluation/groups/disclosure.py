"""Small groups are not shown, and cannot be worked out from what is shown.

Of a group of four people of whom one has the outcome, a table tells too much. Such cells are
hidden. A hidden cell that is the only one in its row follows from the total: so a second one is
hidden too, and more where the hidden ones together are still small or can be solved from the
totals that are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError

Hidden = Literal["", "small", "derivable"]
Count = tuple[int, int]
"""People, and people with the outcome."""

FEWEST_PEOPLE = 10
FEWEST_OF_CLASS = 5


@dataclass(frozen=True)
class Disclosure:
    """What makes a group too small to be shown.

    Attributes
    ----------
    fewest_people
        Groups of fewer people are hidden.
    fewest_of_class
        Groups with fewer people with, or without, the outcome are hidden.
    """

    fewest_people: int = FEWEST_PEOPLE
    fewest_of_class: int = FEWEST_OF_CLASS

    def __post_init__(self) -> None:
        if self.fewest_people < 1 or self.fewest_of_class < 0:
            raise EvaluationError(
                f"disclosure of {self.fewest_people} people and {self.fewest_of_class} of a class; "
                "expected 1 or more, and 0 or more"
            )

    def is_small(self, count: Count) -> bool:
        """Whether a group of so many people and events is too small."""
        n, events = count
        few = min(events, n - events)
        return n < self.fewest_people or few < self.fewest_of_class


class Rule(Protocol):
    """Says of two counts of a group whether it is too small to be shown."""

    def is_small(self, count: Count) -> bool:
        """Whether it is."""


@dataclass(frozen=True)
class BySide:
    """A group is small at a cut-off if few people, but not nobody, are above or below it.

    False positive and false negative rate and either predictive value each give, with the counts
    of the group, how many of those few have the outcome: they are hidden together.

    Attributes
    ----------
    fewest_people
        As of `Disclosure`.
    """

    fewest_people: int

    def is_small(self, count: Count) -> bool:
        """Of people, and people at or above the cut-off."""
        n, above = count
        return any(0 < side < self.fewest_people for side in (above, n - above))


@dataclass(frozen=True)
class Relation:
    """A group and the groups that it consists of, as places in a list of groups."""

    parent: int
    children: tuple[int, ...]


def hidden_cells(
    counts: Sequence[Count],
    relations: Sequence[Relation],
    rule: Rule,
    hidden_before: Sequence[bool] | None = None,
) -> list[Hidden]:
    """Which groups to hide so that no small one can be worked out.

    Parameters
    ----------
    counts
        Of each group: people, and people with the outcome.
    relations
        Every sum that a reader can make: each group that is the sum of others.
    rule
        What is too small.
    hidden_before
        Of each group whether it is hidden for another reason.

    Returns
    -------
    For each group ``small``, ``derivable`` (hidden to protect a small one), or empty.

    Notes
    -----
    Protected is: no hidden group follows from the shown ones by adding and subtracting (Cox
    1980), and neither the hidden part of one sum nor two hidden groups whose sum follows are
    together small. Not protected against is who knows other figures of the same people, such as
    last year's table.
    """
    small = [rule.is_small(c) for c in counts]
    hidden = list(small)
    if hidden_before is not None:
        hidden = [one or before for one, before in zip(small, hidden_before, strict=True)]
    while True:
        place = _to_hide(counts, relations, hidden, rule)
        if place is None:
            break
        hidden[place] = True
    return ["small" if s else "derivable" if h else "" for s, h in zip(small, hidden, strict=True)]


def _to_hide(
    counts: Sequence[Count],
    relations: Sequence[Relation],
    hidden: Sequence[bool],
    rule: Rule,
) -> int | None:
    """One more group that has to be hidden, the smallest that helps; None if all is well."""
    known = set(determined(relations, hidden))
    around = [r for r in relations if known & {r.parent, *r.children}]
    alone = [r for r in around if sum(hidden[p] for p in (r.parent, *r.children)) == 1]
    if known:
        found = _smallest_shown(counts, alone or around, hidden)
        if found is not None:
            return found
    for relation in relations:
        if hidden[relation.parent]:
            continue
        unseen = [counts[c] for c in relation.children if hidden[c]]
        total = (sum(n for n, _ in unseen), sum(e for _, e in unseen))
        if unseen and rule.is_small(total):
            found = _smallest_shown(counts, [relation], hidden)
            if found is not None:
                return found
    for pair in _sums_of_two(relations, hidden):
        (n, e), (m, d) = (counts[p] for p in pair)
        if rule.is_small((n + m, e + d)):
            around = [r for r in relations if {*pair} & {r.parent, *r.children}]
            found = _smallest_shown(counts, around, hidden)
            if found is not None:
                return found
    return None


def _smallest_shown(
    counts: Sequence[Count], relations: Sequence[Relation], hidden: Sequence[bool]
) -> int | None:
    """A shown part of these sums, of most of them and then the smallest; else a whole."""
    for places in ([c for r in relations for c in r.children], [r.parent for r in relations]):
        shown = [p for p in places if not hidden[p]]
        if shown:
            return min(shown, key=lambda p: (-places.count(p), counts[p], p))
    return None


def determined(relations: Sequence[Relation], hidden: Sequence[bool]) -> list[int]:
    """Hidden groups that follow from the shown ones by adding and subtracting.

    A hidden count is determined if it is the same in every solution of the sums: if no vector of
    the null space of their matrix moves it.
    """
    places, free = _free(relations, hidden)
    return [p for p, moves in zip(places, free, strict=True) if _is_zero(moves)]


def _sums_of_two(relations: Sequence[Relation], hidden: Sequence[bool]) -> list[tuple[int, int]]:
    """Pairs of hidden groups whose sum follows."""
    places, free = _free(relations, hidden)
    products = free @ free.T
    own = np.diag(products)
    squared = own[:, None] + own + 2.0 * products  # length of the sum of how two groups move
    first, second = np.nonzero(np.triu(squared < 1e-12, 1))
    return [(places[i], places[j]) for i, j in zip(first, second, strict=True)]


def _free(
    relations: Sequence[Relation], hidden: Sequence[bool]
) -> tuple[list[int], npt.NDArray[np.float64]]:
    """Hidden groups, and how each moves along each direction that leaves all sums as they are."""
    places = [i for i, h in enumerate(hidden) if h]
    column = {p: j for j, p in enumerate(places)}
    rows: list[npt.NDArray[np.float64]] = []
    for relation in relations:
        row = np.zeros(len(places))
        for child in relation.children:
            if hidden[child]:
                row[column[child]] += 1.0
        if hidden[relation.parent]:
            row[column[relation.parent]] -= 1.0
        if row.any():
            rows.append(row)
    if not rows:
        return places, np.eye(len(places))
    _, sizes, vectors = np.linalg.svd(np.array(rows), full_matrices=True)
    return places, vectors[int((sizes > 1e-9).sum()) :].T


def _is_zero(moves: npt.NDArray[np.float64]) -> bool:
    return bool(np.abs(moves).max(initial=0.0) < 1e-9)
