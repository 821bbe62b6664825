"""The command `impact`: two policies on synthetic people, and one helpful line for wrong input."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from risicoscreener.cli import main

SMALL = [
    "--people",
    "150",
    "--months",
    "2",
    "--warm-up",
    "1",
    "--capacity",
    "1",
    "--replicates",
    "2",
]
OLD, NEW = "leave/2021-07-01", "leave/2021-11-15"


def test_two_policies_are_compared_in_words_pictures_and_a_table(tmp_path, capsys):
    page, table = tmp_path / "page.html", tmp_path / "figures.csv"
    words = ["impact", "--policy", OLD, "--against", NEW, *SMALL, "--lang", "en"]
    assert main([*words, "--html", str(page), "--out", str(table)]) == 0
    said = capsys.readouterr().out
    assert f"{NEW} compared with {OLD}" in said
    assert "do not exist" in said
    html = page.read_text("utf-8")
    assert html.count("<svg") == 3
    assert "people waiting" in html or "wait at the start" in html
    ET.fromstring(re.sub("<meta[^>]*>", "", html.removeprefix("<!doctype html>\n")))
    assert 'content="width=device-width' in html
    assert table.read_text("utf-8").startswith("name,figure,old,new,difference")


def test_one_policy_from_a_file_as_json(tmp_path, capsys):
    file = tmp_path / "own.toml"
    file.write_text('amends = "leave/2021-07-01"\nvalid_from = 2022-01-01\n', "utf-8")
    assert main(["impact", "--policy", str(file), *SMALL, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["label"] == "leave/2022-01-01"
    assert found["figures"]["asked"]["value"] > 0
    assert found["settings"]["start"] == "2022-01-01"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--policy", "leave/2020-01-01"], 5, "there is no policy 'leave/2020-01-01'; expected a"),
        (["--policy", OLD, "--against", "nowhere.toml"], 5, "there is no policy 'nowhere.toml'"),
        (["--policy", OLD, "--against", "low_security/2021-07-01"], 2, "different things"),
        (["--policy", OLD, "--start", "9998-12-01"], 2, "the year 9999; expected a year"),
        (["--policy", OLD, "--months", "0"], 2, "months is 0; expected a number from 1 to 120"),
        (["--policy", OLD, "--html", "/nowhere/at/all.html"], 3, "/nowhere/at/all.html"),
    ],
)
def test_wrong_input_gives_one_line(words, code, said, capsys):
    assert main(["impact", *SMALL, *words]) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--policy", OLD],
        ["--policy", OLD, "--capacity", "many"],
        ["--policy", OLD, "--capacity", "0"],
        ["--policy", OLD, "--capacity", "3", "--months", "-1"],
        ["--policy", OLD, "--capacity", "3", "--replicates", "0"],
    ],
)
def test_what_is_typed_wrongly_ends_with_the_usage(words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["impact", *words])
    assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err
