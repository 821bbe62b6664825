"""Tail of a weighted sum of chi-squared variables: what a penalised likelihood ratio follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

NEGLIGIBLE = 1e-6
"""Weights below this share of the largest are left out."""

STEP, POINTS = 0.02, 4000


def mixture_tail(statistic: float, weights: FloatArray) -> float:
    """``P(sum of weights[i] * chi2_1 > statistic)``.

    Exact where all weights are equal. Else the inversion of the moment generating function
    along a parabola through its saddlepoint, around the branch cut: there the integrand neither
    oscillates much nor cancels, so that small tails keep their digits (about nine of them).

    Parameters
    ----------
    statistic
        The value seen.
    weights
        ``(k,)``, at least 0.
    """
    used = weights[weights > NEGLIGIBLE * max(float(weights.max(initial=0.0)), 1e-300)]
    if statistic <= 0:
        return 1.0
    if not len(used):
        return 0.0
    if np.ptp(used) <= 1e-9 * used.max():
        return float(chi2.sf(statistic / used.mean(), len(used)))
    scale = float(used.max())
    return _inverted(statistic / scale, used / scale)


def _inverted(q: float, weights: FloatArray) -> float:
    """The tail at ``q`` for weights of which the largest is 1."""

    def slope(s: float) -> float:
        return float((weights / (1.0 - 2.0 * weights * s)).sum()) - q - 1.0 / s

    centre = brentq(slope, 1e-12, 0.5 - 1e-12, xtol=1e-14)
    ratio = weights / (1.0 - 2.0 * weights * centre)
    second = 2.0 * np.square(ratio).sum() + centre**-2
    third = 8.0 * (ratio**3).sum() - 2.0 * centre**-3
    width = 1.0 / np.sqrt(second)
    bend = max(third / (6.0 * second), 0.1 / width)
    t = (np.arange(POINTS) + 0.5) * STEP * width
    s = centre + 1j * t + bend * np.square(t)
    logarithm = -0.5 * np.log(1.0 - 2.0 * weights[:, None] * s).sum(axis=0) - s * q - np.log(s)
    integrand = (np.exp(logarithm) * (1j + 2.0 * bend * t)).imag
    return float(np.clip(integrand.sum() * STEP * width / np.pi, 0.0, 1.0))
