"""What goes out to a standard: the entry of the Algoritmeregister, and the cards of the AMT."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import GovernanceError
from risicoscreener.governance.register import as_rich_text, schema
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.governance.document import Document, Field
    from risicoscreener.governance.known import Known

LAW_SITE = "https://wetten.overheid.nl/"
_LAW = re.compile(r"^(.+?)(?:: | \()(BWBR\d{7})\)?$")


def entry_of(document: Document, known: Known) -> Any:
    """What goes out to a standard: answers and facts, nothing that nobody confirmed.

    Parameters
    ----------
    document
        A register entry, a system card or a model card, as `fill` made it.
    known
        What it was filled from.

    Returns
    -------
    dict or list
        Of the register and the system card an object after their schemas; of the model card a list
        with one for each model.

    Raises
    ------
    GovernanceError
        If the document has no such form, or a model card lacks the licence that its schema asks.
    """
    from risicoscreener.governance.cards import model_cards, system_card

    if document.kind == "register":
        return _register(document)
    if document.kind == "system_card":
        return system_card(document)
    if document.kind == "model_card":
        return model_cards(document, known)
    raise GovernanceError(
        f"document {document.kind!r} has no form of a standard; expected register, system_card "
        "or model_card"
    )


def _register(document: Document) -> dict[str, Any]:
    """Values by the names of the configuration, in its order; the register speaks Dutch."""
    entry: dict[str, Any] = {}
    found = {field.id: field for field in document.fields}
    for name, asked in schema().items():
        if name in found:
            value = outgoing(found[name])
            if asked["type"] == "array" and isinstance(value, str):
                cited = law_links(found[name])
                value = [{"title": law, "link": LAW_SITE + number} for law, number in cited]
            if asked.get("allowed_html_tags") and isinstance(value, str):
                value = as_rich_text(value)
            if value not in (None, "", []):
                entry[name] = value
    return entry


def outgoing(field: Field) -> Any:
    """What goes out of a field: its answer, or the facts that need no completion."""
    if field.value is not None:
        value = field.value
        if isinstance(value, Texts):
            return value.nl
        return list(value) if isinstance(value, tuple) else value
    return field.content("nl") if field.state == "filled" else None


def law_links(field: Field) -> list[tuple[str, str]]:
    """Laws by their titles and numbers, of lines of facts such as ``Pbw (BWBR0009709)``."""
    lines = (line for fact in field.facts for line in fact.text("nl").splitlines())
    return [(one[1], one[2]) for line in lines if (one := _LAW.match(line))]
