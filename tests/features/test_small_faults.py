"""What a small change of the code would break, and no other test sees."""

from __future__ import annotations

import datetime as dt

import pytest

from risicoscreener import features
from risicoscreener.dossier import read_dossier
from risicoscreener.errors import FeatureError
from risicoscreener.features import catalogue
from risicoscreener.features.one import is_consulted
from strategies import a_debt, a_person

TODAY = dt.date(2024, 6, 1)


@pytest.mark.parametrize("name", features.__all__)
def test_each_public_name_is_there(name):
    found = getattr(features, name)
    assert getattr(found, "__name__", name) == name


def test_a_name_that_is_not_public_is_said():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = features.nothing


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


@pytest.mark.parametrize("name", catalogue())
def test_a_part_of_a_plan_is_the_plan_of_that_part(name):
    whole, alone = catalogue().plan([*catalogue()]), catalogue().plan([name])
    part = whole.part((name,))
    assert part.names == alone.names
    assert {*part.features} == {*alone.features}
    assert {t: {i.feature.name for i in items} for t, items in part.of_rows.items()} == {
        t: {i.feature.name for i in items} for t, items in alone.of_rows.items()
    }


def test_a_feature_that_does_not_exist_is_named():
    with pytest.raises(FeatureError, match="nothing"):
        catalogue().plan(["nothing"])
