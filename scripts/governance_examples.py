"""Write the documents in examples/governance/: of the shipped models, with example answers.

Run it after a change of models, policies or the wording of documents, and read what changed.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from risicoscreener import Screener
from risicoscreener.errors import DossierError
from risicoscreener.governance import (
    Activities,
    Answers,
    Document,
    Known,
    LoggedScreener,
    entry_of,
    fill,
    open_fields,
)
from risicoscreener.report.governance_page import document_page
from risicoscreener.screening.explanation import explain

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples" / "governance"
AS_OF = dt.date(2026, 11, 30)
KEY = bytes(range(32))
"""A key that everybody can read: for an example, and for nothing else."""

BEGUN = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)


def contents() -> dict[str, str]:
    """What each file holds, by its name."""
    screener = Screener.load()
    known = Known(screener.bundle, screener.policies, AS_OF)
    answers = Answers.read(FOLDER / "answers.toml")

    def filled(kind: str, of: Known = known) -> Document:
        return fill(kind, of, answers)

    denied = explain((ROOT / "examples" / "deny.json").read_bytes(), screener=screener)
    about_denied = replace(known, as_of=denied.result.as_of, explanation=denied)
    return {
        "register.json": _json(entry_of(filled("register"), known)),
        "system_card.json": _json(entry_of(filled("system_card"), known)),
        "model_cards.json": _json(entry_of(filled("model_card"), known)),
        "register.html": document_page(filled("register"), "nl"),
        "annex_iv.en.md": filled("annex_iv").markdown("en"),
        "annex_iv.html": document_page(filled("annex_iv"), "nl"),
        "fria.html": document_page(filled("fria"), "nl"),
        "dpia.html": document_page(filled("dpia"), "nl"),
        "explanation.html": document_page(filled("explanation", about_denied), "nl"),
        "explanation.en.html": document_page(filled("explanation", about_denied), "en"),
        "open.txt": open_fields(known, answers).text("en"),
        "logbook.jsonl": _logbook(screener),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _logbook(screener: Screener) -> str:
    """Three screenings, one of which fails, with ids and times that do not differ between runs."""
    lines: list[str] = []
    moments = (BEGUN + dt.timedelta(milliseconds=250 * i) for i in range(100))
    numbers = iter(range(1, 100))
    logged = LoggedScreener(
        screener,
        Activities.read(FOLDER / "activities.toml"),
        KEY,
        lines.append,
        clock=lambda: next(moments),
        new_id=lambda size: next(numbers).to_bytes(size, "big"),
    )
    for name in ("grant", "deny"):
        logged.screen((ROOT / "examples" / f"{name}.json").read_bytes(), "leave")
    try:
        logged.screen(b"{}", "leave")
    except DossierError as error:
        print(f"the third, as it should: {error}".splitlines()[0], file=sys.stderr)
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the files that differ."""
    for name, text in contents().items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
