"""Composite instruments: the sum of the percentages of their parts."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from risicoscreener.instruments.answers import read_answers
from risicoscreener.instruments.kernels import any_holds
from risicoscreener.instruments.result import (
    InstrumentProblem,
    InstrumentResult,
    InstrumentScore,
)
from risicoscreener.instruments.scoring import EVERYONE, Evaluator, band_of, rounded
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.instruments.instrument import Instrument


def score_composite(instrument: Instrument, inputs: Mapping[str, Any]) -> InstrumentResult:
    """Score the parts and add up their reported percentages, with the constants that apply."""
    strange = instrument.unknown_fields(inputs)
    family = {name: value for name, value in inputs.items() if name in instrument.all_inputs}
    parts = {name: part.score(family) for name, part in instrument.parts.items()}
    problems = (*strange, *_problems_of(parts))
    if strange or not all(part.ok for part in parts.values()):
        return InstrumentResult(instrument.id, instrument.version, problems=problems, parts=parts)
    constants, populations = _constants(instrument, family)
    added = {name: _percentage(part) for name, part in parts.items()} | constants
    variant = "dynamic" if any(p.variant == "dynamic" for p in parts.values()) else "static"
    return InstrumentResult(
        instrument.id,
        instrument.version,
        variant=variant,
        scores=(_score(instrument, added, populations),),
        problems=problems,
        populations=populations,
        contributions=added,
        remarks=tuple(_remark_of(n, r) for n, part in parts.items() for r in part.remarks),
        parts=parts,
    )


def _problems_of(parts: Mapping[str, InstrumentResult]) -> tuple[InstrumentProblem, ...]:
    """Problems of the parts; what several object to in the same way is said once."""
    found: dict[tuple[str, str, tuple[str, ...]], InstrumentProblem] = {}
    for name, part in parts.items():
        for problem in part.problems:
            key = (problem.kind, problem.code, problem.fields)
            found.setdefault(key, dataclasses.replace(problem, part=name))
    return tuple(found.values())


def _constants(
    instrument: Instrument, family: Mapping[str, Any]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Constants in percent, rounded as the parts are, for the populations that apply."""
    answers = read_answers(instrument.all_inputs, instrument.choices, family)
    evaluator = Evaluator(instrument.derived, answers.values)
    decimals = instrument.definition.scale.decimals
    constants: dict[str, float] = {}
    for formula in instrument.definition.formulas:
        if formula.population != EVERYONE and not any_holds(
            instrument.populations[formula.population].when, evaluator.known
        ):
            continue
        percentage = 100 * Decimal(formula.constant)
        constants[formula.population] = (
            float(percentage) if decimals is None else rounded(percentage, decimals)
        )
    return constants, tuple(constants)


def _percentage(part: InstrumentResult) -> float:
    score = part.score
    return 0.0 if score is None or score.percentage is None else score.percentage


def _score(
    instrument: Instrument, added: Mapping[str, float], populations: tuple[str, ...]
) -> InstrumentScore:
    scale, horizon = instrument.definition.scale, instrument.horizons[0]
    percentage = sum(added.values())
    if scale.decimals is not None:
        percentage = rounded(Decimal(percentage), scale.decimals)
    if scale.ceiling is not None:
        percentage = min(percentage, scale.ceiling)
    measures: dict[str, float | None] = {"percentage": percentage}
    return InstrumentScore(
        horizon,
        probability=percentage / 100.0,
        percentage=percentage,
        band=band_of(instrument.definition.bands, horizon, measures, populations),
    )


def _remark_of(part: str, text: Texts) -> Texts:
    return Texts(nl=f"{part}: {text.nl}", en=f"{part}: {text.en}")
