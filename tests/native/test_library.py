"""The compiled library is used if it belongs to the package, and is left out without harm."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from risicoscreener import native
from risicoscreener.native import building, loading

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rustc():
    found = building.compiler()
    if found is None or shutil.which(found) is None:
        if building.required():
            pytest.fail("there is no rustc")
        pytest.skip("there is no rustc")
    return found


def python(code, **env):
    """What a new process says, with other variables of the environment."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **env},
    )
    return done.stdout.strip()


def test_it_can_be_switched_off_for_a_while(library):
    assert native.available()
    assert native.why_not() is None
    with native.without():
        assert not native.available()
        with native.without():
            assert native.library() is None
        assert native.why_not() == "it is switched off here"
    assert native.library() is library


def test_it_is_not_loaded_where_the_environment_says_so():
    code = "from risicoscreener import native; print(native.available(), native.why_not())"
    assert python(code, RISICOSCREENER_NATIVE="off").startswith("False RISICOSCREENER_NATIVE")


def test_it_is_not_loaded_before_somebody_is_screened(library):
    code = (
        "import risicoscreener\n"
        "from risicoscreener.native.loading import _State\n"
        "print(_State.looked)"
    )
    assert python(code) == "False"


def test_a_file_that_is_not_there_is_no_library(tmp_path):
    found, why = loading.load(tmp_path / building.NAME)
    assert found is None
    assert "installed without a Rust compiler" in why


def test_a_file_that_is_damaged_is_no_library(tmp_path):
    damaged = tmp_path / building.NAME
    damaged.write_bytes(b"\x7fELF and nothing after it")
    found, why = loading.load(damaged)
    assert found is None
    assert "cannot be loaded" in why


def test_a_library_of_another_agreement_is_not_used(library, tmp_path, monkeypatch):
    copy = tmp_path / building.NAME
    shutil.copy(library.path, copy)
    monkeypatch.setattr(loading, "ABI", loading.ABI + 1)
    found, why = loading.load(copy)
    assert found is None
    assert f"expected {loading.ABI}" in why


def test_a_library_of_other_sources_is_not_used(library, tmp_path, monkeypatch):
    copy = tmp_path / building.NAME
    shutil.copy(library.path, copy)
    assert loading.load(copy)[0] is not None
    sources = tmp_path / "rust"
    shutil.copytree(building.SOURCES, sources)
    with (sources / "lib.rs").open("a") as file:
        file.write("// another line\n")
    digest = building.digest_of_sources(sources)
    monkeypatch.setattr(building, "digest_of_sources", lambda: digest)
    found, why = loading.load(copy)
    assert found is None
    assert "python -m risicoscreener.native" in why


def test_sources_are_the_same_whatever_system_wrote_their_lines(tmp_path):
    for path in building.SOURCES.glob("*.rs"):
        (tmp_path / path.name).write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert building.digest_of_sources(tmp_path) == building.digest_of_sources()


def test_without_a_compiler_it_is_left_out(tmp_path, monkeypatch):
    monkeypatch.delenv("RISICOSCREENER_NATIVE", raising=False)
    monkeypatch.delenv("RISICOSCREENER_REQUIRE_NATIVE", raising=False)
    monkeypatch.setenv("RUSTC", str(tmp_path / "no-rustc"))
    assert not building.build_if_possible(tmp_path / building.NAME, say=print)
    assert not list(tmp_path.iterdir())


def test_where_it_is_asked_for_its_absence_is_an_error(tmp_path, monkeypatch):
    monkeypatch.delenv("RISICOSCREENER_NATIVE", raising=False)
    monkeypatch.setenv("RISICOSCREENER_REQUIRE_NATIVE", "1")
    monkeypatch.setenv("RUSTC", str(tmp_path / "no-rustc"))
    with pytest.raises(building.BuildingError, match="asked for"):
        building.build_if_possible(tmp_path / building.NAME)


def test_it_is_not_built_where_it_is_switched_off(tmp_path, monkeypatch):
    monkeypatch.setenv("RISICOSCREENER_NATIVE", "off")
    assert not building.build_if_possible(tmp_path / building.NAME)


def test_a_compiler_that_refuses_is_quoted_and_leaves_what_was_there(tmp_path, monkeypatch):
    monkeypatch.delenv("RISICOSCREENER_NATIVE", raising=False)
    refuses = tmp_path / "rustc"
    refuses.write_text("#!/bin/sh\necho 'error: no' >&2\nexit 1\n")
    refuses.chmod(0o755)
    monkeypatch.delenv("RISICOSCREENER_REQUIRE_NATIVE", raising=False)
    monkeypatch.setenv("RUSTC", str(refuses))
    target = tmp_path / "lib" / building.NAME
    target.parent.mkdir()
    target.write_bytes(b"as it was")
    heard = []
    assert not building.build_if_possible(target, say=heard.append)
    assert "error: no" in heard[0]
    assert target.read_bytes() == b"as it was"
    assert sorted(p.name for p in target.parent.iterdir()) == [building.NAME]


def test_it_compiles_without_a_warning(rustc, tmp_path):
    done = subprocess.run(
        [
            *(rustc, "--edition=2021", "--crate-type=cdylib", "-Dwarnings", "--emit=metadata"),
            *("-o", str(tmp_path / "out"), str(building.SOURCES / "lib.rs")),
        ],
        env={**os.environ, "RISICOSCREENER_SOURCES": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr


def test_only_the_border_may_be_unsafe():
    for path in building.SOURCES.glob("*.rs"):
        text = path.read_text("utf-8")
        if path.stem not in ("lib", "border"):
            assert "#![forbid(unsafe_code)]" in text, path.name
            assert not re.search(r"\bunsafe\b(?!_code)", text), path.name
    assert "#![deny(unsafe_code)]" in (building.SOURCES / "lib.rs").read_text("utf-8")


def test_it_needs_nothing_but_the_standard_library():
    named = {
        name
        for path in building.SOURCES.glob("*.rs")
        for name in re.findall(r"^(?:pub )?use (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named <= {"std", "crate"}


def test_a_wheel_with_it_says_for_what_machine_and_one_without_is_for_any(rustc, tmp_path):
    hatchling = pytest.importorskip("hatchling.build")
    assert hatchling
    made = {}
    for switch in ("on", "off"):
        folder = tmp_path / switch
        folder.mkdir()
        code = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "RISICOSCREENER_NATIVE": switch},
            capture_output=True,
            text=True,
            check=True,
        )
        name = done.stdout.split()[-1]
        with zipfile.ZipFile(folder / name) as wheel:
            made[switch] = name, set(wheel.namelist())
    inside = f"risicoscreener/native/{building.NAME}"
    assert "-py3-none-any" not in made["on"][0]
    assert made["off"][0].endswith("-py3-none-any.whl")
    assert inside in made["on"][1]
    assert {n for n in made["on"][1] if n.endswith(".rs")}
    assert made["off"][1] == {
        name.replace(made["on"][0], made["off"][0]) for name in made["on"][1] if name != inside
    }
