"""Marginals: how often rows, codes, numbers and intervals occur, table by table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.dossier.schema import Column, tables
from risicoscreener.synthetic.fidelity.facts import UNKNOWN, Facts
from risicoscreener.synthetic.fidelity.showing import Shown
from risicoscreener.synthetic.stages.draws import Array

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from risicoscreener.dossier.tables import DossierTables

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PERSON = "person"
_COLUMNS = ["table", "quantity", "statistic", "value", "spread", "people"]
_LINKS = ("fact_id", "supersedes")


@dataclass(frozen=True, repr=False)
class Marginals(Shown):
    """Distributions of single quantities.

    Attributes
    ----------
    frame
        One row for each table, quantity and statistic: ``mean`` and quantiles (``q05`` … ``q95``)
        of a number, or ``share of <code>``. ``value``, ``spread`` (standard deviation of one
        value; NaN for a quantile) and ``people`` (how many contribute, each of them perhaps with
        several rows).
    """

    frame: pd.DataFrame
    title = "Marginals"


def marginals(dossiers: DossierTables, quantities: pd.DataFrame) -> Marginals:
    """The marginals of all tables as they stand, and of person-level quantities."""
    import pandas as pd

    found = [_summaries(_of_people(quantities), len(quantities))]
    for name in tables():
        facts = Facts.standing(dossiers, name)
        found.append(_summaries(_of_table(name, facts), facts.n_persons, facts))
    rows = [row for part in found for row in part]
    return Marginals(pd.DataFrame(rows, columns=_COLUMNS))


Named = tuple[str, str, Any]
"""Table, quantity, and its values: numbers, or places in a list of codes together with it."""


def _of_people(quantities: pd.DataFrame) -> Iterator[Named]:
    for name, column in quantities.items():
        if column.dtype == "category":
            places = column.cat.codes.to_numpy()
            yield PERSON, str(name), (places, tuple(map(str, column.cat.categories)))
        else:
            yield PERSON, str(name), column.to_numpy()


def _of_table(name: str, facts: Facts) -> Iterator[Named]:
    """What there is to know of a table; values of rows, not of people."""
    for column in facts.spec.columns.values():
        values = _values(facts, column)
        if values is not None:
            yield name, column.name, values
    for first, second in facts.spec.order:
        yield name, f"{first} to {second} (days)", facts.days(second) - facts.days(first)


def _values(facts: Facts, column: Column) -> Any:
    if column.kind == "code":
        return facts.codes(column.name), column.codes
    if column.kind in ("integer", "number", "flag"):
        return facts.numbers(column.name)
    if column.kind == "text" and column.name not in _LINKS:
        return _by_frequency(facts.texts(column.name))
    return None


def _by_frequency(texts: pa.Array) -> tuple[Array, tuple[str, ...]]:
    """Texts as the commonest and all others: names differ between places, concentration may not."""
    encoded = texts.dictionary_encode()
    places = encoded.indices.fill_null(UNKNOWN).to_numpy(zero_copy_only=False)
    if not len(encoded.dictionary):
        return places, ()
    most = int(np.argmax(np.bincount(places[places != UNKNOWN])))
    return np.where(places == UNKNOWN, UNKNOWN, places != most), ("commonest value", "other values")


def _summaries(
    named: Iterator[Named], n_persons: int, facts: Facts | None = None
) -> Iterator[tuple[Any, ...]]:
    if facts is not None:
        rows = facts.count()
        yield from _of_numbers(facts.spec.name, "rows per person", rows, n_persons)
    for table, quantity, values in named:
        if isinstance(values, tuple):
            places, codes = values
            yield from _of_codes(table, quantity, places, codes, _people(facts, n_persons))
        else:
            yield from _of_numbers(table, quantity, values, _people(facts, n_persons, values))


def _people(facts: Facts | None, n_persons: int, values: Array | None = None) -> int:
    if facts is None:
        return n_persons if values is None else int((~np.isnan(values)).sum())
    owner = facts.owner if values is None else facts.owner[~np.isnan(values)]
    # Rows stand in the order of the persons.
    return int((np.diff(owner, prepend=-1) != 0).sum())


def _of_codes(
    table: str, quantity: str, places: Array, codes: tuple[str, ...], people: int
) -> Iterator[tuple[Any, ...]]:
    counts = np.bincount(places.astype(np.int64) + 1, minlength=len(codes) + 1)
    shares = counts / max(len(places), 1)
    spread = np.sqrt(shares * (1.0 - shares))
    for code, share, sd in zip(("unknown", *codes), shares, spread, strict=True):
        yield table, quantity, f"share of {code}", float(share), float(sd), people


def _of_numbers(table: str, quantity: str, values: Array, people: int) -> Iterator[tuple[Any, ...]]:
    is_known = ~np.isnan(values)
    share = float(is_known.mean()) if len(values) else 1.0
    if share < 1.0:
        sd = float(np.sqrt(share * (1.0 - share)))
        yield table, quantity, "share of unknown", 1.0 - share, sd, people
    found = values[is_known]
    if not len(found):
        return
    yield table, quantity, "mean", float(found.mean()), float(found.std()), people
    if len(np.unique(found[:1000])) <= 2 and np.isin(found, (0.0, 1.0)).all():
        return
    for q, value in zip(QUANTILES, np.quantile(found, QUANTILES), strict=True):
        yield table, quantity, f"q{round(100 * q):02d}", float(value), np.nan, people
