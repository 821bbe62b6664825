"""A test of heterogeneity that keeps its level: each fold is judged by what earlier folds taught.

Predictions by cross-fitting are made on folds that are judged by each other's; their statistics
hang together, and tests on them claim differences too often. Learning on the folds before and
judging on the next makes the sum of the statistics one of martingale differences, which is
standard normal if there is nothing to find (Wager 2024, arXiv:2405.05534).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.figure import plain
from risicoscreener.evaluation.intervals import influence_error, is_spread
from risicoscreener.evaluation.uplift.compared import Compared

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
By = Literal["slope", "autoc", "qini"]
ALPHA = 0.05


@dataclass(frozen=True)
class SequentialTest:
    """Whether the order that was learnt says something about the effect.

    Attributes
    ----------
    statistic
        Standard normal if it says nothing.
    p_value
        One-sided: of so large a statistic by chance.
    by_fold
        The statistic of each fold that was judged; 0 where all predictions were alike.
    alpha
        Level of the test.
    """

    statistic: float
    p_value: float
    by_fold: tuple[float, ...]
    alpha: float = ALPHA

    @property
    def differs(self) -> bool:
        """Whether the effect differs between people, as far as these data can tell."""
        return self.p_value < self.alpha

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        found = {key: plain(value) for key, value in asdict(self).items()}
        return found | {"by_fold": list(self.by_fold), "differs": self.differs}


def sequential_test(
    compared: Compared,
    ahead: npt.ArrayLike,
    fold: npt.ArrayLike,
    *,
    by: By = "slope",
    alpha: float = ALPHA,
) -> SequentialTest:
    """Test whether predictions that were made ahead order people by effect.

    Parameters
    ----------
    ahead
        ``(n,)``: predicted effect by a model of the folds before; NaN in those that only taught.
    fold
        ``(n,)`` whole numbers: the order of the folds. Clusters lie within folds.
    by
        What is asked of the order: ``slope``, whether scores rise with the size of the
        prediction; ``autoc`` or ``qini``, whether an area under the targeting curve is above 0,
        which takes the order alone.
    alpha
        Level.

    Raises
    ------
    EvaluationError
        If shapes differ, part of a fold has predictions, or no fold has any.
    """
    predicted, folds = _checked(compared, ahead, fold)
    if by not in WEIGHTS:
        raise EvaluationError(f"by is {by!r}; expected one of {', '.join(WEIGHTS)}")
    if not 0 < alpha < 1:
        raise EvaluationError(f"alpha is {alpha!r}; expected a number between 0 and 1")
    found = []
    for number in np.unique(folds[np.isfinite(predicted)]):
        rows = np.flatnonzero(folds == number)
        pulls = WEIGHTS[by](predicted[rows], compared.weight[rows])
        found.append(_statistic(compared, pulls, rows))
    judged = [one for one in found if one is not None]
    statistic = sum(judged) / math.sqrt(len(judged)) if judged else 0.0
    p_value = float(ndtr(-statistic)) if judged else 1.0
    by_fold = tuple(0.0 if one is None else one for one in found)
    return SequentialTest(statistic, p_value, by_fold, alpha)


def within_folds(ahead: npt.ArrayLike, fold: npt.ArrayLike) -> FloatArray:
    """Place of each prediction among those of its own fold, from 0 to 1, ``(n,)``.

    Predictions of different models cannot be compared by size; their places can. NaN stays NaN.
    """
    from scipy.stats import rankdata

    predicted, folds = np.asarray(ahead, dtype=np.float64), np.asarray(fold)
    found = np.full(len(predicted), math.nan)
    for number in np.unique(folds):
        rows = np.flatnonzero((folds == number) & np.isfinite(predicted))
        if len(rows):
            found[rows] = (rankdata(predicted[rows]) - 0.5) / len(rows)
    return found


def _checked(
    compared: Compared, ahead: npt.ArrayLike, fold: npt.ArrayLike
) -> tuple[FloatArray, Codes]:
    predicted, folds = np.asarray(ahead, dtype=np.float64), np.asarray(fold)
    n = len(compared)
    for name, values in (("ahead", predicted), ("fold", folds)):
        if values.shape != (n,):
            raise EvaluationError(f"{name} has shape {values.shape}; expected ({n},)")
    there = np.isfinite(predicted)
    if not there.any():
        raise EvaluationError("ahead has no prediction; expected some fold that is judged")
    mixed = [number for number in np.unique(folds) if len(set(there[folds == number])) > 1]
    if mixed:
        raise EvaluationError(f"part of fold {mixed[0]} has a prediction; expected all or nobody")
    cluster = compared.people.cluster
    if cluster is not None:
        pairs = len({*zip(cluster.tolist(), folds.tolist(), strict=True)})
        if pairs > compared.people.n_clusters:
            raise EvaluationError("a cluster lies in two folds; expected each in one")
    return predicted, folds.astype(np.intp)


def _statistic(compared: Compared, pulls: FloatArray, rows: Codes) -> float | None:
    """Weighted mean of the scores of a fold over its error, the order as given; None without."""
    weight = compared.weight[rows]
    scores = compared.scores[rows]
    share = weight / weight.sum()
    centred = scores - float(share @ scores)
    value = float(share @ (pulls * centred))
    pull = share * (pulls * centred - value)
    cluster = compared.people.cluster
    codes = None if cluster is None else np.unique(cluster[rows], return_inverse=True)[1]
    error = influence_error(pull, codes)
    if not (math.isfinite(error) and is_spread(error) and np.ptp(pulls) > 0):
        return None
    return value / error


def area_weights(predicted: FloatArray, weight: FloatArray) -> FloatArray:
    """What a score counts for in the mean targeting curve, ``(n,)``; their weighted mean is 0.

    Of who stands at a part ``u`` of the people it is ``-log(u) - 1``, averaged over ties.
    """
    levels, place = np.unique(-predicted, return_inverse=True)
    sizes = np.bincount(place, weight, minlength=len(levels)) / weight.sum()
    ends = np.cumsum(sizes)
    starts = ends - sizes
    whole = _entropy(starts) - _entropy(ends)  # integral of -log(u) - 1 over the run
    found: FloatArray = np.divide(whole, sizes, out=np.zeros(len(ends)), where=sizes > 0)[place]
    return found


def rank_weights(predicted: FloatArray, weight: FloatArray) -> FloatArray:
    """The same for the curve weighted by the part: ``1/2 - u`` in the middle of a run of ties."""
    levels, place = np.unique(-predicted, return_inverse=True)
    sizes = np.bincount(place, weight, minlength=len(levels)) / weight.sum()
    found: FloatArray = (0.5 - (np.cumsum(sizes) - sizes / 2))[place]
    return found


def size_weights(predicted: FloatArray, weight: FloatArray) -> FloatArray:
    """The same for the slope: how far each prediction is from their mean."""
    found: FloatArray = predicted - np.average(predicted, weights=weight)
    return found


WEIGHTS = {"slope": size_weights, "autoc": area_weights, "qini": rank_weights}


def _entropy(u: FloatArray) -> FloatArray:
    """``u log(u)``, 0 at 0."""
    found: FloatArray = u * np.log(np.where(u > 0, u, 1.0))
    return found
