"""CORP: reliability by isotonic regression, and a score in three parts.

Consistent, optimally binned, reproducible, by pooling adjacent violators: the recalibrated
probability of a person is the share with the outcome in the pool to which that person belongs, and
nothing has to be set.

References
----------
Dimitriadis, Gneiting and Jordan (2021), PNAS 118:e2016191118.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration.levels import Levels, levels_of
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring import log_losses, squared_errors

FloatArray = npt.NDArray[np.float64]
Score = Literal["brier", "log_loss"]
Parts = tuple[float, float, float]


def recalibrated(events: FloatArray, total: FloatArray) -> FloatArray:
    """The best rising share at each level, ``(m,)``; NaN at levels without people."""
    used = total > 0
    height = np.full(len(total), math.nan)
    found = isotonic_regression(events[used] / total[used], weights=total[used]).x
    height[used] = np.clip(found, 0.0, 1.0)
    return height


_LOSSES: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "brier": squared_errors,
    "log_loss": log_losses,
}


def _mean_loss(score: Score, p: FloatArray, events: FloatArray, total: FloatArray) -> float:
    """Mean loss of a probability per level; infinite if somebody was certain and wrong."""
    summed = 0.0
    for outcome, people in ((1.0, events), (0.0, total - events)):
        loss = _LOSSES[score](np.full(len(p), outcome), p)
        summed += float(loss[people > 0] @ people[people > 0])
    return summed / float(total.sum())


def score_parts(sample: Sample, weight: FloatArray, score: Score = "brier") -> Parts:
    """Miscalibration, discrimination and uncertainty of a score, in one pass.

    The score is miscalibration minus discrimination plus uncertainty. Miscalibration is infinite
    for the log loss if somebody was certain and wrong.
    """
    levels = levels_of(sample)
    return parts_of_levels(levels, *levels.counts(weight), score)


def parts_of_levels(
    levels: Levels, events: FloatArray, total: FloatArray, score: Score = "brier"
) -> Parts:
    """The parts, from the weight with the outcome and in all at each level."""
    used = total > 0
    events, total, given = events[used], total[used], levels.probability[used]
    mean = partial(_mean_loss, score)
    original = mean(given, events, total)
    best = mean(recalibrated(events, total), events, total)
    uncertainty = mean(np.full(len(total), events.sum() / total.sum()), events, total)
    return original - best, uncertainty - best, uncertainty


def part_names(score: Score) -> tuple[str, str, str]:
    """Names of the parts in ``evaluation/texts``."""
    return (f"{score}_miscalibration", f"{score}_discrimination", f"{score}_uncertainty")


def score_decomposition(
    sample: Sample, *, score: Score = "brier", level: float = 0.95
) -> Estimates:
    """A score in miscalibration, discrimination and uncertainty.

    Score = miscalibration - discrimination + uncertainty. The first two are at least 0, and by
    chance larger than in very many people. They have no interval: a bootstrap sample repeats
    people, so that isotonic regression fits it better than it fits people. `reliability_diagram`
    compares the miscalibration with that of calibrated probabilities.

    Parameters
    ----------
    score
        ``brier`` or ``log_loss``.

    Raises
    ------
    EvaluationError
        For another score.
    """
    if score not in _LOSSES:
        raise EvaluationError(f"score is {score!r}; expected brier or log_loss")
    make = partial(Estimate, level=level, n=sample.people, events=sample.events)
    values = score_parts(sample, sample.weight, score)
    return Estimates(
        tuple(
            make(name, value)
            if math.isfinite(value)
            else make(name, math.nan, problem="infinite_loss")
            for name, value in zip(part_names(score), values, strict=True)
        )
    )
