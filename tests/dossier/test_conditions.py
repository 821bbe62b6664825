"""Special conditions of a liberty: a whole number, known from the day of the decision."""

from __future__ import annotations

import pytest

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError
from strategies import a_person as person

CONDITIONAL = {
    "recorded_at": "2024-01-10",
    "kind": "conditional_release",
    "asked_on": "2024-01-08",
    "decision": "granted",
    "decided_on": "2024-03-01",
}


def of(**more):
    return {**person(), "liberties": [{**CONDITIONAL, **more}]}


@pytest.mark.parametrize("number", [0, 4, None])
def test_special_conditions_are_read_as_they_are_given(number):
    read = read_dossier(of(special_conditions=number))
    (again,) = DossierTables.from_dossiers([read]).to_dossiers()
    assert read.liberties[0].special_conditions == number
    assert again == read


def test_special_conditions_are_known_from_the_day_of_the_decision():
    assert tables()["liberties"].columns["special_conditions"].known_from == "decided_on"


@pytest.mark.parametrize("number", [-1, 101, 2.5, "two"])
def test_a_number_of_special_conditions_that_cannot_be_is_refused_by_its_name(number):
    with pytest.raises(DossierError, match="special_conditions"):
        read_dossier(of(special_conditions=number))
