"""What is not known and matters: for the policy, and for a model that could not speak."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from risicoscreener.screening.render import wording
from risicoscreener.screening.result import MissingFound
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.decision import Missing
    from risicoscreener.screening.result import ModelFound


def missing_of(
    of_policy: Sequence[Missing], models: Sequence[ModelFound]
) -> tuple[MissingFound, ...]:
    """One record for each unknown thing, in the order of the policy and then of the models."""
    found = {m.name: MissingFound(name=m.name, text=m.text, supplier=m.supplier) for m in of_policy}
    named = {name for m in of_policy for name in m.inputs}
    for model in models:
        if model.support == "inside":
            continue
        for item in model.contributions:
            if item.value is None and item.feature not in named and item.feature not in found:
                found[item.feature] = MissingFound(
                    name=item.feature, text=item.text, supplier=_supplier(item.group)
                )
    return tuple(found.values())


@cache
def _supplier(group: str) -> Texts:
    return Texts(**wording("supplier", group))
