"""How far a run is: what was done before, what is left, and what goes wrong said with it."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from risicoscreener.errors import DossierError, PartError, ScaleError
from risicoscreener.scale.runs.days import Days
from risicoscreener.scale.runs.inputs import Part
from risicoscreener.scale.runs.people import SeenPeople, check_disjoint
from risicoscreener.scale.runs.storing import (
    Done,
    Identity,
    Manifest,
    NotScreened,
    RunFolder,
    cannot_write,
    writable,
)

SECONDS_BETWEEN_SAVES = 1.0
"""What `Manifest` says may be that much behind: what is done shows in the files of results."""
SHARE_OF_SAVES = 0.05
"""Of the time of a run at most; of many thousands of parts there is much to say."""
RESTART = "to begin anew, restart it (restart=True, or --restart), or give another folder"


@dataclass(frozen=True)
class Run:
    """What a run found.

    Attributes
    ----------
    out
        Folder with the results.
    decision, as_of
        Kind of decision, and the day; ``None`` if an index says for whom on which day.
    parts
        Number of parts.
    done, continued
        How many were screened, and how many of those by an earlier call.
    not_screened
        Names of parts that could not be read, with the reason.
    screened, problems
        Number of screenings, and of problems with rows that were set apart.
    outcomes
        How many screenings have each outcome.
    seconds
        How long it worked, all calls together.
    """

    out: Path
    decision: str
    as_of: dt.date | None
    parts: int
    done: int
    continued: int
    not_screened: dict[str, str]
    screened: int
    problems: int
    outcomes: dict[str, int]
    seconds: float

    @classmethod
    def of(cls, manifest: Manifest, out: Path, continued: int = 0) -> Run:
        """From what the folder of the run says."""
        notes = [done.note for done in manifest.done]
        outcomes: Counter[str] = Counter()
        for note in notes:
            outcomes.update(note.outcomes)
        return cls(
            out=out,
            decision=manifest.identity.decision,
            as_of=manifest.identity.as_of,
            parts=len(manifest.parts),
            done=len(notes),
            continued=continued,
            not_screened={part.name: part.reason for part in manifest.not_screened},
            screened=sum(note.screened for note in notes),
            problems=sum(note.problems for note in notes),
            outcomes=dict(outcomes),
            seconds=manifest.seconds,
        )

    @property
    def is_finished(self) -> bool:
        """Whether no part is left to do, be it that some could not be read."""
        return self.done + len(self.not_screened) == self.parts


class Course:
    """A run from where an earlier call left it to its end.

    Parameters
    ----------
    place, identity, folder, parts
        Its folder, what its results follow from, and the dossiers.
    earlier
        How far it was; ``None`` if it begins.

    Raises
    ------
    ScaleError
        If the earlier run was another one, or dossiers that it read have changed.
    """

    def __init__(
        self,
        place: RunFolder,
        identity: Identity,
        folder: Path,
        parts: Sequence[Part],
        earlier: Manifest | None,
    ) -> None:
        self._place, self._parts = place, parts
        self._begun = Manifest(
            identity=identity,
            run=identity.sha256,
            folder=str(folder.resolve()),
            parts=tuple(part.name for part in parts),
            seconds=earlier.seconds if earlier else 0.0,
        )
        self._people: dict[str, int] = {}
        self._not_screened: dict[str, NotScreened] = {}
        self._done: dict[str, Done] = {}
        if earlier is not None:
            _check_same(identity, earlier, place.path)
            self._done = {done.name: done for done in earlier.done}
            self._find_done()
            self._check_unchanged(earlier.parts)
        self._continued = len(self._done)
        self._started = self._next_save = time.monotonic()
        self._everyone = self._people_done = 0

    def count_people(self, days: Days, skip_unreadable: bool) -> None:
        """See who is in which part, before the work.

        Raises
        ------
        PartError
            If a part is not whole and may not be left out, or holds someone who is in another.
        DossierError
            If the index has someone who is in no part.
        """
        readable, indexed = [], 0
        with closing(SeenPeople(self._place.path)) as seen:
            for part in self._parts:
                try:
                    ids = part.person_ids()
                    days.check_part(part, ids)
                except DossierError as error:
                    if not skip_unreadable:
                        raise PartError(part.name, str(error)) from error
                    self._not_screened[part.name] = NotScreened(part.name, str(error))
                    continue
                readable.append(part)
                seen.add(ids)
                indexed += days.count(ids)
                self._people[part.name] = len(ids)
            check_disjoint(readable, seen)
        if len(readable) == len(self._parts):
            days.check_counted(indexed)
        self._everyone = sum(self._people.values())
        left = sum(self._people[part.name] for part in self.to_do())
        self._people_done = self._everyone - left

    def to_do(self) -> list[Part]:
        """The parts that are left."""
        seen = self._done.keys() | self._not_screened.keys()
        return [part for part in self._parts if part.name not in seen]

    def add(self, found: Done | NotScreened, on_part: Callable[[int, int], None] | None) -> None:
        """Note a part."""
        if isinstance(found, Done):
            self._done[found.name] = found
        else:
            self._not_screened[found.name] = found
        if time.monotonic() >= self._next_save:
            self._save()
        self._people_done += self._people[found.name]
        if on_part is not None:
            on_part(self._people_done, self._everyone)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """However the work ends, the folder says how far it is; an error says that, too."""
        try:
            self._save()
            yield
            self._save()
        except PartError as error:
            self._save_what_is_done()
            raise PartError(error.part, f"{self._reason(error)}\n{self._hint()}") from error
        except ScaleError as error:
            self._save_what_is_done()
            raise ScaleError(f"{error}\n{self._hint()}") from error
        except BaseException:
            self._save_what_is_done()
            raise

    def run(self) -> Run:
        """What was found."""
        return Run.of(self._manifest(), self._place.path, self._continued)

    def _manifest(self) -> Manifest:
        names = self._begun.parts
        return msgspec.structs.replace(
            self._begun,
            done=tuple(self._done[name] for name in names if name in self._done),
            not_screened=tuple(self._not_screened[n] for n in names if n in self._not_screened),
            seconds=round(self._begun.seconds + time.monotonic() - self._started, 3),
            finished=not self.to_do(),
        )

    def _save(self) -> None:
        began = time.monotonic()
        with writable(self._place.path):
            self._place.save(self._manifest())
        took = time.monotonic() - began
        self._next_save = began + max(SECONDS_BETWEEN_SAVES, took / SHARE_OF_SAVES)

    def _save_what_is_done(self) -> None:
        """Also what other processes finished meanwhile; on a full disk the files alone say it."""
        self._find_done()
        with suppress(ScaleError):
            self._save()

    def _find_done(self) -> None:
        """Parts of which the results are there, and no others."""
        for part in self._parts:
            note = self._place.note(part.name, self._begun.run)
            known = self._done.get(part.name)
            if note is None:
                self._done.pop(part.name, None)
            elif known is None or known.note != note:
                self._done[part.name] = Done(name=part.name, note=note)

    def _check_unchanged(self, before: Sequence[str]) -> None:
        where = self._begun.folder
        gone = [name for name in before if name not in self._begun.parts]
        if gone:
            raise ScaleError(
                f"{gone[0]} was part of the run and is no longer in {where}; expected the same "
                f"dossiers as when the run began; {RESTART}"
            )
        for part in self._parts:
            done = self._done.get(part.name)
            if done is not None and not part.is_as(done.files, done.note.inputs):
                raise ScaleError(
                    f"{part.name} of {where} has changed since it was screened; expected the same "
                    f"dossiers as when the run began; {RESTART}"
                )

    def _reason(self, error: PartError) -> str:
        """What went wrong, with the name of the folder if its results cannot be written."""
        cause = error.__cause__
        if not isinstance(cause, OSError):
            return error.reason
        return cannot_write(self._place.path, cause)

    def _hint(self) -> str:
        done, all_parts = len(self._done), len(self._parts)
        return f"{done} of {all_parts} part(s) are done; the same call continues with the others"


def _check_same(identity: Identity, earlier: Manifest, out: Path) -> None:
    before, now = (msgspec.to_builtins(one) for one in (earlier.identity, identity))
    changed = [name for name in now if before[name] != now[name]]
    if changed:
        what = ", ".join(_said(name, before[name], now[name]) for name in changed)
        raise ScaleError(
            f"{out} has a run of something else: {what}; expected what it began with, to continue "
            f"it; {RESTART}"
        )


def _said(name: str, before: object, now: object) -> str:
    """A hash says nothing to whoever reads it."""
    if name in ("bundle", "policies", "definitions", "index"):
        return f"other {name}"
    return f"{name} {before} and not {now}"
