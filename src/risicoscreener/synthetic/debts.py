"""Debts: a latent problem, and registers that find part of it."""

from __future__ import annotations

import numpy as np

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.synthetic.circumstances import Circumstances
from risicoscreener.synthetic.draws import (
    NO_DAY,
    Array,
    Block,
    by_code,
    code,
    gamma_days,
    happens,
    pick,
    poisson,
)
from risicoscreener.synthetic.inquiries import Inquiries
from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.rows import Rows, rows
from risicoscreener.synthetic.stay import Stay


def debt_rows(block: Block, stay: Stay, state: Circumstances, inquiries: Inquiries) -> Rows:
    """Debts, as far as a register has them and the inquiry found them."""
    p, rng = block.parameters, block.stream("debts")
    owner = _owners(block, state)
    n = len(owner)
    kind = pick(rng, p["debts.kind"], "debt_kind", n)
    spread = p["debts.sigma"] * rng.standard_normal(n)
    amount = np.rint(by_code("debt_kind", p["debts.median_eur"])[kind] * np.exp(spread))
    adult_on = stay.born + np.floor(p["people.least_age"] * p["calendar.days_per_year"])
    since = stay.arrived[owner] - gamma_days(rng, p["debts.age_days"], n)
    since = np.maximum(since, np.minimum(adult_on, stay.arrived)[owner]).astype(np.int32)
    arrangement = pick(rng, p["debts.arrangement"], "arrangement", n)
    arranged = arrangement != code("arrangement", "none")
    arranged_on = since + gamma_days(rng, p["debts.arranged_after"], n)
    paid = happens(rng, p["debts.paid_share"], n)
    until = np.minimum(since + gamma_days(rng, p["debts.paid_after"], n), stay.released[owner])
    lag = gamma_days(rng, p["debts.recording"], n)
    registered = happens(rng, by_code("debt_kind", p["debts.registered"])[kind], n)
    found = rows(
        "debts",
        owner,
        kind=kind,
        creditor=_creditors(p)[kind],
        amount_eur=np.maximum(amount, 1.0),
        since=since,
        arrangement=np.where(arranged, arrangement, np.int8(-1)),
        arranged_on=np.where(arranged, arranged_on, NO_DAY),
        until=np.where(paid, until, NO_DAY),
        recorded_at=np.maximum(since + lag, inquiries.consulted_on["debts"][owner]),
    )
    return found.where(registered & inquiries.reveals(rng, p, "debts", owner))


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
