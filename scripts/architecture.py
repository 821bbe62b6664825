"""Draws the parts of the package and who imports whom: docs/pictures/architecture.svg.

    python scripts/architecture.py             write the picture
    python scripts/architecture.py --check     say whether it is that of the code

An arrow goes from a part to one that it imports, anywhere in its modules. Arrows that follow from
others (A to C where A to B and B to C) are left out. What uses everything stands at the top, what
everything may use at the bottom, both without arrows.
"""

from __future__ import annotations

import argparse
import ast
import sys
from html import escape
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "risicoscreener"
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"
ENTRIES = ("cli", "serve")
"""What may use everything."""
WIDTH, BOX, HEIGHT, ROW, TOP, GAP, PASS = 960, 112, 40, 96, 60, 20, 36
ORDERINGS = 12
"""How often the rows are put in a better order."""


def parts() -> dict[str, Path]:
    """Each part of the package with its modules' folder or file."""
    found = {}
    for path in sorted(PACKAGE.iterdir()):
        if path.is_dir() and (path / "__init__.py").exists():
            found[path.name] = path
        elif path.suffix == ".py" and not path.stem.startswith("__"):
            found[path.stem] = path
    return found


def foundation() -> list[str]:
    """What every part may use, so that arrows to it would say nothing: single modules, `native`."""
    return [
        name
        for name, path in parts().items()
        if name == "native" or (path.is_file() and name not in ENTRIES)
    ]


def imports() -> dict[str, set[str]]:
    """For each part the other parts that it imports, in functions and for types too."""
    known = parts()
    found = {}
    for name, path in known.items():
        modules = [path] if path.is_file() else sorted(path.rglob("*.py"))
        found[name] = {part for module in modules for part in parts_imported(module)} - {name}
    return found


def parts_imported(path: Path) -> set[str]:
    """The parts of the package that a module imports anywhere, in functions and for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it goes"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {n.split(".")[1] for n in names if n.startswith("risicoscreener.")}
    return found & set(parts())


def without_what_follows(arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same order with as few arrows as say it."""

    def reached(part: str) -> set[str]:
        return arrows[part] | {far for near in arrows[part] for far in reached(near)}

    return {
        part: {to for to in near if not any(to in reached(other) for other in near - {to})}
        for part, near in arrows.items()
    }


Place = tuple[str, str]
"""A part as (part, ""), or where an arrow passes a row as (from, to)."""


def rows_of(arrows: dict[str, set[str]]) -> list[list[Place]]:
    """What stands in each row, highest first: a part is above all that it imports.

    An arrow over several rows has a place in each row that it passes, so that it goes between
    the boxes and not behind them.
    """

    def height(part: str) -> int:
        return 1 + max((height(to) for to in arrows[part]), default=-1)

    heights = {part: height(part) for part in arrows}
    rows: list[list[Place]] = [[] for _ in range(max(heights.values()) + 1)]
    for part in sorted(arrows):
        rows[heights[part]].append((part, ""))
        for to in sorted(arrows[part]):
            for level in range(heights[to] + 1, heights[part]):
                rows[level].append((part, to))
    _order(rows, arrows)
    return rows[::-1]


def _order(rows: list[list[Place]], arrows: dict[str, set[str]]) -> None:
    """Each thing near the mean place of what it is joined to, so that few arrows cross."""
    joined: dict[Place, list[Place]] = {place: [] for row in rows for place in row}
    for above, below in zip(rows[1:], rows[:-1], strict=True):
        for place in above:
            for other in below:
                part, to = place
                leads = other[0] in arrows[part] if not to and not other[1] else False
                leads = leads or (bool(other[1]) and other[0] == part and to in ("", other[1]))
                leads = leads or (bool(to) and not other[1] and other[0] == to)
                if leads:
                    joined[place].append(other)
                    joined[other].append(place)
    for turn in range(ORDERINGS):
        for row in rows if turn % 2 else rows[::-1]:
            at = {place: i / max(len(r) - 1, 1) for r in rows for i, place in enumerate(r)}
            row.sort(
                key=lambda place: (
                    sum(at[other] for other in joined[place]) / max(len(joined[place]), 1)
                    if joined[place]
                    else at[place],
                    place,
                )
            )


def across(row: list[Place]) -> dict[Place, float]:
    """Where the middle of each thing of a row stands, the row as a whole in the middle."""
    widths = [BOX + GAP if not to else PASS for _, to in row]
    begin = (WIDTH - sum(widths)) / 2
    return {place: begin + sum(widths[:i]) + widths[i] / 2 for i, place in enumerate(row)}


def about(path: Path) -> str:
    """The first sentence of the documentation of a part."""
    module = path if path.is_file() else path / "__init__.py"
    said = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    return said.split("\n\n")[0].replace("\n", " ")


def picture() -> str:
    """The picture as SVG text."""
    known, found, below = parts(), imports(), foundation()
    within = {part: near - set(below) for part, near in found.items() if part not in below}
    drawn = {part: near for part, near in within.items() if part not in ENTRIES}
    shown = without_what_follows(drawn)
    rows = rows_of(shown)
    entries = [(part, "") for part in within if part in ENTRIES]
    at = {
        place: (x, TOP + ROW * level)
        for level, row in enumerate([entries, *rows])
        for place, x in across(row).items()
    }
    bottom = TOP + ROW * (len(rows) + 1)
    at |= {
        (part, ""): (WIDTH * (i + 1) / (len(below) + 1), bottom + 16)
        for i, part in enumerate(below)
    }
    lines = [
        _arrow([at[part, ""], *_passed(part, to, rows), at[to, ""]])
        for part in sorted(shown)
        for to in sorted(shown[part])
    ]
    boxes = [
        _box(part, place, about(known[part]), part in below)
        for (part, to), place in at.items()
        if not to
    ]
    return _page(lines, boxes, bottom)


def _passed(part: str, to: str, rows: list[list[Place]]) -> list[tuple[float, float]]:
    """Where an arrow passes the rows between, from above to below."""
    levels = [level for level, row in enumerate(rows) if (part, to) in row]
    return [(across(rows[level])[part, to], TOP + ROW * (level + 1)) for level in levels]


def _arrow(points: list[tuple[float, float]]) -> str:
    (x, y), *between, (to_x, to_y) = points
    stops = [(x, y + HEIGHT / 2), *between, (to_x, to_y - HEIGHT / 2 - 7)]
    path = f"M{stops[0][0]:.0f},{stops[0][1]:.0f}"
    for (x, y), (to_x, to_y) in pairwise(stops):
        bend = (to_y - y) / 2
        path += f" C{x:.0f},{y + bend:.0f} {to_x:.0f},{to_y - bend:.0f} {to_x:.0f},{to_y:.0f}"
    return f'<path d="{path}"/>'


def _box(part: str, at: tuple[float, float], said: str, is_foundation: bool) -> str:
    x, y = at
    width = min(BOX, WIDTH / (len(foundation()) + 1) - 8) if is_foundation else BOX
    kind = "foundation" if is_foundation else "entry" if part in ENTRIES else "part"
    return (
        f'<g class="{kind}"><title>{escape(part)}: {escape(said)}</title>'
        f'<rect x="{x - width / 2:.0f}" y="{y - HEIGHT / 2:.0f}" width="{width:.0f}" '
        f'height="{HEIGHT}" rx="6"/><text x="{x:.0f}" y="{y + 5:.0f}">{escape(part)}</text></g>'
    )


def _page(lines: list[str], boxes: list[str], bottom: float) -> str:
    height = bottom + 60
    drawn = "\n".join([*lines, *boxes])
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" \
role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="14">
<title id="title">The parts of risicoscreener</title>
<desc id="desc">Each part imports those that its arrows point to, and what can be reached from \
there. Those at the top use all parts, and all parts may use those at the bottom.</desc>
<style>
rect {{ fill: #ffffff; stroke: #22577a; stroke-width: 1.5 }}
.entry rect {{ fill: #22577a }} .entry text {{ fill: #ffffff }}
.foundation rect {{ fill: #f0f0f0; stroke: #707070 }}
text {{ text-anchor: middle; fill: #1a1a1a }}
path {{ fill: none; stroke: #5b7f95; stroke-width: 1.4; marker-end: url(#tip) }}
</style>
<defs><marker id="tip" viewBox="0 0 10 10" refX="2" refY="5" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0,0 L10,5 L0,10 z" style="fill:#5b7f95;stroke:none;marker-end:none"/>\
</marker></defs>
<rect x="0" y="0" width="{WIDTH}" height="{height:.0f}" style="stroke:none"/>
<g stroke="#b0b0b0" stroke-dasharray="4 4">
<line x1="24" x2="{WIDTH - 24}" y1="{TOP + ROW / 2:.0f}" y2="{TOP + ROW / 2:.0f}"/>
<line x1="24" x2="{WIDTH - 24}" y1="{bottom - ROW / 2 + 12:.0f}" y2="{bottom - ROW / 2 + 12:.0f}"/>
</g>
{drawn}
</svg>
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    drawn = picture()
    if not parser.parse_args().check:
        PICTURE.write_text(drawn, "utf-8")
        return 0
    if PICTURE.read_text("utf-8") == drawn:
        return 0
    print(f"{PICTURE} is out of date: python scripts/architecture.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
