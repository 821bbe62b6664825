"""What a table of features and an outcome must be before a model is fitted on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from risicoscreener.errors import ModelError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import about_victims

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from risicoscreener.features.definition import Feature, Sensitivity
    from risicoscreener.features.sensitivity import Waiver
    from risicoscreener.models.piecewise import FloatArray

MIN_PER_CLASS = 20
"""Fewest people with, and without, the outcome; below it no performance can be stated."""


def check_no_victims(
    names: Sequence[str], definitions: Mapping[str, Feature] | None = None
) -> None:
    """No model is made of facts about victims, whatever waiver there is.

    Parameters
    ----------
    definitions
        What the names mean; the shipped catalogue by default.

    Raises
    ------
    ModelError
        Naming the features.
    """
    barred = about_victims(names, catalogue() if definitions is None else definitions)
    if barred:
        raise ModelError(
            f"features {', '.join(barred)} are made of facts about victims, which no model may "
            "use; leave them out: a policy weighs victims' interests, a model does not."
        )


def check_sensitivity(
    names: Sequence[str],
    sensitivity: Mapping[str, Sensitivity],
    waivers: Iterable[Waiver],
) -> tuple[Waiver, ...]:
    """The waivers that the features need.

    Raises
    ------
    ModelError
        Naming the features whose sensitivity is not declared, those without a waiver, and those
        that are made of facts about victims, for which there is none.
    """
    check_no_victims(names)
    undeclared = [name for name in names if name not in sensitivity]
    if undeclared:
        raise ModelError(
            f"the sensitivity of {', '.join(undeclared)} is not declared; say for each whether "
            "it is allowed, proxy or forbidden."
        )
    granted: dict[tuple[str, Sensitivity], Waiver] = {
        (waiver.feature, waiver.sensitivity): waiver for waiver in waivers
    }
    wanted = [(name, sensitivity[name]) for name in names if sensitivity[name] != "allowed"]
    barred = [f"{name} ({kind})" for name, kind in wanted if (name, kind) not in granted]
    if barred:
        raise ModelError(
            f"features {', '.join(barred)} may not reach a model without a recorded waiver for "
            "that sensitivity; leave them out, or hand in a Waiver with its reason and role."
        )
    return tuple(granted[pair] for pair in wanted)


def check_definitions(names: Sequence[str], definitions: Mapping[str, str] | None) -> None:
    """Raise ModelError for a column without a definition, if definitions are given."""
    absent = [name for name in names if definitions is not None and name not in definitions]
    if absent:
        raise ModelError(
            f"columns {', '.join(absent)} have no feature definition; define them, or leave "
            "them out of the frame."
        )


def checked_matrix(frame: pd.DataFrame) -> FloatArray:
    """The features ``(n, F)`` as float64.

    Raises
    ------
    ModelError
        For a column that is not numeric, wholly unknown or infinite, or has not a name of its own.
    """
    if not frame.columns.is_unique or frame.shape[1] == 0:
        raise ModelError("the frame needs at least one column, each with a name of its own.")
    wrong = [str(c) for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c])]
    if wrong:
        raise ModelError(f"columns {', '.join(wrong)} are not numeric; code them as numbers.")
    x = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    _refuse_columns(frame, np.isinf(x).any(axis=0), "hold an infinite value; use NaN for unknown")
    _refuse_columns(frame, np.isnan(x).all(axis=0), "are unknown for everyone; leave them out")
    matrix: FloatArray = x
    return matrix


def checked_outcome(y: Any, n: int) -> FloatArray:
    """The outcome ``(n,)``, 0 or 1, of which there are enough of both.

    Raises
    ------
    ModelError
        Otherwise.
    """
    event = np.asarray(y, dtype=np.float64)
    if event.shape != (n,) or not np.isin(event, (0.0, 1.0)).all():
        raise ModelError(f"y must hold 0 or 1 for each of the {n} rows of the frame.")
    check_both(int(event.sum()), n)
    return event


def check_both(events: int, n: int) -> None:
    """Raise ModelError unless enough of ``n`` rows have, and lack, the outcome."""
    if min(events, n - events) < MIN_PER_CLASS:
        raise ModelError(
            f"{events} of {n} rows have the outcome; at least {MIN_PER_CLASS} "
            "with and without it are needed."
        )


def checked_weight(sample_weight: npt.ArrayLike | None, n: int) -> FloatArray:
    """The weights ``(n,)``, by default 1; ModelError unless they are positive."""
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, np.float64)
    if weight.shape != (n,) or not (np.isfinite(weight) & (weight > 0)).all():
        raise ModelError(f"sample_weight must hold a positive number for each of {n} rows.")
    return weight


def _refuse_columns(frame: pd.DataFrame, wrong: npt.NDArray[np.bool_], problem: str) -> None:
    if wrong.any():
        names = ", ".join(str(column) for column in frame.columns[wrong])
        raise ModelError(f"columns {names} {problem}.")


def is_constant(linear_predictor: FloatArray) -> bool:
    """Whether a linear predictor is the same for everybody, but for rounding."""
    spread = float(np.ptp(linear_predictor)) if len(linear_predictor) else 0.0
    return spread <= 1e-9 * (1.0 + float(np.abs(linear_predictor).max(initial=0.0)))


def says_nothing() -> ModelError:
    """The error of a model that tells nobody apart."""
    return ModelError(
        "the linear predictor is the same for everybody, so no performance can be stated: every "
        "term is zero. Check whether the directions (monotone) agree with the data, lower the "
        "shrinkage or the l1_ratio, or give features that say something of the outcome."
    )
