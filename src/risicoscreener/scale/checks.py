"""What is asked before any work is sent: a library that is there, a choice that can be meant."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from risicoscreener.errors import ScaleError


def needed(module: str, package: str, what: str) -> Any:
    """A module of a library that need not be installed.

    Parameters
    ----------
    module, package
        What to import, and the package that has it.
    what
        What needs it.

    Raises
    ------
    ScaleError
        If it is not installed, with what to install.
    """
    try:
        return import_module(module)
    except ImportError:
        raise ScaleError(
            f"{what} needs the package {package}: install risicoscreener[scale]"
        ) from None


def check_on_error(on_error: str) -> None:
    """What to do about bad rows is one of the two things that can be done.

    Raises
    ------
    ScaleError
        If it is not.
    """
    if on_error not in ("raise", "quarantine"):
        raise ScaleError(f"on_error is {on_error!r}; expected 'raise' or 'quarantine'")
