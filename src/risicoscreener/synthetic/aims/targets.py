"""Published aggregates that a cohort of all releases is held against, and what it reaches of them.

`targets` reads them from ``targets.toml``; `measure` and `reach` say what a cohort has of each;
`Attainment` puts the two side by side. Only rows marked C (confirmed) and D (derived) are gates.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from risicoscreener.errors import DataError
from risicoscreener.synthetic.aims.estimates import Estimate
from risicoscreener.synthetic.aims.measuring import COMPLETE, measure, measure_trend, reach
from risicoscreener.synthetic.kinds import did_you_mean

__all__ = [
    "COMPLETE",
    "Attainment",
    "Conflict",
    "Estimate",
    "Target",
    "conflicts",
    "measure",
    "measure_trend",
    "reach",
    "target_named",
    "targets",
]
MARKS = {"C": "confirmed", "D": "derived", "M": "recalled", "A": "assumed"}
GATES = frozenset("CD")
PERCENT = "%"


@dataclass(frozen=True)
class Alternative:
    """Another published value of a quantity."""

    target: float
    why: str


@dataclass(frozen=True)
class Target:
    """A published aggregate, and how near a cohort has to come.

    Attributes
    ----------
    key
        Name of the row.
    quantity
        What it is, in words.
    target, tolerance
        In ``unit``; the tolerance is absolute.
    mark
        C confirmed, D derived, M recalled, A assumed.
    measured_on
        ``dossiers``, ``truth``, or both.
    fitted_by
        Path of the parameter that moves it most directly; ``None`` if it follows from others.
    alternative
        Another published value.
    """

    key: str
    quantity: str
    target: float
    tolerance: float
    unit: str
    mark: str
    source: str
    measured_on: str
    fitted_by: str | None = None
    alternative: Alternative | None = None

    @property
    def is_gate(self) -> bool:
        """Whether a cohort has to meet it."""
        return self.mark in GATES

    @property
    def measure(self) -> str:
        """What its values are: a unit, or ``AUC``, ``ratio``, ``gain`` for those without one."""
        if self.unit:
            return self.unit
        if self.key == "auc_gain":
            return "gain"
        return "AUC" if self.key.startswith("auc_") else "ratio"

    @property
    def confidence(self) -> str:
        """The mark in a word."""
        return MARKS[self.mark]

    def meets(self, reached: float, error: float = 0.0, errors: float = 3.0) -> bool:
        """Whether a value is within the tolerance, with room for some standard errors.

        Parameters
        ----------
        reached, error
            A value and its standard error; for a large cohort leave the error at zero.
        errors
            How many standard errors the value may lie outside the tolerance.
        """
        return bool(abs(reached - self.target) <= self.tolerance + errors * error)

    def show(self, value: float) -> str:
        """A value of this quantity as it is written in tables."""
        if np.isnan(value):
            return "nobody"
        return (
            f"{value:.1f}" if self.unit in (PERCENT, "days", "weeks", "points") else f"{value:.3f}"
        )


@dataclass(frozen=True)
class Conflict:
    """Targets that cannot all hold, or one with two published values, and what was chosen."""

    between: tuple[str, ...]
    why: str
    chosen: str


@cache
def targets() -> tuple[Target, ...]:
    """Every target that the package lists, in the order of its table."""
    rows = ((key, entry) for key, entry in _read().items() if isinstance(entry, dict))
    return tuple(_target(key, entry) for key, entry in rows)


@cache
def conflicts() -> tuple[Conflict, ...]:
    """Every conflict between targets that the package knows of."""
    return tuple(Conflict(tuple(c["between"]), c["why"], c["chosen"]) for c in _read()["conflict"])


def target_named(key: str) -> Target:
    """The target with a key.

    Raises
    ------
    DataError
        If there is none, with the one whose name is nearest.
    """
    known = {target.key: target for target in targets()}
    if key not in known:
        hint = did_you_mean(key, known) or f"; expected one of {', '.join(known)}"
        raise DataError(f"there is no target {key!r}{hint}")
    return known[key]


def rules() -> dict[str, list[dict[str, Any]]]:
    """What the values of any set of targets obey: ``rising`` keys, and ``parts`` of a whole."""
    return {name: _read()[name] for name in ("rising", "parts")}


@cache
def _read() -> dict[str, Any]:
    text = (files("risicoscreener.synthetic.aims") / "targets.toml").read_text("utf-8")
    return tomllib.loads(text)


def _target(key: str, entry: Mapping[str, Any]) -> Target:
    other = entry.get("alternative")
    return Target(key=key, **{**entry, "alternative": Alternative(**other) if other else None})


@dataclass(frozen=True)
class Attainment:
    """What cohorts of several seeds reach of the targets.

    Attributes
    ----------
    wanted
        The targets.
    reached
        For each seed the estimates by key of the target.
    """

    wanted: tuple[Target, ...]
    reached: Mapping[int, Mapping[str, Estimate]]

    def within(self, target: Target) -> bool:
        """Whether a target is met with every seed."""
        return all(target.meets(found[target.key].value) for found in self.reached.values())

    def missed(self, gates_only: bool = True) -> list[Target]:
        """Targets that some seed misses, by default only those that a cohort has to meet."""
        return [t for t in self.wanted if (t.is_gate or not gates_only) and not self.within(t)]

    @property
    def ok(self) -> bool:
        """Whether every confirmed and derived target is met with every seed."""
        return not self.missed()

    def rows(self) -> list[tuple[str, ...]]:
        """The cells of the table that `columns` heads."""
        return [self._row(target) for target in self.wanted]

    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        seeds = tuple(f"seed {seed}" for seed in self.reached)
        return ("quantity", "mark", "target", "tolerance", "measured on", *seeds, "error", "within")

    def _row(self, target: Target) -> tuple[str, ...]:
        found = [estimates[target.key] for estimates in self.reached.values()]
        wanted = f"{target.target:g} {target.unit}".strip()
        verdict = "yes" if self.within(target) else "no"
        return (
            target.quantity,
            target.confidence,
            wanted,
            f"{target.tolerance:g}",
            target.measured_on,
            *(target.show(estimate.value) for estimate in found),
            _error(target, found),
            verdict if target.is_gate else f"{verdict} (not a gate)",
        )

    def markdown(self) -> str:
        """The table as Markdown."""
        return as_markdown(self.columns(), self.rows())

    def to_dict(self) -> dict[str, Any]:
        """Plain data: every target with what was reached, and the conflicts between them."""
        return {
            "ok": self.ok,
            "targets": [self._plain(target) for target in self.wanted],
            "conflicts": [
                {"between": list(c.between), "why": c.why, "chosen": c.chosen} for c in conflicts()
            ],
        }

    def _plain(self, target: Target) -> dict[str, Any]:
        return {
            "key": target.key,
            "quantity": target.quantity,
            "target": target.target,
            "tolerance": target.tolerance,
            "unit": target.unit,
            "mark": target.mark,
            "confidence": target.confidence,
            "is_gate": target.is_gate,
            "source": target.source,
            "measured_on": target.measured_on,
            "reached": {
                str(seed): found[target.key].to_dict() for seed, found in self.reached.items()
            },
            "within": self.within(target),
        }


def _error(target: Target, found: Sequence[Estimate]) -> str:
    """The largest standard error, and how it follows."""
    errors = [e.error for e in found if not np.isnan(e.error)]
    if not errors:
        return "unknown"
    digits = 2 if target.unit else 4
    return f"{max(errors):.{digits}f} ({found[0].method})"


def as_markdown(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table as Markdown."""
    heads = list(columns)
    lines = [heads, ["---"] * len(heads), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
