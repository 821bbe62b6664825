"""Whether two tables of results say the same, in whatever order and with the rounding of sums."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.scale.carried import as_plain

ROUNDING = 1e-12
"""Blocks of another size add the products of an interval in another order."""


def assert_alike(found: pa.Table, expected: pa.Table) -> None:
    """The same rows by person and day: text, lists and days equal, numbers but for rounding."""
    keys = [("person_id", "ascending"), ("as_of", "ascending")]
    found, expected = as_plain(found).sort_by(keys), as_plain(expected).sort_by(keys)
    assert found.column_names == expected.column_names
    assert found.num_rows == expected.num_rows
    for name in expected.column_names:
        one, other = found.column(name), expected.column(name)
        if pa.types.is_float64(other.type):
            assert pc.is_null(one).equals(pc.is_null(other)), name
            values = [np.asarray(pc.fill_null(c, 0.0)) for c in (one, other)]
            np.testing.assert_allclose(*values, rtol=ROUNDING, atol=ROUNDING, err_msg=name)
        else:
            assert one.to_pylist() == other.to_pylist(), name
