"""The plans of many people as one table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from risicoscreener.reentry.conditions.situation import those_inside
from risicoscreener.reentry.plan.measuring import plan_progress
from risicoscreener.reentry.plan.planned import Plan
from risicoscreener.reentry.plan.progress import GOAL_STATES

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import Dossier, DossierTables
    from risicoscreener.reentry.plan.definition import GoalCatalogue


def list_plans(
    dossiers: Iterable[Dossier] | DossierTables,
    as_of: dt.date,
    *,
    plans: Iterable[Plan] = (),
    catalogue: GoalCatalogue | None = None,
) -> pd.DataFrame:
    """The plans of everyone who is in detention on a day: which are late, which are to be reviewed.

    Parameters
    ----------
    dossiers
        Records or tables.
    plans
        Plans by person, as for `plan_progress`.

    Returns
    -------
    DataFrame
        ``person_id``, ``arrived_on``, ``made_on``, ``made_by``, ``made_state``, ``review_by``,
        ``review_state``, and the number of goals in each state; a row for each person, what is to
        be done first at the top.
    """
    import pandas as pd

    of_person = {plan.person_id: plan for plan in plans}
    rows = []
    for dossier in those_inside(dossiers, as_of):
        plan = of_person.get(dossier.person_id)
        found = plan_progress(dossier, as_of, plan=plan, catalogue=catalogue)
        counts = found.counts()
        row: dict[str, Any] = {name: getattr(found, name) for name in _LISTED}
        rows.append(row | {state: counts.get(state, 0) for state in GOAL_STATES})
    rows.sort(key=_to_do_first)
    return pd.DataFrame(rows, columns=[*_LISTED, *GOAL_STATES])


_LISTED = (
    "person_id",
    "arrived_on",
    "made_on",
    "made_by",
    "made_state",
    "review_by",
    "review_state",
)


def _to_do_first(row: dict[str, Any]) -> tuple[Any, ...]:
    """By the day on which the plan, or the review, has to be there."""
    day = row["review_by"] if row["made_on"] is not None else row["made_by"]
    return (day or dt.date.max, row["person_id"])
