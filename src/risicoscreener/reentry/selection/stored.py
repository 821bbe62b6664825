"""A selection model as a file of JSON; what is read proves that it still gives its own numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.errors import ModelError, ReentryError
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.models.program import ScoringProgram
from risicoscreener.reentry.selection.aids import Aid
from risicoscreener.reentry.selection.learners import Effects, restored
from risicoscreener.strict_json import decode_json

FORMAT = "selection-model/1"
MOST_BYTES = 20_000_000
GOLDEN = 5
CLOSE = 1e-9
FIGURES = (
    *("average", "as_seen", "autoc", "risk_autoc", "slope", "against_lot", "against_risk"),
    *("risk_against_lot", "e_value", "e_value_limit", "tipping_point"),
)
"""What every model says of itself."""


class Stated(Struct, frozen=True, forbid_unknown_fields=True):
    """An `Estimate` as it is stored: what is not there is null."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    n: int
    events: int
    problem: str

    def estimate(self) -> Estimate:
        """The figure."""
        plain: dict[str, Any] = msgspec.structs.asdict(self)
        numbers = ("value", "low", "high")
        plain |= {name: math.nan if plain[name] is None else plain[name] for name in numbers}
        return Estimate(**plain)


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """Values of one made-up person, and the effect that was given for them."""

    values: tuple[float | None, ...]
    effect: float


class Stored(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of a model holds."""

    format: str
    aid: Aid
    kind: str
    programs: dict[str, ScoringProgram]
    chance: ScoringProgram
    names: tuple[str, ...]
    adjusted: tuple[str, ...]
    lowest: float
    people: int
    helped: int
    trimmed: int
    seed: int
    capacity: float
    p_value: float
    statistic: float
    by_fold: tuple[float, ...]
    alpha: float
    overlaps: bool
    figures: dict[str, Stated]
    golden: tuple[Row, ...]


def read_stored(path: str | Path) -> tuple[Stored, Effects]:
    """What a file holds, and the model in it, once that gives its own numbers again.

    Raises
    ------
    ReentryError
        If it cannot be read, is of another format, or gives other numbers.
    """
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ReentryError(f"{path} has more than {MOST_BYTES:,} bytes; expected a model")
        stored = decode_json(content, Stored)
        effects = restored(stored.kind, stored.programs)
    except OSError as error:
        raise ReentryError(f"{path} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, ModelError) as error:
        raise ReentryError(f"{path} is no selection model: {error}") from None
    if stored.format != FORMAT:
        raise ReentryError(f"{path} has format {stored.format!r}; expected {FORMAT!r}")
    _check_whole(stored, effects.programs() or {}, str(path))
    if not _gives_its_numbers(stored, effects):
        raise ReentryError(f"{path} does not give its own numbers; learn the model again")
    return stored, effects


def _check_whole(stored: Stored, programs: Mapping[str, ScoringProgram], path: str) -> None:
    """All is there that is asked of a model later."""
    lacking = [name for name in FIGURES if name not in stored.figures]
    if lacking:
        raise ReentryError(f"{path} has no figure {lacking[0]}; expected {', '.join(FIGURES)}")
    extra = tuple(name for name in stored.adjusted if name not in stored.names)
    asked = dict.fromkeys(programs, stored.names) | {"chance": (*stored.names, *extra)}
    for name, columns in asked.items():
        program = programs.get(name, stored.chance)
        if program.features != columns:
            raise ReentryError(
                f"{path}: program {name} has {len(program.features)} columns, "
                f"{', '.join(program.features[:3])}, …; expected the {len(columns)} of the model"
            )
        if name != "chance" and program.uncertainty is None:
            raise ReentryError(f"{path}: program {name} has no uncertainty; expected one")


def _gives_its_numbers(stored: Stored, effects: Effects) -> bool:
    width = len(stored.names)
    if not stored.golden or any(len(row.values) != width for row in stored.golden):
        return False
    rows = np.array([row.values for row in stored.golden], dtype=np.float64)
    given = np.array([row.effect for row in stored.golden])
    return bool((np.abs(effects.effect(rows)[0] - given) <= CLOSE).all())  # no number is not close


def golden_rows(effects: Effects, programs: Mapping[str, ScoringProgram]) -> tuple[Row, ...]:
    """Made-up people at the knots, with their effects."""
    terms = next(iter(programs.values())).terms
    rows = [[term.knots[i * len(term.knots) // GOLDEN] for term in terms] for i in range(GOLDEN)]
    rows.append([math.nan] * len(terms))
    found, _ = effects.effect(np.array(rows))
    return tuple(
        Row(tuple(None if math.isnan(v) else float(v) for v in row), float(effect))
        for row, effect in zip(rows, found, strict=True)
    )
