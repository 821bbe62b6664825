"""From data to a recommendation, by what was registered before."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.figure import number
from risicoscreener.evaluation.pilots.analysis import analyse
from risicoscreener.evaluation.pilots.cells import Cells, cells_from
from risicoscreener.evaluation.pilots.design import PilotDesign
from risicoscreener.evaluation.pilots.design_checks import NEVER
from risicoscreener.evaluation.pilots.plan import recommended
from risicoscreener.evaluation.pilots.power import Power, power
from risicoscreener.evaluation.pilots.registering import NOT_AT_ALL, Registration
from risicoscreener.evaluation.pilots.result import PilotResult
from risicoscreener.evaluation.pilots.telling import amount, say, whole
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    import pandas as pd

Category = Literal["roll_out", "extend", "stop", "cannot_tell"]
WORKING = "working"
"""Column that says whether a row is of the new way, 0 or 1: how it went, not how it was planned."""
SMALL_SHARE, LEVEL_OFF = 0.8, 0.25
"""Fewer people than this share of what was expected, and a level further off, are said."""


@dataclass(frozen=True)
class Said:
    """A sentence with its figures: a name in ``words.toml`` and what it is filled with."""

    name: str
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: str = "nl") -> str:
        """The sentence."""
        return say(
            self.name,
            lang,
            **{k: v(lang) if callable(v) else v for k, v in self.values.items()},
        )

    def to_dict(self) -> dict[str, Any]:
        """Its name, and the sentence in both languages."""
        return {"name": self.name, "nl": self.text("nl"), "en": self.text("en")}


@dataclass(frozen=True)
class Recommendation:
    """What the rule says: a category, and why."""

    category: Category
    reason: Said

    def text(self, lang: str = "nl") -> str:
        """Category and reason."""
        category = say(f"recommend_{self.category}", lang)
        return f"{say('recommendation', lang, category=category)}. {self.reason.text(lang)}"


@dataclass(frozen=True, eq=False)
class PilotJudgement:
    """A pilot, analysed and judged.

    Attributes
    ----------
    registration
        What was agreed.
    result
        What was found.
    deviations
        What went otherwise.
    recommendation
        By the rule.
    costs
        For each outcome prevented, if costs were given and the outcome can be counted.
    planned
        Power for a worthwhile effect, as it was expected beforehand; None if it cannot be given.
    """

    registration: Registration
    result: PilotResult
    deviations: tuple[Said, ...]
    recommendation: Recommendation
    costs: Said | None
    planned: Power | None

    def text(self, lang: str = "nl") -> str:
        """Recommendation, effect and deviations."""
        check_language(lang)
        lines = [self.registration.title, self.recommendation.text(lang), ""]
        lines.append(self.result.text(lang))
        if self.costs:
            lines.append(self.costs.text(lang))
        if self.deviations:
            lines.append(say("deviations", lang) + ":")
            lines += [f"  - {one.text(lang)}" for one in self.deviations]
        else:
            lines.append(say("no_deviations", lang))
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "title": self.registration.title,
            "hash": self.registration.checksum(),
            "recommendation": {
                "category": self.recommendation.category,
                "reason": self.recommendation.reason.to_dict(),
            },
            "result": self.result.to_dict(),
            "deviations": [one.to_dict() for one in self.deviations],
            "costs": self.costs.to_dict() if self.costs else None,
            "planned": self.planned.to_dict() if self.planned else None,
        }

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each method, the planned one first."""
        return self.result.to_frame(lang)

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.text('en'))}</pre>"


def judge(
    registration: Registration, frame: pd.DataFrame, *, method: str | None = None
) -> PilotJudgement:
    """Analyse a pilot as it was registered, and say what follows.

    Parameters
    ----------
    frame
        As `cells_from` reads it; with a column ``working``, 0 or 1, for whether a row is of the new
        way, sites that started otherwise than planned are found.
    method
        Another method than the registered one. Then nothing is recommended.

    Raises
    ------
    PilotError
        If the data do not fit the registration.
    """
    design, plan = registration.pilot_design(), registration.plan()
    if method is not None:
        plan = replace(plan, method=method)
    cells = cells_from(frame, design, registration.outcome.kind)
    result = analyse(cells, design, plan)
    planned_method = analyse_method(registration, design)
    changed = result.plan.method != planned_method
    lost = [s for i, s in enumerate(design.sites) if not cells.seen[i].any()]
    said = [
        *_about_registration(registration),
        *(
            [Said("deviation_method", {"seen": result.plan.method, "planned": planned_method})]
            if changed
            else []
        ),
        *_about_cells(registration, design, cells, lost),
        *_about_starts(design, frame),
        *_about_level(registration, result),
    ]
    return PilotJudgement(
        registration,
        result,
        tuple(said),
        recommend(registration, result, lost=len(lost), changed=changed),
        _costs(registration, result),
        _planned(registration, design),
    )


def analyse_method(registration: Registration, design: PilotDesign) -> str:
    """The method that was registered, filled in where it was left open."""
    return registration.analysis.method or recommended(design)


def recommend(
    registration: Registration, result: PilotResult, *, lost: int = 0, changed: bool = False
) -> Recommendation:
    """What the rule says of a result; what is not known never becomes *roll out*.

    Parameters
    ----------
    lost
        Sites without data.
    changed
        Whether the analysis is another one than was registered.
    """
    rule, effect = registration.rule, result.effect
    good, kind = registration.good, result.cells.kind

    def worth(lang: str) -> str:
        return amount(rule.worthwhile, kind, lang)

    if changed:
        return Recommendation("cannot_tell", Said("why_changed_plan"))
    if lost > rule.most_sites_lost:
        return Recommendation(
            "cannot_tell", Said("why_sites_lost", {"lost": lost, "most": rule.most_sites_lost})
        )
    if not effect.has_interval:
        return Recommendation("cannot_tell", Said("why_no_interval"))
    value = good * effect.value
    low, high = sorted((good * effect.low, good * effect.high))
    if high < 0:
        return Recommendation("stop", Said("why_harm"))
    if high < rule.worthwhile:
        return Recommendation("stop", Said("why_too_small", {"worthwhile": worth}))
    if low > 0 and value >= rule.worthwhile:
        return Recommendation("roll_out", Said("why_better", {"worthwhile": worth}))
    return _open(registration, result, worth)


def _open(registration: Registration, result: PilotResult, worth: Any) -> Recommendation:
    """What to do where the interval holds a worthwhile effect and one that is too small."""
    rule = registration.rule
    if not rule.extra_sites:
        return Recommendation("cannot_tell", Said("why_no_extension"))
    chance = _power_extended(registration, result)

    def share(lang: str) -> str:
        return number(100 * chance, 0, lang) + "%"

    if chance >= rule.power:
        values = {"sites": rule.extra_sites, "worthwhile": worth, "power": share}
        return Recommendation("extend", Said("why_extend", values))
    return Recommendation("cannot_tell", Said("why_open", {"power": share}))


def _power_extended(registration: Registration, result: PilotResult) -> float:
    """Power for a worthwhile effect of the pilot and the extra sites together.

    With the sizes and the correlation that were found; starts are shared out as they were.
    """
    design = result.design
    starts = [*design.starts]
    order = sorted(set(starts), key=lambda s: math.inf if s == NEVER else s)
    starts += [order[i % len(order)] for i in range(registration.rule.extra_sites)]
    grown = PilotDesign(
        design.kind,
        tuple(str(i) for i in range(len(starts))),
        design.periods,
        tuple(starts),
        transition=design.transition,
        randomised=design.randomised,
    )
    seen = result.cells.seen
    assumed = replace(
        registration.assumed(), per_cell=float(result.cells.size[seen].mean()), size_cv=0.0
    )
    if result.icc.ok and result.cells.kind != "count":
        cac = result.cac if math.isfinite(result.cac) else 1.0
        assumed = replace(assumed, icc=min(result.icc.value, 0.98), cac=cac)
    effect = registration.good * registration.rule.worthwhile
    try:
        return power(grown, assumed, effect, level=registration.analysis.level).power
    except PilotError:
        return 0.0


def _planned(registration: Registration, design: PilotDesign) -> Power | None:
    effect = registration.good * registration.rule.worthwhile
    try:
        return power(design, registration.assumed(), effect, level=registration.analysis.level)
    except PilotError:
        return None


def _about_registration(registration: Registration) -> list[Said]:
    return [] if registration.is_registered else [Said("deviation_not_registered")]


def _about_cells(
    registration: Registration, design: PilotDesign, cells: Cells, lost: list[str]
) -> list[Said]:
    found = [Said("deviation_site_lost", {"site": site}) for site in lost]
    wanted = design.analysed & ~cells.seen
    for i, t in np.argwhere(wanted):
        if design.sites[i] not in lost:
            values = {"site": design.sites[i], "period": design.periods[t]}
            found.append(Said("deviation_cell_missing", values))
    seen = float(cells.size[cells.seen].mean())
    planned = registration.expected.per_cell
    if seen < SMALL_SHARE * planned:
        found.append(
            Said(
                "deviation_small",
                {
                    "seen": lambda lang: number(seen, 1, lang),
                    "planned": lambda lang: number(planned, 1, lang),
                },
            )
        )
    return found


def _about_starts(design: PilotDesign, frame: pd.DataFrame) -> list[Said]:
    """Sites that began otherwise than planned, where the data say how it went."""
    if WORKING not in frame.columns:
        return []
    import pandas as pd

    working = pd.to_numeric(frame[WORKING], errors="coerce")
    wrong = ~working.isin([0, 1])
    if wrong.any():
        row = int(np.argmax(wrong.to_numpy()))
        value = frame[WORKING].iloc[row]
        raise PilotError(f"row {row + 1}: {WORKING} is {value!r}; expected 0 or 1")
    place = frame["period"].astype(str).map({name: i for i, name in enumerate(design.periods)})
    begun = place[working == 1].groupby(frame["site"].astype(str)).min()
    found = []
    for site, start in zip(design.sites, design.starts, strict=True):
        if site not in set(frame["site"].astype(str)):
            continue
        seen = int(begun[site]) if site in begun.index else NEVER
        if seen == start:
            continue
        names = {
            "site": site,
            "seen": design.periods[seen] if seen != NEVER else NOT_AT_ALL,
            "planned": design.periods[start] if start != NEVER else NOT_AT_ALL,
        }
        kind = "never" if seen == NEVER else "contaminated" if start == NEVER else "late"
        found.append(Said(f"deviation_{kind}", names))
    return found


def _about_level(registration: Registration, result: PilotResult) -> list[Said]:
    kind, expected = result.cells.kind, registration.expected.level
    without = (result.design.exposure == 0) & result.cells.seen
    size = float(result.cells.size[without].sum())
    if not size:
        return []
    seen = float(result.cells.total[without].sum()) / size
    scale = registration.expected.sd if kind == "continuous" else abs(expected)
    if abs(seen - expected) <= LEVEL_OFF * scale:
        return []
    return [
        Said(
            "deviation_level",
            {
                "seen": lambda lang: amount(seen, kind, lang),
                "planned": lambda lang: amount(expected, kind, lang),
            },
        )
    ]


def _costs(registration: Registration, result: PilotResult) -> Said | None:
    """Costs for each outcome prevented (or gained), with the limits of the effect."""
    costs, kind = registration.costs, result.cells.kind
    if costs is None or kind == "continuous":
        return None
    good = registration.good
    value = good * result.effect.value
    low, high = sorted((good * result.effect.low, good * result.effect.high))
    price, currency = costs.per_person, costs.currency

    def each(lang: str) -> str:
        def money(change: float) -> str:
            return whole(price / change, lang)

        if not value > 0:
            return say("costs_none", lang)
        if low > 0:
            return say(
                "costs_range",
                lang,
                value=money(value),
                low=money(high),
                high=money(low),
                currency=currency,
            )
        return say(
            "costs_open",
            lang,
            value=money(value),
            low=money(high) if math.isfinite(high) else "0",
            currency=currency,
        )

    return Said(
        "costs",
        {
            "per_person": lambda lang: whole(price, lang),
            "currency": currency,
            "each": each,
        },
    )
