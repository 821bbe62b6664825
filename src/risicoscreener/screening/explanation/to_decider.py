"""The letter to whoever decides: sources, numbers, what is missing, and what to record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.decision.wording import cited
from risicoscreener.screening.explanation.facts import told_once
from risicoscreener.screening.explanation.letter import Letter, Section, sections
from risicoscreener.screening.explanation.steps import is_late
from risicoscreener.screening.explanation.wording import say
from risicoscreener.screening.render import say_date, say_outcome, say_percent
from risicoscreener.texts import Lang, check_language

if TYPE_CHECKING:
    import datetime as dt

    from risicoscreener.decision.outcome import Outcome
    from risicoscreener.screening.explanation.explanation import (
        Explanation,
        HelpStep,
        Reason,
        WhatHelps,
    )
    from risicoscreener.screening.result import ModelFound

SHOWN_CONTRIBUTIONS = 3


def letter_to_decider(explanation: Explanation, lang: str = "nl") -> Letter:
    """See `Explanation.letter_to_decider`."""
    return _DeciderLetter(explanation, check_language(lang)).letter()


class _DeciderLetter:
    """One letter in one language."""

    def __init__(self, explanation: Explanation, lang: Lang) -> None:
        self.explanation = explanation
        self.result = explanation.result
        self.lang = lang

    def letter(self) -> Letter:
        result = self.result
        opening = [
            self.say(
                "reference",
                person_id=result.person_id,
                day=self.day(result.as_of),
                policy=result.policy.id,
                bundle=result.bundle.id,
            ),
            self.say("person_decides"),
            result.policy.status.text(self.lang),
            result.bundle.disclaimer.text(self.lang),
        ]
        return Letter(
            lang=self.lang,
            title=self.say("title", kind=result.policy.title.text(self.lang)),
            opening=tuple(opening),
            sections=sections(
                self._outcome(),
                Section(
                    heading=self.say("reasons"),
                    items=tuple(map(self._reason, self.explanation.reasons)),
                ),
                self._risk(),
                self._weighed(),
                self._missing(),
                self._changes(),
                self._conditions(),
                self._facts(),
                self._record(),
            ),
            closing=(self.say("valid", day=self.day(result.valid_until)),),
        )

    def say(self, name: str, **parts: object) -> str:
        return say("decider", name, self.lang, **parts)

    def day(self, day: dt.date) -> str:
        return say_date(day, self.lang)

    def named(self, outcome: Outcome) -> str:
        return say_outcome(self.result, outcome, self.lang)

    def _outcome(self) -> Section:
        rule = self.result.rule
        source = cited(rule.source, rule.remark).text(self.lang)
        told = [
            self.say(
                "rule", outcome=self.named(self.result.outcome), text=rule.text.text(self.lang)
            ),
            self.say("source", rule=rule.id, source=source),
        ]
        if rule.to_verify:
            told.append(self.say("to_verify"))
        return Section(heading=self.say("outcome"), paragraphs=tuple(told))

    def _reason(self, reason: Reason) -> str:
        text = reason.text.text(self.lang)
        if reason.part == "requirement":
            which = "unknown" if reason.level == "unknown" else "not_met"
            text = self.say(which, text=text)
        title = reason.title.text(self.lang)
        return self.say(
            "reason", title=title, text=text, source=cited(reason.source).text(self.lang)
        )

    def _risk(self) -> Section:
        lines = [line for model in self.result.models for line in self._model(model)]
        return Section(heading=self.say("risk"), items=tuple(lines))

    def _model(self, model: ModelFound) -> list[str]:
        outcome, probability = model.outcome.text(self.lang), self._percent(model.probability)
        if model.lower is None or model.upper is None:
            lines = [self.say("point", outcome=outcome, probability=probability)]
        else:
            bounds = {"lower": self._percent(model.lower), "upper": self._percent(model.upper)}
            lines = [self.say("probability", outcome=outcome, probability=probability, **bounds)]
        if model.support != "inside":
            lines.append(self.say("not_certain", support=model.support_text.text(self.lang)))
        listed = "; ".join(
            self.say("raises" if c.contribution > 0 else "lowers", text=c.text.text(self.lang))
            for c in model.contributions[:SHOWN_CONTRIBUTIONS]
        )
        return [*lines, self.say("contributions", listed=listed)]

    def _percent(self, probability: float) -> str:
        return say_percent(probability, self.lang)

    def _weighed(self) -> Section:
        decided = {reason.name for reason in self.explanation.reasons}
        return Section(
            heading=self.say("weighed"),
            items=tuple(
                self.say("step", title=d.title.text(self.lang), text=d.text.text(self.lang))
                for d in self.result.domains
                if d.name not in decided
            ),
        )

    def _missing(self) -> Section:
        return Section(
            heading=self.say("missing"),
            items=tuple(
                self.say(
                    "supplied_by",
                    text=m.text.text(self.lang),
                    supplier=m.supplier.text(self.lang),
                )
                for m in self.result.missing
            ),
        )

    def _changes(self) -> Section:
        waiting = self.explanation.waiting
        told: tuple[str, ...] = ()
        if waiting is not None:
            outcome = self.named(waiting.outcome)
            told = (self.say("waiting", day=self.day(waiting.day), outcome=outcome),)
        until = self.explanation.models_until
        if until is not None and is_late(waiting, self.explanation.helps):
            told = (*told, self.say("models_until", day=self.day(until)))
        return Section(
            heading=self.say("changes"),
            paragraphs=told,
            items=tuple(map(self._change, self.explanation.helps)),
        )

    def _change(self, way: WhatHelps) -> str:
        return self.say(
            "change",
            steps="; ".join(map(self._step, way.steps)),
            outcome=self.named(way.outcome),
            remark="" if way.open else self.say("not_open"),
        )

    def _step(self, step: HelpStep) -> str:
        parts = {"title": step.title.text(self.lang), "text": step.text_to.text(self.lang)}
        if step.from_day is None:
            return self.say("step", **parts)
        return self.say("step_day", day=self.day(step.from_day), **parts)

    def _conditions(self) -> Section:
        return Section(
            heading=self.say("conditions"),
            items=tuple(
                self.say(
                    "condition",
                    text=c.text.text(self.lang),
                    source=cited(c.source, c.remark).text(self.lang),
                )
                for c in self.result.conditions
            ),
        )

    def _facts(self) -> Section:
        return Section(
            heading=self.say("facts"),
            items=tuple(
                self.say(
                    "fact",
                    text=told,
                    used_for=", ".join(used.text(self.lang) for used in fact.used_for),
                    holder=fact.holder.text(self.lang),
                    source=cited(fact.source).text(self.lang),
                )
                for told, fact in told_once(self.explanation.facts, self.lang)
            ),
        )

    def _record(self) -> Section:
        names = ("record_what", "record_why", "record_conditions")
        return Section(heading=self.say("record"), items=tuple(map(self.say, names)))
