"""What a record was at a moment, to be kept where its writers cannot reach it.

A chain alone cannot show that its end was cut off, nor that all of it was written again by
somebody who can write it. A checkpoint can: it names the entry that was last, and its hash. Signed,
it also says who made it.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from risicoscreener.errors import BundleError, RecordError
from risicoscreener.models.signing import Signature, check_signature, sign
from risicoscreener.screening.record.chain import canonical, sha256_of
from risicoscreener.strict_json import decode_json

if TYPE_CHECKING:
    from risicoscreener.models.signing import PrivateKey, PublicKey
    from risicoscreener.screening.record.storage import Head

PREFIX = b"risicoscreener-checkpoint sha256 "
"""Before what is signed, so that the signature cannot be taken for one of something else."""


class Checkpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The end of a record at a moment.

    Attributes
    ----------
    record
        Id of the record.
    sequence, sha256
        The entry that was last, 0 if there was none, and its hash.
    """

    record: str
    sequence: int
    sha256: str
    at: dt.datetime
    signature: Signature | None = None

    @property
    def digest(self) -> str:
        """sha256 of all but the signature: what is signed."""
        return sha256_of(canonical((self.record, self.sequence, self.sha256, self.at)))


def checkpoint_of(record: str, head: Head, private_key: PrivateKey | None) -> Checkpoint:
    """The checkpoint of the end of a record, signed if a key is given."""
    made = Checkpoint(
        record=record, sequence=head.sequence, sha256=head.sha256, at=dt.datetime.now(dt.UTC)
    )
    if private_key is None:
        return made
    return msgspec.structs.replace(made, signature=sign(made.digest, private_key, PREFIX))


def is_signed_well(checkpoint: Checkpoint, trusted_keys: Iterable[PublicKey] | None) -> bool:
    """Whether a signature fits, if there is one, and is of a trusted key if those are given."""
    try:
        check_signature(
            checkpoint.signature, checkpoint.digest, trusted_keys, "the checkpoint", PREFIX
        )
    except BundleError:
        return False
    return True


def keep(checkpoint: Checkpoint, path: str | os.PathLike[str]) -> None:
    """Add a checkpoint to a file, a line of JSON each; it is on disk afterwards.

    Raises
    ------
    RecordError
        If the file cannot be written.
    """
    try:
        with Path(path).open("ab") as stream:
            stream.write(canonical(checkpoint) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise RecordError(f"checkpoints {path} cannot be written: {error.strerror}") from None


def read_checkpoints(path: str | os.PathLike[str]) -> tuple[Checkpoint, ...]:
    """The checkpoints in a file, oldest first.

    Raises
    ------
    RecordError
        If it cannot be read, naming the line.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise RecordError(f"checkpoints {path} cannot be read: {error.strerror}") from None
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(decode_json(line, Checkpoint))
        except msgspec.DecodeError as error:
            raise RecordError(f"checkpoints {path}, line {number}: {error}") from None
    return tuple(found)
