"""Vocabularies: the permitted codes of a field, with texts and a source, read from data files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from risicoscreener.errors import DossierError


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The permitted codes of one kind of field.

    Attributes
    ----------
    name
        Name by which fields and feature filters refer to it.
    source
        Publication that the codes come from; ``project`` where no list is published.
    texts
        Per code the label in ``nl`` and ``en``; for offence classes also foreign codes.
    groups
        Named sets of codes, written ``@name`` in feature filters.
    """

    name: str
    title: dict[str, str]
    source: str
    texts: dict[str, dict[str, Any]]
    groups: dict[str, tuple[str, ...]]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in the order of the data file; that order is the coding in tables."""
        return tuple(self.texts)

    def expand(self, wanted: list[str] | tuple[str, ...]) -> tuple[str, ...]:
        """Codes named by ``wanted``, in which ``@group`` stands for the codes of a group.

        Raises
        ------
        DossierError
            For a code or group that the vocabulary does not have.
        """
        expanded: list[str] = []
        for item in wanted:
            members = self.groups.get(item[1:], ()) if item.startswith("@") else (item,)
            if not members or any(code not in self.texts for code in members):
                known = ", ".join([*self.texts, *(f"@{g}" for g in self.groups)])
                raise DossierError(f"{item!r} is not in vocabulary {self.name!r}; known: {known}")
            expanded += members
        return tuple(dict.fromkeys(expanded))

    def label(self, code: str, lang: str) -> str:
        """Label of a code in ``nl`` or ``en``."""
        return str(self.texts[code][lang])


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """All vocabularies that the package ships, by name."""
    folder = files("risicoscreener.dossier") / "vocabularies"
    raw = tomllib.loads((folder / "codes.toml").read_text("utf-8"))
    raw["offence_class"] = tomllib.loads((folder / "offence_class.toml").read_text("utf-8"))
    return {
        name: Vocabulary(
            name=name,
            title=entry["title"],
            source=entry["source"],
            texts=entry["codes"],
            groups={g: tuple(codes) for g, codes in entry.get("groups", {}).items()},
        )
        for name, entry in raw.items()
    }


def codes_of(name: str) -> Any:
    """A ``Literal`` of the codes of a vocabulary, for use as the type of a record field."""
    return Literal[vocabularies()[name].codes]
