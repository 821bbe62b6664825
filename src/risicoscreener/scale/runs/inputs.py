"""The parts of a folder of dossiers: which files they are, and whether those stay the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.assembling import OnError
from risicoscreener.dossier.files import PART, files_of, read_table, tables_in
from risicoscreener.errors import DossierError

ALONE = f"{PART}00000"
"""What the only part of a folder without parts is called."""


class InputFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as it was when it was read: its name in the folder, size, time and content."""

    name: str
    size: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """A group of people in a folder of dossiers, with all their facts.

    Attributes
    ----------
    name
        As its results are called, without an ending.
    folder, part
        Where it is, and how its files are called there; ``None`` if the folder has no parts.
    files
        Its files by their names in the folder.
    lacking
        Names of files that it should have, too.
    """

    name: str
    folder: Path
    part: str | None
    files: dict[str, Path]
    lacking: tuple[str, ...] = ()

    def read(self, on_error: OnError, recorded_by: dt.date) -> DossierTables:
        """Its dossiers, validated.

        Raises
        ------
        DossierError
            If a file is absent or cannot be read, or (with ``raise``) on any problem in the rows.
        """
        self.check_complete()
        return DossierTables.read(
            self.folder, on_error=on_error, recorded_by=recorded_by, part=self.part
        )

    def check_complete(self) -> None:
        """No file is lacking.

        Raises
        ------
        DossierError
            That names those that are.
        """
        if self.lacking:
            raise DossierError(
                f"{' and '.join(self.lacking)} cannot be found in {self.folder}; expected every "
                "table in parts of the same names, each with the facts of its persons"
            )

    def person_ids(self) -> pa.Array:
        """Ids of its people as they are in its file, without those that are absent.

        Raises
        ------
        DossierError
            If the file is absent or cannot be read.
        """
        self.check_complete()
        table = read_table(next(p for n, p in self.files.items() if n.startswith("persons.")))
        if table.column_names.count("person_id") != 1 or pa.types.is_nested(
            table.schema.field("person_id").type
        ):
            return pa.array([], pa.string())  # which validation will say
        ids = table.column("person_id").cast(pa.string()).combine_chunks()
        return pc.drop_null(ids)

    def look(self) -> tuple[InputFile, ...]:
        """Its files with a hash of their content.

        Raises
        ------
        DossierError
            If one cannot be read.
        """
        return tuple(look_at(name, path) for name, path in self.files.items())

    def is_as(self, seen: Iterable[InputFile], content: str) -> bool:
        """Whether its files are as they were.

        Those of the same size and time are taken to be so; others are read.

        Parameters
        ----------
        seen
            As they were; nothing if that was not noted.
        content
            `content_of` them.
        """
        before = {file.name: (file.size, file.modified_ns) for file in seen}
        try:
            stats = {name: path.stat() for name, path in self.files.items()}
            now = {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()}
            return now == before or content_of(self.look()) == content
        except (OSError, DossierError):
            return False


def parts_in(folder: Path) -> list[Part]:
    """The parts of a folder, by their names; one if it has no parts.

    Raises
    ------
    DossierError
        If it is no folder with dossiers, or has tables that are in parts beside some that are not.
    """
    paths, _ = tables_in(folder)
    whole = [path.name for path in paths.values() if not path.is_dir()]
    if len(whole) == len(paths):
        return [Part(ALONE, folder, None, {path.name: path for path in paths.values()})]
    if whole:
        raise DossierError(
            f"{whole[0]} is a file in {folder}, where other tables are in parts; expected every "
            "table in parts of the same names"
        )
    names = sorted({file.name for path in paths.values() for file in files_of(path)})
    return [_part(folder, name, list(paths.values())) for name in names]


def _part(folder: Path, part: str, tables: list[Path]) -> Part:
    files = {f"{table.name}/{part}": table / part for table in tables}
    lacking = tuple(name for name, path in files.items() if not path.exists())
    return Part(Path(part).stem, folder, part, files, lacking)


def look_at(name: str, path: Path) -> InputFile:
    """A file with a hash of its content.

    Raises
    ------
    DossierError
        If it cannot be read.
    """
    try:
        stat = path.stat()
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DossierError(f"{name} cannot be read: {error.strerror}") from None
    return InputFile(name, stat.st_size, stat.st_mtime_ns, sha256)


def content_of(files: Iterable[InputFile]) -> str:
    """A hash of the names and the content of files, whenever and wherever they were written."""
    listed = sorted((file.name, file.sha256) for file in files)
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()
