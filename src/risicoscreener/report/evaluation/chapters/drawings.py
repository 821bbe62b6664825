"""The pictures of a report: which one for which figures, and the table behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from risicoscreener.evaluation.groups import Group
from risicoscreener.evaluation.utility import DecisionCurve
from risicoscreener.report.evaluation.binary import BinaryPerformance
from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import Picture, Table
from risicoscreener.report.evaluation.grouping import Groups
from risicoscreener.report.evaluation.performance import Performance
from risicoscreener.report.evaluation.timed import TimedPerformance

ROOM = 36
"""Characters of a group's name in a picture."""


def discrimination(context: Context, found: Performance) -> Iterator[Picture]:
    """Distribution, ROC curve, precision and recall; none of them for a horizon."""
    if not isinstance(found, BinaryPerformance):
        return
    from risicoscreener.report.pictures import discrimination as pictures

    words, lang = context.words, context.words.lang
    title = words("discrimination.distribution_title")
    frame = found.distribution.to_frame()
    titles = {str(name): words.column(str(name)).title for name in frame.columns}
    yield context.picture(
        "distribution",
        title,
        lambda: pictures.plot_distribution(found.distribution, language=lang),
        pictures.describe_distribution(found.distribution, language=lang),
        context.frame("distribution-table", title, frame, titles),
    )
    if found.roc.ok:
        title = words("discrimination.roc_title")
        yield context.picture(
            "roc",
            title,
            lambda: pictures.plot_roc(found.roc, language=lang),
            pictures.describe_roc(found.roc, language=lang),
            context.curve("roc-table", title, found.roc),
        )
    if found.precision_recall.ok:
        title = words("discrimination.pr_title")
        yield context.picture(
            "precision-recall",
            title,
            lambda: pictures.plot_precision_recall(found.precision_recall, language=lang),
            pictures.describe_precision_recall(found.precision_recall, language=lang),
            context.curve("precision-recall-table", title, found.precision_recall),
        )


def calibration(context: Context, found: Performance) -> Iterator[Picture]:
    """The flexible curve."""
    words, lang = context.words, context.words.lang
    title = words("calibration.curve_title")
    table = context.curve("calibration-curve-table", title, found.curve)
    if isinstance(found, BinaryPerformance):
        from risicoscreener.report.pictures import calibration as pictures

        yield context.picture(
            "calibration-curve",
            title,
            lambda: pictures.plot_calibration(found.hierarchy, language=lang),
            pictures.describe_calibration(found.hierarchy, language=lang),
            table,
        )
    elif isinstance(found, TimedPerformance):
        from risicoscreener.report.pictures import time

        yield context.picture(
            "calibration-curve",
            title,
            lambda: time.plot_horizon_calibration(found.details, language=lang),
            time.describe_horizon_calibration(found.details, language=lang),
            table,
        )


def reliability(context: Context, found: BinaryPerformance) -> Picture:
    """The staircase of isotonic regression."""
    from risicoscreener.report.pictures import calibration as pictures

    words, lang = context.words, context.words.lang
    title = words("calibration.corp_title")
    return context.picture(
        "reliability",
        title,
        lambda: pictures.plot_reliability(found.reliability, language=lang),
        pictures.describe_reliability(found.reliability, language=lang),
        context.curve("reliability-table", title, found.reliability.curve),
    )


def decision_curve(context: Context, found: Performance) -> Iterator[Picture]:
    """Net benefit over cut-offs, where there is any."""
    from risicoscreener.report.pictures import utility as pictures

    assert isinstance(found, BinaryPerformance | TimedPerformance)
    words, lang, curve = context.words, context.words.lang, found.decision_curve
    if not np.isfinite(curve.model.y).all():
        return
    parts = ["model", "everybody"]
    titles = {part: words.measure(getattr(curve, part).name) for part in parts}
    titles |= {"cut_off": words.column("cut_off").title}
    titles |= {f"model_{side}": words.column(side).title for side in ("low", "high")}
    frame = curve.to_frame()[["cut_off", "model", "model_low", "model_high", "everybody"]]
    if isinstance(found, BinaryPerformance):
        description = pictures.describe_decision_curve(curve, language=lang)
    else:
        description = _said_of_gain(context, curve)
    yield context.picture(
        "decision-curve",
        words("utility.curve_title"),
        lambda: pictures.plot_decision_curve(curve, language=lang),
        description,
        context.frame("decision-curve-table", words("utility.curve_caption"), frame, titles),
    )


def _said_of_gain(context: Context, curve: DecisionCurve) -> str:
    """Between which cut-offs the model brings more than treating everybody alike."""
    better = (curve.model.y > 0) & (curve.over_everybody.y > 0)
    if not better.any():
        return context.words("utility.never")
    at = curve.model.x[better]
    low, high = (context.words.cut_off(float(place)) for place in (at[0], at[-1]))
    return context.words("utility.between", low=low, high=high)


def _short(group: Group) -> Group:
    """The group with a label for which there is room; the table has the whole."""
    labels = (label if len(label) <= ROOM else f"{label[: ROOM - 1]}…" for label in group.labels)
    return replace(group, labels=tuple(labels))


def groups(context: Context, known: Groups, column: str, name: str, title: str) -> Picture:
    """Expected divided by observed of the groups of a column."""
    from risicoscreener.report.pictures import groups as pictures

    words, lang = context.words, context.words.lang
    of_column = [_short(group) for group in known.of(column)]
    shown = replace(known.table, groups=(known.everybody, *of_column))
    rows = tuple(
        (group.title(lang), words.figure(group[known.ratio]))
        for group in (known.everybody, *known.of(column))
        if not group.hidden
    )
    table = Table(
        name=f"{name}-picture-table",
        caption=title,
        columns=(words.column("group"), words.column("estimate", "estimate")),
        rows=rows,
    )
    return context.picture(
        name,
        title,
        lambda: pictures.plot_groups(shown, measure=known.ratio, language=lang),
        pictures.describe_groups(shown, measure=known.ratio, language=lang),
        table,
    )
