"""The whole life of a block of people: every stage in turn, each after what it depends on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.stages.assessments import assessment_rows
from risicoscreener.synthetic.stages.circumstances import (
    Circumstances,
    care_rows,
    draw_circumstances,
    housing_rows,
    income_rows,
)
from risicoscreener.synthetic.stages.conditions import Conditions, draw_conditions
from risicoscreener.synthetic.stages.conduct import Conduct, draw_conduct
from risicoscreener.synthetic.stages.debts import debt_rows
from risicoscreener.synthetic.stages.detection import detection
from risicoscreener.synthetic.stages.draws import Array, Block
from risicoscreener.synthetic.stages.help import Help, draw_help, with_homes_found
from risicoscreener.synthetic.stages.history import History, draw_history
from risicoscreener.synthetic.stages.inquiries import draw_inquiries, inquiry_rows
from risicoscreener.synthetic.stages.interventions import interventions
from risicoscreener.synthetic.stages.liberties import (
    Movements,
    conditional_release_rows,
    draw_liberties,
)
from risicoscreener.synthetic.stages.outcomes import draw_outcomes
from risicoscreener.synthetic.stages.people import People, audit_rows, draw_people
from risicoscreener.synthetic.stages.placements import placement_rows
from risicoscreener.synthetic.stages.programme import programme_rows
from risicoscreener.synthetic.stages.recording import Faults, as_recorded, draw_faults
from risicoscreener.synthetic.stages.rows import Rows, stack
from risicoscreener.synthetic.stages.stay import (
    Stay,
    detention_rows,
    draw_stay,
    index_conviction,
    noticed,
)
from risicoscreener.synthetic.stages.truth import truth_of_interventions, truth_of_outcomes
from risicoscreener.synthetic.stages.victims import draw_victims, victim_rows

_DECIMALS = 6
"""Real numbers are rounded far above the last bit, in which machines may differ."""


@dataclass(frozen=True)
class Lives:
    """The people of a block as they go into a cohort.

    Attributes
    ----------
    persons
        Columns of the persons table.
    facts
        Rows by table.
    truth, interventions, movements
        Columns of the truth on persons, on what could have been, and on leave movements.
    """

    size: int
    persons: dict[str, Array]
    facts: dict[str, Rows]
    truth: dict[str, Array]
    interventions: dict[str, Array]
    movements: dict[str, Array]


def draw_lives(block: Block, wanted: int) -> Lives:
    """The first ``wanted`` people of a block.

    All people of the block are drawn, so that the first ones do not depend on how many are wanted.
    """
    p = block.parameters
    people = draw_people(block)
    stay = draw_stay(block, people)
    detected = detection(p, people)
    history = draw_history(block, people, stay, detected)
    state = draw_circumstances(block, people)
    inquiries = draw_inquiries(block, stay)
    conduct = draw_conduct(block, people, stay, state)
    interest = draw_victims(block, stay)
    leaves, movements = draw_liberties(block, people, stay, history, state, conduct)
    conditions = draw_conditions(block, people, stay, state, conduct)
    given = draw_help(block, people, stay, state)
    received = _received(conditions, given)
    helped = interventions(p, received, {**people.as_variables(p), **state.as_variables})
    outcomes = draw_outcomes(block, people, stay, history, state, detected, helped)
    detentions = detention_rows(block, stay)
    placed, units = placement_rows(block, people, stay, state, conduct, leaves, detentions)
    faults = draw_faults(block, people, stay)
    parts = {
        "detentions": [detentions, units, history.detentions, outcomes.detentions],
        "convictions": [index_conviction(block, stay), history.convictions, outcomes.convictions],
        "debts": [debt_rows(block, stay, state, inquiries, given)],
        "housing": [
            with_homes_found(block, housing_rows(block, stay, state, inquiries), given, inquiries)
        ],
        "income_work": [income_rows(block, stay, state, inquiries)],
        "identity_care": [care_rows(block, stay, state, inquiries)],
        "conduct": [conduct.rows],
        "programme": [programme_rows(block, people, stay, state, conduct, interest, given)],
        "liberties": [
            leaves,
            placed,
            conditional_release_rows(block, stay, conditions, outcomes.first_registered_on(stay)),
        ],
        "victims": [victim_rows(block, stay, interest, inquiries)],
        "assessments": [assessment_rows(block, people, stay, history, state)],
        "inquiries": [inquiry_rows(block, stay, inquiries)],
        "audit": [audit_rows(block, people, stay.arrived, noticed(block, stay))],
    }
    facts = as_recorded(p, stay, faults, {name: stack(part) for name, part in parts.items()})
    return Lives(
        size=wanted,
        persons={"birth_date": stay.born[:wanted], "sex": people.sex[:wanted]},
        facts={name: _first(part, wanted) for name, part in facts.items()},
        truth=_whole(
            _latent(people, stay, history, state, conduct, faults)
            | truth_of_outcomes(p, outcomes, faults.linked),
            wanted,
        ),
        interventions=_whole(truth_of_interventions(p, outcomes, helped, detected), wanted),
        movements=_movements(movements, wanted),
    )


def _first(part: Rows, wanted: int) -> Rows:
    return part.where(slice(0, int(np.searchsorted(part.owner, wanted))))


def _received(conditions: Conditions, help_given: Help) -> dict[str, Array]:
    """What people received of each intervention, by its name."""
    return {
        "supervision": conditions.supervised,
        "debt_help": help_given.debt_help,
        "housing_help": help_given.housing_help,
        "labour_hours": help_given.labour_hours,
    }


def _latent(
    people: People,
    stay: Stay,
    history: History,
    state: Circumstances,
    conduct: Conduct,
    faults: Faults,
) -> dict[str, Array]:
    latent = {
        "propensity": people.propensity,
        "violence_trait": people.violence_trait,
        "disadvantage": people.disadvantage,
        "momentum": history.momentum,
        "prior_cases": history.cases,
        "prior_violent_cases": history.violent_cases,
        "true_cases": history.true_cases,
        "true_offences": history.true_offences,
        "true_incidents": conduct.true_incidents,
        "linked": faults.linked,
        **{name: values.astype(bool) for name, values in state.as_variables.items()},
    }
    named = {f"latent_{name}": values for name, values in latent.items()}
    return {"as_of": stay.as_of, "release_on": stay.released} | named


def _whole(columns: dict[str, Array], wanted: int) -> dict[str, Array]:
    return {name: _rounded(values)[:wanted] for name, values in columns.items()}


def _movements(movements: Movements, wanted: int) -> dict[str, Array]:
    columns = {
        "owner": movements.owner,
        "as_of": movements.as_of,
        "kind": movements.kind,
        "probability_failed": movements.chance,
        "failed": movements.failed.astype(np.int8),
    }
    kept = movements.owner < wanted
    return {name: _rounded(values)[kept] for name, values in columns.items()}


def _rounded(values: Array) -> Array:
    return np.round(values, _DECIMALS) if values.dtype == np.float64 else values
