"""Answers checked, then both ways timed in turn."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from competitors._interface import Competitor, Task, Took

SHORTEST = 0.01
"""Seconds that one timing lasts at least: what is quicker is repeated."""

BUDGET = 3.0
"""Seconds for the pairs of one competitor at one size, if that gives enough pairs."""

FEWEST, MOST = 5, 41
"""Pairs."""

TOLERANCE = 1e-6
"""Relative, between a competitor of its own kind and its own reference: some compute in float32."""


class NotEqualError(AssertionError):
    """A competitor does not answer as ours does; it is not timed."""


@dataclass(frozen=True)
class Row:
    """One competitor at one size.

    Attributes
    ----------
    ratio, low, high
        How many times as long theirs takes as ours, on the clock: median and quartiles of pairs.
    cpu_ratio
        The same in time of the processor, all threads added up; NaN if it runs elsewhere.
    ours, theirs
        Seconds on the clock, median; of all parts together if the size is done in parts.
    """

    task: str
    competitor: str
    size: int
    pairs: int
    ratio: float
    low: float
    high: float
    cpu_ratio: float
    ours: float
    theirs: float

    def to_dict(self) -> dict[str, Any]:
        plain = asdict(self)
        digits = {
            name: float(f"{value:.4g}") for name, value in plain.items() if type(value) is float
        }
        return {**plain, **digits}


def check(task: Task, competitor: Competitor, prepared: Any, ours: Any, data: Any) -> None:
    """The competitor answers as ours does, or as its own reference if it is of another kind.

    Raises
    ------
    NotEqualError
    """
    answers = competitor.answers(prepared, competitor.run(prepared))
    try:
        if competitor.kind_only:
            np.testing.assert_allclose(answers, competitor.reference(prepared), rtol=TOLERANCE)
        else:
            task.check(answers, ours, data)
    except AssertionError as error:
        what = f"{competitor.name} does not answer {task.id} as expected, and is not timed"
        raise NotEqualError(f"{what}: {error}") from error


def pairs(
    theirs: Callable[[int], Took], ours: Callable[[int], Took], budget: float
) -> list[tuple[Took, Took]]:
    """Both in turn, and in turn first; the first run of each is not counted.

    Parameters
    ----------
    theirs, ours
        From a number of loops to what one of them took.
    budget
        In seconds; 0 is for one pair.
    """
    both = (theirs, ours)
    once = [timed(1).wall for timed in both]
    loops = [math.ceil(SHORTEST / max(took, 1e-7)) for took in once]
    lasts = sum(max(took, SHORTEST) for took in once)
    enough = FEWEST if lasts < 2 * budget else 3 if budget else 1
    found = []
    for i in range(max(enough, min(MOST, int(budget / lasts)))):
        order = (0, 1) if i % 2 else (1, 0)
        took = {which: both[which](loops[which]) for which in order}
        found.append((took[0], took[1]))
    return found


def row(
    task: Task, competitor: Competitor, size: int, found: list[tuple[Took, Took]], parts: int
) -> Row:
    """The figures of some pairs, each of one of ``parts`` parts of the size."""
    ratios = sorted(theirs.wall / ours.wall for theirs, ours in found)
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return Row(
        task=task.id,
        competitor=competitor.name,
        size=size,
        pairs=len(found),
        ratio=middle,
        low=low,
        high=high,
        cpu_ratio=statistics.median(theirs.cpu / ours.cpu for theirs, ours in found),
        ours=parts * statistics.median(ours.wall for _, ours in found),
        theirs=parts * statistics.median(theirs.wall for theirs, _ in found),
    )


def measured(
    task: Task, size: int, competitors: Iterable[Competitor], budget: float = BUDGET
) -> Iterator[Row]:
    """All competitors that bear a size, each against ours.

    A size beyond `Task.part` goes part by part, each made, checked, timed once, and forgotten.

    Raises
    ------
    NotEqualError
        If one of them does not answer as ours does.
    """
    bearing = [c for c in competitors if c.task == task.id and size <= c.largest]
    if not bearing:
        return
    parts = math.ceil(size / task.part)
    found: dict[str, list[tuple[Took, Took]]] = {c.name: [] for c in bearing}
    for part in range(parts):
        people = min(task.part, size - part * task.part)
        for name, both in _part(task, people, part + 1, bearing, budget if parts == 1 else 0.0):
            found[name] += both
    for competitor in bearing:
        yield row(task, competitor, size, found[competitor.name], parts)


def _part(
    task: Task, size: int, seed: int, competitors: list[Competitor], budget: float
) -> Iterator[tuple[str, list[tuple[Took, Took]]]]:
    """The pairs of each competitor on data that are gone afterwards."""
    data = task.data(size, seed)
    own = task.ours.prepare(data)
    ours = task.ours.answers(own, task.ours.run(own))
    for competitor in competitors:
        prepared = competitor.prepare(data)
        check(task, competitor, prepared, ours, data)
        theirs = partial(competitor.timed, prepared)
        yield competitor.name, pairs(theirs, partial(task.ours.timed, own), budget)
        del prepared, theirs
