"""How a result shows itself: as a table in Markdown, and in a notebook."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class Shown:
    """A result with a table: `frame`, and a `title` above it."""

    frame: pd.DataFrame
    title: str

    def to_frame(self) -> pd.DataFrame:
        """The table, as a copy."""
        return self.frame.copy()

    def to_dict(self) -> list[dict[str, Any]]:
        """The rows as plain values; ``None`` where there is none."""
        return plain_rows(self.frame)

    def to_markdown(self) -> str:
        """The table as Markdown, under its title."""
        return f"### {self.title}\n\n{markdown_of(self.frame)}"

    def _repr_html_(self) -> str:
        return f"<h4>{self.title}</h4>{html_of(self.frame)}"

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {len(self.frame)} rows"


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain values, ``None`` for what is not a finite number."""
    columns = [[_plain(value) for value in frame[name].tolist()] for name in frame]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def text_of(value: Any) -> str:
    """A value as people read it: numbers in four digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def markdown_of(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table, without its index."""
    rows = [[text_of(value) for value in row] for row in frame.itertuples(index=False)]
    lines = [list(map(str, frame.columns)), ["---"] * frame.shape[1], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def html_of(frame: pd.DataFrame, most: int = 40) -> str:
    """The first rows of a frame as HTML, without its index."""
    shown = frame.head(most).map(text_of)
    rest = len(frame) - len(shown)
    more = f"<p>and {rest} more rows in <code>.frame</code></p>" if rest else ""
    return f"{shown.to_html(index=False, border=0)}{more}"
