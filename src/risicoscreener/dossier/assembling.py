"""Canonical tables out of tables as they were given: read, checked, put in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier import validation as check
from risicoscreener.dossier.casting import Form, arrow_type, as_one, cast_any, cast_objects, is_text
from risicoscreener.dossier.checked import CheckedTable, is_ascending
from risicoscreener.dossier.problems import Problem
from risicoscreener.dossier.row_checks import birth_days
from risicoscreener.dossier.schema import TableSpec, id_column, persons, tables
from risicoscreener.errors import DossierError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

OnError = Literal["raise", "quarantine"]
Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""What `map` is, and the method of a pool that does the same in threads."""

FEW_ROWS = 100_000
"""With fewer rows in all, threads cost more than they bring."""

PERSON_ID = pa.dictionary(pa.int32(), pa.string())


def arrow_schema(spec: TableSpec) -> pa.Schema:
    """Arrow schema of a canonical table."""
    id_type = pa.string() if spec.starts is None else PERSON_ID
    fields = [pa.field("person_id", id_type, nullable=False)]
    fields += [
        pa.field(c.name, arrow_type(c), nullable=not c.required) for c in spec.columns.values()
    ]
    return pa.schema(fields)


@dataclass(frozen=True, slots=True)
class Frame:
    """A table as it was given: columns by position, since names may be wrong or occur twice.

    ``bad_rows`` are set apart already, because of what columns cannot show.
    """

    names: list[str]
    columns: list[Any]
    n_rows: int
    bad_rows: tuple[int, ...] = ()

    def by_name(self) -> dict[str, Any]:
        """The columns by name; of a name that occurs twice the last."""
        return dict(zip(self.names, self.columns, strict=True))


@dataclass(frozen=True, slots=True)
class Assembled:
    """Canonical tables, what was found wrong, and how many rows each person lost by it."""

    tables: dict[str, pa.Table]
    problems: tuple[Problem, ...]
    quarantined_rows: np.ndarray


def assemble(
    raw: Mapping[str, Frame],
    form: Form,
    on_error: OnError,
    recorded_by: dt.date | None,
    n_threads: int | None = None,
) -> Assembled:
    """Canonical tables from tables as they were given.

    Parameters
    ----------
    n_threads
        Tables worked on at once; the number of processors by default.

    Raises
    ------
    DossierError
        With every problem, if ``on_error`` is ``raise``; always for tables of another shape.
    """
    if on_error not in ("raise", "quarantine"):
        raise ValueError(f"on_error is {on_error!r}; expected 'raise' or 'quarantine'")
    with _workers(raw, n_threads) as in_turn:
        people, checked = _examined(raw, form, recorded_by, in_turn)
        found = _problems_of(people, checked)
        if found and on_error == "raise":
            raise DossierError(f"{len(found)} problem(s) in the dossier tables", found)
        return _parts_of(people, checked, found, in_turn)


@contextmanager
def _workers(raw: Mapping[str, Frame], n_threads: int | None) -> Iterator[Mapper]:
    """What applies a function to several tables: in threads, if they have many rows."""
    n_threads = n_threads or os.cpu_count() or 1
    if n_threads == 1 or sum(frame.n_rows for frame in raw.values()) < FEW_ROWS:
        yield map
        return
    with ThreadPoolExecutor(n_threads) as pool:
        yield pool.map


def find_problems(
    raw: Mapping[str, Frame], form: Form, recorded_by: dt.date | None
) -> tuple[Problem, ...]:
    """Everything that is wrong with tables as they were given."""
    return _problems_of(*_examined(raw, form, recorded_by, map))


def _examined(
    raw: Mapping[str, Frame], form: Form, recorded_by: dt.date | None, in_turn: Mapper
) -> tuple[CheckedTable, dict[str, CheckedTable]]:
    _check_shape(raw)
    people = _persons(raw["persons"], form)
    birth = birth_days(people)

    def examine(name: str) -> Any:
        if name == "persons":  # one piece of work among the others, as it looks up each id
            return check.persons_again(people.person_ids)
        table = _facts(tables()[name], raw.get(name, Frame([], [], 0)), people, form)
        if len(table.owner):
            check.check_facts(table, people, birth, recorded_by)
        return table

    largest_first = sorted(tables(), key=lambda name: -raw[name].n_rows if name in raw else 0)
    again, *found = in_turn(examine, ["persons", *largest_first])
    if len(again):  # seldom, and then who owns which fact is another
        people.reject(again, "person_id", "each person once")
        found = list(in_turn(examine, largest_first))
    of_name = dict(zip(largest_first, found, strict=True))
    return people, {name: of_name[name] for name in tables()}


def _problems_of(people: CheckedTable, checked: dict[str, CheckedTable]) -> tuple[Problem, ...]:
    of_facts = (problem for table in checked.values() for problem in table.problems)
    return (*people.problems, *of_facts)


def _check_shape(raw: Mapping[str, Frame]) -> None:
    found = check.unknown_names(raw)
    if "persons" not in raw:
        found.append(Problem("persons", -1, "", "absent", "a table with one row for each person"))
    for name, spec in {"persons": persons(), **tables()}.items():
        if name in raw:
            found += check.wrong_columns(spec, raw[name].names, raw[name].n_rows)
    if found:
        raise DossierError("the tables are not those of a dossier", tuple(found))


def _persons(raw: Frame, form: Form) -> CheckedTable:
    given = raw.by_name()
    given_ids = given["person_id"] if raw.n_rows else pa.array([], pa.string())
    ids, unfit = cast_any(id_column(), given_ids, form)
    unfit = unfit + check.absent_values(ids, unfit)
    columns, found = check.read_columns(persons(), given, raw.n_rows, form)
    named = [("person_id", u) for u in unfit]
    return check.check_persons(columns, ids, given_ids, [*named, *found])


def _facts(spec: TableSpec, raw: Frame, people: CheckedTable, form: Form) -> CheckedTable:
    given = raw.by_name()
    given_ids = given["person_id"] if raw.n_rows else pa.array([], PERSON_ID)
    encoded = _encode_ids(given_ids)
    owner = _owner_rows(encoded, people)
    columns, found = check.read_columns(spec, given, raw.n_rows, form)
    bad = np.zeros(raw.n_rows, dtype=bool)
    bad[list(raw.bad_rows)] = True
    table = CheckedTable(spec, columns, owner, bad, encoded, given_ids)
    table.reject_unfit(found)
    return table


def _encode_ids(given: Any) -> pa.ChunkedArray:
    """Ids of persons as dictionaries of text, null where an id is no text."""
    if isinstance(given, list):
        given, _ = cast_objects(id_column(), given)
    if not is_text(given.type):
        given = pa.nulls(len(given), pa.string())
    if not pa.types.is_dictionary(given.type):
        given = given.dictionary_encode()
    return given if isinstance(given, pa.ChunkedArray) else pa.chunked_array([given])


def _owner_rows(encoded: pa.ChunkedArray, people: CheckedTable) -> np.ndarray:
    """For each row the position of its person, -1 if there is none, dtype int32."""
    if not len(encoded):
        return np.zeros(0, dtype=np.int32)
    dictionaries: list[pa.Array] = []
    which = []
    for chunk in encoded.chunks:  # neighbours often share one
        if not dictionaries or not chunk.dictionary.equals(dictionaries[-1]):
            dictionaries.append(chunk.dictionary)
        which.append(len(dictionaries) - 1)
    places = _places_of([d.cast(pa.string()) for d in dictionaries], people)
    return _joined([_owners(c, places[i]) for c, i in zip(encoded.chunks, which, strict=True)])


def _places_of(dictionaries: list[pa.Array], people: CheckedTable) -> list[int | np.ndarray]:
    """Where the ids of each dictionary are among those of the persons.

    Where the first is, if the ids stand there as they stand in the dictionary, as they do in what
    `DossierTables` write and hold; else for each id its place, and -1 at the end for no id.
    """
    found: list[int | np.ndarray] = []
    begin = 0
    while len(found) < len(dictionaries) and not people.bad.any():
        dictionary = dictionaries[len(found)]
        place = _begin_of(dictionary, people.person_ids, begin)
        if place is None:
            break
        found.append(place)
        begin = place + len(dictionary)
    return [*found, *_look_up(dictionaries[len(found) :], people.person_ids)]


def _begin_of(run: pa.Array, ids: pa.Array, guess: int) -> int | None:
    """Where a run of ids begins among all, probably at ``guess`` or just before; else ``None``."""
    if not len(run):
        return guess
    near = [place for place in (guess, guess - 1) if 0 <= place < len(ids)]
    begin = next((place for place in near if ids[place].equals(run[0])), None)
    if begin is None:
        begin = pc.index(ids, run[0]).as_py()
    alike = begin >= 0 and ids.slice(begin, len(run)).equals(run)
    return begin if alike else None


def _owners(chunk: pa.DictionaryArray, places: int | np.ndarray) -> np.ndarray:
    indices = chunk.indices.cast(pa.int32())
    if isinstance(places, int):
        owners = pc.add(indices, pa.scalar(places, pa.int32())) if places else indices
        return _numbers(owners)
    return places[_numbers(indices)]


def _numbers(places: pa.Array) -> np.ndarray:
    """The numbers of an array, -1 where there is none."""
    whole = places.fill_null(check.NO_PERSON) if places.null_count else places
    numbers: np.ndarray = whole.to_numpy(zero_copy_only=False)
    return numbers


def _look_up(dictionaries: list[pa.Array], ids: pa.Array) -> list[np.ndarray]:
    """For each id of some dictionaries its place, and -1 at the end.

    All are looked up together, since each time the ids of the persons are put in a table first.
    """
    if not dictionaries:
        return []
    found = pc.index_in(pa.concat_arrays(dictionaries), ids, skip_nulls=True)
    ends = np.cumsum([len(dictionary) for dictionary in dictionaries])
    parts = np.split(_numbers(found), ends[:-1])
    return [np.append(part, check.NO_PERSON).astype(np.int32) for part in parts]


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)


def _parts_of(
    people: CheckedTable,
    checked: dict[str, CheckedTable],
    problems: tuple[Problem, ...],
    in_turn: Mapper,
) -> Assembled:
    kept = np.flatnonzero(~people.bad)
    place = None
    if len(kept) < len(people.bad):
        place = np.full(len(people.bad) + 1, check.NO_PERSON, dtype=np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
    rows = _persons_table(people, kept)
    ids = as_one(rows.column("person_id"))
    quarantined = _count_duplicates(people, ids)
    parts = {"persons": rows}

    def put_in_order(table: CheckedTable) -> tuple[pa.Table, np.ndarray | None]:
        owner = table.owner if place is None else place[table.owner]
        return _canonical(table, owner, ids), _lost(table.bad, owner, len(kept))

    done = in_turn(put_in_order, checked.values())
    for name, (rows_of, lost) in zip(checked, done, strict=True):
        parts[name] = rows_of
        if lost is not None:
            quarantined += lost
    return Assembled(parts, problems, quarantined)


def _lost(bad: np.ndarray, owner: np.ndarray, n_persons: int) -> np.ndarray | None:
    """For each person how many rows are set apart; ``None`` if no row is."""
    if not bad.any():
        return None
    of_someone = owner[bad & (owner != check.NO_PERSON)]
    return np.bincount(of_someone, minlength=n_persons).astype(np.int32)


def _persons_table(people: CheckedTable, kept: np.ndarray) -> pa.Table:
    columns = {"person_id": people.person_ids, **people.columns}
    whole = pa.table(list(columns.values()), names=list(columns))
    chosen = whole.take(pa.array(kept)) if len(kept) < whole.num_rows else whole
    return chosen.combine_chunks().cast(arrow_schema(people.spec))


def _count_duplicates(people: CheckedTable, ids: pa.Array) -> np.ndarray:
    """A person whose row was given twice is doubtful, though the first row is kept."""
    counts = np.zeros(len(ids), dtype=np.int32)
    if people.bad.any():
        removed = people.person_ids.filter(pa.array(people.bad))
        again = pc.index_in(removed, ids, skip_nulls=True).drop_null()
        np.add.at(counts, again.to_numpy(zero_copy_only=False), 1)
    return counts


def _canonical(table: CheckedTable, owner: np.ndarray, ids: pa.Array) -> pa.Table:
    whole = pa.table(table.columns)
    if table.bad.any():
        keep = ~table.bad
        whole, owner = whole.filter(pa.array(keep)).combine_chunks(), owner[keep]
    if not is_ascending(owner):
        order = np.argsort(owner, kind="stable")
        whole, owner = whole.take(pa.array(order)).combine_chunks(), owner[order]
    whole = whole.add_column(0, "person_id", id_of_owner(owner, ids))
    return whole.cast(arrow_schema(table.spec))


def id_of_owner(owner: np.ndarray, ids: pa.Array) -> pa.DictionaryArray:
    """The column `person_id` of facts, from the positions of their persons."""
    return pa.DictionaryArray.from_arrays(pa.array(owner.astype(np.int32, copy=False)), ids)
