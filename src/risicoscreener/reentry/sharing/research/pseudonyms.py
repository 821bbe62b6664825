"""Pseudonyms and shifts of dates that nobody can make or undo without the key of the project.

A shift is undone by whoever knows a true date. One is known of everybody: nothing happened after
the day of the export, and of who is inside something happened just before it. So each person is
looked at as known on a day of their own, so much earlier that all last days look the same once
shifted.
"""

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

    Those of two projects, or of two receivers of one, are different, also if one key is used for
    both, since project and receiver are in what is hashed. The key is in no output, representation
    or message.

    Parameters
    ----------
    key
        At least `KEY_BYTES` bytes, kept apart from every export.
    project
        The id of the project.
    shift_days
        By how many days at most dates are shifted.
    receiver
        Which of several who get an export of the project; None if there is one.
    """

    def __init__(
        self, key: bytes, project: str, shift_days: int, receiver: str | None = None
    ) -> None:
        if not isinstance(key, bytes) or len(key) < KEY_BYTES:
            raise ReentryError(
                f"the key is too short; expected at least {KEY_BYTES} bytes (new_key)"
            )
        self._key = key
        self._project = project
        self._receiver = receiver
        self._shift_days = shift_days
        self._shifts: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"<Pseudonyms of {self._project}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("pseudonyms hold a key and are not stored")

    def pseudonym(self, person_id: str) -> str:
        """The pseudonym of a person: ``p`` and 128 bits in hexadecimal."""
        return f"p{self._digest(_PSEUDONYM, person_id)[:16].hex()}"

    def shift(self, person_id: str) -> int:
        """By how many days the dates of a person are shifted; never by none."""
        if person_id not in self._shifts:
            number = int.from_bytes(self._digest(_SHIFT, person_id)[:8], "big")
            days = number % (2 * self._shift_days) - self._shift_days
            self._shifts[person_id] = days if days < 0 else days + 1
        return self._shifts[person_id]

    def shifted(self, person_id: str, day: dt.date) -> dt.date:
        """A date of a person, shifted; all of them keep their distance."""
        moved = day.toordinal() + self.shift(person_id)
        return dt.date.fromordinal(min(max(moved, EARLIEST.toordinal()), LATEST.toordinal()))

    def last_day(self, person_id: str, as_of: dt.date) -> dt.date:
        """The day as known on which a person goes into an export that is given on another.

        Shifted it is the same for everybody: ``shift_days`` before the export.
        """
        return as_of - dt.timedelta(days=self._shift_days + self.shift(person_id))

    def _digest(self, use: bytes, person_id: str) -> bytes:
        # neither a project nor a receiver has the byte 1, so that no two are the same bytes
        project = self._project if self._receiver is None else f"{self._project}\1{self._receiver}"
        said = use + project.encode() + b"\0" + person_id.encode()
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
