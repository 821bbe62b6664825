"""Which facts count on a day, and when nothing in a table means that there is nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from risicoscreener.dossier import read_dossier
from risicoscreener.dossier.visible import is_consulted, visible
from strategies import a_debt, a_person

TODAY = dt.date(2024, 6, 1)


def asked(**changes):
    row = {"subject": "debts", "source": "municipality", "complete": True}
    return {**row, "recorded_at": "2024-01-02", "consulted_on": "2024-01-02", **changes}


@pytest.mark.parametrize(
    ("inquiries", "consulted"),
    [
        ([], False),
        ([asked()], True),
        ([asked(complete=False)], False),
        ([asked(subject="conduct")], False),
        ([asked(complete=False), asked(subject="conduct")], False),
        ([asked(complete=False), asked()], True),
        ([asked(recorded_at="2024-06-02")], False),
    ],
)
def test_a_table_is_consulted_by_a_whole_inquiry_into_it(inquiries, consulted):
    dossier = read_dossier({**a_person(), "inquiries": inquiries})
    assert is_consulted(dossier, "debts", TODAY) is consulted


def test_a_table_with_facts_is_consulted():
    debt = a_debt(since="2024-01-02", recorded_at="2024-01-02")
    dossier = read_dossier({**a_person(), "debts": [debt]})
    assert is_consulted(dossier, "debts", TODAY)
    assert not is_consulted(dossier, "debts", dt.date(2024, 1, 1))


def positions(as_of, *debts):
    dossier = read_dossier({**a_person(), "debts": [a_debt(since="2024-01-02") | d for d in debts]})
    return [position for position, _ in visible(dossier.debts, as_of)]


def test_a_fact_counts_from_the_day_on_which_it_was_recorded():
    debt = {"recorded_at": "2024-03-01"}
    assert positions(dt.date(2024, 2, 29), debt) == []
    assert positions(dt.date(2024, 3, 1), debt) == [0]


def test_a_fact_counts_until_the_day_on_which_another_replaces_it():
    old = {"recorded_at": "2024-01-02", "fact_id": "a"}
    new = {"recorded_at": "2024-03-01", "fact_id": "b", "supersedes": "a", "amount_eur": 5.0}
    assert positions(dt.date(2024, 2, 29), old, new) == [0]
    assert positions(dt.date(2024, 3, 1), old, new) == [1]
    assert positions(dt.date(2024, 3, 1), old, new | {"void": True}) == []
