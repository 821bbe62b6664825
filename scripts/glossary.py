"""Writes the glossary, docs/glossary.md, from its data file docs/glossary.toml.

python scripts/glossary.py             write the page
python scripts/glossary.py --check     say whether it is that of the data
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
DATA, PAGE = DOCS / "glossary.toml", DOCS / "glossary.md"
KEYS = {"en", "nl", "meaning", "kind", "source", "to_verify"}
KINDS = {
    "law": "Terms of Dutch law and practice",
    "library": "Terms of this library, and of statistics",
}
INTRO = """# Glossary

Code and documentation use the English term; results say it in both languages. Made from
`docs/glossary.toml` by `python scripts/glossary.py`. A source with \\* was not read in full.
"""


def terms() -> list[dict[str, Any]]:
    """The terms in the order of the alphabet.

    Raises
    ------
    SystemExit
        If a term lacks something, has something unknown, or is there twice.
    """
    found = tomllib.loads(DATA.read_text("utf-8"))["terms"]
    problems = []
    for term in found:
        name = term.get("en", "a term without `en`")
        if missing := {"en", "meaning", "kind"} - set(term):
            problems.append(f"{name}: missing {', '.join(sorted(missing))}")
        if unknown := set(term) - KEYS:
            problems.append(f"{name}: unknown {', '.join(sorted(unknown))}")
        if term.get("kind") not in KINDS:
            problems.append(f"{name}: kind is {term.get('kind')!r}; expected {', '.join(KINDS)}")
        if term.get("kind") == "law" and not (term.get("nl") and term.get("source")):
            problems.append(f"{name}: a term of law has a Dutch term and a source")
        if sum(other.get("en") == term.get("en") for other in found) > 1:
            problems.append(f"{name}: is there twice")
    if problems:
        raise SystemExit("\n".join([f"{DATA.name}:", *problems]))
    return sorted(found, key=lambda term: term["en"].lstrip("(").casefold())


def page() -> str:
    """The glossary as Markdown."""
    found = terms()
    lines = [INTRO]
    for kind, title in KINDS.items():
        lines += [
            f"## {title}",
            "",
            "| English | Dutch | what it is | source |",
            "|---|---|---|---|",
        ]
        lines += [_row(term) for term in found if term["kind"] == kind]
        lines.append("")
    return "\n".join(lines)


def _row(term: dict[str, Any]) -> str:
    source = term.get("source", "") + (" *" if term.get("to_verify") else "")
    cells = (term["en"], term.get("nl", ""), term["meaning"], source)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("*", "\\*") for cell in cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    if not parser.parse_args().check:
        PAGE.write_text(page(), "utf-8")
        return 0
    if PAGE.read_text("utf-8") == page():
        return 0
    print(f"{PAGE} is out of date: python scripts/glossary.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
