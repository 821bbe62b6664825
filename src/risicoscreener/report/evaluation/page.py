"""The page: one file of HTML made from plain data and pictures; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping

from risicoscreener.report.evaluation.data import Column, FigureValue, ReportData, Value
from risicoscreener.report.evaluation.icons import icon, icon_array
from risicoscreener.report.evaluation.wording import Words
from risicoscreener.templating import style, template

FOLDER = "templates"


def as_page(data: ReportData, pictures: Mapping[str, str]) -> str:
    """A report as one page without scripts, that asks nothing of the network.

    Parameters
    ----------
    data
        What it says; all of it is escaped.
    pictures
        By name the SVG of each `Picture`, as `risicoscreener.report.evaluation.svg.drawn` gives.
    """
    words = Words(data.language)
    return template("risicoscreener.report.evaluation", f"{FOLDER}/page.html.jinja").render(
        data=data,
        pictures=pictures,
        w=words,
        css=style("risicoscreener.report.evaluation", f"{FOLDER}/page.css"),
        show=lambda value, column: shown(value, column, words),
        icon=icon,
        array=icon_array,
    )


def shown(value: Value, column: Column, words: Words) -> str:
    """A value of a table as it is read."""
    if value is None:
        return "–"
    if isinstance(value, FigureValue):
        return value.text
    if isinstance(value, str):
        return value
    if column.kind == "count":
        return words.count(value)
    if column.kind == "share":
        return words.percent(value)
    return words.number(value, column.digits)
