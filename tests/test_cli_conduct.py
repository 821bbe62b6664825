"""The commands on conduct, on victims, and on what a reader may see."""

from __future__ import annotations

import json

from cases import EXAMPLES

CASE = str(EXAMPLES / "deep_assessment.json")


def test_conduct_by_week(run):
    code, out, _ = run("conduct", CASE, "--lang", "en", "--weeks", "2")
    assert code == 0
    assert "The last six weeks" in out
    assert len([line for line in out.splitlines() if " to " in line]) == 4
    code, out, _ = run("conduct", CASE, "--json")
    assert json.loads(out)["person_id"] == "EXAMPLE-DEEP"


def test_the_definitions_of_a_prison(run, tmp_path):
    (tmp_path / "own.toml").write_text("name = 3", "utf-8")
    code, _, err = run("conduct", CASE, "--definitions", tmp_path)
    assert code == 5
    assert "own.toml is no definition of conduct" in err
    code, _, err = run("conduct", CASE, "--weeks", "0")
    assert "weeks is 0" in err


def test_victims_and_duties(run):
    code, out, _ = run("victims", CASE, "--lang", "en")
    assert code == 0
    assert "Interests of victims" in out
    assert "Who must be informed of what" in out
    plain = json.loads(run("victims", CASE, "--json")[1])
    assert plain["interests"]["level"] == "met_by_conditions"
    assert {duty["state"] for duty in plain["duties"]} <= {
        "informed",
        "due",
        "overdue",
        "missed",
        "no_date",
    }


def test_a_screening_for_a_reader(run):
    code, out, _ = run("screen", CASE, "--audience", "person", "--lang", "en")
    assert code == 0
    assert "Extract for the person concerned" in out
    assert "interests of victims and next of kin" not in out
    code, _, err = run("screen", CASE, "--audience", "press")
    assert code != 0
    assert "audience 'press'; expected one of" in err


def test_victims_of_a_prison_that_are_yet_to_be_informed(run, tmp_path):
    from risicoscreener.synthetic import simulate

    simulate(300, seed=3, population="sentenced").tables.write(tmp_path / "people")
    words = ("duties", tmp_path / "people", "--as-of", "2022-06-01")
    code, out, _ = run(*words)
    assert code == 0
    assert out.splitlines()[0].startswith("person_id,prison,duty")
    every = json.loads(run(*words, "--all", "--json")[1])
    assert len(every) >= len(out.splitlines()) - 1 > 0
    prison = every[0]["prison"]
    there = json.loads(run(*words, "--all", "--json", "--prison", prison)[1])
    assert {row["prison"] for row in there} == {prison}
    code, out, err = run(*words, "--prison", "PI-Nowhere")
    assert (code != 0, out) == (True, "")
    assert err.startswith("error: prison 'PI-Nowhere'; expected one of")
    assert len(err.splitlines()) == 1
