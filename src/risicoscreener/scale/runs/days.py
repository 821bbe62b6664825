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
        index = self._of_part(part) if self.in_parts else self._whole()
        wanted = index.filter(pc.is_in(index.column("person_id"), dossiers.person_ids))
        if self.in_parts and len(wanted) < len(index):  # the others should have been set apart
            self.check_part(part, part.person_ids())
        return wanted

    def check_part(self, part: Part, ids: pa.Array) -> None:
        """The index of a part, if each has its own, can be read and is of its people alone.

        Raises
        ------
        DossierError
            If it is not.
        """
        if not self.in_parts:
            return
        people = self._of_part(part).column("person_id")
        others = people.filter(pc.invert(pc.is_in(people, ids)))
        if len(others):
            raise DossierError(
                f"{_name_in(self.index, part)} has {len(others)} row(s) of persons who are not in "
                f"the part, such as {others[0]}; expected only persons of the part"
            )

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

    def _of_part(self, part: Part) -> pa.Table:
        return _checked(part.files[_name_in(self.index, part)])

    def _whole(self) -> pa.Table:
        assert self.index is not None
        assert self.content is not None
        return _read_index(self.index, self.content)


def _with_index(part: Part, index: Path) -> Part:
    name, path = _name_in(index, part), index / str(part.part)
    lacking = part.lacking if path.exists() else (*part.lacking, name)
    return replace(part, files={**part.files, name: path}, lacking=lacking)


def _name_in(index: Path | None, part: Part) -> str:
    return f"{index.name if index else ''}/{part.part}"


@lru_cache(maxsize=1)
def _read_index(path: Path, content: str) -> pa.Table:
    """An index for all parts, read once in each process: the same in all of them."""
    table = _checked(path)
    if look_at(path.name, path).sha256 != content:
        raise DossierError(
            f"{path} has changed since the run began; expected the same days for all"
        )
    return table


def _checked(path: Path) -> pa.Table:
    """An index with ids as text."""
    table = read_table(path)
    for name in ("person_id", "as_of"):
        times = table.column_names.count(name)
        if times != 1:
            raise DossierError(f"{path} has {times or 'no'} column {name}; expected one")
    place = table.column_names.index("person_id")
    kind = table.schema.field(place).type
    if pa.types.is_nested(kind):
        raise DossierError(f"{path} has {kind} as person_id; expected text")
    return table.set_column(place, "person_id", table.column(place).cast(pa.string()))
