"""Write the results of the example dossiers to tests/screening/golden/, a folder for each release.

    python scripts/golden_results.py

A release keeps reading the results of the releases before it: only the folder of the present
version is written.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from risicoscreener import Screener, __version__

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "screening" / "golden"


def results() -> dict[str, str]:
    """By file name the result of each example for each kind of decision, as readable JSON."""
    screener = Screener.load()
    found = {}
    for path in sorted((ROOT / "examples").glob("*.json")):
        for kind in _kinds_on(screener, screener.screen(path.read_bytes(), "leave").as_of):
            plain = screener.screen(path.read_bytes(), kind).to_dict()
            text = json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
            found[f"{path.stem}-{kind}.json"] = text
    return found


def _kinds_on(screener: Screener, day: date) -> list[str]:
    """Kinds of decision that there are on that day: some began later, some ended."""
    return [
        kind
        for kind in screener.kinds
        if any(
            version.policy.date_basis == "judgment" or version.policy.in_force(day)
            for version in screener.policies.versions(kind)
        )
    ]


if __name__ == "__main__":
    folder = FOLDER / __version__
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in results().items():
        (folder / name).write_text(text, "utf-8")
