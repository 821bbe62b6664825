"""Goals that can be proposed to someone, from needs and risks. A person sets them, never this."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from risicoscreener.decision.outcome import FALSE, TRUE
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions.care import reason_of
from risicoscreener.reentry.plan.definition import GoalCatalogue, Need
from risicoscreener.reentry.plan.measuring import plan_progress
from risicoscreener.reentry.plan.planned import Plan
from risicoscreener.reentry.plan.wording import say
from risicoscreener.reentry.reading import holds, inputs_of
from risicoscreener.screening.render import say_date, say_percent
from risicoscreener.texts import InWords, Lang, Section, Texts, check_language

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.screening.result import ScreeningResult


class NeedFound(Struct, frozen=True, kw_only=True):
    """A need, and the values that it rests on."""

    need: str
    text: Texts
    reason: Texts
    source: str


class Proposal(Struct, frozen=True, kw_only=True):
    """One goal that can be proposed.

    Attributes
    ----------
    known
        Whether the need was found; otherwise facts are lacking, and those come first.
    weight
        Part of all contributions that raise the probability of a screening which the groups of
        the needs have, 0-1, the highest over its models; None without a screening.
    """

    goal: str
    text: Texts
    who: str
    needs: tuple[NeedFound, ...]
    known: bool
    weight: float | None
    source: str


class Proposals(InWords, frozen=True, kw_only=True):
    """Goals that can be proposed to one person as of a day, what weighs most first."""

    kind: ClassVar[str] = "risicoscreener-proposals"

    person_id: str
    as_of: dt.date
    proposals: tuple[Proposal, ...]

    def sections(self, lang: Lang) -> list[Section]:
        """A heading with its lines."""
        lang = check_language(lang)
        days = {"person_id": self.person_id, "as_of": say_date(self.as_of, lang)}
        lines = [_line(one, lang) for one in self.proposals]
        lines = lines or [say("phrase", "no_proposals", lang)]
        head = say("heading", "proposals", lang, **days)
        return [(head, [say("phrase", "a_person", lang), *lines])]


def _line(one: Proposal, lang: Lang) -> str:
    text = one.text.text(lang)
    if not one.known:
        reasons = "; ".join(need.reason.text(lang) for need in one.needs)
        return say("phrase", "find_out", lang, text=text, needs=reasons)
    needs = "; ".join(f"{n.text.text(lang)} ({n.reason.text(lang)})" for n in one.needs)
    weight = ""
    if one.weight:
        weight = say("phrase", "weight", lang, share=say_percent(one.weight, lang))
    return say("phrase", "proposal", lang, text=text, needs=needs, weight=weight)


def propose_goals(
    dossier: Dossier,
    as_of: dt.date,
    *,
    plan: Plan | None = None,
    result: ScreeningResult | None = None,
    catalogue: GoalCatalogue | None = None,
) -> Proposals:
    """Goals that answer the needs of someone and are not in the plan yet.

    Parameters
    ----------
    dossier, plan, catalogue
        As for `plan_progress`.
    result
        A screening of the person: what raises its probabilities puts goals higher.

    Returns
    -------
    Proposals
        With each goal the needs and values that it rests on. They are nobody's goals until a
        person sets them.

    Raises
    ------
    DossierError, ReentryError
        As for `plan_progress`, and if the screening is of somebody else or of another day.
    """
    known = GoalCatalogue.shipped() if catalogue is None else catalogue
    have = {one.goal for one in plan_progress(dossier, as_of, plan=plan, catalogue=known).goals}
    _check_result(result, dossier, as_of)
    values = known.reader.values(dossier, as_of)
    raised: dict[str, list[Need]] = {}
    unknown: dict[str, list[Need]] = {}
    for need in known.needs:
        found = holds(need.all, values)
        for goal in need.goals:
            if found != FALSE and goal not in have:
                (raised if found == TRUE else unknown).setdefault(goal, []).append(need)
    listed = [
        _proposal(goal, needs, values, result, known, is_known=is_known)
        for is_known, found_of in ((True, raised), (False, unknown))
        for goal, needs in found_of.items()
        if is_known or goal not in raised
    ]
    listed.sort(key=lambda one: (not one.known, -(one.weight or 0.0)))
    return Proposals(person_id=dossier.person_id, as_of=as_of, proposals=tuple(listed))


def _check_result(result: ScreeningResult | None, dossier: Dossier, as_of: dt.date) -> None:
    if result is None:
        return
    if (result.person_id, result.as_of) != (dossier.person_id, as_of):
        raise ReentryError(
            f"the screening is of {result.person_id!r} on {result.as_of}; expected one of "
            f"{dossier.person_id!r} on {as_of}"
        )


def _proposal(
    name: str,
    needs: list[Need],
    values: dict[str, float],
    result: ScreeningResult | None,
    known: GoalCatalogue,
    *,
    is_known: bool,
) -> Proposal:
    goal = known[name]
    return Proposal(
        goal=name,
        text=goal.text,
        who=goal.who,
        needs=tuple(
            NeedFound(
                need=need.id,
                text=need.text,
                reason=reason_of(inputs_of(need.all), values, known.definitions),
                source=need.source,
            )
            for need in needs
        ),
        known=is_known,
        weight=None if result is None else _weight(needs, result),
        source=goal.source,
    )


def _weight(needs: list[Need], result: ScreeningResult) -> float:
    groups = {group for need in needs for group in need.groups}
    shares = [0.0]
    for model in result.models:
        raising = {group: value for group, value in model.by_group.items() if value > 0}
        if raising:
            of_needs = sum(value for group, value in raising.items() if group in groups)
            shares.append(of_needs / sum(raising.values()))
    return max(shares)
