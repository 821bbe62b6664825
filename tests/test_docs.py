"""What the documentation shows works: code blocks run, commands exist, links lead somewhere."""

from __future__ import annotations

import re
import shlex

import pytest

from cases import ROOT
from risicoscreener.cli import main

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
NOT_RUN = ("synth", "fit", "record")
"""Commands that write: the tests of the command line run them."""


def blocks(language: str) -> dict[str, list[str]]:
    found = {}
    for page in PAGES:
        of_page = [
            code for lang, code in BLOCK.findall(page.read_text("utf-8")) if lang == language
        ]
        if of_page:
            found[str(page.relative_to(ROOT))] = of_page
    return found


@pytest.mark.parametrize("page", blocks("python"))
def test_the_python_of_a_page_runs_from_top_to_bottom(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for entry in ("docs", "examples"):
        (tmp_path / entry).symlink_to(ROOT / entry)
    for code in blocks("toml").get(page, []):
        (tmp_path / "own.toml").write_text(code, "utf-8")
    scope = {"__name__": "documentation"}
    for code in blocks("python")[page]:
        exec(compile(code, page, "exec"), scope)


def commands() -> list[str]:
    lines = [
        line for code in blocks("bash").values() for block in code for line in block.splitlines()
    ]
    return sorted(
        {line.split("#")[0].strip() for line in lines if line.startswith("risicoscreener ")}
    )


@pytest.fixture
def checkout(tmp_path):
    """A folder that looks like the checkout, with what the pages tell to make first, the `cohort`
    and the `own.toml` of the tutorial: what a command writes stays here."""
    for entry in ("data", "docs", "examples", "tests"):
        (tmp_path / entry).symlink_to(ROOT / entry)
    (tmp_path / "cohort").symlink_to(ROOT / "data" / "synthetic" / "sentenced_40")
    (tmp_path / "own.toml").write_text(blocks("toml")["docs/tutorial.md"][-1], "utf-8")
    return tmp_path


@pytest.mark.parametrize("command", commands())
def test_the_commands_of_the_pages_work(command, checkout, monkeypatch, capsys):
    monkeypatch.chdir(checkout)
    words = shlex.split(command.replace("<kind>", "leave").replace("<day>", "2024-01-01"))[1:]
    if words[0] in NOT_RUN:
        named = [word for word in words[:2] if not word.startswith("-")]
        with pytest.raises(SystemExit) as stop:
            main([*named, "--help"])
        assert stop.value.code == 0
        return
    assert main(words) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in PAGES])
def test_the_links_of_a_page_lead_somewhere(page):
    path = ROOT / page
    targets = [t for t in LINK.findall(path.read_text("utf-8")) if "://" not in t]
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert not missing
