"""Write the results of the example dossiers to tests/screening/golden/, a folder for each release.

    python scripts/golden_results.py

A release keeps reading the results of the releases before it: only the folder of the present
version is written.
"""

from __future__ import annotations

import json
from pathlib import Path

from risicoscreener import Screener, __version__

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "screening" / "golden"


def results() -> dict[str, str]:
    """By file name the result of each example for each kind of decision, as readable JSON."""
    screener = Screener.load()
    found = {}
    for path in sorted((ROOT / "examples").glob("*.json")):
        day = screener.screen(path.read_bytes(), "leave").as_of
        for kind in screener.policies.kinds(day):
            plain = screener.screen(path.read_bytes(), kind).to_dict()
            text = json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
            found[f"{path.stem}-{kind}.json"] = text
    return found


if __name__ == "__main__":
    folder = FOLDER / __version__
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in results().items():
        (folder / name).write_text(text, "utf-8")
