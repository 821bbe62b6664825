"""What goes away is marked first: since when, in which version it goes, and what to use instead."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Callable
from typing import Any, TypeVar, cast

from risicoscreener.errors import RisicoscreenerError

_Marked = TypeVar("_Marked", bound=Callable[..., Any])

_VERSION = re.compile(r"\d+(\.\d+)*")


class RemovalWarning(DeprecationWarning):
    """Something of this library is used that a later version does not have."""


def deprecated(*, since: str, removed_in: str, instead: str) -> Callable[[_Marked], _Marked]:
    """Mark a function or class that goes away; whoever uses it is warned.

    Parameters
    ----------
    since
        Version from which on it is marked, such as ``"0.2"``.
    removed_in
        Version in which it goes. A test fails when that version has come.
    instead
        What to use, as a caller would write it.

    Raises
    ------
    RisicoscreenerError
        If a version is none, or it would go before it was marked.

    Examples
    --------
    >>> @deprecated(since="0.2", removed_in="0.4", instead="screen")
    ... def old_screen(): ...
    >>> old_screen.__deprecated__
    'old_screen is deprecated since 0.2 and goes in 0.4; use screen'
    """
    if version_numbers(removed_in) <= version_numbers(since):
        raise RisicoscreenerError(
            f"removed_in is {removed_in!r}; expected a version after since = {since!r}"
        )

    def mark(marked: _Marked) -> _Marked:
        said = (
            f"{marked.__qualname__} is deprecated since {since} and goes in {removed_in}; "
            f"use {instead}"
        )
        found = _marked_class(marked, said) if isinstance(marked, type) else _warning(marked, said)
        cast("Any", found).__deprecated__ = said  # the name of PEP 702
        return cast("_Marked", found)

    return mark


def version_numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at the end: what can be compared.

    Raises
    ------
    RisicoscreenerError
        If it is not numbers with dots between them.
    """
    if not _VERSION.fullmatch(version):
        raise RisicoscreenerError(
            f"version is {version!r}; expected numbers with dots between them, such as 0.2"
        )
    numbers = [int(number) for number in version.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _warning(function: Callable[..., Any], said: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def warned(*args: Any, **named: Any) -> Any:
        warnings.warn(said, RemovalWarning, stacklevel=2)
        return function(*args, **named)

    return warned


def _marked_class(marked: type, said: str) -> type:
    """The same class, so that ``isinstance`` holds; making an instance of it warns."""
    cast("Any", marked).__init__ = _warning(cast("Any", marked).__init__, said)
    return marked
