"""Which single cells of a policy can be given another outcome without any property failing.

For one changed cell each property can be decided from the cells around it, so that all changes of
all cells are tried at once. The answers are those of `verify` on each changed table, without the
check that compares the table with its own rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.decision.cells import Cells
from risicoscreener.decision.outcome import DEEP_ASSESSMENT, DENY, GRANT, OUTCOMES
from risicoscreener.decision.policy import (
    ADMISSIBILITY,
    ASSESSMENT,
    CERTAINTY,
    CONDUCT,
    FAVOURABLE,
    RISK,
    UNFAVOURABLE,
    VICTIMS,
    Property,
)
from risicoscreener.decision.properties import doubtful

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flips = NDArray[np.bool_]


def flips_found(cells: Cells) -> Flips:
    """Whether a property finds it if one cell gets another outcome.

    Parameters
    ----------
    cells
        The table of a policy of which all properties hold.

    Returns
    -------
    Shape (outcomes, *table): by the outcome that the cell gets; False for the one that it has.
    """
    policy = cells.compiled.policy
    found = np.zeros((len(OUTCOMES), *cells.outcomes.shape), bool)
    for name, finds in _GENERAL.items():
        if name not in policy.exempt:
            finds(cells, found)
    for prop in policy.properties:
        _own(cells, found, prop)
    for outcome in range(len(OUTCOMES)):
        found[outcome] &= cells.outcomes != outcome
    return found


def outcomes_forbidden(cells: Cells) -> Flips:
    """Outcomes that some property forbids in a cell, whatever the other cells give.

    Returns
    -------
    Shape (outcomes, *table).
    """
    policy = cells.compiled.policy
    found = np.zeros((len(OUTCOMES), *cells.outcomes.shape), bool)
    for name in _OF_ONE_CELL:
        if name not in policy.exempt:
            _GENERAL[name](cells, found)
    for prop in policy.properties:
        if prop.outcomes is not None:
            _own(cells, found, prop)
    return found


def _monotone(cells: Cells, found: Flips) -> None:
    most = np.full_like(cells.outcomes, GRANT)
    least = np.full_like(cells.outcomes, DENY)
    for domain in cells.axes:
        for better, worse in cells.steps(domain):
            good, bad = cells.at(domain, better), cells.at(domain, worse)
            most[bad] = np.minimum(most[bad], cells.outcomes[good])
            least[good] = np.maximum(least[good], cells.outcomes[bad])
    for outcome in range(len(OUTCOMES)):
        found[outcome] |= (most < outcome) | (least > outcome)


def _unknown_never_grants(cells: Cells, found: Flips) -> None:
    found[GRANT] |= doubtful(cells)


def _admissibility_first(cells: Cells, found: Flips) -> None:
    found[[DEEP_ASSESSMENT, GRANT]] |= cells.where(ADMISSIBILITY, "not_met")


def _score_never_denies_alone(cells: Cells, found: Flips) -> None:
    axes = (cells.axes[RISK], cells.axes[CERTAINTY])
    best = tuple(slice(0, 1) if a in axes else slice(None) for a in range(cells.outcomes.ndim))
    base = cells.outcomes[best]
    may_deny = np.zeros((1,) * cells.outcomes.ndim, bool)
    if cells.lacks(ASSESSMENT, UNFAVOURABLE) is None:
        may_deny = cells.where(ASSESSMENT, UNFAVOURABLE)
    denied_alone = np.broadcast_to((base != DENY) & ~may_deny, cells.outcomes.shape).copy()
    denied_alone[best] = False
    found[DENY] |= denied_alone
    denied = (cells.outcomes == DENY) & ~may_deny
    denied[best] = False
    worse_denied = (base == DENY) & denied.any(axis=axes, keepdims=True)
    for outcome in (DEEP_ASSESSMENT, GRANT):
        found[outcome][best] |= worse_denied


def _victims_count(cells: Cells, found: Flips) -> None:
    axis = cells.axes[VICTIMS]
    counted = [
        level in cells.given[VICTIMS] and 0 < place < cells.known(VICTIMS)
        for place, level in enumerate(cells.ids[VICTIMS])
    ]
    shape = [-1 if a == axis else 1 for a in range(cells.outcomes.ndim)]
    best = cells.at(VICTIMS, 0)
    undone = (cells.outcomes[best] == GRANT) & (cells.outcomes != GRANT)
    undone = undone & np.array(counted).reshape(shape)
    undone_by = undone.sum(axis=axis, keepdims=True)
    all_here = (undone_by > 0) & (undone_by == undone.sum())
    for outcome in (DENY, DEEP_ASSESSMENT):
        found[outcome][best] |= all_here
    if undone.sum() == 1:
        found[GRANT] |= undone


def _assessment_matters(cells: Cells, found: Flips) -> None:
    if cells.lacks(ASSESSMENT, FAVOURABLE, UNFAVOURABLE) is not None:
        found[DEEP_ASSESSMENT] = True
        return
    found[DEEP_ASSESSMENT] |= cells.where(ASSESSMENT, FAVOURABLE, UNFAVOURABLE)
    place = cells.at(ASSESSMENT, cells.ids[ASSESSMENT].index(FAVOURABLE))
    found[DEEP_ASSESSMENT] |= cells.outcomes[place] != GRANT
    asked = (cells.outcomes == DEEP_ASSESSMENT).any(axis=cells.axes[ASSESSMENT], keepdims=True)
    for outcome in (DENY, DEEP_ASSESSMENT):
        found[outcome][place] |= asked


def _worst_conduct_never_grants(cells: Cells, found: Flips) -> None:
    worst = cells.ids[CONDUCT][cells.known(CONDUCT) - 1]
    found[GRANT] |= cells.where(CONDUCT, worst)


_GENERAL: dict[str, Callable[[Cells, Flips], None]] = {
    "monotone": _monotone,
    "unknown_never_grants": _unknown_never_grants,
    "admissibility_first": _admissibility_first,
    "score_never_denies_alone": _score_never_denies_alone,
    "victims_count": _victims_count,
    "assessment_matters": _assessment_matters,
    "worst_conduct_never_grants": _worst_conduct_never_grants,
}


_OF_ONE_CELL = ("unknown_never_grants", "admissibility_first", "worst_conduct_never_grants")
"""General properties that hold or fail in each cell by itself."""


def _own(cells: Cells, found: Flips, prop: Property) -> None:
    where = cells.matching(prop.when)
    if prop.outcomes is not None:
        for rank, outcome in enumerate(OUTCOMES):
            if outcome not in prop.outcomes:
                found[rank] |= where
    elif prop.matters is not None:
        _matters(cells, found, where, cells.axes[prop.matters])
    else:
        _conditions(cells, found, where, prop.conditions or ())


def _matters(cells: Cells, found: Flips, where: NDArray[np.bool_], axis: int) -> None:
    """It matters in some row of cells along the domain; a change is found if that was the one."""
    rows = np.moveaxis(np.broadcast_to(where, cells.outcomes.shape), axis, -1)
    outcomes = np.moveaxis(cells.outcomes, axis, -1)
    differs = _differs(outcomes, rows)
    if differs.sum() != 1:
        return
    row = tuple(np.argwhere(differs)[0])
    for level in np.flatnonzero(rows[row]):
        for outcome in range(len(OUTCOMES)):
            changed = outcomes[row].copy()
            changed[level] = outcome
            if not _differs(changed, rows[row]):
                np.moveaxis(found[outcome], axis, -1)[(*row, level)] = True


def _differs(outcomes: NDArray[np.int8], counted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    low = np.where(counted, outcomes, len(OUTCOMES)).min(axis=-1)
    high = np.where(counted, outcomes, -1).max(axis=-1)
    return np.asarray(low < high)


def _conditions(
    cells: Cells, found: Flips, where: NDArray[np.bool_], conditions: tuple[str, ...]
) -> None:
    whens = {c.id: c.when for c in cells.compiled.policy.conditions}
    attached = np.ones((1,) * cells.outcomes.ndim, bool)
    for condition in conditions:
        attached = attached & cells.matching(whens[condition])
    found[[DEEP_ASSESSMENT, GRANT]] |= where & (cells.outcomes == DENY) & ~attached
    allowed = where & (cells.outcomes != DENY)
    if allowed.sum() == 1:
        found[DENY] |= allowed
