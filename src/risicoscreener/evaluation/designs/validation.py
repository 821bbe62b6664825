"""Designs that hold people out: folds, later periods, other prisons, and new data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.designs.holding_out import (
    Grid,
    HeldOut,
    fold_splits,
    frame_of_parts,
    hold_out,
    place_splits,
    time_splits,
)
from risicoscreener.evaluation.designs.people import (
    FloatArray,
    People,
    probabilities,
)
from risicoscreener.evaluation.designs.performance import errors_away, performance, within_bounds
from risicoscreener.evaluation.designs.random_effects import Method, Summary, summarise
from risicoscreener.evaluation.estimate import Estimates
from risicoscreener.evaluation.resampling import check_seed
from risicoscreener.evaluation.sample import Sample, as_numbers, labels_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Part:
    """One part of the people, predicted for by a fit without them.

    Attributes
    ----------
    name
        The fold, the prison, or the first day of the period.
    n, events, trained_on
        Rows in it, of them with the outcome, and rows fitted on (0 for a model of elsewhere).
    chosen
        Parameters chosen without the part.
    estimates
        The figures of `performance` in the part.
    """

    name: str
    n: int
    events: int
    trained_on: int
    chosen: Mapping[str, Any]
    estimates: Estimates


@dataclass(frozen=True, eq=False, repr=False)
class Validation:
    """How a procedure does on people whom it did not see.

    Attributes
    ----------
    design
        ``cross_validation``, ``forward_in_time``, ``internal_external``, ``external`` or
        ``apparent``.
    probability
        ``(n,)`` in the order of the rows given; NaN for rows that were never held out. With
        repeats those of the first.
    estimates
        Over all rows that were held out, taken together; with repeats the mean of the repeats,
        with the interval of one. Folds are fitted on overlapping people, which the interval does
        not know: it is somewhat too narrow (Bates et al. 2024).
    parts
        One by one; of the first repeat.
    summaries
        By measure the `Summary` with random effects; empty where parts are no prisons.
    """

    design: str
    probability: FloatArray
    estimates: Estimates
    parts: tuple[Part, ...]
    summaries: Mapping[str, Summary] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.design}, {len(self.parts)} parts\n{self.estimates}"

    def to_frame(self) -> pd.DataFrame:
        """A row for each part: counts, the value of each measure, and what was chosen."""
        return frame_of_parts(
            self.parts, lambda part: {one.name: one.value for one in part.estimates}
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without the predictions of people."""
        parts = [
            {
                "name": part.name,
                "n": part.n,
                "events": part.events,
                "trained_on": part.trained_on,
                "chosen": {name: _told(value) for name, value in part.chosen.items()},
                "estimates": part.estimates.to_dict(),
            }
            for part in self.parts
        ]
        return {
            "design": self.design,
            "estimates": self.estimates.to_dict(),
            "parts": parts,
            "summaries": {name: one.to_dict() for name, one in self.summaries.items()},
        }

    def _repr_html_(self) -> str:
        return self.estimates._repr_html_()


def apparent(
    estimator: Any,
    X: Any,  # noqa: N803
    y: npt.ArrayLike,
    *,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Validation:
    """Performance on the very people fitted on: flattering, and only for comparison."""
    people = People.of(X, y, sample_weight, groups)
    everyone = np.ones(len(people), bool)
    if not people.usable(everyone):
        raise EvaluationError("too few people with or without the outcome to fit on")
    probability = people.predict(people.fit(estimator, everyone))
    estimates = performance(people.sample(probability), level=level)
    return Validation("apparent", probability, estimates, ())


def cross_validate(
    estimator: Any,
    X: Any,  # noqa: N803
    y: npt.ArrayLike,
    *,
    grid: Grid | None = None,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    folds: int = 10,
    repeats: int = 1,
    inner_folds: int = 5,
    seed: int = 0,
    jobs: int = 1,
    level: float = 0.95,
) -> Validation:
    """Cross-validation of the whole procedure, nested if there is something to choose.

    Parameters
    ----------
    estimator
        A classifier of scikit-learn with ``predict_proba``. What it chooses itself within `fit`
        is validated with it.
    X, y
        ``(n, F)``, a matrix or a frame; ``(n,)``, 0 or 1.
    grid
        Parameters to choose from by the held-out log loss in ``inner_folds``, anew without each
        fold (nested cross-validation: Varma and Simon 2006): a mapping of lists, or a list of
        settings.
    groups
        ``(n,)`` person of each row: nobody is both held out and fitted on.
    repeats
        With other folds; the figures are their means.
    seed
        Of the folds.
    jobs
        Processes beside each other.

    Raises
    ------
    EvaluationError
        If the data are not as expected, or an outcome is too rare for the folds.
    """
    people = People.of(X, y, sample_weight, groups)
    if repeats < 1:
        raise EvaluationError(f"repeats is {repeats}; expected 1 or more")
    check_seed(seed)
    found = []
    for repeat in range(repeats):
        splits = fold_splits(people, folds, seed + repeat)
        held = hold_out(
            estimator, grid, people, splits, inner_folds=inner_folds, seed=seed, jobs=jobs
        )
        found.append(_validation("cross_validation", people, held, level))
    return replace(found[0], estimates=_averaged([one.estimates for one in found]))


def forward_in_time(
    estimator: Any,
    X: Any,  # noqa: N803
    y: npt.ArrayLike,
    index_date: npt.ArrayLike,
    *,
    horizon_days: int,
    cuts: Sequence[Any] | int = 4,
    lag_days: int = 0,
    grid: Grid | None = None,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    inner_folds: int = 5,
    seed: int = 0,
    jobs: int = 1,
    level: float = 0.95,
) -> Validation:
    """Validate as a model is used: fitted on what is known by a day, applied to people after it.

    The model for the period from a cut on is fitted on rows of which the outcome had matured by
    that day: index date, horizon and lag lie before it. Rows between are in neither part. People
    of the period are not fitted on, whenever their other rows were.

    Parameters
    ----------
    index_date
        ``(n,)`` days on which the predictions are made.
    horizon_days
        Days within which the outcome counts.
    cuts
        First day of each test period, ascending; or a number of periods, which then hold equally
        many of the rows after the first that can be tested.
    lag_days
        Days that registration of an outcome takes.
    estimator, X, y, grid, groups, sample_weight, inner_folds, seed, jobs
        As in `cross_validate`.

    Raises
    ------
    EvaluationError
        If for some period nothing had matured, or no row can be tested.
    """
    people = People.of(X, y, sample_weight, groups)
    splits = time_splits(
        people, index_date, horizon_days=horizon_days, cuts=cuts, lag_days=lag_days
    )
    held = hold_out(estimator, grid, people, splits, inner_folds=inner_folds, seed=seed, jobs=jobs)
    return _validation("forward_in_time", people, held, level)


def internal_external(
    estimator: Any,
    X: Any,  # noqa: N803
    y: npt.ArrayLike,
    prison: npt.ArrayLike,
    *,
    grid: Grid | None = None,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    inner_folds: int = 5,
    seed: int = 0,
    jobs: int = 1,
    level: float = 0.95,
    method: Method = "reml",
) -> Validation:
    """Hold out each prison in turn: how the procedure travels to one that it has not seen.

    A person who was in several prisons is not fitted on where one of them is held out. The
    figures of the prisons are pooled with random effects (`summaries`), with a prediction
    interval for the next prison (Royston, Parmar and Sylvester 2004; Steyerberg and Harrell 2016;
    Debray et al. 2017). With fewer than about ten prisons that interval is wide, and should be.

    Parameters
    ----------
    prison
        ``(n,)`` labels.
    method
        Of the variance between prisons: ``reml`` or ``paule_mandel``.
    estimator, X, y, grid, groups, sample_weight, inner_folds, seed, jobs
        As in `cross_validate`.

    Raises
    ------
    EvaluationError
        If there is one prison, or an outcome is too rare without one of them.
    """
    people = People.of(X, y, sample_weight, groups)
    splits = place_splits(people, labels_of(prison, len(people), "prison"))
    held = hold_out(estimator, grid, people, splits, inner_folds=inner_folds, seed=seed, jobs=jobs)
    return _validation("internal_external", people, held, level, method)


def external(
    fitted: Any,
    X: Any,  # noqa: N803
    y: npt.ArrayLike,
    *,
    prison: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    sample_weight: npt.ArrayLike | None = None,
    level: float = 0.95,
    method: Method = "reml",
) -> Validation:
    """A model as it is, on people of elsewhere or of later.

    Parameters
    ----------
    fitted
        A fitted classifier; or ``(n,)`` probabilities that a model of any kind gave.
    prison
        ``(n,)``: the figures of each prison are then given and pooled, as in `internal_external`.

    Raises
    ------
    EvaluationError
        If the data are not as expected.
    """
    people = People.of(X, y, sample_weight, groups)
    given = hasattr(fitted, "predict_proba")
    probability = probabilities(fitted, people.x) if given else as_numbers(fitted, "probability")
    if probability.shape != people.y.shape:
        raise EvaluationError(
            f"probabilities have shape {probability.shape}; expected ({len(people)},)"
        )
    places = np.zeros(len(people)) if prison is None else labels_of(prison, len(people), "prison")
    held = [
        HeldOut(str(label), rows := places == label, probability[rows], 0, {})
        for label in np.unique(places)
    ]
    if prison is None:
        return replace(_validation("external", people, held, level), parts=())
    return _validation("external", people, held, level, method if len(held) > 1 else None)


def _validation(
    design: str,
    people: People,
    held: Sequence[HeldOut],
    level: float,
    pooled_by: Method | None = None,
) -> Validation:
    probability = np.full(len(people), np.nan)
    for part in held:
        probability[part.rows] = part.probability
    tested = ~np.isnan(probability)
    estimates = performance(people.sample(probability, tested), level=level)
    samples = [people.sample(probability, part.rows) for part in held]
    parts = tuple(_part(part, sample, level) for part, sample in zip(held, samples, strict=True))
    summaries = {}
    if pooled_by is not None:
        for name in (one.name for one in estimates):
            of_parts = [
                (part.name, part.estimates[name], errors_away(name, sample, level))
                for part, sample in zip(parts, samples, strict=True)
            ]
            summaries[name] = summarise(of_parts, method=pooled_by, level=level)
    return Validation(design, probability, estimates, parts, summaries)


def _part(part: HeldOut, sample: Sample, level: float) -> Part:
    return Part(
        name=part.name,
        n=sample.people,
        events=int(sample.outcome.sum()),
        trained_on=part.trained_on,
        chosen=part.chosen,
        estimates=performance(sample, level=level),
    )


def _averaged(repeats: Sequence[Estimates]) -> Estimates:
    """Mean values of repeats; the interval of the first moves along, as far as there are values."""
    means = []
    for first in repeats[0]:
        found = [one[first.name] for one in repeats]
        value = float(np.mean([one.value for one in found]))
        moved = value - first.value
        mean = replace(first, value=value, low=first.low + moved, high=first.high + moved)
        if not mean.ok:
            problem = next(one.problem for one in found if not one.ok)
            mean = replace(mean, low=value, high=value, method="", problem=problem)
        means.append(within_bounds(mean))
    return Estimates(tuple(means))


def _told(value: Any) -> Any:
    """A parameter as a plain value; as text where it is another thing."""
    if isinstance(value, np.generic):
        value = value.item()
    plain = value is None or isinstance(value, str | int | bool)
    return value if plain or (isinstance(value, float) and np.isfinite(value)) else repr(value)
