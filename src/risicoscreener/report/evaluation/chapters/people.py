"""Who it is about, who is left out, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import (
    Block,
    Flow,
    FlowStep,
    Paragraph,
    Section,
    Table,
    Value,
)
from risicoscreener.report.evaluation.reading import NO_GROUP
from risicoscreener.report.evaluation.timed import TimedPerformance
from risicoscreener.report.evaluation.wording import texts

NOTABLE = 0.02
"""Difference in mean probability between people with and without a known outcome that is said."""


def people(context: Context) -> Section:
    """Flow chart and the people in figures."""
    words, facts = context.words, context.facts
    n_out = facts.rows.n - facts.n
    said = (
        words("people.some_excluded", excluded=words.count(n_out), share=_share(context, n_out))
        if n_out
        else words("people.none_excluded")
    )
    persons = (
        words("people.persons", persons=words.count(facts.persons))
        if facts.persons is not None and facts.n
        else ""
    )
    lead = words(
        "people.lead",
        rows=words.count(facts.rows.n),
        n=words.count(facts.n),
        persons=persons,
        excluded=said,
    )
    blocks: list[Block] = [_flow(context)]
    if facts.judged:
        blocks.append(_in_figures(context))
    if isinstance(facts.performance, TimedPerformance):
        caption = words("people.follow_up_caption")
        blocks.append(context.estimates("follow-up-table", caption, facts.performance.follow_up))
    if facts.weight is not None:
        blocks.append(context.plain("people.weighted"))
    if facts.repeated:
        blocks.append(context.plain("people.clustered"))
    return Section(name="people", title=words("people.title"), lead=lead, blocks=tuple(blocks))


def _share(context: Context, n: int) -> str:
    return context.words.percent(n / max(context.facts.rows.n, 1))


def _flow(context: Context) -> Flow:
    words, rows = context.words, context.facts.rows
    steps = (
        FlowStep(text=words("people.flow_all"), count=rows.n),
        *(
            FlowStep(text=words(f"people.{reason}"), count=count, excluded=True)
            for reason, count in rows.excluded.items()
        ),
        FlowStep(text=words("people.flow_used"), count=context.facts.n),
    )
    title = words("people.flow_title")
    table = Table(
        name="flow-table",
        caption=title,
        columns=(words.column("step"), words.column("rows", "count")),
        rows=tuple((step.text, step.count) for step in steps),
    )
    return Flow(name="flow", title=title, steps=steps, table=table)


def _in_figures(context: Context) -> Table:
    words = context.words
    rows = tuple(
        (words(f"people.{key}", **values), _shown(context, value))
        for key, value, values in _figures(context)
    )
    columns = (words.column("figure"), words.column("value"))
    return Table(
        name="people-table", caption=words("people.facts_caption"), columns=columns, rows=rows
    )


def _shown(context: Context, value: Value) -> str:
    if isinstance(value, float):
        return context.words.percent(value)
    return context.words.count(value) if isinstance(value, int) else str(value)


def _figures(context: Context) -> Iterator[tuple[str, Value, dict[str, str]]]:
    facts = context.facts
    yield "used_rows", facts.n, {}
    if facts.persons is not None:
        yield "used_persons", facts.persons, {}
    if "prison" in facts.rows.labels:
        yield "prisons", len(facts.known_labels("prison")), {}
    p, y, weight = facts.probability, facts.outcome, facts.weight
    if facts.timed:
        yield "horizon", int(facts.horizon_days), {}
        yield "cause_1", int((y == 1).sum()), {}
        yield "cause_other", int((y > 1).sum()), {}
        yield "cause_0", int((y == 0).sum()), {}
        yield "followed", facts.followed, {}
    else:
        yield "events", int(y.sum()), {}
        yield "others", int((1 - y).sum()), {}
        yield "base_rate", float(np.average(y, weights=weight)), {}
    yield "mean_probability", float(np.average(p, weights=weight)), {}
    yield "lowest", float(p.min()), {}
    yield "median", float(np.median(p)), {}
    yield "highest", float(p.max()), {}
    yield "distinct", len(np.unique(p)), {}


def missing(context: Context) -> Section:
    """What is missing by column, and whether people without an outcome differ."""
    words, rows = context.words, context.facts.rows
    lacking = {column: count for column, count in rows.missing.items() if count}
    if lacking:
        lead = words(
            "missing.lead", columns=words.count(len(lacking)), all=words.count(len(rows.missing))
        )
    else:
        lead = words("missing.lead_none")
    table = Table(
        name="missing-table",
        caption=words("missing.caption"),
        columns=(
            words.column("column"),
            words.column("missing", "count"),
            words.column("missing_share", "share"),
        ),
        rows=tuple((c, count, count / max(rows.n, 1)) for c, count in rows.missing.items()),
    )
    blocks: list[Block] = [table, *_compared(context), context.plain("missing.predictors")]
    if "decision" in rows.labels:
        blocks.append(_by_decision(context))
        if refused := _refused_with_outcome(context):
            blocks.append(context.warning("missing.refused_known", n=words.count(refused)))
    return Section(name="missing", title=words("missing.title"), lead=lead, blocks=tuple(blocks))


def _compared(context: Context) -> Iterator[Paragraph]:
    words, values = context.words, context.facts.rows.values
    p, unknown = values["probability"], np.isnan(values["outcome"])
    without, known = p[unknown & ~np.isnan(p)], p[~unknown & ~np.isnan(p)]
    if not (len(without) and len(known)):
        return
    means = float(without.mean()), float(known.mean())
    yield context.plain(
        "missing.compared", without=words.percent(means[0]), known=words.percent(means[1])
    )
    if abs(means[0] - means[1]) >= NOTABLE:
        yield context.warning("missing.differs")


def _refused_with_outcome(context: Context) -> int:
    """Rows that were refused and have an outcome, which cannot be."""
    rows, refusals = context.facts.rows, texts("criteria.toml")["refusals"]
    refused = np.array([label.lower() in refusals for label in rows.labels["decision"]], dtype=bool)
    return int((refused & ~np.isnan(rows.values["outcome"])).sum())


def _by_decision(context: Context) -> Table:
    words, rows = context.words, context.facts.rows
    decisions = rows.labels["decision"]
    known = ~np.isnan(rows.values["outcome"])
    lines = []
    for level in sorted(set(decisions.tolist())):
        of_level = decisions == level
        name = level if level != NO_GROUP else words("page.unknown_group")
        lines.append((name, int((of_level & known).sum()), int((of_level & ~known).sum())))
    return Table(
        name="decision-table",
        caption=words("missing.by_decision"),
        columns=(
            words.column("decision"),
            words.column("outcome_known", "count"),
            words.column("outcome_unknown", "count"),
        ),
        rows=tuple(lines),
    )
