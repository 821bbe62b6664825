"""Power before a pilot begins: what it could find, and what it could not."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, stdtr

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.figure import plain
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.pilots.cells import OUTCOME_KINDS, OutcomeKind
from risicoscreener.evaluation.pilots.design import FloatArray, PilotDesign

SIZE_DRAWS = 50
"""Tables of sizes over which precision is averaged where sizes differ."""
ENOUGH = 0.8


@dataclass(frozen=True)
class Assumed:
    """What is assumed of the outcome before the pilot.

    Attributes
    ----------
    kind
        ``binary``, ``count`` or ``continuous``.
    level
        Expected share, rate or mean without the new way.
    per_cell
        People (of counts time at risk) in each site in each period.
    icc
        Correlation of two people of one site in one period; of counts not used.
    cac
        The part of it that remains between two periods.
    between_cv
        Of counts: standard deviation of the rates of sites and periods as a part of the level.
    sd
        Of continuous outcomes: standard deviation between people.
    size_cv
        Coefficient of variation of the sizes of sites; 0 where they are alike.
    same_people
        Correlation of a person with themselves between periods beyond that of the site, where the
        same people are measured each period; 0 where each period has new people.
    decay
        Whether `cac` holds for neighbouring periods and shrinks further with the distance.
    """

    kind: OutcomeKind
    level: float
    per_cell: float
    icc: float = 0.05
    cac: float = 0.8
    between_cv: float = 0.25
    sd: float = 1.0
    size_cv: float = 0.0
    same_people: float = 0.0
    decay: bool = False

    def __post_init__(self) -> None:
        _check(self)

    def room(self, effect: float) -> float:
        """How far the level can move in the direction of an effect."""
        if self.kind == "continuous" or (self.kind == "count" and effect > 0):
            return math.inf
        return self.level if effect < 0 else 1 - self.level

    def variances(self, effect: float = 0.0) -> tuple[float, float, float, float]:
        """Of sites, of periods within sites, of people between periods, and the rest of people."""
        middle = self.level + effect / 2
        if self.kind == "count":
            between = (self.between_cv * self.level) ** 2
            return self.cac * between, (1 - self.cac) * between, 0.0, max(middle, 1e-12)
        total = self.sd**2
        if self.kind == "binary":
            if not 0 < middle < 1:
                raise PilotError(
                    f"level {self.level} and effect {effect} leave the shares from 0 to 1"
                )
            total = middle * (1 - middle)
        within = (1 - self.icc) * total
        person = self.same_people * within
        return (
            self.icc * self.cac * total,
            self.icc * (1 - self.cac) * total,
            person,
            within - person,
        )


@dataclass(frozen=True)
class Power:
    """What a design can find.

    Attributes
    ----------
    effect
        Looked for.
    error
        Standard error expected.
    degrees
        Of freedom.
    power
        Probability to find it, if it is there.
    detectable
        The smallest effect that is found with probability `wanted`; a size without direction.
    wanted
        0.8 by default.
    sites, periods
        Of the design.
    most
        Power if there were people without end: what more people could bring at most.
    level
        Of the interval.
    runs
        Of a simulation; 0 for the formula.
    p_floor
        The smallest p-value that lots can give.
    possible
        The size of effect, in the direction looked for, that takes the level to the end of what it
        can be; infinite where there is no end.
    """

    effect: float
    error: float
    degrees: float
    power: float
    detectable: float
    wanted: float
    sites: int
    periods: int
    most: float
    level: float = 0.95
    runs: int = 0
    p_floor: float = 0.0
    possible: float = math.inf

    @property
    def monte_carlo_error(self) -> float:
        """Standard error of a simulated power; 0 of the formula."""
        return math.sqrt(self.power * (1 - self.power) / self.runs) if self.runs else 0.0

    @property
    def enough(self) -> bool:
        """Whether the power is what was wanted."""
        return self.power >= self.wanted

    def text(self, lang: str = "nl") -> str:
        """In words, with what it means for the decision to begin."""
        from risicoscreener.evaluation.pilots.telling import told_power

        return told_power(self, lang)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {name: plain(value) for name, value in vars(self).items()} | {"enough": self.enough}


def effect_error(
    design: PilotDesign,
    size: float | FloatArray,
    *,
    site: float,
    site_period: float = 0.0,
    within: float,
    person: float = 0.0,
    decay: float | None = None,
) -> float:
    """Standard error of the effect under known variances, periods estimated.

    Parameters
    ----------
    size
        People in each cell, or ``(sites, periods)``; cells that the design leaves out do not count.
    site, site_period, person, within
        Variances: of sites, of periods within sites, of people who are measured each period (shared
        between periods), and the rest of people.
    decay
        If given, the correlation of neighbouring periods of a site; `site` and `site_period` are
        then taken together and it shrinks as a power of the distance.

    Raises
    ------
    PilotError
        If the effect cannot be told apart from periods.

    References
    ----------
    Hussey and Hughes (2007), Contemporary Clinical Trials 28:182-191. Hooper et al. (2016),
    Statistics in Medicine 35:4718-4728. Kasza et al. (2019), Statistical Methods in Medical
    Research 28:703-716 (decay). Hemming et al. (2015), Statistics in Medicine 34:181-196
    (incomplete designs).
    """
    n_sites, n_periods = design.shape
    sizes = np.broadcast_to(np.asarray(size, dtype=np.float64), design.shape)
    seen = design.analysed & (sizes > 0)
    if decay is None:
        shared = np.full((n_periods, n_periods), site) + site_period * np.eye(n_periods)
    else:
        distance = np.abs(np.subtract.outer(np.arange(n_periods), np.arange(n_periods)))
        shared = (site + site_period) * decay**distance
    information = np.zeros((n_periods + 1, n_periods + 1))
    for i in range(n_sites):
        kept = np.flatnonzero(seen[i])
        if not len(kept):
            continue
        n = sizes[i, kept]
        people = person / np.sqrt(np.outer(n, n))
        covariance = shared[np.ix_(kept, kept)] + people + np.diag(within / n)
        x = np.column_stack([design.exposure[i, kept], np.eye(n_periods)[kept]])
        information += x.T @ np.linalg.solve(covariance, x)
    used = np.append(True, seen.any(axis=0))
    information = information[np.ix_(used, used)]
    rest = (
        information[0, 0]
        - information[0, 1:] @ np.linalg.pinv(information[1:, 1:]) @ (information[1:, 0])
    )
    if not rest > 1e-9 * information[0, 0]:
        raise PilotError("the effect cannot be told apart from periods")
    return float(1 / math.sqrt(rest))


def power(
    design: PilotDesign,
    assumed: Assumed,
    effect: float,
    *,
    level: float = 0.95,
    wanted: float = ENOUGH,
    normal: bool = False,
) -> Power:
    """Power of a two-sided test by the formula for known variances.

    Parameters
    ----------
    effect
        Difference to be found, in shares, rates or means.
    level
        Of the interval; the test is at 1 less it.
    wanted
        Power for which the smallest effect is sought.
    normal
        Use the normal distribution, as the published formulas do. By default Student's t with two
        degrees fewer than there are sites, which few sites need.

    Raises
    ------
    PilotError
        If something does not fit together.
    """
    check_effect(effect, assumed)
    degrees = math.inf if normal else float(max(len(design.sites) - 2, 1))
    error = expected_error(design, assumed, effect)
    endless = expected_error(design, replace(assumed, per_cell=1e9, size_cv=0.0), effect)

    def short(size: float) -> float:
        return power_at(size, error, degrees, level) - wanted

    far = error
    while short(far) < 0:
        far *= 2
    return Power(
        effect,
        error,
        degrees,
        power_at(abs(effect), error, degrees, level),
        float(brentq(short, 0.0, far, xtol=1e-10)) if short(0.0) < 0 else 0.0,
        wanted,
        *design.shape,
        power_at(abs(effect), endless, degrees, level),
        level,
        p_floor=design.smallest_p() if design.randomised else 0.0,
        possible=assumed.room(effect),
    )


def check_effect(effect: float, assumed: Assumed) -> None:
    """That it is a difference, and one that there can be.

    Raises
    ------
    PilotError
        Otherwise.
    """
    if not math.isfinite(effect) or effect == 0:
        raise PilotError(f"effect is {effect}; expected a difference that is not 0")
    if abs(effect) >= assumed.room(effect):
        ends = "0 to 1" if assumed.kind == "binary" else "0 up"
        raise PilotError(
            f"effect is {effect}; expected one that leaves the level of {assumed.level:g} between "
            f"what it can be, {ends}"
        )


def expected_error(design: PilotDesign, assumed: Assumed, effect: float = 0.0) -> float:
    """Standard error of the effect, over tables of sizes where sizes differ."""
    site, site_period, person, within = assumed.variances(effect)
    decay = assumed.cac if assumed.decay else None
    if decay is not None:
        site, site_period = site + site_period, 0.0
    rng = np.random.default_rng(0)
    draws = SIZE_DRAWS if assumed.size_cv > 0 else 1
    precision = [
        effect_error(
            design,
            sizes_of(design, assumed, rng),
            site=site,
            site_period=site_period,
            person=person,
            within=within,
            decay=decay,
        )
        ** -2
        for _ in range(draws)
    ]
    return float(np.mean(precision) ** -0.5)


def sizes_of(design: PilotDesign, assumed: Assumed, rng: np.random.Generator) -> FloatArray:
    """``(sites, periods)`` sizes: each site its own, the same in all periods."""
    if assumed.size_cv == 0:
        return np.full(design.shape, assumed.per_cell)
    spread = math.log1p(assumed.size_cv**2)
    of_site = np.exp(rng.normal(-spread / 2, math.sqrt(spread), design.shape[0]))
    sizes = np.maximum(np.round(of_site * assumed.per_cell), 1.0)
    return np.repeat(sizes[:, None], design.shape[1], axis=1)


def power_at(size: float, error: float, degrees: float, level: float) -> float:
    """Power for an effect of a size and a standard error.

    With Student's t the non-central distribution is taken as a shifted one, as trial software does.
    """
    if math.isinf(degrees):
        limit = quantile(level)
        return float(ndtr(size / error - limit) + ndtr(-size / error - limit))
    limit = quantile(level, degrees + 1)
    return float(stdtr(degrees, size / error - limit) + stdtr(degrees, -size / error - limit))


def _check(assumed: Assumed) -> None:
    if assumed.kind not in OUTCOME_KINDS:
        raise PilotError(f"kind is {assumed.kind!r}; expected one of {', '.join(OUTCOME_KINDS)}")
    ranges: dict[str, tuple[float, float]] = {
        "per_cell": (1e-9, 1e9),
        "icc": (0.0, 0.99),
        "cac": (0.0, 1.0),
        "between_cv": (0.0, 10.0),
        "sd": (1e-12, 1e12),
        "size_cv": (0.0, 3.0),
        "same_people": (0.0, 0.99),
        "level": {"binary": (1e-6, 1 - 1e-6), "count": (1e-9, 1e9)}.get(
            assumed.kind, (-1e12, 1e12)
        ),
    }
    for name, (low, high) in ranges.items():
        value = getattr(assumed, name)
        if not (isinstance(value, int | float) and low <= value <= high):
            raise PilotError(f"{name} is {value!r}; expected {low:g} to {high:g}")
