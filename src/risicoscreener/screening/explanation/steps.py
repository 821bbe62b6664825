"""What would lead to a better outcome, in terms of what people can do and of days to wait.

The nearest better cells of the policy come from `CompiledPolicy.changes`. Of each level that would
have to be reached, the tests that stand in the way name the inputs, and the inputs name what can be
done. What nobody inside can change (earlier escapes, interests of victims) has no acts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.decision.compiled import truth
from risicoscreener.decision.outcome import FALSE, OUTCOMES, TRUE
from risicoscreener.decision.policy import ADMISSIBILITY, BUILT_IN, VICTIMS
from risicoscreener.screening.explanation.explanation import Act, HelpStep, Reason, WhatHelps
from risicoscreener.screening.explanation.wording import advice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from risicoscreener.decision import Change, CompiledPolicy, Decided
    from risicoscreener.decision.compiled import Clause, DomainReadings
    from risicoscreener.screening.explanation.projection import Projection


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

    def that_help(self) -> tuple[WhatHelps, ...]:
        """What would lead to a better outcome, what is within reach first, then nearest first."""
        found = map(self._helps, self.compiled.changes(self.decided.cell))
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
                yield HelpStep(
                    part="requirement",
                    name=requirement.id,
                    title=self.compiled.domains[0].title,
                    text_to=requirement.text,
                    acts=self._acts(_lacking(clause, self.inputs)),
                    from_day=self.projection.requirement_met(position),
                )

    def _domain(self, d: int, level: int) -> HelpStep:
        domain = self.compiled.domains[d]
        slots: list[int] = []
        first = None
        if d >= len(BUILT_IN):
            read = self.compiled.readings[d - len(BUILT_IN)]
            slots = list(_in_the_way(read, level, self.inputs))
            first = self.projection.level_reached(d, level)
        return HelpStep(
            part="domain",
            name=domain.id,
            title=domain.title,
            text_to=domain.levels[level].text,
            acts=() if domain.id == VICTIMS else self._acts(slots),
            from_day=first,
        )

    def _acts(self, slots: Sequence[int]) -> tuple[Act, ...]:
        found = {}
        for slot in slots:
            feature = self.compiled.inputs[slot]
            if feature in advice():
                known = advice()[feature]
                found[known.text] = Act(feature=feature, who=known.who, text=known.text)
        return tuple(found.values())


def _lacking(clause: Clause, inputs: Sequence[float]) -> list[int]:
    """Positions of the inputs whose tests do not hold."""
    return [slot for slot, low, high in clause.tests if not low <= inputs[slot] <= high]


def _in_the_way(read: DomainReadings, target: int, inputs: Sequence[float]) -> Iterator[int]:
    """Positions of the inputs that keep a domain from a level or a better one."""
    reached = False
    for level, clause in read.readings:
        if level <= target:
            reached = True
            yield from _lacking(clause, inputs)
        elif truth(*clause, inputs) != FALSE:
            yield from (s for s, low, high in clause.tests if not fails(inputs[s], low, high))
    assert reached or read.otherwise <= target


def fails(value: float, low: float, high: float) -> bool:
    """Whether a known value lies outside its bounds."""
    return value == value and not low <= value <= high
