"""What is drawn in each lane."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from risicoscreener.dossier.record import Conviction, Dossier, Liberty
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.report.timeline.canvas import Picture, in_force, sheet


def _bars(name: str, code: str) -> Any:
    return sheet()["bars"][name][code]


def _marks(name: str) -> Any:
    return sheet()["marks"][name]


def _cases(picture: Picture, dossier: Dossier) -> None:
    for case, faint in picture.versions(dossier.convictions):
        name = "violent_case" if _is_violent(case) else "case"
        size, at = (
            sheet()["looks"]["case_area"] * (1 + case.severity),
            (case.severity - 3) / 4.0,
        )
        style, label = _marks(name), picture.text(name)
        edge = {}
        if case.index_offence:
            edge = {"edgecolors": "black", "linewidths": 1.8}
            label = picture.text("index_case")
        picture.mark("cases", style, case.offence_on, faint, label, s=size, at=at, **edge)


def _is_violent(case: Conviction) -> bool:
    return case.offence_class in vocabularies()["offence_class"].groups["violent"]


def _stays(picture: Picture, dossier: Dossier) -> None:
    for stay, faint in picture.versions(dossier.detentions):
        style, label = _bars("regime", stay.regime), picture.label("regime", stay.regime)
        picture.bar("stays", style, stay.arrived_on, stay.released_on, faint, label)


def _programme(picture: Picture, dossier: Dossier) -> None:
    _regime_steps(picture, dossier)
    for fact, faint in picture.versions(dossier.programme):
        if fact.kind == "plan_made":
            label = picture.text("plan_made")
            picture.mark("programme", _marks("plan_made"), fact.occurred_on, faint, label)
        elif fact.kind == "goal" and fact.status in _GOALS and fact.status_on is not None:
            name = _GOALS[fact.status]
            picture.mark("programme", _marks(name), fact.status_on, faint, picture.text(name))


_GOALS = {"met": "goal_met", "not_met": "goal_not_met", "refused": "goal_not_met"}


def _regime_steps(picture: Picture, dossier: Dossier) -> None:
    """The plus and basic programme, from one step to the next or the end of the stay."""
    moves = sorted(
        (
            (fact.occurred_on, fact, faint)
            for fact, faint in picture.versions(dossier.programme)
            if fact.kind in ("promotion", "degradation")
        ),
        key=lambda move: move[0],
    )
    for place, (begin, fact, faint) in enumerate(moves):
        end = moves[place + 1][0] if place + 1 < len(moves) else picture.last
        end = min([end, *_releases_after(dossier, begin)])
        name = "plus" if fact.kind == "promotion" else "basic"
        style = _bars("programme", name)
        picture.bar("programme", style, begin, end, faint, picture.text(name), part=0.45)


def _releases_after(dossier: Dossier, day: dt.date) -> list[dt.date]:
    stays = in_force(dossier.detentions)
    return [s.released_on for s in stays if s.released_on is not None and s.released_on >= day]


def _conduct(picture: Picture, dossier: Dossier) -> None:
    for fact, faint in picture.versions(dossier.conduct):
        name = _conduct_mark(fact.kind, fact.grade)
        if name is not None:
            picture.mark("conduct", _marks(name), fact.occurred_on, faint, picture.text(name))


def _conduct_mark(kind: str, grade: str) -> str | None:
    if kind == "positive_act":
        return "positive_act"
    if grade == "desired":
        return None
    return f"incident_{grade}" if kind == "incident" else "review"


def _liberties(picture: Picture, dossier: Dossier) -> None:
    for fact, faint in picture.versions(dossier.liberties):
        if fact.started_on is not None:
            _movement(picture, fact, fact.started_on, faint)
        elif fact.decision in ("denied", "withdrawn") and fact.decided_on is not None:
            label = picture.text("denied")
            picture.mark("liberties", _marks("denied"), fact.decided_on, faint, label)
        else:
            label = picture.text("asked")
            picture.mark("liberties", _marks("asked"), fact.asked_on, faint, label)


def _movement(picture: Picture, fact: Liberty, started_on: dt.date, faint: bool) -> None:
    style, label = _bars("other", "liberty"), picture.text("liberty")
    picture.bar("liberties", style, started_on, fact.ended_on, faint, label, part=0.35, at=0.3)
    _outcome(picture, "liberties", "liberty_outcome", fact.outcome, fact.ended_on, faint)


def _assessments(picture: Picture, dossier: Dossier) -> None:
    for fact, faint in picture.versions(dossier.assessments):
        style, label = _bars("other", "assessment"), picture.text("assessment_open")
        picture.bar("assessments", style, fact.asked_on, fact.done_on, faint, label, part=0.25)
        _outcome(picture, "assessments", "assessment_outcome", fact.outcome, fact.done_on, faint)


def _outcome(
    picture: Picture, lane: str, kind: str, outcome: str | None, day: dt.date | None, faint: bool
) -> None:
    if outcome is not None and day is not None:
        style = sheet()["marks"][kind][outcome]
        picture.mark(lane, style, day, faint, picture.label(kind, outcome))


def _victims(picture: Picture, dossier: Dossier) -> None:
    for fact, faint in picture.versions(dossier.victims):
        name = "victim_known" if fact.interest == "known" else "victim_none"
        picture.mark("victims", _marks(name), fact.known_on, faint, picture.text(name))


def _housing(picture: Picture, dossier: Dossier) -> None:
    for spell, faint in picture.versions(dossier.housing):
        style = _bars("housing_status", spell.status)
        label = picture.label("housing_status", spell.status)
        picture.bar("housing", style, spell.from_on, spell.until_on, faint, label)


def _income(picture: Picture, dossier: Dossier) -> None:
    for spell, faint in picture.versions(dossier.income_work):
        style = _bars("income_kind", spell.kind)
        label = picture.label("income_kind", spell.kind)
        picture.bar("income_work", style, spell.from_on, spell.until_on, faint, label)


def _debts(picture: Picture, dossier: Dossier) -> None:
    """The sum of open debts as steps; what was not known on the day is faint around it."""
    versions = list(picture.versions(dossier.debts))
    steps = _open_amounts([fact for fact, _ in versions if fact in in_force(dossier.debts)])
    highest = max((amount for _, amount in steps), default=0.0)
    if not highest:
        return
    looks = sheet()["looks"]
    known = _open_amounts([fact for fact, faint in versions if not faint])
    whole = looks["faint"] if picture.as_of is not None else 1.0
    _draw_steps(picture, steps, picture.last, highest, whole)
    if picture.as_of is not None:
        _draw_steps(picture, known, min(picture.as_of, picture.last), highest, 1.0)


def _open_amounts(debts: Iterable[Any]) -> list[tuple[dt.date, float]]:
    """Days on which the sum of open debts changes, and what it is from then on."""
    changes: dict[dt.date, float] = {}
    for debt in debts:
        changes[debt.since] = changes.get(debt.since, 0.0) + debt.amount_eur
        if debt.until is not None:
            changes[debt.until] = changes.get(debt.until, 0.0) - debt.amount_eur
    total, steps = 0.0, []
    for day in sorted(changes):
        total += changes[day]
        steps.append((day, max(total, 0.0)))
    return steps


def _draw_steps(
    picture: Picture,
    steps: list[tuple[dt.date, float]],
    end: dt.date,
    highest: float,
    alpha: float,
) -> None:
    shown = [(max(day, picture.first), amount) for day, amount in steps if day <= end]
    if not shown or end < picture.first:
        return
    days = [picture.number(day) for day, _ in [*shown, (end, 0.0)]]
    amounts = [amount for _, amount in [*shown, shown[-1]]]
    bottom, height = picture.y("debts", -1.0), sheet()["looks"]["lane_height"]
    tops = [bottom + height * amount / highest for amount in amounts]
    colour = sheet()["colours"][_bars("other", "debts")["colour"]]
    area = picture.ax.fill_between(
        days, bottom, tops, step="post", color=colour, alpha=alpha, linewidth=0, zorder=2
    )
    area.set_gid("debts")
    amount = f"{highest:,.0f}"
    amount = amount.replace(",", ".") if picture.language == "nl" else amount
    picture.legend[picture.text("open_debts", amount=amount)] = area


LANES = {
    "cases": _cases,
    "stays": _stays,
    "programme": _programme,
    "conduct": _conduct,
    "liberties": _liberties,
    "assessments": _assessments,
    "victims": _victims,
    "housing": _housing,
    "income_work": _income,
    "debts": _debts,
}
