"""The commands of published instruments."""

from __future__ import annotations

import json

import pytest

from instrument_inputs import complete
from risicoscreener.cli import main


def run(capsys, *words):
    code = main(["instruments", *words])
    return code, capsys.readouterr()


def test_list_names_every_instrument_and_version(capsys):
    code, said = run(capsys, "list", "--json")
    rows = json.loads(said.out)
    assert code == 0
    assert {(r["id"], r["version"]) for r in rows} >= {("ogrs4g", "1.0"), ("rsr", "1.0")}
    assert all(r["golden_vectors"] > 0 for r in rows)


def test_verify_prints_how_many_vectors_and_ends_with_0(capsys):
    code, said = run(capsys, "verify", "osp_iic", "--version", "1.0")
    assert code == 0
    assert said.out.startswith("15 golden vectors of 1 instruments: all reproduced")


def test_verify_ends_with_1_on_any_difference(capsys, monkeypatch):
    from risicoscreener.instruments import golden

    real = golden.score_case
    monkeypatch.setattr(golden, "score_case", lambda i, c: [*real(i, c)[:1], ["one differs"]])
    code, said = run(capsys, "verify", "osp_iic", "--version", "1.0")
    assert code == 1
    assert "one differs" in said.out


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_show_says_source_and_inputs(capsys, lang):
    code, said = run(capsys, "show", "ogrs4g", "--lang", lang)
    assert code == 0
    assert "hmpps-arns-risk-actuarial-api" in said.out
    assert "sanctions: " in said.out


def test_score_of_inputs_in_a_file(capsys, tmp_path):
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps(complete("ogrs4g")), "utf-8")
    code, said = run(capsys, "score", "ogrs4g", "--inputs", str(path), "--json")
    assert code == 0
    assert json.loads(said.out)["variant"] == "dynamic"


def test_score_without_a_score_ends_with_1_and_says_why(capsys, tmp_path):
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps(complete("ogrs4g", sex=None)), "utf-8")
    code, said = run(capsys, "score", "ogrs4g", "--inputs", str(path), "--lang", "en")
    assert code == 1
    assert "sex is missing" in said.out


def test_inputs_of_a_file_complete_those_of_a_dossier(capsys, tmp_path):
    path = tmp_path / "inputs.json"
    more = {"weapon_in_offence": True, "drinking": "no_problems", "temper": "no_problems",
            "attitudes": "no_problems"}  # fmt: skip
    path.write_text(json.dumps(more), "utf-8")
    words = ("score", "snsv", "--dossier", "examples/grant.json", "--json")
    _, alone = run(capsys, *words)
    _, completed = run(capsys, *words, "--inputs", str(path))
    assert json.loads(alone.out)["variant"] == "static"
    assert json.loads(completed.out)["variant"] == "dynamic"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "no JSON object"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"sex": "male", "sex": "female"}', "twice"),
    ],
)
def test_a_file_that_is_no_object_of_inputs_is_refused(capsys, tmp_path, text, said):
    path = tmp_path / "inputs.json"
    path.write_text(text, "utf-8")
    code, out = run(capsys, "score", "ogrs4g", "--inputs", str(path))
    assert code != 0
    assert said in out.err


def test_nothing_to_score_is_a_mistake_in_the_command(capsys):
    code, said = run(capsys, "score", "ogrs4g")
    assert code == 2
    assert "--inputs" in said.err


def test_an_unknown_instrument_names_the_known_ones(capsys):
    code, said = run(capsys, "show", "ogrs5")
    assert code != 0
    assert "ogrs4g" in said.err


def test_the_table_of_the_page_is_what_its_command_prints():
    from instruments_page import PAGE, table

    assert table() in PAGE.read_text("utf-8")


def test_scoring_loads_no_library_for_fitting_or_tables():
    import subprocess
    import sys

    code = (
        "import sys; from risicoscreener.instruments import Instrument; "
        "Instrument.load('osp_iic').score({'sex': 'male'}); "
        "print({'sklearn', 'scipy', 'pandas', 'statsmodels', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
