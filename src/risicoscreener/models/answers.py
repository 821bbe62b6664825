"""What a scoring program says: of one person as plain records, of many people as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import SupportColumns, SupportResult


class Interval(Struct, frozen=True, gc=False):
    """Interval of one probability. ``standard_error`` is of the linear predictor."""

    lower: float
    upper: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of ``n`` probabilities, each an array of shape ``(n,)``."""

    lower: FloatArray
    upper: FloatArray
    standard_error: FloatArray


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of ``n`` rows; ``contributions`` is ``(n, F)``, or None if not asked."""

    probability: FloatArray
    linear_predictor: FloatArray
    contributions: FloatArray | None = None


class Assessment(Struct, frozen=True, gc=False):
    """All that a program says about one person: score, contributions, interval and support.

    ``interval`` is None if the program carries no uncertainty.
    """

    probability: float
    linear_predictor: float
    contributions: list[float]
    interval: Interval | None
    support: SupportResult | None


@dataclass(frozen=True, slots=True)
class Assessments:
    """All that a program says about ``n`` people, as columns."""

    scores: Scores
    intervals: Intervals | None
    support: SupportColumns | None
