"""What the chain says of each person on each day on which may be decided.

Screening is done before the queue is: on a meeting in some week someone has no deep assessment, or
a favourable one, or one that has expired, and for each of these the chain itself is asked. The
state of the assessment is the only thing that a simulation changes in what a dossier says; all
else (conduct, victims' interests, days until release) is the picture of that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from risicoscreener.decision import OUTCOMES
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import ImpactError, PolicyError
from risicoscreener.features.index import Index
from risicoscreener.features.many import compute_many
from risicoscreener.impact.people import Days, People
from risicoscreener.impact.policies import Course
from risicoscreener.impact.settings import Asking, Settings
from risicoscreener.screening.many import screen_many
from risicoscreener.screening.sources import FromDossiers

if TYPE_CHECKING:
    from risicoscreener.screening import Screener
    from risicoscreener.screening.route import Route
    from risicoscreener.screening.table import ScreenedTable

STATE = "deep_assessment_state"
"""The one feature that a simulation sets; a policy may read no other of deep assessments."""
NONE, ASKED, FAVOURABLE, UNFAVOURABLE, EXPIRED = range(5)
"""Values of `STATE`."""
STATES = 5
DENY, DEEP, GRANT = (OUTCOMES.index(o) for o in ("deny", "deep_assessment", "grant"))
NOT_ASKED_FOR = np.int8(-2)
"""In a table of outcomes: nobody can be in this state on this day."""

WISHES = {
    "victims_no_contact_asked": "no_contact",
    "victims_area_ban_asked": "area_ban",
    "victims_not_informed": "inform_victims",
}
"""What victims ask, as a feature, and the condition by which a liberty meets it."""


@dataclass(frozen=True, eq=False)
class KindScreens:
    """Outcomes of one kind of decision.

    Attributes
    ----------
    first, last
        For each person the first day of a meeting in their phase and the first one after it, as
        places among the meetings, shape (n,).
    offset
        Row of the first meeting of each person, shape (n,).
    outcome, met
        By state and row: position in `OUTCOMES`, and for each of `WISHES` whether it is not asked
        (or unknown) or met, shapes (5, rows) and (5, rows, 3).
    version
        Which version of the policy decides, shape (rows,).
    policies, validity_days
        Ids of the versions, and how long an outcome of each holds.
    """

    kind: str
    first: Days
    last: Days
    offset: Days
    outcome: npt.NDArray[np.int8]
    met: npt.NDArray[np.bool_]
    version: npt.NDArray[np.int16]
    policies: tuple[str, ...]
    validity_days: tuple[int, ...]

    def row(self, person: int, meeting: int) -> int:
        """Row of a person at a meeting, -1 outside their phase."""
        if not self.first[person] <= meeting < self.last[person]:
            return -1
        return int(self.offset[person] + meeting - self.first[person])


@dataclass(frozen=True, eq=False)
class Screens:
    """What the policies say of everybody on every meeting; made by `screen_days`.

    Attributes
    ----------
    people
        Those who may ask.
    meetings
        Days on which is decided, from 1970-01-01.
    kinds
        By kind of decision.
    """

    people: People
    meetings: Days
    kinds: dict[str, KindScreens]

    @property
    def rows(self) -> int:
        """Number of pictures of a person on a day, over all kinds."""
        return sum(len(kind.version) for kind in self.kinds.values())

    def check(self, settings: Settings) -> None:
        """Refuse settings of other kinds or other days.

        Raises
        ------
        ImpactError
            Naming what differs.
        """
        meetings = meetings_of(settings)
        if set(settings.kinds) != set(self.kinds):
            raise ImpactError(
                f"screened for {', '.join(self.kinds)}; expected {', '.join(settings.kinds)}"
            )
        if len(meetings) != len(self.meetings) or (meetings != self.meetings).any():
            raise ImpactError(
                "screened on other days than those of the settings; expected the same start, "
                "months, warm_up_months and decision_every_days"
            )


def meetings_of(settings: Settings) -> Days:
    """Days on which is decided, from 1970-01-01."""
    start = (settings.start - EPOCH).days
    step = settings.decision_every_days
    first = start + settings.first_day
    return np.arange(first + step, start + settings.n_days + 1, step, dtype=np.int64)


def phase_of(asking: Asking, people: People) -> tuple[Days, Days]:
    """First day on which each person may ask, and the day of release; equal for who never may."""
    begin = np.maximum(people.arrived, people.release - asking.phase_days)
    if asking.once_before_days is not None:
        due = np.where(people.conditional >= 0, people.conditional, people.release)
        begin = np.maximum(due - asking.once_before_days, people.arrived)
    may = people.sentence_days >= asking.from_sentence_days
    return np.where(may, np.minimum(begin, people.release), people.release), people.release


def screen_days(people: People, screener: Screener, settings: Settings) -> Screens:
    """Ask the chain about everybody who may ask, on every meeting, in every state.

    Parameters
    ----------
    people
        Those without a sentence of the length from which is asked are left out.
    screener
        Its models and its book of policies; the day (or the judgment) picks the version.

    Raises
    ------
    ImpactError
        If nobody may ask, or a policy reads other facts of deep assessments than their state.
    PolicyError
        If there is no such kind, or no version for a day.
    """
    asking_people = people.with_sentence_of(min(a.from_sentence_days for a in settings.asking))
    meetings = meetings_of(settings)
    asked = [_Asked(asking, asking_people, screener, meetings) for asking in settings.asking]
    assessed = np.zeros(len(asking_people), bool)
    for one in asked:
        assessed |= one.sent_on()
    return Screens(asking_people, meetings, {one.asking.kind: one.table(assessed) for one in asked})


class _Asked:
    """Pictures of one kind of decision: first without an assessment, then in other states."""

    def __init__(self, asking: Asking, people: People, screener: Screener, meetings: Days) -> None:
        self.asking, self.people = asking, people
        self.route = screener.route(asking.kind)
        book = screener.policies
        self.called = book.called if isinstance(book, Course) else {}
        _check_reads(self.route)
        begin, end = phase_of(asking, people)
        self.first = np.searchsorted(meetings, begin)
        self.last = np.maximum(np.searchsorted(meetings, end), self.first)
        counts = self.last - self.first
        self.offset = np.cumsum(counts) - counts
        self.owner = np.repeat(np.arange(len(people)), counts)
        place = np.arange(len(self.owner)) - np.repeat(self.offset, counts)
        days = meetings[np.repeat(self.first, counts) + place]
        index = Index(self.owner.astype(np.int32), days.astype(np.int32))
        self.source = _InState(self.route, FromDossiers(self.route.plan, people.dossiers, index))
        wishes = screener.definitions.plan(list(WISHES))
        asked = compute_many(wishes, people.dossiers, index.positions, index.days)
        self.wished = asked[:, [wishes.names.index(name) for name in WISHES]] >= 1
        rows = len(self.owner)
        self.outcome = np.full((STATES, rows), NOT_ASKED_FOR)
        self.met = np.ones((STATES, rows, len(WISHES)), bool)
        self.version = np.zeros(rows, np.int16)
        self._screen(NONE, np.arange(rows))

    def sent_on(self) -> npt.NDArray[np.bool_]:
        """Who is sent on to a deep assessment on some day."""
        found = np.zeros(len(self.people), bool)
        found[self.owner[self.outcome[NONE] == DEEP]] = True
        return found

    def table(self, assessed: npt.NDArray[np.bool_]) -> KindScreens:
        """All outcomes; in the other states of those who may have been assessed."""
        rows = np.flatnonzero(assessed[self.owner])
        for state in (ASKED, FAVOURABLE, UNFAVOURABLE, EXPIRED):
            if self.source.column is None:
                self.outcome[state, rows] = self.outcome[NONE, rows]
                self.met[state, rows] = self.met[NONE, rows]
            else:
                self._screen(state, rows)
        policies = [view.compiled.policy for view in self.route.policies]
        return KindScreens(
            self.asking.kind,
            self.first,
            self.last,
            self.offset,
            self.outcome,
            self.met,
            self.version,
            tuple(self.called.get(policy.id, policy.id) for policy in policies),
            tuple(policy.validity_days for policy in policies),
        )

    def _screen(self, state: int, rows: npt.NDArray[np.intp]) -> None:
        if not len(rows):
            return
        found = screen_many(self.route, self.source.at(state, rows))
        self._refuse_without_policy(found)
        self.outcome[state, rows] = found.decided.outcome
        self.met[state, rows] = self._are_met(found, rows)
        self.version[rows] = found.decided.version

    def _refuse_without_policy(self, found: ScreenedTable) -> None:
        lacking = np.flatnonzero(found.decided.version < 0)
        if len(lacking):
            day = EPOCH + dt.timedelta(days=int(found.as_of[lacking[0]]))
            held = ", ".join(view.compiled.policy.id for view in self.route.policies)
            raise PolicyError(
                f"no policy for {self.asking.kind!r} on {day}; expected days on which one of "
                f"{held} holds"
            )

    def _are_met(self, found: ScreenedTable, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        met = ~self.wished[rows]
        for version, view in enumerate(self.route.policies):
            names = [condition.id for condition in view.compiled.policy.conditions]
            of_version = found.decided.version == version
            for wish, condition in enumerate(WISHES.values()):
                if condition in names:
                    attached = found.decided.conditions[:, names.index(condition)]
                    met[of_version, wish] |= attached[of_version]
        return met


class _InState:
    """The feature values of dossiers, with deep assessments in a given state."""

    def __init__(self, route: Route, dossiers: FromDossiers) -> None:
        names = route.plan.names
        self.column = names.index(STATE) if STATE in names else None
        n = len(dossiers.days)
        self.matrix = compute_many(
            route.plan, dossiers.events.dossiers, dossiers.positions, dossiers.days
        )
        self.apart = dossiers.quarantined(slice(0, n))
        self.of = dossiers

    def at(self, state: int, rows: npt.NDArray[np.intp]) -> _Rows:
        """Some rows, as a source for the chain."""
        return _Rows(self, state, rows)


class _Rows:
    """A source of the chain: see `risicoscreener.screening.sources.Source`."""

    def __init__(self, all_rows: _InState, state: int, rows: npt.NDArray[np.intp]) -> None:
        self.all, self.state, self.rows = all_rows, state, rows
        self.person_ids = all_rows.of.person_ids.take(pa.array(rows))
        self.days = all_rows.of.days[rows]

    def values(self, rows: slice) -> npt.NDArray[np.float64]:
        """Of these rows, deep assessments in the state."""
        found = np.asfortranarray(self.all.matrix[self.rows[rows]])
        if self.all.column is not None:
            found[:, self.all.column] = self.state
        return found

    def quarantined(self, rows: slice) -> npt.NDArray[Any]:
        """As counted in the dossiers."""
        counts: npt.NDArray[Any] = self.all.apart[self.rows[rows]]
        return counts


def _check_reads(route: Route) -> None:
    """Of deep assessments a policy reads the state alone, which is what a simulation knows."""
    other = [name for name in _read_by(route) if name.startswith("deep_assessment")]
    if other:
        raise ImpactError(
            f"policies for {route.kind} read {', '.join(other)}; expected of deep assessments "
            f"{STATE} alone, which is what a simulation sets"
        )


def _read_by(route: Route) -> Sequence[str]:
    inputs = {name for view in route.policies for name in view.compiled.inputs}
    inputs |= {name for view in route.models for name in view.model.features}
    return sorted(inputs - {STATE})
