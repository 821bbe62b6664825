"""The fast reading accepts exactly what the validation of tables finds no problem in."""

from __future__ import annotations

import copy
import json

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import DossierTables, read_dossier, reading
from risicoscreener.dossier.schema import persons, tables
from risicoscreener.errors import DossierError
from strategies import applies, corrupted, dossiers, wrong_values

ODD_VALUES = (
    None, True, False, 0, 1, 3, 3.0, -0.0, 2.5, -1, 1e8, 1e8 + 1, 36525, 36526, 10**20, 10**400,
    float("nan"), float("inf"), "", "a", "a\n", "male", "none", "true", "3", "2020-01-01",
    "2020-01-01\n", "2020-1-1", "2020-01-01T00:00:00", "1900-01-01", "1899-12-31", "2199-12-31",
    "2200-01-01", "0000-00-00", "\ud800", "٣", [], {}, [1], {"a": 1}, b"a",
)  # fmt: skip


def agreed(source, recorded_by=None):
    """Whether a source is accepted, after checking that both ways say the same."""
    fast = reading._read_fast(copy.deepcopy(source), recorded_by)
    try:
        found = reading._examine(source, recorded_by)
    except DossierError:
        assert fast is None
        return False
    assert (fast is not None) == (not found.problems), [str(p) for p in found.problems]
    assert fast == found.dossier
    assert "passes all checks" not in "".join(p.expected for p in found.problems)
    assert not any(
        (p.table, p.field, p.value) == ("dossier", "", "a value") for p in found.problems
    )
    return fast is not None


@given(dossiers())
def test_both_accept_what_is_valid(dossier):
    assert agreed(dossier.to_json())
    assert agreed(json.loads(dossier.to_json()))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_both_refuse_what_is_corrupted(data):
    broken = data.draw(corrupted(data.draw(dossiers())))
    assert not agreed(broken.plain, broken.recorded_by)
    assert not agreed(broken.to_json(), broken.recorded_by)


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_both_agree_on_any_value_in_any_field(data):
    name = data.draw(st.sampled_from(["persons", *tables()]))
    spec = persons() if name == "persons" else tables()[name]
    dossier = data.draw(dossiers(only=(name,), max_rows=2))
    plain = json.loads(dossier.to_json())
    rows = [plain["person"]] if name == "persons" else plain.get(name, [])
    for row in rows:
        field = data.draw(st.sampled_from(sorted(spec.columns)))
        row[field] = data.draw(st.sampled_from(ODD_VALUES) | st.dates() | st.floats() | st.text())
    agreed(plain)
    try:
        agreed(json.dumps(plain))
    except TypeError:
        pass  # bytes and dates have no place in JSON


@pytest.mark.parametrize("name", ["persons", *tables()])
def test_both_agree_on_every_wrong_value_of_every_field(name):
    spec = persons() if name == "persons" else tables()[name]
    sound = minimal(name)
    assert agreed(sound)
    for field, column in spec.columns.items():
        for value in (*ODD_VALUES, *(v for v, _ in every(wrong_values(column)))):
            changed = copy.deepcopy(sound)
            row = changed["person"] if name == "persons" else changed[name][0]
            row[field] = value
            agreed(changed)


def every(sampled):
    return sampled.elements


def minimal(name: str) -> dict:
    """The valid dossier with one row in one table, all optional fields absent."""
    plain = {"person_id": "a", "person": {"birth_date": "1990-01-01", "sex": "male"}}
    if name != "persons":
        values = {
            "date": "2020-01-01", "flag": True, "integer": 1, "number": 1.0, "text": "a"
        }  # fmt: skip
        row = {
            field: column.codes[0] if column.kind == "code" else values[column.kind]
            for field, column in tables()[name].columns.items()
            if column.required
        }
        for agreement in tables()[name].agreements:
            if applies(agreement, row) and agreement.codes:
                row[agreement.field] = agreement.codes[0]
        plain[name] = [row]
    return plain


@given(dossiers(), st.dates())
def test_both_agree_on_a_limit_to_the_day_of_recording(dossier, recorded_by):
    recorded = [row.recorded_at for name in tables() for row in getattr(dossier, name)]
    within = all(day <= recorded_by for day in recorded)
    assert agreed(dossier, recorded_by) is within


LINKS = st.fixed_dictionaries(
    {"day": st.integers(1, 3)},
    optional={
        "fact_id": st.sampled_from("abc"),
        "supersedes": st.sampled_from("abc"),
        "void": st.booleans(),
    },
)


@given(st.lists(LINKS, max_size=5))
@settings(max_examples=400, deadline=None)
def test_both_agree_on_links_between_facts(links):
    plain = minimal("debts")
    rows = []
    for link in links:
        row = {**plain["debts"][0], **link}
        row["recorded_at"] = f"2020-01-0{row.pop('day')}"
        rows.append(row)
    agreed({**plain, "debts": rows})


@given(dossiers(max_rows=2))
def test_records_and_their_tables_are_accepted_alike(dossier):
    changed = msgspec.structs.replace(dossier, person=copy.copy(dossier.person))
    changed.person.birth_date = changed.person.birth_date.replace(year=2015)
    try:
        DossierTables.from_dossiers([changed])
        accepted = True
    except DossierError:
        accepted = False
    assert agreed(changed) is accepted


def test_a_record_made_by_hand_is_checked_like_any_other():
    dossier = read_dossier(minimal("debts"))
    dossier.debts[0].amount_eur = -3.0
    with pytest.raises(DossierError, match=r"debts\[0\].amount_eur = -3"):
        read_dossier(dossier)
    inside = {**minimal("debts"), "debts": dossier.debts}
    with pytest.raises(DossierError, match=r"debts\[0\].amount_eur = -3"):
        read_dossier(inside)


KEYS = st.sampled_from(
    ["grade", "kind", "occurred_on", "person_id", "birth_date", "conduct", "sex"]
)


@given(KEYS, st.integers(0, 3), st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :")]))
def test_a_key_that_is_given_twice_is_refused_however_it_is_written(key, written_as, separators):
    plain = {**minimal("conduct"), "schema_version": 1}
    sound = json.dumps(plain, separators=separators)
    assert agreed(sound)
    between, colon = separators
    value = {"person_id": '"b"', "conduct": "[]"}.get(key, '"desired"')
    name = (key, f"{key[:-1]}\\u{ord(key[-1]):04x}", f"\\u{ord(key[0]):04x}{key[1:]}", key)[
        written_as
    ]
    double = sound.replace(f'"{key}"', f'"{name}"{colon}{value}{between}"{key}"', 1)
    assert json.loads(double) == json.loads(sound)
    assert not agreed(double)
    assert not agreed(double.encode())


@given(st.lists(st.sampled_from("ab"), max_size=4), st.booleans())
def test_colons_in_values_and_defaults_written_out_hide_no_key(ids, twice):
    """The quick test counts colons: what adds or hides one may not make up for another."""
    rows = [{**minimal("debts")["debts"][0], "fact_id": f"{c}:{i}"} for i, c in enumerate(ids)]
    rows.append({**minimal("debts")["debts"][0], "void": False, "until": None})
    text = json.dumps({**minimal("debts"), "debts": rows}).replace(":0", "\\u003a0")
    if twice:
        text = text.replace('"until": null', '"until": null, "until": "2021-01-01"')
    assert agreed(text) is not twice


@example(["\ufeff", ""])
@example(["", "\n \t"])
@given(st.lists(st.sampled_from(["\ufeff", " ", "\n", "x", ",", "\x00"]), min_size=2, max_size=2))
def test_both_agree_on_what_stands_around_the_json(around):
    source = around[0] + json.dumps(minimal("debts")) + around[1]
    agreed(source)
    agreed(source.encode())
