"""An export as it is written, recorded, and opened as long as it may be used."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.csv_text import csv_text
from risicoscreener.reentry.sharing.giving import check_day
from risicoscreener.reentry.sharing.log import Given, check_standing, record_draft, standing_given
from risicoscreener.reentry.sharing.research.project import RECIPIENT
from risicoscreener.reentry.sharing.research.report import ExportReport
from risicoscreener.screening.record.chain import canonical, sha256_of
from risicoscreener.strict_json import decode_json
from risicoscreener.writing import put_folder_in_place

if TYPE_CHECKING:
    from risicoscreener.screening.record.decision import Actor
    from risicoscreener.screening.record.log import RecordLog

MANIFEST, PERSONS_FILE = "export.json", "persons"


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in the folder of an export: its report, and the hash of each file."""

    report: ExportReport
    files: dict[str, str]


@dataclass(frozen=True)
class ResearchExport:
    """An export.

    Attributes
    ----------
    persons
        A DataFrame with a row for each person: pseudonym, quasi-identifiers, sensitive variables.
    facts
        A DataFrame for each table of facts.
    report
        What was done, and what risk remains.
    """

    persons: Any
    facts: dict[str, Any]
    report: ExportReport

    def to_frame(self) -> Any:
        """The table of persons."""
        return self.persons

    def _repr_html_(self) -> str:
        return self.report.html()

    def write(
        self,
        folder: str | os.PathLike[str],
        *,
        log: RecordLog | None = None,
        by: Actor | None = None,
    ) -> str:
        """Write CSV files and a manifest to a new folder; with a record, it is recorded first.

        Returns
        -------
        The sha256 of the manifest, by which the record knows the export.

        Raises
        ------
        OSError
            If something is there.
        ReentryError
            If it is not said who gives it, or the record has an earlier export of the project that
            may still be used and with which this one was not compared (`export`, ``earlier``).
        """
        texts, manifest = self._written()
        sha256 = sha256_of(manifest)
        with put_folder_in_place(folder) as unfinished:
            for name, text in texts.items():
                (unfinished / name).write_text(text, encoding="utf-8", newline="")
            (unfinished / MANIFEST).write_bytes(manifest)
            if log is not None:
                _check_earlier(log, self.report, sha256)
                log.append([self._draft(sha256, by)])
        return sha256

    @property
    def sha256(self) -> str:
        """The hash of the manifest, which is what names an export."""
        return sha256_of(self._written()[1])

    def _written(self) -> tuple[dict[str, str], bytes]:
        """The text of each file, and the manifest."""
        texts = {
            f"{name}.csv": csv_text(frame)
            for name, frame in {PERSONS_FILE: self.persons, **self.facts}.items()
        }
        files = {name: sha256_of(text.encode()) for name, text in texts.items()}
        return texts, canonical(Manifest(report=self.report, files=files))

    def _draft(self, sha256: str, by: Actor | None) -> Any:
        report = self.report
        frames = {PERSONS_FILE: self.persons, **self.facts}
        given = Given(
            recipient=RECIPIENT,
            purpose=report.study,
            source=report.basis,
            to_verify=report.to_verify,
            fields=tuple(f"{table}.{name}" for table, f in frames.items() for name in f.columns),
            sha256=sha256,
            as_of=report.as_of,
            ends_on=report.ends_on,
            by=by,  # type: ignore[arg-type]  # checked by record_draft
        )
        return record_draft(given, "")


def _check_earlier(log: RecordLog, report: ExportReport, sha256: str) -> None:
    """Who has an earlier export of the study can join this one with it: that has to be measured."""
    for given in standing_given(log, RECIPIENT, report.study, report.as_of):
        if given.sha256 not in (*report.earlier, sha256):
            raise ReentryError(
                f"{report.study} was given on {given.as_of} with reference {given.sha256[:16]}, "
                "and that can still be used; expected it among the earlier exports, so that both "
                "together do not tell who someone is"
            )


def open_export(
    folder: str | os.PathLike[str], as_of: dt.date, *, log: RecordLog | None = None
) -> ExportReport:
    """The report of an export that was written, if it may still be used on a day.

    Parameters
    ----------
    log
        The record in which it was written: it must be there, and not be revoked by that day.

    Raises
    ------
    ReentryError
        If it is none, a file was changed, added or removed, it has expired, was revoked, or was
        given after the day.
    """
    check_day(as_of)
    report, sha256 = read_written(folder)
    if as_of < report.as_of:
        raise ReentryError(
            f"{os.fspath(folder)} was given on {report.as_of}; expected a day from then, not "
            f"{as_of}"
        )
    if as_of > report.ends_on:
        raise ReentryError(
            f"{os.fspath(folder)} expired: it could be used up to and including {report.ends_on}; "
            "destroy it"
        )
    if log is not None:
        check_standing(log, sha256, as_of)
    return report


def read_written(folder: str | os.PathLike[str]) -> tuple[ExportReport, str]:
    """The report of an export in a folder, also if it has expired, and its sha256.

    Raises
    ------
    ReentryError
        If it is none, or a file was changed, added or removed.
    """
    place = Path(folder)
    try:
        written = (place / MANIFEST).read_bytes()
        manifest = decode_json(written, Manifest)
        there = {path.name for path in place.iterdir()} - {MANIFEST}
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise ReentryError(f"{place} is no export: {error}") from None
    if there != set(manifest.files):
        differs = sorted(there ^ set(manifest.files))[0]
        raise ReentryError(
            f"{place}: {differs} was added or removed; expected the files as written"
        )
    for name, sha256 in manifest.files.items():
        file = place / name
        if not file.is_file() or sha256_of(file.read_bytes()) != sha256:
            raise ReentryError(f"{file} was changed; expected it as it was written")
    return manifest.report, sha256_of(written)
