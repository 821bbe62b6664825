"""Which true cases a register gets to know, and of whom more than of others.

The share that neutral policing registers is the same for all, in the past and after release. The
odds differ by origin in scenarios of unequal registration, by disadvantage where neighbourhoods
are policed unequally, and under supervision, which sees more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import Array, probability
from risicoscreener.synthetic.stages.people import People


@dataclass(frozen=True)
class Detection:
    """The share of true cases that is registered.

    Attributes
    ----------
    neutral
        Under neutral policing.
    past, later
        Of each person, before the present stay and after release without supervision.
    """

    neutral: float
    past: Array
    later: Array

    def under(self, odds_ratio: float, supervised: Array) -> Array:
        """The share after release, with the odds of the supervised multiplied."""
        odds = self.later / (1.0 - self.later) * np.where(supervised, odds_ratio, 1.0)
        return np.asarray(odds / (1.0 + odds))


def detection(p: Parameters, people: People) -> Detection:
    """How the cases of the people of a block come to be registered."""
    share = p["registration.detected_share"]
    policed = p["registration.log_odds_on_disadvantage"] * people.disadvantage

    def of(path: str) -> Array:
        more = np.where(people.born_abroad, np.log(p[path]), 0.0)
        return probability(np.log(share / (1.0 - share)) + policed + more)

    return Detection(
        share, of("registration.history_odds_ratio"), of("registration.detection_odds_ratio")
    )


def custody_odds(p: Parameters, people: People) -> Array:
    """By which the odds of custody, once a case is registered, differ from those of most people."""
    return np.where(people.born_abroad, p["registration.custody_odds_ratio"], 1.0)
