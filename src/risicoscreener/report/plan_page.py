"""The D&R plan as a page: each goal, how it went over time, and what could follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.plan.wording import say
from risicoscreener.report.reentry_page import data, rendered, word
from risicoscreener.screening.render import say_date, say_percent
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from risicoscreener.reentry.plan import GoalProgress, Outlook, PlanProgress, Proposals
    from risicoscreener.texts import Lang

CELL, ROW, LABEL, TOP = 22, 28, 270, 44
"""Sizes of the picture, in its own units."""
MOST_LABELS = 10
LONGEST_LABEL = 38


def plan_page(
    course: Sequence[PlanProgress],
    lang: str = "nl",
    proposals: Proposals | None = None,
    outlook: Outlook | None = None,
) -> str:
    """A page that stands alone on one plan.

    Parameters
    ----------
    course
        The plan on days in order, as `progress_over` gives it; the last is the one that is told.
    lang
        ``nl`` or ``en``.
    proposals, outlook
        Goals that could be proposed, and what goals would do for liberties, to be told as well.

    Raises
    ------
    ReentryError
        Without any day.
    RisicoscreenerError
        For a language that is not spoken.
    """
    from markupsafe import Markup

    spoken = check_language(lang)
    if not course:
        raise ReentryError("course has no day; expected at least one")
    now = course[-1]
    title = say(
        "heading", "plan", spoken, person_id=now.person_id, as_of=say_date(now.as_of, spoken)
    )
    more = []
    for name, part in (("proposals", proposals), ("liberties", outlook)):
        for head, lines in () if part is None else part.sections(spoken):
            more.append((name, head, lines))
    return rendered(
        "plan.html.jinja",
        spoken,
        words={"caption": _caption(course, spoken)},
        title=title,
        about=list(now.about(spoken)),
        heading=lambda key: say("heading", key, spoken),
        kinds=[
            (kind, [goal for goal in now.goals if goal.kind == kind])
            for kind in ("conduct", "reintegration")
        ],
        goals=now.goals,
        picture=Markup(plan_picture(course, spoken)) if now.goals else "",  # noqa: S704  (escaped there)
        described=list(describe_plan(course, spoken)),
        more=more,
        made_source=now.made_source,
        state=lambda state: say("state", state, spoken),
        percent=lambda share: say_percent(share, spoken),
        day=lambda day: say_date(day, spoken),
        who=lambda name: say("who", name, spoken),
        nothing=say("phrase", "none", spoken),
        verify=say("phrase", "to_verify", spoken),
    )


def _goals(course: Sequence[PlanProgress]) -> dict[tuple[str, Any], GoalProgress]:
    """Each goal that stood on any of the days, as it was last."""
    found: dict[tuple[str, Any], GoalProgress] = {}
    for day in course:
        for goal in day.goals:
            found[goal.goal, goal.set_on] = goal
    return found


def plan_picture(course: Sequence[PlanProgress], lang: str = "nl") -> str:
    """The states of the goals over the days as SVG: colour and letter, a row for each goal."""
    spoken = check_language(lang)
    goals = _goals(course)
    width, height = LABEL + CELL * len(course) + 10, TOP + ROW * len(goals) + 10
    said = word("picture", spoken, n=len(goals), days=len(course))
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-label="{escape(said)}" '
            'font-family="sans-serif" font-size="13">',
            *_dates(course),
            *(
                part
                for row, (key, goal) in enumerate(goals.items())
                for part in _row(course, key, goal, row, spoken)
            ),
            "</svg>",
        ]
    )


def _dates(course: Sequence[PlanProgress]) -> Iterator[str]:
    step = max(1, -(-len(course) // MOST_LABELS))
    for place, day in enumerate(course):
        if (len(course) - 1 - place) % step == 0:
            x = LABEL + CELL * place + CELL / 2
            yield (
                f'<text x="{x:g}" y="{TOP - 8}" text-anchor="middle" font-size="11">'
                f"{day.as_of:%d-%m}</text>"
            )
            yield (
                f'<text x="{x:g}" y="{TOP - 22}" text-anchor="middle" font-size="11">'
                f"{day.as_of:%Y}</text>"
            )


def _row(
    course: Sequence[PlanProgress],
    key: tuple[str, Any],
    goal: GoalProgress,
    row: int,
    lang: Lang,
) -> Iterator[str]:
    y = TOP + ROW * row
    label = goal.text.text(lang)
    if len(label) > LONGEST_LABEL:
        label = label[: LONGEST_LABEL - 1] + "…"
    yield f'<text x="0" y="{y + 18}">{escape(label)}</text>'
    for place, day in enumerate(course):
        state = _state_on(day, key)
        if state is None:
            continue
        x = LABEL + CELL * place
        yield (
            f'<rect x="{x}" y="{y}" width="{CELL - 2}" height="{ROW - 4}" '
            f'fill="{data()["looks"][state]}" stroke="#1a1a1a"/>'
            f'<text x="{x + (CELL - 2) / 2:g}" y="{y + 17}" text-anchor="middle">'
            f"{escape(say('letter', state, lang))}</text>"
        )


def _state_on(day: PlanProgress, key: tuple[str, Any]) -> str | None:
    for goal in day.goals:
        if (goal.goal, goal.set_on) == key:
            return goal.state
    return None


def _caption(course: Sequence[PlanProgress], lang: Lang) -> str:
    used = {goal.state for day in course for goal in day.goals}
    letters = ", ".join(
        f"{say('letter', state, lang)} {say('state', state, lang)}"
        for state in data()["looks"]
        if state in used
    )
    return word("caption", lang, letters=letters)


def describe_plan(course: Sequence[PlanProgress], lang: str = "nl") -> Iterator[str]:
    """What `plan_picture` draws, in words: per goal from which day it was in which state."""
    spoken = check_language(lang)
    for key, goal in _goals(course).items():
        spans, last = [], None
        for day in course:
            state = _state_on(day, key)
            if state is not None and state != last:
                first = say_date(day.as_of, spoken)
                said = say("state", state, spoken)
                spans.append(word("span", spoken, state=said, first=first))
            last = state
        yield word("goal_course", spoken, text=goal.text.text(spoken), spans=", ".join(spans))
