"""Screening on Spark: dossiers with one row for each person, screened in batches of Arrow.

Spark splits rows over machines; `nest` puts the facts of a person in one row, so that any split
is sound. Each Python worker reads the bundle and the policies once. The answers are those of
`Screener.screen_many`; rows come in no particular order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.nested import SET_APART
from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.schema import TableSpec, persons, tables
from risicoscreener.dossier.validation import unknown_names, wrong_columns
from risicoscreener.errors import DossierError
from risicoscreener.scale.checks import check_on_error, needed
from risicoscreener.screening.screener import DEFAULT_DECISION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.types import StructType

    from risicoscreener.dossier.assembling import OnError
    from risicoscreener.features import Catalogue
    from risicoscreener.scale.batches import Features, Problems, Reading, Screen
    from risicoscreener.screening import Screener

Dossiers = Any
"""A Spark DataFrame of nested dossiers, or one DataFrame for each table by its name."""
ID, QUARANTINED = "person_id", "quarantined"


def nest(frames: Mapping[str, DataFrame], as_of: DataFrame | None = None) -> DataFrame:
    """One row for each person, in which each table is a list of rows.

    One shuffle brings together all that is known of a person. Within a person the rows of a table
    are put in order by all their fields, in the order of the schema (``recorded_at`` first), an
    absent value first; so what is computed does not depend on how Spark moved the rows. That
    order also decides in which order amounts are added.

    Parameters
    ----------
    frames
        Table name to DataFrame, each with the column ``person_id``; ``persons`` is required. The
        table ``quarantined``, as `DossierTables.write` makes it, may be among them.
    as_of
        For whom on which days pictures are wanted: a DataFrame with ``person_id`` and ``as_of``.

    Returns
    -------
    DataFrame
        Columns person_id, birth_date, sex, an array of structs for each table that was given,
        as_of (an array of days) and quarantined_rows if those were given.

    Raises
    ------
    DossierError
        For unknown tables or columns, a missing persons table, or ids that are not text. When
        Spark runs it, also for a person who occurs twice or has facts alone: then Spark's error
        holds the sentence.
    """
    F = _functions()  # noqa: N806
    frames = dict(frames)
    before = frames.pop(QUARANTINED, None)
    _check_frames(frames)
    parts = [_rows_of(frame, spec) for spec, frame in _specs(frames)]
    if as_of is not None:
        parts.append(_days_of(as_of))
    names = [name for part in parts for name in part.columns if name != ID]
    found = [F.sort_array(F.collect_list(name)).alias(name) for name in names]
    if before is not None:
        parts.append(_set_apart(before))
        found.append(F.sum(SET_APART).cast("int").alias(SET_APART))
    whole = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), parts)
    grouped = whole.groupBy(ID).agg(*found)
    if before is not None:  # of persons who are not there, as who was set apart entirely
        grouped = grouped.filter(reduce(or_, [F.size(name) > 0 for name in names]))
    return _with_person(grouped, [name for name in grouped.columns if name not in (ID, "persons")])


def screen(
    dossiers: Dossiers,
    decision: str = DEFAULT_DECISION,
    as_of: dt.date | str | DataFrame | None = None,
    *,
    screener: Screener | None = None,
    on_error: OnError = "raise",
) -> DataFrame:
    """Screen dossiers on Spark; the same answers as `Screener.screen_many`.

    Parameters
    ----------
    dossiers
        Nested dossiers, as `nest` and `DossierTables.to_nested` give them, or DataFrames by table
        name, which are nested first. Each person is in one row: of nested dossiers that is seen
        within a batch alone.
    decision
        Kind of decision.
    as_of
        One day for everyone, or a DataFrame with ``person_id`` and ``as_of``. By default the column
        as_of of the nested dossiers (a day or an array of days), and today if there is none.
    screener
        What screens; that with what the package ships by default.
    on_error
        ``raise`` on any problem in a dossier, or ``quarantine``: set bad rows apart and count them;
        `problems` lists them.

    Returns
    -------
    DataFrame
        The columns of `ScreenedTable.to_arrow`, codes as strings, lists as arrays.

    Raises
    ------
    DossierError, PolicyError
        For what can be seen before Spark runs. What a worker finds is in Spark's own error, with
        table, field, value and person.
    ScaleError
        If pyspark is not installed, or ``on_error`` is none of the two.

    Notes
    -----
    A batch has at most ``spark.sql.execution.arrow.maxRecordsPerBatch`` people with all their
    facts; a worker holds one batch at a time.
    """
    from risicoscreener.scale.batches import Screen
    from risicoscreener.scale.carried import CarriedScreener

    carried = CarriedScreener.of(screener, decision)
    nested, reading = _prepared(dossiers, as_of, on_error)
    return _mapped(nested, Screen(carried, reading))


def screen_folder(
    session: SparkSession,
    folder: str | Path,
    decision: str = DEFAULT_DECISION,
    as_of: dt.date | str | pa.Table | None = None,
    *,
    screener: Screener | None = None,
    on_error: OnError = "raise",
) -> DataFrame:
    """Screen a folder of dossiers in parts on Spark, which only hands out the parts.

    Workers read the files themselves, without the rows of Spark in between: that takes a fraction
    of the time that `screen` takes. The folder must be where each worker can reach it.

    Parameters
    ----------
    session
        The Spark session that does the work.
    folder
        Dossiers in parts, as `DossierTables.write` writes them with ``part``; each is a partition.
    decision, screener, on_error
        As for `screen`.
    as_of
        One day for everyone, today by default, or an Arrow table with ``person_id`` and ``as_of``.

    Returns
    -------
    DataFrame
        As `screen` gives it.

    Raises
    ------
    DossierError, PartError, PolicyError, ScaleError
        As `parts.screen_parts`, for what can be seen before Spark runs.
    """
    from risicoscreener.scale.carried import CarriedScreener, as_plain
    from risicoscreener.scale.parts import ScreenPart, jobs_of

    check_on_error(on_error)
    carried = CarriedScreener.of(screener, decision)
    work, jobs = ScreenPart(carried, on_error, 1), jobs_of(folder, as_of)

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from as_plain(work(jobs[number])).to_batches()

    numbers = session.range(0, len(jobs), 1, len(jobs))
    return numbers.mapInArrow(run, _spark_schema(carried.schema()))


def features(
    dossiers: Dossiers,
    as_of: dt.date | str | DataFrame | None = None,
    names: Sequence[str] | None = None,
    *,
    definitions: Catalogue | None = None,
    on_error: OnError = "raise",
) -> DataFrame:
    """Features on Spark; the same values as `compute_features`.

    Parameters
    ----------
    dossiers, as_of, on_error
        As for `screen`.
    names
        Features wanted; all of the catalogue by default.
    definitions
        Catalogue to take them from; the shipped one by default.

    Returns
    -------
    DataFrame
        person_id, as_of, and a double for each feature, null where unknown.

    Raises
    ------
    FeatureError
        For an unknown feature.
    DossierError, ScaleError
        As for `screen`.
    """
    from risicoscreener.features.catalogue import catalogue
    from risicoscreener.scale.batches import Features
    from risicoscreener.scale.carried import CarriedFeatures

    chosen = catalogue() if definitions is None else definitions
    wanted = chosen.plan(None if names is None else list(names)).names
    nested, reading = _prepared(dossiers, as_of, on_error)
    return _mapped(nested, Features(CarriedFeatures.of(definitions), wanted, reading))


def problems(dossiers: Dossiers) -> DataFrame:
    """Everything that is wrong with dossiers: what `on_error` ``quarantine`` sets apart.

    Returns
    -------
    DataFrame
        table, row (which counts within a batch), field, value, expected, person_id.
    """
    from risicoscreener.scale.batches import Problems

    nested, reading = _prepared(dossiers, dt.date.today(), "quarantine")
    return _mapped(nested, Problems(reading.recorded_by))


def _functions() -> Any:
    return needed("pyspark.sql.functions", "pyspark", "Spark")


def _prepared(
    dossiers: Dossiers, as_of: dt.date | str | DataFrame | None, on_error: OnError
) -> tuple[DataFrame, Reading]:
    """Nested dossiers with their days, and how they are to be read."""
    from risicoscreener.scale.batches import AS_OF, Reading

    _functions()
    if isinstance(as_of, (str, dt.date)):
        nested = nest(dossiers) if isinstance(dossiers, Mapping) else _checked(dossiers)
        return nested, Reading.of(on_error, as_of, has_days=False)
    if isinstance(dossiers, Mapping):
        nested = nest(dossiers, as_of)
    else:
        nested = _checked(dossiers) if as_of is None else _with_days(_checked(dossiers), as_of)
    return nested, Reading.of(on_error, None, has_days=AS_OF in nested.columns)


def _mapped(nested: DataFrame, work: Screen | Features | Problems) -> DataFrame:
    """Each batch of people through some work, one after the other in each Python worker."""
    import pyarrow as pa

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from work(pa.Table.from_batches([batch])).to_batches()

    return nested.mapInArrow(run, _spark_schema(work.schema()))


def _spark_schema(schema: pa.Schema) -> StructType:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


def _specs(frames: Mapping[str, DataFrame]) -> list[tuple[TableSpec, DataFrame]]:
    return [(tables().get(name, persons()), frame) for name, frame in frames.items()]


def _rows_of(frame: DataFrame, spec: TableSpec) -> DataFrame:
    """The id, and all other fields as one value, in the order of the schema."""
    F = _functions()  # noqa: N806
    fields = [name for name in spec.columns if name in frame.columns]
    return frame.select(ID, F.struct(*fields).alias(spec.name))


def _with_person(grouped: DataFrame, names: list[str]) -> DataFrame:
    """What is known of the person beside the lists; an error where that is not one row."""
    F = _functions()  # noqa: N806
    whose = _whose()
    twice = F.concat(F.lit("persons: the person "), whose, F.lit(" occurs more than once"))
    nowhere = F.concat(
        F.lit("persons: no row of the person "),
        whose,
        F.lit(", who is in "),
        F.concat_ws(
            ", ", *[F.when(F.size(name) > 0, F.lit(name)) for name in names if name != SET_APART]
        ),
    )
    count = F.size("persons")
    one = F.when(count == 1, F.col("persons")[0]).otherwise(
        F.raise_error(F.when(count == 0, nowhere).otherwise(twice))
    )
    of_person = [F.col("person")[name].alias(name) for name in persons().columns]
    return grouped.withColumn("person", one).select(ID, *of_person, *names)


def _whose() -> Column:
    F = _functions()  # noqa: N806
    whose: Column = F.coalesce(F.col(ID), F.lit("without an id"))
    return whose


def _days_of(index: DataFrame) -> DataFrame:
    """For whom on which days; a missing one stops the job, where a list would leave it out."""
    F = _functions()  # noqa: N806
    _check_index(index)
    missing = F.concat(F.lit("as_of of person "), _whose(), F.lit(" is missing; expected a day"))
    day = F.when(F.col("as_of").isNull(), F.raise_error(missing)).otherwise(F.col("as_of"))
    return index.select(ID, day.alias("as_of"))


def _set_apart(before: DataFrame) -> DataFrame:
    """How many rows of whom were set apart before."""
    F = _functions()  # noqa: N806
    _check_is_frame(before, QUARANTINED)
    kinds = dict(before.dtypes)
    if kinds.get(ID) != "string" or kinds.get("rows") not in (
        "tinyint",
        "smallint",
        "int",
        "bigint",
    ):
        raise DossierError(
            f"the table {QUARANTINED} is not one that `write` made: expected {ID} and rows"
        )
    rows, wrong = F.col("rows"), f"{QUARANTINED}.rows: expected a count in each row"
    counted = F.when(rows >= 0, rows).otherwise(F.raise_error(F.lit(wrong)))
    return before.select(ID, counted.alias(SET_APART))


def _with_days(nested: DataFrame, index: DataFrame) -> DataFrame:
    """Nested dossiers of the people of an index, with their days."""
    F = _functions()  # noqa: N806
    days = _days_of(index).groupBy(ID).agg(F.sort_array(F.collect_list("as_of")).alias("as_of"))
    found = nested.drop("as_of").withColumn("there", F.lit(True)).join(days, ID, "right")
    absent: Column = F.raise_error(
        F.concat(F.lit("as_of: the person "), _whose(), F.lit(" is not in the dossiers"))
    )
    checked = F.when(F.col("there"), F.col("as_of")).otherwise(absent)
    return found.withColumn("as_of", checked).drop("there")


def _check_frames(frames: Mapping[str, DataFrame]) -> None:
    found = unknown_names(frames)
    if "persons" not in frames:
        found.append(Problem("persons", -1, "", "absent", "a table with one row for each person"))
    for name, frame in frames.items():
        _check_is_frame(frame, name)
        if name == "persons" or name in tables():
            spec = tables().get(name, persons())
            found += wrong_columns(spec, frame.columns, 1)
            found += _wrong_id(name, frame)
    if found:
        raise DossierError("the tables are not those of a dossier", tuple(found))


def _check_index(index: DataFrame) -> None:
    _check_is_frame(index, "as_of")
    found = [
        Problem("as_of", -1, name, "absent", f"a column {name}")
        for name in (ID, "as_of")
        if name not in index.columns
    ]
    kind = dict(index.dtypes).get("as_of", "date")
    if kind != "date":
        found.append(Problem("as_of", -1, "as_of", kind, "days, without a time or a zone"))
    found += _wrong_id("as_of", index)
    if found:
        raise DossierError("the index is not one of people and days", tuple(found))


def _wrong_id(name: str, frame: DataFrame) -> list[Problem]:
    kind = dict(frame.dtypes).get(ID, "string")
    return [] if kind == "string" else [Problem(name, -1, ID, kind, "ids as text")]


def _checked(dossiers: Any) -> DataFrame:
    _check_is_frame(dossiers, "dossiers")
    if ID not in dossiers.columns:
        problem = Problem("nested", -1, ID, "absent", f"a column {ID}")
        raise DossierError("the table is not one of nested dossiers", (problem,))
    return dossiers


def _check_is_frame(value: Any, name: str) -> None:
    if not hasattr(value, "mapInArrow"):
        kind = type(value).__name__
        raise DossierError(f"{name}: expected a Spark DataFrame, not {kind}")
