"""Writes the table of scenarios in docs/scenarios.md, from their files.

python scripts/scenario_table.py
python scripts/scenario_table.py --check    (says whether the table is up to date)
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from risicoscreener.synthetic.scenario import Scenario

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scenarios.md"
BEGIN, END = "<!-- scenarios: begin -->", "<!-- scenarios: end -->"
HEAD = ("id", "population", "people", "what changes", "what must stay the same", "what to see")


def table() -> str:
    """The scenarios as a Markdown table."""
    lines = [_row(HEAD), _row(["---"] * len(HEAD))]
    return "\n".join([*lines, *(_row(_cells(s)) for s in Scenario.shipped().values())])


def _cells(scenario: Scenario) -> list[str]:
    texts = (scenario.description, scenario.unchanged, scenario.expected)
    first = [f"`{scenario.id}`", f"`{scenario.population}`", f"{scenario.people:,}"]
    return [*first, *(text.en for text in texts)]


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def page(old: str) -> str:
    """The page with the table as it has to be."""
    before, _, rest = old.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> int:
    """Write the table, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    old = PAGE.read_text("utf-8")
    new = page(old)
    if parser.parse_args().check:
        print("up to date" if new == old else "run: python scripts/scenario_table.py")
        return int(new != old)
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
