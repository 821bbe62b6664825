"""The sentences of an intake, from their file, and what is said in headings with lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from risicoscreener.screening.render import default_language
from risicoscreener.texts import (
    Lang,
    Section,
    Sentences,
    check_language,
    sections_as_html,
    sections_as_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


say = Sentences("risicoscreener.reentry.intake").say


class InWords(Struct, frozen=True):
    """What says itself in headings with lines under them, as text and in a notebook."""

    kind: ClassVar[str] = "intake"

    def sections(self, lang: Lang) -> Iterable[Section]:
        """Headings with their lines."""
        raise NotImplementedError

    def text(self, lang: str = "nl") -> str:
        """All of it as plain text in ``nl`` or ``en``.

        Raises
        ------
        RisicoscreenerError
            For another language.
        """
        return sections_as_text(self.sections(check_language(lang)))

    def __str__(self) -> str:
        return self.text(default_language())

    def _repr_html_(self) -> str:
        lang = default_language()
        return sections_as_html(self.sections(lang), lang, self.kind)
