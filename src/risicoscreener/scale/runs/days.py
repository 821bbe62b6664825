"""On which days the people of a run are screened: all on one, or as an index says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier.files import files_of, read_table
from risicoscreener.errors import DossierError
from risicoscreener.scale.runs.inputs import Part, look_at

if TYPE_CHECKING:
    from risicoscreener.dossier import DossierTables

IN_PARTS = "in parts"


@dataclass(frozen=True)
class Days:
    """One day for everyone, or an index: a file with ``person_id`` and ``as_of``.

    Attributes
    ----------
    as_of
        The day; ``None`` if there is an index.
    index
        The file, or a folder of files that are named as the parts are.
    content
        sha256 of the file; ``in parts`` of a folder, whose files count among those of the parts.
    """

    as_of: dt.date | None = None
    index: Path | None = None
    content: str | None = None

    @classmethod
    def of_index(cls, index: Path) -> Days:
        """Days as an index says.

        Raises
        ------
        DossierError
            If it cannot be read.
        """
        if index.is_dir():
            return cls(None, index, IN_PARTS)
        return cls(None, index, look_at(index.name, index).sha256)

    @property
    def in_parts(self) -> bool:
        """Whether each part has an index of its own."""
        return self.content == IN_PARTS

    def with_index(self, parts: Iterable[Part]) -> list[Part]:
        """Parts that have the file of their index among their files.

        Raises
        ------
        DossierError
            If there is an index of another part.
        """
        given = list(parts)
        if not self.in_parts or self.index is None:
            return given
        names = {part.part for part in given}
        other = [file.name for file in files_of(self.index) if file.name not in names]
        if other:
            raise DossierError(
                f"{self.index.name}/{other[0]} is an index of a part that is not in "
                f"{given[0].folder}; expected files that are named as the parts are"
            )
        return [_with_index(part, self.index) for part in given]

    def of(self, part: Part, dossiers: DossierTables) -> Any:
        """For whom of a part on which day, as `Screener.screen_many` takes it."""
        if self.index is None:
            return self.as_of
        if self.in_parts:
            return read_table(self.index / str(part.part))
        index = self._whole()
        return index.filter(pc.is_in(index.column("person_id"), dossiers.person_ids))

    def count(self, ids: pa.Array) -> int:
        """How many rows of the index of all parts are of these people; 0 if there is none."""
        if self.index is None or self.in_parts:
            return 0
        known = pc.is_in(self._whole().column("person_id"), ids)
        return int(pc.sum(known).as_py() or 0)

    def check_counted(self, counted: int) -> None:
        """The index of all parts, if there is one, has no rows but those that were counted.

        Raises
        ------
        DossierError
            If it is of someone who is in no part.
        """
        if self.index is None or self.in_parts:
            return
        rows = len(self._whole())
        if counted < rows:
            raise DossierError(
                f"{self.index} has {rows - counted} row(s) of persons who are in no part; "
                "expected only persons of the folder"
            )

    def _whole(self) -> pa.Table:
        assert self.index is not None
        assert self.content is not None
        return _read_index(self.index, self.content)


def _with_index(part: Part, index: Path) -> Part:
    name, path = f"{index.name}/{part.part}", index / str(part.part)
    lacking = part.lacking if path.exists() else (*part.lacking, name)
    return replace(part, files={**part.files, name: path}, lacking=lacking)


@lru_cache(maxsize=1)
def _read_index(path: Path, _content: str) -> pa.Table:
    """An index for all parts, read once in each process."""
    table = read_table(path)
    lacking = {"person_id", "as_of"} - set(table.column_names)
    if lacking:
        raise DossierError(f"{path} has no column {' and '.join(sorted(lacking))}")
    place = table.column_names.index("person_id")
    return table.set_column(place, "person_id", table.column("person_id").cast(pa.string()))
