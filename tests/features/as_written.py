"""What is written of features, and of where their values for one dossier come from.

    PYTHONPATH=src:tests python -m features.as_written     # after a change that is meant

The dossier is a made-up one, `as_written/dossier.json`; the other files are for a reader to look at
when they change.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.features import catalogue, lineage
from risicoscreener.features.wording import formula
from written import write

FOLDER = Path(__file__).parent / "as_written"
DAY = dt.date(2025, 6, 1)


@cache
def _dossier() -> Dossier:
    return read_dossier((FOLDER / "dossier.json").read_text("utf-8"))


@cache
def _names() -> tuple[str, ...]:
    """Of each way of making a value from each table the first feature."""
    found = {
        (f.table, f.aggregate, f.since_arrival): n for n, f in reversed([*catalogue().items()])
    }
    return tuple(found.values())


def _lineages(lang: str) -> str:
    return "\n".join(lineage(_dossier(), name, DAY).text(lang) for name in _names())


def _as_data() -> str:
    rows = [lineage(_dossier(), name, DAY).to_dict() for name in _names()]
    return "\n".join(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)


def _formulas() -> str:
    return "\n".join(f"{name}: {formula(catalogue()[name])}" for name in _names())


DOCUMENTS: dict[str, Callable[[], str]] = {
    "formulas.txt": _formulas,
    "lineage.nl.txt": partial(_lineages, "nl"),
    "lineage.en.txt": partial(_lineages, "en"),
    "lineage.jsonl": _as_data,
}


if __name__ == "__main__":
    write(DOCUMENTS, FOLDER)
