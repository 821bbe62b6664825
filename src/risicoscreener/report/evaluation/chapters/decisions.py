"""What cut-offs mean for people, and whether deciding by them helps."""

from __future__ import annotations

from collections.abc import Iterator

from risicoscreener.report.evaluation.chapters import drawings
from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import (
    Block,
    Column,
    IconBand,
    Icons,
    Section,
    Table,
    Value,
)
from risicoscreener.report.evaluation.performance import PER, BandFound, Performance


def decisions(context: Context, found: Performance) -> Section:
    """Icon arrays, numbers per 1,000 and error rates."""
    words = context.words
    rounded = context.plain("decisions.rounded")
    blocks: list[Block] = [_icons(context, found), rounded, _bands(context, found)]
    blocks += _rates(context, found)
    blocks += [context.plain("decisions.both_errors"), context.plain("decisions.chosen")]
    return Section(
        name="decisions",
        title=words("decisions.title"),
        lead=words("decisions.lead"),
        blocks=tuple(blocks),
    )


def _icons(context: Context, found: Performance) -> Icons:
    words, bands = context.words, found.bands
    counts = _whole([n for band in bands for n in (band.with_outcome, band.without_outcome)], PER)
    drawn = [
        _icon_band(context, band, *pair)
        for band, pair in zip(bands, zip(counts[::2], counts[1::2], strict=True), strict=True)
    ]
    title = words("decisions.icons_title")
    table = Table(
        name="icons-table",
        caption=title,
        columns=(
            words.column("band"),
            words.column("per_1000", "count"),
            words.column("with_outcome", "count"),
            words.column("without_outcome", "count"),
        ),
        rows=tuple(
            (b.label, b.with_outcome + b.without_outcome, b.with_outcome, b.without_outcome)
            for b in drawn
        ),
    )
    return Icons(
        name="icons",
        title=title,
        bands=tuple(drawn),
        key_with=words("decisions.key_with"),
        key_without=words("decisions.key_without"),
        table=table,
    )


def _icon_band(context: Context, band: BandFound, with_: int, without: int) -> IconBand:
    words = context.words
    description = words(
        "decisions.band",
        people=words.count(with_ + without),
        with_outcome=words.count(with_),
        without_outcome=words.count(without),
    )
    return IconBand(
        label=_label(context, band),
        with_outcome=with_,
        without_outcome=without,
        description=description,
    )


def _whole(values: list[float], total: int) -> list[int]:
    """Whole numbers with that total, each as near as can be (largest remainders first)."""
    floors = [int(value) for value in values]
    by_rest = sorted(range(len(values)), key=lambda i: floors[i] - values[i])
    for place in by_rest[: total - sum(floors)]:
        floors[place] += 1
    return floors


def _label(context: Context, band: BandFound) -> str:
    words = context.words
    low, high = words.cut_off(band.low), words.cut_off(band.high)
    if band.low == 0:
        return words("decisions.band_below", high=high)
    if band.high == 1:
        return words("decisions.band_above", low=low)
    return words("decisions.band_between", low=low, high=high)


def _bands(context: Context, found: Performance) -> Table:
    words, bands = context.words, found.bands
    names = list(dict.fromkeys(one.name for band in bands for one in band.estimates))
    by_band = [{one.name: words.figure(one) for one in band.estimates} for band in bands]
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (words.measure(name), *(figures.get(name) for figures in by_band)) for name in names
    )
    columns = (
        words.column("measure"),
        *(
            Column(name=f"band_{i}", title=_label(context, band), kind="estimate")
            for i, band in enumerate(bands)
        ),
    )
    return Table(name="bands-table", caption=words("decisions.caption"), columns=columns, rows=rows)


def _rates(context: Context, found: Performance) -> Iterator[Table]:
    words = context.words
    for cut_off in context.facts.options.cut_offs:
        rates = found.error_rates(cut_off)
        if len(rates):
            caption = words("discrimination.rates_caption", cut_off=words.cut_off(cut_off))
            yield context.estimates(f"rates-{slug(cut_off)}-table", caption, rates)


def utility(context: Context, found: Performance) -> Section:
    """Decision curve and net benefit at the cut-offs."""
    words = context.words
    return Section(
        name="utility",
        title=words("utility.title"),
        lead=words("utility.lead"),
        blocks=tuple(_utility(context, found)),
    )


def _utility(context: Context, found: Performance) -> Iterator[Block]:
    words = context.words
    yield from drawings.decision_curve(context, found)
    for cut_off in context.facts.options.cut_offs:
        caption = words("utility.caption", cut_off=words.cut_off(cut_off))
        figures = found.net_benefit(cut_off)
        yield context.estimates(f"benefit-{slug(cut_off)}-table", caption, figures)


def slug(cut_off: float) -> str:
    """A cut-off in the name of a table."""
    return f"{cut_off:g}".replace(".", "-")
