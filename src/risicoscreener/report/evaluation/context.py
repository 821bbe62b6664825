"""What the builders of chapters share: the facts, the words, and where pictures are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.evaluation import Curve, Estimate
from risicoscreener.evaluation.wording import measure_text, method_text
from risicoscreener.report.evaluation.data import Paragraph, Picture, Table, Value
from risicoscreener.report.evaluation.svg import drawn

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from risicoscreener.report.evaluation.facts import Facts
    from risicoscreener.report.evaluation.wording import Words


@dataclass(frozen=True)
class Context:
    """Facts and words; how each picture is drawn is kept by its name."""

    facts: Facts
    words: Words
    pictures: dict[str, Callable[[], str]] = field(default_factory=dict)

    def picture(
        self,
        name: str,
        title: str,
        draw: Callable[[], Axes],
        description: str,
        table: Table,
    ) -> Picture:
        """A picture with its description and numbers; it is drawn when a page is made."""
        self.pictures[name] = partial(drawn, draw, name)
        return Picture(name=name, title=title, description=description, table=table)

    def estimates(self, name: str, caption: str, figures: Iterable[Estimate]) -> Table:
        """A table with a row for each figure: value, meaning, how the interval was made."""
        words, rows = self.words, []
        for one in figures:
            text = measure_text(one.name)
            method = method_text(one.method).text(words.lang) if one.method else ""
            rows.append(
                (
                    text.title.text(words.lang),
                    words.figure(one),
                    text.plain.text(words.lang),
                    method,
                )
            )
        columns = (
            words.column("measure"),
            words.column("estimate", "estimate"),
            words.column("meaning"),
            words.column("method"),
        )
        return Table(name=name, caption=caption, columns=columns, rows=tuple(rows))

    def frame(
        self,
        name: str,
        caption: str,
        frame: pd.DataFrame,
        titles: dict[str, str] | None = None,
        notes: Sequence[str] = (),
    ) -> Table:
        """A table of a frame's columns; whole numbers are counts, others numbers, else text."""
        from risicoscreener.report.evaluation.data import Column

        titles = titles or {}
        columns = tuple(
            Column(name=str(c), title=titles.get(str(c), str(c)), kind=_kind_of(frame[c]))
            for c in frame.columns
        )
        rows = tuple(
            tuple(_plain(v) for v in row) for row in frame.itertuples(index=False, name=None)
        )
        return Table(name=name, caption=caption, columns=columns, rows=rows, notes=tuple(notes))

    def curve(self, name: str, caption: str, curve: Curve) -> Table:
        """A table of the points of a curve."""
        words = self.words
        titles = {side: words.column(side).title for side in ("low", "high")}
        for side in ("x", "y"):
            of_axis = f"axes.{curve.name}_{side}"
            titles[side] = words(of_axis) if words.knows(of_axis) else words.column(side).title
        return self.frame(name, caption, curve.to_frame(), titles)

    def column_title(self, column: str) -> str:
        """What a group column is called: a role in words, others as the table names them."""
        return self.words("column.prison") if column == "prison" else column

    def plain(self, key: str, /, **values: Any) -> Paragraph:
        """A paragraph for every reader."""
        return Paragraph(text=self.words(key, **values))

    def warning(self, key: str, /, **values: Any) -> Paragraph:
        """A paragraph that stands out."""
        return Paragraph(text=self.words(key, **values), role="warning")


def finite(value: float) -> float | None:
    """A number, or None where there is none."""
    return float(value) if np.isfinite(value) else None


def _kind_of(series: pd.Series[Any]) -> Any:
    if series.dtype.kind in "iub":
        return "count"
    return "number" if series.dtype.kind == "f" else "text"


def _plain(value: Any) -> Value:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):
        return value
    return str(value)
