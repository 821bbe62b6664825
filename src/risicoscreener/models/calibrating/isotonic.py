"""Isotonic calibration, and centred isotonic calibration, under which people keep their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import isotonic_regression

from risicoscreener.models.calibrating.data import CalibrationData, Tied
from risicoscreener.models.calibration import Table
from risicoscreener.models.estimators.out_of_fold import LEAST_CALIBRATION_SLOPE
from risicoscreener.models.piecewise import MAX_KNOTS

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

CLOSEST = 1e-9
"""Probabilities that differ no more are taken as equal: a table needs room for a slope."""


@dataclass(frozen=True)
class Blocks:
    """Pools of adjacent people who get one probability.

    ``first``, ``last`` and ``centre`` are the lowest, highest and weighted mean probability
    before calibration of each block, ``value`` its probability after.
    """

    first: FloatArray
    last: FloatArray
    centre: FloatArray
    value: FloatArray

    @classmethod
    def of(cls, data: CalibrationData) -> Blocks:
        """By pooling adjacent violators; the first and last block are kept off 0 and 1."""
        tied = Tied.of(data, CLOSEST)
        p, weight = tied.probability, tied.weight
        fitted = isotonic_regression(
            tied.events / weight, sample_weight=weight, y_min=0.0, y_max=1.0
        )
        starts = np.flatnonzero(np.diff(fitted, prepend=-1.0) > 0.0)
        ends = np.append(starts[1:], len(p)) - 1
        size = np.add.reduceat(weight, starts)
        centre = np.clip(np.add.reduceat(weight * p, starts) / size, p[starts], p[ends])
        return cls(p[starts], p[ends], centre, _never_certain(fitted[starts], size))


def fit_isotonic(
    lp: npt.ArrayLike, outcome: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Table:
    """Isotonic calibration: the best fitting map that does not fall.

    The table is linear between the blocks of equal probability and constant in them, as that of
    scikit-learn, so people of one block tie; `fit_centred_isotonic` keeps their order. A first
    block in which nobody has the outcome would get probability 0 and make its first event an
    infinite surprise; it gets that of half an event (in ``size + 1`` people, and at most half
    the value of the next block) instead, and the last block likewise.

    Parameters are those of `fit_logistic`. With more than `MAX_KNOTS` knots the table is
    thinned, to those that share out its rise and its width evenly.

    References
    ----------
    Zadrozny B, Elkan C (2002). Transforming classifier scores into accurate multiclass
    probability estimates. KDD 2002, 694-699.
    """
    blocks = Blocks.of(CalibrationData.of(lp, outcome, weight))
    before = np.column_stack([blocks.first, blocks.last]).ravel()
    after = np.repeat(blocks.value, 2)
    single = np.diff(before, prepend=-1.0) > 0.0  # a block of one probability is one knot
    return _table(before[single], after[single])


def fit_centred_isotonic(
    lp: npt.ArrayLike, outcome: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Table:
    """Centred isotonic calibration: strictly rising, so people keep their order.

    Each block of isotonic regression becomes one point, at the mean probability of its people;
    the map is linear between these points, and from the outermost ones to 0 and to 1. If the
    outcome does not rise with the predictor at all, there is one block, and the map rises from
    its probability by a share `LEAST_CALIBRATION_SLOPE` of the way only.

    Parameters are those of `fit_logistic`.

    References
    ----------
    Oron AP, Flournoy N (2017). Centered isotonic regression: point and interval estimation for
    dose-response studies. Statistics in Biopharmaceutical Research 9, 258-267.
    """
    blocks = Blocks.of(CalibrationData.of(lp, outcome, weight))
    reach = LEAST_CALIBRATION_SLOPE if len(blocks.value) == 1 else 1.0
    low, high = blocks.value[0], blocks.value[-1]
    before = np.concatenate([[0.0], blocks.centre, [1.0]])
    after = np.concatenate([[low * (1.0 - reach)], blocks.value, [high + reach * (1.0 - high)]])
    apart = np.diff(before, prepend=-1.0) > CLOSEST / 2.0
    apart[-1] = blocks.centre[-1] < 1.0 - CLOSEST / 2.0
    return _table(before[apart], after[apart])


def _never_certain(value: FloatArray, size: FloatArray) -> FloatArray:
    """Values of blocks with the first off 0 and the last off 1."""
    value = value.copy()
    if value[0] <= 0.0:
        value[0] = min(0.5 / (size[0] + 1.0), value[1] / 2.0)
    if value[-1] >= 1.0:
        value[-1] = max(1.0 - 0.5 / (size[-1] + 1.0), (1.0 + value[-2]) / 2.0)
    return value


def _table(before: FloatArray, after: FloatArray) -> Table:
    """The table, thinned if it has more knots than one may have."""
    if len(before) > MAX_KNOTS:
        way = np.cumsum(np.abs(np.diff(before, prepend=before[0])))
        way = way / way[-1] + (after - after[0]) / (after[-1] - after[0])
        kept = np.unique(np.searchsorted(way, np.linspace(0.0, way[-1], MAX_KNOTS)))
        before, after = before[kept], after[kept]
    return Table(tuple(before.tolist()), tuple(after.tolist()))
