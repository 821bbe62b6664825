"""Help during the stay: with debts, with a home, and work inside.

Some prisons offer help and others do not, which does not depend on the people in them; of those in
need in a prison that offers it, the willing take it more often. So a comparison of people with and
without help is misled, and one of prisons is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.conduct import conduct_variables
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    between,
    code,
    gamma_days,
    happens,
    pick,
    probability,
)
from risicoscreener.synthetic.stages.inquiries import Inquiries
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, rows, stack
from risicoscreener.synthetic.stages.stay import Stay


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


def with_homes_found(block: Block, housing: Rows, given: Help, inquiries: Inquiries) -> Rows:
    """Housing with the homes that were found: they end the spell without a home.

    They are known before release, as the municipality registers people on their new address.
    """
    p, rng = block.parameters, block.stream("homes found")
    lasts = (housing.columns["until_on"] == NO_DAY) & given.housing_help[housing.owner]
    until_on = np.where(lasts, given.housed_on[housing.owner], housing.columns["until_on"])
    who = np.flatnonzero(given.housing_help & inquiries.happened("housing"))
    status = pick(rng, p["help.home"], "housing_status", block.size)[who]
    accepted = happens(rng, p["help.home_accepted"], block.size)[who]
    lag = gamma_days(rng, p["inquiries.recording"], block.size)[who]
    found = rows(
        "housing",
        who,
        status=status,
        from_on=given.housed_on[who],
        municipality=_last_municipality(housing, who),
        address_check=np.where(accepted, code("address_check", "accepted"), _not_checked()),
        recorded_at=np.maximum(given.housed_on[who] + lag, inquiries.consulted_on["housing"][who]),
    )
    return stack([housing.with_columns(until_on=until_on), found])


def _not_checked() -> int:
    return code("address_check", "not_checked")


def _last_municipality(housing: Rows, who: Array) -> Array:
    """Where each of some people is known to have lived last; empty where that is not known."""
    known = housing.where(housing.columns["municipality"] != "")
    if not len(known):
        return np.zeros(len(who), dtype="U1")
    place = np.searchsorted(known.owner, who, side="right") - 1
    is_own = (place >= 0) & (known.owner[place] == who)
    return np.where(is_own, known.columns["municipality"][place], "")


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
