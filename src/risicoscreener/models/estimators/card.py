"""A scorecard on paper: ranges and points per feature, boxes to fill in, and what a total means."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.features.wording import unit_label
from risicoscreener.texts import Lang, Sentences, Texts, check_language

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.models.estimators.scorecard import ScorecardClassifier

RARE = 10
"""A total that fewer people had is marked: its probability is drawn through other totals."""

WIDTH = 78
Form = Literal["yes_no", "count", "whole", "decimal"]


@dataclass(frozen=True)
class CardRow:
    """One row of a feature: the values from ``first`` on to below ``end``, and their points.

    None is no bound. ``unknown`` is the row of unknown values; ``seen`` is False if nobody in
    the training data was in it.
    """

    first: float | None
    end: float | None
    points: int
    unknown: bool = False
    seen: bool = True

    def holds(self, value: float) -> bool:
        """Whether a value (NaN: unknown) is in this row."""
        if self.unknown or math.isnan(value):
            return self.unknown and math.isnan(value)
        above = self.first is None or value >= self.first
        return above and (self.end is None or value < self.end)


@dataclass(frozen=True)
class CardFeature:
    """One feature on a card.

    Attributes
    ----------
    name, text, unit
        What it is called, what it means, and in which unit (empty: none).
    form
        How its values are written: ``yes_no`` (1 is yes), ``count`` (whole, never negative),
        ``whole`` or ``decimal``.
    rows
        In ascending order; the last is for an unknown value.
    """

    name: str
    text: Texts
    unit: str
    form: Form
    rows: tuple[CardRow, ...]

    def points(self, value: float) -> int:
        """Points of a value; NaN is unknown."""
        return next(row.points for row in self.rows if row.holds(value))


@dataclass(frozen=True)
class CardTotal:
    """What a total means: probability with interval. ``rare``: hardly anyone had this total."""

    total: int
    probability: float
    lower: float
    upper: float
    rare: bool


@dataclass(frozen=True)
class Card:
    """A scorecard that a person can fill in by hand.

    ``str()`` gives it in English, a notebook shows it as HTML.

    Attributes
    ----------
    title, outcome
        What stands above it, and what the probability is of.
    features
        Those that give points, in the order of the columns.
    totals
        From 0 to the highest possible total.
    level
        Coverage of the intervals.
    """

    title: Texts
    outcome: Texts | None
    features: tuple[CardFeature, ...]
    totals: tuple[CardTotal, ...]
    level: float

    def __str__(self) -> str:
        return self.text("en")

    def _repr_html_(self) -> str:
        return self.html("en")

    # -- fill in ---------------------------------------------------------------------------

    def points(self, values: Mapping[str, float]) -> dict[str, int]:
        """Points of each feature.

        Parameters
        ----------
        values
            A number per feature of the card (others may be there too); NaN is unknown.

        Raises
        ------
        ModelError
            For a feature that is not given, or an infinite value.
        """
        found = {}
        for feature in self.features:
            if feature.name not in values:
                raise ModelError(
                    f"no value of {feature.name} was given; the card needs it. Give NaN if it is "
                    "not known."
                )
            value = float(values[feature.name])
            if math.isinf(value):
                raise ModelError(f"{feature.name} is infinite; give a number, or NaN for unknown.")
            found[feature.name] = feature.points(value)
        return found

    def look_up(self, values: Mapping[str, float]) -> CardTotal:
        """Fill the card in: the total of the points, and what it means."""
        return self.totals[sum(self.points(values).values())]

    # -- show ------------------------------------------------------------------------------

    def text(self, lang: str = "nl") -> str:
        """The card for a terminal or plain paper, in ``nl`` or ``en``."""
        say = _Words(check_language(lang), self)
        return "\n".join([*_text_features(self, say), "", *_text_totals(self, say)]) + "\n"

    def markdown(self, lang: str = "nl") -> str:
        """The card as Markdown, in ``nl`` or ``en``."""
        return "\n".join(_markdown(self, _Words(check_language(lang), self))) + "\n"

    def html(self, lang: str = "nl") -> str:
        """The card as a piece of HTML that needs nothing else, in ``nl`` or ``en``."""
        return _html(self, _Words(check_language(lang), self))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        plain = asdict(self)
        plain["title"] = _plain_texts(self.title)
        plain["outcome"] = None if self.outcome is None else _plain_texts(self.outcome)
        for entry, feature in zip(plain["features"], self.features, strict=True):
            entry["text"] = _plain_texts(feature.text)
        return plain

    def to_frame(self) -> pd.DataFrame:
        """One row per row of the features: feature, first, end, unknown, points."""
        import pandas as pd

        names = ["feature", "first", "end", "unknown", "points"]
        rows = [
            (feature.name, row.first, row.end, row.unknown, row.points)
            for feature in self.features
            for row in feature.rows
        ]
        return pd.DataFrame(rows, columns=names)


def _plain_texts(texts: Texts) -> dict[str, str]:
    return {"nl": texts.nl, "en": texts.en}


# -- make --------------------------------------------------------------------------------------


def make_card(
    model: ScorecardClassifier,
    names: Sequence[str],
    definitions: Mapping[str, Any],
    title: Texts | None = None,
    outcome: Texts | None = None,
) -> Card:
    """The card of a fitted scorecard; see `ScorecardClassifier.card`."""
    features = tuple(
        CardFeature(
            name,
            *_described(name, definitions.get(name)),
            form=model.forms_[i],
            rows=tuple(
                _rows(model.edges_[i].tolist(), model.points_[i].tolist(), model.unknown_seen_[i])
            ),
        )
        for i, name in enumerate(names)
        if model.selected_[i]
    )
    probability, lower, upper = model.probability_of_total()
    totals = tuple(
        CardTotal(total, float(p), float(low), float(high), bool(weight < RARE))
        for total, (p, low, high, weight) in enumerate(
            zip(probability, lower, upper, model.weight_of_total_, strict=True)
        )
    )
    return Card(
        title or _SENTENCES.in_both("texts", "title"), outcome, features, totals, model.level
    )


def _described(name: str, definition: Any) -> tuple[Texts, str]:
    """Text and unit of a feature, from its definition, its texts or its name."""
    if definition is None:
        return Texts(nl=name, en=name), ""
    if isinstance(definition, Texts):
        return definition, ""
    return Texts(nl=definition.text["nl"], en=definition.text["en"]), definition.unit


def _rows(edges: Sequence[float], points: Sequence[int], unknown_seen: bool) -> Iterator[CardRow]:
    """Rows of a feature; neighbouring bins with the same points are one."""
    *known, unknown = points
    kept = [i for i in range(len(edges)) if known[i] != known[i + 1]]
    starts = [None, *(edges[i] for i in kept)]
    ends = [*starts[1:], None]
    heights = [known[0], *(known[i + 1] for i in kept)]
    for first, end, height in zip(starts, ends, heights, strict=True):
        yield CardRow(first, end, height)
    yield CardRow(None, None, unknown, unknown=True, seen=unknown_seen)


def form_of(known: np.ndarray[Any, np.dtype[np.float64]]) -> Form:
    """How the known values of a feature are written."""
    if not len(known) or (known != np.floor(known)).any():
        return "decimal"
    if np.isin(known, (0.0, 1.0)).all():
        return "yes_no"
    return "count" if known.min() >= 0 else "whole"


# -- words -------------------------------------------------------------------------------------


_SENTENCES = Sentences("risicoscreener.models.estimators", "card.toml")


class _Words:
    """What is said of a card in one language."""

    def __init__(self, lang: Lang, card: Card) -> None:
        self.lang: Lang = lang
        self.card = card

    def text(self, key: str, **values: Any) -> str:
        return _SENTENCES.say("texts", key, self.lang, **values)

    def title(self) -> str:
        return self.card.title.text(self.lang)

    def feature(self, feature: CardFeature) -> str:
        named = feature.text.text(self.lang)
        return f"{named} ({unit_label(feature.unit, self.lang)})" if feature.unit else named

    def probability(self) -> str:
        if self.card.outcome is None:
            return self.text("probability")
        return self.text("probability_of", outcome=self.card.outcome.text(self.lang))

    def interval(self) -> str:
        return self.text("interval", level=self.number(round(100 * self.card.level, 2)))

    def row(self, feature: CardFeature, row: CardRow) -> str:
        key, first, last = _row_key(feature.form, row)
        end = "" if row.end is None else self.number(row.end)
        said = _SENTENCES.say(
            "rows",
            key,
            self.lang,
            first="" if first is None else self.number(first),
            last="" if last is None else self.number(last),
            end=end,
        )
        return said if row.seen else said + " †"

    def number(self, value: float) -> str:
        """A number with all its digits and the decimal mark of the language."""
        plain = np.format_float_positional(value, trim="-")
        return plain.replace(".", ",") if self.lang == "nl" else plain

    def percent(self, probability: float) -> str:
        """Whole percents, and tenths below 10 %."""
        share = 100.0 * probability
        plain = f"{share:.1f}" if share < 9.95 else f"{share:.0f}"
        return (plain.replace(".", ",") if self.lang == "nl" else plain) + "%"

    def totals(self) -> list[tuple[str, str, str]]:
        """Total, probability and interval; totals of which the same is said are one row."""
        said: list[tuple[list[int], tuple[str, str]]] = []
        for entry in self.card.totals:
            what = (
                self.percent(entry.probability) + (" *" if entry.rare else ""),
                f"{self.percent(entry.lower)} – {self.percent(entry.upper)}",
            )
            if said and said[-1][1] == what:
                said[-1][0].append(entry.total)
            else:
                said.append(([entry.total], what))
        return [(_span(totals), *what) for totals, what in said]

    def notes(self) -> list[str]:
        """What stands below the tables."""
        found = [self.text("meaning")]
        if any(not row.seen for feature in self.card.features for row in feature.rows):
            found.append(self.text("unseen"))
        if any(entry.rare for entry in self.card.totals):
            found.append(self.text("rare", least=RARE))
        return found


def _span(totals: Sequence[int]) -> str:
    return str(totals[0]) if len(totals) == 1 else f"{totals[0]}–{totals[-1]}"


def _row_key(form: Form, row: CardRow) -> tuple[str, float | None, float | None]:
    """Which sentence says a row; its first and, for whole numbers, its last value."""
    if row.unknown:
        return "unknown", None, None
    if row.first is None and row.end is None:
        return "all", None, None
    if form == "decimal":
        return _decimal_key(row), row.first, None
    first = None if row.first is None else math.ceil(row.first)
    last = None if row.end is None else math.ceil(row.end) - 1
    if form == "yes_no":
        return ("no" if first is None else "yes"), None, None
    return _whole_key(form, first, last)


def _decimal_key(row: CardRow) -> str:
    if row.first is None:
        return "until"
    return "from" if row.end is None else "between"


def _whole_key(
    form: Form, first: int | None, last: int | None
) -> tuple[str, float | None, float | None]:
    if first is None:
        return ("one", last, None) if form == "count" and last == 0 else ("whole_until", None, last)
    if last is None:
        return "whole_from", first, None
    return ("one" if first == last else "whole_between"), first, last


# -- text --------------------------------------------------------------------------------------


def _text_features(card: Card, say: _Words) -> Iterator[str]:
    yield say.title()
    yield "=" * len(say.title())
    yield from _wrapped(say.text("how"))
    if not card.features:
        yield from ("", say.text("empty"))
    for number, feature in enumerate(card.features, 1):
        yield ""
        yield from _wrapped(f"{number}. {say.feature(feature)}")
        for row in feature.rows:
            yield f"   {say.row(feature, row) + ' ':.<50} {row.points:>4}"
        yield f"   {say.text('box'):<50} [    ]"
    yield ""
    yield f"{say.text('total'):<53} [    ]"


def _text_totals(card: Card, say: _Words) -> Iterator[str]:
    yield from _wrapped(say.probability()) if card.outcome is not None else ()
    rows = [(say.text("total"), say.text("probability"), say.interval()), *say.totals()]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        yield "   " + "   ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    yield ""
    for note in say.notes():
        yield from _wrapped(note)


def _wrapped(sentence: str) -> list[str]:
    from textwrap import wrap

    return wrap(sentence, WIDTH)


# -- markdown and html -------------------------------------------------------------------------


def _markdown(card: Card, say: _Words) -> Iterator[str]:
    yield f"### {_cell(say.title())}"
    yield from ("", _cell(say.text("how")), "")
    heads = [say.text(key) for key in ("feature", "value", "points", "box")]
    yield from ("| " + " | ".join(heads) + " |", "|---|---|---:|---|")
    for feature in card.features:
        for i, row in enumerate(feature.rows):
            first = f"**{_cell(say.feature(feature))}**" if i == 0 else ""
            yield f"| {first} | {_cell(say.row(feature, row))} | {row.points} | |"
    yield f"| **{say.text('total')}** | | | |"
    yield ""
    yield f"| {say.text('total')} | {_cell(say.probability())} | {say.interval()} |"
    yield "|---:|---:|---:|"
    for total in say.totals():
        yield "| " + " | ".join(_cell(part) for part in total) + " |"
    for note in say.notes():
        yield from ("", _cell(note))


def _cell(text: str) -> str:
    """Text that means nothing to Markdown or HTML."""
    for mark in "\\|*_`[]#":
        text = text.replace(mark, "\\" + mark)
    return escape(" ".join(text.split()), quote=False)


def _html(card: Card, say: _Words) -> str:
    template = files("risicoscreener.models.estimators") / "card.html"
    totals = [
        f'<tr><td class="n">{total}</td><td class="n">{p}</td><td class="n">{interval}</td></tr>'
        for total, p, interval in say.totals()
    ]
    words = {key: escape(say.text(key)) for key in ("how", "feature", "value", "points", "box")}
    return Template(template.read_text("utf-8")).substitute(
        words,
        lang=say.lang,
        title=escape(say.title()),
        total=escape(say.text("total")),
        probability=escape(say.probability()),
        interval=escape(say.interval()),
        features="\n".join(_html_feature(feature, say) for feature in card.features),
        totals="\n".join(totals),
        notes="\n".join(f"<p>{escape(note)}</p>" for note in say.notes()),
    )


def _html_feature(feature: CardFeature, say: _Words) -> str:
    size = len(feature.rows)
    rows = []
    for i, row in enumerate(feature.rows):
        head = f'<th scope="rowgroup" rowspan="{size}">{escape(say.feature(feature))}</th>'
        box = f'<td class="box" rowspan="{size}"></td>'
        rows.append(
            f"<tr>{head if i == 0 else ''}<td>{escape(say.row(feature, row))}</td>"
            f'<td class="n">{row.points}</td>{box if i == 0 else ""}</tr>'
        )
    return "<tbody>" + "".join(rows) + "</tbody>"
