"""What the pages on the action list and on the plan have in common."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from risicoscreener.templating import template

FOLDER = "templates"


@cache
def data() -> dict[str, Any]:
    """Words and looks."""
    return tomllib.loads((files("risicoscreener.report") / "reentry.toml").read_text("utf-8"))


def word(key: str, lang: str, **values: object) -> str:
    """A word or sentence of these pages."""
    return str(data()["texts"][key][lang]).format(**values)


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
