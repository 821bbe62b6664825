"""Everything that reads files, with damaged ones; many more by `python scripts/fuzz.py all`."""

from __future__ import annotations

import tempfile
import warnings

import pytest

import fuzz
from fuzz_parsers import PARSERS

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


MADE_UP = {"view", "second_reading", "entries", "meanings", "run", "key", "features", "instrument"}
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
