"""For whom and on which day pictures are wanted: days alone, without a time or a zone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.casting import as_one, is_text, python_value
from risicoscreener.dossier.frames import (
    NoFrameError,
    as_arrow,
    first_line,
    is_pandas,
    without_extension,
)
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import DossierError

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier.tables import DossierTables

Values: TypeAlias = "pa.Array | pd.Series[Any]"


@dataclass(frozen=True)
class Index:
    """For whom and on which day: one row for each picture wanted.

    Attributes
    ----------
    positions
        Position of the person in the persons table, shape (n,), int32.
    days
        Day in days since 1970-01-01, shape (n,), int32.
    """

    positions: np.ndarray
    days: np.ndarray

    def __len__(self) -> int:
        return len(self.positions)

    @classmethod
    def same_day(cls, dossiers: DossierTables, as_of: dt.date) -> Index:
        """Everyone, on one day."""
        n = dossiers.n_persons
        return cls(np.arange(n, dtype=np.int32), np.full(n, (as_of - EPOCH).days, dtype=np.int32))

    @classmethod
    def of(cls, dossiers: DossierTables, index: Any) -> Index:
        """An index from whatever says for whom and when: one day, a frame or an index.

        Raises
        ------
        DossierError
            If it is no index, names someone who is not in the dossiers, or holds anything but
            days: a time or a zone is refused.
        """
        if isinstance(index, Index):
            _check_arrays(index)
            _check_positions(index.positions, dossiers.n_persons)
            return index
        if isinstance(index, dt.date) and not isinstance(index, dt.datetime):
            return cls.same_day(dossiers, index)
        return cls.from_frame(dossiers, index)

    @classmethod
    def from_frame(cls, dossiers: DossierTables, frame: Any) -> Index:
        """From a frame of any library with columns `person_id` and `as_of` (days).

        Raises
        ------
        DossierError
            If a column is absent, a person is not in the dossiers, or a day is missing.
        """
        given_ids, as_of = _columns_of(frame)
        if not len(as_of):  # of no type to speak of
            return cls(np.zeros(0, np.int32), np.zeros(0, np.int32))
        _check_has_no_time(as_of)
        try:
            ids = _array_of(given_ids).cast(pa.string())
            ids.validate(full=True)  # that its bytes are text
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise DossierError(f"the index cannot be read: {error}") from None
        found = pc.index_in(ids, dossiers.person_ids)
        if found.null_count:
            row = int(np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False))[0])
            raise DossierError(f"index row {row}: person {ids[row]} is not in the dossiers")
        return cls(found.to_numpy().astype(np.int32), _days(as_of))


def _check_positions(positions: np.ndarray, n: int) -> None:
    outside = (positions < 0) | (positions >= n)
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        raise DossierError(f"index row {row}: position {positions[row]}; expected 0 to {n - 1}")


def _days(as_of: Values) -> np.ndarray:
    try:
        days = _array_of(as_of)
        if is_text(days.type):
            days = days.cast(pa.string())
        days = days.cast(pa.date32())
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DossierError(f"the index column as_of has no dates: {error}") from None
    if days.null_count:
        row = int(np.flatnonzero(days.is_null().to_numpy(zero_copy_only=False))[0])
        raise DossierError(f"index row {row}: as_of is missing; expected a date")
    return days.cast(pa.int32()).to_numpy().astype(np.int32)


def _check_arrays(index: Index) -> None:
    parts = (index.positions, index.days)
    sound = all(
        isinstance(part, np.ndarray) and part.ndim == 1 and np.issubdtype(part.dtype, np.integer)
        for part in parts
    )
    if not sound or len(index.positions) != len(index.days):
        raise DossierError("the index needs whole numbers: a position and a day for each row")


def _columns_of(index: Any) -> tuple[Values, Values]:
    """The columns `person_id` and `as_of` of a frame of any library."""
    frame = index if is_pandas(index) else _arrow_of(index)
    given = list(frame.columns) if is_pandas(index) else frame.column_names
    twice = [name for name in ("person_id", "as_of") if given.count(name) > 1]
    if twice:
        raise DossierError(f"the index has the column {' and '.join(twice)} twice")
    lacking = {"person_id", "as_of"} - set(given)
    if lacking:
        raise DossierError(f"the index has no column {' and '.join(sorted(lacking))}")
    if is_pandas(index):
        return frame["person_id"], frame["as_of"]
    ids, as_of = (as_one(without_extension(frame.column(n))) for n in ("person_id", "as_of"))
    return ids, as_of


def _arrow_of(index: Any) -> pa.Table:
    try:
        return as_arrow(index)
    except NoFrameError:
        kind = type(index).__name__
        raise DossierError(
            f"the index is of type {kind}; expected a frame with person_id and as_of, or one day"
        ) from None
    except Exception as error:
        # Its library may compute it only now, and raises what it likes.
        raise DossierError(f"the index cannot be read: {first_line(error)}") from error


def _array_of(values: Values) -> pa.Array:
    given = values if isinstance(values, pa.Array) else as_one(pa.array(values, from_pandas=True))
    # Of what is coded, such as a categorical of pandas, Arrow would cut the times off unseen.
    return given.dictionary_decode() if pa.types.is_dictionary(given.type) else given


def _check_has_no_time(as_of: Values) -> None:
    """No row has a time or a zone, which a conversion to days would cut off."""
    timed = _rows_with_time(as_of)
    if len(timed):
        row = int(timed[0])
        is_arrow = isinstance(as_of, pa.Array)
        shown = python_value(as_of[row]) if is_arrow else as_of.iloc[row]
        raise DossierError(
            f"index row {row}: as_of is {shown}; expected a day, without a time or a "
            f"zone ({len(timed)} row(s) like this)"
        )


def _rows_with_time(as_of: Values) -> np.ndarray:
    """Rows of a column that hold an instant, or a bare number, instead of a day."""
    if not isinstance(as_of, pa.Array) and as_of.dtype == object:
        return np.flatnonzero([_is_timed(value) for value in as_of])
    try:
        column = _array_of(as_of)
    except (pa.ArrowException, TypeError, ValueError):
        return np.zeros(0, np.intp)  # the conversion to days says what it cannot read
    if pa.types.is_integer(column.type) or getattr(column.type, "tz", None) is not None:
        return np.arange(len(column))
    if pa.types.is_date64(column.type):
        column = column.view(pa.timestamp("ms"))
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
