"""What theory says of people who come, stay and leave without waiting: the checks of a simulation.

With arrivals at rate λ(t) and a share S(u) of stays longer than u, the number inside is Poisson,
with mean m(t) = ∫ λ(t - u) S(u) du over u from 0 (M_t/G/∞; Eick, Massey and Whitt 1993, Operations
Research 41, 731-742). With a constant rate that is Little's law, L = λ E[S] (Little 1961).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ImpactError

FloatArray = npt.NDArray[np.float64]


def expected_occupancy(rates: npt.ArrayLike, survival: npt.ArrayLike) -> FloatArray:
    """Mean number inside at the end of each day, from an empty start.

    Parameters
    ----------
    rates
        Expected arrivals on each day, shape (n,).
    survival
        Share still there after 0, 1, 2, … days, shape (k,): what is absent is 0.

    Raises
    ------
    ImpactError
        If a rate is below 0, or the share of who stays rises or leaves the range 0 to 1.
    """
    rate, left = np.asarray(rates, np.float64), np.asarray(survival, np.float64)
    if not (rate >= 0).all():
        raise ImpactError(f"rates go down to {np.nanmin(rate)}; expected 0 or more")
    if not len(left) or left[0] > 1 or left[-1] < 0 or not (np.diff(left) <= 1e-12).all():
        raise ImpactError(
            "survival does not fall from at most 1 to at least 0; expected that it does"
        )
    return np.convolve(rate, left)[: len(rate)]


def sinusoidal_occupancy(
    t_days: npt.ArrayLike, mean_rate: float, swing: float, period_days: float, mean_stay: float
) -> FloatArray:
    """Mean number inside with a rate ``mean_rate + swing sin(2πt / period)`` and exponential stays.

    Eick, Massey and Whitt (1993, Management Science 39, 241-252): the number inside follows the
    rate later and flatter; with γ = 2π / period and μ = 1 / mean stay by 1 / (1 + (γ/μ)²).
    """
    t = np.asarray(t_days, np.float64)
    gamma, mu = 2 * np.pi / period_days, 1 / mean_stay
    wave = (np.sin(gamma * t) - gamma / mu * np.cos(gamma * t)) / (1 + (gamma / mu) ** 2)
    found: FloatArray = mean_stay * (mean_rate + swing * wave)
    return found
