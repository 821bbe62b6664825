"""What the answers to open questions are worth for the decisions ahead, in numbers and words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import Outcome
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.intake.answers import Effect
from risicoscreener.reentry.intake.progress import IntakeItem
from risicoscreener.reentry.intake.wording import say
from risicoscreener.screening.render import say_date, say_percent
from risicoscreener.texts import InWords, Lang, Section, Texts

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 3
"""So many decisions are named in a sentence; the others are counted."""
EFFECTS: tuple[Effect, ...] = ("none", "together", "alone")


class DecisionAhead(Struct, frozen=True, kw_only=True):
    """A decision that the intake is for.

    Attributes
    ----------
    on
        The day on which it is judged: the first with the fewest legal requirements that are not
        met by what is known.
    outcome
        By what is known.
    is_open
        Whether any answers to what is missing could give another outcome.
    """

    decision: str
    title: Texts
    outcome_text: Texts
    on: dt.date
    outcome: Outcome
    is_open: bool


class ChangeOf(Struct, frozen=True, kw_only=True):
    """What one answer could change in one decision.

    Attributes
    ----------
    effect
        ``alone``: the answer alone may change the outcome; ``together``: with other answers it may;
        ``none``: it cannot, whatever it and the others are.
    chance, low, high
        Share of people alike whose answer alone would change it, with an interval of 95% for their
        number; None without people to compare with.
    chance_last
        The same once all else that is open is answered as theirs was.
    """

    decision: str
    effect: Effect
    chance: float | None = None
    low: float | None = None
    high: float | None = None
    chance_last: float | None = None


class ModelSpan(Struct, frozen=True, kw_only=True):
    """Between what a probability could come to lie by one answer."""

    model: str
    lowest: float
    highest: float


class ItemValue(Struct, frozen=True, kw_only=True):
    """What the answer to one open question is worth.

    Attributes
    ----------
    changes
        Per decision that is open.
    models
        Per model that reads what the answer fills.
    alike
        Number of people alike of whom the answer is known; 0 without reference.
    weight
        Mean over the open decisions of the chances first and last; None without chances.
    """

    item: IntakeItem
    changes: tuple[ChangeOf, ...]
    models: tuple[ModelSpan, ...]
    alike: int = 0
    weight: float | None = None

    def where(self, effect: Effect) -> tuple[str, ...]:
        """The decisions in which it has an effect."""
        return tuple(change.decision for change in self.changes if change.effect == effect)

    @property
    def effect(self) -> Effect:
        """The strongest effect in any decision."""
        return max((c.effect for c in self.changes), key=EFFECTS.index, default="none")

    @property
    def per_hour(self) -> float | None:
        """Weight per hour of work; None without chances or without minutes."""
        if self.weight is None or not self.item.minutes:
            return None
        return self.weight * 60 / self.item.minutes

    @property
    def order(self) -> tuple[Any, ...]:
        """Where it stands among others: what matters most first."""
        width = max((span.highest - span.lowest for span in self.models), default=0.0)
        weight = 0.0 if self.weight is None else self.weight
        ahead = (len(self.where("alone")), len(self.where("together")))
        return (-weight, -ahead[0], -ahead[1], -width, self.item.due_on, self.item.question)


class IntakeValue(InWords, frozen=True, kw_only=True):
    """What each open question is worth for one person, the most first.

    Attributes
    ----------
    decisions
        All kinds of decision, each on its day.
    items
        The open questions, ranked.
    reference
        Number of people alike that were asked; 0 if only bounds were computed.
    """

    kind: ClassVar[str] = "intake-value"

    person_id: str
    as_of: dt.date
    decisions: tuple[DecisionAhead, ...]
    items: tuple[ItemValue, ...]
    reference: int = 0

    def __getitem__(self, question: str) -> ItemValue:
        """One open question.

        Raises
        ------
        ReentryError
            If it is not open.
        """
        for found in self.items:
            if found.item.question == question:
                return found
        open_ = ", ".join(found.item.question for found in self.items) or "(none)"
        raise ReentryError(f"question {question!r} is not open; expected one of {open_}")

    def sections(self, lang: Lang) -> Iterator[Section]:
        """Headings with their lines."""
        how = "alike" if self.reference else "bounds"
        lines = [say("value", how, lang, n=self.reference)]
        lines += [self.line(found, lang) for found in self.items if found.effect != "none"]
        idle = [found.item.title.text(lang) for found in self.items if found.effect == "none"]
        if idle:
            lines.append(say("value", "none", lang, texts=", ".join(idle)))
        yield (
            say("value", "heading", lang),
            lines if self.items else [say("value", "nothing_open", lang)],
        )
        yield say("value", "decisions", lang), [_ahead(one, lang) for one in self.decisions]

    def line(self, found: ItemValue, lang: Lang) -> str:
        """One open question and what it could change."""
        what = found.item.title.text(lang)
        if found.effect == "none":
            return say("value", "none", lang, texts=what)
        if found.weight is not None:
            return self._with_chance(found, lang)
        named = self._named(found.where(found.effect), lang)
        said = say("value", found.effect, lang, what=_capital(what), titles=named)
        if self.reference:
            said += " " + say("value", "few", lang, n=found.alike)
        return said

    def _named(self, decisions: Sequence[str], lang: Lang) -> str:
        """The titles of some decisions, the first few in full."""
        titles = self._titles(lang)
        first = "; ".join(titles[name] for name in decisions[:MOST_NAMED])
        others = len(decisions) - MOST_NAMED
        return first if others < 1 else say("value", "others", lang, titles=first, n=others)

    def _with_chance(self, found: ItemValue, lang: Lang) -> str:
        best = max(found.changes, key=lambda c: (c.chance or 0.0) + (c.chance_last or 0.0))
        assert best.chance is not None
        assert best.low is not None
        assert best.high is not None
        return say(
            "value",
            "chance",
            lang,
            what=_capital(found.item.title.text(lang)),
            title=self._titles(lang)[best.decision],
            share=say_percent(best.chance, lang),
            low=say_percent(best.low, lang),
            high=say_percent(best.high, lang),
            last=say_percent(best.chance_last or 0.0, lang),
            n=found.alike,
        )

    def _titles(self, lang: Lang) -> dict[str, str]:
        return {one.decision: one.title.text(lang) for one in self.decisions}

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        for said, found in zip(plain["items"], self.items, strict=True):
            said["effect"], said["per_hour"] = found.effect, found.per_hour
        return plain

    def to_frame(self) -> pd.DataFrame:
        """A row for each open question and open decision."""
        import pandas as pd

        columns = ["question", "decision", "effect", "chance", "low", "high", "chance_last"]
        rows = [
            (found.item.question, c.decision, c.effect, c.chance, c.low, c.high, c.chance_last)
            for found in self.items
            for c in found.changes
        ]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype(dict.fromkeys(columns[3:], "float64"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ahead(one: DecisionAhead, lang: Lang) -> str:
    day, outcome = say_date(one.on, lang), one.outcome_text.text(lang)
    key = "decision" if one.is_open else "beyond"
    return say("value", key, lang, title=one.title.text(lang), day=day, outcome=outcome)
