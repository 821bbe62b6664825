"""Batches of nested dossiers give what all give at once: what Spark, Dask and processes rest on."""

from __future__ import annotations

import datetime as dt
import pickle
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alike import assert_alike
from cases import KINDS, example
from risicoscreener import Screener, catalogue
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import DossierError, PolicyError, ScaleError
from risicoscreener.features import Catalogue, compute_features
from risicoscreener.features.definition import feature_from_mapping
from risicoscreener.scale.batches import Features, Problems, Reading, Screen
from risicoscreener.scale.carried import CarriedFeatures, CarriedScreener, as_plain
from risicoscreener.screening import latest_day
from strategies import as_of_days, dossier_sets

TODAY = dt.date.today()


def reading(as_of: dt.date | None = None, on_error: str = "raise") -> Reading:
    return Reading(on_error, TODAY, as_of)


def in_batches(work, nested: pa.Table, bounds: list[int]) -> pa.Table:
    """Each batch through a copy of the work, as another process would do it."""
    parts = [
        pickle.loads(pickle.dumps(work))(nested.slice(start, stop - start))
        for start, stop in zip([0, *bounds], [*bounds, nested.num_rows], strict=True)
    ]
    return pa.concat_tables(parts)


@settings(max_examples=40, deadline=None)
@given(dossier_sets(max_persons=6, min_persons=1), as_of_days(), st.data())
def test_any_batches_in_any_order_are_screened_as_the_whole(screener, dossiers, as_of, data):
    as_of = min(as_of, TODAY)
    listed = [d for d in dossiers if d.person.birth_date <= as_of and latest_day(d) <= TODAY]
    assume(listed)
    kind = data.draw(st.sampled_from(KINDS))
    whole = screener.screen_many(DossierTables.from_dossiers(listed), kind, as_of)
    shuffled = data.draw(st.permutations(listed))
    nested = DossierTables.from_dossiers(shuffled).to_nested(as_text=True)
    bounds = sorted(data.draw(st.lists(st.integers(0, len(listed)), max_size=3)))
    work = Screen(CarriedScreener.of(screener, kind), reading(as_of))
    found = in_batches(work, nested, bounds)
    assert found.schema.equals(work.schema())
    assert_alike(found, whole.to_arrow())


@pytest.mark.parametrize("kind", KINDS)
def test_a_cohort_on_days_of_its_own_is_screened_as_the_whole(screener, cohort, days, kind):
    work = Screen(CarriedScreener.of(screener, kind), reading())
    found = in_batches(work, with_days(cohort.tables, days), [7, 7, 60])
    assert_alike(found, screener.screen_many(cohort.tables, kind, days).to_arrow())
    assert len(set(found.column("outcome").to_pylist())) >= 2


def with_days(dossiers: DossierTables, days: pa.Table) -> pa.Table:
    """Nested dossiers with the list of days of each person."""
    of_person: dict[str, list[dt.date]] = {}
    for row in days.to_pylist():
        of_person.setdefault(row["person_id"], []).append(row["as_of"])
    lists = [of_person.get(person) for person in dossiers.person_ids.to_pylist()]
    column = pa.array(lists, pa.list_(pa.date32()))
    return dossiers.to_nested(as_text=True).append_column("as_of", column)


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_ids_may_be_any_kind_of_text(screener, cohort, days, kind):
    nested = with_days(cohort.tables, days)
    ids = nested.column("person_id").combine_chunks()
    ids = ids.dictionary_encode() if pa.types.is_dictionary(kind) else ids.cast(kind)
    work = Screen(CarriedScreener.of(screener, "leave"), reading())
    assert_alike(work(nested.set_column(0, "person_id", ids)), work(nested))


def test_features_of_batches_are_those_of_the_whole(cohort, days):
    names = tuple(catalogue())
    work = Features(CarriedFeatures.of(None), names, reading())
    found = in_batches(work, with_days(cohort.tables, days), [50]).sort_by(
        [("person_id", "ascending"), ("as_of", "ascending")]
    )
    frame = compute_features(cohort.tables, days, names).to_frame().sort_index()
    values = found.select(names).to_pandas().to_numpy()
    np.testing.assert_array_equal(values, frame.to_numpy())
    assert found.column("person_id").to_pylist() == list(frame.index.get_level_values(0))
    assert np.isnan(values).any()


def test_what_screens_is_carried_as_it_is(screener):
    own = feature_from_mapping(
        "debts_since_2020",
        {
            "group": "debt",
            "aggregate": "count",
            "table": "debts",
            "where": {"since": {"min": dt.date(2020, 1, 1)}},
            "text": {"nl": "schulden", "en": "debts"},
            "unit": "count",
            "source": "a test",
        },
        "test",
    )
    definitions = catalogue().with_features(own)
    carried = CarriedFeatures.of(definitions)
    assert repr(dict(carried.catalogue())) == repr(dict(definitions))
    with_own = Screener(screener.bundle, screener.policies, definitions)
    sent = pickle.loads(pickle.dumps(CarriedScreener.of(with_own, "leave")))
    made = sent.screener()
    assert made.bundle.sha256 == screener.bundle.sha256
    assert made.kinds == ("leave",)
    assert repr(dict(made.definitions)) == repr(dict(definitions))
    versions = [policy.digest for policy in screener.policies.versions("leave")]
    assert [policy.digest for policy in made.policies.versions("leave")] == versions
    assert sent.screener() is pickle.loads(pickle.dumps(sent)).screener()


def test_shipped_definitions_go_by_name():
    read_again = Catalogue({name: replace(feature) for name, feature in catalogue().items()})
    assert CarriedFeatures.of(read_again) == CarriedFeatures.of(None)
    assert CarriedFeatures.of(None).definitions is None


def test_another_version_of_the_library_is_refused():
    with pytest.raises(ScaleError, match=r"the one that sent the work 0\.0\.0; expected the same"):
        CarriedFeatures(None, "0.0.0").catalogue()


def test_a_kind_of_decision_that_is_not_there_is_refused_before_anything_is_sent(screener):
    with pytest.raises(PolicyError, match="no policy for 'holiday'"):
        CarriedScreener.of(screener, "holiday")


def faulty() -> pa.Table:
    """Two people, of whom one has a debt of an unknown kind, and a third born too late."""
    good, bad, unborn = example("grant"), example("deny"), example("grant")
    good["person_id"], bad["person_id"], unborn["person_id"] = "good", "bad", "unborn"
    tables = DossierTables.from_dossiers([read_dossier(one) for one in (good, bad, unborn)])
    plain = tables.to_nested(as_text=True).to_pylist()
    plain[1]["convictions"][0]["offence_class"] = "jaywalking"
    plain[2]["birth_date"] = dt.date(1800, 1, 1)
    return pa.Table.from_pylist(plain, tables.to_nested(as_text=True).schema)


def test_what_is_wrong_is_named_or_set_apart_and_listed(screener):
    carried = CarriedScreener.of(screener, "leave")
    with pytest.raises(DossierError, match=r"offence_class = 'jaywalking'.*\(person bad\)"):
        Screen(carried, reading(TODAY))(faulty())
    set_apart = Screen(carried, reading(TODAY, "quarantine"))(faulty())
    assert set_apart.column("person_id").to_pylist() == ["good", "bad"]
    with_days_of = faulty().append_column("as_of", pa.array([TODAY] * 3, pa.date32()))
    assert_alike(Screen(carried, reading(None, "quarantine"))(with_days_of), set_apart)
    listed = Problems(TODAY)(with_days_of).to_pylist()
    assert {row["person_id"] for row in listed} >= {"bad", "unborn"}
    assert any(row["field"] == "offence_class" and row["value"] == "'jaywalking'" for row in listed)
    assert Problems(TODAY)(faulty().slice(0, 1)).num_rows == 0


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (None, "no day is given, and the dossiers have no column as_of"),
        (
            pa.array(["2024-01-01"]),
            "the column as_of holds string; expected days, or lists of them",
        ),
        (pa.array([[None]], pa.list_(pa.date32())), "as_of of person good is missing"),
        (pa.array([None], pa.date32()), "as_of of person good is missing"),
        (
            pa.array([dt.date(2090, 1, 1)]),
            "as_of is 2090-01-01; expected a day after the birth of good",
        ),
    ],
)
def test_days_that_are_none_are_refused(screener, column, message):
    nested = faulty().slice(0, 1)
    if column is not None:
        nested = nested.append_column("as_of", column)
    with pytest.raises(DossierError, match=message):
        Screen(CarriedScreener.of(screener, "leave"), reading())(nested)


def test_plain_tables_have_no_dictionaries(screener, cohort):
    table = screener.screen_many(cohort.tables, "leave", "2024-01-01").to_arrow()
    assert "dictionary" not in str(as_plain(table).schema)
    assert as_plain(table).to_pylist() == table.to_pylist()
