"""Decimals as the nearest double, as Python reads them.

Arrow's own cast multiplies by a power of ten that no double has, and so misses the nearest double
of one amount in cents in three, by the last bit: an amount from a database would not equal the
same amount from a file.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

EXACT_POWERS = range(23)
"""Powers of ten that a double holds exactly; then one division rounds once, to the nearest."""


def as_floats(values: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of decimals as doubles, each the nearest to what was written."""
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    return pa.chunked_array([_floats(chunk) for chunk in chunks], pa.float64())


def _floats(values: pa.Array) -> pa.Array:
    try:
        if pa.types.is_decimal128(values.type) and values.type.scale in EXACT_POWERS:
            counted = _unscaled(values).cast(pa.int64()).cast(pa.float64())
            return pc.divide(counted, 10.0**values.type.scale)
    except pa.ArrowInvalid:  # more digits than a double holds
        pass
    return values.cast(pa.string()).cast(pa.float64())


def _unscaled(values: pa.Array) -> pa.Array:
    """The whole numbers that decimals are stored as."""
    kind = pa.decimal128(38, 0)
    return pa.Array.from_buffers(kind, len(values), values.buffers(), offset=values.offset)
