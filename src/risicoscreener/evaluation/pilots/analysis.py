"""One pilot, one analysis: an effect with an interval that holds with few sites."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from scipy.special import stdtr

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.figure import plain
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.pilots.adoption import group_time
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import FloatArray, PilotDesign
from risicoscreener.evaluation.pilots.mixed import MixedFit, fit_mixed
from risicoscreener.evaluation.pilots.model import CellModel, Effect, Time, cell_model
from risicoscreener.evaluation.pilots.naive import ignoring_sites, normal_sandwich, without_time
from risicoscreener.evaluation.pilots.randomisation import WORKING_CAC, WORKING_ICC, randomisation
from risicoscreener.evaluation.pilots.robust import robust_error
from risicoscreener.evaluation.pilots.wild import wild_bootstrap

Method = Literal[
    "randomisation",
    "kenward_roger",
    "satterthwaite",
    "between_within",
    "cr2",
    "wild_bootstrap",
    "group_time",
    "ignoring_sites",
    "normal_sandwich",
    "without_time",
]
METHODS: tuple[str, ...] = get_args(Method)
WRONG: tuple[str, ...] = ("ignoring_sites", "normal_sandwich", "without_time")
"""Kept to compare with; not for decisions."""
MEASURE = {"binary": "risk_difference", "count": "rate_difference", "continuous": "mean_difference"}
COARSEST_P = 0.05


@dataclass(frozen=True)
class AnalysisPlan:
    """How a pilot is analysed; chosen before the outcomes are seen.

    Attributes
    ----------
    method
        A name in `METHODS`; empty for the one that `recommended` gives.
    effect
        ``constant``, or ``by_exposure_time``: the mean of effects by time since the start.
    time
        ``periods``, or ``linear`` where there are too many periods for the number of cells.
    site_effects
        Compare sites only with themselves (difference in differences).
    level
        Of intervals.
    icc, cac
        For the weights of randomisation inference.
    seed, draws
        Of what draws.
    """

    method: str = ""
    effect: Effect = "constant"
    time: Time = "periods"
    site_effects: bool = False
    level: float = 0.95
    icc: float = WORKING_ICC
    cac: float = WORKING_CAC
    seed: int = 1
    draws: int = 1999

    def __post_init__(self) -> None:
        if self.method and self.method not in METHODS:
            raise PilotError(f"method is {self.method!r}; expected one of {', '.join(METHODS)}")
        if not isinstance(self.level, float) or not 0.5 <= self.level < 1:
            raise PilotError(f"level is {self.level!r}; expected at least 0.5 and below 1")
        if not 99 <= self.draws <= 1_000_000:
            raise PilotError(f"draws is {self.draws}; expected 99 to 1000000")

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, repr=False)
class PilotEffect(Estimate):
    """The effect of the new way of working.

    Attributes
    ----------
    p_value
        Two-sided, of no effect.
    error, degrees
        Standard error and its degrees of freedom; NaN where the method has none.
    sites
        How many were analysed.
    """

    p_value: float = math.nan
    error: float = math.nan
    degrees: float = math.nan
    sites: int = 0


@dataclass(frozen=True, eq=False)
class PilotResult:
    """What a pilot found.

    Attributes
    ----------
    design, cells, plan
        What was analysed and how; ``plan.method`` is filled in.
    effect
        By the planned method.
    others
        By other sound methods, as a check: by method.
    icc, cac
        From the mixed model; the interval of the first by profile likelihood.
    without, with_
        Expected level of the outcome without and with the new way, in the cells that had it.
    by_site
        For each site the difference between with and without, as far as it has both: name,
        value, low, high; limits are of the people within, not between sites.
    notes
        Names in ``words.toml`` of what a reader must know.
    """

    design: PilotDesign
    cells: Cells
    plan: AnalysisPlan
    effect: PilotEffect
    others: Mapping[str, PilotEffect]
    icc: Estimate
    cac: float
    without: float
    with_: float
    by_site: tuple[tuple[str, float, float, float], ...] = ()
    notes: tuple[str, ...] = ()
    fit: MixedFit | None = field(default=None, repr=False)

    def text(self, lang: str = "nl") -> str:
        """The effect and what it rests on, in words."""
        from risicoscreener.evaluation.pilots.telling import told

        return told(self, lang)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "design": self.design.to_dict(),
            "plan": self.plan.to_dict(),
            "outcome": self.cells.kind,
            "effect": self.effect.to_dict(),
            "others": {name: one.to_dict() for name, one in self.others.items()},
            "icc": self.icc.to_dict(),
            "cac": plain(self.cac),
            "without": plain(self.without),
            "with": plain(self.with_),
            "by_site": [
                {"site": site, "value": plain(v), "low": plain(low), "high": plain(high)}
                for site, v, low, high in self.by_site
            ],
            "notes": list(self.notes),
        }

    def to_frame(self, lang: str = "en") -> Any:
        """A row for each method, the planned one first."""
        import pandas as pd

        from risicoscreener.evaluation.wording import method_text

        methods = {self.plan.method: self.effect, **self.others}
        rows = [
            {
                "method": method_text(one.method).text(lang) if one.method else name,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "p_value": one.p_value,
                "degrees": one.degrees,
            }
            for name, one in methods.items()
        ]
        return pd.DataFrame(rows, index=list(methods))

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(float_format="{:.4f}".format))


def recommended(design: PilotDesign) -> str:
    """The method for a design.

    Randomisation inference where lots were drawn and can give a p-value of 0.05; effects by group
    and time where sites chose when to start; otherwise a mixed model with the correction of Kenward
    and Roger.
    """
    if design.kind == "staggered":
        return "group_time"
    if design.randomised and design.smallest_p() <= COARSEST_P:
        return "randomisation"
    return "kenward_roger"


def analyse(
    cells: Cells,
    design: PilotDesign,
    plan: AnalysisPlan | None = None,
    *,
    adjust: Mapping[str, FloatArray] | None = None,
    checks: bool = True,
) -> PilotResult:
    """Analyse a pilot.

    Parameters
    ----------
    cells
        What happened, as `cells_from` gives it.
    design
        As it was planned: sites are compared as chance or choice put them, whatever happened after.
    plan
        The analysis; that of `recommended` by default.
    adjust
        By name ``(sites,)`` or ``(sites, periods)`` figures from before the start, for methods
        that rest on the mixed model.
    checks
        Whether other sound methods are tried too.

    Raises
    ------
    PilotError
        If the data do not allow the analysis.
    """
    plan = plan or AnalysisPlan()
    plan = _with(plan, method=plan.method or recommended(design))
    cells, design, notes = _usable(cells, design)
    effect = effect_by(plan.method, cells, design, plan, adjust=adjust)
    others = {}
    for method in _others(plan.method, design) if checks else ():
        try:
            others[method] = effect_by(method, cells, design, plan, adjust=adjust)
        except PilotError:
            continue
    fit = _mixed_or_none(cells, design, plan, adjust)
    without, with_ = _levels(cells, design, effect.value)
    return PilotResult(
        design,
        cells,
        plan,
        effect,
        others,
        _icc(fit, cells, plan.level),
        fit.cac if fit else math.nan,
        without,
        with_,
        _by_site(cells, design, plan.level),
        (*notes, *_notes(plan, design)),
        fit,
    )


def effect_by(
    method: str,
    cells: Cells,
    design: PilotDesign,
    plan: AnalysisPlan,
    *,
    adjust: Mapping[str, FloatArray] | None = None,
) -> PilotEffect:
    """The effect by one method.

    Raises
    ------
    PilotError
        If there is no such method, or it cannot be used on this.
    """
    if method not in METHODS:
        raise PilotError(f"method is {method!r}; expected one of {', '.join(METHODS)}")
    if adjust and method in ("randomisation", "group_time", *WRONG):
        raise PilotError(f"method {method!r} does not adjust for figures; expected a mixed model")
    make = partial(_effect, method, cells, design, plan.level)
    if method == "randomisation":
        return _by_lots(cells, design, plan, make)
    if method == "group_time":
        return _by_group(cells, design, plan, make)
    if method in WRONG:
        return make(*_NAIVE[method](cells, design))
    model = cell_model(
        cells,
        design,
        effect=plan.effect,
        time=plan.time,
        site_effects=plan.site_effects,
        adjust=adjust,
    )
    fit = fit_mixed(model)
    if method == "wild_bootstrap":
        return _by_bootstrap(fit, plan, make)
    if method == "cr2":
        return make(*_cr2(model, fit))
    error, degrees = fit.error(method)  # type: ignore[arg-type]
    return make(fit.value, error, degrees)


_NAIVE: dict[str, Callable[[Cells, PilotDesign], tuple[float, float, float]]] = {
    "ignoring_sites": ignoring_sites,
    "normal_sandwich": normal_sandwich,
    "without_time": without_time,
}


def _effect(
    method: str,
    cells: Cells,
    design: PilotDesign,
    level: float,
    value: float,
    error: float = math.nan,
    degrees: float = math.nan,
    *,
    limits: tuple[float, float] | None = None,
    p_value: float = math.nan,
) -> PilotEffect:
    """An effect, with limits from its standard error where none are given."""
    if limits is None:
        normal = not math.isfinite(degrees) or degrees > 1e6
        half = error * quantile(level, None if normal else degrees + 1)
        limits = value - half, value + half
        p_value = (
            2 * float(stdtr(min(degrees, 1e9), -abs(value) / error)) if error > 0 else math.nan
        )
    low, high = limits
    known = math.isfinite(low) and math.isfinite(high)
    return PilotEffect(
        MEASURE[cells.kind],
        value,
        low,
        high,
        level,
        f"pilot_{method}" if known else "",
        cells.people,
        round(float(cells.total.sum())) if cells.kind != "continuous" else 0,
        "" if known else "few_assignments",
        p_value=p_value,
        error=error,
        degrees=degrees if math.isfinite(degrees) else math.nan,
        sites=len(design.sites),
    )


def _by_lots(
    cells: Cells, design: PilotDesign, plan: AnalysisPlan, make: Callable[..., PilotEffect]
) -> PilotEffect:
    test = randomisation(
        design,
        cells,
        effect=plan.effect,
        icc=plan.icc,
        cac=plan.cac,
        site_effects=plan.site_effects,
        seed=plan.seed,
        draws=max(plan.draws, 4999),
    )
    mean = cells.mean
    return make(
        float(test.estimates(mean)[0]),
        limits=test.interval(mean, plan.level),
        p_value=test.p_value(mean),
    )


def _by_group(
    cells: Cells, design: PilotDesign, plan: AnalysisPlan, make: Callable[..., PilotEffect]
) -> PilotEffect:
    found = group_time(cells, design)
    return make(found.value, found.error, found.degrees)


def _by_bootstrap(
    fit: MixedFit, plan: AnalysisPlan, make: Callable[..., PilotEffect]
) -> PilotEffect:
    test = wild_bootstrap(fit.model, fit.inverse, draws=plan.draws, seed=plan.seed)
    return make(test.value, test.error, limits=test.interval(plan.level), p_value=test.p_value())


def _cr2(model: CellModel, fit: MixedFit) -> tuple[float, float, float]:
    return robust_error(model, fit.inverse, np.linalg.inv(fit.inverse))


def _others(method: str, design: PilotDesign) -> list[str]:
    """Sound methods besides the planned one."""
    sound = ["randomisation"] if design.randomised else []
    sound += ["kenward_roger", "cr2", "wild_bootstrap"]
    if design.kind == "staggered":
        sound.append("group_time")
    return [one for one in sound if one != method]


def _mixed_or_none(
    cells: Cells, design: PilotDesign, plan: AnalysisPlan, adjust: Any
) -> MixedFit | None:
    """The mixed model without fixed levels of sites, for how cells hang together."""
    try:
        return fit_mixed(
            cell_model(cells, design, effect=plan.effect, time=plan.time, adjust=adjust)
        )
    except PilotError:
        return None


def _icc(fit: MixedFit | None, cells: Cells, level: float) -> Estimate:
    if fit is None or cells.kind == "count":
        return Estimate("icc", math.nan, level=level, problem="not_defined")
    low, high = fit.icc_interval(level)
    known = math.isfinite(low) and math.isfinite(high)
    return Estimate("icc", fit.icc, low, high, level, "profile" if known else "", cells.people)


def _levels(cells: Cells, design: PilotDesign, value: float) -> tuple[float, float]:
    """The level seen with the new way, and what it would have been without."""
    with_it = (design.exposure > 0) & design.analysed & cells.seen
    level = float(cells.total[with_it].sum() / cells.size[with_it].sum())
    return level - value, level


def _by_site(
    cells: Cells, design: PilotDesign, level: float
) -> tuple[tuple[str, float, float, float], ...]:
    """With less without, within each site, less the change of the others in the same periods."""
    kept = cells.seen & design.analysed
    found = []
    for i, site in enumerate(design.sites):
        parts = [_difference(cells, design, kept, i)]
        value, variance = parts[0]
        half = quantile(level) * math.sqrt(variance) if variance >= 0 else math.nan
        found.append((site, value, value - half, value + half))
    return tuple(found)


def _difference(cells: Cells, design: PilotDesign, kept: Any, i: int) -> tuple[float, float]:
    """Change of one site from before to after its start, less that of sites without a change.

    Per exposed period the sites that are not yet exposed then are the comparison; without a
    period before, the site's level less theirs.
    """
    mean, exposure, start = cells.mean, design.exposure, design.starts[i]
    others = np.arange(len(design.sites)) != i
    variance = cells.within[0]
    before = np.flatnonzero(kept[i] & (exposure[i] == 0))
    values, noise, weights = [], [], []
    if start < 0:
        return math.nan, math.nan
    for t in np.flatnonzero(kept[i] & (exposure[i] == 1)):
        free = others & kept[:, t] & (exposure[:, t] == 0)
        if not free.any():
            continue
        size = cells.size[free, t]
        value = mean[i, t] - float(cells.total[free, t].sum() / size.sum())
        spread = variance * (1 / cells.size[i, t] + 1 / size.sum())
        if len(before):
            own = cells.total[i, before].sum() / cells.size[i, before].sum()
            theirs = cells.size[np.ix_(free, before)].sum()
            if theirs == 0:
                continue
            value -= own - cells.total[np.ix_(free, before)].sum() / theirs
            spread += variance * (1 / cells.size[i, before].sum() + 1 / theirs)
        values.append(value)
        noise.append(spread)
        weights.append(cells.size[i, t])
    if not values:
        return math.nan, math.nan
    share = np.array(weights) / np.sum(weights)
    # Periods share the same 'before': their errors are taken as fully correlated, which is wide.
    return float(share @ np.array(values)), float((share @ np.sqrt(noise)) ** 2)


def _usable(cells: Cells, design: PilotDesign) -> tuple[Cells, PilotDesign, tuple[str, ...]]:
    """Without sites of which nothing is known; what that means is noted."""
    if cells.size.shape != design.shape:
        raise PilotError(f"cells have shape {cells.size.shape}; expected {design.shape}")
    notes: list[str] = []
    known = [i for i in range(design.shape[0]) if cells.seen[i].any()]
    if len(known) < design.shape[0]:
        notes.append("site_without_data")
        design = design.only([design.sites[i] for i in known])
        cells = cells.only(known)
    if not cells.seen[:, :].all():
        notes.append("cells_missing")
    return cells, design, tuple(notes)


def _notes(plan: AnalysisPlan, design: PilotDesign) -> tuple[str, ...]:
    found = []
    if plan.method in WRONG:
        found.append("wrong_method")
    if plan.method == "randomisation" and not design.randomised:
        found.append("no_lots")
    if not design.randomised:
        found.append("not_randomised")
    if plan.time != "periods":
        found.append("no_periods")
    return tuple(found)


def _with(plan: AnalysisPlan, **changes: Any) -> AnalysisPlan:
    return AnalysisPlan(**{**plan.to_dict(), **changes})
