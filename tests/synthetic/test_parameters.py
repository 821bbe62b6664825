"""Parameters are data: each with a mark and a source, each of them used, and each can be changed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from risicoscreener.errors import DataError
from risicoscreener.synthetic import load_parameters, simulate
from risicoscreener.synthetic.parameters import Parameters

POPULATIONS = ["flow", "sentenced"]


@pytest.mark.parametrize("population", POPULATIONS)
def test_each_parameter_has_a_mark_and_a_source(population):
    for path, entry in load_parameters(population).entries.items():
        assert entry.mark in set("CDMA"), path
        assert entry.source, path


@pytest.mark.parametrize("population", POPULATIONS)
def test_each_parameter_is_used(population, monkeypatch):
    used = set()
    read = Parameters.__getitem__

    def note(self, path):
        used.add(path)
        return read(self, path)

    monkeypatch.setattr(Parameters, "__getitem__", note)
    simulate(1, population=population)
    assert set(load_parameters(population).entries) - used == set()


def test_a_population_replaces_parameters_of_the_common_ones():
    flow, sentenced = load_parameters(), load_parameters("sentenced")
    assert flow["detention.length_is"] == "stay"
    assert sentenced["detention.length_is"] == "sentence"
    assert flow["people.age"] == sentenced["people.age"]


def test_a_day_is_given_as_days_since_1970():
    days = (dt.date(2021, 7, 1) - dt.date(1970, 1, 1)).days
    assert load_parameters()["law.new_regime_from"] == days


def test_a_linear_predictor_is_the_sum_of_coefficients_times_variables():
    p = load_parameters(
        changes={"outcomes.any_2y": {"intercept": 1.0, "age": 2.0, "in_work": -1.0}}
    )
    found = p.linear(
        "outcomes.any_2y", {"age": np.array([0.0, 3.0]), "in_work": np.array([1, 0]), "x": 9}
    )
    np.testing.assert_array_equal(found, [0.0, 7.0])


def test_a_changed_parameter_says_that_the_caller_changed_it():
    entry = load_parameters(changes={"people.female_share": 0.5}).entries["people.female_share"]
    assert (entry.value, entry.mark, entry.source) == (0.5, "A", "changed by the caller")
    assert load_parameters()["people.female_share"] == 0.06


def test_a_changed_parameter_changes_the_people():
    sexes = simulate(1000, changes={"people.female_share": 0.5}).tables.to_pandas("persons")["sex"]
    assert 0.45 < (sexes == "female").mean() < 0.55


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"population": "juvenile"}, "expected one of flow, sentenced"),
        ({"changes": {"people.height": 1}}, "'people.height'"),
        ({"changes": {"people.female_share": "6 %"}}, "expected a number such as 0.06"),
        ({"changes": {"people.female_share": True}}, "expected a number such as 0.06"),
        ({"changes": {"people.age": 30.0}}, "people.age is 30.0; expected a table"),
        ({"changes": {"calendar.as_of_from": 2016}}, "expected a date"),
        ({"changes": {"detention.as_of_fraction": 0.5}}, "expected a list"),
        ({"changes": {"outcomes.any_2y": {"in_wrok": 1.0}}}, "outcomes.any_2y names .*'in_wrok'"),
        ({"changes": {"debts.kind": {"gambling": 1.0}}}, "'gambling' is no code of 'debt_kind'"),
    ],
)
def test_an_unknown_population_or_parameter_or_a_value_that_cannot_be_meant_is_refused(
    arguments, what
):
    with pytest.raises(DataError, match=what):
        simulate(1, **arguments)
