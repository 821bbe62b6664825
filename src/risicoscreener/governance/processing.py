"""Logboek Dataverwerkingen: a line for each processing of someone's data, as OTLP JSON.

After the standard of Logius and the Ministry of the Interior (repository
Logius-standaarden/logboek-dataverwerkingen, ``sections/specificaties.md``, commit
01340ad2abac2082122f984a9c5659bd176ea331, published as 0.8.0): a trace for each processing, a span
for each action in it, the attributes ``dpl.core.processing_activity_id``,
``dpl.core.data_subject_id`` and ``dpl.core.data_subject_id_type``, and no sampling. Other
attributes may not be used before an extension is established, so none are; who processed is not
in a line, and neither is what was found.

The standard counts milliseconds; OTLP, which it recommends, writes nanoseconds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from risicoscreener.errors import GovernanceError
from risicoscreener.governance.fact import say
from risicoscreener.screening.record.entries import decision_body, screening_body
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from risicoscreener.screening.record import RecordLog
    from risicoscreener.screening.record.chain import Entry

KEY_BYTES = 32
OPERATIONS = ("screening", "decision", "second_reading", "sharing", "sharing_revoked")
"""Kinds of entries that process data of a person; the others prove the record."""

INTERNAL = 1
UNSET, ERROR = 0, 2
"""Kind of a span and states of it, as OTLP numbers them."""

_SUBJECT, _TRACE, _SPAN = (f"risicoscreener-logboek {use}\0".encode() for use in ("s", "t", "a"))
Uri = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$", max_length=500)]


class Activities(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the register of processing activities describes what is done, by kind of entry.

    Attributes
    ----------
    service
        Name of the application that processes, as the organisation calls it.
    activities
        For each of `OPERATIONS` the address of the activity in the register. Each version of an
        activity has an address of its own.
    data_subject_id_type
        What the pseudonym is called, or the address of a register that says so.
    """

    service: Annotated[str, Meta(min_length=1, max_length=200)]
    activities: dict[str, Uri]
    data_subject_id_type: Annotated[str, Meta(min_length=1, max_length=500)] = "pseudonym"

    def __post_init__(self) -> None:
        unknown = sorted(set(self.activities) - set(OPERATIONS))
        if unknown:
            raise GovernanceError(
                f"activity {unknown[0]!r}; expected one of {', '.join(OPERATIONS)}"
            )

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Activities:
        """The register in a TOML file.

        Raises
        ------
        GovernanceError
            If it is no TOML, or a field is absent, unknown or of another form.
        """
        try:
            return msgspec.convert(parse_toml(Path(path).read_text("utf-8")), cls)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
            raise GovernanceError(f"{os.fspath(path)} is no register: {error}") from None

    def of(self, kind: str) -> str:
        """The address of what an entry of a kind is.

        Raises
        ------
        GovernanceError
            If the register does not have it: a processing without one may not be logged as another.
        """
        if kind not in self.activities:
            known = ", ".join(self.activities) or "none"
            raise GovernanceError(
                f"the register has no activity {kind!r}; expected one for each kind in the record "
                f"(there: {known})"
            )
        return self.activities[kind]


class ProcessingLines(Struct, frozen=True, kw_only=True):
    """Lines of a logbook.

    Attributes
    ----------
    spans
        As OTLP writes them in JSON.
    deleted, about_nobody
        Entries of a record without a line: what they said was deleted, or they concern nobody.
    """

    service: str
    version: str
    spans: tuple[dict[str, Any], ...]
    deleted: int = 0
    about_nobody: int = 0

    @property
    def people(self) -> int:
        """How many pseudonyms there are."""
        return len({_attribute(s, "dpl.core.data_subject_id") for s in self.spans} - {None})

    def to_dict(self) -> dict[str, Any]:
        """One ``ExportTraceServiceRequest`` of OTLP, as plain values."""
        resource = [_pair("service.name", self.service), _pair("service.version", self.version)]
        scope = {"name": "risicoscreener", "version": self.version}
        return {
            "resourceSpans": [
                {
                    "resource": {"attributes": resource},
                    "scopeSpans": [{"scope": scope, "spans": list(self.spans)}],
                }
            ]
        }

    def to_json(self) -> str:
        """The same as one line of JSON, as a collector of OpenTelemetry reads it from a file."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    def text(self, lang: str = "nl") -> str:
        """How many lines, on how many people, and what has none."""
        counted = {"n": len(self.spans), "people": self.people, "deleted": self.deleted}
        said = say("logbook", "exported", other=self.about_nobody, **counted)
        return said.text(check_language(lang))


def pseudonym(key: bytes, person_id: str) -> str:
    """The pseudonym of a person: HMAC-SHA256 (RFC 2104) in hexadecimal.

    Raises
    ------
    GovernanceError
        If the key has fewer than `KEY_BYTES` bytes.
    """
    if len(key) < KEY_BYTES:
        raise GovernanceError(f"the key has {len(key)} bytes; expected at least {KEY_BYTES}")
    return hmac.new(key, _SUBJECT + person_id.encode(), hashlib.sha256).hexdigest()


def lines_of(
    log: RecordLog,
    activities: Activities,
    key: bytes,
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> ProcessingLines:
    """A line for each entry of a record that is about a person; none is left out.

    A screening and what follows on it are one trace; what follows has the screening as its parent.
    The same record gives the same lines, also where it is exported in parts.

    Parameters
    ----------
    since, until
        First and last day, both included; by default all.

    Raises
    ------
    GovernanceError
        If the register lacks an activity, or the days are in the wrong order.
    RecordError
        If an entry cannot be read.
    """
    from risicoscreener import __version__

    if since is not None and until is not None and until < since:
        raise GovernanceError(f"until is {until}, before since {since}; expected a later day")
    spans, deleted, nobody = [], 0, 0
    for entry in log.entries():
        day = entry.link.recorded_at.date()
        if (since is not None and day < since) or (until is not None and day > until):
            continue
        if entry.link.kind not in OPERATIONS:
            nobody += 1
        elif entry.payload is None:
            deleted += 1
        else:
            spans.append(_span_of(log, entry, activities, key))
    return ProcessingLines(
        service=activities.service,
        version=__version__,
        spans=tuple(spans),
        deleted=deleted,
        about_nobody=nobody,
    )


def _span_of(log: RecordLog, entry: Entry, activities: Activities, key: bytes) -> dict[str, Any]:
    payload, kind = entry.payload, entry.link.kind
    assert payload is not None
    begun, ended = _times(entry)
    trace = payload.reference or entry.sha256
    parent = None
    if payload.reference and kind != "screening":
        parent = next(
            (e for e in log.about(reference=payload.reference) if e.link.kind == "screening"), None
        )
    span = span_of(
        activities,
        kind,
        trace=_digest(_TRACE, f"{log.id} {trace}", 16),
        span=_digest(_SPAN, entry.sha256, 8),
        subject=pseudonym(key, payload.subject) if payload.subject else "",
        begun=begun,
        ended=ended,
    )
    if parent is not None:
        span["parentSpanId"] = _digest(_SPAN, parent.sha256, 8)
    return span


def _times(entry: Entry) -> tuple[dt.datetime, dt.datetime]:
    """When it was begun and ended: of a decision while it was looked at, of others one moment."""
    if entry.link.kind == "decision":
        decision = decision_body(entry).decision
        return decision.opened_at, decision.decided_at
    if entry.link.kind == "screening":
        screening_body(entry)  # an entry that cannot be read is no line that looks sound
    return entry.link.recorded_at, entry.link.recorded_at


def span_of(
    activities: Activities,
    kind: str,
    *,
    trace: str,
    span: str,
    subject: str,
    begun: dt.datetime,
    ended: dt.datetime,
    status: int = UNSET,
) -> dict[str, Any]:
    """A span as OTLP writes it; ``subject`` is a pseudonym, empty if it concerns nobody."""
    attributes = [_pair("dpl.core.processing_activity_id", activities.of(kind))]
    if subject:
        attributes += [
            _pair("dpl.core.data_subject_id", subject),
            _pair("dpl.core.data_subject_id_type", activities.data_subject_id_type),
        ]
    return {
        "traceId": trace,
        "spanId": span,
        "name": say("operation", kind).nl,
        "kind": INTERNAL,
        "startTimeUnixNano": _nanoseconds(begun),
        "endTimeUnixNano": _nanoseconds(ended),
        "attributes": attributes,
        "status": {"code": status} if status else {},
    }


def _pair(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def _attribute(span: Mapping[str, Any], key: str) -> str | None:
    return next((p["value"]["stringValue"] for p in span["attributes"] if p["key"] == key), None)


def _nanoseconds(moment: dt.datetime) -> str:
    """Since 1970, to the millisecond, as a text: JSON has no numbers of 64 bits."""
    elapsed = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return str(elapsed // dt.timedelta(milliseconds=1) * 1_000_000)


def _digest(use: bytes, said: str, size: int) -> str:
    return hashlib.sha256(use + said.encode()).digest()[:size].hex()
