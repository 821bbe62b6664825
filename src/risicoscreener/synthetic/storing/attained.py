"""What the people of a cohort reach of the published aggregates, as its card says it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from risicoscreener.synthetic.aims.measuring import reach
from risicoscreener.synthetic.aims.targets import targets
from risicoscreener.synthetic.storing.card import Attained, Reached

if TYPE_CHECKING:
    from risicoscreener.synthetic.aims.estimates import Estimate
    from risicoscreener.synthetic.aims.targets import Target

MOST_MEASURED = 10_000
"""People that are measured: enough for a card, and no more than take a second or two."""


def attained(
    n: int, *, seed: int, population: str, changes: Mapping[str, Any] | None = None
) -> Attained:
    """What a cohort reaches, by its first people, with registers read when all has come true.

    A target is met within its tolerance, with room for three standard errors. What takes more
    than counting in the cohort itself, such as a trend or a fit, is not shown.

    Parameters
    ----------
    n, seed, population, changes
        As for `simulate`.
    """
    n = min(n, MOST_MEASURED)
    found = reach(
        n, seed=seed, population=population, changes=changes, trend=False, discrimination=False
    )
    return Attained(n=n, targets=tuple(_reached(one, found.get(one.key)) for one in targets()))


def _reached(target: Target, found: Estimate | None) -> Reached:
    of_target = {
        name: getattr(target, name) for name in ("quantity", "target", "tolerance", "unit", "mark")
    }
    if found is None or not math.isfinite(found.value):
        return Reached(**of_target)
    return Reached(
        **of_target,
        reached=target.show(found.value),
        error=target.show(found.error),
        is_within=target.meets(found.value, found.error),
    )
