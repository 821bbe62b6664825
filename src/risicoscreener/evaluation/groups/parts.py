"""The people of each group that is large enough to be shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.groups.disclosure import (
    BySide,
    Count,
    Disclosure,
    Relation,
    hidden_cells,
)
from risicoscreener.evaluation.groups.labels import Labels, Mask
from risicoscreener.evaluation.sample import Sample


@dataclass(frozen=True, eq=False)
class Part:
    """A group as a sample of its own, and the rows of its people in the whole sample."""

    rows: npt.NDArray[np.intp]
    sample: Sample


def part_of(sample: Sample, mask: Mask) -> Part:
    """The people of a mask in sorted order."""
    return Part(np.flatnonzero(mask), sample.where(mask))


def count(sample: Sample, mask: Mask) -> Count:
    """People, and people with the outcome, among those of positive weight."""
    counted = mask & (sample.weight > 0)
    return int(counted.sum()), int((counted & (sample.outcome == 1)).sum())


def sides(sample: Sample, mask: Mask, cut_off: float) -> Count:
    """People, and people at or above a cut-off, among those of positive weight."""
    counted = mask & (sample.weight > 0)
    return int(counted.sum()), int((counted & (sample.probability >= cut_off)).sum())


def without_rates(
    sample: Sample, labels: Labels, shown: list[str], rule: Disclosure, cut_off: float
) -> frozenset[str]:
    """Labels of shown groups whose error rates at a cut-off are hidden: see `BySide`."""
    names = sorted(set(labels.tolist()))
    counts = [sides(sample, labels == name, cut_off) for name in names]
    whole = sides(sample, np.ones(len(sample), dtype=bool), cut_off)
    relation = Relation(len(names), tuple(range(len(names))))
    before = [*(name not in shown for name in names), False]
    why = hidden_cells([*counts, whole], [relation], BySide(rule.fewest_people), before)[:-1]
    hidden = {name for name, w, b in zip(names, why, before[:-1], strict=True) if w and not b}
    return frozenset(hidden)


def shown_groups(
    sample: Sample, labels: Labels, rule: Disclosure, hidden_elsewhere: Collection[str] = ()
) -> tuple[list[str], tuple[str, ...]]:
    """Labels of the groups that are shown, and of those that are hidden."""
    names = sorted(set(labels.tolist()))
    counts = [count(sample, labels == name) for name in names]
    whole = (sum(n for n, _ in counts), sum(e for _, e in counts))
    relation = Relation(len(names), tuple(range(len(names))))
    before = [*(name in hidden_elsewhere for name in names), False]
    why = hidden_cells([*counts, whole], [relation], rule, before)[:-1]
    hidden = tuple(n for n, w in zip(names, why, strict=True) if w)
    return [n for n in names if n not in hidden], hidden
