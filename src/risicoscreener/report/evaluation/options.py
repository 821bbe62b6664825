"""How a table is evaluated."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from risicoscreener.errors import EvaluationError
from risicoscreener.report.evaluation.wording import texts

FEWEST_REPLICATES = 20


@dataclass(frozen=True)
class Options:
    """How a table is evaluated.

    Attributes
    ----------
    cut_offs
        Ascending, between 0 and 1.
    seed, replicates
        Of the bootstrap.
    level
        Nominal coverage of the intervals.
    made_on
        Day on the report.
    command
        How the report was asked for, as it stands in the report.
    jobs
        Processes of the bootstrap; the figures are the same for any number.
    """

    cut_offs: tuple[float, ...] = ()
    seed: int = 0
    replicates: int = 1000
    level: float = 0.95
    made_on: dt.date = field(default_factory=dt.date.today)
    command: str = ""
    jobs: int = 1

    def __post_init__(self) -> None:
        chosen = tuple(self.cut_offs) or tuple(texts("criteria.toml")["default_cut_offs"])
        if any(not 0 < c < 1 for c in chosen) or sorted(set(chosen)) != list(chosen):
            raise EvaluationError(
                f"cut-offs are {chosen}; expected one or more between 0 and 1, lowest first"
            )
        object.__setattr__(self, "cut_offs", tuple(float(c) for c in chosen))
        if self.replicates < FEWEST_REPLICATES:
            raise EvaluationError(
                f"replicates is {self.replicates}; expected {FEWEST_REPLICATES} or more"
            )
