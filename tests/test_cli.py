"""The command line: what it prints, what it writes, how it ends, and what it says when misused."""

from __future__ import annotations

import json
import subprocess
import sys

import jsonschema
import pandas as pd
import pytest

from cases import EXAMPLES, KINDS, OUTCOMES, example
from risicoscreener.cli import main
from risicoscreener.models.shipped import shipped_bundle_bytes
from schemas import FOLDER


@pytest.fixture
def run(capsys):
    """Run a command in this process: its exit code, standard output and standard error."""

    def call(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.mark.parametrize(
    ("name", "nl", "en", "code"),
    [
        ("grant", "VERLENEN", "GRANT", 0),
        ("deep_assessment", "VERDIEPENDE RISICOTAXATIE", "DEEP RISK ASSESSMENT", 10),
        ("deny", "AFWIJZEN", "DENY", 11),
    ],
)
def test_three_people_are_screened_in_two_languages(run, name, nl, en, code):
    path = EXAMPLES / f"{name}.json"
    found, out, _ = run("screen", path, "--lang", "nl", "--outcome-exit-code")
    assert found == code
    assert nl in out.splitlines()[0]
    found, out, _ = run("screen", path, "--lang", "en")
    assert found == 0
    assert en in out.splitlines()[0]


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_json_of_a_screening_fits_the_published_schema(run, name):
    code, out, _ = run("screen", EXAMPLES / f"{name}.json", "--json")
    assert code == 0
    schema = json.loads((FOLDER / "result.json").read_text("utf-8"))
    jsonschema.validate(json.loads(out), schema)
    assert json.loads(out)["outcome"] == name


def test_a_dossier_is_read_from_standard_input():
    done = subprocess.run(
        [sys.executable, "-m", "risicoscreener", "screen", "-", "--json"],
        input=(EXAMPLES / "deny.json").read_bytes(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["outcome"] == "deny"


def test_a_result_is_written_as_a_page(run, tmp_path):
    page = tmp_path / "result.html"
    code, _, _ = run("screen", EXAMPLES / "grant.json", "--html", page, "--lang", "nl")
    text = page.read_text("utf-8")
    assert code == 0
    assert text.startswith('<!doctype html>\n<html lang="nl">')
    assert "VERLENEN" in text


def test_the_facts_behind_the_reasons_are_shown(run):
    code, out, _ = run(
        "explain", EXAMPLES / "deny.json", "--feature", "incidents_6m", "--lang", "en"
    )
    assert code == 0
    assert "2024-02-19" in out
    code, out, _ = run("explain", EXAMPLES / "deny.json", "--json")
    assert code == 0
    assert json.loads(out)


def test_features_are_listed_and_computed(run):
    code, out, _ = run("features", "--group", "debt", "--lang", "en")
    assert code == 0
    assert "debts_open" in out
    assert "[proxy]" in out
    code, out, _ = run(
        "features", "prior_convictions", "--dossier", EXAMPLES / "grant.json", "--json"
    )
    assert [row["value"] for row in json.loads(out)] == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_policies_are_listed_shown_and_verified(run, kind):
    assert kind in run("policy", "list")[1]
    code, now, _ = run("policy", "show", kind, "--on", "2024-01-01", "--lang", "en")
    code_before, before, _ = run("policy", "show", kind, "--on", "2018-01-01", "--lang", "en")
    assert (code, code_before) == (0, 0)
    assert now != before
    code, out, _ = run("policy", "verify", kind, "--json")
    assert code == 0
    assert all(report["ok"] for report in json.loads(out))


def test_a_policy_that_grants_too_much_fails_verification(run, tmp_path):
    from importlib.resources import files

    source = files("risicoscreener.decision") / "policies" / "leave" / "2021-07-01.toml"
    (tmp_path / "leave").mkdir()
    text = source.read_text("utf-8").replace('outcome = "deny"', 'outcome = "grant"', 1)
    (tmp_path / "leave" / "2021-07-01.toml").write_text(text, "utf-8")
    code, out, _ = run("policy", "verify", "--policies", tmp_path, "--lang", "en")
    assert code == 1
    assert out


def test_a_bundle_is_shown_and_verified(run, tmp_path):
    code, out, _ = run("bundle", "show", "--lang", "en")
    assert code == 0
    assert "synthetic" in out
    assert "violence_2y" in out
    assert run("bundle", "verify")[0] == 0
    damaged = tmp_path / "bundle.json"
    damaged.write_bytes(shipped_bundle_bytes().replace(b'"intercept":', b'"intercept": ', 1)[:-20])
    code, _, err = run("bundle", "verify", damaged)
    assert code == 4
    assert err.startswith("error: ")


def test_a_cohort_is_made_screened_and_written(run, tmp_path):
    folder, results = tmp_path / "cohort", tmp_path / "results.parquet"
    assert (
        run("synth", "-n", "60", "--seed", "3", "--population", "sentenced", "--out", folder)[0]
        == 0
    )
    index = pd.read_parquet(folder / "truth" / "persons.parquet").reset_index()
    index[["person_id", "as_of"]].to_parquet(tmp_path / "index.parquet")
    code, out, _ = run(
        "screen-many",
        folder / "dossiers",
        "--index",
        tmp_path / "index.parquet",
        "--out",
        results,
        "--json",
    )
    assert code == 0
    said = json.loads(out)
    assert said["screened"] == 60
    assert sum(said["outcomes"].values()) == len(pd.read_parquet(results))


def test_bad_rows_of_a_folder_are_set_apart_and_reported(run, tmp_path):
    folder = tmp_path / "dossiers"
    folder.mkdir()
    (folder / "persons.csv").write_text(
        "person_id,birth_date,sex\na,1990-01-01,male\nb,1990-01-01,male\n"
    )
    (folder / "debts.csv").write_text(
        "person_id,kind,creditor,amount_eur,since,recorded_at\n"
        "a,fine,state,100,2020-01-01,2020-02-01\nb,fine,state,-5,2020-01-01,2020-02-01\n"
    )
    apart = tmp_path / "apart.csv"
    code, _, err = run("screen-many", folder, "--as-of", "2024-01-01", "--quarantine-out", apart)
    assert code == 0
    assert "debts[1].amount_eur" in err
    assert pd.read_csv(apart)["person_id"].tolist() == ["b"]
    assert run("screen-many", folder, "--as-of", "2024-01-01", "--strict")[0] == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "dossier"),
        (b"{", "dossier"),
        (b"\xff\xfe\x00", "dossier"),
        (b"[]", "dossier"),
        (b'{"person_id": "a"}', "person"),
        (b'{"person_id": "a", "person": {"birth_date": "1990-01-01", "sex": "m"}}', "sex"),
        (b'{"person_id": "a", "person": NaN}', "dossier"),
        (b"[" * 100_000, "dossier"),
        (b" " * 6_000_000, "5,000,000"),
    ],
)
def test_bad_input_gives_one_clear_error_and_no_stack_trace(run, tmp_path, content, said):
    path = tmp_path / "dossier.json"
    path.write_bytes(content)
    code, out, err = run("screen", path)
    assert code == 3
    assert not out
    assert err.startswith("error: ")
    assert said in err
    assert "Traceback" not in err
    code, _, err = run("screen", path, "--json")
    assert code == 3
    assert json.loads(err)["error"] == "dossier"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["screen", "nowhere.json"], 3),
        (["screen", "."], 3),
        (["screen-many", "nowhere"], 3),
        (["screen", EXAMPLES / "grant.json", "--decision", "holiday"], 5),
        (["screen", EXAMPLES / "grant.json", "--as-of", "2999-01-01"], 3),
        (["screen", EXAMPLES / "grant.json", "--as-of", "yesterday"], 2),
        (["screen", EXAMPLES / "grant.json", "--bundle", "nowhere.json"], 4),
        (["screen", EXAMPLES / "grant.json", "--policies", "nowhere"], 5),
        (["screen", EXAMPLES / "grant.json", "--lang", "fr"], 2),
        (["features", "nothing_like_it"], 5),
        (["features", "--group", "horoscope"], 2),
        (["policy", "show", "holiday"], 5),
        (["policy", "show", "leave", "--on", "1950-01-01"], 5),
        (["synth", "-n", "0", "--out", "x"], 2),
        (["fit", "--recipe", "nowhere.toml", "--out", "x"], 5),
        (["dance"], 2),
        ([], 2),
    ],
)
def test_the_wrong_thing_typed_ends_with_a_message_and_a_code_for_scripts(run, words, code):
    found, out, err = run(*words)
    assert found == code
    assert not out
    assert err
    assert "Traceback" not in err


def test_an_old_picture_is_said_to_be_old(run):
    assert "valid until" in run("screen", EXAMPLES / "grant.json")[2]


def test_a_bundle_is_fitted_by_a_command_and_can_screen(run, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(SMALL_RECIPE, "utf-8")
    out = tmp_path / "bundle.json"
    words = ["fit", "-n", 1500, "--seed", 2, "--recipe", recipe, "--made-on", "2026-11-24", "--out"]
    assert run(*words, out)[0] == 0
    code, shown, _ = run("bundle", "show", out, "--lang", "en", "--json")
    assert code == 0
    assert json.loads(shown)["synthetic"] is True
    again = tmp_path / "again.json"
    assert run(*words, again)[0] == 0
    assert out.read_bytes() == again.read_bytes()


SMALL_RECIPE = """
id = "small"
owner = "test"
population = "sentenced"
review_months = 6

[[models]]
name = "any_2y"
observed = "persons"
outcome_column = "any_2y_registered"
horizon_days = 730
outcome = { nl = "a", en = "a" }
population = { nl = "a", en = "a" }
title = { nl = "a", en = "a" }
description = { nl = "a", en = "a" }
knots = 4
features = ["age_years", "prior_convictions", "incidents_6m"]
"""


def test_the_example_dossiers_are_what_the_readme_says():
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(OUTCOMES)
    assert all(example(name)["person_id"].startswith("EXAMPLE-") for name in OUTCOMES)
