"""One pilot, one analysis: an effect with an interval that holds with few sites."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from scipy.special import stdtr

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.pilots.adoption import group_time
from risicoscreener.evaluation.pilots.by_site import by_site, levels
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import FloatArray, PilotDesign
from risicoscreener.evaluation.pilots.mixed import MixedFit, fit_mixed
from risicoscreener.evaluation.pilots.model import (
    CellModel,
    cell_model,
    inverse_of,
    working_covariance,
)
from risicoscreener.evaluation.pilots.naive import ignoring_sites, normal_sandwich, without_time
from risicoscreener.evaluation.pilots.plan import METHODS, WRONG, AnalysisPlan, recommended
from risicoscreener.evaluation.pilots.randomisation import randomisation
from risicoscreener.evaluation.pilots.result import PilotEffect, PilotResult
from risicoscreener.evaluation.pilots.robust import check_spread, robust_error
from risicoscreener.evaluation.pilots.wild import WildBootstrap, wild_bootstrap

MEASURE = {"binary": "risk_difference", "count": "rate_difference", "continuous": "mean_difference"}


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
    plan = replace(plan, method=plan.method or recommended(design))
    cells, design, notes = _usable(cells, design)
    effect = effect_by(plan.method, cells, design, plan, adjust=adjust)
    others = {}
    for method in _others(plan.method, design) if checks else ():
        try:
            others[method] = effect_by(method, cells, design, plan, adjust=adjust)
        except PilotError:
            continue
    fit = _mixed_or_none(cells, design, plan, adjust)
    without, with_ = levels(cells, design, effect.value)
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
        by_site(cells, design, plan.level),
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
    fit: MixedFit | None = None,
) -> PilotEffect:
    """The effect by one method.

    Parameters
    ----------
    method
        A name in `METHODS`.
    cells, design, plan, adjust
        As of `analyse`.
    fit
        The mixed model, if it was fitted already.

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
        return _by_group(cells, design, make)
    if method in WRONG:
        return make(*_NAIVE[method](cells, design))
    if method in ("cr2", "wild_bootstrap"):
        model = planned_model(cells, design, plan, adjust=adjust)
        working = working_covariance(model.site, model.noise, plan.icc, plan.cac)
        if method == "cr2":
            return make(*robust_error(model, inverse_of(working), working))
        return _by_bootstrap(planned_bootstrap(model, plan), plan, make)
    fit = fit or fit_mixed(planned_model(cells, design, plan, adjust=adjust))
    error, degrees = fit.error(method)  # type: ignore[arg-type]
    return make(fit.value, error, degrees)


def planned_model(
    cells: Cells,
    design: PilotDesign,
    plan: AnalysisPlan,
    *,
    adjust: Mapping[str, FloatArray] | None = None,
) -> CellModel:
    """The linear model of a plan.

    Raises
    ------
    PilotError
        If the effect cannot be told apart from the rest.
    """
    return cell_model(
        cells,
        design,
        effect=plan.effect,
        time=plan.time,
        site_effects=plan.site_effects,
        adjust=adjust,
    )


def planned_bootstrap(model: CellModel, plan: AnalysisPlan) -> WildBootstrap:
    """The wild cluster bootstrap with the weights of a plan."""
    working = working_covariance(model.site, model.noise, plan.icc, plan.cac)
    return wild_bootstrap(model, inverse_of(working), draws=plan.draws, seed=plan.seed)


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
    limits = test.interval(mean, plan.level)
    # Outcomes all alike would exclude every effect but one.
    check_spread(limits[1] - limits[0], test.weights[0], mean[test.kept])
    return make(
        float(test.estimates(mean)[0]),
        limits=limits,
        p_value=test.p_value(mean),
    )


def _by_group(cells: Cells, design: PilotDesign, make: Callable[..., PilotEffect]) -> PilotEffect:
    found = group_time(cells, design)
    return make(found.value, found.error, found.degrees)


def _by_bootstrap(
    test: WildBootstrap, plan: AnalysisPlan, make: Callable[..., PilotEffect]
) -> PilotEffect:
    return make(test.value, test.error, limits=test.interval(plan.level), p_value=test.p_value())


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
        free = replace(plan, site_effects=False)
        return fit_mixed(planned_model(cells, design, free, adjust=adjust))
    except PilotError:
        return None


def _icc(fit: MixedFit | None, cells: Cells, level: float) -> Estimate:
    if fit is None or cells.kind == "count":
        return Estimate("icc", math.nan, level=level, problem="not_defined")
    low, high = fit.icc_interval(level)
    known = math.isfinite(low) and math.isfinite(high)
    return Estimate("icc", fit.icc, low, high, level, "profile" if known else "", cells.people)


def _usable(cells: Cells, design: PilotDesign) -> tuple[Cells, PilotDesign, tuple[str, ...]]:
    """Without sites of which nothing is known; what that means is noted."""
    if cells.size.shape != design.shape:
        raise PilotError(f"cells have shape {cells.size.shape}; expected {design.shape}")
    notes: list[str] = []
    known = [i for i in range(design.shape[0]) if cells.seen[i].any()]
    if len(known) < 2:
        raise PilotError(f"sites with outcomes: {len(known)}; expected at least two")
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
