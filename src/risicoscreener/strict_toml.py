"""TOML from outside: whatever is wrong with it is one kind of error, and it is not large."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec

MOST_CHARACTERS = 4_000_000
"""Many times what a person writes; what reads TOML takes a second for so much."""


def parse_toml(text: str) -> dict[str, Any]:
    """What a text in TOML holds.

    `tomllib.loads` lets a number of thousands of digits and lists within lists within lists end in
    errors of their own, which nobody who reads a file expects.

    Raises
    ------
    tomllib.TOMLDecodeError
        If it is none, is nested too deeply or has more than `MOST_CHARACTERS`.
    """
    if len(text) > MOST_CHARACTERS:
        raise tomllib.TOMLDecodeError(
            f"{len(text):,} characters; expected at most {MOST_CHARACTERS:,}"
        )
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deeply") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:
        raise tomllib.TOMLDecodeError(str(error)) from None


def decode_toml(data: bytes, kind: Any) -> Any:
    """What bytes in TOML hold, as a value of a type.

    Raises
    ------
    tomllib.TOMLDecodeError
        As `parse_toml`, and if the bytes are no UTF-8.
    msgspec.ValidationError
        If a value is not what the type asks.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise tomllib.TOMLDecodeError(str(error)) from None
    return msgspec.convert(parse_toml(text), kind)
