"""The commands on notices and on sharing."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cases import EXAMPLES, ROOT

CASE = str(EXAMPLES / "deep_assessment.json")
COHORT = str(ROOT / "data" / "synthetic" / "sentenced_40" / "dossiers")
ON = ("--as-of", "2024-08-20")
TO_MAYOR = ("--recipient", "mayor", "--purpose", "return_serious_offence", "--as-of", "2024-04-15")
BY = ("--by", "director:DIR-00A1")


def test_notices_of_one_person(run, tmp_path):
    code, out, _ = run("notices", CASE, *ON, "--lang", "en")
    assert code == 0
    assert "To be done: notices on EXAMPLE-DEEP on 2024-08-20" in out
    assert run("notices", CASE, *ON, "--check")[0] == 1
    plain = json.loads(run("notices", CASE, *ON, "--json")[1])
    assert {one["notice"] for one in plain["found"]} >= {"detention_end", "bij_return"}
    end = json.loads(
        run("notices", CASE, *ON, "--json", "--prepare", "detention_end 2022-01-14")[1]
    )
    assert end["view"]["fields"] == end["entry"]["fields"]
    (tmp_path / "sent.jsonl").write_text(json.dumps(end["entry"]), "utf-8")
    after = json.loads(run("notices", CASE, *ON, "--json", "--sent", tmp_path / "sent.jsonl")[1])
    states = {one["notice"]: one["state"] for one in after["found"] if one["to"] is not None}
    assert states["detention_end"] == "late"
    out = run("notices", CASE, *ON, "--lang", "en", "--prepare", "detention_end 2022-01-14")[1]
    assert json.loads(out.splitlines()[-1]) == end["entry"]


def test_entries_of_others_are_said_to_be_left_out(run, tmp_path):
    entry = {"entry": "died", "person_id": "case-1", "died_on": "2024-01-01",
             "recorded_at": "2024-01-01"}  # fmt: skip
    (tmp_path / "sent.jsonl").write_text(json.dumps(entry), "utf-8")
    code, _, err = run("notices", CASE, *ON, "--sent", tmp_path / "sent.jsonl")
    assert code == 0
    assert err == "note: 1 entries are of other people and left out\n"


def test_notices_of_many(run):
    words = ("notices", "--folder", COHORT, "--as-of", "2021-06-01")
    code, out, _ = run(*words)
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["state"] for row in rows} <= {
        "due", "overdue", "missed", "late", "no_date", "no_addressee", "to_judge", "not_inquired",
    }  # fmt: skip
    every = json.loads(run(*words, "--all", "--json")[1])
    assert len(every) > len(rows) > 0
    assert run(*words, "--check")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("notices",), "give one dossier as a file, or many with --folder"),
        (("notices", CASE, "--folder", COHORT), "not both"),
        (("notices", CASE, *ON, "--prepare", "x"), "expected one of detention_begin 2022-01-14"),
        (("notices", "--folder", COHORT, "--prepare", "x"), "are about one person"),
        (("notices", CASE, "--planned", "walk:2024-01-01:2024-01-01"), "kind 'walk'"),
        (("notices", CASE, "--planned", "short_leave:2024-01-01"), "expected KIND:DAY:DECIDED"),
        (("notices", CASE, "--planned", "short_leave:1:2"), "expected KIND:DAY:DECIDED"),
        (("notices", CASE, "--sent", CASE), "line 1 is no JSON"),
        (("notices", CASE, "--rules", str(ROOT / "pyproject.toml")), "unknown field"),
        (("share", "view", CASE, "--recipient", "press", "--purpose", "x"), "recipient is 'press'"),
        (("share", "view", CASE, *TO_MAYOR, "--decision", "leave"), "gets no extract"),
        (("share", "table", "--recipient", "press"), "expected one of decision_maker"),
    ],
)
def test_what_is_typed_wrongly_is_said_in_one_line(run, words, said):
    code, out, err = run(*words)
    assert code == 3
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_view_is_recorded_opened_and_revoked(run, tmp_path):
    record, view = tmp_path / "record.db", tmp_path / "view.json"
    code, out, _ = run("share", "view", CASE, *TO_MAYOR, "-o", view, "--log", record, *BY)
    assert code == 0
    assert "soort delict: ernstig geweld" in out
    sha256 = json.loads(view.read_text("utf-8"))["sha256"]
    code, out, _ = run("share", "open", view, "--as-of", "2024-05-01", "--log", record, "--json")
    assert json.loads(out)["sha256"] == sha256
    code, out, _ = run(
        "share", "log", record, "EXAMPLE-DEEP", "--as-of", "2024-05-01", "--lang", "en"
    )
    assert "to the mayor for return_serious_offence, 6 fields" in out
    assert (
        json.loads(run("share", "log", record, "EXAMPLE-DEEP", "--json")[1])[0]["sha256"] == sha256
    )
    assert run("share", "revoke", record, sha256[:12], "--on", "2024-05-02", *BY)[0] == 0
    code, out, err = run("share", "open", view, "--as-of", "2024-05-02", "--log", record)
    assert (code, out) == (3, "")
    assert "the view was revoked on 2024-05-02; destroy it" in err
    code, _, err = run("share", "view", CASE, *TO_MAYOR, "--log", record)
    assert code == 3
    assert "expected --by ROLE:ID" in err
    code, _, err = run("share", "revoke", record, "0123456789", *BY)
    assert "expected exactly one" in err


def test_consent_is_given_as_a_file(run, tmp_path):
    words = ("share", "view", CASE, "--recipient", "care_provider", "--purpose",
             "continuity_of_care", "--as-of", "2024-04-15", "--lang", "en")  # fmt: skip
    assert "needs the consent of the person" in run(*words)[2]
    consent = {"person_id": "EXAMPLE-DEEP", "recipient": "care_provider",
               "purpose": "continuity_of_care", "given_on": "2024-04-01",
               "reference": "T-1"}  # fmt: skip
    (tmp_path / "consent.json").write_text(json.dumps(consent), "utf-8")
    assert run(*words, "--consent", tmp_path / "consent.json")[0] == 0
    (tmp_path / "consent.json").write_text("{}", "utf-8")
    code, _, err = run(*words, "--consent", tmp_path / "consent.json")
    assert code == 3
    assert "is no consent" in err


def test_an_extract_goes_along_where_the_purpose_has_one(run):
    words = ("share", "view", CASE, "--recipient", "probation", "--purpose",
             "advice_and_supervision", "--as-of", "2024-04-15", "--decision", "leave")  # fmt: skip
    plain = json.loads(run(*words, "--json")[1])
    assert plain["content"]["screening"]["decision"] == "leave"


def test_the_table_in_words_and_as_json(run):
    code, out, _ = run("share", "table", "--lang", "en", "--recipient", "municipality")
    assert code == 0
    assert "basis: Pbw art. 18b (text not read; to be checked)" in out
    plain = json.loads(run("share", "table", "--json")[1])
    assert {"mayor", "researcher"} <= {one["recipient"] for one in plain}


def test_an_export_for_research(run, tmp_path):
    out_dir, key = tmp_path / "out", tmp_path / "project.key"
    words = ("share", "research", COHORT, "--as-of", "2021-06-01", "--lang", "en")
    code, out, _ = run(*words, "--new-key", key, "--out", out_dir, "--log", tmp_path / "r.db", *BY)
    assert code == 0
    assert "everybody is like at least" in out
    again = tmp_path / "again"
    assert run(*words, "--key", key, "--out", again, "--json")[0] == 0
    assert (again / "persons.csv").read_bytes() == (out_dir / "persons.csv").read_bytes()
    assert run("share", "check", out_dir, "--as-of", "2021-06-02")[0] == 0
    code, _, err = run("share", "check", out_dir, "--as-of", "2031-06-02")
    assert code == 3
    assert "expired" in err
    code, _, err = run(*words, "--key", key, "--out", out_dir)
    assert code == 3
    assert "not empty" in err
    code, _, err = run(*words, "--new-key", key, "--out", tmp_path / "third")
    assert "File exists" in err
