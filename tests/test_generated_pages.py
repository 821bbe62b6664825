"""What is made from data or code is that of the data and the code."""

from __future__ import annotations

import importlib
import json
import re
import tomllib

import pytest

import risicoscreener
from architecture import foundation, imports, parts, rows_of, without_what_follows
from cases import ROOT
from test_architecture import MAY_IMPORT

MADE = ("architecture", "glossary", "data_dictionary")


@pytest.mark.parametrize("script", MADE)
def test_what_a_script_writes_is_up_to_date(script, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", [script, "--check"])
    assert importlib.import_module(script).main() == 0, capsys.readouterr().err


def test_the_picture_shows_every_part_and_no_arrow_that_is_not_allowed():
    found = imports()
    assert {name for name in parts() if name != "cli"} <= set(MAY_IMPORT)
    for part, near in found.items():
        assert near <= MAY_IMPORT[part] | set(foundation())


def test_arrows_that_follow_from_others_are_left_out():
    arrows = {"a": {"b", "c"}, "b": {"c"}, "c": set()}
    assert without_what_follows(arrows) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_an_arrow_has_a_place_in_each_row_that_it_passes():
    arrows = {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": set()}
    high, middle, low = rows_of(arrows)
    assert high == [("a", "")]
    assert sorted(middle) == [("a", "d"), ("b", "")]
    assert sorted(low) == [("c", ""), ("d", "")]
    assert middle.index(("b", "")) == low.index(("c", "")), "arrows do not cross"


def test_a_term_of_the_glossary_that_lacks_something_is_refused(monkeypatch, tmp_path):
    import glossary

    path = tmp_path / "glossary.toml"
    path.write_text('[[terms]]\nen = "leave"\nkind = "law"\nmeaning = "a day out"\n', "utf-8")
    monkeypatch.setattr(glossary, "DATA", path)
    with pytest.raises(SystemExit, match="a term of law has a Dutch term and a source"):
        glossary.terms()


def test_the_citation_is_of_this_version_and_has_what_a_citation_needs():
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    fields = dict(re.findall(r"^([a-z-]+): *(.*)$", text, re.MULTILINE))
    assert fields["version"] == risicoscreener.__version__
    assert fields["cff-version"] == "1.2.0"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert fields["license"] == project["license"]
    assert {"message", "title", "authors"} <= set(fields)


def test_every_page_of_the_documentation_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8").split("\nnav:\n")[1]
    named = set(re.findall(r"([\w./-]+\.md)", navigation))
    docs = ROOT / "docs"
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    pages |= {f"notebooks/{path.stem}.md" for path in (ROOT / "notebooks").glob("*.ipynb")}
    missing = {page for page in pages if not page.startswith("decisions/")} - named
    assert not missing, "name it in the nav of mkdocs.yml"
    made = {"decisions/index.md"} | {page for page in named if page.startswith("reference/")}
    assert named - made <= pages


def test_the_examples_of_a_schema_say_their_version():
    versions = tomllib.loads((ROOT / "docs" / "schema" / "versions.toml").read_text("utf-8"))
    for path in sorted((ROOT / "docs" / "schema").glob("*.json")):
        said = json.loads(path.read_text("utf-8"))["$id"]
        newest = versions[path.stem][-1]["version"]
        assert said == f"urn:risicoscreener:schema:{path.stem}:{newest}"
