"""What the pages on the action list and on the plan have in common."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from risicoscreener.templating import template
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
    from markupsafe import Markup

    css = (files("risicoscreener.report") / FOLDER / "reentry.css").read_text("utf-8")
    return template("risicoscreener.report", f"{FOLDER}/{name}").render(
        lang=lang,
        css=Markup(css),  # noqa: S704  (a file of the package)
        w=lambda key: values["words"][key] if key in values["words"] else word(key, lang),
        **values,
    )
