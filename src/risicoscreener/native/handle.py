"""Things that live in the library, freed when nothing of Python holds them any more."""

from __future__ import annotations

import weakref
from ctypes import c_void_p
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from risicoscreener.native.loading import Library


class Handle:
    """What a function of the library made, and by which function it is freed.

    Attributes
    ----------
    at
        Its address.
    needs
        What must live as long, such as another thing of the library that it points at.
    """

    def __init__(self, library: Library, at: int, free: str, *needs: Any) -> None:
        self.library = library
        self.at = at
        self.needs = needs
        function = getattr(library.quick, free)
        function.argtypes, function.restype = [c_void_p], None
        weakref.finalize(self, function, at).atexit = False
