"""Screening of many dossiers: blocks of index rows, each in a thread, columns out."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from risicoscreener.dossier import DossierTables
from risicoscreener.errors import DossierError
from risicoscreener.features.many import BLOCK
from risicoscreener.screening.block import Block
from risicoscreener.screening.table import ScreenedTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from risicoscreener.screening.route import Route
    from risicoscreener.screening.sources import Source


def screen_many(
    route: Route,
    source: Source,
    *,
    n_threads: int | None = None,
    on_block: Callable[[int, int], None] | None = None,
) -> ScreenedTable:
    """Screen all rows of a source along a route; see `Screener.screen_many`."""
    screened = ScreenedTable(route, source)
    n = len(screened)
    bounds = [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]

    def work(rows: slice) -> int:
        screened.fill(Block(route, source, rows), rows.start)
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


def tables_of(
    dossiers: DossierTables | Mapping[str, Any], today: dt.date | None = None
) -> DossierTables:
    """Tables as they are, or validated from frames of any library by table name.

    No fact of a frame was recorded after today, which is the day of the machine by default.

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
    last = dt.date.today() if today is None else today
    return DossierTables.from_frames(frames, recorded_by=last)
