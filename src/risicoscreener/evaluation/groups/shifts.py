"""The same people as of another group: how far predictions move.

Only a simulation knows someone as of another group with all else left, or as that would have
made of them. So the two sets of predictions come from there (``scripts/label_bias.py``); here
they are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration.basis import weighted_quantiles
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import estimate_around, mean_error, share_estimate
from risicoscreener.evaluation.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, eq=False)
class Shift:
    """How predictions move when the group of people is changed.

    Attributes
    ----------
    estimates
        ``prediction_shift`` (mean of after less before) and ``prediction_shift_size``; with a
        cut-off also ``moved_above`` and ``moved_below``.
    quantiles
        ``(5,)``: of the shift, at 5, 25, 50, 75 and 95 percent of the people.
    shift
        ``(n,)`` in the order given.
    cut_off
        Or None.
    """

    estimates: Estimates
    quantiles: FloatArray
    shift: FloatArray
    cut_off: float | None

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure."""
        return self.estimates.to_frame(lang)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "estimates": self.estimates.to_dict(),
            "quantiles": dict(zip(map(str, QUANTILES), self.quantiles.tolist(), strict=True)),
            "cut_off": self.cut_off,
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def prediction_shift(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    *,
    cut_off: float | None = None,
    weight: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Shift:
    """Compare two predictions of the same people.

    A shift of 0 on average can hide people who move up and people who move down: see
    ``prediction_shift_size``.

    Parameters
    ----------
    before, after
        ``(n,)`` probabilities of the same people in the same order.
    cut_off
        Adds which part of the people comes above, or below it.
    weight, cluster
        As of `Sample.of`.
    level
        Of the intervals: normal ones of means of pairs, Wilson's of shares.

    Raises
    ------
    EvaluationError
        If lengths differ, a value is missing or no probability, or the cut-off is none.
    """
    if cut_off is not None and not 0 <= cut_off <= 1:
        raise EvaluationError(f"cut_off is {cut_off!r}; expected a number in [0, 1]")
    nobody = np.zeros(len(np.atleast_1d(np.asarray(before))))
    sample = Sample.of(before, nobody, weight=weight, cluster=cluster)
    other = Sample.of(after, nobody)
    later = np.empty(len(other))
    later[other.order] = other.probability
    shift = later[sample.order] - sample.probability
    found = [
        _mean("prediction_shift", sample, shift, level, (-1.0, 1.0)),
        _mean("prediction_shift_size", sample, np.abs(shift), level, (0.0, 1.0)),
    ]
    if cut_off is not None:
        above = sample.probability >= cut_off
        is_above, everybody = later[sample.order] >= cut_off, np.ones(len(sample), dtype=bool)
        for name, moved in (
            ("moved_above", ~above & is_above),
            ("moved_below", above & ~is_above),
        ):
            found.append(share_estimate(name, sample, everybody, moved, level))
    given = np.empty(len(sample))
    given[sample.order] = shift
    kept = sample.weight > 0
    ascending = np.argsort(shift[kept], kind="stable")
    quantiles = weighted_quantiles(
        shift[kept][ascending], sample.weight[kept][ascending], QUANTILES
    )
    return Shift(Estimates(tuple(found)), quantiles, given, cut_off)


def _mean(
    name: str, sample: Sample, values: FloatArray, level: float, bounds: tuple[float, float]
) -> Estimate:
    value = float(sample.weight @ values / sample.weight.sum())
    error = mean_error(values, sample.weight, sample.cluster)
    return estimate_around(name, sample, value, error, level, bounds=bounds)
