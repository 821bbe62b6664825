"""A letter as sections, written as text or as one HTML page that needs nothing else."""

from __future__ import annotations

import textwrap

from msgspec import Struct

from risicoscreener.templating import template
from risicoscreener.texts import Lang

WIDTH = 88


class Section(Struct, frozen=True, kw_only=True):
    """A heading, paragraphs, and a list."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


class Letter(Struct, frozen=True, kw_only=True):
    """A letter in one language.

    Attributes
    ----------
    title
        What it is about.
    opening
        Paragraphs before the first section.
    closing
        Paragraphs after the last.
    """

    lang: Lang
    title: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: tuple[str, ...] = ()

    def text(self) -> str:
        """The letter as plain text of at most 88 columns."""
        blocks = [*map(_filled, (self.title.upper(), *self.opening))]
        for section in self.sections:
            blocks.append(section.heading + "\n" + "-" * len(section.heading))
            blocks += map(_filled, section.paragraphs)
            if section.items:
                blocks.append("\n".join(_item(item) for item in section.items))
        return "\n\n".join([*blocks, *map(_filled, self.closing)]) + "\n"

    def html(self) -> str:
        """The letter as a whole HTML page, without scripts or anything to fetch."""
        page = template("risicoscreener.screening.explanation", "texts/letter.html.jinja")
        return page.render(letter=self)

    def _repr_html_(self) -> str:
        return self.html()

    def __str__(self) -> str:
        return self.text()


def sections(*listed: Section | None) -> tuple[Section, ...]:
    """Those that are there and say something."""
    return tuple(s for s in listed if s is not None and (s.paragraphs or s.items))


def _filled(paragraph: str) -> str:
    return textwrap.fill(paragraph, WIDTH, break_long_words=False)


def _item(item: str) -> str:
    return textwrap.fill(
        item, WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False
    )
