"""What must hold in every cell of a policy, each as a function that says where it does not.

The table is finite, so these are proofs over all cases, not tests of some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.decision.cases import plainest
from risicoscreener.decision.cells import Cells
from risicoscreener.decision.outcome import DEEP_ASSESSMENT, DENY, GRANT, OUTCOMES
from risicoscreener.decision.policy import (
    ADMISSIBILITY,
    ASSESSMENT,
    CERTAINTY,
    CONDUCT,
    DOSSIER,
    FAVOURABLE,
    RISK,
    UNFAVOURABLE,
    UNKNOWN_LEVEL,
    VICTIMS,
    Condition,
    Domain,
    Policy,
    Property,
    Requirement,
    Rule,
    Sourced,
)
from risicoscreener.decision.wording import say, texts
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _complete(cells: Cells) -> Texts | None:
    compiled = cells.compiled
    policy = compiled.policy
    position = plainest(compiled.rules < 0)
    if position is not None:
        return say("sentence", "no_rule", case=cells.case(position))
    ranks = np.array([OUTCOMES.index(rule.outcome) for rule in policy.rules], np.int8)
    position = plainest(ranks[compiled.rules] != cells.outcomes)
    if position is None:
        return None
    rule = policy.rules[compiled.rules[position]].id
    return say("sentence", "other_outcome", rule=rule, case=cells.case(position))


def _reachable(cells: Cells) -> Texts | None:
    """Each rule decides for someone: earlier rules leave it cells that some inputs give."""
    compiled = cells.compiled
    rules = compiled.policy.rules
    there = np.bincount(compiled.rules.ravel() + 1, minlength=len(rules) + 1)[1:] > 0
    for position, rule in enumerate(rules):
        if not there[position]:
            double = next((r for r in rules[:position] if _same_cases(cells, r, rule)), None)
            if double is not None:
                return say("sentence", "repeats", rule=rule.id, other=double.id)
            return say("sentence", "unreachable", rule=rule.id)
    if cells.reachable.all():
        return None
    met = np.bincount(compiled.rules[cells.reachable] + 1, minlength=len(rules) + 1)[1:] > 0
    for rule, is_met in zip(rules, met, strict=True):
        if not is_met:
            return say("sentence", "nobody_reaches", rule=rule.id)
    return None


def _same_cases(cells: Cells, one: Rule, other: Rule) -> bool:
    """Whether two rules ask for the same; all levels of a domain is as good as not naming it."""

    def asked(rule: Rule) -> dict[str, frozenset[str]]:
        return {
            domain: frozenset(levels)
            for domain, levels in rule.when.items()
            if len(levels) < len(cells.ids[domain])
        }

    return asked(one) == asked(other)


def _has_sources(cells: Cells) -> Texts | None:
    for name, part in sourced(cells.compiled.policy):
        if not part.source.strip():
            return say("sentence", "no_source", part=name)
    return None


def _monotone(cells: Cells) -> Texts | None:
    for domain in cells.axes:
        for better, worse in cells.steps(domain):
            wrong = (
                cells.outcomes[cells.at(domain, worse)] > cells.outcomes[cells.at(domain, better)]
            )
            found = plainest(wrong)
            if found is not None:
                return _more_liberty(cells, domain, found, better, worse)
    return None


def _more_liberty(
    cells: Cells, domain: str, found: tuple[int, ...], better: int, worse: int
) -> Texts:
    before, after = cells.moved(found, domain, better), cells.moved(found, domain, worse)
    weighed = cells.domains[cells.axes[domain]]
    return say(
        "sentence",
        "more_liberty",
        case=cells.case(before),
        outcome=cells.outcome(before),
        level=weighed.levels[worse].text,
        domain=weighed.title,
        other=cells.outcome(after),
    )


def _unknown_never_grants(cells: Cells) -> Texts | None:
    return cells.first((cells.outcomes == GRANT) & doubtful(cells))


def doubtful(cells: Cells) -> NDArray[np.bool_]:
    """Cells in which something is unknown or unusable; broadcasts over cells."""
    found = cells.where(DOSSIER, "flawed")
    outside = cells.where(CERTAINTY, "outside")
    if cells.lacks(ASSESSMENT, FAVOURABLE) is None:
        outside = outside & ~cells.where(ASSESSMENT, FAVOURABLE)
    found = found | outside
    for domain in cells.axes:
        found = found | cells.where(domain, UNKNOWN_LEVEL)
    return found


def _admissibility_first(cells: Cells) -> Texts | None:
    return cells.first((cells.outcomes != DENY) & cells.where(ADMISSIBILITY, "not_met"))


def _score_never_denies_alone(cells: Cells) -> Texts | None:
    base = cells.outcomes[cells.at(RISK, 0)][cells.at(CERTAINTY, 0)]
    wrong = (cells.outcomes == DENY) & (base != DENY)
    if cells.lacks(ASSESSMENT, UNFAVOURABLE) is None:
        wrong &= ~cells.where(ASSESSMENT, UNFAVOURABLE)
    position = plainest(wrong)
    if position is None:
        return None
    best = cells.moved(cells.moved(position, RISK, 0), CERTAINTY, 0)
    return say(
        "sentence",
        "score_denies",
        case=cells.case(position),
        outcome=cells.outcome(position),
        other=cells.outcome(best),
    )


def _victims_count(cells: Cells) -> Texts | None:
    lacking = cells.lacks(VICTIMS)
    if lacking is not None:
        return lacking
    best = cells.outcomes[cells.at(VICTIMS, 0)] == GRANT
    for level in range(1, cells.known(VICTIMS)):
        worse = cells.outcomes[cells.at(VICTIMS, level)] != GRANT
        if cells.ids[VICTIMS][level] in cells.given[VICTIMS] and (best & worse).any():
            return None
    return texts("sentence", "victims_never")


def _assessment_matters(cells: Cells) -> Texts | None:
    asked = cells.outcomes == DEEP_ASSESSMENT
    lacking = cells.lacks(ASSESSMENT, FAVOURABLE, UNFAVOURABLE)
    if lacking is not None:
        return lacking if asked.any() else None
    valid = cells.where(ASSESSMENT, FAVOURABLE, UNFAVOURABLE)
    position = plainest(asked & valid)
    if position is not None:
        case, outcome = cells.case(position), cells.outcome(position)
        return say("sentence", "asked_again", case=case, outcome=outcome)
    favourable = cells.ids[ASSESSMENT].index(FAVOURABLE)
    position = plainest(asked & (cells.outcomes[cells.at(ASSESSMENT, favourable)] != GRANT))
    if position is None:
        return None
    return say(
        "sentence",
        "no_way_out",
        case=cells.case(position),
        outcome=cells.outcome(position),
        other=cells.outcome(cells.moved(position, ASSESSMENT, favourable)),
    )


def _worst_conduct_never_grants(cells: Cells) -> Texts | None:
    lacking = cells.lacks(CONDUCT)
    if lacking is not None:
        return lacking
    worst = cells.ids[CONDUCT][cells.known(CONDUCT) - 1]
    return cells.first((cells.outcomes == GRANT) & cells.where(CONDUCT, worst))


def broken(cells: Cells, prop: Property) -> Texts | None:
    """The plainest case in which a property of the policy itself does not hold."""
    where = cells.matching(prop.when)
    for domain, levels in prop.when.items():
        if not set(levels) & set(cells.given[domain]):
            title = cells.domains[cells.axes[domain]].title
            return say("sentence", "speaks_of_nobody", domain=title, levels=" / ".join(levels))
    if prop.outcomes is not None:
        allowed = [OUTCOMES.index(outcome) for outcome in prop.outcomes]
        return cells.first(where & ~np.isin(cells.outcomes, allowed))
    if prop.matters is not None:
        axis = cells.axes[prop.matters]
        low = np.where(where, cells.outcomes, len(OUTCOMES)).min(axis)
        high = np.where(where, cells.outcomes, -1).max(axis)
        title = cells.domains[axis].title
        return None if (low < high).any() else say("sentence", "no_matter", domain=title)
    allowed_cells = where & (cells.outcomes != DENY)
    if not allowed_cells.any():
        return texts("sentence", "never_allowed")
    return _unattached(cells, allowed_cells, prop.conditions or ())


def _unattached(
    cells: Cells, where: NDArray[np.bool_], conditions: tuple[str, ...]
) -> Texts | None:
    whens = {c.id: c.when for c in cells.compiled.policy.conditions}
    for condition in conditions:
        position = plainest(where & ~cells.matching(whens[condition]))
        if position is not None:
            case, outcome = cells.case(position), cells.outcome(position)
            return say("sentence", "not_attached", case=case, outcome=outcome, condition=condition)
    return None


PROPERTIES: dict[str, Callable[[Cells], Texts | None]] = {
    "complete": _complete,
    "reachable": _reachable,
    "sourced": _has_sources,
    "monotone": _monotone,
    "unknown_never_grants": _unknown_never_grants,
    "admissibility_first": _admissibility_first,
    "score_never_denies_alone": _score_never_denies_alone,
    "victims_count": _victims_count,
    "assessment_matters": _assessment_matters,
    "worst_conduct_never_grants": _worst_conduct_never_grants,
}
"""Each gives None if the property holds, and otherwise says where it does not."""


def sourced(policy: Policy) -> Iterator[tuple[str, Sourced]]:
    """All parts of a policy that have a source, with a name such as ``rules/low_risk``."""
    for model in policy.models:
        yield f"models/{model.model}", model
    groups: tuple[
        tuple[str, tuple[Requirement | Domain | Condition | Rule | Property, ...]], ...
    ] = (
        ("requirements", policy.requirements),
        ("domains", policy.domains),
        ("conditions", policy.conditions),
        ("rules", policy.rules),
        ("properties", policy.properties),
    )
    for group, parts in groups:
        for part in parts:
            yield f"{group}/{part.id}", part
