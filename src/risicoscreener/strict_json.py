"""JSON from outside: whatever is wrong with it is one kind of error; keys that are there twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

_Kind = TypeVar("_Kind")


def decode_json(data: bytes | str | msgspec.Raw, kind: type[_Kind]) -> _Kind:
    """What JSON holds, as a value of a type.

    `msgspec.json.decode` lets text that is no UTF-8, and lists within lists within lists, end in
    errors of their own, which nobody who reads a file expects.

    Raises
    ------
    msgspec.DecodeError
        If it is none, or a value is not what the type asks (then a `msgspec.ValidationError`).
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except UnicodeError as error:
        raise msgspec.DecodeError(f"it is no UTF-8: {error}") from None
    except RecursionError:
        raise msgspec.DecodeError("it is nested too deeply") from None


@dataclass(frozen=True, slots=True)
class Repeated:
    """A key that an object has more than once.

    Attributes
    ----------
    path
        Keys and positions that lead from the outermost value to the object.
    key
        The key.
    values
        All values that it was given, in their order; the last is the one that was kept.
    """

    path: tuple[str | int, ...]
    key: str
    values: tuple[Any, ...]


def read_json(
    text: str, *, parse_constant: Callable[[str], Any] | None = None
) -> tuple[Any, tuple[Repeated, ...]]:
    """The value that a text holds, and the keys that an object in it has twice.

    Parameters
    ----------
    parse_constant
        As for `json.loads`: what to do with NaN and the infinities.

    Raises
    ------
    ValueError, RecursionError
        As `json.loads`.
    """
    found: list[tuple[dict[str, Any], list[tuple[str, Any]]]] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = dict(pairs)
        if len(kept) < len(pairs):
            found.append((kept, pairs))
        return kept

    value = json.loads(text, object_pairs_hook=collect, parse_constant=parse_constant)
    if not found:
        return value, ()
    places = _places(value)
    # An object that is not reached stood under a key that is itself repeated.
    reached = [(places[id(kept)], pairs) for kept, pairs in found if id(kept) in places]
    return value, tuple(one for path, pairs in reached for one in _repeated(path, pairs))


def _repeated(path: tuple[str | int, ...], pairs: list[tuple[str, Any]]) -> list[Repeated]:
    values: dict[str, list[Any]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return [Repeated(path, key, tuple(all_)) for key, all_ in values.items() if len(all_) > 1]


def _places(value: Any) -> dict[int, tuple[str | int, ...]]:
    """The path to each object within a value, by its identity."""
    places: dict[int, tuple[str | int, ...]] = {}
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, here = waiting.pop()
        if isinstance(here, dict):
            places[id(here)] = path
            waiting += [((*path, key), inner) for key, inner in here.items()]
        elif isinstance(here, list):
            waiting += [((*path, i), inner) for i, inner in enumerate(here)]
    return places
