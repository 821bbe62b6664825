"""Parameters are data: each with a mark and a source, each of them used, and each can be changed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from risicoscreener.dossier import vocabularies
from risicoscreener.errors import DataError
from risicoscreener.synthetic import load_parameters, simulate
from risicoscreener.synthetic.kinds import Parameter, checked
from risicoscreener.synthetic.parameters import Parameters, _leaves

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
    aim_of_another = {"outcomes.curve"}  # what outcomes.own_curve is fitted to
    assert set(load_parameters(population).entries) - used == aim_of_another


@pytest.mark.parametrize("population", POPULATIONS)
def test_each_predictor_may_name_exactly_the_variables_that_it_is_given(population, monkeypatch):
    given, read = {}, Parameters.linear

    def note(self, path, variables):
        given.setdefault(path, set()).update(variables)
        return read(self, path, variables)

    monkeypatch.setattr(Parameters, "linear", note)
    simulate(1, population=population)
    entries = load_parameters(population).entries
    named = {p: set(e.variables) for p, e in entries.items() if e.kind == "coefficients"}
    assert given == named


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
    "path",
    [
        "outcomes.any_2y.female",
        "outcomes.any_2y.violence_trait",
        "offences.mix.drugs",
        "outcomes.level_by_year.2005",
    ],
)
def test_a_path_may_lead_into_a_table_of_which_the_rest_stays(path):
    whole, _, name = path.rpartition(".")
    base, changed = load_parameters()[whole], load_parameters(changes={path: 0.3})[whole]
    assert changed == {**base, name: 0.3}


def test_several_changes_of_a_table_are_made_in_turn():
    changes = {"people.age": {"scale": 8.0, "shape": 2.0}, "people.age.shape": 3.0}
    assert load_parameters(changes=changes)["people.age"] == {"shape": 3.0, "scale": 8.0}


def test_names_that_are_fixed_and_years_are_put_in_their_order():
    changes = {"offences.severity_step": {"higher": 0.3, "lower": 0.1, "same": 0.6}}
    changes["outcomes.level_by_year"] = {"2010": 0.0, "2002": 0.4}
    p = load_parameters(changes=changes)
    assert list(p["offences.severity_step"]) == ["lower", "same", "higher"]
    assert list(p["outcomes.level_by_year"]) == ["2002", "2010"]


@pytest.mark.parametrize("population", ["juvenile", "flo", 3])
def test_an_unknown_population_is_refused(population):
    with pytest.raises(DataError, match="expected one of flow, sentenced"):
        load_parameters(population)


NAN, INFINITY, HUGE = float("nan"), float("inf"), 10**400


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("people.height", 1, "there is no parameter 'people.height'"),
        ("people.femal_share", 0.1, "did you mean 'people.female_share'"),
        ("people.female_share.men", 0.1, "there is no parameter 'people.female_share.men'"),
        ("people.female_share", "6 %", "people.female_share is '6 %'; expected a share from 0 to"),
        ("people.female_share", True, "people.female_share is True; expected a share"),
        ("people.female_share", NAN, "people.female_share is nan"),
        ("people.female_share", HUGE, "people.female_share is 1000"),
        ("people.female_share", -0.1, "people.female_share is -0.1; expected a share from 0 to 1"),
        ("people.female_share", 1.1, "people.female_share is 1.1"),
        ("people.female_share", None, "people.female_share is None"),
        ("history.dispersion", 0, "history.dispersion is 0; expected a number above zero"),
        ("history.dispersion", INFINITY, "history.dispersion is inf"),
        ("history.momentum_on_propensity", -1.2, "expected a finite number, at least -1, at most"),
        ("detention.prisons", 2.5, "expected a whole number from one up, at most 99"),
        ("detention.prisons", 0, "detention.prisons is 0"),
        ("detention.prisons", 10**9, "detention.prisons is 1000000000"),
        ("law.isd_days", -1, "law.isd_days is -1; expected a whole number from zero up"),
        ("people.age", 30.0, "people.age is 30.0; expected a table such as shape = 1.9"),
        ("people.age", {"shape": 1.0}, "people.age lacks the key 'scale'"),
        ("people.age.shape", 0.0, "people.age.shape is 0.0; expected a number above zero"),
        ("people.age.shap", 1.0, "there is no 'shap' in people.age; .* did you mean 'shape'"),
        ("people.least_age", 90.0, "people.least_age is 90.0; expected .* at most 85"),
        ("registration.disposal_lag.mean", 0, "registration.disposal_lag.mean is 0"),
        ("detention.length.least", 9000, "detention.length.least is 9000; expected no more than"),
        ("detention.length.most", 40_000, "detention.length.most is 40000; .* at most 36,525"),
        ("conduct.recording.mean", 1e6, "conduct.recording.mean is 1000000.0; expected a mean"),
        ("law.isd_days", 10**7, "law.isd_days is 10000000; .* at most 1,000,000"),
        ("calendar.extracted_on", dt.date(2015, 1, 1), "not before 2016-01-01"),
        ("calendar.as_of_from", dt.date(1900, 1, 1), "not before 1970-01-01"),
        ("detention.length.sigma", -1.0, "detention.length.sigma is -1.0"),
        ("detention.length.most", 2.5, "detention.length.most is 2.5; expected a whole number"),
        ("detention.length_is", "stay of", "expected one of stay, sentence"),
        ("calendar.as_of_from", 2016, "calendar.as_of_from is 2016; expected a date"),
        ("calendar.as_of_from", "2016-01-01", "without quotation marks"),
        ("calendar.as_of_from", dt.datetime(2016, 1, 1), "expected a date"),
        ("calendar.as_of_from", dt.date(2026, 1, 1), "not after 2025-12-31"),
        ("detention.as_of_fraction", 0.5, "expected a list such as \\[0.5, 1.0\\]"),
        ("detention.as_of_fraction", [0.5], "expected a list of 2 numbers"),
        ("detention.as_of_fraction", [0.9, 0.5], "of which the second is not the lower one"),
        ("detention.as_of_fraction", [0.9, 1.5], "detention.as_of_fraction\\[1\\] is 1.5"),
        ("programme.decision_days", [1.5, 6], "programme.decision_days\\[0\\] is 1.5"),
        ("history.crime_age", [12, 14], "history.crime_by_age .* expected a list of 2 numbers"),
        ("outcomes.knots", [0, 30, 30], "expected numbers that rise"),
        ("outcomes.knots", [0, 365, 730], "outcomes.horizon_days.5y is 1826; expected one of 0"),
        ("outcomes.horizon_days.2y", 700, "outcomes.horizon_days.2y is 700; expected one of 0"),
        ("outcomes.any_2y", {"in_wrok": 1.0}, "outcomes.any_2y has .* did you mean 'in_work'"),
        ("outcomes.any_2y.in_wrok", 1.0, "there is no 'in_wrok' in outcomes.any_2y"),
        ("conduct.intolerable_subjects", "drugs", "expected a list of codes"),
        ("conduct.intolerable_subjects", ["drug"], "is 'drug'; .* did you mean 'drugs'"),
        ("recording.recoded_offences", {"theft": "steal"}, "recoded_offences.theft is 'steal'"),
        ("recording.recoded_offences", {"steal": "theft"}, "has the key 'steal'"),
        ("offences.mix_by_year.drugs", {"2010": 0.0}, "drugs.2010 is 0.0; expected a number above"),
        ("offences.mix_by_year.drugs", {"now": 1.0}, "has the key 'now'; expected a year"),
        ("outcomes.any_2y.female", INFINITY, "outcomes.any_2y.female is inf"),
        ("circumstances.addiction.homeless", 1.0, "there is no 'homeless' in circ"),
        ("outcomes.curve.ceiling", 1.0, "outcomes.curve.ceiling is 1.0; .* at most 0.99"),
        ("outcomes.level_by_year", {}, "expected a table of values by year"),
        ("outcomes.level_by_year.last", 0.1, "has the key 'last'; expected a year of four digits"),
        (
            "debts.kind",
            {"gambling": 1.0},
            "debts.kind has the key 'gambling'; expected one of fine",
        ),
        ("debts.creditor.fine", "bank", "debts.creditor.fine is 'bank'; expected one of state"),
        ("offences.mix.drugs", -1, "offences.mix.drugs is -1; expected a number from zero up"),
        ("offences.mix.arson", 1, "there is no 'arson' in offences.mix"),
        ("offences.classes.drugs", {"drugs": 0}, "of which at least one is above zero"),
        ("offences.classes.drugs", {}, "of which at least one is above zero"),
        ("offences.severity.grade.theft", 6, "offences.severity.grade.theft is 6"),
        ("interventions.levels.labour_hours", [1], "interventions.levels.labour_hours is .1."),
        ("interventions.levels.labour_hours", [1, 200], "labour_hours\\[1\\] is 200"),
    ],
)
def test_a_parameter_that_is_not_or_a_value_that_cannot_be_meant_is_refused(path, value, what):
    with pytest.raises(DataError, match=what):
        load_parameters(changes={path: value})


@pytest.mark.parametrize("population", POPULATIONS)
def test_a_table_has_a_value_for_each_code_that_can_be_drawn(population):
    p = load_parameters(population)
    of_debts = vocabularies()["debt_kind"].codes
    for path in ("debts.creditor", "debts.registered", "debts.median_eur"):
        assert set(p[path]) == set(of_debts)
    for path in ("conduct.category.by_subject",):
        assert set(p[path]) == set(vocabularies()["conduct_subject"].codes)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"value": 1, "mark": "A", "source": "x"}, "a.b in parameters.toml lacks 'kind'"),
        ({"value": 1, "mark": "A", "kind": "share"}, "lacks 'source'"),
        ({"value": 1, "mark": "A", "source": "x", "kind": "share", "unit": 1}, "the key 'unit'"),
        ({"value": {}, "mark": "A", "source": "x", "kind": "coefficients"}, "variables.toml has"),
    ],
)
def test_an_entry_of_the_file_that_is_not_whole_is_refused(entry, what):
    with pytest.raises(DataError, match=what):
        dict(_leaves({"a": {"b": entry}}, {}))


def test_an_unknown_kind_is_refused():
    entry = Parameter(1, "A", "x", "shar")
    with pytest.raises(
        DataError, match="a.b has kind 'shar'; expected one of number, coefficient, share"
    ):
        checked("a.b", 1, entry, {}.get)
