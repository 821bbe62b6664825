"""Free parameters of a fit: single numbers, by path, on a scale on which they have no limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from risicoscreener.errors import DataError
from risicoscreener.synthetic.parameters import Parameters

_SHARES = frozenset(("share", "shares", "share_list"))
_POSITIVE = frozenset(("positive", "positives", "non_negative", "gamma", "weights"))
_POSITIVE_NAMES = frozenset(("sigma",))
_EDGE = 0.001
"""A share that is fitted stays this far from none and from all."""
_FARTHEST_FACTOR = 50.0
_FARTHEST_LOG_ODDS = 8.0
_STEP_ON_LOG_SCALE = 0.15
_LEAST_STEP = 0.01


@dataclass(frozen=True)
class Lever:
    """A number among the parameters that a fit may move.

    Attributes
    ----------
    path
        Such as ``people.female_share``, or ``outcomes.any_2y.intercept`` for one number in a table.
    value
        Where it stands before the fit.
    least, most
        Its limits, which follow from the kind of the parameter.
    scale
        ``logit`` for shares, ``log`` for what is above zero, ``plain`` for coefficients.
    """

    path: str
    value: float
    least: float
    most: float
    scale: str

    @property
    def step(self) -> float:
        """A step on the scale of the fit that moves the target clearly, and not far."""
        if self.scale != "plain" or self.path.endswith(".intercept"):
            return _STEP_ON_LOG_SCALE
        return max(_STEP_ON_LOG_SCALE * abs(self.value), _LEAST_STEP)

    def to_scale(self, value: float) -> float:
        """A value on the scale of the fit."""
        if self.scale == "logit":
            return float(np.log(value / (1.0 - value)))
        return float(np.log(value)) if self.scale == "log" else value

    def from_scale(self, x: float) -> float:
        """The value at a place on the scale of the fit, within the limits."""
        if self.scale == "logit":
            value = 1.0 / (1.0 + np.exp(-x))
        else:
            value = np.exp(x) if self.scale == "log" else x
        return float(np.clip(value, self.least, self.most))


def lever(path: str, parameters: Parameters) -> Lever:
    """The number at a path, with limits by the kind of its parameter.

    Raises
    ------
    DataError
        If there is no number at the path.
    """
    entry, name = _split(path, parameters)
    parameter = parameters.entries[entry]
    value = _number(parameter.value, name, path)
    if parameter.kind in _SHARES:
        low, high, scale = _EDGE, 1.0 - _EDGE, "logit"
    elif value > 0 and (parameter.kind in _POSITIVE or name in _POSITIVE_NAMES):
        low, high, scale = value / _FARTHEST_FACTOR, value * _FARTHEST_FACTOR, "log"
    else:
        low, high, scale = value - _FARTHEST_LOG_ODDS, value + _FARTHEST_LOG_ODDS, "plain"
    least, most = (_limit(parameters, limit, name) for limit in (parameter.least, parameter.most))
    return Lever(
        path,
        value,
        low if least is None else max(low, least),
        high if most is None else min(high, most),
        scale,
    )


def moved(
    changes: Mapping[str, Any], levers: Sequence[Lever], values: Sequence[float]
) -> dict[str, Any]:
    """Changes with each lever at a value; levers come last, as they may lie inside a change."""
    ours = {one.path: value for one, value in zip(levers, values, strict=True)}
    return {path: value for path, value in changes.items() if path not in ours} | ours


def _split(path: str, parameters: Parameters) -> tuple[str, str]:
    """The parameter that a path leads to, and the name inside its table if it goes further."""
    if path in parameters.entries:
        return path, ""
    entry, _, name = path.rpartition(".")
    if entry not in parameters.entries:
        raise DataError(f"there is no parameter {path!r}; parameters.toml names all of them")
    return entry, name


def _number(value: Any, name: str, path: str) -> float:
    found = value.get(name, 0.0) if name and isinstance(value, Mapping) else value
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise DataError(f"{path} is {found!r}; expected a number, as a fit can move nothing else")
    return float(found)


def _limit(parameters: Parameters, limit: Any, name: str) -> float | None:
    """A limit of a parameter: a number, that of another parameter, or one for each name."""
    if isinstance(limit, Mapping):
        limit = limit.get(name)
    limit = parameters[limit] if isinstance(limit, str) else limit
    return None if limit is None else float(limit)
