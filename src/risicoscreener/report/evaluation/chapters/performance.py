"""Whether the model tells people apart, and whether its probabilities are right."""

from __future__ import annotations

from collections.abc import Iterator

from risicoscreener.evaluation.wording import measure_text, problem_text
from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import Block, Section, Table
from risicoscreener.report.evaluation.performance import Performance


def discrimination(context: Context, found: Performance) -> Section:
    """AUC and proper scores, ROC curve, precision and recall, distribution."""
    words, auc = context.words, found.auc
    if auc.ok:
        lead = words("discrimination.lead", of_100=words.number(100 * auc.value, 0))
    else:
        problem = problem_text(auc.problem).text(words.lang)
        lead = words("discrimination.unknown", problem=problem)
    blocks = (
        context.estimates(
            "discrimination-table", words("discrimination.caption"), found.discrimination
        ),
        *_discrimination_pictures(context, found),
    )
    return Section(
        name="discrimination", title=words("discrimination.title"), lead=lead, blocks=blocks
    )


def _discrimination_pictures(context: Context, found: Performance) -> Iterator[Block]:
    from risicoscreener.report.pictures import discrimination as pictures

    words, lang = context.words, context.words.lang
    frame, title = found.distribution.to_frame(), words("discrimination.distribution_title")
    titles = {str(c): words.column(str(c)).title for c in frame.columns}
    yield context.picture(
        "distribution",
        title,
        lambda: pictures.plot_distribution(found.distribution, language=lang),
        pictures.describe_distribution(found.distribution, language=lang),
        context.frame(
            "distribution-table", words("discrimination.distribution_title"), frame, titles
        ),
    )
    if found.roc.ok:
        yield context.picture(
            "roc",
            words("discrimination.roc_title"),
            lambda: pictures.plot_roc(found.roc, language=lang),
            pictures.describe_roc(found.roc, language=lang),
            context.curve("roc-table", words("discrimination.roc_title"), found.roc),
        )
        yield context.picture(
            "precision-recall",
            words("discrimination.pr_title"),
            lambda: pictures.plot_precision_recall(found.precision_recall, language=lang),
            pictures.describe_precision_recall(found.precision_recall, language=lang),
            context.curve(
                "precision-recall-table", words("discrimination.pr_title"), found.precision_recall
            ),
        )


def calibration(context: Context, found: Performance) -> Section:
    """On average, weak and moderate calibration, with the curve."""
    words = context.words
    lead = words("calibration.lead", **per_1000(context, found))
    return Section(
        name="calibration",
        title=words("calibration.title"),
        lead=lead,
        blocks=tuple(_calibration(context, found)),
    )


def per_1000(context: Context, found: Performance) -> dict[str, str]:
    """Expected and observed numbers of 1,000 people."""
    return {
        "expected": context.words.count(1000 * found.mean_probability),
        "observed": context.words.count(1000 * found.base_rate),
    }


def _calibration(context: Context, found: Performance) -> Iterator[Block]:
    from risicoscreener.report.pictures import calibration as pictures

    words, lang = context.words, context.words.lang
    if found.curve.ok:
        yield context.plain("calibration.reading")
        yield context.picture(
            "calibration-curve",
            words("calibration.curve_title"),
            lambda: pictures.plot_calibration(found.curve, language=lang),
            pictures.describe_calibration(found.curve, language=lang),
            context.curve("curve-table", words("calibration.curve_title"), found.curve),
        )
    figures = found.mean_calibration + found.weak_calibration + found.moderate_calibration
    yield context.estimates("calibration-table", words("calibration.caption"), figures)
    yield _grouped(context, found)
    yield _tests(context, found)


def _grouped(context: Context, found: Performance) -> Table:
    words = context.words
    columns = (
        words.column("from", "share"),
        words.column("until", "share"),
        words.column("people", "count"),
        words.column("events", "count"),
        words.column("mean_probability", "share"),
        words.column("base_rate", "share"),
        words.column("low", "share"),
        words.column("high", "share"),
    )
    rows = tuple(
        (
            g.lowest,
            g.highest,
            g.n,
            g.events,
            g.mean_probability,
            g.observed_share,
            _known(g.low),
            _known(g.high),
        )
        for g in found.grouped.groups
    )
    return Table(
        name="grouped-table",
        caption=words("calibration.grouped_caption"),
        columns=columns,
        rows=rows,
    )


def _known(value: float) -> float | None:
    return value if value == value else None


def _tests(context: Context, found: Performance) -> Table:
    words = context.words
    rows = tuple(
        (
            measure_text(test.name).title.text(words.lang),
            _known(test.p_value),
            measure_text(test.name).plain.text(words.lang)
            if not test.problem
            else problem_text(test.problem).text(words.lang),
            measure_text(test.name).reference,
        )
        for test in found.tests
    )
    columns = (
        words.column("measure"),
        words.column("p_value", "number"),
        words.column("meaning"),
        words.column("reference"),
    )
    return Table(
        name="tests-table", caption=words("calibration.tests_caption"), columns=columns, rows=rows
    )
