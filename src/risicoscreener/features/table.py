"""Features of many people on given days: the entry that data scientists use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.tables import DossierTables
from risicoscreener.errors import DossierError
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.many import compute_many

if TYPE_CHECKING:
    import pandas as pd

EPOCH = dt.date(1970, 1, 1)


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
    def of(cls, dossiers: DossierTables, index: pd.DataFrame | Index | dt.date) -> Index:
        """An index from whatever says for whom and when; see `same_day` and `from_frame`.

        Raises
        ------
        DossierError
            If it names someone who is not in the dossiers, or a day is missing.
        """
        if isinstance(index, Index):
            _check_positions(index.positions, dossiers.n_persons)
            return index
        if isinstance(index, dt.date):
            return cls.same_day(dossiers, index)
        return cls.from_frame(dossiers, index)

    @classmethod
    def from_frame(cls, dossiers: DossierTables, frame: pd.DataFrame) -> Index:
        """From a frame with columns `person_id` and `as_of` (dates).

        Raises
        ------
        DossierError
            If a column is absent, a person is not in the dossiers, or a day is missing.
        """
        lacking = {"person_id", "as_of"} - set(frame.columns)
        if lacking:
            raise DossierError(f"the index has no column {' and '.join(sorted(lacking))}")
        ids = pa.array(frame["person_id"], from_pandas=True).cast(pa.string())
        found = pc.index_in(ids, dossiers.person_ids)
        if found.null_count:
            row = int(np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False))[0])
            raise DossierError(f"index row {row}: person {ids[row]} is not in the dossiers")
        return cls(found.to_numpy().astype(np.int32), _days(frame["as_of"]))


def _check_positions(positions: np.ndarray, n: int) -> None:
    outside = (positions < 0) | (positions >= n)
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        raise DossierError(f"index row {row}: position {positions[row]}; expected 0 to {n - 1}")


def _days(as_of: pd.Series) -> np.ndarray:
    try:
        days = pa.array(as_of, from_pandas=True)
        if pa.types.is_string(days.type) or pa.types.is_large_string(days.type):
            days = days.cast(pa.string())
        days = days.cast(pa.date32())
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise DossierError(f"the index column as_of has no dates: {error}") from None
    if days.null_count:
        row = int(np.flatnonzero(days.is_null().to_numpy(zero_copy_only=False))[0])
        raise DossierError(f"index row {row}: as_of is missing; expected a date")
    return days.cast(pa.int32()).to_numpy().astype(np.int32)


@dataclass(frozen=True)
class FeatureTable:
    """Values of features for index rows.

    Attributes
    ----------
    names
        The features, in the order of the columns.
    values
        Shape (n, len(names)), float64, NaN where unknown.
    person_ids, days
        Who and when, shape (n,).
    """

    names: tuple[str, ...]
    values: np.ndarray
    person_ids: pa.Array
    days: np.ndarray
    catalogue: Catalogue

    @property
    def missing(self) -> np.ndarray:
        """Where a value is unknown, shape of ``values``, bool."""
        return np.isnan(self.values)

    def to_frame(self) -> pd.DataFrame:
        """A frame indexed by person_id and as_of, a column for each feature."""
        import pandas as pd

        as_of = pd.to_datetime(np.asarray(self.days, dtype="datetime64[D]"))
        rows = pd.MultiIndex.from_arrays(
            [self.person_ids.to_pandas(), as_of], names=["person_id", "as_of"]
        )
        return pd.DataFrame(self.values, index=rows, columns=list(self.names))

    def missingness(self) -> pd.DataFrame:
        """For each feature how many values are unknown, and which share."""
        import pandas as pd

        unknown = self.missing.sum(axis=0)
        share = unknown / max(len(self.values), 1)
        groups = [self.catalogue[name].group for name in self.names]
        return pd.DataFrame(
            {"group": groups, "unknown": unknown, "share": share},
            index=pd.Index(self.names, name="feature"),
        )


def compute_features(
    dossiers: DossierTables,
    index: pd.DataFrame | Index | dt.date,
    names: Sequence[str] | None = None,
    *,
    definitions: Catalogue | None = None,
    n_threads: int | None = None,
    on_block: Callable[[int], None] | None = None,
) -> FeatureTable:
    """Features of many people, each on their own day, using only what was known on that day.

    Parameters
    ----------
    dossiers
        Validated tables.
    index
        Frame with `person_id` and `as_of`, an `Index`, or one day for everyone.
    names
        Features wanted; all of the catalogue by default.
    definitions
        Catalogue to take them from; the shipped one by default.
    n_threads, on_block
        See `many.compute_many`.

    Raises
    ------
    FeatureError
        For an unknown feature.
    DossierError
        For an index that does not fit the dossiers.
    """
    chosen = catalogue() if definitions is None else definitions
    plan = chosen.plan(list(names) if names is not None else None)
    at = Index.of(dossiers, index)
    values = compute_many(
        plan, dossiers, at.positions, at.days, n_threads=n_threads, on_block=on_block
    )
    ids = dossiers.person_ids.take(pa.array(at.positions))
    return FeatureTable(plan.names, values, ids, at.days, chosen)
