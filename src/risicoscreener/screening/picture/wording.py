"""Sentences of pictures over time, in Dutch and in English, from ``texts.toml`` beside this."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from risicoscreener.screening.render import say_date
from risicoscreener.texts import LANGUAGES, Lang, Sentences, Texts

if TYPE_CHECKING:
    from risicoscreener.decision import PolicyBook


_SENTENCES = Sentences("risicoscreener.screening.picture")


def phrase(section: str, key: str, **values: Any) -> Texts:
    """A sentence in each language; `Texts` and days among the values are said in that language."""
    return Texts(**{lang: say(section, key, lang, **values) for lang in LANGUAGES})


def say(section: str, key: str, lang: Lang, **values: Any) -> str:
    """A sentence in one language; `Texts` and days among the values are said in it."""
    said = {name: _in(value, lang) for name, value in values.items()}
    return _SENTENCES.say(section, key, lang, **said)


def _in(value: Any, lang: Lang) -> Any:
    if isinstance(value, Texts):
        return value.text(lang)
    return say_date(value, lang) if isinstance(value, dt.date) else value


def joined(texts: Iterable[Texts], between: str = "; ") -> Texts:
    """Several texts as one."""
    listed = list(texts)
    return Texts(**{lang: between.join(t.text(lang) for t in listed) for lang in LANGUAGES})


def kind_title(book: PolicyBook, kind: str, day: dt.date, policy: str | None = None) -> Texts:
    """What a kind of decision is called: the title of the version that applies.

    Parameters
    ----------
    day
        Where no version is named, that of the version in force on this day; else the newest.
    policy
        Id of the version that applies, which the day of the judgment may have picked.
    """
    versions = book.versions(kind)
    named = [version for version in versions if version.id == policy]
    in_force = [version for version in versions if version.policy.in_force(day)]
    return (named or in_force or [versions[-1]])[0].policy.title
