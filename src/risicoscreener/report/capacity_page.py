"""A page on a forecast of capacity: in words, in pictures, and by month, ground and prison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity import bottlenecks, compare_forecasts
from risicoscreener.impact.capacity.wording import say
from risicoscreener.impact.wording import number, percent
from risicoscreener.report.evaluation.svg import drawn
from risicoscreener.report.pictures import capacity as pictures
from risicoscreener.report.pictures.wording import words
from risicoscreener.templating import template
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.impact.capacity import Forecast

_HEADS = {
    "page": {"nl": "Verwachte capaciteit", "en": "Forecast of capacity"},
    "pictures": {"nl": "Dag voor dag", "en": "Day by day"},
    "shortages": {"nl": "Wat tekortschiet, en wanneer", "en": "What falls short, and when"},
    "months": {"nl": "Per maand", "en": "By month"},
    "ground": {"nl": "Naar titel van detentie", "en": "By ground of detention"},
    "prison": {"nl": "Naar inrichting", "en": "By prison"},
    "settings": {"nl": "Aannames die zijn veranderd", "en": "Assumptions that were changed"},
}
_COLUMNS = {
    "first": {"nl": "eerste maand", "en": "first month"},
    "last": {"nl": "laatste maand", "en": "last month"},
    "none": {"nl": "geen", "en": "none"},
    "setting": {"nl": "instelling", "en": "setting"},
    "value": {"nl": "waarde", "en": "value"},
}
IN_MONTHS = ("occupancy", "low_security", "arrivals", "waiting", "shell", "short", "hours")
_DRAWN = ("occupancy", "regular", "waiting", "shell", "short", "low_security")


def capacity_page(forecasts: Sequence[Forecast], lang: str = "nl") -> str:
    """A page that stands alone, on one forecast or on two that are compared.

    Parameters
    ----------
    forecasts
        One or two; of two the second is compared with the first.
    lang
        ``nl`` or ``en``.

    Raises
    ------
    ImpactError
        If there are none or more than two, or two that cannot be compared.
    """
    language = check_language(lang)
    if len(forecasts) not in (1, 2):
        raise ImpactError(f"there are {len(forecasts)} forecasts; expected one or two")
    last = forecasts[-1]
    both = compare_forecasts(*forecasts) if len(forecasts) == 2 else None
    figures = [
        _days(forecasts, name, language) for name in _DRAWN if _is_something(forecasts, name)
    ]
    if both is not None:
        change = partial(pictures.plot_change, both, language=language)
        said = pictures.describe_change(both, language=language)
        figures.append(_figure(change, "change", said))
    work = partial(pictures.plot_work, last, language=language)
    figures.append(_figure(work, "work", pictures.describe_work(last, language=language)))
    shortage = None
    if bottlenecks(last):
        loads = partial(pictures.plot_loads, last, language=language)
        shortage = _figure(loads, "loads", words("capacity", "loads_say", language))
    return template("risicoscreener.report", "capacity_page.html.jinja").render(
        lang=language,
        heads={name: texts[language] for name, texts in _HEADS.items()},
        blocks=_blocks((both or last).text(language)),
        figures=figures,
        shortage=shortage,
        tables=[table for table in _tables(last, language) if table["rows"]],
    )


def _is_something(forecasts: Sequence[Forecast], name: str) -> bool:
    """Whether there is more to see of a series than zero."""
    if name == "regular" and not bottlenecks(forecasts[-1]):
        return False
    return any(one.series(name)[""].any() for one in forecasts)


def _days(forecasts: Sequence[Forecast], name: str, lang: str) -> dict[str, str]:
    draw = partial(pictures.plot_days, forecasts, name=name, language=lang)
    return _figure(draw, name, pictures.describe_days(forecasts, name=name, language=lang))


def _figure(draw: Callable[[], Axes], name: str, said: str) -> dict[str, str]:
    return {"svg": drawn(draw, name), "said": said}


def _blocks(text: str) -> list[dict[str, Any]]:
    """Lines as paragraphs, and those that begin with a dash as a list."""
    lines = [line for line in text.splitlines() if line]
    found: list[dict[str, Any]] = []
    for is_list, group in groupby(lines, key=lambda line: line.startswith("- ")):
        found.append({"is_list": is_list, "lines": [line[2 * is_list :] for line in group]})
    return found


def _tables(found: Forecast, lang: str) -> list[dict[str, Any]]:
    return [
        _shortages(found, lang),
        _months(found, lang),
        _groups(found, "ground", lang),
        _groups(found, "prison", lang),
        _settings(found, lang),
    ]


def _shortages(found: Forecast, lang: str) -> dict[str, Any]:
    heads = [say("columns", name, lang) for name in ("resource", "load", "chance", "first_month")]
    none = _COLUMNS["none"][lang]
    rows = [
        [
            one.name(lang),
            number(one.load, lang, 2),
            percent(one.chance, lang),
            f"{one.first_month:%Y-%m}" if one.first_month else none,
        ]
        for one in bottlenecks(found)
    ]
    return {"id": "shortages", "heads": heads, "rows": rows}


def _months(found: Forecast, lang: str) -> dict[str, Any]:
    frame = found.months(lang)
    kept = [name for name in IN_MONTHS if found.by_month[name].any()]
    months = sorted(set(frame["month"]))
    cells = {
        (row["name"], row["month"]): _with_limits(row, lang) for row in frame.to_dict("records")
    }
    heads = [say("columns", "month", lang), *(found.name_of(name, lang) for name in kept)]
    rows = [[f"{m:%Y-%m}", *(cells[name, m] for name in kept)] for m in months]
    return {"id": "months", "heads": heads, "rows": rows}


def _groups(found: Forecast, by: str, lang: str) -> dict[str, Any]:
    """People inside in the first and the last month."""
    edges = found.month_edges
    rows = []
    for group, days in found.series("occupancy", by=by).items():
        if not days.any():
            continue
        name = say("grounds", group, lang) if by == "ground" else group
        spans = (days[:, a:b].mean(axis=1) for a, b in (edges[:2], edges[-2:]))
        rows.append([name, *(_limits(values, found.level, lang) for values in spans)])
    heads = [_HEADS[by][lang], _COLUMNS["first"][lang], _COLUMNS["last"][lang]]
    return {"id": by, "heads": heads, "rows": rows}


def _settings(found: Forecast, lang: str) -> dict[str, Any]:
    rows = [[key, str(value)] for key, value in found.settings.changed().items()]
    heads = [_COLUMNS["setting"][lang], _COLUMNS["value"][lang]]
    return {"id": "settings", "heads": heads, "rows": rows}


def _with_limits(row: dict[Any, Any], lang: str) -> str:
    value, low, high = (number(row[name], lang, 0) for name in ("value", "low", "high"))
    return f"{value} ({low}–{high})"


def _limits(values: Any, level: float, lang: str) -> str:
    from risicoscreener.impact.capacity.frames import predicted

    one = predicted("", values, level)
    return _with_limits({"value": one.value, "low": one.low, "high": one.high}, lang)
