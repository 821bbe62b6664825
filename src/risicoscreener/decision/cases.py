"""A cell of a policy in words: what is not as it usually and best is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.decision.wording import join, say, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from risicoscreener.decision.compiled import CompiledDomain
    from risicoscreener.texts import Texts


def in_words(domains: Sequence[CompiledDomain], position: Sequence[int]) -> Texts:
    """What is known of someone in this cell.

    A level that is both the best and the usual one goes without saying.
    """
    steps = [
        say("sentence", "step", domain=domain.title, level=domain.levels[level].text)
        for domain, level in zip(domains, position, strict=True)
        if level > 0 or domain.usual > 0
    ]
    if not steps:
        return texts("sentence", "all_at_best")
    return say("sentence", "rest_at_best", case=join("; ", steps))


def plainest(wrong: NDArray[np.bool_]) -> tuple[int, ...] | None:
    """The true cell that is nearest to all best levels; None if there is none."""
    if not wrong.any():
        return None
    found = np.argwhere(wrong)
    return tuple(found[found.sum(axis=1).argmin()].tolist())
