"""What reaching a goal would do for each kind of liberty: the same chain, with other facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import OUTCOMES, TRUE, Outcome
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.visible import visible
from risicoscreener.errors import PolicyError
from risicoscreener.reentry.plan.definition import AS_OF, Change, Goal, GoalCatalogue, codes_of
from risicoscreener.reentry.plan.measuring import plan_progress
from risicoscreener.reentry.plan.planned import Plan
from risicoscreener.reentry.plan.progress import GoalState
from risicoscreener.reentry.plan.wording import say
from risicoscreener.screening.picture.wording import kind_title
from risicoscreener.screening.render import say_date, say_outcome
from risicoscreener.texts import LANGUAGES, InWords, Lang, Section, Texts, check_language

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.screening import Screener
    from risicoscreener.screening.result import ScreeningResult

WEEK = dt.timedelta(days=7)
ALL_GOALS = "all"
OPEN: tuple[GoalState, ...] = (
    "not_started",
    "on_the_way",
    "at_risk",
    "overdue",
    "not_met",
    "refused",
    "unknown",
)
"""States of a goal that is not reached."""


class Effect(Struct, frozen=True, kw_only=True):
    """The outcome of one kind of decision if one goal were reached.

    Attributes
    ----------
    goal
        Name of the goal, or ``all``: all goals that are still open.
    """

    goal: str
    text: Texts | None
    then: Outcome
    then_text: Texts


class LibertyOutlook(Struct, frozen=True, kw_only=True):
    """One kind of decision now, and if goals were reached.

    Attributes
    ----------
    effects
        Only where the outcome would be another.
    in_the_way
        What keeps the outcome from being better now: requirements that are not met or unknown, or
        the rule that decided.
    by_rule
        Whether it is the rule that decided.
    """

    decision: str
    title: Texts
    now: Outcome
    now_text: Texts
    effects: tuple[Effect, ...]
    in_the_way: tuple[Texts, ...]
    by_rule: bool = False


class Outlook(InWords, frozen=True, kw_only=True):
    """What reaching the goals of a plan would do for liberties, as if decided on the day.

    Attributes
    ----------
    not_shown
        Goals that the facts of a dossier cannot show as reached on this day: they take time.
    """

    kind: ClassVar[str] = "risicoscreener-outlook"

    person_id: str
    as_of: dt.date
    goals: tuple[str, ...]
    liberties: tuple[LibertyOutlook, ...]
    not_shown: tuple[Texts, ...]

    def __getitem__(self, decision: str) -> LibertyOutlook:
        for one in self.liberties:
            if one.decision == decision:
                return one
        raise KeyError(decision)

    def sections(self, lang: Lang) -> list[Section]:
        """A heading with its lines."""
        lang = check_language(lang)
        days = {"person_id": self.person_id, "as_of": say_date(self.as_of, lang)}
        lines = [say("phrase", "hypothetical", lang)]
        lines += [line for one in self.liberties for line in _lines(one, lang)]
        lines += [say("phrase", "not_possible", lang, goal=t.text(lang)) for t in self.not_shown]
        return [(say("heading", "liberties", lang, **days), lines)]


def _lines(one: LibertyOutlook, lang: Lang) -> Iterator[str]:
    said = {"decision": one.title.text(lang), "now": one.now_text.text(lang)}
    if not one.effects:
        why = "; ".join(text.text(lang) for text in one.in_the_way)
        key = "same_by_rule" if one.by_rule else "same"
        if not why or one.now == "grant":
            key = "best"
        yield say("phrase", key, lang, why=why, **said)
    for effect in one.effects:
        then = effect.then_text.text(lang)
        if effect.text is None:
            yield say("phrase", "effect_all", lang, then=then, **said)
        else:
            yield say("phrase", "effect", lang, then=then, goal=effect.text.text(lang), **said)


def liberties_if_reached(
    dossier: Dossier,
    as_of: dt.date,
    *,
    plan: Plan | None = None,
    screener: Screener | None = None,
    decisions: Iterable[str] | None = None,
    catalogue: GoalCatalogue | None = None,
) -> Outlook:
    """For each kind of decision the outcome now, and if each open goal were reached.

    The dossier is screened as it was known on the day, and with the facts that there would be if
    a goal were reached. Nothing else is changed; interests of victims never are.

    Parameters
    ----------
    dossier, plan, catalogue
        As for `plan_progress`.
    screener
        Models and policies; the shipped ones by default.
    decisions
        Kinds of decision; all of the screener by default. A kind of which no policy holds on the
        day is left out.

    Raises
    ------
    DossierError, ReentryError
        As for `plan_progress`.
    PolicyError
        For a kind of decision that there is not.
    """
    from risicoscreener.screening.screener import default_screener

    known = GoalCatalogue.shipped() if catalogue is None else catalogue
    used = default_screener() if screener is None else screener
    found = plan_progress(dossier, as_of, plan=plan, catalogue=known)
    open_ = [known[name] for name in dict.fromkeys(g.goal for g in found.goals if g.state in OPEN)]
    before = as_known(dossier, as_of)
    after = {goal.id: if_reached(before, as_of, [goal]) for goal in open_}
    shown = [goal for goal in open_ if is_shown(goal, after[goal.id], as_of, known)]
    worlds: dict[str, tuple[Texts | None, Dossier]] = {
        goal.id: (goal.text, after[goal.id]) for goal in shown
    }
    if len(shown) > 1:
        worlds[ALL_GOALS] = (None, if_reached(before, as_of, shown))
    kinds = used.kinds if decisions is None else tuple(decisions)
    outlooks = (_outlook(used, kind, as_of, before, worlds) for kind in kinds)
    return Outlook(
        person_id=dossier.person_id,
        as_of=as_of,
        goals=tuple(goal.id for goal in shown),
        liberties=tuple(one for one in outlooks if one is not None),
        not_shown=tuple(goal.text for goal in open_ if goal not in shown),
    )


def _outlook(
    screener: Screener,
    kind: str,
    as_of: dt.date,
    before: Dossier,
    worlds: dict[str, tuple[Texts | None, Dossier]],
) -> LibertyOutlook | None:
    screener.route(kind)  # a kind that there is not is a mistake; one without a version is not
    try:
        now = screener.screen(before, kind, as_of=as_of)
    except PolicyError:
        return None
    effects = []
    for name, (text, dossier) in worlds.items():
        then = screener.screen(dossier, kind, as_of=as_of)
        if then.outcome != now.outcome:
            said = _outcome(then)
            effects.append(Effect(goal=name, text=text, then=then.outcome, then_text=said))
    effects.sort(key=lambda one: (one.goal != ALL_GOALS, -OUTCOMES.index(one.then)))
    lacking = tuple(one.text for one in now.requirements if one.level != "met")
    return LibertyOutlook(
        decision=kind,
        title=kind_title(screener.policies, kind, as_of, now.policy.id),
        now=now.outcome,
        now_text=_outcome(now),
        effects=tuple(effects),
        in_the_way=lacking or (now.rule.text,),
        by_rule=not lacking,
    )


def _outcome(result: ScreeningResult) -> Texts:
    return Texts(**{lang: say_outcome(result, result.outcome, lang) for lang in LANGUAGES})


def if_reached(dossier: Dossier, as_of: dt.date, goals: Iterable[Goal]) -> Dossier:
    """The dossier as it would be on a day if goals were reached: facts changed, rows recorded met.

    Parameters
    ----------
    dossier
        As it was known on the day (`as_known`).
    """
    for goal in goals:
        for change in goal.if_reached:
            rows = _changed(dossier, change, as_of)
            dossier = msgspec.structs.replace(dossier, **{change.table: rows})
        dossier = _recorded_as_met(dossier, goal.subject, as_of)
    return dossier


def is_shown(goal: Goal, dossier: Dossier, as_of: dt.date, catalogue: GoalCatalogue) -> bool:
    """Whether a dossier shows a goal as reached; what only the record tells is shown by it."""
    if not goal.measured:
        return True
    return goal.reached(catalogue.reader.values(dossier, as_of)) == TRUE


def _changed(dossier: Dossier, change: Change, as_of: dt.date) -> list[Any]:
    spec = tables()[change.table]
    rows: list[Any] = list(getattr(dossier, change.table))
    match change.do:
        case "add":
            return [*rows, spec.row(recorded_at=as_of, **_at(change.row, as_of))]
        case "weekly":
            start = str(spec.starts)
            weeks = [as_of - n * WEEK for n in range(change.weeks)]
            return rows + [spec.row(recorded_at=w, **{start: w}, **change.row) for w in weeks]
    here = {place for place, _ in visible(rows, as_of)}
    if change.do == "set":
        fields = _at(change.fields, as_of)
        return [
            msgspec.structs.replace(row, **fields)
            if place in here and _matches(row, change) and _runs(row, spec.ends, as_of)
            else row
            for place, row in enumerate(rows)
        ]
    first = as_of - dt.timedelta(days=change.last_days)
    gone = {
        place
        for place, row in enumerate(rows)
        if place in here and _matches(row, change) and getattr(row, str(spec.starts)) > first
    }
    return _without(rows, gone)


def _without(rows: list[Any], gone: set[int]) -> list[Any]:
    """Rows that stand, without those that are gone, nor what these corrected."""
    names = {rows[place].fact_id for place in gone if rows[place].fact_id is not None}
    left = [row for place, row in enumerate(rows) if place not in gone]
    replaced = {rows[place].supersedes for place in gone} - {None}
    names |= replaced
    while replaced:
        found = {row.supersedes for row in left if row.fact_id in replaced} - {None}
        replaced, names = found - names, names | found
    return [row for row in left if row.fact_id is None or row.fact_id not in names]


def _at(fields: dict[str, Any], as_of: dt.date) -> dict[str, Any]:
    return {name: as_of if value == AS_OF else value for name, value in fields.items()}


def _matches(row: Any, change: Change) -> bool:
    return all(
        getattr(row, name) in codes_of(change.table, name, codes, change.table)
        for name, codes in change.where.items()
    )


def _runs(row: Any, ends: str | None, as_of: dt.date) -> bool:
    end = None if ends is None else getattr(row, ends)
    return end is None or end > as_of


def _recorded_as_met(dossier: Dossier, subject: str, as_of: dt.date) -> Dossier:
    """The rows of a subject's goals in the plan, recorded as met."""
    here = {place for place, _ in visible(dossier.programme, as_of)}
    rows = [
        msgspec.structs.replace(row, status="met", status_on=as_of)
        if place in here and row.kind == "goal" and row.goal == subject
        else row
        for place, row in enumerate(dossier.programme)
    ]
    return msgspec.structs.replace(dossier, programme=rows)
