"""A scoring program as arrays for the kernels in C and numba (see `scoring.h`)."""

from __future__ import annotations

import ctypes as ct
from typing import Any

import numpy as np

from risicoscreener.models import ScoringProgram
from risicoscreener.models.calibration import Logistic
from risicoscreener.models.covariance import CovarianceErrors

ARRAYS = (
    *("first_knot", "knots", "anchors", "starts", "slopes", "missing", "low", "high"),
    *("references", "full", "factor", "offset"),
)
NUMBERS = ("intercept", "calibration_intercept", "calibration_slope", "quantile", "max_leverage")
OUT = ("lp", "probability", "lower", "upper", "error", "plain")


def arrays_of(program: ScoringProgram) -> dict[str, Any]:
    """The arrays and numbers of a program.

    Raises
    ------
    NotImplementedError
        For what the shipped models do not have: pairs, replicates, another calibration.
    """
    errors, calibration = program._errors, program.calibration
    if program.pairs or not isinstance(errors, CovarianceErrors):
        raise NotImplementedError("pairs or replicates")
    if not isinstance(calibration, Logistic) or program.link != "logit":
        raise NotImplementedError(f"{program.link} with {calibration!r}")
    support = program.support
    assert support is not None
    assert program.uncertainty is not None
    full, functions = [], program.functions
    factor = np.ascontiguousarray(errors.transposed.T)
    ramp_factor = factor[: len(errors.widths)]
    for t, ramps in enumerate(errors.slices):
        rows = ramp_factor[ramps]
        saturated = np.vstack([np.zeros(errors.size), errors.widths[ramps, None] * rows])
        full.append(np.cumsum(saturated, axis=0))
        unknown = factor[len(errors.lefts) + t]
        full.append((errors.centres[ramps] @ rows + unknown)[None])
    first = np.cumsum([0, *(len(f.knots) for f in functions)])
    return {
        "first_knot": first.astype(np.int64),
        "knots": np.concatenate([f.knots for f in functions]),
        "anchors": np.concatenate([f.anchors for f in functions]),
        "starts": np.concatenate([f.starts for f in functions]),
        "slopes": np.concatenate([f.slopes for f in functions]),
        "missing": np.array([term.missing for term in program.terms]),
        "low": np.array([r.low for r in support.ranges]),
        "high": np.array([r.high for r in support.ranges]),
        "references": np.array([term.reference for term in program.terms]),
        "full": np.ascontiguousarray(np.vstack(full)),
        "factor": ramp_factor,
        "offset": factor[-1] - errors.centres @ ramp_factor,
        "intercept": program.intercept,
        "calibration_intercept": calibration.intercept,
        "calibration_slope": calibration.slope,
        "quantile": program.uncertainty.quantile,
        "max_leverage": float("inf") if support.max_leverage is None else support.max_leverage,
    }


class Program(ct.Structure):
    _fields_ = [
        ("n_terms", ct.c_int64),
        ("size", ct.c_int64),
        *((name, ct.c_void_p) for name in ARRAYS),
        *((name, ct.c_double) for name in NUMBERS),
    ]


def program_in_c(program: ScoringProgram) -> Program:
    """The program in the layout of C; it keeps its arrays alive."""
    found = arrays_of(program)
    made = Program(
        len(program.terms),
        len(found["offset"]),
        *(np.ascontiguousarray(found[name]).ctypes.data for name in ARRAYS),
        *(float(found[name]) for name in NUMBERS),
    )
    made.kept = found
    return made
