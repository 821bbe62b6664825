"""Learn for whom help adds value from people of whom some received it, and say what is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ReentryError
from risicoscreener.evaluation.uplift import (
    Compared,
    HelpOverlap,
    SequentialTest,
    average_effect,
    e_value,
    effect_calibration,
    effect_range,
    first_share,
    help_overlap,
    policy_difference,
    rate,
    sequential_test,
    sorted_effects,
    within_folds,
)
from risicoscreener.reentry.selection.expected import Codes, dealt, expectations
from risicoscreener.reentry.selection.learners import (
    LEARNERS,
    Effects,
    Lesson,
    is_flat,
    learn_forest,
)

if TYPE_CHECKING:
    from risicoscreener.evaluation import Estimate, Estimates
    from risicoscreener.evaluation.uplift import SortedEffects
    from risicoscreener.reentry.selection.pictures import History

FloatArray = npt.NDArray[np.float64]

FOLDS = 5
LOWEST = 0.05
"""Chance of help, or of none, below which people have no counterparts."""
CAPACITY = 0.3
"""Part of the people for whom there is help, at which orders are compared."""
DEFAULT_LEARNERS = ("spline", "two_models")
DOUBTS = ("no_difference_shown", "poor_overlap", "harm_shown")
"""Why people should not be ordered by effect, by name."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What the data say about the effect, on people who could have gone either way.

    Attributes
    ----------
    compared
        They, with scores; for measures and pictures of others.
    kept
        ``(n,)``: who of the history they are.
    trimmed
        How many were left out because hardly anybody like them went the other way.
    fold
        ``(m,)``: of those kept.
    ahead, place
        ``(m,)``: effect predicted by what earlier folds taught, NaN in the first; and its place
        in the fold, from 0 to 1.
    risk
        ``(m,)``: of those kept.
    effects
        Average effect, doubly robust, by weighting, and as seen.
    overlap
        Of everybody, before trimming.
    test
        Whether the effect differs.
    losses
        By learner: mean squared distance of scores from effects predicted ahead.
    targeting
        ``autoc`` and ``rate_qini`` of the effect predicted ahead.
    slope, sorted
        Calibration and sorted effects of the effect predicted ahead.
    against_lot, against_risk, risk_against_lot
        Gain at the capacity of ordering by effect, and by risk, with intervals.
    e_values, bounds
        Sensitivity to what was not measured.
    capacity
        Part of the people for whom there is help in these comparisons.
    """

    compared: Compared
    kept: npt.NDArray[np.bool_]
    trimmed: int
    fold: Codes
    ahead: FloatArray
    place: FloatArray
    risk: FloatArray
    effects: Estimates
    overlap: HelpOverlap
    test: SequentialTest
    losses: dict[str, float]
    targeting: Estimates
    slope: Estimate
    sorted: SortedEffects | None
    against_lot: Estimate
    against_risk: Estimate
    risk_against_lot: Estimate
    e_values: Estimates
    bounds: Any
    capacity: float


@dataclass(frozen=True, eq=False)
class Learned:
    """A model of the effect, with the chance of help, and what it was learnt from."""

    effects: Effects
    chance: Any
    names: tuple[str, ...]
    adjusted: tuple[str, ...]
    findings: Findings
    people: int
    seed: int


def learn_arrays(
    modifiers: npt.ArrayLike,
    adjust: npt.ArrayLike,
    received: npt.ArrayLike,
    outcome: npt.ArrayLike,
    *,
    names: Sequence[str],
    adjusted: Sequence[str],
    cluster: Codes | None = None,
    learners: Sequence[str] = DEFAULT_LEARNERS,
    folds: int = FOLDS,
    lowest: float = LOWEST,
    capacity: float = CAPACITY,
    alpha: float = 0.05,
    replicates: int = 200,
    seed: int = 0,
) -> Learned:
    """Learn effects from arrays; `learn` does so from a history of dossiers.

    Parameters
    ----------
    modifiers
        ``(n, F)``: what may change the effect, the risk first; NaN for unknown.
    adjust
        ``(n, G)``: what people must be alike in besides.
    received, outcome
        ``(n,)``, 0 or 1; an outcome of 1 is wanted.
    names, adjusted
        Of the columns.
    cluster
        ``(n,)`` codes from 0 of units whose people are not independent, such as prisons.
    learners
        Names of `LEARNERS`, the first that which is taken while nothing is known yet.
    folds
        At least 3.
    lowest
        People with a chance of help below it, or above 1 less it, are left out.
    capacity
        Part of the people for whom there is help, in comparisons of orders.
    alpha
        Level of the test.
    replicates, seed
        Of bootstraps; the seed also deals the folds.

    Raises
    ------
    ReentryError
        For too few people, an unknown learner, or no overlap at all.
    """
    _check_asked(learners, folds, capacity)
    v, w = np.asarray(modifiers, np.float64), np.asarray(adjust, np.float64)
    t, y = np.asarray(received, np.float64), np.asarray(outcome, np.float64)
    x = np.column_stack([v, w[:, [name not in names for name in adjusted]]])
    fold = dealt(t, y, folds, seed, cluster)
    nuisance = expectations(x, t, y, fold)
    everybody = Compared.of(
        y,
        t,
        nuisance.propensity,
        mean_with=nuisance.with_help,
        mean_without=nuisance.without,
        cluster=cluster,
    )
    kept = everybody.in_overlap(lowest)
    if len(np.unique(2 * t[kept] + y[kept])) < 4 or len(np.unique(fold[kept])) < folds:
        raise ReentryError(
            f"{int(kept.sum())} of {len(t)} people have a chance of help from {lowest:g} to "
            f"{1 - lowest:g}; expected some with and without it in each fold. People with and "
            "without the help cannot be compared"
        )
    overlap = _overlap(everybody, x)
    compared = everybody.where(kept)
    lesson = _lesson(compared, v[kept])
    ahead, losses = _taught_ahead(lesson, fold[kept], tuple(names), learners, seed)
    found = _findings(
        compared,
        kept,
        fold[kept],
        ahead,
        v[kept, 0],
        overlap,
        losses,
        capacity,
        alpha,
        replicates,
        seed,
    )
    best = min(learners, key=lambda name: losses[name])
    effects = _learner(best, seed)(lesson, tuple(names))
    chance = _chance(x, t, (*names, *(n for n in adjusted if n not in names)))
    return Learned(effects, chance, tuple(names), tuple(adjusted), found, len(t), seed)


def _check_asked(learners: Sequence[str], folds: int, capacity: float) -> None:
    unknown = [name for name in learners if name not in LEARNERS or name == "average"]
    if unknown or not learners:
        known = ", ".join(name for name in LEARNERS if name != "average")
        raise ReentryError(f"learners {tuple(learners)}; expected some of {known}")
    if folds < 3:
        raise ReentryError(f"folds is {folds}; expected at least 3")
    if not 0 < capacity < 1:
        raise ReentryError(f"capacity is {capacity}; expected a part of the people, from 0 to 1")


def _overlap(compared: Compared, x: FloatArray) -> HelpOverlap:
    known = np.where(np.isnan(x), np.nanmean(x, axis=0), x)
    return help_overlap(compared, known)


def _lesson(compared: Compared, x: FloatArray) -> Lesson:
    e = compared.propensity
    expected = e * compared.mean_with + (1 - e) * compared.mean_without
    return Lesson(x, compared.scores, compared.treated, compared.outcome, e, expected)


def _learner(name: str, seed: int) -> Any:
    return partial(learn_forest, seed=seed) if name == "forest" else LEARNERS[name]


def _taught_ahead(
    lesson: Lesson, fold: Codes, names: tuple[str, ...], learners: Sequence[str], seed: int
) -> tuple[FloatArray, dict[str, float]]:
    """Effects predicted for each fold by the folds before, and the loss of each learner.

    Which learner predicts a fold is settled by the folds before as well: so choosing one does not
    spoil the test.
    """
    numbers = np.unique(fold)
    ahead = np.full(len(fold), math.nan)
    tried = ("average", *learners)
    total = dict.fromkeys(tried, 0.0)
    for number in numbers[1:]:
        before, now = np.flatnonzero(fold < number), np.flatnonzero(fold == number)
        leader = min(learners, key=lambda name: total[name])
        lesson_before, x_now, score_now = lesson.where(before), lesson.x[now], lesson.score[now]
        for name in tried:
            predicted, _ = _learner(name, seed)(lesson_before, names).effect(x_now)
            total[name] += float(((score_now - predicted) ** 2).sum())
            if name == leader:
                ahead[now] = lesson_before.score.mean() if is_flat(predicted) else predicted
    judged = int(np.isfinite(ahead).sum())
    return ahead, {name: value / judged for name, value in total.items()}


def _findings(
    compared: Compared,
    kept: npt.NDArray[np.bool_],
    fold: Codes,
    ahead: FloatArray,
    risk: FloatArray,
    overlap: HelpOverlap,
    losses: dict[str, float],
    capacity: float,
    alpha: float,
    replicates: int,
    seed: int,
) -> Findings:
    judged = np.isfinite(ahead)
    part = compared.where(judged)
    place = within_folds(ahead, fold)
    by_risk = within_folds(np.where(judged, risk, math.nan), fold)
    lot = np.full(int(judged.sum()), capacity)
    first = first_share(place[judged], capacity)
    riskiest = first_share(by_risk[judged], capacity)
    centred = _centred(ahead[judged], fold[judged])
    return Findings(
        compared=compared,
        kept=kept,
        trimmed=int((~kept).sum()),
        fold=fold,
        ahead=ahead,
        place=place,
        risk=risk,
        effects=average_effect(compared),
        overlap=overlap,
        test=sequential_test(compared, ahead, fold, alpha=alpha),
        losses=losses,
        targeting=rate(part, place[judged], replicates=replicates, seed=seed),
        slope=effect_calibration(part, centred)["effect_slope"],
        sorted=(
            None if is_flat(centred) else sorted_effects(part, ahead[judged], order=place[judged])
        ),
        against_lot=policy_difference(part, first, lot),
        against_risk=policy_difference(part, first, riskiest),
        risk_against_lot=policy_difference(part, riskiest, lot),
        e_values=e_value(compared),
        bounds=effect_range(compared, replicates=replicates, seed=seed),
        capacity=capacity,
    )


def _centred(values: FloatArray, fold: Codes) -> FloatArray:
    """Values less the mean of their fold."""
    places = np.unique(fold, return_inverse=True)[1]
    means = np.bincount(places, values) / np.bincount(places)
    found: FloatArray = values - means[places]
    return found


def _chance(x: FloatArray, received: FloatArray, names: tuple[str, ...]) -> Any:
    """The chance of help as a program, to tell for whom the history cannot speak."""
    from risicoscreener.models.estimators import SplineLogisticClassifier
    from risicoscreener.reentry.selection.expected import KNOTS, PENALTY, TAIL

    model = SplineLogisticClassifier(
        knots=KNOTS, tail=TAIL, shrinkage=PENALTY, smoothness=PENALTY, calibration=None
    )
    return model.fit(x, received).lower(list(names))


def learn_from(history: History, *, by_site: bool = False, **options: Any) -> Learned:
    """`learn_arrays` on a history, of people in need of the help."""
    asked = history.in_need()
    seen = asked.pictures
    cluster = np.unique(seen.site.astype(str), return_inverse=True)[1] if by_site else None
    return learn_arrays(
        seen.modifiers.to_numpy(),
        seen.adjust.to_numpy(),
        asked.received,
        asked.outcome,
        names=tuple(seen.modifiers.columns),
        adjusted=tuple(seen.adjust.columns),
        cluster=cluster,
        **options,
    )
