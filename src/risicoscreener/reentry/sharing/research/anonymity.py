"""k-anonymity and l-diversity: measured, and reached by coarser values and leaving people out.

A class is everybody who looks alike by the quasi-identifiers. It has to have at least k people
(Sweeney 2002) and, of each sensitive variable, at least l different known values (distinct
l-diversity, Machanavajjhala and others 2007). Values are made coarser in the same way for everybody
(global recoding), by the least loss for which few enough people have to be left out: the optimum in
the lattice of steps, as in OLA (El Emam and others 2009), found by looking at nodes in the order of
their loss.

Who has earlier exports joins them by the pseudonyms. Then a class is everybody who looks alike in
all of them, also by not being in one; and who is in an earlier one and not in this are at least k
of a class there, or nobody.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ReentryError

Codes = npt.NDArray[np.int64]
UNKNOWN = -1
"""The code of a sensitive value that is not known: it makes a class no more diverse."""


@dataclass(frozen=True)
class Measured:
    """How recognisable the people of a table are.

    Attributes
    ----------
    k
        People in the smallest class; 0 without people.
    diversity
        Different known values in the least diverse class, per sensitive variable.
    classes, people
        How many.
    """

    k: int
    diversity: dict[str, int]
    classes: int
    people: int

    @property
    def highest_risk(self) -> float:
        """The chance to pick the right person of the smallest class, at most 1."""
        return 1.0 / self.k if self.k else 0.0

    @property
    def mean_risk(self) -> float:
        """The same over all people."""
        return self.classes / self.people if self.people else 0.0


def measure(frame: Any, quasi: Sequence[str], sensitive: Sequence[str] = ()) -> Measured:
    """K and l of a table with a row for each person.

    Parameters
    ----------
    frame
        A DataFrame; an absent value is a value of its own among the quasi-identifiers, and none
        among the sensitive ones.

    Raises
    ------
    ReentryError
        If a column is not there.
    """
    import pandas as pd

    lacking = [name for name in (*quasi, *sensitive) if name not in frame.columns]
    if lacking:
        there = ", ".join(map(str, frame.columns))
        raise ReentryError(f"column {lacking[0]!r} is not there; expected one of {there}")
    columns = [pd.factorize(frame[name], use_na_sentinel=False)[0] for name in quasi]
    held = {name: pd.factorize(frame[name])[0] for name in sensitive}
    classes = _classes(columns, len(frame))
    sizes = np.bincount(classes) if len(frame) else np.zeros(0, dtype=np.int64)
    diverse = {name: _different(classes, codes, len(sizes)) for name, codes in held.items()}
    return Measured(
        k=int(sizes.min(initial=len(frame))),
        diversity={name: int(n.min(initial=len(frame))) for name, n in diverse.items()},
        classes=len(sizes),
        people=len(frame),
    )


@dataclass(frozen=True)
class Recoded:
    """The steps that were chosen and who stays in.

    Attributes
    ----------
    steps
        Of each quasi-identifier the place in its ladder.
    kept
        Whether each person stays in, shape (people,).
    loss
        Mean share of the ladder that was climbed: 0 as fine as given, 1 nothing left.
    """

    steps: tuple[int, ...]
    kept: npt.NDArray[np.bool_]
    loss: float


class Before(NamedTuple):
    """What an earlier export tells of the same people.

    Attributes
    ----------
    classes
        The class of each person in it, shape (people,); `UNKNOWN` of whom it does not have.
    sizes
        How many people each class has, also those who are not among the present people.
    """

    classes: Codes
    sizes: Codes


def recode(
    ladders: Sequence[Sequence[Codes]],
    sensitive: Sequence[Codes],
    *,
    k: int,
    diversity: int,
    most_left_out: float,
    before: Sequence[Before] = (),
) -> Recoded:
    """The finest steps for which few enough people have to be left out.

    Parameters
    ----------
    ladders
        Of each quasi-identifier its codes at each step, each of shape (people,); the last step has
        one code for everybody.
    sensitive
        Codes of each sensitive variable, `UNKNOWN` where it is not known.
    most_left_out
        Share of the people.
    before
        Earlier exports with which this one can be joined.

    Raises
    ------
    ReentryError
        If it cannot be reached even with everything left out: there are too few people, too few
        different sensitive values, or too few who came or went since an earlier export.
    """
    n = len(ladders[0][0])
    heights = [len(ladder) - 1 for ladder in ladders]
    best: tuple[float, int, tuple[int, ...], npt.NDArray[np.bool_]] | None = None
    for loss, node in _nodes(heights):
        if best is not None and loss > best[0]:
            break
        columns = [ladder[s] for ladder, s in zip(ladders, node, strict=True)]
        kept = _kept(columns, sensitive, k, diversity, before)
        left_out = n - int(kept.sum())
        if left_out <= most_left_out * n and (best is None or left_out < best[1]):
            best = (loss, left_out, node, kept)
    if best is None or not best[3].any():
        raise ReentryError(
            f"{n} people cannot be made k={k}, l={diversity}: even without any quasi-identifier "
            "too many would be left out; expected more people, a lower k or diversity, or a larger "
            "most_left_out"
        )
    return Recoded(steps=best[2], kept=best[3], loss=best[0])


def _nodes(heights: Sequence[int]) -> Iterator[tuple[float, tuple[int, ...]]]:
    """The nodes of the lattice by their loss, and those of one loss in the order of their steps."""
    start = (0,) * len(heights)
    waiting, seen = [(0.0, start)], {start}
    while waiting:
        loss, node = heapq.heappop(waiting)
        yield loss, node
        for i, height in enumerate(heights):
            if node[i] < height:
                above = (*node[:i], node[i] + 1, *node[i + 1 :])
                if above not in seen:
                    seen.add(above)
                    heapq.heappush(waiting, (_loss(above, heights), above))


def _loss(node: Sequence[int], heights: Sequence[int]) -> float:
    climbed = [s / h if h else 0.0 for s, h in zip(node, heights, strict=True)]
    return round(sum(climbed) / len(climbed), 9)


def _kept(
    columns: Sequence[Codes],
    sensitive: Sequence[Codes],
    k: int,
    diversity: int,
    before: Sequence[Before] = (),
) -> npt.NDArray[np.bool_]:
    """Whether each person is in a class that is large and diverse enough."""
    n = len(columns[0])
    classes = _classes([*columns, *(one.classes for one in before)], n)
    sizes = np.bincount(classes, minlength=1)
    fine = sizes >= k
    for codes in sensitive:
        fine &= _different(classes, codes, len(sizes)) >= diversity
    kept: npt.NDArray[np.bool_] = fine[classes]
    hiding = True
    while hiding:  # who is left out for one earlier export can be few in another
        hiding = sum(_hide_few_who_went(kept, one, k) for one in before) > 0
    return kept


def _hide_few_who_went(kept: npt.NDArray[np.bool_], before: Before, k: int) -> bool:
    """Leave out all of an earlier class of whom a few would be missing; whether anybody was."""
    there = kept & (before.classes != UNKNOWN)
    present = np.bincount(before.classes[there], minlength=len(before.sizes))
    missing = before.sizes - present
    told = (present > 0) & (missing > 0) & (missing < k)
    out = there.copy()
    out[there] = told[before.classes[there]]
    kept[out] = False
    return bool(out.any())


def _classes(columns: Sequence[Any], n: int) -> Codes:
    """The class of each person, numbered from 0."""
    classes = np.zeros(n, dtype=np.int64)
    for codes in columns:
        pairs = classes * (int(np.max(codes, initial=0)) + 2) + (np.asarray(codes) + 1)
        classes = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
    return classes


def _different(classes: Codes, codes: Any, n_classes: int) -> Codes:
    """How many different known values each class has."""
    known = np.asarray(codes) != UNKNOWN
    pairs = np.unique(np.stack([classes[known], np.asarray(codes)[known]]), axis=1)
    counts: Codes = np.bincount(pairs[0], minlength=n_classes).astype(np.int64)
    return counts
