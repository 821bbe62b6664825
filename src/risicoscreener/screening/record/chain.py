"""The links of a record: each names the one before it and what it commits to, by their hashes.

A link holds nothing about a person. What does stands in a payload apart from the chain, so that it
can be deleted while the chain stays provable: the link keeps a hash of the payload with a random
salt, and the salt is deleted with it. Without the salt a payload cannot be guessed back from its
hash, however few payloads were possible.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

SALT_BYTES = 32
_LINK = b"risicoscreener-record link\0"
_PAYLOAD = b"risicoscreener-record payload\0"
_START = b"risicoscreener-record start\0"


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One link of the chain, without its own hash.

    Attributes
    ----------
    sequence
        1 for the first, without gaps.
    recorded_at
        When it was written, in UTC; never before the link before it.
    kind
        ``screening``, ``decision``, ``second_reading``, ``deletion`` or ``key``; of what is given
        to others ``sharing`` or ``sharing_revoked`` (`reentry.sharing.log`).
    category
        What the payload belongs to by law, which says how long it is kept: a name in
        ``retention.toml``.
    blobs
        sha256 of what it rests on that is not about a person: policies, models, definitions.
    payload_sha256
        Of the payload with its salt, see `payload_hash`.
    previous
        Hash of the link before it; of the first, that of the start of this record.
    """

    sequence: int
    recorded_at: Annotated[dt.datetime, Meta(tz=True)]
    kind: str
    category: str
    blobs: tuple[str, ...]
    payload_sha256: str
    previous: str


class Payload(Struct, frozen=True, kw_only=True):
    """What an entry says, apart from the chain.

    Attributes
    ----------
    subject
        Whom it is about: a case id; empty if nobody.
    reference
        sha256 of the result of the screening that it is or is about; empty if none.
    salt
        `SALT_BYTES` random bytes.
    body
        Canonical JSON.
    """

    subject: str
    reference: str
    salt: bytes
    body: bytes


class Entry(Struct, frozen=True, kw_only=True):
    """A link with its hash, and its payload unless that was deleted."""

    link: Link
    sha256: str
    payload: Payload | None


class Draft(Struct, frozen=True, kw_only=True):
    """An entry that is to be written; the meaning of its parts is that of `Link` and `Payload`.

    ``blobs`` has the content by its sha256.
    """

    kind: str
    category: str
    body: bytes
    subject: str = ""
    reference: str = ""
    blobs: Mapping[str, bytes] = field(default_factory=dict)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and without spaces: one text for one value."""
    return msgspec.json.encode(value, order="sorted")


def sha256_of(content: bytes) -> str:
    """sha256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def start_of(record_id: str) -> str:
    """What the first link of a record names as the one before it."""
    return sha256_of(_START + record_id.encode())


def link_hash(body: bytes) -> str:
    """Hash of a link, of the bytes in which it is stored."""
    return sha256_of(_LINK + body)


def payload_hash(payload: Payload) -> str:
    """Hash of a payload with its salt.

    Neither a subject nor a reference holds the byte 0 that ends it, so that no two payloads are
    the same bytes.
    """
    parts = (payload.salt, payload.subject.encode(), b"\0", payload.reference.encode(), b"\0")
    return sha256_of(_PAYLOAD + b"".join(parts) + payload.body)


def sealed(
    draft: Draft, sequence: int, previous: str, at: dt.datetime
) -> tuple[Link, bytes, Payload]:
    """The link of a draft, its bytes, and its payload with a new salt."""
    payload = Payload(
        subject=draft.subject,
        reference=draft.reference,
        salt=secrets.token_bytes(SALT_BYTES),
        body=draft.body,
    )
    link = Link(
        sequence=sequence,
        recorded_at=at,
        kind=draft.kind,
        category=draft.category,
        blobs=tuple(draft.blobs),
        payload_sha256=payload_hash(payload),
        previous=previous,
    )
    return link, canonical(link), payload
