"""Published Dutch aggregates beside those of stays: does a cohort look like them."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.impact.capacity.donors import Donors, donors_of
from risicoscreener.impact.capacity.settings import CapacitySettings
from risicoscreener.impact.capacity.stays import Stays

if TYPE_CHECKING:
    import pandas as pd

THREE_MONTHS = 91
_TITLES = {
    "pre-trial detention": ("remand",),
    "custodial sentence": ("sentence", "self_reporter"),
    "replacement detention or coercive measure": ("arrestant",),
    "ISD (prolific offenders)": ("isd",),
}
"""Legal titles of the statistics, and the grounds of detention of the dossier that they come to."""


@cache
def published() -> tuple[dict[str, str], ...]:
    """Rows of ``published.csv``: quantity, subgroup, value, unit, year, source."""
    text = (files("risicoscreener.impact.capacity") / "published.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def against_published(stays: Stays, settings: CapacitySettings | None = None) -> pd.DataFrame:
    """Published figures with the same of some stays.

    Returns
    -------
    Columns ``quantity``, ``subgroup``, ``published``, ``found``, ``unit``, ``year``, ``source``.
    The ground of detention is that of the last day; lengths are by the product-limit estimator.
    """
    import pandas as pd

    used = settings or CapacitySettings.of()
    prisons = sorted(set(stays.prison.tolist()))
    donors = [donors_of(stays, kind, prisons, used) for kind in sorted(set(stays.kind.tolist()))]
    arrivals = np.array([(d.stays.arrived >= stays.seen_from).sum() for d in donors], float)
    mean = np.array([_mean(one) for one in donors])
    short = np.array([_share_below(one, THREE_MONTHS) for one in donors])
    inside = stays.regime[stays.inside]
    found = {
        ("mean stay", "all"): float(arrivals @ mean / arrivals.sum()),
        ("share of detentions shorter than 3 months (flow)", "all titles"): float(
            100 * arrivals @ short / arrivals.sum()
        ),
    }
    for title, grounds in _TITLES.items():
        share = float(np.isin(inside, grounds).mean()) if len(inside) else float("nan")
        found["stock by legal title", title] = 100 * share
    rows = [
        {
            "quantity": row["quantity"],
            "subgroup": row["subgroup"],
            "published": float(row["value"]),
            "found": found[row["quantity"], row["subgroup"]],
            "unit": row["unit"],
            "year": row["year"],
            "source": row["source"],
        }
        for row in published()
        if (row["quantity"], row["subgroup"]) in found
    ]
    return pd.DataFrame(rows)


def _mean(donors: Donors) -> float:
    weights = donors.lengths.weights()
    days = donors.lengths.time + donors.lengths.tail_days * donors.lengths.open
    return float(weights @ days)


def _share_below(donors: Donors, days: int) -> float:
    return float(donors.lengths.weights()[donors.lengths.time < days].sum())
