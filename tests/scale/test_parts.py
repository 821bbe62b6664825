"""Parts in several processes give what all give at once."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pyarrow as pa
import pytest

from alike import assert_alike
from faults import with_a_debt_below_zero
from risicoscreener.dossier import DossierTables
from risicoscreener.errors import DossierError, PartError, PolicyError, ScaleError
from risicoscreener.scale.parts import screen_parts

AS_OF = dt.date(2024, 6, 1)
BOUNDS = (0, 30, 31, 100, 120)


@pytest.fixture(scope="module")
def parts(cohort) -> list[DossierTables]:
    return [cohort.tables.select(range(start, stop)) for start, stop in pairwise(BOUNDS)]


@pytest.fixture(scope="module")
def folder(parts, tmp_path_factory):
    made = tmp_path_factory.mktemp("parts")
    for number, part in enumerate(parts):
        part.write(made, part=number)
    return made


def joined(found) -> pa.Table:
    tables = list(found)
    return pa.concat_tables(tables).unify_dictionaries()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_folder_is_screened_as_the_whole_in_the_order_of_its_parts(
    screener, cohort, folder, n_jobs
):
    found = joined(screen_parts(folder, "leave", AS_OF, n_jobs=n_jobs))
    whole = screener.screen_many(cohort.tables, "leave", AS_OF).to_arrow()
    assert found.column("person_id").to_pylist() == whole.column("person_id").to_pylist()
    assert_alike(found, whole)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_tables_in_memory_on_days_of_their_own_are_screened_as_the_whole(
    screener, cohort, parts, days, n_jobs
):
    found = screen_parts(parts, "low_security", days, screener=screener, n_jobs=n_jobs)
    whole = screener.screen_many(cohort.tables, "low_security", days).to_arrow()
    assert_alike(joined(found), whole)


def test_one_folder_without_parts_is_one_part(screener, parts, tmp_path):
    parts[0].write(tmp_path)
    (found,) = screen_parts(tmp_path, "leave", AS_OF, n_jobs=2)
    assert_alike(found, screener.screen_many(parts[0], "leave", AS_OF).to_arrow())


def test_a_part_that_cannot_be_read_is_named_after_those_before_it(parts, tmp_path):
    for number, part in enumerate(parts):
        part.write(tmp_path, part=number)
    damaged = tmp_path / "debts.parquet" / "part-00002.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-50])
    run = screen_parts(tmp_path, "leave", AS_OF, n_jobs=2)
    assert [next(run).num_rows, next(run).num_rows] == [30, 1]
    with pytest.raises(PartError, match="part-00002: debts.parquet/part-00002.parquet cannot be"):
        next(run)


def test_a_fault_in_a_part_names_the_person_or_is_set_apart(cohort, parts, days, tmp_path):
    broken, person = with_a_debt_below_zero(parts[3])
    for number, part in enumerate([*parts[:3], broken]):
        part.write(tmp_path, part=number)
    message = rf"part-00003: .* problem.*amount_eur = -5.0.*\(person {person}\)"
    with pytest.raises(PartError, match=f"(?s){message}"):
        list(screen_parts(tmp_path, "leave", AS_OF, n_jobs=2))
    found = joined(screen_parts(tmp_path, "leave", days, n_jobs=2, on_error="quarantine"))
    assert found.num_rows == days.num_rows


def test_people_who_cannot_be_read_or_kept_are_said(parts, tmp_path, monkeypatch):
    for number, part in enumerate(parts[:2]):
        part.write(tmp_path, part=number)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "nowhere"))
    with pytest.raises(ScaleError, match="cannot be kept in .*nowhere: No such file"):
        screen_parts(tmp_path, "leave", AS_OF)
    monkeypatch.undo()
    (tmp_path / "persons.parquet" / "part-00001.parquet").write_bytes(b"PAR1")
    with pytest.raises(PartError, match="part-00001: persons.parquet/part-00001.parquet cannot be"):
        screen_parts(tmp_path, "leave", AS_OF)


def test_a_person_in_two_parts_is_refused(parts, tmp_path):
    person = parts[0].person_ids[0].as_py()
    with pytest.raises(DossierError, match=f"each person in one part.*{person}"):
        screen_parts([parts[0], parts[1], parts[0].select([0])], "leave", AS_OF)
    parts[0].write(tmp_path, part=0)
    parts[0].select([0]).write(tmp_path, part=1)
    with pytest.raises(PartError, match=f"person {person} is in persons.parquet/part-00000"):
        screen_parts(tmp_path, "leave", AS_OF)


def test_what_cannot_be_meant_is_refused_before_any_work(parts, days):
    with pytest.raises(DossierError, match="the index has the person nobody, who is not in the"):
        screen_parts(parts, "leave", pa.table({"person_id": ["nobody"], "as_of": [AS_OF]}))
    with pytest.raises(DossierError, match="the index has no column person_id"):
        screen_parts(parts, "leave", days.drop_columns(["person_id"]))
    with pytest.raises(DossierError, match="as_of is '2024'; expected a day"):
        screen_parts(parts, "leave", "2024")
    with pytest.raises(DossierError, match="expected a folder, or a list of dossier tables, not"):
        screen_parts(parts[0], "leave", AS_OF)
    with pytest.raises(DossierError, match="a list of dossier tables with at least one"):
        screen_parts([], "leave", AS_OF)
    with pytest.raises(DossierError, match="a list of dossier tables with at least one"):
        screen_parts([*parts, "part-00001"], "leave", AS_OF)
    with pytest.raises(PolicyError, match="no policy for 'holiday'"):
        screen_parts(parts, "holiday", AS_OF)
    with pytest.raises(ScaleError, match="on_error is 'skip'"):
        screen_parts(parts, "leave", AS_OF, on_error="skip")
    with pytest.raises(ScaleError, match="n_jobs is 0"):
        screen_parts(parts, "leave", AS_OF, n_jobs=0)
