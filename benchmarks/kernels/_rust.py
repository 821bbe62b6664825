"""The reader in Rust: compiled by rustc when first asked for, called through ctypes."""

from __future__ import annotations

import ctypes as ct
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from _c import MACHINE
from _reader import KINDS

from risicoscreener.dossier.schema import Column, TableSpec, persons, tables

SOURCE = Path(__file__).parent / "reader.rs"


def rustc() -> str | None:
    """Where the compiler is, if there is one."""
    return shutil.which("rustc")


def built() -> Path:
    """The shared library; compiled again if the source was changed."""
    command = [str(rustc()), "--edition", "2021", "--crate-type", "cdylib"]
    command += ["-C", "opt-level=3", "-C", f"target-cpu={MACHINE}", "-C", "strip=symbols"]
    digest = hashlib.sha256(repr(command).encode() + SOURCE.read_bytes()).hexdigest()[:16]
    out = Path(tempfile.gettempdir()) / f"risicoscreener-reader-{digest}.so"
    if not out.exists():
        subprocess.run([*command, "-o", str(out), str(SOURCE)], check=True)
    return out


def reader() -> Callable[[bytes, int], int]:
    """``read(data, last)``: 1 if sound, 0 if Python has to look."""
    library = ct.PyDLL(str(built()))
    library.schema_new.restype = ct.c_void_p
    text = "\n".join(_lines(persons()) + [line for t in tables().values() for line in _lines(t)])
    schema = library.schema_new(text.encode(), ct.c_size_t(len(text.encode())))
    function = library.schema_read
    function.argtypes = [ct.c_void_p, ct.c_char_p, ct.c_size_t, ct.c_int32]
    return lambda data, last: function(schema, data, len(data), last)


def _lines(spec: TableSpec) -> list[str]:
    names = list(spec.columns)
    places = [names.index(n) if n in names else 0 for n in (str(spec.starts), "recorded_at")]
    pairs = [
        ",".join(f"{names.index(a)}>{names.index(b)}" for a, b in some)
        for some in (spec.order, spec.dated)
    ]
    head = "|".join(["table", spec.name, *map(str, places), *pairs])
    return [head, *(_field(column) for column in spec.columns.values())]


def _field(column: Column) -> str:
    fallback = -1
    if column.default is not None and column.kind in ("code", "flag"):
        fallback = column.codes.index(column.default) if column.codes else int(column.default)
    numbers = (
        KINDS.index(column.kind),
        int(column.required),
        int(not column.required and column.default is None),
        int(column.name in ("fact_id", "supersedes", "void")),
        fallback,
        column.low or 0,
        column.high or 0,
    )
    return "|".join([column.name, *map(str, numbers), ",".join(column.codes)])
