"""Of 1,000 people one icon each: a filled square has the outcome, an open circle has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.report.evaluation.data import IconBand

if TYPE_CHECKING:
    from markupsafe import Markup

PER_ROW = 25
STEP = 10


def icon(kind: str) -> Markup:
    """One icon, for the key."""
    from markupsafe import Markup

    path = _square(0, 0) if kind == "with" else _circle(0, 0)
    drawing = Markup('<svg viewBox="0 0 10 10" aria-hidden="true" focusable="false">{}</svg>')
    return drawing.format(_drawn(kind, path))


def icon_array(band: IconBand) -> Markup:
    """The people of a band, those with the outcome first."""
    from markupsafe import Markup

    n = band.with_outcome + band.without_outcome
    places = [(STEP * (i % PER_ROW), STEP * (i // PER_ROW)) for i in range(n)]
    squares = "".join(_square(x, y) for x, y in places[: band.with_outcome])
    circles = "".join(_circle(x, y) for x, y in places[band.with_outcome :])
    height = STEP * max(-(-n // PER_ROW), 1)
    drawing = Markup(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}. {}" focusable="false">{}{}</svg>'
    )
    return drawing.format(
        PER_ROW * STEP,
        height,
        band.label,
        band.description,
        _drawn("with", squares),
        _drawn("without", circles),
    )


def _drawn(kind: str, path: str) -> Markup:
    from markupsafe import Markup

    if not path:
        return Markup("")
    if kind == "with":
        return Markup('<path fill="#0b3c6f" d="{}"/>').format(path)
    return Markup('<path fill="none" stroke="#5a5f69" stroke-width="1.2" d="{}"/>').format(path)


def _square(x: int, y: int) -> str:
    return f"M{x + 1} {y + 1}h8v8h-8z"


def _circle(x: int, y: int) -> str:
    return f"M{x + 2} {y + 5}a3 3 0 1 0 6 0a3 3 0 1 0-6 0"
