"""What a report cannot say, how it was computed, what to do next, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from risicoscreener.evaluation.wording import measure_text
from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import (
    Block,
    Items,
    Origin,
    Section,
    Table,
    Value,
    Verdict,
)


def limits(context: Context) -> Section:
    """Limits that hold for every report, and those that follow from this table."""
    words = context.words
    return Section(
        name="limits",
        title=words("limits.title"),
        lead=words("limits.lead"),
        blocks=(Items(items=tuple(_limits(context))), *_bounds(context)),
    )


def _bounds(context: Context) -> Iterator[Block]:
    """The figures that remain possible if nothing is assumed of outcomes that are not known."""
    words, found = context.words, context.facts.bounds
    if found is None:
        return
    yield context.plain("limits.bounds")
    rows = tuple(
        (
            one.title(words.lang),
            words.between(one.name, one.lowest, one.highest),
            words.between(one.name, one.low, one.high),
        )
        for one in found
    )
    yield Table(
        name="bounds-table",
        caption=words("limits.bounds_caption"),
        columns=(
            words.column("measure"),
            words.column("possible", "estimate"),
            words.column("possible_sampled", "estimate"),
        ),
        rows=rows,
    )


def _limits(context: Context) -> Iterator[str]:
    words, facts = context.words, context.facts
    yield words("limits.reference")
    if facts.about.synthetic:
        yield words("limits.synthetic")
    unknown = int(np.isnan(facts.rows.values["outcome"]).sum())
    if "decision" in facts.rows.labels and unknown:
        yield words("limits.selective", unknown=words.count(unknown), n=words.count(facts.rows.n))
    else:
        yield words("limits.selective_general")
    yield words("limits.labels")
    yield words("limits.follow_up")
    if facts.timed and facts.judged:
        yield words(
            "limits.follow_up_timed",
            followed=words.count(facts.followed),
            n=words.count(facts.n),
            share=words.percent(facts.followed / facts.n),
            days=words.count(facts.horizon_days),
        )
    yield words("limits.policy")
    yield words("limits.group")


def methods(context: Context, used: Iterator[str]) -> Section:
    """How figures were computed, and the paper of each measure."""
    words, options = context.words, context.facts.options
    unit = words("methods.unit") if context.facts.repeated else ""
    rows: list[tuple[Value, ...]] = []
    for name in used:
        text = measure_text(name)
        rows.append((text.title.text(words.lang), text.plain.text(words.lang), text.reference))
    table = Table(
        name="methods-table",
        caption=words("methods.caption"),
        columns=(words.column("measure"), words.column("meaning"), words.column("reference")),
        rows=tuple(rows),
    )
    blocks: list[Block] = [
        context.plain("methods.rule"),
        context.plain(
            "methods.bootstrap",
            replicates=words.count(options.replicates),
            seed=str(options.seed),
            unit=unit,
        ),
    ]
    if context.facts.groups is not None:
        rule = context.facts.groups.table.disclosure
        least, events = words.count(rule.fewest_people), words.count(rule.fewest_of_class)
        blocks.append(context.plain("methods.suppression", least=least, events=events))
    if rows:
        blocks.append(table)
    return Section(
        name="methods",
        title=words("methods.title"),
        lead=words("methods.lead"),
        blocks=tuple(blocks),
    )


def next_steps(context: Context, verdicts: tuple[Verdict, ...]) -> Section:
    """A step for each answer that is not in order, and one for those that are uncertain."""
    words = context.words
    steps = [words(f"next.{v.question}") for v in verdicts if v.level == "problem"]
    if unsure := [f"‘{v.title}’" for v in verdicts if v.level == "uncertain"]:
        steps.append(words("next.uncertain", questions=", ".join(unsure)))
    if not context.facts.group_columns:
        steps.append(words("next.no_groups"))
    steps += [words("next.always"), words("next.checklist"), words("next.repeat")]
    return Section(
        name="next",
        title=words("next.title"),
        lead=words("next.lead"),
        blocks=(Items(items=tuple(steps), ordered=True),),
    )


def origin(context: Context, found: Origin) -> Section:
    """Table, digest, command, seed, date and versions; and which column was used for what."""
    words = context.words
    rows: list[tuple[Value, ...]] = [
        (words("origin.table"), found.table or "–"),
        (words("origin.sha256"), found.sha256),
        (words("origin.command"), found.command or "–"),
        (words("origin.seed"), str(found.seed)),
        (words("origin.replicates"), words.count(found.replicates)),
        (words("origin.made_on"), found.made_on),
    ]
    rows += [
        (words("origin.version", package=package), version)
        for package, version in found.versions.items()
    ]
    table = Table(
        name="origin-table",
        caption=words("origin.caption"),
        columns=(words.column("figure"), words.column("value")),
        rows=tuple(rows),
    )
    return Section(
        name="origin",
        title=words("origin.title"),
        lead=words("origin.lead"),
        blocks=(table, _columns(context)),
    )


def _columns(context: Context) -> Table:
    words, columns = context.words, context.facts.rows.columns
    roles = [*columns.of.items(), *((f"probability_{m}", c) for m, c in columns.rivals.items())]
    roles += [(words("origin.group_role"), column) for column in columns.groups]
    return Table(
        name="columns-table",
        caption=words("origin.columns_caption"),
        columns=(words.column("column"), words.column("used_for")),
        rows=tuple((column, role) for role, column in roles),
    )
