"""Liberties: leaves asked for, decided, used and how they ended; conditional release."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.conditions import Conditions, conditional_release_decided_on
from risicoscreener.synthetic.stages.conduct import Conduct
from risicoscreener.synthetic.stages.curve import NEVER
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    between,
    by_code,
    code,
    gamma_days,
    happens,
    pick,
    pick_by,
    poisson,
    probability,
)
from risicoscreener.synthetic.stages.history import History
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, rows
from risicoscreener.synthetic.stages.spells import in_one_number, in_time, rank_in_owner
from risicoscreener.synthetic.stages.stay import Stay


@dataclass(frozen=True)
class Movements:
    """Leave movements that started, with the true probability that they fail.

    Attributes
    ----------
    as_of
        The day before the decision.
    kind
        Kind of leave as a code.
    """

    owner: Array
    as_of: Array
    kind: Array
    chance: Array
    failed: Array


@dataclass(frozen=True)
class _Requests:
    """Requests for leave, in the order of owner and day; ``decided_on`` may be `NO_DAY`."""

    owner: Array
    asked_on: Array
    kind: Array
    decision: Array
    decided_on: Array
    start: Array
    planned_end: Array
    can_start: Array

    def __len__(self) -> int:
        return len(self.owner)


def draw_liberties(
    block: Block,
    people: People,
    stay: Stay,
    history: History,
    state: Circumstances,
    conduct: Conduct,
) -> tuple[Rows, Movements]:
    """The leaves of the people of a block."""
    requests = _requests(block, people, stay, state)
    log_odds = _log_odds(block.parameters, people, stay, history, state, conduct, requests)
    moved = _move(block, stay, requests, log_odds)
    p, rng = block.parameters, block.stream("leave recording")
    found = rows(
        "liberties",
        requests.owner,
        kind=requests.kind,
        asked_on=requests.asked_on,
        decision=np.where(requests.decided_on == NO_DAY, np.int8(-1), requests.decision),
        decided_on=requests.decided_on,
        started_on=np.where(moved.started, requests.start, NO_DAY),
        outcome=np.where(moved.started, moved.outcome, np.int8(-1)),
        ended_on=np.where(moved.started, moved.end, NO_DAY),
        recorded_at=requests.asked_on + gamma_days(rng, p["liberties.recording"], len(requests)),
    )
    took = np.flatnonzero(moved.started)
    return found, Movements(
        owner=requests.owner[took],
        as_of=requests.decided_on[took] - 1,
        kind=requests.kind[took],
        chance=moved.chance[took],
        failed=moved.failed[took],
    )


def _requests(block: Block, people: People, stay: Stay, state: Circumstances) -> _Requests:
    p, n, rng = block.parameters, block.size, block.stream("requests for leave")
    begin, days = _phase(p, stay)
    owner = np.repeat(
        np.arange(n, dtype=np.int32),
        poisson(rng, p["liberties.requests_per_month"] * days / 30.4375, n),
    )
    asked = (begin[owner] + np.floor(rng.random(len(owner)) * days[owner])).astype(np.int32)
    asked = asked[in_time(owner, asked)]
    size = len(owner)
    decided = asked + np.maximum(gamma_days(rng, p["liberties.decision_days"], size), 1)
    is_new = (decided >= p["law.new_regime_from"]).astype(np.int8)
    weights = [p["liberties.kinds_before"], p["liberties.kinds_since"]]
    kind = pick_by(rng, weights, is_new, "liberty_kind")
    decision = _decisions(block, people, state, owner)
    start = decided + between(rng, p["liberties.start_days"], size)
    end = start + by_code("liberty_kind", p["liberties.nights"], int)[kind]
    pending = decided >= stay.released[owner]
    granted = decision == code("liberty_decision", "granted")
    return _Requests(
        owner=owner,
        asked_on=asked,
        kind=kind,
        decision=decision,
        decided_on=np.where(pending, NO_DAY, decided).astype(np.int32),
        start=start.astype(np.int32),
        planned_end=end.astype(np.int32),
        can_start=granted & ~pending & (end < stay.released[owner]),
    )


def _phase(p: Parameters, stay: Stay) -> tuple[Array, Array]:
    """First day and number of days of the phase in which leave is possible."""
    part = np.floor(p["law.leave_after_fraction"] * stay.sentence.days)
    begin = np.maximum(stay.arrived + part, stay.released - p["law.leave_within_days"])
    begin = np.maximum(begin, stay.judged_on)
    possible = stay.is_sentenced & (stay.sentence.days >= p["law.leave_from_sentence_days"])
    possible &= ~(stay.tbs | stay.unlawful | stay.removal)
    days = np.where(possible, np.maximum(stay.released - 1 - begin, 0), 0)
    return begin.astype(np.int32), days


def _decisions(block: Block, people: People, state: Circumstances, owner: Array) -> Array:
    p, rng = block.parameters, block.stream("decisions on leave")
    variables = {**people.as_variables(p), **state.as_variables}
    chance = probability(p.linear("liberties.granted", variables))
    granted = happens(rng, chance[owner], len(owner))
    withdrawn = happens(rng, p["liberties.withdrawn"], len(owner))
    decided = np.where(
        granted,
        np.int8(code("liberty_decision", "granted")),
        np.int8(code("liberty_decision", "denied")),
    )
    return np.where(withdrawn, np.int8(code("liberty_decision", "withdrawn")), decided)


def _log_odds(
    p: Parameters,
    people: People,
    stay: Stay,
    history: History,
    state: Circumstances,
    conduct: Conduct,
    requests: _Requests,
) -> Array:
    """Log odds of failure of each movement on the day before the decision, without failures."""
    owner, as_of = requests.owner, requests.decided_on - np.int32(1)
    of_person = {**people.as_variables(p), **state.as_variables, **history.as_variables}
    variables = {name: values[owner] for name, values in of_person.items()}
    to_release = np.maximum(stay.released[owner] - as_of, 0) / p["calendar.days_per_year"]
    variables["years_to_release"] = np.where(requests.can_start, to_release, 0.0)
    recent = _has_incident(conduct, owner, as_of, p["liberties.recent_days"])
    variables["recent_incident"] = recent.astype(np.float64)
    variables["failed_before"] = np.zeros(len(owner))
    return p.linear("liberties.failure", variables)


def _has_incident(conduct: Conduct, owner: Array, as_of: Array, within: int) -> Array:
    key = in_one_number(conduct.incident_owner, conduct.incident_on)
    mark = in_one_number(owner, as_of)
    last = np.searchsorted(key, mark, side="right")
    return np.asarray(last > np.searchsorted(key, mark - within, side="left"))


@dataclass(frozen=True)
class _Moved:
    started: Array
    chance: Array
    failed: Array
    outcome: Array
    end: Array


def _move(block: Block, stay: Stay, requests: _Requests, log_odds: Array) -> _Moved:
    """Whether movements start, and how they end, the first of all people first.

    A movement starts only after the end of those before, and a failure known on the day before
    the decision makes the next one more likely.
    """
    p, n, rng = block.parameters, len(requests), block.stream("movements")
    after_failure = p["liberties.failure"]["failed_before"]
    mark = rng.random(n)
    outcome, end_if_failed = _failures(block, stay, requests)
    started, failed = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    chance = np.zeros(n)
    last_end = np.full(block.size, -NEVER, dtype=np.int32)
    first_failure = np.full(block.size, NEVER, dtype=np.int32)
    rank = rank_in_owner(requests.owner)
    for place in range(int(rank.max(initial=-1)) + 1):
        i = np.flatnonzero((rank == place) & requests.can_start)
        who = requests.owner[i]
        i = i[requests.start[i] > last_end[who]]
        who = requests.owner[i]
        known = first_failure[who] < requests.decided_on[i]
        chance[i] = probability(log_odds[i] + after_failure * known)
        started[i], failed[i] = True, mark[i] < chance[i]
        end = np.where(failed[i], end_if_failed[i], requests.planned_end[i])
        last_end[who] = end
        first_failure[who] = np.where(
            failed[i], np.minimum(first_failure[who], end), first_failure[who]
        )
    returned = np.int8(code("liberty_outcome", "returned"))
    return _Moved(
        started=started,
        chance=chance,
        failed=failed,
        outcome=np.where(failed, outcome, returned),
        end=np.where(failed, end_if_failed, requests.planned_end),
    )


def _failures(block: Block, stay: Stay, requests: _Requests) -> tuple[Array, Array]:
    """How each movement fails if it does, and the day on which that ends."""
    p, n, rng = block.parameters, len(requests), block.stream("failures")
    outcome = pick(rng, p["liberties.how_failed"], "liberty_outcome", n)
    away = np.maximum(gamma_days(rng, p["liberties.absconded_days"], n), 1)
    late = between(rng, p["liberties.late_days"], n)
    is_late = outcome == code("liberty_outcome", "late")
    is_away = outcome == code("liberty_outcome", "absconded")
    more = np.where(is_away, away, np.where(is_late, late, 0))
    end = np.minimum(requests.planned_end + more, stay.released[requests.owner])
    return outcome, np.maximum(end, requests.start).astype(np.int32)


def conditional_release_rows(
    block: Block, stay: Stay, conditions: Conditions, first_case_on: Array
) -> Rows:
    """Conditional release: asked, decided, begun, and ended early by an offence or otherwise.

    Parameters
    ----------
    conditions
        Special conditions attached when it was granted.
    first_case_on
        Day of the first registered offence after release, `NO_DAY` where there is none.
    """
    p, n, rng = block.parameters, block.size, block.stream("conditional release")
    due, granted = stay.conditional_release_on, stay.sentence.released_early
    asked = np.maximum(due - p["liberties.conditional_asked_before"], stay.arrived)
    asked = np.maximum(asked, stay.judged_on)
    decided = np.maximum(conditional_release_decided_on(p, stay), asked)
    end = stay.arrived + stay.sentence.days
    offence = granted & (first_case_on != NO_DAY) & (first_case_on <= end)
    other = happens(rng, p["liberties.revoked"], n)
    revoked = granted & ~offence & other & (end > stay.released)
    on_day = stay.released + np.floor(rng.random(n) * (end - stay.released))
    absent = np.int8(-1)
    outcome = np.where(revoked, np.int8(code("liberty_outcome", "revoked")), absent)
    outcome = np.where(offence, np.int8(code("liberty_outcome", "offence")), outcome)
    ended = np.where(offence, first_case_on, np.where(revoked, on_day, NO_DAY))
    decision = np.where(
        granted,
        np.int8(code("liberty_decision", "granted")),
        np.int8(code("liberty_decision", "denied")),
    )
    found = rows(
        "liberties",
        np.arange(n),
        kind=code("liberty_kind", "conditional_release"),
        asked_on=asked,
        decision=decision,
        decided_on=decided,
        started_on=np.where(granted, stay.released, NO_DAY),
        outcome=outcome,
        ended_on=ended,
        special_conditions=conditions.number,
        recorded_at=asked + gamma_days(rng, p["liberties.recording"], n),
    )
    return found.where(stay.sentence.release_after >= 0)
