"""What is watched can come from a record: the same rows as its entries say."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from cases import example
from risicoscreener import Screener
from risicoscreener.cli import main
from risicoscreener.errors import RecordError
from risicoscreener.monitoring import read_settings, screenings_of, table_of_record
from risicoscreener.monitoring.from_record import _screening, _settled
from risicoscreener.screening.record import Actor, Decision, Reason, digest_of, open_log
from risicoscreener.screening.record.entries import screening_body

CASES = ("grant", "deny", "deep_assessment")
DAYS = 4


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def record(request, tmp_path_factory):
    path = str(tmp_path_factory.mktemp("record") / "record.db")
    if request.param == "postgres":
        path = request.getfixturevalue("postgres").new_schema("watched")
    screener = Screener.load()
    with open_log(path, create=True) as log:
        for case in CASES:
            dossier = example(case)
            result = screener.screen(dossier)
            log.append_screening(result, dossier, screener)
            if case == "deny":
                continue
            at = dt.datetime.combine(result.as_of + dt.timedelta(days=DAYS), dt.time(12), dt.UTC)
            log.append_decision(
                Decision(
                    screening=digest_of(result),
                    decided_by=Actor("director", "D-00A1"),
                    prison="PI-1",
                    opened_at=at - dt.timedelta(seconds=60),
                    decided_at=at,
                    seconds=60.0,
                    outcome="deny",
                    reasons=(Reason("other", "more is known than the dossier says"),),
                )
            )
    return path


@pytest.fixture(scope="module")
def table(record):
    with open_log(record) as log:
        return table_of_record(log, "leave", "any_2y").set_index("outcome")


def test_each_screening_is_a_row_with_its_decision(table):
    assert sorted(table.index) == ["deep_assessment", "deny", "grant"]
    assert table.loc["grant", "direction"] == "down"
    assert table.loc["deny", "direction"] == ""
    assert table.loc["grant", "seconds"] == 60
    waited = table.loc["grant", "decided_on"] - table.loc["grant", "as_of"]
    assert waited == dt.timedelta(days=DAYS)
    assert table["age_years"].notna().all()
    assert set(table["sex"]) <= {"male", "female", "x", "unknown"}


def test_a_deep_assessment_is_settled_by_its_decision(table):
    waited = table.loc["deep_assessment", "settled_on"] - table.loc["deep_assessment", "as_of"]
    assert waited == dt.timedelta(days=DAYS)
    assert table.loc["grant", "settled_on"] in (None,) or table["settled_on"].isna().sum() == 2


def test_a_later_screening_settles_too():
    day = dt.date(2024, 1, 1)
    rows = [
        {"person_id": "a", "as_of": day, "outcome": "deep_assessment", "settled_on": None},
        {"person_id": "a", "as_of": day.replace(month=3), "outcome": "grant", "settled_on": None},
        {"person_id": "b", "as_of": day, "outcome": "deep_assessment", "settled_on": None},
    ]
    found = _settled(rows)
    assert [row["settled_on"] for row in found] == [day.replace(month=3), None, None]


def test_the_rows_are_screenings_that_can_be_watched(record, table):
    found = screenings_of(table.reset_index(), "any_2y")
    assert len(found) == len(CASES)
    with open_log(record) as log:
        assert table_of_record(log, "conditional_release", "any_2y").empty


def test_the_command_watches_a_record(record, tmp_path, capsys):
    settings = tmp_path / "settings.toml"
    day = min(_days(record))
    first = dt.date(day.year + 1, 1, 1)
    settings.write_text(
        f'title = "t"\nowner = "o"\nmodel = "any_2y"\nfrom = {first}\nfewest = 1\n'
        f"[reference]\nfrom = {day.year - 1}-01-01\nuntil = {day.year}-12-31\n"
        '[[streams]]\nkind = "volume"\nby = ["prison"]\n[[streams]]\nkind = "overrides"\n',
        "utf-8",
    )
    assert read_settings(settings).model == "any_2y"
    words = ["monitor", str(settings), "--record", str(record), "--as-of", f"{first.year}-02-01"]
    assert main([*words, "--lang", "en"]) == 1  # in that month nobody was screened
    said = capsys.readouterr().out
    assert "1 period(s)" in said
    assert "Nothing came in lately" in said


def _days(record):
    with open_log(record) as log:
        return list(table_of_record(log, "leave", "any_2y")["as_of"])


def test_screenings_name_their_models_and_those_that_were_deleted_are_counted(tmp_path, capsys):
    screener = Screener.load()
    bundle = screener.bundle
    limited = bundle.with_use_until(
        bundle.review_on + dt.timedelta(days=1), on=bundle.created, by="owner"
    )
    path = tmp_path / "record.db"
    dossiers = [example(case) for case in CASES]
    with open_log(path, create=True) as log:
        for made, dossier in zip((bundle, bundle, limited), dossiers, strict=True):
            with_it = Screener(made, screener.policies)
            log.append_screening(with_it.screen(dossier), dossier, with_it)
        log.delete([1], basis="erasure", by=Actor("archivist", "A-00C1"))
        frame = table_of_record(log, "leave", "any_2y")
    assert frame.attrs["deleted"] == 1
    assert set(frame["bundle"]) == {f"{b.id} ({b.sha256[:8]})" for b in (bundle, limited)}
    assert bundle.id == limited.id
    days = sorted(frame["as_of"])
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'title = "t"\nowner = "o"\nmodel = "any_2y"\nfrom = {days[-1].year + 1}-01-01\nfewest = 1\n'
        f"[reference]\nfrom = {days[0].year - 1}-01-01\nuntil = {days[-1].year}-12-31\n"
        '[[streams]]\nkind = "volume"\n',
        "utf-8",
    )
    words = ["monitor", str(settings), "--record", str(path), "--lang", "en"]
    assert main([*words, "--as-of", f"{days[-1].year + 1}-02-01"]) == 1
    said = capsys.readouterr()
    assert "1 screening(s) in the record were deleted" in said.err
    assert "made with different models" in said.out
    assert limited.sha256[:8] in said.out


@pytest.mark.parametrize("content", [b'{"\xff": 1}', b"{}", b"{"])
@pytest.mark.parametrize("name", ["result", "dossier"])
def test_an_entry_that_cannot_be_read_is_named(tmp_path, name, content):
    dossier, screener = example("grant"), Screener.load()
    with open_log(tmp_path / "record.db", create=True) as log:
        entry = log.append_screening(screener.screen(dossier), dossier, screener)
        body = screening_body(entry)
    raw = msgspec.structs.replace(body, **{name: msgspec.Raw(content)})
    with pytest.raises(RecordError, match="what entry 7 says cannot be read"):
        _screening(raw, body.decision, "any_2y", 7)
