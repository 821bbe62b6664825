"""The compiled reader takes nothing that Python refuses, and finds the same in what it takes."""

from __future__ import annotations

import datetime as dt
import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _full_dossier import full_dossier
from cases import EXAMPLES
from read_columns import LAST, altered, takes
from risicoscreener.dossier import compiled
from risicoscreener.dossier.schema import LATEST, tables
from strategies import a_person, corrupted, dossiers, wrong_values


@pytest.fixture(scope="module")
def reader(library):
    made = compiled.reader()
    assert made is not None, "the schema has something that the library cannot hold"
    return made


def plain_case(**parts):
    return {**a_person(), **parts}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda p: p.stem)
def test_it_takes_every_example_of_the_package(reader, path):
    assert takes(reader, path.read_bytes())


@given(dossiers(), st.sampled_from([None, 1, "\t"]))
@settings(max_examples=400)
def test_it_takes_every_sound_dossier_corrections_included(reader, dossier, indent):
    assert takes(reader, dossier.to_json(), LATEST)
    assert takes(reader, json.dumps(json.loads(dossier.to_json()), indent=indent).encode(), LATEST)


@given(st.data())
@settings(max_examples=500)
def test_it_takes_nothing_that_is_corrupted(reader, data):
    broken = data.draw(corrupted(data.draw(dossiers())))
    try:
        text = broken.to_json()
    except TypeError:
        return
    assert not takes(reader, text, broken.recorded_by or LATEST)


@given(st.data())
@settings(max_examples=400)
def test_it_takes_no_value_that_a_field_may_not_have(reader, data):
    name = data.draw(st.sampled_from(list(tables())))
    dossier = data.draw(dossiers(only=(name,), full=True))
    plain = json.loads(dossier.to_json())
    row = data.draw(st.sampled_from(plain[name]))
    column = data.draw(st.sampled_from(list(tables()[name].columns.values())))
    row[column.name], _ = data.draw(wrong_values(column))
    assert not takes(reader, json.dumps(plain).encode(), LATEST)


@pytest.mark.parametrize("seed", range(4))
def test_it_takes_no_damaged_dossier(reader, seed):
    draw = random.Random(seed)
    plain = full_dossier()
    taken = sum(takes(reader, altered(plain, draw)) for _ in range(700))
    assert 100 < taken < 600, "some are sound still, and some are not"


@given(dossiers(max_rows=2), st.data())
@settings(max_examples=300)
def test_it_takes_no_dossier_with_a_byte_put_in_left_out_or_changed(reader, dossier, data):
    text = dossier.to_json()
    at = data.draw(st.integers(0, len(text) - 1))
    byte = bytes([data.draw(st.integers(0, 255))])
    end = data.draw(st.sampled_from([at, at + 1]))
    takes(reader, text[:at] + byte + text[end:], LATEST)
    takes(reader, text[:at] + text[at + 1 :], LATEST)
    takes(reader, text[:at], LATEST)


CASES = {
    "a key given twice": b'{"person_id":"p","person_id":"p","person":%s}',
    "a table given twice": b'{"person_id":"p","person":%s,"debts":[],"debts":[]}',
    "something after it": b'{"person_id":"p","person":%s} x',
    "a comma after the last": b'{"person_id":"p","person":%s,}',
    "a list that does not end": b'{"person_id":"p","person":%s,"debts":[',
    "another version": b'{"person_id":"p","schema_version":2,"person":%s}',
    "no id": b'{"person":%s}',
    "an empty id": b'{"person_id":"","person":%s}',
    "an id that is too long": b'{"person_id":"' + b"x" * 65 + b'","person":%s}',
    "a table that is null": b'{"person_id":"p","person":%s,"debts":null}',
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_it_leaves_to_python(reader, text):
    person = b'{"birth_date":"1990-01-01","sex":"male"}'
    assert not takes(reader, text % person)
    assert takes(reader, b'{"person_id":"p","person":%s}' % person)


@pytest.mark.parametrize("text", [b"", b"{", b"{}", b"null", b"[]", b"\x00", b'{"person_id":"p"'])
def test_it_survives_what_is_no_dossier(reader, text):
    assert not takes(reader, text)


def test_it_looks_no_further_than_the_day_that_it_is_told(reader):
    case = json.dumps(full_dossier()).encode()
    latest = max(
        dt.date.fromisoformat(row["recorded_at"])
        for rows in full_dossier().values()
        if isinstance(rows, list)
        for row in rows
    )
    assert takes(reader, case, latest)
    assert not takes(reader, case, latest - dt.timedelta(days=1))


def test_a_table_that_is_too_long_is_left_to_python(reader):
    row = {"occurred_on": "2020-01-01", "kind": "week_review", "category": "living_climate"}

    def case(n):
        rows = [
            {"recorded_at": "2020-01-02", **row, "grade": "desired", "fact_id": f"f{i}"}
            for i in range(n)
        ]
        return json.dumps(plain_case(conduct=rows)).encode()

    assert takes(reader, case(1024))
    assert not takes(reader, case(1025))


def test_a_schema_that_it_cannot_hold_is_refused(library):
    text = compiled.schema_text()
    assert text is not None
    for wrong in (
        b"",
        b"nonsense",
        text[: len(text) // 2],
        text.replace(b"field|date", b"field|x"),
    ):
        assert not compiled.Reader(library, wrong).at


def test_many_threads_read_in_rooms_of_their_own(reader):
    draw = random.Random(5)
    cases = [altered(full_dossier(), draw) for _ in range(300)]
    alone = [str(reader.numbers(case, LAST)) for case in cases]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            together = pool.map(lambda case: str(reader.numbers(case, LAST)), cases)
            assert list(together) == alone
