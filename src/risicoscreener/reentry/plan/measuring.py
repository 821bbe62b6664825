"""Measures the goals of a plan from facts as of a day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from risicoscreener.decision.outcome import FALSE, TRUE
from risicoscreener.decision.policy import Test
from risicoscreener.dossier.visible import visible
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions.care import YES_OR_NO
from risicoscreener.reentry.conditions.situation import present_stay
from risicoscreener.reentry.plan.definition import GoalCatalogue, MadeWithin
from risicoscreener.reentry.plan.planned import Plan, Wanted, check_plan, wanted_goals
from risicoscreener.reentry.plan.progress import (
    GoalProgress,
    GoalState,
    MadeState,
    Measure,
    PlanProgress,
)
from risicoscreener.reentry.plan.wording import in_both
from risicoscreener.reentry.reading import holds
from risicoscreener.texts import Texts
from risicoscreener.victims.interests import check_day, check_dossier

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.record import Detention

LEAST_WEEKS, MOST_DAYS = 2, 30
"""Days of a course are at least so many weeks apart, and some so many."""


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
