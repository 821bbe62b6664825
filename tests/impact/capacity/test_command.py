"""The command `capacity`: a forecast, a change laid beside it, a look back, and wrong input."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from cases import ROOT
from risicoscreener.cli import main

SMALL = ["--start", "2024-01-01", "--people", "150", "--years", "3", "--months", "3"]
FEW = [*SMALL, "--replicates", "8"]
LESS = """
label = "less"
[[changes]]
type = "replaced"
kinds = ["sentence", "self_reporter"]
sentence_until_days = 91
share = 0.5
"""


def test_a_forecast_in_words_a_page_and_a_table(tmp_path, capsys):
    page, table = tmp_path / "page.html", tmp_path / "months.csv"
    words = ["--set", "places.regular=40", "--html", str(page), "--out", str(table)]
    assert main(["capacity", *FEW, *words, "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "Forecast of capacity: as things are\n2024-01-01 to 2024-04-01; stays on "
    )
    assert "What falls short first" in said
    assert page.read_text("utf-8").count("<svg") >= 3
    assert set(pd.read_csv(table)["name"]) >= {"occupancy", "hours:plan", "shell"}


def test_a_scenario_is_laid_beside_it_as_json(tmp_path, capsys):
    path = tmp_path / "less.toml"
    path.write_text(LESS, "utf-8")
    assert main(["capacity", *FEW, "--scenario", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["new"]["label"] == "less"
    assert found["new"]["changes"][0]["type"] == "replaced"
    assert found["differences"]["occupancy_mean"]["value"] < 0
    assert found["old"]["figures"]["deep_waiting_end"]["value"] is None


def test_two_policies(capsys):
    words = ["--policy", "leave/2021-07-01", "--against", "leave/2021-11-15"]
    assert main(["capacity", *FEW, *words, "--set", "deep.per_week=1"]) == 0
    said = capsys.readouterr().out
    assert "leave/2021-11-15 vergeleken met leave/2021-07-01" in said
    assert "gevraagde verdiepende taxaties" in said


def test_a_look_back(tmp_path, capsys):
    table = tmp_path / "back.csv"
    words = ["--backtest", "2023-06-01", "--out", str(table)]
    assert main(["capacity", *FEW, *words, "--lang", "en"]) == 0
    assert "Forecast from 2023-06-01, 3 months, and what came" in capsys.readouterr().out
    assert list(pd.read_csv(table)) == ["month", "observed", "value", "low", "high", "inside"]


def test_stays_from_a_file(tmp_path, capsys):
    path = tmp_path / "stays.csv"
    days = pd.date_range("2022-01-01", "2023-12-01", freq="3D")
    frame = pd.DataFrame({"arrived_on": days, "left_on": days + pd.Timedelta(days=20)})
    frame.assign(kind="remand").to_csv(path, index=False)
    words = ["--stays", str(path), "--start", "2024-01-01", "--years", "2", "--months", "2"]
    assert main(["capacity", *words, "--replicates", "5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["figures"]["occupancy_mean"]["value"] == pytest.approx(20 / 3, abs=3)


def test_dossiers_from_a_folder(capsys):
    words = [
        "--cohort",
        str(ROOT / "data/synthetic/sentenced_40/dossiers"),
        "--start",
        "2022-01-01",
        "--years",
        "8",
    ]
    assert main(["capacity", *words, "--months", "2", "--replicates", "4"]) == 0
    assert "zijn weinig verblijven geëindigd" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--set", "places.reguler=9"], 2, "did you mean 'places.regular'?"),
        (["--set", "places.regular=veel"], 2, "places.regular is 'veel'; expected a whole"),
        (["--settings", "nowhere.toml"], 2, "nowhere.toml cannot be read"),
        (["--scenario", "nowhere.toml"], 2, "nowhere.toml cannot be read"),
        (["--against", "leave/2021-11-15"], 2, "--against is given without --policy"),
        (["--policy", "leave/1066-01-01"], 5, "there is no policy 'leave/1066-01-01'"),
        (
            ["--policy", "leave/2021-07-01", "--against", "leave/2021-11-15", "--scenario", "x"],
            2,
            "--scenario and --against are both given",
        ),
        (["--backtest", "2023-01-01", "--html", "x.html"], 2, "--backtest is given with"),
        (["--backtest", "2023-12-01"], 2, "3 months from 2023-12-01 run until 2024-03-01"),
        (["--set", "places.by_prison={PI-77=3}"], 2, "places.by_prison has 'PI-77'"),
        (["--stays", "nowhere.csv"], 3, "nowhere.csv"),
    ],
)
def test_wrong_input_is_one_helpful_line(words, code, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["capacity", *FEW, *words]) == code
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--months", "0"], "'0' is no number of months; expected 1 to 120"),
        (["--level", "95"], "'95' is no coverage; expected 0.5 to 0.999"),
        (["--set", "places.regular"], "is no setting; expected section.name=value"),
        (["--years", "99"], "'99' is no number of years; expected 1 to 10"),
    ],
)
def test_what_cannot_be_typed(words, said, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["capacity", *words])
    assert stop.value.code == 2
    assert said in capsys.readouterr().err
