"""The calibration methods by name, with what each needs; numbers and labels are in a data file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy.typing as npt
from msgspec import Struct

from risicoscreener.errors import ModelError
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from risicoscreener.models.calibration import Calibration

Method = Literal[
    "none",
    "logistic",
    "beta",
    "spline",
    "centred_isotonic",
    "isotonic",
    "venn_abers",
    "cross_venn_abers",
]


class MethodSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One method: from how many events it may be used, its name and what it does."""

    least_events: int
    label: Texts
    does: Texts


class SplineSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Number of knots of the calibration spline, and its lowest slope."""

    knots: int
    least_slope: float


class VennAbersSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Number of folds of the cross Venn-Abers map."""

    folds: int


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All of ``methods.toml``. The methods stand from the simplest to the most flexible."""

    spline: SplineSettings
    venn_abers: VennAbersSettings
    methods: dict[Method, MethodSettings]


@cache
def settings() -> Settings:
    """The data file ``methods.toml``."""
    path = files("risicoscreener.models.calibrating") / "methods.toml"
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)


@cache
def method_names() -> tuple[Method, ...]:
    """Names of the methods, from the simplest to the most flexible."""
    return tuple(settings().methods)


def check_method(name: object) -> Method:
    """The name, if it is that of a method.

    Raises
    ------
    ModelError
        Otherwise, naming those that exist.
    """
    for known in method_names():
        if name == known:
            return known
    raise ModelError(
        f"there is no calibration method {name!r}; choose from {', '.join(method_names())}."
    )


def fit_calibration(
    method: Method,
    lp: npt.ArrayLike,
    outcome: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    folds: npt.ArrayLike | None = None,
) -> Calibration:
    """Calibration map of that method, if there are events enough for it.

    Parameters
    ----------
    method
        A name of `method_names`.
    lp
        ``(n,)``: log odds, of rows that the model has not seen.
    outcome
        ``(n,)``: 0 or 1.
    weight
        ``(n,)``, not negative; a weight of 2 is a row seen twice.
    folds
        ``(n,)``: fold of each row; read by ``cross_venn_abers`` only.

    Raises
    ------
    ModelError
        For an unknown method, fewer events (or people without) than it needs, or input that
        cannot be used.
    """
    from risicoscreener.models.calibrating.data import CalibrationData

    check_method(method)
    if method != "none":
        missing = lacking(method, CalibrationData.of(lp, outcome, weight).fewest)
        if missing is not None:
            raise ModelError(f"{missing}; take a simpler method, such as logistic.")
    return fit_unguarded(method, lp, outcome, weight, folds=folds)


def lacking(method: Method, fewest: float) -> str | None:
    """What a method needs that ``fewest`` events (or people without) do not give, if anything."""
    chosen = settings().methods[method]
    if fewest >= chosen.least_events:
        return None
    return (
        f"{chosen.label.en} needs {chosen.least_events} people with and as many without the "
        f"outcome, and the rarer has {fewest:g}"
    )


def fit_unguarded(
    method: Method,
    lp: npt.ArrayLike,
    outcome: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    folds: npt.ArrayLike | None = None,
) -> Calibration:
    """`fit_calibration` whatever the number of events: for parts of data that are enough."""
    from risicoscreener.models.calibrating import isotonic, parametric, venn_abers
    from risicoscreener.models.calibration import Identity

    if method == "none":
        return Identity()
    if method == "cross_venn_abers":
        return venn_abers.fit_cross_venn_abers(lp, outcome, weight, folds=folds)
    fits: dict[Method, Callable[..., Calibration]] = {
        "logistic": parametric.fit_logistic,
        "beta": parametric.fit_beta,
        "spline": parametric.fit_spline,
        "centred_isotonic": isotonic.fit_centred_isotonic,
        "isotonic": isotonic.fit_isotonic,
        "venn_abers": venn_abers.fit_venn_abers,
    }
    return fits[method](lp, outcome, weight)
