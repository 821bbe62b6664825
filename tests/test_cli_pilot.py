"""The commands for pilots, as they are typed and mistyped."""

from __future__ import annotations

import json
import tomllib

import pytest

from cases import ROOT
from risicoscreener.cli import main

EXAMPLE = ROOT / "examples" / "pilot"
REGISTERED, DRAFT, DATA = (
    str(EXAMPLE / name) for name in ("registration.toml", "draft.toml", "outcomes.csv")
)


def said(capsys, *words: str, code: int = 0) -> str:
    assert main(["pilot", *words]) == code
    return capsys.readouterr().out if code == 0 else capsys.readouterr().err


def test_a_pilot_from_draft_to_page(capsys, tmp_path):
    lots = said(capsys, "allocate", DRAFT, "--seed", "412")
    assert (
        tomllib.loads(lots)["design"]["starts"]
        == tomllib.loads(open(DRAFT).read())["design"]["starts"]
    )
    out = str(tmp_path / "registered.toml")
    line = said(capsys, "register", DRAFT, "--on", "2026-11-02", "--out", out)
    checksum = line.split()[-1]
    assert said(capsys, "verify", out, "--hash", checksum).strip() == checksum
    assert "Niet te zeggen" in said(capsys, "analyse", out, DATA, "--hash", checksum)
    page = tmp_path / "page.html"
    assert "Cannot tell" in said(capsys, "report", out, DATA, "--out", str(page), "--lang", "en")
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_the_json_of_an_analysis_is_json(capsys):
    found = json.loads(said(capsys, "analyse", REGISTERED, DATA, "--json"))
    assert found["recommendation"]["category"] == "cannot_tell"
    assert found["result"]["effect"]["sites"] == 8


def test_power_by_options_and_by_registration(capsys):
    found = json.loads(
        said(capsys, "power", "--sites", "14", "--steps", "7", "--level", "0.35",
             "--effect", "-0.1", "--json")
    )  # fmt: skip
    assert found["periods"] == 8
    assert found["enough"]
    assert "44 locaties" in said(capsys, "power", REGISTERED)
    parallel = said(
        capsys, "power", "--design", "parallel", "--sites", "6", "--level", "0.4",
        "--effect", "-0.1", "--runs", "50", "--lang", "en",
    )  # fmt: skip
    assert "50 simulated pilots" in parallel


def test_power_of_a_registration_for_an_effect_of_ones_own(capsys):
    found = json.loads(said(capsys, "power", REGISTERED, "--effect", "-0.2", "--json"))
    assert found["effect"] == -0.2


@pytest.mark.parametrize("option", [["--sites", "8"], ["--icc", "0"], ["--level", "0.4"]])
def test_what_a_registration_says_itself_is_not_said_beside_it(capsys, option):
    assert f"{option[0]} is given beside a registration" in said(
        capsys, "power", REGISTERED, *option, code=3
    )


def test_a_plan_that_was_not_registered_is_said(capsys):
    assert main(["pilot", "analyse", DRAFT, DATA]) == 0
    both = capsys.readouterr()
    assert "not registered" in both.err
    assert "niet vooraf vastgelegd" in both.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["analyse", REGISTERED, str(ROOT / "data" / "synthetic" / "missing.csv")], "No such file"),
        (["analyse", DATA, DATA], "is no TOML"),
        (["analyse", REGISTERED, DATA, "--hash", "0" * 64], "not the one that was published"),
        (["analyse", REGISTERED, DATA, "--method", "magic"], "method is 'magic'"),
        (["allocate", REGISTERED, "--seed", "1"], "registered already"),
        (["register", REGISTERED, "--out", "x.toml"], "already"),
        (["power", "--sites", "8"], "--level and --effect"),
        (
            ["power", "--sites", "8", "--steps", "9", "--level", "0.4", "--effect", "-0.1"],
            "--steps",
        ),
        (["power", "--sites", "1", "--level", "0.4", "--effect", "-0.1"], "--steps is 1"),
        (["power", "--sites", "8", "--level", "0.4", "--effect", "-0.9"], "leaves the level of"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(capsys, monkeypatch, tmp_path, words, told):
    monkeypatch.chdir(tmp_path)
    error = said(capsys, *words, code=3)
    assert told in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(("rows", "n"), [("", 0), ("PI-01,2027-Q1,1\n", 1)])
def test_data_of_hardly_any_site_are_refused(capsys, tmp_path, rows, n):
    path = tmp_path / "data.csv"
    path.write_text(f"site,period,outcome\n{rows}", "utf-8")
    assert f"sites with outcomes: {n}" in said(capsys, "analyse", REGISTERED, str(path), code=3)


def test_a_registration_that_is_not_as_published_does_not_verify(capsys):
    assert main(["pilot", "verify", REGISTERED, "--hash", "0" * 64]) == 1
    assert main(["pilot", "verify", DRAFT]) == 1


@pytest.mark.parametrize("words", [["power", "--sites", "-3"], ["power", "--icc", "many"], []])
def test_what_is_mistyped_is_usage(words):
    with pytest.raises(SystemExit) as stop:
        main(["pilot", *words])
    assert stop.value.code == 2


@pytest.mark.parametrize(
    "option",
    [
        ["--level", "0.4", "--effect", "-0.5"],
        ["--level", "0.9", "--effect", "0.1"],
        ["--level", "2", "--effect", "-2", "--outcome", "count"],
    ],
)
def test_an_effect_that_there_cannot_be_is_refused(capsys, option):
    assert "expected one that leaves the level of" in said(capsys, "power", *option, code=3)


def test_no_effect_is_named_that_there_cannot_be(capsys):
    few = ["power", "--design", "parallel", "--sites", "2", "--level", "0.4", "--effect", "-0.1"]
    told = said(capsys, *few)
    assert "Geen enkel effect dat er kan zijn" in told
    assert "kleinste effect" not in told
    assert json.loads(said(capsys, *few, "--json"))["possible"] == 0.4
