"""Polars: lazy frames, one query for all tables."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import numpy as np

from _national import AS_OF
from competitors._chain import Chain, outcome_many
from competitors._features import (
    COLUMNS,
    DATES,
    LONGEST_AGO,
    MOST_DEBT,
    VIOLENT,
    VIOLENT_DAYS,
    People,
)
from competitors._interface import Competitor
from competitors.with_onnx import probabilities, small_session
from competitors.with_python import OneDossier, decided


def queries(frames: dict[str, Any]) -> list[Any]:
    """One lazy frame for each table: ``person`` and its features."""
    import polars as pl

    known = {
        name: frame.lazy().filter(pl.col("recorded_at") <= AS_OF) for name, frame in frames.items()
    }
    since = AS_OF - dt.timedelta(days=VIOLENT_DAYS)
    recent = (pl.col("offence_on") > since) & pl.col("offence_class").is_in(VIOLENT)
    days = (pl.lit(AS_OF) - pl.col("offence_on").max()).dt.total_days()
    of_convictions = (
        pl.len().alias("convictions_total"),
        recent.sum().alias("convictions_violent_5y"),
        days.clip(0, LONGEST_AGO).alias("days_since_last_offence"),
        pl.col("severity").max(),
        pl.col("offence_class").n_unique(),
    )
    debts = known["debts"].filter(pl.col("until").is_null() | (pl.col("until") > AS_OF))
    owed = pl.col("amount_eur").sum().clip(0, MOST_DEBT)
    housing = known["housing"].filter(pl.col("until_on").is_null() | (pl.col("until_on") > AS_OF))
    own = pl.col("status").get(pl.col("from_on").arg_max()) == "own_address"
    return [
        known["convictions"].group_by("person").agg(*of_convictions),
        debts.group_by("person").agg(owed),
        housing.group_by("person").agg(own),
    ]


class Usual(Competitor):
    name = "Polars"
    task = "features"
    does = "the seven features; no corrections"
    tuned = "one lazy query with its joins, persons and codes as categories; both cores"
    needs = ("polars",)

    def prepare(self, data: People) -> tuple[dict[str, Any], Any]:
        import polars as pl

        frames = {
            name: pl.from_arrow(table, rechunk=True).rename({"person_id": "person"})
            for name, table in data.tables.items()
        }
        people = pl.DataFrame({"person": pl.from_arrow(data.dossiers.person_ids)})
        kind = frames["convictions"]["person"].dtype
        return frames, people.with_columns(pl.col("person").cast(kind))

    def run(self, prepared: tuple[dict[str, Any], Any]) -> Any:
        frames, people = prepared
        joined = people.lazy()
        for query in queries(frames):
            joined = joined.join(query, on="person", how="left", maintain_order="left")
        return joined.drop("person").collect()

    def answers(self, prepared: Any, found: Any) -> np.ndarray:  # noqa: ARG002
        import polars as pl

        return found.select(pl.all().cast(pl.Float64)).to_numpy(order="fortran")


class Numbered(Competitor):
    name = "Polars, persons numbered"
    task = "features"
    does = "the seven features; no corrections"
    tuned = "persons as whole numbers in order beforehand, put in place by numpy; both cores"
    needs = ("polars",)

    def prepare(self, data: People) -> tuple[dict[str, Any], int]:
        import polars as pl

        frames = {}
        for name, table in data.tables.items():
            frame = pl.from_arrow(table.drop_columns("person_id"), rechunk=True)
            frames[name] = frame.rename({"number": "person"}).with_columns(
                pl.col("person").set_sorted()
            )
        return frames, data.n

    def run(self, prepared: tuple[dict[str, Any], int]) -> np.ndarray:
        import polars as pl

        frames, n = prepared
        values = np.full((n, 7), np.nan, order="F")
        column = 0
        for found in pl.collect_all(queries(frames)):
            at = found["person"].to_numpy()
            for series in found.drop("person").iter_columns():
                values[at, column] = series.to_numpy()
                column += 1
        return values


class Single(OneDossier):
    name = "Polars"
    tuned = "a frame for each of three tables with a schema, lazy, one `collect_all`"
    needs = ("polars",)

    def run(self, prepared: bytes) -> tuple[list[float], float, int]:
        import polars as pl

        found = json.loads(prepared)
        numbers = {"severity": pl.Int32, "amount_eur": pl.Float64}
        frames = {}
        for name, columns in COLUMNS.items():
            schema = {column: numbers.get(column, pl.String) for column in columns}
            days = [pl.col(column).str.to_date("%Y-%m-%d") for column in columns if column in DATES]
            frame = pl.DataFrame(found[name], schema=schema, strict=False).lazy()
            frames[name] = frame.with_columns(*days, pl.lit(0).alias("person"))
        features = []
        for table in pl.collect_all(queries(frames)):
            row = table.drop("person").row(0) if len(table) else [math.nan] * table.width
            features += [float(value) for value in row]
        return decided(features)


class Batch(Usual):
    name = "Polars, ONNX Runtime and np.select"
    task = "batch"
    does = "seven features, one probability by the small model, four rules"
    tuned = "as for the features; a graph of ramps in float64; both cores"
    needs = ("polars", "onnx", "onnxruntime")

    def prepare(self, data: People) -> tuple[Any, ...]:
        return (*super().prepare(data), small_session())

    def run(self, prepared: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        *given, model = prepared
        features = super().answers(None, super().run(tuple(given)))
        probability = probabilities(model, np.ascontiguousarray(features))
        return features, probability, outcome_many(features, probability)

    def answers(self, prepared: Any, found: Any) -> Chain:  # noqa: ARG002
        return Chain(*found)


COMPETITORS = (Usual(), Numbered(), Single(), Batch())
