"""From the hazards of several causes to survival and cumulative incidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray

SurvivalRule = Literal["exponential", "product_limit"]


def combine_hazards(
    hazards: FloatArray, stops: npt.NDArray[np.intp], rule: SurvivalRule = "exponential"
) -> tuple[FloatArray, FloatArray]:
    """Survival and cumulative incidence after some numbers of steps.

    Parameters
    ----------
    hazards
        ``(causes, n, T)``: cumulative hazard of each cause in each step.
    stops
        ``(H,)``: number of steps up to each horizon.
    rule
        ``exponential``: a hazard ``h`` of all causes together leaves ``exp(-h)`` of those at
        risk; ``product_limit``: ``1 - h``, at least 0 (Aalen-Johansen's; that of
        `riskRegression::CSC` of R). Whom a step loses is divided over the causes by hazard.

    Returns
    -------
    survival, incidence
        ``(n, H)`` and ``(causes, n, H)``; together they add up to 1.
    """
    total = hazards.sum(axis=0)
    if rule == "exponential":
        lost = -np.expm1(-total)
        reached = np.exp(-np.cumsum(total, axis=1))
    else:
        lost = np.minimum(total, 1.0)
        reached = np.cumprod(1.0 - lost, axis=1)
    first = np.ones((len(total), 1))
    survival = np.concatenate([first, reached], axis=1)
    share = np.divide(lost, total, out=np.zeros_like(total), where=total > 0)
    steps = np.cumsum(hazards * (survival[:, :-1] * share), axis=2)
    incidence = np.concatenate([np.zeros((*steps.shape[:2], 1)), steps], axis=2)
    return survival[:, stops], incidence[:, :, stops]
