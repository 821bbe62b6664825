"""One dossier from its bytes to values and terms in one call of the compiled library.

The library reads and checks, computes the features, and passes the terms of each model. Errors,
intervals, bands and the outcome are made by what makes them without it, so that they are the same
to the last bit. Where it cannot do all of that, the dossier goes the way in Python.
"""

from __future__ import annotations

import ctypes
import datetime as dt
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from risicoscreener import native
from risicoscreener.dossier.compiled import KINDS_OF_COLUMNS, Columns, schema_text
from risicoscreener.dossier.schema import EPOCH, day_number, persons, tables
from risicoscreener.features.bytecode import REPLACED_ON, WITHDRAWN, Place, encode, left_out
from risicoscreener.models.program import ScoringProgram
from risicoscreener.native.handle import Handle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.features.plan import FeaturePlan
    from risicoscreener.models.straight import Passed
    from risicoscreener.native import Library

_EPOCH = EPOCH.toordinal()
_LATEST_FACT = -(2**31)
_FORMS = {"days": 0, "codes": 1, "numbers": 2, "texts": 3}
_WITHDRAWN, _REPLACED_ON = 4, 5
"""How a column is found among those that were read, as in ``rust/one.rs``."""


class _Given(ctypes.Structure):
    """The parts of what the library is handed, as in ``rust/border.rs``."""

    _fields_ = tuple(
        field
        for name in ("schema", "plan", "pool", "sources", "shapes", "terms")
        for field in ((name, ctypes.c_void_p), (f"n_{name}", ctypes.c_size_t))
    )


class _Written(ctypes.Structure):
    """Where the library writes what it finds of one dossier."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("numbers", "rows", "steps")),
        ("day", ctypes.c_int32),
        ("id_start", ctypes.c_uint32),
        ("id_end", ctypes.c_uint32),
    )


class _Room:
    """Memory for what is found of one dossier, used by one call at a time.

    Parameters
    ----------
    n_values
        Features of the plan.
    sizes
        Terms of each model.
    """

    __slots__ = ("at", "numbers", "places", "written")

    def __init__(self, n_values: int, sizes: Sequence[int]) -> None:
        n = sum(sizes) + len(sizes)
        self.numbers = np.empty(n_values + n + len(sizes))
        rows, steps = np.empty(n, np.int64), np.empty(2 * n)
        self.written = _Written(*(a.ctypes.data for a in (self.numbers, rows, steps)))
        self.at = ctypes.addressof(self.written)
        self.places: list[tuple[int, int, np.ndarray, np.ndarray]] = []
        at, row = n_values, 0
        for size in sizes:
            own = slice(row, row + size + 1)
            span = slice(2 * own.start, 2 * own.stop)
            self.places.append((at, at + 2 + size, rows[own], steps[span]))
            at, row = at + 2 + size, own.stop


class Found(NamedTuple):
    """What the library found of a dossier; to be handed to `AtOnce.done` when it was read.

    Attributes
    ----------
    values
        Of the features of the plan, NaN where unknown.
    passed
        Of each model what its terms say.
    """

    person_id: str
    day: dt.date
    values: list[float]
    passed: list[Passed]
    room: _Room


class AtOnce(Handle):
    """The schema, a plan and programs in the library, for all threads; see `at_once`."""

    def __init__(
        self,
        library: Library,
        plan: FeaturePlan,
        programs: Sequence[ScoringProgram],
        inputs: Sequence[Sequence[int]],
    ) -> None:
        functions = library.quick
        _declare(functions)
        made = encode(plan)
        shapes, terms = [], []
        for program, columns in zip(programs, inputs, strict=True):
            n_knots, numbers = program.terms_as_numbers
            shapes += [len(columns), *chain(*zip(columns, n_knots, strict=True))]
            terms += numbers
        parts = (
            np.frombuffer(schema_text() or b"", np.uint8),
            made.numbers,
            made.pool,
            np.array([number for place in made.columns for number in _source(place)], np.int64),
            np.array(shapes, np.int64),
            np.array(terms, np.float64),
        )
        given = _Given(*(number for part in parts for number in (part.ctypes.data, len(part))))
        super().__init__(library, functions.rs_one_new(ctypes.byref(given)), "rs_one_free")
        self._look = functions.rs_one_look
        self._n_values = len(plan.names)
        self._sizes = [len(columns) for columns in inputs]
        self.programs = programs
        self._rooms: list[_Room] = []

    def look(self, data: bytes, as_of: dt.date | None, last: dt.date) -> Found | None:
        """What is found of a dossier; None if Python has to look.

        Parameters
        ----------
        as_of
            Day of the picture; by default that of the latest recorded fact.
        last
            Last day on which a fact can have been recorded.
        """
        try:
            room = self._rooms.pop()
        except IndexError:
            room = _Room(self._n_values, self._sizes)
        day = _LATEST_FACT if as_of is None else day_number(as_of)
        if self._look(self.at, data, len(data), day_number(last), day, room.at):
            self._rooms.append(room)
            return None
        written, numbers = room.written, room.numbers.tolist()
        passed: list[Passed] = [
            (numbers[at], numbers[at + 2 : end], rows, steps, numbers[at + 1] == 1.0)
            for at, end, rows, steps in room.places
        ]
        return Found(
            data[written.id_start : written.id_end].decode("ascii"),
            dt.date.fromordinal(written.day + _EPOCH) if as_of is None else as_of,
            numbers[: self._n_values],
            passed,
            room,
        )

    def done(self, found: Found) -> None:
        """Nothing looks at what was passed any more: its room serves the next call."""
        self._rooms.append(found.room)


def at_once(
    plan: FeaturePlan, programs: Sequence[object], inputs: Sequence[Sequence[int]]
) -> AtOnce | None:
    """A plan and programs in the library; None if there is none, or it cannot hold all of them.

    Parameters
    ----------
    programs
        Of the models.
    inputs
        For each the positions of its features in the plan.
    """
    loaded = native.library()
    simple = [p for p in programs if type(p) is ScoringProgram and not p.pairs]
    if loaded is None or schema_text() is None or len(simple) < len(programs) or left_out(plan):
        return None
    made = AtOnce(loaded, plan, simple, inputs)
    return made if made.at else None


def _source(place: Place) -> tuple[int, int, int]:
    """Where a column of the plan is found: its table, its form, and its place there."""
    table, name = place
    spec = persons() if table == "persons" else tables()[table]
    number = -1 if table == "persons" else list(tables()).index(table)
    if name == REPLACED_ON:
        return number, _REPLACED_ON, 0
    places = Columns(spec).places
    if name == WITHDRAWN:
        return number, _WITHDRAWN, places["void"]
    return number, _FORMS[KINDS_OF_COLUMNS[spec.columns[name].kind]], places[name]


def _declare(functions: Any) -> None:
    at, size, day = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32
    functions.rs_one_new.argtypes, functions.rs_one_new.restype = [at], at
    functions.rs_one_look.argtypes = [at, ctypes.c_char_p, size, day, day, at]
    functions.rs_one_look.restype = ctypes.c_int32
