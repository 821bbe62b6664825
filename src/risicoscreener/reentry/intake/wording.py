"""The sentences of an intake, from their file, and what is said in headings with lines."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

from risicoscreener.screening.render import default_language
from risicoscreener.texts import (
    Lang,
    Section,
    check_language,
    sections_as_html,
    sections_as_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    path = files("risicoscreener.reentry.intake") / "texts.toml"
    return tomllib.loads(path.read_text("utf-8"))


def say(section: str, key: str, lang: Lang, **values: Any) -> str:
    """A sentence of the text file with its values filled in."""
    return _texts()[section][key][lang].format(**values)


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
