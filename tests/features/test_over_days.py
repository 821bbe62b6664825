"""Values on every day, filled in between changes, are those that are computed for each day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import cycle, product

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conduct_lives
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import TableSpec, tables
from risicoscreener.errors import DossierError
from risicoscreener.features import (
    Catalogue,
    Feature,
    catalogue,
    features_over_days,
    register_kernel,
)
from risicoscreener.features.definition import OF_ROWS, Case
from risicoscreener.features.many import compute_many
from risicoscreener.features.plan import UNREACHABLE
from risicoscreener.synthetic import simulate
from strategies import a_debt, a_person, dossier_sets, dossiers

from .strategies import KINDS, a_feature, days_of, features, is_possible

LAST = dt.date.today()


def rescanned(block, definitions: Catalogue, people: DossierTables) -> np.ndarray:
    """What the executor of tables computes for each person and day of a block."""
    n_people, n_days = block.values.shape[:2]
    positions = np.repeat(block.positions, n_days)
    days = np.tile(block.days, n_people)
    values = compute_many(definitions.plan(block.names), people, positions, days, n_threads=1)
    return values.reshape(n_people, n_days, -1)


def assert_equal_on_every_day(people, first, last, definitions, names=None, **how) -> np.ndarray:
    """Both ways give the same; the values of the last block."""
    found = features_over_days(
        people, first, last, names, definitions=definitions, n_threads=1, **how
    )
    for block in found:
        expected = rescanned(block, definitions, people)
        for column, name in enumerate(block.names):
            np.testing.assert_array_equal(
                block.values[:, :, column], expected[:, :, column], err_msg=name
            )
    return block.values


def some_days(draw: st.DrawFn, listed, longest: int) -> tuple[dt.date, dt.date]:
    """Days near facts of one of the people, after the birth of all."""
    near = draw(days_of(draw(st.sampled_from(listed)))) - dt.timedelta(
        days=draw(st.integers(0, longest))
    )
    born = max(dossier.person.birth_date for dossier in listed)
    first = min(max(near, born), LAST)
    return first, min(first + dt.timedelta(days=draw(st.integers(0, longest))), LAST)


@st.composite
def made_of(draw: st.DrawFn, inputs: list[str]) -> list[Feature]:
    """A ratio, a sum and cases of some features, and a sum of those."""
    name = st.sampled_from(inputs)
    found = [
        a_feature(
            "share",
            "ratio",
            numerator=draw(name),
            denominator=draw(name),
            none_value=draw(st.sampled_from([None, 0.5])),
        ),
        a_feature("total", "linear", terms={draw(name): 2.0, draw(name): -0.1}, constant=0.3),
        a_feature(
            "case",
            "cases",
            cases=(Case(draw(name), 1.0, high=20.0), Case(draw(name), 2.0, low=1.0)),
            requires=(draw(name),),
            otherwise=draw(st.sampled_from([None, 0.0])),
        ),
    ]
    return [*found, a_feature("all", "linear", terms={"total": 1.0, "case": 0.5}, cap=30.0)]


def of_dated_field(table: str) -> list[Feature]:
    """Of each field that is known from a day on, if the table has any, its latest value."""
    spec = tables()[table]
    found = []
    for name, _ in spec.dated:
        column = spec.columns[name]
        values = {code: float(i) for i, code in enumerate(column.codes)}
        aggregate = "days_until" if column.kind == "date" else "last"
        found.append(a_feature(name, aggregate, table=table, field=name, values=values))
    return found


@st.composite
def plans(draw: st.DrawFn) -> Catalogue:
    """Definitions over rows of one table, the age, and what is made of these."""
    first = draw(features("row_0"))
    rows = [first, *(draw(features(f"row_{i}", first.table)) for i in (1, 2))]
    if draw(st.booleans()):  # they bring the days on which others would change too
        rows += of_dated_field(str(first.table))
    age = a_feature("age", "age", cap=draw(st.sampled_from([None, 40.0])))
    made = draw(made_of([*(f.name for f in rows), "age"]))
    return Catalogue({f.name: f for f in [*rows, age, *made]})


@settings(max_examples=100, deadline=None)
@given(plans(), st.data())
def test_any_definitions_are_equal_on_every_day(own, data):
    read = ("detentions", "inquiries", str(own["row_0"].table))
    listed = [data.draw(dossiers(max_rows=5, only=read, person_id=f"p{i}")) for i in range(2)]
    first, last = some_days(data.draw, listed, data.draw(st.sampled_from([40, 400])))
    assert_equal_on_every_day(DossierTables.from_dossiers(listed), first, last, own)


YEARS = (dt.date(2006, 1, 1), dt.date(2011, 12, 31))


@st.composite
def full_dossiers(draw: st.DrawFn, table: str, n: int) -> DossierTables:
    """People of whom one table is full, and the tables that matter to any."""
    read = ("detentions", "inquiries", table)
    listed = [draw(dossiers(max_rows=7, only=read, person_id=f"p{i}", full=True)) for i in range(n)]
    return DossierTables.from_dossiers(listed)


@settings(max_examples=40, deadline=None)
@given(plans(), st.data())
def test_any_definitions_are_equal_in_years_full_of_facts(own, data):
    people = data.draw(full_dossiers(str(own["row_0"].table), 8))
    assert_equal_on_every_day(people, *YEARS, own)


def each_definition(table: str) -> Iterator[Feature]:
    """Every aggregate at every date of a table, and every condition on a field with a date.

    Windows and the like alternate, so that each meets each aggregate somewhere.
    """
    spec = tables()[table]
    dates = [name for name, column in spec.columns.items() if column.kind == "date"]
    windows, skips = cycle([None, 30, 1826, None, 400]), cycle([0, 29, 0, 1, 0, 0, 7])
    opens, bounds = cycle([False, False, True]), cycle([False, False, False, True])
    for aggregate, on in product(OF_ROWS, (None, *dates)):
        if is_possible(aggregate, spec):
            plain = {"table": table, "on": on, "since_arrival": next(bounds)}
            plain |= _of(aggregate, spec, next(windows), next(skips))
            plain["open"] = spec.ends is not None and next(opens)
            yield a_feature("trial", aggregate, **plain)
    if spec.ends is not None:
        covered = {"table": table, "since_arrival": True, "window_days": 200}
        yield a_feature("trial", "days_covered", **covered)
    for name, column in spec.columns.items():
        if column.known_from:
            for test in ("present", "absent", list(column.codes[::2]) or "present"):
                yield a_feature("trial", "count", table=table, where={name: test})
        if column.codes:
            yield a_feature("trial", "any", table=table, where={name: [column.codes[0]]})
    yield from of_dated_field(table)


def _of(aggregate: str, spec: TableSpec, window: int | None, skip: int) -> dict[str, object]:
    """What an aggregate needs, and a window."""
    if aggregate == "slope":
        return {"window_days": 400, "bin_days": 100}
    plain: dict[str, object] = {"window_days": window}
    if aggregate != "days_covered":
        plain["skip_days"] = skip
    if aggregate == "kernel":
        plain["kernel"] = "longest_gap"
    if aggregate in KINDS:
        columns = [c for c in spec.columns.values() if c.kind in KINDS[aggregate]]
        column = max(columns, key=lambda c: c.known_from is not None)
        plain["field"] = column.name
        if column.kind == "code" and aggregate != "distinct":
            plain["values"] = {code: float(i) for i, code in enumerate(column.codes)}
    if aggregate in ("days_since_last", "days_until"):
        plain |= {"none_value": 7.5, "cap": 50.0}
    return plain


@pytest.mark.parametrize("table", [name for name in tables() if name not in UNREACHABLE])
@settings(max_examples=2, deadline=None)
@given(st.data())
def test_each_part_of_the_algebra_is_equal_by_itself(table, data):
    people = data.draw(full_dossiers(table, 10))
    for feature in each_definition(table):
        assert_equal_on_every_day(people, *YEARS, Catalogue({feature.name: feature}))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_whole_catalogue_is_equal_on_every_day(data):
    listed = data.draw(dossier_sets(min_persons=1, max_rows=3))
    first, last = some_days(data.draw, listed, 60)
    assert_equal_on_every_day(DossierTables.from_dossiers(listed), first, last, catalogue())


@settings(max_examples=30, deadline=None)
@given(conduct_lives.lives(), st.integers(0, 90))
def test_lives_with_corrections_and_moves_are_equal_on_every_day(dossier, before):
    first = conduct_lives.DAY - dt.timedelta(days=before)
    last = first + dt.timedelta(days=100)
    assert_equal_on_every_day(DossierTables.from_dossiers([dossier]), first, last, catalogue())


def test_a_cohort_is_equal_on_each_day_of_a_year():
    cohort = simulate(20, seed=11, population="sentenced")
    last = cohort.truth.persons["as_of"].max().date()
    first = last - dt.timedelta(days=364)
    values = assert_equal_on_every_day(cohort.tables, first, last, catalogue(), people_at_once=7)
    assert values.shape == (6, 365, len(catalogue()))
    moved = (np.diff(values, axis=1) != 0).any(axis=(0, 1))
    assert moved.mean() > 0.3, "hardly any feature changed in the year: nothing was shown"


def test_the_first_fact_of_a_table_tells_that_nothing_matches():
    debt = a_debt(recorded_at="2021-03-01", kind="fine")
    person = read_dossier({**a_person(), "debts": [debt]})
    own = Catalogue({"f": a_feature("f", where={"kind": ["rent"]})})
    days = dt.date(2021, 2, 27), dt.date(2021, 3, 3)
    values = assert_equal_on_every_day(DossierTables.from_dossiers([person]), *days, own)
    np.testing.assert_array_equal(values.reshape(-1), [np.nan, np.nan, 0.0, 0.0, 0.0])


def test_a_complete_inquiry_tells_from_its_day_on_that_there_is_nothing():
    asked = {"recorded_at": "2021-03-01", "consulted_on": "2021-02-27", "subject": "debts"}
    asked |= {"source": "prison", "complete": True}
    person = read_dossier({**a_person(), "inquiries": [asked]})
    own = Catalogue({"f": a_feature("f")})
    days = dt.date(2021, 2, 27), dt.date(2021, 3, 3)
    values = assert_equal_on_every_day(DossierTables.from_dossiers([person]), *days, own)
    np.testing.assert_array_equal(values.reshape(-1), [np.nan, np.nan, 0.0, 0.0, 0.0])


@pytest.mark.usefixtures("own_kernels")
def test_a_kernel_that_moves_by_itself_is_computed_on_each_day():
    register_kernel(
        "fading",
        lambda ago: sum(0.5 ** (days / 30) for days in ago),
        lambda ago, segment, n: np.bincount(segment, weights=0.5 ** (ago / 30), minlength=n),
    )
    own = Catalogue({"f": a_feature("f", "kernel", table="conduct", kernel="fading")})
    cohort = simulate(5, seed=3, population="sentenced")
    last = cohort.truth.persons["as_of"].min().date()
    values = assert_equal_on_every_day(cohort.tables, last - dt.timedelta(days=50), last, own)
    assert (np.diff(values, axis=1) < 0).any()


def test_features_asked_for_twice_stand_in_each_of_their_columns():
    people = simulate(3, seed=1).tables
    day = dt.date(2020, 1, 1)
    names = ["age_years", "convictions_total", "age_years", "convictions_total"]
    values = assert_equal_on_every_day(people, day, day, catalogue(), names)
    np.testing.assert_array_equal(values[..., :2], values[..., 2:])
    assert np.isfinite(values).any()


def test_blocks_are_of_people_in_order_and_can_be_made_again():
    people = simulate(5, seed=1).tables
    first, last = dt.date(2020, 1, 1), dt.date(2020, 1, 10)
    days = features_over_days(people, first, last, ["age_years"], people_at_once=2)
    assert len(days) == 3
    for _ in range(2):
        blocks = list(days)
        assert [block.values.shape for block in blocks] == [(2, 10, 1), (2, 10, 1), (1, 10, 1)]
        ids = [person for block in blocks for person in block.person_ids.to_pylist()]
        assert ids == people.person_ids.to_pylist()


def test_threads_and_blocks_do_not_change_anything():
    people = simulate(9, seed=2).tables
    first, last = dt.date(2019, 6, 1), dt.date(2020, 6, 1)
    (whole,) = features_over_days(people, first, last, n_threads=1)
    parts = features_over_days(people, first, last, people_at_once=4, n_threads=3)
    np.testing.assert_array_equal(whole.values, np.concatenate([p.values for p in parts]))


def test_a_parquet_file_has_a_row_for_each_person_and_day(tmp_path):
    people = simulate(4, seed=1).tables
    first, last = dt.date(2020, 2, 27), dt.date(2020, 3, 1)
    names = ["convictions_total", "days_until_release"]
    days = features_over_days(people, first, last, names, people_at_once=3)
    days.write(tmp_path / "days.parquet")
    rows = pq.read_table(tmp_path / "days.parquet").to_pylist()
    assert len(rows) == 4 * 4
    expected = np.concatenate([block.values for block in days])
    for number, row in enumerate(rows):
        person, day = divmod(number, 4)
        assert row["person_id"] == str(people.person_ids[person])
        assert row["as_of"] == first + dt.timedelta(days=day)
        for column, name in enumerate(names):
            value = expected[person, day, column]
            assert row[name] == (None if np.isnan(value) else value)


def test_of_no_people_there_is_a_file_without_rows(tmp_path):
    people = DossierTables.from_dossiers([])
    day = dt.date(2020, 1, 1)
    features_over_days(people, day, day, ["age_years"]).write(tmp_path / "none.parquet")
    found = pq.read_table(tmp_path / "none.parquet")
    assert found.num_rows == 0
    assert found.column_names == ["person_id", "as_of", "age_years"]


def test_a_file_must_be_parquet(tmp_path):
    day = dt.date(2020, 1, 1)
    days = features_over_days(simulate(1, seed=1).tables, day, day, ["age_years"])
    with pytest.raises(DossierError, match=r"days.csv: expected a name that ends in .parquet"):
        days.write(tmp_path / "days.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (dt.date(2020, 1, 2), dt.date(2020, 1, 1), "the first not after the last"),
        (dt.date(2020, 1, 2), LAST + dt.timedelta(days=1), "including today"),
        (dt.date(1899, 1, 1), dt.date(2020, 1, 1), "expected days from 1900-01-01"),
        (dt.date(1905, 1, 1), dt.date(2020, 1, 1), "before the birth of"),
        ("2020-01-01", dt.date(2020, 1, 1), "first is '2020-01-01'; expected a date"),
        (dt.date(2020, 1, 1), dt.datetime(2020, 1, 1), "last is datetime"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(first, last, said):
    with pytest.raises(DossierError, match=said):
        features_over_days(simulate(2, seed=1).tables, first, last, ["age_years"])
