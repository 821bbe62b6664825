"""Which resource falls short, when, and how sure that is."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from risicoscreener.impact.capacity.frames import month_mean
from risicoscreener.impact.capacity.result import Forecast
from risicoscreener.impact.capacity.wording import say
from risicoscreener.impact.settings import months_after
from risicoscreener.impact.wording import number, percent

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

LIKELY = 0.5
"""A month in which something falls short in this share of the replicates counts as one."""
FULL = 1 - 1e-9


class Bottleneck(Struct, frozen=True):
    """One resource.

    Attributes
    ----------
    resource
        regular, low_security, shell, self_reporters, casemanagers, psychologists, or
        ``prison:`` with its name.
    load
        Highest monthly mean of demand divided by what there is (or of a wait divided by its norm),
        over months; the mean over replicates.
    chance
        Share of replicates in which it falls short in some month.
    first_month
        First day of the first month in which it falls short in half of the replicates; None if
        there is none.
    """

    resource: str
    load: float
    chance: float
    first_month: dt.date | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        day = self.first_month
        return {
            "resource": self.resource,
            "load": self.load,
            "chance": self.chance,
            "first_month": None if day is None else day.isoformat(),
        }

    def name(self, lang: str) -> str:
        """What it is called."""
        kind, _, prison = self.resource.partition(":")
        return say("resources", kind, lang, prison=prison)


def loads(found: Forecast) -> dict[str, FloatArray]:
    """Demand divided by what there is, shape (R, M), of each resource that has a limit.

    The load of casemanagers and psychologists is the wait of work that comes in divided by its
    norm, as that of self-reporters past their term; that of the shell is the share that is open.
    """
    s, months = found.settings, found.by_month
    made: dict[str, FloatArray] = {}
    regular = s.number("places.regular")
    if not math.isinf(regular):
        need = months["regular"] + months["waiting"] + s["places.reserved"]
        made["regular"] = need / np.maximum(regular + months["shell"], 1.0)
        made["self_reporters"] = months["wait"] / s["self_reporters.norm_days"]
    low = s.number("places.low_security")
    if not math.isinf(low):
        could = month_mean(found.by_ground[:, 1::2].sum(axis=1), found.month_edges)
        made["low_security"] = could / max(low, 1.0)
    if s["shell.places"]:
        made["shell"] = months["shell"] / s["shell.places"]
    if "work_wait" in months:
        made["casemanagers"] = months["work_wait"] / s["casemanagers.norm_days"]
    if "deep_waiting" in months:
        wait = 7 * months["deep_waiting"] / s["deep.per_week"]
        made["psychologists"] = wait / s["deep.norm_days"]
    for prison, places in s["places.by_prison"].items():
        inside = found.by_prison[:, found.prisons.index(prison)]
        made[f"prison:{prison}"] = month_mean(inside, found.month_edges) / max(places, 1)
    return made


def bottlenecks(found: Forecast) -> tuple[Bottleneck, ...]:
    """Every resource that has a limit, the one that falls short first in front."""
    rows = []
    for resource, load in loads(found).items():
        short = load >= FULL if resource == "shell" else load > 1 + 1e-9
        likely = np.flatnonzero(short.mean(axis=0) >= LIKELY)
        first = months_after(found.start, int(likely[0])) if len(likely) else None
        chance = float(short.any(axis=1).mean())
        rows.append(Bottleneck(resource, float(load.mean(axis=0).max()), chance, first))
    return tuple(sorted(rows, key=_order))


def _order(one: Bottleneck) -> tuple[dt.date, float, float]:
    return one.first_month or dt.date.max, -one.chance, -one.load


def to_frame(found: Forecast, lang: str = "en") -> pd.DataFrame:
    """The bottlenecks as a table."""
    import pandas as pd

    rows = [{"name": one.name(lang), **one.to_dict()} for one in bottlenecks(found)]
    return pd.DataFrame(rows, columns=["name", "resource", "load", "chance", "first_month"])


def bottleneck_words(found: Forecast, lang: str) -> Iterator[str]:
    """Which resource falls short first, and all others, in words."""
    rows = bottlenecks(found)
    if not rows:
        yield say("bottlenecks", "no_limits", lang)
        return
    first = rows[0]
    if first.first_month is None:
        yield say("bottlenecks", "none", lang)
    else:
        month = f"{first.first_month:%Y-%m}"
        yield say("bottlenecks", "first", lang, name=first.name(lang), month=month)
    for one in rows:
        since = "" if one.first_month is None else f"{one.first_month:%Y-%m}"
        said = "row" if one.first_month else "row_never"
        yield "- " + say(
            "bottlenecks",
            said,
            lang,
            name=one.name(lang),
            load=number(one.load, lang, 2),
            chance=percent(one.chance, lang),
            month=since,
        )
