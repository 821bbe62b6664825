"""What is different on an action list when the release moves to another day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from risicoscreener.reentry.conditions.listing import HANDED_OVER, TO_DO, ActionList, State
from risicoscreener.reentry.conditions.making import action_list
from risicoscreener.reentry.conditions.situation import Situation
from risicoscreener.reentry.conditions.wording import say
from risicoscreener.screening.render import say_date
from risicoscreener.texts import Lang, check_language, sections_as_text


class Moved(Struct, frozen=True, kw_only=True):
    """What is different on a list now that the release has moved."""

    before: ActionList
    after: ActionList

    @property
    def too_late(self) -> tuple[str, ...]:
        """Actions that can no longer be done in time."""
        return self._changed_to("too_late")

    @property
    def possible(self) -> tuple[str, ...]:
        """Actions that could not be done in time, and now can."""
        return tuple(
            a.id
            for a in self.after.actions
            if a.state in TO_DO and a.id in self.before and self.before[a.id].state in HANDED_OVER
        )

    def _changed_to(self, state: State) -> tuple[str, ...]:
        return tuple(
            a.id
            for a in self.after.actions
            if a.state == state and a.id in self.before and self.before[a.id].state != state
        )

    def for_recipient(self, recipient: str, **options: Any) -> Moved:
        """What is different on the list of a recipient, as `ActionList.for_recipient`."""
        return Moved(
            before=self.before.for_recipient(recipient, **options),
            after=self.after.for_recipient(recipient, **options),
        )

    def text(self, lang: Lang = "nl") -> str:
        """What changed as plain text, in ``nl`` or ``en``."""
        lang = check_language(lang)
        days = {
            name: "?" if one.release_on is None else say_date(one.release_on, lang)
            for name, one in (("before", self.before), ("after", self.after))
        }
        lines = list(self._lines(lang)) or [say("phrase", "nothing", lang)]
        return sections_as_text([(say("heading", "moved", lang, **days), lines)])

    def _lines(self, lang: Lang) -> Iterable[str]:
        for name, key in ((n, "now_too_late") for n in self.too_late):
            yield say("phrase", key, lang, text=self.after[name].text.text(lang))
        for name in self.possible:
            yield say("phrase", "now_possible", lang, text=self.after[name].text.text(lang))
        for action in self.after.actions:
            text = action.text.text(lang)
            if action.id not in self.before:
                yield say("phrase", "now_there", lang, text=text)
                continue
            was = self.before[action.id]
            if action.state in TO_DO and was.state in TO_DO and was.latest != action.latest:
                days = {
                    "before": "?" if was.latest is None else say_date(was.latest, lang),
                    "after": "?" if action.latest is None else say_date(action.latest, lang),
                }
                yield say("phrase", "other_latest", lang, text=text, **days)
        for action in self.before.actions:
            if action.id not in self.after:
                yield say("phrase", "now_gone", lang, text=action.text.text(lang))


def moved(situation: Situation, release_on: dt.date | None, **options: Any) -> Moved:
    """What changes on the list if the release moves to another day.

    Parameters
    ----------
    situation
        As it was.
    release_on
        The new day; None if it is no longer known.
    options
        As for `action_list`.
    """
    later = msgspec.structs.replace(situation, release_on=release_on)
    return Moved(before=action_list(situation, **options), after=action_list(later, **options))
