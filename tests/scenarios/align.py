"""Line up the tables of the feature files, so that a change shows as one line.

Run as ``python tests/scenarios/align.py``.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent


def aligned(text: str) -> str:
    """The text of a feature file with the columns of each table under each other."""
    lines: list[str] = []
    for is_table, found in groupby(text.split("\n"), key=lambda line: line.strip().startswith("|")):
        group = list(found)
        lines += _table(group) if is_table else group
    return "\n".join(lines)


def _table(lines: list[str]) -> list[str]:
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        indent + "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]


if __name__ == "__main__":
    for path in sorted(HERE.glob("*.feature")):
        path.write_text(aligned(path.read_text("utf-8")), "utf-8")
