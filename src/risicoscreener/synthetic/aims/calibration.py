"""Fit of free parameters, so that a cohort reaches what is published.

Each target that names a parameter in ``fitted_by`` is a condition, and that parameter its lever.
All levers are moved together, with the same random numbers throughout: first each a little, which
gives the slopes of all targets in all levers, then by steps of Broyden's method, held to the limits
of the levers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from risicoscreener.errors import DataError
from risicoscreener.synthetic.aims.estimates import Estimate
from risicoscreener.synthetic.aims.levers import Lever, lever, moved
from risicoscreener.synthetic.aims.measuring import reach
from risicoscreener.synthetic.aims.targets import Target, targets
from risicoscreener.synthetic.parameters import DEFAULT_POPULATION, load_parameters
from risicoscreener.synthetic.stages.draws import Array

TREND = "trend"
PEOPLE = 20_000
MOST_FOR_SLOPES = 8192
"""Slopes need fewer people than the fit: the same people are compared with themselves."""
ACCEPTED_PART = 0.25
MOST_STEPS = 12
_FARTHEST_STEP = 8.0
"""A lever moves at most so many of its first steps at once."""
_LEAST_TELLING_STEP = 0.5
"""Slopes are learnt from steps of at least so much of the first step of some lever."""
_ERRORS_IN_TOLERANCE = 1.0
"""So many standard errors may a row lie outside its tolerance, as no fit comes nearer."""
_ERRORS_FOR_A_SLOPE = 3.0
"""A slope between a target and the lever of another counts if the change is beyond chance."""


class TargetNotReachedError(DataError):
    """A fit came to its end, and a target is out of tolerance.

    Parameters
    ----------
    target
        The target.
    one
        Its lever; ``None`` if it has none.
    nearest
        The nearest value that was reached; NaN if there was nobody to measure it on.
    how
        What ended the fit, in a few words.
    others
        Keys of other targets that are out of tolerance.
    """

    def __init__(
        self,
        target: Target,
        one: Lever | None,
        nearest: float,
        how: str,
        others: Sequence[str] = (),
    ) -> None:
        self.target, self.nearest = target, nearest
        unit = f" {target.unit}".rstrip()
        free = (
            "no parameter moves this row by itself"
            if one is None
            else f"its lever {one.path} may be from {one.least:g} to {one.most:g}"
        )
        also = f"; also out of tolerance: {', '.join(others)}" if others else ""
        super().__init__(
            f"target {target.key!r} of {target.target:g}{unit} cannot be reached {how}: {free}, "
            f"and the nearest value reached is {target.show(nearest)}{unit}; expected a value "
            f"nearer to it, or a wider tolerance{also}"
        )


@dataclass(frozen=True)
class Calibrated:
    """The outcome of a fit.

    Attributes
    ----------
    changes
        Value of each lever by its path, as `simulate` takes them.
    reached
        What a cohort with these changes reaches, by the key of each target.
    wanted
        The targets, those without a lever included.
    steps
        Number of steps after the slopes were found.
    converged
        Whether every target with a lever is as near as was asked for. If not, each still is within
        its tolerance.
    """

    changes: dict[str, Any]
    reached: dict[str, Estimate]
    wanted: tuple[Target, ...]
    steps: int
    converged: bool

    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the table."""
        return ("quantity", "target", "tolerance", "reached", "within", "fitted by", "value")

    def rows(self) -> list[tuple[str, ...]]:
        """The cells of the table that `columns` heads."""
        return [self._row(target) for target in self.wanted]

    def _row(self, target: Target) -> tuple[str, ...]:
        lever_at = self.changes.get(str(target.fitted_by))
        return (
            target.quantity,
            f"{target.target:g} {target.unit}".strip(),
            f"{target.tolerance:g}",
            target.show(self.reached[target.key].value),
            "yes" if self._holds(target) else "no",
            target.fitted_by or "follows from others",
            "" if lever_at is None else f"{lever_at:g}",
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the changes, and what is reached with them."""
        return {
            "changes": self.changes,
            "steps": self.steps,
            "converged": self.converged,
            "reached": {key: found.to_dict() for key, found in self.reached.items()},
            "missed": [target.key for target in self.missed()],
        }

    def missed(self) -> list[Target]:
        """Targets out of tolerance by more than a standard error: only those without a lever."""
        return [target for target in self.wanted if not self._holds(target)]

    def check(self) -> None:
        """Check that all targets hold, for whoever asked for each of them.

        Raises
        ------
        TargetNotReachedError
            If one is out of tolerance; the message says what is reached of it.
        """
        if not (missed := self.missed()):
            return
        first, *others = missed
        nearest = self.reached[first.key].value
        how = "by moving the levers of other rows"
        raise TargetNotReachedError(first, None, nearest, how, [t.key for t in others])

    def _holds(self, target: Target) -> bool:
        found = self.reached[target.key]
        error = float(np.nan_to_num(found.error))
        return target.meets(found.value, error, _ERRORS_IN_TOLERANCE)


def calibrate(
    wanted: Sequence[Target] | None = None,
    *,
    population: str = DEFAULT_POPULATION,
    changes: Mapping[str, Any] | None = None,
    n: int = PEOPLE,
    seed: int = 1,
    accepted: float = ACCEPTED_PART,
    most_steps: int = MOST_STEPS,
    n_jobs: int = 1,
    on_step: Callable[[str], None] | None = None,
) -> Calibrated:
    """Move the levers of some targets until a cohort reaches all of them.

    Parameters
    ----------
    wanted
        Targets; by default all that are confirmed or derived. Those without a lever are measured
        and not fitted: `Calibrated.check` refuses a result in which one does not hold.
    population, changes
        Where the fit starts, as for `simulate`.
    n, seed
        Size and seed of the cohorts of the fit. What is reached with another seed differs by the
        standard errors of the estimates.
    accepted
        How near a target has to come, as a part of its tolerance; where ``n`` people tell it less
        exactly than that, within a standard error.
    most_steps
        After so many steps the fit gives up.
    n_jobs
        Number of processes.
    on_step
        Called with a line on each step.

    Raises
    ------
    DataError
        If two targets have the same lever, or a target cannot be reached: the message names it,
        its lever with its limits, and the nearest value that was reached.
    """
    rows = tuple(t for t in targets() if t.is_gate) if wanted is None else tuple(wanted)
    fitted = [target for target in rows if target.fitted_by is not None]
    _check_levers(fitted)
    parameters = load_parameters(population, changes)
    levers = [lever(str(target.fitted_by), parameters) for target in fitted]
    cohorts = _Cohorts(population, dict(changes or {}), levers, seed, n_jobs)
    fit = _Fit(fitted, levers, cohorts, n, accepted, on_step or (lambda _line: None))
    fit.run(most_steps)
    return Calibrated(
        changes=cohorts.changes_at(fit.place),
        reached={t.key: fit.reached[t.key] for t in rows if t.key in fit.reached},
        wanted=tuple(t for t in rows if t.key in fit.reached),
        steps=fit.steps,
        converged=fit.is_near,
    )


def _check_levers(fitted: Sequence[Target]) -> None:
    first: dict[str, str] = {}
    for target in fitted:
        path = str(target.fitted_by)
        if path in first:
            raise DataError(
                f"the targets {first[path]!r} and {target.key!r} are both fitted by {path}; "
                "expected one of them, as one number cannot reach two"
            )
        first[path] = target.key


@dataclass
class _Cohorts:
    """Cohorts with the levers at some place, and what they reach."""

    population: str
    changes: dict[str, Any]
    levers: Sequence[Lever]
    seed: int
    n_jobs: int

    def changes_at(self, place: Array) -> dict[str, Any]:
        """The changes with every lever at its place, in numbers that are short to write."""
        values = [
            float(f"{one.from_scale(x):.6g}") for one, x in zip(self.levers, place, strict=True)
        ]
        return moved(self.changes, self.levers, values)

    def reach(
        self, place: Array, n: int, *, trend: bool = False, n_jobs: int = 1
    ) -> dict[str, Estimate]:
        return reach(
            n,
            seed=self.seed,
            population=self.population,
            changes=self.changes_at(place),
            n_jobs=n_jobs,
            trend=trend,
        )

    def reach_each(
        self, places: Sequence[Array], n: int, trend: Sequence[bool]
    ) -> list[dict[str, Estimate]]:
        """What is reached at several places."""
        if self.n_jobs == 1 or len(places) == 1:
            return [self.reach(p, n, trend=t) for p, t in zip(places, trend, strict=True)]
        from joblib import Parallel, delayed

        run = Parallel(n_jobs=self.n_jobs)
        found: list[dict[str, Estimate]] = run(
            delayed(self.reach)(p, n, trend=t) for p, t in zip(places, trend, strict=True)
        )
        return found


@dataclass
class _Fit:
    """The state of a fit: where the levers are, and how far each target is off."""

    fitted: Sequence[Target]
    levers: Sequence[Lever]
    cohorts: _Cohorts
    n: int
    accepted: float
    say: Callable[[str], None]
    steps: int = 0
    place: Array = field(init=False)
    reached: dict[str, Estimate] = field(init=False)
    _nearest: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = np.array(
            [one.to_scale(np.clip(one.value, one.least, one.most)) for one in self.levers]
        )
        self._held = np.zeros(len(self.levers), dtype=bool)
        self._best: tuple[float, Array, dict[str, Estimate]] = (np.inf, self.place, {})
        self._has_trend = any(t.key == TREND for t in self.fitted)

    def run(self, most_steps: int) -> None:
        off = self._look(self.place)
        if self.is_near:
            return
        slopes = self._slopes()
        while not self.is_near:
            if self.steps == most_steps:
                self._settle_for_best(off, most_steps)
                return
            self.steps += 1
            step = self._step(slopes, off)
            self._check_limits(step, off)
            before = off
            self.place = self.place + step
            off = self._look(self.place)
            if self._is_long(step):
                slopes = slopes + np.outer(off - before - slopes @ step, step) / (step @ step)

    def _is_long(self, step: Array) -> bool:
        """Whether a step tells about slopes: after a short one chance moves targets more."""
        first = np.array([one.step for one in self.levers])
        return bool(np.any(np.abs(step) >= _LEAST_TELLING_STEP * first))

    def _settle_for_best(self, off: Array, most_steps: int) -> None:
        """Go back to the nearest place, if it is within all tolerances."""
        distance, place, reached = self._best
        if distance > 1.0:
            raise self._unreachable(self._worst(off), f"in {most_steps} steps")
        self.place, self.reached = place, reached

    @property
    def is_near(self) -> bool:
        """Whether every target is as near as was asked for."""
        return bool(np.all(np.abs(self._off(self.reached)) <= self._room()))

    def _room(self) -> Array:
        """How far each target may be off, in tolerances: no fit is better than its sample.

        A lever draws other people's fates anew, so that a target can only be met to about a
        standard error, whatever the slopes say.
        """
        errors = [self.reached[t.key].error / t.tolerance for t in self.fitted]
        room = np.minimum(np.maximum(self.accepted, np.nan_to_num(errors)), 1.0)
        return np.where(self._at_limit(), 1.0, room)

    def _at_limit(self) -> Array:
        """Which levers cannot go on in one direction; their targets need only be in tolerance."""
        values = [one.from_scale(x) for one, x in zip(self.levers, self.place, strict=True)]
        return np.array(
            [
                bool(np.isclose(v, one.least) or np.isclose(v, one.most))
                for one, v in zip(self.levers, values, strict=True)
            ],
            dtype=bool,
        )

    def _look(self, place: Array) -> Array:
        """How far each target is off, in tolerances."""
        self.reached = self.cohorts.reach(
            place, self.n, trend=self._has_trend, n_jobs=self.cohorts.n_jobs
        )
        off = self._off(self.reached)
        for target, by in zip(self.fitted, off, strict=True):
            value = self.reached[target.key].value
            nearest = self._nearest.get(target.key, np.inf)
            if abs(by) * target.tolerance < abs(nearest - target.target):
                self._nearest[target.key] = value
        if len(off):
            farthest = float(np.max(np.abs(off)))
            if farthest < self._best[0]:
                self._best = (farthest, place, self.reached)
            worst = self._worst(off)
            self.say(
                f"step {self.steps}: {self.fitted[worst].key} is {off[worst]:+.2f} tolerances off"
            )
        return off

    def _worst(self, off: Array) -> int:
        return int(np.argmax(np.abs(off) / self._room()))

    def _off(self, reached: Mapping[str, Estimate]) -> Array:
        off = np.array([(reached[t.key].value - t.target) / t.tolerance for t in self.fitted])
        for target, by in zip(self.fitted, off, strict=True):
            if np.isnan(by):
                raise DataError(
                    f"target {target.key!r} cannot be reached: the cohort has nobody to measure "
                    "it on; expected more people"
                )
        return off

    def _slopes(self) -> Array:
        """How far each target moves with each lever, in tolerances, shape (targets, levers)."""
        n = min(self.n, MOST_FOR_SLOPES)
        ahead = [_ahead(one, x) for one, x in zip(self.levers, self.place, strict=True)]
        places = [self.place + step for step in np.diag(ahead)]
        of_trend = [t.key == TREND for t in self.fitted]
        first, *moved = self.cohorts.reach_each(
            [self.place, *places], n, [self._has_trend, *of_trend]
        )
        slopes = np.zeros((len(self.fitted), len(self.levers)))
        for i, target in enumerate(self.fitted):
            for j, found in enumerate(moved):
                if target.key not in found:
                    continue  # no lever but its own moves the trend
                change = found[target.key].value - first[target.key].value
                chance = _ERRORS_FOR_A_SLOPE * np.sqrt(2.0) * first[target.key].error
                if i == j or abs(change) > chance:
                    slopes[i, j] = change / target.tolerance / ahead[j]
        for i, target in enumerate(self.fitted):
            if slopes[i, i] == 0.0:
                still = first[target.key].value
                raise TargetNotReachedError(
                    target, self.levers[i], still, "as moving its lever changes nothing"
                )
        return slopes

    def _step(self, slopes: Array, off: Array) -> Array:
        """The step that would reach all targets if slopes were lines, held to the limits."""
        step = -np.linalg.lstsq(slopes, off, rcond=None)[0]
        farthest = np.array([_FARTHEST_STEP * one.step for one in self.levers])
        step = np.clip(step, -farthest, farthest)
        low = np.array([one.to_scale(one.least) for one in self.levers])
        high = np.array([one.to_scale(one.most) for one in self.levers])
        return np.clip(self.place + step, low, high) - self.place

    def _check_limits(self, step: Array, off: Array) -> None:
        """A lever that stays at a limit while its target is out of tolerance cannot reach it."""
        held = self._at_limit() & (step == 0.0) & (np.abs(off) > 1.0)
        for i in np.flatnonzero(held & self._held):
            raise self._unreachable(int(i), "within the limits of its lever")
        self._held = held
        if not step.any():
            raise self._unreachable(self._worst(off), "by moving its lever further")

    def _unreachable(self, i: int, how: str) -> TargetNotReachedError:
        target = self.fitted[i]
        return TargetNotReachedError(target, self.levers[i], self._nearest[target.key], how)


def _ahead(one: Lever, x: float) -> float:
    """A first step of a lever, away from a limit that it would cross."""
    crosses = one.from_scale(x + one.step) >= one.most
    return -one.step if crosses else one.step
