"""The catalogue of goals and the needs that they answer, as data; checked when loaded."""

from __future__ import annotations

import datetime as dt
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from risicoscreener.decision.policy import Test
from risicoscreener.dossier.months import months_later
from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError, ReentryError, RisicoscreenerError
from risicoscreener.features.catalogue import Catalogue
from risicoscreener.features.definition import GROUPS
from risicoscreener.reentry.plan.wording import SENTENCES
from risicoscreener.reentry.reading import (
    Reader,
    check_among,
    check_once,
    holds,
    inputs_of,
    read_data,
    with_own_features,
)
from risicoscreener.texts import Texts

Kind = Literal["conduct", "reintegration"]
Days = Annotated[int, Meta(ge=1, le=36525)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,40}\Z")]
HERE = "risicoscreener.reentry.plan"
AS_OF = "@as_of"
_OF: dict[str, tuple[str, ...]] = {
    "add": ("row",),
    "weekly": ("row", "weeks"),
    "remove": ("where", "last_days"),
    "set": ("fields",),
}


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a dossier would have if a goal were reached; see ``goals.toml``."""

    do: Literal["add", "weekly", "remove", "set"]
    table: str
    row: dict[str, Any] = {}
    weeks: Annotated[int, Meta(ge=0, le=52)] = 0
    where: dict[str, tuple[str, ...]] = {}
    last_days: Annotated[int, Meta(ge=0, le=36525)] = 0
    fields: dict[str, Any] = {}


class Goal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One goal that a plan can have; see ``goals.toml`` for the fields."""

    id: Name
    kind: Kind
    subject: str
    term_days: Days
    who: str
    source: str
    text: Texts
    all: tuple[Test, ...] = ()
    any: tuple[Test, ...] = ()
    at_risk: tuple[Test, ...] = ()
    if_reached: tuple[Change, ...] = ()
    default: bool = False
    supports_leave: bool = False
    remark: Texts | None = None
    to_verify: bool = False

    @property
    def tests(self) -> tuple[Test, ...]:
        """When it is reached, all of them or any."""
        return self.all or self.any

    @property
    def measured(self) -> bool:
        """Whether facts say when it is reached; otherwise only the record of the plan does."""
        return bool(self.tests)

    def reached(self, values: dict[str, float]) -> int:
        """``TRUE``, ``FALSE`` or ``UNKNOWN``, from values of features."""
        return holds(self.tests, values, every=bool(self.all))


class Need(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A need or risk of someone, and the goals that answer it; see ``needs.toml``."""

    id: Name
    text: Texts
    all: tuple[Test, ...]
    groups: tuple[str, ...]
    goals: tuple[str, ...]
    source: str
    remark: Texts | None = None
    to_verify: bool = False


class MadeWithin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Within which term from arrival a plan must be there, for arrivals between two days."""

    source: str
    valid_from: dt.date = dt.date.min
    valid_until: dt.date = dt.date.max
    days: Days | None = None
    months: Annotated[int, Meta(ge=1, le=24)] | None = None
    remark: Texts | None = None
    to_verify: bool = False

    def last_day(self, arrived_on: dt.date) -> dt.date:
        """The last day of the term."""
        if self.days is not None:
            return arrived_on + dt.timedelta(days=self.days)
        return months_later(arrived_on, self.months or 0)


class Review(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a plan is looked at again."""

    every_days: Days
    source: str
    remark: Texts | None = None
    to_verify: bool = False


class AtRisk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By how much a goal lags behind before it is at risk, and from which part of its term on."""

    behind_share: Annotated[float, Meta(ge=0.0, le=1.0)]
    from_share: Annotated[float, Meta(ge=0.0, le=1.0)]
    source: str
    remark: Texts | None = None


class Terms(Struct, frozen=True, forbid_unknown_fields=True):
    """Terms of a plan."""

    made_within: tuple[MadeWithin, ...]
    review: Review
    at_risk: AtRisk

    def made_by(self, arrived_on: dt.date) -> MadeWithin | None:
        """The term that holds for an arrival on a day."""
        for term in self.made_within:
            if term.valid_from <= arrived_on <= term.valid_until:
                return term
        return None


class _Goals(Struct, frozen=True, forbid_unknown_fields=True):
    goals: tuple[Goal, ...]
    features: dict[str, Any] = {}


class _Needs(Struct, frozen=True, forbid_unknown_fields=True):
    needs: tuple[Need, ...]


class GoalCatalogue(Struct, frozen=True, dict=True):
    """Goals, needs and terms. Made by `shipped` or `from_files`."""

    goals: tuple[Goal, ...]
    needs: tuple[Need, ...]
    terms: Terms
    features: dict[str, Any] = {}

    @classmethod
    def shipped(cls) -> GoalCatalogue:
        """Those of the package: a reference, to be checked before any use."""
        return _shipped()

    @classmethod
    def from_files(
        cls, goals: str | Path | None = None, needs: str | Path | None = None
    ) -> GoalCatalogue:
        """Goals and needs of one's own; what is not given is what the package ships.

        Raises
        ------
        ReentryError
            If a file cannot be read, or names what there is not, with the place.
        """
        wanted = read_data(HERE, "goals.toml", _Goals, goals)
        asked = read_data(HERE, "needs.toml", _Needs, needs)
        terms = read_data(HERE, "terms.toml", Terms)
        made = cls(wanted.goals, asked.needs, terms, wanted.features)
        _check(made)
        return made

    def __getitem__(self, name: str) -> Goal:
        goal = self.by_id.get(name)
        if goal is None:
            raise ReentryError(f"goal {name!r}; expected one of {', '.join(self.by_id)}")
        return goal

    @cached_property
    def by_id(self) -> dict[str, Goal]:
        """Goals by name."""
        return {goal.id: goal for goal in self.goals}

    def default_for(self, subject: str) -> Goal:
        """The goal that is meant where a dossier names its subject only."""
        return next(goal for goal in self.goals if goal.default and goal.subject == subject)

    @cached_property
    def definitions(self) -> Catalogue:
        """The features that goals and needs read."""
        return with_own_features(self.features, "goals.toml")

    @cached_property
    def reader(self) -> Reader:
        """Reads from a dossier what goals and needs are measured by."""
        tests = [t for goal in self.goals for t in (*goal.tests, *goal.at_risk)]
        tests += [t for need in self.needs for t in need.all]
        return Reader.of(inputs_of(tests), self.definitions)


@cache
def _shipped() -> GoalCatalogue:
    return GoalCatalogue.from_files()


def _check(made: GoalCatalogue) -> None:
    names = [goal.id for goal in made.goals]
    check_once("goal", names)
    for goal in made.goals:
        _check_goal(goal)
    for subject in vocabularies()["goal"].codes:
        default = [goal.id for goal in made.goals if goal.default and goal.subject == subject]
        if len(default) != 1:
            raise ReentryError(f"subject {subject!r}: {len(default)} default goals; expected one")
    for need in made.needs:
        where = f"need {need.id!r}"
        check_among(f"{where}: goal", need.goals, set(names))
        check_among(f"{where}: group", need.groups, set(GROUPS))
        if not need.all:
            raise ReentryError(f"{where}: no tests; expected at least one")
    try:
        _ = made.reader
    except RisicoscreenerError as error:
        raise ReentryError(f"goals: {error}") from None


def _check_goal(goal: Goal) -> None:
    where = f"goal {goal.id!r}"
    check_among(f"{where}: subject", [goal.subject], set(vocabularies()["goal"].codes))
    check_among(f"{where}: who", [goal.who], SENTENCES.entries["who"])
    if goal.all and goal.any:
        raise ReentryError(f"{where}: tests in all and in any; expected one of the two")
    for change in goal.if_reached:
        check_among(f"{where}: table", [change.table], set(tables()))
        spec = tables()[change.table]
        columns = set(spec.columns)
        check_among(f"{where}: field", (*change.row, *change.where, *change.fields), columns)
        for name in _OF[change.do]:
            if not getattr(change, name):
                raise ReentryError(f"{where}: {change.do} without {name}; expected it")
        for name, codes in change.where.items():
            codes_of(change.table, name, codes, where)


def codes_of(table: str, name: str, wanted: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Codes of a field, with groups expanded."""
    known = tables()[table].columns[name].codes
    for vocabulary in vocabularies().values():
        if vocabulary.codes == known:
            try:
                return vocabulary.expand(wanted)
            except DossierError as error:
                raise ReentryError(f"{where}: {error}") from None
    raise ReentryError(f"{where}: field {name!r}; expected one that has codes")
