"""Screening of many dossiers: blocks of index rows, each in a thread, columns out."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.schema import EARLIEST
from risicoscreener.errors import DossierError
from risicoscreener.features.many import BLOCK, EventTables
from risicoscreener.features.table import EPOCH, Index
from risicoscreener.screening.block import Block
from risicoscreener.screening.table import ScreenedTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from risicoscreener.screening.route import Route


def screen_many(
    route: Route,
    dossiers: DossierTables,
    index: pd.DataFrame | Index | dt.date,
    *,
    n_threads: int | None = None,
    on_block: Callable[[int, int], None] | None = None,
) -> ScreenedTable:
    """Screen many dossiers along a route; see `Screener.screen_many`."""
    at = Index.of(dossiers, index)
    _check_days(dossiers, at)
    events = EventTables(dossiers)
    events.prepare(route.plan)
    screened = ScreenedTable(route, events, at)
    n = len(at)
    bounds = [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]

    def work(rows: slice) -> int:
        screened.fill(Block(route, events, at.positions[rows], at.days[rows]), rows.start)
        return rows.stop - rows.start

    # The blocks are the parallel work: threads inside the linear algebra would only wait.
    with (
        threadpool_limits(1, "blas"),
        ThreadPoolExecutor(n_threads or os.cpu_count() or 1) as pool,
    ):
        for done in pool.map(work, bounds):
            if on_block is not None:
                on_block(done, n)
    return screened


def tables_of(dossiers: DossierTables | Mapping[str, Any]) -> DossierTables:
    """Tables as they are, or validated from frames (pandas or Arrow) by table name.

    Raises
    ------
    DossierError
        If they are not those of dossiers.
    """
    if isinstance(dossiers, DossierTables):
        return dossiers
    try:
        frames = dict(dossiers)
    except (TypeError, ValueError):
        kind = type(dossiers).__name__
        raise DossierError(f"expected dossier tables or frames by table name, not {kind}") from None
    if all(isinstance(frame, (pa.Table, pa.RecordBatch)) for frame in frames.values()):
        return DossierTables.from_arrow(frames)
    return DossierTables.from_pandas(frames)


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
