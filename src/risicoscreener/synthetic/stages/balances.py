"""What a debt comes to on a day: interest, costs and increases, arrangements and instalments.

A debt grows until an arrangement stops it: then nothing is added, and instalments make it less as
long as they are paid. An arrangement that is broken sets the growth going again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import NO_DAY, Array, by_code, code

NEVER = np.int32(2**30)
"""A day after all others."""


@dataclass(frozen=True)
class Course:
    """How debts run; shape (n,) each, days that never come are `NEVER`.

    Attributes
    ----------
    kind
        Kind of debt as a code.
    principal_eur
        Amount on the day it arose.
    fate
        What came of the first arrangement, as a code of `arrangement`: ``none``, ``refused``,
        ``agreed`` (it stands, nothing is paid yet), ``kept`` or ``broken``.
    arranged_on, broken_on
        Days on which the first arrangement was agreed or refused, and broken.
    helped_on
        Day on which it was arranged with help; that arrangement is kept.
    settled_on
        Day on which all was paid at once.
    """

    kind: Array
    principal_eur: Array
    since: Array
    fate: Array
    arranged_on: Array
    broken_on: Array
    helped_on: Array
    settled_on: Array

    def take(self, chosen: Array) -> Course:
        """Some of the debts, or some of them several times."""
        return Course(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def freezes(self, name: str) -> Array:
        """Whether the first arrangement came to something by its code."""
        return np.asarray(self.fate == code("arrangement", name))


def ended_on(p: Parameters, course: Course) -> Array:
    """Day on which each debt ends: paid at once, or the last instalment; else `NEVER`."""
    every = p["debts.instalment_days"]
    pays = course.freezes("kept") & (course.arranged_on < NEVER)
    by_instalments = np.where(pays, course.arranged_on + every, NEVER)
    by_instalments = np.where(course.helped_on < by_instalments, NEVER, by_instalments)
    with_help = np.where(course.helped_on < NEVER, course.helped_on + every, NEVER)
    return np.minimum(np.minimum(course.settled_on, by_instalments), with_help)


def amount_on(p: Parameters, course: Course, day: Array) -> Array:
    """Euros that are due on a day; for a debt that has ended, what was due on its last day."""
    last = np.minimum(day, ended_on(p, course))
    helped = np.minimum(course.helped_on, last)
    return _without_help(p, course, helped) * _left(p, last - helped)


def _without_help(p: Parameters, course: Course, day: Array) -> Array:
    stops = ~(course.freezes("none") | course.freezes("refused"))
    frozen = np.where(stops, np.minimum(course.arranged_on, day), day)
    again = np.minimum(np.where(stops, course.broken_on, day), day)
    paying = np.where(course.freezes("agreed"), 0, again - frozen)
    thawed = grown(p, course, day) / grown(p, course, again)
    return np.asarray(grown(p, course, frozen) * _left(p, paying) * thawed)


def _left(p: Parameters, days: Array) -> Array:
    """The part that is left after so many days of instalments."""
    return np.asarray(1.0 - np.clip(days / p["debts.instalment_days"], 0.0, 1.0))


def grown(p: Parameters, course: Course, day: Array) -> Array:
    """Euros due on a day if nothing had been arranged or paid."""
    age = day - course.since
    raised = np.ones(len(age))
    for step, after in zip(("first", "second"), p["debts.raised_after"], strict=True):
        share = by_code("debt_kind", p[f"debts.raised_{step}"])[course.kind]
        raised *= 1.0 + share * (age >= after)
    has_costs = by_code("debt_kind", p["debts.bears_costs"])[course.kind] > 0
    has_costs &= age >= p["debts.costs_after"]
    costs = np.where(has_costs, collection_costs(p, course.principal_eur), 0.0)
    bears = by_code("debt_kind", p["debts.bears_interest"])[course.kind]
    interest = bears * (_log_interest(p, day) - _log_interest(p, course.since))
    return np.asarray((course.principal_eur * raised + costs) * np.exp(interest))


def collection_costs(p: Parameters, principal_eur: Array) -> Array:
    """What may be charged for collection out of court: a share of each slice of the principal."""
    begins = np.array(p["debts.costs_from_eur"], dtype=np.float64)
    ends = np.append(begins[1:], np.inf)
    slices = np.clip(principal_eur[:, None], begins, ends) - begins
    least, most = p["debts.costs_limits_eur"]
    return np.clip(slices @ np.array(p["debts.costs_share"]), least, most)


def _log_interest(p: Parameters, day: Array) -> Array:
    """Logarithm of what a euro became by a day, by the interest of each year before it."""
    by_year = p["debts.legal_interest"]
    years = [int(year) for year in by_year]
    begins = np.array([(dt.date(year, 1, 1) - EPOCH).days for year in years], dtype=np.float64)
    begins = np.append(begins, begins[-1] + 100 * p["calendar.days_per_year"])
    rate = np.log1p(list(by_year.values())) / p["calendar.days_per_year"]
    total = np.concatenate([[0.0], np.cumsum(rate * np.diff(begins))])
    return np.interp(day, begins, total)


def arrangement_on(p: Parameters, course: Course, day: Array) -> tuple[Array, Array]:
    """The state of the arrangement on a day as a code, -1 without one, and the day it is of."""
    agreed, kept, broken = (
        np.int8(code("arrangement", name)) for name in ("agreed", "kept", "broken")
    )
    helped = course.helped_on <= day
    begun = ~course.freezes("none") & (course.arranged_on <= day)
    since = np.where(helped, course.helped_on, course.arranged_on)
    state = np.where(day < since + p["debts.confirmed_after"], agreed, kept)
    state = np.where(course.broken_on <= day, broken, state)
    of_fate = course.freezes("refused") | course.freezes("agreed")
    state = np.where(of_fate, course.fate, state)
    confirmed = np.where(day < since + p["debts.confirmed_after"], agreed, kept)
    state = np.where(helped, confirmed, np.where(begun, state, np.int8(-1)))
    return state.astype(np.int8), np.where(helped | begun, since, NO_DAY).astype(np.int32)
