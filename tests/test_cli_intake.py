"""The commands about an intake."""

from __future__ import annotations

import json

import pytest

from cases import EXAMPLES, ROOT
from report.test_intake_page import needs_pdf
from risicoscreener.dossier import read_dossier

CASE = EXAMPLES / "deny.json"
COHORT = ROOT / "data" / "synthetic" / "sentenced_40"


def test_show(run):
    code, out, _ = run("intake", "show", CASE, "--lang", "en")
    assert code == 0
    assert "13 of 21 questions answered; 8 past their term" in out
    plain = json.loads(run("intake", "show", CASE, "--json")[1])
    assert plain["person_id"] == "EXAMPLE-DENY"
    assert plain["share_known"] == pytest.approx(13 / 21)


def test_show_for_a_reader(run):
    out = run("intake", "show", CASE, "--for", "municipality", "--lang", "en")[1]
    assert "5 of 7 questions answered" in out
    assert "addiction" not in out
    code, _, err = run("intake", "show", CASE, "--for", "care_continuity_officer")
    assert (code, "without consent" in err) == (3, True)
    assert run("intake", "show", CASE, "--for", "care_continuity_officer", "--consent")[0] == 0
    code, _, err = run("intake", "show", CASE, "--for", "nobody", "--json")
    assert code == 3
    assert json.loads(err)["error"] == "reentry"


def test_show_on_a_day_without_detention(run):
    code, _, err = run("intake", "show", CASE, "--as-of", "2015-01-01")
    assert code == 3
    assert "no detention is known on 2015-01-01" in err
    assert run("intake", "show", CASE, "--as-of", "1-1-2024")[0] == 2


def test_the_page_and_the_paper(run, tmp_path):
    needs_pdf()
    html, pdf = tmp_path / "a.html", tmp_path / "a.pdf"
    assert run("intake", "show", CASE, "--html", html, "--pdf", pdf)[0] == 0
    assert "Wat het meest uitmaakt" in html.read_text("utf-8")
    assert pdf.read_bytes().startswith(b"%PDF-")
    code, _, err = run("intake", "show", CASE, "--html", tmp_path / "no" / "a.html")
    assert (code, "No such file" in err) == (3, True)


def test_value(run):
    code, out, _ = run("intake", "value", CASE, "--decision", "leave", "--lang", "en")
    assert code == 0
    assert "Short re-integration leave, judged on 15 April 2024: deny, whatever the answers" in out
    plain = json.loads(run("intake", "value", CASE, "--reference", COHORT, "--json")[1])
    assert plain["reference"] == 40
    assert run("intake", "value", CASE, "--decision", "nope")[0] == 5
    code, _, err = run("intake", "value", CASE, "--reference", EXAMPLES)
    assert (code, "dossiers" in err) == (3, True)


def test_questions(run, tmp_path):
    out = run("intake", "questions", "--lang", "en")[1]
    assert "plan_made: Is the detention and re-integration plan settled?" in out
    assert "28 days" in out
    assert len(json.loads(run("intake", "questions", "--json")[1])) == 21
    own = tmp_path / "own.toml"
    own.write_text("[[questions]]\nid = 3\n", "utf-8")
    code, _, err = run("intake", "questions", "--questions", own)
    assert code == 3
    assert "own.toml holds no questions for an intake" in err


def test_many(run):
    index = COHORT / "index.parquet"
    out = run("intake", "many", COHORT / "dossiers", "--index", index, "--by", "group")[1]
    assert out.splitlines()[0] == "group,asked,known,overdue,answered_late,median_days_late"
    rows = json.loads(
        run("intake", "many", COHORT / "dossiers", "--as-of", "1999-01-01", "--json")[1]
    )
    assert len(rows) == 21
    _, _, err = run("intake", "many", COHORT / "dossiers", "--as-of", "1999-01-01")
    assert "39 person(s) are not detained on the day" in err


def test_a_spreadsheet_out_and_in(run, tmp_path):
    sheet, out = tmp_path / "a.xlsx", tmp_path / "a.json"
    assert run("intake", "template", "--out", sheet, "--dossier", CASE, "--lang", "en")[0] == 0
    code, said, _ = run("intake", "read", sheet, "--out", out)
    assert code == 0
    assert "72 fact(s) added, 0 already known" in said
    assert read_dossier(out.read_bytes()) == read_dossier(CASE.read_bytes())
    code, printed, err = run("intake", "read", sheet, "--into", CASE)
    assert "0 fact(s) added, 72 already known" in err
    assert read_dossier(printed) == read_dossier(CASE.read_bytes())


def test_the_example_spreadsheet_holds_the_example_dossier(run):
    printed = run("intake", "read", EXAMPLES / "intake" / "deny.xlsx")[1]
    assert read_dossier(printed) == read_dossier(CASE.read_bytes())


def test_a_spreadsheet_with_a_fault_writes_nothing(run, tmp_path):
    sheet, out = tmp_path / "a.xlsx", tmp_path / "a.json"
    assert run("intake", "template", "--out", sheet)[0] == 0
    code, _, err = run("intake", "read", sheet, "--out", out)
    assert code == 3
    assert "Persoon!A2 = '0 rows': expected one row, of the person" in err
    assert not out.exists()
    code, _, err = run("intake", "read", sheet, "--json")
    assert json.loads(err)["problems"]
    code, _, err = run("intake", "read", CASE)
    assert (code, "no spreadsheet of the kind .xlsx" in err) == (3, True)
