"""Cases before the present stay: what was done, what was registered, and earlier stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.curve import NEVER
from risicoscreener.synthetic.stages.detection import Detection, custody_odds
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    Stream,
    choose,
    code,
    gamma_days,
    happens,
)
from risicoscreener.synthetic.stages.offences import (
    convictions_for,
    draw_offences,
    draw_sanctions,
    is_in,
    weights_of_groups,
)
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, rows, stack
from risicoscreener.synthetic.stages.spells import in_one_number, in_time, merged
from risicoscreener.synthetic.stages.stay import Stay, prison_names

_LEAST_TILT = 1e-9
_LONGEST_LIFE = 2**16
"""More days than anyone lives: what lies further ahead is of someone else."""


@dataclass(frozen=True)
class History:
    """Cases before the present stay.

    Attributes
    ----------
    cases, violent_cases
        Numbers of cases that neutral policing registers: what later offending depends on.
    momentum
        How offending grows or fades towards the present, which goes on after release.
    true_cases, true_offences
        What was done, whether registered or not; a case is a run of offences.
    convictions, detentions
        Registered facts.
    """

    cases: Array
    violent_cases: Array
    momentum: Array
    true_cases: Array
    true_offences: Array
    convictions: Rows
    detentions: Rows

    @property
    def as_variables(self) -> dict[str, Array]:
        """The variables that linear predictors name."""
        return {
            "ln1p_prior": np.log1p(self.cases),
            "ln1p_violent_prior": np.log1p(self.violent_cases),
            "momentum": self.momentum,
        }


def draw_history(block: Block, people: People, stay: Stay, detected: Detection) -> History:
    """Cases before the present stay of the people of a block.

    Cases that only unequal policing registers come from a stream of their own: a scenario of
    unequal registration changes what is known, and nothing of what is so.
    """
    p, n = block.parameters, block.size
    momentum = _momentum(block.stream("momentum"), p, people)
    true, owner, neutral, registered = _cases(block.stream("history"), p, people, detected)

    def convictions(stream: str, chosen: Array) -> Rows:
        return _convictions(block.stream(stream), p, people, stay, owner[chosen], momentum)

    usual, more = convictions("cases", neutral), convictions("more cases", ~neutral)
    violent = is_in("offence_class", "violent", usual.columns["offence_class"])
    parts = [
        _with_sentences(block, "cases", usual, stay, registered[neutral]),
        _with_sentences(block, "more cases", more, stay, np.ones(len(more), dtype=bool)),
    ]
    known, intended = (stack(part) for part in zip(*parts, strict=True))
    everyone = np.arange(n, dtype=np.int32)
    return History(
        cases=np.bincount(usual.owner, minlength=n),
        violent_cases=np.bincount(usual.owner[violent], minlength=n),
        momentum=momentum,
        true_cases=true,
        true_offences=_offences_of_cases(block.stream("true offences"), p, true),
        convictions=known,
        detentions=served(intended, known, (everyone, stay.offence_on)),
    )


def _cases(
    rng: Stream, p: Parameters, people: People, detected: Detection
) -> tuple[Array, Array, Array, Array]:
    """True cases of each person; of those that are known owner, neutrally registered, registered.

    True cases are thinned twice with the same draw, so that without unequal registration the
    two are the same.
    """
    variables = people.as_variables(p)
    variables["age"] = np.minimum(variables["age"], p["people.age_cap"] - p["people.age_centre"])
    mean = np.exp(p.linear("history.log_mean", variables))
    shape = p["history.dispersion"]
    own_mean = np.minimum(rng.gamma(shape, mean / shape), p["history.largest_mean"])
    true = rng.poisson(own_mean / detected.neutral)
    owner = np.repeat(np.arange(people.size, dtype=np.int32), true)
    mark = rng.random(len(owner))
    neutral, registered = mark < detected.neutral, mark < detected.past[owner]
    kept = neutral | registered
    return true, owner[kept], neutral[kept], registered[kept]


def _momentum(rng: Stream, p: Parameters, people: People) -> Array:
    """How offending grows or fades towards the present: latent, with standard deviation one."""
    correlation = p["history.momentum_on_propensity"]
    own = np.sqrt(1.0 - correlation**2) * rng.standard_normal(people.size)
    return correlation * people.propensity + own


def _offences_of_cases(rng: Stream, p: Parameters, cases: Array) -> Array:
    """True offences: each case is a run of one or more."""
    more = p["history.offences_per_case"] - 1.0
    return cases + rng.poisson(more * cases)


def _ages(rng: Stream, p: Parameters, until: Array, momentum: Array) -> Array:
    """Ages at past cases: the age-crime curve up to the age of arrival, tilted by the momentum.

    On the scale of the curve the intensity runs as exp(tilt x) from 0 to 1, which is now.
    """
    ages = np.array(p["history.crime_age"], dtype=np.float64)
    shares = np.array(p["history.crime_by_age"])
    reached = np.interp(until, ages, shares)
    return np.interp(_tilted(rng.random(len(until)), momentum) * reached, shares, ages)


def _tilted(uniform: Array, tilt: Array) -> Array:
    """Draws from 0 to 1 with a density that is proportional to exp(tilt x)."""
    tilt = np.where(np.abs(tilt) < _LEAST_TILT, _LEAST_TILT, tilt)
    return np.log1p(uniform * np.expm1(tilt)) / tilt


def _groups(rng: Stream, p: Parameters, people: People, stay: Stay, owner: Array) -> Array:
    others = choose(rng, weights_of_groups(p, people.violence_trait)[owner])
    same = happens(rng, p["offences.same_group_as_index"], len(owner))
    return np.where(same, stay.offence.group[owner], others)


def _custody_factor(p: Parameters, age: Array, female: Array) -> Array:
    """By which the chance of custody differs from that of an adult man."""
    young = age < p["offences.severity.juvenile_until_age"]
    of_age = np.where(young, p["offences.severity.juvenile_custody_factor"], 1.0)
    return of_age * np.where(female, p["offences.severity.female_custody_factor"], 1.0)


def _convictions(
    rng: Stream, p: Parameters, people: People, stay: Stay, owner: Array, momentum: Array
) -> Rows:
    n = len(owner)
    tilt = p["history.tilt_of_momentum"] * momentum[owner]
    age = _ages(rng, p, people.age[owner], tilt)
    days_old = np.floor(age * p["calendar.days_per_year"])
    offence_on = np.minimum(stay.born[owner] + days_old, stay.arrived[owner] - 1).astype(np.int32)
    offences = draw_offences(rng, p, _groups(rng, p, people, stay, owner))
    factor = _custody_factor(p, age, people.female[owner])
    odds = custody_odds(p, people)[owner]
    sanctions = draw_sanctions(rng, p, offences.severity, factor, odds)
    judged = offence_on + gamma_days(rng, p["registration.disposal_lag"], n)
    suspended = sanctions[0] == code("sanction", "suspended")
    breached = suspended & happens(rng, p["history.breach_share"], n)
    breach = judged + gamma_days(rng, p["history.breach_lag"], n)
    breached_on = np.where(breached, breach, NO_DAY)
    return convictions_for(
        rng, p, owner, offences, sanctions, offence_on, judged, breached_on=breached_on
    )


def _with_sentences(
    block: Block, stage: str, convictions: Rows, stay: Stay, registered: Array
) -> tuple[Rows, Rows]:
    """Registered convictions, with sentences that fit before the present stay, and their stays.

    Everything is drawn for all convictions, so that registering one more leaves what is known of
    the others.
    """
    p, rng = block.parameters, block.stream(f"stays for {stage}")
    owner, judged = convictions.owner, convictions.columns["judged_on"]
    begin = judged + gamma_days(rng, p["history.custody_gap_days"], len(owner))
    days = convictions.columns["custodial_days"]
    serves = (days >= 0) & (begin < stay.arrived[owner] - 1)
    room = np.maximum((stay.arrived[owner] - begin) // 2, 1)
    days = np.where(serves, np.minimum(days, room), days)
    intended = intended_stays(rng, p, owner, begin, days, code("regime", "sentence"))
    intended = intended.with_columns(judged_on=judged)
    fitted = convictions.with_columns(custodial_days=days)
    return fitted.where(registered), intended.where(registered & serves)


def intended_stays(
    rng: Stream, p: Parameters, owner: Array, begin: Array, days: Array, regime: Any
) -> Rows:
    """Stays as they would be one by one.

    Parameters
    ----------
    regime
        Ground of each stay, or of all, as a code.
    """
    prison = rng.integers(0, p["detention.prisons"], len(owner))
    return rows(
        "detentions",
        owner,
        arrived_on=begin,
        regime=regime,
        unit=code("unit", "regular"),
        prison=prison_names(p)[prison],
        released_on=begin + np.maximum(days, 1),
        recorded_at=begin + gamma_days(rng, p["detention.recording"], len(owner)),
    )


def served(intended: Rows, known: Rows, more: tuple[Array, Array] | None = None) -> Rows:
    """Stays, each ended before the next known offence; those that overlap are served together.

    One in which there would not be a day is not served.

    Parameters
    ----------
    known
        Convictions of the same people.
    more
        Owners and days of other known offences.
    """
    order = in_time(intended.owner, intended.columns["arrived_on"])
    intended = intended.where(order)
    begin, until = intended.columns["arrived_on"], intended.columns["released_on"]
    until = np.minimum(until, _next_offence(known, more, intended.owner, begin) - 1)
    there = until > begin
    intended, until = intended.where(there), until[there]
    first, released = merged(intended.owner, intended.columns["arrived_on"], until)
    found = intended.where(first).with_columns(released_on=released)
    if "judged_on" not in found.columns:
        return found
    return found.with_columns(
        sentence_days=released - found.columns["arrived_on"],
        conditional_days=0,
        expected_release_on=released,
    )


def _next_offence(
    known: Rows, more: tuple[Array, Array] | None, owner: Array, begin: Array
) -> Array:
    """Day of the first known offence of each owner after the beginning of a stay."""
    offences = in_one_number(known.owner, known.columns["offence_on"])
    if more is not None:
        offences = np.concatenate([offences, in_one_number(*more)])
    offences = np.sort(offences)
    mark = in_one_number(owner, begin)
    place = np.searchsorted(offences, mark, side="right")
    ahead = np.append(offences, np.iinfo(np.int64).max)[place] - mark
    return np.where(ahead < _LONGEST_LIFE, begin + ahead, NEVER).astype(np.int32)
