"""Plain Python: if and elif, loops over lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from competitors._decision import policy, rules
from competitors._interface import Competitor


@cache
def by_rules() -> Callable[..., int]:
    """The rules as one function of if and elif, written from numbers alone."""
    lines = [f"def outcome({', '.join(f'd{i}' for i in range(len(policy().shape)))}):"]
    for rule in rules():
        tests = [
            f"d{i} == {levels[0]}" if len(levels) == 1 else f"d{i} in {levels}"
            for i, levels in rule.levels.items()
        ]
        lines += [f"    if {' and '.join(tests) or 'True'}:", f"        return {rule.outcome}"]
    made: dict[str, Callable[..., int]] = {}
    exec("\n".join(lines), made)
    return made["outcome"]


class Decision(Competitor):
    name = "Python, if and elif"
    task = "decision"
    does = "the outcome"
    tuned = "the rules written out as one function, case by case; one thread"

    def prepare(self, data: np.ndarray) -> list[list[int]]:
        by_rules()
        return data.tolist()

    def run(self, prepared: list[list[int]]) -> list[int]:
        return list(map(by_rules(), *prepared))


COMPETITORS = (Decision(),)
