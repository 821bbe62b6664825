"""A plan carried out by the compiled library, straight from the memory of Arrow columns."""

from __future__ import annotations

import ctypes
import weakref
from ctypes import c_int32, c_size_t, c_void_p
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.casting import as_one
from risicoscreener.dossier.schema import Column, persons, tables
from risicoscreener.features.bytecode import (
    FIXED_TABLES,
    REPLACED_ON,
    WITHDRAWN,
    Place,
    encode,
    left_out,
)
from risicoscreener.features.plan import FeaturePlan
from risicoscreener.native import Library, library
from risicoscreener.native.handle import Handle

if TYPE_CHECKING:
    from risicoscreener.features.events import EventTables

ABSENT, DAYS, CODES, FLAGS, WHOLE, NUMBERS, TEXTS = range(7)
"""How the values of a column are stored, as in ``rust/border.rs``."""


class GivenColumn(ctypes.Structure):
    """A column as the library gets it."""

    _fields_ = (
        ("form", ctypes.c_int64),
        ("values", ctypes.c_void_p),
        ("valid", ctypes.c_void_p),
        ("offset", ctypes.c_int64),
        ("len", ctypes.c_int64),
    )


class CompiledPlan(Handle):
    """A plan in the library.

    Attributes
    ----------
    columns
        Columns that the library wants, in this order.
    tables
        Those of which it reads any row; of others it gets nothing.
    places, others
        Where the features that it makes, and those that it does not, stand among those asked for.
    rest
        The plan of the others, which stay in numpy; None if there are none.
    """

    def __init__(self, plan: FeaturePlan, library: Library) -> None:
        made, new = encode(plan), library.quick.rs_plan_new
        new.argtypes, new.restype = [c_void_p, c_size_t, c_void_p, c_size_t], c_void_p
        at = new(made.numbers.ctypes.data, len(made.numbers), made.pool.ctypes.data, len(made.pool))
        super().__init__(library, at, "rs_plan_free")
        self._values = library.long.rs_plan_values
        self._values.argtypes = [c_void_p] * 3 + [c_size_t, c_void_p, c_void_p, c_size_t, c_void_p]
        self._values.restype = c_int32
        self.columns = made.columns
        self.tables = frozenset({*FIXED_TABLES, *plan.of_rows})
        without = left_out(plan)
        numbered = list(enumerate(plan.names))
        self.places = [i for i, name in numbered if name not in without]
        self.others = [i for i, name in numbered if name in without]
        rest = tuple(plan.names[i] for i in self.others)
        self.rest = plan.part(rest) if rest else None

    def values(
        self, bound: BoundTables, persons_at: np.ndarray, days_at: np.ndarray
    ) -> np.ndarray | None:
        """Values of the features that it makes, shape (n, features), in column order.

        None if the library refuses, which it does for a person that there is not; the way in numpy
        then says what is wrong.
        """
        n = len(persons_at)
        persons_at = np.ascontiguousarray(persons_at, dtype=np.int64)
        days_at = np.ascontiguousarray(days_at, dtype=np.int32)
        found = np.empty((n, len(self.places)), dtype=np.float64, order="F")
        failed = self._values(
            self.at,
            bound.columns,
            bound.offsets,
            bound.n_persons,
            persons_at.ctypes.data,
            days_at.ctypes.data,
            n,
            found.ctypes.data,
        )
        return None if failed else found


class BoundTables:
    """The columns of some tables in the order in which a plan wants them."""

    def __init__(self, compiled: CompiledPlan, events: EventTables) -> None:
        self.n_persons = events.n_persons
        self._kept: list[Any] = []
        read = {"persons", *compiled.tables}
        given = [
            self._column(place, events) if place[0] in read else _nothing()
            for place in compiled.columns
        ]
        self.columns = (GivenColumn * len(given))(*given)
        none = np.zeros(self.n_persons + 1, dtype=np.int64)
        offsets = [
            np.ascontiguousarray(events.offsets(table), dtype=np.int64) if table in read else none
            for table in tables()
        ]
        self._kept.append(offsets)
        self.offsets = (ctypes.c_void_p * len(offsets))(*(o.ctypes.data for o in offsets))

    def _column(self, place: Place, events: EventTables) -> GivenColumn:
        table, name = place
        if name == REPLACED_ON:
            replaced = events.replaced_on(table)
            if replaced is None:
                return _nothing()
            self._kept.append(replaced)
            return GivenColumn(DAYS, replaced.ctypes.data, None, 0, len(replaced))
        if name == WITHDRAWN and not events.has_void(table):
            return _nothing()
        name = "void" if name == WITHDRAWN else name
        spec = persons() if table == "persons" else tables()[table]
        array = as_one(events.dossiers.tables[table].column(name))
        return self._of_array(spec.columns[name], array)

    def _of_array(self, column: Column, array: pa.Array) -> GivenColumn:
        form, stored = _stored(column, array)
        self._kept.append(stored)
        if not len(stored):
            return GivenColumn(form, None, None, 0, 0)
        valid, *others = stored.buffers()
        there = None if valid is None or not stored.null_count else valid.address
        values = None if form == TEXTS or others[0] is None else others[0].address
        return GivenColumn(form, values, there, stored.offset, len(stored))


def _nothing() -> GivenColumn:
    return GivenColumn(ABSENT, None, None, 0, 0)


def _stored(column: Column, array: pa.Array) -> tuple[int, pa.Array]:
    """How the values of a column are stored, and the array that stores them."""
    match column.kind:
        case "date":
            return DAYS, array.cast(pa.date32())
        case "code":
            return CODES, array.indices.cast(pa.int8())
        case "flag":
            return FLAGS, array.cast(pa.bool_())
        case "integer":
            return WHOLE, array.cast(pa.int32())
        case "number":
            return NUMBERS, array.cast(pa.float64())
    return TEXTS, array


_MADE: dict[int, CompiledPlan] = {}
"""Plans that were handed over, by identity, for as long as they live."""


def compiled(plan: FeaturePlan) -> CompiledPlan | None:
    """A plan in the library; None where there is none, or it makes nothing of the plan."""
    loaded = library()
    if loaded is None:
        return None
    found = _MADE.get(id(plan))
    if found is None:
        found = CompiledPlan(plan, loaded)
        _MADE[id(plan)] = found
        weakref.finalize(plan, _MADE.pop, id(plan), None)
    return found if found.at and found.places else None
