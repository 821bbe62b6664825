"""What is public, with signatures: tests/golden/api.json, and what a change does to callers.

    python scripts/public_api.py             write the list
    python scripts/public_api.py --check     say what breaks (exit code 1) and what is new

Public is what the `__all__` of a package names; of a class also its public methods and
attributes, with those that it has of other classes of the package. Signatures are read from the
sources (griffe), so that they are the same on each Python.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden" / "api.json"
PACKAGE = "risicoscreener"


def public_api(source: Path = ROOT / "src") -> dict[str, Any]:
    """Every public name with what a caller relies on, in the order of the alphabet."""
    loaded = griffe.load(PACKAGE, search_paths=[str(source)], resolve_aliases=True)
    found = {}
    for package in packages(source):
        module = loaded if package == PACKAGE else loaded[package.removeprefix(f"{PACKAGE}.")]
        for name in names_of(package):
            member = module.members.get(name) or elsewhere(loaded, package, name)
            found[f"{package}.{name}"] = described(final(member))
    return dict(sorted(found.items()))


def packages(source: Path) -> Iterator[str]:
    """The package and its packages, by name; the command line is public by its options alone."""
    for path in sorted((source / PACKAGE).rglob("__init__.py")):
        parts = path.parent.relative_to(source).parts
        if "cli" not in parts:
            yield ".".join(parts)


def names_of(package: str) -> list[str]:
    """The names in `__all__`, which some packages put together when they are imported."""
    return sorted(getattr(importlib.import_module(package), "__all__", []))


def elsewhere(loaded: Any, package: str, name: str) -> Any:
    """A name that a package has of another one as a whole: where it was defined."""
    value = getattr(importlib.import_module(package), name)
    home = getattr(value, "__module__", "").removeprefix(f"{PACKAGE}.")
    try:
        return loaded[home].members.get(name)
    except KeyError:
        return None


def final(found: Any) -> Any:
    """What a name stands for in the end; None where that cannot be read from the sources."""
    while found is not None and found.is_alias:
        try:
            found = found.final_target
        except (griffe.AliasResolutionError, griffe.CyclicAliasError):
            return None
    return found


def described(found: Any) -> dict[str, Any]:
    """What a caller relies on."""
    if found is None:
        return {"kind": "unknown"}
    said: dict[str, Any] = {"kind": found.kind.value}
    if found.is_function:
        said["parameters"] = [parameter(one) for one in found.parameters]
        said["returns"] = str(found.returns) if found.returns is not None else None
    elif found.is_class:
        said["bases"] = [str(base) for base in found.bases]
        inherited = {
            name: member
            for name, member in found.inherited_members.items()
            if not name.startswith("_")  # how an instance is made is said where it differs
        }
        said["members"] = {
            name: described(final(member))
            for name, member in sorted({**inherited, **found.members}.items())
            if is_public(name, final(member))
        }
    elif found.is_attribute:
        said["annotation"] = str(found.annotation) if found.annotation is not None else None
    return said


def is_public(name: str, member: Any) -> bool:
    """Whether a member is one that callers use; how an instance is made is one."""
    if member is None or member.is_module:
        return False
    return name == "__init__" or not name.startswith("_")


def parameter(one: Any) -> str:
    """A parameter as in a signature, with its kind where that is not the usual one."""
    text = f"{one.name}: {one.annotation}" if one.annotation is not None else one.name
    if one.default is not None and one.kind.value not in (
        "variadic positional",
        "variadic keyword",
    ):
        text += f" = {one.default}"
    kind = one.kind.value
    return text if kind == "positional or keyword" else f"[{kind}] {text}"


def differences(old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What breaks callers, and what is new, in words."""
    breaks, added = [], []
    for name in sorted({*old, *new}):
        if name not in new:
            breaks.append(f"{name} is gone")
        elif name not in old:
            added.append(f"{name} is new")
        else:
            one = _of_one(name, old[name], new[name])
            breaks += one[0]
            added += one[1]
    return breaks, added


def _of_one(name: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[list[str], list[str]]:
    breaks, added = differences(
        {f"{name}.{member}": said for member, said in old.get("members", {}).items()},
        {f"{name}.{member}": said for member, said in new.get("members", {}).items()},
    )
    if old["kind"] != new["kind"]:
        breaks.append(f"{name} was a {old['kind']} and is a {new['kind']}")
    before, after = old.get("parameters"), new.get("parameters")
    if before != after and before is not None and after is not None:
        is_longer = after[: len(before)] == before and all(
            map(_can_be_left_out, after[len(before) :])
        )
        change = f"{name}({', '.join(before)}) is now ({', '.join(after)})"
        (added if is_longer else breaks).append(change)
    for key in ("returns", "annotation", "bases"):
        if old.get(key) != new.get(key):
            breaks.append(f"{name}: {key} was {old.get(key)} and is {new.get(key)}")
    return breaks, added


def _can_be_left_out(text: str) -> bool:
    return " = " in text or text.startswith("[variadic")


def text_of(found: dict[str, Any]) -> str:
    """The list as its file has it."""
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    found = public_api()
    if not parser.parse_args().check:
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(text_of(found), "utf-8")
        print(f"{len(found)} public names in {GOLDEN.relative_to(ROOT)}")
        return 0
    breaks, added = differences(json.loads(GOLDEN.read_text("utf-8")), found)
    for title, lines in (("breaks callers", breaks), ("is new", added)):
        for line in lines:
            print(f"{title}: {line}")
    if not breaks and not added:
        print("nothing public has changed")
    return 1 if breaks else 0


if __name__ == "__main__":
    sys.exit(main())
