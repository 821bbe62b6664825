"""The record of every release is verified, shown and repeated by this one."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest

from golden_record import CHECKPOINTS, RECORD
from golden_results import FOLDER
from risicoscreener import __version__
from risicoscreener.screening.record import (
    RecordLog,
    decision_body,
    open_log,
    read_checkpoints,
    replay_all,
    result_of,
    standing,
)
from risicoscreener.screening.record.entries import shown

RELEASES = sorted(path.parent for path in FOLDER.rglob(RECORD))


@pytest.fixture(params=RELEASES, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def log(folder: Path, tmp_path: Path) -> Iterator[RecordLog]:
    """A copy of the record, in a file of its own."""
    path = tmp_path / "record.db"
    path.write_bytes(lzma.decompress((folder / RECORD).read_bytes()))
    with open_log(path) as log:
        yield log


def test_this_release_has_a_record():
    assert __version__ in {folder.name for folder in RELEASES}


def test_it_is_proven_up_to_its_checkpoint(folder, log):
    found = log.verify(read_checkpoints(folder / CHECKPOINTS))
    assert found.ok, found.text("en")
    assert found.proven_to == found.entries == len(log)
    assert [(one.sequence, one.basis) for one in found.deleted] == [(2, "court")]


def test_each_screening_is_repeated_to_the_byte_from_what_is_stored_with_it(log):
    """With the policies, models and definitions of then, whatever is shipped now."""
    assert [one.status for one in replay_all(log)] == ["same", "deleted", "same"]


def test_each_entry_can_be_read_and_shown(log):
    kinds = [entry.link.kind for entry in log.entries()]
    assert set(kinds) == {"screening", "decision", "second_reading", "deletion", "key"}
    for entry in log.entries():
        assert ("says" in shown(entry)) is (entry.payload is not None)


def test_decisions_say_themselves_and_how_they_stand(log):
    decisions = [entry for entry in log.entries() if entry.link.kind == "decision"]
    bodies = [decision_body(entry) for entry in decisions]
    assert [(b.advice, b.decision.outcome, b.direction) for b in bodies] == [
        ("grant", "grant", "agreed"),
        ("deny", "grant", "up"),
        ("deep_assessment", "deny", "down"),
    ]
    assert [standing(log, entry) for entry in decisions] == ["final", "not_agreed", "final"]
    for body in bodies:
        assert body.text("nl") != body.text("en")


def test_results_speak(log):
    results = [
        result_of(entry)
        for entry in log.entries()
        if entry.link.kind == "screening" and entry.payload is not None
    ]
    assert [result.outcome for result in results] == ["grant", "deny"]
    assert all(result.text("nl") != result.text("en") for result in results)
