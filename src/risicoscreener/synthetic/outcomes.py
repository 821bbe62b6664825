"""What happens after release: true cases, which of them are registered, and later facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.synthetic.circumstances import Circumstances
from risicoscreener.synthetic.draws import (
    NO_DAY,
    Array,
    Block,
    Stream,
    choose_by,
    gamma_days,
    happens,
    probability,
)
from risicoscreener.synthetic.history import History, detection, stays
from risicoscreener.synthetic.offences import draw_offences, draw_sanctions, groups
from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.people import People
from risicoscreener.synthetic.rows import Rows, rows
from risicoscreener.synthetic.spells import sums_in_owner
from risicoscreener.synthetic.stay import Stay

DAYS_OF_YEAR_OF_FOLLOW_UP = 365
_DAYS_PER_YEAR = 365.25
_NEVER = np.int32(2**30)


@dataclass(frozen=True)
class Outcomes:
    """What happens after release.

    Attributes
    ----------
    chance, chance_of_violence
        True probabilities of a case, and of a violent one, within the horizon.
    first_case, first_violent_case
        Days from release to the first true case, a large number for never.
    happened, violence_happened
        Whether there was a true case within the horizon.
    registered, violence_registered
        Whether the register shows one.
    first_registered_on
        Day of the first registered case, `NO_DAY` where there is none.
    convictions, detentions
        Registered facts.
    """

    chance: Array
    chance_of_violence: Array
    first_case: Array
    first_violent_case: Array
    happened: Array
    violence_happened: Array
    registered: Array
    violence_registered: Array
    first_registered_on: Array
    convictions: Rows
    detentions: Rows
    followed_days: int

    def years_to(self, days: Array) -> Array:
        """Years of some days after release, NaN beyond the years followed."""
        return np.where(days <= self.followed_days, days / _DAYS_PER_YEAR, np.nan)


@dataclass(frozen=True)
class _Cases:
    """True cases in the years followed, with their owner and days after release."""

    owner: Array
    after: Array
    violent: Array
    registered: Array

    def seen(self, n: int, within: int, chosen: Array) -> Array:
        """Who has a chosen case within some days."""
        found = self.owner[chosen & (self.after <= within)]
        return np.bincount(found, minlength=n) > 0


def horizon_days(p: Parameters) -> int:
    """Days after release within which an outcome counts."""
    return int(p["outcomes.horizon_years"] * DAYS_OF_YEAR_OF_FOLLOW_UP)


def _followed_days(p: Parameters) -> int:
    return int(p["outcomes.followed_years"] * p["calendar.days_per_year"])


def draw_outcomes(
    block: Block, people: People, stay: Stay, history: History, state: Circumstances
) -> Outcomes:
    """What happens after release to the people of a block."""
    p, n, rng = block.parameters, block.size, block.stream("outcomes")
    variables = _variables(p, people, stay, history, state)
    chance = probability(p.linear("outcomes.any_2y", variables))
    of_violence = probability(p.linear("outcomes.violent_share", variables))
    first = _first_days(rng, p, chance)
    violent = happens(rng, of_violence, n)
    cases = _cases(block, people, first, violent)
    horizon, everything = horizon_days(p), np.ones(len(cases.owner), dtype=bool)
    convictions, detentions = _facts(block, stay, cases)
    return Outcomes(
        chance=chance,
        chance_of_violence=chance * of_violence,
        first_case=first,
        first_violent_case=np.where(violent, first, _NEVER),
        happened=cases.seen(n, horizon, everything),
        violence_happened=cases.seen(n, horizon, cases.violent),
        registered=cases.seen(n, horizon, cases.registered),
        violence_registered=cases.seen(n, horizon, cases.registered & cases.violent),
        first_registered_on=_first_registered(stay, cases),
        convictions=convictions,
        detentions=detentions,
        followed_days=_followed_days(p),
    )


def _variables(
    p: Parameters, people: People, stay: Stay, history: History, state: Circumstances
) -> dict[str, Array]:
    known = {**people.as_variables(p), **state.as_variables, **history.as_variables}
    known["age"] = known["age"] + stay.days / p["calendar.days_per_year"]
    for place, name in enumerate(groups(p)):
        known[f"index_{name}"] = (stay.offence.group == place).astype(np.float64)
    return known


def _first_days(rng: Stream, p: Parameters, chance: Array) -> Array:
    """Days to the first case: hazards are proportional, and reach ``chance`` at the horizon.

    The distribution of person i is 1 - (1 - F(t))^k with F the published curve, which has a
    ceiling: some never come to a case.
    """
    curve, year = p["outcomes.curve"], p["calendar.days_per_year"]
    horizon = horizon_days(p) / year
    at_horizon = curve["ceiling"] * -np.expm1(-curve["rate"] * horizon ** curve["shape"])
    k = np.log1p(-chance) / np.log1p(-at_horizon)
    reached = -np.expm1(np.log1p(-rng.random(len(chance))) / k)
    part = np.minimum(reached / curve["ceiling"], 1.0 - 1e-12)
    years = (-np.log1p(-part) / curve["rate"]) ** (1.0 / curve["shape"])
    days = np.maximum(np.ceil(years * year), 1).astype(np.int32)
    return np.where(reached < curve["ceiling"], days, _NEVER)


def _cases(block: Block, people: People, first: Array, violent: Array) -> _Cases:
    """The first case, and what follows on it; after a case that is not violent none is."""
    p, n, rng = block.parameters, block.size, block.stream("later cases")
    last = _followed_days(p)
    more = rng.geometric(1.0 / (1.0 + p["outcomes.more_cases"]), n)
    count = np.where(first <= last, more, 0)
    owner = np.repeat(np.arange(n, dtype=np.int32), count)
    is_first = np.diff(owner, prepend=-1) != 0
    gap = np.maximum(gamma_days(rng, p["outcomes.more_after"], len(owner)), 1)
    after = sums_in_owner(owner, np.where(is_first, first[owner], gap))
    again = happens(rng, p["outcomes.more_violent"], len(owner))
    mark = rng.random(len(owner))
    registered = mark < detection(p, people, "registration.future_share")[owner]
    kept = after <= last
    cases = _Cases(owner, after, violent[owner] & (is_first | again), registered)
    return _Cases(cases.owner[kept], cases.after[kept], cases.violent[kept], cases.registered[kept])


def _first_registered(stay: Stay, cases: _Cases) -> Array:
    n = len(stay.released)
    first = np.full(n, _NEVER, dtype=np.int64)
    np.minimum.at(first, cases.owner[cases.registered], cases.after[cases.registered])
    return np.where(first < _NEVER, stay.released + first, NO_DAY).astype(np.int32)


def _facts(block: Block, stay: Stay, cases: _Cases) -> tuple[Rows, Rows]:
    """Convictions for registered cases, and the stays that came with them."""
    p, rng = block.parameters, block.stream("later facts")
    n, owner = len(cases.owner), cases.owner
    offences = draw_offences(rng, p, _groups(rng, p, cases.violent))
    sanction, days = draw_sanctions(rng, p, offences.severity, p["outcomes.custodial_factor"])
    offence_on = (stay.released[owner] + cases.after).astype(np.int32)
    judged = offence_on + gamma_days(rng, p["registration.disposal_lag"], n)
    convictions = rows(
        "convictions",
        owner,
        offence_class=offences.offence_class,
        offence_on=offence_on,
        judged_on=judged,
        sanction=sanction,
        severity=offences.severity,
        custodial_days=days,
        index_offence=False,
        recorded_at=judged + gamma_days(rng, p["registration.after_judgment"], n),
    ).where(cases.registered)
    begin = offence_on + gamma_days(rng, p["detention.remand_gap_days"], n)
    inside = cases.registered & (days >= 0)
    later = stays(block, "later", owner[inside], begin[inside], days[inside], None)
    return convictions, later


def _groups(rng: Stream, p: Parameters, violent: Array) -> Array:
    mix = np.array(list(p["offences.mix"].values()))
    violent_classes = vocabularies()["offence_class"].groups["violent"]
    is_violent = np.array(
        [all(c in violent_classes for c in p[f"offences.classes.{name}"]) for name in groups(p)]
    )
    table = np.array([mix * ~is_violent, mix * is_violent])
    return choose_by(rng, table, violent.astype(np.int8))
