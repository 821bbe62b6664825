"""Does an order of people say anything about the effect? Curve and areas from effect scores.

With the doubly robust scores of `Compared` they hold without a trial, under its assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.estimate import Curve, Estimates
from risicoscreener.evaluation.intervals import estimate_around
from risicoscreener.evaluation.resampling import bootstrap
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.uplift.compared import Compared, check_column
from risicoscreener.evaluation.uplift.curves import SHARES, Ranked, banded

FloatArray = npt.NDArray[np.float64]
CURVE_SHARES = SHARES[1:]


def targeting_curve(
    compared: Compared,
    priority: npt.ArrayLike,
    *,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
) -> Curve:
    """Targeting operator characteristic: effect in the part in front, less that in everybody.

    Parameters
    ----------
    priority
        ``(n,)``, highest first; ties count as one. Made on other people, or ahead
        (`within_folds`): one that was learnt on the same people is judged too well.
    level, replicates, seed
        Of the pointwise bootstrap band, in which people are ranked anew.

    References
    ----------
    Yadlowsky, Fleming, Shah, Brunskill and Wager (2025), JASA 120:38-51.
    """
    score = check_column(priority, len(compared), "priority")
    measure = _Toc(compared.scores, Ranked.of(score))
    return banded("toc", compared, CURVE_SHARES, measure, level, replicates, seed)


def rate(
    compared: Compared,
    priority: npt.ArrayLike,
    *,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
) -> Estimates:
    """``autoc`` and ``rate_qini``: areas under the targeting curve, 0 for a useless order.

    The first averages the curve over all parts, so that the front counts most; the second weighs
    a part by its size. The interval is that of a normal distribution with the bootstrap error.

    Parameters
    ----------
    priority, level, replicates, seed
        As of `targeting_curve`.
    """
    score = check_column(priority, len(compared), "priority")
    measure = _Areas(compared.scores, Ranked.of(score))
    names = ("autoc", "rate_qini")
    found = bootstrap(compared.people, {names: measure}, replicates=replicates, seed=seed)
    return Estimates(
        tuple(
            estimate_around(
                name, compared.people, float(found.point[name]), float(found.error(name)), level
            )
            for name in names
        )
    )


@dataclass(frozen=True, eq=False)
class _Toc:
    scores: FloatArray
    ranked: Ranked

    def __call__(self, _: Sample, weight: FloatArray) -> FloatArray:
        u, s = _cumulative(self.scores, self.ranked, weight)
        return np.interp(CURVE_SHARES, u, s) / CURVE_SHARES - s[-1]


@dataclass(frozen=True, eq=False)
class _Areas:
    """The curve's mean, and its mean weighted by the part.

    With scores averaged in each run of ties the cumulative score is straight in between, and both
    integrals are exact; so a row of weight 2 is two rows.
    """

    scores: FloatArray
    ranked: Ranked

    def __call__(self, _: Sample, weight: FloatArray) -> FloatArray:
        u, s = _cumulative(self.scores, self.ranked, weight)
        return np.array([mean_of_curve(u, s), np.trapezoid(s, u) - s[-1] / 2.0])


def mean_of_curve(u: FloatArray, s: FloatArray) -> float:
    """Integral over (0, 1] of ``s(u) / u - s(1)``, for a cumulative score straight in between."""
    step = np.diff(u)
    kept = step > 0
    left, right = u[:-1][kept], u[1:][kept]
    slope = np.diff(s)[kept] / step[kept]
    offset = s[:-1][kept] - slope * left
    ratio = np.divide(right, left, out=np.ones(len(left)), where=left > 0)
    return float((offset * np.log(ratio) + slope * (right - left)).sum() - s[-1])


def _cumulative(
    scores: FloatArray, ranked: Ranked, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Part of the people so far, and the sum of their scores per person of everybody."""
    people = ranked.sums(weight)
    return people / people[-1], ranked.sums(weight * scores) / people[-1]
