"""Texts that people read: each in Dutch and in English."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from risicoscreener.errors import RisicoscreenerError

Lang = Literal["nl", "en"]
LANGUAGES: tuple[Lang, ...] = ("nl", "en")


class Texts(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One text in Dutch and in English."""

    nl: str
    en: str

    def text(self, lang: str) -> str:
        """The text in ``nl`` or ``en``."""
        return self.nl if lang == "nl" else self.en


def check_language(lang: str) -> Lang:
    """The language, if it is one that the library speaks.

    Raises
    ------
    RisicoscreenerError
        Otherwise.
    """
    for spoken in LANGUAGES:
        if lang == spoken:
            return spoken
    raise RisicoscreenerError(f"language {lang!r} is not spoken; expected nl or en")
