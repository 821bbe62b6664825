"""Which missing item matters most: what an answer could change in the decisions ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import Outcome
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.reading import read_dossier
from risicoscreener.errors import ReentryError
from risicoscreener.evaluation.intervals import wilson
from risicoscreener.reentry.intake.answers import Effect, Free, Reachable, filled_by
from risicoscreener.reentry.intake.progress import Intake, IntakeItem, intake_of
from risicoscreener.reentry.intake.questions import Question, Questionnaire
from risicoscreener.reentry.intake.reference import LEAST_ALIKE, Donor, Reference, answered_as
from risicoscreener.reentry.intake.wording import InWords, say
from risicoscreener.screening.admissible import KindTimeline, admissible
from risicoscreener.screening.picture.wording import kind_title
from risicoscreener.screening.render import say_date, say_percent
from risicoscreener.screening.screener import day_of_picture, default_screener
from risicoscreener.texts import (
    Lang,
    Section,
    Texts,
)

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.reading import Source
    from risicoscreener.screening.screener import Screener

ALIKE = 50
"""How many people most alike are asked by default."""
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
    def _order(self) -> tuple[Any, ...]:
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


def intake_value(
    source: Source,
    as_of: dt.date | str | None = None,
    *,
    decisions: Sequence[str] | None = None,
    screener: Screener | None = None,
    questions: Questionnaire | None = None,
    reference: Reference | None = None,
    alike: int = ALIKE,
) -> IntakeValue:
    """Which missing item matters most for someone, for the decisions ahead.

    Parameters
    ----------
    source, as_of, questions
        As for `intake`.
    decisions
        Kinds of decision; all that the screener knows by default.
    screener
        Models and policies; the shipped ones by default.
    reference
        People to compare with. Without them only bounds are given: what could change over all that
        the answers can be.
    alike
        How many people most alike are asked, at least `LEAST_ALIKE`.

    Raises
    ------
    DossierError
        If it is no valid dossier, or ``as_of`` is no day that can be meant.
    PolicyError
        If there is no such kind of decision.
    ReentryError
        If no detention is known on that day, or ``alike`` is too small.
    """
    if alike < LEAST_ALIKE:
        raise ReentryError(f"alike is {alike}; expected at least {LEAST_ALIKE}")
    by = default_screener() if screener is None else screener
    asked = Questionnaire.shipped() if questions is None else questions
    dossier = read_dossier(source)
    day = day_of_picture(dossier, as_of)
    found = intake_of(dossier, day, asked)
    timelines = admissible(dossier, decisions, day, screener=by).kinds
    valuing = _Valuing(by, asked, as_known(dossier, day), found, reference, alike)
    return valuing.all(timelines)


def day_ahead(timeline: KindTimeline) -> dt.date | None:
    """The first day with the fewest legal requirements that are not met.

    None if no version of the policy applies on any day that was looked at.
    """
    spans = [span for course in timeline.requirements for span in course.spans]
    days = {timeline.as_of, *(span.first for span in spans if span.first > timeline.as_of)}
    without = timeline.without_policy
    able = [d for d in days if not any(gap.first <= d <= gap.last for gap in without)]

    def not_met(day: dt.date) -> int:
        return sum(s.level == "not_met" and s.first <= day <= s.last for s in spans)

    return min(able, key=lambda day: (not_met(day), day), default=None)


@dataclass(frozen=True)
class _Valuing:
    """One person as known on a day, with what is still open."""

    screener: Screener
    questions: Questionnaire
    dossier: Dossier
    intake: Intake
    reference: Reference | None
    alike: int

    def all(self, timelines: Sequence[KindTimeline]) -> IntakeValue:
        ahead = [(t, on) for t in timelines if (on := day_ahead(t)) is not None]
        reached = {t.decision: self._reached(t.decision, on) for t, on in ahead}
        free = {name: self._free(one) for name, one in reached.items()}
        decisions = tuple(
            self._decision(t.decision, reached[t.decision], free[t.decision]) for t, _ in ahead
        )
        open_ = [one.decision for one in decisions if one.is_open]
        items = [
            self._item(item, {name: (reached[name], free[name]) for name in open_})
            for item in self.intake.to_do
        ]
        return IntakeValue(
            person_id=self.intake.person_id,
            as_of=self.intake.as_of,
            decisions=decisions,
            items=tuple(sorted(items, key=lambda found: found._order)),
            reference=0 if self.reference is None else min(self.alike, len(self.reference)),
        )

    def _reached(self, decision: str, on: dt.date) -> Reachable:
        route = self.screener.route(decision)
        return Reachable(route, route.features_of(self.dossier, on), on)

    def _free(self, one: Reachable) -> dict[str, Free]:
        """Per open question the features that its answer fills."""
        plan, day = one.route.plan, self.intake.as_of
        return {
            item.question: filled_by(self.questions[item.question], plan, self.dossier, day)
            for item in self.intake.to_do
        }

    def _decision(self, name: str, one: Reachable, free: dict[str, Free]) -> DecisionAhead:
        everything: Free = frozenset().union(*free.values())
        at, _, outcome = one.seen
        policy = one.route.policies[at].compiled.policy
        return DecisionAhead(
            decision=name,
            title=kind_title(self.screener.policies, name, one.day, policy.id),
            outcome_text=policy.outcome_text(outcome),
            on=one.day,
            outcome=outcome,
            is_open=one.outcomes(one.levels(everything)) != {outcome},
        )

    def _item(
        self, item: IntakeItem, ahead: dict[str, tuple[Reachable, dict[str, Free]]]
    ) -> ItemValue:
        effects: dict[str, Effect] = {}
        spans: dict[str, tuple[float, float]] = {}
        for name, (one, free) in ahead.items():
            everything: Free = frozenset().union(*free.values())
            effects[name] = one.effect(free[item.question], everything)
            for model, (low, high) in one.probabilities(free[item.question]).items():
                lowest, highest = spans.get(model, (low, high))
                spans[model] = (min(low, lowest), max(high, highest))
        donors = self._donors(item.question)
        changes = self._changes(item.question, ahead, effects, donors)
        return ItemValue(
            item=item,
            changes=changes,
            models=tuple(ModelSpan(model=m, lowest=a, highest=b) for m, (a, b) in spans.items()),
            alike=len(donors),
            weight=_weight(changes),
        )

    def _donors(self, question: str) -> list[Donor]:
        if self.reference is None:
            return []
        return self.reference.alike(self.dossier, self.intake.as_of, question, self.alike)

    def _changes(
        self,
        question: str,
        ahead: dict[str, tuple[Reachable, dict[str, Free]]],
        effects: dict[str, Effect],
        donors: list[Donor],
    ) -> tuple[ChangeOf, ...]:
        able = [name for name in ahead if effects[name] != "none"]
        counted = self._counted(question, {n: ahead[n][0] for n in able}, donors)
        found = []
        for name in ahead:
            chance = low = high = last = None
            if len(donors) >= LEAST_ALIKE:
                first, then = counted.get(name, (0, 0))
                chance, last = first / len(donors), then / len(donors)
                low, high = wilson(chance, len(donors))
                if name not in counted:  # it was shown that it cannot
                    low = high = 0.0
            found.append(
                ChangeOf(
                    decision=name,
                    effect=effects[name],
                    chance=chance,
                    low=low,
                    high=high,
                    chance_last=last,
                )
            )
        return tuple(found)

    def _counted(
        self, name: str, ahead: dict[str, Reachable], donors: list[Donor]
    ) -> dict[str, tuple[int, int]]:
        """Per decision of how many donors the answer changes it first, and last."""
        if len(donors) < LEAST_ALIKE:
            return {}
        counts = {decision: [0, 0] for decision in ahead}
        question, day = self.questions[name], self.intake.as_of
        for donor in donors:
            others = self._others(name, donor)
            first = answered_as(self.dossier, day, [question], donor)
            without = answered_as(self.dossier, day, others, donor)
            with_it = answered_as(without, day, [question], donor)
            for decision, one in ahead.items():
                counts[decision][0] += self._outcome(one, first) != one.outcome
                then = self._outcome(one, without) != self._outcome(one, with_it)
                counts[decision][1] += then
        return {decision: (first, last) for decision, (first, last) in counts.items()}

    def _others(self, name: str, donor: Donor) -> list[Question]:
        return [
            self.questions[item.question]
            for item in self.intake.to_do
            if item.question != name and item.question in donor.known
        ]

    def _outcome(self, one: Reachable, dossier: Dossier) -> Outcome:
        return one.route.look(dossier, one.day).decided.outcome


def _weight(changes: Sequence[ChangeOf]) -> float | None:
    """Mean over decisions of the chances first and last."""
    known = [
        (c.chance + c.chance_last) / 2
        for c in changes
        if c.chance is not None and c.chance_last is not None
    ]
    return sum(known) / len(known) if known else None
