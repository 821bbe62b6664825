"""A scoring program carried out by the compiled library, for many people.

Of each person it gives the linear predictor, its standard error, what the support looks at and
the strongest reasons; what makes a probability of a linear predictor stays in `program`.
"""

from __future__ import annotations

from ctypes import Structure, byref, c_int32, c_size_t, c_void_p
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.models.covariance import CovarianceErrors
from risicoscreener.native import library
from risicoscreener.native.handle import Handle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.native import Library

FORM = 1
"""The agreement with ``rust/score.rs``."""

OUTSIDE, LACKING, BARRED = 1, 2, 4
"""Bits of `Found.flags`: a value lies outside its range, a required one is unknown, a rule of the
population bars the person."""


class _Values(Structure):
    _fields_ = (
        ("values", c_void_p),
        ("n_columns", c_size_t),
        ("stride", c_size_t),
        ("columns", c_void_p),
        ("n", c_size_t),
    )


class _Room(Structure):
    _fields_ = (
        ("lp", c_void_p),
        ("error", c_void_p),
        ("flags", c_void_p),
        ("missing", c_void_p),
        ("reasons", c_void_p),
        ("k", c_size_t),
        ("parts", c_void_p),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What the library found of ``n`` people, each an array of shape ``(n,)``.

    Attributes
    ----------
    standard_error
        Of the linear predictor; None for a program without a covariance.
    flags
        See `OUTSIDE`, `LACKING` and `BARRED`.
    missing
        How many values are unknown.
    reasons
        Positions of the terms with the largest contributions, shape ``(n, k)``, int16.
    contributions
        Shape ``(n, F)``; None if not asked for.
    """

    linear_predictor: FloatArray
    standard_error: FloatArray | None
    flags: npt.NDArray[np.uint8]
    missing: npt.NDArray[np.int32]
    reasons: npt.NDArray[np.int16]
    contributions: FloatArray | None


class CompiledProgram(Handle):
    """A program in the library."""

    def __init__(self, program: ScoringProgram, loaded: Library) -> None:
        n_knots, terms = program.terms_as_numbers
        required: Sequence[int] = ()
        rules: Sequence[tuple[int, float, float]] = ()
        if program.support is not None:
            required, rules = program.support.required_at, program.support.rules_at
        size, table = 0, np.empty(0)
        if program.uncertainty is not None and isinstance(program._errors, CovarianceErrors):
            size, table = program._errors.size, np.ascontiguousarray(program._errors.pieces)
        sizes = [FORM, size, len(required), len(rules), len(n_knots)]
        places = [*n_knots, *required, *(at for at, _, _ in rules)]
        whole = np.array([*sizes, *places], dtype=np.int64)
        bounds = [number for _, low, high in rules for number in (low, high)]
        numbers = np.array([*terms, *bounds], dtype=np.float64)
        new = loaded.quick.rs_program_new
        new.argtypes, new.restype = [c_void_p, c_size_t] * 3, c_void_p
        given = (part for array in (whole, numbers, table) for part in _address(array))
        super().__init__(loaded, new(*given), "rs_program_free")
        self.n_terms, self.has_errors = len(n_knots), size > 0
        self._score = loaded.long.rs_program_score
        self._score.argtypes, self._score.restype = [c_void_p] * 3, c_int32

    def score(
        self,
        matrix: FloatArray,
        columns: npt.NDArray[np.int64],
        k: int = 0,
        *,
        contributions: bool = False,
    ) -> Found | None:
        """What it says of each row of a matrix; None if the library fails.

        Parameters
        ----------
        matrix
            Shape ``(n, columns)``, in column order.
        columns
            Column of each term.
        k
            How many reasons are wanted.
        """
        n, n_columns = matrix.shape
        if len(columns) != self.n_terms or not _are_within(columns, n_columns):
            return None
        k = min(k, self.n_terms)
        found = Found(
            np.empty(n),
            np.empty(n) if self.has_errors else None,
            np.empty(n, dtype=np.uint8),
            np.empty(n, dtype=np.int32),
            np.empty((n, k), dtype=np.int16),
            np.empty((n, self.n_terms)) if contributions else None,
        )
        given = _Values(matrix.ctypes.data, n_columns, n, columns.ctypes.data, n)
        room = _Room(
            found.linear_predictor.ctypes.data,
            None if found.standard_error is None else found.standard_error.ctypes.data,
            found.flags.ctypes.data,
            found.missing.ctypes.data,
            found.reasons.ctypes.data if k else None,
            k,
            None if found.contributions is None else found.contributions.ctypes.data,
        )
        return None if self._score(self.at, byref(given), byref(room)) else found


def _are_within(columns: npt.NDArray[np.int64], n: int) -> bool:
    return not len(columns) or (int(columns.min()) >= 0 and int(columns.max()) < n)


def _address(array: npt.NDArray[np.generic]) -> tuple[int | None, int]:
    return (array.ctypes.data if array.size else None), array.size


def can(program: ScoringProgram) -> bool:
    """Whether the library knows all parts of a program: it knows no pairs and no distances."""
    support = program.support
    return not program.pairs and (support is None or support.max_distance is None)


def compiled(program: ScoringProgram) -> CompiledProgram | None:
    """A program in the library; None where there is none, or it does not know all its parts."""
    loaded = library()
    if loaded is None or not can(program):
        return None
    kept = vars(program).get("_compiled")
    if kept is None:
        kept = vars(program)["_compiled"] = CompiledProgram(program, loaded)
    return kept if kept.at else None
