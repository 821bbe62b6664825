"""What would lead to a better outcome, in terms of what people can do and of days to wait.

The nearest better cells of the policy come from `CompiledPolicy.changes`. Of each level that would
have to be reached, the tests that stand in the way name the inputs, and the inputs name what can be
done. What nobody inside can change (earlier escapes, interests of victims) has no acts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from risicoscreener.decision.compiled import truth
from risicoscreener.decision.outcome import FALSE, OUTCOMES, TRUE
from risicoscreener.decision.policy import ADMISSIBILITY, BUILT_IN, DOSSIER, VICTIMS
from risicoscreener.screening.explanation.explanation import Act, HelpStep, Reason, WhatHelps
from risicoscreener.screening.explanation.wording import State, advice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from risicoscreener.decision import Change, CompiledPolicy, Decided
    from risicoscreener.decision.compiled import Clause, DomainReadings
    from risicoscreener.screening.explanation.explanation import Waiting
    from risicoscreener.screening.explanation.projection import Projection

Wrong = tuple[int, State]
"""An input by position, and what is wrong with its value."""


class Steps:
    """Steps towards better outcomes for one dossier and one kind of decision.

    Parameters
    ----------
    compiled
        The version of the policy.
    decided, inputs
        What it found, and what it read.
    projection
        The dossier on later days.
    """

    def __init__(
        self,
        compiled: CompiledPolicy,
        decided: Decided,
        inputs: Sequence[float],
        projection: Projection,
    ) -> None:
        self.compiled = compiled
        self.decided = decided
        self.inputs = inputs
        self.projection = projection

    def that_help(
        self, cell: int | None = None, hidden: frozenset[str] = frozenset()
    ) -> tuple[WhatHelps, ...]:
        """What would lead to a better outcome, what is within reach first, then nearest first.

        Of another cell than the one that was found if it is given; hidden domains are left out.
        """
        changes = self.compiled.changes(self.decided.cell if cell is None else cell)
        names = [domain.id for domain in self.compiled.domains]
        open_ = (c for c in changes if hidden.isdisjoint(names[d] for d, _ in c.steps))
        found = map(self._helps, open_)
        return tuple(sorted(found, key=lambda h: (not h.open, -OUTCOMES.index(h.outcome))))

    def about(self, reason: Reason) -> Iterator[HelpStep]:
        """The step that takes a reason away: a requirement met, a domain at its best level."""
        if reason.part == "requirement":
            yield from (step for step in self._requirements() if step.name == reason.name)
            return
        for d, domain in enumerate(self.compiled.domains):
            if domain.id == reason.name and domain.changeable:
                yield self._domain(d, 0)

    def _helps(self, change: Change) -> WhatHelps:
        steps: list[HelpStep] = []
        for d, level in change.steps:
            if self.compiled.domains[d].id == ADMISSIBILITY:
                steps += self._requirements()
            else:
                steps.append(self._domain(d, level))
        return WhatHelps(outcome=change.outcome, steps=tuple(steps))

    def _requirements(self) -> Iterator[HelpStep]:
        """One step for each requirement that is not met or not known to be."""
        policy = self.compiled.policy
        for position, (requirement, clause, found) in enumerate(
            zip(
                policy.requirements,
                self.compiled.requirement_clauses,
                self.decided.requirements,
                strict=True,
            )
        ):
            if found != TRUE:
                acts, mended = self._acts(_lacking(clause, self.inputs))
                first = self.projection.requirement_met(position)
                yield HelpStep(
                    part="requirement",
                    name=requirement.id,
                    title=self.compiled.domains[0].title,
                    text_to=requirement.text,
                    acts=acts,
                    acts_suffice=_truth_once(clause, self.inputs, mended, TRUE) == TRUE,
                    from_day=first,
                    models_may_decide=self.projection.may_decide(first),
                )

    def _domain(self, d: int, level: int) -> HelpStep:
        domain = self.compiled.domains[d]
        acts: tuple[Act, ...] = ()
        suffice, first = False, None
        if domain.id == DOSSIER:
            acts, mended = self._acts([(self.compiled.quarantined_slot, "too_high")])
            suffice = bool(mended)
        elif d >= len(BUILT_IN):
            read = self.compiled.readings[d - len(BUILT_IN)]
            if domain.id != VICTIMS:
                acts, mended = self._acts(_in_the_way(read, level, self.inputs))
                suffice = bool(acts) and _reached(read, level, self.inputs, mended)
            first = self.projection.level_reached(d, level)
        return HelpStep(
            part="domain",
            name=domain.id,
            title=domain.title,
            text_to=domain.levels[level].text,
            acts=acts,
            acts_suffice=suffice,
            from_day=first,
            models_may_decide=self.projection.may_decide(first),
        )

    def _acts(self, wrong: Iterable[Wrong]) -> tuple[tuple[Act, ...], frozenset[int]]:
        """What can be done, and the inputs that it mends."""
        found, mended = {}, set()
        for slot, state in wrong:
            feature = self.compiled.inputs[slot]
            known = advice().get(feature)
            if known is not None and state in known.when:
                found[known.text] = Act(feature=feature, who=known.who, text=known.text)
                mended.add(slot)
        return tuple(found.values()), frozenset(mended)


def _lacking(clause: Clause, inputs: Sequence[float]) -> Iterator[Wrong]:
    """The inputs whose tests do not hold, and what is wrong with each."""
    for slot, low, high in clause.tests:
        value = inputs[slot]
        if value != value:
            yield slot, "unknown"
        elif value < low:
            yield slot, "too_low"
        elif value > high:
            yield slot, "too_high"


def _holding(clause: Clause, inputs: Sequence[float]) -> Iterator[Wrong]:
    """The inputs whose tests may hold, and on which side each would leave its bounds."""
    for slot, low, high in clause.tests:
        if inputs[slot] != inputs[slot]:
            yield slot, "unknown"
        elif low <= inputs[slot] <= high:
            if low > -math.inf:
                yield slot, "too_high"
            if high < math.inf:
                yield slot, "too_low"


def _in_the_way(read: DomainReadings, target: int, inputs: Sequence[float]) -> Iterator[Wrong]:
    """The inputs that keep a domain from a level or a better one."""
    for level, clause in read.readings:
        if level <= target:
            yield from _lacking(clause, inputs)
        elif truth(*clause, inputs) != FALSE:
            yield from _holding(clause, inputs)


def _truth_once(clause: Clause, inputs: Sequence[float], mended: frozenset[int], then: int) -> int:
    """Whether a clause holds once the tests on mended inputs are true, or false: ``then``."""
    others = tuple(test for test in clause.tests if test[0] not in mended)
    if len(others) < len(clause.tests) and clause.every is (then == FALSE):
        return then
    return truth(clause.every, others, inputs) if others else then


def _reached(
    read: DomainReadings, target: int, inputs: Sequence[float], mended: frozenset[int]
) -> bool:
    """Whether a domain comes to a level, or a better one, once some inputs are mended."""
    for level, clause in read.readings:
        then = TRUE if level <= target else FALSE
        found = _truth_once(clause, inputs, mended, then)
        if found != FALSE:
            return level <= target and found == TRUE
    return read.otherwise <= target


def fails(value: float, low: float, high: float) -> bool:
    """Whether a known value lies outside its bounds."""
    return value == value and not low <= value <= high


def is_late(
    waiting: Waiting | None, ways: Iterable[WhatHelps], steps: Iterable[HelpStep] = ()
) -> bool:
    """Whether a day is named on which the models may not decide any more."""
    named = [*steps, *(step for way in ways for step in way.steps)]
    return not all(one.models_may_decide for one in (waiting, *named) if one is not None)
