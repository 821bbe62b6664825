"""Which site gets the new way of working when, and how else chance could have had it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.design_checks import NEVER, check_design, listed

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Kind = Literal["parallel", "stepped_wedge", "staggered"]
MOST_LISTED = 20_000
"""Assignments up to which all are gone through; above it a sample is."""
DRAWS = 4999
"""Assignments drawn where there are too many to list, besides the real one."""


@dataclass(frozen=True, eq=False)
class PilotDesign:
    """Sites by periods: from which period on each site works in the new way.

    Make one with `parallel`, `stepped_wedge` or `staggered`.

    Attributes
    ----------
    kind
        ``parallel`` (some sites start, others never do), ``stepped_wedge`` (all start, one after
        another, in an order of chance) or ``staggered`` (sites started when they did: nobody
        drew lots).
    sites, periods
        Names.
    starts
        For each site the first period (0 is the first) in which it works in the new way;
        `NEVER` if it does not. Once begun it goes on.
    strata
        For each site the group within which lots are drawn.
    transition
        Periods from the start on in which the new way is being set up: they are left out.
    randomised
        Whether chance decided which site got which start.
    balance
        For each site figures that were balanced when lots were drawn, by name.
    keep
        Share of best balanced assignments out of which one was drawn; 1 where all could be.
    """

    kind: Kind
    sites: tuple[str, ...]
    periods: tuple[str, ...]
    starts: tuple[int, ...]
    strata: tuple[str, ...] = ()
    transition: int = 0
    randomised: bool = True
    balance: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    keep: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "strata", self.strata or ("",) * len(self.sites))
        check_design(self)

    @property
    def shape(self) -> tuple[int, int]:
        """Sites, periods."""
        return len(self.sites), len(self.periods)

    @cached_property
    def exposure(self) -> FloatArray:
        """``(sites, periods)``: 1.0 from its start on, 0.0 before."""
        return exposure_of(np.array(self.starts), len(self.periods))

    @cached_property
    def exposure_time(self) -> IntArray:
        """``(sites, periods)``: 1 in the first exposed period, 2 in the next; 0 before."""
        found: IntArray = np.cumsum(self.exposure, axis=1).astype(np.int64)
        return found

    @cached_property
    def analysed(self) -> BoolArray:
        """``(sites, periods)``: False in a transition."""
        return ~((self.exposure_time > 0) & (self.exposure_time <= self.transition))

    @property
    def first_possible(self) -> int:
        """Periods before any site starts."""
        return min(start for start in self.starts if start != NEVER)

    def only(self, sites: Sequence[str]) -> PilotDesign:
        """The design of some of the sites; of balance only what was not used remains."""
        place = [self.sites.index(site) for site in sites]
        return replace(
            self,
            sites=tuple(sites),
            starts=tuple(self.starts[i] for i in place),
            strata=tuple(self.strata[i] for i in place),
            balance={k: tuple(v[i] for i in place) for k, v in self.balance.items()},
        )

    def with_starts(self, starts: Sequence[int]) -> PilotDesign:
        """The same sites with other starts."""
        return replace(self, starts=tuple(int(start) for start in starts))

    @property
    def assignments_possible(self) -> int:
        """In how many ways chance could have given these starts to these sites, by strata."""
        found = 1
        for places in self._by_stratum():
            ties = Counter(self.starts[i] for i in places).values()
            found *= math.factorial(len(places)) // math.prod(map(math.factorial, ties))
        return found

    def assignments(
        self, *, seed: int = 1, most: int = MOST_LISTED, draws: int = DRAWS
    ) -> IntArray:
        """Starts that chance could have given: all, or a sample where these are too many.

        Parameters
        ----------
        seed
            Of the sample.
        most
            Up to so many all are listed.
        draws
            Size of the sample.

        Returns
        -------
        ``(k, sites)``; the real one comes first and once.
        """
        real = np.array(self.starts)
        if self.assignments_possible <= most:
            listed = np.array(list(self._all_starts()), dtype=np.int64)
            others = listed[(listed != real).any(axis=1)]
        else:
            others = self._drawn(np.random.default_rng(seed), draws * (1 if self.keep >= 1 else 5))
        together = np.vstack([real, others])
        return together if self.keep >= 1 else together[self._kept(together)]

    def smallest_p(self) -> float:
        """The smallest two-sided p-value that lots among these sites can give.

        Every assignment has one that gives the opposite only if starts are shared out evenly;
        this is what can be reached if no other assignment gives as large an effect.
        """
        possible = self.assignments_possible
        return min(1.0, (2 if self._has_mirror() else 1) / possible)

    def to_frame(self) -> pd.DataFrame:
        """A row for each site: stratum, and 1 or 0 for each period."""
        import pandas as pd

        frame = pd.DataFrame(
            self.exposure.astype(int),
            index=pd.Index(self.sites, name="site"),
            columns=list(self.periods),
        )
        return frame.where(self.analysed, other=np.nan) if self.transition else frame

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.0f}".format, na_rep="–")

    def to_dict(self) -> dict[str, Any]:
        """Plain values; a start is the name of a period, or None."""
        return {
            "kind": self.kind,
            "sites": list(self.sites),
            "periods": list(self.periods),
            "starts": [None if s == NEVER else self.periods[s] for s in self.starts],
            "strata": list(self.strata),
            "transition": self.transition,
            "randomised": self.randomised,
            "balance": {name: list(values) for name, values in self.balance.items()},
            "keep": self.keep,
        }

    def _by_stratum(self) -> list[list[int]]:
        names = sorted(set(self.strata))
        return [[i for i, one in enumerate(self.strata) if one == name] for name in names]

    def _has_mirror(self) -> bool:
        """Whether exchanging early and late gives another assignment that was possible."""
        for places in self._by_stratum():
            counts = Counter(self.starts[i] for i in places)
            ordered = [counts[s] for s in sorted(counts, key=lambda s: math.inf if s < 0 else s)]
            if ordered != ordered[::-1]:
                return False
        return True

    def _all_starts(self) -> Iterator[IntArray]:
        groups = self._by_stratum()
        ways = [list(_arrangements(Counter(self.starts[i] for i in places))) for places in groups]
        for chosen in product(*ways):
            starts = np.empty(len(self.sites), dtype=np.int64)
            for places, arrangement in zip(groups, chosen, strict=True):
                starts[places] = arrangement
            yield starts

    def _drawn(self, rng: np.random.Generator, draws: int) -> IntArray:
        found = np.tile(np.array(self.starts), (draws, 1))
        for places in self._by_stratum():
            found[:, places] = rng.permuted(found[:, places], axis=1)
        return found

    def _kept(self, assignments: IntArray) -> BoolArray:
        """Which assignments are among the best balanced, the real one always."""
        kept: BoolArray = imbalance(self, assignments) <= self.cut + 1e-12
        kept[0] = True
        return kept

    @cached_property
    def cut(self) -> float:
        """The imbalance up to which an assignment could be drawn; the real one plays no part."""
        if self.assignments_possible <= MOST_LISTED:
            candidates = np.array(list(self._all_starts()), dtype=np.int64)
        else:
            candidates = self._in_order()._drawn(np.random.default_rng(0), DRAWS)
        return float(np.quantile(imbalance(self, candidates), self.keep, method="inverted_cdf"))

    def _in_order(self) -> PilotDesign:
        """The same design with starts in order within each stratum."""
        starts = np.array(self.starts)
        for places in self._by_stratum():
            starts[places] = np.sort(starts[places])
        return self.with_starts(starts.tolist())


def imbalance(design: PilotDesign, assignments: IntArray) -> FloatArray:
    """How unevenly each assignment shares out the figures to be balanced.

    Per figure the squared covariance, over sites, with the share of periods in the new way, in
    standard units; summed over figures. 0 is perfect.

    Parameters
    ----------
    assignments
        ``(k, sites)`` starts.

    Returns
    -------
    ``(k,)``
    """
    share = exposure_of(assignments, len(design.periods)).mean(axis=-1)
    share = share - share.mean(axis=1, keepdims=True)
    total = np.zeros(len(assignments))
    for values in design.balance.values():
        figure = np.array(values)
        spread = figure.std()
        if spread > 0:
            total += (share @ ((figure - figure.mean()) / spread)) ** 2
    return total


def exposure_of(starts: IntArray, periods: int) -> FloatArray:
    """``(…, periods)`` of 1.0 from the start on, for starts of any shape."""
    begun = (starts[..., None] <= np.arange(periods)) & (starts[..., None] != NEVER)
    return begun.astype(np.float64)


def parallel(
    sites: Sequence[str],
    exposed: Sequence[str],
    *,
    periods: Sequence[str] = ("1",),
    start: int = 0,
    strata: Sequence[str] = (),
    randomised: bool = True,
    transition: int = 0,
) -> PilotDesign:
    """Some sites work in the new way from one period on, the others do not.

    Parameters
    ----------
    exposed
        Which sites.
    periods
        Names; with periods before `start` sites are compared with themselves before as well
        (difference in differences).
    start
        The first period in the new way, from 0.
    strata, randomised, transition
        As of a `PilotDesign`.

    Raises
    ------
    PilotError
        If the parts do not fit together.
    """
    unknown = sorted(set(exposed) - set(sites))
    if unknown:
        raise PilotError(f"exposed names {unknown[0]!r}; expected names of sites")
    starts = tuple(start if site in set(exposed) else NEVER for site in sites)
    return PilotDesign(
        "parallel", tuple(sites), tuple(periods), starts, tuple(strata), transition, randomised
    )


def stepped_wedge(
    sequences: Sequence[Sequence[str]],
    *,
    periods: Sequence[str] | None = None,
    strata: Mapping[str, str] | None = None,
    transition: int = 0,
) -> PilotDesign:
    """All sites start, group after group; the first period has none, the last has all.

    Parameters
    ----------
    sequences
        Groups of sites in the order in which they start.
    periods
        Names; one more than there are groups by default. With more, the last ones have all sites
        in the new way.
    strata
        For each site the group within which its place was drawn.
    transition
        Periods of setting up, left out of the analysis.

    Raises
    ------
    PilotError
        If the parts do not fit together.
    """
    names = [str(i + 1) for i in range(len(sequences) + 1)] if periods is None else list(periods)
    sites = [site for group in sequences for site in group]
    starts = [i + 1 for i, group in enumerate(sequences) for _ in group]
    groups = tuple(strata[site] for site in sites) if strata else ()
    return PilotDesign(
        "stepped_wedge", tuple(sites), tuple(names), tuple(starts), groups, transition
    )


def staggered(
    starts: Mapping[str, str | None],
    periods: Sequence[str],
    *,
    transition: int = 0,
) -> PilotDesign:
    """Sites that started when they did, by choice and not by lot.

    Parameters
    ----------
    starts
        For each site the first period in the new way, None if never.
    periods
        Names in order.
    transition
        Periods of setting up, left out of the analysis.

    Raises
    ------
    PilotError
        If a start is no period.
    """
    place = {name: i for i, name in enumerate(periods)}
    unknown = sorted(str(s) for s in starts.values() if s is not None and s not in place)
    if unknown:
        raise PilotError(f"start {unknown[0]!r} is no period; expected one of {listed(periods)}")
    return PilotDesign(
        "staggered",
        tuple(starts),
        tuple(periods),
        tuple(NEVER if s is None else place[s] for s in starts.values()),
        transition=transition,
        randomised=False,
    )


def _arrangements(counts: Counter[int]) -> Iterator[list[int]]:
    """Every order of things of which some are alike."""
    if not counts:
        yield []
    for one in sorted(counts):
        left = counts - Counter([one])
        for rest in _arrangements(left):
            yield [one, *rest]
