"""Lines of JSON on what the service does, in which nobody can be recognised.

A line has no value of a dossier, no address that was typed, no message of an error. People are
named by a keyed hash: the same person has the same one as long as the key is kept.
"""

from __future__ import annotations

import datetime as dt
import hmac
import logging
import os
import secrets
import sys
import threading
import traceback
from typing import Any, TextIO

import msgspec

KEY_VARIABLE = "RISICOSCREENER_LOG_KEY"
"""A secret of at least 16 letters; without it pseudonyms last as long as the process."""
DIGITS = 16


class Log:
    """Writes lines.

    Parameters
    ----------
    stream
        Where to; standard error by default.
    key
        What pseudonyms are made with.
    """

    def __init__(self, stream: TextIO | None = None, key: bytes | None = None) -> None:
        given = os.environ.get(KEY_VARIABLE, "").encode()
        self._key = key or (given if len(given) >= DIGITS else secrets.token_bytes(32))
        self._stream = sys.stderr if stream is None else stream
        self._mutex = threading.Lock()

    def pseudonym(self, name: str) -> str:
        """What somebody is called in the log."""
        return hmac.digest(self._key, name.encode(), "sha256").hex()[:DIGITS]

    def say(self, event: str, **values: Any) -> None:
        """Write a line; values that are None are left out. A log that is gone stops nothing."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {"time": now, "event": event}
        said |= {name: value for name, value in values.items() if value is not None}
        line = msgspec.json.encode(said).decode()
        try:
            with self._mutex:
                self._stream.write(line + "\n")
                self._stream.flush()
        except (OSError, ValueError):
            return

    def fault(self, error: BaseException, **values: Any) -> None:
        """Write where something failed that should not: no message, since it can quote data."""
        places = [
            f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119  (a name alone)
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
        self.say("fault", error=type(error).__name__, places=places, **values)


class ServerLines(logging.Handler):
    """Has what the server beneath says in the log: its fixed words, never what they speak of.

    Parameters
    ----------
    log
        Where lines go.
    """

    NAMES = ("uvicorn", "asyncio")

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        if record.exc_info and record.exc_info[1] is not None:
            self._log.fault(record.exc_info[1])
        elif isinstance(record.msg, str) and "\n" not in record.msg:
            self._log.say("server", message=record.msg)

    def __enter__(self) -> ServerLines:
        for name in self.NAMES:
            logging.getLogger(name).addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.NAMES:
            logging.getLogger(name).removeHandler(self)
