"""Debts: a latent problem that grows or is arranged, and registers that find part of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.balances import (
    NEVER,
    Course,
    amount_on,
    arrangement_on,
    ended_on,
)
from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    Stream,
    by_code,
    code,
    gamma_days,
    happens,
    pick,
    poisson,
)
from risicoscreener.synthetic.stages.help import Help
from risicoscreener.synthetic.stages.inquiries import Inquiries
from risicoscreener.synthetic.stages.rows import Rows, repeat, rows
from risicoscreener.synthetic.stages.spells import (
    first_of_owner,
    in_time,
    largest_so_far,
    rank_in_owner,
)
from risicoscreener.synthetic.stages.stay import Stay


def debt_rows(
    block: Block, stay: Stay, state: Circumstances, inquiries: Inquiries, given: Help
) -> Rows:
    """Debts as registers have them, looked up at each inquiry into them.

    What has changed since the inquiry before is a fact that supersedes the earlier one.
    """
    p, rng = block.parameters, block.stream("debts")
    owner = _owners(block, state)
    n = len(owner)
    course = _courses(block, stay, given, owner, rng)
    first_on = course.since + gamma_days(rng, p["debts.recording"], n)
    first_on = np.maximum(first_on, inquiries.consulted_on["debts"][owner])
    registered = by_code("debt_kind", p["debts.registered"])[course.kind]
    found = happens(rng, registered, n) & inquiries.reveals(rng, p, "debts", owner)
    owner, course, first_on = owner[found], course.take(found), first_on[found]
    debt, day = _looked_up(block, stay, inquiries, given, owner, first_on)
    return _as_seen(block, owner, course, debt, day)


def _courses(block: Block, stay: Stay, given: Help, owner: Array, rng: Stream) -> Course:
    """How the debts of each owner run."""
    p, n = block.parameters, len(owner)
    kind = pick(rng, p["debts.kind"], "debt_kind", n)
    spread = p["debts.sigma"] * rng.standard_normal(n)
    principal = np.rint(by_code("debt_kind", p["debts.median_eur"])[kind] * np.exp(spread))
    adult_on = stay.born + np.floor(p["people.least_age"] * p["calendar.days_per_year"])
    since = stay.arrived[owner] - gamma_days(rng, p["debts.age_days"], n)
    since = np.maximum(since, np.minimum(adult_on, stay.arrived)[owner]).astype(np.int32)
    fate = pick(rng, p["debts.arrangement"], "arrangement", n)
    arranged = fate != code("arrangement", "none")
    arranged_on = since + gamma_days(rng, p["debts.arranged_after"], n)
    settled = happens(rng, p["debts.paid_share"], n)
    settled_on = since + gamma_days(rng, p["debts.paid_after"], n)
    broken = fate == code("arrangement", "broken")
    broken_on = arranged_on + gamma_days(
        block.stream("arrangements broken"), p["debts.broken_after"], n
    )
    own = Course(
        kind=kind,
        principal_eur=np.maximum(principal, 1.0),
        since=since,
        fate=fate,
        arranged_on=np.where(arranged, arranged_on, NEVER),
        broken_on=np.where(broken, broken_on, NEVER),
        helped_on=np.full(n, NEVER),
        settled_on=np.where(settled, settled_on, NEVER),
    )
    return _with_help(block, own, given, owner)


def _with_help(block: Block, own: Course, given: Help, owner: Array) -> Course:
    """Debts that run without an arrangement are arranged with help, most of them."""
    p = block.parameters
    day = given.debts_arranged_on[owner]
    state = arrangement_on(p, own, day)[0]
    runs = ~np.isin(state, [code("arrangement", "agreed"), code("arrangement", "kept")])
    runs &= given.debt_help[owner] & (day < ended_on(p, own))
    agrees = happens(block.stream("debts helped"), p["help.debts_arranged_share"], len(owner))
    return replace(own, helped_on=np.where(runs & agrees, day, NEVER))


def _looked_up(
    block: Block, stay: Stay, inquiries: Inquiries, given: Help, owner: Array, first_on: Array
) -> tuple[Array, Array]:
    """Debt and day of each time that it is looked up, in that order.

    At the first inquiry when it is in the register, at later ones, and when it is arranged inside.
    """
    begin, every = inquiries.consulted_on["debts"], block.parameters["inquiries.every_days"]
    later = np.maximum((stay.released - 1 - begin) // every, 0)[owner]
    debt, place = repeat(1 + later + given.debt_help[owner])
    day = begin[owner][debt] + every * place.astype(np.int32)
    day = np.where(place > later[debt], given.debts_arranged_on[owner][debt], day)
    day = np.where(place == 0, first_on[debt], day)
    seen = (place == 0) | (day > first_on[debt])
    debt, day = debt[seen], day[seen].astype(np.int32)
    order = in_time(debt, day)
    return debt[order], day[order]


def _as_seen(block: Block, owner: Array, course: Course, debt: Array, day: Array) -> Rows:
    """Each debt as it is on the days when it is looked up, where that is new."""
    p = block.parameters
    seen = course.take(debt)
    ends = ended_on(p, seen)
    arrangement, arranged_on = arrangement_on(p, seen, np.minimum(day, ends))
    amount = np.rint(amount_on(p, seen, day))
    until = np.where(ends <= day, ends, NO_DAY)
    new = first_of_owner(debt)
    for values in (arrangement, amount, until):
        new[1:] |= values[1:] != values[:-1]
    lag = gamma_days(block.stream("debts renewed"), p["inquiries.recording"], len(debt))
    recorded_at = largest_so_far(debt, day + np.where(first_of_owner(debt), 0, lag))
    found = rows(
        "debts",
        owner[debt],
        kind=seen.kind,
        creditor=_creditors(p)[seen.kind],
        amount_eur=amount,
        since=seen.since,
        arrangement=arrangement,
        arranged_on=arranged_on,
        until=until,
        recorded_at=recorded_at,
    ).where(new)
    return _linked(found, debt[new])


def _linked(found: Rows, debt: Array) -> Rows:
    """Versions of one debt as facts that supersede each other; a single one needs no id."""
    version = rank_in_owner(debt)
    number = np.cumsum(first_of_owner(debt)) - 1
    number = number - number[np.searchsorted(found.owner, found.owner)]
    several = np.bincount(debt)[debt] > 1
    ids = np.where(several, _names(number, version), "")
    before = np.where(version > 0, np.roll(ids, 1), "")
    return found.with_columns(fact_id=ids, supersedes=before)


def _names(number: Array, version: Array) -> Array:
    """Ids such as ``debt-2.1``, each made once."""
    if not len(number):
        return np.zeros(0, dtype="U1")
    shape = int(number.max()) + 1, int(version.max()) + 1
    names = [f"debt-{i + 1}.{j + 1}" for i in range(shape[0]) for j in range(shape[1])]
    return np.array(names)[number * shape[1] + version]


def _owners(block: Block, state: Circumstances) -> Array:
    p, n, rng = block.parameters, block.size, block.stream("number of debts")
    mean = p["debts.mean_number"]
    count = poisson(
        rng, np.where(state.problematic_debt, mean["problematic"] - 1, mean["other"]), n
    )
    return np.repeat(np.arange(n, dtype=np.int32), count + state.problematic_debt)


def _creditors(p: Parameters) -> Array:
    """The class of creditor for each kind of debt."""
    of_kind = p["debts.creditor"]
    codes = [code("creditor", of_kind[kind]) for kind in vocabularies()["debt_kind"].codes]
    return np.array(codes, dtype=np.int8)
