"""The record of screenings and decisions: what it can do, whatever it is stored in.

What can be read of it stands in `reading`, and what it is stored as in `storage`. A backend gives a
transaction.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from risicoscreener.errors import RecordError
from risicoscreener.screening.record.chain import Draft, Entry, link_hash, sealed
from risicoscreener.screening.record.reading import RecordReader
from risicoscreener.screening.record.storage import (
    ADD_BLOB,
    ADD_LINK,
    ADD_PAYLOAD,
    Head,
    checked_sequence,
)

if TYPE_CHECKING:
    from risicoscreener.dossier.reading import Source
    from risicoscreener.models.signing import PrivateKey, PublicKey
    from risicoscreener.screening.record.checkpoint import Checkpoint
    from risicoscreener.screening.record.decision import Actor, Decision, SecondReading
    from risicoscreener.screening.record.entries import KeyEvent
    from risicoscreener.screening.record.retention import Due
    from risicoscreener.screening.record.storage import Execute
    from risicoscreener.screening.record.verification import Verification
    from risicoscreener.screening.result import ScreeningResult
    from risicoscreener.screening.screener import Screener


class RecordLog(RecordReader):
    """An append-only record in which every entry names the one before it by its hash.

    Entries are acknowledged when they are on disk. One log can be used by several threads, and one
    record by several processes, each with its own log.

    Attributes
    ----------
    name
        What it is called in messages; never a password.
    id
        What tells this record from all others.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._foundations: dict[tuple[int, str], Any] = {}

    # -- what a backend gives ------------------------------------------------------------------

    @abstractmethod
    def _delete_payload(self, execute: Execute, sequence: int, marker: int) -> None:
        """Delete a payload under a marker that was just written."""

    def _begin_record(self, execute: Execute) -> None:
        """Give an empty record its id."""
        execute("INSERT INTO record_start (one, id) VALUES (1, ?)", (uuid4().hex,))

    # -- writing -------------------------------------------------------------------------------

    def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Add entries: all of them, or if anything fails none.

        For what this library records itself; `append_screening` and `append_decision` say what
        an entry has to hold.

        Returns
        -------
        The entries, in the order of the drafts. They are on disk.
        """
        with self.transaction(writes=True) as execute:
            written = self._write(execute, drafts)
        self._blobs_there |= {digest for draft in drafts for digest in draft.blobs}
        return written

    def _write(self, execute: Execute, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        head, latest = self._head(execute)
        written, links, payloads = [], [], []
        for draft in drafts:
            latest = max(latest, dt.datetime.now(dt.UTC))
            link, body, said = sealed(draft, head.sequence + 1, head.sha256, latest)
            head = Head(link.sequence, link_hash(body))
            links.append((link.sequence, body, head.sha256))
            payloads.append((link.sequence, said.subject, said.reference, said.salt, said.body))
            written.append(Entry(link=link, sha256=head.sha256, payload=said))
        blobs = {digest: content for draft in drafts for digest, content in draft.blobs.items()}
        absent = [item for item in blobs.items() if item[0] not in self._blobs_there]
        execute.many(ADD_BLOB, absent)
        execute.many(ADD_LINK, links)
        execute.many(ADD_PAYLOAD, payloads)
        return tuple(written)

    def append_screening(
        self, result: ScreeningResult, dossier: Source, screener: Screener
    ) -> Entry:
        """Record a screening with all that is needed to repeat it.

        Parameters
        ----------
        result
            What the screener said.
        dossier
            What it said it of. Stored is what was known on the day of the picture, without what
            is kept for audit alone.
        screener
            Its policies, models and definitions are stored once for all entries.

        Raises
        ------
        RecordError
            If the screener does not say the same of what would be stored: what could not be
            repeated is not recorded.
        """
        return self.append_screenings([(result, dossier, screener)])[0]

    def append_screenings(
        self, screenings: Iterable[tuple[ScreeningResult, Source, Screener]]
    ) -> tuple[Entry, ...]:
        """Record several screenings at once, all or none; see `append_screening`."""
        from risicoscreener.screening.record.entries import screening_draft

        return self.append(
            [
                screening_draft(result, dossier, screener, self._foundations)
                for result, dossier, screener in screenings
            ]
        )

    def append_decision(self, decision: Decision) -> Entry:
        """Record the decision of a person on a screening that is in this record.

        What is unusual about it is recorded with it; a person decides, so that nothing is blocked.

        Raises
        ------
        RecordError
            If the screening is not in the record, or the decision cannot be understood, such as an
            override without a reason.
        """
        from risicoscreener.screening.record.entries import decision_draft

        with self.transaction(writes=True):
            screening = self.screening(decision.screening)
            return self.append([decision_draft(decision, screening, self)])[0]

    def append_second_reading(self, reading: SecondReading) -> Entry:
        """Record what the second reader says of a decision that is in this record.

        Raises
        ------
        RecordError
            If the decision is not in the record, has such a reading already, or was made by the
            same person.
        """
        from risicoscreener.screening.record.entries import second_reading_draft

        with self.transaction(writes=True):
            return self.append([second_reading_draft(reading, self)])[0]

    def append_key(self, event: KeyEvent) -> Entry:
        """Record that a key to sign with is used from now on, or is not any more."""
        from risicoscreener.screening.record.entries import key_draft

        return self.append([key_draft(event)])[0]

    # -- proving -------------------------------------------------------------------------------

    def verify(
        self,
        checkpoints: Iterable[Checkpoint] = (),
        *,
        trusted_keys: Iterable[PublicKey] | None = None,
    ) -> Verification:
        """Whether nothing was changed, removed, added or moved; see `verification`.

        Parameters
        ----------
        checkpoints
            What the record was at earlier moments, kept elsewhere. Without them it cannot be
            told whether the end was cut off, or all of it was written again.
        trusted_keys
            If given, one of them must have signed each checkpoint.
        """
        from risicoscreener.screening.record.verification import verify

        return verify(self, checkpoints, trusted_keys)

    def checkpoint(self, private_key: PrivateKey | None = None) -> Checkpoint:
        """What the record is now, to be kept elsewhere; signed if a key is given."""
        from risicoscreener.screening.record.checkpoint import checkpoint_of

        return checkpoint_of(self.id, self.head(), private_key)

    # -- deleting ------------------------------------------------------------------------------

    def due(self, day: dt.date, started: Mapping[str, dt.date]) -> tuple[Due, ...]:
        """The entries whose term of retention has passed; see `retention.due`."""
        from risicoscreener.screening.record.retention import due

        return due(self, day, started)

    def delete(
        self,
        sequences: Iterable[int],
        *,
        basis: str,
        by: Actor,
        day: dt.date | None = None,
        started: Mapping[str, dt.date] | None = None,
    ) -> Entry:
        """Delete what entries say under a legal basis; see `retention.deletion_draft`.

        Returns
        -------
        The marker that is added to the chain.

        Raises
        ------
        RecordError
            If something may not be deleted, or this is within a transaction; or if it was deleted,
            and a file still has it: see `purge`.
        """
        from risicoscreener.screening.record.retention import deletion_draft

        chosen = tuple(sorted(set(map(checked_sequence, sequences))))
        self._check_alone()
        with self.transaction(writes=True) as execute:
            draft = deletion_draft(self, chosen, basis, by, day or dt.date.today(), started or {})
            marker = self._write(execute, [draft])[0]
            for sequence in chosen:
                self._delete_payload(execute, sequence, marker.link.sequence)
        self.purge()
        return marker

    def _check_alone(self) -> None:
        """Raise RecordError within a transaction: what it deletes could not be purged."""
        with self._mutex:
            if self._within is not None:
                raise RecordError(
                    f"entries of {self.name} are to be deleted within a transaction; expected the "
                    "deletion outside of it, which is a transaction by itself"
                )

    def leave_settling(self) -> bool:
        """Write no more than must be on disk; what that puts off is for `settle` of another log.

        Returns
        -------
        Whether writing puts anything off: a server sees to that itself.
        """
        return False

    def settle(self) -> None:
        """Do what writing put off. Nobody who writes waits for it longer than for another writer.

        Raises
        ------
        RecordError
            If the storage fails.
        """

    def purge(self) -> None:
        """Let go of what the storage itself still has of what was deleted.

        `delete` does so. It is for when it could not, since another process was reading.

        Raises
        ------
        RecordError
            If somebody still reads what the record was before.
        """
