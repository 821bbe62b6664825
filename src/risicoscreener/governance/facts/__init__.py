"""The facts that documents can ask for, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from risicoscreener.governance.fact import Fact, read_toml_of, same
from risicoscreener.governance.facts import of_bundle, of_person, of_policies, of_use
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.governance.known import Known

Finder = Callable[["Known"], tuple[list[Texts], Texts | str]]


@cache
def finders() -> dict[str, Finder]:
    """The functions that find facts of a bundle, policies, use and a screening, by name."""
    found: dict[str, Finder] = {}
    for part in (of_bundle, of_policies, of_use, of_person):
        found |= part.FACTS
    return found


@cache
def of_software() -> dict[str, dict[str, object]]:
    """What holds of the software whatever models and policies it has."""
    return read_toml_of("facts/software.toml")


def names() -> tuple[str, ...]:
    """All that can be asked for."""
    return (*of_software(), *finders())


def fact(name: str, known: Known) -> Fact | None:
    """A fact of that name; None if nothing is known."""
    if name in of_software():
        return _of_software(name)
    lines, source = finders()[name](known)
    if not lines:
        return None
    return Fact(
        name=name,
        lines=tuple(lines),
        source=same(source) if isinstance(source, str) else source,
        to_verify=name in of_policies.TO_VERIFY,
    )


def _of_software(name: str) -> Fact:
    import msgspec

    from risicoscreener import __version__

    told = of_software()[name]
    lines = msgspec.convert(told["lines"], tuple[Texts, ...])
    source = same(f"risicoscreener {__version__}, {told['where']}")
    return Fact(name=name, lines=lines, source=source)


__all__ = ["fact", "finders", "names", "of_software"]
