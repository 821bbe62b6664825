"""The letter to the person concerned: plain words, what can be done, what to dispute and how.

Facts about victims do not reach this letter: a level, rule, condition or input that speaks of
victims is left out or replaced by one sentence that says that their interests were considered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.decision.policy import ASSESSMENT, CERTAINTY, RISK
from risicoscreener.screening.explanation.facts import told_once
from risicoscreener.screening.explanation.letter import Letter, Section, sections
from risicoscreener.screening.explanation.steps import is_late
from risicoscreener.screening.explanation.wording import plain, say
from risicoscreener.screening.render import say_date, say_outcome
from risicoscreener.texts import Lang, Texts, check_language

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from risicoscreener.decision.outcome import Outcome
    from risicoscreener.screening.explanation.explanation import (
        Explanation,
        HelpStep,
        Reason,
        Remedy,
        WhatHelps,
    )
    from risicoscreener.screening.result import ModelFound

ABOUT_VICTIMS = "victims"
SHOWN_FACTORS = 3
SHOWN_WAYS = 4


def letter_to_person(explanation: Explanation, lang: str = "nl") -> Letter:
    """See `Explanation.letter_to_person`."""
    return _PersonLetter(explanation, check_language(lang)).letter()


class _PersonLetter:
    """One letter in one language."""

    def __init__(self, explanation: Explanation, lang: Lang) -> None:
        self.explanation = explanation
        self.result = explanation.result
        self.told = explanation.to_person
        self.lang = lang

    def letter(self) -> Letter:
        result = self.result
        return Letter(
            lang=self.lang,
            title=self.say("person", "title", kind=result.policy.title.text(self.lang)),
            opening=tuple(self._opening()),
            sections=sections(
                self._advice(),
                self._why(),
                self._risk(),
                self._help(),
                self._conditions(),
                self._valid(),
                self._disputes(),
                self._remedies(),
            ),
        )

    def say(self, section: str, name: str, **parts: object) -> str:
        return say(section, name, self.lang, **parts)

    def day(self, day: dt.date) -> str:
        return say_date(day, self.lang)

    def _opening(self) -> list[str]:
        result = self.result
        lines = [
            self.say("person", "reference", person_id=result.person_id, day=self.day(result.as_of)),
            self.say("person", "who_decides"),
        ]
        if result.bundle.synthetic:
            lines.append(self.say("person", "demonstration"))
        return lines

    def _of_victims(self, name: str) -> bool:
        return name in self.explanation.about_victims

    def _outcome(self, outcome: Outcome) -> str:
        """What an outcome is called in plain words, or as the policy says it."""
        told = plain("outcome", outcome)
        if self.result.policy.outcomes:
            told = plain("own_outcome", f"{self.result.decision}.{outcome}")
        named = say_outcome(self.result, outcome, self.lang)
        return _with_small_letter(named) if told is None else told.text(self.lang)

    def _advice(self) -> Section:
        result = self.result
        if result.policy.outcomes:
            told = self.say("advice", "own", outcome=self._outcome(result.outcome))
        else:
            told = self.say("advice", result.outcome)
        return Section(heading=self.say("advice", "heading"), paragraphs=(told,))

    def _why(self) -> Section:
        items = [self._reason(reason) for reason in self.told.reasons]
        told: list[str] = []
        if self.told.victims_weighed:
            told.append(self.say("why", "victims"))
        if not items and not told:
            told.append(self.say("why", "rule", text=self.result.rule.text.text(self.lang)))
        return Section(
            heading=self.say("why", "heading"), items=tuple(items), paragraphs=tuple(told)
        )

    def _reason(self, reason: Reason) -> str:
        section, name = "requirement", reason.name
        if reason.part == "domain":
            section, name = "level", f"{reason.name}.{reason.level}"
        own = plain(section, name)
        told = self._in_its_own_words(reason) if own is None else own.text(self.lang)
        if reason.level != "unknown":
            return told
        if own is not None and reason.part == "requirement":
            told += " " + self.say("why", "unknown")
        for missing in self.result.missing:
            if missing.name == reason.name:
                told += " " + self.say("why", "from", who=missing.supplier.text(self.lang))
        return told

    def _in_its_own_words(self, reason: Reason) -> str:
        text = reason.text.text(self.lang)
        if reason.part == "requirement":
            return self.say(
                "why", "not_met" if reason.level == "not_met" else "not_known", text=text
            )
        title = reason.title.text(self.lang)
        told = self.say("why", "level", title=title[:1].upper() + title[1:], text=text)
        listed = "; ".join(counted.text(self.lang) for counted in reason.counted)
        return f"{told} {self.say('why', 'counted', text=listed)}" if listed else told

    def _risk(self) -> Section | None:
        models = self.result.models
        named = {reason.name for reason in self.told.reasons}
        if not models or not named & {RISK, CERTAINTY}:
            return None
        told = [line for model in models for line in self._model(model)]
        return Section(
            heading=self.say("risk", "heading"), paragraphs=(*told, self.say("risk", "not_you"))
        )

    def _model(self, model: ModelFound) -> list[str]:
        outcome = (plain("model", model.name) or model.outcome).text(self.lang)
        line = self.say("risk", "frequency", outcome=outcome, n=_of_hundred(model.probability))
        if model.lower is not None and model.upper is not None:
            low, high = _of_hundred(model.lower), _of_hundred(model.upper)
            if low != high:
                line += " " + self.say("risk", "between", low=low, high=high)
        line = " ".join([line, *self._factors(model)])
        return [line] if model.support == "inside" else [line, self.say("risk", "unsupported")]

    def _factors(self, model: ModelFound) -> Iterator[str]:
        """What raised and what lowered the probability most."""
        found = [c for c in model.contributions if c.group != ABOUT_VICTIMS and c.contribution]
        strongest = found[:SHOWN_FACTORS]
        for name, sign in (("raises", 1), ("lowers", -1)):
            listed = [c.text.text(self.lang) for c in strongest if sign * c.contribution > 0]
            if listed:
                yield self.say("risk", name, text="; ".join(listed))

    def _help(self) -> Section | None:
        if self.result.outcome == "grant":
            return None
        ways = [way for way in self.told.helps if way.open][:SHOWN_WAYS]
        first = [] if ways else [self._step(step) for step in self.told.first if step.open]
        items = [*map(self._way, ways), *dict.fromkeys(first), *self._missing()]
        told, waiting = [], self.told.waiting
        if waiting is not None:
            day, outcome = self.day(waiting.day), self._outcome(waiting.outcome)
            told.append(self.say("help", "waiting", day=day, outcome=outcome))
        if items:
            told.append(self.say("help", "intro"))
        until = self.explanation.models_until
        if until is not None and is_late(waiting, ways, self.told.first if first else ()):
            told.append(self.say("help", "models_until", day=self.day(until)))
        if told and self.told.depends_on_victims:
            told.append(self.say("help", "victims"))
        if first:
            told.append(self.say("help", "more"))
        if not told:
            unknown = any(reason.level == "unknown" for reason in self.told.reasons)
            told = [self.say("help", "ask" if unknown else "nothing")]
        return Section(
            heading=self.say("help", "heading"), paragraphs=tuple(told), items=tuple(items)
        )

    def _missing(self) -> Iterator[str]:
        """What is not known and is no reason, with who can supply it."""
        told_before = {reason.name for reason in self.told.reasons}
        requirements = {requirement.name for requirement in self.result.requirements}
        for missing in self.result.missing:
            if missing.name in told_before or self._of_victims(missing.name):
                continue
            text = missing.text.text(self.lang)
            if missing.name in requirements:
                text = self.say("why", "not_known", text=text)
            supplier = missing.supplier.text(self.lang)
            yield f"{_sentence(text)} {self.say('why', 'from', who=supplier)}"

    def _way(self, way: WhatHelps) -> str:
        outcome = self._outcome(way.outcome)
        if all(step.name == ASSESSMENT for step in way.steps):
            return self.say("help", "assessment", outcome=outcome)
        told = " ".join(dict.fromkeys(self._step(step) for step in way.steps))
        towards = self.say("help", "towards", outcome=outcome)
        if len(way.steps) > 1:
            return self.say("help", "all_of", steps=told, towards=towards)
        return f"{told} {towards}"

    def _step(self, step: HelpStep) -> str:
        told = [act.text.text(self.lang) for act in step.acts]
        if step.from_day is not None:
            text = step.text_to.text(self.lang)
            told.append(self.say("help", "from_day", day=self.day(step.from_day), text=text))
        return " ".join(told)

    def _conditions(self) -> Section | None:
        if self.result.outcome == "deny":
            return None
        return Section(
            heading=self.say("conditions", self.result.outcome),
            items=tuple(
                _sentence((plain("condition", c.id) or c.text).text(self.lang))
                for c in self.result.conditions
                if self.result.outcome == "grant" or not self._of_victims(c.id)
            ),
        )

    def _valid(self) -> Section:
        day = self.day(self.result.valid_until)
        return Section(
            heading=self.say("valid", "heading"),
            paragraphs=(self.say("valid", "until", day=day),),
        )

    def _disputes(self) -> Section:
        by_holder: dict[tuple[Texts, Texts], list[str]] = {}
        for told, fact in told_once(self.told.facts, self.lang):
            by_holder.setdefault((fact.holder, fact.how), []).append(told)
        items: list[str] = []
        for (holder, how), listed in by_holder.items():
            items += map(_sentence, listed)
            where = {"holder": holder.text(self.lang), "how": how.text(self.lang)}
            items[-1] += " " + self.say("dispute", "where", **where)
        return Section(
            heading=self.say("dispute", "heading"),
            paragraphs=(self.say("dispute", "intro"), self.say("dispute", "after")),
            items=tuple(items),
        )

    def _remedies(self) -> Section:
        listed = self.explanation.remedies
        return Section(
            heading=self.say("remedy", "heading"),
            paragraphs=(self.say("remedy", "first"),) if listed else (),
            items=tuple(map(self._remedy, listed)),
        )

    def _remedy(self, remedy: Remedy) -> str:
        told = [remedy.text.text(self.lang)]
        if remedy.term_days is not None:
            told.append(self.say("remedy", "term", days=remedy.term_days))
        if remedy.to_verify:
            told.append(self.say("remedy", "unread"))
        return " ".join(told)


def _of_hundred(probability: float) -> int:
    """People of a hundred, never none and never all: nothing is certain."""
    return min(99, max(1, round(100 * probability)))


def _with_small_letter(text: str) -> str:
    """Text to stand within a sentence; an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _sentence(text: str) -> str:
    """Text with a capital and a full stop."""
    told = text[:1].upper() + text[1:]
    return told if told.endswith((".", "!", "?")) else told + "."
