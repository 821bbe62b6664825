"""The table of a policy, asked by names of domains and levels."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.decision.cases import in_words, plainest
from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.decision.policy import UNKNOWN_LEVEL
from risicoscreener.decision.reachable import levels_given, reachable
from risicoscreener.decision.wording import say
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from risicoscreener.decision.compiled import CompiledPolicy


class Cells:
    """The table of a policy with names.

    Attributes
    ----------
    compiled, domains, outcomes
        The policy, its domains and its table of outcomes.
    axes, ids
        Of each domain its axis in the table and the ids of its levels.
    """

    def __init__(self, compiled: CompiledPolicy) -> None:
        self.compiled = compiled
        self.outcomes = compiled.outcomes
        self.domains = compiled.domains
        self.axes = {d.id: axis for axis, d in enumerate(compiled.domains)}
        self.ids = {d.id: tuple(v.id for v in d.levels) for d in compiled.domains}

    @cached_property
    def reachable(self) -> NDArray[np.bool_]:
        """Whether some inputs give a cell; of the shape of the table."""
        return reachable(self.compiled)

    @cached_property
    def given(self) -> dict[str, tuple[str, ...]]:
        """Per domain the levels that some inputs give."""
        return {
            name: tuple(level for level, is_given in zip(ids, given, strict=True) if is_given)
            for (name, ids), given in zip(
                self.ids.items(), levels_given(self.compiled, self.reachable), strict=True
            )
        }

    def with_outcomes(self, outcomes: NDArray[np.int8]) -> Cells:
        """The same cells with other outcomes; what inputs give is not worked out again."""
        changed = Cells(self.compiled)
        changed.outcomes = outcomes
        changed.reachable, changed.given = self.reachable, self.given
        return changed

    def lacks(self, domain: str, *levels: str) -> Texts | None:
        """What to say if a domain or a level that a property needs is not there."""
        if domain not in self.axes:
            return say("sentence", "no_domain", domain=domain)
        for level in levels:
            if level not in self.ids[domain]:
                return say("sentence", "no_level", domain=domain, level=level)
        return None

    def known(self, domain: str) -> int:
        """Number of known levels; `unknown`, if there, is the last."""
        ids = self.ids[domain]
        return len(ids) - (ids[-1] == UNKNOWN_LEVEL)

    def steps(self, domain: str) -> tuple[tuple[int, int], ...]:
        """Pairs of a better and a worse level; unknown is only worse than the best."""
        known = self.known(domain)
        pairs = [(level, level + 1) for level in range(known - 1)]
        if known < len(self.ids[domain]):
            pairs.append((0, known))
        return tuple(pairs)

    def at(self, domain: str, levels: int | slice) -> tuple[slice, ...]:
        """Index of the cells with a domain at a level (axis kept) or at some levels."""
        index = [slice(None)] * self.outcomes.ndim
        kept = slice(levels, levels + 1) if isinstance(levels, int) else levels
        index[self.axes[domain]] = kept
        return tuple(index)

    def where(self, domain: str, *levels: str) -> NDArray[np.bool_]:
        """Whether a domain is at one of the levels; of a shape that broadcasts over cells."""
        named = np.array([level in levels for level in self.ids[domain]])
        axis = self.axes[domain]
        return named.reshape([-1 if a == axis else 1 for a in range(self.outcomes.ndim)])

    def matching(self, when: dict[str, tuple[str, ...]]) -> NDArray[np.bool_]:
        """Where all named domains are at one of their levels; broadcasts over cells."""
        found = np.ones((1,) * self.outcomes.ndim, bool)
        for domain, levels in when.items():
            found = found & self.where(domain, *levels)
        return found

    def case(self, position: tuple[int, ...]) -> Texts:
        """Someone in this cell, in words."""
        return in_words(self.domains, position)

    def outcome(self, position: tuple[int, ...]) -> Texts:
        """What the outcome of this cell is called."""
        return self.compiled.policy.outcome_text(OUTCOMES[self.outcomes[position]])

    def moved(self, position: tuple[int, ...], domain: str, level: int) -> tuple[int, ...]:
        """The cell with another level of one domain."""
        axis = self.axes[domain]
        return (*position[:axis], level, *position[axis + 1 :])

    def first(self, wrong: NDArray[np.bool_]) -> Texts | None:
        """The plainest wrong cell with its outcome."""
        position = plainest(wrong)
        if position is None:
            return None
        return say("sentence", "gives", case=self.case(position), outcome=self.outcome(position))
