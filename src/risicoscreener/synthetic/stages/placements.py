"""Placement in low security for the last phase of a sentence, and how it ended.

Until June 2021 it was open to the sentenced in their last eighteen months; since then it follows on
leave for work outside, in the last sixth of the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.conditions import visible_risk
from risicoscreener.synthetic.stages.conduct import Conduct
from risicoscreener.synthetic.stages.curve import NEVER
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    between,
    code,
    gamma_days,
    happens,
    pick,
    probability,
)
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, rows, stack
from risicoscreener.synthetic.stages.stay import Stay

_FACT_IDS = ("stay-4", "stay-5")


@dataclass(frozen=True)
class _Requests:
    """One request for each person; shape (n,), days that never come are `NEVER`."""

    asked_on: Array
    decided_on: Array
    start: Array
    made: Array
    granted: Array
    started: Array


def placement_rows(
    block: Block,
    people: People,
    stay: Stay,
    state: Circumstances,
    conduct: Conduct,
    leaves: Rows,
    detentions: Rows,
) -> tuple[Rows, Rows]:
    """Placements of the people of a block: as liberties, and as changes of unit of the stay.

    Parameters
    ----------
    leaves
        Requests for leave, of which those for work outside lead to a placement since July 2021.
    detentions
        The present stay, with the fact that holds last for each person.

    Returns
    -------
    tuple
        Rows of the liberties and of the detentions.
    """
    p, n, rng = block.parameters, block.size, block.stream("placements")
    last = np.searchsorted(detentions.owner, np.arange(n), side="right") - 1
    base = detentions.where(last)
    asked = _requests(block, people, stay, state, conduct, leaves, base)
    failed, outcome, end = _ends(block, people, state, stay, asked)
    found = rows(
        "liberties",
        np.arange(n),
        kind=code("liberty_kind", "low_security"),
        asked_on=asked.asked_on,
        decision=_decision(asked, stay),
        decided_on=np.where(asked.decided_on < stay.released, asked.decided_on, NO_DAY),
        started_on=np.where(asked.started, asked.start, NO_DAY),
        outcome=np.where(asked.started, outcome, np.int8(-1)),
        ended_on=np.where(asked.started, end, NO_DAY),
        recorded_at=asked.asked_on + gamma_days(rng, p["liberties.recording"], n),
    ).where(asked.made)
    return found, _changes_of_unit(block, base, asked, failed, end)


def _requests(
    block: Block,
    people: People,
    stay: Stay,
    state: Circumstances,
    conduct: Conduct,
    leaves: Rows,
    base: Rows,
) -> _Requests:
    p, n, rng = block.parameters, block.size, block.stream("requests for placement")
    waited = gamma_days(rng, p["placements.asked_after"], n)
    wait = np.maximum(gamma_days(rng, p["placements.decision_days"], n), 1)
    before = _first_day_before(p, stay) + waited
    is_old = before + wait < p["law.new_regime_from"]
    since = np.maximum(_first_day_since(p, stay), _work_outside_on(leaves, n))
    asked_on = np.where(is_old, before, since).astype(np.int32)
    decided_on = np.where(asked_on < NEVER, asked_on + wait, NEVER).astype(np.int32)
    start = decided_on + between(rng, p["placements.start_days"], n)
    enough = start + p["law.low_security_least_days"] <= stay.released
    possible = stay.is_sentenced & ~(stay.tbs | stay.unlawful | stay.removal)
    made = possible & (asked_on + p["law.low_security_least_days"] <= stay.released)
    made &= happens(rng, p["placements.asked"], n)
    variables = {
        **people.as_variables(p),
        **state.as_variables,
        **visible_risk(stay, conduct, decided_on),
    }
    granted = happens(rng, probability(p.linear("placements.granted", variables)), n) & enough
    # A change of unit corrects the fact that holds, so it cannot come before that fact.
    started = made & granted & (start >= base.columns["recorded_at"])
    return _Requests(asked_on, decided_on, start, made, granted & started, started)


def _first_day_before(p: Parameters, stay: Stay) -> Array:
    """First day on which placement was possible under the rules until June 2021."""
    begin = np.maximum(stay.arrived, stay.judged_on)
    return np.maximum(begin, stay.released - p["law.low_security_within_days"])


def _first_day_since(p: Parameters, stay: Stay) -> Array:
    """The same under the rules since July 2021."""
    part = np.floor(p["law.low_security_fraction"] * stay.sentence.days)
    within = np.minimum(part, p["law.low_security_most_days"])
    return np.maximum(stay.released - within, p["law.new_regime_from"]).astype(np.int32)


def _work_outside_on(leaves: Rows, n: int) -> Array:
    """Day on which leave for work outside was first granted, `NEVER` where it was not."""
    granted = leaves.columns["kind"] == code("liberty_kind", "extramural_leave")
    granted &= leaves.columns["decision"] == code("liberty_decision", "granted")
    day = np.full(n, NEVER, dtype=np.int32)
    np.minimum.at(day, leaves.owner[granted], leaves.columns["decided_on"][granted])
    return day


def _decision(asked: _Requests, stay: Stay) -> Array:
    granted, denied = (np.int8(code("liberty_decision", d)) for d in ("granted", "denied"))
    decision = np.where(asked.granted, granted, denied)
    return np.where(asked.decided_on < stay.released, decision, np.int8(-1))


def _ends(
    block: Block, people: People, state: Circumstances, stay: Stay, asked: _Requests
) -> tuple[Array, Array, Array]:
    """Whether each placement was cut short, how it ended, and when."""
    p, n, rng = block.parameters, block.size, block.stream("ends of placements")
    variables = {**people.as_variables(p), **state.as_variables}
    failed = happens(rng, probability(p.linear("placements.failed", variables)), n)
    how = pick(rng, p["placements.how_failed"], "liberty_outcome", n)
    returned = np.int8(code("liberty_outcome", "returned"))
    left = np.maximum(stay.released - asked.start, 1)
    end = asked.start + np.maximum(np.floor(rng.random(n) * left), 1)
    end = np.where(failed, end, stay.released).astype(np.int32)
    return failed, np.where(failed, how, returned), end


def _changes_of_unit(block: Block, base: Rows, asked: _Requests, failed: Array, end: Array) -> Rows:
    """The stay as it is known since the placement, and since the return from one cut short."""
    p, n, rng = block.parameters, block.size, block.stream("placements recorded")
    lag = gamma_days(rng, p["detention.recording"], n)
    moved_on = np.maximum(asked.start + lag, base.columns["recorded_at"])
    moved = base.with_columns(
        unit=code("unit", "low_security"),
        recorded_at=moved_on,
        fact_id=_FACT_IDS[0],
        supersedes=base.columns["fact_id"],
    )
    back = base.with_columns(
        recorded_at=np.maximum(end + lag, moved_on),
        fact_id=_FACT_IDS[1],
        supersedes=_FACT_IDS[0],
    )
    return stack([moved.where(asked.started), back.where(asked.started & failed)])
