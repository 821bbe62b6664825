"""Holds what bandit finds in the package against what is accepted, with reasons.

    python scripts/check_bandit.py BANDIT

Ends with 1 if something is found that scripts/bandit-accepted.toml does not list, or if something
is listed that is found no more.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "risicoscreener"
EVERYWHERE = "*"


def accepted() -> set[tuple[str, str]]:
    """Rule and file of what is accepted; each has a reason."""
    listed = tomllib.loads((ROOT / "scripts" / "bandit-accepted.toml").read_text("utf-8"))
    assert all(entry["because"].strip() for entry in listed["accepted"])
    return {(entry["rule"], file) for entry in listed["accepted"] for file in entry["files"]}


def found(bandit: str) -> dict[tuple[str, str], str]:
    """Rule and file of what bandit finds, with the first place and what it says."""
    words = [bandit, "--quiet", "--recursive", str(PACKAGE), "--format", "json"]
    said = json.loads(subprocess.run(words, check=False, capture_output=True, text=True).stdout)
    if said["errors"]:
        raise SystemExit(f"bandit could not read {said['errors']}")
    places = {}
    for one in said["results"]:
        file = Path(one["filename"]).resolve().relative_to(PACKAGE).as_posix()
        text = f"{file}:{one['line_number']}: {one['test_id']} {one['issue_text']}"
        places.setdefault((one["test_id"], file), text)
    return places


def main(words: list[str]) -> int:
    known, there = accepted(), found(words[0])
    everywhere = {rule for rule, file in known if file == EVERYWHERE}
    new = [text for (rule, file), text in there.items() if not {(rule, file)} & known]
    new = [text for text in new if text.split(": ")[1].split()[0] not in everywhere]
    gone = sorted(entry for entry in known if entry[1] != EVERYWHERE and entry not in there)
    for text in new:
        print(text)
    for rule, file in gone:
        print(f"{file}: {rule} is accepted and found no more; take it from the list")
    print(f"{len(there)} kinds of findings by file, {len(new)} new, {len(gone)} gone")
    return int(bool(new or gone))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
