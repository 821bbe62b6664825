"""For whom probation's help adds value, and a proposal of who receives it first.

`people_for` reads people for a kind of help; `learn` says from a history whether the effect differs
between them; `allocate` proposes, within capacity; `access_by_group` shows who is reached. It
proposes; a person decides, and nobody is forced.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risicoscreener.reentry.selection.access import (
        AccessTable as AccessTable,
    )
    from risicoscreener.reentry.selection.access import (
        access_by_group as access_by_group,
    )
    from risicoscreener.reentry.selection.access import (
        audit_groups as audit_groups,
    )
    from risicoscreener.reentry.selection.access import (
        price_of_equal_access as price_of_equal_access,
    )
    from risicoscreener.reentry.selection.aids import (
        Aid as Aid,
    )
    from risicoscreener.reentry.selection.aids import (
        Aids as Aids,
    )
    from risicoscreener.reentry.selection.aids import (
        read_aids as read_aids,
    )
    from risicoscreener.reentry.selection.aids import (
        shipped_aids as shipped_aids,
    )
    from risicoscreener.reentry.selection.allocating import (
        allocate as allocate,
    )
    from risicoscreener.reentry.selection.capacity import (
        Places as Places,
    )
    from risicoscreener.reentry.selection.learning import (
        learn_arrays as learn_arrays,
    )
    from risicoscreener.reentry.selection.model import (
        SelectionModel as SelectionModel,
    )
    from risicoscreener.reentry.selection.model import (
        learn as learn,
    )
    from risicoscreener.reentry.selection.pictures import (
        History as History,
    )
    from risicoscreener.reentry.selection.pictures import (
        Pictures as Pictures,
    )
    from risicoscreener.reentry.selection.pictures import (
        people_for as people_for,
    )
    from risicoscreener.reentry.selection.proposals import (
        Allocation as Allocation,
    )
    from risicoscreener.reentry.selection.proposals import (
        Proposal as Proposal,
    )

_HOME = {
    "AccessTable": "access",
    "access_by_group": "access",
    "audit_groups": "access",
    "price_of_equal_access": "access",
    "Aid": "aids",
    "Aids": "aids",
    "read_aids": "aids",
    "shipped_aids": "aids",
    "Allocation": "proposals",
    "Proposal": "proposals",
    "allocate": "allocating",
    "Places": "capacity",
    "learn_arrays": "learning",
    "SelectionModel": "model",
    "learn": "model",
    "History": "pictures",
    "Pictures": "pictures",
    "people_for": "pictures",
}
__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    # Learning needs scipy and pandas, which a caller of another part of the chain does not pay for.
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
