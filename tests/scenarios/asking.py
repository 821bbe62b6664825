"""From the case file of a scenario to what the policy makes of it, through the real chain."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from risicoscreener.decision import Score
from risicoscreener.dossier import read_dossier
from risicoscreener.screening import ScreeningResult
from risicoscreener.screening.screener import default_screener
from scenarios.casefile import CaseFile

if TYPE_CHECKING:
    from risicoscreener.decision import CompiledPolicy

DECISIONS = {
    "algemeen verlof": "leave",
    "kortdurend re-integratieverlof": "leave",
    "verlof": "leave",
    "langdurend re-integratieverlof": "long_leave",
    "verlof voor het sociale netwerk": "network_leave",
    "re-integratieverlof voor extramurale arbeid": "extramural_leave",
    "regimesgebonden verlof": "regime_leave",
    "incidenteel verlof": "incidental_leave",
    "plaatsing in een zeer beperkt beveiligde inrichting": "very_low_security",
    "plaatsing in een beperkt beveiligde inrichting": "low_security",
    "plaatsing in een beperkt beveiligde afdeling": "low_security",
    "een penitentiair programma": "penitentiary_programme",
    "voorwaardelijke invrijheidstelling": "conditional_release",
    "promotie": "promotion",
    "degradatie": "degradation",
}
ASKED = {
    "long_leave": "long_leave",
    "network_leave": "network_leave",
    "extramural_leave": "extramural_leave",
    "regime_leave": "regime_leave",
    "incidental_leave": "incidental_leave",
    "very_low_security": "very_low_security",
    "low_security": "low_security",
    "penitentiary_programme": "penitentiary_programme",
    "conditional_release": "conditional_release",
}
"""Kinds of decision that answer a request, with the liberty that is asked for."""
SHORT_LEAVE_SINCE = dt.date(2021, 7, 1)
MODELS = {
    "op een mislukt verlof": "leave_failure",
    "op geweld binnen twee jaar": "violence_2y",
    "op een nieuw feit binnen twee jaar": "any_2y",
}
"""Models by what a scenario calls the risk that they estimate."""


def decide(case: CaseFile, kind: str, decided_on: dt.date) -> ScreeningResult:
    """The result for the case file, with the risk that the scenario states."""
    route = default_screener().route(kind)
    dossier = read_dossier(
        case.dossier(decided_on, asked(kind, decided_on)), recorded_by=dt.date.today()
    )
    judged_on = case.detention.get("judged_on", case.arrived_on)
    values = route.features_of(dossier, decided_on)
    at = route.version(decided_on, judged_on if route.by_judgment else None)
    compiled = route.policies[at].compiled
    decided = compiled.decide_one(
        route.inputs_of(at, values, case.quarantined_rows), stated_scores(case, compiled)
    )
    return route.result(
        dossier.person_id, decided_on, at, values, {}, decided, case.quarantined_rows
    )


def asked(kind: str, on: dt.date) -> str | None:
    """The liberty that a decision of this kind is about; None for promotion and degradation."""
    if kind == "leave":
        return "short_leave" if on >= SHORT_LEAVE_SINCE else "general_leave"
    return ASKED.get(kind)


def stated_scores(case: CaseFile, compiled: CompiledPolicy) -> list[Score]:
    """A score in the middle of the band that the scenario states, for each model."""
    return [
        _score(cuts, case.bands.get(model, case.band), case)
        for model, cuts in zip(compiled.models, compiled.cuts, strict=True)
    ]


def _score(cuts: tuple[float, ...], band: str, case: CaseFile) -> Score:
    edges = (0.0, *cuts, 1.0)
    at = {"laag": 0, "matig": 1, "hoog": len(cuts)}[band]
    middle = (edges[at] + edges[at + 1]) / 2
    crossing = edges[at + 1] if at < len(cuts) else edges[at] / 2
    lower, upper = sorted((middle, crossing if case.near_cut_off else middle))
    return Score(middle, lower, upper, case.supported)
