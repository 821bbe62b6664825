"""The instruments that the package carries: each version is a file, with what its family shares."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from risicoscreener.errors import ModelError
from risicoscreener.instruments.instrument import Instrument
from risicoscreener.strict_toml import parse_toml

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def shipped(id: str, version: str | None) -> Instrument:
    """The instrument of that name and version; see `Instrument.load`."""
    versions = {i.version: i for i in instruments() if i.id == id}
    if not versions:
        known = ", ".join(dict.fromkeys(i.id for i in instruments()))
        raise ModelError(f"there is no instrument {id!r}; there are: {known}.")
    if version is None:
        return max(versions.values(), key=lambda i: i.definition.published)
    if version not in versions:
        raise ModelError(
            f"instrument {id} has no version {version!r}; it has: {', '.join(versions)}."
        )
    return versions[version]


@cache
def instruments() -> tuple[Instrument, ...]:
    """All instruments and versions that the package carries, by id and date."""
    found = []
    for folder in sorted(_data().iterdir(), key=lambda path: path.name):
        if folder.is_dir():
            found += [_load(path) for path in folder.iterdir() if path.name.endswith(".toml")]
    return tuple(sorted(found, key=lambda i: (i.id, i.definition.published)))


def _data() -> Traversable:
    return files("risicoscreener.instruments") / "data"


def _load(path: Traversable) -> Instrument:
    text = path.read_text("utf-8")
    extends = parse_toml(text).get("extends")
    shared = (_data() / str(extends)).read_text("utf-8") if extends else None
    try:
        return Instrument.from_toml(text, shared)
    except ModelError as error:
        raise ModelError(f"{path.name}: {error}") from error
