"""Whatever is given as a dossier, it is read or refused with `DossierError`; nothing else."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import json
import types
import uuid

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import Dossier, read_dossier, read_dossier_leniently
from risicoscreener.dossier.reading import MAX_BYTES
from risicoscreener.dossier.record import Fact
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError
from strategies import a_debt as debt
from strategies import a_person as person
from strategies import dossiers

TOP_LEVEL = Dossier.__struct_fields__
FIELDS = sorted({name for spec in tables().values() for name in spec.columns} | set(TOP_LEVEL))


def read_either_way(source):
    """The dossier if it is one; any other error than `DossierError` comes through."""
    try:
        strict = read_dossier(source)
    except DossierError as error:
        assert str(error)
        assert all(line.isprintable() for line in str(error).split("\n"))
        strict = None
    try:
        lenient, problems = read_dossier_leniently(source)
    except DossierError:
        assert strict is None
        return None
    assert (strict == lenient) is (not problems)
    assert read_dossier(lenient.to_json()) == lenient
    return strict


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(FIELDS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_any_bytes(source):
    read_either_way(source)


@given(st.text(st.characters(), max_size=200))
def test_any_text(source):
    read_either_way(source)


@given(json_values)
@settings(max_examples=150)
def test_any_json_value(value):
    read_either_way(value)
    read_either_way(json.dumps(value))


@given(st.dictionaries(st.sampled_from(TOP_LEVEL), json_values, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_object_with_the_fields_of_a_dossier(parts):
    read_either_way({**person(), **parts})


@given(dossiers(max_rows=2), st.data())
@settings(max_examples=150, deadline=None)
def test_json_with_bytes_changed_lost_doubled_or_swapped(dossier, data):
    source = bytearray(dossier.to_json())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(source) - 1))
        until = min(len(source), at + data.draw(st.integers(1, 30)))
        how = data.draw(st.integers(0, 3))
        if how == 0:
            source[at] = data.draw(st.integers(0, 255))
        elif how == 1:
            del source[at:until]
        elif how == 2:
            source[at:at] = source[at:until]
        else:
            source[at] = data.draw(st.sampled_from(b'{}[]",:0-"'))
        source = source or bytearray(b"{")
    read_either_way(bytes(source))


@given(dossiers(max_rows=2), st.data())
@settings(max_examples=150, deadline=None)
def test_a_dossier_with_any_value_put_anywhere(dossier, data):
    plain = msgspec.to_builtins(dossier)
    node, key = plain, data.draw(st.sampled_from(sorted(plain)))
    while isinstance(node[key], (dict, list)) and node[key] and data.draw(st.integers(0, 4)):
        node = node[key]
        keys = sorted(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
    node[key] = data.draw(json_values)
    read_either_way(plain)


class Wrapped(str):
    __slots__ = ()


class Kind(enum.Enum):
    FINE = "fine"


class Thing:
    def __repr__(self):
        raise RuntimeError("no")


OBJECTS = [
    Thing(), object(), Wrapped("fine"), Kind.FINE, b"fine", bytearray(b"fine"), memoryview(b"fine"),
    uuid.UUID(int=5), decimal.Decimal(3), decimal.Decimal("NaN"), decimal.Decimal("sNaN"),
    decimal.Decimal("Infinity"), dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 3),
    dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.date(2020, 1, 1), dt.time(3), dt.timedelta(3),
    np.float64(3), np.float64("nan"), np.int64(3), np.bool_(True), np.str_("fine"),
    np.datetime64("2020-01-01"), np.datetime64("2020-01-01T03:00"), np.datetime64("NaT"),
    np.array([3.0]), np.complex128(3), pd.Timestamp("2020-01-01"), pd.NaT, pd.NA, pd.Series([3.0]),
    {1, 2}, (1, 2), frozenset(), range(3), types.MappingProxyType({"a": 1}), 3j, 10**5000,
    lambda: 3, Fact(recorded_at="2020"), float("nan"),
]  # fmt: skip


@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
def test_any_python_object_in_any_place(value):
    read_either_way(value)
    read_either_way({**person(), "person": value})
    read_either_way({**person(), "person_id": value})
    read_either_way({**person(), "debts": value})
    read_either_way({**person(), "debts": [value]})
    if is_hashable(value):
        read_either_way({**person(), value: 3})
        read_either_way({**person(), "debts": [{value: 3}]})
    for name, spec in tables().items():
        for field in spec.columns:
            read_either_way({**person(), name: [{field: value}]})
    for field in debt(fact_id="a", void=False, arrangement="none", until="2021-01-01"):
        read_either_way({**person(), "debts": [debt(**{field: value})]})


def is_hashable(value):
    try:
        return bool(hash(value)) or True
    except TypeError:
        return False


def test_plain_scalars_of_numpy_are_read_as_what_they_hold():
    found = read_dossier(
        {**person(), "debts": [debt(amount_eur=np.float64(3.5), kind=np.str_("tax"))]}
    )
    assert (found.debts[0].amount_eur, found.debts[0].kind) == (3.5, "tax")
    with pytest.raises(DossierError, match="amount_eur = nan"):
        read_dossier({**person(), "debts": [debt(amount_eur=np.float64("nan"))]})


def test_mappings_and_tuples_of_any_class_are_read_as_objects_and_lists():
    proxy = types.MappingProxyType
    source = proxy({**person(), "person": proxy(person()["person"]), "debts": (proxy(debt()),)})
    assert read_dossier(source) == read_dossier({**person(), "debts": [debt()]})


@pytest.mark.parametrize("bom", [b"\xef\xbb\xbf", b"\xff\xfe", b""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_only_utf8_without_a_byte_order_mark_is_json(bom, encoding):
    source = bom + json.dumps({**person(), "debts": []}).encode(encoding)
    if not bom and encoding in ("utf-8", "latin-1"):
        assert read_dossier(source).person_id == "p1"
    else:
        with pytest.raises(DossierError, match="is not JSON in UTF-8"):
            read_dossier(source)


def test_a_byte_order_mark_is_named():
    with pytest.raises(DossierError, match="BOM"):
        read_dossier(b"\xef\xbb\xbf" + json.dumps(person()).encode())


def test_names_and_texts_may_be_escaped():
    source = json.dumps(person()).replace("birth", "\\u0062irth").replace("male", "m\\u0061le")
    assert read_dossier(source) == read_dossier(person())
    assert read_dossier(source.encode()) == read_dossier(person())


def test_a_lone_surrogate_is_named_where_it_stands():
    source = json.dumps({**person(), "housing": [{"municipality": "\ud800"}]})
    with pytest.raises(DossierError, match=r"housing\[0\]\.municipality = '\\ud800'"):
        read_dossier(source)


def test_a_number_too_large_for_json_readers_is_named_where_it_stands():
    for number in ("1e400", "1" * 400, "NaN", "-Infinity"):
        source = json.dumps({**person(), "debts": [debt(amount_eur=12345)]})
        with pytest.raises(DossierError, match=r"debts\[0\]\.amount_eur = "):
            read_dossier(source.replace("12345", number))


@pytest.mark.parametrize("depth", [500, 100_000])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused(depth, opens, closes):
    nested = opens * depth + "1" + closes * depth
    for source in (nested, f'{{"person_id": "a", "person": {nested}}}', f'{{"debts": [{nested}]}}'):
        with pytest.raises(DossierError):
            read_dossier(source)
        with pytest.raises(DossierError):
            read_dossier_leniently(source.encode())


def test_deep_nesting_and_circles_of_python_objects_are_refused():
    inner: dict = {}
    circle: dict = {**person(), "debts": [inner]}
    inner["kind"] = circle
    with pytest.raises(DossierError):
        read_dossier(circle)
    deep: dict = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(DossierError):
        read_dossier({**person(), "person": deep})


def test_more_than_the_largest_size_is_refused_unread():
    for source in (b" " * (MAX_BYTES + 1), " " * (MAX_BYTES + 1)):
        with pytest.raises(DossierError, match=r"5,000,001 \w+; expected at most 5,000,000"):
            read_dossier(source)
    padded = json.dumps(person()).encode().ljust(MAX_BYTES)
    assert read_dossier(padded).person_id == "p1"


def test_a_dossier_of_the_largest_size_with_every_row_wrong_is_refused_in_time():
    rows = [debt(amount_eur=-1, fact_id=f"f{i}", supersedes=f"f{i - 1}") for i in range(30_000)]
    source = json.dumps({**person(), "debts": rows})
    assert len(source) < MAX_BYTES
    with pytest.raises(DossierError) as caught:
        read_dossier(source)
    assert len(caught.value.problems) >= 30_000
    assert len(str(caught.value)) < 10_000


@pytest.mark.parametrize("source", [None, 3, [], [person()], "[]", b"null", "3", '"x"', ""])
def test_what_is_no_object_is_said_to_be_none(source):
    with pytest.raises(DossierError, match="one JSON object|not JSON"):
        read_dossier(source)


def test_an_invalid_person_id_is_not_repeated_in_the_first_line():
    with pytest.raises(DossierError, match="the dossier of an unnamed person is not valid"):
        read_dossier({**person(), "person_id": "SYN-000001\nSYN-000002"})
