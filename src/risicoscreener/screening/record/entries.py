"""What the entries of a record say, by their kind."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import Raw, Struct

from risicoscreener.decision.outcome import Outcome
from risicoscreener.decision.policy import RISK
from risicoscreener.decision.wording import texts
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.reading import read_dossier, read_dossier_leniently
from risicoscreener.dossier.record import Dossier
from risicoscreener.errors import RecordError
from risicoscreener.screening.record.chain import Draft, Entry, Payload, canonical, sha256_of
from risicoscreener.screening.record.decision import (
    Actor,
    Decision,
    Direction,
    Finding,
    Moment,
    SecondReading,
    check_content,
    conditions_left_out,
    direction_of,
    findings_of,
    found,
    read_decision,
    read_second_reading,
    reasons,
    second_reader_of,
)
from risicoscreener.screening.record.foundation import Foundation, foundation_of, screener_of
from risicoscreener.screening.record.wording import say
from risicoscreener.screening.result import ScreeningResult
from risicoscreener.strict_json import decode_json
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.dossier.reading import Source
    from risicoscreener.screening.record.foundation import Stored
    from risicoscreener.screening.record.log import RecordLog
    from risicoscreener.screening.screener import Screener

Kind = Literal["screening", "decision", "second_reading", "deletion", "key"]
FILE = "penitentiary_file"
"""Category of what belongs in someone's file by law."""
CHAIN = "chain"
"""Category of what proves the record and is about nobody; kept as long as the record."""
Standing = Literal["final", "awaits_second_reader", "not_agreed", "replaced"]


class ScreeningBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A screening, with the facts as known then, and where the rest of it is.

    Attributes
    ----------
    foundation
        sha256 of the `Foundation`.
    dossier, result
        JSON, to the byte.
    """

    format_version: Literal[1] = 1
    foundation: str
    decision: str
    as_of: dt.date
    quarantined_rows: int
    dossier: Raw
    result: Raw


class DecisionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision, with what of its screening is needed to count it.

    Attributes
    ----------
    advice, band
        Outcome and risk band of the screening.
    called
        What the outcomes of screening and decision are called in this kind of decision, and what
        the conditions that were set say.
    second_readers
        The rules by which it needs a second reader; without one it is final.
    left_out
        Conditions of the screening that were not set.
    """

    format_version: Literal[1] = 1
    library_version: str
    decision: Decision
    kind: str
    as_of: dt.date
    advice: Outcome
    band: str
    direction: Direction
    findings: tuple[Finding, ...]
    second_readers: tuple[Finding, ...]
    left_out: tuple[str, ...]
    called: dict[str, Texts] = {}

    def text(self, lang: str = "nl") -> str:
        """The decision in words, in ``nl`` or ``en``: a sentence a line."""
        decision = self.decision
        lines = [
            say(
                "decided",
                "by",
                role=say("role", decision.decided_by.role),
                id=decision.decided_by.id,
                prison=decision.prison,
                day=decision.decided_at.date(),
                outcome=self._called(decision.outcome),
                direction=say("direction", self.direction),
                advice=self._called(self.advice),
            )
        ]
        for reason in decision.reasons:
            known = reasons().get(reason.code)
            text = reason.code if known is None else known.text
            lines.append(say("decided", "reason", text=text))
            if reason.words is not None:
                lines.append(say("decided", "words", words=reason.words))
        for condition in decision.conditions:
            text = condition.words or self._called(condition.id)
            lines.append(say("decided", "condition", text=text))
        if decision.legal_ground is not None:
            lines.append(say("decided", "ground", text=decision.legal_ground))
        lines += [say("decided", "finding", text=one.text) for one in self.findings]
        lines += [say("decided", "second", text=one.text) for one in self.second_readers]
        return "\n  ".join(line.text(lang) for line in lines)

    def _called(self, name: str) -> Texts:
        return self.called.get(name) or Texts(nl=name, en=name)


class SecondReadingBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A second reading."""

    format_version: Literal[1] = 1
    reading: SecondReading


class DeletionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A marker: which entries do not say anything any more, under which basis, by whom."""

    format_version: Literal[1] = 1
    sequences: tuple[int, ...]
    basis: str
    by: Actor


class KeyEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to sign checkpoints with came into use or went out of it.

    Attributes
    ----------
    key_id, public_key
        As of `models.signing.Signature`.
    event
        ``introduced``, ``retired``, or ``compromised``: what it signed after that says nothing.
    """

    key_id: str
    public_key: str
    event: Literal["introduced", "retired", "compromised"]
    at: Moment
    by: Actor


_Said = TypeVar("_Said")


def body_of(entry: Entry, kind: type[_Said], expected: Kind) -> _Said:
    """What an entry says.

    Raises
    ------
    RecordError
        If it is of another kind, was deleted, or cannot be read.
    """
    sequence = entry.link.sequence
    if entry.link.kind != expected:
        raise RecordError(f"entry {sequence} is a {entry.link.kind}; expected a {expected}")
    if entry.payload is None:
        raise RecordError(f"entry {sequence} was deleted; expected one that is still there")
    return said_in(entry.payload, sequence, kind)


def said_in(payload: Payload, sequence: int, kind: type[_Said]) -> _Said:
    """What the payload of an entry says.

    Raises
    ------
    RecordError
        If it cannot be read.
    """
    return _read(payload.body, sequence, kind)


def result_in(body: ScreeningBody, sequence: int) -> ScreeningResult:
    """The result of a screening in a record; see `said_in`."""
    return _read(body.result, sequence, ScreeningResult)


def dossier_in(body: ScreeningBody, sequence: int) -> Dossier:
    """The facts of a screening in a record, as they were known then; see `said_in`."""
    return _read(body.dossier, sequence, Dossier)


def _read(content: bytes | Raw, sequence: int, kind: type[_Said]) -> _Said:
    try:
        return decode_json(content, kind)
    except msgspec.DecodeError as error:
        raise RecordError(f"what entry {sequence} says cannot be read: {error}") from None


def screening_body(entry: Entry) -> ScreeningBody:
    """What the entry of a screening says; see `body_of`."""
    return body_of(entry, ScreeningBody, "screening")


def decision_body(entry: Entry) -> DecisionBody:
    """What the entry of a decision says; see `body_of`."""
    return body_of(entry, DecisionBody, "decision")


def result_of(entry: Entry) -> ScreeningResult:
    """The result in the entry of a screening; see `body_of`."""
    return result_in(screening_body(entry), entry.link.sequence)


# -- screenings --------------------------------------------------------------------------------

Foundations: TypeAlias = "dict[tuple[int, str], tuple[Screener, Stored, Screener]]"
"""Foundations by identity of a screener and kind of decision. With each stands the screener, so
that no other takes its identity, and the screener that was made of what is stored."""


def screening_draft(
    result: ScreeningResult,
    source: Source,
    screener: Screener,
    made: Foundations,
) -> Draft:
    """The entry of a screening; see `drafted`."""
    return drafted(result, source, screener, made).draft


class Drafted(NamedTuple):
    """The entry of a screening, and the facts in it as they are read from there."""

    draft: Draft
    facts: Dossier


def drafted(
    result: ScreeningResult, source: Source, screener: Screener, made: Foundations
) -> Drafted:
    """The entry of a screening, with the facts on which it rests.

    Parameters
    ----------
    made
        Foundations that were made before; one that is needed is added.

    Raises
    ------
    RecordError
        If what would be stored does not give this result.
    """
    key = (id(screener), result.decision)
    if key not in made:
        stored = foundation_of(screener, result.decision)
        made[key] = (screener, stored, screener_of(stored.foundation, stored.blobs.__getitem__))
    _, stored, rebuilt = made[key]
    content = facts_of(source, result)
    facts = msgspec.json.decode(content, type=Dossier)
    said = result.to_json()
    again = screen_again(rebuilt, facts, result.decision, result.as_of, result.quarantined_rows)
    if again.to_json() != said:
        raise RecordError(
            f"the result for {result.person_id} is not what this screener says of this dossier on "
            f"{result.as_of}; expected the result, the dossier and the screener of one screening"
        )
    body = ScreeningBody(
        foundation=stored.sha256,
        decision=result.decision,
        as_of=result.as_of,
        quarantined_rows=result.quarantined_rows,
        dossier=Raw(content),
        result=Raw(said),
    )
    draft = Draft(
        kind="screening",
        category=FILE,
        body=canonical(body),
        subject=result.person_id,
        reference=sha256_of(said),  # `digest_of` the result
        blobs=stored.blobs,
    )
    return Drafted(draft, facts)


def facts_of(source: Source, result: ScreeningResult) -> bytes:
    """The dossier as known on the day of the result, without what is kept for audit alone."""
    if result.quarantined_rows:
        dossier, _ = read_dossier_leniently(source)
    else:
        dossier = read_dossier(source)
    known = as_known(dossier, result.as_of)
    return msgspec.structs.replace(known, audit=[]).to_json()


def screen_again(
    screener: Screener, facts: Dossier, kind: str, as_of: dt.date, quarantined_rows: int
) -> ScreeningResult:
    """What a screener says of facts that are stored."""
    return screener.route(kind).screen_one(facts, as_of, quarantined_rows)


def foundation_in(log: RecordLog, body: ScreeningBody) -> Foundation:
    """What a screening in a record rests on.

    Raises
    ------
    RecordError
        If it is not there, was changed or cannot be read.
    """
    content = log.blob(body.foundation)
    if sha256_of(content) != body.foundation:
        raise RecordError(f"{body.foundation} was changed")
    try:
        return decode_json(content, Foundation)
    except msgspec.DecodeError as error:
        raise RecordError(f"what the screening rests on cannot be read: {error}") from None


# -- decisions ---------------------------------------------------------------------------------


def decision_draft(given: Decision, screening: Entry, log: RecordLog) -> Draft:
    """The entry of a decision on a screening in a record.

    Raises
    ------
    RecordError
        As `decision.check_decision`.
    """
    from risicoscreener import __version__

    decision = read_decision(given)
    result = result_of(screening)
    check_content(decision, result)
    findings = findings_of(decision, result)
    if any(e.link.kind == "decision" for e in log.about(reference=decision.screening)):
        findings = (*findings, found("decided_before"))
    body = DecisionBody(
        library_version=__version__,
        decision=decision,
        kind=result.decision,
        as_of=result.as_of,
        advice=result.outcome,
        band=next(domain.level for domain in result.domains if domain.name == RISK),
        direction=direction_of(decision.outcome, result),
        findings=findings,
        second_readers=tuple(
            Finding(rule.id, rule.text) for rule in second_reader_of(decision.outcome, result)
        ),
        left_out=conditions_left_out(decision, result),
        called=_called(decision, result),
    )
    return Draft(
        kind="decision",
        category=FILE,
        body=canonical(body),
        subject=result.person_id,
        reference=decision.screening,
    )


def _called(decision: Decision, result: ScreeningResult) -> dict[str, Texts]:
    """What the outcomes and the conditions of a decision are called."""
    outcomes = dict.fromkeys((decision.outcome, result.outcome))
    called: dict[str, Texts] = {
        outcome: result.policy.outcomes.get(outcome) or texts("outcome", outcome)
        for outcome in outcomes
    }
    chosen = {condition.id for condition in decision.conditions}
    return called | {c.id: c.text for c in result.conditions if c.id in chosen}


def second_reading_draft(given: SecondReading, log: RecordLog) -> Draft:
    """The entry of a second reading of a decision in a record.

    Raises
    ------
    RecordError
        If the decision is not there, was made by the reader, was read before, or if the reader
        does not agree and does not say why.
    """
    reading = read_second_reading(given)
    entry = log.with_hash(reading.decision)
    decision = decision_body(entry).decision
    if reading.read_by.id == decision.decided_by.id:
        raise RecordError(f"read_by is {reading.read_by.id}, who decided; expected somebody else")
    if reading.read_at < decision.decided_at:
        raise RecordError(
            f"read_at is {reading.read_at}; expected it after decided_at ({decision.decided_at})"
        )
    if not reading.agrees and reading.words is None:
        raise RecordError("words is absent and the reader does not agree; expected the reason")
    assert entry.payload is not None
    if _reading_of(log, entry) is not None:
        raise RecordError(
            f"decision {entry.link.sequence} has a second reading; expected one. If the reader "
            "thinks otherwise now, a new decision is taken"
        )
    return Draft(
        kind="second_reading",
        category=FILE,
        body=canonical(SecondReadingBody(reading=reading)),
        subject=entry.payload.subject,
        reference=entry.payload.reference,
    )


def standing(log: RecordLog, entry: Entry) -> Standing:
    """Whether a decision in a record is final.

    Raises
    ------
    RecordError
        If it is no decision, or was deleted.
    """
    body = decision_body(entry)
    assert entry.payload is not None
    later = log.about(reference=entry.payload.reference)
    if any(e.link.kind == "decision" and e.link.sequence > entry.link.sequence for e in later):
        return "replaced"
    reading = _reading_of(log, entry)
    if reading is None:
        return "awaits_second_reader" if body.second_readers else "final"
    return "final" if reading.agrees else "not_agreed"


def _reading_of(log: RecordLog, entry: Entry) -> SecondReading | None:
    """The second reading of a decision, if there is one."""
    assert entry.payload is not None
    for other in log.about(reference=entry.payload.reference):
        if other.link.kind == "second_reading":
            reading = body_of(other, SecondReadingBody, "second_reading").reading
            if reading.decision == entry.sha256:
                return reading
    return None


def key_draft(event: KeyEvent) -> Draft:
    """The entry of what happened to a key."""
    try:
        checked = msgspec.convert(msgspec.to_builtins(event), KeyEvent)
    except msgspec.ValidationError as error:
        raise RecordError(f"the event of a key: {error}") from None
    return Draft(kind="key", category=CHAIN, body=canonical(checked))


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as plain values, for people and for other programs."""
    plain: dict[str, Any] = msgspec.to_builtins(entry.link)
    plain["sha256"] = entry.sha256
    if entry.payload is not None:
        plain["subject"] = entry.payload.subject
        plain["reference"] = entry.payload.reference
        try:
            plain["says"] = decode_json(entry.payload.body, object)
        except msgspec.DecodeError as error:
            raise RecordError(
                f"what entry {entry.link.sequence} says cannot be read: {error}"
            ) from None
    return plain
