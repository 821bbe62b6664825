"""Help during the stay: with debts, with a home, and work inside.

Some prisons offer help and others do not, which does not depend on the people in them; of those in
need in a prison that offers it, the willing take it more often. So a comparison of people with and
without help is misled, and one of prisons is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.circumstances import Circumstances
from risicoscreener.synthetic.conduct import conduct_variables
from risicoscreener.synthetic.draws import (
    NO_DAY,
    Array,
    Block,
    between,
    happens,
    probability,
)
from risicoscreener.synthetic.people import People
from risicoscreener.synthetic.stay import Stay


@dataclass(frozen=True)
class Help:
    """What people received during the stay; shape (n,) each.

    Attributes
    ----------
    debt_help, housing_help
        Whether debts were arranged, and a home found: only for those in need of it.
    labour_hours
        Mean hours of labour a week.
    debts_arranged_on, housed_on
        The day on which that was so; `NO_DAY` without help.
    """

    debt_help: Array
    housing_help: Array
    labour_hours: Array
    debts_arranged_on: Array
    housed_on: Array


def draw_help(block: Block, people: People, stay: Stay, state: Circumstances) -> Help:
    """The help that the people of a block received."""
    p, n, rng = block.parameters, block.size, block.stream("help")
    variables = conduct_variables(people, stay, state)
    variables["willing"] = probability(p.linear("programme.willing", variables))
    variables["log_stay"] = stay.log_months
    long_enough = stay.days >= p["help.from_stay_days"]
    received = {}
    for name, need in {"debts": state.problematic_debt, "housing": state.homeless}.items():
        takes = happens(rng, probability(p.linear(f"help.{name}_taken", variables)), n)
        received[name] = need & long_enough & _offered(block, name)[stay.prison] & takes
    low, high = p["help.debts_arranged_after"]
    after = np.floor((low + (high - low) * rng.random(n)) * stay.days)
    housed_on = stay.released - between(rng, p["help.housed_before_release"], n)
    return Help(
        debt_help=received["debts"],
        housing_help=received["housing"],
        labour_hours=_labour_hours(block, variables, stay),
        debts_arranged_on=_only(received["debts"], stay.arrived + after),
        housed_on=_only(received["housing"], np.maximum(housed_on, stay.arrived)),
    )


def _only(those: Array, day: Array) -> Array:
    return np.where(those, day, NO_DAY).astype(np.int32)


def _offered(block: Block, name: str) -> Array:
    """Whether each prison offers a kind of help: a fixed share of them, drawn once."""
    p = block.parameters
    prisons = p["detention.prisons"]
    order = block.shared_stream(f"help with {name} offered").permutation(prisons)
    return np.asarray(order < np.rint(p["help.offered_share"] * prisons))


def _labour_hours(block: Block, variables: dict[str, Array], stay: Stay) -> Array:
    """Mean hours a week of each person, around those of the prison."""
    p, rng = block.parameters, block.stream("labour hours")
    of_prison = block.shared_stream("labour in prisons").standard_normal(p["detention.prisons"])
    spread = p["help.labour_sd"]
    own = spread["person"] * rng.standard_normal(block.size)
    mean = p.linear("help.labour_hours", variables)
    of_prison = spread["prison"] * (of_prison - of_prison.mean())
    hours = mean + of_prison[stay.prison] + own
    return np.clip(hours, 0.0, p["help.most_labour_hours"])
