"""The kernels in C: compiled by gcc when first asked for, called through ctypes."""

from __future__ import annotations

import ctypes as ct
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _bytecode import PlanCode

from risicoscreener.dossier.schema import tables
from risicoscreener.features.many import EventTables

HERE = Path(__file__).parent
MACHINE = os.environ.get("MARCH", "x86-64-v3" if platform.machine() == "x86_64" else "native")
FLAGS = (f"-march={MACHINE}", "-O3", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC")
FLAGS += tuple(os.environ.get("MORE_CFLAGS", "").split())
"""No fused multiply and add: values would differ from those of Python in the last bit. A wheel for
every machine would be built for x86-64 (``MARCH=x86-64``)."""


def gcc() -> str | None:
    """Where the compiler is, if there is one."""
    return shutil.which("gcc")


def built(source: str, *, cached: bool = True) -> Path:
    """The shared library of a source text; compiled again if it or a header was changed."""
    parts = [
        source.encode(),
        repr(FLAGS).encode(),
        *(h.read_bytes() for h in sorted(HERE.glob("*.h"))),
    ]
    digest = hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    out = Path(tempfile.gettempdir()) / f"risicoscreener-kernels-{digest}.so"
    if not (cached and out.exists()):
        command = [str(gcc()), *FLAGS, "-I", str(HERE), "-x", "c", "-", "-o", str(out), "-lm"]
        subprocess.run(command, input=source.encode(), check=True)
    return out


P = ct.c_void_p
I64 = ct.c_int64


class Table(ct.Structure):
    _fields_ = [
        *((name, P) for name in ("offsets", "recorded", "replaced", "starts", "voided")),
        *((name, P) for name in ("days", "codes", "numbers", "code", "limits")),
        ("n_code", I64),
        ("subject", I64),
    ]


class Plan(ct.Structure):
    _fields_ = [
        ("tables", P),
        *((name, I64) for name in ("n_tables", "detentions", "inquiries")),
        *((name, P) for name in ("released", "birth", "subject", "complete")),
        *((name, P) for name in ("finish", "finish_numbers")),
        ("n_features", I64),
        *((name, P) for name in ("inputs", "input_numbers", "lookups", "asked_for")),
        ("n_asked", I64),
    ]


class CPlan:
    """A plan in the layout of the C kernels, with the columns of some tables; arrays stay alive."""

    def __init__(self, code: PlanCode, columns: Columns) -> None:
        self.kept: list[Any] = [code]
        order = list(tables())
        made = [self._table(name, code, columns) for name in order]
        self.table_array = (Table * len(made))(*made)
        self.plan = Plan(
            ct.cast(self.table_array, P),
            len(order),
            order.index("detentions"),
            order.index("inquiries"),
            *(self.at(columns.column(*one)) for one in FIXED),
            self.at(code.finish),
            self.at(code.finish_numbers),
            len(code.finish),
            *(self.at(a) for a in (code.inputs, code.input_numbers, code.lookups, code.asked_for)),
            len(code.asked_for),
        )

    def at(self, array: np.ndarray | None) -> int | None:
        """The address of an array, which is kept."""
        if array is None:
            return None
        array = np.ascontiguousarray(array)
        self.kept.append(array)
        return array.ctypes.data

    def _table(self, name: str, code: PlanCode, columns: Columns) -> Table:
        spec, made = tables()[name], code.tables[name]
        subjects = tables()["inquiries"].columns["subject"].codes
        void = columns.column(name, "void") if columns.has_void(name) else None
        lists = [
            self.at(np.array([self.at(columns.column(name, c)) for c in some], dtype=np.uint64))
            for some in (made.days, made.codes, made.numbers)
        ]
        return Table(
            self.at(columns.offsets(name)),
            self.at(columns.column(name, "recorded_at")),
            self.at(columns.replaced_on(name)),
            self.at(columns.column(name, str(spec.starts))),
            self.at(void),
            *lists,
            self.at(np.array(made.code or [[0] * 7], dtype=np.int64)),
            self.at(np.array(made.limits or [(0.0, 0.0)])),
            len(made.code),
            subjects.index(name) if name in subjects else -1,
        )


Columns = EventTables
FIXED = (
    ("detentions", "released_on"),
    ("persons", "birth_date"),
    ("inquiries", "subject"),
    ("inquiries", "complete"),
)
"""Columns that every plan needs."""


BY_ROWS, BY_COLUMNS = ((HERE / name).read_text() for name in ("rows.c", "columns.c"))


def features_kernel(source: str) -> Callable[..., None]:
    """``features_many`` of a source; it lets other threads run."""
    function = ct.CDLL(str(built(source))).features_many
    function.argtypes = [P, P, P, I64, I64, I64, P]
    function.restype = None
    return function


def scoring_kernel() -> Callable[..., None]:
    """``assess_many`` of `scoring.h`."""
    function = ct.CDLL(str(built(BY_COLUMNS))).assess_many
    function.argtypes = [P, P, I64, I64, I64, P]
    function.restype = None
    return function
