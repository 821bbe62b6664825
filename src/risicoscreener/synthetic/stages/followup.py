"""What else can end the time after release: death, deportation, detention for an older matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.curve import whole_days
from risicoscreener.synthetic.stages.draws import Array, Block
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.stay import Stay

KINDS = ("death", "deportation", "new_detention")
NONE = "none"


@dataclass(frozen=True)
class FollowUp:
    """The first event after release that rules out a new case in this follow-up.

    Attributes
    ----------
    hazard
        Of all such events together, per day, shape (n,); constant in time.
    kind
        Position of the event in `KINDS`.
    time
        Days after release, shape (n,); infinite beyond the days followed.
    """

    hazard: Array
    kind: Array
    time: Array

    @property
    def day(self) -> Array:
        """Whole days after release; `NEVER` where there was none."""
        return whole_days(self.time)

    @property
    def names(self) -> Array:
        """Name of the event of each person, ``none`` where there was none."""
        return np.where(np.isfinite(self.time), np.array(KINDS)[self.kind], NONE)

    def happened(self, kind: str) -> Array:
        """Whether this was the event of each person."""
        return np.isfinite(self.time) & (self.kind == KINDS.index(kind))


def draw_follow_up(block: Block, people: People, stay: Stay, state: Circumstances) -> FollowUp:
    """The competing events of the people of a block, none of which depends on new cases."""
    rng = block.stream("follow-up")
    hazards = _hazards(block, people, stay, state)
    total = hazards.sum(axis=0)
    waiting = rng.exponential(size=block.size)
    reached = np.divide(waiting, total, out=np.full(block.size, np.inf), where=total > 0)
    time = np.where(reached <= followed_days(block.parameters), reached, np.inf)
    mark = rng.random(block.size) * total
    kind = np.minimum((mark >= np.cumsum(hazards, axis=0)).sum(axis=0), len(KINDS) - 1)
    return FollowUp(total, kind.astype(np.int8), time)


def followed_days(p: Parameters) -> int:
    """Days after release for which cases and other events are drawn."""
    return int(p["outcomes.knots"][-1])


def _hazards(block: Block, people: People, stay: Stay, state: Circumstances) -> Array:
    """Hazard per day of each kind of event, shape (kinds, n)."""
    p = block.parameters
    year = p["calendar.days_per_year"]
    variables = {**people.as_variables(p), **state.as_variables}
    leaving = np.where(stay.removal, 1.0 / p["followup.deported_after_days"], 0.0)

    def daily(kind: str) -> Array:
        return np.exp(p.linear(f"followup.{kind}", variables)) / year

    return np.stack([daily("death"), leaving, daily("new_detention")])
