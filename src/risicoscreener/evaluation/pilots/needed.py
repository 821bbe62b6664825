"""How many sites, people or periods a pilot needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from risicoscreener.evaluation.pilots.design import PilotDesign
from risicoscreener.evaluation.pilots.design_checks import MOST_PERIODS, MOST_SITES
from risicoscreener.evaluation.pilots.power import ENOUGH, Assumed, power


def sites_needed(
    design: PilotDesign,
    assumed: Assumed,
    effect: float,
    *,
    level: float = 0.95,
    wanted: float = ENOUGH,
    most: int = 200,
) -> int | None:
    """How many sites a design of this shape needs; None if `most` is not enough.

    Each start gets another site at a time.
    """
    starts = sorted(set(design.starts))
    sites = len(starts)
    while sites <= min(most, MOST_SITES):
        grown = _grown(design, starts, sites)
        if power(grown, assumed, effect, level=level, wanted=wanted).enough:
            return sites
        sites += len(starts)
    return None


def people_needed(
    design: PilotDesign,
    assumed: Assumed,
    effect: float,
    *,
    level: float = 0.95,
    wanted: float = ENOUGH,
) -> int | None:
    """How many people each site needs each period; None if no number is enough.

    With few sites that differ, more people do not help.
    """
    if power(design, assumed, effect, level=level, wanted=wanted).most < wanted:
        return None

    def enough(people: int) -> bool:
        grown = replace(assumed, per_cell=float(people))
        return power(design, grown, effect, level=level, wanted=wanted).enough

    high = 1
    while not enough(high):
        high *= 2
        if high > 10**8:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def periods_needed(
    design: PilotDesign,
    assumed: Assumed,
    effect: float,
    *,
    level: float = 0.95,
    wanted: float = ENOUGH,
    most: int = 60,
) -> int | None:
    """How many periods the pilot must last if it goes on as it ends; None if `most` is not enough.

    Where all sites work in the new way at the end, going on adds little: there is nobody left to
    compare with.
    """
    for periods in range(len(design.periods), min(most, MOST_PERIODS) + 1):
        longer = replace(design, periods=tuple(str(i + 1) for i in range(periods)))
        if power(longer, assumed, effect, level=level, wanted=wanted).enough:
            return periods
    return None


def _grown(design: PilotDesign, starts: Sequence[int], sites: int) -> PilotDesign:
    each = [starts[i % len(starts)] for i in range(sites)]
    return PilotDesign(
        design.kind,
        tuple(f"{i + 1}" for i in range(sites)),
        design.periods,
        tuple(each),
        transition=design.transition,
        randomised=design.randomised,
    )
