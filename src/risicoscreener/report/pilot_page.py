"""A page on a pilot, for who decides on roll-out: what was asked, agreed on, found, not known."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from risicoscreener.evaluation.figure import number
from risicoscreener.evaluation.pilots.plan import recommended
from risicoscreener.evaluation.pilots.telling import amount, say, told_effect, told_icc, whole
from risicoscreener.evaluation.wording import method_text
from risicoscreener.report.evaluation.data import IconBand
from risicoscreener.report.evaluation.icons import icon, icon_array
from risicoscreener.report.evaluation.svg import drawn
from risicoscreener.report.pictures import pilots as pictures
from risicoscreener.templating import style, template
from risicoscreener.texts import Sentences, check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.evaluation.pilots import PilotEffect, PilotJudgement

_say = Sentences("risicoscreener.report", "pilot_page.toml").say_alone
_LOOK = {
    "roll_out": "good",
    "extend": "uncertain",
    "cannot_tell": "uncertain",
    "stop": "problem",
}


class _Picture(NamedTuple):
    svg: Any
    said: str


def pilot_page(judged: PilotJudgement, lang: str = "nl") -> str:
    """One page without scripts that asks nothing of the network; all that is typed is escaped.

    Parameters
    ----------
    judged
        A pilot, analysed and judged.
    lang
        ``nl`` or ``en``.
    """
    check_language(lang)
    return template("risicoscreener.report", "pilot_page.html.jinja").render(
        lang=lang,
        css=style("risicoscreener.report.evaluation", "templates/page.css"),
        w=lambda name, /, **values: _say(name, lang, **values),
        icon=icon,
        array=icon_array,
        title=judged.registration.title,
        **_head(judged, lang),
        **_found(judged, lang),
        **_design(judged, lang),
        **_sites(judged, lang),
        **_methods(judged, lang),
        unknown=_unknown(judged, lang),
    )


def _head(judged: PilotJudgement, lang: str) -> dict[str, Any]:
    registration, rule = judged.registration, judged.registration.rule
    outcome = registration.outcome
    registered = _say("registered_not", lang)
    if registration.is_registered:
        day, short = registration.registered_on, registration.hash[:16]
        registered = _say("registered_on", lang, day=day, hash=short)
    return {
        "about": [
            (_say("question", lang), registration.question),
            (_say("outcome", lang), _say(f"better_{outcome.better}", lang, name=outcome.name)),
            (_say("registered", lang), registered),
        ],
        "look": _LOOK[judged.recommendation.category],
        "category": say(f"recommend_{judged.recommendation.category}", lang),
        "reason": judged.recommendation.reason.text(lang),
        "rule": _say(
            "rule",
            lang,
            worthwhile=amount(rule.worthwhile, outcome.kind, lang),
            extra=rule.extra_sites,
            power=_percent(rule.power, lang),
            lost=rule.most_sites_lost,
        ),
    }


def _found(judged: PilotJudgement, lang: str) -> dict[str, Any]:
    result = judged.result
    bands = []
    if result.cells.kind == "binary":
        for name, level in (("of_100_without", result.without), ("of_100", result.with_)):
            n = round(100 * min(max(level, 0.0), 1.0))
            text = _say("icon_says", lang, n=n)
            band = IconBand(
                label=_say(name, lang), with_outcome=n, without_outcome=100 - n, description=text
            )
            bands.append(band)
    return {
        "effect": told_effect(result, lang),
        "bands": bands,
        "costs": judged.costs.text(lang) if judged.costs else _say("costs_absent", lang),
    }


def _design(judged: PilotJudgement, lang: str) -> dict[str, Any]:
    registration = judged.registration
    design, result = registration.pilot_design(), judged.result
    cells = result.cells if result.design.sites == design.sites else None
    draw = partial(pictures.plot_design, design, cells, language=lang)
    worthwhile = registration.good * registration.rule.worthwhile
    forest = partial(pictures.plot_forest, result, worthwhile=worthwhile, language=lang)
    return {
        "kind": _say(f"kind_{design.kind}", lang),
        "lots": _say("by_lot" if design.randomised else "not_by_lot", lang),
        "agreed": _agreed(judged, lang),
        "deviations": [one.text(lang) for one in judged.deviations] or [say("no_deviations", lang)],
        "pictures": {
            "design": _picture(
                draw, "pilot-design", pictures.describe_design(design, language=lang)
            ),
            "sites": _picture(
                partial(pictures.plot_sites, result, language=lang),
                "pilot-sites",
                pictures.describe_sites(result, language=lang),
            ),
            "forest": _picture(
                forest, "pilot-forest", pictures.describe_forest(result, language=lang)
            ),
        },
    }


def _agreed(judged: PilotJudgement, lang: str) -> list[tuple[str, str]]:
    registration, expected = judged.registration, judged.registration.expected
    kind = registration.outcome.kind
    method = registration.analysis.method or recommended(registration.pilot_design())
    rows = [
        ("method", method_text(f"pilot_{method}").text(lang)),
        ("level", amount(expected.level, kind, lang)),
        ("cell", whole(expected.per_cell, lang)),
        ("icc", number(expected.icc, 3, lang)),
        ("worthwhile", amount(registration.rule.worthwhile, kind, lang)),
    ]
    if judged.planned:
        rows.append(("power", _percent(judged.planned.power, lang)))
    return [(_say(f"agreed_{name}", lang), value) for name, value in rows]


def _sites(judged: PilotJudgement, lang: str) -> dict[str, Any]:
    result = judged.result
    design, cells = result.design, result.cells
    rows = []
    for i, site in enumerate(design.sites):
        begun = design.exposure[i] > 0
        start = design.starts[i]
        rows.append(
            (
                site,
                design.periods[start] if start >= 0 else _say("never", lang),
                *(_level(cells, i, chosen, lang) for chosen in (~begun, begun)),
                whole(float(cells.size[i].sum()), lang),
            )
        )
    people = "time_at_risk" if cells.kind == "count" else "people"
    columns = ("site", "start", "before", "after", people)
    return {
        "sites_caption": _say("sites_caption", lang, unit=say(f"unit_{cells.kind}", lang)),
        "site_columns": [_say(name, lang) for name in columns],
        "site_rows": rows,
    }


def _level(cells: Any, i: int, chosen: Any, lang: str) -> str:
    size = float(cells.size[i, chosen].sum())
    if not size:
        return "–"
    return amount(float(np.sum(cells.total[i, chosen])) / size, cells.kind, lang)


def _methods(judged: PilotJudgement, lang: str) -> dict[str, Any]:
    result = judged.result
    kind, level = result.cells.kind, f"{100 * result.effect.level:.0f}%"
    name = method_text(f"pilot_{result.plan.method}").text(lang)
    registered = not any(one.name == "deviation_method" for one in judged.deviations)
    first = _say("planned_mark", lang, method=name) if registered else name
    rows = [_method_row(first, result.effect, kind, lang)]
    for other, effect in result.others.items():
        rows.append(_method_row(method_text(f"pilot_{other}").text(lang), effect, kind, lang))
    columns = [_say("method", lang), _say("difference", lang)]
    columns += [_say("interval", lang, level=level), _say("p", lang)]
    return {
        "method_columns": columns,
        "method_rows": rows,
        "icc": told_icc(result, lang),
        "notes": [say(f"note_{note}", lang) for note in result.notes],
    }


def _method_row(name: str, effect: PilotEffect, kind: str, lang: str) -> tuple[str, ...]:
    low, high = (amount(side, kind, lang) for side in (effect.low, effect.high))
    to = "tot" if lang == "nl" else "to"
    p_value = number(effect.p_value, 3, lang) if math.isfinite(effect.p_value) else "–"
    return name, amount(effect.value, kind, lang), f"{low} {to} {high}", p_value


def _unknown(judged: PilotJudgement, lang: str) -> list[str]:
    """What a pilot of this kind cannot say, and what this one cannot."""
    registration = judged.registration
    found = []
    if judged.planned:
        worthwhile = amount(registration.rule.worthwhile, registration.outcome.kind, lang)
        power = _percent(judged.planned.power, lang)
        found.append(_say("unknown_power", lang, worthwhile=worthwhile, power=power))
    if not judged.result.design.randomised:
        found.append(_say("unknown_trends", lang))
    if judged.result.plan.effect == "constant":
        found.append(_say("unknown_growing", lang))
    names = ("elsewhere", "later", "people", "recorded", "sides")
    return [*found, *(_say(f"unknown_{name}", lang) for name in names)]


def _picture(draw: Callable[[], Axes], name: str, said: str) -> _Picture:
    from markupsafe import Markup

    return _Picture(Markup(drawn(draw, name)), said)  # noqa: S704  (drawn here, and cleaned)


def _percent(share: float, lang: str) -> str:
    return number(100 * share, 0, lang) + "%"
