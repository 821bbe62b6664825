"""What a document asks, as data: sections of fields, with where it is asked and who knows it."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.errors import GovernanceError
from risicoscreener.governance.fact import read_toml_of
from risicoscreener.texts import Texts

NAMES = (
    "model_card",
    "system_card",
    "register",
    "annex_iv",
    "explanation",
    "fria",
    "dpia",
    "tripod",
)
"""The documents, in the order in which they are listed."""

LONGEST_ANSWER = 10_000
"""Characters of an answer where a standard names no limit."""


class Role(Struct, frozen=True, forbid_unknown_fields=True):
    """Who supplies what no fact tells."""

    text: Texts


class FieldLayout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of a document.

    Attributes
    ----------
    id
        By which an answer names it; of a standard with names, its name there.
    text
        What is asked.
    reference
        Where it is asked: an article or a number of the standard.
    facts
        Names of the facts that fill it.
    who
        Role that must supply it, or complete what the facts say; empty: facts suffice.
    propose
        A value that a person must confirm before it goes out.
    optional
        The standard does not require it.
    shared
        Name of an answer that several documents share.
    """

    id: str
    text: Texts
    reference: str = ""
    facts: tuple[str, ...] = ()
    who: str = ""
    propose: str | tuple[str, ...] = ""
    optional: bool = False
    shared: str = ""


class SectionLayout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields under a heading."""

    title: Texts
    fields: tuple[FieldLayout, ...]


class Layout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of document.

    Attributes
    ----------
    source
        The standard or law that asks for it, with its version, and what of it was read.
    lead
        What the document is, and what it is not.
    per
        ``model``: the sections once for each model.
    """

    name: str = ""
    title: Texts
    source: str
    remark: Texts | None = None
    to_verify: bool = False
    lead: Texts
    per: Literal["system", "model"] = "system"
    sections: tuple[SectionLayout, ...]

    @property
    def all_fields(self) -> tuple[FieldLayout, ...]:
        """The fields of all sections."""
        return tuple(field for section in self.sections for field in section.fields)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


@cache
def layouts() -> dict[str, Layout]:
    """The documents by their names."""
    return {name: _read(name) for name in NAMES}


def layout(name: str) -> Layout:
    """One kind of document.

    Raises
    ------
    GovernanceError
        If there is none of that name.
    """
    if name not in NAMES:
        raise GovernanceError(f"document {name!r}; expected one of {', '.join(NAMES)}")
    return layouts()[name]


@cache
def roles() -> dict[str, Role]:
    """Who can be asked."""
    return msgspec.convert(read_toml_of("roles.toml"), dict[str, Role])


def _read(name: str) -> Layout:
    plain = read_toml_of(f"documents/{name}.toml")
    found = msgspec.convert({**plain, "name": name}, Layout)
    ids = [field.id for field in found.all_fields]
    assert len(set(ids)) == len(ids), f"{name}: a field is there twice"
    assert all(field.who in {"", *roles()} for field in found.all_fields), f"{name}: who"
    return found
