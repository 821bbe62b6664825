"""What the pages on the action list and on the plan have in common."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = "templates"


@cache
def data() -> dict[str, Any]:
    """Words and looks."""
    return tomllib.loads((files("risicoscreener.report") / "reentry.toml").read_text("utf-8"))


def word(key: str, lang: str, **values: object) -> str:
    """A word or sentence of these pages."""
    return str(data()["texts"][key][lang]).format(**values)


def rendered(template: str, lang: str, **values: Any) -> str:
    """A page that stands alone, asks nothing of the network and has no scripts.

    All values are escaped but for what is marked as safe by who made it.
    """
    from markupsafe import Markup

    css = (files("risicoscreener.report") / FOLDER / "reentry.css").read_text("utf-8")
    return (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            css=Markup(css),  # noqa: S704  (a file of the package)
            w=lambda key: values["words"][key] if key in values["words"] else word(key, lang),
            **values,
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("risicoscreener.report", FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
