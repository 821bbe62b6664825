"""Programme: promotion and degradation, the plan with its goals, labour, visits and talks."""

from __future__ import annotations

import numpy as np

from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.conduct import Conduct, Weeks, conduct_variables
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    between,
    code,
    gamma_days,
    happens,
    pick_by,
    poisson,
    probability,
)
from risicoscreener.synthetic.stages.help import Help
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, repeat, rows, stack
from risicoscreener.synthetic.stages.spells import first_of_owner, in_time
from risicoscreener.synthetic.stages.stay import Stay, has_regime


def programme_rows(
    block: Block,
    people: People,
    stay: Stay,
    state: Circumstances,
    conduct: Conduct,
    victims_known: Array,
    given: Help,
) -> Rows:
    """All facts of the programme of the people of a block."""
    plan_on = _plan(block, stay)
    p, variables = block.parameters, conduct_variables(people, stay, state)
    willing = probability(p.linear("programme.willing", variables))
    parts = [
        _promotions(block, stay, conduct.weeks),
        _simple(block, "plan_made", np.flatnonzero(plan_on != NO_DAY), plan_on),
        _goals(block, stay, state, plan_on, willing, victims_known, given),
        _labour(block, stay, given.labour_hours),
        _visits(block, stay),
        _talks(block, stay, willing),
    ]
    return stack(parts)


def _simple(block: Block, kind: str, who: Array, day: Array) -> Rows:
    """Rows of a kind that only says on which day something took place."""
    return _facts(block, kind, who, day[who])


def _facts(block: Block, kind: str, owner: Array, day: Array) -> Rows:
    lag = gamma_days(
        block.stream(f"{kind} recording"), block.parameters["programme.recording"], len(owner)
    )
    return rows(
        "programme",
        owner,
        kind=code("programme_kind", kind),
        occurred_on=day,
        recorded_at=day + lag,
    )


def _promotions(block: Block, stay: Stay, weeks: Weeks) -> Rows:
    """Promotion after good weeks, degradation after bad ones; self-reporters start promoted."""
    starters = np.flatnonzero(has_regime(stay.regime, ("self_reporter",)))
    owner, day, is_promotion = _reviews_that_count(block, stay, weeks)
    begin = stay.arrived[starters]
    owner = np.concatenate([starters.astype(np.int32), owner])
    day = np.concatenate([begin, day])
    is_promotion = np.concatenate([np.ones(len(starters), dtype=bool), is_promotion])
    order = in_time(owner, day)
    owner, day, is_promotion = owner[order], day[order], is_promotion[order]
    changes = _changes(owner, is_promotion) & (day < stay.released[owner])
    owner, day, is_promotion = owner[changes], day[changes], is_promotion[changes]
    return stack(
        [
            _facts(block, "promotion", owner[is_promotion], day[is_promotion]),
            _facts(block, "degradation", owner[~is_promotion], day[~is_promotion]),
        ]
    )


def _reviews_that_count(block: Block, stay: Stay, weeks: Weeks) -> tuple[Array, Array, Array]:
    """Owner, day of decision and direction of each week after which a decision could follow."""
    p, rng = block.parameters, block.stream("promotions")
    n = len(weeks.owner)
    doubted = ~weeks.desired & happens(rng, p["programme.degraded_when_undesired"], n)
    down = weeks.intolerable | doubted
    up = _good_weeks(weeks) == p["law.good_weeks_for_promotion"]
    day = weeks.reviewed_on + between(rng, p["programme.decision_days"], n)
    counted = (up | down) & ~has_regime(stay.regime, ("isd",))[weeks.owner]
    return weeks.owner[counted], day[counted], up[counted]


def _good_weeks(weeks: Weeks) -> Array:
    """How many good weeks there are in a row, up to and with each week."""
    place = np.arange(len(weeks.owner))
    bad = np.where(weeks.desired, -1, place)
    before_owner = np.where(first_of_owner(weeks.owner), place - 1, -1)
    return place - np.maximum.accumulate(np.maximum(bad, before_owner))


def _changes(owner: Array, is_promotion: Array) -> Array:
    """Whether each decision changes the programme, which begins as the basic one."""
    before = np.zeros(len(owner), dtype=bool)
    before[1:] = is_promotion[:-1]
    before[first_of_owner(owner)] = False
    return is_promotion != before


def _plan(block: Block, stay: Stay) -> Array:
    """Day on which the plan was made, `NO_DAY` where none was."""
    p, n, rng = block.parameters, block.size, block.stream("plan")
    within = p["law.plan_within_days"]
    made = (stay.days > within) & happens(rng, p["programme.plan_made"], n)
    return np.where(made, stay.arrived + between(rng, [within // 4, within], n), NO_DAY)


def _goals(
    block: Block,
    stay: Stay,
    state: Circumstances,
    plan_on: Array,
    willing: Array,
    victims_known: Array,
    given: Help,
) -> Rows:
    p, rng = block.parameters, block.stream("goals")
    needed = {
        "work_income": ~state.in_work,
        "housing": state.homeless,
        "debts": state.problematic_debt,
        "identity": state.no_id,
        "care": state.addicted | state.disordered,
        "behaviour": state.prone,
        "network": np.zeros(block.size, dtype=bool),
        "victim": victims_known,
    }
    met_on = {"debts": given.debts_arranged_on, "housing": given.housed_on}
    nothing = np.full(block.size, NO_DAY)
    parts = []
    for goal, need in needed.items():
        share = np.where(need, p["programme.goal_when_needed"], p["programme.goal_otherwise"])
        who = np.flatnonzero((plan_on != NO_DAY) & happens(rng, share, block.size))
        met = met_on.get(goal, nothing)
        parts.append(_goal(block, stay, goal, who, plan_on[who], willing[who], met[who]))
    return stack(parts)


def _goal(
    block: Block,
    stay: Stay,
    goal: str,
    who: Array,
    plan_on: Array,
    willing: Array,
    met_on: Array,
) -> Rows:
    """A goal of the plan; help that was given meets it, whatever would have come of it without."""
    p, n, rng = block.parameters, len(who), block.stream(f"goal {goal}")
    is_met = met_on != NO_DAY
    is_willing = happens(rng, willing, n) | is_met
    weights = [p["programme.goal_status.unwilling"], p["programme.goal_status.willing"]]
    status = pick_by(rng, weights, is_willing.astype(np.int8), "goal_status")
    status_on = plan_on + gamma_days(rng, p["programme.status_after"], n)
    status = np.where(is_met, np.int8(code("goal_status", "met")), status)
    status_on = np.where(is_met, np.maximum(met_on, plan_on), status_on)
    still_open = np.int8(code("goal_status", "open"))
    settled = (status != still_open) & (status_on <= stay.released[who])
    return rows(
        "programme",
        who,
        kind=code("programme_kind", "goal"),
        occurred_on=plan_on,
        goal=code("goal", goal),
        supports_leave=happens(rng, p["programme.supports_leave"], n),
        willing=is_willing,
        status=np.where(settled, status, still_open),
        status_on=np.where(settled, status_on, plan_on),
        recorded_at=plan_on + gamma_days(rng, p["programme.recording"], n),
    )


def _labour(block: Block, stay: Stay, mean: Array) -> Rows:
    """Hours of labour a week, around the mean of each person."""
    p, rng = block.parameters, block.stream("labour")
    every = p["programme.labour_every_days"]
    owner, place = repeat(stay.days // every)
    day = stay.arrived[owner] + every * (place + 1).astype(np.int32)
    shape = p["programme.labour_shape"]
    hours = np.round(rng.gamma(shape, mean[owner] / shape))
    hours = np.minimum(hours, p["help.most_labour_hours"])
    found = _facts(block, "labour", owner, day)
    return found.with_columns(hours=hours)


def _visits(block: Block, stay: Stay) -> Rows:
    p, n, rng = block.parameters, block.size, block.stream("visits")
    visited = happens(rng, p["programme.visited_share"], n)
    count = poisson(rng, visited * p["programme.visits_per_week"] * stay.days / 7.0, n)
    owner, _ = repeat(count)
    after = np.floor(rng.random(len(owner)) * stay.days[owner])
    return _facts(block, "visit", owner, (stay.arrived[owner] + after).astype(np.int32))


def _talks(block: Block, stay: Stay, willing: Array) -> Rows:
    """Talks about the conditions of conditional release, and whether the person would keep them."""
    p, n, rng = block.parameters, block.size, block.stream("talks")
    day = stay.conditional_release_on - between(rng, p["programme.talk_before_days"], n)
    possible = (stay.sentence.release_after >= 0) & (day >= stay.arrived)
    who = np.flatnonzero(possible & happens(rng, p["programme.talk_share"], n))
    found = _simple(block, "conditions_talk", who, day)
    agrees = happens(rng, willing[who], len(who))
    return found.with_columns(willing=agrees)
