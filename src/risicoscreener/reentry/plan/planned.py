"""The goals of one person's plan: from a file of their own, and from the dossier."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from risicoscreener.dossier.record import Identifier
from risicoscreener.dossier.visible import visible
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions.situation import read_record
from risicoscreener.reentry.plan.definition import Goal, GoalCatalogue

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.record import Detention, Programme


class PlanGoal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One goal that a person set.

    Attributes
    ----------
    goal
        Name in the catalogue.
    due_on
        Last day of the term; ``term_days`` of the catalogue after ``set_on`` if not given.
    fact
        ``fact_id`` of the row of ``programme`` that records it, also if that was corrected since.
    dropped_on
        From that day it is no goal any more.
    """

    goal: str
    set_on: dt.date
    due_on: dt.date | None = None
    fact: Identifier | None = None
    dropped_on: dt.date | None = None


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The goals that were set for one person."""

    person_id: Identifier
    goals: tuple[PlanGoal, ...] = ()


class Wanted(NamedTuple):
    """A goal with its days and, if there is one, the row that records it."""

    goal: Goal
    set_on: dt.date
    due_on: dt.date
    row: Programme | None
    linked: bool


def read_plan(source: bytes | str, catalogue: GoalCatalogue | None = None) -> Plan:
    """A plan from JSON.

    Raises
    ------
    ReentryError
        That names the field, what was there and what was expected.
    """
    plan: Plan = read_record(source, Plan, "the plan")
    check_plan(plan, GoalCatalogue.shipped() if catalogue is None else catalogue)
    return plan


def check_plan(plan: Plan, catalogue: GoalCatalogue) -> None:
    """Raise ReentryError for goals that there are not, or days that cannot be meant."""
    for one in plan.goals:
        _ = catalogue[one.goal]
        for name, day in (("due_on", one.due_on), ("dropped_on", one.dropped_on)):
            if day is not None and day < one.set_on:
                raise ReentryError(
                    f"goal {one.goal!r}: {name} {day} lies before set_on {one.set_on}; expected "
                    "that day or later"
                )


def wanted_goals(
    dossier: Dossier,
    stay: Detention,
    as_of: dt.date,
    plan: Plan | None,
    catalogue: GoalCatalogue,
) -> list[Wanted]:
    """The goals that stand on a day: those of the plan, then rows of the dossier beside them."""
    rows = [
        row
        for _, row in visible(dossier.programme, as_of)
        if row.kind == "goal" and stay.arrived_on <= row.occurred_on <= as_of
    ]
    found, used = [], set[int]()
    for one in () if plan is None else plan.goals:
        dropped = one.dropped_on is not None and one.dropped_on <= as_of
        row = _row_of(one.fact, rows, dossier, as_of)
        if row is not None:
            used.add(id(row))
        if one.set_on <= as_of and not dropped:
            goal = catalogue[one.goal]
            due = one.due_on or one.set_on + dt.timedelta(days=goal.term_days)
            found.append(Wanted(goal, one.set_on, due, row, linked=True))
    for row in rows:
        if id(row) not in used and row.goal is not None:
            goal = catalogue.default_for(row.goal)
            due = row.occurred_on + dt.timedelta(days=goal.term_days)
            found.append(Wanted(goal, row.occurred_on, due, row, linked=False))
    return found


def _row_of(
    fact: str | None, rows: list[Programme], dossier: Dossier, as_of: dt.date
) -> Programme | None:
    """The row that stands for a fact: itself, or what corrected it."""
    if fact is None:
        return None
    replaced = {
        row.fact_id: row.supersedes
        for row in dossier.programme
        if row.fact_id is not None and row.recorded_at <= as_of
    }
    for row in rows:
        name, seen = row.fact_id, set[str]()
        while name is not None and name not in seen:
            if name == fact:
                return row
            seen.add(name)
            name = replaced.get(name)
    return None
