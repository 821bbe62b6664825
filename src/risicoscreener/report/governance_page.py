"""A document about the system as a page: what is known, from what, and what people must supply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.governance.document import by_source, heading_of, left_of, source_of, state_of
from risicoscreener.governance.fact import word
from risicoscreener.report.reentry_page import rendered
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from risicoscreener.governance import Document, Field, Section

LOOKS = {
    "filled": "done",
    "answered": "done",
    "to_complete": "late",
    "proposed": "late",
    "open": "unknown",
}
"""How a state looks; its word says the same."""


def document_page(document: Document, lang: str = "nl") -> str:
    """A page that stands alone, without scripts; all that was typed is escaped.

    Parameters
    ----------
    document
        As `risicoscreener.governance.fill` gives it.
    lang
        ``nl`` or ``en``.

    Raises
    ------
    RisicoscreenerError
        For a language that is not spoken.
    """
    spoken = check_language(lang)
    return rendered(
        "governance.html.jinja",
        spoken,
        words={},
        title=document.title.text(spoken),
        about=document.about(spoken),
        document=document,
        say=lambda key, **parts: word("document", key, spoken, **parts),
        page=lambda key: word("page", key, spoken),
        by_source=by_source,
        source=lambda fact: source_of(fact, spoken),
        state=lambda field: state_of(field, spoken),
        heading=lambda field: heading_of(field, spoken),
        anchor=lambda field, section: _anchor(document, field, section),
        look=lambda field: LOOKS[field.state],
        left=lambda field: left_of(field, spoken),
    )


def _anchor(document: Document, field: Field, section: Section) -> str:
    """An id in the page that no other field has."""
    return f"f{document.sections.index(section)}-{section.fields.index(field)}"
