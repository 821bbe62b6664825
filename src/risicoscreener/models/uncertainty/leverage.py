"""Which features make the leverage of a person large: what it would be if each were typical."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, NamedTuple

from risicoscreener.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.missing.patterns import PatternSubmodels
    from risicoscreener.models.program import ScoringProgram


class LeveragePart(NamedTuple):
    """What one feature does to the leverage of a person.

    Attributes
    ----------
    value, typical
        Its value (NaN is unknown), and that of the training data.
    falls_by
        Share of the leverage that would go if the value were typical: at most 1, and negative
        for a value that lies closer to the other values of the person than the typical one.
    """

    feature: str
    value: float
    typical: float
    falls_by: float


def explain_leverage(
    program: ScoringProgram | PatternSubmodels, values: Sequence[float]
) -> tuple[LeveragePart, ...]:
    """What each feature does to the leverage: those that raise it most come first.

    The leverage, the variance of the linear predictor, is a distance to the training data in
    which features count together; so it is not a sum of one part per feature. Each feature is
    set to its typical value in turn, all others as they are.

    Parameters
    ----------
    program
        With uncertainty (a covariance or an ensemble) and support.
    values
        One number per feature; NaN is unknown.

    Raises
    ------
    ModelError
        If the program has no uncertainty or no support, or for wrong values as in `score_one`.
    """
    if program.uncertainty is None or program.support is None:
        raise ModelError("leverage needs a program with uncertainty and support; fit it with both.")
    typical = [r.typical for r in program.support.ranges]
    leverage = _leverage(program, values)
    if not leverage > 0:
        return ()
    falls = [
        1.0 - _leverage(program, [*values[:i], usual, *values[i + 1 :]]) / leverage
        for i, usual in enumerate(typical)
    ]
    found = [
        LeveragePart(feature, nan if isnan(x) else float(x), usual, fall)
        for feature, x, usual, fall in zip(program.features, values, typical, falls, strict=True)
    ]
    return tuple(sorted(found, key=lambda part: -part.falls_by))


def _leverage(program: ScoringProgram | PatternSubmodels, values: Sequence[float]) -> float:
    """Variance of the linear predictor; NaN if the program that scores these values has none."""
    interval = program.interval_one(values)
    return nan if interval is None else interval.standard_error**2
