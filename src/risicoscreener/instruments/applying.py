"""What an instrument says of one person: objections, assumptions, score, and what would be most."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from risicoscreener.instruments.answers import Answers, Objection, expected, read_answers
from risicoscreener.instruments.definition import Input, Level
from risicoscreener.instruments.kernels import any_holds
from risicoscreener.instruments.result import (
    InstrumentProblem,
    InstrumentResult,
    InstrumentScore,
    wording,
)
from risicoscreener.instruments.scoring import (
    DOES_NOT_APPLY,
    EVERYONE,
    Evaluator,
    numeric,
    probability_of,
    score_of,
)
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from risicoscreener.instruments.instrument import Instrument

INTERCEPT = "intercept"


class Application:
    """An instrument, applied to persons one at a time."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument

    def result(self, inputs: Mapping[str, Any]) -> InstrumentResult:
        """Everything that the instrument says about the person with these inputs."""
        instrument = self.instrument
        answers = read_answers(instrument.inputs, instrument.choices, inputs)
        problems = [*instrument.unknown_fields(inputs), *self._problems(answers)]
        if any(problem.kind == "refused" for problem in problems):
            return InstrumentResult(instrument.id, instrument.version, problems=tuple(problems))
        lacking = any(problem.kind == "fallback" for problem in problems)
        variant = "static" if lacking else instrument.variants[-1]
        return self._score_variant(variant, answers.values, problems)

    def _problems(self, answers: Answers) -> list[InstrumentProblem]:
        """Objections to the inputs: of type, missing, and between inputs."""
        kind_of = {"static": "refused", "dynamic": "fallback"}
        wrong = {name for objection in answers.objections for name in objection.fields}
        found = [
            objection.problem(kind_of[self._worst_level(objection.fields)])
            for objection in answers.objections
        ]
        evaluator = Evaluator(self.instrument.derived, answers.values)
        missing: dict[str, Level] = {}
        for need in self.instrument.definition.needs:
            if need.when and not any_holds(need.when, evaluator.known):
                continue
            if any_holds(need.unless, evaluator.known):
                continue
            for name in need.inputs:
                if name not in answers.values and name not in wrong:
                    missing.setdefault(name, need.level)
        for name, level in missing.items():
            text = expected(self.instrument.inputs[name], self.instrument.choices)
            found.append(
                InstrumentProblem(kind_of[level], "missing", (name,), (None,), text)  # type: ignore[arg-type]
            )
        for name, rule in self.instrument.rules.items():
            if evaluator.compute(rule.holds) is False:
                values = tuple(answers.values.get(field) for field in rule.fields)
                objection = Objection(name, tuple(rule.fields), values, rule.expected)
                found.append(objection.problem(kind_of[rule.level]))
        return found

    def _worst_level(self, fields: Iterable[str]) -> Level:
        return (
            "static"
            if any(self.instrument.levels[name] == "static" for name in fields)
            else "dynamic"
        )

    def _score_variant(
        self, variant: Level, values: Mapping[str, Any], problems: list[InstrumentProblem]
    ) -> InstrumentResult:
        evaluator = Evaluator(self.instrument.derived, values)
        for case in self.instrument.definition.not_applicable:
            if any_holds(case.when, evaluator.known):
                return self._not_applicable(variant, case.band, case.text, problems)
        assumptions = self._assumptions(variant, values)
        filled = {**self.instrument.defaults(variant), **values}
        evaluator = Evaluator(self.instrument.derived, filled)
        computed = self._compute(variant, evaluator)
        if isinstance(computed, str):
            objection = Objection("not_computable", (computed,), (None,), self._text_of(computed))
            problems = [*problems, objection.problem("refused")]
            return InstrumentResult(
                self.instrument.id, self.instrument.version, problems=tuple(problems)
            )
        contributions, totals, populations, derived = computed
        scores = tuple(
            score_of(
                self.instrument.definition.scale,
                self.instrument.definition.bands,
                h,
                totals[h],
                populations,
            )
            for h in self.instrument.horizons
        )
        if assumptions:
            scores = self._with_most(variant, filled, [p.field for p in assumptions], scores)
        scores, remarks = self._shifted(scores, evaluator)
        return InstrumentResult(
            instrument=self.instrument.id,
            version=self.instrument.version,
            variant=variant,
            scores=scores,
            problems=(*problems, *assumptions),
            populations=populations,
            derived=derived,
            contributions=contributions,
            remarks=(*remarks, *self.instrument.definition.remarks),
        )

    def _compute(
        self, variant: Level, evaluator: Evaluator
    ) -> tuple[dict[str, float], dict[str, float], tuple[str, ...], dict[str, Any]] | str:
        """Contributions, the sum per horizon, populations and variables; or what is unknown."""
        contributions: dict[str, float] = {INTERCEPT: 0.0}
        intercepts = dict.fromkeys(self.instrument.horizons, 0.0)
        populations, derived = [], {}
        for formula, terms in self.instrument.formulas[variant]:
            if formula.population != EVERYONE:
                if not any_holds(
                    self.instrument.populations[formula.population].when, evaluator.known
                ):
                    continue
                populations.append(formula.population)
            for horizon in self.instrument.horizons:
                intercepts[horizon] += formula.constant + formula.intercepts.get(horizon, 0.0)
            for term in terms:
                value = evaluator.value(term.variable)
                if value is None:
                    return term.variable
                applies = value is not DOES_NOT_APPLY
                derived[term.variable] = value if applies else None
                x = (
                    numeric(value, self.instrument.positions.get(term.variable, {}))
                    if applies
                    else 0.0
                )
                added = term.function(x) if applies else 0.0
                contributions[term.feature] = contributions.get(term.feature, 0.0) + added
        contributions[INTERCEPT] = intercepts[self.instrument.horizons[0]]
        of_terms = sum(added for name, added in contributions.items() if name != INTERCEPT)
        totals = {h: intercepts[h] + of_terms for h in self.instrument.horizons}
        return contributions, totals, tuple(dict.fromkeys(populations)), derived

    # -- what was not answered ---------------------------------------------------------------

    def _assumptions(self, variant: Level, values: Mapping[str, Any]) -> list[InstrumentProblem]:
        """What an optional input without an answer counts as."""
        needed = {n for need in self.instrument.definition.needs for n in need.inputs}
        found = []
        for name in self.instrument.used[variant]:
            spec = self.instrument.inputs[name]
            if name in values or name in needed or spec.gives:
                continue
            text = spec.unanswered or self._counts_as(spec)
            found.append(InstrumentProblem("assumed", "not_answered", (name,), (None,), text))
        return found

    def _counts_as(self, spec: Input) -> Texts:
        said = wording()["assumed"]
        phrases = {}
        for lang in LANGUAGES:
            if spec.default is None:
                phrases[lang] = said["nothing"][lang]
                continue
            shown = str(spec.default)
            if isinstance(spec.default, bool):
                shown = said["yes" if spec.default else "no"][lang]
            elif spec.choices:
                shown = self.instrument.choices[spec.choices][shown].text(lang)
            phrases[lang] = said["default"][lang].format(default=shown)
        return Texts(**phrases)

    def _with_most(
        self,
        variant: Level,
        filled: Mapping[str, Any],
        assumed: list[str],
        scores: tuple[InstrumentScore, ...],
    ) -> tuple[InstrumentScore, ...]:
        """Scores with the highest probability that the unanswered inputs could give."""
        worst = dict(filled)
        for name in assumed:
            totals = {}
            for answer in self._possible(name):
                found = self._compute(
                    variant, Evaluator(self.instrument.derived, {**filled, name: answer})
                )
                if not isinstance(found, str):
                    totals[answer] = found[1][self.instrument.horizons[0]]
            if totals:
                worst[name] = max(totals, key=lambda answer: totals[answer])
        found = self._compute(variant, Evaluator(self.instrument.derived, worst))
        if isinstance(found, str):
            return scores
        most = [
            probability_of(self.instrument.definition.scale, h, found[1][h])
            for h in self.instrument.horizons
        ]
        return tuple(
            dataclasses.replace(score, at_most=p) if p is not None else score
            for score, p in zip(scores, most, strict=True)
        )

    def _possible(self, name: str) -> list[Any]:
        spec = self.instrument.inputs[name]
        if spec.kind == "yes_no":
            return [False, True]
        return list(self.instrument.choices[spec.choices]) if spec.kind == "choice" else []

    # -- the rest of a result ----------------------------------------------------------------

    def _not_applicable(
        self, variant: Level, band: str, text: Texts, problems: list[InstrumentProblem]
    ) -> InstrumentResult:
        scores = tuple(
            InstrumentScore(h, probability=0.0, percentage=0.0, band=band)
            for h in self.instrument.horizons
        )
        return InstrumentResult(
            self.instrument.id,
            self.instrument.version,
            variant=variant,
            scores=scores,
            problems=tuple(problems),
            remarks=(text,),
            applicable=False,
        )

    def _shifted(
        self, scores: tuple[InstrumentScore, ...], evaluator: Evaluator
    ) -> tuple[tuple[InstrumentScore, ...], tuple[Texts, ...]]:
        """Bands one lower where the instrument says so."""
        shift = self.instrument.definition.shift
        if shift is None or evaluator.known(shift.when_true) is not True:
            return scores, ()
        order = [band.code for band in self.instrument.definition.bands[0].levels]
        lower = {code: order[max(0, i - 1)] for i, code in enumerate(order)}
        moved = tuple(dataclasses.replace(s, band=lower.get(s.band or "", s.band)) for s in scores)
        return moved, (shift.text,) if moved != scores else ()

    def _text_of(self, variable: str) -> Texts:
        definition = self.instrument.derived.get(variable)
        if definition is not None and definition.text is not None:
            return definition.text
        return Texts(nl=variable, en=variable)
