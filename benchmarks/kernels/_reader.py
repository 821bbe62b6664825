"""The reader in C of one dossier: its schema, and a `look` that ends in the same objects."""

from __future__ import annotations

import ctypes as ct
import datetime as dt
import random
from typing import Any

import numpy as np
from _bytecode import encode
from _c import HERE, CPlan, P, built
from _scoring import OUT, Program, program_in_c

from risicoscreener.dossier.schema import EPOCH, Column, TableSpec, persons, tables
from risicoscreener.models.answers import Assessment, Interval
from risicoscreener.models.support import SupportResult
from risicoscreener.screening.route import Route, Seen, score_of

CAPACITY, MAX_FIELDS = 256, 32
KINDS = ("date", "code", "flag", "integer", "number", "text")
I64 = ct.c_int64


class Names(ct.Structure):
    _fields_ = [
        ("factors", I64 * 4),
        ("count", I64),
        ("slot", ct.c_int8 * 128),
        ("name", ct.c_char_p * MAX_FIELDS),
        ("length", I64 * MAX_FIELDS),
    ]


class Field(ct.Structure):
    _fields_ = [
        *((name, I64) for name in ("kind", "required", "nullable", "is_link", "fallback")),
        *((name, ct.c_double) for name in ("low", "high")),
        *((name, P) for name in ("codes", "column")),
    ]


class Has(ct.Structure):
    _fields_ = [("field", I64), ("mask", I64)]


class Agreement(ct.Structure):
    _fields_ = [
        *(("field", I64), ("n_where", I64), ("where", Has * 3)),
        *((name, I64) for name in ("needed", "codes", "at_most")),
        ("low", ct.c_double),
    ]


class Rows(ct.Structure):
    _fields_ = [
        *((name, P) for name in ("names", "fields")),
        *((name, I64) for name in ("n_fields", "starts", "recorded")),
        *((name, I64) for name in ("n_order", "n_dated", "n_agreements")),
        *((name, P) for name in ("order", "dated", "agreements", "offsets")),
    ]


class Schema(ct.Structure):
    _fields_ = [
        *((name, P) for name in ("top", "person", "tables")),
        *((name, I64) for name in ("n_tables", "stays", "arrived", "released")),
        ("id", P),
        ("id_length", I64),
    ]


def names_of(words: list[str]) -> Names:
    """Names with a hash under which no two of them meet."""
    rng = random.Random(1)
    while True:
        factors = [rng.randrange(1, 2**16) for _ in range(4)]
        places = [_hash(word.encode(), factors) for word in words]
        if len(set(places)) == len(words):
            break
    slot = [-1] * 128
    for k, place in enumerate(places):
        slot[place] = k
    made = Names((I64 * 4)(*factors), len(words), (ct.c_int8 * 128)(*slot))
    for k, word in enumerate(words):
        made.name[k], made.length[k] = word.encode(), len(word.encode())
    return made


def _hash(word: bytes, factors: list[int]) -> int:
    parts = (word[0], word[-1], word[len(word) // 2], len(word))
    return sum(a * b for a, b in zip(parts, factors, strict=True)) >> 3 & 127


class OnePerson:
    """Room for the columns of one person, which the reader fills; as `EventTables` has them."""

    def __init__(self) -> None:
        self.arrays: dict[tuple[str, str], np.ndarray] = {}
        self.counts = {name: np.zeros(2, dtype=np.int64) for name in tables()}

    def column(self, table: str, name: str) -> np.ndarray:
        key = (table, name)
        if key not in self.arrays:
            spec = persons() if table == "persons" else tables()[table]
            kind = spec.columns[name].kind
            dtype = {"date": np.int32, "integer": np.float64, "number": np.float64}
            self.arrays[key] = np.zeros(CAPACITY, dtype=dtype.get(kind, np.int8))
        return self.arrays[key]

    def offsets(self, table: str) -> np.ndarray:
        return self.counts[table]

    def has_void(self, table: str) -> bool:  # noqa: ARG002 - such dossiers are not read here
        return False

    def replaced_on(self, table: str) -> None:  # noqa: ARG002
        return None


class CReader:
    """A route of which reading, features and scoring are done in C, and the rest in Python."""

    def __init__(self, route: Route) -> None:
        self.route, self.kept = route, []
        self.person = OnePerson()
        self.plan = CPlan(encode(route.plan), self.person)
        self.schema = self._schema()
        self.programs = [program_in_c(view.program) for view in route.models]
        self.sizes = [len(view.program.terms) for view in route.models]
        self.values = (ct.c_double * len(route.names))()
        self.said = (ct.c_double * sum(n + len(OUT) for n in self.sizes))()
        self.program_list = (ct.POINTER(Program) * len(self.programs))(
            *(ct.pointer(p) for p in self.programs)
        )
        self.input_list = (P * len(self.programs))(
            *(self.at(np.array(i, dtype=np.int64)) for i in route.model_inputs)
        )
        library = ct.PyDLL(str(built((HERE / "reader.c").read_text())))
        self.library = library
        self._look = library.look
        self._look.argtypes = [P, P, ct.c_char_p, I64, ct.c_int32, ct.c_int32, I64, P, P, P, P]
        self._read = library.read_dossier
        self._read.argtypes = [P, ct.c_char_p, I64, ct.c_int32]
        self._at = [ct.addressof(x) for x in (self.schema, self.plan.plan)]
        self._to = [
            len(self.programs),
            *(ct.addressof(x) for x in (self.program_list, self.input_list)),
            *(ct.addressof(x) for x in (self.values, self.said)),
        ]

    def at(self, thing: Any) -> int:
        self.kept.append(thing)
        return thing.ctypes.data if isinstance(thing, np.ndarray) else ct.addressof(thing)

    def _schema(self) -> Schema:
        made = [self._rows(spec) for spec in tables().values()]
        order = list(tables())
        stays = list(tables()["detentions"].columns)
        top = names_of(["person_id", "person", "schema_version", *order])
        return Schema(
            *(self.at(x) for x in (top, self._rows(persons()), (Rows * len(made))(*made))),
            len(made),
            order.index("detentions"),
            *(stays.index(name) for name in ("arrived_on", "released_on")),
        )

    def _rows(self, spec: TableSpec) -> Rows:
        names = list(spec.columns)
        fields = [self._field(spec.name, column) for column in spec.columns.values()]
        agreements = [self._agreement(one, spec) for one in spec.agreements]
        return Rows(
            self.at(names_of(names)),
            self.at((Field * len(fields))(*fields)),
            len(fields),
            names.index(spec.starts) if spec.starts else 0,
            names.index("recorded_at") if spec.starts else 0,
            *(len(spec.order), len(spec.dated), len(agreements)),
            *(
                self.at(np.array([[names.index(n) for n in p] for p in pairs], dtype=np.int64))
                for pairs in (spec.order, spec.dated)
            ),
            self.at((Agreement * max(len(agreements), 1))(*agreements)),
            self.at(self.person.counts.get(spec.name, np.zeros(2, dtype=np.int64))),
        )

    def _field(self, table: str, column: Column) -> Field:
        fallback = -1
        if column.kind == "code" and column.default is not None:
            fallback = column.codes.index(column.default)
        elif column.kind == "flag" and column.default is not None:
            fallback = int(column.default)
        return Field(
            KINDS.index(column.kind),
            *(int(column.required), int(not column.required and column.default is None)),
            int(column.name in ("fact_id", "supersedes", "void")),
            fallback,
            *(x or 0.0 for x in (column.low, column.high)),
            self.at(names_of(list(column.codes))) if column.codes else None,
            self.person.column(table, column.name).ctypes.data,
        )

    def _agreement(self, agreement: Any, spec: TableSpec) -> Agreement:
        names = list(spec.columns)
        where = [Has(names.index(n), _mask(spec.columns[n], c)) for n, c in agreement.where]
        return Agreement(
            names.index(agreement.field),
            len(where),
            (Has * 3)(*where),
            int(agreement.needed),
            _mask(spec.columns[agreement.field], agreement.codes),
            -1 if agreement.at_most is None else names.index(agreement.at_most),
            0.0 if agreement.low is None else agreement.low,
        )

    # -- one dossier -----------------------------------------------------------------------

    def read(self, data: bytes, last: int) -> int:
        """Only read and check; 1 if sound, 0 if Python has to look."""
        return self._read(self._at[0], data, len(data), last)

    def only_c(self, data: bytes, as_of: dt.date, last: int) -> int:
        """Read, compute and score into arrays that stay in C; 0 if Python has to look."""
        today = as_of.toordinal() - _EPOCH
        return self._look(*self._at, data, len(data), last, today, *self._to)

    def look(self, data: bytes, as_of: dt.date, last: int) -> tuple[str, Seen] | None:
        """As `Route.look`, with the id of the person; ``None`` if Python has to look."""
        if not self.only_c(data, as_of, last):
            return None
        person_id = ct.string_at(self.schema.id, self.schema.id_length).decode()
        route, values, said = self.route, self.values[:], self.said[:]
        judged_on = None
        if route.judgment is not None and values[route.judgment] == values[route.judgment]:
            judged_on = as_of + dt.timedelta(days=int(values[route.judgment]))
        at = route.version(as_of, judged_on)
        assessments = self.assessments(values, said)
        decided = route.policies[at].compiled.decide_one(
            route.inputs_of(at, values), [score_of(one) for one in assessments.values()]
        )
        return person_id, Seen(at, values, assessments, decided)

    def assessments(self, values: list[float], said: list[float]) -> dict[int, Assessment]:
        """What C found, as the objects that the rest of the route reads."""
        found, first = {}, 0
        for m, n in enumerate(self.sizes):
            lp, probability, lower, upper, error, plain = said[first : first + len(OUT)]
            leverage = error * error
            support = SupportResult("inside", leverage=leverage) if plain else None
            if support is None:
                x = [values[i] for i in self.route.model_inputs[m]]
                support = self.route.models[m].program.support.check_one(x, leverage)
            parts = said[first + len(OUT) : first + len(OUT) + n]
            interval = Interval(lower, upper, error)
            found[m] = Assessment(probability, lp, parts, interval, support)
            first += len(OUT) + n
        return found


_EPOCH = EPOCH.toordinal()


def _mask(column: Column, codes: tuple[str, ...]) -> int:
    return sum(1 << column.codes.index(code) for code in codes)
