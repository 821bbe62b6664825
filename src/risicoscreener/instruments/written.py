"""The probabilities alone, by a function that is written for the instrument.

`score` walks the definitions of an instrument for each person and tells every step. Here the same
definitions are walked once, and become one straight function of Python: read the inputs, see what
is missing, compute what is derived, add up. It calls the same kernels on the same values in the
same order, so its probabilities are those of `score` to the last bit; a property test holds that.
Whatever is out of the ordinary (an input that is refused, an answer that must be assumed) it leaves
to `score`.

Of the file of an instrument nothing becomes source text: names, codes and numbers are constants
that the source refers to by number, and a kernel takes its options by the names of its own code.
"""

from __future__ import annotations

import datetime as dt
import inspect
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from risicoscreener.instruments import kernels
from risicoscreener.instruments.answers import (
    READERS,
    REFUSED,
    code_table,
    is_missing,
    is_within,
)
from risicoscreener.instruments.scoring import (
    DOES_NOT_APPLY,
    EVERYONE,
    OPEN_KERNELS,
    percentage_of,
    probability_of,
    rounded,
    within,
)
from risicoscreener.models.calibration import expit_one

if TYPE_CHECKING:
    from risicoscreener.instruments.answers import Choices
    from risicoscreener.instruments.definition import Conditions, Derived, Input, Level, Scale
    from risicoscreener.instruments.instrument import Instrument
    from risicoscreener.instruments.scoring import CompiledTerm

Probabilities = tuple[float | None, ...]

LEFT_TO_SCORE = (ArithmeticError, LookupError, TypeError, ValueError)
"""What the written function may meet on the way, such as a day beyond the calendar."""


class Unusual(Exception):  # noqa: N818 - not an error: `score` answers
    """A case that the written function leaves to `score`."""


@dataclass(frozen=True)
class Written:
    """What was written for an instrument.

    Both functions raise `Unusual` or one of `LEFT_TO_SCORE` for a case that they leave to `score`.

    Attributes
    ----------
    names
        The inputs that are read.
    of_row
        From the value of each of `names`, in that order, to a probability for each horizon.
    of_inputs
        The same from inputs by name.
    """

    names: tuple[str, ...]
    of_row: Callable[..., Probabilities]
    of_inputs: Callable[[Mapping[str, Any]], Probabilities]


def write(instrument: Instrument) -> Written:
    """Write the functions of an instrument."""
    family, parts = instrument.all_inputs, tuple(instrument.parts.values())
    known = {**family, **instrument.inputs}
    inputs = {**instrument.inputs, **_asked_by_constants(instrument)}
    writer = _Writer(instrument)
    writer.line(f"def of_row({', '.join(f'v{i}' for i in range(len(inputs)))}):")
    writer.depth = 1
    writer.read(inputs)
    if instrument.composite:
        _write_composite(writer, parts)
    else:
        writer.part("return {}")
    writer.depth = 0
    writer.line("def of_inputs(given):")
    allowed = frozenset(family if instrument.composite else known)
    writer.line(f"    if not {writer.constant(allowed.issuperset)}(given): raise Unusual")
    writer.line("    get = given.get")
    values = ", ".join(f"get({writer.constant(name)})" for name in inputs)
    writer.line(f"    return of_row({values})")
    scope = writer.compiled()
    return Written(tuple(inputs), scope["of_row"], scope["of_inputs"])


def _write_composite(writer: _Writer, parts: tuple[Instrument, ...]) -> None:
    """A sum of what parts answer, as `composite.score_composite` makes it."""
    whole, inputs = writer.instrument, dict(writer.names)
    for number, part in enumerate(parts):
        if part.composite or not _reads_alike(part, whole):
            writer.line("raise Unusual")
            return
        writer.line("while True:")
        writer.depth += 1
        writer.instrument, writer.names, writer.may_not_apply = part, dict(inputs), set()
        writer.part(f"p{number} = {{}}; break")
        writer.depth -= 1
    writer.instrument, writer.names, writer.may_not_apply = whole, dict(inputs), set()
    scale = whole.definition.scale
    writer.line("added = {}")
    for formula in whole.definition.formulas:
        constant = formula.constant
        if scale.kind == "percentages":
            constant = percentage_of(scale, constant)
        test, place = writer.applies(formula.population), writer.constant(formula.population)
        writer.line(f"if {test}: added[{place}] = {writer.constant(constant)}")
    writer.line("added = list(added.values())")
    answers = []
    for horizon in whole.horizons:
        of_parts = []
        for number, part in enumerate(parts):
            if horizon in part.horizons:
                of_part = f"(p{number}[{part.horizons.index(horizon)}] or 0.0)"
                if scale.kind == "percentages":
                    measure = partial(_reported, part.definition.scale)
                    of_part = f"{writer.constant(measure)}({of_part})"
                of_parts.append(of_part)
        total = f"sum([{', '.join([*of_parts, '*added'])}])"
        if scale.kind == "percentages":
            total = f"{writer.constant(partial(_of_percentages, scale))}({total})"
        answers.append(total)
    writer.line(f"return ({', '.join(answers)},)")


def _asked_by_constants(instrument: Instrument) -> dict[str, Input]:
    """What the populations of a composite one read, beside what its parts read."""
    if not instrument.composite:
        return {}
    populations = {f.population for f in instrument.definition.formulas} - {EVERYONE}
    named = [n for p in populations for c in instrument.populations[p].when for n in c]
    asked = set(instrument.reached(named))
    return {n: spec for n, spec in instrument.all_inputs.items() if asked & {n, spec.gives}}


def _reads_alike(part: Instrument, whole: Instrument) -> bool:
    """Each input of a part is what it is for the whole, and no name is strange to it."""
    known = {**part.all_inputs, **part.inputs}
    return whole.all_inputs.keys() <= known.keys() and all(
        whole.inputs[name] == spec
        and part.choices.get(spec.choices) == whole.choices.get(spec.choices)
        for name, spec in part.inputs.items()
    )


def _reported(scale: Scale, probability: float) -> float:
    """The percentage of a part as it reports it."""
    if not probability and scale.floor:
        raise Unusual  # 0 where the part does not apply, the floor elsewhere
    return percentage_of(scale, probability)


def _of_percentages(scale: Scale, total: float) -> float:
    """The probability of a sum of percentages."""
    if scale.decimals is not None:
        total = rounded(Decimal(total), scale.decimals)
    return within(scale, total) / 100.0


class _Writer:
    """Source of functions, and the constants that it refers to."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.scope: dict[str, Any] = {
            "Unusual": Unusual,
            "date": dt.date,
            "bisect": bisect_right,
            "DNA": DOES_NOT_APPLY,
        }
        self.lines: list[str] = []
        self.depth = 0
        self.names: dict[str, str] = {}
        """What each input and derived variable is called in the source, once it is there."""
        self.may_not_apply: set[str] = set()

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self.depth + text)

    def constant(self, value: Any) -> str:
        """The name by which the source refers to a value."""
        name = f"c{len(self.scope)}"
        self.scope[name] = value
        return name

    def compiled(self) -> dict[str, Any]:
        """The functions."""
        source = "\n".join(self.lines)
        exec(compile(source, "<instrument>", "exec"), self.scope)  # noqa: S102 - see above
        return self.scope

    # -- inputs ----------------------------------------------------------------------------

    def only(self, names: frozenset[str]) -> None:
        """Nothing but these may be given."""
        self.line(f"if not {self.constant(names.issuperset)}(given): raise Unusual")

    def read(self, inputs: Mapping[str, Input]) -> None:
        """Each input with its type and limits; None if it is missing."""
        choices = self.instrument.choices
        for number, (name, spec) in enumerate(inputs.items()):
            v = self.names[name] = f"v{number}"
            reader = self.constant(partial(_read, spec, choices))
            self.line(f"if {self._is_not_plain(v, spec, choices)}: {v} = {reader}({v})")
        for name, spec in inputs.items():
            if spec.gives:
                v, given = self.names[name], self.names[spec.gives]
                look_up = self.constant(partial(_look_up, code_table(spec.table)))
                self.line(f"if {v} is not None: {given} = {look_up}({v}, {given})")

    def _is_not_plain(self, v: str, spec: Input, choices: Choices) -> str:
        """The test whether a value is there and anything but what is usually given."""
        test = "True"
        if spec.kind == "date":
            test = f"type({v}) is not date"
        elif spec.kind == "yes_no":
            test = f"{v} is not True and {v} is not False"
        elif spec.kind == "choice":
            test = f"{v} not in {self.constant(frozenset(choices[spec.choices]))}"
        elif spec.kind == "integer" and spec.minimum is not None and spec.maximum is not None:
            low, high = self.constant(spec.minimum), self.constant(spec.maximum)
            test = f"(type({v}) is not int or not {low} <= {v} <= {high})"
        return f"{v} is not None and {test}"

    # -- derived variables -------------------------------------------------------------------

    def value(self, name: str) -> str:
        """What a variable is called, written out where it is first needed."""
        if name not in self.names:
            definition = self.instrument.derived.get(name)
            found = "None"
            if definition is not None:
                found, may_not_apply = self._computed(definition)
                if may_not_apply:
                    self.may_not_apply.add(name)
            self.names[name] = d = f"d{len(self.names)}"
            self.line(f"{d} = {found}")
        return self.names[name]

    def known(self, name: str) -> str:
        """A variable, None where it does not apply."""
        found = self.value(name)
        return f"(None if {found} is DNA else {found})" if name in self.may_not_apply else found

    def _computed(self, definition: Derived) -> tuple[str, bool]:
        """The value of a derived variable, and whether it may not apply."""
        is_open = definition.kernel in OPEN_KERNELS
        operands = [o for o in definition.of if isinstance(o, str)]
        doubtful = [self.value(o) for o in operands if self.value(o) and o in self.may_not_apply]
        call = self._call(definition, is_open)
        if not is_open:
            if operands:
                unknown = " or ".join(f"{self.value(o)} is None" for o in dict.fromkeys(operands))
                call = f"(None if {unknown} else {call})"
            for value in dict.fromkeys(doubtful):
                call = f"(DNA if {value} is DNA else {call})"
        if definition.unless:
            call = f"(DNA if {self.holds(definition.unless)} else {call})"
        if definition.when:
            call = f"({call} if {self.holds(definition.when)} else DNA)"
        may_not_apply = bool(definition.when or definition.unless or (doubtful and not is_open))
        return call, may_not_apply

    def _call(self, definition: Derived, is_open: bool) -> str:
        kernel = getattr(kernels, definition.kernel)
        takes = inspect.signature(kernel).parameters
        if not definition.options.keys() <= takes.keys():
            self.line("raise Unusual")
        given = [
            (self.known(o) if is_open else self.value(o))
            if isinstance(o, str)
            else self.constant(o)
            for o in definition.of
        ]
        given += [
            f"{name}={self.constant(definition.options[name])}"
            for name in takes
            if name in definition.options
        ]
        return f"{self.constant(kernel)}({', '.join(given)})"

    # -- conditions --------------------------------------------------------------------------

    def holds(self, conditions: Conditions) -> str:
        """The test whether one of the conditions holds."""
        tests = [
            " and ".join(
                [self._fits(name, wanted) for name, wanted in condition.items()] or ["True"]
            )
            for condition in conditions
        ]
        return f"({' or '.join(tests) or 'False'})"

    def _fits(self, name: str, wanted: Any) -> str:
        value = self.known(name)
        if isinstance(wanted, dict):
            low = self.constant(wanted.get("min", -math.inf))
            high = self.constant(wanted.get("max", math.inf))
            return f"({value} is not None and {low} <= {value} <= {high})"
        sign = "in" if isinstance(wanted, list) else "=="
        return f"({value} is not None and {value} {sign} {self.constant(wanted)})"

    def applies(self, population: str) -> str:
        """The test whether someone is of a population."""
        if population == EVERYONE:
            return "True"
        return self.holds(self.instrument.populations[population].when)

    # -- from inputs to a probability ----------------------------------------------------------

    def part(self, answer: str) -> None:
        """The lines of one instrument that is no composite, of inputs that are read.

        Parameters
        ----------
        answer
            What is done with the probabilities, which stand where ``{}`` is.
        """
        self._see_what_lacks()
        nothing = self.constant((0.0,) * len(self.instrument.horizons))
        for case in self.instrument.definition.not_applicable:
            self.line(f"if {self.holds(case.when)}: {answer.format(nothing)}")
        variants = self.instrument.variants
        if "static" not in variants:
            self.line("if lacking: raise Unusual")
        if len(variants) > 1:
            before, place = dict(self.names), len(self.lines)
            self.depth += 1
            self._variant("static", answer)
            self.depth -= 1
            self.lines.insert(place, "    " * self.depth + "if lacking:")
            self.names = before
        self._variant(variants[-1], answer)

    def _see_what_lacks(self) -> None:
        """Find the variant; what makes that there is no score is left to `score`."""
        self.line("lacking = False")
        for need in self.instrument.definition.needs:
            then = "raise Unusual" if need.level == "static" else "lacking = True"
            tests = [" or ".join(f"{self.names[name]} is None" for name in need.inputs)]
            tests += [self.holds(need.when)] if need.when else []
            tests += [f"not {self.holds(need.unless)}"] if need.unless else []
            if need.inputs:
                self.line(f"if {' and '.join(f'({test})' for test in tests)}: {then}")
        for rule in self.instrument.rules.values():
            then = "raise Unusual" if rule.level == "static" else "lacking = True"
            found, _ = self._computed(rule.holds)
            self.line(f"if {found} is False: {then}")

    def _variant(self, variant: Level, answer: str) -> None:
        """The lines of one variant, down to what is done with its probabilities."""
        assumed = [self.names[name] for name in self.instrument.defaults(variant)]
        if assumed:
            self.line(f"if {' or '.join(f'{v} is None' for v in assumed)}: raise Unusual")
        horizons = self.instrument.horizons
        for number in range(len(horizons)):
            self.line(f"h{number} = 0.0")
        features: dict[str, str] = {}
        for formula, terms in self.instrument.formulas[variant]:
            test = self.applies(formula.population)
            before = len(features)
            lines = self._added(terms, features)
            for number, horizon in enumerate(horizons):
                intercept = formula.constant + formula.intercepts.get(horizon, 0.0)
                if intercept:
                    lines.append(f"h{number} += {self.constant(intercept)}")
            for feature in list(features.values())[before:]:
                self.line(f"{feature} = 0.0")
            self.line(f"if {test}:")
            for text in lines or ["pass"]:
                self.line(f"    {text}")
        self.line(f"total = sum(({''.join(f'{f}, ' for f in features.values())}))")
        scale = self.instrument.definition.scale
        answers = [
            f"{self.constant(_link(scale, horizon))}(h{number} + total)"
            for number, horizon in enumerate(horizons)
        ]
        self.line(answer.format(f"({', '.join(answers)},)"))

    def _added(self, terms: tuple[CompiledTerm, ...], features: dict[str, str]) -> list[str]:
        """What the terms of a formula add to their features; new features are named."""
        lines = []
        for term in terms:
            value = self.value(term.variable)
            feature = features.setdefault(term.feature, f"f{len(features)}")
            lines.append(f"if {value} is None: raise Unusual")
            added = self._term(term, value)
            if term.variable in self.may_not_apply:
                added = f"(0.0 if {value} is DNA else {added})"
            lines.append(f"{feature} += {added}")
        return lines

    def _term(self, term: CompiledTerm, value: str) -> str:
        """What one term adds for a value that applies."""
        definition, positions = term.definition, self.instrument.positions.get(term.variable)
        if definition.values and positions:
            table = {code: term.function(positions[code]) for code in definition.values}
            return f"{self.constant(table)}[{value}]"
        number = f"{self.constant(positions)}[{value}]" if positions else value
        starts = [step.start for step in definition.steps]
        if starts and starts == sorted(starts):
            heights = [definition.below, *(step.value for step in definition.steps)]
            return f"{self.constant(heights)}[bisect({self.constant(starts)}, {number})]"
        if definition.coefficient is not None and not definition.polynomial:
            return f"{self.constant(definition.coefficient)} * {number}"
        if definition.polynomial and not starts:
            first, *others = map(self.constant, definition.polynomial)
            powers = [f"{c} * x ** {i}" for i, c in enumerate(others, 2)]
            return f"sum(({', '.join([f'{first} * (x := float({number}))', *powers])},))"
        return f"{self.constant(term.function)}(float({number}))"


def _link(scale: Scale, horizon: str) -> Callable[[float], float | None]:
    """From a sum to a probability."""
    plain = scale.kind == "logit" and scale.none_below is None
    if plain and horizon not in scale.probabilities:
        return expit_one
    return partial(probability_of, scale, horizon)


def _read(spec: Input, choices: Choices, raw: Any) -> Any:
    """An input that is not of the usual type, as `answers.read_answers` reads it."""
    if is_missing(raw):
        return None
    value = READERS[spec.kind](raw, spec, choices)
    if value is REFUSED or not is_within(value, spec):
        raise Unusual
    return value


def _look_up(table: Mapping[str, str], code: str, category: str | None) -> str:
    """The category that a code gives, unless another one was given."""
    found = table[code]
    if category not in (None, found):
        raise Unusual
    return found
