"""Checks of an instrument file when it is loaded, so that it cannot contradict itself unseen."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import ModelError
from risicoscreener.instruments.kernels import KERNELS, any_holds
from risicoscreener.instruments.scoring import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from risicoscreener.instruments.definition import Conditions, Derived, Formula, FormulaTerm
    from risicoscreener.instruments.instrument import Instrument

MAX_CASES = 10_000


def check(instrument: Instrument) -> None:
    """Refuse a file that contradicts itself.

    Raises
    ------
    ModelError
        Naming everything that was found.
    """
    problems = list(_problems(instrument))
    if problems:
        raise ModelError(
            f"instrument {instrument.id} {instrument.version} contradicts itself: "
            f"{'; '.join(problems)}. Correct the file."
        )


def _problems(instrument: Instrument) -> Iterator[str]:
    yield from _names(instrument)
    for name, definition in instrument.derived.items():
        yield from _derived(instrument, name, definition)
    for name in instrument.definition.checks:
        yield from _rule(instrument, name)
    for formula in instrument.definition.formulas:
        yield from _formula(instrument, formula)
    yield from _overlaps(instrument)
    yield from _bands(instrument)


def _names(instrument: Instrument) -> Iterator[str]:
    definition = instrument.definition
    asked = [*definition.optional, *(n for need in definition.needs for n in need.inputs)]
    for name in asked:
        if name not in instrument.all_inputs:
            yield f"{name} is needed but is no input"
    for name, spec in instrument.all_inputs.items():
        if spec.kind in ("choice", "choices") and spec.choices not in instrument.choices:
            yield f"input {name} has unknown choices {spec.choices!r}"
        if name in instrument.derived:
            yield f"{name} is both an input and a derived variable"
    if definition.kind == "composite" and not definition.parts:
        yield "it is composite without parts"
    if definition.kind == "additive" and not definition.formulas:
        yield "it has no formula"


def _derived(instrument: Instrument, name: str, definition: Derived) -> Iterator[str]:
    if definition.kernel not in KERNELS:
        yield f"{name} names the unknown kernel {definition.kernel!r}"
    named = [o for o in definition.of if isinstance(o, str)]
    named += list(_in(definition.when, definition.unless))
    yield from _unknown(instrument, name, named)
    if _reaches(instrument, name, name, set()):
        yield f"{name} is computed from itself"


def _rule(instrument: Instrument, name: str) -> Iterator[str]:
    shared = instrument._shared.rules if instrument._shared else {}
    rule = {**shared, **instrument.definition.rules}.get(name)
    if rule is None:
        yield f"check {name} is no rule"
        return
    yield from _derived(instrument, f"rule {name}", rule.holds)
    yield from _unknown(instrument, f"rule {name}", rule.fields)


def _formula(instrument: Instrument, formula: Formula) -> Iterator[str]:
    where = f"the {formula.variant} formula for {formula.population}"
    if formula.population != EVERYONE:
        population = instrument.populations.get(formula.population)
        if population is None:
            yield f"{where} is for an unknown population"
        elif population.when != formula.applies_to:
            yield (
                f"{where} says that it applies to {formula.applies_to}, but that population is "
                f"{population.when}"
            )
    elif formula.applies_to:
        yield f"{where} must not say to whom it applies"
    horizons = {h.name for h in instrument.definition.horizons}
    for horizon in set(formula.intercepts) - horizons:
        yield f"{where} has an intercept for the unknown horizon {horizon!r}"
    for term in formula.terms:
        yield from _term(instrument, where, term)


def _term(instrument: Instrument, where: str, term: FormulaTerm) -> Iterator[str]:
    forms = [term.coefficient is not None, term.polynomial, term.values, term.steps]
    if sum(map(bool, forms)) != 1:
        yield (f"{where}, {term.variable}: give one of coefficient, polynomial, values, steps")
    yield from _unknown(instrument, where, [term.variable])
    spec = instrument.all_inputs.get(term.variable)
    if term.values:
        codes = set(instrument.choices.get(spec.choices, ())) if spec else set()
        if codes != set(term.values):
            differ = ", ".join(sorted(codes ^ set(term.values)))
            yield f"{where}, {term.variable}: the codes differ from its choices ({differ})"
    starts = [step.start for step in term.steps]
    if starts != sorted(set(starts)):
        yield f"{where}, {term.variable}: the steps do not ascend"


def _overlaps(instrument: Instrument) -> Iterator[str]:
    """Two formulas of one variant for different populations never both apply to one person."""
    for variant in ("static", "dynamic"):
        used = {f.population for f in instrument.definition.formulas if f.variant == variant}
        known = sorted(used & set(instrument.populations))
        for first, second in combinations(known, 2):
            case = _both(instrument, first, second)
            if case is not None:
                yield f"populations {first} and {second} overlap, at {case}"


def _both(instrument: Instrument, first: str, second: str) -> dict[str, Any] | None:
    """A case in both populations, if their conditions are on inputs with few answers."""
    conditions = [instrument.populations[name].when for name in (first, second)]
    names = list(dict.fromkeys(_in(*conditions)))
    answers = [_answers(instrument, name) for name in names]
    if not all(answers):
        return None
    for number, values in enumerate(product(*answers)):
        case = dict(zip(names, values, strict=True))
        if number > MAX_CASES:
            return None
        if all(any_holds(c, case.get) for c in conditions):
            return case
    return None


def _answers(instrument: Instrument, name: str) -> list[Any]:
    spec = instrument.all_inputs.get(name)
    if spec is None:
        return []
    if spec.kind == "yes_no":
        return [False, True]
    if spec.kind == "choice":
        return list(instrument.choices[spec.choices])
    if spec.kind == "integer" and spec.minimum is not None and spec.maximum is not None:
        return list(range(int(spec.minimum), int(spec.maximum) + 1))
    return []


def _bands(instrument: Instrument) -> Iterator[str]:
    for bands in instrument.definition.bands:
        first, *later = [band.start for band in bands.levels]
        starts = [start for start in later if start is not None]
        if first is not None or len(starts) < len(later) or starts != sorted(set(starts)):
            yield "bands must ascend, and only the first has no start"
        if bands.population not in (EVERYONE, *instrument.populations):
            yield f"bands are for the unknown population {bands.population!r}"


def _in(*groups: Conditions) -> Iterable[str]:
    return (name for group in groups for condition in group for name in condition)


def _unknown(instrument: Instrument, where: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name not in instrument.all_inputs and name not in instrument.derived:
            yield f"{where} names {name}, which is no input and no derived variable"


def _reaches(instrument: Instrument, start: str, goal: str, seen: set[str]) -> bool:
    definition = instrument.derived.get(start)
    if definition is None or start in seen:
        return False
    seen.add(start)
    below = [o for o in definition.of if isinstance(o, str)]
    below += list(_in(definition.when, definition.unless))
    return goal in below or any(_reaches(instrument, name, goal, seen) for name in below)
