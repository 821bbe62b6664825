"""The commands `plan` and `conditions`."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cases import EXAMPLES, ROOT

CASES = EXAMPLES / "reentry"
ARRESTANT = CASES / "arrestant_four_days.json"
LONG, PLAN = CASES / "long_sentence.json", CASES / "long_sentence_plan.json"
COHORT = ROOT / "data" / "synthetic" / "sentenced_40" / "dossiers"


def test_a_list_from_answers(run):
    code, out, _ = run("conditions", ARRESTANT, "--lang", "en")
    assert code == 0
    assert "apply for an identity card by the urgent procedure" in out
    plain = json.loads(run("conditions", ARRESTANT, "--json")[1])
    assert plain["person_id"] == "case-0001"
    assert {"too_late", "planned"} <= {action["state"] for action in plain["actions"]}


def test_a_list_from_a_dossier_with_answers_beside_it(run, tmp_path):
    (tmp_path / "answers.json").write_text('{"threat": "no", "identity": "here"}', "utf-8")
    asked = run("conditions", LONG, "--as-of", "2024-04-15", "--lang", "en")[1]
    told = run(
        "conditions",
        *(LONG, "--as-of", "2024-04-15", "--lang", "en"),
        *("--answers", tmp_path / "answers.json"),
    )[1]
    assert "find out: Is there a valid identity document" in asked
    assert "find out: Is there a valid identity document" not in told


def test_the_day_of_release_and_the_time_there_is(run):
    out = run("conditions", ARRESTANT, "--release", "2024-04-26", "--lang", "en")[1]
    assert "What can no longer be done" not in out
    out = run("conditions", ARRESTANT, "--moves-to", "2024-04-26", "--lang", "en")[1]
    assert "possible again: register with the municipality for shelter" in out
    plain = json.loads(run("conditions", ARRESTANT, "--moves-to", "2024-04-26", "--json")[1])
    assert set(plain) == {"before", "after"}
    out = run("conditions", ARRESTANT, "--minutes", "10", "--lang", "en")[1]
    assert "What does not fit in the time there is" in out


def test_a_list_for_a_recipient(run):
    out = run("conditions", ARRESTANT, "--for", "municipality", "--lang", "en")[1]
    assert "treatment" not in out
    assert "medical data are not on it" in out
    code, _, err = run("conditions", ARRESTANT, "--for", "neighbour")
    assert code == 3
    assert "recipient 'neighbour'; expected one of person, casemanager, municipality" in err
    code, _, err = run("conditions", ARRESTANT, "--for", "care_provider")
    assert code == 3
    assert "needs the consent of case-0001" in err


def test_flags_on_care(run):
    words = ["conditions", LONG, "--care", "--as-of", "2024-10-10", "--lang", "en"]
    out = run(*words)[1]
    assert "may not go to the municipality" in out
    told = run(*words, "--consents", CASES / "long_sentence_consents.json")[1]
    assert "may go to the care provider after detention: consent of 1 March 2024" in told
    shown = json.loads(run(*words, "--for", "municipality", "--json")[1])
    assert shown["flags"] == []
    code, _, err = run("conditions", ARRESTANT, "--care")
    assert code == 3
    assert "--care reads a dossier" in err


def test_questions_and_many_people(run):
    out = run("conditions", "--questions", "--lang", "en")[1]
    assert out.count("\n   - ") > 20
    assert "10. " in out
    assert "11. " not in out
    code, out, _ = run(
        "conditions", "--folder", COHORT, "--as-of", "2021-08-01", "--for", "municipality"
    )
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows
    assert {row["medical"] for row in rows} == {"False"}
    words = ["conditions", "--folder", COHORT, "--as-of", "2021-08-01", "--care"]
    flags = list(csv.DictReader(io.StringIO(run(*words)[1])))
    assert {row["recipient"] for row in flags} >= {"municipality", "care_provider"}
    for_municipality = run(*words, "--for", "municipality", "--json")[1]
    assert {row["flag"] for row in json.loads(for_municipality)} <= {"premium_debt"}
    many = json.loads(run("conditions", "--folder", COHORT, "--as-of", "2021-08-01", "--json")[1])
    assert len(many) >= len(rows)


def test_pages_are_written(run, tmp_path):
    page = tmp_path / "actions.html"
    assert run("conditions", ARRESTANT, "--html", page)[0] == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    page = tmp_path / "plan.html"
    words = ["plan", LONG, "--plan", PLAN, "--as-of", "2024-04-15", "--html", page]
    assert run(*words, "--every", "90", "--propose", "--liberties")[0] == 0
    assert "<svg" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["conditions"], 3, "expected one of: a FILE, --folder DIR, or --questions"),
        (["conditions", ARRESTANT, "--folder", COHORT], 3, "expected one of"),
        (["conditions", "--folder", COHORT, "--html", "x.html"], 3, "--html goes with one FILE"),
        (["conditions", ARRESTANT, "--minutes", "0"], 2, "no number of minutes"),
        (["conditions", ARRESTANT, "--release", "2024-03-01"], 3, "release_on 2024-03-01 lies"),
        (["conditions", ARRESTANT, "--answers", ARRESTANT], 3, "Expected `str | null`"),
        (["conditions", "nowhere.json"], 3, "nowhere.json"),
        (["conditions", PLAN], 3, "error: "),
        (["plan"], 3, "expected one of: a DOSSIER.json, --folder DIR, or --goals"),
        (["plan", "--folder", COHORT, "--liberties"], 3, "--liberties goes with one DOSSIER.json"),
        (["plan", LONG, "--plan", ARRESTANT], 3, "the plan: "),
        (["plan", EXAMPLES / "deny.json", "--plan", PLAN], 3, "the plan is of 'case-0004'"),
        (["plan", LONG, "--as-of", "2020-01-01"], 3, "is not in detention on 2020-01-01"),
        (["plan", LONG, "--every", "0"], 2, "no number of days"),
        (["plan", LONG, "--own-goals", "nowhere.toml"], 3, "nowhere.toml cannot be read"),
        (["plan", LONG, "--propose", "--decision", "parole"], 5, "parole"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(run, words, code, said):
    found, out, err = run(*words)
    assert found == code
    assert out == ""
    assert said in err
    assert code == 2 or len(err.strip().splitlines()) <= 8


def test_a_plan_with_what_it_would_do(run):
    words = ["plan", LONG, "--plan", PLAN, "--as-of", "2024-04-15", "--lang", "en"]
    code, out, _ = run(*words, "--propose", "--liberties")
    assert code == 0
    assert "Conduct goals" in out
    assert "Goals that can be proposed" in out
    assert "Long re-integration leave: now DENY, if 'have an address" in out
    plain = json.loads(run(*words, "--json")[1])
    assert set(plain) == {"progress"}


def test_the_plans_of_many(run):
    code, out, _ = run("plan", "--folder", COHORT, "--as-of", "2021-08-01")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["made_state"] for row in rows} <= {"in_time", "late", "due", "overdue"}
    many = json.loads(run("plan", "--folder", COHORT, "--as-of", "2021-08-01", "--json")[1])
    assert [one["person_id"] for one in many] == [row["person_id"] for row in rows]


def test_the_catalogue_of_goals(run):
    out = run("plan", "--goals", "--lang", "en")[1]
    assert "identity_valid: have a valid identity document" in out
    assert len(json.loads(run("plan", "--goals", "--json")[1])) == len(out.splitlines())
