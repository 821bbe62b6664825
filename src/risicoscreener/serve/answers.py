"""What is asked, and the answer: a screening as the view that a purpose allows.

Everything here is plain work in a thread; the service around it reads, records and sends.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from msgspec import Struct

from risicoscreener.dossier.reading import read_dossier
from risicoscreener.dossier.record import Dossier
from risicoscreener.errors import DossierError
from risicoscreener.reentry.sharing import share
from risicoscreener.screening.explanation import explain
from risicoscreener.screening.record import digest_of
from risicoscreener.screening.record.entries import (
    dossier_in,
    drafted,
    result_in,
    screening_body,
)
from risicoscreener.screening.record.foundation import foundation_of, screener_of
from risicoscreener.serve.problems import Problem
from risicoscreener.serve.recording import Earlier, Job, Key
from risicoscreener.texts import Lang

if TYPE_CHECKING:
    from risicoscreener.reentry.sharing import View
    from risicoscreener.screening import Screener
    from risicoscreener.screening.explanation import Explanation
    from risicoscreener.screening.record import Actor, RecordLog
    from risicoscreener.screening.record.chain import Draft, Entry
    from risicoscreener.screening.result import ScreeningResult
    from risicoscreener.screening.screener import OnError

WHOLE = "decision_maker"
"""The recipient who sees the whole result, and so is told its hash, by which a decision names it.
Whoever sees less could try what the rest is until the hash fits."""
PERSON = "person"
SALT_BYTES = 16


class Asked(Struct, frozen=True, kw_only=True):
    """What is asked of a dossier, besides the dossier.

    Attributes
    ----------
    what
        A screening, or a screening with its explanation.
    recipient, purpose
        For whom and what for; names of the table of purposes.
    """

    what: Literal["screening", "explanation"]
    decision: str
    recipient: str
    purpose: str
    as_of: dt.date | None = None
    on_error: OnError = "raise"
    lang: Lang = "nl"


class Prepared(Struct, frozen=True, kw_only=True):
    """An answer that may be sent once the job is recorded.

    Attributes
    ----------
    job
        What has to be in the record first; None in a demonstration.
    said
        The parts of the answer, as JSON by name.
    person_id, outcome
        For the log, which has a pseudonym of the first.
    """

    job: Job | None
    said: dict[str, bytes]
    person_id: str
    outcome: str

    def body(self, entry: Entry | None) -> bytes:
        """The answer as JSON; of an entry with where it is in the record."""
        parts = dict(self.said)
        if entry is not None:
            record: dict[str, Any] = {"entry": entry.link.sequence, "sha256": entry.sha256}
            if "screening" in parts:
                record["screening"] = msgspec.Raw(parts["screening"])
            parts["record"] = msgspec.json.encode(record)
        parts.pop("screening", None)
        return b"{" + b",".join(b'"%b":%b' % (k.encode(), v) for k, v in parts.items()) + b"}"


class _Drafts:
    """Takes entries as a record does, and keeps them until they can be written together."""

    def __init__(self) -> None:
        self.kept: list[Draft] = []

    def append(self, drafts: Sequence[Draft]) -> Sequence[Draft]:
        self.kept += drafts
        return drafts


class Answers:
    """Screens, and puts answers together.

    Parameters
    ----------
    screener
        Models and policies.
    records
        Whether answers are recorded.
    today
        The day on which something is given.
    """

    def __init__(
        self, screener: Screener, *, records: bool, today: Callable[[], dt.date] = dt.date.today
    ) -> None:
        self.screener, self._records, self._today = screener, records, today
        self._foundations: dict[tuple[int, str], Any] = {}
        self._as_stored: dict[str, Screener] = {}

    def get_ready(self) -> None:
        """Prepare what screenings rest on, so that the first takes no longer than others."""
        for kind in self.screener.kinds:
            stored = foundation_of(self.screener, kind)
            again = replace(
                screener_of(stored.foundation, stored.blobs.__getitem__), today=self._today
            )
            again.route(kind)
            self._foundations[id(again), kind] = (again, stored, again)
            self._as_stored[kind] = again
        with suppress(DossierError):
            read_dossier(b"{}")  # what says all that is wrong is loaded when something is

    def key(self, client: str, given: str, asked: Asked, dossier: bytes) -> Key:
        """The key of a client, as it is kept: hashes alone."""
        name = hashlib.sha256(f"{client}\0{given}".encode()).hexdigest()
        content = msgspec.json.encode(asked) + b"\0" + dossier
        fingerprint = hashlib.sha256(name.encode() + content).hexdigest()
        return Key(name=name, fingerprint=fingerprint, given_on=self._today(), salt=_salt())

    def prepare(
        self, dossier: bytes, asked: Asked, by: Actor | None, key: Key | None = None
    ) -> Prepared:
        """Screen a dossier, and make the answer and what is to be recorded of it.

        Raises
        ------
        Problem
            403 if there is no explanation for this recipient.
        RisicoscreenerError
            As `Screener.screen` and `share`.
        """
        explained = None
        if asked.what == "explanation":
            _check_explained(asked.recipient)
            explained = self._explain(dossier, asked)
        screener = self._screener(asked)
        if explained is None:
            result = screener.screen(
                dossier, asked.decision, as_of=asked.as_of, on_error=asked.on_error
            )
        else:
            result = explained.result
        draft, facts = drafted(result, dossier, screener, self._foundations)
        return self._answer(result, facts, asked, by, key, explained, draft)

    def again(self, earlier: Earlier, dossier: bytes, asked: Asked, key: Key) -> Prepared:
        """The answer that was given before, from the record.

        Raises
        ------
        Problem
            422 if something else was asked under the same key; 410 if it was deleted since; 409 if
            models or policies are others since, which would explain it otherwise.
        """
        if earlier.key.fingerprint != key.fingerprint:
            raise Problem(
                422,
                "key-reused",
                "this Idempotency-Key was used for something else; take a new one",
            )
        if earlier.entry.payload is None:
            raise Problem(410, "deleted", "what was answered under this key has been deleted since")
        body, sequence = screening_body(earlier.entry), earlier.entry.link.sequence
        result, facts = result_in(body, sequence), dossier_in(body, sequence)
        explained = None
        if asked.what == "explanation":
            explained = self._explain(dossier, asked)
            if explained.result.to_json() != result.to_json():
                raise Problem(409, "changed", "models or policies changed since; take a new key")
        return self._answer(result, facts, asked, None, earlier.key, explained, None)

    def _screener(self, asked: Asked) -> Screener:
        """That which is made of what the record stores, so that each answer is of it."""
        return self._as_stored.get(asked.decision, self.screener)

    def _explain(self, dossier: bytes, asked: Asked) -> Explanation:
        return explain(
            dossier,
            asked.decision,
            as_of=asked.as_of,
            screener=self._screener(asked),
            on_error=asked.on_error,
        )

    def _answer(
        self,
        result: ScreeningResult,
        facts: Dossier,
        asked: Asked,
        by: Actor | None,
        key: Key | None,
        explained: Explanation | None,
        draft: Draft | None,
    ) -> Prepared:
        given = _Drafts()
        recorded = self._records and draft is not None
        view = share(
            facts,
            asked.recipient,
            asked.purpose,
            self._today() if key is None else key.given_on,
            result=result,
            policies=self._screener(asked).policies,
            log=cast("RecordLog", given) if recorded else None,
            by=by,
            salt=_salt() if key is None else key.salt,
        )
        job = Job((cast("Draft", draft), *given.kept), key) if recorded else None
        return Prepared(
            job=job,
            said=_said(view, draft.reference if draft else digest_of(result), asked, explained),
            person_id=result.person_id,
            outcome=result.outcome,
        )


def _salt() -> str:
    return secrets.token_hex(SALT_BYTES)


def _check_explained(recipient: str) -> None:
    if recipient not in (WHOLE, PERSON):
        raise Problem(
            403,
            "no-explanation",
            f"there is no explanation for {recipient}; expected {WHOLE} or {PERSON}",
        )


def _said(
    view: View, screening: str, asked: Asked, explained: Explanation | None
) -> dict[str, bytes]:
    said = {"view": view.to_json()}
    if asked.recipient == WHOLE:
        said["screening"] = msgspec.json.encode(screening)
    if explained is None:
        return said
    if asked.recipient == WHOLE:
        whole = {
            name: getattr(explained, name)
            for name in ("reasons", "helps", "first", "waiting", "facts", "remedies")
        }
        letter = explained.letter_to_decider(asked.lang)
    else:
        whole = {"to_person": explained.to_person, "remedies": explained.remedies}
        letter = explained.letter_to_person(asked.lang)
    said["explanation"] = msgspec.json.encode(whole)
    said["letter"] = msgspec.json.encode({"lang": asked.lang, "text": letter.text()})
    return said
