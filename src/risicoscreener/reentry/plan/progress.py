"""How far each goal of a plan is, from facts as of a day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import FALSE, TRUE
from risicoscreener.decision.policy import Test
from risicoscreener.errors import ReentryError
from risicoscreener.features.one import visible
from risicoscreener.reentry.conditions.care import YES_OR_NO
from risicoscreener.reentry.conditions.situation import present_stay
from risicoscreener.reentry.plan.definition import GoalCatalogue, Kind, MadeWithin
from risicoscreener.reentry.plan.planned import Plan, Wanted, check_plan, wanted_goals
from risicoscreener.reentry.plan.wording import in_both, say
from risicoscreener.reentry.reading import holds
from risicoscreener.screening.render import (
    default_language,
    say_date,
    say_number,
    say_percent,
)
from risicoscreener.texts import (
    Lang,
    Section,
    Texts,
    check_language,
    sections_as_html,
    sections_as_text,
)
from risicoscreener.victims.interests import check_day, check_dossier

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.record import Detention

GoalState = Literal[
    "not_started",
    "on_the_way",
    "reached",
    "at_risk",
    "overdue",
    "unknown",
    "refused",
    "not_met",
]
GOAL_STATES: tuple[GoalState, ...] = (
    "reached",
    "on_the_way",
    "not_started",
    "at_risk",
    "overdue",
    "not_met",
    "refused",
    "unknown",
)
MadeState = Literal["in_time", "late", "due", "overdue"]
LEAST_WEEKS, MOST_DAYS = 2, 30
KINDS: tuple[Kind, ...] = ("conduct", "reintegration")


class Measure(Struct, frozen=True, kw_only=True):
    """One test of a goal: the value now, at the day it was set, and what is needed.

    Attributes
    ----------
    value, start
        None if unknown.
    low, high
        What is needed: at least or at most.
    """

    feature: str
    text: Texts
    yes_or_no: bool
    value: float | None
    start: float | None
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """How much of what is needed is there, 0-1; None if unknown."""
        if self.value is None:
            return None
        target = self.low if self.low is not None else self.high
        assert target is not None
        if self._holds(self.value):
            return 1.0
        start = 0.0 if self.low is not None else self.start
        if start is None or start == target:
            return 0.0
        return min(max((self.value - start) / (target - start), 0.0), 1.0)

    def _holds(self, value: float) -> bool:
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return low <= value <= high

    def line(self, lang: Lang) -> str:
        """The measure in words."""
        key, bound = ("at_least", self.low) if self.low is not None else ("at_most", self.high)
        wanted = self._say(bound, lang)
        if not self.yes_or_no:
            wanted = say("phrase", key, lang, value=wanted)
        value = self._say(self.value, lang)
        return say("phrase", "measure", lang, text=self.text.text(lang), value=value, wanted=wanted)

    def _say(self, value: float | None, lang: Lang) -> str:
        if value is None:
            return say("phrase", "not_known", lang)
        if self.yes_or_no:
            return say("phrase", "yes" if value else "no", lang)
        return say_number(value, lang)


class GoalProgress(Struct, frozen=True, kw_only=True):
    """How far one goal is.

    Attributes
    ----------
    state
        ``reached`` only if facts show it, or the record of the plan where only that can tell;
        ``unknown`` if facts are lacking, or the facts and the record contradict each other.
    share
        Part that is reached, 0-1: the mean over the tests that must all hold, the highest of those
        of which one is enough; None if unknown.
    recorded, recorded_on
        What the plan in the dossier says, and since when.
    linked
        Whether the plan says which goal of the catalogue is meant; otherwise it is the default
        one of the subject.
    note
        Where the plan and the facts do not say the same.
    """

    goal: str
    kind: Kind
    subject: str
    text: Texts
    who: str
    set_on: dt.date
    due_on: dt.date
    state: GoalState
    share: float | None
    measures: tuple[Measure, ...]
    recorded: str | None
    recorded_on: dt.date | None
    linked: bool
    note: Texts | None
    supports_leave: bool
    source: str
    to_verify: bool

    def line(self, lang: Lang) -> str:
        """The goal in one line."""
        share = ""
        if self.share is not None and self.state not in ("reached", "refused", "not_met"):
            said = say_percent(self.share, lang)
            share = say("phrase", "share", lang, share=said)
        line = say(
            "phrase",
            "goal",
            lang,
            text=self.text.text(lang),
            state=say("state", self.state, lang),
            share=share,
            set=say_date(self.set_on, lang),
            due=say_date(self.due_on, lang),
            who=say("who", self.who, lang),
        )
        more = [measure.line(lang) for measure in self.measures]
        more += [] if self.note is None else [self.note.text(lang)]
        return f"{line}. {'; '.join(more)}" if more else line


class PlanProgress(Struct, frozen=True, kw_only=True):
    """A plan as of a day: whether it is there in time, when it is reviewed, and each goal.

    Attributes
    ----------
    made_on, made_by
        When the plan was first made in this detention, and the last day for it; None if no term
        is known for the day of arrival.
    review_by
        Last day for the next review; None without a plan.
    """

    person_id: str
    as_of: dt.date
    arrived_on: dt.date
    made_on: dt.date | None
    made_by: dt.date | None
    made_state: MadeState | None
    made_source: str | None
    review_by: dt.date | None
    review_state: Literal["due", "overdue"] | None
    goals: tuple[GoalProgress, ...]

    def __getitem__(self, goal: str) -> GoalProgress:
        for one in self.goals:
            if one.goal == goal:
                return one
        raise KeyError(goal)

    def counts(self) -> dict[str, int]:
        """Number of goals in each state that occurs."""
        found = [one.state for one in self.goals]
        return {state: found.count(state) for state in GOAL_STATES if state in found}

    def text(self, lang: Lang = "nl") -> str:
        """The plan as plain text, in ``nl`` or ``en``."""
        return sections_as_text(self.sections(lang))

    def _repr_html_(self) -> str:
        lang = default_language()
        return sections_as_html(self.sections(lang), lang, "risicoscreener-plan")

    def sections(self, lang: Lang) -> list[Section]:
        """Headings with their lines."""
        lang = check_language(lang)
        days = {"person_id": self.person_id, "as_of": say_date(self.as_of, lang)}
        found: list[Section] = [(say("heading", "plan", lang, **days), list(self.about(lang)))]
        for kind in KINDS:
            lines = [one.line(lang) for one in self.goals if one.kind == kind]
            nothing = [say("phrase", "none", lang)]
            found.append((say("heading", kind, lang), lines or nothing))
        return found

    def about(self, lang: Lang) -> Iterator[str]:
        """Whether the plan is there in time, and when it is reviewed."""
        if self.made_state is not None:
            assert self.made_by is not None
            made = "" if self.made_on is None else say_date(self.made_on, lang)
            yield say("made", self.made_state, lang, made=made, due=say_date(self.made_by, lang))
        if self.review_by is not None and self.review_state is not None:
            yield say("review", self.review_state, lang, day=say_date(self.review_by, lang))

    def to_dict(self) -> dict[str, Any]:
        """Dictionaries, lists, numbers and text."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def to_frame(self, lang: Lang = "nl") -> pd.DataFrame:
        """A row for each goal."""
        import pandas as pd

        lang = check_language(lang)
        rows = [
            (
                *(self.person_id, self.as_of, one.goal, one.kind, one.subject),
                *(one.text.text(lang), one.state, one.share, one.set_on, one.due_on),
                *(one.who, one.recorded, one.source),
            )
            for one in self.goals
        ]
        names = ["person_id", "as_of", "goal", "kind", "subject", "text", "state", "share"]
        return pd.DataFrame(rows, columns=[*names, "set_on", "due_on", "who", "recorded", "source"])


def plan_progress(
    dossier: Dossier,
    as_of: dt.date,
    *,
    plan: Plan | None = None,
    catalogue: GoalCatalogue | None = None,
) -> PlanProgress:
    """How far someone's plan is, from the facts that were known on a day.

    Parameters
    ----------
    dossier
        A valid dossier. Its goals are the rows of ``programme`` of the kind ``goal``.
    plan
        Which goals of the catalogue were set; without it each row stands for the default goal of
        its subject.
    catalogue
        Goals and terms; the shipped ones by default.

    Raises
    ------
    DossierError
        For what is no dossier or no day.
    ReentryError
        If the person is not in detention on the day, or the plan is of somebody else.
    """
    check_dossier(dossier)
    check_day(as_of)
    known = GoalCatalogue.shipped() if catalogue is None else catalogue
    stay = _stay(dossier, as_of)
    if plan is not None:
        check_plan(plan, known)
        if plan.person_id != dossier.person_id:
            raise ReentryError(
                f"the plan is of {plan.person_id!r}; expected one of {dossier.person_id!r}"
            )
    values = known.reader.values(dossier, as_of)
    wanted = wanted_goals(dossier, stay, as_of, plan, known)
    made_on = _made_on(dossier, stay, as_of)
    term = known.terms.made_by(stay.arrived_on)
    review = None if made_on is None else _review_by(dossier, stay, as_of, known)
    return PlanProgress(
        person_id=dossier.person_id,
        as_of=as_of,
        arrived_on=stay.arrived_on,
        made_on=made_on,
        made_by=None if term is None else term.last_day(stay.arrived_on),
        made_state=_made_state(term, stay, made_on, as_of),
        made_source=None if term is None else term.source,
        review_by=review,
        review_state=None if review is None else ("due" if as_of <= review else "overdue"),
        goals=tuple(_Measurer(dossier, as_of, known, values).progress(one) for one in wanted),
    )


def progress_over(
    dossier: Dossier,
    days: Iterable[dt.date],
    *,
    plan: Plan | None = None,
    catalogue: GoalCatalogue | None = None,
) -> tuple[PlanProgress, ...]:
    """The plan on each of some days, each with what was known on that day."""
    return tuple(plan_progress(dossier, day, plan=plan, catalogue=catalogue) for day in days)


def days_of_course(
    dossier: Dossier, as_of: dt.date, every_days: int | None = None
) -> list[dt.date]:
    """Days from arrival to a day, so many days apart and with the day itself.

    By default two weeks, or so many weeks more that there are some thirty days.

    Raises
    ------
    ReentryError
        If the person is not in detention on the day, or the days are not a positive number apart.
    """
    if every_days is not None and every_days < 1:
        raise ReentryError(f"every_days {every_days}; expected at least 1")
    length = (as_of - _stay(dossier, as_of).arrived_on).days
    weeks = max(LEAST_WEEKS, -(-length // (7 * MOST_DAYS)))
    back = range(0, length + 1, every_days or 7 * weeks)
    return [as_of - dt.timedelta(days=n) for n in reversed(back)]


def _stay(dossier: Dossier, as_of: dt.date) -> Detention:
    stay = present_stay(dossier, as_of)
    if stay is None:
        raise ReentryError(f"{dossier.person_id} is not in detention on {as_of}; expected a stay")
    return stay


def _in_stay(dossier: Dossier, stay: Detention, as_of: dt.date, kinds: Sequence[str]) -> list[Any]:
    return [
        row
        for _, row in visible(dossier.programme, as_of)
        if row.kind in kinds and stay.arrived_on <= row.occurred_on <= as_of
    ]


def _made_on(dossier: Dossier, stay: Detention, as_of: dt.date) -> dt.date | None:
    rows = _in_stay(dossier, stay, as_of, ("plan_made",))
    return min((row.occurred_on for row in rows), default=None)


def _made_state(
    term: MadeWithin | None, stay: Detention, made_on: dt.date | None, as_of: dt.date
) -> MadeState | None:
    if term is None:
        return None
    last = term.last_day(stay.arrived_on)
    if made_on is None:
        return "due" if as_of <= last else "overdue"
    return "in_time" if made_on <= last else "late"


def _review_by(dossier: Dossier, stay: Detention, as_of: dt.date, known: GoalCatalogue) -> dt.date:
    """So many days after the plan was last made anew or the status of a goal was noted."""
    rows = _in_stay(dossier, stay, as_of, ("plan_made", "goal"))
    looked = [row.occurred_on for row in rows if row.kind == "plan_made"]
    looked += [row.status_on for row in rows if row.status_on and row.status_on <= as_of]
    return max(looked) + dt.timedelta(days=known.terms.review.every_days)


class _Measurer:
    def __init__(
        self, dossier: Dossier, as_of: dt.date, known: GoalCatalogue, values: dict[str, float]
    ) -> None:
        self.dossier, self.as_of, self.known, self.values = dossier, as_of, known, values

    def progress(self, wanted: Wanted) -> GoalProgress:
        goal, row = wanted.goal, wanted.row
        recorded = recorded_on = None
        if row is not None and row.status_on is not None and row.status_on <= self.as_of:
            recorded, recorded_on = row.status, row.status_on
        measures = self._measures(wanted)
        shares = [measure.share for measure in measures]
        share = None
        if shares and None not in shares:
            each = [s for s in shares if s is not None]
            share = sum(each) / len(each) if goal.all else max(each)
        state, note = self._state(wanted, recorded, share)
        return GoalProgress(
            goal=goal.id,
            kind=goal.kind,
            subject=goal.subject,
            text=goal.text,
            who=goal.who,
            set_on=wanted.set_on,
            due_on=wanted.due_on,
            state=state,
            share=share,
            measures=measures,
            recorded=recorded,
            recorded_on=recorded_on,
            linked=wanted.linked,
            note=None if note is None else in_both("note", note),
            supports_leave=goal.supports_leave,
            source=goal.source,
            to_verify=goal.to_verify,
        )

    def _measures(self, wanted: Wanted) -> tuple[Measure, ...]:
        if not wanted.goal.measured:
            return ()
        start = self.known.reader.values(self.dossier, wanted.set_on)
        return tuple(self._measure(test, start) for test in wanted.goal.tests)

    def _measure(self, test: Test, start: dict[str, float]) -> Measure:
        feature = self.known.definitions[test.input]
        return Measure(
            feature=test.input,
            text=Texts(nl=feature.text["nl"], en=feature.text["en"]),
            yes_or_no=feature.unit == YES_OR_NO,
            value=_known(self.values[test.input]),
            start=_known(start[test.input]),
            low=test.min,
            high=test.max,
        )

    def _state(
        self, wanted: Wanted, recorded: str | None, share: float | None
    ) -> tuple[GoalState, str | None]:
        """The state, and where the plan and the facts do not say the same."""
        goal = wanted.goal
        if not goal.measured:
            return self._by_record(wanted, recorded), "by_record"
        found = goal.reached(self.values)
        if recorded in ("refused", "not_met") and found == TRUE:
            return "unknown", "reached_inspite"
        if recorded == "refused":
            return "refused", None
        if recorded == "met" and found != TRUE:
            return "unknown", "contradictory" if found == FALSE else "not_shown"
        if found == TRUE:
            return "reached", None if recorded == "met" else "not_recorded"
        if found != FALSE:
            return "unknown", None
        if recorded == "not_met":
            return "not_met", None
        return self._open(wanted, share), None

    def _by_record(self, wanted: Wanted, recorded: str | None) -> GoalState:
        if recorded in ("met", "not_met", "refused"):
            states: dict[str, GoalState] = {"met": "reached", "not_met": "not_met"}
            return states.get(recorded, "refused")
        if self.as_of > wanted.due_on:
            return "overdue"
        return "unknown" if recorded is None else "on_the_way"

    def _open(self, wanted: Wanted, share: float | None) -> GoalState:
        """The state of a goal that is not reached, nor given up."""
        if self.as_of > wanted.due_on:
            return "overdue"
        risk = wanted.goal.at_risk
        if risk and holds(risk, self.values, every=False) == TRUE:
            return "at_risk"
        term = (wanted.due_on - wanted.set_on).days
        passed = (self.as_of - wanted.set_on).days / term if term else 1.0
        rule = self.known.terms.at_risk
        if passed > rule.from_share and passed - (share or 0.0) > rule.behind_share:
            return "at_risk"
        return "on_the_way" if share else "not_started"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
