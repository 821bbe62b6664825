"""Which facts count on a day: recorded by then, and neither withdrawn nor replaced by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeVar

from risicoscreener.dossier.record import Dossier, Fact

_Fact = TypeVar("_Fact", bound=Fact)


def superseded(rows: Sequence[Any], as_of: dt.date) -> frozenset[str]:
    """Ids of the facts that a fact recorded by ``as_of`` has replaced."""
    return frozenset(
        row.supersedes for row in rows if row.supersedes is not None and row.recorded_at <= as_of
    )


def visible(rows: Sequence[_Fact], as_of: dt.date) -> list[tuple[int, _Fact]]:
    """The facts of a table known by ``as_of``, neither withdrawn nor replaced, and their positions.

    They are what features are computed of.
    """
    gone = superseded(rows, as_of)
    return [
        (position, row)
        for position, row in enumerate(rows)
        if row.recorded_at <= as_of and not row.void and row.fact_id not in gone
    ]


def is_consulted(dossier: Dossier, table: str, as_of: dt.date) -> bool:
    """Whether nothing in a table means that there is nothing: it has facts, or was looked up."""
    if visible(getattr(dossier, table), as_of):
        return True
    inquiries = visible(dossier.inquiries, as_of)
    return any(row.subject == table and row.complete for _, row in inquiries)
