"""For whom and on which day a batch is wanted: days alone, as for one person."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.schema import EARLIEST
from risicoscreener.errors import DossierError
from risicoscreener.features.table import EPOCH, Index

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import DossierTables


def index_of(dossiers: DossierTables, index: Any) -> Index:
    """For whom and on which day, from whatever may say so.

    Raises
    ------
    DossierError
        If it is no index, names someone who is not in the dossiers, or holds anything but days
        from the birth of the person up to and including today. A time or a zone is refused.
    """
    if isinstance(index, Index):
        _check_arrays(index)
    elif not isinstance(index, dt.date):
        index = _frame_of(index)
        if index.empty and {"person_id", "as_of"} <= set(index.columns):  # of no type to speak of
            return Index(np.zeros(0, np.int32), np.zeros(0, np.int32))
    try:
        at = Index.of(dossiers, index)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DossierError(f"the index cannot be read: {error}") from None
    _check_days(dossiers, at)
    return at


def _frame_of(index: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(index, (pa.Table, pa.RecordBatch)):
        index = index.to_pandas()
    if not isinstance(index, pd.DataFrame):
        kind = type(index).__name__
        raise DossierError(
            f"the index is of type {kind}; expected a frame with person_id and as_of, or one day"
        )
    given = list(index.columns)
    twice = [name for name in ("person_id", "as_of") if given.count(name) > 1]
    if twice:
        raise DossierError(f"the index has the column {' and '.join(twice)} twice")
    if "as_of" in given:
        _check_has_no_time(index["as_of"])
    return index


def _check_arrays(index: Index) -> None:
    parts = (index.positions, index.days)
    sound = all(
        isinstance(part, np.ndarray) and part.ndim == 1 and np.issubdtype(part.dtype, np.integer)
        for part in parts
    )
    if not sound or len(index.positions) != len(index.days):
        raise DossierError("the index needs whole numbers: a position and a day for each row")


def _check_has_no_time(as_of: pd.Series[Any]) -> None:
    """No row has a time or a zone, which a conversion to days would cut off."""
    timed = _rows_with_time(as_of)
    if len(timed):
        row = int(timed[0])
        raise DossierError(
            f"index row {row}: as_of is {as_of.iloc[row]}; expected a day, without a time or a "
            f"zone ({len(timed)} row(s) like this)"
        )


def _rows_with_time(as_of: pd.Series[Any]) -> np.ndarray:
    """Rows of a column that hold an instant, or a bare number, instead of a day."""
    if as_of.dtype == object:
        return np.flatnonzero([_is_timed(value) for value in as_of])
    try:
        column = pa.array(as_of, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError):
        return np.zeros(0, np.intp)  # the conversion to days says what it cannot read
    if pa.types.is_integer(column.type) or getattr(column.type, "tz", None) is not None:
        return np.arange(len(column))
    if not pa.types.is_timestamp(column.type):
        return np.zeros(0, np.intp)
    timed = pc.not_equal(column, pc.floor_temporal(column, unit="day"))
    return np.flatnonzero(pc.fill_null(timed, False).to_numpy(zero_copy_only=False))


def _is_timed(value: Any) -> bool:
    if not isinstance(value, dt.datetime):
        return isinstance(value, (int, np.integer))
    if value != value:  # not a time: a missing day
        return False
    return value.tzinfo is not None or value.time() != dt.time()


def _check_days(dossiers: DossierTables, at: Index) -> None:
    """Each day lies after the birth of its person and has come."""
    born = dossiers.tables["persons"].column("birth_date").combine_chunks().cast(pa.int32())
    first = np.maximum(born.to_numpy()[at.positions], (EARLIEST - EPOCH).days)
    today = (dt.date.today() - EPOCH).days
    wrong = np.flatnonzero((at.days < first) | (at.days > today))
    if len(wrong):
        row = int(wrong[0])
        day = np.datetime64(int(at.days[row]), "D")
        raise DossierError(
            f"index row {row}: as_of is {day}; expected a day after the birth of "
            f"{dossiers.person_ids[int(at.positions[row])]}, up to and including today "
            f"({len(wrong)} row(s) like this)"
        )
