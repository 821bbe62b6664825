"""What is said of a plan as of a day: how far each goal is, whether the plan is there in time."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec import Struct

from risicoscreener.reentry.plan.definition import Kind
from risicoscreener.reentry.plan.wording import say
from risicoscreener.screening.render import say_date, say_number, say_percent
from risicoscreener.texts import InWords, Lang, Section, Texts, check_language

if TYPE_CHECKING:
    import pandas as pd


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


class PlanProgress(InWords, frozen=True, kw_only=True):
    """A plan as of a day: whether it is there in time, when it is reviewed, and each goal.

    Attributes
    ----------
    made_on, made_by
        When the plan was first made in this detention, and the last day for it; None if no term
        is known for the day of arrival.
    review_by
        Last day for the next review; None without a plan.
    """

    kind: ClassVar[str] = "risicoscreener-plan"

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
