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
Written = Callable[[Mapping[str, Any]], Probabilities]

LEFT_TO_SCORE = (ArithmeticError, LookupError, TypeError, ValueError)
"""What the written function may meet on the way, such as a day beyond the calendar."""


class Unusual(Exception):  # noqa: N818 - not an error: `score` answers
    """A case that the written function leaves to `score`."""


def write(instrument: Instrument, known: frozenset[str] = frozenset()) -> Written:
    """A function from inputs to a probability for each horizon.

    It raises `Unusual` or one of `LEFT_TO_SCORE` for a case that it leaves to `score`.

    Parameters
    ----------
    known
        Names of which it is sure that nothing else is given; none if that is to be seen.
    """
    if instrument.composite:
        return _Composite(instrument).probabilities
    names = frozenset({**instrument.all_inputs, **instrument.inputs})
    writer = _Writer(instrument)
    if not known or known - names:
        writer.only(names)
    writer.read(instrument.inputs)
    writer.refuse_what_lacks()
    writer.where_it_does_not_apply()
    writer.add_up()
    return writer.function()


class _Composite:
    """A sum of what parts answer, as `composite.score_composite` makes it."""

    def __init__(self, instrument: Instrument) -> None:
        known = frozenset(instrument.all_inputs)
        self.all_known = known.issuperset
        self.scale = instrument.definition.scale
        self.percentages = self.scale.kind == "percentages"
        parts = tuple(instrument.parts.values())
        self.parts = tuple(write(part, known) for part in parts)
        self.scales = tuple(part.definition.scale for part in parts)
        self.places = tuple(
            tuple((i, p.horizons.index(h)) for i, p in enumerate(parts) if h in p.horizons)
            for h in instrument.horizons
        )
        """For each horizon which parts have it, and where."""
        self.constants = _constants(instrument)

    def probabilities(self, given: Mapping[str, Any]) -> Probabilities:
        """A probability for each horizon."""
        if not self.all_known(given):
            raise Unusual
        found = [part(given) for part in self.parts]
        constants = self.constants(given)
        if self.percentages:
            return tuple([self._of_percentages(found, places, constants) for places in self.places])
        return tuple(
            [sum([found[i][j] or 0.0 for i, j in places] + constants) for places in self.places]
        )

    def _of_percentages(
        self,
        found: list[Probabilities],
        places: tuple[tuple[int, int], ...],
        constants: list[float],
    ) -> float:
        """The probability of a sum of percentages as the parts report them."""
        percentages = []
        for i, j in places:
            probability = found[i][j] or 0.0
            if not probability and self.scales[i].floor:
                raise Unusual  # 0 where the part does not apply, the floor elsewhere
            percentages.append(percentage_of(self.scales[i], probability))
        total = sum(percentages + constants)
        if self.scale.decimals is not None:
            total = rounded(Decimal(total), self.scale.decimals)
        return within(self.scale, total) / 100.0


def _constants(instrument: Instrument) -> Callable[[Mapping[str, Any]], list[float]]:
    """What the populations that apply add, in the unit that is summed."""
    writer = _Writer(instrument)
    scale, formulas = instrument.definition.scale, instrument.definition.formulas
    populations = {f.population for f in formulas} - {EVERYONE}
    named = [n for p in populations for c in instrument.populations[p].when for n in c]
    asked = {name for name in instrument.reached(named) if name in instrument.all_inputs}
    inputs = instrument.all_inputs.items()
    writer.read({name: spec for name, spec in inputs if asked & {name, spec.gives}})
    writer.line("found = {}")
    for formula in formulas:
        added = formula.constant
        if scale.kind == "percentages":
            added = percentage_of(scale, added)
        test = writer.applies(formula.population)
        place = writer.constant(formula.population)
        writer.line(f"if {test}: found[{place}] = {writer.constant(added)}")
    writer.line("return list(found.values())")
    return writer.function()


class _Writer:
    """Source of one function, and the constants that it refers to."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.scope: dict[str, Any] = {
            "Unusual": Unusual,
            "date": dt.date,
            "bisect": bisect_right,
            "DNA": DOES_NOT_APPLY,
        }
        self.lines: list[str] = []
        self.names: dict[str, str] = {}
        """What each input and derived variable is called in the source, once it is there."""
        self.may_not_apply: set[str] = set()

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append(f"    {text}")

    def constant(self, value: Any) -> str:
        """The name by which the source refers to a value."""
        name = f"c{len(self.scope)}"
        self.scope[name] = value
        return name

    def function(self) -> Any:
        """The function, compiled."""
        source = "\n".join(["def written(given):", "    get = given.get", *self.lines])
        exec(compile(source, "<instrument>", "exec"), self.scope)  # noqa: S102 - see above
        return self.scope["written"]

    # -- inputs ----------------------------------------------------------------------------

    def only(self, names: frozenset[str]) -> None:
        """Nothing but these may be given."""
        self.line(f"if not {self.constant(names.issuperset)}(given): raise Unusual")

    def read(self, inputs: Mapping[str, Input]) -> None:
        """Each input with its type and limits; None if it is missing."""
        choices = self.instrument.choices
        for number, (name, spec) in enumerate(inputs.items()):
            v = self.names[name] = f"v{number}"
            self.line(f"{v} = get({self.constant(name)})")
            reader = self.constant(partial(_read, spec, choices))
            self.line(f"if {self._is_not_plain(v, spec, choices)}: {v} = {reader}({v})")
        for name, spec in inputs.items():
            if spec.gives:
                v, given = self.names[name], self.names[spec.gives]
                look_up = self.constant(partial(_look_up, code_table(spec.table)))
                self.line(f"if {v} is not None: {given} = {look_up}({v}, {given})")

    def _is_not_plain(self, v: str, spec: Input, choices: Choices) -> str:
        """The test whether a value is anything but what is usually given."""
        if spec.kind == "date":
            return f"type({v}) is not date"
        if spec.kind == "yes_no":
            return f"{v} is not True and {v} is not False"
        if spec.kind == "choice":
            return f"{v} not in {self.constant(frozenset(choices[spec.choices]))}"
        if spec.kind == "integer" and spec.minimum is not None and spec.maximum is not None:
            low, high = self.constant(spec.minimum), self.constant(spec.maximum)
            return f"type({v}) is not int or not {low} <= {v} <= {high}"
        return f"{v} is not None"

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

    def refuse_what_lacks(self) -> None:
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

    def where_it_does_not_apply(self) -> None:
        """The fixed answer, without a formula."""
        nothing = self.constant((0.0,) * len(self.instrument.horizons))
        for case in self.instrument.definition.not_applicable:
            self.line(f"if {self.holds(case.when)}: return {nothing}")

    def add_up(self) -> None:
        """The sum of each variant, and its probabilities."""
        variants = self.instrument.variants
        if "static" not in variants:
            self.line("if lacking: raise Unusual")
        if len(variants) > 1:
            before = dict(self.names)
            start = len(self.lines)
            self._variant("static")
            of_static = [f"    {text}" for text in self.lines[start:]]
            self.lines[start:] = ["    if lacking:", *of_static]
            self.names = before
        self._variant(variants[-1])

    def _variant(self, variant: Level) -> None:
        """The lines of one variant, down to what it returns."""
        assumed = [self.names[name] for name in self.instrument.defaults(variant)]
        if assumed:
            self.line(f"if {' or '.join(f'{v} is None' for v in assumed)}: raise Unusual")
        horizons = self.instrument.horizons
        for number in range(len(horizons)):
            self.line(f"h{number} = 0.0")
        features: dict[str, str] = {}
        for formula, terms in self.instrument.formulas[variant]:
            test = self.applies(formula.population)
            before = set(features)
            lines = self._added(terms, features)
            for number, horizon in enumerate(horizons):
                intercept = formula.constant + formula.intercepts.get(horizon, 0.0)
                lines.append(f"h{number} += {self.constant(intercept)}")
            for feature in features.keys() - before:
                self.line(f"{features[feature]} = 0.0")
            self.line(f"if {test}:")
            for text in lines:
                self.line(f"    {text}")
        self.line(f"total = sum(({''.join(f'{f}, ' for f in features.values())}))")
        scale = self.instrument.definition.scale
        answers = [
            f"{self.constant(_link(scale, horizon))}(h{number} + total)"
            for number, horizon in enumerate(horizons)
        ]
        self.line(f"return ({', '.join(answers)},)")

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
