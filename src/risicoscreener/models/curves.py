"""A scoring program to look at: its terms as curves, its terms and pairs as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram


@dataclass(frozen=True, slots=True)
class Curve:
    """One term over a grid, relative to its training mean, on the scale of the log odds.

    ``half_width`` is half the pointwise interval, None without uncertainty; ``unknown`` is the
    contribution of an unknown value.
    """

    feature: str
    x: FloatArray
    contribution: FloatArray
    half_width: FloatArray | None
    unknown: float

    def to_frame(self) -> pd.DataFrame:
        """Columns x, contribution, lower, upper (the last two only with a covariance)."""
        import pandas as pd

        frame = pd.DataFrame({"x": self.x, "contribution": self.contribution})
        if self.half_width is not None:
            frame["lower"] = self.contribution - self.half_width
            frame["upper"] = self.contribution + self.half_width
        return frame


def curve_of(program: ScoringProgram, feature: str, points: int) -> Curve:
    """The term of a feature as a curve; see `ScoringProgram.curve`."""
    term = program.term(feature)
    grid = np.linspace(term.knots[0], term.knots[-1], points if len(term.knots) > 1 else 1)
    x = np.unique(np.concatenate([grid, term.knots]))
    position = program.features.index(feature)
    y = program.functions[position].many(x) - term.reference
    half = None
    if program.uncertainty is not None:
        half = program.uncertainty.quantile * program._errors.term_standard_error(position, x)
    return Curve(feature, x, y, half, term.missing - term.reference)


def frame_of_terms(program: ScoringProgram) -> pd.DataFrame:
    """One row per knot and unknown value of the terms; see `ScoringProgram.to_frame`."""
    import pandas as pd

    rows = []
    for term in program.terms:
        cells = [
            *zip(term.knots, term.values, strict=True),
            (float("nan"), term.missing),
        ]
        rows += [(term.feature, x, y, y - term.reference) for x, y in cells]
    return pd.DataFrame(rows, columns=["feature", "knot", "value", "contribution"])


def frame_of_pairs(program: ScoringProgram) -> pd.DataFrame:
    """One row per cell of the pairs; see `ScoringProgram.pairs_to_frame`."""
    import pandas as pd

    names = ["first", "second", "first_from", "second_from", "value", "contribution"]
    rows = []
    for pair in program.pairs:
        sides = [
            (float("-inf"), *edges, float("nan")) for edges in (pair.first_edges, pair.second_edges)
        ]
        rows += [
            (pair.first, pair.second, a, b, y, y - pair.reference)
            for a, row in zip(sides[0], pair.values, strict=True)
            for b, y in zip(sides[1], row, strict=True)
        ]
    return pd.DataFrame(rows, columns=names)
