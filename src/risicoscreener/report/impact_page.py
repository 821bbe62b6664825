"""A page on simulated impact: what was found in words, in pictures, and by prison."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from risicoscreener.impact.simulation import compare_impacts
from risicoscreener.report.evaluation.svg import drawn
from risicoscreener.report.pictures import impact as pictures
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.impact import Impact

_HEAD = {"nl": "Gesimuleerde gevolgen van beleid", "en": "Simulated impact of policy"}
_STYLE = "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
_STYLE += "table{border-collapse:collapse}td,th{padding:.15rem .6rem;text-align:right}"
_STYLE += "svg{max-width:100%;height:auto}pre{white-space:pre-wrap;font:inherit}"


def impact_page(impacts: Sequence[Impact], lang: str = "nl") -> str:
    """A page that stands alone, on one scenario or on two that are compared.

    Parameters
    ----------
    impacts
        One or two simulations; of two the second is compared with the first.
    lang
        ``nl`` or ``en``.
    """
    check_language(lang)
    text = impacts[0].text(lang)
    if len(impacts) > 1:
        text = compare_impacts(impacts[0], impacts[1]).text(lang)
    parts = [f"<h1>{_HEAD[lang]}</h1>", f"<pre>{html.escape(text)}</pre>"]
    for name in ("queue", "late"):
        said = pictures.describe_queue(impacts, name=name, language=lang)
        draw = partial(pictures.plot_queue, impacts, name=name, language=lang)
        parts.append(_figure(draw, name, said))
    draw = partial(pictures.plot_waits, impacts, language=lang)
    parts.append(_figure(draw, "waits", pictures.describe_waits(impacts, language=lang)))
    for impact in impacts:
        table = impact.by("prison", lang=lang).to_html(float_format="{:.2f}".format, na_rep="")
        said = pictures.describe_by(impact, language=lang)
        parts.append(f"<h2>{html.escape(impact.label)}</h2><p>{html.escape(said)}</p>{table}")
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>{_HEAD[lang]}</title><style>{_STYLE}</style></head>"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _figure(draw: Callable[[], Axes], name: str, said: str) -> str:
    return f"<figure>{drawn(draw, name)}<figcaption>{html.escape(said)}</figcaption></figure>"
