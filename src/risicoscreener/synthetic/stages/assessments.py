"""Assessments: deep ones after serious offences, and those of risk and needs by probation."""

from __future__ import annotations

import numpy as np

from risicoscreener.synthetic.stages.circumstances import Circumstances
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    code,
    gamma_days,
    happens,
    pick,
    probability,
)
from risicoscreener.synthetic.stages.history import History
from risicoscreener.synthetic.stages.offences import is_in
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, rows, stack
from risicoscreener.synthetic.stages.stay import Stay


def assessment_rows(
    block: Block, people: People, stay: Stay, history: History, state: Circumstances
) -> Rows:
    """The assessments of the people of a block."""
    return stack([_deep(block, people, stay, state), _of_needs(block, people, stay, history)])


def _deep(block: Block, people: People, stay: Stay, state: Circumstances) -> Rows:
    """The deep assessments of the sentenced: asked for, waited for, and what came of them."""
    p, n, rng = block.parameters, block.size, block.stream("assessments")
    asked_on = stay.arrived + gamma_days(rng, p["assessments.asked_after"], n)
    done_on = asked_on + gamma_days(rng, p["assessments.done_after"], n)
    done = done_on < stay.released
    asked = stay.is_sentenced & (asked_on < stay.released)
    asked &= happens(rng, _chance(block, stay, asked_on), n)
    who = np.flatnonzero(asked)
    found = rows(
        "assessments",
        np.arange(n),
        kind=pick(rng, p["assessments.kind"], "assessment_kind", n),
        asked_on=asked_on,
        done_on=np.where(done, done_on, NO_DAY),
        outcome=np.where(done, _outcome(block, people, state), np.int8(-1)),
        valid_until=np.where(done, done_on + p["assessments.valid_days"], NO_DAY),
        recorded_at=asked_on + gamma_days(rng, p["assessments.recording"], n),
    )
    return found.where(who)


def _of_needs(block: Block, people: People, stay: Stay, history: History) -> Rows:
    """Assessments of risk and needs (RISc): rather in long stays and of people at higher risk.

    They end in a report, not in a word for or against something, so they have no outcome.
    """
    p, n, rng = block.parameters, block.size, block.stream("assessments of needs")
    variables = {**people.as_variables(p), **history.as_variables, "log_stay": stay.log_months}
    asked = happens(rng, probability(p.linear("assessments.needs_asked", variables)), n)
    asked_on = stay.arrived + gamma_days(rng, p["assessments.needs_asked_after"], n)
    done_on = asked_on + np.maximum(gamma_days(rng, p["assessments.needs_done_after"], n), 1)
    found = rows(
        "assessments",
        np.arange(n),
        kind=code("assessment_kind", "needs_assessment"),
        asked_on=asked_on,
        done_on=np.where(done_on < stay.released, done_on, NO_DAY),
        recorded_at=asked_on + gamma_days(rng, p["assessments.recording"], n),
    )
    return found.where(asked & (asked_on < stay.released))


def _chance(block: Block, stay: Stay, asked_on: Array) -> Array:
    p, offence = block.parameters, stay.offence.offence_class
    serious = is_in("offence_class", "serious_violent", offence)
    serious |= offence == code("offence_class", "sexual")
    asked = p["assessments.asked"]
    by_day = np.where(asked_on < p["assessments.required_from"], asked["before"], asked["since"])
    return np.where(serious, by_day, asked["otherwise"])


def _outcome(block: Block, people: People, state: Circumstances) -> Array:
    p, n, rng = block.parameters, block.size, block.stream("outcomes of assessments")
    variables = {
        "violence_trait": people.violence_trait,
        "prone": state.prone.astype(np.float64),
    }
    good = happens(rng, probability(p.linear("assessments.favourable", variables)), n)
    decided = np.where(
        good,
        np.int8(code("assessment_outcome", "favourable")),
        np.int8(code("assessment_outcome", "unfavourable")),
    )
    unclear = happens(rng, p["assessments.inconclusive"], n)
    return np.where(unclear, np.int8(code("assessment_outcome", "inconclusive")), decided)
