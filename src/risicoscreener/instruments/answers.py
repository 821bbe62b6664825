"""Reading what was given: each input to its type, within its limits, every objection collected."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import ModelError
from risicoscreener.instruments.result import InstrumentProblem, wording
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from risicoscreener.instruments.definition import Input

Choices = dict[str, dict[str, Texts]]
REFUSED = object()
"""What a reader gives for a value that it does not take."""


@dataclass(slots=True)
class Objection:
    """What is wrong with an input, before it is known for which variant it matters."""

    code: str
    fields: tuple[str, ...]
    values: tuple[Any, ...]
    expected: Texts

    def problem(self, kind: Any) -> InstrumentProblem:
        """The objection as part of a result."""
        return InstrumentProblem(kind, self.code, self.fields, self.values, self.expected)


@dataclass(slots=True)
class Answers:
    """Typed inputs by name, without those that are missing, and the objections to the rest."""

    values: dict[str, Any] = field(default_factory=dict)
    objections: list[Objection] = field(default_factory=list)


def read_answers(
    inputs: Mapping[str, Input], choices: Choices, given: Mapping[str, Any]
) -> Answers:
    """Type and limits of each input that was given; codes are looked up."""
    answers = Answers()
    for name, spec in inputs.items():
        raw = given.get(name)
        if is_missing(raw):
            continue
        value = READERS[spec.kind](raw, spec, choices)
        if value is REFUSED:
            answers.objections.append(
                Objection(_code_of(spec, raw), (name,), (raw,), expected(spec, choices))
            )
        elif not is_within(value, spec):
            answers.objections.append(
                Objection("out_of_range", (name,), (value,), expected(spec, choices))
            )
        else:
            answers.values[name] = value
    for name, spec in inputs.items():
        if spec.gives and name in answers.values:
            _look_up(name, spec, choices, answers)
    return answers


def is_missing(raw: Any) -> bool:
    """None, NaN, NaT, or pandas' NA."""
    if raw is None or isinstance(raw, str | bool | list | tuple | set | frozenset):
        return raw is None
    try:
        return bool(raw != raw)
    except TypeError:  # pandas.NA has no truth value
        return True


def expected(spec: Input, choices: Choices) -> Texts:
    """What an input should be, in words."""
    said = wording()["expected"]
    phrases = {}
    for lang in LANGUAGES:
        kind = said[spec.kind][lang].format(
            codes=", ".join(choices.get(spec.choices, ())), table=spec.table
        )
        if spec.maximum is not None:
            kind = said["between"][lang].format(
                kind=kind, low=f"{spec.minimum or 0:g}", high=f"{spec.maximum:g}"
            )
        elif spec.minimum is not None:
            kind = said["from"][lang].format(kind=kind, low=f"{spec.minimum:g}")
        phrases[lang] = kind
    return Texts(**phrases)


def _code_of(spec: Input, raw: Any) -> str:
    if spec.kind in ("choice", "choices") and isinstance(raw, str | list | tuple | set | frozenset):
        return "not_allowed"
    return "unknown_code" if spec.kind == "code" else "wrong_kind"


def is_within(value: Any, spec: Input) -> bool:
    """Whether a number is within the limits of its input; anything else is."""
    if spec.kind not in ("integer", "number"):
        return True
    too_low = spec.minimum is not None and value < spec.minimum
    return not (too_low or (spec.maximum is not None and value > spec.maximum))


# -- one reader per kind -------------------------------------------------------------------


def _integer(raw: Any, _spec: Input, _known: Choices) -> Any:
    number = _number(raw, _spec, _known)
    if number is REFUSED or not float(number).is_integer():
        return REFUSED
    return int(number)


def _number(raw: Any, _spec: Input, _known: Choices) -> Any:
    plain = _without_numpy(raw)
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        return REFUSED
    return plain


def _yes_no(raw: Any, _spec: Input, _known: Choices) -> Any:
    plain = _without_numpy(raw)
    if isinstance(plain, bool | int | float) and plain in (0, 1):
        return bool(plain)
    return REFUSED


def _date(raw: Any, _spec: Input, _known: Choices) -> Any:
    plain = _without_numpy(raw)
    if isinstance(plain, dt.datetime):
        return plain.date()
    if isinstance(plain, dt.date):
        return plain
    if not isinstance(plain, str):
        return REFUSED
    try:
        day = dt.date.fromisoformat(plain)
    except ValueError:
        return REFUSED
    return day if day.isoformat() == plain else REFUSED


def _choice(raw: Any, spec: Input, choices: Choices) -> Any:
    return raw if isinstance(raw, str) and raw in choices[spec.choices] else REFUSED


def _choices(raw: Any, spec: Input, choices: Choices) -> Any:
    if isinstance(raw, str):
        raw = [part.strip() for part in raw.split(";") if part.strip()]
    if not isinstance(raw, list | tuple | set | frozenset):
        return REFUSED
    known = choices[spec.choices]
    return frozenset(raw) if all(isinstance(c, str) and c in known for c in raw) else REFUSED


def _code(raw: Any, spec: Input, _known: Choices) -> Any:
    return raw if isinstance(raw, str) and raw in code_table(spec.table) else REFUSED


READERS: dict[str, Callable[[Any, Input, Choices], Any]] = {
    "integer": _integer,
    "number": _number,
    "yes_no": _yes_no,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "code": _code,
}
"""For each kind of input what reads a value: from the value, the input and the choices."""


def _without_numpy(raw: Any) -> Any:
    """A number or date of numpy as Python's own."""
    item = getattr(raw, "item", None)
    return raw if item is None or isinstance(raw, dt.date) else item()


# -- codes ---------------------------------------------------------------------------------


@cache
def code_table(name: str) -> dict[str, str]:
    """Code to category: the first two columns of a csv file beside the instruments.

    Raises
    ------
    ModelError
        If there is no such file.
    """
    path = files("risicoscreener.instruments") / "data" / name
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise ModelError(f"table {name} is not in data/ ({error.strerror}); add it.") from error
    rows = csv.reader(line for line in lines if not line.startswith("#"))
    next(rows)
    return {row[0]: row[1] for row in rows}


def _look_up(name: str, spec: Input, _known: Choices, answers: Answers) -> None:
    """Set the input that a code gives, unless it was given and differs."""
    code = answers.values[name]
    found = code_table(spec.table)[code]
    category = answers.values.setdefault(spec.gives, found)
    if category != found:
        said = wording()["expected"]["agree"]
        phrases = {lang: said[lang].format(code=code, given=found) for lang in LANGUAGES}
        answers.objections.append(
            Objection("contradicts", (spec.gives, name), (category, code), Texts(**phrases))
        )
