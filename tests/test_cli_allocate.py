"""The commands about help: from a history to proposals, and what they say of mistakes."""

from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pytest

from cases import ROOT
from risicoscreener.cli import main
from risicoscreener.reentry.sharing.csv_text import csv_text
from risicoscreener.writing import RUN_BY_SPREADSHEETS

FLOW = ROOT / "data" / "synthetic" / "flow_2000"
SENTENCED = ROOT / "data" / "synthetic" / "sentenced_40"
PEOPLE = [str(SENTENCED / "dossiers"), "--index", str(SENTENCED / "index.parquet")]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("selection") / "model.json"
    told = ["--cohort", str(FLOW), "--aid", "debt_help", "--learner", "spline", "--out", str(path)]
    assert main(["allocate", "learn", *told, "--json"]) == 0
    return str(path)


def test_a_model_is_learnt_and_people_are_proposed(model, tmp_path, capsys):
    out = tmp_path / "out.csv"
    told = ["--model", model, "--places", "5", "--access", "--out", str(out), "--lang", "en"]
    assert main(["allocate", "propose", *PEOPLE, *told]) == 0
    said = capsys.readouterr().out
    assert "proposed 5;" in said
    assert "Access by group" in said
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert len(rows) == 40
    assert sum(row["status"] == "proposed" for row in rows) == 5


def test_ordering_by_effect_is_refused_unless_it_is_said_by_name(model, capsys):
    told = ["allocate", "propose", *PEOPLE, "--model", model, "--places", "5", "--rule", "effect"]
    assert main(told) == 3
    assert "not ordered by effect: no_difference_shown" in capsys.readouterr().err
    assert main([*told, "--despite", "no_difference_shown", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["despite"] == ["no_difference_shown"]


def test_a_history_of_ones_own_gives_the_same_model(tmp_path, capsys):
    from risicoscreener.synthetic import Cohort

    cohort = Cohort.read(FLOW)
    frame = cohort.index()
    frame["received"] = cohort.truth.interventions["debt_help"].to_numpy()
    frame["reoffended"] = cohort.truth.persons["any_2y_registered"].to_numpy()
    frame.to_csv(tmp_path / "history.csv", index=False)
    options = ["--aid", "debt_help", "--learner", "spline", "--json"]
    assert main(["allocate", "learn", "--cohort", str(FLOW), *options]) == 0
    first = json.loads(capsys.readouterr().out)
    history = [str(FLOW / "dossiers"), "--history", str(tmp_path / "history.csv")]
    assert main(["allocate", "learn", *history, *options]) == 0
    assert json.loads(capsys.readouterr().out) == first


def test_places_of_a_table_are_read(tmp_path, capsys):
    places, out = tmp_path / "places.csv", tmp_path / "out.csv"
    places.write_text("site,places,from,until\nPI-21,1,,\n*,2,2000-01-01,2030-12-31\n", "utf-8")
    told = ["--aid", "debt_help", "--places", str(places), "--out", str(out)]
    assert main(["allocate", "propose", *PEOPLE, *told]) == 0
    assert "voorgesteld 3;" in capsys.readouterr().out
    assert len(out.read_text("utf-8").splitlines()) > 1


@pytest.mark.parametrize("start", RUN_BY_SPREADSHEETS)
def test_a_table_runs_nothing_and_keeps_its_numbers(start):
    frame = pd.DataFrame({"said": [f"{start}1+1", f"a\r{start}1+1"], "effect": [-0.5, 1.0]})
    read = list(csv.reader(io.StringIO(csv_text(frame), newline="")))
    start = start.replace("\r", "\n")
    assert read[1:] == [[f"'{start}1+1", "-0.5"], [f"a\n{start}1+1", "1.0"]]


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_kinds_of_help_are_listed(lang, capsys):
    assert main(["allocate", "kinds", "--lang", lang]) == 0
    assert "debt_help: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (["propose", *PEOPLE, "--aid", "debt", "--places", "5"], 3, "help 'debt'; expected one of"),
        (["propose", *PEOPLE, "--places", "5"], 3, "no help is named"),
        (["propose", *PEOPLE, "--aid", "debt_help", "--places", "no.csv"], 3, "no.csv"),
        (["propose", *PEOPLE, "--aid", "debt_help", "--places=-1"], 3, "--places '-1'; expected"),
        (["learn", "--cohort", str(SENTENCED), "--aid", "debt_help"], 3, "cannot tell for whom"),
        (["learn", "--cohort", str(FLOW), "--aid", "labour"], 3, "help 'labour'"),
        (["learn", "--aid", "debt_help"], 2, "expected either DIR"),
        (
            ["learn", "x", "--history", "y", "--cohort", str(FLOW), "--aid", "debt_help"],
            *(2, "expected either DIR"),
        ),
        (["learn", "x", "--cohort", str(FLOW), "--aid", "debt_help"], 2, "expected either DIR"),
        (
            ["propose", *PEOPLE, "--as-of", "2020-01-01", "--aid", "debt_help", "--places", "5"],
            *(3, "--index and --as-of both say"),
        ),
    ],
)
def test_mistakes_are_named(told, code, said, capsys):
    assert main(["allocate", *told]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--reserve", "2"], ["--least-need", "-1"], ["--seed", "x"]])
def test_what_is_typed_wrongly_is_said(option, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["allocate", "propose", *PEOPLE, "--aid", "debt_help", "--places", "5", *option])
    assert stop.value.code == 2
    assert option[1] in capsys.readouterr().err


def test_a_history_without_a_column_names_it(tmp_path, capsys):
    (tmp_path / "history.csv").write_text("person_id,as_of,received\nSYN-0000001,2020-01-01,1\n")
    told = [
        str(FLOW / "dossiers"),
        "--history",
        str(tmp_path / "history.csv"),
        "--aid",
        "debt_help",
    ]
    assert main(["allocate", "learn", *told]) == 3
    assert "no column 'reoffended'" in capsys.readouterr().err


def test_nobody_at_all_gives_a_table_with_its_columns(tmp_path, capsys):
    index, out = tmp_path / "index.csv", tmp_path / "out.csv"
    index.write_text("person_id,as_of\n", "utf-8")
    told = ["--index", str(index), "--aid", "debt_help", "--places", "5", "--out", str(out)]
    assert main(["allocate", "propose", PEOPLE[0], *told]) == 0
    assert "0 mensen" in capsys.readouterr().out
    (header,) = out.read_text("utf-8").splitlines()
    assert header.startswith("person_id,as_of,site,status,rank")
    assert header.endswith("reasons")


def test_who_had_not_come_in_by_a_day_is_left_out(capsys):
    told = ["--as-of", "2021-08-01", "--aid", "supervision", "--places", "3", "--json"]
    assert main(["allocate", "propose", PEOPLE[0], *told]) == 0
    said, note = capsys.readouterr()
    stays = pd.read_parquet(SENTENCED / "dossiers" / "detentions.parquet")
    there = pd.to_datetime(stays["arrived_on"]).le("2021-08-01")
    there &= pd.to_datetime(stays["recorded_at"]).le("2021-08-01")
    expected = set(stays["person_id"][there])
    assert {one["person_id"] for one in json.loads(said)["proposals"]} == expected
    assert f"note: {40 - len(expected)} person(s)" in note
    assert 0 < len(expected) < 40


def test_a_prison_where_nobody_is_and_groups_are_named_in_words(tmp_path, capsys):
    places = tmp_path / "places.csv"
    places.write_text("site,places\n*,12\n<script>,3\n", "utf-8")
    told = ["--aid", "debt_help", "--places", str(places), "--access"]
    assert main(["allocate", "propose", *PEOPLE, *told]) == 0
    said = capsys.readouterr().out
    assert "niemand in <script>; staat de naam er goed?" in said
    assert "iedereen: 0," in said
    assert "geslacht vrouw: " in said


def test_many_hours_are_written_out(capsys):
    told = ["--aid", "debt_help", "--places", "1000000", "--most", "0"]
    assert main(["allocate", "propose", *PEOPLE, *told]) == 0
    assert "van 20.000.000 uur vergeven" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", 'person_id,"as_of\nx'])
def test_what_is_no_table_is_said_in_one_line(text, tmp_path, capsys):
    index = tmp_path / "index.csv"
    index.write_text(text, "utf-8")
    told = ["--index", str(index), "--aid", "debt_help", "--places", "5"]
    assert main(["allocate", "propose", PEOPLE[0], *told]) == 3
    error = capsys.readouterr().err
    assert "cannot be read as a table" in error
    assert error.count("\n") == 1
