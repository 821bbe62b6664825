"""What a simulation found: figures, months, weeks, waits, groups, and a text."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ImpactError
from risicoscreener.evaluation.groups.disclosure import Disclosure, Relation, hidden_cells
from risicoscreener.impact.running import (
    DENIED,
    GRANTED,
    LOST,
    RELEASED,
    STATUSES,
    WAITING,
    Run,
)
from risicoscreener.impact.screens import DEEP, NONE, WISHES, Screens
from risicoscreener.impact.settings import Settings, months_after
from risicoscreener.impact.spread import Spread, spread
from risicoscreener.impact.wording import number, percent, say

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FIGURES = (
    "asked",
    "reopened",
    "granted",
    "withdrawn",
    "denied",
    "lost",
    "released",
    "waiting",
    "needed",
    "late",
    "assessments",
    "assessed",
    "repeated",
    "expired",
    "wait_median",
    "wait_p90",
    "queue_mean",
    "queue_highest",
    "queue_end",
    "taken",
    "failures",
    "offences",
    "wishes_unmet",
    "not_informed",
)
"""Figures in the order in which they are told; of them asked + reopened = granted + withdrawn +
denied + lost + released + waiting."""
_CONDITIONS = [wish for wish in WISHES if wish != "victims_not_informed"]


@dataclass(frozen=True, eq=False, repr=False)
class Impact:
    """The simulated impact of the policies of some kinds of decision.

    Attributes
    ----------
    label
        What the scenario is called.
    settings, screens
        What was simulated.
    runs
        One for each replicate.
    """

    label: str
    settings: Settings
    screens: Screens
    runs: tuple[Run, ...]

    def __repr__(self) -> str:
        return f"<Impact {self.label}: {len(self.runs)} runs of {len(self.runs[0]):,} requests>"

    def __getitem__(self, name: str) -> Spread:
        if name not in FIGURES:
            raise ImpactError(f"there is no figure {name!r}; expected one of {', '.join(FIGURES)}")
        return spread(name, self.values(name), self.settings.level, least=0.0)

    @property
    def policies(self) -> tuple[str, ...]:
        """Ids of the versions that decided about somebody."""
        found = []
        for kind in self.screens.kinds.values():
            found += [kind.policies[v] for v in np.unique(kind.version).tolist()]
        return tuple(found)

    def values(self, name: str) -> FloatArray:
        """A figure in each replicate, shape (R,)."""
        return np.array([found[name] for found in self._figures])

    @cached_property
    def _figures(self) -> tuple[dict[str, float], ...]:
        return tuple(_figures_of(run, self.settings, self.screens) for run in self.runs)

    def _count_of(self, name: str, values: Sequence[float]) -> Spread:
        return spread(name, values, self.settings.level, least=0.0)

    @property
    def figures(self) -> tuple[Spread, ...]:
        """All of `FIGURES`."""
        return tuple(self[name] for name in FIGURES)

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure: name, what it is, value and limits."""
        import pandas as pd

        rows = [
            {
                "name": one.name,
                "figure": say("figures", one.name, lang),
                "value": one.value,
                "low": one.low,
                "high": one.high,
            }
            for one in self.figures
        ]
        return pd.DataFrame(rows)

    def months(self) -> pd.DataFrame:
        """Per month how many requests came in and ended how: mean and limits over replicates.

        Columns: ``month`` (its first day), ``name`` (asked, granted, withdrawn, denied, lost or
        released), ``value``, ``low``, ``high``.
        """
        import pandas as pd

        starts = [months_after(self.settings.start, m) for m in range(self.settings.months)]
        edges = np.array([(day - self.settings.start).days for day in starts], dtype=float)
        found = [_by_month(_counted(run), edges) for run in self.runs]
        rows = [
            {
                "month": pd.Timestamp(day),
                **_plain(self._count_of(name, [f[name][m] for f in found])),
            }
            for m, day in enumerate(starts)
            for name in found[0]
        ]
        return pd.DataFrame(rows)

    def waits(self) -> tuple[FloatArray, ...]:
        """Of each replicate the days that each who needed an assessment waited, or so far."""
        return tuple(_waits(_counted(run)) for run in self.runs)

    def weeks(self) -> pd.DataFrame:
        """Each week who waits for an assessment, and who waits past the day that was wanted.

        Columns: ``day``, ``name`` (queue or late), ``value``, ``low``, ``high``.
        """
        import pandas as pd

        at = np.arange(0, self.settings.n_days + 1, 7, dtype=float)
        curves = [{"queue": _queue(run, at), "late": _late(run, at)} for run in self.runs]
        start = pd.Timestamp(self.settings.start)
        rows = [
            {
                "day": start + pd.Timedelta(days=float(day)),
                **_plain(self._count_of(name, [curve[name][i] for curve in curves])),
            }
            for name in ("queue", "late")
            for i, day in enumerate(at)
        ]
        return pd.DataFrame(rows)

    def by(
        self, attribute: str = "prison", *, disclosure: Disclosure | None = None, lang: str = "en"
    ) -> pd.DataFrame:
        """Figures by group or by prison, without what would tell too much of few people.

        Parameters
        ----------
        attribute
            ``prison`` or a name of `People.groups`.
        disclosure
            What is too small: people of the group, and of them those to whom something was granted
            or was not. Hidden in one replicate is hidden in all.

        Returns
        -------
        One row for each label and, first, one for everybody: ``people`` who asked, ``asked``,
        ``granted_share`` (of requests that ended in a grant that was not withdrawn),
        ``wait_median`` and ``wait_p90`` in days of who needed an assessment, ``late``, ``lost``
        and ``hidden`` (why nothing is shown). Means over replicates.

        Raises
        ------
        ImpactError
            If there is no such attribute.
        """
        import pandas as pd

        people = self.screens.people
        known = {"prison": people.prison, **people.groups}
        if attribute not in known:
            raise ImpactError(f"there is no group {attribute!r}; expected {', '.join(known)}")
        labels = known[attribute]
        names = sorted(set(labels.tolist()))
        rule = disclosure or Disclosure()
        parts = [np.ones(len(labels), bool), *(labels == name for name in names)]
        runs = [_counted(run) for run in self.runs]
        counts = [[_people_of(run, part) for part in parts] for run in runs]
        small = [
            any(rule.is_small(count) for count in of_part) for of_part in zip(*counts, strict=True)
        ]
        sums = [Relation(0, tuple(range(1, len(parts))))]
        found = hidden_cells(counts[0], sums, rule, small)
        hidden = ["small" if few else why for few, why in zip(small, found, strict=True)]
        rows = []
        for name, part, why in zip(["", *names], parts, hidden, strict=True):
            shown = {} if why else _mean_of([_group_row(run, part) for run in runs])
            said = say("words", why, lang) if why else ""
            rows.append({"group": name or say("words", "everybody", lang), **shown, "hidden": said})
        columns = [*_GROUP_COLUMNS, "hidden"]
        return pd.DataFrame(rows).set_index("group").reindex(columns=columns)

    def granted_before(self, day: dt.date) -> dict[str, Spread]:
        """Of people who were granted a liberty before a day, who now first needs an assessment.

        Returns
        -------
        ``people``: those who were granted something before the first meeting from that day on, were
        never assessed, and may still ask at it; ``sent_on``: those of them whom the policy of that
        meeting sends on to a deep assessment.
        """
        screens, start = self.screens, np.datetime64(self.settings.start, "D").astype(int)
        meeting = int(np.searchsorted(screens.meetings, np.datetime64(day, "D").astype(int)))
        if meeting >= len(screens.meetings):
            raise ImpactError(f"day is {day}; expected one before {self.settings.end}")
        at = float(screens.meetings[meeting] - start)
        found = [_granted_before(run, self.settings, screens, meeting, at) for run in self.runs]
        return {
            name: self._count_of(name, [one[name] for one in found])
            for name in ("people", "sent_on")
        }

    def text(self, lang: str = "nl") -> str:
        """The figures in words."""
        s = self.settings
        lines = [
            say("words", "title", lang, label=self.label),
            say(
                "words",
                "period",
                lang,
                start=s.start,
                end=s.end,
                people=number(len(self.screens.people), lang),
                capacity=number(s.per_week, lang),
                replicates=len(self.runs),
            ),
            say("words", "warning", lang),
            "",
            *(f"- {say('figures', f.name, lang)}: {f.text(lang)}" for f in self.figures),
            "",
            *closing_words(s, lang),
        ]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values: no person is among them."""
        return {
            "label": self.label,
            "policies": list(self.policies),
            "settings": msgspec.to_builtins(self.settings),
            "people": len(self.screens.people),
            "figures": {one.name: _plain(one, named=False) for one in self.figures},
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:,.1f}".format, index=False, escape=True)


def closing_words(settings: Settings, lang: str) -> list[str]:
    """What is said below figures: what the intervals are, where there are any, and the waits."""
    level = percent(settings.level, lang)
    name = "interval" if settings.replicates > 1 else "no_interval"
    return [say("words", name, lang, level=level), say("words", "so_far", lang)]


def _plain(one: Spread, *, named: bool = True) -> dict[str, Any]:
    limits = {
        key: None if not named and not math.isfinite(value) else value
        for key, value in (("value", one.value), ("low", one.low), ("high", one.high))
    }
    return {"name": one.name, **limits} if named else limits


def _figures_of(everything: Run, settings: Settings, screens: Screens) -> dict[str, float]:
    horizon = float(settings.n_days)
    weekly = _queue(everything, np.arange(0, horizon + 1, 7))
    run = _counted(everything)
    cases = run.cases
    granted, withdrawn = _standing(run)
    status = cases["status"]
    waits = _waits(run)
    return {
        "asked": _count(cases["reopened"] == 0),
        "reopened": _count(cases["reopened"] == 1),
        "granted": _count(granted),
        "withdrawn": _count(withdrawn),
        **{STATUSES[s]: _count(status == s) for s in (DENIED, LOST, RELEASED, WAITING)},
        "needed": _count(~np.isnan(cases["needed_on"])),
        "late": _count(_is_late(run)),
        "assessments": float(len(run.jobs["person"])),
        "assessed": _count(run.jobs["done_on"] <= horizon),
        "repeated": float(cases["repeats"].sum()),
        "expired": float(cases["expired"].sum()),
        "wait_median": _quantile(waits, 0.5),
        "wait_p90": _quantile(waits, 0.9),
        "queue_mean": float(weekly.mean()),
        "queue_highest": float(weekly.max()),
        "queue_end": float(_queue(everything, np.array([horizon]))[0]),
        **_at_liberty(run, settings, screens),
        "wishes_unmet": _count(granted & _unmet(run, _CONDITIONS)),
        "not_informed": _count(granted & _unmet(run, ["victims_not_informed"])),
    }


def _counted(run: Run) -> Run:
    """The requests since the start, and the assessments asked for since then."""
    rows, jobs = run.cases["counted"] == 1, run.jobs["asked_on"] >= 0
    return Run(
        {name: column[rows] for name, column in run.cases.items()},
        {name: column[jobs] for name, column in run.jobs.items()},
    )


def _count(rows: Mask) -> float:
    return float(rows.sum())


def _standing(run: Run) -> tuple[Mask, Mask]:
    """Which cases were granted and stayed so, and which were granted and withdrawn."""
    granted = run.cases["status"] == GRANTED
    withdrawn = granted & ~np.isnan(run.cases["withdrawn_on"])
    return granted & ~withdrawn, withdrawn


def _unmet(run: Run, wishes: Sequence[str]) -> Mask:
    found: Mask = np.any([run.cases[f"met_{wish}"] == 0 for wish in wishes], axis=0)
    return found


def _is_late(run: Run) -> Mask:
    cases = run.cases
    found: Mask = (cases["ended_on"] > cases["wanted_on"]) & (cases["bound"] == 0)
    return found


def _waits(run: Run, of: Mask | None = None) -> FloatArray:
    """Days from request to decision, or so far, of who needed an assessment."""
    cases = run.cases
    rows = ~np.isnan(cases["needed_on"])
    if of is not None:
        rows = rows & of[cases["person"].astype(int)]
    return cases["ended_on"][rows] - cases["asked_on"][rows]


def _quantile(values: FloatArray, share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else math.nan


def _at_liberty(run: Run, settings: Settings, screens: Screens) -> dict[str, float]:
    """Liberties that were taken, and what goes wrong in them by the truth."""
    granted, _ = _standing(run)
    taken = failures = offences = 0.0
    people, start = screens.people, int(np.datetime64(settings.start, "D").astype(int))
    for place, asking in enumerate(settings.asking):
        rows = granted & (run.cases["kind"] == place)
        person = run.cases["person"][rows].astype(int)
        begin = run.cases["taken_on"][rows]
        left = people.release[person] - start - begin
        there = left > 0 if asking.until_release else np.ones(len(left), bool)
        person, left = person[there], left[there]
        days = np.full(len(person), float(asking.days_out or np.inf))
        if asking.until_release:
            days = np.minimum(days, left)
        taken += len(person)
        failures += float(people.failure[person].sum())
        offences += float(-np.expm1(-people.offence_per_day[person] * days).sum())
    return {"taken": taken, "failures": failures, "offences": offences}


def _granted_before(
    run: Run, settings: Settings, screens: Screens, meeting: int, at: float
) -> dict[str, float]:
    cases = run.cases
    people = sent_on = 0
    assessed = set(run.jobs["person"][run.jobs["asked_on"] < at].astype(int).tolist())
    for place, kind in enumerate(settings.kinds):
        table = screens.kinds[kind]
        rows = (cases["kind"] == place) & (cases["status"] == GRANTED) & (cases["ended_on"] < at)
        for person in np.unique(cases["person"][rows]).astype(int).tolist():
            row = table.row(person, meeting)
            if row >= 0 and person not in assessed:
                people += 1
                sent_on += int(table.outcome[NONE, row] == DEEP)
    return {"people": float(people), "sent_on": float(sent_on)}


def _queue(run: Run, at: FloatArray) -> FloatArray:
    """How many requests wait for an assessment at some moments."""
    rows = ~np.isnan(run.cases["needed_on"])
    return _between(run.cases["needed_on"][rows], run.cases["ended_on"][rows], at)


def _late(run: Run, at: FloatArray) -> FloatArray:
    """How many wait past the day that was wanted at some moments."""
    rows = _is_late(run)
    return _between(run.cases["wanted_on"][rows], run.cases["ended_on"][rows], at)


def _between(begin: FloatArray, end: FloatArray, at: FloatArray) -> FloatArray:
    begun = np.searchsorted(np.sort(begin), at, side="right")
    ended = np.searchsorted(np.sort(end), at, side="left")
    return (begun - ended).astype(np.float64)


def _by_month(run: Run, edges: FloatArray) -> dict[str, FloatArray]:
    cases, k = run.cases, len(edges)

    def counted(days: FloatArray) -> FloatArray:
        month = np.searchsorted(edges, days, side="right") - 1
        return np.bincount(month, minlength=k)[:k].astype(np.float64)

    granted, withdrawn = _standing(run)
    found = {
        "asked": counted(cases["asked_on"][cases["reopened"] == 0]),
        "granted": counted(cases["ended_on"][granted | withdrawn]),
        "withdrawn": counted(cases["withdrawn_on"][withdrawn]),
    }
    for status in (DENIED, LOST, RELEASED):
        found[STATUSES[status]] = counted(cases["ended_on"][cases["status"] == status])
    return found


_GROUP_COLUMNS = (
    "people",
    "asked",
    "granted_share",
    "wait_median",
    "wait_p90",
    "late",
    "lost",
)


def _people_of(run: Run, part: Mask) -> tuple[int, int]:
    """People of a group who asked, and of them those to whom something was granted."""
    person = run.cases["person"].astype(int)
    granted, _ = _standing(run)
    there = part[person]
    return len(np.unique(person[there])), len(np.unique(person[there & granted]))


def _group_row(run: Run, part: Mask) -> dict[str, float]:
    there = part[run.cases["person"].astype(int)]
    granted, _ = _standing(run)
    asked, waits = _count(there), _waits(run, part)
    return {
        "people": float(_people_of(run, part)[0]),
        "asked": asked,
        "granted_share": _count(there & granted) / asked if asked else math.nan,
        "wait_median": _quantile(waits, 0.5),
        "wait_p90": _quantile(waits, 0.9),
        "late": _count(there & _is_late(run)),
        "lost": _count(there & (run.cases["status"] == LOST)),
    }


def _mean_of(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: spread(name, [row[name] for row in rows]).value for name in rows[0]}
