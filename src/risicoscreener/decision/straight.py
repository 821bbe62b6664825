"""What one person's inputs come to, read in one function without a loop.

The source is made of positions in the policy: of the inputs that a test reads, and of requirements,
domains and levels. The bounds of the tests are handed to it as constants, so that neither text nor
a number of a policy file gets into it.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from risicoscreener.decision.compiled import Clause, DomainReadings

    Tests = tuple[tuple[int, float, float], ...]
    Read = tuple[tuple[int, ...], tuple[int, ...], int]
    Reader = Callable[[Sequence[float], int, int], Read]

MOST_IN_LINE = 300
"""Readings of one domain that are written out; the compiler of Python cannot nest without end."""


def reader_of(
    n_inputs: int,
    requirements: Sequence[Clause],
    quarantined: int,
    domains: Sequence[DomainReadings],
    shape: Sequence[int],
) -> Reader:
    """A function from inputs, band of risk and its certainty to what is read of them.

    It gives per requirement whether it is met, per domain the level (the built-in ones first), and
    the flat position in a table of that shape.

    Parameters
    ----------
    n_inputs
        How many numbers a person is given by; NaN is unknown.
    quarantined
        Position of the number of rows that were set apart.
    """
    writer = _Writer()
    met = [writer.truth(every, tests) for every, tests in requirements]
    levels = ["admissibility", "dossier", "risk", "certainty", *map(writer.level, domains)]
    lines = [
        "def read(inputs, risk, certainty):",
        f"    {_tuple(f'x{i}' for i in range(n_inputs))} = inputs",
        f"    requirements = {_tuple(met)}",
        "    admissibility = 1 if 1 in requirements else 2 if 2 in requirements else 0",
        f"    dossier = 0 if x{quarantined} < 1 else 1",
        f"    {_tuple(f'level{i}' for i in range(len(levels)))} = levels = {_tuple(levels)}",
        f"    return requirements, levels, {_flat(shape)}",
    ]
    exec("\n".join(lines), writer.scope)  # noqa: S102 - made of positions, see above
    function: Reader = writer.scope["read"]
    return function


def _tuple(parts: Any) -> str:
    return "(" + "".join(f"{part}, " for part in parts) + ")"


def _flat(shape: Sequence[int]) -> str:
    """The position in a table of the levels, the last axis fastest."""
    cell = "level0"
    for axis, size in enumerate(shape[1:], 1):
        cell = f"({cell}) * {size} + level{axis}"
    return cell


class _Writer:
    """Writes tests as expressions, and keeps their bounds in ``scope``."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}

    def truth(self, every: bool, tests: Tests) -> str:
        """An expression for `truth` of a clause: 0 true, 1 false, 2 unknown."""
        return f"0 if {self._true(every, tests)} else 1 if {self._false(every, tests)} else 2"

    def level(self, domain: DomainReadings) -> str:
        """An expression for `DomainReadings.level`: the first reading that is not false."""
        if len(domain.readings) > MOST_IN_LINE:
            self.scope[name := f"level_of{len(self.scope)}"] = domain.level
            return f"{name}(inputs)"
        chain = ""
        for level, (every, tests) in domain.readings:
            chain += f"{level} if {self._true(every, tests)} else "
            chain += f"{domain.unknown} if not ({self._false(every, tests)}) else "
        return f"{chain}{domain.otherwise}"

    def _true(self, every: bool, tests: Tests) -> str:
        return (" and " if every else " or ").join(self._holds(*test) for test in tests)

    def _false(self, every: bool, tests: Tests) -> str:
        """That a clause that is not true is false: for all tests one fails, else all are known."""
        if every:
            return " or ".join(self._fails(*test) for test in tests)
        return " and ".join(f"x{slot} == x{slot}" for slot in dict.fromkeys(s for s, _, _ in tests))

    def _holds(self, slot: int, low: float, high: float) -> str:
        below = "" if low == -inf else f"{self._bound(low)} <= "
        above = "" if high == inf else f" <= {self._bound(high)}"
        return f"{below}x{slot}{above}"

    def _fails(self, slot: int, low: float, high: float) -> str:
        """That a value is known and outside the bounds."""
        sides = [f"x{slot} < {self._bound(low)}"] if low != -inf else []
        sides += [f"x{slot} > {self._bound(high)}"] if high != inf else []
        return " or ".join(sides)

    def _bound(self, value: float) -> str:
        name = f"bound{len(self.scope)}"
        self.scope[name] = value
        return name
