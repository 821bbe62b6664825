"""What the pages on the action list and on the plan have in common."""

from __future__ import annotations

from typing import Any

from risicoscreener.templating import style, template
from risicoscreener.texts import Sentences

FOLDER = "templates"


_SHEET = Sentences("risicoscreener.report", "reentry.toml")


def data() -> dict[str, Any]:
    """Words and looks."""
    return _SHEET.entries


def word(key: str, lang: str, **values: object) -> str:
    """A word or sentence of these pages."""
    return _SHEET.say("texts", key, lang, **values)


def rendered(name: str, lang: str, **values: Any) -> str:
    """A page that stands alone, asks nothing of the network and has no scripts.

    All values are escaped but for what is marked as safe by who made it.
    """
    return template("risicoscreener.report", f"{FOLDER}/{name}").render(
        lang=lang,
        css=style("risicoscreener.report", f"{FOLDER}/reentry.css"),
        w=lambda key: values["words"][key] if key in values["words"] else word(key, lang),
        **values,
    )
