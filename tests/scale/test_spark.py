"""Spark on two cores of this machine gives what the library gives alone."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from alike import assert_alike
from faults import with_a_debt_below_zero
from risicoscreener.dossier import DossierTables
from risicoscreener.errors import DossierError, FeatureError, PolicyError, ScaleError
from risicoscreener.features import compute_features
from risicoscreener.scale import spark
from risicoscreener.scale.carried import as_plain
from risicoscreener.screening import latest_day
from strategies import dossier_sets

QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "40",
}
AS_OF = dt.date(2024, 6, 1)


def lacking() -> str:
    """Why there can be no Spark here, empty if there can."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "pyspark is not installed"
    return "" if shutil.which("java") else "Java is not installed"


@pytest.fixture(scope="module")
def session() -> Iterator:
    if reason := lacking():
        if os.environ.get("RISICOSCREENER_REQUIRE_SPARK"):
            pytest.fail(reason)
        pytest.skip(reason)
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]")
    for name, value in QUIET.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    yield made
    made.stop()


def frames_of(session, dossiers: DossierTables, seed: int | None = None) -> dict:
    """A DataFrame for each table that has rows, the rows in an order of their own."""
    rng = np.random.default_rng(seed)
    frames = {}
    for name, table in dossiers.tables.items():
        if table.num_rows:
            order = np.arange(table.num_rows) if seed is None else rng.permutation(table.num_rows)
            frames[name] = session.createDataFrame(as_plain(table).take(order))
    return frames


def expected(screener, dossiers: DossierTables, index, kind: str = "leave") -> pa.Table:
    return screener.screen_many(dossiers, kind, index).to_arrow()


@pytest.mark.parametrize(("partitions", "seed"), [(1, 1), (5, 2)])
def test_tables_in_any_order_and_partitions_are_screened_as_here(
    session, screener, cohort, days, partitions, seed
):
    session.conf.set("spark.sql.shuffle.partitions", str(partitions))
    index = session.createDataFrame(days.take(np.random.default_rng(seed).permutation(len(days))))
    frames = frames_of(session, cohort.tables, seed)
    found = spark.screen(frames, "leave", index, screener=screener)
    assert_alike(found.toArrow(), expected(screener, cohort.tables, days))


def test_nested_dossiers_are_screened_on_one_day_or_on_days_of_their_own(
    session, screener, cohort, days
):
    nested = session.createDataFrame(cohort.tables.to_nested(as_text=True)).repartition(3)
    found = spark.screen(nested, "conditional_release", AS_OF.isoformat())
    assert_alike(found.toArrow(), expected(screener, cohort.tables, AS_OF, "conditional_release"))
    found = spark.screen(nested, "leave", session.createDataFrame(days), screener=screener)
    assert_alike(found.toArrow(), expected(screener, cohort.tables, days))


def test_a_folder_of_parts_is_screened_as_here(session, screener, cohort, days, tmp_path):
    for number, start in enumerate(range(0, 120, 50)):
        stop = min(start + 50, 120)
        cohort.tables.select(range(start, stop)).write(tmp_path / "sound", part=number)
    found = spark.screen_folder(session, tmp_path / "sound", "leave", days)
    assert found.rdd.getNumPartitions() == 3
    assert_alike(found.toArrow(), expected(screener, cohort.tables, days))
    broken, person = with_a_debt_below_zero(cohort.tables)
    broken.write(tmp_path / "broken", part=0)
    said = failure_of(spark.screen_folder(session, str(tmp_path / "broken"), "leave", AS_OF))
    assert f"amount_eur = -5.0: expected a number from 0 to 100,000,000 (person {person})" in said


def test_features_are_computed_as_here(session, cohort):
    nested = spark.nest(frames_of(session, cohort.tables, 3)).cache()
    known = compute_features(cohort.tables, AS_OF).names
    names = tuple(name for name in known if "debt" in name or "conviction" in name)
    found = spark.features(nested, AS_OF, names).toArrow().sort_by("person_id")
    frame = compute_features(cohort.tables, AS_OF, names).to_frame().sort_index()
    assert found.column("person_id").to_pylist() == list(frame.index.get_level_values(0))
    values = found.select(names).to_pandas().to_numpy()
    np.testing.assert_allclose(values, frame.to_numpy(), rtol=1e-12, equal_nan=True)
    assert len(names) > 10
    assert nested.schema.names[:3] == ["person_id", "birth_date", "sex"]


def test_a_nested_dossier_does_not_depend_on_how_rows_were_moved(session, cohort):
    found = [
        spark.nest(frames_of(session, cohort.tables, seed)).toArrow().sort_by("person_id")
        for seed in (4, 5)
    ]
    assert found[0].equals(found[1])
    assert sum(map(len, found[0].column("conduct").to_pylist())) > 1000


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(dossier_sets(min_persons=15, max_persons=15))
def test_generated_dossiers_are_screened_as_here(session, screener, dossiers):
    listed = [d for d in dossiers if d.person.birth_date <= AS_OF and latest_day(d) <= AS_OF]
    assume(listed)
    made = DossierTables.from_dossiers(listed)
    found = spark.screen(frames_of(session, made, 0), "low_security", AS_OF)
    assert_alike(found.toArrow(), expected(screener, made, AS_OF, "low_security"))


def failure_of(frame) -> str:
    with pytest.raises(Exception, match=".") as raised:
        frame.toArrow()
    return str(raised.value)


def test_a_fault_in_a_partition_is_in_the_error_with_person_table_and_field(session, cohort):
    broken, person = with_a_debt_below_zero(cohort.tables)
    frames = frames_of(session, broken, 1)
    said = failure_of(spark.screen(frames, "leave", AS_OF))
    assert "DossierError" in said
    assert "problem(s) in the dossier tables" in said
    assert "amount_eur = -5.0: expected a number from 0" in said
    assert f"(person {person})" in said
    screened = spark.screen(frames, "leave", AS_OF, on_error="quarantine").toArrow()
    assert screened.num_rows == cohort.tables.n_persons
    row = screened.to_pylist()[screened.column("person_id").to_pylist().index(person)]
    assert row["outcome"] != "grant"
    listed = spark.problems(frames).toArrow().to_pylist()
    assert {p["person_id"] for p in listed} == {person}
    assert ("debts", "amount_eur", "-5.0") in {(p["table"], p["field"], p["value"]) for p in listed}


def test_a_person_twice_or_without_a_row_or_without_a_dossier_stops_the_run(session, cohort):
    frames = {
        name: frame
        for name, frame in frames_of(session, cohort.tables).items()
        if name in ("persons", "debts")
    }
    some = cohort.tables.tables["debts"].column("person_id")[0].as_py()
    people = frames["persons"]
    said = failure_of(spark.nest({**frames, "persons": people.union(people.limit(1))}))
    assert "persons: the person" in said
    assert "occurs more than once" in said
    without = people.filter(people.person_id != some)
    said = failure_of(spark.nest({**frames, "persons": without}))
    assert f"persons: no row of the person {some}, who is in debts" in said
    index = session.createDataFrame([("nobody", AS_OF)], "person_id string, as_of date")
    assert "no row of the person nobody, who is in as_of" in failure_of(spark.nest(frames, index))
    nested = session.createDataFrame(cohort.tables.to_nested(as_text=True))
    said = failure_of(spark.screen(nested, "leave", index))
    assert "as_of: the person nobody is not in the dossiers" in said


def test_days_that_are_missing_stop_the_run_and_are_not_left_out(session, cohort):
    some = cohort.tables.person_ids[0].as_py()
    index = session.createDataFrame([(some, AS_OF), (some, None)], "person_id string, as_of date")
    frames = {"persons": frames_of(session, cohort.tables)["persons"]}
    nested = session.createDataFrame(cohort.tables.to_nested(as_text=True))
    for dossiers in (frames, nested):
        said = failure_of(spark.screen(dossiers, "leave", index))
        assert f"as_of of person {some} is missing; expected a day" in said


def test_rows_that_were_set_apart_before_count(session, screener, cohort):
    frames = frames_of(session, cohort.tables, 6)
    counted = [
        (cohort.tables.person_ids[at].as_py(), rows) for at, rows in ((0, 2), (7, 0), (7, 1))
    ]
    kind = "person_id string, rows int"
    frames["quarantined"] = session.createDataFrame([*counted, ("nobody", 3)], kind)
    whole = replace(cohort.tables, quarantined_rows=np.zeros(120, np.int32))
    whole.quarantined_rows[[0, 7]] = 2, 1
    found = spark.screen(frames, "leave", AS_OF)
    assert_alike(found.toArrow(), expected(screener, whole, AS_OF))
    frames["quarantined"] = session.createDataFrame([(*counted[0][:1], None)], kind)
    assert "quarantined.rows: expected a count" in failure_of(spark.screen(frames, "leave", AS_OF))
    with pytest.raises(DossierError, match="the table quarantined is not one that `write` made"):
        spark.nest({**frames, "quarantined": frames["persons"]})


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ({"debt": "person_id string"}, r"debt = .*expected one of.*persons = 'absent'"),
        ({"persons": "person_id string"}, "persons.birth_date = 'absent'"),
        (
            {"persons": "person_id bigint, birth_date date, sex string"},
            "persons.person_id = 'bigint': expected ids as text",
        ),
        ({"persons": "person_id string, birth_date date, sex string, race string"}, "persons.race"),
    ],
)
def test_tables_of_another_shape_are_refused_before_spark_runs(session, frames, message):
    made = {name: session.createDataFrame([], schema) for name, schema in frames.items()}
    with pytest.raises(DossierError, match=f"(?s){message}"):
        spark.nest(made)


def test_what_cannot_be_meant_is_refused_before_spark_runs(session, cohort):
    nested = session.createDataFrame(cohort.tables.to_nested(as_text=True))
    with pytest.raises(PolicyError, match="no policy for 'holiday'"):
        spark.screen(nested, "holiday", AS_OF)
    with pytest.raises(FeatureError, match="no_such_feature"):
        spark.features(nested, AS_OF, ["no_such_feature"])
    with pytest.raises(DossierError, match="as_of is '2024'; expected a day as YYYY-MM-DD"):
        spark.screen(nested, "leave", "2024")
    with pytest.raises(ScaleError, match="on_error is 'skip'"):
        spark.screen(nested, "leave", AS_OF, on_error="skip")
    with pytest.raises(DossierError, match="dossiers: expected a Spark DataFrame, not list"):
        spark.screen([], "leave", AS_OF)
    with pytest.raises(DossierError, match="persons: expected a Spark DataFrame, not Table"):
        spark.nest({"persons": cohort.tables.tables["persons"]})
    with pytest.raises(DossierError, match="a column person_id"):
        spark.screen(nested.drop("person_id"), "leave", AS_OF)
    times = session.createDataFrame([], "person_id string, as_of timestamp")
    with pytest.raises(DossierError, match="as_of.as_of = 'timestamp': expected days"):
        spark.screen(nested, "leave", times)
    with pytest.raises(DossierError, match="as_of.as_of = 'absent'"):
        spark.screen(nested, "leave", times.drop("as_of"))
