"""Pseudonyms and shifts of dates that nobody can make or undo without the key of the project."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from risicoscreener.dossier.schema import EARLIEST, LATEST
from risicoscreener.errors import ReentryError

KEY_BYTES = 32
_PSEUDONYM, _SHIFT = b"risicoscreener-pseudonym\0", b"risicoscreener-shift\0"


class Pseudonyms:
    """The pseudonyms and shifts of one project (HMAC-SHA256, RFC 2104, over project and person).

    Two projects cannot be joined, also if one key is used for both, since the project is in what is
    hashed. The key is in no output, representation or message.

    Parameters
    ----------
    key
        At least `KEY_BYTES` bytes, kept apart from every export.
    project
        The id of the project.
    shift_days
        By how many days at most dates are shifted.
    """

    def __init__(self, key: bytes, project: str, shift_days: int) -> None:
        if not isinstance(key, bytes) or len(key) < KEY_BYTES:
            raise ReentryError(
                f"the key is too short; expected at least {KEY_BYTES} bytes (new_key)"
            )
        self._key = key
        self._project = project.encode()
        self._shift_days = shift_days

    def __repr__(self) -> str:
        return f"<Pseudonyms of {self._project.decode()}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("pseudonyms hold a key and are not stored")

    def pseudonym(self, person_id: str) -> str:
        """The pseudonym of a person: ``p`` and 128 bits in hexadecimal."""
        return f"p{self._digest(_PSEUDONYM, person_id)[:16].hex()}"

    def shift(self, person_id: str) -> int:
        """By how many days the dates of a person are shifted; never by none."""
        number = int.from_bytes(self._digest(_SHIFT, person_id)[:8], "big")
        days = number % (2 * self._shift_days) - self._shift_days
        return days if days < 0 else days + 1

    def shifted(self, person_id: str, day: dt.date) -> dt.date:
        """A date of a person, shifted; all of them keep their distance."""
        moved = day.toordinal() + self.shift(person_id)
        return dt.date.fromordinal(min(max(moved, EARLIEST.toordinal()), LATEST.toordinal()))

    def _digest(self, use: bytes, person_id: str) -> bytes:
        said = use + self._project + b"\0" + person_id.encode()
        return hmac.new(self._key, said, hashlib.sha256).digest()


def new_key(path: str | os.PathLike[str]) -> bytes:
    """Make a key in a file that only its owner can read.

    Raises
    ------
    OSError
        If something is there: a key that is overwritten cannot be had back.
    """
    key = secrets.token_bytes(KEY_BYTES)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(key.hex() + "\n")
    return key


def read_key(path: str | os.PathLike[str]) -> bytes:
    """The key in a file, in hexadecimal.

    Raises
    ------
    ReentryError
        If it is no key; the message does not repeat what is there.
    """
    try:
        key = bytes.fromhex(Path(path).read_text("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) < KEY_BYTES:
        raise ReentryError(
            f"{os.fspath(path)} is no key; expected at least {2 * KEY_BYTES} hexadecimal digits"
        )
    return key
