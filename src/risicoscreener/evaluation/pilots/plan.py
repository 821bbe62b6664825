"""How a pilot is analysed: chosen before the outcomes are seen."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.design import PilotDesign
from risicoscreener.evaluation.pilots.model import Effect, Time
from risicoscreener.evaluation.pilots.randomisation import WORKING_CAC, WORKING_ICC

Method = Literal[
    "randomisation",
    "kenward_roger",
    "satterthwaite",
    "between_within",
    "cr2",
    "wild_bootstrap",
    "group_time",
    "ignoring_sites",
    "normal_sandwich",
    "without_time",
]
METHODS: tuple[str, ...] = get_args(Method)
WRONG: tuple[str, ...] = ("ignoring_sites", "normal_sandwich", "without_time")
"""Kept to compare with; not for decisions."""
COARSEST_P = 0.05


@dataclass(frozen=True)
class AnalysisPlan:
    """How a pilot is analysed; chosen before the outcomes are seen.

    Attributes
    ----------
    method
        A name in `METHODS`; empty for the one that `recommended` gives.
    effect
        ``constant``, or ``by_exposure_time``: the mean of effects by time since the start.
    time
        ``periods``, or ``linear`` where there are too many periods for the number of cells.
    site_effects
        Compare sites only with themselves (difference in differences).
    level
        Of intervals.
    icc, cac
        For the weights of randomisation inference, CR2 and the bootstrap. They are not estimated:
        with few sites that would make these too sure. Wrong ones cost power only.
    seed, draws
        Of what draws.
    """

    method: str = ""
    effect: Effect = "constant"
    time: Time = "periods"
    site_effects: bool = False
    level: float = 0.95
    icc: float = WORKING_ICC
    cac: float = WORKING_CAC
    seed: int = 1
    draws: int = 1999

    def __post_init__(self) -> None:
        if self.method and self.method not in METHODS:
            raise PilotError(f"method is {self.method!r}; expected one of {', '.join(METHODS)}")
        if not isinstance(self.level, float) or not 0.5 <= self.level < 1:
            raise PilotError(f"level is {self.level!r}; expected at least 0.5 and below 1")
        if not 99 <= self.draws <= 1_000_000:
            raise PilotError(f"draws is {self.draws}; expected 99 to 1000000")

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def recommended(design: PilotDesign) -> str:
    """The method for a design.

    Randomisation inference where lots were drawn and can give a p-value of 0.05; effects by group
    and time where sites chose when to start; otherwise CR2, which holds as well where the
    correlation within sites fades with time (``docs/pilots.md`` has the measurements).
    """
    if design.kind == "staggered":
        return "group_time"
    if design.randomised and design.smallest_p() <= COARSEST_P:
        return "randomisation"
    return "cr2"
