"""Whether the model tells people apart, and whether its probabilities are right."""

from __future__ import annotations

from collections.abc import Iterator

from risicoscreener.evaluation.wording import measure_text, problem_text
from risicoscreener.report.evaluation.binary import BinaryPerformance
from risicoscreener.report.evaluation.chapters import drawings
from risicoscreener.report.evaluation.context import Context, finite
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
    blocks: tuple[Block, ...] = (
        context.estimates(
            "discrimination-table", words("discrimination.caption"), found.discrimination
        ),
        *drawings.discrimination(context, found),
    )
    return Section(
        name="discrimination", title=words("discrimination.title"), lead=lead, blocks=blocks
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
    words = context.words
    if found.curve.ok:
        yield context.plain("calibration.reading")
        yield from drawings.calibration(context, found)
    yield context.estimates("calibration-table", words("calibration.caption"), found.calibration)
    yield _grouped(context, found)
    if isinstance(found, BinaryPerformance) and found.reliability.curve.ok:
        yield context.plain("calibration.corp_reading")
        yield drawings.reliability(context, found)
        caption = words("calibration.corp_caption")
        yield context.estimates("corp-table", caption, found.reliability.parts)
    if found.tests:
        yield _tests(context, found)


def _grouped(context: Context, found: Performance) -> Table:
    words, frame = context.words, found.grouped
    kinds = {name: "count" if name in ("n", "events") else "share" for name in frame.columns}
    rows = tuple(
        tuple(finite(float(v)) for v in row) for row in frame.itertuples(index=False, name=None)
    )
    return Table(
        name="grouped-table",
        caption=words("calibration.grouped_caption"),
        columns=tuple(words.column(str(name), kinds[name]) for name in frame.columns),
        rows=rows,
    )


def _tests(context: Context, found: Performance) -> Table:
    words = context.words
    rows = tuple(
        (
            measure_text(test.name).title.text(words.lang),
            finite(test.p_value),
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
