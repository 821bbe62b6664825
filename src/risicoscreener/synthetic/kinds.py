"""Kinds of parameters: what each value may be, and one sentence on what was expected.

A kind is that of a single number, or of a table or list of them. Next to its kind a parameter can
have limits (``least``, ``most``), permitted values (``one_of``), a vocabulary that its names are
codes of (``keys``), and a list that it is as long as (``like``). Limits, permitted values and that
list may be given as the path of another parameter.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import Any

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DataError

MOST_COUNTED = 1_000_000
"""Whole numbers are no larger where nothing else is said: days, people of a kind, amounts."""
LONGEST_MEAN = 36_525
"""No mean time is longer, in days: a century."""
Lookup = Callable[[str], Any]
"""The value of another parameter, by its path."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Attributes
    ----------
    value
        Its value.
    mark
        C (published), D (derived), M (recalled) or A (assumed).
    source
        Where the value comes from.
    kind
        What the value may be: a key of `KINDS`.
    least, most
        Limits of each number in it, or of some by name, or the path of a parameter that is one.
    one_of
        Permitted values, or the path of a parameter that lists them.
    keys
        Vocabulary of which names in a table are codes; without it they are those of ``value``.
    codes
        Vocabulary of which values in a table are codes.
    like
        Path of a list that this one is as long as.
    any_length
        Whether a list may be longer or shorter than ``value``.
    variables
        Names that coefficients may have.
    """

    value: Any
    mark: str
    source: str
    kind: str
    least: Any = None
    most: Any = None
    one_of: Any = None
    keys: str | None = None
    codes: str | None = None
    like: str | None = None
    any_length: bool = False
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Number:
    expected: str
    is_one: Callable[[Any], bool] = math.isfinite
    whole: bool = False


_NUMBERS = {
    "number": _Number("a finite number"),
    "coefficient": _Number("a number from -100 to 100", lambda value: abs(value) <= 100),
    "share": _Number("a share from 0 to 1", lambda value: 0 <= value <= 1),
    "positive": _Number("a number above zero", lambda value: value > 0),
    "non_negative": _Number("a number from zero up", lambda value: value >= 0),
    "count": _Number("a whole number from one up", lambda value: value >= 1, whole=True),
    "days": _Number("a whole number from zero up", lambda value: value >= 0, whole=True),
}
_TABLES = {
    "numbers": "number",
    "shares": "share",
    "positives": "positive",
    "whole_numbers": "days",
    "gamma": "positive",
    "weights": "non_negative",
    "coefficients": "coefficient",
    "by_year": "number",
}
"""Kinds of tables, by the kind of the numbers in them."""
_LISTS = {"share_list": "share", "ascending": "number", "bounds": "number", "day_bounds": "days"}
"""Kinds of lists, by the kind of the numbers in them."""
_INTERCEPT = "intercept"


def checked(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> Any:
    """The value of a parameter if it is one of its kind, with the names of a table in order.

    Parameters
    ----------
    path
        Path of the parameter, for the error.
    value
        Its value, or a new one.
    parameter
        Its kind and limits; names and length are those of its own value where nothing else is said.
    lookup
        Values of other parameters.

    Raises
    ------
    DataError
        If it is not, naming the path, the value and what was expected.
    """
    check = KINDS.get(parameter.kind)
    if check is None:
        raise DataError(f"{path} has kind {parameter.kind!r}; expected one of {', '.join(KINDS)}")
    return check(path, value, parameter, lookup)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion to end an error about an unknown name with; empty where none is close."""
    close = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def refusal(path: str, value: Any, expected: str) -> DataError:
    """The error for a value that cannot be meant."""
    shown = repr(value)
    shown = f"{shown[:60]}…" if len(shown) > 61 else shown
    return DataError(f"{path} is {shown}; expected {expected}")


def _number(path: str, value: Any, parameter: Parameter, lookup: Lookup, kind: str = "") -> Any:
    spec = _NUMBERS[kind or parameter.kind]
    name = path.rpartition(".")[2]
    limits = (parameter.least, parameter.most)
    least, most = (_number_or_none(_limit(limit, lookup, name)) for limit in limits)
    if most is None and spec.whole:
        most = MOST_COUNTED
    expected = spec.expected
    expected += f", at least {_shown(least)}" if least is not None else ""
    expected += f", at most {_shown(most)}" if most is not None else ""
    if not _is_number(value, spec.whole) or not spec.is_one(value):
        raise refusal(path, value, expected)
    if (least is not None and value < least) or (most is not None and value > most):
        raise refusal(path, value, expected)
    return value


def _is_number(value: Any, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, Integral if whole else Real):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _limit(limit: Any, lookup: Lookup, name: str = "") -> Any:
    """A limit, that of another parameter, or that of one name in a table."""
    found = lookup(limit) if isinstance(limit, str) else limit
    return found.get(name) if isinstance(found, Mapping) else found


def _number_or_none(limit: Any) -> Any:
    """None for a limit that another parameter gives and cannot be meant: it is refused itself."""
    return limit if _is_number(limit, whole=False) else None


def _shown(limit: Any) -> str:
    return str(limit) if isinstance(limit, dt.date) else f"{limit:,}"


def _date(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> Any:
    limits = [_limit(limit, lookup) for limit in (parameter.least, parameter.most)]
    least, most = (day if type(day) is dt.date else None for day in limits)
    expected = "a date such as 2021-07-01, without quotation marks"
    expected += f", not before {_shown(least)}" if least is not None else ""
    expected += f", not after {_shown(most)}" if most is not None else ""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise refusal(path, value, expected)
    if (least is not None and value < least) or (most is not None and value > most):
        raise refusal(path, value, expected)
    return value


def _choice(path: str, value: Any, parameter: Parameter, _lookup: Lookup) -> Any:
    if not isinstance(value, str) or value not in parameter.one_of:
        raise refusal(path, value, f"one of {', '.join(parameter.one_of)}")
    return value


def _table(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> dict[str, Any]:
    """A table of numbers with the names that it can have."""
    named = _named(path, value, parameter)
    kind = _TABLES[parameter.kind]
    found = {
        name: _number(f"{path}.{name}", number, parameter, lookup, kind)
        for name, number in named.items()
    }
    if parameter.one_of is not None:
        permitted = _limit(parameter.one_of, lookup)
        for name, number in found.items():
            if number not in permitted:
                raise refusal(f"{path}.{name}", number, f"one of {', '.join(map(str, permitted))}")
    return found


def _weights(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> dict[str, Any]:
    found = _table(path, value, parameter, lookup)
    if not sum(found.values()) > 0:
        raise refusal(path, value, "weights of which at least one is above zero")
    return found


def _gamma(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> dict[str, Any]:
    """A mean, mostly in days, and a shape."""
    found = _table(path, value, parameter, lookup)
    if found["mean"] > LONGEST_MEAN:
        raise refusal(f"{path}.mean", found["mean"], f"a mean of at most {LONGEST_MEAN:,}")
    return found


def _lognormal(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> dict[str, Any]:
    """Whole days from ``least`` to ``most`` with a lognormal spread."""
    named = _named(path, value, parameter)
    kinds = {"mu": "number", "sigma": "non_negative", "least": "count", "most": "count"}
    for name, number in named.items():
        _number(f"{path}.{name}", number, parameter, lookup, kinds[name])
    if named["least"] > named["most"]:
        raise refusal(f"{path}.least", named["least"], f"no more than most, {named['most']}")
    return named


def _codes(path: str, value: Any, parameter: Parameter, _lookup: Lookup) -> dict[str, Any]:
    named = _named(path, value, parameter)
    known = vocabularies()[str(parameter.codes)].codes
    for name, code in named.items():
        if code not in known:
            raise refusal(f"{path}.{name}", code, f"one of {', '.join(known)}")
    return named


def _by_year(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> dict[str, Any]:
    """Values by year, in the order of the years."""
    expected = "a table of values by year, such as { 2010 = 0.0 }"
    if not isinstance(value, Mapping) or not value:
        raise refusal(path, value, expected)
    for year in value:
        if not (isinstance(year, str) and len(year) == 4 and year.isdecimal()):
            raise DataError(f"{path} has the key {year!r}; expected a year of four digits")
    return {
        year: _number(f"{path}.{year}", value[year], parameter, lookup, "number")
        for year in sorted(value)
    }


def _factors_by_year(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> dict[str, Any]:
    """For each name factors by year, in the order of the years."""
    named = _named(path, value, parameter)
    found = {}
    for name, by_year in named.items():
        found[name] = _by_year(f"{path}.{name}", by_year, parameter, lookup)
        for year, factor in found[name].items():
            if factor <= 0:
                raise refusal(f"{path}.{name}.{year}", factor, "a number above zero")
    return found


def _code_list(path: str, value: Any, parameter: Parameter, _lookup: Lookup) -> list[str]:
    """Codes of a vocabulary."""
    if not isinstance(value, list | tuple):
        raise refusal(path, value, "a list of codes")
    known = vocabularies()[str(parameter.codes)].codes
    for code in value:
        if code not in known:
            raise refusal(path, code, f"codes among {', '.join(known)}{did_you_mean(code, known)}")
    return list(value)


def _named(path: str, value: Any, parameter: Parameter) -> dict[str, Any]:
    """A table with the names that it can have: known ones, and all of them if they are fixed."""
    if not isinstance(value, Mapping):
        raise refusal(path, value, f"a table such as {_example(parameter.value)}")
    known = names_of(parameter)
    for name in value:
        if name not in known:
            raise DataError(
                f"{path} has the key {name!r}; expected one of {', '.join(known)}"
                f"{did_you_mean(name, known)}"
            )
    if parameter.keys is None and parameter.kind != "coefficients":
        missing = [name for name in known if name not in value]
        if missing:
            raise DataError(
                f"{path} lacks the key {missing[0]!r}; expected all of {', '.join(known)}"
            )
        return {name: value[name] for name in known}
    return dict(value)


def names_of(parameter: Parameter) -> tuple[str, ...]:
    """The names that a table can have: of its variables, its vocabulary, or its own value."""
    if parameter.kind == "coefficients":
        return (_INTERCEPT, *parameter.variables)
    if parameter.keys is not None:
        return vocabularies()[parameter.keys].codes
    return tuple(parameter.value)


def _example(value: Any) -> str:
    return ", ".join(f"{name} = {part!r}" for name, part in list(value.items())[:3])


def _list(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> list[Any]:
    """A list of numbers as long as it has to be."""
    if not isinstance(value, list | tuple):
        raise refusal(path, value, f"a list such as {list(parameter.value)!r}")
    length = len(lookup(parameter.like) if parameter.like else parameter.value)
    if parameter.any_length:
        length = max(len(value), 2)
    if len(value) != length:
        raise refusal(path, value, f"a list of {length} numbers")
    kind = _LISTS[parameter.kind]
    return [_number(f"{path}[{i}]", x, parameter, lookup, kind) for i, x in enumerate(value)]


def _ascending(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> list[Any]:
    found = _list(path, value, parameter, lookup)
    if any(later <= earlier for earlier, later in pairwise(found)):
        raise refusal(path, value, "numbers that rise from each to the next")
    return found


def _bounds(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> list[Any]:
    found = _list(path, value, parameter, lookup)
    if found[0] > found[1]:
        raise refusal(path, value, "two numbers of which the second is not the lower one")
    return found


def _bounds_by_name(path: str, value: Any, parameter: Parameter, lookup: Lookup) -> dict[str, Any]:
    for name, pair in _named(path, value, parameter).items():
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise refusal(f"{path}.{name}", pair, "a list of 2 numbers")
        for i, number in enumerate(pair):
            _number(f"{path}.{name}[{i}]", number, parameter, lookup, "number")
    return _named(path, value, parameter)


KINDS: Mapping[str, Callable[[str, Any, Parameter, Lookup], Any]] = {
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_TABLES, _table),
    "weights": _weights,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "by_year": _by_year,
    "factors_by_year": _factors_by_year,
    "code_list": _code_list,
    "codes": _codes,
    "share_list": _list,
    "ascending": _ascending,
    "bounds": _bounds,
    "day_bounds": _bounds,
    "bounds_by_name": _bounds_by_name,
    "date": _date,
    "choice": _choice,
}
"""The kinds, each with its check."""
