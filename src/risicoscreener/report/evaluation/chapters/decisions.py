"""What cut-offs mean for people, and whether deciding by them helps."""

from __future__ import annotations

from collections.abc import Iterator

from risicoscreener.evaluation.utility import Band
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
from risicoscreener.report.evaluation.performance import Performance

PER = 1000


def decisions(context: Context, found: Performance) -> Section:
    """Icon arrays, numbers per 1,000 and error rates."""
    words = context.words
    blocks: list[Block] = [_icons(context, found), _bands(context, found)]
    blocks += [_rates(context, found, cut_off) for cut_off in context.facts.options.cut_offs]
    blocks += [context.plain("decisions.both_errors"), context.plain("decisions.chosen")]
    return Section(
        name="decisions",
        title=words("decisions.title"),
        lead=words("decisions.lead"),
        blocks=tuple(blocks),
    )


def _icons(context: Context, found: Performance) -> Icons:
    words = context.words
    bands = found.consequences.bands
    names = ("events_in_band", "others_in_band")
    counts = iter(_whole([band[name].value for band in bands for name in names], PER))
    drawn = []
    for band in bands:
        with_outcome, without_outcome = next(counts), next(counts)
        description = words(
            "decisions.band",
            people=words.count(with_outcome + without_outcome),
            with_outcome=words.count(with_outcome),
            without_outcome=words.count(without_outcome),
        )
        drawn.append(
            IconBand(
                label=_label(context, band),
                with_outcome=with_outcome,
                without_outcome=without_outcome,
                description=description,
            )
        )
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


def _whole(values: list[float], total: int) -> list[int]:
    """Whole numbers with that total, each as near as can be (largest remainders first)."""
    floors = [int(value) for value in values]
    by_rest = sorted(range(len(values)), key=lambda i: floors[i] - values[i])
    for place in by_rest[: total - sum(floors)]:
        floors[place] += 1
    return floors


def _label(context: Context, band: Band) -> str:
    words = context.words
    low, high = words.cut_off(band.low), words.cut_off(band.high)
    if band.low == 0:
        return words("decisions.band_below", high=high)
    if band.high == 1:
        return words("decisions.band_above", low=low)
    return words("decisions.band_between", low=low, high=high)


def _bands(context: Context, found: Performance) -> Table:
    words = context.words
    names = [one.name for one in found.consequences.bands[0].estimates]
    bands = found.consequences.bands
    digits = {"people_in_band": 0, "events_in_band": 0, "others_in_band": 0, "people_per_event": 1}
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (words.measure(name), *(words.figure(band[name], digits.get(name, 3)) for band in bands))
        for name in names
    )
    columns = (
        words.column("measure"),
        *(
            Column(name=f"band_{i}", title=_label(context, band), kind="estimate")
            for i, band in enumerate(bands)
        ),
    )
    return Table(name="bands-table", caption=words("decisions.caption"), columns=columns, rows=rows)


def _rates(context: Context, found: Performance, cut_off: float) -> Table:
    words = context.words
    caption = words("discrimination.rates_caption", cut_off=words.cut_off(cut_off))
    rates = found.error_rates(cut_off).estimates
    return context.estimates(f"rates-{_slug(cut_off)}-table", caption, rates)


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
    from risicoscreener.report.pictures.utility import describe_decision_curve, plot_decision_curve

    words, curve = context.words, found.decision_curve
    lang = words.lang
    titles = {"cut_off": words.column("cut_off").title}
    parts = ("model", "everybody", "nobody", "over_everybody")
    measures = [getattr(curve, part).name for part in parts]
    titles |= {part: words.measure(name) for part, name in zip(parts, measures, strict=True)}
    frame = curve.to_frame()[["cut_off", *parts]]
    table = context.frame("utility-table", words("utility.curve_caption"), frame, titles)
    yield context.picture(
        "decision-curve",
        words("utility.curve_title"),
        lambda: plot_decision_curve(curve, language=lang),
        describe_decision_curve(curve, language=lang),
        table,
    )
    for cut_off in context.facts.options.cut_offs:
        caption = words("utility.caption", cut_off=words.cut_off(cut_off))
        figures = found.net_benefit(cut_off)
        yield context.estimates(f"benefit-{_slug(cut_off)}-table", caption, figures)


def _slug(cut_off: float) -> str:
    return f"{cut_off:g}".replace(".", "-")
