"""The table of recipients and purposes: which fields, on which basis, from when and how long."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from risicoscreener.dossier.schema import TableSpec, id_column, persons, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError, ReentryError
from risicoscreener.reentry.reading import text_of
from risicoscreener.reentry.sharing.wording import code_vocabulary, field_label, say, table_label
from risicoscreener.screening.audience import audiences, recipients
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Lang, Section, Texts, check_language, sections_as_text

PERSONS = "persons"
NEVER_SHARED = ("audit",)
"""Tables that are kept for audit alone and go to nobody."""
PRISONERS_SIDE = ("person",)
"""Recipients to whom nothing of the table of victims may go, whatever a table of purposes says."""
_CORRECTIONS = ("fact_id", "supersedes", "void")
Value = str | int | bool


class Purpose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one recipient may get for one purpose; the words of ``purposes.toml``.

    Attributes
    ----------
    recipient
        A name in `screening.audience.recipients`.
    valid_from, valid_until
        From which day, and up to and including which day if it ended, the basis holds.
    fields
        Per table the columns that are given. What is not named is not given.
    last
        Tables of which only the last row by its day counts.
    running
        Tables of which only rows count that run on the day.
    where
        Per table and column the only values for which a row counts.
    extract
        Whether the extract of a screening for this recipient can go with it.
    keep_days, keep_from
        How many days the recipient may use it, counted from the day it was given or from release.
    """

    recipient: str
    id: str
    title: Texts
    source: str
    valid_from: dt.date
    keep_days: Annotated[int, Meta(ge=1, le=36525)]
    fields: dict[str, tuple[str, ...]]
    form: Literal["view", "research"] = "view"
    valid_until: dt.date | None = None
    keep_from: Literal["issue", "release"] = "issue"
    last: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    where: dict[str, dict[str, tuple[Value, ...]]] = {}
    extract: bool = False
    needs_consent: bool = False
    remark: Texts | None = None
    to_verify: bool = False

    def holds_on(self, day: dt.date) -> bool:
        """Whether the basis holds on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that are given, as ``table.column``, in the order of the table of purposes."""
        return tuple(f"{table}.{name}" for table, names in self.fields.items() for name in names)

    def basis(self, lang: Lang) -> str:
        """The legal basis in words, with a warning where its text was not read."""
        if not self.to_verify:
            return self.source
        return say("purpose", "unread", lang, source=self.source)

    def text(self, lang: Lang = "nl") -> str:
        """What is given to whom, for what and until when, in ``nl`` or ``en``."""
        return sections_as_text([_outline(self, check_language(lang))])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, to write as JSON."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    purposes: tuple[Purpose, ...]


@cache
def purposes() -> tuple[Purpose, ...]:
    """The table that the package ships, in the order of its file."""
    text = (files("risicoscreener.reentry.sharing") / "purposes.toml").read_text("utf-8")
    return _checked(text, "purposes.toml")


def read_purposes(path: str | os.PathLike[str]) -> tuple[Purpose, ...]:
    """A table of purposes of your own.

    Raises
    ------
    ReentryError
        If it cannot be understood: an unknown recipient, table, column or code, a basis twice on
        one day, or a field that goes to nobody.
    """
    return _checked(text_of(path), os.fspath(path))


def find_purpose(
    recipient: str, purpose: str, on: dt.date, *, table: Iterable[Purpose] | None = None
) -> Purpose:
    """The version of a purpose that holds on a day.

    Raises
    ------
    ReentryError
        If there is no such recipient or purpose, or its basis does not hold on that day; the
        message says what there is.
    """
    known = purposes() if table is None else tuple(table)
    of_recipient = [one for one in known if one.recipient == recipient]
    if not of_recipient:
        there = ", ".join(dict.fromkeys(one.recipient for one in known))
        raise ReentryError(f"recipient is {recipient!r}; expected one of {there}")
    versions = [one for one in of_recipient if one.id == purpose]
    if not versions:
        there = ", ".join(dict.fromkeys(one.id for one in of_recipient))
        raise ReentryError(f"purpose of {recipient} is {purpose!r}; expected one of {there}")
    for version in versions:
        if version.holds_on(on):
            return version
    spans = "; ".join(_span(version) for version in versions)
    raise ReentryError(f"{recipient} has no basis for {purpose} on {on}; it holds {spans}")


def purposes_text(lang: Lang = "nl", *, table: Iterable[Purpose] | None = None) -> str:
    """The whole table in words."""
    known = purposes() if table is None else tuple(table)
    return sections_as_text([_outline(one, check_language(lang)) for one in known])


def _span(purpose: Purpose) -> str:
    ends = "" if purpose.valid_until is None else f" up to and including {purpose.valid_until}"
    return f"from {purpose.valid_from}{ends}"


# --- checks -------------------------------------------------------------------------------------


def _checked(text: str, name: str) -> tuple[Purpose, ...]:
    try:
        found = msgspec.convert(parse_toml(text), _File).purposes
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ReentryError(f"{name}: {error}") from None
    for purpose in found:
        _check(purpose, f"{name}: {purpose.recipient}/{purpose.id}")
    _check_versions(found, name)
    return tuple(_expanded(purpose) for purpose in found)


def _spec(table: str, where: str) -> TableSpec:
    known = {PERSONS: persons(), **tables()}
    if table not in known or table in NEVER_SHARED:
        there = ", ".join(name for name in known if name not in NEVER_SHARED)
        raise ReentryError(f"{where}: table is {table!r}; expected one of {there}")
    return known[table]


def columns_of(table: str) -> tuple[str, ...]:
    """The columns that can be given: all but those that only say what a fact corrects."""
    spec = persons() if table == PERSONS else tables()[table]
    first = (id_column().name,) if table == PERSONS else ()
    return (*first, *(name for name in spec.columns if name not in _CORRECTIONS))


def _check(purpose: Purpose, where: str) -> None:
    if purpose.recipient not in recipients():
        there = ", ".join(recipients())
        raise ReentryError(f"{where}: recipient is {purpose.recipient!r}; expected one of {there}")
    if purpose.recipient in PRISONERS_SIDE and "victims" in purpose.fields:
        raise ReentryError(
            f"{where}: victims go to the side of the prisoner; expected no such field"
        )
    if purpose.extract and purpose.recipient not in audiences():
        raise ReentryError(
            f"{where}: extract is true; expected false, since no extract is for them"
        )
    if purpose.valid_until is not None and purpose.valid_until < purpose.valid_from:
        raise ReentryError(f"{where}: valid_until lies before valid_from; expected a later day")
    for table, names in purpose.fields.items():
        _spec(table, where)
        unknown = [name for name in names if name not in columns_of(table)]
        if unknown:
            there = ", ".join(columns_of(table))
            raise ReentryError(f"{where}: {table}.{unknown[0]}; expected one of {there}")
    for table in (*purpose.last, *purpose.running):
        _check_given(purpose, table, where)
        if _spec(table, where).starts is None:
            raise ReentryError(f"{where}: {table} has no days; expected a table of facts")
    for table in purpose.running:
        if _spec(table, where).ends is None:
            raise ReentryError(f"{where}: rows of {table} do not run; expected a table with spells")
    for table, filters in purpose.where.items():
        _check_given(purpose, table, where)
        _check_filters(_spec(table, where), filters, where)


def _check_given(purpose: Purpose, table: str, where: str) -> None:
    if table not in purpose.fields:
        there = ", ".join(purpose.fields)
        raise ReentryError(
            f"{where}: {table} is chosen from and not given; expected one of {there}"
        )


def _check_filters(spec: TableSpec, filters: dict[str, tuple[Value, ...]], where: str) -> None:
    for name, values in filters.items():
        if name not in spec.columns:
            there = ", ".join(spec.columns)
            raise ReentryError(f"{where}: {spec.name}.{name}; expected one of {there}")
        codes = spec.columns[name].codes
        if codes:
            _expand(spec.name, name, values, where)


def _expand(table: str, name: str, values: tuple[Value, ...], where: str) -> tuple[Value, ...]:
    vocabulary = vocabularies()[code_vocabulary(table, name)]
    try:
        return vocabulary.expand([str(value) for value in values])
    except DossierError as error:
        raise ReentryError(f"{where}: {error}") from None


def _expanded(purpose: Purpose) -> Purpose:
    where = {
        table: {
            name: _expand(table, name, values, "")
            if _spec(table, "").columns[name].codes
            else values
            for name, values in filters.items()
        }
        for table, filters in purpose.where.items()
    }
    return msgspec.structs.replace(purpose, where=where)


def _check_versions(found: tuple[Purpose, ...], name: str) -> None:
    for i, one in enumerate(found):
        for other in found[:i]:
            if (one.recipient, one.id) != (other.recipient, other.id):
                continue
            if one.holds_on(other.valid_from) or other.holds_on(one.valid_from):
                raise ReentryError(
                    f"{name}: {one.recipient}/{one.id} is there twice for one day; expected "
                    "versions that follow each other"
                )


# --- in words -----------------------------------------------------------------------------------


def _outline(purpose: Purpose, lang: Lang) -> Section:
    heading = say(
        "purpose",
        "heading",
        lang,
        recipient=recipients()[purpose.recipient].text(lang),
        purpose=purpose.title.text(lang),
        names=f"{purpose.recipient} {purpose.id}",
    )
    lines = [say("purpose", "basis", lang, basis=purpose.basis(lang))]
    if purpose.remark is not None:
        lines.append(say("purpose", "remark", lang, remark=purpose.remark.text(lang)))
    lines.append(
        say("purpose", "from", lang, day=purpose.valid_from)
        if purpose.valid_until is None
        else say("purpose", "span", lang, first=purpose.valid_from, last=purpose.valid_until)
    )
    lines.append(say("purpose", f"keep_{purpose.keep_from}", lang, days=purpose.keep_days))
    if purpose.needs_consent:
        lines.append(say("purpose", "consent", lang))
    if purpose.extract:
        lines.append(say("purpose", "extract", lang))
    for table, names in purpose.fields.items():
        told = ", ".join(field_label(table, name, lang) for name in names)
        lines.append(f"{table_label(table, lang)}{_said_filter(purpose, table, lang)}: {told}")
    return heading, lines


def _said_filter(purpose: Purpose, table: str, lang: Lang) -> str:
    said = []
    if table in purpose.last:
        said.append(say("purpose", "last", lang))
    if table in purpose.running:
        said.append(say("purpose", "running", lang))
    for name, values in purpose.where.get(table, {}).items():
        told = ", ".join(_said_value(table, name, value, lang) for value in values)
        said.append(f"{field_label(table, name, lang)}: {told}")
    return f" ({'; '.join(said)})" if said else ""


def _said_value(table: str, name: str, value: Value, lang: Lang) -> str:
    if isinstance(value, bool):
        return say("value", "yes" if value else "no", lang)
    if isinstance(value, int):
        return str(value)
    return vocabularies()[code_vocabulary(table, name)].label(value, lang)
