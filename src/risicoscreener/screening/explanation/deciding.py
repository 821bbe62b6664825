"""Which domains decided a case: those that the rule names, and those without which it would not.

A rule that names nothing applies because no earlier one did, and the levels that kept those away
are what decided. The same holds where a rule names too little: where its levels alone, all else at
its best, would have given a better outcome.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.decision.policy import ASSESSMENT

if TYPE_CHECKING:
    from collections.abc import Collection

    from risicoscreener.decision import CompiledPolicy

MOST = len(OUTCOMES) - 1


def deciding_domains(compiled: CompiledPolicy, levels: tuple[int, ...]) -> frozenset[int]:
    """Positions of the domains that decided a case.

    Parameters
    ----------
    compiled
        The version of the policy.
    levels
        The level of each domain, shape (domains,).

    Returns
    -------
    frozenset of int
        Short of a grant, these levels give no better outcome even where all else is at its best (a
        deep assessment stays as it is). Of a grant by a rule that names nothing, each domain of
        which another level would give less.
    """
    when = compiled.policy.rules[int(compiled.rules[levels])].when
    named = frozenset(d for d, domain in enumerate(compiled.domains) if domain.id in when)
    if compiled.outcomes[levels] == MOST:
        return named or _needed(compiled, levels)
    held = {d for d, domain in enumerate(compiled.domains) if domain.id == ASSESSMENT}
    return named | (frozenset() if named else held) | _besides(compiled, levels, named | held)


def _needed(compiled: CompiledPolicy, levels: tuple[int, ...]) -> frozenset[int]:
    """The domains of which another level would give less than this."""
    now = compiled.outcomes[levels]
    return frozenset(
        d
        for d, size in enumerate(compiled.shape)
        if any(compiled.outcomes[(*levels[:d], v, *levels[d + 1 :])] < now for v in range(size))
    )


def _besides(
    compiled: CompiledPolicy, levels: tuple[int, ...], held: Collection[int]
) -> frozenset[int]:
    """Every domain of a smallest set that, with those held, keeps the outcome from being better."""
    open_ = [d for d, level in enumerate(levels) if level and d not in held]
    smallest: list[frozenset[int]] = []
    for size in range(len(open_) + 1):
        for some in map(frozenset, combinations(open_, size)):
            if any(less <= some for less in smallest):
                continue
            case = tuple(v if d in held or d in some else 0 for d, v in enumerate(levels))
            if compiled.outcomes[case] <= compiled.outcomes[levels]:
                smallest.append(some)
    return frozenset().union(*smallest)
