"""One person through all terms of a program, in one function without a loop.

It finds the piece of each term in which a value lies, once for the score, the interval and the
support. The source is made of the number of terms alone: knots, values and ranges of a program are
handed to it as constants, and no text of a bundle gets into it.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache, reduce
from itertools import accumulate
from math import inf
from operator import add
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import CodeType

    import numpy as np
    from numpy.typing import NDArray

    from risicoscreener.models.piecewise import Piecewise
    from risicoscreener.models.terms import Term

Passed = tuple[
    float,
    list[float],
    "Sequence[int] | NDArray[np.int64]",
    "Sequence[float] | NDArray[np.float64]",
    bool,
]
"""Linear predictor without pairs, contributions, rows, steps, whether all lie in their range.

Rows are those of `first_rows`, with that of the intercept last. Steps are for each row 1 and how
far the value lies beyond the left end of its piece, one after the other. Both are lists, or arrays
where the compiled library passed the terms.
"""


def added_up(numbers: Iterable[float]) -> float:
    """The sum, each number added to those before it: the same double on each Python.

    `sum` corrects its rounding from Python 3.12 on, so that a screening of before could not be
    repeated to the last bit.
    """
    return reduce(add, numbers, 0.0)


def first_rows(terms: Sequence[Term]) -> list[int]:
    """Row of the first piece of each term, where every piece has a row; last that of the intercept.

    A term of ``K`` knots has ``K + 1`` pieces, and after these a row for an unknown value.
    """
    return [0, *accumulate(len(term.knots) + 2 for term in terms)]


def pass_of(
    intercept: float,
    terms: Sequence[Term],
    functions: Sequence[Piecewise],
    ranges: Sequence[tuple[float, float]] | None,
) -> Callable[[Sequence[float]], Passed]:
    """The function that passes one person, given by a value for each term, NaN for unknown.

    Parameters
    ----------
    ranges
        Lowest and highest value of each term; no bounds if None.
    """
    rows = first_rows(terms)
    scope: dict[str, Any] = {"bisect": bisect_right, "intercept": intercept, "last": rows[-1]}
    bounds = [(-inf, inf)] * len(terms) if ranges is None else ranges
    for i, (term, function, (low, high)) in enumerate(zip(terms, functions, bounds, strict=True)):
        pieces = zip(function.anchors, function.starts, function.slopes, strict=True)
        numbered = enumerate(pieces, rows[i])
        scope[f"knots{i}"] = function.knots
        scope[f"pieces{i}"] = tuple((*piece, row) for row, piece in numbered)
        scope[f"unknown{i}"] = (term.missing, rows[i + 1] - 1)
        scope[f"reference{i}"] = term.reference
        scope[f"low{i}"], scope[f"high{i}"] = low, high
    exec(_code(len(terms)), scope)  # noqa: S102 - made of a number, see above
    function_of_one: Callable[[Sequence[float]], Passed] = scope["passed"]
    return function_of_one


def as_numbers(
    intercept: float,
    terms: Sequence[Term],
    functions: Sequence[Piecewise],
    ranges: Sequence[tuple[float, float]] | None,
) -> tuple[list[int], list[float]]:
    """The same for the compiled library: how many knots each term has, and all numbers.

    These are the intercept, then of each term what it is where unknown, its reference, its lowest
    and highest value, its knots, and of each piece anchor, start and slope.
    """
    bounds = [(-inf, inf)] * len(terms) if ranges is None else ranges
    numbers = [intercept]
    for term, function, (low, high) in zip(terms, functions, bounds, strict=True):
        numbers += [term.missing, term.reference, low, high, *function.knots]
        for piece in zip(function.anchors, function.starts, function.slopes, strict=True):
            numbers += piece
    return [len(function.knots) for function in functions], numbers


@cache
def _code(n: int) -> CodeType:
    lines = ["def passed(values):", "    lp = intercept"]
    if n:
        lines.append(f"    {_each('x{0},', n, ' ')} = values")
    for i in range(n):
        lines += [
            f"    if x{i} == x{i}:",
            f"        anchor, start, slope, row{i} = pieces{i}[bisect(knots{i}, x{i})]",
            f"        step{i} = x{i} - anchor",
            f"        y{i} = start + slope * step{i}",
            "    else:",
            f"        y{i}, row{i} = unknown{i}",
            f"        step{i} = 0.0",
            f"    lp += y{i}",
        ]
    lines += [
        "    return (",
        "        lp,",
        f"        [{_each('y{0} - reference{0}', n)}],",
        f"        [{_each('row{0}, ', n, '')}last],",
        f"        [{_each('1.0, step{0}, ', n, '')}1.0, 0.0],",
        f"        {_each('low{0} <= x{0} <= high{0}', n, ' and ') or 'True'},",
        "    )",
    ]
    return compile("\n".join(lines), "<terms>", "exec")


def _each(text: str, n: int, between: str = ", ") -> str:
    return between.join(text.format(i) for i in range(n))
