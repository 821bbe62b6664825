"""Templates of pages, filled in one way: what comes from outside is escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup


def template(package: str, path: str) -> Template:
    """A template that lies in a package.

    Parameters
    ----------
    package
        Its full name, such as ``risicoscreener.report``.
    path
        The file in it, such as ``templates/intake.html.jinja``; what it includes lies beside it.

    Returns
    -------
    Template
        Of jinja2: values are escaped unless they are marked as safe, and a template that names a
        value that it was not given raises ``jinja2.UndefinedError``.
    """
    folder, _, name = path.rpartition("/")
    return _templates(package, folder or ".").get_template(name)


def style(package: str, path: str) -> Markup:
    """The style of a page, from a file of a package; a template takes it as it is."""
    from markupsafe import Markup

    css = files(package).joinpath(path).read_text("utf-8")
    return Markup(css)  # noqa: S704  (a file of the package)


@cache
def _templates(package: str, folder: str) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
