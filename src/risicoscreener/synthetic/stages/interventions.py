"""What would have happened with and without help: interventions with effects that are known.

Each intervention multiplies the hazard of a new case by a factor that the parameters give, for
those whom it can help; supervision also sees more of what happens. Who receives it depends on the
person and the prison, so that comparing those with and without is not comparing like with like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import Array

NAMES = ("supervision", "debt_help", "housing_help", "labour_hours")
SUPERVISION = "supervision"


@dataclass(frozen=True)
class Interventions:
    """What people received, and what each level of each intervention does to them.

    Attributes
    ----------
    received
        By name: 0 or 1, or hours a week; shape (n,).
    slopes
        By name what one unit adds to the log hazard of a new case of each person.
    levels
        By name the two levels that are set against each other, and the level without effect.
    """

    received: Mapping[str, Array]
    slopes: Mapping[str, Array]
    levels: Mapping[str, tuple[float, float]]
    centres: Mapping[str, float]

    def log_effect(self, name: str, level: Array | float) -> Array:
        """What a level of an intervention adds to the log hazard of a new case."""
        return np.asarray((level - self.centres[name]) * self.slopes[name])

    @property
    def factor(self) -> Array:
        """By which all that people received multiplies their hazard."""
        effects = [self.log_effect(name, self.received[name]) for name in NAMES]
        return np.asarray(np.exp(sum(effects)))

    @property
    def highest_factor(self) -> Array:
        """The most by which any levels together could multiply the hazard.

        Whoever received what, this is the same, so that it does not move the draws of cases.
        """
        most = []
        for name in NAMES:
            levels = (*self.levels[name], self.received[name])
            most.append(np.max([self.log_effect(name, level) for level in levels], axis=0))
        return np.asarray(np.exp(sum(most)))

    @property
    def is_supervised(self) -> Array:
        """Whether each person is under supervision after release."""
        return np.asarray(self.received[SUPERVISION] > 0)

    def alternatives(self) -> Iterator[Alternative]:
        """Each intervention at both of its levels, everything else as it was received."""
        for name in NAMES:
            own = self.log_effect(name, self.received[name])
            for place, level in enumerate(self.levels[name]):
                factor = self.factor * np.exp(self.log_effect(name, level) - own)
                seen = self.is_supervised
                if name == SUPERVISION:
                    seen = np.full(len(own), level > 0)
                yield Alternative(f"{name}_{place}", factor, seen)


@dataclass(frozen=True)
class Alternative:
    """One level of one intervention: by which it multiplies the hazard, and who is supervised."""

    name: str
    factor: Array
    is_supervised: Array


def interventions(
    p: Parameters, received: Mapping[str, Array], variables: Mapping[str, Array]
) -> Interventions:
    """The interventions that people received, with their effects.

    Parameters
    ----------
    received
        By name: 0 or 1, or hours a week; shape (n,).
    variables
        Variables that the effects may depend on, shape (n,) each.
    """
    n = len(received[SUPERVISION])
    slopes = {
        name: np.broadcast_to(p.linear(f"interventions.{name}", variables), n) for name in NAMES
    }
    spec, centres = p["interventions.levels"], p["interventions.centres"]
    levels = {name: (float(spec[name][0]), float(spec[name][1])) for name in NAMES}
    return Interventions(received, slopes, levels, {name: centres[name] for name in NAMES})
