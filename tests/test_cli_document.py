"""The commands on documents, and what they say to what is typed wrongly."""

from __future__ import annotations

import json

import pytest

from cases import EXAMPLES, example
from risicoscreener.cli import main

ANSWERS = str(EXAMPLES / "governance" / "answers.toml")
ACTIVITIES = str(EXAMPLES / "governance" / "activities.toml")
DAY = ["--as-of", "2026-11-30"]
KINDS = ("model-card", "system-card", "annex-iv", "fria", "dpia", "tripod", "register")


def run(capsys, *words):
    code = main(["document", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_documents_are_listed(capsys, lang):
    code, out, _ = run(capsys, "list", "--lang", lang)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [
        "model-card",
        "system-card",
        "register",
        "annex-iv",
        "explanation",
        "fria",
        "dpia",
        "tripod",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_each_document_is_written_in_each_form(capsys, tmp_path, kind):
    for form, start in (("text", ""), ("md", "# "), ("html", "<!doctype html>"), ("json", "{")):
        path = tmp_path / f"document.{form}"
        code, out, err = run(capsys, kind, *DAY, "--format", form, "-o", path)
        assert (code, out, err.strip()) == (0, "", str(path))
        assert path.read_text("utf-8").startswith(start)


def test_the_register_is_checked_with_and_without_answers(capsys):
    code, out, _ = run(capsys, "register", *DAY, "--check", "--lang", "en")
    assert code == 1
    lacking = ("organization", "status", "contact_email", "publication_category")
    assert [line.split(" is absent")[0] for line in out.splitlines()[:-1]] == list(lacking)
    assert out.splitlines()[-1].startswith("4 error(s)")
    code, out, _ = run(capsys, "register", *DAY, "--check", "--answers", ANSWERS)
    assert (code, out.splitlines()) == (
        0,
        ["0 error(s) against configuration v1.0 of the Algoritmeregister"],
    )


def test_an_entry_that_was_made_is_checked_as_a_file(capsys, tmp_path):
    path = tmp_path / "entry.json"
    words = ("register", *DAY, "--answers", ANSWERS, "--format", "entry", "-o", path)
    assert run(capsys, *words)[0] == 0
    assert run(capsys, "register", path, "--check")[0] == 0
    entry = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(entry | {"status": "bezig"}), "utf-8")
    code, out, _ = run(capsys, "register", path, "--check", "--json")
    assert code == 1
    assert [one["field"] for one in json.loads(out)["problems"]] == ["status"]


def test_what_is_open_is_a_table_and_an_exit_code(capsys):
    code, out, _ = run(capsys, "open", *DAY, "--lang", "en")
    assert code == 1
    assert "register     contact_email" in out
    code, out, _ = run(capsys, "open", *DAY, "--json", "--answers", ANSWERS)
    found = json.loads(out)
    assert code == 1
    assert found["required"] == sum(not field["optional"] for field in found["fields"])
    assert ("register", "contact_email") not in {
        (f["document"], f["field"]) for f in found["fields"]
    }


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_decision_is_explained(capsys, lang):
    words = ("explanation", EXAMPLES / "deny.json", "--lang", lang, "--answers", ANSWERS)
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert "Dienst Voorbeeld" in out
    assert {"nl": "niet verlenen", "en": "do not grant"}[lang] in out


def test_a_record_becomes_lines_of_a_logbook(capsys, tmp_path, screener):
    from risicoscreener.screening.record import open_log

    record, key, out_path = tmp_path / "r.db", tmp_path / "key", tmp_path / "lines.json"
    with open_log(str(record), create=True) as log:
        data = example("grant")
        log.append_screening(screener.screen(data, "leave"), data, screener)
    key.write_text("ab" * 32, "utf-8")
    words = ("logbook", record, "--activities", ACTIVITIES, "--key", key)
    code, out, err = run(capsys, *words, "--lang", "en")
    assert code == 0
    assert err.startswith("1 line(s) on 1 person(s)")
    assert json.loads(out)["resourceSpans"]
    code, nothing, _ = run(capsys, *words, "-o", out_path)
    assert (code, nothing, out_path.read_text("utf-8")) == (0, "", out)


@pytest.fixture(scope="module")
def screener():
    from risicoscreener import Screener

    return Screener.load()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["model-card", "--model", "nope"], 4, "no model 'nope'"),
        (["dpia", "--format", "entry"], 3, "expected register, system_card or model_card"),
        (["model-card", "--format", "entry"], 3, "licence"),
        (["register", ANSWERS], 3, "not --check"),
        (["register", ANSWERS, "--check"], 3, "is no JSON"),
        (["dpia", "--answers", ACTIVITIES], 3, "expected a document"),
        (["dpia", "--record", "absent.db"], 3, "absent.db"),
        (["tripod", "--evaluation", ANSWERS], 3, "is no evaluation report"),
        (["explanation", "absent.json"], 3, "absent.json"),
        (["dpia", "-o", "/absent/x.html"], 3, "/absent/x.html"),
    ],
)
def test_what_is_typed_wrongly_is_one_sentence(capsys, words, code, said):
    found, out, err = run(capsys, *words)
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_a_bundle_gets_a_last_day_and_is_then_not_verified(capsys, tmp_path):
    from risicoscreener.models.shipped import shipped_bundle_bytes

    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_bytes(shipped_bundle_bytes())
    words = ["bundle", "limit", str(old), "--by", "owner", "--on", "2026-12-01"]
    assert main([*words, "--use-until", "2028-05-31", "--out", str(new)]) == 0
    for day, code in (("2027-01-01", 0), ("2028-05-31", 1), ("2028-06-01", 1)):
        assert main(["bundle", "verify", str(new), "--on", day]) == code
    assert "last day of use" in capsys.readouterr().out
    assert main([*words, "--use-until", "2027-01-01", "--out", str(new)]) == 4
    assert "a bundle warns before it refuses" in capsys.readouterr().err
