"""Fill a document: facts where there are any, answers of people, and the rest left open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import GovernanceError
from risicoscreener.governance.answers import Answers, as_texts
from risicoscreener.governance.document import Document, Field, OpenFields, Section, State
from risicoscreener.governance.fact import joined, same, say
from risicoscreener.governance.facts import fact
from risicoscreener.governance.layout import NAMES, FieldLayout, SectionLayout, layout
from risicoscreener.governance.register import MADE_BY_THE_REGISTER
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.governance.known import Known

ABOUT_A_PERSON = ("explanation",)
"""Documents on one screening; the others are about the system."""


def fill(kind: str, known: Known, answers: Answers | None = None) -> Document:
    """A document of that kind.

    Parameters
    ----------
    kind
        A name of `NAMES`.
    known
        What it is filled from.
    answers
        What people supplied.

    Raises
    ------
    GovernanceError
        For an unknown kind, or an explanation without a screening to explain.
    """
    asked = layout(kind)
    if kind in ABOUT_A_PERSON and known.explanation is None:
        raise GovernanceError(f"document {kind!r} is about a screening; expected an explanation")
    given = Answers() if answers is None else answers
    sections: list[Section] = []
    if kind == "tripod":
        from risicoscreener.governance.tripod import tripod_sections

        sections = list(tripod_sections(known))
    elif asked.per == "model":
        for model in known.models:
            one = replace(known, model=model)
            sections += [_section(kind, s, one, given, of=model.title) for s in asked.sections]
    else:
        sections = [_section(kind, section, known, given) for section in asked.sections]
    return Document(
        kind=kind,
        title=asked.title,
        lead=asked.lead,
        source=asked.source,
        remark=asked.remark,
        to_verify=asked.to_verify,
        bundle=known.bundle_source,
        as_of=known.as_of,
        warnings=tuple(_warnings(known)),
        sections=tuple(sections),
    )


def open_fields(known: Known, answers: Answers | None = None) -> OpenFields:
    """What people must still do, over the documents about the system."""
    kinds = [kind for kind in NAMES if kind not in ABOUT_A_PERSON]
    return OpenFields(
        tuple((kind, field) for kind in kinds for field in fill(kind, known, answers).left)
    )


def _warnings(known: Known) -> list[Texts]:
    bundle = known.bundle
    found = [bundle.disclaimer] if bundle.synthetic else []
    standing = bundle.standing(known.as_of)
    if standing == "refused":
        found.append(say("warning", "refused", until=bundle.use_until, owner=bundle.owner))
    elif standing == "review_due":
        found.append(say("warning", "review_due", on=bundle.review_on, owner=bundle.owner))
    if known.explanation is None and known.as_of < bundle.created:
        found.append(say("warning", "made_later", on=bundle.created, day=known.as_of))
    if known.use is not None and known.use.deleted:
        found.append(say("warning", "deleted", n=known.use.deleted))
    return found


def _section(
    kind: str, asked: SectionLayout, known: Known, answers: Answers, of: Texts | None = None
) -> Section:
    title = asked.title if of is None else joined((of, asked.title), ": ")
    fields = tuple(
        _field(kind, one, known, answers)
        for one in asked.fields
        if one.id not in MADE_BY_THE_REGISTER
    )
    return Section(title=title, fields=fields)


def _field(kind: str, asked: FieldLayout, known: Known, answers: Answers) -> Field:
    facts = tuple(found for name in asked.facts if (found := fact(name, known)) is not None)
    answer = answers.to(kind, asked.id, asked.shared)
    name = asked.id
    if kind == "model_card" and known.model is not None:
        name = f"{known.model.name}.{asked.id}"
    who = asked.who or ("" if facts else "owner")
    return Field(
        id=name,
        text=asked.text,
        reference=asked.reference,
        state=_state(asked, bool(facts), answer),
        facts=facts,
        answer=None if answer is None else as_texts(answer),
        value=answer,
        who=who,
        proposal=_proposal(asked.propose),
        optional=asked.optional,
    )


def _state(asked: FieldLayout, has_facts: bool, answer: Any) -> State:
    if answer is not None:
        return "answered"
    if asked.propose:
        return "proposed"
    if not has_facts:
        return "open"
    return "to_complete" if asked.who else "filled"


def _proposal(given: str | tuple[str, ...]) -> Texts | None:
    if not given:
        return None
    return same(given if isinstance(given, str) else "; ".join(given))
