"""Error rates when only some people have the reference: partial verification (Begg and Greenes).

A deep assessment says whether the concern was right, but only those who were screened as a concern
tend to get one. Among the assessed the screening then looks more sensitive and less specific than
it is.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import influence_error, quantile
from risicoscreener.evaluation.sample import as_numbers, labels_of
from risicoscreener.evaluation.selection.seen import check_mask

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def verified_rates(
    concern: npt.ArrayLike,
    reference: npt.ArrayLike,
    *,
    strata: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimates:
    """Sensitivity, specificity and predictive values of a screening, corrected for verification.

    Within each outcome of the screening (and stratum) those who were assessed must stand for
    those who were not. If assessors also followed signs that are in neither, the correction is
    wrong in a direction that the data do not tell.

    Parameters
    ----------
    concern
        ``(n,)``, 0 or 1: what the screening said, of everybody.
    reference
        ``(n,)``, 0 or 1 for who was assessed, NaN for who was not.
    strata
        ``(n,)`` labels of what else decided on who was assessed (a score band, a prison).
    cluster
        ``(n,)`` labels of units that were sampled.
    level
        Of the intervals: normal on the logit scale, by the delta method.

    Returns
    -------
    Estimates
        ``sensitivity_verified``, ``specificity_verified``, ``ppv_verified``, ``npv_verified``.
        With a problem where a stratum has nobody who was assessed (``not_verified``), or a rate
        is 0 or 1 and has no interval.

    References
    ----------
    Begg and Greenes (1983), Biometrics 39:207-215; Zhou (1993) for the intervals, which are
    these without strata.
    """
    test = check_mask(concern, "concern")
    truth = as_numbers(reference, "reference")
    if truth.shape != test.shape:
        raise EvaluationError(f"reference has shape {truth.shape}, concern has {test.shape}")
    seen = ~np.isnan(truth)
    wrong = seen & (truth != 0) & (truth != 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise EvaluationError(f"reference[{row}] is {truth[row]:g}; expected 0, 1 or missing")
    cells = _cells(test, strata)
    units = None if cluster is None else _labels(cluster, len(test), "cluster")
    events = int(truth[seen].sum())
    common: dict[str, Any] = {"level": level, "n": len(test), "events": events}
    rate, influence = _imputed(cells, truth, seen)
    pairs = {
        "sensitivity_verified": (_of(rate, test), _of(rate, ~test), 1),
        "specificity_verified": (_of(1 - rate, ~test), _of(1 - rate, test), -1),
        "ppv_verified": (_of(rate, test), _of(1 - rate, test), 1),
        "npv_verified": (_of(1 - rate, ~test), _of(rate, ~test), -1),
    }
    return Estimates(
        tuple(
            _ratio(name, part, rest, _changes(name, test, influence, sign), units, common)
            for name, (part, rest, sign) in pairs.items()
        )
    )


def _of(rate: FloatArray, part: Mask) -> FloatArray:
    """The rate of a part of the people, 0 for the others."""
    return np.where(part, rate, 0.0)


def _cells(test: Mask, strata: npt.ArrayLike | None) -> npt.NDArray[np.intp]:
    """A code for each combination of what the screening said and the stratum."""
    if strata is None:
        return test.astype(np.intp)
    return 2 * _labels(strata, len(test), "strata") + test


def _labels(values: npt.ArrayLike, n: int, name: str) -> npt.NDArray[np.intp]:
    import pandas as pd

    return pd.factorize(labels_of(values, n, name))[0].astype(np.intp)


def _imputed(
    cells: npt.NDArray[np.intp], truth: FloatArray, seen: Mask
) -> tuple[FloatArray, FloatArray]:
    """Rate of the reference in the cell of each person, NaN where nobody was assessed.

    And the residual of each assessed person, weighted by how many they stand for.
    """
    size = np.bincount(cells).astype(float)
    assessed = np.bincount(cells[seen], minlength=len(size)).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.bincount(cells[seen], truth[seen], len(size)) / assessed
        stands_for = size / assessed
    of_each = rate[cells]
    residual = np.zeros(len(cells))
    residual[seen] = (truth[seen] - of_each[seen]) * stands_for[cells][seen]
    return of_each, residual


def _changes(
    name: str, test: Mask, residual: FloatArray, sign: int
) -> tuple[FloatArray, FloatArray]:
    """What the residual of each person adds to the two sums of a rate."""
    own = residual * sign
    if name in ("sensitivity_verified",):
        return own * test, own * ~test
    if name == "specificity_verified":
        return own * ~test, own * test
    who = test if name == "ppv_verified" else ~test
    return own * who, -own * who


def _ratio(
    name: str,
    part: FloatArray,
    rest: FloatArray,
    changes: tuple[FloatArray, FloatArray],
    units: npt.NDArray[np.intp] | None,
    common: dict[str, Any],
) -> Estimate:
    """``part / (part + rest)`` of sums, with an interval by the influence of each person."""
    a, b = float(part.sum()), float(rest.sum())
    if math.isnan(a) or math.isnan(b):
        return Estimate(name, math.nan, problem="not_verified", **common)
    if a + b == 0:
        return Estimate(name, math.nan, problem="nobody", **common)
    value = a / (a + b)
    if a == 0 or b == 0:
        return Estimate(name, value, problem="few_events", **common)
    influence = (part + changes[0]) / a - (rest + changes[1]) / b
    reach = _reach(influence, units, common["level"])
    if not math.isfinite(reach):
        return Estimate(name, value, problem="few_clusters", **common)
    method = "normal" if units is None else "clustered"
    low, high = expit(logit(value) - reach), expit(logit(value) + reach)
    return Estimate(name, value, float(low), float(high), method=method, **common)


def _reach(influence: FloatArray, units: npt.NDArray[np.intp] | None, level: float) -> float:
    """Half the width on the logit scale; without clusters as published, divided by n."""
    if units is None:
        return quantile(level) * float(np.sqrt((influence**2).sum()))
    return quantile(level, int(units.max()) + 1) * influence_error(influence, units)
