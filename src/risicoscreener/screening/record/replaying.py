"""Whether a screening in a record is repeated to the byte, from the facts as known then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.errors import RecordError, RisicoscreenerError
from risicoscreener.screening.record.chain import payload_hash, sha256_of
from risicoscreener.screening.record.entries import (
    DeletionBody,
    ScreeningBody,
    body_of,
    dossier_in,
    foundation_in,
    screen_again,
    screening_body,
)
from risicoscreener.screening.record.foundation import (
    Foundation,
    Stored,
    foundation_of,
    screener_of,
)
from risicoscreener.screening.record.verification import named
from risicoscreener.screening.record.wording import say
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.screening.record.chain import Entry
    from risicoscreener.screening.record.log import RecordLog
    from risicoscreener.screening.screener import Screener

MOST_DIFFERENCES = 20
"""So many are said; the others are counted."""


class ReplayDifference(Struct, frozen=True):
    """One value that differs: where it stands in the result, and what it was and is."""

    place: str
    then: str
    now: str


class Replay(Struct, frozen=True, kw_only=True):
    """What came of the repetition of one screening.

    Attributes
    ----------
    status
        ``same``: byte for byte. ``differs``. ``deleted``: under a basis. ``impossible``: the
        reason stands in ``text``.
    then, now
        Versions of this library; empty if it was not repeated.
    causes
        What it rested on then and does not now.
    differences
        Of the results, at most `MOST_DIFFERENCES`.
    """

    sequence: int
    status: Literal["same", "differs", "deleted", "impossible"]
    headline: Texts
    then: str = ""
    now: str = ""
    causes: tuple[Texts, ...] = ()
    differences: tuple[ReplayDifference, ...] = ()
    more: int = 0

    @property
    def same(self) -> bool:
        """Whether the result is the same to the byte."""
        return self.status == "same"

    def text(self, lang: str = "nl") -> str:
        """What came of it, a sentence a line."""
        lines = [self.headline, *self.causes]
        lines += [
            say("replay", "altered", place=d.place, then=d.then, now=d.now)
            for d in self.differences
        ]
        if self.more:
            lines.append(say("replay", "more", n=self.more))
        return "\n  ".join(line.text(lang) for line in lines)


class Replayer:
    """Repeats screenings of a record, with what they rested on or with something else.

    Parameters
    ----------
    log
        The record.
    screener
        Repeat with this one instead, to see what its policies, models and definitions would say
        of the facts as known then.
    """

    def __init__(self, log: RecordLog, screener: Screener | None = None) -> None:
        self.log = log
        self.screener = screener
        self._made: dict[str, tuple[Screener, Stored]] = {}

    def entry(self, entry: Entry) -> Replay:
        """Repeat one screening.

        Raises
        ------
        RecordError
            If the entry is no screening.
        """
        sequence = entry.link.sequence
        if entry.link.kind != "screening":
            raise RecordError(f"entry {sequence} is a {entry.link.kind}; expected a screening")
        try:
            if entry.payload is None:
                return self._deleted(sequence)
            if payload_hash(entry.payload) != entry.link.payload_sha256:
                raise RecordError("what it says was changed")
            return self._again(sequence, screening_body(entry))
        except RisicoscreenerError as error:
            said = say("replay", "impossible", sequence=sequence, why=error)
            return Replay(sequence=sequence, status="impossible", headline=said)

    def all(self) -> Iterator[Replay]:
        """Repeat all screenings, in their order."""
        for entry in self.log.entries():
            if entry.link.kind == "screening":
                yield self.entry(entry)

    def _deleted(self, sequence: int) -> Replay:
        marker = self.log.marker_of(sequence)
        body = None if marker is None else body_of(marker, DeletionBody, "deletion")
        if marker is None or body is None or sequence not in body.sequences:
            raise RecordError("what it says is gone, and the chain has no deletion of it")
        facts = {"sequence": sequence, "marker": marker.link.sequence, **named(body.basis)}
        return Replay(
            sequence=sequence, status="deleted", headline=say("replay", "deleted", **facts)
        )

    def _again(self, sequence: int, body: ScreeningBody) -> Replay:
        then = foundation_in(self.log, body)
        screener, stored = self._screener(body, then)
        now = stored.foundation
        facts = dossier_in(body, sequence)
        said = screen_again(
            screener, facts, body.decision, body.as_of, body.quarantined_rows
        ).to_json()
        causes = tuple(_causes(then, now))
        if said == bytes(body.result):
            kind = "same" if then.library_version == now.library_version else "same_newer"
            return Replay(
                sequence=sequence,
                status="same",
                headline=say(
                    "replay",
                    kind,
                    sequence=sequence,
                    then=then.library_version,
                    now=now.library_version,
                ),
                then=then.library_version,
                now=now.library_version,
                causes=causes,
            )
        differences = list(_compare(json.loads(bytes(body.result)), json.loads(said), ""))
        return Replay(
            sequence=sequence,
            status="differs",
            headline=say("replay", "differs", sequence=sequence),
            then=then.library_version,
            now=now.library_version,
            causes=causes,
            differences=tuple(differences[:MOST_DIFFERENCES]),
            more=max(0, len(differences) - MOST_DIFFERENCES),
        )

    def _screener(self, body: ScreeningBody, then: Foundation) -> tuple[Screener, Stored]:
        """The screener to repeat with, and what it rests on as this library sees it."""
        if body.foundation not in self._made:
            screener = self.screener or screener_of(then, self._blob)
            self._made[body.foundation] = (screener, foundation_of(screener, body.decision))
        return self._made[body.foundation]

    def _blob(self, sha256: str) -> bytes:
        content = self.log.blob(sha256)
        if sha256_of(content) != sha256:
            raise RecordError(f"{sha256} was changed")
        return content


def replay(log: RecordLog, entry: Entry | int, screener: Screener | None = None) -> Replay:
    """Repeat one screening of a record; see `Replayer`."""
    chosen = log.entry(entry) if isinstance(entry, int) else entry
    return Replayer(log, screener).entry(chosen)


def replay_all(log: RecordLog, screener: Screener | None = None) -> Iterator[Replay]:
    """Repeat all screenings of a record, in their order; see `Replayer`."""
    return Replayer(log, screener).all()


def _causes(then: Foundation, now: Foundation) -> Iterator[Texts]:
    """What differs in what two results rest on."""
    if then.library_version != now.library_version:
        yield say("replay", "version", then=then.library_version, now=now.library_version)
    if then.policies != now.policies:
        yield say("replay", "policy", then=_short(then.policies), now=_short(now.policies))
    if then.bundle_sha256 != now.bundle_sha256:
        before, after = (f"{one.bundle_id} ({_short((one.bundle_sha256,))})" for one in (then, now))
        yield say("replay", "bundle", then=before, now=after)
    for name in sorted(then.digests.keys() | now.digests.keys()):
        if then.digests.get(name) != now.digests.get(name):
            yield say("replay", "definition", feature=name)


def _short(digests: tuple[str, ...]) -> str:
    return ", ".join(digest[:12] for digest in digests)


def _compare(then: Any, now: Any, place: str) -> Iterator[ReplayDifference]:
    """Each value of two JSON values that differs."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*then, *now]):
            inside = f"{place}.{key}" if place else key
            yield from _compare(then.get(key, _ABSENT), now.get(key, _ABSENT), inside)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for i, (before, after) in enumerate(zip(then, now, strict=True)):
            yield from _compare(before, after, f"{place}[{i}]")
    elif then != now or type(then) is not type(now):
        yield ReplayDifference(place, _shown(then), _shown(now))


_ABSENT = object()
LONGEST_VALUE = 120


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "-"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
