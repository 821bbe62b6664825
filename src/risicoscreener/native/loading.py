"""Finding the compiled library and making sure that it belongs to this package."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from risicoscreener.native import building

ABI = 1
"""The agreement between `rust/border.rs` and what calls it; both are raised together."""


@dataclass(frozen=True, eq=False)
class Library:
    """The loaded library, twice, since it differs what other threads of Python may do meanwhile.

    Attributes
    ----------
    path
        Where it is.
    quick
        For calls of microseconds: other threads wait, so that nothing waits for them afterwards.
    long
        For calls of more than a millisecond: other threads go on.
    """

    path: Path
    quick: ctypes.PyDLL
    long: ctypes.CDLL


class _State:
    """What was found, once for the process."""

    looked = False
    found: Library | None = None
    why: str | None = None
    off = 0


_LOCK = threading.Lock()


def library() -> Library | None:
    """The library; ``None`` where there is none that belongs to this package, or it is off."""
    if _State.off:
        return None
    if not _State.looked:
        with _LOCK:
            if not _State.looked:
                _State.found, _State.why = _look()
                _State.looked = True
    return _State.found


def available() -> bool:
    """Whether the compiled library is used."""
    return library() is not None


def why_not() -> str | None:
    """Why the compiled library is not used; ``None`` if it is."""
    if library() is not None:
        return None
    return "it is switched off here" if _State.off else _State.why


@contextmanager
def without() -> Iterator[None]:
    """Do without the library meanwhile, in all threads: to compare, and to find a fault."""
    with _LOCK:
        _State.off += 1
    try:
        yield
    finally:
        with _LOCK:
            _State.off -= 1


def _look() -> tuple[Library | None, str | None]:
    if not building.wanted():
        return None, f"RISICOSCREENER_NATIVE is {os.environ['RISICOSCREENER_NATIVE']!r}"
    return load(building.BUILT)


def load(path: Path) -> tuple[Library | None, str | None]:
    """A library that belongs to this package, or why the file is none."""
    if not path.exists():
        return None, f"there is no {path}; this package was installed without a Rust compiler"
    try:
        found = Library(path, ctypes.PyDLL(str(path)), ctypes.CDLL(str(path)))
        abi, digest = found.quick.rs_abi, found.quick.rs_sources
        abi.restype, digest.restype = ctypes.c_uint32, ctypes.c_char_p
        if abi() != ABI:
            return None, f"{path} has agreement {abi()}; expected {ABI}"
        made_of = digest().decode("ascii")
        if made_of != building.digest_of_sources():
            return None, (
                f"{path} was made of other sources than those of this package; build it again "
                "with python -m risicoscreener.native"
            )
    except (OSError, AttributeError) as error:
        return None, f"{path} cannot be loaded: {error}"
    return found, None
