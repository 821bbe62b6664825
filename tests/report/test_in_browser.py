"""A report as a reader meets it: on a screen and a telephone, by keyboard and screen reader.

Skipped where Chromium or axe-core is absent; required where RISICOSCREENER_REQUIRE_BROWSER is set.
"""

from __future__ import annotations

import pytest

from report.browser import REQUIRED, lacking
from report.tables import HOSTILE, binary, report, timed

if lacking() and not REQUIRED:
    pytest.skip(lacking(), allow_module_level=True)

SIZES = {"desktop": (1280, 900), "telephone": (360, 740), "narrow": (320, 640)}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Four reports: outcomes known and in time, in both languages, one with hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    hostile = binary().replace({"sex": {"vrouw": HOSTILE}})
    hostile.loc[:40, "outcome"] = float("nan")
    known = report(hostile, groups=["sex"], about={"title": HOSTILE, "synthetic": True})
    by_horizon = report(timed(), groups=["sex"])
    return {
        f"{name}-{lang}": made.in_language(lang).save(folder / f"{name}-{lang}.html")
        for name, made in {"known": known, "timed": by_horizon}.items()
        for lang in ("nl", "en")
    }


PAGES = ["known-nl", "known-en", "timed-nl", "timed-en"]


def test_the_browser_and_axe_are_there_where_they_are_required():
    assert not lacking()


@pytest.mark.parametrize("size", ["desktop", "telephone"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_wrong(tab, pages, name, size):
    tab.size(*SIZES[size])
    tab.open(pages[name])
    assert tab.violations() == []


@pytest.mark.parametrize(("name", "size"), [("known-nl", "telephone"), ("timed-en", "desktop")])
def test_axe_finds_nothing_wrong_in_what_can_be_unfolded(tab, pages, name, size):
    tab.size(*SIZES[size])
    tab.open(pages[name])
    tab.ask("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert tab.violations() == []


def test_axe_finds_what_is_wrong_with_a_bad_page(tab, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<p style='color:#bbb;background:#fff'>pale</p><img src=''>", "utf-8")
    tab.open(path)
    found = " ".join(tab.violations())
    assert "color-contrast" in found
    assert "html-has-lang" in found


@pytest.mark.parametrize("name", PAGES)
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(tab, pages, name):
    tab.open(pages[name])
    assert tab.requests() == [pages[name].resolve().as_uri()]
    assert tab.complaints() == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["known-nl", "timed-en"])
def test_nothing_sticks_out_of_the_screen(tab, pages, name, size):
    tab.size(*SIZES[size])
    tab.open(pages[name])
    tab.ask("document.querySelectorAll('details').forEach(d => { d.open = true })")
    wide, screen = tab.ask(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= screen


def test_names_with_markup_are_seen_as_they_are(tab, pages):
    tab.open(pages["known-nl"])
    assert tab.ask("document.title") == HOSTILE
    assert HOSTILE in tab.ask("document.body.innerText")
    assert tab.ask("document.scripts.length") == 0


def test_the_first_tab_stop_skips_to_the_content_and_is_seen(tab, pages):
    tab.size(*SIZES["desktop"])
    tab.open(pages["known-nl"])
    for kind in ("keyDown", "keyUp"):
        tab.call(
            "Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9
        )
    box = "document.activeElement.getBoundingClientRect()"
    assert tab.ask("document.activeElement.getAttribute('href')") == "#content"
    assert tab.ask(f"{box}.top >= 0 && {box}.height > 20")


def test_print_unfolds_rules_and_tables_and_leaves_out_the_points_of_curves(tab, pages):
    tab.open(pages["known-nl"])
    tab.call("Emulation.setEmulatedMedia", media="print")
    try:
        folded = tab.ask(
            "[...document.querySelectorAll('details:not(.long) :is(p, table)')]"
            ".filter(e => e.getBoundingClientRect().height === 0).length"
        )
        assert folded == 0
        points = "[...document.querySelectorAll('details.long')].map(e => e.offsetHeight)"
        assert set(tab.ask(points)) == {0}
        assert tab.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
    finally:
        tab.call("Emulation.setEmulatedMedia", media="")


def test_levels_differ_without_colour(tab, pages):
    tab.open(pages["known-nl"])
    badges = tab.ask("[...document.querySelectorAll('.badge')].map(b => b.innerText.trim())")
    levels = tab.ask("[...document.querySelectorAll('.verdict')].map(v => v.classList[1])")
    assert len(set(badges)) == len(set(levels))
