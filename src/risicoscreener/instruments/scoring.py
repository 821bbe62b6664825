"""Computing: derived variables on demand, formulas by population, from the sum to bands."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from risicoscreener.instruments.kernels import KERNELS, any_holds
from risicoscreener.instruments.result import InstrumentScore
from risicoscreener.models.calibration import expit_one

if TYPE_CHECKING:
    from risicoscreener.instruments.definition import (
        Bands,
        Derived,
        Formula,
        FormulaTerm,
        Input,
        Scale,
        Step,
    )

EVERYONE = "everyone"


class _DoesNotApply:
    """The value of a variable where it does not apply; other than unknown."""

    def __repr__(self) -> str:
        return "does not apply"


DOES_NOT_APPLY = _DoesNotApply()


class Evaluator:
    """Values of inputs and derived variables for one person, each computed once.

    Parameters
    ----------
    derived
        Definitions of the derived variables.
    answers
        Typed inputs; what is missing is absent.
    """

    __slots__ = ("_derived", "_values")

    def __init__(self, derived: Mapping[str, Derived], answers: Mapping[str, Any]) -> None:
        self._derived = derived
        self._values: dict[str, Any] = dict(answers)

    def value(self, name: str) -> Any:
        """The value; None if unknown, `DOES_NOT_APPLY` where the variable does not apply."""
        if name in self._values:
            return self._values[name]
        definition = self._derived.get(name)
        found = None if definition is None else self.compute(definition)
        self._values[name] = found
        return found

    def known(self, name: str) -> Any:
        """The value, or None if it is unknown or does not apply."""
        found = self.value(name)
        return None if found is DOES_NOT_APPLY else found

    def compute(self, definition: Derived) -> Any:
        """The value of a derived variable, or of what a rule holds."""
        if definition.when and not any_holds(definition.when, self.known):
            return DOES_NOT_APPLY
        if definition.unless and any_holds(definition.unless, self.known):
            return DOES_NOT_APPLY
        operands = [self.value(o) if isinstance(o, str) else o for o in definition.of]
        if definition.kernel not in OPEN_KERNELS and DOES_NOT_APPLY in operands:
            return DOES_NOT_APPLY
        known = [None if o is DOES_NOT_APPLY else o for o in operands]
        return KERNELS[definition.kernel](*known, **definition.options)


OPEN_KERNELS = {
    "any_true",
    "all_true",
    "unknown_or_at_least",
    "known",
    "none_true",
    "first_known",
    "first_true",
    "known_total_not_above",
    "all_zero_or_unknown",
}
"""Kernels that are computed where an operand does not apply: to them it is unknown."""


# -- terms ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CompiledTerm:
    """A term, ready: the feature that it is lowered to, its variable and its function."""

    feature: str
    variable: str
    function: Callable[[float], float]
    definition: FormulaTerm


def compile_terms(
    formula: Formula, positions: Mapping[str, Mapping[str, int]]
) -> tuple[CompiledTerm, ...]:
    """The terms of a formula as functions of numbers.

    Parameters
    ----------
    positions
        Per choice input the position of each of its codes, as `numeric` numbers them.
    """
    suffix = "" if formula.population == EVERYONE else f"_{formula.population}"
    return tuple(
        CompiledTerm(
            term.variable + suffix,
            term.variable,
            term_function(term, positions.get(term.variable, {})),
            term,
        )
        for term in formula.terms
    )


def term_function(term: FormulaTerm, positions: Mapping[str, int]) -> Callable[[float], float]:
    """What a term adds, as a function of the variable's number."""
    if term.values:
        table = {positions[code]: _added(value) for code, value in term.values.items()}
        return lambda x: table[int(x)]
    if term.steps:
        return lambda x: step_value(term.steps, x, term.below)
    if term.polynomial:
        return lambda x: _polynomial(term.polynomial, x)
    coefficient = term.coefficient or 0.0
    return lambda x: coefficient * x


def _polynomial(coefficients: list[float], x: float) -> float:
    return sum(c * x ** (i + 1) for i, c in enumerate(coefficients))


def _added(value: float | list[float]) -> float:
    return sum(value) if isinstance(value, list) else value


def step_value(steps: list[Step], x: float, below: float = 0.0) -> float:
    """The value of the last step that starts at or below ``x``."""
    found = below
    for step in steps:
        if x < step.start:
            break
        found = step.value
    return found


def numeric(value: Any, positions: Mapping[str, int]) -> float:
    """A value as a number: yes is 1, a choice is the position of its code."""
    return float(positions[value]) if isinstance(value, str) else float(value)


# -- from the sum to what is reported --------------------------------------------------------


def score_of(
    scale: Scale, bands: list[Bands], horizon: str, total: float, populations: tuple[str, ...]
) -> InstrumentScore:
    """Probability, percentage, points and band of a sum, for one horizon."""
    probability = probability_of(scale, horizon, total)
    points = total if scale.kind == "points" else None
    scaled = step_value(scale.scaled, total) if scale.scaled else None
    percentage = None if probability is None else percentage_of(scale, probability)
    measures = {
        "probability": probability,
        "percentage": percentage,
        "points": points,
        "scaled": scaled,
    }
    return InstrumentScore(
        horizon=horizon,
        probability=probability,
        percentage=percentage,
        points=points,
        scaled=scaled,
        band=band_of(bands, horizon, measures, populations),
        linear_predictor=_linear_predictor(scale, horizon, total),
    )


def probability_of(scale: Scale, horizon: str, total: float) -> float | None:
    """The probability of a sum, or None if the instrument gives none."""
    if scale.kind == "probability":
        return total
    if scale.kind == "percentages":
        return total / 100.0
    if horizon in scale.probabilities:
        return step_value(scale.probabilities[horizon], total)
    if scale.none_below is not None and total < scale.none_below:
        return 0.0
    lp = _linear_predictor(scale, horizon, total)
    return None if lp is None else expit_one(lp)


def _linear_predictor(scale: Scale, horizon: str, total: float) -> float | None:
    if scale.kind == "logit":
        return total
    intercept = scale.intercept_at(horizon)
    return None if scale.slope is None or intercept is None else intercept + scale.slope * total


def percentage_of(scale: Scale, probability: float) -> float:
    """The percentage as reported: rounded, halves up, from the floor to the ceiling."""
    if scale.decimals is None:
        return 100.0 * probability
    found = rounded(100 * Decimal(probability), scale.decimals)
    return within(scale, found)


def within(scale: Scale, percentage: float) -> float:
    """The percentage, or the limit that it passes."""
    low = -math.inf if scale.floor is None else scale.floor
    high = math.inf if scale.ceiling is None else scale.ceiling
    return max(low, min(high, percentage))


def rounded(number: Decimal, decimals: int) -> float:
    """Rounded to so many decimals, halves up."""
    return float(number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def band_of(
    bands: list[Bands],
    horizon: str,
    measures: Mapping[str, float | None],
    populations: tuple[str, ...],
) -> str | None:
    """The band by the cut-offs for the person's population and this horizon."""
    for candidate in bands:
        if candidate.population not in (EVERYONE, *populations):
            continue
        if candidate.horizon not in ("", horizon):
            continue
        measure = measures[candidate.by]
        if measure is None:
            return None
        reached = [b.code for b in candidate.levels if b.start is None or measure >= b.start]
        return reached[-1]
    return None


def choice_positions(
    inputs: Mapping[str, Input],
    choices: Mapping[str, Mapping[str, Any]],
    derived: Mapping[str, Derived],
) -> dict[str, dict[str, int]]:
    """Per choice input, and per variable that repeats one, the position of each code, from 0."""
    found = {
        name: {code: position for position, code in enumerate(choices[spec.choices])}
        for name, spec in inputs.items()
        if spec.kind == "choice"
    }
    for name, definition in derived.items():
        if definition.kernel == "same" and definition.of[0] in found:
            found[name] = found[str(definition.of[0])]
    return found
