"""An export for a study: made, checked, written, and opened as long as it may be used."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from risicoscreener.dossier.known import as_known
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.csv_text import csv_text
from risicoscreener.reentry.sharing.log import Given, record_draft
from risicoscreener.reentry.sharing.research.anonymity import measure, recode
from risicoscreener.reentry.sharing.research.events import Facts, facts_of, rare_together
from risicoscreener.reentry.sharing.research.project import (
    PSEUDONYM,
    Project,
    Variable,
    check_allowed,
    purpose_of_research,
)
from risicoscreener.reentry.sharing.research.pseudonyms import Pseudonyms
from risicoscreener.reentry.sharing.research.report import ExportReport
from risicoscreener.reentry.sharing.research.variables import (
    NOT_KNOWN,
    ladder_of,
    step_names,
    value_of,
)
from risicoscreener.screening.record.chain import canonical, sha256_of
from risicoscreener.writing import put_folder_in_place

if TYPE_CHECKING:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.dossier.record import Dossier
    from risicoscreener.reentry.sharing.purposes import Purpose
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
        """
        texts = {
            f"{name}.csv": csv_text(frame)
            for name, frame in {PERSONS_FILE: self.persons, **self.facts}.items()
        }
        files = {name: sha256_of(text.encode()) for name, text in texts.items()}
        manifest = canonical(Manifest(report=self.report, files=files))
        with put_folder_in_place(folder) as unfinished:
            for name, text in texts.items():
                (unfinished / name).write_text(text, encoding="utf-8", newline="")
            (unfinished / MANIFEST).write_bytes(manifest)
            if log is not None:
                log.append([self._draft(sha256_of(manifest), by)])
        return sha256_of(manifest)

    def _draft(self, sha256: str, by: Actor | None) -> Any:
        report = self.report
        frames = {PERSONS_FILE: self.persons, **self.facts}
        given = Given(
            recipient="researcher",
            purpose=report.project,
            source=report.basis,
            to_verify=report.to_verify,
            fields=tuple(f"{table}.{name}" for table, f in frames.items() for name in f.columns),
            sha256=sha256,
            as_of=report.as_of,
            ends_on=report.ends_on,
            by=by,  # type: ignore[arg-type]  # checked by record_draft
        )
        return record_draft(given, "")


def export(
    dossiers: Iterable[Dossier] | DossierTables, project: Project, key: bytes, as_of: dt.date
) -> ResearchExport:
    """An export of dossiers for a study, as known on a day.

    Parameters
    ----------
    dossiers
        Those of the study.
    project
        What goes along and how coarse (`read_project`).
    key
        The key of the project (`new_key`); it is in nothing that comes out.
    as_of
        The day of the picture, and on which it is given.

    Raises
    ------
    ReentryError
        If the study has ended, asks for what is not for research, or k and l cannot be reached.
    """
    purpose = purpose_of_research(as_of)
    check_allowed(project, purpose)
    if as_of > project.ends_on:
        raise ReentryError(
            f"project {project.id} ended on {project.ends_on}; expected an earlier day"
        )
    pseudonyms = Pseudonyms(key, project.id, project.shift_days)
    records = dossiers if isinstance(dossiers, Iterable) else dossiers.to_dossiers()
    people = [as_known(dossier, as_of) for dossier in records]
    _check_people(people, project)
    people.sort(key=lambda person: pseudonyms.pseudonym(person.person_id))
    return _made(people, project, purpose, pseudonyms, as_of)


def _check_people(people: list[Dossier], project: Project) -> None:
    if len(people) < project.k:
        raise ReentryError(
            f"there are {len(people)} people; expected at least k={project.k} for an export"
        )
    if len({person.person_id for person in people}) < len(people):
        raise ReentryError("someone is there twice; expected one dossier for each person")


def _made(
    people: list[Dossier],
    project: Project,
    purpose: Purpose,
    pseudonyms: Pseudonyms,
    as_of: dt.date,
) -> ResearchExport:
    import numpy as np
    import pandas as pd

    values = {v.name: [value_of(v, p, as_of) for p in people] for v in project.variables}
    ladders = {v.name: ladder_of(v, values[v.name]) for v in project.quasi}
    told = {v.name: sensitive_labels(v, values[v.name], project.k) for v in project.sensitive}
    chosen = recode(
        [[pd.factorize(np.array(step))[0] for step in ladder] for ladder in ladders.values()],
        [pd.factorize(_known(labels))[0] for labels in told.values()],
        k=project.k,
        diversity=project.diversity,
        most_left_out=project.most_left_out,
    )
    columns: dict[str, Any] = {PSEUDONYM: [pseudonyms.pseudonym(p.person_id) for p in people]}
    for (name, ladder), step in zip(ladders.items(), chosen.steps, strict=True):
        columns[name] = ladder[step]
    persons = pd.DataFrame({**columns, **told})[chosen.kept].reset_index(drop=True)
    kept = [person for person, stays in zip(people, chosen.kept, strict=True) if stays]
    facts = facts_of(kept, project, purpose, pseudonyms, as_of)
    steps = {v.name: step_names(v)[s] for v, s in zip(project.quasi, chosen.steps, strict=True)}
    report = _report(project, purpose, as_of, len(people), persons, facts, steps, chosen.loss)
    return ResearchExport(persons=persons, facts=facts.frames, report=report)


def sensitive_labels(variable: Variable, values: list[Any], k: int) -> list[str]:
    """A sensitive variable as it goes out: at its first step, rare codes taken together."""
    labels = [None if label == NOT_KNOWN else label for label in ladder_of(variable, values)[0]]
    return [label or NOT_KNOWN for label in rare_together(list(enumerate(labels)), k)[0]]


def _known(labels: list[str]) -> Any:
    """Labels with what is not known absent: it makes a group no more diverse."""
    import pandas as pd

    series = pd.Series(labels, dtype=object)
    return series.where(series != NOT_KNOWN)


def _report(
    project: Project,
    purpose: Purpose,
    as_of: dt.date,
    given: int,
    persons: Any,
    facts: Facts,
    steps: dict[str, str],
    loss: float,
) -> ExportReport:
    """The report, with k and l measured again on what goes out."""
    sensitive = [variable.name for variable in project.sensitive]
    out = persons.assign(**{name: _known(list(persons[name])) for name in sensitive})
    reached = measure(out, [variable.name for variable in project.quasi], sensitive)
    if reached.k < project.k or any(
        different < project.diversity for different in reached.diversity.values()
    ):
        raise ReentryError(
            f"the export has k={reached.k} and l={reached.diversity}; expected at least "
            f"k={project.k} and l={project.diversity}: nothing is given"
        )
    term = as_of + dt.timedelta(days=purpose.keep_days)
    return ExportReport(
        project=project.id,
        title=project.title,
        basis=project.basis,
        to_verify=purpose.to_verify,
        as_of=as_of,
        ends_on=min(project.ends_on, term),
        people_given=given,
        people=len(persons),
        k=reached.k,
        diversity=reached.diversity,
        steps=steps,
        loss=loss,
        classes=reached.classes,
        highest_risk=reached.highest_risk,
        mean_risk=reached.mean_risk,
        shift_days=project.shift_days,
        merged=facts.merged,
        emptied=facts.emptied,
        capped=facts.capped,
        unique_trails=facts.unique_trails,
        rows={table: len(frame) for table, frame in facts.frames.items()},
    )


def open_export(folder: str | os.PathLike[str], as_of: dt.date) -> ExportReport:
    """The report of an export that was written, if it may still be used on a day.

    Raises
    ------
    ReentryError
        If it is none, a file was changed, added or removed, or it has expired.
    """
    place = Path(folder)
    try:
        manifest = msgspec.json.decode((place / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError, UnicodeError) as error:
        raise ReentryError(f"{place} is no export: {error}") from None
    there = {path.name for path in place.iterdir()} - {MANIFEST}
    if there != set(manifest.files):
        differs = sorted(there ^ set(manifest.files))[0]
        raise ReentryError(
            f"{place}: {differs} was added or removed; expected the files as written"
        )
    for name, sha256 in manifest.files.items():
        if sha256_of((place / name).read_bytes()) != sha256:
            raise ReentryError(f"{place / name} was changed; expected it as it was written")
    report = manifest.report
    if as_of > report.ends_on:
        raise ReentryError(
            f"{place} expired: it could be used up to and including {report.ends_on}; destroy it"
        )
    return report
