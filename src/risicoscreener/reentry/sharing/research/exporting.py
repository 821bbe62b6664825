"""An export for a study: who goes in, how coarse, and which of their facts."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.giving import check_day
from risicoscreener.reentry.sharing.research.anonymity import Measured, Recoded, measure, recode
from risicoscreener.reentry.sharing.research.earlier import Earlier, read_earlier
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
from risicoscreener.reentry.sharing.research.stored import ResearchExport
from risicoscreener.reentry.sharing.research.variables import (
    NOT_KNOWN,
    ladder_of,
    step_names,
    value_of,
)

if TYPE_CHECKING:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.dossier.record import Dossier
    from risicoscreener.reentry.sharing.purposes import Purpose


def export(
    dossiers: Iterable[Dossier] | DossierTables,
    project: Project,
    key: bytes,
    as_of: dt.date,
    *,
    earlier: Iterable[ResearchExport | str | os.PathLike[str]] = (),
) -> ResearchExport:
    """An export of dossiers for a study.

    Each person goes in as known on a day of their own, one to two times ``shift_days`` before, so
    that the last day of their facts does not tell by how many days they are shifted.

    Parameters
    ----------
    dossiers
        Those of the study.
    project
        What goes along and how coarse (`read_project`).
    key
        The key of the project (`new_key`); it is in nothing that comes out.
    as_of
        The day on which it is given.
    earlier
        Exports of the project, or their folders, that the receiver has already. Joined with them
        this one keeps to k too: who came or went since, or is coarser there, cannot be told.

    Raises
    ------
    ReentryError
        If the study has ended, asks for what is not for research, k and l cannot be reached, or an
        earlier export is of another project or key.
    """
    check_day(as_of)
    purpose = purpose_of_research(as_of)
    check_allowed(project, purpose)
    if as_of > project.ends_on:
        raise ReentryError(
            f"project {project.id} ended on {project.ends_on}; expected an earlier day"
        )
    pseudonyms = Pseudonyms(key, project.id, project.shift_days, project.receiver)
    records = dossiers if isinstance(dossiers, Iterable) else dossiers.to_dossiers()
    given = [
        as_known(dossier, pseudonyms.last_day(dossier.person_id, as_of)) for dossier in records
    ]
    people = [person for person in given if _is_known(person)]
    _check_people(people, project)
    people.sort(key=lambda person: pseudonyms.pseudonym(person.person_id))
    before = [read_earlier(one, project) for one in earlier]
    return _ExportInTheMaking(people, project, purpose, pseudonyms, as_of, before).made(len(given))


def _is_known(person: Dossier) -> bool:
    return any(getattr(person, table) for table in tables())


def _check_people(people: list[Dossier], project: Project) -> None:
    if len(people) < project.k:
        raise ReentryError(
            f"there are {len(people)} people of whom anything was known; expected at least "
            f"k={project.k} for an export"
        )
    if len({person.person_id for person in people}) < len(people):
        raise ReentryError("someone is there twice; expected one dossier for each person")


class _ExportInTheMaking:
    """An export in the making: values of each person, and who stays in.

    Who is left out can make a code of a sensitive variable rare, and rare codes taken together can
    make a class less diverse: so it is done again with those who stay until nobody more goes.
    """

    def __init__(
        self,
        people: list[Dossier],
        project: Project,
        purpose: Purpose,
        pseudonyms: Pseudonyms,
        as_of: dt.date,
        before: list[Earlier],
    ) -> None:
        self.people, self.project, self.purpose = people, project, purpose
        self.pseudonyms, self.as_of, self.before = pseudonyms, as_of, before
        self.names = [pseudonyms.pseudonym(person.person_id) for person in people]
        for one in before:
            if not one.has_any_of(self.names):
                raise ReentryError(
                    f"the earlier export {one.sha256[:16]} has nobody of these people; expected "
                    "one that was made with the same key"
                )
        values = {v.name: [self._value(v, one) for one in people] for v in project.variables}
        self.ladders = {v.name: ladder_of(v, values[v.name]) for v in project.quasi}
        self.sensitive = {v.name: values[v.name] for v in project.sensitive}

    def _value(self, variable: Variable, person: Dossier) -> Any:
        """A value as known on the last day of a person; a date shifted as all their dates are."""
        last_day = self.pseudonyms.last_day(person.person_id, self.as_of)
        value = value_of(variable, person, last_day)
        if isinstance(value, dt.date):
            return self.pseudonyms.shifted(person.person_id, value)
        return value

    def made(self, given: int) -> ResearchExport:
        """The export, of so many people who were given."""
        import pandas as pd

        chosen, told, kept = self._chosen()
        columns: dict[str, Any] = {PSEUDONYM: [self.names[i] for i in kept]}
        for (name, ladder), step in zip(self.ladders.items(), chosen.steps, strict=True):
            columns[name] = [ladder[step][i] for i in kept]
        persons = pd.DataFrame({**columns, **told})
        facts = facts_of(
            [self.people[i] for i in kept], self.project, self.purpose, self.pseudonyms, self.as_of
        )
        report = self._report(given, persons, facts, chosen)
        return ResearchExport(persons=persons, facts=facts.frames, report=report)

    def _chosen(self) -> tuple[Recoded, dict[str, list[str]], list[int]]:
        """The steps, the sensitive variables as they go out, and who stays in."""
        kept = list(range(len(self.people)))
        most = self.project.most_left_out * len(self.people)
        while True:
            chosen, told = self._recoded(kept, most)
            stay = [i for i, stays in zip(kept, chosen.kept, strict=True) if stays]
            if len(stay) == len(kept):
                return chosen, told, kept
            most -= len(kept) - len(stay)
            kept = stay

    def _recoded(self, kept: list[int], most: float) -> tuple[Recoded, dict[str, list[str]]]:
        import numpy as np
        import pandas as pd

        def of(values: Sequence[Any]) -> list[Any]:
            return [values[i] for i in kept]

        project = self.project
        told = {
            variable.name: sensitive_labels(variable, of(self.sensitive[variable.name]), project.k)
            for variable in project.sensitive
        }
        chosen = recode(
            [
                [pd.factorize(np.array(of(step)))[0] for step in ladder]
                for ladder in self.ladders.values()
            ],
            [pd.factorize(_known(labels))[0] for labels in told.values()],
            k=project.k,
            diversity=project.diversity,
            most_left_out=(max(most, 0.0) + 1e-9) / len(kept),
            before=[one.of(of(self.names)) for one in self.before],
        )
        return chosen, told

    def _report(self, given: int, persons: Any, facts: Facts, chosen: Recoded) -> ExportReport:
        """The report, with k and l measured again on what goes out."""
        project, purpose = self.project, self.purpose
        reached = _measured(persons, project)
        term = self.as_of + dt.timedelta(days=purpose.keep_days)
        steps = zip(project.quasi, chosen.steps, strict=True)
        return ExportReport(
            project=project.id,
            receiver=project.receiver,
            title=project.title,
            basis=project.basis,
            to_verify=purpose.to_verify,
            as_of=self.as_of,
            ends_on=min(project.ends_on, term),
            people_given=given,
            not_yet=given - len(self.people),
            people=len(persons),
            k=reached.k,
            diversity=reached.diversity,
            steps={variable.name: step_names(variable)[step] for variable, step in steps},
            loss=chosen.loss,
            classes=reached.classes,
            highest_risk=reached.highest_risk,
            mean_risk=reached.mean_risk,
            shift_days=project.shift_days,
            date_step=project.date_step,
            merged=facts.merged,
            rows_left_out=facts.rows_left_out,
            emptied=facts.emptied,
            capped=facts.capped,
            raised=facts.raised,
            unique_trails=facts.unique_trails,
            unique_courses=facts.unique_courses,
            rows={table: len(frame) for table, frame in facts.frames.items()},
            earlier=tuple(one.sha256 for one in self.before),
        )


def sensitive_labels(variable: Variable, values: list[Any], k: int) -> list[str]:
    """A sensitive variable as it goes out: at its first step, rare codes taken together."""
    labels = [None if label == NOT_KNOWN else label for label in ladder_of(variable, values)[0]]
    return [label or NOT_KNOWN for label in rare_together(list(enumerate(labels)), k)[0]]


def _known(labels: list[str]) -> Any:
    """Labels with what is not known absent: it makes a group no more diverse."""
    import pandas as pd

    series = pd.Series(labels, dtype=object)
    return series.where(series != NOT_KNOWN)


def _measured(persons: Any, project: Project) -> Measured:
    """K and l of what goes out."""
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
    return reached
