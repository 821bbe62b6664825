"""Facts of one screening, as the person concerned may hear them: nothing about victims."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from risicoscreener.governance.fact import say
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.governance.known import Known
    from risicoscreener.screening.explanation import Letter

Found = tuple[list[Texts], Texts | str]
WITHOUT = {"risk": "no_risk", "help": "no_help"}
"""What is said where the letter to the person has nothing to say."""


def _letters(known: Known) -> tuple[Letter, Letter]:
    explanation = known.explanation
    assert explanation is not None
    return explanation.letter_to_person("nl"), explanation.letter_to_person("en")


def _source(known: Known) -> Texts:
    explanation = known.explanation
    if explanation is None:
        return say("source", "no_screening")
    result = explanation.result
    parts = {"person_id": result.person_id, "day": result.as_of, "policy": result.policy.id}
    return say("source", "screening", **parts)


def _part(name: str) -> Callable[[Known], Found]:
    def find(known: Known) -> Found:
        if known.explanation is None:
            return [], _source(known)
        if name == "conditions" and _outcome(known) == "deny":
            return [say("fact", "no_conditions")], _source(known)
        nl, en = (_section(letter, name, _key(name, known)) for letter in _letters(known))
        lines = [Texts(nl=a, en=b) for a, b in zip(nl, en, strict=True)]
        if not lines and name in WITHOUT:
            lines = [say("fact", WITHOUT[name])]
        return lines, _source(known)

    return find


def _key(name: str, known: Known) -> str:
    """What the texts of the letter call the heading of a section."""
    return _outcome(known) if name == "conditions" else "heading"


def _outcome(known: Known) -> str:
    explanation = known.explanation
    return "" if explanation is None else explanation.result.outcome


def _section(letter: Letter, name: str, key: str) -> list[str]:
    from risicoscreener.screening.explanation.wording import say as heading

    wanted = heading(name, key, letter.lang)
    return [
        line
        for section in letter.sections
        if section.heading == wanted
        for line in (*section.paragraphs, *section.items)
    ]


def _what(known: Known) -> Found:
    explanation = known.explanation
    if explanation is None:
        return [], _source(known)
    result = explanation.result
    versions = known.policies.versions(result.decision)
    by = next((v.policy.decided_by for v in versions if v.id == result.policy.id), None)
    lines = [say("fact", "screened", title=result.policy.title, day=result.as_of)]
    if by is not None:
        lines.append(say("fact", "decided_by", by=by))
    return lines, _source(known)


FACTS: dict[str, Callable[[Known], Found]] = {
    "screened": _what,
    **{
        f"person_{name}": _part(name)
        for name in ("advice", "why", "risk", "help", "conditions", "valid", "dispute", "remedy")
    },
}
