"""What is simulated: who asks, who assesses with how much time, and how decisions are taken.

Every default is an entry of ``assumptions.toml`` with a mark and a source.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from msgspec import Struct, field
from msgspec.structs import replace

from risicoscreener.errors import ImpactError

Priority = Literal["fifo", "earliest_date", "time_bound_first"]
PRIORITIES: tuple[str, ...] = get_args(Priority)
PSYCHOLOGIST = "psychologist"
NATIONAL = ""
"""Place of a team that serves all prisons."""

MOST_MONTHS = 120
MOST_REPLICATES = 1000


class Assumption(Struct, frozen=True, forbid_unknown_fields=True):
    """A value with its mark (C published, D derived, A assumed) and where it comes from."""

    value: Any
    mark: str
    source: str


@cache
def assumptions() -> dict[str, dict[str, Assumption]]:
    """Every default by section (``asking.leave``, ``assessing``, ``calendar``) and name."""
    raw = tomllib.loads((files("risicoscreener.impact") / "assumptions.toml").read_text("utf-8"))
    sections = {f"asking.{kind}": found for kind, found in raw.pop("asking").items()} | raw
    return {
        section: {name: Assumption(**entry) for name, entry in found.items()}
        for section, found in sections.items()
    }


def assumed(section: str, name: str) -> Any:
    """The value of one assumption."""
    return assumptions()[section][name].value


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks for one kind of liberty, how often, and for which day.

    Attributes
    ----------
    kind
        Kind of decision.
    per_month
        Requests a month of each person in the phase; each is for one liberty.
    once_before_days
        In place of ``per_month``: everybody asks once, so many days before the date of conditional
        release, or before the release of who has none.
    phase_days
        Requests come in the last so many days before release.
    from_sentence_days
        Of sentences of at least so many days.
    lead_days
        Fewest and most days from the request to the day for which it is wanted.
    time_bound_share, time_bound_days
        Share of the requests that are for an event (a birth, a funeral) and lost if not decided
        by then, and fewest and most days from the request to the event.
    days_out
        Days that a liberty lasts; 0: until the release.
    until_release
        Whether it ends with the detention; a conditional release does not.
    """

    kind: str
    per_month: float = 0.0
    once_before_days: int | None = None
    phase_days: int = 365
    from_sentence_days: int = 182
    lead_days: tuple[int, int] = (14, 42)
    time_bound_share: float = 0.0
    time_bound_days: tuple[int, int] = (1, 1)
    days_out: int = 1
    until_release: bool = True

    def __post_init__(self) -> None:
        place = f"asking for {self.kind!r}"
        _within(f"{place}: per_month", self.per_month, 0, 30)
        _within(f"{place}: phase_days", self.phase_days, 1, 36525)
        _within(f"{place}: time_bound_share", self.time_bound_share, 0, 1)
        _within(f"{place}: days_out", self.days_out, 0, 36525)
        for name in ("lead_days", "time_bound_days"):
            days = tuple(getattr(self, name))
            if len(days) != 2 or not 0 <= days[0] <= days[1]:
                raise ImpactError(f"{place}: {name} is {days}; expected fewest and most")
        if not self.per_month and self.once_before_days is None:
            raise ImpactError(f"{place}: nobody asks; expected per_month or once_before_days")

    @classmethod
    def of(cls, kind: str, **changes: Any) -> Asking:
        """The assumptions for a kind of decision, with changes."""
        section = f"asking.{kind}"
        found = assumptions().get(section, assumptions()["asking.other"])
        given = {name: entry.value for name, entry in found.items()}
        given = {n: tuple(v) if isinstance(v, list) else v for n, v in given.items()}
        return cls(kind=kind, **{**given, **changes})


class Assessing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a deep assessment takes, and how well it tells who should be stopped.

    Attributes
    ----------
    service_days, service_shape
        Mean and shape of the gamma distribution of the days of work; shape ``inf``: always the
        mean.
    disciplines
        Share of the assessments that each discipline makes.
    sensitivity, specificity
        Probability of an unfavourable outcome for who is dangerous under the truth, and of a
        favourable one for who is not.
    inconclusive
        Probability of neither; then it is asked again.
    valid_days
        How long an outcome holds.
    """

    service_days: float = 14.0
    service_shape: float = 2.0
    disciplines: dict[str, float] = field(default_factory=lambda: {PSYCHOLOGIST: 1.0})
    sensitivity: float = 0.7
    specificity: float = 0.7
    inconclusive: float = 0.1
    valid_days: int = 365

    def __post_init__(self) -> None:
        _within("assessing: service_days", self.service_days, 1e-6, 3650)
        if not self.service_shape > 0:
            raise ImpactError(f"assessing: service_shape is {self.service_shape}; expected above 0")
        for name in ("sensitivity", "specificity"):
            _within(f"assessing: {name}", getattr(self, name), 0, 1)
        _within("assessing: inconclusive", self.inconclusive, 0, 0.99)
        _within("assessing: valid_days", self.valid_days, 1, 36525)
        shares = self.disciplines.values()
        if not shares or any(not s > 0 for s in shares):
            raise ImpactError(
                f"assessing: disciplines are {self.disciplines}; expected a share above 0 for each"
            )

    @classmethod
    def assumed(cls, **changes: Any) -> Assessing:
        """The assumptions, with changes."""
        given = {name: entry.value for name, entry in assumptions()["assessing"].items()}
        return cls(**{**given, **changes})


class Team(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The psychologists of one place and discipline.

    Attributes
    ----------
    per_week
        Assessments that they finish a week when there is always work and nobody is away.
    place
        A prison; empty for a team that serves all prisons.
    people
        How many work beside each other; None for as many as ``per_week`` asks for at the assumed
        days of work, at least one.
    """

    per_week: float
    place: str = NATIONAL
    discipline: str = PSYCHOLOGIST
    people: int | None = None

    def __post_init__(self) -> None:
        where = self.place or "all prisons"
        _within(f"capacity of {where}: per_week", self.per_week, 1e-6, 1e6)
        if self.people is not None:
            _within(f"capacity of {where}: people", self.people, 1, 1_000_000)

    def servers(self, service_days: float) -> int:
        """How many assessments are worked on beside each other."""
        return self.people or max(1, round(self.per_week * service_days / 7))

    def service(self, service_days: float) -> float:
        """Mean days of work on one, so that together they finish ``per_week``."""
        return self.servers(service_days) * 7 / self.per_week


class Closure(Struct, frozen=True):
    """Days (inclusive) on which a share of the psychologists is at work."""

    first: dt.date
    last: dt.date
    share: float = 0.0

    def __post_init__(self) -> None:
        _within(f"closure from {self.first}: share", self.share, 0, 1)
        if self.last < self.first:
            raise ImpactError(f"a closure runs from {self.first} to {self.last}; expected first")


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything of a simulation but the people and the policies.

    Attributes
    ----------
    start, months
        First day that is reported, and number of months.
    warm_up_months
        Months simulated before it, so that the queue does not begin empty; not reported.
    asking
        One for each kind of decision; several share the psychologists.
    teams
        Who assesses; either one national team per discipline or teams by prison.
    closures
        When psychologists are away.
    priority
        Whose assessment is taken up first: ``fifo``, ``earliest_date`` (for which it is wanted) or
        ``time_bound_first``.
    decision_every_days
        Days between meetings at which is decided.
    rescreen_weeks
        Who waits is screened again after so many weeks; None for never.
    replicates, seed, level
        Number of runs with other chance, from where it is drawn, and the coverage of intervals.
    """

    start: dt.date
    months: int = 12
    warm_up_months: int = 0
    asking: tuple[Asking, ...] = ()
    teams: tuple[Team, ...] = ()
    assessing: Assessing = field(default_factory=Assessing.assumed)
    closures: tuple[Closure, ...] = ()
    priority: Priority = "fifo"
    decision_every_days: int = 7
    rescreen_weeks: int | None = 8
    replicates: int = 5
    seed: int = 1
    level: float = 0.95

    def __post_init__(self) -> None:
        _check_start(self.start)
        _whole("months", self.months, 1, MOST_MONTHS)
        _whole("warm_up_months", self.warm_up_months, 0, MOST_MONTHS)
        _whole("replicates", self.replicates, 1, MOST_REPLICATES)
        _whole("decision_every_days", self.decision_every_days, 1, 366)
        _whole("seed", self.seed, 0, 2**63 - 1)
        _within("level", self.level, 0.5, 0.9999)
        if self.rescreen_weeks is not None:
            _within("rescreen_weeks", self.rescreen_weeks, 1, 520)
        if self.priority not in PRIORITIES:
            raise ImpactError(
                f"priority is {self.priority!r}; expected one of {', '.join(PRIORITIES)}"
            )
        kinds = [asking.kind for asking in self.asking]
        if not kinds or len(set(kinds)) < len(kinds):
            raise ImpactError(f"asking is for {kinds}; expected one or more kinds, each once")
        self._check_teams()

    def _check_teams(self) -> None:
        places = [(team.place, team.discipline) for team in self.teams]
        wanted = set(self.assessing.disciplines)
        if len(set(places)) < len(places):
            raise ImpactError(f"teams are of {places}; expected each place and discipline once")
        if {discipline for _, discipline in places} != wanted:
            found = ", ".join(sorted({d for _, d in places})) or "nobody"
            raise ImpactError(
                f"teams are of {found}; expected a team of each of {', '.join(sorted(wanted))}"
            )
        if len({place == NATIONAL for place, _ in places}) > 1:
            raise ImpactError("teams are national and by prison; expected one of the two")

    @classmethod
    def of(
        cls,
        start: dt.date,
        kinds: str | Sequence[str] = "leave",
        *,
        capacity: float | Iterable[Team],
        **changes: Any,
    ) -> Settings:
        """Settings by the assumptions, with changes.

        Parameters
        ----------
        kinds
            One or more kinds of decision.
        capacity
            Assessments a week for the whole country, or teams.
        changes
            Other fields by name.

        Raises
        ------
        ImpactError
            If a value is outside its range, or teams do not fit the disciplines.
        """
        _check_start(start)
        named = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        months, before = changes.get("months", 12), changes.get("warm_up_months", 0)
        _whole("months", months, 1, MOST_MONTHS)
        _whole("warm_up_months", before, 0, MOST_MONTHS)
        assessing = changes.pop("assessing", None) or Assessing.assumed()
        given = {
            "asking": tuple(Asking.of(kind) for kind in named),
            "assessing": assessing,
            "teams": _teams(capacity, assessing),
            "closures": usual_closures(months_after(start, -before), months + before),
            "decision_every_days": assumed("calendar", "decision_every_days"),
            "rescreen_weeks": assumed("calendar", "rescreen_weeks"),
        }
        return cls(start=start, **{**given, **changes})

    def with_capacity(self, capacity: float | Iterable[Team]) -> Settings:
        """The same with other psychologists."""
        return replace(self, teams=_teams(capacity, self.assessing))

    @property
    def end(self) -> dt.date:
        """First day after the last month."""
        return months_after(self.start, self.months)

    @property
    def n_days(self) -> int:
        """Number of days that are reported."""
        return (self.end - self.start).days

    @property
    def first_day(self) -> int:
        """The first day that is simulated, counted from the start: 0, or negative."""
        return (months_after(self.start, -self.warm_up_months) - self.start).days

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of decision."""
        return tuple(asking.kind for asking in self.asking)

    @property
    def per_week(self) -> float:
        """Assessments a week of all teams together."""
        return sum(team.per_week for team in self.teams)


def _teams(capacity: float | Iterable[Team], assessing: Assessing) -> tuple[Team, ...]:
    if isinstance(capacity, (int, float)) and not isinstance(capacity, bool):
        whole = sum(assessing.disciplines.values())
        return tuple(
            Team(per_week=capacity * share / whole, discipline=name)
            for name, share in assessing.disciplines.items()
        )
    teams = () if isinstance(capacity, (str, bool)) or capacity is None else tuple(capacity)
    if not teams or not all(isinstance(team, Team) for team in teams):
        raise ImpactError(f"capacity is {capacity!r}; expected assessments a week, or teams")
    return teams


def by_prison(per_week: float, shares: dict[str, float]) -> tuple[Team, ...]:
    """Psychologists shared out over prisons.

    Parameters
    ----------
    per_week
        Assessments a week of all together.
    shares
        By prison its part of them; they need not add up to 1.

    Raises
    ------
    ImpactError
        If there are no shares above 0.
    """
    whole = sum(shares.values())
    if not whole > 0 or min(shares.values()) < 0:
        raise ImpactError(f"shares of prisons are {shares}; expected numbers above 0")
    return tuple(
        Team(per_week=per_week * share / whole, place=prison) for prison, share in shares.items()
    )


def usual_closures(start: dt.date, months: int) -> tuple[Closure, ...]:
    """Summer and the turn of the year, by the assumptions."""
    last = months_after(start, months)
    found = []
    for year in range(start.year - 1, last.year + 1):
        summer, winter = dt.date(year, 7, 15), dt.date(year, 12, 24)
        shares = assumed("calendar", "summer_share"), assumed("calendar", "winter_share")
        found.append(Closure(summer, dt.date(year, 8, 25), shares[0]))
        found.append(Closure(winter, dt.date(year + 1, 1, 1), shares[1]))
    return tuple(c for c in found if c.last >= start and c.first < last)


def months_after(day: dt.date, months: int) -> dt.date:
    """The day so many months later; the last of the month if that has fewer days.

    Raises
    ------
    ImpactError
        If the calendar has no such day.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR < year < dt.MAXYEAR:
        raise ImpactError(
            f"{months} months from {day} lies in the year {year}; expected a year from "
            f"{dt.MINYEAR + 1} to {dt.MAXYEAR - 1}"
        )
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def _check_start(start: dt.date) -> None:
    if not isinstance(start, dt.date) or isinstance(start, dt.datetime):
        raise ImpactError(f"start is {start!r}; expected a datetime.date")


def _whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ImpactError(f"{name} is {value!r}; expected a whole number from {low} to {high}")
    _within(name, value, low, high)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not isinstance(value, (int, float)) or not low <= value <= high or math.isnan(value):
        raise ImpactError(f"{name} is {value!r}; expected a number from {low:g} to {high:g}")
