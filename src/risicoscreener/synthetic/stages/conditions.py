"""Special conditions after release, and with them supervision by the probation service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.conduct import Conduct
from risicoscreener.synthetic.stages.draws import Array, Block, code, happens, poisson, probability
from risicoscreener.synthetic.stages.offences import is_in
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.stay import Stay


@dataclass(frozen=True)
class Conditions:
    """Conditions that people have to keep after release.

    Attributes
    ----------
    number
        Special conditions of conditional release, shape (n,); -1 where it was not granted.
    supervised
        Whether someone is under supervision after release: with special conditions of conditional
        release, or of a sentence that was suspended in part.
    """

    number: Array
    supervised: Array


def draw_conditions(
    block: Block, people: People, stay: Stay, state: Circumstances, conduct: Conduct
) -> Conditions:
    """Special conditions of the people of a block.

    They are attached more often where more risk is visible on the day of the decision, so that
    supervision is given to other people than those who go without.
    """
    p, n, rng = block.parameters, block.size, block.stream("special conditions")
    granted = stay.sentence.released_early
    variables = {
        **people.as_variables(p),
        **state.as_variables,
        **visible_risk(stay, conduct, conditional_release_decided_on(p, stay)),
    }
    any_special = happens(rng, probability(p.linear("conditions.any", variables)), n)
    more = poisson(rng, p["conditions.mean_number"] - 1.0, n)
    number = np.where(granted, np.where(any_special, 1 + more, 0), -1).astype(np.int32)
    partly = stay.sentence.conditional_days > 0
    chance = probability(p.linear("conditions.partly_suspended", variables))
    supervised = (number > 0) | (partly & happens(rng, chance, n))
    return Conditions(number, supervised)


def conditional_release_decided_on(p: Parameters, stay: Stay) -> Array:
    """Day of the decision on conditional release; for others that day counted from release."""
    before = p["liberties.conditional_decided_before"]
    possible = stay.sentence.release_after >= 0
    due = np.where(possible, stay.conditional_release_on, stay.released)
    return np.maximum(due - before, np.maximum(stay.arrived, stay.judged_on)).astype(np.int32)


def visible_risk(stay: Stay, conduct: Conduct, day: Array) -> dict[str, Array]:
    """What is known on a day of the index offence and of conduct, as variables.

    Parameters
    ----------
    day
        A day for each person, shape (n,).
    """
    offence = stay.offence.offence_class
    reported = conduct.rows.columns["kind"] == code("conduct_kind", "incident")
    owner = conduct.rows.owner[reported]
    known = conduct.rows.columns["recorded_at"][reported] <= day[owner]
    incidents = np.bincount(owner[known], minlength=len(day))
    return {
        "index_violence": is_in("offence_class", "violent", offence).astype(np.float64),
        "ln1p_incidents": np.log1p(incidents),
    }
