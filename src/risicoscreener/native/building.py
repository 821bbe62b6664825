"""Compiling the library from the Rust sources next to this file, with ``rustc`` alone.

    python -m risicoscreener.native

builds it anew in the package if its sources were changed. It imports nothing of the package and
nothing beyond the standard library, since an installation runs it before there is a package.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
SOURCES = HERE / "rust"
NAME = {"win32": "risicoscreener.dll", "darwin": "librisicoscreener.dylib"}.get(
    sys.platform, "librisicoscreener.so"
)
BUILT = HERE / NAME
"""Where the library stands in a package that has it."""

FLAGS = (
    "--edition=2021",
    "--crate-type=cdylib",
    "--crate-name=risicoscreener",
    "-Copt-level=3",
    "-Ccodegen-units=1",
    "-Clto=fat",
    "-Cstrip=symbols",
)
"""No processor is named, so that a wheel runs on every machine of its kind."""


class BuildingError(Exception):
    """The library was asked for and could not be made."""


def digest_of_sources(folder: Path = SOURCES) -> str:
    """What the sources are, in 32 hexadecimal digits, whatever system wrote their lines.

    Raises
    ------
    OSError
        If they cannot be read.
    """
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.rs")):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{path.name} {len(text)}\n".encode() + text)
    return found.hexdigest()[:32]


def compiler() -> str | None:
    """Where ``rustc`` is, if there is one; ``RUSTC`` names another."""
    return os.environ.get("RUSTC") or shutil.which("rustc")


def build(target: Path = BUILT) -> Path:
    """Compile the library to a file, which is replaced when all went well.

    Raises
    ------
    BuildingError
        If there is no compiler or it refuses.
    """
    rustc = compiler()
    if rustc is None:
        raise BuildingError("there is no rustc")
    digest = digest_of_sources()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as folder:
        made = Path(folder) / target.name
        command = [rustc, *FLAGS, *_flags_of_system(), "-o", str(made), str(SOURCES / "lib.rs")]
        env = {**os.environ, "RISICOSCREENER_SOURCES": digest}
        try:
            done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603
        except OSError as error:
            raise BuildingError(f"{rustc} cannot be run: {error}") from None
        if done.returncode or not made.exists():
            raise BuildingError(f"{rustc} refuses:\n{done.stderr}")
        made.replace(target)
    _note_digest(target, digest)
    return target


def _flags_of_system() -> list[str]:
    is_musl = "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or "")
    return ["-Ctarget-feature=-crt-static"] if is_musl else []


def _note_digest(target: Path, digest: str) -> None:
    """Say beside the library what it was made of, for `is_fresh`, without loading it."""
    target.with_name(target.name + ".sources").write_text(digest + "\n", "ascii")


def is_fresh(target: Path = BUILT) -> bool:
    """Whether a library is there that was made of the sources as they are."""
    note = target.with_name(target.name + ".sources")
    if not (target.exists() and note.exists()):
        return False
    return note.read_text("ascii").strip() == digest_of_sources()


def wanted() -> bool:
    """Whether a library may be made here: ``RISICOSCREENER_NATIVE=off`` leaves it out."""
    return os.environ.get("RISICOSCREENER_NATIVE", "").lower() not in ("off", "0")


def required() -> bool:
    """Whether an installation without the library is an error."""
    return os.environ.get("RISICOSCREENER_REQUIRE_NATIVE", "") not in ("", "0")


def build_if_possible(target: Path = BUILT, *, say: Callable[[str], object] = print) -> bool:
    """Have a fresh library at a place, and tell whether there is one.

    Parameters
    ----------
    say
        Told why there is none, where there is a compiler and it refuses.

    Raises
    ------
    BuildingError
        If there can be none and ``RISICOSCREENER_REQUIRE_NATIVE`` asks for it.
    """
    if not wanted():
        return False
    if is_fresh(target):
        return True
    try:
        build(target)
    except (BuildingError, OSError) as error:
        if required():
            raise BuildingError(f"the compiled library is asked for: {error}") from None
        if compiler() is not None:
            say(f"the compiled library is left out: {error}")
        return False
    return True
