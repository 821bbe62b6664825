"""The same seed gives the same people, however many are drawn and by how many processes."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DataError
from risicoscreener.synthetic import Cohort, simulate
from risicoscreener.synthetic.cohort import BLOCK_SIZE, TRUTH_TABLES
from risicoscreener.synthetic.scenario import Aim, Scenario
from risicoscreener.synthetic.storing.storage import write_cohort


def assert_same(one, other):
    assert one.tables.tables.keys() == other.tables.tables.keys()
    for name, table in one.tables.tables.items():
        assert table.equals(other.tables.tables[name]), name
    for name in TRUTH_TABLES:
        truths = getattr(one.truth, name), getattr(other.truth, name)
        pd.testing.assert_frame_equal(*truths, check_exact=True)


def people(cohort, n):
    """The first people of a cohort: tables with positions for ids, and the truth."""
    chosen = cohort.tables.select(np.arange(n))
    tables = {"persons": chosen.tables["persons"]}
    for name, table in list(chosen.tables.items())[1:]:
        owner = pa.array(chosen.owners(name))
        tables[name] = table.drop_columns("person_id").append_column("owner", owner)
    persons = cohort.truth.persons.iloc[:n]
    leaves = cohort.truth.liberties
    kept = leaves[leaves["person_id"].isin(persons.index)]
    return tables, persons, kept.reset_index(drop=True)


def test_two_processes_draw_the_same_people_as_one():
    n = 2 * BLOCK_SIZE + 10
    assert_same(simulate(n, seed=4), simulate(n, seed=4, n_jobs=2))


@pytest.fixture(scope="module")
def large():
    return simulate(BLOCK_SIZE + 800, seed=5, population="sentenced")


@pytest.mark.parametrize("n", [1, 700, BLOCK_SIZE, BLOCK_SIZE + 1])
def test_the_first_people_of_a_larger_cohort_are_those_of_a_smaller_one(large, n):
    small = people(simulate(n, seed=5, population="sentenced"), n)
    tables, persons, leaves = people(large, n)
    assert small[0].keys() == tables.keys()
    for name, table in small[0].items():
        assert table.equals(tables[name]), name
    pd.testing.assert_frame_equal(small[1], persons, check_exact=True)
    pd.testing.assert_frame_equal(small[2], leaves, check_exact=True)


def test_another_seed_gives_other_people():
    one, other = simulate(500, seed=1), simulate(500, seed=2)
    births = [c.tables.to_pandas("persons")["birth_date"] for c in (one, other)]
    assert (births[0] == births[1]).mean() < 0.01
    assert (
        one.truth.persons["latent_propensity"].corr(other.truth.persons["latent_propensity"]) < 0.2
    )


def test_blocks_of_a_cohort_are_not_copies_of_each_other():
    drawn = simulate(2 * BLOCK_SIZE, seed=1).truth.persons["latent_propensity"].to_numpy()
    assert abs((drawn[:BLOCK_SIZE] * drawn[BLOCK_SIZE:]).mean()) < 0.08


def test_every_person_has_one_row_of_truth_on_what_help_would_do():
    cohort = simulate(50)
    observed = cohort.truth.observations()["interventions"]
    assert observed["person_id"].to_list() == cohort.tables.person_ids.to_pylist()


def test_people_are_numbered_from_one():
    ids = simulate(3).tables.person_ids.to_pylist()
    assert ids == ["SYN-0000001", "SYN-0000002", "SYN-0000003"]


def test_progress_counts_the_people_drawn_so_far():
    seen = []
    simulate(2 * BLOCK_SIZE + 5, on_block=seen.append)
    assert seen == [BLOCK_SIZE, 2 * BLOCK_SIZE, 2 * BLOCK_SIZE + 5]


def test_a_cohort_that_was_written_is_read_as_it_was(tmp_path, sentenced):
    sentenced.write(tmp_path / "cohort")
    assert_same(sentenced, Cohort.read(tmp_path / "cohort"))
    files = {path.name for path in (tmp_path / "cohort" / "dossiers").glob("*.parquet")}
    assert {f"{name}.parquet" for name in sentenced.tables.tables} <= files


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        simulate(300, seed=9).write(tmp_path / name)
    paths = sorted(
        path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.parquet")
    )
    assert len(paths) >= 16
    for path in paths:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), (
            path
        )


@pytest.mark.parametrize("table", TRUTH_TABLES)
def test_a_cohort_without_its_truth_is_refused(tmp_path, table):
    made = simulate(5)
    made.write(tmp_path)
    (tmp_path / "truth" / f"{table}.parquet").unlink()
    with pytest.raises(DataError, match="truth of the cohort"):
        Cohort.read(tmp_path)


def test_a_cohort_that_was_not_written_to_its_end_is_refused(tmp_path):
    unfinished = tmp_path / ".cohort.0a1b2c3d.partial"
    simulate(5).write(unfinished)
    with pytest.raises(DataError, match="was not written to its end.*make it again"):
        Cohort.read(unfinished)
    with pytest.raises(DataError, match="was not written to its end"):
        next(Cohort.read_parts(unfinished))
    assert_same(simulate(5), Cohort.read(unfinished.rename(tmp_path / "cohort")))


def test_a_scenario_is_fitted_to_its_targets_before_people_are_drawn(tmp_path):
    aims = MappingProxyType({"female": Aim(90.0, 1.0), "any_2y": Aim(40.0, 1.0)})
    scenario = replace(Scenario.load("base"), id="mine", targets=aims)
    said = "'mine' has targets to which it must be fitted first, such as 'female'.*synth fit"
    with pytest.raises(DataError, match=said):
        simulate(5, scenario=scenario)
    with pytest.raises(DataError, match=said):
        write_cohort(tmp_path / "cohort", 5, scenario=scenario)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("n", [0, -1, 10_000_000, 2.5])
def test_a_number_of_people_out_of_range_is_refused(n):
    with pytest.raises(DataError, match="whole number of people from 1"):
        simulate(n)


def test_a_negative_seed_is_refused():
    with pytest.raises(DataError, match="seed is -1"):
        simulate(5, seed=-1)


def test_the_tables_pass_validation_without_problems_and_none_is_empty(cohort):
    again = DossierTables.from_arrow(cohort.tables.tables)
    assert again.problems == ()
    assert all(table.num_rows for table in again.tables.values())


def test_facts_stand_in_the_order_of_people_and_of_time(cohort):
    from risicoscreener.dossier.schema import tables

    for name, spec in tables().items():
        frame = cohort.tables.to_pandas(name)[[spec.starts]].assign(
            owner=cohort.tables.owners(name)
        )
        assert frame.equals(frame.sort_values(["owner", spec.starts], kind="stable")), name


WRITE = """
import sys
from risicoscreener.synthetic import simulate
simulate(4096, seed=8, population="sentenced").write(sys.argv[1])
"""


def written_without(features, folder):
    """A cohort written by a process in which NumPy does without some features of the processor."""
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    command = [sys.executable, "-W", "error", "-c", WRITE, str(folder)]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.parquet")}


def test_a_simpler_processor_draws_the_same_bytes(tmp_path):
    found = [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]
    if not found:
        pytest.skip("NumPy uses no optional feature of this processor")
    usual = written_without([], tmp_path / "usual")
    simple = written_without(found, tmp_path / "simple")
    assert len(usual) >= 16
    assert usual == simple


def test_nothing_is_in_the_dossiers_that_the_registers_did_not_have_when_they_were_read():
    changes = {"calendar.extracted_on": dt.date(2022, 3, 1)}
    early, late = (simulate(400, seed=5, changes=c) for c in (changes, None))
    for name, spec in tables().items():
        table = early.tables.to_pandas(name)
        assert (table["recorded_at"] <= pd.Timestamp(2022, 3, 1)).all()
        for column in spec.columns.values():
            if column.known_from is not None:
                assert not (table[column.known_from] > pd.Timestamp(2022, 3, 1)).any()
    assert early.tables.tables["convictions"].num_rows < late.tables.tables["convictions"].num_rows
    true = [
        c.truth.persons.drop(columns=c.truth.persons.filter(regex="_seen$").columns)
        for c in (early, late)
    ]
    pd.testing.assert_frame_equal(*true)
