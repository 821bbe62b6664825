"""What a design must be to be one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from risicoscreener.errors import PilotError

if TYPE_CHECKING:
    from risicoscreener.evaluation.pilots.design import PilotDesign

KINDS = ("parallel", "stepped_wedge", "staggered")
NEVER = -1
"""Start of a site that does not get it during the pilot."""
MOST_SITES, MOST_PERIODS = 500, 240


def listed(names: Sequence[str]) -> str:
    """Names for a message, the first twelve."""
    shown = ", ".join(map(str, names[:12]))
    return shown if len(names) <= 12 else f"{shown}, and {len(names) - 12} more"


def check_design(design: PilotDesign) -> None:
    """Refuse a design whose parts do not fit together.

    Raises
    ------
    PilotError
        Naming what is wrong.
    """
    n_sites = len(design.sites)
    if design.kind not in KINDS:
        raise PilotError(f"kind is {design.kind!r}; expected one of {', '.join(KINDS)}")
    for what, names, most in (
        ("sites", design.sites, MOST_SITES),
        ("periods", design.periods, MOST_PERIODS),
    ):
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise PilotError(f"{what} has {twice[0]!r} more than once; expected each name once")
        if not 1 <= len(names) <= most:
            raise PilotError(f"there are {len(names)} {what}; expected 1 to {most}")
    if n_sites < 2:
        raise PilotError("there is one site; expected at least two, or nothing can be compared")
    for name, values in {
        "starts": design.starts,
        "strata": design.strata,
        **design.balance,
    }.items():
        if len(values) != n_sites:
            raise PilotError(f"{name} has {len(values)} values; expected one for each site")
    _check_starts(design)
    if not 0 < design.keep <= 1:
        raise PilotError(f"keep is {design.keep}; expected a share above 0, at most 1")
    for name, figures in design.balance.items():
        if not all(math.isfinite(value) for value in figures):
            raise PilotError(f"balance has {name!r} with a value that is no finite number")


def _check_starts(design: PilotDesign) -> None:
    n_periods = len(design.periods)
    for site, start in zip(design.sites, design.starts, strict=True):
        if start != NEVER and not 0 <= start < n_periods:
            raise PilotError(
                f"site {site!r} starts in period {start}; expected 0 to {n_periods - 1}"
            )
    if len(set(design.starts)) < 2 and design.kind != "stepped_wedge":
        raise PilotError("all sites start together or none does; expected a difference to look at")
    if all(start == NEVER for start in design.starts):
        raise PilotError("no site starts; expected at least one")
    if design.kind == "stepped_wedge":
        if NEVER in design.starts:
            site = design.sites[design.starts.index(NEVER)]
            raise PilotError(f"site {site!r} never starts; in a stepped wedge all sites do")
        if len(set(design.starts)) < 2:
            raise PilotError("all sites start together; a stepped wedge has at least two groups")
    if not 0 <= design.transition < n_periods:
        raise PilotError(
            f"transition is {design.transition}; expected 0 to {n_periods - 1} periods"
        )
