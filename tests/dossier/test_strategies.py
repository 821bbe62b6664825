"""The strategies that other tests lean on: what they make is valid, varied and quickly made."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.schema import tables
from strategies import FIRST_AS_OF, LAST_AS_OF, corrupted, dossier_sets, dossiers

SEARCH = settings(
    max_examples=5_000, deadline=None, database=None, phases=[Phase.generate], derandomize=True
)


@given(dossiers())
def test_a_generated_dossier_is_valid(dossier):
    assert read_dossier(dossier) == dossier


@given(dossier_sets())
def test_a_generated_set_has_each_person_once(listed):
    assert len({dossier.person_id for dossier in listed}) == len(listed)


@pytest.mark.parametrize("name", tables())
def test_every_field_of_every_table_is_sometimes_given(name):
    for field, column in tables()[name].columns.items():
        if not column.required:
            find(
                dossiers(only=(name,)),
                lambda d, f=field, c=column: any(
                    getattr(r, f) != c.default for r in getattr(d, name)
                ),
                settings=SEARCH,
            )


@pytest.mark.parametrize("as_of", [FIRST_AS_OF, dt.date(2020, 6, 1), LAST_AS_OF])
def test_facts_fall_on_both_sides_of_a_day(as_of):
    for is_before in (True, False):
        find(
            dossiers(only=("convictions",)),
            lambda d, b=is_before: any((r.recorded_at <= as_of) is b for r in d.convictions),
            settings=SEARCH,
        )


def test_some_facts_withdraw_another():
    find(dossiers(only=("debts",)), lambda d: any(r.void for r in d.debts), settings=SEARCH)


@given(st.data())
def test_a_corrupted_dossier_differs_from_the_valid_one_in_each_named_place(data):
    dossier = data.draw(dossiers())
    broken = data.draw(corrupted(dossier))
    assert broken.faults
    for fault in broken.faults:
        if fault.kind in ("born after a fact", "recorded after the limit"):
            continue
        before, after = json.loads(dossier.to_json()), broken.plain
        if fault.table in tables() and fault.row >= 0:
            before, after = before[fault.table][fault.row], after[fault.table][fault.row]
        assert repr(before) != repr(after)
