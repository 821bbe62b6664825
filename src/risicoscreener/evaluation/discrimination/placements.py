"""Of two people with different outcomes, who has the higher score: per person, and its error."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.intervals import sums_by_cluster

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]


def placements(event: BoolArray, score: FloatArray, weight: FloatArray | None = None) -> FloatArray:
    """Per row the share of the other class that it is on the right side of; ties count half.

    The weighted mean over those with the outcome, or over those without it, is the area under the
    ROC curve.

    Parameters
    ----------
    event
        ``(n,)``: who has the outcome. Both classes must have weight.
    score
        ``(n,)``: higher for more risk.
    weight
        ``(n,)``; 1 for everybody without it.
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(score[order]) > 0])
    ordered = None if weight is None else weight[order]
    placed = np.empty(len(score))
    placed[order] = sorted_placements(event[order], starts, ordered)
    return placed


def sorted_placements(
    event: BoolArray, starts: Codes, weight: FloatArray | None = None
) -> FloatArray:
    """`placements` of rows in order of score; ``starts``: where each run of equal scores starts."""
    weight = np.ones(len(event)) if weight is None else weight
    share = {c: _below(weight * (event == c), starts, len(event)) for c in (True, False)}
    return np.where(event, share[False], 1.0 - share[True])


def _below(weight: FloatArray, starts: Codes, n: int) -> FloatArray:
    """Per row the share of a weight that lies below its score, with half of what ties with it."""
    run = np.add.reduceat(weight, starts)
    upto = np.cumsum(run)
    share = (upto - 0.5 * run) / upto[-1]
    return np.repeat(share, np.diff(starts, append=n))


def placement_error(
    event: BoolArray,
    placed: FloatArray,
    weight: FloatArray | None = None,
    cluster: Codes | None = None,
) -> float:
    """Standard error of the mean placement, of one score or of the difference of two.

    Without weights and clusters that of DeLong et al. (1988, Biometrics 44:837-845). With
    clusters that of Obuchowski (1997, Biometrics 53:567-578), which is the same if every row is a
    cluster. Weights are those of a sample design: each placement counts by its share.

    Parameters
    ----------
    placed
        ``(n,)``: `placements`, or the difference of those of two scores.
    cluster
        ``(n,)`` codes of the unit that is sampled.

    Returns
    -------
    NaN if one of the classes has fewer than two units.
    """
    weight = np.ones(len(event)) if weight is None else weight
    sums, units = _sums_and_units(event, placed, weight, cluster)
    if min(units) < 2:
        return math.nan
    variance = sum(_variances(sums, units))
    if cluster is not None:
        k = len(np.unique(cluster[weight > 0]))
        variance += 2.0 * k / (k - 1) * float(sums[0] @ sums[1])
    return math.sqrt(max(variance, 0.0))


def placement_degrees(
    event: BoolArray, placed: FloatArray, weight: FloatArray | None = None
) -> float:
    """Degrees of freedom of the error of a mean placement of independent people.

    Those of Brunner and Munzel (2000, Biometrical Journal 42:17-25): few, where the error rests on
    a class of few people. NaN if a class has fewer than two people or nothing varies.
    """
    weight = np.ones(len(event)) if weight is None else weight
    sums, units = _sums_and_units(event, placed, weight, None)
    if min(units) < 2:
        return math.nan
    parts = _variances(sums, units)
    below = sum(part**2 / (k - 1) for part, k in zip(parts, units, strict=True))
    return sum(parts) ** 2 / below if below > 0 else math.nan


def _sums_and_units(
    event: BoolArray, placed: FloatArray, weight: FloatArray, cluster: Codes | None
) -> tuple[list[FloatArray], list[int]]:
    """Of those with and those without the outcome: influence by unit, and number of units."""
    sums, units = [], []
    for part in (event, ~event):
        kept = part & (weight > 0)
        share = np.where(kept, weight, 0.0) / weight[kept].sum()
        sums.append(sums_by_cluster(share * (placed - share @ placed), cluster))
        units.append(int(kept.sum()) if cluster is None else len(np.unique(cluster[kept])))
    return sums, units


def _variances(sums: list[FloatArray], units: list[int]) -> list[float]:
    return [k / (k - 1) * float(s @ s) for s, k in zip(sums, units, strict=True)]


def delong_error(y: FloatArray, score: FloatArray) -> float:
    """Standard error of the AUC (DeLong et al. 1988) by ranks (Sun and Xu 2014), or NaN."""
    event = np.asarray(y) == 1
    if event.all() or not event.any():
        return math.nan
    return placement_error(event, placements(event, np.asarray(score, dtype=np.float64)))
