"""Two models of the same people at a horizon, compared person by person."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.comparing.difference import Comparison, Difference
from risicoscreener.evaluation.intervals import two_sided
from risicoscreener.evaluation.resampling import check_paired
from risicoscreener.evaluation.time.benefit import Moved, moved_net_benefit
from risicoscreener.evaluation.time.influence import (
    as_binary,
    error_of,
    estimate_moved,
    influence,
)
from risicoscreener.evaluation.time.measures import MakesLinear, linear_auc, linear_brier
from risicoscreener.evaluation.time.sample import (
    HorizonSample,
    check_same_follow_up,
    check_same_horizon,
)
from risicoscreener.evaluation.utility.gain import cut_offs_of


def compare_at_horizon(
    first: HorizonSample,
    second: HorizonSample,
    *,
    cut_offs: npt.ArrayLike = (),
    level: float = 0.95,
) -> Comparison:
    """AUC, Brier score and net benefit at the horizon of the second model less those of the first.

    The interval is that of the difference of the influence of each person in the two models, the
    estimate of censoring included; with clusters these are the units.

    Parameters
    ----------
    first, second
        Two models of the same people, given in the same order, with one horizon.
    cut_offs
        Where net benefit is compared.

    Raises
    ------
    EvaluationError
        If the two are not of the same people, follow-up and horizon, or a cut-off is not from 0
        to below 1.

    References
    ----------
    Blanche, Dartigues and Jacqmin-Gadda (2013), Statistics in Medicine 32:5381-5397, for the AUC;
    Blanche and others (2015), Biometrics 71:102-113, for the Brier score.
    """
    check_same_horizon(first, second)
    check_paired(as_binary(first), as_binary(second))
    check_same_follow_up(first, second)
    found = _measures(first, second, [float(c) for c in cut_offs_of(cut_offs)])
    return Comparison(
        tuple(
            _difference(name, cut_off, first, second, values, level)
            for name, cut_off, values in found
        )
    )


def _measures(
    first: HorizonSample, second: HorizonSample, cut_offs: list[float]
) -> Iterator[tuple[str, float | None, tuple[Moved, Moved]]]:
    for name, make in (("horizon_auc", linear_auc), ("horizon_brier", linear_brier)):
        yield name, None, (_moved(first, make), _moved(second, make))
    for cut_off in cut_offs:
        values = moved_net_benefit(first, cut_off), moved_net_benefit(second, cut_off)
        yield "horizon_net_benefit", cut_off, values


def _moved(sample: HorizonSample, make: MakesLinear) -> Moved:
    linear = make(sample, sample.weight)
    there = math.isfinite(linear.value)
    return linear.value, influence(sample, linear) if there else None


def _difference(
    name: str,
    cut_off: float | None,
    first: HorizonSample,
    second: HorizonSample,
    values: tuple[Moved, Moved],
    level: float,
) -> Difference:
    (one, by_one), (other, by_other) = values
    moved = None
    if by_one is not None and by_other is not None:
        moved = by_other[np.argsort(second.order)][first.order] - by_one
    problem = "" if moved is not None else "one_class"
    estimate = estimate_moved(
        f"{name}_difference", first, other - one, moved, level, problem=problem
    )
    error = math.nan if moved is None else error_of(first, moved)
    p_value = two_sided(estimate, error, as_binary(first))
    return Difference(name, one, other, estimate, p_value, cut_off)
