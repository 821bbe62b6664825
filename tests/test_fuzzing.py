"""Everything that reads files, with damaged ones; many more by `python scripts/fuzz.py all`."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import pytest

import fuzz
import risicoscreener
from fuzz_parsers import PARSERS
from fuzz_readers import readers

INPUTS = 8
FOUND_ONCE: dict[str, tuple[int, ...]] = {}
"""Inputs of seed 1 of which something was wrong once, by parser."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("here", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_files_are_read_or_refused_and_nothing_else(name, folder):
    parser = PARSERS[name]
    refused = 0
    for number in [*range(INPUTS), *FOUND_ONCE.get(name, ())]:
        file, content = fuzz.damaged(name, parser, 1, number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", RuntimeWarning)
            refused += fuzz.tried(parser, file, content, folder) is not None
    assert refused


@pytest.mark.parametrize("name", PARSERS)
def test_files_that_are_not_damaged_are_read(name, folder):
    parser = PARSERS[name]
    for file, content in parser.seeds()[:3]:
        reason = fuzz.tried(parser, file, content, folder)
        assert reason is None or name in MADE_UP, reason


MADE_UP = {"entries", "meanings", "run", "key", "features", "instrument"}
"""Parsers of which the files to start from are not whole; they are refused at their last check."""


def test_an_input_is_the_same_each_time():
    parser = PARSERS["policy"]
    assert fuzz.damaged("policy", parser, 1, 7) == fuzz.damaged("policy", parser, 1, 7)
    assert fuzz.damaged("policy", parser, 1, 7) != fuzz.damaged("policy", parser, 1, 8)


def reads(what):
    def read(path):
        what(path)

    return fuzz.Parser(read, lambda: [("a.txt", b"good")], lambda rng, data: data)


def test_what_should_not_be_is_found(monkeypatch):
    def leave(path):
        (path.parent.parent / "here" / "left").write_text("x")

    def lost(_):
        import os

        os._exit(3)

    def odd(_):
        raise KeyError("odd")

    monkeypatch.setattr(fuzz, "_warm", lambda parser: None)
    harms = {"odd": odd, "leave": leave, "lost": lost}
    monkeypatch.setattr(fuzz, "PARSERS", {name: reads(what) for name, what in harms.items()})
    said = {
        name: next(iter(fuzz.fuzz(name, inputs=2, seconds=60, seed=1).findings.values()))[1]
        for name in harms
    }
    assert said["odd"] == "KeyError: 'odd'"
    assert "left behind: here/left" in said["leave"]
    assert said["lost"] == "the process ended"


# --- whether there is nothing that has no fuzzer -------------------------------------------------

PACKAGE = Path(risicoscreener.__file__).parent
NOT_FROM_FILES = {
    "cli/capacity.py:_as_setting": "a word of a command",
    "cli/conditions.py:_dossier": "tells dossiers from answers; each has its parser",
    "cli/intake.py:json_of": "a dossier that was read",
    "cli/looking.py:_features": "a table that was made here",
    "cli/policies.py:_dmn_import": "opens what `dmn` reads",
    "cli/sharing.py:_open": "opens what `view` reads",
    "evaluation/wording.py:_texts": "ships with the package",
    "evaluation/wording.py:measure_texts": "ships with the package",
    "instruments/golden.py:_read": "ships with the package",
    "instruments/shipped.py:_load": "ships with the package",
    "impact/capacity/settings.py:defaults": "ships with the package",
    "impact/capacity/settings.py:shipped_tasks": "ships with the package",
    "native/building.py:digest_of_sources": "ships with the package",
    "native/building.py:is_fresh": "made by whoever builds the library",
    "reentry/notices/entries.py:entries_as_lines": "entries that were made here",
    "report/evaluation/svg.py:cleaned": "a picture that was made here",
    "scale/carried.py:CarriedFeatures.catalogue": "sent by a process to another",
    "scale/carried.py:_made": "sent by a process to another",
    "scale/runs/days.py:_checked": "reads what `index` reads; tests/scale/test_runs.py",
    "scale/runs/inputs.py:Part.person_ids": "reads what `parquet` reads; tests/scale/test_runs.py",
    "scale/runs/inputs.py:look_at": "bytes of which a hash is made",
    "screening/record/checkpoint.py:keep": "opens to write",
    "screening/record/decision.py:reasons": "ships with the package",
    "screening/record/decision.py:second_reader_rules": "ships with the package",
    "screening/record/entries.py:drafted": "facts that were written here",
    "screening/record/replaying.py:_shown": "a result that was made here",
    "screening/record/retention.py:_file": "ships with the package",
    "serve/keys.py:_fetch": "what `jwks` reads, from an address",
    "serve/logs.py:Log.say": "a line that was made here",
    "serve/pages.py:_try_page": "ships with the package",
    "synthetic/storing/card.py:DataCard.write": "a card that was made here",
    "writing.py:_to_disk": "opens to write",
}
"""Functions that read something that no damaged file can be given to, and why."""


def test_everything_that_reads_a_file_is_given_damaged_ones(folder):
    reads = readers(PACKAGE)
    given = {f"{module}:{name}" for module, name in reached(folder)}
    forgotten = {name for name in reads if name not in given} - set(NOT_FROM_FILES)
    assert not forgotten, "give these a parser in scripts/fuzz_parsers.py, or say why none"
    gone = set(NOT_FROM_FILES) - set(reads)
    assert not gone, "these are no more"


def reached(folder):
    """Functions that run when files are read: a good one of each kind, and a damaged one."""
    made = {name: parser.seeds() for name, parser in PARSERS.items()}
    seen = set()

    def look(frame, event, _):
        if event == "call":
            seen.add(frame.f_code)

    threading.setprofile(look)
    sys.setprofile(look)
    try:
        for name, parser in PARSERS.items():
            kinds = {Path(file).suffix: (file, content) for file, content in made[name]}
            for file, content in [*kinds.values(), fuzz.damaged(name, parser, 1, 1)]:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    fuzz.tried(parser, file, content, folder)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    inside = f"{PACKAGE}{os.sep}"
    return {
        (Path(code.co_filename).relative_to(PACKAGE).as_posix(), code.co_qualname)
        for code in seen
        if code.co_filename.startswith(inside)
    }


def test_a_reader_that_is_forgotten_is_seen(tmp_path):
    (tmp_path / "a.py").write_text(
        "class A:\n    def read(self, path):\n        return path.read_bytes()\n"
        "def shipped():\n    return (files('x') / 'a').read_text('utf-8')\n"
        "def low(path):\n    return os.open(path, 0)\n"
    )
    assert readers(tmp_path) == {"a.py:A.read": {"read_bytes"}}
