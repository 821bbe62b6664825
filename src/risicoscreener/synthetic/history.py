"""Cases before the present stay: what was done, what was registered, and earlier stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from risicoscreener.synthetic.draws import (
    NO_DAY,
    Array,
    Block,
    Stream,
    choose,
    code,
    gamma_days,
    happens,
)
from risicoscreener.synthetic.offences import (
    draw_offences,
    draw_sanctions,
    is_in,
    weights_of_groups,
)
from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.people import People
from risicoscreener.synthetic.rows import Rows, rows, stack
from risicoscreener.synthetic.spells import in_time, merged
from risicoscreener.synthetic.stay import Stay, prison_names


@dataclass(frozen=True)
class History:
    """Cases before the present stay.

    Attributes
    ----------
    cases, violent_cases
        Numbers of cases that neutral policing registers: what later offending depends on.
    convictions, detentions
        Registered facts.
    """

    cases: Array
    violent_cases: Array
    convictions: Rows
    detentions: Rows

    @property
    def as_variables(self) -> dict[str, Array]:
        """The variables that linear predictors name."""
        return {
            "ln1p_prior": np.log1p(self.cases),
            "ln1p_violent_prior": np.log1p(self.violent_cases),
        }


def draw_history(block: Block, people: People, stay: Stay) -> History:
    """Cases before the present stay of the people of a block.

    Cases that only unequal policing registers come from a stream of their own: a scenario of
    unequal registration changes what is known, and nothing of what is so.
    """
    p, n = block.parameters, block.size
    owner, neutral, registered = _cases(block.stream("history"), p, people)
    usual = _convictions(block.stream("cases"), p, people, stay, owner[neutral])
    more = _convictions(block.stream("more cases"), p, people, stay, owner[~neutral])
    violent = is_in("offence_class", "violent", usual.columns["offence_class"])
    known = stack([usual.where(registered[neutral]), more])
    convictions, detentions = _served(block, known, stay)
    return History(
        cases=np.bincount(usual.owner, minlength=n),
        violent_cases=np.bincount(usual.owner[violent], minlength=n),
        convictions=convictions,
        detentions=detentions,
    )


def detection(p: Parameters, people: People, path: str) -> Array:
    """The chance of each person that a case is registered, by a share under neutral policing."""
    share = p[path]
    odds = share / (1.0 - share) * p["registration.detection_odds_ratio"]
    return np.where(people.born_abroad, odds / (1.0 + odds), share)


def _cases(rng: Stream, p: Parameters, people: People) -> tuple[Array, Array, Array]:
    """Owner of each case, whether neutral policing registers it, and whether it was registered.

    True cases are thinned twice with the same draw, so that without unequal registration the
    two are the same.
    """
    neutral_share = p["registration.neutral_share"]
    variables = people.as_variables(p)
    variables["age"] = np.minimum(variables["age"], p["people.age_cap"] - p["people.age_centre"])
    mean = np.exp(p.linear("history.log_mean", variables))
    shape = p["history.dispersion"]
    own_mean = np.minimum(rng.gamma(shape, mean / shape), p["history.largest_mean"])
    true = rng.poisson(own_mean / neutral_share)
    owner = np.repeat(np.arange(people.size, dtype=np.int32), true)
    mark = rng.random(len(owner))
    chance = detection(p, people, "registration.neutral_share")
    neutral, registered = mark < neutral_share, mark < chance[owner]
    kept = neutral | registered
    return owner[kept], neutral[kept], registered[kept]


def _ages(rng: Stream, p: Parameters, until: Array) -> Array:
    """Ages at past cases by the age-crime curve, cut at the age of arrival."""
    ages = np.array(p["history.crime_age"], dtype=np.float64)
    shares = np.array(p["history.crime_by_age"])
    reached = np.interp(until, ages, shares)
    return np.interp(rng.random(len(until)) * reached, shares, ages)


def _groups(rng: Stream, p: Parameters, people: People, stay: Stay, owner: Array) -> Array:
    others = choose(rng, weights_of_groups(p, people.violence_trait)[owner])
    same = happens(rng, p["offences.same_group_as_index"], len(owner))
    return np.where(same, stay.offence.group[owner], others)


def _custody_factor(p: Parameters, age: Array, female: Array) -> Array:
    """By which the chance of custody differs from that of an adult man."""
    young = age < p["offences.severity.juvenile_until_age"]
    of_age = np.where(young, p["offences.severity.juvenile_custody_factor"], 1.0)
    return of_age * np.where(female, p["offences.severity.female_custody_factor"], 1.0)


def _convictions(rng: Stream, p: Parameters, people: People, stay: Stay, owner: Array) -> Rows:
    n = len(owner)
    age = _ages(rng, p, people.age[owner])
    days_old = np.floor(age * p["calendar.days_per_year"])
    offence_on = np.minimum(stay.born[owner] + days_old, stay.arrived[owner] - 1).astype(np.int32)
    offences = draw_offences(rng, p, _groups(rng, p, people, stay, owner))
    factor = _custody_factor(p, age, people.female[owner])
    sanction, days = draw_sanctions(rng, p, offences.severity, factor)
    judged = offence_on + gamma_days(rng, p["registration.disposal_lag"], n)
    suspended = sanction == code("sanction", "suspended")
    breached = suspended & happens(rng, p["history.breach_share"], n)
    breach = judged + gamma_days(rng, p["history.breach_lag"], n)
    return rows(
        "convictions",
        owner,
        offence_class=offences.offence_class,
        offence_on=offence_on,
        judged_on=judged,
        sanction=sanction,
        severity=offences.severity,
        custodial_days=days,
        index_offence=False,
        breached_on=np.where(breached, breach, NO_DAY),
        recorded_at=judged + gamma_days(rng, p["registration.after_judgment"], n),
    )


def _served(block: Block, convictions: Rows, stay: Stay) -> tuple[Rows, Rows]:
    """Earlier stays, and convictions with sentences that fit before the present stay."""
    p, rng = block.parameters, block.stream("earlier stays")
    owner, judged = convictions.owner, convictions.columns["judged_on"]
    begin = judged + gamma_days(rng, p["history.custody_gap_days"], len(owner))
    days = convictions.columns["custodial_days"]
    served = (days >= 0) & (begin < stay.arrived[owner] - 1)
    room = np.maximum((stay.arrived[owner] - begin) // 2, 1)
    days = np.where(served, np.minimum(days, room), days)
    fitted = Rows(convictions.table, owner, {**convictions.columns, "custodial_days": days})
    return fitted, stays(
        block, "earlier", owner[served], begin[served], days[served], judged[served]
    )


def stays(
    block: Block, stage: str, owner: Array, begin: Array, days: Array, judged: Array | None
) -> Rows:
    """Stays for sentences, or in remand; those that overlap are served together.

    Parameters
    ----------
    judged
        Day of judgment of each sentence; ``None`` for remand.
    """
    p, rng = block.parameters, block.stream(f"{stage} stays")
    order = in_time(owner, begin)
    owner, begin = owner[order], begin[order]
    first, released = merged(owner, begin, begin + days[order])
    owner, begin = owner[first], begin[first]
    lag = gamma_days(rng, p["detention.recording"], len(owner))
    terms: dict[str, Any] = {"regime": code("regime", "remand")}
    if judged is not None:
        terms = {
            "regime": code("regime", "sentence"),
            "sentence_days": released - begin,
            "conditional_days": 0,
            "judged_on": judged[order][first],
            "expected_release_on": released,
        }
    prison = rng.integers(0, p["detention.prisons"], len(owner))
    return rows(
        "detentions",
        owner,
        arrived_on=begin,
        unit=code("unit", "regular"),
        prison=prison_names(p)[prison],
        released_on=released,
        recorded_at=begin + lag,
        **terms,
    )
