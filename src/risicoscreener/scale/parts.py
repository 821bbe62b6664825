"""Dossiers in parts, each screened by a process of its own, with results handed back in order.

For results in memory. A run that writes results to a folder and can be continued is `scale.runs`.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.tables import check_disjoint as check_disjoint_people
from risicoscreener.errors import DossierError, PartError, ScaleError
from risicoscreener.scale.carried import CarriedScreener
from risicoscreener.scale.checks import check_on_error
from risicoscreener.scale.processes import checked_jobs, map_parts, threads_each
from risicoscreener.scale.runs.inputs import Part, parts_in
from risicoscreener.scale.runs.people import SeenPeople, check_disjoint
from risicoscreener.screening.screener import DEFAULT_DECISION, check_day

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from risicoscreener.dossier.assembling import OnError
    from risicoscreener.screening import Screener


def screen_parts(
    dossiers: str | Path | Sequence[DossierTables],
    decision: str = DEFAULT_DECISION,
    as_of: dt.date | str | pa.Table | None = None,
    *,
    screener: Screener | None = None,
    n_jobs: int = -1,
    on_error: OnError = "raise",
) -> Generator[pa.Table, None, None]:
    """Screen dossiers in parts, each in a process of its own; the answers of `screen_many`.

    Parameters
    ----------
    dossiers
        A folder with dossiers in parts, as `DossierTables.write` writes them with ``part``: then
        processes are told which files to read. Or sets of tables in memory, each with people of
        its own: these are copied to the processes.
    decision
        Kind of decision.
    as_of
        One day for everyone, today by default, or an Arrow table with ``person_id`` and ``as_of``.
    screener
        What screens; that with what the package ships by default.
    n_jobs
        Number of processes; -1 for as many as there are processors.
    on_error
        As for `DossierTables.read`, for dossiers in a folder.

    Yields
    ------
    pyarrow.Table
        `ScreenedTable.to_arrow` of each part, in the order of the parts.

    Raises
    ------
    PartError
        At the first part that cannot be read or screened, or that shares a person with another.
    DossierError
        If there are no dossiers, or the index is of someone who is in none.
    ScaleError, PolicyError
        For a number of processes or a kind of decision that is none.
    """
    jobs = checked_jobs(n_jobs)
    check_on_error(on_error)
    work = ScreenPart(CarriedScreener.of(screener, decision), on_error, threads_each(jobs))
    return map_parts(work, jobs_of(dossiers, as_of), jobs, name=_name_of)


@dataclass(frozen=True)
class Kept:
    """A part that is in memory."""

    name: str
    dossiers: DossierTables

    def person_ids(self) -> pa.Array:
        """Ids of its people."""
        return self.dossiers.person_ids

    def read(self, _on_error: OnError, _recorded_by: dt.date) -> DossierTables:
        """As it is: it was validated."""
        return self.dossiers


@dataclass(frozen=True)
class PartJob:
    """A part, and on which day its people are screened: one for all, or rows of an index."""

    part: Part | Kept
    at: dt.date | pa.Table
    recorded_by: dt.date


@dataclass(frozen=True)
class ScreenPart:
    """What is done with a part, in whichever process."""

    carried: CarriedScreener
    on_error: OnError
    n_threads: int | None

    def __call__(self, job: PartJob) -> pa.Table:
        """Results of the part, as `ScreenedTable.to_arrow`."""
        dossiers = job.part.read(self.on_error, job.recorded_by)
        at: Any = job.at
        if isinstance(at, pa.Table):  # of a person who was set apart, no picture is wanted
            people = at.column("person_id").cast(pa.string())
            at = at.filter(pc.is_in(people, dossiers.person_ids))
        return (
            self.carried.screener()
            .screen_many(dossiers, self.carried.decision, at, n_threads=self.n_threads)
            .to_arrow()
        )


def jobs_of(
    dossiers: str | Path | Sequence[DossierTables], as_of: dt.date | str | pa.Table | None
) -> list[PartJob]:
    """The parts of a folder, or of a list, with their days; each person in one of them.

    Raises
    ------
    DossierError, PartError
        As `screen_parts`.
    """
    listed = _listed(dossiers)
    ids = [_people_of(part) for part in listed]
    today = dt.date.today()
    if not isinstance(as_of, pa.Table):
        day = today if as_of is None else check_day(as_of)
        return [PartJob(part, day, today) for part in listed]
    lacking = {"person_id", "as_of"} - set(as_of.column_names)
    if lacking:
        raise DossierError(f"the index has no column {' and '.join(sorted(lacking))}")
    people = as_of.column("person_id").cast(pa.string())
    own = [as_of.filter(pc.is_in(people, some)) for some in ids]
    if sum(map(len, own)) < len(as_of):
        unknown = as_of.filter(pc.invert(pc.is_in(people, pa.concat_arrays(ids))))
        whose = unknown.column("person_id")[0].as_py()
        raise DossierError(f"the index has the person {whose}, who is not in the dossiers")
    return [PartJob(part, at, today) for part, at in zip(listed, own, strict=True)]


def _listed(dossiers: str | Path | Sequence[DossierTables]) -> Sequence[Part | Kept]:
    """The parts, after it was seen that nobody is in two of them."""
    if isinstance(dossiers, (str, Path)):
        parts = parts_in(Path(dossiers))
        room = Path(tempfile.gettempdir())
        with _room_in(room), closing(SeenPeople(room)) as seen:
            for part in parts:
                seen.add(_people_of(part))
            check_disjoint(parts, seen)
        return parts
    if not isinstance(dossiers, Sequence):
        kind = type(dossiers).__name__
        raise DossierError(f"expected a folder, or a list of dossier tables, not {kind}")
    kept = [one for one in dossiers if isinstance(one, DossierTables)]
    if not kept or len(kept) < len(dossiers):
        raise DossierError("expected a folder, or a list of dossier tables with at least one")
    check_disjoint_people(pa.concat_arrays([one.person_ids for one in kept]))
    return [Kept(f"dossiers[{i}]", one) for i, one in enumerate(kept)]


def _people_of(part: Part | Kept) -> pa.Array:
    try:
        return part.person_ids()
    except DossierError as error:
        raise PartError(part.name, str(error)) from error


@contextmanager
def _room_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ScaleError(
            f"who is in which part cannot be kept in {folder}: {error.strerror or error}"
        ) from error


def _name_of(job: PartJob) -> str:
    return job.part.name
