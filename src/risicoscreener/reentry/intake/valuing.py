"""Which missing item matters most: what an answer could change in the decisions ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from risicoscreener.decision.outcome import Outcome
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.reading import read_dossier
from risicoscreener.errors import ReentryError
from risicoscreener.evaluation.intervals import wilson
from risicoscreener.reentry.intake.answers import Effect, Free, Reachable, filled_by
from risicoscreener.reentry.intake.progress import Intake, IntakeItem, intake_of
from risicoscreener.reentry.intake.questions import Question, Questionnaire
from risicoscreener.reentry.intake.reference import LEAST_ALIKE, Donor, Reference, answered_as
from risicoscreener.reentry.intake.value import (
    ChangeOf,
    DecisionAhead,
    IntakeValue,
    ItemValue,
    ModelSpan,
)
from risicoscreener.screening.admissible import KindTimeline, admissible
from risicoscreener.screening.picture.wording import kind_title
from risicoscreener.screening.screener import day_of_picture, default_screener

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.reading import Source
    from risicoscreener.screening.screener import Screener

ALIKE = 50
"""How many people most alike are asked by default."""


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
            items=tuple(sorted(items, key=lambda found: found.order)),
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
