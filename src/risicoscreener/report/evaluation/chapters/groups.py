"""Whether the probabilities are as right in each group, and what errors each group meets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from risicoscreener.evaluation.groups import Group, GroupTable, impossibility
from risicoscreener.evaluation.resampling import FEWEST_REPLICATES
from risicoscreener.report.evaluation.binary import BinaryPerformance
from risicoscreener.report.evaluation.chapters import drawings
from risicoscreener.report.evaluation.chapters.decisions import slug
from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import (
    Block,
    Column,
    Paragraph,
    Section,
    Table,
    Value,
)
from risicoscreener.report.evaluation.grouping import PRISON, Groups, between_prisons, rates_at
from risicoscreener.report.evaluation.performance import Performance


def groups(context: Context, found: Performance) -> Section:
    """For each column a picture and tables; then what cannot be alike."""
    words, known = context.words, context.facts.groups
    if known is None:
        return Section(
            name="groups", title=words("groups.title"), lead=words("groups.lead_none"), blocks=()
        )
    shown = replace(known, table=_named(context, known.table))
    blocks: list[Block] = []
    for place, column in enumerate(context.facts.group_columns):
        blocks += _of_column(context, shown, column, place)
    blocks += _impossible(context, found, known)
    blocks += [context.plain("groups.impossible"), context.plain("groups.labels")]
    return Section(
        name="groups", title=words("groups.title"), lead=words("groups.lead"), blocks=tuple(blocks)
    )


def _named(context: Context, table: GroupTable) -> GroupTable:
    """The table with a word for people whose group is not known."""
    unknown = context.words("page.unknown_group")
    named = tuple(
        replace(group, labels=tuple(label or unknown for label in group.labels))
        for group in table.groups
    )
    return replace(table, groups=named)


def _of_column(context: Context, known: Groups, column: str, place: int) -> Iterator[Block]:
    words = context.words
    of_column = known.of(column)
    shown = [group for group in of_column if not group.hidden]
    table = _table(context, known, column, place)
    if shown:
        title = words("groups.picture_title", column=context.column_title(column))
        yield drawings.groups(context, known, column, f"groups-{place}", title)
    yield table
    if len(shown) < len(of_column):
        n_hidden = len(of_column) - len(shown)
        yield context.plain(
            "groups.hidden", hidden=words.count(n_hidden), all=words.count(len(of_column))
        )
    if column == PRISON:
        yield from _between(context, known)
    for cut_off in context.facts.options.cut_offs:
        if any(rates_at(group, cut_off) for group in shown):
            yield _rates(context, known, column, place, cut_off)


def _table(context: Context, known: Groups, column: str, place: int) -> Table:
    words = context.words
    names = [one.name for one in known.everybody.estimates]
    rows = tuple(
        (
            group.title(words.lang),
            *_counts(context, group),
            *(None if group.hidden else words.figure(group[name]) for name in names),
        )
        for group in (known.everybody, *known.of(column))
    )
    columns = (
        words.column("group"),
        words.column("people", "count"),
        words.column("events", "count"),
        *(Column(name=n, title=words.measure(n), kind="estimate") for n in names),
    )
    notes = {known.table.why_hidden(group, words.lang) for group in known.of(column)} - {""}
    return Table(
        name=f"groups-{place}-table",
        caption=words("groups.caption", column=context.column_title(column)),
        columns=columns,
        rows=rows,
        notes=tuple(sorted(notes)),
    )


def _between(context: Context, known: Groups) -> Iterator[Block]:
    """How prisons differ, and what another one may find."""
    words = context.words
    found = between_prisons(known, context.facts.options.level)
    if not found:
        return
    rows = tuple(
        (
            one.mean.title(words.lang),
            words.figure(one.mean),
            words.between(one.mean.name, one.next_low, one.next_high),
            one.k,
        )
        for one in found
    )
    yield context.plain("groups.between")
    yield Table(
        name="prisons-table",
        caption=words("groups.between_caption"),
        columns=(
            words.column("measure"),
            words.column("mean_of_prisons", "estimate"),
            words.column("next_prison", "estimate"),
            words.column("prisons", "count"),
        ),
        rows=rows,
    )


def _counts(context: Context, group: Group) -> tuple[Value, Value]:
    hidden = context.words("groups.not_shown")
    return (hidden, hidden) if group.hidden else (group.n, group.events)


def _rates(context: Context, known: Groups, column: str, place: int, cut_off: float) -> Table:
    words = context.words
    everybody = rates_at(known.everybody, cut_off)
    names = [one.name for one in everybody.estimates] if everybody else []
    rows: list[tuple[Value, ...]] = []
    for group in (known.everybody, *known.of(column)):
        at = rates_at(group, cut_off)
        values = [words.figure(at[n]) if at and not group.hidden else None for n in names]
        rows.append((group.title(words.lang), *values))
    return Table(
        name=f"groups-{place}-rates-{slug(cut_off)}-table",
        caption=words(
            "groups.rates_caption",
            column=context.column_title(column),
            cut_off=words.cut_off(cut_off),
        ),
        columns=(
            words.column("group"),
            *(Column(name=n, title=words.measure(n), kind="estimate") for n in names),
        ),
        rows=tuple(rows),
    )


def _impossible(context: Context, found: Performance, known: Groups) -> Iterator[Paragraph]:
    """For each division what follows from different base rates, at the first cut-off."""
    if not isinstance(found, BinaryPerformance):
        return
    words, options = context.words, context.facts.options
    cut_off = options.cut_offs[0]
    for column in context.facts.group_columns:
        if all(group.hidden for group in known.of(column)):
            continue
        said = impossibility(
            found.sample,
            context.facts.labels(column),
            cut_off,
            hidden_elsewhere=[group.labels[0] for group in known.of(column) if group.hidden],
            level=options.level,
            replicates=FEWEST_REPLICATES,
        ).text(words.lang, 2)
        if said:
            heading = words(
                "groups.at", column=context.column_title(column), cut_off=words.cut_off(cut_off)
            )
            yield Paragraph(text=f"{heading} {said}", role="statistics")
