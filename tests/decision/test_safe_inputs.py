"""What a single input can do: what is missing never grants, and what is worse never gives more.

The properties of `verify` speak of cells; these speak of the inputs that lead to them, for whole
people: the golden cases of each policy with some inputs changed at random.
"""

from __future__ import annotations

import math
import zlib
from itertools import pairwise

import numpy as np
import pytest

from decision.golden_cases import CASES, SHIPPED
from risicoscreener.decision import OUTCOMES
from risicoscreener.features import catalogue

every_policy = pytest.mark.parametrize("compiled", SHIPPED.values(), ids=SHIPPED)
GRANT = OUTCOMES.index("grant")
PEOPLE = 1500

WORSE = {
    # What a law says against a liberty, though a model may not weigh it.
    *("removal_or_extradition", "unlawful_stay", "tbs_with_care", "in_ebi", "in_ubi", "in_ta"),
    *(
        "selected_for_extra_security",
        "isd_claim_noted",
        "in_isd_measure",
        "unwilling_to_keep_conditions",
    ),
    *("prosecution_for_offence_inside", "prosecution_inside_noted", "prosecutor_objection_noted"),
    *("tension_at_address_noted", "danger_to_prisoner_noted", "social_unrest_noted"),
    *("release_uncertainty_noted", "suspended_part_executed_noted", "payment_arrangement_refused"),
    *("victims_known", "victims_protection_need", "victims_open_objection", "victims_not_informed"),
    *("victims_no_contact_asked", "victims_area_ban_asked", "index_offence_severity"),
    *("incidental_visited_objects", "incidental_other_leave_serves", "quarantined_rows"),
}
BETTER = {"incidental_event_confirmed", "incidental_relation_close", "incidental_presence_needed"}
NOT_HERE = {("promotion/2020-10-01", "plus_programme")}
"""Who is in the plus programme already is not promoted to it: there more is not better."""


def directions(compiled) -> dict[str, bool]:
    """Inputs with a direction, and whether more is worse: by the catalogue, or by the law."""
    features = catalogue()
    found = {}
    for name in compiled.inputs:
        direction = features[name].direction if name in features else "none"
        if direction != "none":
            found[name] = direction == "increasing"
        elif name in WORSE | BETTER:
            found[name] = name in WORSE
    return {name: worse for name, worse in found.items() if (compiled.id, name) not in NOT_HERE}


def steps(compiled) -> dict[str, list[float]]:
    """Per input a value on every side of each bound that the policy tests it on."""
    policy = compiled.policy
    bounds: dict[str, set[float]] = {name: {0.0, 1.0} for name in compiled.inputs}
    readings = [r for d in policy.domains for r in d.readings]
    for entry in (*policy.requirements, *readings, *policy.conditions):
        for test in (*(entry.all or ()), *(entry.any or ())):
            bounds[test.input] |= {b for b in (test.min, test.max) if b is not None}
    return {
        name: sorted({v for b in found for v in (b - 1, b, b + 1)})
        for name, found in bounds.items()
    }


def people(compiled, *, unknown: bool):
    """Columns of golden cases, up to four inputs of each changed, and scores changed for some."""
    rng = np.random.default_rng(zlib.crc32(compiled.id.encode()))
    values = list(steps(compiled).values())
    cases = [case.arguments(compiled) for case in CASES if case.policy == compiled.id]
    cases = [c for c in cases if unknown or not np.isnan(c[0]).any()]
    rows, scores = [], []
    for i in rng.integers(0, len(cases), PEOPLE):
        inputs = list(cases[i][0])
        for slot in rng.integers(0, len(inputs), rng.integers(0, 5)):
            inputs[slot] = math.nan if unknown and rng.random() < 0.2 else rng.choice(values[slot])
        rows.append(inputs)
        scores.append([_number(score, rng) for score in cases[i][1]])
    numbers = np.array(scores, float).reshape(PEOPLE, len(compiled.models), 4)
    return np.array(rows), [*np.moveaxis(numbers, 2, 0)[:3], numbers[:, :, 3] > 0]


def _number(score, rng) -> list[float]:
    """A score as numbers: as it is, or another probability, with an interval about it or none."""
    if rng.random() < 0.4:
        around = [math.nan if b is None else b for b in (score.lower, score.upper)]
        return [score.probability, *around, float(score.supported)]
    probability = rng.choice([0.01, 0.06, 0.12, 0.3, 0.5, 0.8])
    width = rng.choice([math.nan, 0.0, 0.03])
    return [probability, probability - width, probability + width, float(rng.random() < 0.9)]


def outcomes(compiled, inputs, scores) -> np.ndarray:
    return compiled.decide_many(inputs, *scores).outcome


def with_column(inputs, slot: int, value: float) -> np.ndarray:
    changed = inputs.copy()
    changed[:, slot] = value
    return changed


@every_policy
def test_an_input_that_goes_missing_never_turns_into_a_grant(compiled):
    inputs, scores = people(compiled, unknown=True)
    before = compiled.decide_many(inputs, *scores)
    assert len(set(before.outcome.tolist())) > 1
    for slot, name in enumerate(compiled.inputs):
        after = compiled.decide_many(with_column(inputs, slot, math.nan), *scores)
        grants = after.outcome == GRANT
        assert (before.outcome[grants] == GRANT).all(), name
        dropped = before.conditions[grants] & ~after.conditions[grants]
        assert not dropped.any(), f"{name}: a condition fell away"


@every_policy
def test_a_score_that_goes_missing_or_is_not_supported_never_turns_into_a_grant(compiled):
    inputs, (probability, lower, upper, supported) = people(compiled, unknown=True)
    before = outcomes(compiled, inputs, (probability, lower, upper, supported))
    for model in range(len(compiled.models)):
        for none in (math.nan, math.inf, -1.0):
            gone = with_column(probability, model, none)
            after = outcomes(compiled, inputs, (gone, lower, upper, supported))
            assert (before[after == GRANT] == GRANT).all()
        alone = with_column(supported, model, False)
        after = outcomes(compiled, inputs, (probability, lower, upper, alone))
        assert (before[after == GRANT] == GRANT).all()


@every_policy
def test_a_higher_score_or_a_wider_interval_never_gives_more(compiled):
    inputs, (probability, _, _, supported) = people(compiled, unknown=False)
    bare = np.full_like(probability, math.nan)
    for model in range(len(compiled.models)):
        before = None
        for p in (0.0, 0.04, 0.05, 0.1, 0.15, 0.25, 0.35, 0.45, 0.7, 1.0):
            at = with_column(probability, model, p)
            after = outcomes(compiled, inputs, (at, bare, bare, supported))
            assert before is None or (after <= before).all()
            before = after
    narrow = outcomes(compiled, inputs, (probability, probability, probability, supported))
    wide = outcomes(
        compiled, inputs, (probability, probability - 0.2, probability + 0.2, supported)
    )
    assert (wide <= narrow).all()


@every_policy
def test_what_is_worse_never_gives_more_and_what_is_better_never_less(compiled):
    inputs, scores = people(compiled, unknown=False)
    directed = directions(compiled)
    moved = set()
    for name, values in steps(compiled).items():
        if name not in directed:
            continue
        slot = compiled.inputs.index(name)
        ordered = values if directed[name] else values[::-1]
        found = [outcomes(compiled, with_column(inputs, slot, v), scores) for v in ordered]
        for better, worse in pairwise(found):
            assert (worse <= better).all(), name
            if (worse < better).any():
                moved.add(name)
    assert len(moved) >= 5


def test_every_input_that_is_given_a_direction_by_law_is_read_by_a_policy():
    read = {name for compiled in SHIPPED.values() for name in compiled.inputs}
    assert read >= WORSE | BETTER
    assert read >= {name for _, name in NOT_HERE}
