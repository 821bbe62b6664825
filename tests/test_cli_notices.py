"""The commands on notices and on sharing."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path

import pytest

from cases import EXAMPLES, ROOT
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import tables

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


def golden(name: str, folder: Path) -> tuple[Path, Path]:
    """A golden case as a dossier, and what was sent."""
    path = ROOT / "tests" / "reentry" / "notices" / f"{name}.toml"
    plain = tomllib.loads(path.read_text("utf-8"))
    person = {"birth_date": "1990-01-01", "sex": "male"}
    rows = {table: found for table, found in plain.items() if table in tables()}
    dossier, sent = folder / f"{name}.json", folder / f"{name}.jsonl"
    dossier.write_text(
        json.dumps({"person_id": "case-0001", "person": person, **rows}, default=str), "utf-8"
    )
    lines = [json.dumps(one, default=str) + "\n" for one in plain.get("entries", [])]
    sent.write_text("".join(lines), "utf-8")
    return dossier, sent


def as_folder(folder: Path, *dossiers: Path) -> Path:
    read = [read_dossier(path.read_bytes()) for path in dossiers]
    DossierTables.from_dossiers(read).write(folder, format="csv")
    return folder


def test_a_check_ends_on_1_for_what_nobody_judged_or_has_no_addressee(run, tmp_path):
    for name, fine, late in (
        ("10_risk_to_be_judged", "2022-07-03", "2022-07-04"),
        ("15_no_address", "2022-01-08", "2022-01-09"),
    ):
        dossier, sent = golden(name, tmp_path)
        folder = as_folder(tmp_path / name, dossier)
        for what in ((dossier,), ("--folder", folder)):
            words = ("notices", *what, "--sent", sent, "--check", "--as-of")
            assert run(*words, fine)[0] == 0
            assert run(*words, late)[0] == 1


def test_a_check_of_a_folder_looks_at_what_was_sent_without_a_ground(run, tmp_path):
    dossier, sent = golden("01_begin_sent_end_due", tmp_path)
    folder = as_folder(tmp_path / "folder", dossier)
    words = ("notices", "--folder", folder, "--sent", sent, "--as-of", "2022-01-10", "--check")
    code, _, err = run(*words)
    assert (code, err) == (0, "")
    entry = {"entry": "sent", "person_id": "case-0001", "notice": "detention_begin",
             "about": "2022-01-04", "to": "GM9999", "event_on": "2022-01-04",
             "sent_on": "2022-01-07", "fields": []}  # fmt: skip
    with sent.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry) + "\n")
    code, out, err = run(*words)
    assert code == 1
    assert err == ("note: 1 were sent without a ground or with too much; --unfounded lists them\n")
    code, out, _ = run(*words, "--unfounded")
    assert code == 1
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["person_id"], row["to"], row["reason"]) == (
        "case-0001",
        "GM9999",
        "other_addressee",
    )
    (plain,) = json.loads(run(*words, "--unfounded", "--json")[1])
    assert plain["sent_on"] == "2022-01-07"


def test_a_check_of_a_folder_with_unusable_rows_ends_on_1_and_entries_of_others_are_said(
    run, tmp_path
):
    dossier, sent = golden("01_begin_sent_end_due", tmp_path)
    folder = as_folder(tmp_path / "folder", dossier)
    words = ("notices", "--folder", folder, "--sent", sent, "--as-of", "2022-01-10")
    died = {"entry": "died", "person_id": "case-9", "died_on": "2022-01-01",
            "recorded_at": "2022-01-01"}  # fmt: skip
    with sent.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(died) + "\n")
    code, _, err = run(*words, "--check")
    assert (code, err) == (0, "note: 1 entries are of people not in the folder and left out\n")
    odd = (folder / "conduct.csv").read_text("utf-8")
    (folder / "conduct.csv").write_text(odd + "case-0001" + "," * odd.count(",") + "\n", "utf-8")
    assert run(*words)[0] == 0
    code, _, err = run(*words, "--check")
    assert code == 1
    assert "1 unusable row(s) are left out" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("notices", CASE, "--unfounded"), "--unfounded is a list for --folder"),
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
    assert "it was revoked on 2024-05-02; destroy it" in err
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


def test_a_second_export_is_recorded_only_if_it_was_compared_with_the_first(run, tmp_path):
    key, record = tmp_path / "project.key", tmp_path / "r.db"
    import risicoscreener.reentry.sharing.research as part

    text = (Path(part.__file__).parent / "project.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace("most_left_out = 0.1", "most_left_out = 0.3"), "utf-8")
    words = ("share", "research", COHORT, "--project", own, "--log", record, *BY)
    first = (*words, "--as-of", "2023-06-01", "--new-key", key, "--out", tmp_path / "first")
    assert run(*first)[0] == 0
    again = (*words, "--as-of", "2023-12-01", "--key", key, "--out", tmp_path / "second")
    code, _, err = run(*again)
    assert code == 3
    assert "expected it among the earlier exports" in err
    assert not (tmp_path / "second").exists()
    code, out, _ = run(*again, "--earlier", tmp_path / "first", "--lang", "en")
    assert code == 0
    assert "joined with the earlier export" in out
    assert (
        run("share", "check", tmp_path / "second", "--as-of", "2023-12-02", "--log", record)[0] == 0
    )
    sha256 = json.loads(run("share", "log", record, "", "--json")[1])[1]["sha256"]
    assert run("share", "revoke", record, sha256[:12], "--on", "2023-12-03", *BY)[0] == 0
    code, _, err = run(
        "share", "check", tmp_path / "second", "--as-of", "2023-12-04", "--log", record
    )
    assert code == 3
    assert "it was revoked on 2023-12-03; destroy it" in err
