"""From linear predictor to probability: links and calibration maps.

A calibration map acts before the link (logistic: on the linear predictor) or after it (table:
on the probability). Each is a small frozen class with a ``kind``; `Calibration` is the register
of the kinds that a stored program may name. A new kind is a class here and a name there.

Every map is non-decreasing, so an interval of the linear predictor maps to an interval of the
probability by its ends.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import numpy as np
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.models.piecewise import MAX_KNOTS, FloatArray, Piecewise

if TYPE_CHECKING:
    from collections.abc import Callable

Number = TypeVar("Number", float, FloatArray)

LinkName = Literal["logit", "cloglog"]


def expit_one(lp: float) -> float:
    """Inverse of the logit; numpy's ``exp``, so that it is the same double as in `expit_many`."""
    e = float(np.exp(-abs(lp)))
    return 1.0 / (1.0 + e) if lp >= 0.0 else e / (1.0 + e)


def expit_many(lp: FloatArray) -> FloatArray:
    """Inverse of the logit of each element, without overflow."""
    e = np.exp(-np.abs(lp))
    return np.where(lp >= 0.0, 1.0, e) / (1.0 + e)


def cloglog_one(lp: float) -> float:
    """Inverse of the complementary log-log: ``1 - exp(-exp(lp))``."""
    return float(-np.expm1(-np.exp(min(lp, 700.0))))


def cloglog_many(lp: FloatArray) -> FloatArray:
    """Inverse of the complementary log-log of each element."""
    return -np.expm1(-np.exp(np.minimum(lp, 700.0)))


INVERSE_LINKS_ONE: dict[str, Callable[[float], float]] = {
    "logit": expit_one,
    "cloglog": cloglog_one,
}
INVERSE_LINKS_MANY: dict[str, Callable[[FloatArray], FloatArray]] = {
    "logit": expit_many,
    "cloglog": cloglog_many,
}


class _Map(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", dict=True):
    """What every calibration map does unless it says otherwise: nothing."""

    def before_link(self, lp: Number) -> Number:
        """Linear predictor to calibrated linear predictor; a number or an array."""
        return lp

    def after_link_one(self, probability: float) -> float:
        """Probability to calibrated probability."""
        return probability

    def after_link_many(self, probability: FloatArray) -> FloatArray:
        """Each probability to a calibrated probability."""
        return probability


class Identity(_Map, frozen=True, tag="identity"):
    """No recalibration."""


class Logistic(_Map, frozen=True, tag="logistic"):
    """Logistic recalibration: ``intercept + slope * lp`` (Cox 1958; Platt 1999)."""

    intercept: float
    slope: Annotated[float, Meta(gt=0)]

    def before_link(self, lp: Number) -> Number:
        """Shifted and scaled linear predictor."""
        return self.intercept + self.slope * lp


class Table(_Map, frozen=True, tag="table"):
    """Piecewise-linear map of the probability; holds isotonic calibration and step tables.

    ``before`` ascends (a value given twice is a step), ``after`` does not decrease, both
    between 0 and 1.
    """

    before: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_KNOTS)]
    after: Annotated[tuple[float, ...], Meta(min_length=1, max_length=MAX_KNOTS)]

    def __post_init__(self) -> None:
        falls = any(b < a for a, b in pairwise(self.after))
        beyond = any(not 0.0 <= p <= 1.0 for p in (*self.before, *self.after))
        if falls or beyond:
            raise ModelError(
                "a calibration table must hold probabilities between 0 and 1 that do not "
                "decrease; make it with isotonic regression on out-of-fold predictions."
            )
        self._function  # noqa: B018  (an unusable table fails here, not at the first score)

    @cached_property
    def _function(self) -> Piecewise:
        return Piecewise(self.before, self.after, "calibration table")

    def after_link_one(self, probability: float) -> float:
        """Table looked up at one probability."""
        return self._function.one(probability)

    def after_link_many(self, probability: FloatArray) -> FloatArray:
        """Table looked up at each probability."""
        return self._function.many(probability)


Calibration = Identity | Logistic | Table
"""The kinds of calibration map that a stored program may name."""
