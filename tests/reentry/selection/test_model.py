"""What a model claims, what it refuses, and that a stored one is the same."""

from __future__ import annotations

import json

import numpy as np
import pytest

from reentry.selection.worlds import cohort, learnt, people
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.selection import History, Places, SelectionModel, allocate, learn


def test_where_the_effect_grows_with_risk_that_is_found_and_risk_is_as_good():
    model = learnt("grows")
    assert model.differs
    assert model.advice in ("effect", "risk")
    assert model.doubts == ()
    assert model.figures["average"].low > 0
    assert model.figures["as_seen"].value < model.figures["average"].value
    assert "verschilt tussen mensen" in model.text("nl")


def test_where_there_is_no_effect_it_says_so_and_refuses_to_order_by_it():
    model = learnt("none")
    assert model.doubts == ("no_difference_shown",)
    assert model.advice == "lot_in_trial"
    assert "draw lots within a trial" in model.text("en")
    places = Places.everywhere(model.aid, 5)
    for rule in ("effect", "lower_bound"):
        with pytest.raises(ReentryError, match=r"not ordered by effect: no_difference_shown"):
            allocate(people(), places, model=model, rule=rule)
    found = allocate(people(), places, model=model, despite=("no_difference_shown",))
    assert found.despite == ("no_difference_shown",)
    assert "ondanks dat niet is aangetoond" in found.text("nl")


def test_where_help_harms_the_advice_is_to_look_first():
    model = learnt("harms")
    assert "harm_shown" in model.doubts
    assert model.advice == "look_first"


def test_a_stored_model_is_the_same(tmp_path):
    model = learnt("grows")
    model.write(tmp_path / "model.json")
    again = SelectionModel.read(tmp_path / "model.json")
    assert again.text("nl") == model.text("nl")
    assert again.to_dict() == model.to_dict()
    before, after = model.expected(people()), again.expected(people())
    for name in before:
        assert np.array_equal(before[name], after[name])


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("format",), "selection-model/9", "expected 'selection-model/1'"),
        (("programs", "effect", "intercept"), 0.5, "does not give its own numbers"),
        (("kind",), "forest", "kind 'forest'"),
        (("aid", "hours"), -1.0, "no selection model"),
    ],
)
def test_an_altered_file_is_refused(tmp_path, path, value, said):
    learnt("grows").write(tmp_path / "model.json")
    raw = json.loads((tmp_path / "model.json").read_text())
    place = raw
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (tmp_path / "model.json").write_text(json.dumps(raw))
    with pytest.raises(ReentryError, match=said):
        SelectionModel.read(tmp_path / "model.json")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda raw: raw["figures"].pop("e_value"), "has no figure e_value; expected average"),
        (lambda raw: raw["golden"][0]["values"].pop(), "does not give its own numbers"),
        (lambda raw: raw["golden"].clear(), "does not give its own numbers"),
        (lambda raw: raw["names"].pop(), "expected the 4 of the model"),
        (lambda raw: raw["adjusted"].append("other"), "program chance has 26 columns"),
        (
            lambda raw: raw["programs"]["effect"].update(uncertainty=None),
            "program effect has no uncertainty",
        ),
    ],
)
def test_a_file_that_lacks_something_is_refused_before_it_is_used(tmp_path, harm, said):
    learnt("grows").write(tmp_path / "model.json")
    raw = json.loads((tmp_path / "model.json").read_text())
    harm(raw)
    (tmp_path / "model.json").write_text(json.dumps(raw))
    with pytest.raises(ReentryError, match=said):
        SelectionModel.read(tmp_path / "model.json")


def test_a_file_that_is_no_text_is_no_model(tmp_path):
    (tmp_path / "model.json").write_bytes(b'{"format": "\xff"}')
    with pytest.raises(ReentryError, match="is no selection model"):
        SelectionModel.read(tmp_path / "model.json")


def test_what_is_learnt_does_not_depend_on_what_happened_to_people_without_the_need():
    made = cohort()
    seen = people("debt_help")
    received = made.truth.interventions["debt_help"].to_numpy(float)
    reoffended = made.truth.persons["any_2y_registered"].to_numpy(float)
    options = {"learners": ("spline",), "replicates": 20, "folds": 3}
    model = learn(History.of(seen, received, reoffended), **options)
    other = np.where(seen.need_level > 0, reoffended, 1 - reoffended)
    again = learn(History.of(seen, received, other), **options)
    assert model.to_dict() == again.to_dict()
    assert model.people == int((seen.need_level > 0).sum())


def test_a_history_with_a_missing_outcome_is_refused():
    seen = people()
    missing = np.zeros(len(seen))
    missing[7] = np.nan
    with pytest.raises(ReentryError, match=rf"reoffended of {seen.person_ids[7]} is nan"):
        History.of(seen, np.zeros(len(seen)), missing)
    with pytest.raises(ReentryError, match=r"shape \(2,\)"):
        History.of(seen, [0, 1], missing)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"learners": ("average",)}, "expected some of spline"),
        ({"learners": ()}, "expected some of spline"),
        ({"folds": 2}, "folds is 2"),
        ({"capacity": 1.0}, "capacity is 1.0"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, said):
    seen = people()
    half = np.arange(len(seen)) % 2.0
    with pytest.raises(ReentryError, match=said):
        learn(History.of(seen, half, half), **options)


def test_people_read_for_another_help_are_refused():
    with pytest.raises(ReentryError, match="people read for 'debt_help'"):
        learnt("grows").expected(people("debt_help"))


def test_people_of_one_prison_can_be_taken_to_hang_together():
    made = cohort()
    seen = people()
    received = (np.arange(len(seen)) % 3 == 0).astype(float)
    history = History.of(seen, received, made.truth.persons["any_2y_registered"])
    options = {"learners": ("spline",), "replicates": 20}
    by_site, apart = learn(history, by_site=True, **options), learn(history, **options)
    assert by_site.figures["average"].method == "clustered"
    assert apart.figures["average"].method == "normal"
    found = by_site.findings
    prisons = seen.site[found.kept]
    assert all(len(set(found.fold[prisons == p])) == 1 for p in set(prisons))


def test_a_forest_is_learnt_beside_the_others_and_is_not_stored(tmp_path):
    made = cohort()
    received = (np.arange(len(people())) % 3 == 0).astype(float)
    history = History.of(people(), received, made.truth.persons["any_2y_registered"])
    model = learn(history, learners=("forest",), replicates=20, folds=3)
    assert model.effects.kind == "forest"
    assert np.isfinite(model.expected(people())["low"]).all()
    with pytest.raises(ReentryError, match="'forest' is not stored"):
        model.write(tmp_path / "model.json")
