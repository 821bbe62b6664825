"""Letters as a reader meets them, on a screen and a telephone, and by a screen reader.

Skipped where Chromium or axe-core is absent; required where RISICOSCREENER_REQUIRE_BROWSER is set.
"""

from __future__ import annotations

import pytest

from cases import OUTCOMES, example
from report.browser import REQUIRED, browser, lacking
from risicoscreener.screening.explanation import explain
from risicoscreener.screening.explanation.letter import Letter, Section

if lacking() and not REQUIRED:
    pytest.skip(lacking(), allow_module_level=True)

LONG = Letter(
    lang="nl",
    title="x" * 90,
    opening=("<b>" + "y" * 200,),
    sections=(Section(heading="z" * 90, items=("w" * 200,)),),
)


def letters() -> dict[str, Letter]:
    """Both letters about each example, and one of words that are too long for a line."""
    found = {name: explain(example(name), "leave") for name in OUTCOMES}
    made = {f"{name}-person": one.letter_to_person("nl") for name, one in found.items()}
    made |= {f"{name}-decider": one.letter_to_decider("en") for name, one in found.items()}
    return made | {"long": LONG}


def test_letters_fit_the_window_and_bar_nobody(tmp_path):
    with browser(tmp_path / "profile") as tab:
        for name, letter in letters().items():
            page = tmp_path / f"{name}.html"
            page.write_text(letter.html(), "utf-8")
            for width in (1280, 360, 320):
                tab.size(width, 740)
                tab.open(page)
                assert tab.ask("document.documentElement.scrollWidth") <= width, (name, width)
                assert len(tab.requests()) == 1
                assert tab.complaints() == []
            assert tab.violations() == [], name
