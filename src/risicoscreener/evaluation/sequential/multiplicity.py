"""Several tests beside each other: which of their e-values are alarms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from risicoscreener.errors import EvaluationError

Control = Literal["e_bh", "bonferroni"]


def e_bh(log_e: Sequence[float], alpha: float) -> tuple[bool, ...]:
    """Which hypotheses are rejected by e-BH, however their e-values hang together.

    The ``k`` largest are rejected for the largest ``k`` of which the smallest is ``m / (k alpha)``
    or more. The expected share of wrong ones among those rejected is at most ``alpha``; so, if all
    hypotheses hold, is the chance that any is rejected. With e-processes this holds at whatever
    moment one stops to look (Wang & Ramdas 2022, JRSS B 84:822-852).

    Parameters
    ----------
    log_e
        Logs of the e-values.

    Raises
    ------
    EvaluationError
        If ``alpha`` is not between 0 and 1, or an e-value is missing.
    """
    _check(log_e, alpha)
    m = len(log_e)
    ordered = sorted(log_e, reverse=True)
    rejected = [k for k in range(1, m + 1) if ordered[k - 1] >= math.log(m / (k * alpha))]
    if not rejected:
        return (False,) * m
    least = ordered[rejected[-1] - 1]
    return tuple(one >= least for one in log_e)


def bonferroni(log_e: Sequence[float], alpha: float) -> tuple[bool, ...]:
    """Which hypotheses are rejected if each has the same part of ``alpha``.

    The chance that any is rejected wrongly, now or ever, is at most ``alpha``.

    Raises
    ------
    EvaluationError
        As `e_bh`.
    """
    _check(log_e, alpha)
    return tuple(one >= math.log(len(log_e) / alpha) for one in log_e)


def log_threshold(m: int, alpha: float) -> float:
    """Log of the e-value that is an alarm whatever the others are: ``m / alpha``."""
    return math.log(m / alpha)


CONTROLS = {"e_bh": e_bh, "bonferroni": bonferroni}


def _check(log_e: Sequence[float], alpha: float) -> None:
    if not 0 < alpha < 1:
        raise EvaluationError(f"alpha is {alpha!r}; expected a number between 0 and 1")
    for place, one in enumerate(log_e):
        if math.isnan(one):
            raise EvaluationError(f"log_e[{place}] is missing; expected the log of an e-value")
