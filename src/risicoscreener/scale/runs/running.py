"""A run over a folder of dossiers in parts, which ends clearly and can be continued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from risicoscreener.dossier.assembling import OnError
from risicoscreener.errors import DossierError, ScaleError
from risicoscreener.scale.carried import CarriedScreener
from risicoscreener.scale.checks import check_on_error
from risicoscreener.scale.processes import checked_jobs, map_parts, threads_each
from risicoscreener.scale.runs.course import Course, Run
from risicoscreener.scale.runs.days import Days
from risicoscreener.scale.runs.inputs import Part, content_of, parts_in
from risicoscreener.scale.runs.storing import (
    Done,
    Identity,
    Manifest,
    NotScreened,
    RunFolder,
    writable,
)
from risicoscreener.screening import Screener
from risicoscreener.screening.record.foundation import foundation_of
from risicoscreener.screening.screener import DEFAULT_DECISION, check_day, default_screener

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    import pyarrow.dataset


def screen_folder(
    folder: str | Path,
    out: str | Path,
    decision: str = DEFAULT_DECISION,
    as_of: dt.date | str | None = None,
    *,
    index: str | Path | None = None,
    screener: Screener | None = None,
    n_jobs: int = 1,
    on_error: OnError = "raise",
    recorded_by: dt.date | None = None,
    skip_unreadable: bool = False,
    restart: bool = False,
    on_part: Callable[[int, int], None] | None = None,
) -> Run:
    """Screen a folder of dossiers part by part, in the memory of one part for each process.

    Each part is read, validated, screened and written to ``out/<part>.parquet``, its problems (if
    rows were set apart) to ``out/problems/<part>.parquet``; ``out/run.json`` says what the run is
    and how far it is. A file of results is in its place when it is whole, and then the part is
    done. However a call ends, the same call continues: what is done is not done again, and the
    results are those of a run that nothing disturbed, for any ``n_jobs``.

    Parameters
    ----------
    folder
        Dossiers as `DossierTables.write` writes them with ``part``; without parts it is one part.
    out
        Folder for the results: absent, empty, or that of the run to continue.
    decision
        Kind of decision.
    as_of
        The day of everyone; today by default.
    index
        For whom on which day, instead: a Parquet or CSV file with ``person_id`` and ``as_of``, or
        a folder with one for each part, of the same names.
    screener
        Models and policies; the shipped ones by default.
    n_jobs
        Number of processes, -1 for one for each processor.
    on_error
        ``raise`` at the first part with bad rows, or ``quarantine`` them.
    recorded_by
        Last day on which a fact can have been recorded; by default the day on which the run began.
    skip_unreadable
        Whether to go on without parts that cannot be read, which the run then lists.
    restart
        Whether to begin anew, without what an earlier run left.
    on_part
        Called after each part with the number of people done and of all.

    Returns
    -------
    Run
        What was found; `read_results` gives the results.

    Raises
    ------
    DossierError
        If the folder is not one of dossiers, or the index is not on its people.
    PartError
        For a part that cannot be read, has bad rows, holds someone who is in another, or of which
        the process was lost, and if there is no room for its results. The others are sound.
    ScaleError
        If ``out`` has something else in it, or a run of other things (another day, policy, bundle,
        version of the library, or dossiers), or another process runs there.
    PolicyError
        As `Screener.screen_many`.
    """
    jobs = checked_jobs(n_jobs)
    check_on_error(on_error)
    days = _days(as_of, index)
    parts = days.with_index(parts_in(Path(folder)))
    place = RunFolder(out)
    chain = screener or default_screener()
    foundation = foundation_of(chain, decision).foundation
    carried = CarriedScreener.of(chain, decision)
    with place.taken():
        with writable(place.path):
            earlier = _earlier(place, parts, restart)
            began = earlier.identity.recorded_by if earlier else dt.date.today()
            identity = Identity.of(
                foundation,
                as_of=days.as_of,
                index=days.content,
                on_error=on_error,
                recorded_by=recorded_by or began,
            )
            course = Course(place, identity, Path(folder), parts, earlier)
            course.count_people(days, skip_unreadable)
        work = _Work(carried, days, place, identity, skip_unreadable, threads_each(jobs))
        with (
            course.noted(),
            closing(map_parts(work, course.to_do(), jobs, name=_name_of)) as found,
        ):
            for part in found:
                course.add(part, on_part)
        return course.run()


def read_run(out: str | Path) -> Run:
    """How far the run in a folder is.

    Raises
    ------
    ScaleError
        If there is no run.
    """
    place = RunFolder(out)
    return Run.of(_manifest(place), place.path)


def read_results(out: str | Path, *, unfinished: bool = False) -> pyarrow.dataset.Dataset:
    """The results of a run: a row for each screening, as `ScreenedTable.to_arrow` has them.

    Parameters
    ----------
    unfinished
        Whether to take what is there of a run that is not finished, or that goes on without parts
        that could not be read.

    Returns
    -------
    Dataset
        Reads what is asked of it: ``to_batches()`` in little memory, ``to_table(filter=...)``.

    Raises
    ------
    ScaleError
        If there is no run, if it lacks parts, or if results are absent or of another run.
    """
    import pyarrow as pa
    import pyarrow.dataset

    place = RunFolder(out)
    manifest = _manifest(place)
    lacking = len(manifest.parts) - len(manifest.done)
    if lacking and not unfinished:
        raise ScaleError(
            f"the run in {place.path} lacks {lacking} of {len(manifest.parts)} part(s); expected "
            "a whole one: continue it, or read what is there with unfinished=True"
        )
    _check_as_written(place, manifest)
    paths = [str(place.results_path(done.name)) for done in manifest.done]
    checked = pyarrow.dataset.ParquetFragmentScanOptions(page_checksum_verification=True)
    kind = pyarrow.dataset.ParquetFileFormat(default_fragment_scan_options=checked)
    try:
        return pyarrow.dataset.dataset(paths, format=kind)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ScaleError(f"the results in {place.path} cannot be read: {error}") from None


def read_problems(out: str | Path) -> pa.Table:
    """What was wrong with rows that a run set apart: part, table, row, field, value and so on.

    Raises
    ------
    ScaleError
        If there is no run, or if problems are absent or of another run.
    """
    place = RunFolder(out)
    manifest = _manifest(place)
    _check_as_written(place, manifest)
    return place.problems(done.name for done in manifest.done if done.note.problems)


def _check_as_written(place: RunFolder, manifest: Manifest) -> None:
    for done in manifest.done:
        if place.note(done.name, manifest.run) != done.note:
            raise ScaleError(
                f"{done.name} in {place.path} is not what the run wrote there; continue the run, "
                "which screens that part again"
            )


def _manifest(place: RunFolder) -> Manifest:
    manifest = place.manifest()
    if manifest is None:
        raise ScaleError(f"there is no run in {place.path}; expected a folder with run.json")
    return manifest


def _days(as_of: dt.date | str | None, index: str | Path | None) -> Days:
    if index is None:
        return Days(dt.date.today() if as_of is None else check_day(as_of))
    if as_of is not None:
        raise ScaleError("as_of and index both say on which day; give one of them")
    return Days.of_index(Path(index))


def _earlier(place: RunFolder, parts: Sequence[Part], restart: bool) -> Manifest | None:
    """The run that is to be continued, if there is one."""
    if not restart:
        return place.manifest()
    try:
        before = place.manifest()
    except ScaleError:
        before = None
    place.clear({*(before.parts if before else ()), *map(_name_of, parts)})
    return None


def _name_of(part: Part) -> str:
    return part.name


@dataclass(frozen=True)
class _Work:
    """What is done with a part, in whichever process, each of which reads what screens once."""

    carried: CarriedScreener
    days: Days
    place: RunFolder
    identity: Identity
    skip_unreadable: bool
    n_threads: int | None

    def __call__(self, part: Part) -> Done | NotScreened:
        asked = self.identity
        try:
            files = part.look()
            dossiers = part.read(asked.on_error, asked.recorded_by)
            index = self.days.of(part, dossiers)
        except DossierError as error:
            if self.skip_unreadable and not _is_of_rows(error):
                return NotScreened(part.name, str(error))
            raise
        screened = self.carried.screener().screen_many(
            dossiers, asked.decision, index, n_threads=self.n_threads
        )
        inputs = content_of(files)
        note = self.place.put(
            part.name, screened, dossiers.problems, run=asked.sha256, inputs=inputs
        )
        return Done(name=part.name, note=note, files=files)


def _is_of_rows(error: DossierError) -> bool:
    """Whether rows are to blame, and not the file."""
    return any(getattr(problem, "row", -1) >= 0 for problem in error.problems)
