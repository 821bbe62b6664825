"""What an instrument file may say: inputs, derived variables, formulas, bands, and their sources.

A file holds every number of one version of one instrument. What several instruments of a family
share (choices, inputs, derived variables, rules) stands in one file that they extend, so that
each is defined once.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Texts

InputKind = Literal["integer", "number", "date", "yes_no", "choice", "choices", "code"]
Level = Literal["static", "dynamic"]
Scalar = bool | int | float | str
Number = int | float
Condition = dict[str, Any]
Conditions = list[Condition]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z")]


class _Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Plain frozen data that refuses fields it does not know."""


class Origin(_Part, frozen=True):
    """Where the numbers come from and under which terms.

    ``commit`` fixes the state of a repository; a document has ``published`` and ``url`` instead.
    """

    title: str
    licence: str
    repository: str = ""
    commit: str = ""
    url: str = ""
    published: dt.date | None = None
    read_on: dt.date | None = None
    note: str = ""


class Input(_Part, frozen=True):
    """One thing that is asked.

    Parameters
    ----------
    kind
        ``choice`` is one code of ``choices``, ``choices`` any number of them; ``code`` is looked
        up in ``table`` and so gives the input named by ``gives``.
    text
        Short and neutral, in our own words; never the wording of a copyrighted item.
    minimum, maximum
        Limits of a number, inclusive.
    source_name
        Its name at the source, for who compares.
    default
        What an unanswered optional input counts as. The result says each time that it was assumed.
    unanswered
        What it means for the score if it is not answered, where that is not a default.
    provider
        Who could supply it: a key of ``providers`` in the texts of this package.
    """

    kind: InputKind
    text: Texts
    choices: str = ""
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    source_name: str = ""
    default: Scalar | list[str] | None = None
    unanswered: Texts | None = None
    provider: str = "assessor"
    table: str = ""
    gives: str = ""


class Derived(_Part, frozen=True):
    """A variable computed from inputs and other derived variables by a named kernel.

    Parameters
    ----------
    kernel, of, options
        Name of the kernel, its operands (names, or numbers) and its constants.
    when, unless
        Where it applies: any of these conditions. It has no value elsewhere.
    low, high
        Between which values it lies for inputs within their limits.
    whole
        It is a whole number.
    """

    kernel: str
    of: list[str | float | int] = []
    options: dict[str, Any] = {}
    when: Conditions = []
    unless: Conditions = []
    low: float | None = None
    high: float | None = None
    whole: bool = False
    text: Texts | None = None


class Rule(_Part, frozen=True):
    """What must hold between inputs.

    ``holds`` is computed like a derived variable and must not be false; without a value (an
    operand is missing, or does not apply) there is nothing to object to.
    """

    holds: Derived
    fields: list[str]
    expected: Texts
    level: Level = "static"
    source_name: str = ""


class Population(_Part, frozen=True):
    """A group for which a formula is: ``when`` any of these conditions hold."""

    when: Conditions
    text: Texts


class Need(_Part, frozen=True):
    """Inputs that are needed for a variant, always or under conditions."""

    inputs: list[str]
    level: Level = "static"
    when: Conditions = []
    unless: Conditions = []


class Step(Struct, frozen=True, array_like=True):
    """From this value on (up to the next step), this many points."""

    start: float
    value: float


class FormulaTerm(_Part, frozen=True):
    """What one variable adds: exactly one of coefficient, polynomial, values or steps.

    Parameters
    ----------
    coefficient
        Times the variable.
    polynomial
        Coefficients of the first, second, third... power.
    values
        Per code of a choice; a list of numbers is added up (effects that the source keeps apart).
    steps
        A step function: the value from each start on; ``below`` before the first.
    label
        Name of the coefficient at the source.
    source
        Where in the origin, if it is elsewhere than its formula's.
    """

    variable: str
    coefficient: float | None = None
    polynomial: list[float] = []
    values: dict[str, float | list[float]] = {}
    steps: list[Step] = []
    below: float = 0.0
    label: str = ""
    source: str = ""


class Formula(_Part, frozen=True):
    """Terms and intercepts for one population and one variant; those that apply are added up.

    Parameters
    ----------
    population
        ``everyone``, or a population of this file.
    applies_to
        The conditions of that population, said again: a formula that was moved to another
        population no longer agrees with itself, and the file is refused.
    intercepts
        Per horizon.
    source
        Where in the origin these numbers stand.
    """

    population: str
    source: str
    variant: Level = "static"
    applies_to: Conditions = []
    intercepts: dict[str, float] = {}
    terms: list[FormulaTerm] = []
    constant: float = 0.0


class Horizon(_Part, frozen=True):
    """A period within which the outcome counts; ``days`` is None if it is no fixed period."""

    name: str
    text: Texts
    days: Annotated[int, Meta(gt=0)] | None = None


class Scale(_Part, frozen=True):
    """From the sum to what is reported.

    Parameters
    ----------
    kind
        ``logit``: the sum is a log odds. ``points``: the sum is a score. ``probability``: the
        one value is a probability. ``percentages``: the parts' percentages are added, as
        reported. ``probabilities``: the parts' probabilities are added, unrounded.
    intercept, slope, none_below
        Log odds as a line of points, with probability 0 below ``none_below`` points.
    intercepts
        Per horizon the intercept of that line, where they differ.
    probabilities
        Per horizon a step table from points to probability.
    scaled
        Step table from points to the scaled score that is reported.
    decimals
        Decimals of the reported percentage, halves up; bands are found by that percentage.
    floor, ceiling
        The lowest and highest percentage that is reported.
    """

    kind: Literal["logit", "points", "probability", "percentages", "probabilities"]
    intercept: float | None = None
    intercepts: dict[str, float] = {}
    slope: float | None = None
    none_below: float | None = None
    probabilities: dict[str, list[Step]] = {}
    scaled: list[Step] = []
    decimals: int | None = 2
    floor: float | None = None
    ceiling: float | None = None
    source: str = ""

    def intercept_at(self, horizon: str) -> float | None:
        """Intercept of the line for a horizon."""
        return self.intercepts.get(horizon, self.intercept)


class Band(_Part, frozen=True):
    """A band and the value from which it counts; the first has no ``start``."""

    code: str
    text: Texts
    start: float | None = None


class Bands(_Part, frozen=True):
    """Cut-offs, by percentage, points, scaled score or probability, for a population."""

    by: Literal["percentage", "points", "scaled", "probability"]
    levels: list[Band]
    population: str = "everyone"
    horizon: str = ""
    source: str = ""


class BandShift(_Part, frozen=True):
    """One band lower if the derived variable ``when_true`` holds."""

    when_true: str
    text: Texts
    source: str = ""


class NotApplicable(_Part, frozen=True):
    """For whom the answer is a fixed one, without formula: probability 0 and its own band."""

    when: Conditions
    band: str
    text: Texts
    source: str = ""


class PartOf(_Part, frozen=True):
    """An instrument that a composite one is made of."""

    instrument: str
    version: str


class Shared(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Definitions of a family of instruments."""

    origin: Origin
    choices: dict[str, dict[str, Texts]] = {}
    inputs: dict[Name, Input] = {}
    derived: dict[Name, Derived] = {}
    populations: dict[Name, Population] = {}
    rules: dict[Name, Rule] = {}


class Definition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of one instrument."""

    id: Name
    version: str
    title: Texts
    outcome: Texts
    population: Texts
    use: Texts
    published: dt.date
    origin: Origin
    horizons: Annotated[list[Horizon], Meta(min_length=1)]
    scale: Scale
    needs: list[Need]
    kind: Literal["additive", "composite"] = "additive"
    extends: str = ""
    optional: list[str] = []
    parts: list[PartOf] = []
    checks: list[str] = []
    choices: dict[str, dict[str, Texts]] = {}
    inputs: dict[Name, Input] = {}
    derived: dict[Name, Derived] = {}
    populations: dict[Name, Population] = {}
    rules: dict[Name, Rule] = {}
    formulas: list[Formula] = []
    bands: list[Bands] = []
    shift: BandShift | None = None
    not_applicable: list[NotApplicable] = []
    remarks: list[Texts] = []


def parsed(text: str, kind: type[Any], what: str) -> Any:
    """The `Definition` or `Shared` in the text of a file, which messages call ``what``.

    Raises
    ------
    ModelError
        If it is not TOML, or holds other fields than it should.
    """
    try:
        return msgspec.convert(parse_toml(text), kind)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{what} is not TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise ModelError(f"{what} is not what it should be: {error}.") from error
