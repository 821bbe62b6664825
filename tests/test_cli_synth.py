"""The commands on synthetic cohorts: make, targets, fit, sensitivity, scenarios."""

from __future__ import annotations

import json
from functools import partial
from types import MappingProxyType

import pytest

from risicoscreener.synthetic import Cohort
from risicoscreener.synthetic.aims.estimates import Estimate
from risicoscreener.synthetic.aims.targets import target_named, targets
from risicoscreener.synthetic.scenario import Scenario
from risicoscreener.synthetic.scenario_file import fitted, scenario_text, write_scenario

WOMEN = """mark = "A"
source = "test"
people = 60
{title}
[changes]
"people.female_share" = 1.0
"""
TEXTS = "\n".join(
    f'[{name}]\nnl = "vrouwen"\nen = "women"\n'
    for name in ("title", "description", "unchanged", "expected")
)


@pytest.fixture
def run(run):
    """The same, of the command under test."""
    return partial(run, "synth")


@pytest.fixture
def exact(monkeypatch):
    """Cohorts reach exactly what is wanted, but for what the test changes."""
    reached = {t.key: Estimate(t.target, 0.1, "binomial", 100) for t in targets()}
    asked = []

    def reach(n, *, seed=1, **chosen):
        asked.append((n, seed, chosen))
        return {**reached, **{key: found(seed) for key, found in changed.items()}}

    changed: dict = {}
    monkeypatch.setattr("risicoscreener.synthetic.aims.targets.reach", reach)
    return changed, asked


def scenario_file(tmp_path, more="", name="only_women"):
    path = tmp_path / f"{name}.toml"
    path.write_text(WOMEN.format(title=TEXTS) + more, "utf-8")
    return path


# -- targets -------------------------------------------------------------------------------


def test_when_every_gate_holds_the_command_succeeds_and_shows_all_rows(run, exact):
    code, out, err = run("targets", "-n", 50, "--seeds", 1, 2)
    assert code == 0
    assert err == ""
    for target in targets():
        assert target.quantity in out
    assert "seed 1" in out
    assert "seed 2" in out
    assert "confirmed" in out
    assert "yes (not a gate)" in out
    assert "Chosen: " in out


def test_a_gate_that_one_seed_misses_fails_the_command_by_name(run, exact):
    changed, _ = exact
    changed["female"] = lambda seed: Estimate(6.0 if seed == 1 else 9.0, 0.1, "binomial", 9)
    assert run("targets", "--seeds", 1)[0] == 0
    code, _, err = run("targets", "--seeds", 1, 2)
    assert code == 1
    assert "missed: female\n" in err


def test_an_assumed_or_recalled_row_that_is_missed_is_shown_and_does_not_fail(run, exact):
    changed, _ = exact
    changed["any_1y"] = lambda _seed: Estimate(80.0, 0.1, "binomial", 9)
    code, out, _ = run("targets", "--markdown")
    assert code == 0
    assert "| 80.0 | 0.10 (binomial) | no (not a gate) |" in out


def test_targets_are_printed_as_json_with_their_conflicts(run, exact):
    changed, _ = exact
    changed["female"] = lambda _seed: Estimate(9.0, 0.1, "binomial", 9)
    code, out, _ = run("targets", "--json")
    said = json.loads(out)
    assert code == 1
    assert said["ok"] is False
    row = next(row for row in said["targets"] if row["key"] == "female")
    assert row["confidence"] == "confirmed"
    assert row["reached"]["1"]["value"] == 9.0
    assert row["within"] is False
    assert said["conflicts"]


def test_by_default_two_hundred_thousand_people_of_one_seed_are_drawn(run, exact):
    _, asked = exact
    run("targets")
    run("targets", "-n", 70, "--seeds", 4, "--scenario", "women", "--jobs", 2)
    assert asked[0][:2] == (200_000, 1)
    n, seed, chosen = asked[1]
    assert (n, seed, chosen["n_jobs"]) == (70, 4, 2)
    assert chosen["changes"] == {"people.female_share": 1.0}


def test_targets_of_a_drawn_cohort_are_told_with_their_errors(run):
    code, out, err = run("targets", "-n", 300, "--json")
    said = json.loads(out)
    assert code == (0 if said["ok"] else 1)
    assert bool(err) is not said["ok"]
    assert all(row["reached"]["1"]["n"] >= 0 for row in said["targets"])


# -- fit -----------------------------------------------------------------------------------


def test_a_fit_to_a_table_writes_a_scenario_that_reaches_it(run, tmp_path):
    table = tmp_path / "aggregates.csv"
    table.write_text("quantity,value,tolerance,source\nfemale,20,2,an office\n", "utf-8")
    code, out, err = run(
        "fit", "--targets", table, "-n", 2000, "--out", tmp_path / "elsewhere.toml"
    )
    assert code == 0
    assert "people.female_share" in out
    assert "step 0: female is" in err
    scenario = Scenario.load(tmp_path / "elsewhere.toml")
    assert scenario.changes["people.female_share"] == pytest.approx(0.2, abs=0.03)
    assert scenario.source == "an office"
    assert (
        run("make", "--scenario", tmp_path / "elsewhere.toml", "-n", 400, "--out", tmp_path / "c")[
            0
        ]
        == 0
    )
    sexes = Cohort.read(tmp_path / "c").tables.to_pandas("persons")["sex"]
    assert 0.12 < (sexes == "female").mean() < 0.28


def test_a_fit_starts_from_a_scenario_and_is_told_as_json(run, tmp_path):
    table = tmp_path / "aggregates.csv"
    table.write_text("quantity,value\nfemale,40\n", "utf-8")
    start = scenario_file(tmp_path, '"detention.prisons" = 3\n')
    code, out, err = run("fit", "--targets", table, "--scenario", start, "-n", 2000, "--json")
    said = json.loads(out)
    assert (code, err) == (0, "")
    assert said["changes"]["detention.prisons"] == 3
    assert said["changes"]["people.female_share"] == pytest.approx(0.4, abs=0.04)
    assert said["converged"] is True


def test_a_scenario_with_targets_of_its_own_is_fitted_before_it_is_drawn(run, tmp_path):
    aims = "[targets]\nfemale = { target = 90, tolerance = 9 }\n"
    path = scenario_file(tmp_path, aims)
    code, _, err = run("make", "--scenario", path, "--out", tmp_path / "cohort")
    assert code == 0
    assert "scenario only_women has targets: fitting to them" in err
    sexes = Cohort.read(tmp_path / "cohort").tables.to_pandas("persons")["sex"]
    assert len(sexes) == 60
    assert 0.6 < (sexes == "female").mean() < 1.0


def test_a_scenario_with_a_row_that_nothing_moves_is_not_drawn_if_the_row_is_missed(run, tmp_path):
    aims = "[targets]\nauc_static = { target = 0.9, tolerance = 0.01 }\n"
    path = scenario_file(tmp_path, aims)
    code, out, err = run("make", "--scenario", path, "--out", tmp_path / "cohort")
    assert (code, out) == (3, "")
    said = err.splitlines()[-1]
    assert "target 'auc_static' of 0.9 cannot be reached" in said
    assert "no parameter moves this row by itself" in said
    assert list(tmp_path.iterdir()) == [path]


def test_a_fit_to_a_row_that_nothing_moves_is_not_kept_if_the_row_is_missed(run, tmp_path):
    table = tmp_path / "aggregates.csv"
    table.write_text("quantity,value,tolerance\nfemale,6,2\ndetained_before,90,1\n", "utf-8")
    code, out, err = run("fit", "--targets", table, "-n", 500, "--out", tmp_path / "no.toml")
    assert (code, out) == (3, "")
    assert "target 'detained_before' of 90 % cannot be reached" in err
    assert list(tmp_path.iterdir()) == [table]


def test_a_fit_to_rows_that_nothing_moves_and_that_hold_is_a_scenario_like_others(run, tmp_path):
    table = tmp_path / "aggregates.csv"
    row = "auc_static,0.7,0.3,an office"
    table.write_text(f"quantity,value,tolerance,source\n{row}\n", "utf-8")
    assert run("fit", "--targets", table, "-n", 500, "--out", tmp_path / "held.toml")[0] == 0
    assert Scenario.load(tmp_path / "held.toml").source == "an office"


def test_an_unreachable_target_is_one_clear_error_that_names_its_key(run, tmp_path):
    table = tmp_path / "aggregates.csv"
    table.write_text("quantity,value,tolerance\nconditional_release,90,1\n", "utf-8")
    code, out, err = run(
        "fit", "--targets", table, "-n", 500, "--json", "--out", tmp_path / "no.toml"
    )
    assert (code, out) == (3, "")
    said = json.loads(err)
    assert said["error"] == "data"
    assert "target 'conditional_release'" in said["message"]
    assert "cannot be reached" in said["message"]
    assert "detention.conditional_release_used" in said["message"]
    assert not (tmp_path / "no.toml").exists()


@pytest.mark.parametrize("name", ["Elsewhere.toml", "else where.toml", "elsewhere", "1st.toml"])
def test_a_name_that_no_scenario_can_have_is_refused_before_the_fit(
    run, tmp_path, monkeypatch, name
):
    monkeypatch.setattr(
        "risicoscreener.synthetic.aims.calibration.calibrate", lambda *_, **__: pytest.fail("early")
    )
    code, _, err = run("fit", "--out", tmp_path / name)
    assert code == 3
    assert "is no name of a scenario" in err


# -- sensitivity ---------------------------------------------------------------------------


def test_moved_targets_are_printed_in_every_form(run):
    words = ("sensitivity", "-n", 1000, "--target", "no_income")
    code, out, _ = run(*words)
    assert code == 0
    assert "no registered income: 50 %" in out
    assert run(*words, "--markdown")[1].startswith("| moved | mark | lever |")
    assert json.loads(run(*words, "--json")[1])[1]["moved"] == "no_income"


# -- scenarios -----------------------------------------------------------------------------


def test_scenarios_are_listed_by_id_and_title_in_two_languages(run):
    code, out, _ = run("scenarios")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(Scenario.shipped())
    assert "Women" in run("scenarios", "--lang", "en")[1]
    assert json.loads(run("scenarios", "--json", "--lang", "en")[1])[0]["id"] == "base"


def test_a_scenario_is_shown_as_the_file_that_it_is(run, tmp_path):
    code, out, _ = run("scenarios", "--show", "women")
    assert code == 0
    path = tmp_path / "women.toml"
    path.write_text(out, "utf-8")
    assert Scenario.load(path) == Scenario.shipped()["women"]
    plain = json.loads(run("scenarios", "--show", path, "--json")[1])
    assert plain["changes"] == {"people.female_share": 1.0}


@pytest.mark.parametrize("name", list(Scenario.shipped()))
def test_every_scenario_is_written_and_read_back(tmp_path, name):
    scenario = Scenario.shipped()[name]
    write_scenario(scenario, tmp_path / f"{name}.toml")
    assert Scenario.load(tmp_path / f"{name}.toml") == scenario


def test_texts_with_signs_of_their_own_are_written_and_read_back(tmp_path):
    from dataclasses import replace

    odd = 'a "quoted" \\ back\nslash, tab\t, é, \x7f'
    scenario = replace(Scenario.shipped()["women"], source=odd, id="odd")
    (tmp_path / "odd.toml").write_text(scenario_text(scenario), "utf-8")
    assert Scenario.load(tmp_path / "odd.toml") == scenario


def test_a_scenario_that_is_fitted_has_no_targets_left():
    from dataclasses import replace

    from risicoscreener.synthetic.scenario import Aim

    aimed = replace(Scenario.shipped()["base"], targets=MappingProxyType({"female": Aim(6.0, 2.0)}))
    found = fitted(aimed, n=500)
    assert not found.targets
    assert set(found.changes) == {target_named("female").fitted_by}


# -- what is typed wrongly -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "ACTION"),
        (["-n", "5", "--out", "x"], 2, "ACTION"),
        (["target"], 2, "invalid choice"),
        (["targets", "--seeds", "one"], 2, "'one' is no seed"),
        (["targets", "--seeds"], 2, "expected at least one argument"),
        (["targets", "-n", "0"], 2, "not a number of people"),
        (
            ["targets", "--jobs", "0"],
            2,
            "--jobs: '0' is not a number of processes; expected a whole",
        ),
        (["make", "--jobs", "1.5", "--out", "x"], 2, "'1.5' is not a number of processes"),
        (["fit", "--jobs", "1025"], 2, "expected a whole number from 1 to 1024"),
        (["targets", "--scenario", "womem"], 3, "there is no scenario 'womem'"),
        (["make", "--scenario", "women", "--population", "flow", "--out", "x"], 2, "not allowed"),
        (["make", "--scenario", "nowhere.toml", "--out", "x"], 3, "nowhere.toml"),
        (["make"], 2, "--out"),
        (["fit", "--targets", "nowhere.csv"], 3, "nowhere.csv cannot be read"),
        (["fit", "--targets", ""], 2, "no name of a file"),
        (["sensitivity", "--target", "any_2"], 3, "did you mean 'any_2y'"),
        (["sensitivity", "--target", "female"], 3, "'female' cannot be moved"),
        (["scenarios", "--show", "womem"], 3, "did you mean 'women'"),
    ],
)
def test_what_is_typed_wrongly_gives_one_clear_error(run, tmp_path, monkeypatch, words, code, said):
    monkeypatch.chdir(tmp_path)
    found, out, err = run(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["file", "full folder"])
def test_a_place_that_is_taken_is_refused_with_what_to_do(run, tmp_path, kind):
    taken = tmp_path / "taken"
    if kind == "file":
        taken.write_text("mine", "utf-8")
    else:
        taken.mkdir()
        (taken / "mine.txt").write_text("mine", "utf-8")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run("make", "-n", 5, "--out", taken)
    assert (code, out) == (3, "")
    assert f"a cohort cannot be written to {taken}" in err
    assert "expected a folder that is not there yet or is empty: give another --out" in err
    assert err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("any_2,40", "there is no target 'any_2'; did you mean 'any_2y'"),
        ("any_2y,140", "'any_2y' is 140; expected a percentage from 0 to 100"),
        ("stay_mean,-3", "'stay_mean' is -3; expected a number of days"),
    ],
)
def test_a_bad_table_is_refused_with_the_key(run, tmp_path, content, said):
    table = tmp_path / "aggregates.csv"
    table.write_text(f"quantity,value\n{content}\n", "utf-8")
    code, _, err = run("fit", "--targets", table)
    assert code == 3
    assert said in err
