"""Dask gives what the library gives alone: in threads here, and on a cluster of processes."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.parquet
import pytest

from alike import assert_alike
from faults import with_a_debt_below_zero
from risicoscreener.errors import DossierError, PolicyError, ScaleError
from risicoscreener.scale import dask

dataframes = pytest.importorskip("dask.dataframe")
AS_OF = dt.date(2024, 6, 1)


@pytest.fixture(scope="module")
def folder(cohort, tmp_path_factory):
    made = tmp_path_factory.mktemp("parts")
    for number, start in enumerate(range(0, 120, 40)):
        cohort.tables.select(range(start, start + 40)).write(made, part=number)
    return made


@pytest.fixture(scope="module")
def nested(cohort, days, tmp_path_factory):
    """A folder of nested dossiers in two files, with a list of days for each person."""
    of_person: dict[str, list[dt.date]] = {}
    for row in days.to_pylist():
        of_person.setdefault(row["person_id"], []).append(row["as_of"])
    ids = cohort.tables.person_ids.to_pylist()
    column = pa.array([of_person.get(person) for person in ids], pa.list_(pa.date32()))
    table = cohort.tables.to_nested(as_text=True).append_column("as_of", column)
    made = tmp_path_factory.mktemp("nested")
    for number, start in enumerate((0, 50)):
        pyarrow.parquet.write_table(
            table.slice(start, 50 + 20 * number), made / f"{number}.parquet"
        )
    return made


def arrow_of(found) -> pa.Table:
    frame = found.compute(scheduler="synchronous")
    assert list(frame.columns) == list(found.columns)
    assert (frame.dtypes == found.dtypes).all()
    return pa.Table.from_pandas(frame, preserve_index=False)


def test_a_folder_is_screened_as_the_whole(screener, cohort, folder, days):
    found = dask.screen(folder, "leave", AS_OF)
    assert found.npartitions == 3
    assert_alike(arrow_of(found), screener.screen_many(cohort.tables, "leave", AS_OF).to_arrow())
    found = dask.screen(str(folder), "conditional_release", days, screener=screener)
    whole = screener.screen_many(cohort.tables, "conditional_release", days).to_arrow()
    assert_alike(arrow_of(found), whole)


def test_nested_dossiers_are_screened_in_any_partitions(screener, cohort, nested, days):
    given = dataframes.read_parquet(nested, dtype_backend="pyarrow")
    whole = screener.screen_many(cohort.tables, "leave", days).to_arrow()
    assert_alike(arrow_of(dask.screen(given, "leave")), whole)
    moved = given.repartition(npartitions=1)
    assert_alike(arrow_of(dask.screen(moved, "leave")), whole)
    on_a_day = screener.screen_many(cohort.tables, "leave", AS_OF).to_arrow()
    assert_alike(arrow_of(dask.screen(given, "leave", AS_OF.isoformat())), on_a_day)


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_processes_gives_the_same_and_hands_errors_back(
    screener, cohort, folder, tmp_path
):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster),
    ):
        found = dask.screen(folder, "leave", AS_OF).compute()
        whole = screener.screen_many(cohort.tables, "leave", AS_OF).to_arrow()
        assert_alike(pa.Table.from_pandas(found, preserve_index=False), whole)
        broken, person = with_a_debt_below_zero(cohort.tables)
        broken.write(tmp_path, part=0)
        with pytest.raises(DossierError, match=rf"amount_eur = -5.0.*\(person {person}\)"):
            dask.screen(tmp_path, "leave", AS_OF).compute()
        screened = dask.screen(tmp_path, "leave", AS_OF, on_error="quarantine").compute()
        assert len(screened) == 120


def test_what_cannot_be_meant_is_refused_before_dask_runs(folder, nested, days):
    with pytest.raises(PolicyError, match="no policy for 'holiday'"):
        dask.screen(folder, "holiday", AS_OF)
    with pytest.raises(ScaleError, match="on_error is 'skip'"):
        dask.screen(folder, "leave", AS_OF, on_error="skip")
    with pytest.raises(DossierError, match="expected a folder or a Dask DataFrame of nested"):
        dask.screen([folder], "leave", AS_OF)
    given = dataframes.read_parquet(nested, dtype_backend="pyarrow")
    with pytest.raises(DossierError, match="as_of is of type Table; expected one day, or a column"):
        dask.screen(given, "leave", days)
    with pytest.raises(DossierError, match="as_of is '2024'; expected a day"):
        dask.screen(given, "leave", "2024")
