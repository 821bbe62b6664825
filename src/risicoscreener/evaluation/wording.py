"""What measures, methods and problems are called and mean, in Dutch and in English."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec
from msgspec import Struct

from risicoscreener.errors import EvaluationError
from risicoscreener.texts import Sentences, Texts

_T = TypeVar("_T")
NO_MEASURES = ("methods.toml", "problems.toml")


class MeasureText(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of one measure.

    Attributes
    ----------
    title
        Its name in the field.
    plain
        One sentence for who does not read statistics.
    reference
        Paper that defines it.
    best
        Value of a perfect model; None where there is none.
    better
        ``high``, ``low``, ``near`` (to `best`) or ``none``.
    """

    title: Texts
    plain: Texts
    reference: str = ""
    best: float | None = None
    better: str = "none"


@cache
def measure_texts() -> dict[str, MeasureText]:
    """By name all measures and curves."""
    found: dict[str, MeasureText] = {}
    for file in sorted(_folder().iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml") and file.name not in NO_MEASURES:
            found |= msgspec.toml.decode(file.read_bytes(), type=dict[str, MeasureText])
    return found


def measure_text(name: str) -> MeasureText:
    """What is said of a measure.

    Raises
    ------
    EvaluationError
        If there is no measure of that name.
    """
    return _of(measure_texts(), name, "measure")


def method_text(name: str) -> Texts:
    """How an interval was made, in words."""
    return _of(_texts("methods.toml"), name, "method")


def problem_text(name: str) -> Texts:
    """Why there is no figure, in words."""
    return _of(_texts("problems.toml"), name, "problem")


def words(topic: str, name: str, lang: str, /, **values: object) -> str:
    """A text of ``evaluation/<topic>/words.toml``, in ``nl`` or ``en``, its places filled."""
    return _words(topic).say_alone(name, lang, **values)


@cache
def _words(topic: str) -> Sentences:
    return Sentences(f"risicoscreener.evaluation.{topic}", "words.toml")


@cache
def _texts(file: str) -> dict[str, Texts]:
    return msgspec.toml.decode((_folder() / file).read_bytes(), type=dict[str, Texts])


def _folder() -> Traversable:
    return files("risicoscreener.evaluation") / "texts"


def _of(known: dict[str, _T], name: str, kind: str) -> _T:
    try:
        return known[name]
    except KeyError:
        raise EvaluationError(f"{name!r} is no {kind} that has a text") from None
