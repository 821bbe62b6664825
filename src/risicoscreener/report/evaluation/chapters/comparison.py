"""A second model beside the first, on the same rows."""

from __future__ import annotations

import math
from collections.abc import Iterator

from risicoscreener.evaluation import Estimate
from risicoscreener.evaluation.comparing import Comparison
from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import (
    Block,
    Column,
    Items,
    Paragraph,
    Section,
    Table,
    Value,
)
from risicoscreener.report.evaluation.performance import Performance

SENTENCE = {"first": "better", "second": "worse", "": "alike"}


def comparison(context: Context, rival: str) -> Section:
    """Differences with intervals for pairs, and both models side by side."""
    words, facts = context.words, context.facts
    both, probability = facts.rival(rival)
    first = facts.performance if both.all() else facts.performance_of(facts.probability, both)
    second = facts.performance_of(probability, both)
    place = list(facts.rows.rivals).index(rival)
    sentence, blocks = words("comparison.unknown"), list[Block]()
    if first is not None and second is not None:
        found = first.less(second)
        auc = found.differences[0]
        if auc.estimate.has_interval:
            sentence = words(f"comparison.{SENTENCE[auc.favours]}", rival=rival)
        blocks += [_differences(context, found, rival, place), _caveats(context, found)]
        blocks.insert(0, _side_by_side(context, first, second, rival, place))
    if missing := int((~both).sum()):
        text = words("comparison.unused", missing=words.count(missing), rival=rival)
        blocks.append(Paragraph(text=text))
    blocks.append(context.plain("comparison.caveat"))
    return Section(
        name=f"comparison-{place}" if place else "comparison",
        title=words("comparison.title"),
        lead=words(
            "comparison.lead", rival=rival, n=words.count(int(both.sum())), sentence=sentence
        ),
        blocks=tuple(blocks),
    )


def _side_by_side(
    context: Context, first: Performance, second: Performance, rival: str, place: int
) -> Table:
    words = context.words
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (words.measure(one.name), words.figure(one), words.figure(other))
        for one, other in zip(_shown(first), _shown(second), strict=True)
    )
    columns = (
        words.column("measure"),
        Column(name="first", title=words("comparison.this"), kind="estimate"),
        Column(name="second", title=rival, kind="estimate"),
    )
    return Table(
        name=f"models-{place}-table",
        caption=words("comparison.side_by_side"),
        columns=columns,
        rows=rows,
    )


def _shown(found: Performance) -> Iterator[Estimate]:
    yield found.auc
    yield found.average
    yield found.slope
    yield found.ici


def _differences(context: Context, found: Comparison, rival: str, place: int) -> Table:
    words = context.words
    rows: list[tuple[Value, ...]] = []
    for one in found:
        measure = words.measure(one.estimate.name)
        if one.cut_off is not None:
            measure = f"{measure} ({words('column.cut_off')} {words.cut_off(one.cut_off)})"
        p_value = one.p_value if math.isfinite(one.p_value) else None
        plain = words.plain(one.estimate.name)
        rows.append((measure, words.figure(one.estimate), p_value, plain))
    return Table(
        name=f"differences-{place}-table",
        caption=words("comparison.caption", rival=rival),
        columns=(
            words.column("measure"),
            words.column("estimate", "estimate"),
            words.column("p_value", "number"),
            words.column("meaning"),
        ),
        rows=tuple(rows),
    )


def _caveats(context: Context, found: Comparison) -> Items:
    return Items(items=found.caveats(context.words.lang))
