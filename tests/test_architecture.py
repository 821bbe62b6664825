"""Imports go one way, and what a caller with one record does not need is not loaded."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import risicoscreener
from architecture import parts_imported

PACKAGE = Path(risicoscreener.__file__).parent
BASE = {
    "errors",
    "strict_json",
    "strict_toml",
    "templating",
    "texts",
    "writing",
    "native",
    "deprecation",
}
MAY_IMPORT = {
    "errors": set(),
    "texts": {"errors"},
    "strict_json": set(),
    "strict_toml": set(),
    "templating": set(),
    "writing": set(),
    "native": set(),
    "deprecation": {"errors"},
    "dossier": BASE,
    "features": BASE | {"dossier"},
    "evaluation": BASE,
    "models": BASE | {"dossier", "features", "evaluation"},
    "decision": BASE,
    "conduct": BASE | {"dossier", "features"},
    "victims": BASE | {"dossier", "features"},
    "screening": BASE | {"dossier", "features", "models", "decision", "conduct", "victims"},
    "impact": BASE | {"dossier", "features", "models", "decision", "screening", "evaluation"},
    "monitoring": BASE | {"dossier", "features", "models", "decision", "screening", "evaluation"},
    "report": BASE
    | {"dossier", "features", "models", "decision", "conduct", "victims", "screening"}
    | {"impact", "evaluation", "reentry", "governance", "monitoring"},
    "reentry": BASE
    | {"dossier", "features", "models", "decision", "conduct", "victims", "screening"}
    | {"evaluation"},
    "governance": BASE
    | {"dossier", "features", "models", "decision", "conduct", "victims", "screening"}
    | {"impact", "evaluation", "reentry", "monitoring"},
    "scale": BASE | {"dossier", "features", "models", "decision", "screening"},
    "synthetic": BASE | {"dossier", "evaluation"},
    "datasets": BASE | {"dossier", "features"},
    "instruments": BASE | {"dossier", "features", "models"},
}
MAY_IMPORT["serve"] = set(MAY_IMPORT)
MAY_IMPORT["cli"] = set(MAY_IMPORT)
"""For each part of the package the parts that its modules may import, besides itself.

The command line and the package's own table of contents may import everything.
"""
MODULES = [
    Path("errors.py"),
    Path("strict_json.py"),
    Path("strict_toml.py"),
    Path("templating.py"),
    Path("texts.py"),
    Path("writing.py"),
    Path("deprecation.py"),
    *sorted(p.relative_to(PACKAGE) for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE),
]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_imports_only_what_its_part_may(module):
    part = module.parts[0].removesuffix(".py")
    assert part in MAY_IMPORT, f"say in MAY_IMPORT what {part} may import"
    assert parts_imported(PACKAGE / module) - {part} <= MAY_IMPORT[part]


def test_no_part_imports_itself_by_a_detour():
    def reached(part: str) -> set[str]:
        direct = MAY_IMPORT[part]
        return direct | {far for near in direct for far in reached(near)}

    assert all(part not in reached(part) for part in MAY_IMPORT)


def test_every_module_that_the_walk_through_the_code_names_is_there():
    page = (Path(__file__).parent.parent / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|toml))`", page))
    here = {name for name in named if (PACKAGE / name).is_file()}
    assert len(here) > 30
    assert named - here == {"tests/test_architecture.py"}


def modules_loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


HEAVY = {"sklearn", "statsmodels", "matplotlib", "scipy", "pandas", "pyarrow", "joblib", "rich"}


def test_importing_the_package_loads_no_heavy_library():
    assert not modules_loaded_by("import risicoscreener") & {*HEAVY, "numpy", "msgspec"}


def test_screening_one_record_loads_no_heavy_library():
    example = Path(__file__).parent.parent / "examples" / "grant.json"
    code = f"import risicoscreener as rs; rs.screen(open({str(example)!r}, 'rb').read())"
    assert not modules_loaded_by(code) & HEAVY
