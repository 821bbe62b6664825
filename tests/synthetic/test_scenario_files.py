"""A scenario file is read as it is meant, or refused with one error that names the key."""

from __future__ import annotations

import datetime as dt
import pickle
from importlib.resources import files

import pytest

from risicoscreener.errors import DataError
from risicoscreener.synthetic import load_parameters
from risicoscreener.synthetic.scenario import MOST_BYTES, Aim, Scenario
from scenario_table import PAGE, page

WHOLE = """\
mark = "A"
source = "an example"
population = "sentenced"
people = 5000

[title]
nl = "Meer vrouwen"
en = "More women"

[description]
nl = "De helft is vrouw."
en = "Half are women."

[unchanged]
nl = "De formules."
en = "The formulas."

[expected]
nl = "Minder recidive."
en = "Less reoffending."

[changes]
"people.female_share" = 0.5
"outcomes.any_2y.female" = -0.4
"calendar.as_of_from" = 2019-01-01

[targets]
any_2y = { target = 45, tolerance = 2.5 }
"""


def written(folder, text, name="more_women.toml"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(path):
    with pytest.raises(DataError) as caught:
        Scenario.load(path)
    return str(caught.value)


def test_a_file_is_read_whole(tmp_path):
    found = Scenario.load(written(tmp_path, WHOLE))
    assert (found.id, found.title.nl, found.expected.en) == (
        "more_women",
        "Meer vrouwen",
        "Less reoffending.",
    )
    assert (found.mark, found.source, found.population, found.people) == (
        "A",
        "an example",
        "sentenced",
        5000,
    )
    assert found.changes["calendar.as_of_from"] == dt.date(2019, 1, 1)
    assert found.targets == {"any_2y": Aim(45.0, 2.5)}


def test_a_scenario_gives_the_parameters_of_its_population_with_its_changes(tmp_path):
    p = Scenario.load(written(tmp_path, WHOLE)).parameters()
    assert p["people.female_share"] == 0.5
    assert p["outcomes.any_2y"]["female"] == -0.4
    assert p["detention.length_is"] == "sentence"


def test_changes_and_targets_may_be_left_out(tmp_path):
    text = WHOLE.partition("[changes]")[0].replace('population = "sentenced"\n', "")
    found = Scenario.load(written(tmp_path, text))
    assert (dict(found.changes), dict(found.targets), found.population) == ({}, {}, "flow")


def test_scenarios_of_the_package_are_found_by_their_id():
    shipped = Scenario.shipped()
    assert next(iter(shipped)) == "base"
    assert dict(shipped["base"].changes) == {}
    for name, scenario in shipped.items():
        assert Scenario.load(name) == scenario
        assert scenario.id == name
    folder = files("risicoscreener.synthetic") / "scenarios"
    assert set(shipped) == {file.name.removesuffix(".toml") for file in folder.iterdir()}


def test_each_scenario_but_the_base_changes_something():
    base = {name: load_parameters(name).entries for name in ("flow", "sentenced")}
    for name, scenario in Scenario.shipped().items():
        assert scenario.parameters().population == scenario.population
        changed = scenario.parameters().entries != base[scenario.population]
        assert changed == bool(scenario.changes), name


def test_a_scenario_does_not_change_and_goes_to_another_process():
    scenario = Scenario.load("label_bias_150")
    with pytest.raises(TypeError):
        scenario.changes["people.female_share"] = 0.5
    with pytest.raises(AttributeError):
        scenario.people = 3
    assert pickle.loads(pickle.dumps(scenario)) == scenario


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('mark = "A"\n', "", "more_women.toml lacks the key 'mark'"),
        ('mark = "A"', 'mark = "B"', "more_women.toml: mark is 'B'; expected one of C, D, M, A"),
        ('mark = "A"', "mark = 1", "mark is 1"),
        ('source = "an example"', 'source = " "', "source is ' '; expected a text"),
        ('source = "an example"', 'sources = "x"', "the key 'sources'"),
        ('source = "an example"', 'sources = "x"', "did you mean 'source'"),
        ('"sentenced"', '"sentencd"', "population is 'sentencd'; expected one of flow, sentenced"),
        ('"sentenced"', "[1]", "population is [1]; expected one of flow, sentenced"),
        ("people = 5000", "people = 0", "people is 0; expected a whole number from 1 to"),
        ("people = 5000", "people = 5e3", "people is 5000.0; expected a whole number"),
        ("people = 5000", "people = true", "people is True"),
        ('en = "More women"\n', "", "title lacks the key 'en'"),
        ('en = "More women"', "en = 5", "title.en is 5; expected a text"),
        ('en = "More women"', 'en = "x"\nfr = "y"', "title has the key 'fr'; expected nl, en"),
        ("[changes]", "[chnges]", "has the key 'chnges'"),
        ("[changes]", "[chnges]", "did you mean 'changes'"),
        ("[changes]\n", "[changes.people]\n", "changes has the table 'people'; expected paths in"),
        ('"people.female_share"', "people.female_share", "changes has the table 'people'"),
        ("people.female_share", "people.femal_share", "no parameter 'people.femal_share'"),
        ("people.female_share", "people.femal_share", "did you mean 'people.female_share'"),
        ("0.5", "1.5", "more_women.toml: changes: people.female_share is 1.5; expected a share"),
        ("0.5", "nan", "people.female_share is nan"),
        ("0.5", '"half"', "people.female_share is 'half'"),
        ("outcomes.any_2y.female", "outcomes.any_2y.femal", "did you mean 'female'"),
        ("2019-01-01", "2026-03-01", "calendar.as_of_from is datetime.date(2026, 3, 1)"),
        ("any_2y = {", "any2y = {", "targets.any2y is no row of targets.toml"),
        ("any_2y = {", "any2y = {", "did you mean 'any_2y'"),
        ("target = 45", "target = 145", "targets.any_2y.target is 145.0; expected a number from 0"),
        ("target = 45", "target = nan", "targets.any_2y.target is nan; expected a finite number"),
        ("target = 45", "target = true", "targets.any_2y.target is True"),
        ("target = 45", "goal = 45", "targets.any_2y has the key 'goal'"),
        ("tolerance = 2.5", "tolerance = 0", "tolerance is 0.0; expected a number above zero"),
        ("any_2y = { target = 45, tolerance = 2.5 }", "any_2y = 45", "any_2y is 45; expected a ta"),
        (
            "any_2y = {",
            "auc_static = {",
            "auc_static.target is 45.0; expected a number from 0 to 1",
        ),
        ("[targets]", "[[targets]]", "targets is [{"),
        ('nl = "Meer vrouwen"', 'nl = "Meer', "is not TOML: "),
        ("[changes]", "[title]", "is not TOML: "),
    ],
)
def test_what_cannot_be_meant_is_refused_by_file_and_key(tmp_path, old, new, what):
    assert WHOLE.count(old) >= 1
    message = refused(written(tmp_path, WHOLE.replace(old, new, 1)))
    assert what in message
    assert "more_women.toml" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "lacks the key 'title'"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"# " + b"x" * MOST_BYTES, "has more than 50,000 bytes"),
        (b"changes = " + b"[" * 40_000, "is nested too deeply"),
        (b"changes." + b"a." * 2_000 + b"a = 1", "has the key"),
        (b"a." * 2_000 + b"a = 1", "has the key 'a'"),
        (b'{"title": 1}', "is not TOML"),
    ],
)
def test_what_is_no_scenario_at_all_is_refused(tmp_path, content, what):
    if content.startswith(b"changes.a"):
        content = WHOLE.partition("[changes]")[0].encode() + b"[changes]\n" + content[8:]
        what = "no parameter 'a'"
    message = refused(written(tmp_path, content))
    assert what in message
    assert len(message) < 1500


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path):
    assert "cannot be read" in refused(tmp_path / "absent.toml")
    assert "cannot be read" in refused(tmp_path)


def test_an_id_that_is_not_there_is_refused_with_the_nearest():
    message = refused("label_bias_15")
    assert "there is no scenario 'label_bias_15'; expected one of base, " in message
    assert "did you mean 'label_bias_150'" in message


@pytest.mark.parametrize("name", ["More Women.toml", "1.toml", "a-b.toml", "x" * 70 + ".toml"])
def test_a_file_whose_name_is_no_id_is_refused(tmp_path, name):
    assert "lower-case letters" in refused(written(tmp_path, WHOLE, name))


def test_the_table_of_scenarios_is_up_to_date():
    text = PAGE.read_text("utf-8")
    assert page(text) == text, "run: python scripts/scenario_table.py"
    assert all(f"| `{name}` |" in text for name in Scenario.shipped())


def test_the_documentation_shows_the_error_for_a_misspelt_key(tmp_path):
    text = PAGE.read_text("utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    assert Scenario.load(written(tmp_path, example)).changes["offences.mix.drugs"] == 0.4
    message = refused(written(tmp_path, example.replace("mix.drugs", "mix.drgs"), "misspelt.toml"))
    assert message.removeprefix(f"{tmp_path}/") in text
