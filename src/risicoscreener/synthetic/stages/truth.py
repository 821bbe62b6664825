"""The truth as columns: what is latent, what was probable, what happened, what could have."""

from __future__ import annotations

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.curve import NEVER, horizons, whole_days
from risicoscreener.synthetic.stages.detection import Detection
from risicoscreener.synthetic.stages.draws import Array
from risicoscreener.synthetic.stages.interventions import NAMES, Alternative, Interventions
from risicoscreener.synthetic.stages.outcomes import OUTCOMES, Outcomes, first_of

REGISTERED = "_registered"


def truth_of_outcomes(p: Parameters, outcomes: Outcomes, linked: Array) -> dict[str, Array]:
    """Probabilities and outcomes by kind and horizon, as they are and as registers show them.

    Parameters
    ----------
    linked
        Whether the register finds the cases of each person at all, shape (n,).
    """
    columns: dict[str, Array] = {}
    for outcome in OUTCOMES:
        columns |= _probabilities(p, outcomes, outcome)
        columns |= _happened(p, outcomes, outcome)
        columns[f"{outcome}_2y_seen"] = _seen(p, outcomes, outcome, linked)
        columns[f"years_to_{outcome}"] = _years(p, outcomes.first(outcome))
    columns["competing_event"] = outcomes.follow_up.names
    columns["years_to_competing_event"] = _years(p, outcomes.follow_up.day)
    return columns


def _probabilities(p: Parameters, outcomes: Outcomes, outcome: str) -> dict[str, Array]:
    risk = outcomes.risk
    true = risk.level * risk.part(outcome)
    of_all = risk.curve.incidence(true, outcomes.follow_up.hazard, horizons(p))
    of_seen = risk.curve.incidence(true * risk.seen, outcomes.follow_up.hazard, horizons(p))
    named = {f"probability_{outcome}_{h}": values for h, values in of_all.items()}
    return named | {
        f"probability_{outcome}_{h}{REGISTERED}": values for h, values in of_seen.items()
    }


def _happened(p: Parameters, outcomes: Outcomes, outcome: str) -> dict[str, Array]:
    true, seen = outcomes.first(outcome), outcomes.first(outcome, outcomes.registered)
    columns = {}
    for name, days in horizons(p).items():
        columns[f"{outcome}_{name}"] = (true <= days).astype(np.int8)
        columns[f"{outcome}_{name}{REGISTERED}"] = (seen <= days).astype(np.int8)
    return columns


def _seen(p: Parameters, outcomes: Outcomes, outcome: str, linked: Array) -> Array:
    """What registers show of two years on the day on which they are read."""
    known = outcomes.registered & (outcomes.recorded_at <= p["calendar.extracted_on"])
    first = outcomes.first(outcome, known & linked[outcomes.cases.owner])
    return (first <= horizons(p)["2y"]).astype(np.int8)


def _years(p: Parameters, days: Array) -> Array:
    return np.where(days < NEVER, days / p["calendar.days_per_year"], np.nan)


def truth_of_interventions(
    p: Parameters, outcomes: Outcomes, helped: Interventions, detected: Detection
) -> dict[str, Array]:
    """What each person received, and the two years after release under each alternative."""
    columns: dict[str, Array] = {name: _as_received(helped.received[name]) for name in NAMES}
    for alternative in helped.alternatives():
        columns |= _under(p, outcomes, alternative, detected)
    return columns


def _as_received(values: Array) -> Array:
    return values if values.dtype == np.float64 else values.astype(np.int8)


def _under(
    p: Parameters, outcomes: Outcomes, alternative: Alternative, detected: Detection
) -> dict[str, Array]:
    """Probability and outcome of a case within two years under an alternative."""
    risk, drawn, of = outcomes.risk, outcomes.drawn, alternative.name
    level = risk.base * alternative.factor
    share = detected.under(p["interventions.seen_odds_ratio"], alternative.is_supervised)
    everyone = np.ones(len(drawn.owner), dtype=bool)
    parts = {
        "any_2y": (level, everyone),
        f"any_2y{REGISTERED}": (level * share, drawn.mark < share[drawn.owner]),
    }
    days, hazard = horizons(p)["2y"], outcomes.follow_up.hazard
    columns = {}
    for name, (of_part, counted) in parts.items():
        first = first_of(outcomes.size, drawn.owner, drawn.reached, counted, np.inf)
        time = risk.curve.time_of(first / level)
        found = (whole_days(time) <= days) & (time < outcomes.follow_up.time)
        chance = risk.curve.incidence(of_part, hazard, {"2y": days})["2y"]
        columns[f"probability_{name}_if_{of}"] = chance
        columns[f"{name}_if_{of}"] = found.astype(np.int8)
    return columns
