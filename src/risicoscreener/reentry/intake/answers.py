"""What answers could change at most: the outcomes of a decision over all that they could be.

Features that an answer fills are taken as free of each other within their range. So what is said to
be possible can be too much, and what is said to be impossible is so: the bounds are outer bounds.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from risicoscreener.decision.many import clause_truth, level_of
from risicoscreener.decision.outcome import OUTCOMES, Outcome
from risicoscreener.decision.policy import BUILT_IN
from risicoscreener.dossier.visible import is_consulted
from risicoscreener.screening.sources import WHOLE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from risicoscreener.decision.compiled import Clause
    from risicoscreener.dossier import Dossier
    from risicoscreener.features.definition import Feature
    from risicoscreener.features.plan import FeaturePlan, RowFeature
    from risicoscreener.reentry.intake.questions import Question
    from risicoscreener.screening.route import Route

Effect = Literal["none", "together", "alone"]
MOST_COMBINATIONS = 50_000
"""Combinations of answers that one domain is read for; with more, it may be at any level."""
RISK, CERTAINTY = 2, 3
Free = frozenset[int]


def filled_by(question: Question, plan: FeaturePlan, dossier: Dossier, day: dt.date) -> Free:
    """Positions in ``plan.names`` of the features that an answer to a question can change.

    Where nothing of its table is known yet, that is every feature of the table: a first fact also
    tells that somebody looked.
    """
    whole = not question.narrow and not (
        question.table == "detentions" or is_consulted(dossier, question.table, day)
    )
    found = {
        item.feature.name
        for item in plan.of_rows.get(question.table, ())
        if whole or _is_about(question, item)
    }
    found |= {
        item.feature.name
        for item in plan.of_rows.get("inquiries", ())
        if question.table in _codes(item, "subject", (question.table,))
    }
    for name, feature in plan.features.items():  # inputs come first
        if found.intersection(feature.inputs):
            found.add(name)
    return frozenset(i for i, name in enumerate(plan.names) if name in found)


def _is_about(question: Question, item: RowFeature) -> bool:
    for field, codes in question.where.items():
        if not set(codes).intersection(_codes(item, field, codes)):
            return False
    read = {condition.field for condition in item.filter.conditions}
    if item.column is not None:
        read.add(item.column.name)
    return not question.narrow or bool(read.intersection(question.fields))


def _codes(item: RowFeature, field: str, otherwise: Sequence[str]) -> Sequence[str]:
    """The codes of a field that a feature counts; ``otherwise`` if it counts any."""
    for condition in item.filter.conditions:
        if condition.field == field and condition.test == "in":
            return condition.codes
    return otherwise


@dataclass(frozen=True)
class Reachable:
    """One decision on a day, by the values of its features.

    Parameters
    ----------
    route
        The kind of decision.
    values
        Of its features, by what is known.
    day
        The day of the decision.
    """

    route: Route
    values: Sequence[float]
    day: dt.date

    @cached_property
    def seen(self) -> tuple[int, tuple[int, ...], Outcome]:
        """Version, levels and outcome by what is known."""
        found = self.route.judge(list(self.values), self.day)
        return found.at, found.decided.levels, found.decided.outcome

    @property
    def outcome(self) -> Outcome:
        """The outcome by what is known."""
        return self.seen[2]

    def levels(self, free: Free) -> tuple[tuple[int, ...], ...]:
        """Per domain the levels that it could be at, if some features could be anything."""
        at, now, _ = self.seen
        compiled = self.route.policies[at].compiled
        found: list[tuple[int, ...]] = [(level,) for level in now]
        inputs = self.route.inputs[at]
        slots = frozenset(slot for slot, place in enumerate(inputs) if place in free)
        if slots:
            found[0] = self._admissibility(slots)
            for d, read in enumerate(compiled.readings, start=len(BUILT_IN)):
                found[d] = self._of_domain(d, [clause for _, clause in read.readings], slots)
        reading = [m for m in self.route.models_of[at] if free.intersection(self._inputs_of(m))]
        if reading:
            found[RISK] = self._risk(free)
            found[CERTAINTY] = tuple(range(compiled.shape[CERTAINTY]))
        return tuple(found)

    def outcomes(self, levels: Sequence[Sequence[int]]) -> frozenset[Outcome]:
        """The outcomes over all combinations of some levels."""
        return frozenset(OUTCOMES[o] for o in np.unique(self._region(levels)))

    def effect(self, question: Free, everything: Free) -> Effect:
        """Whether an answer can change the outcome: alone, with other answers, or never.

        Parameters
        ----------
        question
            The features that it fills.
        everything
            Those that all open questions fill.
        """
        if not question:
            return "none"
        if self._may_change_version(question):
            return "alone"
        alone = self.levels(question)
        if self.outcomes(alone) != {self.outcome}:
            return "alone"
        region = self._region(self.levels(everything | question))
        touched = tuple(a for a, found in enumerate(self.levels_touched(question)) if found)
        if not touched or (region.min(axis=touched) == region.max(axis=touched)).all():
            return "none"
        return "together"

    def levels_touched(self, free: Free) -> tuple[bool, ...]:
        """Per domain whether it reads any of some features, itself or through a model."""
        at, now, _ = self.seen
        compiled = self.route.policies[at].compiled
        inputs = self.route.inputs[at]
        clauses = [list(compiled.requirement_clauses), [], [], []]
        clauses += [[clause for _, clause in read.readings] for read in compiled.readings]
        found = [
            any(inputs[slot] in free for clause in each for slot, _, _ in clause.tests)
            for each in clauses
        ]
        scored = any(free.intersection(self._inputs_of(m)) for m in self.route.models_of[at])
        found[RISK] = found[CERTAINTY] = scored
        return tuple(found[: len(now)])

    def probabilities(self, free: Free) -> dict[str, tuple[float, float]]:
        """Per model that reads some features between what the probability could come to lie."""
        at, _, _ = self.seen
        found = {}
        for m in self.route.models_of[at]:
            places = self._inputs_of(m)
            known = tuple(i for i, place in enumerate(places) if place in free)
            if known:
                now = [self.values[place] for place in places]
                unknown = [math.nan if i in known else x for i, x in enumerate(now)]
                view = self.route.models[m]
                low, high = view.reach.between(unknown, known)
                said = [view.program.assess_one(x).probability for x in (now, unknown)]
                found[view.model.name] = (min(low, *said), max(high, *said))
        return found

    def _inputs_of(self, m: int) -> tuple[int, ...]:
        return self.route.model_inputs[m]

    def _may_change_version(self, free: Free) -> bool:
        return self.route.by_judgment and self.route.judgment in free

    def _region(self, levels: Sequence[Sequence[int]]) -> np.ndarray:
        at, _, _ = self.seen
        return self.route.policies[at].compiled.outcomes[np.ix_(*levels)]

    def _risk(self, free: Free) -> tuple[int, ...]:
        """The bands that the worst of the models could be in."""
        at, _, _ = self.seen
        compiled = self.route.policies[at].compiled
        between = self.probabilities(free)
        lowest = highest = 0
        for name, cuts in zip(compiled.models, compiled.cuts, strict=True):
            view = next(v for v in self.route.models if v.model.name == name)
            m = self.route.models.index(view)
            now = [self.values[place] for place in self._inputs_of(m)]
            same = view.program.assess_one(now).probability
            low, high = between.get(name, (same, same))
            lowest = max(lowest, bisect_right(cuts, low))
            highest = max(highest, bisect_right(cuts, high))
        return tuple(range(lowest, highest + 1))

    def _admissibility(self, slots: frozenset[int]) -> tuple[int, ...]:
        """Met, not met or unknown: requirements taken as free of each other."""
        at, _, _ = self.seen
        clauses = self.route.policies[at].compiled.requirement_clauses
        states = [self._truths(clause, slots) for clause in clauses]
        found = set()
        if all(0 in each for each in states):
            found.add(0)
        if any(1 in each for each in states):
            found.add(1)
        if any(2 in each for each in states) and all(each & {0, 2} for each in states):
            found.add(2)
        return tuple(sorted(found))

    def _truths(self, clause: Clause, slots: frozenset[int]) -> set[int]:
        inputs = self._grid([clause], slots)
        if inputs is None:
            return {0, 1, 2}
        true, false = clause_truth(clause, inputs)
        return set(np.unique(np.where(true, 0, np.where(false, 1, 2))).tolist())

    def _of_domain(
        self, domain: int, clauses: Sequence[Clause], slots: frozenset[int]
    ) -> tuple[int, ...]:
        at, now, _ = self.seen
        compiled = self.route.policies[at].compiled
        if not any(slot in slots for clause in clauses for slot, _, _ in clause.tests):
            return (now[domain],)
        inputs = self._grid(clauses, slots)
        if inputs is None:
            return tuple(range(compiled.shape[domain]))
        read = compiled.readings[domain - len(BUILT_IN)]
        return tuple(np.unique(level_of(read, inputs)).tolist())

    def _grid(self, clauses: Sequence[Clause], slots: frozenset[int]) -> np.ndarray | None:
        """All combinations of what the free inputs of some clauses could be, others as known."""
        at, _, _ = self.seen
        known = np.array(self.route.inputs_of(at, self.values), dtype=np.float64)
        tests = [test for clause in clauses for test in clause.tests if test[0] in slots]
        free = list(dict.fromkeys(slot for slot, _, _ in tests))
        if not free:
            return known[:, None]
        each = [self._candidates(slot, [t for t in tests if t[0] == slot]) for slot in free]
        if math.prod(map(len, each)) > MOST_COMBINATIONS:
            return None
        grid = [axis.reshape(-1) for axis in np.meshgrid(*each, indexing="ij")]
        inputs = np.repeat(known[:, None], grid[0].size, axis=1)
        for slot, values in zip(free, grid, strict=True):
            inputs[slot] = values
        return inputs

    def _candidates(self, slot: int, tests: Sequence[tuple[int, float, float]]) -> np.ndarray:
        """One value for each way in which an input can fall beside the bounds, and unknown."""
        at, _, _ = self.seen
        name = self.route.policies[at].compiled.inputs[slot]
        feature = self.route.plan.features[name]
        bounds = [b for _, low, high in tests for b in (low, high) if math.isfinite(b)]
        return np.array([*possible_values(feature, bounds), math.nan])


def possible_values(feature: Feature, bounds: Iterable[float]) -> list[float]:
    """Values of a feature on either side of each of some bounds, within its range.

    Of codes they are the numbers of the codes; of counts whole numbers.
    """
    if feature.values and feature.aggregate in ("last", "max", "person", "given"):
        return sorted({float(v) for v in feature.values.values()})
    if feature.aggregate == "any":
        return [0.0, 1.0]
    if feature.aggregate == "cases":
        given = [*(case.value for case in feature.cases), feature.otherwise]
        return sorted({float(v) for v in given if v is not None})
    found = {v for v in (feature.low, feature.high) if math.isfinite(v)}
    for bound in bounds:
        if feature.aggregate in WHOLE:
            found |= {math.ceil(bound) - 1.0, math.floor(bound) + 1.0}
            found |= {float(math.floor(bound)), float(math.ceil(bound))}
        else:
            found |= {math.nextafter(bound, -math.inf), bound, math.nextafter(bound, math.inf)}
    if feature.none_value is not None:
        found.add(float(feature.none_value))
    return sorted(v for v in found if feature.low <= v <= feature.high or v == feature.none_value)
