"""How much a cohort depends on what was not published: targets moved, everything else the same.

Every recalled or assumed target that has a lever is moved to both ends of its tolerance, and every
target with another published value to that value. What the key quantities become says how far a
conclusion leans on a number that nobody confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from risicoscreener.errors import DataError
from risicoscreener.synthetic.aims.calibration import TargetNotReachedError, calibrate
from risicoscreener.synthetic.aims.estimates import Estimate
from risicoscreener.synthetic.aims.measuring import reach
from risicoscreener.synthetic.aims.targets import Target, as_markdown, target_named, targets
from risicoscreener.synthetic.parameters import DEFAULT_POPULATION

KEY_QUANTITIES = ("any_2y", "violence_2y", "auc_static", "auc_gain")
_NEAR = 0.25
"""How near the moved target has to come, as a part of its tolerance."""
_STEPS = 6


@dataclass(frozen=True)
class Variation:
    """One target moved to another value.

    Attributes
    ----------
    target
        The target, at the value that was asked for; ``None`` for the cohort as it is.
    lever_at
        Value of its lever.
    reached
        What the cohort then has of every target.
    failed
        The nearest value, if the one asked for could not be reached; nothing was measured then.
    """

    target: Target | None
    lever_at: float | None
    reached: Mapping[str, Estimate]
    failed: str = ""

    @property
    def title(self) -> str:
        """What was moved to which value."""
        if self.target is None:
            return "as it is"
        return f"{self.target.quantity}: {self.target.target:g} {self.target.unit}".rstrip()

    def gates_missed(self) -> list[Target]:
        """Confirmed and derived targets that no longer hold, the moved one apart."""
        moved = None if self.target is None else self.target.key
        return [
            t
            for t in targets()
            if t.is_gate
            and t.key != moved
            and t.key in self.reached
            and not t.meets(self.reached[t.key].value)
        ]


@dataclass(frozen=True)
class Sensitivity:
    """Every variation, the cohort as it is first."""

    variations: tuple[Variation, ...]

    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        quantities = tuple(target_named(key).quantity for key in KEY_QUANTITIES)
        return ("moved", "mark", "lever", *quantities, "confirmed and derived rows missed")

    def rows(self) -> list[tuple[str, ...]]:
        """The cells of the table that `columns` heads."""
        return [_row(variation) for variation in self.variations]

    def markdown(self) -> str:
        """The table as Markdown."""
        return as_markdown(self.columns(), self.rows())

    def to_dict(self) -> list[dict[str, Any]]:
        """Plain data, one record for each variation."""
        return [_plain(variation) for variation in self.variations]


def sensitivity(
    keys: Sequence[str] | None = None,
    *,
    population: str = DEFAULT_POPULATION,
    changes: Mapping[str, Any] | None = None,
    n: int = 20_000,
    seed: int = 1,
    n_jobs: int = 1,
    on_variation: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Move targets that were not confirmed, one at a time.

    Parameters
    ----------
    keys
        Targets to move; by default all recalled and assumed ones with a lever, and all that have
        another published value.
    population, changes, n, seed
        As for `simulate`; random numbers are the same in all variations.
    n_jobs
        Number of processes, each for a variation at a time.
    on_variation
        Called after each variation with the number done and the number in all.

    Raises
    ------
    DataError
        For a key that is unknown, or a target that has no lever.
    """
    moved = list(_moved(keys))
    chosen: dict[str, Any] = {
        "population": population,
        "changes": dict(changes or {}),
        "n": n,
        "seed": seed,
    }
    found = [Variation(None, None, reach(trend=False, **chosen))]
    for done, variation in enumerate(_varied(moved, chosen, n_jobs), 1):
        found.append(variation)
        if on_variation is not None:
            on_variation(done, len(moved))
    return Sensitivity(tuple(found))


def _varied(moved: Sequence[Target], chosen: Mapping[str, Any], n_jobs: int) -> Iterator[Variation]:
    if n_jobs == 1:
        yield from (_vary(target, chosen) for target in moved)
        return
    from joblib import Parallel, delayed

    run = Parallel(n_jobs=n_jobs, return_as="generator")
    yield from run(delayed(_vary)(target, chosen) for target in moved)


def _moved(keys: Sequence[str] | None) -> Iterator[Target]:
    """Each target at the values that it is moved to."""
    wanted = [target_named(key) for key in keys] if keys else targets()
    for target in wanted:
        others = _others(target)
        if keys and (target.fitted_by is None or not others):
            raise DataError(
                f"the target {target.key!r} cannot be moved: it has no lever, or it is confirmed "
                "and has no other published value; expected one that is recalled or assumed"
            )
        if target.fitted_by is not None:
            yield from (replace(target, target=value) for value in others)


def _others(target: Target) -> list[float]:
    if target.is_gate:
        return [] if target.alternative is None else [target.alternative.target]
    return [round(target.target + sign * target.tolerance, 6) for sign in (-1, 1)]


def _vary(target: Target, chosen: Mapping[str, Any]) -> Variation:
    try:
        fit = calibrate([target], accepted=_NEAR, most_steps=_STEPS, **chosen)
    except TargetNotReachedError as error:
        nearest = f"not reached: {target.show(error.nearest)} {target.unit}".rstrip()
        return Variation(target, None, {}, f"{nearest} is the nearest")
    at = fit.changes[str(target.fitted_by)]
    return Variation(target, at, reach(trend=False, **{**chosen, "changes": fit.changes}))


def _row(variation: Variation) -> tuple[str, ...]:
    target = variation.target
    if variation.failed:
        blank = [""] * len(KEY_QUANTITIES)
        assert target is not None
        return (variation.title, target.confidence, str(target.fitted_by), *blank, variation.failed)
    shown = [target_named(key).show(variation.reached[key].value) for key in KEY_QUANTITIES]
    missed = ", ".join(t.key for t in variation.gates_missed()) or "none"
    if target is None:
        return (variation.title, "", "", *shown, missed)
    lever = f"{target.fitted_by} = {variation.lever_at:.4g}"
    return (variation.title, target.confidence, lever, *shown, missed)


def _plain(variation: Variation) -> dict[str, Any]:
    target = variation.target
    return {
        "moved": None if target is None else target.key,
        "to": None if target is None else target.target,
        "lever": None if target is None else target.fitted_by,
        "lever_at": variation.lever_at,
        "failed": variation.failed or None,
        "reached": {key: found.to_dict() for key, found in variation.reached.items()},
        "gates_missed": [t.key for t in variation.gates_missed()],
    }
