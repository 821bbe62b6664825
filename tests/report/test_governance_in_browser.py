"""Documents as a reader meets them: on a screen and a telephone; see `test_in_browser`."""

from __future__ import annotations

import pytest

from cases import EXAMPLES
from report.browser import REQUIRED, lacking

if lacking() and not REQUIRED:
    pytest.skip(lacking(), allow_module_level=True)

SIZES = {"desktop": (1280, 900), "telephone": (360, 740)}
PAGES = sorted(path.name for path in (EXAMPLES / "governance").glob("*.html"))


def test_there_are_pages_to_look_at():
    assert len(PAGES) >= 5


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_wrong_and_nothing_sticks_out(tab, name, size):
    tab.size(*SIZES[size])
    tab.open(EXAMPLES / "governance" / name)
    assert tab.violations() == []
    assert tab.ask("document.documentElement.scrollWidth <= window.innerWidth")
    assert tab.complaints() == []
    assert len(tab.requests()) == 1
