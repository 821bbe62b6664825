"""Simulate policies, and compare what they do to the same people with the same chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.errors import ImpactError
from risicoscreener.impact.result import FIGURES, Impact, closing_words
from risicoscreener.impact.running import run
from risicoscreener.impact.screens import Screens, screen_days
from risicoscreener.impact.spread import Spread, per_prevented, spread
from risicoscreener.impact.wording import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from risicoscreener.impact.people import People
    from risicoscreener.impact.settings import Settings, Team
    from risicoscreener.screening import Screener


def simulate(
    people: People | Screens,
    screener: Screener | None,
    settings: Settings,
    *,
    label: str = "",
    on_run: Callable[[int], None] | None = None,
) -> Impact:
    """Months of decisions about people who ask for liberties.

    Parameters
    ----------
    people
        The people; or what `screen_days` made of them, which is the slow part and the same for any
        capacity, priority and accuracy (``screener`` is then None).
    screener
        Its models and its book of policies decide.
    settings
        Who asks, who assesses, how is decided, and how often it is repeated.
    label
        What the scenario is called; the ids of the policies without it.
    on_run
        Called after each replicate with the number done.

    Raises
    ------
    ImpactError
        If settings do not fit the people or the screens.
    PolicyError
        If there is no policy of a kind, or no version for a day.
    """
    if isinstance(people, Screens):
        people.check(settings)
        asked = people
    elif screener is None:
        raise ImpactError("screener is None; expected one, or people that were screened")
    else:
        asked = screen_days(people, screener, settings)
    runs = []
    for replicate in range(settings.replicates):
        runs.append(run(asked, settings, replicate))
        if on_run is not None:
            on_run(replicate + 1)
    found = Impact(label, settings, asked, tuple(runs))
    return found if label else Impact(", ".join(found.policies), settings, asked, tuple(runs))


_OF_CHANCE = (
    "start",
    "months",
    "warm_up_months",
    "asking",
    "seed",
    "replicates",
    "decision_every_days",
)
"""Settings on which it depends who asks when, and when is decided."""


@dataclass(frozen=True, eq=False, repr=False)
class ImpactComparison:
    """Two scenarios with the same people, requests and chance.

    Attributes
    ----------
    old, new
        The scenarios.
    """

    old: Impact
    new: Impact

    def __repr__(self) -> str:
        return f"<ImpactComparison of {self.new.label} with {self.old.label}>"

    def __getitem__(self, name: str) -> Spread:
        """The difference in one figure, new minus old, with the interval of paired replicates."""
        change = self.new.values(name) - self.old.values(name)
        return spread(name, change, self.new.settings.level)

    @property
    def needed_to_detain(self) -> Spread:
        """Liberties withheld for each offence during a liberty that is prevented.

        NaN where the new scenario withholds no liberties; infinite where it prevents nothing.
        """
        return self._per_prevented("offences")

    @property
    def needed_to_fail(self) -> Spread:
        """Liberties withheld for each failed liberty that is prevented; as `needed_to_detain`."""
        return self._per_prevented("failures")

    def _per_prevented(self, events: str) -> Spread:
        withheld = self.old.values("taken") - self.new.values("taken")
        prevented = self.old.values(events) - self.new.values(events)
        return per_prevented(events, withheld, prevented, self.new.settings.level)

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure: in both scenarios, and the difference with its limits."""
        import pandas as pd

        rows = [
            {
                "name": name,
                "figure": say("figures", name, lang),
                "old": self.old[name].value,
                "new": self.new[name].value,
                "difference": self[name].value,
                "low": self[name].low,
                "high": self[name].high,
            }
            for name in FIGURES
        ]
        return pd.DataFrame(rows)

    def text(self, lang: str = "nl") -> str:
        """The differences in words."""
        lines = [
            say("words", "compared", lang, new=self.new.label, old=self.old.label),
            say("words", "warning", lang),
            "",
        ]
        for name in FIGURES:
            values = " → ".join(one[name].text(lang) for one in (self.old, self.new))
            lines.append(f"- {say('figures', name, lang)}: {values}; Δ {self[name].text(lang)}")
        for sentence, one in (
            ("needed_to_detain", self.needed_to_detain),
            ("needed_to_fail", self.needed_to_fail),
        ):
            lines += ["", say("words", sentence, lang, text=_in_words(one, lang))]
        lines += ["", *closing_words(self.new.settings, lang)]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values; infinite and absent ones as None."""
        return {
            "old": self.old.to_dict(),
            "new": self.new.to_dict(),
            "differences": {name: _numbers(self[name]) for name in FIGURES},
            "needed_to_detain": _numbers(self.needed_to_detain),
            "needed_to_fail": _numbers(self.needed_to_fail),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:,.1f}".format, index=False, escape=True)


def compare_impacts(old: Impact, new: Impact) -> ImpactComparison:
    """Lay two scenarios beside each other, replicate by replicate.

    Raises
    ------
    ImpactError
        If they are not of the same people, days, requests and chance.
    """
    for name in _OF_CHANCE:
        one, other = getattr(old.settings, name), getattr(new.settings, name)
        if one != other:
            raise ImpactError(
                f"{name} is {one} in {old.label} and {other} in {new.label}; expected the same, so "
                "that what differs is the policy and not luck"
            )
    if not old.screens.people.are_those_of(new.screens.people):
        raise ImpactError(
            f"{old.label} and {new.label} are of other people; expected the same people"
        )
    return ImpactComparison(old, new)


def over_capacities(
    screened: Screens, settings: Settings, capacities: Sequence[float | tuple[Team, ...]]
) -> tuple[Impact, ...]:
    """The same scenario with other numbers of assessments a week (or teams), by `simulate`."""
    return tuple(
        simulate(screened, None, settings.with_capacity(capacity), label=_capacity_label(capacity))
        for capacity in capacities
    )


def capacity_needed(
    screened: Screens,
    settings: Settings,
    *,
    wait_days: float,
    figure: str = "wait_p90",
    low: float = 0.5,
    high: float = 500.0,
    within: float = 0.05,
) -> float:
    """How many assessments a week would have kept a wait below a bound.

    By halving the interval, on the mean over replicates; chance is the same for each capacity.

    Parameters
    ----------
    wait_days
        Most days that ``figure`` may be.
    low, high
        Assessments a week between which is searched.
    within
        Relative width at which is stopped.

    Returns
    -------
    Assessments a week; infinite if ``high`` is not enough.

    Raises
    ------
    ImpactError
        If there is no such figure, or the bounds are none.
    """
    if not 0 < low < high < math.inf:
        raise ImpactError(f"low and high are {low} and {high}; expected 0 < low < high")
    if not within >= 1e-4:
        raise ImpactError(f"within is {within}; expected a width of 0.0001 or more")
    if not wait_days >= 0:
        raise ImpactError(f"wait_days is {wait_days}; expected days, 0 or more")

    def suffices(capacity: float) -> bool:
        found = simulate(screened, None, settings.with_capacity(capacity))[figure].value
        return not found > wait_days

    if not suffices(high):
        return float("inf")
    if suffices(low):
        return low
    while high / low > 1 + within:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def _capacity_label(capacity: float | tuple[Team, ...]) -> str:
    if isinstance(capacity, (int, float)):
        return f"{capacity:g}"
    return f"{sum(team.per_week for team in capacity):g}"


def _in_words(one: Spread, lang: str) -> str:
    if one.value != one.value:
        return say("words", "nothing_withheld", lang)
    if one.value == float("inf"):
        return say("words", "nothing_prevented", lang)
    return one.text(lang)


def _numbers(one: Spread) -> dict[str, float | None]:
    named = {"value": one.value, "low": one.low, "high": one.high}
    return {name: value if np.isfinite(value) else None for name, value in named.items()}


__all__ = [
    "ImpactComparison",
    "capacity_needed",
    "compare_impacts",
    "over_capacities",
    "simulate",
]
