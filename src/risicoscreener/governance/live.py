"""Lines for a Logboek Dataverwerkingen while people are screened: a line, then the answer."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import DossierError
from risicoscreener.governance.processing import (
    ERROR,
    UNSET,
    Activities,
    ProcessingLines,
    pseudonym,
    span_of,
)

if TYPE_CHECKING:
    from risicoscreener.dossier.reading import Source
    from risicoscreener.screening.result import ScreeningResult
    from risicoscreener.screening.screener import Screener
    from risicoscreener.screening.table import ScreenedTable


class LoggedScreener:
    """A screener that writes a line for each screening before it answers.

    A line that cannot be written stops the answer: what is not logged is not processed. A dossier
    that is refused, and a fault of the screening itself, is a line without a person: it is not
    known whom it concerns. Only the fault has the status of an error.

    Parameters
    ----------
    screener
        What screens.
    activities, key
        As for `lines_of`.
    write
        Gets one line of JSON; `to_file` makes one that appends to a file, on disk when it returns.
    clock
        Gives the moment, with its zone.
    new_id
        Gives so many random bytes, for the ids of trace and span.
    """

    def __init__(
        self,
        screener: Screener,
        activities: Activities,
        key: bytes,
        write: Callable[[str], None],
        *,
        clock: Callable[[], dt.datetime],
        new_id: Callable[[int], bytes] = os.urandom,
    ) -> None:
        pseudonym(key, "")  # a key that is too short is said before anybody is screened
        activities.of("screening")
        self.screener, self._activities, self._key = screener, activities, key
        self._write, self._clock, self._new_id = write, clock, new_id

    def __repr__(self) -> str:
        return f"<LoggedScreener of {self.screener.bundle.id!r}>"

    def screen(self, source: Source, decision: str = "leave", **settings: Any) -> ScreeningResult:
        """As `Screener.screen`, with a line written.

        Raises
        ------
        RisicoscreenerError
            As `Screener.screen`; a line is written all the same.
        OSError
            If the line cannot be written.
        """
        begun = self._clock()
        with self._failures(begun):
            result = self.screener.screen(source, decision, **settings)
        self._line(pseudonym(self._key, result.person_id), begun, UNSET)
        return result

    def screen_many(
        self, dossiers: Any, decision: str = "leave", index: Any = None, **settings: Any
    ) -> ScreenedTable:
        """As `Screener.screen_many`: one action, and under it one for each row.

        Raises
        ------
        RisicoscreenerError
            As `Screener.screen_many`; a line is written all the same.
        OSError
            If the lines cannot be written.
        """
        begun = self._clock()
        with self._failures(begun):
            table = self.screener.screen_many(dossiers, decision, index, **settings)
        trace = self._new_id(16).hex()
        whole = self._one("", begun, UNSET, trace)
        people = table.person_ids.to_pylist()
        self._put(
            whole,
            *(
                self._one(pseudonym(self._key, person), begun, UNSET, trace)
                | {"parentSpanId": whole["spanId"]}
                for person in people
            ),
        )
        return table

    @contextmanager
    def _failures(self, begun: dt.datetime) -> Iterator[None]:
        """What fails is a line about nobody; by the standard, input that is refused is no fault."""
        try:
            yield
        except Exception as error:
            self._line("", begun, UNSET if isinstance(error, DossierError) else ERROR)
            raise

    def _line(self, subject: str, begun: dt.datetime, status: int) -> None:
        self._put(self._one(subject, begun, status, self._new_id(16).hex()))

    def _one(self, subject: str, begun: dt.datetime, status: int, trace: str) -> dict[str, Any]:
        return span_of(
            self._activities,
            "screening",
            trace=trace,
            span=self._new_id(8).hex(),
            subject=subject,
            begun=begun,
            ended=self._clock(),
            status=status,
        )

    def _put(self, *spans: dict[str, Any]) -> None:
        from risicoscreener import __version__

        service = self._activities.service
        lines = ProcessingLines(service=service, version=__version__, spans=spans)
        self._write(lines.to_json())


def to_file(path: str | os.PathLike[str]) -> Callable[[str], None]:
    """What appends lines to a file that only its owner may read, each on disk when it returns."""

    def write(line: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        descriptor = os.open(path, flags, 0o600)
        try:
            data = f"{line}\n".encode()
            if os.write(descriptor, data) != len(data):
                raise OSError(f"{os.fspath(path)}: a line was written in part")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    return write
