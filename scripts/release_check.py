"""Builds wheel and source archive, and uses them where nothing else of the checkout is.

    python scripts/release_check.py                       all Pythons from 3.11 on that are found
    python scripts/release_check.py --python 3.12 3.13    these
    python scripts/release_check.py --out DIR             keep the archives there

For each Python: an empty environment, the wheel with the pinned dependencies, `py.typed`, a
screening of each example by Python and by the command, compared with the golden results of this
release, and of a small cohort, which has to be the same to the byte on each Python. The source
archive is installed once, and CITATION.cff is validated by cffconvert, each in an environment of
its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COHORT = ROOT / "data" / "synthetic" / "sentenced_40"
LEAST = (3, 11)
NEEDED_IN_WHEEL = ("risicoscreener/py.typed", "risicoscreener/models/bundles/")
NEEDED_IN_SOURCES = (
    "tests/cases.py",
    "docs/index.md",
    "LICENSE",
    "CITATION.cff",
    "constraints.txt",
)

USE = """
import json, sys
from importlib.resources import files
from pathlib import Path
import risicoscreener as rs
assert (files("risicoscreener") / "py.typed").is_file(), "py.typed is missing"
assert "site-packages" in rs.__file__, rs.__file__
examples, golden = Path(sys.argv[1]), Path(sys.argv[2])
screener = rs.Screener.load()
compared = 0
for path in sorted(examples.glob("*.json")):
    data = path.read_bytes()
    for kind in screener.policies.kinds(screener.screen(data, "leave").as_of):
        expected = json.loads((golden / f"{path.stem}-{kind}.json").read_text("utf-8"))
        assert screener.screen(data, kind).to_dict() == expected, (path.name, kind)
        compared += 1
assert compared
print(compared)
"""


def pythons(wanted: list[str]) -> dict[str, Path]:
    """Pythons on this machine by version, each that is new enough once; the asked ones if any."""
    found: dict[str, Path] = {}
    for path in _candidates():
        asked = subprocess.run(
            [path, "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
            capture_output=True,
            text=True,
            check=False,
        )
        version = asked.stdout.strip()
        if asked.returncode == 0 and tuple(map(int, version.split("."))) >= LEAST:
            found.setdefault(version, path)
    missing = [version for version in wanted if version not in found]
    if missing:
        raise SystemExit(f"Python {', '.join(missing)} is not on this machine")
    return {v: found[v] for v in sorted(found, key=_as_numbers) if not wanted or v in wanted}


def _as_numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _candidates() -> Iterator[Path]:
    yield Path(sys.executable).resolve()
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(pyenv.glob("*/bin/python"), reverse=True)
    for minor in range(LEAST[1], 30):
        if path := shutil.which(f"python3.{minor}"):
            yield Path(path)


def build(out: Path) -> tuple[Path, Path]:
    """The wheel and the source archive, made by hatchling."""
    _run([sys.executable, "-m", "hatchling", "build", "-d", str(out)], cwd=ROOT)
    (wheel,), (sources,) = out.glob("*.whl"), out.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        _check_names(wheel.name, archive.namelist(), NEEDED_IN_WHEEL)
    with tarfile.open(sources) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
        _check_names(sources.name, names, NEEDED_IN_SOURCES)
    return wheel, sources


def _check_names(archive: str, names: list[str], needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if not any(one.startswith(name) for one in names)]
    hidden = [n for n in names if "/." in f"/{n}" and not n.endswith(".gitignore")]
    if missing or hidden:
        raise SystemExit(f"{archive}: missing {missing}, should not be there {hidden[:5]}")


def use(python: Path, archive: Path, folder: Path) -> str:
    """Install in an empty environment and screen; what was found."""
    environment = folder / "environment"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    clean.pop("VIRTUAL_ENV", None)
    _run([str(python), "-m", "venv", str(environment)], cwd=folder, env=clean)
    own = environment / "bin" / "python"
    constraints = ["--constraint", str(ROOT / "constraints.txt")]
    pip = [str(own), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, *constraints, str(archive)], cwd=folder, env=clean)
    golden = ROOT / "tests" / "screening" / "golden" / _version()
    compared = _run(
        [str(own), "-c", USE, str(ROOT / "examples"), str(golden)], cwd=folder, env=clean
    )
    command = str(environment / "bin" / "risicoscreener")
    said = _run(
        [command, "screen", str(ROOT / "examples" / "grant.json"), "--json"], cwd=folder, env=clean
    )
    assert json.loads(said)["outcome"] == "grant"
    _run([command, "bundle", "verify"], cwd=folder, env=clean)
    many = [command, "screen-many", str(COHORT / "dossiers"), "--out", "results.csv"]
    _run([*many, "--index", str(COHORT / "index.parquet")], cwd=folder, env=clean)
    digest = hashlib.sha256((folder / "results.csv").read_bytes()).hexdigest()
    return f"{compared.strip()} screenings are those of the release, cohort {digest[:16]}"


def _version() -> str:
    text = (ROOT / "src" / "risicoscreener" / "__init__.py").read_text("utf-8")
    return re.findall(r'^__version__ = "(.*)"$', text, re.MULTILINE)[0]


def validate_citation(python: Path, folder: Path) -> str:
    """CITATION.cff by cffconvert, which wants other versions of what we use than we do."""
    _run([str(python), "-m", "venv", str(folder / "cff")], cwd=folder)
    own = str(folder / "cff" / "bin" / "python")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([own, *install, "cffconvert==2.0.0", "setuptools<81"], cwd=folder)
    command = str(folder / "cff" / "bin" / "cffconvert")
    return _run([command, "--validate", "-i", str(ROOT / "CITATION.cff")], cwd=folder).strip()


def _run(words: list[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", nargs="+", default=[], metavar="VERSION")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep wheel and sources here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        out = arguments.out or folder / "dist"
        out.mkdir(parents=True, exist_ok=True)
        wheel, sources = build(out)
        for path in (wheel, sources):
            print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
        found = pythons(arguments.python)
        todo = [(version, path, wheel) for version, path in found.items()]
        newest = next(reversed(found))
        said_of = set()
        for version, path, archive in [*todo, (newest, found[newest], sources)]:
            start = time.perf_counter()
            place = folder / f"{version}-{archive.suffix[1:]}"
            place.mkdir()
            said = use(path, archive, place)
            shutil.rmtree(place)
            said_of.add(said)
            took = time.perf_counter() - start
            print(f"Python {version}, {archive.name}: {said} ({took:.0f} s)", flush=True)
        if len(said_of) > 1:
            raise SystemExit("a Python gives other results than another")
        print(validate_citation(next(iter(found.values())), folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
