"""The documentation site: built without a warning, whole without a network, and read in a browser.

Skipped where the extra `docs` is not installed; looked at where Chromium and axe-core are.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the extra docs is not installed")
pytest.importorskip("material", reason="the extra docs is not installed")

from cases import ROOT
from report.browser import REQUIRED, browser, lacking
from site_pages import assemble, commands, relinked

SIZES = {"desktop": (1280, 900), "telephone": (360, 740)}
LOOKED_AT = (
    "index.html",
    "tutorial.html",
    "glossary.html",
    "architecture.html",
    "reference/cli.html",
    "reference/risicoscreener.screening.html",
    "notebooks/01_first_screening.html",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site; every warning of its builder is told."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    folder = tmp_path_factory.mktemp("site")
    assemble(folder / "source")
    config = load_config(
        str(ROOT / "mkdocs.yml"), docs_dir=str(folder / "source"), site_dir=str(folder / "site")
    )
    config.plugins.on_startup(command="build", dirty=False)
    told = Told()
    logging.getLogger("mkdocs").addHandler(told)
    try:
        build(config)
    finally:
        logging.getLogger("mkdocs").removeHandler(told)
    assert not told.said
    return folder / "site"


class Told(logging.Handler):
    """Keeps what is warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def test_the_site_has_every_page_and_takes_nothing_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 100
    for page in pages:
        text = page.read_text("utf-8")
        taken = re.findall(r'<(?:script|img|iframe|source)[^>]* src="(https?:[^"]*)"', text)
        taken += re.findall(r'<link[^>]* rel="stylesheet"[^>]* href="(https?:[^"]*)"', text)
        assert not taken, page
    index = (site / "search" / "search_index.js").read_text("utf-8")
    for word in ("quarantine", "slachtoffer", "screen_many", "waiver"):
        assert word in index


def test_every_command_of_the_command_line_is_in_the_reference(site):
    from risicoscreener.cli.running import _parser

    text = (site / "reference" / "cli.html").read_text("utf-8")
    named = [" ".join(words[1:]) for words, _ in commands(_parser(), ("risicoscreener",))]
    assert len(named) > 30
    assert [name for name in named if f'id="{name.replace(" ", "-")}"' not in text] == []


def test_public_names_are_written_with_their_parameters(site):
    text = (site / "reference" / "risicoscreener.screening.html").read_text("utf-8")
    assert "on_error" in text
    assert "set bad rows apart" in text


@pytest.mark.skipif(bool(lacking()) and not REQUIRED, reason=lacking())
def test_the_site_is_read_on_a_screen_and_on_a_telephone(site, tmp_path):
    with browser(tmp_path / "profile") as tab:
        for name in LOOKED_AT:
            for size in SIZES.values():
                tab.size(*size)
                tab.open(site / name)
                assert tab.violations() == [], (name, size)
                wide, screen = tab.ask(
                    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
                )
                assert wide <= screen, (name, size)
                asked = {address.split(":")[0] for address in tab.requests()}
                assert asked <= {"file", "data", "blob"}, name
        tab.size(*SIZES["desktop"])
        tab.open(site / "index.html")
        assert search(tab, "quarantine")
        assert search(tab, "terbeschikkingstelling")


def search(tab, words: str) -> list[str]:
    """Titles that the search of the page finds, waited for at most some seconds."""
    return tab.ask(
        f"(words => "
        """new Promise(resolve => {
          const field = document.querySelector('.md-search__input');
          field.focus(); field.value = words;
          field.dispatchEvent(new KeyboardEvent('keyup', {bubbles: true}));
          let tries = 0;
          const look = () => {
            const found = [...document.querySelectorAll('.md-search-result__item h1, '
              + '.md-search-result__item h2')].map(e => e.innerText);
            if (found.length || ++tries > 100) resolve(found); else setTimeout(look, 100);
          };
          setTimeout(look, 300);
        })"""
        f")({words!r})"
    )


def test_links_are_led_to_where_things_stand_and_code_is_left_alone(tmp_path):
    page = ROOT / "docs" / "evaluation" / "report.md"
    text = (
        "[a](../glossary.md#x) [b](../../examples/grant.json) [c](../decisions/) "
        "[d](https://example.org)\n```python\nf = table[rows](../../examples/grant.json)\n```\n"
        "[n](../../notebooks/07_chain.ipynb)\n"
    )
    assert relinked(text, page, tmp_path) == (
        "[a](../glossary.md#x) [b](../files/examples/grant.json) [c](../decisions/index.md) "
        "[d](https://example.org)\n```python\nf = table[rows](../../examples/grant.json)\n```\n"
        "[n](../notebooks/07_chain.md)\n"
    )
    assert (tmp_path / "files" / "examples" / "grant.json").is_file()
    assert relinked("[f](../../examples/report)", page, tmp_path) == (
        "[f](../files/examples/report/index.md)"
    )
    listed = (tmp_path / "files" / "examples" / "report" / "index.md").read_text("utf-8")
    assert "- [leave.csv](leave.csv)" in listed
    assert relinked("[a](nowhere.md)", page, tmp_path) == "[a](nowhere.md)"
