"""Answers that a dossier gives, for one and for many, as of a day; and the hand-made cases."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import msgspec
import pytest

from cases import EXAMPLES
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.conditions import (
    BasicConditions,
    action_list,
    action_lists,
    moved,
    read_situation,
    situation_of,
)
from risicoscreener.reentry.conditions.situation import present_stay
from risicoscreener.synthetic import simulate

CASES = EXAMPLES / "reentry"
GOLDEN = Path(__file__).parent.parent / "golden"
NAMES = ("arrestant_four_days", "self_reporter_seven_weeks", "ninety_days")
DAY = dt.date(2024, 4, 15)


def case(name: str):
    return read_situation((CASES / f"{name}.json").read_bytes())


@pytest.fixture(scope="module")
def long_sentence():
    return read_dossier((CASES / "long_sentence.json").read_bytes())


@pytest.fixture(scope="module")
def people():
    return simulate(60, seed=11, population="sentenced")


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_the_hand_made_cases_give_the_lists_that_were_checked_by_hand(name, lang):
    golden = GOLDEN / f"{name}.{lang}.txt"
    assert action_list(case(name)).text(lang) == golden.read_text("utf-8")


def test_a_stay_of_four_days_does_what_matters_and_says_what_cannot_be():
    found = action_list(case("arrestant_four_days"))
    assert found["identity_urgent"].planned_on == dt.date(2024, 3, 4)
    assert found["shelter_night"].planned_on == dt.date(2024, 3, 5)
    assert found["shelter_register"].state == "too_late"
    assert found["shelter_register"].after == "municipality"
    assert found["find_out_care"].latest == dt.date(2024, 3, 4)


def test_with_half_an_hour_a_day_what_matters_most_comes_first():
    found = action_list(case("arrestant_four_days"), minutes_per_day=10)
    kept = {action.id for action in found.in_state(["planned"])}
    assert "shelter_night" in kept
    assert "identity_urgent" in {action.id for action in found.in_state(["no_room"])}


def test_when_the_release_moves_what_was_too_late_is_possible_again():
    change = moved(case("arrestant_four_days"), dt.date(2024, 4, 26))
    assert "shelter_register" in change.possible
    assert "identity_urgent" not in change.after
    assert change.after["identity_apply"].state == "planned"


def test_a_self_reporter_does_before_arrival_what_keeps_job_and_home():
    found = action_list(case("self_reporter_seven_weeks"))
    for name in ("before_employer", "before_rent", "before_identity"):
        assert found[name].planned_on < found.arrival_on
    assert "identity_apply" not in found
    assert "49 days" in found.text("en")
    assert "gives 30 days" in found.text("en")


def test_facts_fill_the_answers(long_sentence):
    situation = situation_of(long_sentence, DAY)
    assert situation.regime == "sentence"
    assert situation.release_on == dt.date(2024, 11, 1)
    assert situation.from_dossier["debts"] == ("arranged",)
    assert situation.from_dossier["care"] == ("running",)
    assert situation.from_dossier["identity"] == ("here", "elsewhere")
    assert situation.from_dossier["work"] == ("none",)


def test_only_what_was_known_on_the_day_counts(long_sentence):
    early = situation_of(long_sentence, dt.date(2022, 6, 1))
    assert early.from_dossier["identity"] == ("none",)
    assert early.from_dossier["debts"] == ("unarranged",)
    later = [row for row in long_sentence.identity_care if row.recorded_at <= DAY]
    cut = msgspec.structs.replace(
        long_sentence,
        identity_care=[row for row in later if row.recorded_at <= dt.date(2022, 6, 1)],
    )
    assert situation_of(cut, dt.date(2022, 6, 1)) == early


def test_somebody_outside_needs_a_day_of_arrival(long_sentence):
    before = dt.date(2022, 2, 1)
    with pytest.raises(ReentryError, match="case-0004 is not in detention on 2022-02-01"):
        situation_of(long_sentence, before)
    ahead = situation_of(
        long_sentence, before, arrival_on=dt.date(2022, 3, 1), release_on=dt.date(2024, 11, 1)
    )
    assert ahead.ahead
    assert ahead.regime == "self_reporter"


def test_many_at_once_are_the_lists_of_each(people):
    index = people.truth.persons.reset_index()
    day = index["as_of"].max().date()
    dossiers = list(people.tables.to_dossiers())
    frame = action_lists(people.tables, day, lang="en")
    inside = [d for d in dossiers if present_stay(d, day) is not None]
    assert inside
    assert set(frame["person_id"]) == {d.person_id for d in inside}
    for dossier in inside:
        one = action_list(situation_of(dossier, day)).to_frame("en")
        of_person = frame[frame["person_id"] == dossier.person_id]
        assert sorted(of_person["action"]) == sorted(one["action"])
        merged = of_person.set_index("action").loc[one["action"]].reset_index()
        assert merged[one.columns].astype(str).equals(one.astype(str))
    for_municipality = action_lists(people.tables, day, recipient="municipality")
    assert not for_municipality["medical"].any()
    assert set(for_municipality["condition"]) <= {"work_income", "housing", "debts", "identity"}
    assert action_lists(DossierTables.from_dossiers(inside), day, lang="en").equals(frame)


def test_a_list_goes_to_plain_values_and_shows_itself():
    found = action_list(case("ninety_days"))
    assert json.loads(json.dumps(found.to_dict()))["person_id"] == "case-0003"
    assert "risicoscreener-actions" in found._repr_html_()
    assert len(found.to_frame()) == len(found.actions)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{", "the answers: "),
        ("[]", "Expected `object`"),
        ('{"person_id": "a", "person_id": "b"}', "key 'person_id' is there twice"),
        ('{"person_id": "a"}', "missing required field `as_of`"),
        (
            '{"person_id": "a", "as_of": "4 maart", "arrival_on": "2024-01-01", "regime": "sentence"}',
            "$.as_of",
        ),
        ('{"person_id": "a b"}', "$.person_id"),
        ("\ud800", "the answers: "),
        ("[" * 100_000, "the answers: "),
    ],
)
def test_answers_that_cannot_be_read_say_why(source, said):
    with pytest.raises(ReentryError) as error:
        read_situation(source)
    assert said in str(error.value)


OWN = """
[[questions]]
id = "pets"
condition = "housing"
asked_of = "person"
find_days = 1
minutes = 5
source = "own"
text = { nl = "Is er een huisdier?", en = "Is there a pet?" }
answers = [{ id = "yes", text = { nl = "ja", en = "yes" } }, { id = "no", text = { nl = "nee", en = "no" } }]
"""
OWN_ACTIONS = """
owners = [{ id = "person", text = { nl = "betrokkene", en = "the person" } }]
[[actions]]
id = "pet"
condition = "housing"
owner = "person"
after = "person"
source = "own"
minutes = 5
weight = 3
when = { pets = ["yes"] }
text = { nl = "opvang voor het dier", en = "care for the animal" }
"""


def test_a_prison_has_questions_and_actions_of_its_own(tmp_path):
    (tmp_path / "q.toml").write_text(OWN, "utf-8")
    (tmp_path / "a.toml").write_text(OWN_ACTIONS, "utf-8")
    own = BasicConditions.from_files(tmp_path / "q.toml", tmp_path / "a.toml")
    situation = msgspec.structs.replace(case("ninety_days"), answers={"pets": "yes"}, done=())
    assert [a.id for a in action_list(situation, conditions=own).actions] == ["pet"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('asked_of = "person"', 'asked_of = "nurse"', "question 'pets': asked_of 'nurse'"),
        ('id = "no"', 'id = "yes"', "answer 'yes' is there twice"),
        ('condition = "housing"', 'condition = "pets"', "q.toml: Invalid enum value 'pets'"),
        ("minutes = 5", "minutes = -5", "q.toml: Expected `int` >= 0"),
        ("find_days", "find_day", "q.toml: Object contains unknown field `find_day`"),
    ],
)
def test_questions_of_ones_own_that_do_not_fit_say_where(tmp_path, old, new, said):
    (tmp_path / "q.toml").write_text(OWN.replace(old, new, 1), "utf-8")
    (tmp_path / "a.toml").write_text(OWN_ACTIONS, "utf-8")
    with pytest.raises(ReentryError) as error:
        BasicConditions.from_files(tmp_path / "q.toml", tmp_path / "a.toml")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('pets = ["yes"]', 'pet = ["yes"]', "action 'pet': when 'pet'"),
        ('pets = ["yes"]', 'pets = ["perhaps"]', "action 'pet': when.pets 'perhaps'"),
        ("weight = 3", 'weight = 3\nneeds = ["pet"]', "actions wait for each other: pet -> pet"),
        ("weight = 3", 'weight = 3\nneeds = ["cat"]', "action 'pet': needs 'cat'"),
        ("weight = 3", "weight = 3\nany_day = true", "action 'pet': any_day"),
        ("weight = 3", 'weight = 3\nphase = "before"', "action 'pet': anchor 'release'"),
        ("weight = 3", "weight = 11", "Expected `int` <= 10"),
    ],
)
def test_actions_of_ones_own_that_do_not_fit_say_where(tmp_path, old, new, said):
    (tmp_path / "q.toml").write_text(OWN, "utf-8")
    (tmp_path / "a.toml").write_text(OWN_ACTIONS.replace(old, new, 1), "utf-8")
    with pytest.raises(ReentryError) as error:
        BasicConditions.from_files(tmp_path / "q.toml", tmp_path / "a.toml")
    assert said in str(error.value)


def test_at_most_ten_questions_are_asked(tmp_path):
    eleven = "".join(OWN.replace('"pets"', f'"pets{n}"') for n in range(11))
    (tmp_path / "q.toml").write_text(eleven, "utf-8")
    (tmp_path / "a.toml").write_text(OWN_ACTIONS.replace("pets =", "pets0 ="), "utf-8")
    with pytest.raises(ReentryError, match="questions: 11; expected at most 10"):
        BasicConditions.from_files(tmp_path / "q.toml", tmp_path / "a.toml")
    assert len(BasicConditions.shipped().questions) == 10


def test_what_is_medical_cannot_be_asked_without_saying_so(tmp_path):
    (tmp_path / "q.toml").write_text(OWN.replace("minutes = 5", "minutes = 5\nmedical = true"))
    (tmp_path / "a.toml").write_text(OWN_ACTIONS)
    with pytest.raises(ReentryError, match="action 'pet': not medical"):
        BasicConditions.from_files(tmp_path / "q.toml", tmp_path / "a.toml")
