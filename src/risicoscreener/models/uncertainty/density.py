"""Support of programs without leverage: a distance to what is typical, measured once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError

if TYPE_CHECKING:
    from risicoscreener.models.support import Support

QUANTILE = 0.999


def with_distance(
    support: Support, matrix: npt.ArrayLike, *, quantile: float = QUANTILE
) -> Support:
    """Support that also looks how far all features together are from typical.

    Parameters
    ----------
    support
        With the typical values.
    matrix
        ``(n, F)`` training data in the order of ``support.features``, NaN for unknown. Only the
        standard deviation of each feature and one quantile are kept: nothing of one person.
    quantile
        Share of the training data that lies within the limit.

    Raises
    ------
    ModelError
        For a matrix of other columns, or a feature that is unknown for everyone.
    """
    x = np.asarray(matrix, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != len(support.features) or np.isnan(x).all(axis=0).any():
        raise ModelError(
            f"a matrix of shape {x.shape} was given; expected (n, {len(support.features)}) with "
            "some known value in each column."
        )
    spread = np.nanstd(x, axis=0)
    spread[spread == 0] = 1.0  # a constant feature: any other value is out of its range
    measured = msgspec.structs.replace(support, spreads=tuple(spread.tolist()))
    limit = float(np.quantile(measured.distances(x), quantile))
    return msgspec.structs.replace(measured, max_distance=limit)
