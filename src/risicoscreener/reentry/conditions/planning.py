"""When each action can be done and must be done, and which still fit if there is little time.

Each action has an earliest day (what it waits for works by then) and a latest day (it works by the
release or the arrival, and what waits for it can still be done in time). What has no day left is
too late. Of the rest, the actions that matter most are chosen that fit in the time of the prison;
if all fit, all are chosen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from risicoscreener.reentry.conditions.days import (
    is_working_day,
    latest_before,
    on_a_day_for,
    works_on,
)
from risicoscreener.reentry.conditions.definition import Action
from risicoscreener.reentry.conditions.holidays import ONE_DAY
from risicoscreener.reentry.conditions.situation import Situation

MOST_TRIED = 20_000
"""Sets of actions that are tried before the best so far is taken."""


@dataclass(frozen=True)
class Window:
    """The days between which an action is done.

    Attributes
    ----------
    latest
        Last day to be in time; None if the day of release is not known.
    until
        Last day on which it is still of use: the latest day, or for what is useful late the release
        or the arrival.
    too_late
        Whether no day is left on which it is of use.
    """

    earliest: dt.date
    latest: dt.date | None
    until: dt.date | None
    too_late: bool


@dataclass
class Agenda:
    """Minutes of the prison that are left on each working day, and what was planned."""

    minutes_per_day: int
    used: dict[dt.date, int] = field(default_factory=dict)

    def book(self, minutes: int, first: dt.date, last: dt.date | None) -> dt.date | None:
        """Take time from a day on; the day on which it is done, None if there is not enough."""
        if minutes == 0:
            return first
        day, left = first, minutes
        while last is None or day <= last:
            if is_working_day(day):
                taken = min(left, self.minutes_per_day - self.used.get(day, 0))
                self.used[day] = self.used.get(day, 0) + taken
                left -= taken
                if left == 0:
                    return day
            day += ONE_DAY
        return None


def applying(
    actions: Sequence[Action],
    situation: Situation,
    needed: Mapping[str, bool],
    effects: Mapping[str, dt.date],
) -> list[Action]:
    """The actions that apply, those that stand in for another only if that is not there in time.

    Parameters
    ----------
    actions
        In an order in which each comes after what it needs or stands in for.
    needed
        For each action whether the answers ask for it.
    effects
        As for `windows`.
    """
    chosen: dict[str, Action] = {}
    instead: dict[str, str] = {}  # of what is not taken: what is, for the same end
    for action in actions:
        if not needed[action.id] or (action.phase == "before" and not situation.ahead):
            continue
        other = instead.get(action.instead_of or "", action.instead_of)
        if other in chosen:
            found = windows([*chosen.values(), action], situation, effects)
            if not found[other].too_late or (action.settles and found[action.id].too_late):
                instead[action.id] = other
                continue
            if action.settles:
                del chosen[other]
        chosen[action.id] = action
    return list(chosen.values())


def windows(
    actions: Sequence[Action], situation: Situation, effects: Mapping[str, dt.date]
) -> dict[str, Window]:
    """Earliest and latest days of actions, each of which comes after what it needs.

    Parameters
    ----------
    effects
        For each action that was done the day from which it works.
    """
    earliest: dict[str, dt.date] = {}
    latest: dict[str, dt.date | None] = {}
    until: dict[str, dt.date | None] = {}
    late: set[str] = set()
    by_id = {action.id: action for action in actions}
    for action in actions:
        name = action.id
        needs = [need for need in action.needs if need in earliest]
        works = [works_on(by_id[need], earliest[need]) for need in needs]
        works += [effects[need] for need in action.needs if need in effects]
        earliest[name] = _earliest(action, situation, works)
        latest[name] = _latest(action, situation)
        until[name] = _end(action, situation) if action.useful_late else latest[name]
        end = until[name]
        if not late.isdisjoint(needs) or (end is not None and earliest[name] > end):
            late.add(name)
    _make_room_for_what_waits(actions, late, latest)
    return {
        name: Window(
            earliest[name],
            latest[name],
            until[name] if by_id[name].useful_late else latest[name],
            name in late,
        )
        for name in earliest
    }


def _earliest(action: Action, situation: Situation, works: list[dt.date]) -> dt.date:
    days = [situation.as_of, *works]
    if action.phase == "inside":
        days.append(situation.arrival_on)
    if action.not_before is not None and situation.release_on is not None:
        days.append(situation.release_on - action.not_before * ONE_DAY)
    return on_a_day_for(action, max(days), "forward")


def _latest(action: Action, situation: Situation) -> dt.date | None:
    target = situation.release_on
    if action.anchor == "arrival":
        after = situation.arrival_on + action.within_days * ONE_DAY
        target = after if target is None else min(after, target)
    return None if target is None else latest_before(action, target)


def _end(action: Action, situation: Situation) -> dt.date | None:
    return situation.arrival_on if action.phase == "before" else situation.release_on


def _make_room_for_what_waits(
    actions: Sequence[Action], late: set[str], latest: dict[str, dt.date | None]
) -> None:
    """What is waited for has to work before the last day of what waits for it."""
    by_id = {action.id: action for action in actions}
    for action in reversed(actions):
        last = latest[action.id]
        if action.id in late or last is None:
            continue
        for need in action.needs:
            if need in by_id and need not in late:
                own, asked = latest[need], latest_before(by_id[need], last)
                latest[need] = asked if own is None else min(own, asked)


def plan_days(
    actions: Sequence[Action], found: Mapping[str, Window], minutes_per_day: int
) -> dict[str, dt.date] | None:
    """A day for each action, in the time that the prison has; None if they do not all fit."""
    by_id = {action.id: action for action in actions}
    agenda, planned = Agenda(minutes_per_day), dict[str, dt.date]()
    for action in in_order(actions, found):
        window = found[action.id]
        works = (works_on(by_id[n], planned[n]) for n in action.needs if n in planned)
        first = on_a_day_for(action, max([window.earliest, *works]), "forward")
        if window.until is not None and first > window.until:
            return None
        day = agenda.book(action.minutes, first, window.until)
        if day is None:
            return None
        planned[action.id] = day
    return planned


def in_order(actions: Iterable[Action], found: Mapping[str, Window]) -> list[Action]:
    """What has to be done first comes first, and what is needed before what needs it."""
    left = {action.id: action for action in actions}
    ordered: list[Action] = []
    while left:
        ready = [a for a in left.values() if left.keys().isdisjoint(a.needs)]
        chosen = min(ready, key=lambda a: (found[a.id].latest or dt.date.max, -a.weight, a.id))
        ordered.append(left.pop(chosen.id))
    return ordered


def choose(
    actions: Sequence[Action], found: Mapping[str, Window], minutes_per_day: int
) -> dict[str, dt.date]:
    """The actions that matter most together and fit, with a day each.

    All of them if they fit. Otherwise the set with the highest sum of weights in which what an
    action needs is chosen too; sets are tried from what matters most down, at most `MOST_TRIED`.
    """
    if (planned := plan_days(actions, found, minutes_per_day)) is not None:
        return planned
    return _Search(actions, found, minutes_per_day).best()


class _Search:
    """Branch and bound over sets of actions."""

    def __init__(
        self, actions: Sequence[Action], found: Mapping[str, Window], minutes_per_day: int
    ) -> None:
        self.actions = _needs_first(actions)
        self.found, self.minutes = found, minutes_per_day
        self.ids = {action.id for action in actions}
        self.after = [0] * (len(actions) + 1)
        for i in range(len(actions) - 1, -1, -1):
            self.after[i] = self.after[i + 1] + self.actions[i].weight
        self.weight, self.planned = -1, dict[str, dt.date]()
        self.tried = 0

    def best(self) -> dict[str, dt.date]:
        self._from(0, [], 0, {})
        return self.planned

    def _from(
        self, place: int, chosen: list[Action], weight: int, planned: dict[str, dt.date]
    ) -> None:
        if weight > self.weight:
            self.weight, self.planned = weight, planned
        if place == len(self.actions) or weight + self.after[place] <= self.weight:
            return
        if self.tried >= MOST_TRIED:
            return
        self.tried += 1
        action = self.actions[place]
        needs = self.ids.intersection(action.needs)
        if needs <= {one.id for one in chosen}:
            with_it = plan_days([*chosen, action], self.found, self.minutes)
            if with_it is not None:
                self._from(place + 1, [*chosen, action], weight + action.weight, with_it)
        self._from(place + 1, chosen, weight, planned)


def _needs_first(actions: Sequence[Action]) -> list[Action]:
    """By weight, with what an action needs before it."""
    ordered: dict[str, Action] = {}
    by_id = {action.id: action for action in actions}

    def take(action: Action) -> None:
        for need in action.needs:
            if need in by_id and need not in ordered:
                take(by_id[need])
        ordered.setdefault(action.id, action)

    for action in sorted(actions, key=lambda a: (-a.weight, a.minutes, a.id)):
        take(action)
    return list(ordered.values())
