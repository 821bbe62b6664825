"""What R answered is stored beside the script that asked it; where R is, it is asked again."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ORACLES = Path(__file__).parent / "oracles"
TOPICS = sorted(path.parent.name for path in ORACLES.glob("*/make.R"))
REQUIRED = os.environ.get("RISICOSCREENER_REQUIRE_R") == "1"
TOLERANCE = 1e-6
"""Relative: another build of the linear algebra may differ in the last digits of an optimum."""


def packages(script: Path) -> set[str]:
    """Names of the R packages that a script uses."""
    text = script.read_text("utf-8")
    loaded = re.findall(r"(?:library|require)\((\w[\w.]*)\)", text)
    return {*loaded, *re.findall(r"\b([A-Za-z][\w.]*)::", text)}


@cache
def installed(package: str) -> bool:
    asked = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
    return (
        subprocess.run(["Rscript", "-e", asked], capture_output=True, check=False).returncode == 0
    )


def lacking(script: Path) -> str | None:
    """What is not there to run a script, or None."""
    if shutil.which("Rscript") is None:
        return "R"
    absent = sorted(name for name in packages(script) if not installed(name))
    return f"R packages {', '.join(absent)}" if absent else None


@pytest.mark.parametrize("topic", TOPICS)
def test_each_package_that_is_asked_is_among_those_that_are_installed_for_it(topic: str) -> None:
    """Where a script is written, more is often there than a fresh machine has."""
    listed = (ORACLES.parent.parent / ".ci" / "r-packages.txt").read_text("utf-8")
    known = set(re.findall(r"^r-cran-([a-z0-9.]+)$", listed, re.MULTILINE)) | {"stats", "utils"}
    asked = {name.lower() for name in packages(ORACLES / topic / "make.R")}
    assert asked <= known


def assert_same(stored: Any, found: Any, place: str) -> None:
    if isinstance(stored, dict):
        assert isinstance(found, dict), place
        assert stored.keys() == found.keys(), place
        for name in stored:
            assert_same(stored[name], found[name], f"{place}.{name}")
    elif isinstance(stored, list):
        assert isinstance(found, list), place
        assert len(stored) == len(found), place
        for i, (one, other) in enumerate(zip(stored, found, strict=True)):
            assert_same(one, other, f"{place}[{i}]")
    elif isinstance(stored, float) or isinstance(found, float):
        assert math.isclose(stored, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE), (
            f"{place}: stored {stored}, R now gives {found}"
        )
    else:
        assert stored == found, place


@pytest.mark.parametrize("topic", TOPICS)
def test_r_gives_again_what_is_stored(topic: str, tmp_path: Path) -> None:
    script = ORACLES / topic / "make.R"
    absent = lacking(script)
    if absent is not None:
        assert not REQUIRED, f"{absent} must be installed here"
        pytest.skip(f"{absent} not installed")
    done = subprocess.run(
        ["Rscript", "--vanilla", "make.R", str(tmp_path)],
        cwd=script.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    stored = json.loads((script.parent / "expected.json").read_text("utf-8"))
    assert_same(stored, json.loads((tmp_path / "expected.json").read_text("utf-8")), topic)
