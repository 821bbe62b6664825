"""The action list of the five basic conditions as a page for who carries it out."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from risicoscreener.reentry.conditions import TO_DO
from risicoscreener.reentry.conditions.wording import say
from risicoscreener.report.reentry_page import rendered, word
from risicoscreener.screening.render import say_date
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from risicoscreener.reentry.conditions import ActionFound, ActionList
    from risicoscreener.reentry.conditions.listing import State
    from risicoscreener.texts import Lang


def actions_page(found: ActionList, lang: str = "nl") -> str:
    """A page that stands alone: what is done on which day, and who takes over what cannot be.

    Parameters
    ----------
    found
        The list, as `action_list` gives it, or as `ActionList.for_recipient` leaves it.
    lang
        ``nl`` or ``en``.

    Raises
    ------
    RisicoscreenerError
        For a language that is not spoken.
    """
    spoken = check_language(lang)
    over = [(key, found.in_state([state])) for key, state in _HANDED_OVER]
    return rendered(
        "actions.html.jinja",
        spoken,
        words={},
        title=say("heading", "list", spoken, person_id=found.person_id),
        about=list(found.about(spoken)),
        heading=lambda key: say("heading", key, spoken),
        to_do=found.in_state(TO_DO),
        handed_over=[(key, actions) for key, actions in over if actions],
        done=found.in_state(["done"]),
        answers=found.answers,
        listed=found.actions,
        day=lambda day: "–" if day is None else _day(day, spoken),
        waits=partial(_waits, found, lang=spoken),
        already=partial(_already, lang=spoken),
        state=lambda state: say("state", state, spoken),
        origin=lambda origin: say("origin", origin, spoken),
        nothing=say("phrase", "nothing", spoken),
        unknown=say("phrase", "not_known", spoken),
        verify=say("phrase", "to_verify", spoken),
    )


_HANDED_OVER: tuple[tuple[str, State], ...] = (("not_possible", "too_late"), ("no_room", "no_room"))


def _day(day: dt.date, lang: Lang) -> str:
    return say_date(day, lang)


def _waits(found: ActionList, action: ActionFound, lang: Lang) -> str:
    """What comes before an action, of what is still to be done."""
    names = [n for n in action.needs if n in found and found[n].state in TO_DO]
    needs = "; ".join(found[name].text.text(lang) for name in names)
    return word("waits", lang, needs=needs) if needs else ""


def _already(action: ActionFound, lang: Lang) -> str:
    texts = "; ".join(text.text(lang) for text in action.already_too_late)
    return say("phrase", "already", lang, texts=texts)
