"""Screening with Dask: a folder of dossiers in parts, or a Dask DataFrame of nested dossiers.

Partitions hold whole people, so that each is screened by itself; the scheduler may be threads,
processes or a `distributed` cluster. The answers are those of `Screener.screen_many`, in the
order of the partitions.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import DossierError
from risicoscreener.scale.checks import check_on_error, needed
from risicoscreener.screening.screener import DEFAULT_DECISION

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from dask.dataframe import DataFrame

    from risicoscreener.dossier.assembling import OnError
    from risicoscreener.scale.batches import Screen
    from risicoscreener.scale.parts import PartJob, ScreenPart
    from risicoscreener.screening import Screener


def screen(
    dossiers: str | Path | DataFrame,
    decision: str = DEFAULT_DECISION,
    as_of: dt.date | str | pa.Table | None = None,
    *,
    screener: Screener | None = None,
    on_error: OnError = "raise",
) -> DataFrame:
    """Screen dossiers with Dask; nothing is computed before it is asked for.

    Parameters
    ----------
    dossiers
        A folder with dossiers in parts that every worker can reach, each a partition; or a Dask
        DataFrame of nested dossiers, such as ``dask.dataframe.read_parquet`` gives of what
        `DossierTables.to_nested` made (with ``dtype_backend="pyarrow"``), each person in one row:
        that is seen within a partition alone.
    decision
        Kind of decision.
    as_of
        One day for everyone; for a folder also an Arrow table with ``person_id`` and ``as_of``. By
        default the column as_of of nested dossiers (a day or a list of days), else today.
    screener
        What screens; that with what the package ships by default.
    on_error
        ``raise`` on any problem in a dossier, or ``quarantine``: set bad rows apart and count them.

    Returns
    -------
    dask.dataframe.DataFrame
        The columns of `ScreenedTable.to_arrow` as Arrow types of pandas, codes as text.

    Raises
    ------
    DossierError, PolicyError
        For what can be seen before Dask runs; what a worker finds is raised when it computes.
    PartError
        If a part of a folder shares a person with another.
    ScaleError
        If dask is not installed.
    """
    from risicoscreener.scale.carried import CarriedScreener

    frames = needed("dask.dataframe", "dask", "Dask")
    check_on_error(on_error)
    carried = CarriedScreener.of(screener, decision)
    meta = as_pandas(carried.schema().empty_table())
    if isinstance(dossiers, (str, Path)):
        from risicoscreener.scale.parts import ScreenPart, jobs_of

        work = ScreenPart(carried, on_error, 1)
        return frames.from_map(_of_part, jobs_of(dossiers, as_of), work=work, meta=meta)
    return _screen_nested(dossiers, carried, as_of, on_error, meta)


def as_pandas(table: pa.Table) -> pd.DataFrame:
    """A table as a pandas frame that keeps the types of Arrow, lists among them."""
    import pandas as pd

    from risicoscreener.scale.carried import as_plain

    return as_plain(table).to_pandas(types_mapper=pd.ArrowDtype)


def _screen_nested(
    dossiers: Any, carried: Any, as_of: Any, on_error: OnError, meta: pd.DataFrame
) -> DataFrame:
    from risicoscreener.scale.batches import AS_OF, Reading, Screen

    if not hasattr(dossiers, "map_partitions") or not hasattr(dossiers, "columns"):
        kind = type(dossiers).__name__
        raise DossierError(f"expected a folder or a Dask DataFrame of nested dossiers, not {kind}")
    if as_of is not None and not isinstance(as_of, (str, dt.date)):
        kind = type(as_of).__name__
        raise DossierError(
            f"as_of is of type {kind}; expected one day, or a column as_of of the nested dossiers"
        )
    reading = Reading.of(on_error, as_of, has_days=AS_OF in dossiers.columns)
    return dossiers.map_partitions(_of_nested, Screen(carried, reading), meta=meta)


def _of_part(job: PartJob, work: ScreenPart) -> pd.DataFrame:
    return as_pandas(work(job))


def _of_nested(nested: pd.DataFrame, work: Screen) -> pd.DataFrame:
    import pyarrow as pa

    return as_pandas(work(pa.Table.from_pandas(nested, preserve_index=False)))
