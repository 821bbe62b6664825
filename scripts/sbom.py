"""What the library needs when it is installed without extras, as a bill of materials in CycloneDX.

    python scripts/sbom.py PYTHON [--cyclonedx PROGRAM] [-o docs/sbom.json] [--check]

PYTHON is an interpreter that has the library with the versions of constraints.txt; PROGRAM is
cyclonedx-py of the package cyclonedx-bom. What that finds of the environment is cut down to what
the library asks for without extras, and what that asks for in turn. With --check nothing is
written: it ends with 1 if the file lists other packages or versions.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NAME = "risicoscreener"
CLOSURE = """
import importlib.metadata as m, json, sys
from packaging.requirements import Requirement
waiting, found = [(sys.argv[1], frozenset())], set()
while waiting:
    name, extras = waiting.pop()
    if (name.lower(), extras) in found:
        continue
    found.add((name.lower(), extras))
    for text in m.requires(name) or ():
        r = Requirement(text)
        if r.marker is None or any(r.marker.evaluate({"extra": e}) for e in (extras or {""})):
            waiting.append((r.name, frozenset(r.extras)))
print(json.dumps(sorted({name for name, _ in found})))
"""


def normal(name: str) -> str:
    """A name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def said_by(words: list[str]) -> str:
    """What a program writes."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def bill(python: str, cyclonedx: str) -> dict[str, Any]:
    """The bill of materials."""
    needed = {normal(n) for n in json.loads(said_by([python, "-c", CLOSURE, NAME]))}
    words = [cyclonedx, "environment", python, "--pyproject", str(ROOT / "pyproject.toml")]
    whole = json.loads(said_by([*words, "--output-reproducible", "--output-format", "JSON"]))
    root = whole["metadata"]["component"]
    kept = [c for c in whole["components"] if normal(c["name"]) in needed - {NAME}]
    kept = sorted(({k: c[k] for k in c if k not in _LEFT_OUT} for c in kept), key=_order)
    refs = {c["bom-ref"] for c in kept} | {root["bom-ref"]}
    edges = [
        {"ref": d["ref"], "dependsOn": sorted(refs & set(d.get("dependsOn", ())))}
        for d in whole["dependencies"]
        if d["ref"] in refs
    ]
    missing = needed - {NAME} - {normal(c["name"]) for c in kept}
    if missing:
        raise SystemExit(f"not in the environment: {', '.join(sorted(missing))}")
    tools = [{k: t[k] for k in t if k not in _LEFT_OUT} for t in _tools(whole)]
    metadata = {**whole["metadata"], "tools": {"components": tools}}
    return {**whole, "metadata": metadata, "components": kept, "dependencies": edges}


_LEFT_OUT = ("properties", "externalReferences")
"""Where a package lives on the web changes without the package."""


def _tools(whole: dict[str, Any]) -> list[dict[str, Any]]:
    tools: list[dict[str, Any]] = whole["metadata"].get("tools", {}).get("components", [])
    return tools


def _order(component: dict[str, Any]) -> str:
    return normal(component["name"])


def listed(plain: dict[str, Any]) -> set[str]:
    """Names and versions of a bill."""
    return {f"{c['name']} {c['version']}" for c in plain["components"]}


def main(words: list[str]) -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("python")
    ask.add_argument("--cyclonedx", default="cyclonedx-py")
    ask.add_argument("-o", "--out", type=Path, default=ROOT / "docs" / "sbom.json")
    ask.add_argument("--check", action="store_true")
    asked = ask.parse_args(words)
    made = bill(asked.python, asked.cyclonedx)
    if asked.check:
        there = json.loads(asked.out.read_text("utf-8"))
        differ = sorted(listed(made) ^ listed(there))
        print("\n".join(differ) or f"{asked.out} lists what is installed")
        return int(bool(differ))
    asked.out.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"{len(made['components'])} packages in {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
