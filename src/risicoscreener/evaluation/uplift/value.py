"""What an allocation of help is worth: average effects, values of policies and their differences.

Intervals are those of influence functions; a policy is taken as given. One that was learnt on the
same rows looks better than it is: learn it on others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import estimate_around, mean_error, sampled_error
from risicoscreener.evaluation.uplift.compared import Compared, check_column, check_treat

FloatArray = npt.NDArray[np.float64]


def average_effect(compared: Compared, *, level: float = 0.95) -> Estimates:
    """The effect of the help in everybody: ``average_effect``, ``…_ipw``, ``difference_as_seen``.

    The doubly robust one is the mean of `Compared.scores`; the second weights by propensity, each
    side by the sum of its weights (Hajek); the third corrects for nothing, and is there to show
    what that would say.
    """
    e, t = compared.propensity, compared.treated
    return Estimates(
        (
            _mean("average_effect", compared, compared.scores, level),
            _contrast("average_effect_ipw", compared, t / e, (1 - t) / (1 - e), level),
            _contrast("difference_as_seen", compared, t, 1 - t, level),
        )
    )


def policy_value(compared: Compared, treat: npt.ArrayLike, *, level: float = 0.95) -> Estimates:
    """How often things go well under an allocation.

    Parameters
    ----------
    treat
        ``(n,)`` in [0, 1]: the chance that each receives the help under it; 0 or 1 where it is
        certain, 0.3 for everybody in a lottery of 30 places per 100.

    Returns
    -------
    ``policy_value`` doubly robust, ``policy_value_ipw`` from those who happened to receive what
    the allocation gives, and ``policy_gain`` over helping nobody, doubly robust.

    Raises
    ------
    EvaluationError
        For a chance outside [0, 1].
    """
    pi = check_treat(treat, compared)
    e, t = compared.propensity, compared.treated
    gain = pi * compared.scores
    followed = pi * t / e + (1 - pi) * (1 - t) / (1 - e)
    share = compared.weight * followed
    value = float(share @ compared.outcome / share.sum()) if share.sum() > 0 else np.nan
    pull = share * (compared.outcome - value) / share.sum() if share.sum() > 0 else share
    error = sampled_error(compared.people, pull)
    return Estimates(
        (
            _mean("policy_value", compared, compared.scores_without + gain, level),
            estimate_around("policy_value_ipw", compared.people, value, error, level),
            _mean("policy_gain", compared, gain, level),
        )
    )


def policy_difference(
    compared: Compared, treat: npt.ArrayLike, other: npt.ArrayLike, *, level: float = 0.95
) -> Estimate:
    """How much more often things go well under one allocation than under another, same people.

    Raises
    ------
    EvaluationError
        For a chance outside [0, 1].
    """
    pi = check_treat(treat, compared) - check_treat(other, compared, "other")
    return _mean("policy_difference", compared, pi * compared.scores, level)


def first_share(
    priority: npt.ArrayLike, share: float, weight: npt.ArrayLike | None = None
) -> FloatArray:
    """The allocation that gives the help to the part with the highest priority, ``(n,)``.

    Who ties at the edge shares what is left in a lottery: the sum is exactly the share.

    Parameters
    ----------
    priority
        ``(n,)``, highest first.
    share
        In [0, 1], of the weight.

    Raises
    ------
    EvaluationError
        For a share outside [0, 1], or a priority that is missing.
    """
    if not 0 <= share <= 1:
        raise EvaluationError(f"share is {share!r}; expected a number in [0, 1]")
    given = np.asarray(priority, dtype=np.float64)
    score = check_column(given, len(given), "priority")
    w = np.ones(len(score)) if weight is None else check_column(weight, len(score), "weight")
    levels, place = np.unique(-score, return_inverse=True)
    sizes = np.bincount(place, w, minlength=len(levels))
    before = np.cumsum(sizes) - sizes
    left = np.clip(share * w.sum() - before, 0.0, sizes)
    part = np.divide(left, sizes, out=np.zeros(len(levels)), where=sizes > 0)
    found: FloatArray = part[place]
    return found


def _mean(name: str, compared: Compared, values: FloatArray, level: float) -> Estimate:
    people = compared.people
    value = float(np.average(values, weights=people.weight))
    error = mean_error(values, people.weight, people.cluster)
    return estimate_around(name, people, value, error, level)


def _contrast(
    name: str, compared: Compared, first: FloatArray, second: FloatArray, level: float
) -> Estimate:
    """Difference of two weighted means of the outcome."""
    y, value, pull = compared.outcome, 0.0, np.zeros(len(compared))
    for sign, part in ((1.0, first), (-1.0, second)):
        share = compared.weight * part
        share = share / share.sum()
        mean = float(share @ y)
        value += sign * mean
        pull += sign * share * (y - mean)
    return estimate_around(
        name, compared.people, value, sampled_error(compared.people, pull), level
    )
