"""A page on simulated impact: what was found in words, in pictures, and by prison."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from risicoscreener.impact.simulation import compare_impacts
from risicoscreener.impact.wording import number, say
from risicoscreener.report.evaluation.svg import drawn
from risicoscreener.report.pictures import impact as pictures
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.impact import Impact

_HEAD = {"nl": "Gesimuleerde gevolgen van beleid", "en": "Simulated impact of policy"}
_BY = {"nl": "Per inrichting: {label}", "en": "By prison: {label}"}
_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff;overflow-wrap:break-word}"
    "figure{margin:1.5rem 0}svg{max-width:100%;height:auto}"
    ".wide{overflow-x:auto}table{border-collapse:collapse}"
    "td,th{padding:.15rem .6rem;text-align:right}th[scope=row]{text-align:left}"
    "thead th{border-bottom:1px solid #767676}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_DAYS = ("wait_median", "wait_p90")


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
    parts = [f"<h1>{_HEAD[lang]}</h1>", *_in_blocks(text)]
    for name in ("queue", "late"):
        said = pictures.describe_queue(impacts, name=name, language=lang)
        draw = partial(pictures.plot_queue, impacts, name=name, language=lang)
        parts.append(_figure(draw, name, said))
    draw = partial(pictures.plot_waits, impacts, language=lang)
    parts.append(_figure(draw, "waits", pictures.describe_waits(impacts, language=lang)))
    for place, impact in enumerate(impacts):
        parts += _by_prison(impact, f"prisons-{place}", lang)
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_HEAD[lang]}</title><style>{_STYLE}</style></head>"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _in_blocks(text: str) -> Iterator[str]:
    """Lines as paragraphs, and those that begin with a dash as a list."""
    lines = [line for line in text.splitlines() if line]
    for is_list, group in groupby(lines, key=lambda line: line.startswith("- ")):
        if is_list:
            items = "".join(f"<li>{html.escape(line[2:])}</li>" for line in group)
            yield f"<ul>{items}</ul>"
        else:
            yield from (f"<p>{html.escape(line)}</p>" for line in group)


def _figure(draw: Callable[[], Axes], name: str, said: str) -> str:
    return f"<figure>{drawn(draw, name)}<figcaption>{html.escape(said)}</figcaption></figure>"


def _by_prison(impact: Impact, name: str, lang: str) -> Iterator[str]:
    """A heading, a sentence, and a table that can be scrolled where it is wider than the page."""
    table = impact.by("prison", lang=lang)
    heads = "".join(
        f'<th scope="col">{html.escape(say("columns", column, lang))}</th>'
        for column in ("group", *table.columns)
    )
    rows = "".join(
        f'<tr><th scope="row">{html.escape(str(group))}</th>'
        + "".join(f"<td>{_cell(column, row[column], lang)}</td>" for column in table.columns)
        + "</tr>"
        for group, row in table.iterrows()
    )
    yield f'<h2 id="{name}">{html.escape(_BY[lang].format(label=impact.label))}</h2>'
    yield f"<p>{html.escape(pictures.describe_by(impact, language=lang))}</p>"
    yield (
        f'<div class="wide" role="region" aria-labelledby="{name}" tabindex="0"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(column: str, value: float | str, lang: str) -> str:
    if isinstance(value, str):
        return html.escape(value)
    if column == "granted_share":
        return number(value, lang, 2)
    return number(value, lang, 0 if column in _DAYS else None)
