"""Whether a record is what was written: nothing changed, removed, added or moved.

What can be seen without a checkpoint: that an entry was changed, removed from the middle, added
between others or moved, that what an entry says was changed or is gone without a marker, that what
it rests on was changed or is gone. What needs a checkpoint that is kept elsewhere: that the end was
cut off, and that somebody who can write the record wrote all of it again. What no checkpoint shows:
that something was never recorded, or false from the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from risicoscreener.errors import RecordError
from risicoscreener.screening.record.chain import (
    Entry,
    Link,
    link_hash,
    payload_hash,
    sha256_of,
    start_of,
)
from risicoscreener.screening.record.checkpoint import is_signed_well
from risicoscreener.screening.record.entries import DeletionBody, body_of
from risicoscreener.screening.record.retention import bases
from risicoscreener.screening.record.storage import read_link
from risicoscreener.screening.record.wording import say

if TYPE_CHECKING:
    from risicoscreener.models.signing import PublicKey
    from risicoscreener.screening.record.checkpoint import Checkpoint
    from risicoscreener.screening.record.log import RecordLog
    from risicoscreener.screening.record.storage import Execute, StoredEntry
    from risicoscreener.texts import Texts


STRAY = """
    SELECT p.sequence FROM record_payload p
    WHERE NOT EXISTS (SELECT 1 FROM record_link l WHERE l.sequence = p.sequence)
"""


class RecordProblem(Struct, frozen=True):
    """Something that is not as it was written: a code, the entry, and what it means."""

    code: str
    sequence: int
    text: Texts


class DeletedEntry(Struct, frozen=True):
    """An entry that was deleted: its sequence, under which basis, and by which marker."""

    sequence: int
    basis: str
    marker: int


class Verification(Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes
    ----------
    entries
        How many there are.
    head
        The hash of the last.
    problems
        Everything that is wrong, in order.
    deleted
        What was deleted under a basis: no problem.
    checkpoints, proven_to
        With how many checkpoints the record was compared, and the last entry that they name.
    """

    name: str
    entries: int
    head: str
    problems: tuple[RecordProblem, ...]
    deleted: tuple[DeletedEntry, ...]
    checkpoints: int
    proven_to: int

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def text(self, lang: str = "nl") -> str:
        """What was found, a sentence a line."""
        said = [say("verified", "sound" if self.ok else "unsound", n=self.entries)]
        said += [problem.text for problem in self.problems]
        for basis in dict.fromkeys(one.basis for one in self.deleted):
            n = sum(one.basis == basis for one in self.deleted)
            said.append(say("verified", "deleted", n=n, **named(basis)))
        if self.checkpoints:
            facts = {"n": self.checkpoints, "sequence": self.proven_to}
            said.append(say("verified", "checkpoints", **facts))
        else:
            said.append(say("verified", "no_checkpoints"))
        return "\n".join(one.text(lang) for one in said)


def named(basis: str) -> dict[str, object]:
    """What a basis is called and where it stands, also if this version does not know it."""
    known = bases().get(basis)
    if known is None:
        return {"basis": basis, "source": "?"}
    return {"basis": known.text, "source": known.source}


def verify(
    log: RecordLog, checkpoints: Iterable[Checkpoint], trusted_keys: Iterable[PublicKey] | None
) -> Verification:
    """Read a whole record at one moment, and say everything that is wrong with it."""
    marks = sorted(checkpoints, key=lambda mark: mark.sequence)
    keys = None if trusted_keys is None else tuple(trusted_keys)
    reading = _Reading(log, marks)
    with log.transaction() as execute:
        reading.walk(execute)
        reading.compare_payloads(execute)
        for digest, sequence in reading.blobs.items():
            reading.blob(execute, digest, sequence)
    reading.compare_checkpoints(keys)
    return Verification(
        name=log.name,
        entries=reading.entries,
        head=reading.previous,
        problems=tuple(sorted(reading.problems, key=lambda problem: problem.sequence)),
        deleted=tuple(reading.deleted[s] for s in sorted(reading.deleted)),
        checkpoints=len(marks),
        proven_to=max((mark.sequence for mark in marks), default=0),
    )


class _Reading:
    """One walk along the chain, from its start."""

    def __init__(self, log: RecordLog, marks: list[Checkpoint]) -> None:
        self.log = log
        self.marks = marks
        self.marked = {mark.sequence for mark in marks}
        self.previous = start_of(log.id)
        self.hashes = {0: self.previous}
        self.before: Link | None = None
        self.expected = 1
        self.entries = 0
        self.problems: list[RecordProblem] = []
        self.silent: list[int] = []
        self.deleted: dict[int, DeletedEntry] = {}
        self.blobs: dict[str, int] = {}

    def problem(self, code: str, sequence: int, **facts: object) -> None:
        text = say("problem", code, sequence=sequence, **facts)
        self.problems.append(RecordProblem(code, sequence, text))

    def walk(self, execute: Execute) -> None:
        after = -(2**63)
        while page := self.log._page(execute, after):
            for row in page:
                self.row(row)
            after = page[-1].sequence

    def compare_payloads(self, execute: Execute) -> None:
        """What is there against the links, and against the markers, which come after them."""
        for (sequence,) in execute(STRAY, ()):
            self.problem("payload_stray", sequence)
        for sequence in self.silent:
            if sequence not in self.deleted:
                self.problem("payload_missing", sequence)
        for sequence in self.deleted.keys() - set(self.silent):
            if execute("SELECT 1 FROM record_payload WHERE sequence = ?", (sequence,)):
                self.problem("payload_back", sequence)
        listed = dict(execute("SELECT sequence, marker FROM record_deleted", ()))
        told = {sequence: one.marker for sequence, one in self.deleted.items()}
        for sequence in sorted(listed.keys() | told.keys()):
            if listed.get(sequence) != told.get(sequence):
                self.problem("deletion_list", sequence)

    def row(self, row: StoredEntry) -> None:
        self.entries += 1
        for absent in range(self.expected, min(row.sequence, self.expected + 100)):
            self.problem("missing", absent)
        self.expected = row.sequence + 1
        link = self.link(row)
        if link is not None:
            self.payload(row, link)
            self.before = link
            for digest in link.blobs:
                self.blobs.setdefault(digest, row.sequence)
        self.previous = row.sha256
        if row.sequence in self.marked:
            self.hashes[row.sequence] = row.sha256

    def link(self, row: StoredEntry) -> Link | None:
        sequence = row.sequence
        if link_hash(row.body) != row.sha256:
            self.problem("link_changed", sequence)
        try:
            link = read_link(row.body, sequence, self.log.name)
        except RecordError:
            self.problem("link_unreadable", sequence)
            return None
        if link.sequence != sequence or link.previous != self.previous:
            self.problem("broken", sequence)
        if self.before is not None and link.recorded_at < self.before.recorded_at:
            self.problem("time_back", sequence)
        return link

    def payload(self, row: StoredEntry, link: Link) -> None:
        if row.payload is None:
            self.silent.append(row.sequence)
            return
        if payload_hash(row.payload) != link.payload_sha256:
            self.problem("payload_changed", row.sequence)
        elif link.kind == "deletion":
            self.marker(Entry(link=link, sha256=row.sha256, payload=row.payload))

    def marker(self, entry: Entry) -> None:
        marker = entry.link.sequence
        try:
            body = body_of(entry, DeletionBody, "deletion")
        except RecordError:
            self.problem("marker_unreadable", marker)
            return
        for sequence in body.sequences:
            if sequence < marker:
                self.deleted.setdefault(sequence, DeletedEntry(sequence, body.basis, marker))

    def blob(self, execute: Execute, digest: str, sequence: int) -> None:
        found = execute("SELECT content FROM record_blob WHERE sha256 = ?", (digest,))
        if not found:
            self.problem("blob_missing", sequence, sha256=digest)
        elif sha256_of(bytes(found[0][0])) != digest:
            self.problem("blob_changed", sequence, sha256=digest)

    def compare_checkpoints(self, keys: tuple[PublicKey, ...] | None) -> None:
        for mark in self.marks:
            if not is_signed_well(mark, keys):
                self.problem("signature", mark.sequence)
            if mark.record != self.log.id:
                self.problem("other_record", mark.sequence)
            elif mark.sequence not in self.hashes:
                self.problem("truncated", mark.sequence)
            elif self.hashes[mark.sequence] != mark.sha256:
                self.problem("rewritten", mark.sequence)


def to_plain(found: Verification) -> dict[str, object]:
    """Plain values, with whether all is well."""
    plain: dict[str, object] = msgspec.to_builtins(found)
    return {**plain, "ok": found.ok}
