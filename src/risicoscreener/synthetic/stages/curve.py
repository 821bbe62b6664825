"""The hazard of a new case after release, and what it makes of a follow-up with other ends.

The published share of people with a new case by time after release gives a cumulative hazard. It is
taken piecewise linear between knots, so that days of cases and probabilities under competing
events follow from it exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import Array

NEVER = np.int32(2**30)
"""More days than anyone is followed."""


@dataclass(frozen=True)
class Curve:
    """A cumulative hazard, and the knots between which it is linear.

    Attributes
    ----------
    days
        Days after release, shape (knots,), from zero up.
    hazard
        Cumulative hazard at these days of a person with a level of one.
    """

    days: Array
    hazard: Array

    @classmethod
    def of_person(cls, p: Parameters) -> Curve:
        """The curve ceiling (1 - exp(-rate t^shape)) of the parameters, t in years.

        People of different levels, and with events that rule a case out, together follow the
        published curve, which falls off faster than that of any of them.
        """
        spec, year = p["outcomes.own_curve"], p["calendar.days_per_year"]
        days = np.array(p["outcomes.knots"], dtype=np.float64)
        reached = spec["ceiling"] * -np.expm1(-spec["rate"] * (days / year) ** spec["shape"])
        return cls(days, -np.log1p(-reached))

    def at(self, day: float) -> float:
        """The cumulative hazard on a day."""
        return float(np.interp(day, self.days, self.hazard))

    def level(self, chance: Array, day: float) -> Array:
        """The level of hazard that gives a case by a day some chance, if nothing else ends it."""
        return np.asarray(-np.log1p(-chance) / self.at(day))

    def time_of(self, reached: Array) -> Array:
        """Days until the cumulative hazard reaches some values, infinite beyond the knots."""
        time = np.interp(reached, self.hazard, self.days)
        return np.where(reached <= self.hazard[-1], time, np.inf)

    def incidence(
        self, level: Array, competing: Array, horizons: Mapping[str, int]
    ) -> dict[str, Array]:
        """The probability of a case by each horizon, before an event that rules it out.

        Parameters
        ----------
        level
            Of the hazard of a case, shape (n,).
        competing
            Constant hazard per day of all competing events together, shape (n,).
        horizons
            Days by name; each must be a knot.
        """
        total = np.zeros(len(level))
        before = np.ones(len(level))
        found: dict[str, Array] = {}
        for j in range(1, len(self.days)):
            step, days = self.hazard[j] - self.hazard[j - 1], self.days[j] - self.days[j - 1]
            own, other = level * step, competing * days
            after = before * np.exp(-(own + other))
            share = np.divide(own, own + other, out=np.zeros(len(level)), where=own + other > 0)
            total = total + share * (before - after)
            before = after
            found |= {name: total for name, day in horizons.items() if day == self.days[j]}
            if len(found) == len(horizons):
                break
        return found


def horizons(p: Parameters) -> dict[str, int]:
    """Days after release within which an outcome counts, by name."""
    return {name: int(days) for name, days in p["outcomes.horizon_days"].items()}


def reference_days(p: Parameters) -> int:
    """The horizon of the equation of reoffending."""
    return horizons(p)[p["outcomes.reference_horizon"]]


def whole_days(time: Array) -> Array:
    """The day, from one up, in which each time falls; `NEVER` for an infinite time."""
    finite = np.where(np.isfinite(time), np.maximum(np.ceil(time), 1), NEVER)
    return finite.astype(np.int32)
