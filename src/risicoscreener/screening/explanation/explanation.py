"""An explanation as records: reasons, what helps, facts to check, and where to object."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.decision.outcome import Outcome
from risicoscreener.screening.result import ScreeningResult
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.screening.explanation.letter import Letter

Part = Literal["requirement", "domain"]
Who = Literal["person", "prison"]


class Reason(Struct, frozen=True, kw_only=True):
    """A requirement that is not met, or a domain that decided, at the level found.

    Attributes
    ----------
    level
        Of a requirement ``not_met`` or ``unknown``, of a domain the level found.
    text
        As the policy says it.
    features
        The inputs that made it so, by name; what they rest on stands under `Explanation.facts`.
    counted
        What of a domain's inputs made it so, in words.
    """

    part: Part
    name: str
    title: Texts
    level: str
    text: Texts
    source: str
    features: tuple[str, ...]
    counted: tuple[Texts, ...] = ()


class Act(Struct, frozen=True, kw_only=True):
    """Something that can be done, by the person or by the prison, about one input."""

    feature: str
    who: Who
    text: Texts


class HelpStep(Struct, frozen=True, kw_only=True):
    """One domain or requirement that must come to another level, and what can be done for that.

    Attributes
    ----------
    acts
        What can be done; empty if there is nothing that anybody inside can do.
    acts_suffice
        Whether that is all it takes: nothing else that nobody can change keeps it from there.
    from_day
        First day on which time alone brings it there, if nothing else becomes known; None if it
        does not within `HORIZON_DAYS`.
    models_may_decide
        Whether the models that were used may still decide on that day, by the last day of use of
        their bundle; where not, it says what they would have given.
    """

    part: Part
    name: str
    title: Texts
    text_to: Texts
    acts: tuple[Act, ...]
    acts_suffice: bool
    from_day: dt.date | None
    models_may_decide: bool = True

    @property
    def open(self) -> bool:
        """Whether what somebody can do brings it there, or time does."""
        return self.acts_suffice or self.from_day is not None


class WhatHelps(Struct, frozen=True, kw_only=True):
    """Steps that together lead to a better outcome, all else as it is."""

    outcome: Outcome
    steps: tuple[HelpStep, ...]

    @property
    def open(self) -> bool:
        """Whether each of the steps is within reach."""
        return all(step.open for step in self.steps)


class Waiting(Struct, frozen=True, kw_only=True):
    """The first day on which the outcome is better if nothing else becomes known.

    ``models_may_decide`` is that of `HelpStep`: whether the models may still decide on that day.
    """

    day: dt.date
    outcome: Outcome
    models_may_decide: bool = True


class FactUsed(Struct, frozen=True, kw_only=True):
    """A fact of the dossier that counted, so that it can be checked and disputed.

    Attributes
    ----------
    table, position
        Where it stands: ``getattr(dossier, table)[position]``.
    text, kind
        The fact in words, and without its dates: what makes facts alike.
    used_for
        The features that it counted for.
    holder, how, source
        Who holds the record, how a correction is asked for, and by which law.
    """

    table: str
    position: int
    recorded_at: dt.date
    text: Texts
    kind: Texts
    used_for: tuple[Texts, ...]
    holder: Texts
    how: Texts
    source: str
    to_verify: bool


class Remedy(Struct, frozen=True, kw_only=True):
    """How somebody who does not agree with the decision can have it reviewed.

    ``term_days`` counts from the day after the decision became known; None: no term was read.
    """

    text: Texts
    source: str
    term_days: int | None = None
    to_verify: bool = False


class ToldToPerson(Struct, frozen=True, kw_only=True):
    """What of an explanation the person concerned may hear: nothing depends on hidden facts.

    Cases that differ in what is known of victims alone, and have the same outcome, are told alike.

    Attributes
    ----------
    reasons, helps, first, waiting, facts
        As those of `Explanation`, of the first of the cases that are alike (the one in which what
        is hidden is at its best), without what is about victims.
    victims_weighed
        Whether interests of victims are among the reasons.
    depends_on_victims
        Whether the policy weighs interests of victims at all: then what would help may not do so.
    """

    reasons: tuple[Reason, ...]
    helps: tuple[WhatHelps, ...]
    first: tuple[HelpStep, ...]
    waiting: Waiting | None
    facts: tuple[FactUsed, ...]
    victims_weighed: bool
    depends_on_victims: bool


class Explanation(Struct, frozen=True, kw_only=True):
    """Why an outcome is what it is, and what can be done about it.

    Attributes
    ----------
    result
        The screening that is explained.
    reasons
        What decided, in the order of the policy.
    helps
        What would lead to a better outcome, nearest first; see `WhatHelps.open`. Of at most two
        domains together: empty where more than that stands in the way.
    first
        Of each reason the step that takes it away, whatever the outcome is then.
    waiting
        When time alone leads to a better outcome, if it does.
    facts
        What the reasons and the strongest contributions rest on.
    remedies
        How to object, for this kind of decision.
    about_victims
        Names of the domains, requirements, conditions and inputs that rest on facts about victims.
    to_person
        What of this may be told to the person concerned.
    models_until
        Last day on which the models may decide, by their own rule; None if they have no such day.
    """

    result: ScreeningResult
    reasons: tuple[Reason, ...]
    helps: tuple[WhatHelps, ...]
    first: tuple[HelpStep, ...]
    waiting: Waiting | None
    facts: tuple[FactUsed, ...]
    remedies: tuple[Remedy, ...]
    about_victims: frozenset[str]
    to_person: ToldToPerson
    models_until: dt.date | None = None

    def letter_to_person(self, lang: str = "nl") -> Letter:
        """A letter to the person concerned in ``nl`` (plain language, level B1) or ``en``.

        Facts about victims are not in it.
        """
        from risicoscreener.screening.explanation.to_person import letter_to_person

        return letter_to_person(self, lang)

    def letter_to_decider(self, lang: str = "nl") -> Letter:
        """A letter to whoever decides, in ``nl`` or ``en``, with sources and numbers."""
        from risicoscreener.screening.explanation.to_decider import letter_to_decider

        return letter_to_decider(self, lang)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, in the same order each time."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        plain["about_victims"].sort()
        return plain
