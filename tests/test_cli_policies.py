"""The commands on policies: what they print and write, how they end, and what they say when misused."""

from __future__ import annotations

import json
import tomllib

import pandas as pd
import pytest

from decision.golden_cases import FOLDER as GOLDEN
from decision.trial import FOLDER as TRIAL
from risicoscreener.decision import PolicyBook
from risicoscreener.decision.dmn import to_dmn

NEW = "leave/2021-07-01"


@pytest.fixture
def trial(run):
    """The same, on the trial policies."""
    return lambda *words: run("policy", *words, "--policies", TRIAL)


def test_a_policy_is_shown_by_kind_by_version_and_from_a_file(run, trial):
    by_kind = trial("show", "leave", "--on", "2022-01-01", "--lang", "en")
    by_version = trial("show", NEW, "--lang", "en")
    by_file = trial("show", TRIAL / "leave" / "2021-07-01.toml", "--lang", "en")
    assert by_kind == by_version == by_file
    assert by_kind[1].startswith(f"# Short re-integration leave ({NEW})")
    assert "1999-01-01" in trial("show", "leave", "--on", "2000-01-01")[1]
    example = PolicyBook.examples().versions("leave")[0].id
    assert run("policy", "show", example)[0] == 0


def test_a_policy_is_written_as_a_page(trial, tmp_path):
    page = tmp_path / "policy.html"
    code, out, err = trial("show", NEW, "--html", page, "--lang", "nl")
    assert (code, out, err) == (0, "", f"{page}\n")
    assert page.read_text("utf-8").lstrip().startswith('<!doctype html>\n<html lang="nl">')


def test_one_version_a_kind_or_everything_is_verified(trial):
    code, out, _ = trial("verify", NEW, "--json")
    assert code == 0
    assert [r["policy"] for r in json.loads(out)] == [NEW]
    assert len(json.loads(trial("verify", "leave", "--json")[1])) == 2
    assert trial("verify", "leave")[1] == trial("verify")[1]


def test_versions_are_compared_cell_by_cell(trial):
    code, out, _ = trial("diff", "leave/1999-01-01", NEW, "--lang", "en")
    assert code == 0
    assert out.startswith("leave/1999-01-01 compared with leave/2021-07-01")
    said = json.loads(trial("diff", "leave/1999-01-01", NEW, "--json")[1])
    assert said["people"] is None
    assert sum(s["cells"] for s in said["cells"]["shifts"]) == said["cells"]["cells"]


def test_versions_are_compared_on_synthetic_people(trial):
    code, out, _ = trial("diff", "leave/1999-01-01", NEW, "--cohort", "3:150", "--json")
    assert code == 0
    people = json.loads(out)["people"]
    assert (people["old"], people["new"], people["people"]) == ("leave/1999-01-01", NEW, 150)
    assert {g["by"] for g in people["groups"]} == {"", "sex", "prison"}


def test_versions_are_compared_on_dossiers_with_groups_of_ones_own(trial, tmp_path):
    from risicoscreener.synthetic import simulate

    cohort = simulate(120, seed=4)
    cohort.write(tmp_path / "cohort")
    index = cohort.index()
    groups = pd.DataFrame({"person_id": index["person_id"], "half": ["a", "b"] * 60})
    groups.to_csv(tmp_path / "groups.csv", index=False)
    last = str(max(index["as_of"]))[:10]
    code, out, err = trial(
        "diff",
        "leave/1999-01-01",
        NEW,
        "--people",
        tmp_path / "cohort" / "dossiers",
        "--groups",
        tmp_path / "groups.csv",
        "--as-of",
        last,
        "--lang",
        "en",
    )
    assert code == 0, err
    assert "half: a (60)" in out
    assert "prison" not in out


def test_changes_of_a_policy_are_tried_with_and_without_cases(run, trial, tmp_path):
    code, out, _ = trial("mutate", NEW, "--lang", "en")
    assert code == 1
    assert "by NOTHING" in out
    assert json.loads(trial("mutate", NEW, "--json")[1])["survived"] > 0
    code, _, err = trial("mutate", "leave/1999-01-01", "--cases", tmp_path)
    assert code == 5
    assert "has no TOML files" in err
    name = next(path.stem for path in sorted(GOLDEN.glob("promotion-*.toml")))
    version = name.replace("-", "/", 1)
    code, out, _ = run("policy", "mutate", version, "--cases", GOLDEN, "--lang", "en")
    assert "found by a property" in out
    (tmp_path / "cases.toml").write_bytes((GOLDEN / f"{name}.toml").read_bytes())
    code, _, err = run("policy", "mutate", NEW, "--cases", tmp_path)
    assert code == 5
    assert f"has no cases of {NEW}; it has those of {version}" in err
    text = (GOLDEN / f"{name}.toml").read_text("utf-8")
    (tmp_path / "cases.toml").write_text(text.replace('outcome = "deny"', 'outcome = "grant"', 1))
    code, _, err = run("policy", "mutate", version, "--cases", tmp_path)
    assert code == 5
    assert "1 cases come out otherwise" in err


def test_a_policy_goes_to_dmn_and_a_table_comes_back_as_a_draft(trial, run, tmp_path):
    out = tmp_path / "leave.dmn"
    assert trial("dmn", "export", NEW, "-o", out) == (0, "", f"{out}\n")
    xml = out.read_text("utf-8")
    assert trial("dmn", "export", NEW)[1] == xml
    code, toml, _ = run("policy", "dmn", "import", out)
    assert code == 0
    rules = tomllib.loads(toml)["rules"]
    draft = json.loads(run("policy", "dmn", "import", out, "--json")[1])
    assert [r["outcome"] for r in draft["rules"]] == [r["outcome"] for r in rules]
    draft_file = tmp_path / "draft.toml"
    assert run("policy", "dmn", "import", out, "--out", draft_file)[0] == 0
    assert draft_file.read_text("utf-8") == toml
    other = xml.replace('"grant"', '"approve"')
    out.write_text(other, "utf-8")
    assert run("policy", "dmn", "import", out)[0] == 5
    meant = ("--outcome", "approve=grant", "--outcome", "deny=deny")
    meant += ("--outcome", "deep_assessment=deep_assessment", "--decision", "outcome")
    assert run("policy", "dmn", "import", out, *meant)[1] == toml


def test_the_policies_that_ship_can_be_written_as_dmn(run):
    kind = PolicyBook.shipped().kinds()[0]
    version = PolicyBook.shipped().versions(kind)[-1]
    assert run("policy", "dmn", "export", version.id)[1] == to_dmn(version)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["show", "holiday"], 5, "no policy for 'holiday'; expected one of"),
        (["show", "leave/2021-7-1"], 5, f"expected one of leave/1999-01-01, {NEW}"),
        (["show", NEW, "--on", "2022-01-01"], 2, "names a version, and --on picks one"),
        (["show", NEW, "--html", "/no/such/folder/page.html"], 3, "No such file"),
        (["verify", "holiday"], 5, "expected one of"),
        (["diff", NEW], 2, "NEW"),
        (["diff", NEW, NEW, "--as-of", "2022-01-01"], 2, "--as-of is about people"),
        (["diff", NEW, NEW, "--cohort", "5"], 2, "expected SEED:N"),
        (["diff", NEW, NEW, "--cohort", "5:0"], 2, "not a number of people"),
        (["diff", NEW, NEW, "--cohort", "x:5"], 2, "no seed"),
        (["diff", NEW, NEW, "--cohort", "1:2000000"], 2, "expected at most 1,000,000"),
        (["diff", NEW, NEW, "--cohort", "1:5", "--people", "x"], 2, "give one of them"),
        (["diff", NEW, NEW, "--people", "/no/such/folder"], 3, "/no/such/folder"),
        (["dmn", "import", "/no/such/file.dmn"], 3, "No such file"),
        (["dmn", "import", __file__], 5, "not XML"),
        (["dmn", "import", "x", "--outcome", "approve"], 2, "expected OUTPUT=OUTCOME"),
        (["dmn", "import", "x", "--outcome", "a=maybe"], 2, "expected OUTPUT=OUTCOME"),
    ],
)
def test_what_is_typed_wrongly_is_told_in_one_line_that_helps(run, words, code, said):
    found, out, err = run("policy", *words)
    assert (found, out) == (code, "")
    assert said in err.strip().splitlines()[-1]


def test_a_policy_that_fails_is_verified_with_exit_code_one(run, tmp_path):
    (tmp_path / "leave").mkdir()
    broken = (TRIAL / "leave" / "2021-07-01.toml").read_text("utf-8")
    broken = broken.replace('outcome = "deny"', 'outcome = "grant"', 1)
    (tmp_path / "leave" / "2021-07-01.toml").write_text(broken, "utf-8")
    assert run("policy", "verify", NEW, "--policies", tmp_path, "--lang", "en")[0] == 1
    assert run("policy", "mutate", NEW, "--policies", tmp_path)[0] == 5
