"""Where two plain values differ."""

from __future__ import annotations

import math

ROUNDING = 1e-9
"""The interval is one matrix product for many and one vector product for one."""


def differences(one: object, other: object, place: str = "") -> list[str]:
    """Places at which two plain values differ; numbers may differ by rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return [f"{place}: {sorted(one.keys() ^ other.keys())}"]
        return [
            found for key in one for found in differences(one[key], other[key], f"{place}.{key}")
        ]
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return [f"{place}: {len(one)} against {len(other)}"]
        pairs = enumerate(zip(one, other, strict=True))
        return [found for i, (a, b) in pairs for found in differences(a, b, f"{place}[{i}]")]
    if isinstance(one, float) and isinstance(other, float):
        same = math.isclose(one, other, rel_tol=ROUNDING, abs_tol=ROUNDING)
    else:
        same = type(one) is type(other) and one == other
    return [] if same else [f"{place}: {one!r} against {other!r}"]
