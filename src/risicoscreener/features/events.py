"""Columns of dossier tables as arrays, and which of their rows could be seen on a day."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.casting import as_one
from risicoscreener.dossier.checked import is_ascending
from risicoscreener.dossier.schema import Column, persons, tables
from risicoscreener.dossier.tables import DossierTables
from risicoscreener.features.compiled import BoundTables, CompiledPlan, compiled
from risicoscreener.features.plan import FeaturePlan, RowFeature

FAR = np.int32(2**30)
"""Stands for a day that never comes: an open end, an absent date."""

FEW_PERSONS = 1000
"""With fewer people threads cost more than they bring."""


class EventTables:
    """Columns of the dossier tables as arrays, made when first needed."""

    def __init__(self, dossiers: DossierTables) -> None:
        self.dossiers = dossiers
        self.n_persons = dossiers.n_persons
        self._columns: dict[tuple[str, str], np.ndarray] = {}
        self._offsets: dict[str, np.ndarray] = {}
        self._replaced: dict[str, np.ndarray | None] = {}
        self._has_void: dict[str, bool] = {}
        self._bound: dict[int, tuple[CompiledPlan, BoundTables]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or another process needs; addresses mean nothing there."""
        return {**vars(self), "_bound": {}}

    def prepare(self, plan: FeaturePlan, persons_at: np.ndarray | None = None) -> None:
        """Make what a plan needs, before threads share it.

        Parameters
        ----------
        persons_at
            Position of the person of each index row, in the order in which they will be asked
            for. Where these ascend, each row of a table is needed once or a few times in a row:
            columns are then not made as a whole, which takes the memory of a second copy, but as
            far as a block needs.
        """
        library = compiled(plan)
        if library is not None:
            self._in_threads(self._prepare_table, library.tables)
            self.bound(library)
            if library.rest is None:
                return
            plan = library.rest
        needed = {("persons", "birth_date")}
        names = {*plan.of_rows, "detentions", "inquiries"}
        for feature in plan.features.values():
            if feature.aggregate == "person":
                needed.add(("persons", str(feature.field)))
        if persons_at is None or not is_ascending(persons_at):
            for name in names:
                fields = _fields_needed(name, plan.of_rows.get(name, ()))
                needed |= {(name, field) for field in fields}
        self._in_threads(lambda key: self.column(*key), needed)
        self._in_threads(self._prepare_table, names)

    def _in_threads(self, work: Callable[[Any], Any], parts: Iterable[Any]) -> None:
        parts = sorted(parts)
        if self.n_persons < FEW_PERSONS:
            list(map(work, parts))
            return
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(work, parts))

    def bound(self, library: CompiledPlan) -> BoundTables:
        """The columns in the order in which a plan in the compiled library wants them."""
        found = self._bound.get(id(library))
        if found is None:
            found = self._bound[id(library)] = library, BoundTables(library, self)
        return found[1]

    def _prepare_table(self, table: str) -> None:
        self.offsets(table)
        self.replaced_on(table)
        self.has_void(table)

    def column(self, table: str, name: str) -> np.ndarray:
        """A column: days and codes as int (absent: `FAR`, -1), numbers as float (absent: NaN)."""
        key = (table, name)
        if key not in self._columns:
            self._columns[key] = self._numbers(table, name, slice(None))
        return self._columns[key]

    def rows(self, table: str, name: str, rows: np.ndarray | slice) -> np.ndarray:
        """Some rows of a column, as `column` has them, made from no more rows than that spans."""
        whole = self._columns.get((table, name))
        if whole is not None:
            return whole[rows]
        if isinstance(rows, slice):
            return self._numbers(table, name, rows)
        if not len(rows):
            return self._numbers(table, name, slice(0, 0))
        span = slice(int(rows.min()), int(rows.max()) + 1)
        return self._numbers(table, name, span)[rows - span.start]

    def _numbers(self, table: str, name: str, rows: slice) -> np.ndarray:
        spec = persons() if table == "persons" else tables()[table]
        array = as_one(self.dossiers.tables[table].column(name))
        return _as_numpy(spec.columns[name], array[rows])

    def offsets(self, table: str) -> np.ndarray:
        """Where the rows of each person begin; one more for the end. Shape (n persons + 1,)."""
        if table not in self._offsets:
            owners = self.dossiers.owners(table)
            first = first_of_each(owners)
            counts = np.zeros(self.n_persons + 1, dtype=np.int64)
            counts[owners[first] + 1] = np.diff(first, append=len(owners))
            self._offsets[table] = np.cumsum(counts)
        return self._offsets[table]

    def has_void(self, table: str) -> bool:
        """Whether any row withdraws another."""
        if table not in self._has_void:
            void = self.dossiers.tables[table].column("void")
            self._has_void[table] = bool(pc.any(void).as_py())
        return self._has_void[table]

    def replaced_on(self, table: str) -> np.ndarray | None:
        """For each row the day on which a correction replaced it; ``None`` if none was."""
        if table not in self._replaced:
            self._replaced[table] = self._find_replaced(table)
        return self._replaced[table]

    def visible_on(self, table: str, today: int) -> np.ndarray:
        """For each row whether it is known on a day, and neither withdrawn nor replaced by then.

        Parameters
        ----------
        today
            In days since 1970-01-01.

        Returns
        -------
        ndarray of shape (rows,), bool; `dossier.visible` says the same of a record.
        """
        seen: np.ndarray = self.column(table, "recorded_at") <= today
        if self.has_void(table):
            seen &= self.column(table, "void") <= 0
        replaced = self.replaced_on(table)
        if replaced is not None:
            seen &= replaced > today
        return seen

    def _find_replaced(self, table: str) -> np.ndarray | None:
        arrow = self.dossiers.tables[table]
        links = arrow.column("supersedes").combine_chunks()
        if links.null_count == len(links):
            return None
        owners, recorded = self.dossiers.owners(table), self.column(table, "recorded_at")
        ids = arrow.column("fact_id").combine_chunks()
        linking = np.flatnonzero(links.is_valid().to_numpy(zero_copy_only=False))
        corrects = np.zeros(self.n_persons, dtype=bool)
        corrects[owners[linking]] = True
        named = ids.is_valid().to_numpy(zero_copy_only=False) & corrects[owners]
        targets = np.flatnonzero(named)
        both = [links.take(pa.array(linking)), ids.take(pa.array(targets))]
        codes = pa.concat_arrays(both).dictionary_encode().indices.to_numpy().astype(np.int64)
        # Who and what as one number, so that an id means a fact of the same person.
        keys = codes + owners[np.concatenate((linking, targets))].astype(np.int64) * len(codes)
        wanted, offered = keys[: len(linking)], keys[len(linking) :]
        replaced = np.full(len(owners), FAR, dtype=np.int32)
        if len(targets):
            order = np.argsort(offered, kind="stable")
            place = np.minimum(np.searchsorted(offered[order], wanted), len(targets) - 1)
            target = order[place]
            found = offered[target] == wanted
            np.minimum.at(replaced, targets[target[found]], recorded[linking[found]])
        return replaced


def _fields_needed(table: str, features: tuple[RowFeature, ...]) -> set[str]:
    spec = tables()[table]
    needed = {"recorded_at", "void", str(spec.starts)}
    if table == "detentions":
        needed.add("released_on")
    if table == "inquiries":
        needed |= {"subject", "complete"}
    for item in features:
        needed.add(item.filter.on)
        if spec.ends is not None:
            needed.add(spec.ends)
        for condition in item.filter.conditions:
            needed |= {condition.field, condition.known_from} - {""}
        if item.column is not None:
            needed |= {item.column.name, item.column.known_from or ""} - {""}
    return needed


def _as_numpy(column: Column, array: pa.Array) -> np.ndarray:
    if column.kind == "date":
        return array.cast(pa.int32()).fill_null(int(FAR)).to_numpy(zero_copy_only=False)
    if column.kind == "code":
        return array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if column.kind == "flag":
        return array.cast(pa.int8()).fill_null(-1).to_numpy(zero_copy_only=False)
    if column.kind == "text":
        return array.is_valid().to_numpy(zero_copy_only=False).astype(np.int8) - 1
    return array.cast(pa.float64()).to_numpy(zero_copy_only=False)


def first_of_each(segment: np.ndarray) -> np.ndarray:
    """Positions at which another segment begins, of ascending segments."""
    begins = np.empty(len(segment), dtype=bool)
    begins[:1] = True
    np.not_equal(segment[1:], segment[:-1], out=begins[1:])
    return np.flatnonzero(begins)
