"""The command line: what it prints, what it writes, how it ends, and what it says when misused."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from cases import EXAMPLES, KINDS, OUTCOMES, example
from risicoscreener.cli import main
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.screening import ScreenedTable
from schemas import FOLDER


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


OWN = """[burglaries_10y]
group = "criminal_history"
aggregate = "count"
table = "convictions"
where = { offence_class = ["burglary"] }
window_days = 3653
unit = "convictions"
source = "own research"
text = { nl = "inbraken", en = "burglaries" }
"""


def test_features_of_ones_own_are_listed_and_computed_beside_the_shipped_ones(run, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, "utf-8")
    code, out, _ = run("features", "--definitions", path, "--lang", "en")
    assert (code, out) == (0, "burglaries_10y: burglaries (convictions)\n")
    words = ("burglaries_10y", "convictions_total", "--dossier", EXAMPLES / "deep_assessment.json")
    code, out, _ = run("features", *words, "--definitions", path, "--json")
    assert code == 0
    assert {row["name"]: row["value"] for row in json.loads(out)} == {
        "burglaries_10y": 1.0,
        "convictions_total": 5.0,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace("burglary", "burglar"), "burglar"),
        (OWN.replace("burglaries_10y", "convictions_total"), "there is a feature"),
        ("[a", "own.toml"),
    ],
)
def test_a_definition_of_ones_own_that_is_wrong_is_refused(run, tmp_path, text, said):
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    code, _, err = run("features", "--definitions", path)
    assert code == 5
    assert said in err


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
        run(
            "synth", "make", "-n", "60", "--seed", "3", "--population", "sentenced", "--out", folder
        )[0]
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
        (["screen", EXAMPLES / "grant.json", "--as-of", "20240415"], 2),
        (["screen", EXAMPLES / "grant.json", "--as-of", "2024-W16-1"], 2),
        (["screen", EXAMPLES / "grant.json", "--as-of", "1970-01-01"], 3),
        (["screen", EXAMPLES / "grant.json", "--html", "nowhere/page.html"], 3),
        (["screen", EXAMPLES / "grant.json", "--html", "."], 3),
        (["screen", ""], 2),
        (["screen", EXAMPLES / "grant.json", "--html", ""], 2),
        (["screen", EXAMPLES / "grant.json", "--bundle", ""], 2),
        (["screen", EXAMPLES / "grant.json", "--policies", ""], 2),
        (["screen", "a\0b"], 2),
        (["screen-many", "."], 3),
        (["screen-many", ".", "--index", ""], 2),
        (["screen-many", ".", "--out", ""], 2),
        (["screen-many", ".", "--out", "x.xlsx"], 3),
        (["screen-many", ".", "--out", "nowhere/x.csv"], 3),
        (["screen-many", ".", "--quarantine-out", "nowhere/x.csv"], 3),
        (["screen-many", ".", "--out", "x.csv", "--quarantine-out", "./x.csv"], 2),
        (["screen-many", ".", "--index", "x.csv", "--as-of", "2024-01-01"], 2),
        (["explain", EXAMPLES / "grant.json", "--feature", "shoe_size"], 5),
        (["features", "age_years", "--as-of", "2024-01-01"], 2),
        (["features", "age_years", "--group", "debt"], 2),
        (["features", "--dossier", EXAMPLES / "grant.json", "--as-of", "2999-01-01"], 3),
        (["features", "--dossier", EXAMPLES / "grant.json", "--as-of", "1970-01-01"], 3),
        (["bundle", "show", ""], 2),
        (["bundle", "show", "."], 4),
        (["synth", "make", "-n", "3", "--out", ""], 2),
        (["synth", "make", "-n", "3", "--out", EXAMPLES / "grant.json"], 3),
        (["synth", "make", "-n", "3", "--seed", "-1", "--out", "x"], 2),
        (["synth", "make", "-n", "3", "--seed", "1.5", "--out", "x"], 2),
        (["synth", "make", "-n", "3", "--seed", "1" * 19, "--out", "x"], 2),
        (["synth", "make", "-n", "100000001", "--out", "x"], 2),
        (["fit", "-n", "3", "--out", "nowhere/bundle.json"], 3),
        (["fit", "-n", "3", "--out", "."], 3),
        (["synth", "make", "-n", "0", "--out", "x"], 2),
        (["fit", "--recipe", "nowhere.toml", "--out", "x"], 5),
        (["dance"], 2),
        ([], 2),
    ],
)
def test_the_wrong_thing_typed_ends_with_a_message_and_a_code_for_scripts(
    run, words, code, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    found, out, err = run(*words)
    assert found == code
    assert not out
    assert err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


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


def test_the_bundle_says_from_which_recipe_it_was_made_wherever_that_lay(run, tmp_path):
    made = []
    for folder in ("here", "there"):
        recipe = tmp_path / folder / "my recipe.toml"
        recipe.parent.mkdir()
        recipe.write_text(SMALL_RECIPE, "utf-8")
        out = tmp_path / folder / "bundle.json"
        words = ["-n", 400, "--seed", 3, "--recipe", recipe, "--made-on", "2026-01-02"]
        assert run("fit", *words, "--out", out)[0] == 0
        made.append(out.read_bytes())
    assert made[0] == made[1]
    (entry,) = json.loads(made[0])["content"]["history"]
    assert (
        entry["note"]
        == "risicoscreener fit -n 400 --seed 3 --made-on 2026-01-02 --recipe 'my recipe.toml'"
    )
    assert entry["on"] == "2026-01-02"


def test_a_recipe_nested_too_deeply_and_a_policy_too_are_refused(run, tmp_path):
    (tmp_path / "leave").mkdir()
    for path in (tmp_path / "recipe.toml", tmp_path / "leave" / "2021-07-01.toml"):
        path.write_text("a = " + "[" * 100_000)
    code, _, err = run("fit", "--recipe", tmp_path / "recipe.toml", "--out", tmp_path / "b.json")
    assert code == 5
    assert "nested too deeply" in err
    code, _, err = run("policy", "list", "--policies", tmp_path)
    assert code in (3, 5)
    assert "Traceback" not in err
    assert err.startswith("error: ")


# -- what is written ---------------------------------------------------------------------------


def full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_old_files_and_no_half_ones(run, tmp_path, monkeypatch):
    import pyarrow.csv
    import pyarrow.parquet

    dossiers = small_folder(tmp_path)
    old = {}
    for name in ("a.html", "a.csv", "a.parquet", "q.csv"):
        (tmp_path / name).write_text("old")
        old[name] = "old"
    for module, name in (
        (pyarrow.csv, "write_csv"),
        (pyarrow.parquet, "write_table"),
        (pd.DataFrame, "to_csv"),
        (Path, "write_text"),
    ):
        monkeypatch.setattr(module, name, full)
    before = {path.name for path in tmp_path.iterdir()}
    many = ["screen-many", dossiers, "--as-of", "2024-01-01"]
    for words in (
        ["screen", EXAMPLES / "grant.json", "--html", tmp_path / "a.html"],
        [*many, "--out", tmp_path / "a.csv"],
        [*many, "--out", tmp_path / "a.parquet"],
        [*many, "--quarantine-out", tmp_path / "q.csv"],
    ):
        code, out, err = run(*words)
        assert (code, out) == (3, "")
        assert err.startswith("error: input or output: No space left on device")
    assert {path.name for path in tmp_path.iterdir()} == before
    assert {name: (tmp_path / name).read_text() for name in old} == old


def test_a_cohort_of_which_a_table_cannot_be_written_is_not_there_at_all(
    run, tmp_path, monkeypatch
):
    import pyarrow.parquet

    write, written = pyarrow.parquet.write_table, []

    def full_after_three(*words: object, **options: object) -> None:
        if len(written) == 3:
            full()
        written.append(words)
        write(*words, **options)

    monkeypatch.setattr(pyarrow.parquet, "write_table", full_after_three)
    assert run("synth", "make", "-n", 9, "--seed", 2, "--out", tmp_path / "c")[0] == 3
    assert len(written) == 3
    assert not list(tmp_path.iterdir())


def test_a_cohort_does_not_take_the_place_of_another(run, tmp_path):
    assert run("synth", "make", "-n", 5, "--seed", 1, "--out", tmp_path)[0] == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code, _, err = run("synth", "make", "-n", 9, "--seed", 2, "--out", tmp_path)
    assert code == 3
    assert "empty" in err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def small_folder(tmp_path, ids=("a",)):
    folder = tmp_path / "dossiers"
    folder.mkdir()
    rows = "".join(f"{person},1990-01-01,male\n" for person in ids)
    (folder / "persons.csv").write_text("person_id,birth_date,sex\n" + rows)
    return folder


def test_a_result_may_be_written_to_a_device(run):
    assert run("screen", EXAMPLES / "grant.json", "--html", "/dev/null")[0] == 0


def test_bad_rows_are_written_beside_the_results_of_the_others(run, tmp_path):
    folder = small_folder(tmp_path, ids=("a", "b c"))
    out, apart = tmp_path / "out.csv", tmp_path / "apart.csv"
    code, _, err = run("screen-many", folder, "--out", out, "--quarantine-out", apart)
    assert code == 0
    assert "1 problem(s); rows set apart:" in err
    assert pd.read_csv(out)["person_id"].tolist() == ["a"]
    assert pd.read_csv(apart)["value"].tolist() == ["b c"]


# -- for whom and when -------------------------------------------------------------------------


def index_file(tmp_path, content, name="index.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "person_id,as_of\nNA,2024-01-01\nnull,2024-01-02\n",
        "person_id,as_of\r\nNA,2024-01-01\r\nnull,2024-01-02\r\n",
        "\ufeffperson_id,as_of\nNA,2024-01-01\nnull,2024-01-02\n",
        'note,as_of,person_id\n"a, b",2024-01-01,NA\n,2024-01-02,null',
    ],
    ids=["plain", "windows lines", "byte order mark", "other columns"],
)
def test_an_index_is_read_however_it_was_written_and_an_id_may_be_any_word(run, tmp_path, content):
    folder = small_folder(tmp_path, ids=("NA", "null"))
    out = tmp_path / "out.csv"
    code, said, _ = run(
        "screen-many", folder, "--index", index_file(tmp_path, content), "--out", out, "--json"
    )
    assert (code, json.loads(said)["screened"]) == (0, 2)
    found = pd.read_csv(out, keep_default_na=False)
    assert found["person_id"].tolist() == ["NA", "null"]
    assert found["as_of"].tolist() == ["2024-01-01", "2024-01-02"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "cannot be read as a table"),
        (b"\xff\xfe\0", "cannot be read as a table"),
        ("person_id\na\n", "no column as_of"),
        ("person_id,as_of\na,2024-01-01,extra\n", "Expected 2 fields in line 2, saw 3"),
        ("person_id,as_of,as_of\na,2024-01-01,2024-01-02\n", "as_of twice"),
        ("person_id,as_of\na\n", "as_of is missing"),
        ("person_id,as_of\na,2024-01-01 12:00\n", "no dates"),
        ("person_id,as_of\na,20240101\n", "no dates"),
        ("person_id,as_of\na,2999-01-01\n", "up to and including today"),
        ("person_id,as_of\nb,2024-01-01\n", "person b is not in the dossiers"),
    ],
)
def test_an_index_that_cannot_be_meant_is_refused(run, tmp_path, content, said):
    folder = small_folder(tmp_path)
    code, out, err = run("screen-many", folder, "--index", index_file(tmp_path, content))
    assert (code, out) == (3, "")
    assert said in err


@pytest.mark.parametrize("name", ["index.parquet", "folder.parquet", "nowhere.csv"])
def test_an_index_that_is_no_table_is_refused(run, tmp_path, name):
    folder = small_folder(tmp_path)
    index_file(tmp_path, b"x", "index.parquet")
    (tmp_path / "folder.parquet").mkdir()
    code, out, err = run("screen-many", folder, "--index", tmp_path / name)
    assert (code, out) == (3, "")
    assert name in err


def test_without_an_index_the_day_is_today(run, tmp_path):
    out = tmp_path / "out.csv"
    assert run("screen-many", small_folder(tmp_path), "--out", out)[0] == 0
    assert pd.read_csv(out)["as_of"].tolist() == [dt.date.today().isoformat()]


def test_no_one_to_screen_is_no_error(run, tmp_path):
    folder = small_folder(tmp_path, ids=())
    code, out, _ = run("screen-many", folder, "--json", "--out", tmp_path / "out.parquet")
    assert code == 0
    assert json.loads(out) == {
        "screened": 0,
        "outcomes": {"grant": 0, "deep_assessment": 0, "deny": 0},
        "problems": 0,
    }


def test_a_fact_that_cannot_have_been_recorded_yet_is_set_apart(run, tmp_path):
    folder = small_folder(tmp_path)
    (folder / "debts.csv").write_text(
        "person_id,kind,creditor,amount_eur,since,recorded_at\n"
        "a,fine,state,100,2020-01-01,2020-02-02\n"
    )
    words = ["screen-many", folder, "--as-of", "2024-01-01", "--json"]
    assert json.loads(run(*words)[1])["problems"] == 0
    assert json.loads(run(*words, "--recorded-by", "2020-02-02")[1])["problems"] == 0
    assert json.loads(run(*words, "--recorded-by", "2020-02-01")[1])["problems"] == 1
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    text = (folder / "debts.csv").read_text()
    (folder / "debts.csv").write_text(text.replace("2020-02-02", tomorrow.isoformat()))
    assert json.loads(run(*words)[1])["problems"] == 1


def test_at_most_twenty_bad_rows_are_shown(run, tmp_path):
    folder = small_folder(tmp_path, ids=[f"a b{i}" for i in range(25)])
    code, _, err = run("screen-many", folder)
    assert code == 0
    assert "25 problem(s)" in err
    assert err.count("  - ") == 20


def test_values_of_a_dossier_are_of_its_day_and_a_fact_of_tomorrow_is_refused(run, tmp_path):
    plain = example("grant")
    words = ["features", "age_years", "age_years", "--json", "--dossier"]
    code, out, _ = run(*words, EXAMPLES / "grant.json")
    (row,) = json.loads(out)
    assert row["value"] == pytest.approx(44.9, abs=0.01)
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    plain["debts"][0]["recorded_at"] = tomorrow.isoformat()
    path = tmp_path / "dossier.json"
    path.write_text(json.dumps(plain))
    for command in (words, ["explain"], ["screen"]):
        code, out, err = run(*command, path)
        assert (code, out) == (3, "")
        assert "recorded_at" in err


# -- what is printed ---------------------------------------------------------------------------


def command_line(*words, **options):
    environment = {**os.environ, **options.pop("environment", {})}
    environment.pop("PYTHONUNBUFFERED", None)  # as on a machine where nobody set it
    return subprocess.run(
        [sys.executable, *options.pop("python", []), "-m", "risicoscreener", *map(str, words)],
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
        **options,
    )


def test_whoever_reads_no_further_is_not_told_that_a_liberty_is_granted():
    """0 would say so: with --outcome-exit-code a broken pipe has a code of its own."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        done = command_line("screen", EXAMPLES / "deny.json", "--outcome-exit-code", stdout=gone)
    assert done.returncode == 141
    assert b"Traceback" not in done.stderr
    assert b"Broken pipe" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_is_an_error_and_no_outcome():
    with open("/dev/full", "wb") as disk:
        done = command_line("screen", EXAMPLES / "grant.json", "--outcome-exit-code", stdout=disk)
    assert done.returncode == 3
    assert done.stderr.decode().splitlines()[-1].startswith("error: input or output: No space")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_short_output_fails_at_the_end_and_is_still_no_success():
    """It stays in the buffer until the command is done, when nobody would look any more."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone, open("/dev/full", "wb") as disk:
        assert command_line("policy", "list", stdout=gone).returncode == 141
        done = command_line("policy", "list", stdout=disk)
    assert done.returncode == 3
    assert done.stderr.decode().startswith("error: input or output: No space")
    assert len(done.stderr.decode().splitlines()) == 1


def test_a_letter_that_the_terminal_lacks_is_written_as_an_escape():
    plain = command_line(
        "screen", EXAMPLES / "grant.json", environment={"PYTHONIOENCODING": "ascii"}
    )
    assert plain.returncode == 0
    assert rb"\xeb" in plain.stdout
    asked = ("screen", EXAMPLES / "grant.json", "--json")
    found = command_line(*asked, environment={"PYTHONIOENCODING": "latin-1"})
    assert json.loads(found.stdout) == json.loads(command_line(*asked).stdout)
    assert found.stdout.isascii()


@pytest.mark.parametrize("flag", ["-O", "-OO"])
def test_without_assertions_and_docstrings_the_answer_is_the_same(flag):
    asked = ("screen", EXAMPLES / "deep_assessment.json", "--json")
    assert command_line(*asked, python=[flag]).stdout == command_line(*asked).stdout


def test_a_closed_standard_input_is_said(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    code, _, err = run("screen", "-")
    assert code == 3
    assert "standard input is closed" in err


def test_with_a_closed_standard_output_the_exit_code_is_still_the_answer(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    path = str(EXAMPLES / "deny.json")
    assert main(["screen", path, "--outcome-exit-code"]) == 11
    assert main(["screen", path, "--outcome-exit-code", "--json"]) == 11


@pytest.mark.parametrize("source", ["/dev/zero", "-"])
def test_input_without_end_is_read_up_to_a_limit(source):
    with open("/dev/zero", "rb") as endless:
        done = command_line("screen", source, stdin=endless)
    assert done.returncode == 3
    assert b"5,000,000" in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MemoryError(), 3, "memory"),
        (RecursionError(), 3, "nested"),
        (UnicodeError("half a letter"), 3, "half a letter"),
        (OSError("Arrow says this"), 3, "input or output: Arrow says this"),
        (OSError(5, "broken", "disk"), 3, "disk: broken"),
        (OSError(), 3, "OSError"),
        (KeyboardInterrupt(), 130, "stopped"),
        (BrokenPipeError(), 141, None),
    ],
)
def test_what_breaks_underneath_ends_with_a_message_in_both_forms(
    run, monkeypatch, error, code, said
):
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("risicoscreener.models.bundle.Bundle.load", broken)
    found, out, err = run("bundle", "show")
    assert (found, out) == (code, "")
    assert (said in err) if said else not err
    _, out, err = run("bundle", "show", "--json")
    assert not out
    assert (said in json.loads(err)["message"]) if said else not err


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["policy", "list"], {"id", "title"}),
        (["policy", "show", "leave"], {"id", "digest", "kind", "rules", "domains"}),
        (["bundle", "verify"], {"bundle_id", "sha256", "checks", "ok"}),
        (["bundle", "show"], {"id", "models", "review_on"}),
        (["features", "--group", "debt"], {"name", "sensitivity", "unit"}),
        (["explain", EXAMPLES / "deny.json"], {"name", "as_of"}),
    ],
)
def test_what_prints_json_when_asked_prints_nothing_else(run, words, keys):
    code, out, _ = run(*words, "--json", "--lang", "en")
    said = json.loads(out)
    assert code == 0
    assert keys <= set(said[0] if isinstance(said, list) else said)


def test_a_fault_of_a_dossier_is_told_problem_by_problem_in_json(run, tmp_path):
    plain = example("grant")
    plain["debts"][0] |= {"amount_eur": -1, "kind": "é"}
    path = tmp_path / "dossier.json"
    path.write_text(json.dumps(plain))
    code, _, err = run("screen", path, "--json")
    assert code == 3
    said = json.loads(err)
    assert said["error"] == "dossier"
    assert len(said["problems"]) == 2
    code, out, _ = run("screen", path, "--quarantine", "--json")
    assert (code, json.loads(out)["quarantined_rows"]) == (0, 1)
    assert json.loads(out)["outcome"] != "grant"


def test_a_page_is_whole_and_in_the_language_asked_for(run, tmp_path):
    page = tmp_path / "page.html"
    for lang, word in (("nl", "AFWIJZEN"), ("en", "DENY")):
        assert run("screen", EXAMPLES / "deny.json", "--html", page, "--lang", lang)[0] == 0
        text = page.read_text("utf-8")
        assert f'<html lang="{lang}">' in text
        assert word in text
        assert text.endswith("</main></body></html>\n")


def test_what_is_listed_is_listed_with_success_and_a_version_has_its_number(run):
    from risicoscreener import __version__

    code, out, _ = run("policy", "list", "--lang", "en")
    assert code == 0
    listed = [line.split()[0] for line in out.splitlines()]
    assert listed == sorted(listed)
    assert {"leave/1999-01-01", "leave/2021-07-01"} <= set(listed)
    assert run("--version") == (0, f"{__version__}\n", "")


def test_an_explanation_begins_with_the_result_unless_features_are_asked_for(run):
    path = EXAMPLES / "deny.json"
    result = run("screen", path, "--lang", "en")[1]
    code, out, _ = run("explain", path, "--lang", "en")
    assert code == 0
    assert out.startswith(result + "\n")
    assert len(out) > len(result) + 100
    named = run("explain", path, "--lang", "en", "--feature", "incidents_6m")[1]
    assert result.splitlines()[0] not in named


def test_a_bundle_shows_how_well_its_models_do_and_their_features(run):
    shown = run("bundle", "show", "--lang", "en")[1]
    plain = json.loads(run("bundle", "show", "--json")[1])
    for model in plain["models"]:
        performance = model["performance"]
        assert f"AUC {performance['auc']:.3f}, Brier {performance['brier']:.4f}" in shown
        assert f"n = {model['training']['n']:,}, events = {model['training']['events']:,}" in shown
        assert f"  features: {', '.join(model['features'])}" in shown
        assert not {"golden", "program", "provenance"} & set(model)


def test_a_folder_that_cannot_be_made_is_said_before_anyone_is_simulated(run, monkeypatch):
    monkeypatch.setattr("risicoscreener.synthetic.simulate", lambda *_, **__: pytest.fail("early"))
    monkeypatch.setattr(
        "risicoscreener.synthetic.storing.storage.draw_lives", lambda *_, **__: pytest.fail("early")
    )
    assert run("synth", "make", "-n", 5, "--out", EXAMPLES / "grant.json")[0] == 3
    assert run("fit", "-n", 5, "--out", EXAMPLES / "nowhere" / "bundle.json")[0] == 3


def test_progress_is_not_shown_where_nobody_looks(run, tmp_path):
    assert run("synth", "make", "-n", "1_0", "--out", tmp_path / "c")[2] == (
        f"10 synthetic people written to {tmp_path / 'c'}\n"
    )


def test_results_are_judged_writable_before_anyone_is_screened(run, tmp_path, monkeypatch):
    monkeypatch.setattr(ScreenedTable, "__init__", lambda *_: pytest.fail("screened for nothing"))
    folder = small_folder(tmp_path)
    assert run("screen-many", folder, "--out", tmp_path / "no" / "x.csv")[0] == 3
    assert run("screen-many", folder, "--out", tmp_path)[0] == 3


def test_the_example_dossiers_are_what_the_readme_says():
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(OUTCOMES)
    assert all(example(name)["person_id"].startswith("EXAMPLE-") for name in OUTCOMES)


def test_a_letter_goes_to_whom_it_is_for(run, tmp_path):
    path = EXAMPLES / "deny.json"
    code, out, _ = run("letter", path)
    assert code == 0
    assert "Een mens neemt het besluit." in out
    code, out, _ = run("letter", path, "--to", "decider", "--lang", "en")
    assert code == 0
    assert out.startswith("ADVICE FOR A DECISION")
    page = tmp_path / "letter.html"
    code, out, _ = run("letter", path, "--html", page)
    assert (code, out) == (0, "")
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    code, out, _ = run("letter", path, "--to", "decider", "--json")
    assert json.loads(out)["result"]["outcome"] == "deny"


def test_the_letter_to_the_person_holds_no_more_as_json(run):
    code, out, _ = run("letter", EXAMPLES / "deny.json", "--json")
    assert code == 0
    letter = json.loads(out)
    assert letter["title"].startswith("Brief")
    assert "result" not in letter
    assert "victims" not in out


def test_a_letter_about_something_unknown_is_refused_in_one_line(run):
    code, out, err = run("letter", EXAMPLES / "deny.json", "--decision", "holiday")
    assert (code, out) == (5, "")
    assert len(err.splitlines()) == 1
    assert "holiday" in err
