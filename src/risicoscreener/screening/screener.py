"""The loaded chain: a bundle, the policies and the feature definitions, ready to screen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from risicoscreener.decision import PolicyBook
from risicoscreener.dossier.reading import MAX_BYTES, read_dossier, read_dossier_leniently
from risicoscreener.dossier.schema import EARLIEST, tables
from risicoscreener.errors import DossierError, PolicyError, RisicoscreenerError
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.models import Bundle
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.screening.route import Route

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

    from risicoscreener.dossier import Dossier, DossierTables
    from risicoscreener.dossier.reading import Source
    from risicoscreener.screening.over_days import ScreenedOverDays
    from risicoscreener.screening.result import ScreeningResult
    from risicoscreener.screening.table import ScreenedTable

OnError = Literal["raise", "quarantine"]
DEFAULT_DECISION = "leave"
_LOADING = RLock()
"""One thread loads at a time: two that show msgspec the same type for the first time can crash."""


@dataclass(frozen=True)
class Screener:
    """Models, policies and feature definitions that screen dossiers.

    Safe to share between threads and to send to other processes. `Screener.load()` takes what the
    package ships.

    Parameters
    ----------
    bundle
        The models.
    policies
        The dated policies of each kind of decision.
    definitions
        The features; the models must have been fitted with the same definitions.
    today
        What day it is: a fact that was recorded later, and a picture of a later day, are refused,
        since a picture is of what is known. The day of the machine by default.

    Raises
    ------
    BundleError
        If a feature of the models is defined differently, not at all, or made of facts about
        victims.

    Examples
    --------
    >>> screener = Screener.load()
    >>> sorted(screener.kinds)
    ['conditional_release', 'leave', 'low_security']
    """

    bundle: Bundle
    policies: PolicyBook
    definitions: Catalogue = field(default_factory=catalogue)
    today: Callable[[], dt.date] = field(default=dt.date.today, repr=False, compare=False)
    _routes: dict[str, Route] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )

    def __post_init__(self) -> None:
        known = [name for name in self.bundle.features if name in self.definitions]
        self.bundle.check_definitions(self.definitions.plan(known).digests)
        self.bundle.check_no_victims(self.definitions)

    @classmethod
    def load(
        cls,
        bundle: str | os.PathLike[str] | bytes | None = None,
        policies: str | Path | None = None,
        definitions: Catalogue | None = None,
        *,
        today: Callable[[], dt.date] = dt.date.today,
    ) -> Screener:
        """A screener from files; what is not given is what the package ships.

        Raises
        ------
        BundleError
            If the bundle is damaged, altered, or does not reproduce its own numbers.
        PolicyError
            If a policy cannot be understood.
        """
        with _LOADING:
            return cls(
                Bundle.load(shipped_bundle_bytes() if bundle is None else bundle),
                PolicyBook.shipped() if policies is None else PolicyBook.from_directory(policies),
                catalogue() if definitions is None else definitions,
                today,
            )

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of decision that it knows."""
        return self.policies.kinds()

    def route(self, decision: str) -> Route:
        """Features, models and policy versions of a kind of decision, compiled once.

        Raises
        ------
        PolicyError
            If there is no policy of that kind, or one that cannot be used with this bundle.
        """
        if not isinstance(decision, str):
            raise PolicyError(f"decision is {decision!r}; expected one of {', '.join(self.kinds)}")
        route = self._routes.get(decision)
        if route is None:  # of two threads that get here, both use what the first has made
            made = Route(decision, self.policies, self.bundle, self.definitions)
            route = self._routes.setdefault(decision, made)
        return route

    def screen(
        self,
        source: Source,
        decision: str = DEFAULT_DECISION,
        *,
        as_of: dt.date | str | None = None,
        on_error: OnError = "raise",
    ) -> ScreeningResult:
        """Screen one dossier.

        Parameters
        ----------
        source
            JSON (bytes or text), a mapping of plain values, or a `Dossier`.
        decision
            Kind of decision, such as ``leave``, ``low_security`` or ``conditional_release``.
        as_of
            Day of the picture; only facts recorded by then count. **By default the day of the
            latest recorded fact, which is not today**: the same dossier gives the same answer on
            every later day, and what time alone changes since (a sentence that ends, a version of
            the policy, a term that passes) is not seen. Who decides today gives today.
        on_error
            ``raise`` on any problem, or ``quarantine``: set bad rows apart, say so in the result,
            and never grant.

        Raises
        ------
        DossierError
            If it is no valid dossier, or ``as_of`` is no day that can be meant.
        PolicyError
            If there is no such kind of decision, or no version of its policy for that day.
        """
        route, today = self.route(decision), self.today()
        result = screen_at_once(route, source, as_of, on_error, today)
        if result is not None:
            return result
        dossier, quarantined = read_source(source, on_error, today)
        day = day_of_picture(dossier, as_of, today=today)
        return route.screen_one(dossier, day, quarantined)

    def screen_many(
        self,
        dossiers: DossierTables | Mapping[str, Any],
        decision: str = DEFAULT_DECISION,
        index: Any = None,
        *,
        n_threads: int | None = None,
        on_block: Callable[[int, int], None] | None = None,
    ) -> ScreenedTable:
        """Screen many dossiers; the same answers as `screen`, as columns.

        Parameters
        ----------
        dossiers
            Validated tables, or frames of any library by table name, which are validated: see
            `DossierTables.from_frames`.
        index
            For whom on which day: a frame of any library with ``person_id`` and ``as_of``, an
            `Index`, or one day for everyone; today by default. Days have no time and no zone.
        n_threads
            Threads that work at once; the number of processors by default.
        on_block
            Called with the number of rows just done and the number of all rows.

        Raises
        ------
        DossierError
            If the dossiers or the index are not valid.
        PolicyError
            As for `screen`.
        """
        from risicoscreener.screening.many import screen_many, tables_of
        from risicoscreener.screening.sources import FromDossiers

        today = self.today()
        at = today if index is None else index
        if isinstance(at, (str, dt.date)):
            at = check_day(at, today=today)
        route = self.route(decision)
        source = FromDossiers(route.plan, tables_of(dossiers, today), at, today=today)
        return screen_many(route, source, n_threads=n_threads, on_block=on_block)

    def screen_over_days(
        self,
        dossiers: DossierTables | Mapping[str, Any],
        decision: str = DEFAULT_DECISION,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
        *,
        only_changes: bool = False,
        people_at_once: int | None = None,
        n_threads: int | None = None,
    ) -> ScreenedOverDays:
        """Screen everybody on each day from the first to the last; the answers of `screen_many`.

        Facts are not read anew for each day, and no more than a few tables are in memory at once.

        Parameters
        ----------
        dossiers
            As for `screen_many`.
        first, last
            The days, both included. The last is today by default, the first 364 days before it.
        only_changes
            Of each person the first day alone, and each day on which the outcome is another than
            the day before.
        people_at_once
            People in a table; by default as many as make some 130,000 rows.
        n_threads
            Threads that work at once; the number of processors by default.

        Returns
        -------
        ScreenedOverDays
            Tables of people, to iterate over, or to write to a Parquet file.

        Raises
        ------
        DossierError
            If the dossiers are not valid, a day has yet to come or lies before the birth of
            someone, or the first lies after the last.
        PolicyError
            As for `screen`.
        """
        from risicoscreener.screening.many import tables_of
        from risicoscreener.screening.over_days import ScreenedOverDays

        today = self.today()
        end = check_day(today if last is None else last, "last", today=today)
        before = end - dt.timedelta(days=364)
        begin = check_day(before if first is None else first, "first", today=today)
        return ScreenedOverDays(
            self.route(decision),
            tables_of(dossiers, today),
            begin,
            end,
            only_changes=only_changes,
            people_at_once=people_at_once,
            n_threads=n_threads,
        )

    def screen_features(
        self,
        frame: pd.DataFrame,
        decision: str = DEFAULT_DECISION,
        as_of: dt.date | str | None = None,
    ) -> ScreenedTable:
        """Screen people of whom there is a table of features instead of dated facts.

        For research data that has counts only. A feature without a column is unknown, and
        unknown never grants: a policy that asks for what the table does not have denies.

        Parameters
        ----------
        frame
            One row for each person, its index their ids; numeric columns named after features
            that the policy or its models read, NaN for unknown.
        as_of
            Day of the picture, which picks the version of the policy; today by default.

        Raises
        ------
        FeatureError
            For a column that nothing reads, or that holds no finite numbers.
        PolicyError
            As for `screen`.
        """
        from risicoscreener.screening.many import screen_many
        from risicoscreener.screening.sources import FromFeatures

        route = self.route(decision)
        today = self.today()
        day = today if as_of is None else check_day(as_of, today=today)
        return screen_many(route, FromFeatures(route.plan, frame, day))


def screen_at_once(
    route: Route, source: Source, as_of: dt.date | str | None, on_error: str, today: dt.date
) -> ScreeningResult | None:
    """The result by the compiled library; None where it cannot, or something is wrong."""
    if not isinstance(source, bytes):
        if not isinstance(source, str):
            return None
        source = source.encode("utf-8", "surrogatepass")
    if len(source) > MAX_BYTES or on_error not in ("raise", "quarantine"):
        return None
    try:
        day = None if as_of is None else check_day(as_of, today=today)
    except DossierError:
        return None
    return route.screen_at_once(source, day, today)


def read_source(source: Source, on_error: str, today: dt.date) -> tuple[Dossier, int]:
    """A dossier, and how many of its rows were set apart; none was recorded after today.

    Raises
    ------
    DossierError
        If it is no valid dossier.
    """
    if on_error == "raise":
        return read_dossier(source, recorded_by=today), 0
    if on_error != "quarantine":
        raise RisicoscreenerError(f"on_error is {on_error!r}; expected 'raise' or 'quarantine'")
    dossier, problems = read_dossier_leniently(source, recorded_by=today)
    return dossier, len({(problem.table, problem.row) for problem in problems})


def latest_day(dossier: Dossier, *, today: dt.date | None = None) -> dt.date:
    """The day of the latest recorded fact; today if there is none."""
    latest = dt.date.min
    for name in tables():
        for row in getattr(dossier, name):
            latest = max(latest, row.recorded_at)
    return _today(today) if latest == dt.date.min else latest


def day_of_picture(
    dossier: Dossier, as_of: dt.date | str | None, *, today: dt.date | None = None
) -> dt.date:
    """The day of a picture of someone; that of the latest recorded fact by default.

    Parameters
    ----------
    dossier, as_of
        As for `Screener.screen`.
    today
        The last day that a picture can be of; the day of the machine by default.

    Raises
    ------
    DossierError
        If it is no day that can be meant, or lies before the birth.
    """
    day = latest_day(dossier, today=today) if as_of is None else check_day(as_of, today=today)
    born = dossier.person.birth_date
    if day < born:
        raise DossierError(
            f"as_of is {day}, before the birth of {dossier.person_id} on {born}; "
            "expected a day of the detention"
        )
    return day


def _today(given: dt.date | None) -> dt.date:
    return dt.date.today() if given is None else given


def check_day(
    given: dt.date | str, name: str = "as_of", *, today: dt.date | None = None
) -> dt.date:
    """A day from a date or ISO text.

    Parameters
    ----------
    name
        What it is called where it was given.
    today
        The last day that it can be; the day of the machine by default.

    Raises
    ------
    DossierError
        If it is none, lies before 1900, or has yet to come.
    """
    day = _day_of_text(given, name) if isinstance(given, str) else given
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        raise DossierError(f"{name} is {given!r}; expected a date, without a time")
    if not EARLIEST <= day <= _today(today):
        raise DossierError(
            f"{name} is {day}; expected a day from {EARLIEST} up to and including today, since a "
            "picture is of what is known"
        )
    return day


def _day_of_text(text: str, name: str) -> dt.date:
    """A day from YYYY-MM-DD alone: no week dates and no days without dashes, as in a dossier."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise DossierError(f"{name} is {text!r}; expected a day as YYYY-MM-DD")
    return day


def default_screener() -> Screener:
    """The screener with what the package ships, loaded once."""
    with _LOADING:  # or threads that start together would each load one
        return _default_screener()


@cache
def _default_screener() -> Screener:
    return Screener.load()


def screen(
    source: Source,
    decision: str = DEFAULT_DECISION,
    *,
    as_of: dt.date | str | None = None,
    on_error: OnError = "raise",
) -> ScreeningResult:
    """Screen one dossier with the shipped models and policies; see `Screener.screen`.

    They are reference policies and models fitted on synthetic people: not for decisions about
    people. Without ``as_of`` the picture is of the day of the latest recorded fact, not of today.
    """
    return default_screener().screen(source, decision, as_of=as_of, on_error=on_error)


def screen_many(
    dossiers: DossierTables | Mapping[str, Any],
    decision: str = DEFAULT_DECISION,
    index: Any = None,
    *,
    n_threads: int | None = None,
    on_block: Callable[[int, int], None] | None = None,
) -> ScreenedTable:
    """Screen many dossiers with the shipped models and policies; see `Screener.screen_many`."""
    return default_screener().screen_many(
        dossiers, decision, index, n_threads=n_threads, on_block=on_block
    )
