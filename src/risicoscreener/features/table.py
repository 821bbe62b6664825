"""Features of many people on given days: the entry that data scientists use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.tables import DossierTables
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.index import Index
from risicoscreener.features.many import compute_many

if TYPE_CHECKING:
    import pandas as pd


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

    def to_arrow(self) -> pa.Table:
        """A row for each picture: person_id, as_of, and a column for each feature, null if unknown.

        Where the values of a feature lie next to each other, as in what `compute_features` gives,
        they are not copied.
        """
        columns: dict[str, Any] = {
            "person_id": self.person_ids,
            "as_of": pa.array(self.days, pa.int32()).cast(pa.date32()),
        }
        for place, name in enumerate(self.names):
            columns[name] = pa.array(self.values[:, place], from_pandas=True)
        return pa.table(columns)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """`to_arrow` for a library that reads Arrow streams, as in ``pl.DataFrame(found)``."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

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
    index: Any,
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
        Frame of any library with `person_id` and `as_of`, an `Index`, or one day for everyone.
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
