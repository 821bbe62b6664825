"""Holds the versions of constraints.txt against a copy of the advisories of the PyPA.

    git clone https://github.com/pypa/advisory-database
    python scripts/check_advisories.py advisory-database [--constraints constraints.txt]

A version is affected if an advisory names it, or a range that is not over has it in it (the OSV
schema, section "evaluation"). What was looked at is in advisories-accepted.toml with the reason.
Ends with 1 if a version is affected by another, or if one there is found no more. Says how old the
copy is: of weaknesses that were found later it knows nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = Path(__file__).with_name("advisories-accepted.toml")


def normal(name: str) -> str:
    """A name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(text: str) -> dict[str, Version]:
    """Names and versions of lines such as ``numpy==2.0``."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;#]+)", text, re.MULTILINE)
    return {normal(name): Version(version) for name, version in found}


def affects(advisory: Mapping[str, Any], name: str, version: Version) -> bool:
    """Whether an advisory is about a version."""
    for one in advisory.get("affected", ()):
        package = one["package"]
        if package["ecosystem"] != "PyPI" or normal(package["name"]) != name:
            continue
        if version in set(_versions(one.get("versions", ()))):
            return True
        ranges = (r["events"] for r in one.get("ranges", ()) if r["type"] == "ECOSYSTEM")
        if any(_within(events, version) for events in ranges):
            return True
    return False


def _versions(texts: Iterable[str]) -> Iterator[Version]:
    for text in texts:
        try:
            yield Version(str(text))
        except InvalidVersion:
            continue


def _within(events: Iterable[Mapping[str, str]], version: Version) -> bool:
    """Whether the last event before a version began something that had not ended."""
    inside = False
    for event in sorted(events, key=lambda e: (_of(e), "introduced" not in e)):
        if "introduced" in event and version >= _of(event):
            inside = True
        elif ("fixed" in event and version >= _of(event)) or (
            "last_affected" in event and version > _of(event)
        ):
            inside = False
    return inside


def _of(event: Mapping[str, str]) -> Version:
    return Version(next(iter(event.values())))


def advisories(folder: Path, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Those of packages, of a checkout or of a repository without a work tree; none withdrawn."""
    wanted = set(names)
    for path, text in _in_checkout(folder) if (folder / "vulns").is_dir() else _in_git(folder):
        if normal(path.split("/")[-2]) in wanted:
            advisory = yaml.safe_load(text() if callable(text) else text)
            if "withdrawn" not in advisory:
                yield advisory


def _in_checkout(folder: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(folder.glob("vulns/*/*.yaml")):
        yield path.as_posix(), lambda path=path: path.read_text("utf-8")


def _in_git(folder: Path) -> Iterator[tuple[str, Any]]:
    listed = _git(folder, "ls-tree", "-r", "--name-only", "HEAD", "vulns").splitlines()
    for path in listed:
        yield path, lambda path=path: _git(folder, "show", f"HEAD:{path}")


def _git(folder: Path, *words: str) -> str:
    asked = ["git", "-C", str(folder), *words]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout


def main(words: list[str]) -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("folder", type=Path)
    ask.add_argument("--constraints", type=Path, default=ROOT / "constraints.txt")
    asked = ask.parse_args(words)
    versions = pinned(asked.constraints.read_text("utf-8"))
    accepted = tomllib.loads(ACCEPTED.read_text("utf-8"))
    looked, found, known = set(), [], set()
    for advisory in advisories(asked.folder, versions):
        looked.add(advisory["id"])
        for name, version in versions.items():
            if affects(advisory, name, version):
                known |= {advisory["id"]} & set(accepted)
                if advisory["id"] not in accepted:
                    found.append(f"{name} {version}: {advisory['id']}")
    found += [f"{one} is accepted and was not found" for one in sorted(set(accepted) - known)]
    newest = _git(asked.folder, "log", "-1", "--format=%cs").strip()
    print("\n".join(found) or "no version is known to be affected, but for what is accepted")
    age = (dt.date.today() - dt.date.fromisoformat(newest)).days
    print(
        f"{len(versions)} packages, {len(looked)} advisories on them; the copy is of {newest}, "
        f"{age:,} days old: what was found since is not in it"
    )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
