"""A page on a model in use: alarms and who acts, advice, pictures, and every stream."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.monitoring.settings import kinds
from risicoscreener.report.evaluation.svg import drawn
from risicoscreener.report.pictures import monitoring as pictures
from risicoscreener.report.pictures.wording import number, percent
from risicoscreener.templating import template
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.monitoring import Advice, Monitored, StreamFound

LARGEST_SHOWN = 1e6
"""Larger e-values are shown as a power of ten."""


def monitoring_page(found: Monitored, advice: Advice, lang: str = "nl") -> str:
    """A page that stands alone: nothing in it comes from elsewhere.

    Parameters
    ----------
    found
        What a monitor found.
    advice
        From `risicoscreener.monitoring.advise`.
    lang
        ``nl`` or ``en``.
    """
    language = check_language(lang)
    words = {name: texts.text(language) for name, texts in _words().items()}
    settings = found.settings
    return template("risicoscreener.report", "templates/monitoring.html.jinja").render(
        lang=language,
        words=words,
        title=settings.title,
        until=words["until"].format(as_of=found.as_of, model=settings.model, owner=settings.owner),
        summary=found.summary(language)[1:],
        alarms=[_alarm(found, one, language) for one in found.alarms],
        calm=words["no_alarms_silent" if found.silent or not found.periods else "no_alarms"],
        advice=advice.sentences(language),
        figures=_figures(found, language) if found.periods else [],
        tables=[table for table in _tables(found, words, language) if table["rows"]],
        reading=_reading(found, words, language),
        kinds=_kinds(found, language),
    )


@cache
def _words() -> dict[str, Texts]:
    content = (files("risicoscreener.report") / "monitoring_page.toml").read_bytes()
    return msgspec.toml.decode(content, type=dict[str, Texts])


def _alarm(found: Monitored, one: StreamFound, lang: str) -> dict[str, str]:
    stream = found.stream_settings(one)
    return {
        "name": found.name_of(one, lang),
        "alarm": one.alarm,
        "since": one.since,
        "found": found.says(one, lang),
        "meaning": found.settings.meaning(stream, lang),
        "who": (stream.who or kinds()[stream.kind].who).text(lang),
    }


def _figures(found: Monitored, lang: str) -> list[dict[str, str]]:
    figures = []
    if pictures.drawn_streams(found):
        figures.append(_figure(pictures.plot_evidence, pictures.describe_evidence, found, lang))
    if pictures.ratio_streams(found):
        figures.append(_figure(pictures.plot_ratio, pictures.describe_ratio, found, lang))
    if pictures.volume_stream(found) is not None:
        figures.append(_figure(pictures.plot_volume, pictures.describe_volume, found, lang))
    if pictures.watches_queue(found):
        figures.append(_figure(pictures.plot_waiting, pictures.describe_waiting, found, lang))
    return figures


def _figure(
    plot: Callable[..., Axes], describe: Callable[..., str], found: Monitored, lang: str
) -> dict[str, str]:
    draw = partial(plot, found, language=lang)
    return {"svg": drawn(draw, plot.__name__), "said": describe(found, language=lang)}


def _tables(found: Monitored, words: dict[str, str], lang: str) -> list[dict[str, Any]]:
    """Streams of everybody, then those of groups."""
    heads = [words[name] for name in ("stream", "state", "evidence", "from_", "stability")]
    heads += [words[name] for name in ("interval", "found", "tolerated")]
    silent = {one.key for one in found.silent}
    return [
        {
            "id": name,
            "head": words[name],
            "heads": heads,
            "rows": [
                _row(found, one, words, lang, silent)
                for one in found.streams
                if bool(one.column) == (name == "groups")
            ],
        }
        for name in ("streams", "groups")
    ]


def _row(
    found: Monitored, one: StreamFound, words: dict[str, str], lang: str, silent: set[str]
) -> dict[str, Any]:
    stream = found.stream_settings(one)
    tolerance = number(stream.tolerated, 2, lang)
    none = words["none"]
    between = none
    if one.interval is not None:
        between = " – ".join(percent(limit, lang, 1) for limit in one.interval)
    return {
        "name": found.name_of(one, lang),
        "alarm": one.is_alarm,
        "state": words["alarm" if one.is_alarm else "silent" if one.key in silent else "quiet"],
        "numbers": [
            _evidence(one.log_e, one, lang),
            _evidence(one.threshold, one, lang),
            none if one.stability is None else number(one.stability, 3, lang),
            between,
        ],
        "texts": [
            found.says(one, lang),
            kinds()[stream.kind].tolerated.text(lang).format(tolerance=tolerance),
        ],
    }


def _evidence(value: float, one: StreamFound, lang: str) -> str:
    """An e-value from its log; of a CUSUM a part of its limit."""
    if one.kind == "cusum":
        return number(value, 2, lang)
    if value < math.log(LARGEST_SHOWN):
        return number(math.exp(value), 2, lang)
    return f"10^{number(value / math.log(10), 0, lang)}"


def _kinds(found: Monitored, lang: str) -> list[dict[str, str]]:
    """What an alarm of each kind that is watched would mean, and who would act on it."""
    watched = {kinds()[one.kind].title.text(lang): one for one in reversed(found.settings.streams)}
    return [
        {
            "title": title,
            "meaning": found.settings.meaning(one, lang),
            "who": (one.who or kinds()[one.kind].who).text(lang),
        }
        for title, one in reversed(watched.items())
    ]


def _reading(found: Monitored, words: dict[str, str], lang: str) -> list[str]:
    settings = found.settings
    return [
        words["reading_e"].format(factor=number(1 / settings.level, 0, lang)),
        words["reading_level"].format(
            level=percent(settings.level, lang, 1),
            alpha=percent(settings.reference.alpha, lang, 1),
            control=words[settings.control],
        ),
        words["reading_quiet"],
        words["reading_psi"],
        words["reading_act"],
    ]
