"""Levels with and without the new way, and how single sites fared."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import PilotDesign


def levels(cells: Cells, design: PilotDesign, value: float) -> tuple[float, float]:
    """The level seen with the new way, and what it would have been without."""
    with_it = (design.exposure > 0) & design.analysed & cells.seen
    level = float(cells.total[with_it].sum() / cells.size[with_it].sum())
    return level - value, level


def by_site(
    cells: Cells, design: PilotDesign, level: float
) -> tuple[tuple[str, float, float, float], ...]:
    """With less without, within each site, less the change of the others in the same periods."""
    kept = cells.seen & design.analysed
    found = []
    for i, site in enumerate(design.sites):
        value, variance = _difference(cells, design, kept, i)
        half = quantile(level) * math.sqrt(variance) if variance >= 0 else math.nan
        found.append((site, value, value - half, value + half))
    return tuple(found)


def _difference(cells: Cells, design: PilotDesign, kept: Any, i: int) -> tuple[float, float]:
    """Change of one site from before to after its start, less that of sites without a change.

    Per exposed period the sites that are not yet exposed then are the comparison; without a
    period before, the site's level less theirs.
    """
    mean, exposure, start = cells.mean, design.exposure, design.starts[i]
    others = np.arange(len(design.sites)) != i
    variance = cells.within[0]
    before = np.flatnonzero(kept[i] & (exposure[i] == 0))
    values, noise, weights = [], [], []
    if start < 0:
        return math.nan, math.nan
    for t in np.flatnonzero(kept[i] & (exposure[i] == 1)):
        free = others & kept[:, t] & (exposure[:, t] == 0)
        if not free.any():
            continue
        size = cells.size[free, t]
        value = mean[i, t] - float(cells.total[free, t].sum() / size.sum())
        spread = variance * (1 / cells.size[i, t] + 1 / size.sum())
        if len(before):
            own = cells.total[i, before].sum() / cells.size[i, before].sum()
            theirs = cells.size[np.ix_(free, before)].sum()
            if theirs == 0:
                continue
            value -= own - cells.total[np.ix_(free, before)].sum() / theirs
            spread += variance * (1 / cells.size[i, before].sum() + 1 / theirs)
        values.append(value)
        noise.append(spread)
        weights.append(cells.size[i, t])
    if not values:
        return math.nan, math.nan
    share = np.array(weights) / np.sum(weights)
    # Periods share the same 'before': their errors are taken as fully correlated, which is wide.
    return float(share @ np.array(values)), float((share @ np.sqrt(noise)) ** 2)
