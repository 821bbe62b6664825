"""Named kernels: from inputs to derived variables, one value at a time.

A kernel takes operands, of which any may be None (unknown, or does not apply), and constants by
name. Unless it says otherwise, its answer is None as soon as one operand is None.

Dates are counted as official services do: whole years and months that have been completed. Who
was born on 29 February is a year older on 1 March in a year without that day.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

from risicoscreener.dossier.months import months_later

Value = Any
"""A date, number, truth value, code, set of codes, or None."""
Kernel = Callable[..., Value]

KERNELS: dict[str, Kernel] = {}
"""The kernels that an instrument file may name."""


def kernel(function: Kernel) -> Kernel:
    """Register a kernel that is None if an operand is None."""

    def known_only(*operands: Value, **options: Value) -> Value:
        if any(operand is None for operand in operands):
            return None
        return function(*operands, **options)

    known_only.__doc__ = function.__doc__
    KERNELS[function.__name__] = known_only
    return function


def open_kernel(function: Kernel) -> Kernel:
    """Register a kernel that deals with unknown operands itself."""
    KERNELS[function.__name__] = function
    return function


# -- dates ---------------------------------------------------------------------------------


@kernel
def whole_months(start: dt.date, end: dt.date) -> int:
    """Completed months from one day to another; negative if ``end`` comes first."""
    packed = (end.year - start.year) * 12 + end.month - start.month
    days = end.day - start.day
    if packed > 0 and days < 0:
        return packed - 1
    if packed < 0 and days > 0:
        return packed + 1
    return packed


@kernel
def whole_years(start: dt.date, end: dt.date) -> int:
    """Completed years from one day to another; negative if ``end`` comes first."""
    if end < start:
        return math.trunc(whole_months(start, end) / 12)
    months = end.month - start.month
    short = months < 0 or (months == 0 and end.day < start.day)
    return end.year - start.year - short


@kernel
def age(birth: dt.date, day: dt.date) -> int | None:
    """Completed years since birth; None on or before the day of birth."""
    return whole_years(birth, day) if day > birth else None


@kernel
def calendar_months(start: dt.date, end: dt.date) -> int:
    """Months from one to another by the calendar, whatever the day of the month."""
    return (end.year - start.year) * 12 + end.month - start.month


# -- numbers -------------------------------------------------------------------------------


@kernel
def difference(left: float, right: float) -> float:
    """``left - right``."""
    return left - right


@kernel
def total(*numbers: float) -> float:
    """The sum."""
    return sum(numbers)


@kernel
def product(*numbers: float) -> float:
    """The product."""
    return math.prod(numbers)


@kernel
def same(value: Value) -> Value:
    """The value itself, where the variable applies."""
    return value


@kernel
def times(number: float, *, by: float) -> float:
    """A multiple."""
    return number * by


@kernel
def capped(number: float, *, at_most: float = math.inf, at_least: float = -math.inf) -> float:
    """The number, or the limit that it passes."""
    return max(at_least, min(at_most, number))


@kernel
def highest(*numbers: float) -> float:
    """The highest."""
    return max(numbers)


@kernel
def stepped(number: float, *, steps: list[list[float]]) -> float:
    """The value of the last step that starts at or below the number; steps ascend."""
    return next((value for start, value in reversed(steps) if number >= start), steps[0][1])


@kernel
def rounded_share(number: int, *, numerator: int, denominator: int) -> int:
    """A share of a whole number, rounded to a whole number, halves up."""
    return (2 * number * numerator + denominator) // (2 * denominator)


@kernel
def ratio(numerator: float, denominator: float) -> float | None:
    """``numerator / denominator``; None by zero."""
    return numerator / denominator if denominator else None


@kernel
def log_rate(count: float, years: float, *, plus_years: float, plus: float = 0.0) -> float | None:
    """Logarithm of the Copas rate: ``log((count + plus) / (years + plus_years))``.

    None if there is nothing to take the logarithm of.

    References
    ----------
    Copas and Marshall (1998), The offender group reconviction scale, Applied Statistics 47.
    """
    top, bottom = count + plus, years + plus_years
    return math.log(top / bottom) if top > 0 and bottom > 0 else None


@kernel
def square(number: float) -> float:
    """The second power."""
    return number * number


@kernel
def floor_steps(number: float, *, start: float, width: float, most: float = math.inf) -> int:
    """Number of whole steps of ``width`` above ``start``, from 0 to ``most``."""
    return int(min(most, max(0, (number - start) // width)))


# -- truth values --------------------------------------------------------------------------


@kernel
def equals(value: Value, *, to: Value) -> bool:
    """Is it this value."""
    return bool(value == to)


@kernel
def among(value: Value, *, codes: list[Value]) -> bool:
    """Is it one of these values."""
    return value in codes


@kernel
def contains(values: frozenset[str], *, code: str) -> bool:
    """Is the code among those that were chosen."""
    return code in values


@kernel
def at_least(number: float, *, value: float) -> bool:
    """Is it this much or more."""
    return number >= value


@kernel
def at_most(number: float, *, value: float) -> bool:
    """Is it this much or less."""
    return number <= value


@kernel
def not_true(value: bool) -> bool:
    """Is it not so."""
    return not value


@open_kernel
def any_true(*values: bool | None) -> bool | None:
    """One is true; None if none is known to be and one is unknown."""
    if any(values):
        return True
    return None if None in values else False


@open_kernel
def all_true(*values: bool | None) -> bool | None:
    """All are true; None if none is known not to be and one is unknown."""
    if False in values:
        return False
    return None if None in values else True


@open_kernel
def unknown_or_at_least(number: float | None, *, value: float) -> bool:
    """Is it this much or more, or is it not known; who uses this must say so in the result."""
    return number is None or number >= value


@open_kernel
def known(*values: Value) -> bool:
    """All are known."""
    return None not in values


@open_kernel
def none_true(*values: bool | None) -> bool:
    """None is known to be true."""
    return not any(values)


@open_kernel
def first_known(*values: Value) -> Value:
    """The first that is known."""
    return next((value for value in values if value is not None), None)


@open_kernel
def first_true(*values: bool | None) -> int | None:
    """Position from 0 of the first that is true, their number if none is; None if unknown."""
    for position, value in enumerate(values):
        if value is None:
            return None
        if value:
            return position
    return len(values)


# -- what must hold between inputs -----------------------------------------------------------


@kernel
def after(later: dt.date, earlier: dt.date) -> bool:
    """The first day comes after the second."""
    return later > earlier


@kernel
def not_before(later: dt.date, earlier: dt.date) -> bool:
    """The first day is the second or comes after it."""
    return later >= earlier


@kernel
def not_beyond(day: dt.date, limit: dt.date, *, months: int) -> bool:
    """The day is at most so many months after the other."""
    return day <= months_later(limit, months)


@kernel
def not_before_month(later: dt.date, earlier: dt.date) -> bool:
    """The first day is in the month of the second or in a later one."""
    return (later.year, later.month) >= (earlier.year, earlier.month)


@kernel
def implies(premise: bool, conclusion: bool) -> bool:
    """If the first is so, the second is too."""
    return conclusion or not premise


@kernel
def not_above(number: float, limit: float) -> bool:
    """The first number is at most the second."""
    return number <= limit


@open_kernel
def known_total_not_above(limit: float | None, *numbers: float | None) -> bool | None:
    """The sum of the known numbers is at most the limit."""
    if limit is None:
        return None
    return sum(number for number in numbers if number is not None) <= limit


@kernel
def some_above_zero(*numbers: float) -> bool:
    """At least one number is above zero."""
    return any(number > 0 for number in numbers)


@open_kernel
def all_zero_or_unknown(*numbers: float | None) -> bool:
    """No known number differs from zero."""
    return not any(numbers)


# -- conditions ------------------------------------------------------------------------------


def holds(condition: dict[str, Any], value_of: Callable[[str], Value]) -> bool:
    """Whether a condition holds: for each name the value, a list of values, or limits.

    An unknown value never satisfies a condition.
    """
    return all(_fits(value_of(name), wanted) for name, wanted in condition.items())


def any_holds(conditions: list[dict[str, Any]], value_of: Callable[[str], Value]) -> bool:
    """Whether one of the conditions holds."""
    return any(holds(condition, value_of) for condition in conditions)


def _fits(value: Value, wanted: Any) -> bool:
    if value is None:
        return False
    if isinstance(wanted, dict):
        return bool(wanted.get("min", -math.inf) <= value <= wanted.get("max", math.inf))
    if isinstance(wanted, list):
        return value in wanted
    return bool(value == wanted)
