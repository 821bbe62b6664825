"""One run: requests are decided at meetings, sent on to psychologists, and decided again."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import ImpactError
from risicoscreener.impact.queue import Desk, Job, WorkingTime
from risicoscreener.impact.requests import (
    TURNS,
    Requests,
    draw_assessments,
    draw_requests,
)
from risicoscreener.impact.screens import (
    ASKED,
    DEEP,
    DENY,
    EXPIRED,
    FAVOURABLE,
    GRANT,
    NONE,
    UNFAVOURABLE,
    WISHES,
    KindScreens,
    Screens,
)
from risicoscreener.impact.settings import NATIONAL, Settings

if TYPE_CHECKING:
    import pandas as pd
    import simpy

STATUSES = ("granted", "denied", "lost", "released", "waiting")
"""How a request stands at the end: exactly one of these."""
GRANTED, DENIED, LOST, RELEASED, WAITING = range(5)
ASKED_FOR, REOPENED = range(2)
"""Whether a case is of a request, or of a liberty that was withdrawn before it was taken."""


_CASE_COLUMNS = (
    "person",
    "kind",
    "asked_on",
    "wanted_on",
    "bound",
    "status",
    "ended_on",
    "needed_on",
    "repeats",
    "expired",
    "taken_on",
    "withdrawn_on",
)


class Case:
    """One request on its way; days count from the start."""

    __slots__ = (
        "asked_on",
        "bound",
        "closes",
        "due",
        "ended_on",
        "expired",
        "kind",
        "met",
        "needed_on",
        "origin",
        "person",
        "repeats",
        "status",
        "taken_on",
        "version",
        "wanted_on",
        "withdrawn_on",
    )

    def __init__(
        self, person: int, kind: int, asked_on: float, wanted_on: float, bound: bool, release: float
    ) -> None:
        self.person, self.kind = person, kind
        self.asked_on, self.wanted_on, self.bound = asked_on, wanted_on, bound
        self.closes = min(release, wanted_on) if bound else release
        self.status, self.origin = WAITING, ASKED_FOR
        self.ended_on = self.needed_on = self.taken_on = self.withdrawn_on = math.nan
        self.due = -1
        self.version = -1
        self.repeats = self.expired = 0
        self.met: tuple[bool, ...] = (True,) * len(WISHES)


@dataclass(frozen=True, eq=False)
class Run:
    """What came of one replicate.

    Attributes
    ----------
    cases, jobs
        Columns by name, a row for each request and for each deep assessment; see `Run.to_frame`.
    """

    cases: dict[str, npt.NDArray[np.float64]]
    jobs: dict[str, npt.NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.cases["person"])

    def to_frame(self) -> pd.DataFrame:
        """A row for each request, days counted from the start.

        Columns: person and kind (positions), ``asked_on``, ``wanted_on``, ``bound``, ``status`` (a
        position in `STATUSES`), ``ended_on`` (the day on which that was so), ``needed_on`` (sent on
        to a deep assessment, NaN if never), ``repeats`` (assessments asked again), ``expired`` (of
        them those after an outcome that no longer held), ``taken_on``, ``withdrawn_on``,
        ``reopened``, ``counted`` (not of the warm-up) and whether each wish of victims was met.
        """
        import pandas as pd

        return pd.DataFrame(self.cases)


def run(screens: Screens, settings: Settings, replicate: int) -> Run:
    """One replicate of a simulation.

    Raises
    ------
    ImpactError
        If a prison has no team.
    """
    requests = draw_requests(screens.people, settings, replicate)
    return _World(screens, settings, replicate, requests).run()


class _World:
    def __init__(
        self, screens: Screens, settings: Settings, replicate: int, requests: Requests
    ) -> None:
        import simpy

        self.screens, self.settings, self.requests = screens, settings, requests
        self.kinds = [screens.kinds[kind] for kind in settings.kinds]
        people, start = screens.people, (settings.start - EPOCH).days
        self.meetings = (screens.meetings - start).astype(float).tolist()
        self.release = (people.release - start).astype(float).tolist()
        self.dangerous = people.dangerous.tolist()
        self.draws = draw_assessments(len(people), settings.assessing, settings.seed, replicate)
        self.env = simpy.Environment(initial_time=settings.first_day)
        self.desks = _desks(self)
        self.place_of = _places(people.prison.tolist(), settings)
        self.cases: list[Case] = []
        self.jobs: list[Job] = []
        self.due: list[list[Case]] = [[] for _ in range(len(self.meetings) + 1)]
        self.granted: list[Case] = []
        self.changes = self._meetings_after_a_change()
        n = len(people)
        self.pending: list[Job | None] = [None] * n
        self.turn = [0] * n
        self.found = [NONE] * n
        self.valid_until = [-math.inf] * n
        self.waiting: list[list[Case]] = [[] for _ in range(n)]

    def run(self) -> Run:
        """All of it, from the first request to the last day."""
        self._take_in_requests()
        self.env.process(self._meet())
        self.env.run(until=self.settings.n_days + 1e-9)
        self._close_what_is_open()
        return Run(self._case_columns(), self._job_columns())

    # -- requests and meetings ---------------------------------------------------------------------

    def _take_in_requests(self) -> None:
        r = self.requests
        columns = (r.person, r.kind, r.asked_on, r.wanted_on, r.bound)
        for person, kind, asked, wanted, bound in zip(*(c.tolist() for c in columns), strict=True):
            case = Case(person, kind, asked, wanted, bound, self.release[person])
            self.cases.append(case)
            self._put_on_agenda(case, asked)

    def _put_on_agenda(self, case: Case, after: float) -> None:
        """The first meeting after a moment; beyond the last one there is none."""
        case.due = bisect_right(self.meetings, after)
        self.due[case.due].append(case)

    def _meet(self) -> Generator[simpy.Event, object, None]:
        for meeting, day in enumerate(self.meetings):
            yield self.env.timeout(day - self.env.now)
            if meeting in self.changes:
                self._review_all(meeting)
            for case in self.due[meeting]:
                if case.due == meeting:
                    self._decide(case, meeting)
            self.due[meeting] = []

    def _decide(self, case: Case, meeting: int) -> None:
        if case.status == GRANTED:
            self._review(case, meeting)
            return
        if case.status != WAITING or case.closes <= self.env.now:
            return
        outcome = self._screen(case, meeting)
        if outcome == GRANT:
            self._grant(case)
        elif outcome == DEEP:
            self._send_on(case)
        else:
            self._end(case, DENIED)

    def _screen(self, case: Case, meeting: int) -> int:
        """What the chain says of someone as they are today; outside their phase: no."""
        kind = self.kinds[case.kind]
        row = kind.row(case.person, meeting)
        if row < 0:
            return DENY
        state = self._state(case.person)
        case.version = int(kind.version[row])
        case.met = tuple(kind.met[state, row].tolist())
        return int(kind.outcome[state, row])

    def _state(self, person: int) -> int:
        """Of the deep assessment of someone today."""
        found = self.found[person]
        if found in (FAVOURABLE, UNFAVOURABLE):
            return found if self.env.now <= self.valid_until[person] else EXPIRED
        return ASKED if self.turn[person] else NONE

    def _end(self, case: Case, status: int) -> None:
        case.status, case.ended_on = status, self.env.now

    # -- granted, and withdrawn --------------------------------------------------------------------

    def _grant(self, case: Case) -> None:
        self._end(case, GRANTED)
        case.taken_on = max(self.env.now, case.wanted_on)
        self.granted.append(case)
        self._hold(case)

    def _hold(self, case: Case) -> None:
        """An outcome holds only so long: a liberty further away is looked at again."""
        validity = self.kinds[case.kind].validity_days[case.version]
        if case.taken_on - self.env.now > validity:
            self._put_on_agenda(case, self.env.now + validity - self.settings.decision_every_days)

    def _review_all(self, meeting: int) -> None:
        """Under a new version every liberty that was not taken yet is looked at again."""
        self.granted = [c for c in self.granted if c.taken_on > self.env.now]
        for case in list(self.granted):
            self._review(case, meeting)

    def _review(self, case: Case, meeting: int) -> None:
        if case.taken_on <= self.env.now or not math.isnan(case.withdrawn_on):
            return
        if self.release[case.person] <= self.env.now:
            return  # Who has left needs no leave: nobody withdrew it.
        outcome = self._screen(case, meeting)
        if outcome == GRANT:
            self._hold(case)
            return
        case.withdrawn_on = self.env.now
        if outcome == DEEP:
            again = Case(
                case.person, case.kind, self.env.now, case.wanted_on, case.bound,
                self.release[case.person],
            )  # fmt: skip
            again.origin = REOPENED
            self.cases.append(again)
            self._send_on(again)

    def _meetings_after_a_change(self) -> set[int]:
        """Meetings that are the first under another version, of any kind, for anybody."""
        found: set[int] = set()
        for kind in self.kinds:
            if len(set(kind.version.tolist())) > 1:
                found |= _changes(kind)
        return found

    # -- assessments -------------------------------------------------------------------------------

    def _send_on(self, case: Case) -> None:
        if math.isnan(case.needed_on):
            case.needed_on = self.env.now
        job = self.pending[case.person]
        if job is None:
            job = self._ask_for_assessment(case)
        if case not in job.waiting:
            job.waiting.append(case)
        if self.settings.rescreen_weeks is not None:
            wait = 7 * self.settings.rescreen_weeks
            self._put_on_agenda(case, self.env.now + wait - 1e-6)

    def _ask_for_assessment(self, case: Case) -> Job:
        person, turn = case.person, self.turn[case.person]
        case.repeats += turn > 0
        case.expired += self._state(person) == EXPIRED
        place = turn % TURNS
        desk = self.desks[self.place_of[person], self._discipline(person, place)]
        work = desk.mean * float(self.draws.work[person, place])
        job = Job(person, turn, self.env.now, work)
        self.turn[person] += 1
        self.pending[person] = job
        self.jobs.append(job)
        desk.take_in(job, self._key(case))
        return job

    def _discipline(self, person: int, place: int) -> str:
        shares = self.settings.assessing.disciplines
        names = list(shares)
        if len(names) == 1:
            return names[0]
        ends = np.cumsum(list(shares.values()))
        mark = self.draws.discipline[person, place] * ends[-1]
        return names[int(np.searchsorted(ends, mark, side="right"))]

    def _key(self, case: Case) -> tuple[float, ...]:
        match self.settings.priority:
            case "earliest_date":
                return (case.wanted_on, self.env.now)
            case "time_bound_first":
                return (float(not case.bound), self.env.now)
        return (self.env.now,)

    def is_wanted(self, job: Job) -> bool:
        """Whether anybody still waits for it; who has gone is passed over."""
        if any(c.status == WAITING and c.closes > self.env.now for c in job.waiting):
            return True
        self.pending[job.person] = None
        return False

    def on_done(self, job: Job) -> None:
        """Keep what it found, and put who waited for it on the agenda."""
        person, place = job.person, job.turn % TURNS
        self.pending[person] = None
        self.found[person] = self._finding(person, place)
        self.valid_until[person] = self.env.now + self.settings.assessing.valid_days
        for case in job.waiting:
            if case.status == WAITING:
                self._put_on_agenda(case, self.env.now)

    def _finding(self, person: int, place: int) -> int:
        assessing = self.settings.assessing
        if self.draws.unclear[person, place] < assessing.inconclusive:
            return ASKED
        mark = self.draws.finds[person, place]
        if self.dangerous[person]:
            return UNFAVOURABLE if mark < assessing.sensitivity else FAVOURABLE
        return FAVOURABLE if mark < assessing.specificity else UNFAVOURABLE

    # -- the end -----------------------------------------------------------------------------------

    def _close_what_is_open(self) -> None:
        horizon = float(self.settings.n_days)
        for case in self.cases:
            if case.status != WAITING:
                continue
            if case.closes <= horizon:
                lost = case.bound and case.wanted_on <= self.release[case.person]
                case.status, case.ended_on = (LOST if lost else RELEASED), case.closes
            else:
                case.ended_on = horizon

    def _case_columns(self) -> dict[str, npt.NDArray[np.float64]]:
        def column(name: str) -> npt.NDArray[np.float64]:
            return np.array([getattr(c, name) for c in self.cases], dtype=np.float64)

        columns = {name: column(name) for name in _CASE_COLUMNS}
        columns["reopened"] = column("origin")
        columns["counted"] = (columns["asked_on"] >= 0).astype(np.float64)
        met = np.array([c.met for c in self.cases], dtype=np.float64).reshape(-1, len(WISHES))
        return columns | {f"met_{wish}": met[:, i] for i, wish in enumerate(WISHES)}

    def _job_columns(self) -> dict[str, npt.NDArray[np.float64]]:
        names = ("person", "turn", "asked_on", "started_on", "done_on", "work")
        return {
            name: np.array([getattr(job, name) for job in self.jobs], dtype=np.float64)
            for name in names
        }


def _desks(world: _World) -> dict[tuple[str, str], Desk]:
    settings = world.settings
    time = WorkingTime(settings.start, settings.first_day, settings.n_days, settings.closures)
    service = settings.assessing.service_days
    return {
        (team.place, team.discipline): Desk(
            world.env, team, service, time, world.is_wanted, world.on_done
        )
        for team in settings.teams
    }


def _places(prisons: list[str], settings: Settings) -> list[str]:
    """Which place serves each person.

    Raises
    ------
    ImpactError
        If a prison has no team of some discipline.
    """
    having = {(team.place, team.discipline) for team in settings.teams}
    if any(place == NATIONAL for place, _ in having):
        return [NATIONAL] * len(prisons)
    for prison in sorted(set(prisons)):
        for discipline in settings.assessing.disciplines:
            if (prison, discipline) not in having:
                raise ImpactError(
                    f"no team of discipline {discipline!r} for {prison}; expected one for each "
                    "prison, or a national one"
                )
    return prisons


def _changes(kind: KindScreens) -> set[int]:
    """Meetings at which some person is under another version than at the one before."""
    counts = kind.last - kind.first
    place = np.arange(len(kind.version)) - np.repeat(kind.offset, counts)
    meeting = np.repeat(kind.first, counts) + place
    owner = np.repeat(np.arange(len(counts)), counts)
    other = (kind.version[1:] != kind.version[:-1]) & (owner[1:] == owner[:-1])
    return set(meeting[1:][other].tolist())
