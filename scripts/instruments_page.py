"""Prints the table of instruments of docs/instruments.md, or says whether the page is up to date.

    python scripts/instruments_page.py [--check]

With --check it ends with 1 if the table of the page is not what it would print.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from risicoscreener.instruments import Instrument, golden_files, instruments
from risicoscreener.instruments.golden import count_vectors

PAGE = Path(__file__).parents[1] / "docs" / "instruments.md"
HEAD = (
    "| instrument | version | variants and horizons | inputs | golden vectors | source | licence "
    "| what it is for, and not for |\n| --- | --- | --- | ---: | ---: | --- | --- | --- |"
)


def table() -> str:
    """One line per version of each instrument."""
    return "\n".join([HEAD, *(line(one) for one in instruments())])


def line(one: Instrument) -> str:
    """The line of one instrument."""
    origin = one.definition.origin
    place = origin.repository.removeprefix("https://github.com/") or origin.url or origin.title
    state = f" @ {origin.commit[:8]}" if origin.commit else ""
    cells = [
        f"`{one.id}`: {one.definition.title.en}",
        one.version,
        f"{', '.join(one.variants)}; {', '.join(one.horizons)}",
        str(len(one.inputs)),
        str(count_vectors(golden_files(one))),
        f"{place}{state}",
        origin.licence,
        one.definition.use.en,
    ]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        print(table())
        return 0
    current = table() in PAGE.read_text("utf-8")
    print(f"{PAGE.name}: {'up to date' if current else 'the table differs; print it again'}")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
