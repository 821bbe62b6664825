"""TRIPOD+AI as a document: what an evaluation report fills in, and what is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from risicoscreener.errors import GovernanceError
from risicoscreener.governance.document import Field, Section, State
from risicoscreener.governance.fact import Fact, say
from risicoscreener.governance.layout import layout
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from risicoscreener.governance.known import Known

TABLE = "tripod-table"
EVALUATOR = "evaluator"
_STATES: dict[str, State] = {
    "done": "filled",
    "partly": "to_complete",
    "open": "open",
    "development": "filled",
}
"""How far an item is filled, by the name of that in a report."""


def tripod_sections(known: Known) -> Iterator[Section]:
    """One section with the items of the list; one open field without an evaluation.

    What people answer stands in the report (`risicoscreener report --about`), not here again.
    """
    asked, reports = layout("tripod").sections[0], known.evaluation
    if not reports:
        only = asked.fields[0]
        absent = Field(id=only.id, text=only.text, reference="", state="open", who=EVALUATOR)
        yield Section(title=asked.title, fields=(absent,))
        return
    either = next(iter(reports.values()))
    used = {lang: reports.get(lang, either) for lang in LANGUAGES}
    nl, en = (used[lang].rows(TABLE) for lang in LANGUAGES)
    state_of = {
        say("tripod", name).text(used["nl"].language): state for name, state in _STATES.items()
    }
    fields = (_item(a, b, state_of, either.source) for a, b in zip(nl, en, strict=True))
    yield Section(title=asked.title, fields=tuple(fields))


def _item(nl: list[str], en: list[str], state_of: dict[str, State], source: Texts) -> Field:
    """A field of a row: number, what is asked, how far it is filled, and where or with what."""
    if nl[2] not in state_of:
        known = ", ".join(state_of)
        raise GovernanceError(f"item {nl[0]} of TRIPOD+AI is {nl[2]!r}; expected one of {known}")
    state = state_of[nl[2]]
    told = Texts(nl=_told(nl), en=_told(en))
    return Field(
        id=nl[0],
        text=Texts(nl=nl[1], en=en[1]),
        reference="",
        state=state,
        facts=() if state == "open" else (Fact(name="tripod", lines=(told,), source=source),),
        who="" if state == "filled" else EVALUATOR,
    )


def _told(row: list[str]) -> str:
    return f"{row[2]}: {row[3]}" if row[3] else row[2]
