"""Settings and scenarios as data: what each may be, and one sentence on what is wrong."""

from __future__ import annotations

import math

import pytest

from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity import CapacitySettings, Scenario
from risicoscreener.impact.capacity.published import published
from risicoscreener.impact.capacity.settings import defaults, shipped_tasks


def test_every_setting_has_a_mark_a_source_and_a_value_that_may_be():
    for key, setting in defaults().items():
        assert setting.source, key
        assert setting.check(key, setting.value) == setting.value
    for task in shipped_tasks():
        assert task.source
        assert task.text.nl
        assert task.text.en


def test_the_wander_is_the_spread_of_published_yearly_changes():
    rows = [row for row in published() if row["quantity"] == "persons in detention during year"]
    years = [int(row["year"]) for row in rows]
    logs = [math.log(float(row["value"])) for row in rows]
    drift = (logs[-1] - logs[0]) / (years[-1] - years[0])
    steps = [
        (logs[i + 1] - logs[i] - drift * (years[i + 1] - years[i])) ** 2 / (years[i + 1] - years[i])
        for i in range(len(years) - 1)
    ]
    spread = math.sqrt(sum(steps) / (len(steps) - 1))
    assert defaults()["arrivals.wander_per_year"].value == pytest.approx(spread, abs=0.01)


def test_changes_are_named_and_the_rest_stays():
    found = CapacitySettings.of({"places.regular": 900})
    assert found.changed() == {"places.regular": 900}
    assert found["shell.block"] == 50
    assert found.number("places.low_security") == math.inf
    assert "places.regular=900" in repr(found)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"places.regulr": 1},
            "there is no setting 'places.regulr'; did you mean 'places.regular'?",
        ),
        ({"xyz": 1}, "there is no setting 'xyz'; expected one of"),
        ({"places.regular": -1}, "places.regular is -1; expected a whole number from 0 to"),
        ({"places.regular": 1.5}, "places.regular is 1.5; expected a whole number"),
        ({"places.regular": True}, "places.regular is True"),
        ({"shell.open_at": 1.2}, "shell.open_at is 1.2; expected a share from 0 to 1"),
        ({"shell.open_at": "high"}, "shell.open_at is 'high'; expected a share"),
        ({"shell.close_at": 0.99}, "shell.close_at is 0.99; expected at most shell.open_at, 0.98"),
        ({"shell.open_at_start": 3}, "shell.open_at_start is 3; expected at most shell.places, 0"),
        ({"arrivals.trend": 1}, "arrivals.trend is 1; expected true or false"),
        ({"low_security.from_policy": "no"}, "expected 'observed' or 'outcomes'"),
        (
            {"places.by_prison": {"PI-01": "x"}},
            "expected whole numbers from 0 to 10,000,000 by prison",
        ),
        ({"deep.per_week": float("nan")}, "deep.per_week is nan; expected a number"),
    ],
)
def test_what_a_setting_may_not_be(changes, said):
    with pytest.raises(ImpactError) as found:
        CapacitySettings.of(changes)
    assert said in str(found.value)


GOOD = """
[places]
regular = 900
by_prison = { PI-01 = 400 }

[[tasks]]
id = "talk"
text = { nl = "gesprek", en = "talk" }
at = "arrival"
offset_days = 3
hours = 2
mark = "A"
source = "project"
"""


def test_a_file_changes_settings_and_replaces_tasks(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(GOOD, "utf-8")
    found = CapacitySettings.read(path)
    assert found["places.by_prison"] == {"PI-01": 400}
    assert [task.id for task in found.tasks] == ["talk"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[places", "cannot be read as TOML"),
        ("places = 3", "places is 3; expected a section [places]"),
        ("[places]\nregular = 'x'", "places.regular is 'x'; expected a whole number"),
        ("[nowhere]\nx = 1", "there is no setting 'nowhere.x'"),
        ("tasks = 3", "Expected `array`"),
        (GOOD.replace("offset_days = 3", "offset = 3"), "unknown field `offset`"),
        (GOOD.replace('"arrival"', '"noon"'), "$.tasks[0].at"),
        (GOOD.replace("hours = 2", "hours = -2"), "hours is -2"),
        (GOOD + GOOD[GOOD.index("[[") :], "tasks have the ids talk, talk; expected each once"),
        (GOOD.replace("hours = 2", "hours = 2\nkinds = ['x']"), "kinds has 'x'"),
    ],
)
def test_a_bad_file_is_one_sentence_with_its_name_and_the_key(tmp_path, text, said):
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ImpactError) as found:
        CapacitySettings.read(path)
    assert str(path) in str(found.value)
    assert said in str(found.value)
    assert len(str(found.value).splitlines()) == 1


CHANGE = """
label = "less"
[[changes]]
type = "replaced"
from = 2024-07-01
share = 0.5
[self_reporters]
term_days = 49
"""


def test_a_scenario_from_a_file(tmp_path):
    path = tmp_path / "less.toml"
    path.write_text(CHANGE, "utf-8")
    found = Scenario.read(path)
    assert found.label == "less"
    assert found.changes[0].share == 0.5
    assert found.settings == {"self_reporters.term_days": 49}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CHANGE.replace("replaced", "abolished"), "Invalid value 'abolished'"),
        (CHANGE.replace("0.5", "1.5"), "change 'replaced': share is 1.5; expected a number from 0"),
        (CHANGE.replace("share", "part"), "unknown field `part`"),
        (CHANGE.replace("2024-07-01", "2024"), "$[0].from"),
        (CHANGE.replace("share = 0.5", "share = 0.5\nkinds = ['no']"), "kinds has 'no'"),
        (CHANGE.replace("term_days", "term"), "there is no setting 'self_reporters.term'"),
        (CHANGE.replace('"less"', "3"), "label is 3; expected text"),
        ("x = 1", "x is 1; expected a section [x]"),
    ],
)
def test_a_bad_scenario_is_one_sentence(tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ImpactError) as found:
        Scenario.read(path)
    assert said in str(found.value)
    assert str(path) in str(found.value)
    assert len(str(found.value).splitlines()) == 1


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ImpactError, match="cannot be read"):
        CapacitySettings.read(tmp_path / "none.toml")
