"""Which probabilities people with and without the outcome were given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.sample import Sample

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Distribution:
    """How many people were given probabilities between edges, by outcome.

    Attributes
    ----------
    edges
        ``(b + 1,)`` from 0 to 1; an edge belongs to the bin above it, 1 to the last.
    with_outcome, without_outcome
        ``(b,)``: weight of the people in each bin, their number without weights.
    mean_with, mean_without
        Mean probability of the people with and without the outcome; NaN of nobody.
    """

    edges: FloatArray
    with_outcome: FloatArray
    without_outcome: FloatArray
    mean_with: float = math.nan
    mean_without: float = math.nan

    def to_frame(self) -> Any:
        """A row for each bin."""
        import pandas as pd

        columns = {"from": self.edges[:-1], "until": self.edges[1:]}
        counts = {"with_outcome": self.with_outcome, "without_outcome": self.without_outcome}
        return pd.DataFrame(columns | counts)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        names = ("edges", "with_outcome", "without_outcome")
        means = {"mean_with": self.mean_with, "mean_without": self.mean_without}
        arrays = {name: getattr(self, name).tolist() for name in names}
        return arrays | {k: v if math.isfinite(v) else None for k, v in means.items()}

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format="{:.2f}".format, index=False))


def distribution(sample: Sample, *, bins: int = 20) -> Distribution:
    """Count people in bins of equal width, by outcome.

    Raises
    ------
    EvaluationError
        If there is not at least one bin.
    """
    if not isinstance(bins, Integral) or bins < 1:
        raise EvaluationError(f"bins is {bins!r}; expected a whole number of 1 or more")
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.clip(np.searchsorted(edges, sample.probability, side="right") - 1, 0, bins - 1)
    events = sample.weight * sample.outcome
    with_outcome, everybody = (
        np.bincount(place, w, minlength=bins).astype(np.float64) for w in (events, sample.weight)
    )
    means = [_mean(sample, w) for w in (events, sample.weight - events)]
    return Distribution(edges, with_outcome, everybody - with_outcome, *means)


def _mean(sample: Sample, weight: FloatArray) -> float:
    total = float(weight.sum())
    return float(weight @ sample.probability) / total if total > 0 else math.nan
