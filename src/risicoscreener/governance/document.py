"""A document: what facts say, what people supplied, and what is still open, field by field."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.governance.fact import Fact, word
from risicoscreener.governance.layout import roles
from risicoscreener.texts import Lang, Texts, check_language

if TYPE_CHECKING:
    import pandas as pd

State = Literal["filled", "answered", "to_complete", "proposed", "open"]
"""By facts alone; by a person; by facts that a person must complete; to be confirmed; not."""

LEFT: tuple[State, ...] = ("to_complete", "proposed", "open")
"""States in which a person must still do something."""


class Field(Struct, frozen=True, kw_only=True):
    """One field of a document as it is filled.

    Attributes
    ----------
    facts
        What is known, each with its source.
    answer
        What a person supplied, as it is shown; ``value`` is that as it is given to a standard.
    who
        Role that supplies or completes it; empty if nobody need.
    proposal
        What a person must confirm before it goes out.
    """

    id: str
    text: Texts
    reference: str
    state: State
    facts: tuple[Fact, ...] = ()
    answer: Texts | None = None
    value: Any = None
    who: str = ""
    proposal: Texts | None = None
    optional: bool = False

    @property
    def left(self) -> bool:
        """Whether a person must still do something."""
        return self.state in LEFT

    def content(self, lang: str) -> str:
        """What it says: the answer if there is one, else the facts, a line each."""
        if self.answer is not None:
            return self.answer.text(lang)
        return "\n".join(fact.text(lang) for fact in self.facts)

    def role(self, lang: str) -> str:
        """Who supplies it, in words."""
        return roles()[self.who].text.text(lang) if self.who else ""


class Section(Struct, frozen=True, kw_only=True):
    """Fields under a heading."""

    title: Texts
    fields: tuple[Field, ...]


class Document(Struct, frozen=True, kw_only=True):
    """A document about a system, or about one screening.

    Attributes
    ----------
    kind
        Its name, such as ``annex_iv``.
    source
        The law or standard that asks for it; ``remark`` says what of it was read.
    bundle, as_of
        Of which models, and on which day.
    """

    kind: str
    title: Texts
    lead: Texts
    source: str
    remark: Texts | None = None
    to_verify: bool = False
    bundle: str
    as_of: dt.date
    warnings: tuple[Texts, ...] = ()
    sections: tuple[Section, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of all sections."""
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def left(self) -> tuple[Field, ...]:
        """What a person must still do."""
        return tuple(field for field in self.fields if field.left)

    def field(self, name: str) -> Field:
        """The field of that id."""
        return next(field for field in self.fields if field.id == name)

    def counts(self) -> dict[str, int]:
        """How many fields are in each state."""
        states: tuple[State, ...] = ("filled", "answered", *LEFT)
        return {state: sum(f.state == state for f in self.fields) for state in states}

    def summary(self, lang: str) -> str:
        """How far it is filled, in a sentence."""
        return word("document", "summary", check_language(lang), **self.counts())

    def about(self, lang: str) -> list[str]:
        """What it is of, where it is asked, and what warns: a line each."""
        spoken = check_language(lang)
        unread = word("document", "to_verify", spoken) if self.to_verify else ""
        lines = [
            self.lead.text(spoken),
            word("document", "of", spoken, bundle=self.bundle, day=self.as_of),
            word("document", "source", spoken, source=self.source) + unread,
        ]
        if self.remark is not None:
            lines.append(self.remark.text(spoken))
        return [*lines, *(w.text(spoken) for w in self.warnings), self.summary(spoken)]

    def text(self, lang: str = "nl") -> str:
        """The document as plain text in ``nl`` or ``en``."""
        spoken = check_language(lang)
        lines = [self.title.text(spoken).upper(), "", *self.about(spoken)]
        for section in self.sections:
            title = section.title.text(spoken)
            lines += ["", title, "-" * len(title)]
            for field in section.fields:
                lines += ["", f"[{state_of(field, spoken)}] {heading_of(field, spoken)}"]
                lines += [f"    {line}" for line in lines_of_field(field, spoken)]
        return "\n".join(lines) + "\n"

    def markdown(self, lang: str = "nl") -> str:
        """The document as Markdown in ``nl`` or ``en``; what people typed is shown as text."""
        spoken = check_language(lang)
        lines = [f"# {self.title.text(spoken)}", ""]
        lines += [f"{_plain(line)}\n" for line in self.about(spoken)]
        for section in self.sections:
            lines += [f"## {_plain(section.title.text(spoken))}", ""]
            for field in section.fields:
                lines += [f"### {_plain(heading_of(field, spoken))}", ""]
                lines += [f"*{state_of(field, spoken)}*", ""]
                lines += [*(f"- {_plain(line)}" for line in lines_of_field(field, spoken)), ""]
        return "\n".join(lines).rstrip() + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with how many fields are in each state."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain | {"counts": self.counts()}

    def to_frame(self, lang: str = "nl") -> pd.DataFrame:
        """A row for each field: state, what it says, who completes it."""
        import pandas as pd

        spoken = check_language(lang)
        return pd.DataFrame(
            {
                "field": [f.id for f in self.fields],
                "asked": [f.text.text(spoken) for f in self.fields],
                "reference": [f.reference for f in self.fields],
                "state": [f.state for f in self.fields],
                "optional": [f.optional for f in self.fields],
                "content": [f.content(spoken) for f in self.fields],
                "who": [f.role(spoken) for f in self.fields],
            }
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(heading_of(f, 'nl'))}</th><td>{escape(state_of(f, 'nl'))}</td>"
            f"<td>{escape(f.content('nl'))}</td></tr>"
            for f in self.fields
        )
        head = f"<h4>{escape(self.title.nl)}</h4><p>{escape(self.summary('nl'))}</p>"
        return f"{head}<table>{rows}</table>"


def state_of(field: Field, lang: Lang) -> str:
    """The state of a field in words."""
    return word("state", field.state, lang)


def heading_of(field: Field, lang: Lang) -> str:
    """What a field asks, and where that is asked."""
    asked = field.text.text(lang)
    return f"{asked} ({field.reference})" if field.reference else asked


def lines_of_field(field: Field, lang: Lang) -> list[str]:
    """What a field says, with its sources, and what a person must still do: a line each."""
    lines = []
    if field.answer is not None:
        lines.append(word("document", "answer", lang, text=field.answer))
    for facts in by_source(field):
        lines += [line for fact in facts for line in fact.text(lang).splitlines()]
        lines.append(source_of(facts[0], lang))
    if field.proposal is not None and field.answer is None:
        lines.append(word("document", "proposal", lang, text=field.proposal))
    if field.left:
        lines.append(left_of(field, lang))
    return lines


def left_of(field: Field, lang: Lang) -> str:
    """What a person must still do with a field."""
    key = f"left_{field.state}" + ("_optional" if field.optional else "")
    return word("document", key, lang, who=field.role(lang), id=field.id)


def by_source(field: Field) -> list[list[Fact]]:
    """The facts of a field, those that follow each other from one source together."""
    grouped = groupby(field.facts, key=lambda fact: (fact.source, fact.to_verify))
    return [list(facts) for _, facts in grouped]


def source_of(fact: Fact, lang: Lang) -> str:
    """Where a fact comes from, and whether that was read."""
    unread = word("document", "to_verify", lang) if fact.to_verify else ""
    return word("document", "from", lang, source=fact.source) + unread


def _plain(text: str) -> str:
    """Text in which Markdown finds no mark-up and a browser no tag."""
    for mark in "\\`*_[]<>#|":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


@dataclass(frozen=True)
class OpenFields:
    """What people must still do, over all documents."""

    fields: tuple[tuple[str, Field], ...]

    @property
    def required(self) -> tuple[tuple[str, Field], ...]:
        """Those without which a document is not complete."""
        return tuple((kind, field) for kind, field in self.fields if not field.optional)

    def text(self, lang: str = "nl") -> str:
        """A table as plain text: document, field, state, who."""
        spoken = check_language(lang)
        rows = [
            (kind, field.id, state_of(field, spoken), field.role(spoken))
            for kind, field in self.required
        ]
        widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
        lines = [
            "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]])
            for row in rows
        ]
        optional = len(self.fields) - len(rows)
        lines.append(word("document", "open", spoken, n=len(rows), optional=optional))
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        listed = [
            {
                "document": kind,
                "field": field.id,
                "asked": msgspec.to_builtins(field.text),
                "state": field.state,
                "who": field.who,
                "optional": field.optional,
            }
            for kind, field in self.fields
        ]
        return {"required": len(self.required), "fields": listed}

    def to_frame(self) -> pd.DataFrame:
        """A row for each field."""
        import pandas as pd

        rows = self.to_dict()["fields"]
        return pd.DataFrame(rows, columns=["document", "field", "state", "who", "optional"])
