"""What a policy's own cut-offs mean for people: per 1,000 who is in each band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import share_estimate
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.utility.curves import PER
from risicoscreener.evaluation.utility.gain import cut_offs_of

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Band:
    """The people between two cut-offs.

    Attributes
    ----------
    low, high
        Probabilities from `low` on and below `high` (of the highest band: up to and with 1).
    name
        What is done with them, as the user calls it; may be empty.
    estimates
        Per 1,000 people of the sample: ``people_in_band``, ``events_in_band`` (with the outcome)
        and ``others_in_band`` (without). Besides: ``rate_in_band``, the share of the band with the
        outcome; ``share_of_events_in_band``, the share of all with the outcome that is in the
        band; and ``people_per_event``, how many of the band there are for each with the outcome.
    """

    low: float
    high: float
    name: str
    estimates: Estimates

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]


@dataclass(frozen=True)
class Consequences:
    """What happens to 1,000 people at the cut-offs of a policy.

    Attributes
    ----------
    bands
        From the lowest probabilities to the highest.
    n, events
        People, and people with the outcome, on whom it rests.
    """

    bands: tuple[Band, ...]
    n: int
    events: int

    def to_frame(self) -> pd.DataFrame:
        """A row for each band and figure."""
        import pandas as pd

        frames = [
            band.estimates.to_frame().assign(low_edge=band.low, high_edge=band.high, band=band.name)
            for band in self.bands
        ]
        return pd.concat(frames, names=["measure"]).reset_index(names="name")

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        bands = [
            {"low": b.low, "high": b.high, "name": b.name, **b.estimates.to_dict()}
            for b in self.bands
        ]
        return {"per": PER, "n": self.n, "events": self.events, "bands": bands}

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.3f}".format, escape=True, index=False)


def at_cut_offs(
    sample: Sample,
    cut_offs: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> Consequences:
    """Per 1,000 people: how many fall in each band, and how many of them have the outcome.

    With two cut-offs the middle band holds who gets a deep assessment; its ``people_per_event``
    is the number of deep assessments for each person with the outcome among them, and its
    ``rate_in_band`` how often an assessment concerns somebody with the outcome.

    Parameters
    ----------
    cut_offs
        Ascending, between 0 and 1; a probability at a cut-off falls in the band above it.
    names
        What is done in each band, one more than there are cut-offs: ``("grant", "deep
        assessment", "deny")``.

    Raises
    ------
    EvaluationError
        If cut-offs do not ascend between 0 and 1, or names are not one more.
    """
    edges = [0.0, *ascending(cut_offs), 1.0]
    called = [""] * (len(edges) - 1) if names is None else list(names)
    if len(called) != len(edges) - 1:
        raise EvaluationError(
            f"{len(called)} names for {len(edges) - 1} bands; expected one name for each band"
        )
    place = np.searchsorted(edges[1:-1], sample.probability, side="right")
    bands = tuple(
        Band(low, high, name, _figures(sample, place == i, level))
        for i, (low, high, name) in enumerate(zip(edges[:-1], edges[1:], called, strict=True))
    )
    return Consequences(bands, sample.people, sample.events)


def ascending(cut_offs: npt.ArrayLike) -> list[float]:
    """The cut-offs between bands, one or several.

    Raises
    ------
    EvaluationError
        If there are none, or they do not ascend between 0 and 1.
    """
    given = cut_offs_of(cut_offs)
    if not given or any(not 0 < c < 1 for c in given) or sorted(set(given)) != given:
        raise EvaluationError(
            f"cut_offs are {given}; expected one or more between 0 and 1, lowest first"
        )
    return given


def _figures(sample: Sample, band: Rows, level: float) -> Estimates:
    event = sample.outcome == 1
    everybody = np.ones(len(sample), dtype=bool)
    rate = share_estimate("rate_in_band", sample, band, event, level)
    counted = {
        "people_in_band": band,
        "events_in_band": band & event,
        "others_in_band": band & ~event,
    }
    return Estimates(
        (
            *(
                _per_people(share_estimate(n, sample, everybody, p, level))
                for n, p in counted.items()
            ),
            rate,
            share_estimate("share_of_events_in_band", sample, event, band, level),
            _per_event(rate),
        )
    )


def _per_people(share: Estimate) -> Estimate:
    """A share of all as a number of 1,000 people."""
    return replace(share, value=PER * share.value, low=PER * share.low, high=PER * share.high)


def _per_event(rate: Estimate) -> Estimate:
    if not rate.value > 0:
        return Estimate("people_per_event", math.nan, level=rate.level, problem="no_events_in_band")
    known = rate.has_interval and rate.low > 0
    return Estimate(
        "people_per_event",
        1 / rate.value,
        1 / rate.high if known else math.nan,
        1 / rate.low if known else math.nan,
        rate.level,
        rate.method if known else "",
        rate.n,
        rate.events,
        "" if known else rate.problem,
    )
