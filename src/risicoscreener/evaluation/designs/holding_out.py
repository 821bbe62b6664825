"""The engine of designs that hold people out: choose, fit and predict without each part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.designs.people import FloatArray, People, Rows, each
from risicoscreener.evaluation.scoring.losses import log_losses

if TYPE_CHECKING:
    import pandas as pd

Grid = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]]
Split = tuple[str, Rows, Rows]
"""A name, who is held out, and who is fitted on."""

PROBABILITY_FLOOR = 1e-9
"""Keeps one certain prediction from deciding which parameters are chosen."""


@dataclass(frozen=True)
class HeldOut:
    """One part by a fit without it.

    Attributes
    ----------
    name
        Of the part.
    rows
        ``(n,)``: who was held out.
    probability
        ``(k,)`` of them.
    trained_on
        Rows fitted on.
    chosen
        Parameters chosen without the part.
    """

    name: str
    rows: Rows
    probability: FloatArray
    trained_on: int
    chosen: Mapping[str, Any]


def frame_of_parts(
    parts: Iterable[Any], figures_of: Callable[[Any], Mapping[str, float]]
) -> pd.DataFrame:
    """A row for each part that was measured: its name, counts, figures, and what was chosen."""
    import pandas as pd

    rows = [
        {
            "part": part.name,
            "n": part.n,
            "events": part.events,
            "trained_on": part.trained_on,
            **figures_of(part),
            **part.chosen,
        }
        for part in parts
    ]
    return pd.DataFrame(rows)


def hold_out(
    estimator: Any,
    grid: Grid | None,
    people: People,
    splits: Sequence[Split],
    *,
    inner_folds: int = 5,
    seed: int = 0,
    jobs: int = 1,
) -> list[HeldOut]:
    """Each part by a fit, with choices, that did not see it.

    Raises
    ------
    EvaluationError
        If an outcome is too rare in what is left to fit on or to choose by.
    """
    for name, _, kept in splits:
        if not people.usable(kept):
            raise EvaluationError(
                f"part {name}: {int(people.y[kept].sum())} of {int(kept.sum())} rows left to fit "
                "on have the outcome; give larger parts or later cuts"
            )
    work = partial(_one, estimator, grid, people, inner_folds, seed)
    return list(each(work, splits, jobs))


def _one(
    estimator: Any, grid: Grid | None, people: People, inner_folds: int, seed: int, split: Split
) -> HeldOut:
    from sklearn.base import clone

    name, held, kept = split
    chosen = _choose(estimator, grid, people, kept, inner_folds, seed)
    fitted = people.fit(clone(estimator).set_params(**chosen), kept)
    return HeldOut(name, held, people.predict(fitted, held), int(kept.sum()), chosen)


def _choose(
    estimator: Any, grid: Grid | None, people: People, rows: Rows, folds: int, seed: int
) -> Mapping[str, Any]:
    """Parameters of least held-out log loss among some rows; of equals the first."""
    from sklearn.base import clone

    settings = list(_settings(grid))
    if not settings:
        raise EvaluationError("grid is empty; give settings to choose from, or none")
    if len(settings) == 1:
        return settings[0]
    dealt = people.folds(rows, folds, seed)
    if dealt is None:
        raise EvaluationError("too few people with or without the outcome to choose parameters")
    places = np.flatnonzero(rows)
    losses = []
    for setting in settings:
        loss = 0.0
        for fold in dealt.T:
            kept, held = places[~fold], places[fold]
            fitted = people.fit(clone(estimator).set_params(**setting), kept)
            loss += _loss(people, held, people.predict(fitted, held))
        losses.append(loss)
    return settings[int(np.argmin(losses))]


def _loss(people: People, held: npt.NDArray[Any], probability: FloatArray) -> float:
    safe = np.clip(probability, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
    return float(people.weight[held] @ log_losses(people.y[held], safe))


def _settings(grid: Grid | None) -> Iterator[Mapping[str, Any]]:
    from sklearn.model_selection import ParameterGrid

    if grid is None:
        yield {}
    elif isinstance(grid, Mapping):
        yield from ParameterGrid(dict(grid))
    else:
        yield from grid


# -- which parts -----------------------------------------------------------------------------------


def fold_splits(people: People, count: int, seed: int = 0) -> list[Split]:
    """Random folds of people.

    Raises
    ------
    EvaluationError
        If there are too few with or without the outcome.
    """
    dealt = people.folds(np.ones(len(people), bool), count, seed)
    if dealt is None:
        raise EvaluationError(
            f"too few people with or without the outcome for {count} folds of 2 or more"
        )
    return [(str(i), held, ~held) for i, held in enumerate(dealt.T)]


def place_splits(people: People, places: npt.NDArray[Any]) -> list[Split]:
    """Each prison, and those who were never there.

    Raises
    ------
    EvaluationError
        If there is one prison only.
    """
    labels = np.unique(places)
    if len(labels) < 2:
        raise EvaluationError("there is one prison only; give people of more of them")
    return [
        (str(label), places == label, people.without_persons_of(places == label))
        for label in labels
    ]


def time_splits(
    people: People,
    index_date: npt.ArrayLike,
    *,
    horizon_days: int,
    cuts: Sequence[Any] | int = 4,
    lag_days: int = 0,
) -> list[Split]:
    """Periods, and the people whose outcome was known when the period began.

    Raises
    ------
    EvaluationError
        If days or cuts cannot be used.
    """
    days = _days(index_date, "index_date")
    if days.shape != people.y.shape or np.isnat(days).any():
        raise EvaluationError(f"index_date must give a day for each of the {len(people)} rows")
    if horizon_days <= 0 or lag_days < 0:
        raise EvaluationError("horizon_days must be above 0, and lag_days not below 0")
    known_on = days + np.timedelta64(horizon_days + lag_days, "D")
    starts = _starts(days, known_on, cuts)
    splits = []
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        held = days >= start
        if end is not None:
            held &= days < end
        if held.any():
            kept = (known_on <= start) & people.without_persons_of(held) & ~held
            splits.append((str(start), held, kept))
    if not splits:
        raise EvaluationError("no row lies on or after the first cut; give earlier cuts")
    return splits


def _days(values: Any, name: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(values, dtype="datetime64[D]")
    except (TypeError, ValueError) as error:
        raise EvaluationError(f"{name} holds something that is no day: {error}") from error


def _starts(
    days: npt.NDArray[Any], known_on: npt.NDArray[Any], cuts: Sequence[Any] | int
) -> list[Any]:
    """First day of each test period."""
    if not isinstance(cuts, Integral):
        starts = list(np.atleast_1d(_days(cuts, "cuts")))
        if not starts or sorted(set(starts)) != starts:
            raise EvaluationError("cuts must be one or more days, ascending")
        return starts
    cuts = int(cuts)
    first = np.sort(known_on)[len(known_on) // 4]  # a quarter of the rows to begin with
    later = np.sort(days[days >= first])
    if cuts < 1 or len(later) < cuts:
        raise EvaluationError(
            "the outcome of a quarter of the rows matures only when nearly all index dates are "
            "past; give cuts, or data over a longer time"
        )
    return [first, *(later[len(later) * k // cuts] for k in range(1, cuts))]
