"""What a benchmark measured, written between the marks of a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def write_between(page: str, mark: str, lines: Iterable[str]) -> None:
    """Put lines between ``<!-- mark: begin -->`` and ``<!-- mark: end -->`` of a page in docs."""
    path, begin, end = DOCS / page, f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, found, rest = path.read_text("utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{path} has no place between {begin} and {end}")
    path.write_text("\n".join([before + begin, "", *lines, "", end]) + after, "utf-8")
