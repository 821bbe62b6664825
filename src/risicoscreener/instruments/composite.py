"""Composite instruments: the sum of what their parts answer."""

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
from risicoscreener.instruments.scoring import (
    EVERYONE,
    Evaluator,
    band_of,
    percentage_of,
    rounded,
    within,
)
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.instruments.instrument import Instrument


def score_composite(instrument: Instrument, inputs: Mapping[str, Any]) -> InstrumentResult:
    """Score the parts and add up what they answer, with the constants that apply."""
    strange = instrument.unknown_fields(inputs)
    family = {name: value for name, value in inputs.items() if name in instrument.all_inputs}
    parts = {name: part.score(family) for name, part in instrument.parts.items()}
    problems = (*strange, *_problems_of(parts))
    if strange or not all(part.ok for part in parts.values()):
        return InstrumentResult(instrument.id, instrument.version, problems=problems, parts=parts)
    constants, populations = _constants(instrument, family)
    added = _added(instrument, instrument.horizons[0], parts, constants)
    scores = tuple(
        _score(instrument, horizon, parts, constants, populations)
        for horizon in instrument.horizons
    )
    variant = "dynamic" if any(p.variant == "dynamic" for p in parts.values()) else "static"
    return InstrumentResult(
        instrument.id,
        instrument.version,
        variant=variant,
        scores=scores,
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
    """Constants for the populations that apply, in percent rounded as the parts are if so."""
    answers = read_answers(instrument.all_inputs, instrument.choices, family)
    evaluator = Evaluator(instrument.derived, answers.values)
    scale = instrument.definition.scale
    constants: dict[str, float] = {}
    for formula in instrument.definition.formulas:
        if formula.population != EVERYONE and not any_holds(
            instrument.populations[formula.population].when, evaluator.known
        ):
            continue
        constants[formula.population] = (
            percentage_of(scale, formula.constant)
            if scale.kind == "percentages"
            else formula.constant
        )
    return constants, tuple(constants)


def _added(
    instrument: Instrument,
    horizon: str,
    parts: Mapping[str, InstrumentResult],
    constants: Mapping[str, float],
) -> dict[str, float]:
    """What each part and each constant adds at a horizon, in the unit that is summed."""
    measure = "percentage" if instrument.definition.scale.kind == "percentages" else "probability"
    found = {
        name: getattr(score, measure) or 0.0
        for name, part in parts.items()
        for score in part.scores
        if score.horizon == horizon
    }
    return {**found, **constants}


def _score(
    instrument: Instrument,
    horizon: str,
    parts: Mapping[str, InstrumentResult],
    constants: Mapping[str, float],
    populations: tuple[str, ...],
) -> InstrumentScore:
    scale = instrument.definition.scale
    total = sum(_added(instrument, horizon, parts, constants).values())
    if scale.kind == "percentages":
        percentage = total
        if scale.decimals is not None:
            percentage = rounded(Decimal(total), scale.decimals)
        percentage = within(scale, percentage)
        probability = percentage / 100.0
    else:
        probability, percentage = total, percentage_of(scale, total)
    measures: dict[str, float | None] = {"percentage": percentage, "probability": probability}
    return InstrumentScore(
        horizon,
        probability=probability,
        percentage=percentage,
        band=band_of(instrument.definition.bands, horizon, measures, populations),
    )


def _remark_of(part: str, text: Texts) -> Texts:
    return Texts(nl=f"{part}: {text.nl}", en=f"{part}: {text.en}")
