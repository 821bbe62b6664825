"""The command that evaluates a table: what it prints and writes, and what it says when misused."""

from __future__ import annotations

import json
from functools import partial

import jsonschema
import pytest

from cases import EXAMPLES
from report_examples import TABLES, text_of
from risicoscreener.cli import main
from risicoscreener.report.evaluation.report import EvaluationReport
from schemas import FOLDER

LEAVE = EXAMPLES / "report" / "leave.csv"
QUICK = ["--replicates", "20", "--made-on", "2026-11-29"]


@pytest.fixture
def run(run):
    """The same, of the command under test."""
    return partial(run, "report")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"

    def write(text: str):
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.parametrize("name", TABLES)
def test_the_example_tables_are_what_their_command_makes(name):
    assert (EXAMPLES / "report" / name).read_text("utf-8") == text_of(name)


def test_it_prints_the_answers_and_draws_nothing(run, monkeypatch):
    monkeypatch.setattr(EvaluationReport, "to_html", None)
    code, out, err = run(LEAVE, "--lang", "en", *QUICK)
    assert code == 0
    assert "Is the probability right on average?" in out
    assert err == ""


def test_page_json_and_tables_are_written_and_named(run, tmp_path):
    page, plain, folder = tmp_path / "r.html", tmp_path / "r.json", tmp_path / "tables"
    words = ["-o", page, "--json", plain, "--tables", folder, "--group", "sex", "age_class"]
    about = EXAMPLES / "report" / "leave.toml"
    code, _, err = run(LEAVE, *words, "--about", about, "--cut-offs", "0.15", "0.4", *QUICK)
    assert code == 0
    assert str(page) in err
    assert page.read_text("utf-8").startswith("<!doctype html>")
    schema = json.loads((FOLDER / "evaluation_report.json").read_text("utf-8"))
    found = json.loads(plain.read_text("utf-8"))
    jsonschema.validate(found, schema)
    assert found["title"] == "Verlof: kloppen de kansen op een mislukt verlof?"
    assert (folder / "bands-table.csv").exists()
    assert found["origin"]["command"] == (
        "risicoscreener report leave.csv --lang nl --cut-offs 0.15 0.4 --group sex --group "
        "age_class --about leave.toml --seed 0 --replicates 20 --made-on 2026-11-29"
    )


def test_the_command_in_a_report_makes_the_same_page(run, tmp_path, monkeypatch):
    monkeypatch.chdir(LEAVE.parent)
    words = ["--group", "sex", "--seed", "3", *QUICK]
    run(LEAVE, *words, "--json", tmp_path / "first.json", "-o", tmp_path / "first.html")
    origin = json.loads((tmp_path / "first.json").read_text("utf-8"))["origin"]
    assert main([*origin["command"].split()[1:], "-o", str(tmp_path / "second.html")]) == 0
    pages = [(tmp_path / f"{name}.html").read_bytes() for name in ("first", "second")]
    assert pages[0] == pages[1]


def test_columns_are_named_where_they_differ(run, table):
    path = table("p,back\n0.2,0\n0.8,1\n")
    code, out, _ = run(path, "--columns", "probability=p", "outcome=back", *QUICK)
    assert code == 0
    assert "2 mensen" in out


def test_a_table_that_cannot_be_used_ends_with_3_and_names_every_problem(run, table):
    code, _, err = run(table("probability,outcome\n1.2,1\n0.3,4\n"), *QUICK)
    assert code == 3
    assert "column 'probability', row 1: '1.2'" in err
    assert "column 'outcome', row 2: '4'" in err


def test_a_table_without_rows_has_a_report_that_says_so(run, table, tmp_path):
    code, out, _ = run(table("probability,outcome\n"), "-o", tmp_path / "r.html", *QUICK)
    assert code == 0
    assert "Er is niemand" in out


def test_a_file_that_is_not_there_ends_with_3(run, tmp_path):
    code, _, err = run(tmp_path / "nothing.csv", *QUICK)
    assert code == 3
    assert "nothing.csv" in err


def test_a_place_that_cannot_be_written_is_named_before_the_work(run, tmp_path, monkeypatch):
    monkeypatch.setattr(EvaluationReport, "read", None)
    code, _, err = run(LEAVE, "-o", tmp_path / "no" / "r.html", *QUICK)
    assert code == 3
    assert "No such file or directory" in err


@pytest.mark.parametrize(
    "words",
    [
        ["--cut-offs", "1.5"],
        ["--cut-offs", "half"],
        ["--columns", "probability"],
        ["--lang", "de"],
        ["--made-on", "yesterday"],
    ],
)
def test_what_is_typed_wrongly_ends_with_2(run, words):
    assert run(LEAVE, *words)[0] == 2


def test_cut_offs_that_do_not_ascend_are_refused(run):
    code, _, err = run(LEAVE, "--cut-offs", "0.5", "0.2", *QUICK)
    assert code == 3
    assert "lowest first" in err
