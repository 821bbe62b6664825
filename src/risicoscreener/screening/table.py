"""The results of many screenings as columns."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from risicoscreener.decision import OUTCOMES
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import DossierError, PolicyError
from risicoscreener.models.support import STATUSES
from risicoscreener.screening.block import NO_VERSION, Block
from risicoscreener.screening.result import REASONS
from risicoscreener.writing import check_place, put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from risicoscreener.screening.result import ScreeningResult
    from risicoscreener.screening.route import Route
    from risicoscreener.screening.sources import Source
    from risicoscreener.screening.views import ModelView

FEW_ROWS = 10_000
"""With fewer rows threads cost more than they bring."""

NO_OUTCOME = np.int8(-1)
NO_REASON = np.int16(-1)
COLUMNS = (
    "person_id",
    "as_of",
    "outcome",
    "policy",
    "rule",
    "requirements_not_met",
    "requirements_unknown",
    "conditions",
)
"""Columns of every result, whatever domains and models a policy has."""

NOT_SCREENED = "not_screened"
"""Counted apart: rows on whose deciding day no version of the policy applies."""


@dataclass(frozen=True)
class ModelColumns:
    """What one model says of each row: shape (n,), ``reasons`` (n, 3).

    ``support`` holds positions in `STATUSES` (-1: the row's policy does not read this model);
    ``reasons`` positions among the features of the model, the largest contribution first.
    """

    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    support: np.ndarray
    reasons: np.ndarray

    @classmethod
    def empty(cls, n: int) -> ModelColumns:
        """Columns for ``n`` rows of which nothing is known."""
        return cls(
            np.full(n, np.nan),
            np.full(n, np.nan),
            np.full(n, np.nan),
            np.full(n, -1, dtype=np.int8),
            np.full((n, REASONS), NO_REASON, dtype=np.int16),
        )


@dataclass(frozen=True)
class DecisionColumns:
    """What the policy says of each row.

    Attributes
    ----------
    version
        Position of the version of the policy, shape (n,), int16; -1 where no version applies, and
        then nothing else is decided.
    outcome, rule, cell
        Positions in `OUTCOMES` (-1: not screened), in the rules and in the table of that
        version, shape (n,).
    requirements
        0 met, 1 not met, 2 unknown, shape (n, most requirements of a version), int8.
    conditions
        Whether each condition is attached, shape (n, most conditions of a version), bool.
    """

    version: np.ndarray
    outcome: np.ndarray
    rule: np.ndarray
    cell: np.ndarray
    requirements: np.ndarray
    conditions: np.ndarray

    @classmethod
    def empty(cls, n: int, route: Route) -> DecisionColumns:
        """Columns for ``n`` rows not yet decided."""
        most = [
            max(len(found) for found in counted)
            for counted in (
                [view.requirements for view in route.policies],
                [view.conditions for view in route.policies],
            )
        ]
        return cls(
            np.full(n, NO_VERSION),
            np.full(n, NO_OUTCOME),
            np.zeros(n, dtype=np.int16),
            np.zeros(n, dtype=np.int32),
            np.zeros((n, most[0]), dtype=np.int8),
            np.zeros((n, most[1]), dtype=bool),
        )


class ScreenedTable:
    """The results of many screenings, as columns; ``result(i)`` gives one in full.

    Attributes
    ----------
    decision
        Kind of decision.
    person_ids, as_of
        Who and when (days since 1970-01-01), shape (n,).
    decided, models
        What the policy and each model say of each row.
    """

    def __init__(self, route: Route, source: Source) -> None:
        _check_columns(route)
        if len(source.days):
            route.bundle.check_usable(EPOCH + dt.timedelta(days=int(source.days.max())))
        self.decision = route.kind
        self.person_ids = source.person_ids
        self.as_of = source.days
        n = len(self.as_of)
        self.decided = DecisionColumns.empty(n, route)
        self.models = {view.model.name: ModelColumns.empty(n) for view in route.models}
        self._route, self._source = route, source

    def __len__(self) -> int:
        return len(self.as_of)

    def __repr__(self) -> str:
        said = ", ".join(f"{count:,} {outcome}" for outcome, count in self.counts().items())
        return f"<ScreenedTable of {len(self):,} screenings for {self.decision}: {said}>"

    def counts(self) -> dict[str, int]:
        """How many rows have each outcome, the most liberty first; then those not screened."""
        screened = self.decided.outcome[self.decided.outcome >= 0]
        counts = np.bincount(screened, minlength=len(OUTCOMES)).tolist()
        said = dict(reversed(list(zip(OUTCOMES, counts, strict=True))))
        without = len(self) - len(screened)
        return {**said, NOT_SCREENED: without} if without else said

    def fill(self, block: Block, start: int) -> None:
        """Put what a block found into the columns, from row ``start``."""
        for at, (rows, decided) in block.decided.items():
            into, out = block.of_all(rows, start), self.decided
            out.version[into] = at
            out.outcome[into] = decided.outcome
            out.rule[into] = decided.rule
            out.cell[into] = decided.cell
            out.requirements[into, : decided.requirements.shape[1]] = decided.requirements
            out.conditions[into, : decided.conditions.shape[1]] = decided.conditions
            for m in block.route.models_of[at]:
                self._fill_model(block, m, block.of_all(rows), into)

    def _fill_model(
        self, block: Block, m: int, rows: np.ndarray | slice, into: np.ndarray | slice
    ) -> None:
        columns = self.models[block.route.models[m].model.name]
        found = block.assessed[m]
        columns.probability[into] = found.probability[rows]
        columns.reasons[into, : found.reasons.shape[1]] = found.reasons[rows]
        columns.support[into] = 0 if found.status is None else found.status[rows]
        if found.intervals is not None:
            columns.lower[into] = found.intervals.lower[rows]
            columns.upper[into] = found.intervals.upper[rows]

    @property
    def outcomes(self) -> np.ndarray:
        """The outcome of each row as text, ``not_screened`` among them, shape (n,)."""
        return np.array([*OUTCOMES, NOT_SCREENED])[self.decided.outcome]

    def result(self, row: int) -> ScreeningResult:
        """One row in full, with texts, contributions and missing information.

        Raises
        ------
        IndexError
            If there is no such row.
        PolicyError
            If no version of the policy applies to it.
        """
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        row %= len(self)
        route = self._route
        block = Block(route, self._source, slice(row, row + 1))
        at = int(block.version[0])
        if at < 0:
            raise block.without_policy[0]
        return route.result(
            str(self.person_ids[row]),
            EPOCH + dt.timedelta(days=int(self.as_of[row])),
            at,
            block.values[0].tolist(),
            {m: block.assessment(m) for m in route.models_of[at]},
            block.decided[at][1].row(0),
            int(block.quarantined[0]),
        )

    def to_arrow(self) -> pa.Table:
        """A row for each screening; texts and codes as dictionaries.

        Where no version of the policy applies, all but the first two are null.

        Columns: person_id, as_of, outcome, policy, rule, the level of each domain, per model
        probability, lower, upper, support and three reasons, and lists of the requirements not
        met or unknown and of the conditions.
        """
        views = self._route.policies
        named = [[levels[0].name for levels in view.requirements] for view in views]
        lacking = self.decided.requirements
        conditions = [[c.id for c in view.conditions] for view in views]
        parts: list[Callable[[], dict[str, Any]]] = [
            self._plain_columns,
            *map(self._columns_of_model, self._route.models),
            lambda: {"requirements_not_met": self._lists(lacking == 1, named)},
            lambda: {"requirements_unknown": self._lists(lacking == 2, named)},
            lambda: {"conditions": self._lists(self.decided.conditions, conditions)},
        ]
        n_threads = (os.cpu_count() or 1) if len(self) > FEW_ROWS else 1
        with ThreadPoolExecutor(n_threads) as pool:
            made = list(pool.map(lambda part: part(), parts))
        return pa.table({name: column for part in made for name, column in part.items()})

    def _plain_columns(self) -> dict[str, Any]:
        """The columns that every result has, but for the lists, and the level of each domain."""
        views = self._route.policies
        return {
            "person_id": self.person_ids,
            "as_of": pa.array(self.as_of, pa.int32()).cast(pa.date32()),
            "outcome": _coded(self.decided.outcome, OUTCOMES),
            "policy": _coded(self.decided.version, [view.used.id for view in views]),
            "rule": self._of_version(self.decided.rule, [[r.id for r in v.rules] for v in views]),
            **self._levels(),
        }

    def _columns_of_model(self, view: ModelView) -> Callable[[], dict[str, Any]]:
        name, features = view.model.name, view.model.features
        return lambda: _model_columns(name, self.models[name], features)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """`to_arrow` for a library that reads Arrow streams, as in ``pl.DataFrame(screened)``."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_frame(self) -> pd.DataFrame:
        """`to_arrow` as a pandas frame."""
        frame: pd.DataFrame = self.to_arrow().to_pandas(date_as_object=False)
        return frame

    def write(self, path: str | Path) -> None:
        """Write to a file; in CSV lists are joined by a space.

        Raises
        ------
        DossierError
            If the name ends neither in ``.parquet`` nor in ``.csv``.
        OSError
            If it cannot be written; what was there is then still there.
        """
        import pyarrow.csv
        import pyarrow.parquet

        check_results_path(path)
        table = self.to_arrow()
        with put_in_place(path) as unfinished:
            if str(path).endswith(".parquet"):
                pyarrow.parquet.write_table(table, unfinished)
            else:
                pyarrow.csv.write_csv(_flat(table), unfinished)

    def _levels(self) -> dict[str, pa.Array]:
        """For each domain of any version the level of each row; null where not weighed."""
        found: dict[str, np.ndarray] = {}
        codes: dict[str, list[str]] = {}
        for version, view in enumerate(self._route.policies):
            rows = np.flatnonzero(self.decided.version == version)
            shape = tuple(len(levels) for levels in view.domains)
            places = np.unravel_index(self.decided.cell[rows], shape)
            for levels, place in zip(view.domains, places, strict=True):
                known = codes.setdefault(levels[0].name, [])
                known += [level.level for level in levels if level.level not in known]
                column = found.setdefault(levels[0].name, np.full(len(self), -1, dtype=np.int8))
                column[rows] = np.array([known.index(x.level) for x in levels], np.int8)[place]
        return {name: _coded(column, codes[name]) for name, column in found.items()}

    def _of_version(self, column: np.ndarray, names: list[list[str]]) -> pa.Array:
        """Names for positions that count within the version of each row."""
        known, codes = _numbered(names)
        found = codes[self.decided.version, column]
        return _coded(np.where(self.decided.version < 0, -1, found), known)

    def _lists(self, chosen: np.ndarray, names: list[list[str]]) -> pa.Array:
        """For each row the names of the chosen columns."""
        known, codes = _numbered(names)
        decided = self.decided.version >= 0
        kept = chosen[:, : codes.shape[1]] & (codes >= 0)[self.decided.version] & decided[:, None]
        rows, columns = np.nonzero(kept)
        ends = np.concatenate(([0], np.cumsum(kept.sum(axis=1)))).astype(np.int32)
        found = codes[self.decided.version[rows], columns]
        return pa.ListArray.from_arrays(pa.array(ends), _coded(found, known))


def check_results_path(path: str | Path) -> None:
    """Whether results can be written there, asked before the work and not after.

    Raises
    ------
    DossierError
        If the name ends neither in ``.parquet`` nor in ``.csv``.
    OSError
        If no file can be written there.
    """
    if not str(path).endswith((".parquet", ".csv")):
        raise DossierError(f"{path}: expected a name that ends in .parquet or .csv")
    check_place(path)


def _check_columns(route: Route) -> None:
    """No domain or model of the policies gives a column the name of another."""
    names = list(COLUMNS)
    names += {levels[0].name: None for view in route.policies for levels in view.domains}
    for view in route.models:
        names += _model_columns(view.model.name, ModelColumns.empty(0), view.model.features)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PolicyError(
            f"the policies for {route.kind} would give results with two columns "
            f"{', '.join(twice)}; rename the domain or the model"
        )


def _numbered(names: list[list[str]]) -> tuple[list[str], np.ndarray]:
    """All distinct names, and the number of each by version and position (-1: no such position)."""
    known = list(dict.fromkeys(name for part in names for name in part))
    codes = np.full((len(names), max(map(len, names), default=0)), -1, dtype=np.int16)
    for version, part in enumerate(names):
        codes[version, : len(part)] = [known.index(name) for name in part]
    return known, codes


def _coded(codes: np.ndarray, names: Sequence[str] | np.ndarray) -> pa.DictionaryArray:
    indices = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), pa.string()))


def _model_columns(name: str, found: ModelColumns, features: Sequence[str]) -> dict[str, pa.Array]:
    columns: dict[str, Any] = {
        f"{name}_{part}": pa.array(getattr(found, part), from_pandas=True)
        for part in ("probability", "lower", "upper")
    }
    columns[f"{name}_support"] = _coded(found.support, STATUSES)
    for place in range(REASONS):
        columns[f"{name}_reason_{place + 1}"] = _coded(found.reasons[:, place], features)
    return columns


def _flat(table: pa.Table) -> pa.Table:
    """A table without dictionaries and lists, for CSV."""
    import pyarrow.compute as pc

    columns = []
    for column in table.columns:
        plain = column.combine_chunks()
        if pa.types.is_list(column.type):
            flat = pa.ListArray.from_arrays(plain.offsets, plain.values.cast(pa.string()))
            plain = pc.binary_join(flat, " ")
        elif pa.types.is_dictionary(column.type):
            plain = plain.cast(pa.string())
        columns.append(plain)
    return pa.table(columns, names=table.column_names)
