"""TRIPOD+AI from the JSON of an evaluation report."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from report.tables import binary, report
from risicoscreener.errors import GovernanceError
from risicoscreener.governance import by_language, fill, read_evaluation


@pytest.fixture(scope="module")
def evaluations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluations")
    made = report(binary(), groups=["sex"])
    paths = {}
    for lang in ("nl", "en"):
        paths[lang] = made.in_language(lang).save_json(folder / f"{lang}.json")
    return {lang: read_evaluation(path) for lang, path in paths.items()}


def test_without_an_evaluation_one_field_is_open(known):
    (field,) = fill("tripod", known).fields
    assert (field.state, field.who) == ("open", "evaluator")


def test_the_items_and_their_states_are_those_of_the_report(known, evaluations):
    whole = replace(known, evaluation=by_language(*evaluations.values()))
    document = fill("tripod", whole)
    rows = evaluations["en"].rows("tripod-table")
    assert [f.id for f in document.fields] == [row[0] for row in rows]
    assert len(document.fields) == 52
    is_open = {row[0] for row in rows if row[2] == "open"}
    assert {f.id for f in document.fields if f.state == "open"} == is_open
    assert is_open


def test_one_language_stands_in_for_the_other(known, evaluations):
    only = replace(known, evaluation=by_language(evaluations["nl"]))
    document = fill("tripod", only)
    assert document.fields[0].text.en == document.fields[0].text.nl
    testing = fill("annex_iv", only).field("2g_testing")
    assert testing.state == "to_complete"
    assert {"verdicts", "groups"} <= {fact.name for fact in testing.facts}


def test_an_evaluation_fills_what_asks_for_one(known, evaluations):
    whole = replace(known, evaluation=by_language(*evaluations.values()))
    said = fill("model_card", whole).field("any_2y.evaluation").content("en")
    assert evaluations["en"].summary[0] in said
    assert evaluations["en"].verdicts[0].sentence in said
    assert fill("fria", whole).field("d_discrimination").facts


def test_two_of_one_language_or_of_two_tables_are_refused(evaluations):
    nl, en = evaluations["nl"], evaluations["en"]
    with pytest.raises(GovernanceError, match="two evaluations in 'nl'"):
        by_language(nl, nl)
    other = msgspec.structs.replace(
        en, origin=msgspec.structs.replace(en.origin, table="other.csv")
    )
    with pytest.raises(GovernanceError, match=r"other\.csv"):
        by_language(nl, other)


def with_blocks(evaluations, *blocks):
    plain = msgspec.to_builtins(evaluations["en"])
    plain["sections"] = [{"name": "x", "lead": "y", "blocks": list(blocks)}]
    return msgspec.json.encode(plain)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"kind": "paragraph", "role": "both", "text": 1}, "a paragraph of x has no text"),
        ({"kind": "table", "name": "n", "rows": {"a": 1}}, "the rows of n are no lists"),
        ({"kind": "table", "name": "n", "rows": ["a"]}, "the rows of n are no lists"),
    ],
)
def test_a_report_with_a_block_that_is_none_is_refused(tmp_path, evaluations, block, said):
    (tmp_path / "report.json").write_bytes(with_blocks(evaluations, block))
    with pytest.raises(GovernanceError, match=said):
        read_evaluation(tmp_path / "report.json")


def test_a_picture_is_no_table(tmp_path, evaluations):
    picture = {"kind": "picture", "name": "curve"}
    (tmp_path / "report.json").write_bytes(with_blocks(evaluations, picture))
    with pytest.raises(GovernanceError, match="has no table 'curve'"):
        read_evaluation(tmp_path / "report.json").rows("curve")


DEEP = '{"schema_version": 1, "other": ' + "[" * 100_000 + "]" * 100_000 + "}"


@pytest.mark.parametrize("content", ["{}", "[]", "{", '{"schema_version": 2}', DEEP])
def test_what_is_no_report_is_refused(tmp_path, content):
    path = tmp_path / "report.json"
    path.write_text(content, "utf-8")
    with pytest.raises(GovernanceError, match="is no evaluation report"):
        read_evaluation(path)


def test_an_unknown_state_of_an_item_is_refused(known, evaluations):
    nl = evaluations["nl"]
    text = msgspec.json.encode(nl).replace(b'"deels"', b'"half"')
    changed = msgspec.json.decode(text, type=type(nl))
    with pytest.raises(GovernanceError, match="'half'"):
        fill("tripod", replace(known, evaluation=by_language(changed)))
