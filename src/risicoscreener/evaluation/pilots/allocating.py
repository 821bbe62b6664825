"""Drawing lots: which site starts when, with strata and balance, and so that it can be redone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.design import (
    MOST_LISTED,
    PilotDesign,
    imbalance,
)

FEWEST_LEFT = 20
"""Assignments that must be left to draw from: with fewer no p-value of 0.05 can be had."""
CANDIDATES = 20_000


@dataclass(frozen=True, eq=False)
class Allocation:
    """Lots that were drawn.

    Attributes
    ----------
    design
        With the starts that were drawn.
    seed
        Gives the same again.
    possible
        Assignments that could be drawn: all of them, or how many of the candidates are left.
    imbalance, cut
        Of the one drawn, and the most that was allowed; 0 where nothing is balanced.
    """

    design: PilotDesign
    seed: int
    possible: int
    imbalance: float
    cut: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "seed": self.seed,
            "possible": self.possible,
            "imbalance": self.imbalance,
            "cut": self.cut,
            "design": self.design.to_dict(),
        }

    def to_frame(self) -> Any:
        """A row for each site, in order of start."""
        import pandas as pd

        design = self.design
        rows = [
            {
                "site": site,
                "start": "" if start < 0 else design.periods[start],
                "stratum": stratum,
                **{name: values[i] for name, values in design.balance.items()},
            }
            for i, (site, start, stratum) in enumerate(
                zip(design.sites, design.starts, design.strata, strict=True)
            )
        ]
        order = [design.starts[i] % (len(design.periods) + 1) for i in range(len(rows))]
        return pd.DataFrame(rows).iloc[np.argsort(order, kind="stable")].reset_index(drop=True)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


def allocate(
    design: PilotDesign,
    *,
    seed: int,
    balance: Mapping[str, Sequence[float]] | None = None,
    keep: float = 0.1,
) -> Allocation:
    """Draw which site gets which of the starts of a design.

    Parameters
    ----------
    design
        Its starts say how many sites start when; who has them now plays no part. Lots are drawn
        within its strata.
    seed
        Of the lots. Choose it so that nobody can have tried several: a throw of dice before
        witnesses, or a number announced before.
    balance
        By name a figure for each site (size, level of the outcome last year) that early and late
        starters should have alike.
    keep
        Share of best balanced assignments from which one is drawn; not used without `balance`.

    Raises
    ------
    PilotError
        If too few assignments are left: chance must still decide.

    References
    ----------
    Moulton (2004), Clinical Trials 1:297-305.
    """
    figures = {name: tuple(map(float, values)) for name, values in (balance or {}).items()}
    share = keep if figures else 1.0
    asked = replace(design, balance=figures, keep=share, randomised=True)._in_order()
    if asked.assignments_possible <= MOST_LISTED:
        candidates = asked.assignments(seed=seed)
        scores = imbalance(asked, candidates)
    else:
        candidates = asked._drawn(np.random.default_rng(seed), CANDIDATES)
        scores = imbalance(asked, candidates)
    left = np.flatnonzero(scores <= asked.cut + 1e-12)
    if len(left) < min(FEWEST_LEFT, asked.assignments_possible):
        raise PilotError(
            f"keep {share} leaves {len(left)} assignments of {asked.assignments_possible}; "
            f"expected at least {FEWEST_LEFT}: balance fewer figures or keep a larger share"
        )
    drawn = int(np.random.default_rng([seed, 1]).choice(left))
    return Allocation(
        asked.with_starts(candidates[drawn].tolist()),
        seed,
        len(left),
        float(scores[drawn]),
        asked.cut if figures else 0.0,
    )
