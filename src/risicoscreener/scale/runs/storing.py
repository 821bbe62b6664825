"""The folder of a run: results and problems of each part, and what the run is."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import pyarrow as pa
from msgspec import Meta, Struct

from risicoscreener.dossier.assembling import OnError
from risicoscreener.dossier.problems import shown
from risicoscreener.errors import ScaleError
from risicoscreener.scale.runs.inputs import InputFile
from risicoscreener.scale.runs.lock import locked
from risicoscreener.strict_json import decode_json
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    from risicoscreener.dossier.problems import Problem
    from risicoscreener.screening.record.foundation import Foundation
    from risicoscreener.screening.table import ScreenedTable

MANIFEST, PROBLEMS, ENDING = "run.json", "problems", ".parquet"
_NOTE = b"risicoscreener.run"
_PROBLEM_FIELDS = pa.schema(
    [
        ("table", pa.string()),
        ("row", pa.int64()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("expected", pa.string()),
        ("person_id", pa.string()),
    ]
)


PartName = Annotated[str, Meta(pattern=r"^[^/\\\x00]{1,255}\Z")]
"""The name of a file: it leads to no other folder, whatever a description of a run says."""


class Identity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the results of a run follow from, apart from the dossiers.

    Attributes
    ----------
    decision, as_of, index
        Kind of decision, and for whom on which day: everyone on one, or as an index says.
    on_error, recorded_by
        What is done with bad rows, and the last day on which a fact can have been recorded.
    library_version, bundle, policies, definitions
        What it rests on: sha256 of the models, of each version of the policy, and of the features.
    """

    decision: str
    as_of: dt.date | None
    index: str | None
    on_error: OnError
    recorded_by: dt.date
    library_version: str
    bundle: str
    policies: tuple[str, ...]
    definitions: str

    @classmethod
    def of(cls, foundation: Foundation, **asked: Any) -> Identity:
        """From what the screenings rest on, and what was asked."""
        return cls(
            decision=foundation.kind,
            library_version=foundation.library_version,
            bundle=foundation.bundle_file,
            policies=foundation.policy_files,
            definitions=foundation.definitions,
            **asked,
        )

    @property
    def sha256(self) -> str:
        """One hash of it all."""
        encoded = msgspec.json.encode(self, order="deterministic")
        return hashlib.sha256(encoded).hexdigest()


class Note(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in each file of results: of which run, from which files, and what is in it.

    A part is done when this file is in its place; there is no moment at which it is half done.
    """

    run: str
    inputs: str
    screened: int
    outcomes: dict[str, int]
    problems: int


class Done(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part that was screened, and the files from which it was."""

    name: PartName
    note: Note
    files: tuple[InputFile, ...] = ()


class NotScreened(Struct, frozen=True, forbid_unknown_fields=True):
    """A part that could not be read, if it was asked to go on without."""

    name: PartName
    reason: str


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run is and how far it is.

    Attributes
    ----------
    identity, run
        What the results follow from, and its hash.
    folder
        Where the dossiers are.
    parts
        Names of all parts.
    done, not_screened
        Those that were screened, and those that could not be read.
    seconds
        How long it has worked, all calls together.
    finished
        Whether every part is in one of the two.
    """

    format: Literal["risicoscreener-run"] = "risicoscreener-run"
    format_version: Literal[1] = 1
    identity: Identity
    run: str
    folder: str
    parts: tuple[PartName, ...]
    done: tuple[Done, ...] = ()
    not_screened: tuple[NotScreened, ...] = ()
    seconds: float = 0.0
    finished: bool = False


def cannot_write(folder: Path, error: OSError) -> str:
    """Why a folder of results could not be written."""
    reason = os.strerror(error.errno) if error.errno else str(error).splitlines()[0]
    advice = "; make room for it" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return f"results cannot be written to {folder}: {reason}{advice}"


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Errors of files are about the folder of results.

    Raises
    ------
    ScaleError
        That says so.
    """
    try:
        yield
    except OSError as error:
        raise ScaleError(cannot_write(folder, error)) from error


class RunFolder:
    """The folder of a run.

    Parameters
    ----------
    path
        Where it is; a link is followed.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(os.path.realpath(path))

    def check_usable(self) -> None:
        """It is absent, empty, or of a run.

        Raises
        ------
        ScaleError
            If something else is there.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ScaleError(f"{self.path} is a file; expected a folder for the results of parts")
        if not self.path.is_dir() or self._manifest_path.exists():
            return
        other = [path.name for path in self.path.iterdir() if not path.name.startswith(".")]
        if other:
            raise ScaleError(
                f"{self.path} has {min(other)!r} in it and is not the folder of a run; expected "
                "one that is not there yet, is empty, or has a run that is to be continued"
            )

    @contextmanager
    def taken(self) -> Iterator[None]:
        """It is there, and nobody else writes to it; what is unfinished in the end is removed.

        Raises
        ------
        ScaleError
            As `check_usable`, if another run writes to it, and if it cannot be made.
        """
        self.check_usable()
        with ExitStack() as held:
            with writable(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
                held.enter_context(locked(self.path))
                self._remove_unfinished()
            try:
                yield
            finally:
                self._remove_unfinished()

    def manifest(self) -> Manifest | None:
        """What the run is; ``None`` if there is none.

        Raises
        ------
        ScaleError
            If the file is damaged, or from another version of this library.
        """
        try:
            return decode_json(self._manifest_path.read_bytes(), Manifest)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise ScaleError(
                f"{self._manifest_path} does not describe a run: {error}; start it again to "
                "replace it, or give another folder"
            ) from None

    def save(self, manifest: Manifest) -> None:
        """Say what the run is and how far it is."""
        encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        with put_in_place(self._manifest_path) as unfinished:
            unfinished.write_bytes(encoded)

    def results_path(self, name: str) -> Path:
        """Where the results of a part stand."""
        return self.path / f"{name}{ENDING}"

    def problems_path(self, name: str) -> Path:
        """Where the problems of a part stand, if there are any."""
        return self.path / PROBLEMS / f"{name}{ENDING}"

    def note(self, name: str, run: str) -> Note | None:
        """What stands in the results of a part, if they are there, whole and of this run.

        So are its problems, if it has any.
        """
        import pyarrow.parquet

        try:
            metadata = pyarrow.parquet.read_metadata(self.results_path(name))
            note = decode_json((metadata.metadata or {})[_NOTE], Note)
            problems = 0
            if note.problems:
                problems = pyarrow.parquet.read_metadata(self.problems_path(name)).num_rows
        except (OSError, KeyError, pa.ArrowException, msgspec.DecodeError):
            return None
        found = (run, metadata.num_rows, problems)
        return note if (note.run, note.screened, note.problems) == found else None

    def put(
        self,
        name: str,
        screened: ScreenedTable,
        problems: tuple[Problem, ...],
        *,
        run: str,
        inputs: str,
    ) -> Note:
        """Write the results of a part, and before them its problems."""
        import pyarrow.parquet

        self._put_problems(name, problems)
        note = Note(
            run=run,
            inputs=inputs,
            screened=len(screened),
            outcomes=screened.counts(),
            problems=len(problems),
        )
        table = screened.to_arrow().replace_schema_metadata({_NOTE: msgspec.json.encode(note)})
        with put_in_place(self.results_path(name)) as unfinished:
            pyarrow.parquet.write_table(table, unfinished, write_page_checksum=True)
        return note

    def problems(self, names: Iterable[str]) -> pa.Table:
        """The problems of these parts, with the name of the part of each."""
        import pyarrow.parquet

        tables = [_PROBLEM_FIELDS.empty_table().add_column(0, "part", pa.array([], pa.string()))]
        try:
            for name in names:
                found = pyarrow.parquet.read_table(
                    self.problems_path(name), page_checksum_verification=True
                )
                part = pa.array([name] * len(found), pa.string())
                tables.append(found.add_column(0, "part", part))
            return pa.concat_tables(tables)
        except (OSError, pa.ArrowException) as error:
            raise ScaleError(f"the problems in {self.path} cannot be read: {error}") from None

    def clear(self, names: Iterable[str]) -> None:
        """Remove the results and problems of parts."""
        for name in names:
            self.results_path(name).unlink(missing_ok=True)
            self.problems_path(name).unlink(missing_ok=True)

    @property
    def _manifest_path(self) -> Path:
        return self.path / MANIFEST

    def _put_problems(self, name: str, problems: tuple[Problem, ...]) -> None:
        import pyarrow.parquet

        path = self.problems_path(name)
        if not problems:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(exist_ok=True)
        rows = [
            {field: getattr(problem, field) for field in _PROBLEM_FIELDS.names}
            | {"value": shown(problem.value)}
            for problem in problems
        ]
        with put_in_place(path) as unfinished:
            table = pa.Table.from_pylist(rows, _PROBLEM_FIELDS)
            pyarrow.parquet.write_table(table, unfinished, write_page_checksum=True)

    def _remove_unfinished(self) -> None:
        """What processes left that were killed while they wrote."""
        for folder in (self.path, self.path / PROBLEMS):
            for path in folder.glob(".*.partial"):
                path.unlink(missing_ok=True)
