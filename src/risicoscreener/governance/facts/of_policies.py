"""Facts of the policies in force, and of the rules around them: who decides, on what law."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from risicoscreener.decision.properties import PROPERTIES, sourced
from risicoscreener.decision.wording import texts as decision_texts
from risicoscreener.dossier.schema import persons, tables
from risicoscreener.features.wording import table_label
from risicoscreener.governance.fact import joined, read_toml_of, same, say
from risicoscreener.reentry.sharing.purposes import NEVER_SHARED
from risicoscreener.reentry.sharing.wording import field_label
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from risicoscreener.decision import CompiledPolicy
    from risicoscreener.governance.known import Known

Found = tuple[list[Texts], Texts | str]
_LAW = re.compile(r"\b(\w[\w.]*) art\. [^()]*\((BWBR\d{7})")
_ABOUT_THE_FACT = ("recorded_at", "fact_id", "supersedes", "void")
"""Columns that say of a fact when it was known and what it corrects."""

TO_VERIFY = ("laws", "law_links", "unread", "retention", "purposes", "remedies")
"""Facts of which some sources were not read in the text now in force."""


def _decisions(known: Known) -> Found:
    lines = [_decision(version) for version in known.in_force]
    return lines, known.policy_source


def _decision(version: CompiledPolicy) -> Texts:
    policy = version.policy
    by = policy.decided_by or say("fact", "decider_unsaid")
    return say("fact", "decision", title=policy.title, id=version.id, by=by)


def _validity(known: Known) -> Found:
    lines = [
        say("fact", "validity", title=version.policy.title, days=version.policy.validity_days)
        for version in known.in_force
    ]
    return lines, known.policy_source


def _properties(known: Known) -> Found:
    """What is demanded of each cell of each policy; `risicoscreener policy verify` proves it."""
    lines = [decision_texts("property", name) for name in PROPERTIES]
    lines += [
        say("fact", "exempt", title=version.policy.title, name=name, reason=found.reason)
        for version in known.in_force
        for name, found in version.policy.exempt.items()
    ]
    return lines, say("source", "verified", policies=known.policy_source)


def _limits_of_score(known: Known) -> Found:
    """What a probability or an unknown cannot do in any policy in force."""
    exempted = {name for version in known.in_force for name in version.policy.exempt}
    names = ("score_never_denies_alone", "unknown_never_grants")
    lines = [decision_texts("property", name) for name in names if name not in exempted]
    return lines, say("source", "verified", policies=known.policy_source)


def _cut_offs(known: Known) -> Found:
    lines = [
        say(
            "fact",
            "cuts",
            title=version.policy.title,
            model=cuts.model,
            cuts=", ".join(f"{cut:g}" for cut in cuts.cuts),
            source=cuts.source,
        )
        for version in known.in_force
        for cuts in version.policy.models
    ]
    return lines, known.policy_source


def _domains(known: Known) -> Found:
    lines = [
        say(
            "fact",
            "weighs",
            title=version.policy.title,
            what=joined(d.title for d in version.domains),
        )
        for version in known.in_force
    ]
    return lines, known.policy_source


def _laws(known: Known) -> Found:
    names = read_toml_of("facts/laws.toml")
    lines = [same(f"{names[one]['title']} ({one})") for one in _cited(known)]
    return lines, known.policy_source


def _law_links(known: Known) -> Found:
    names = read_toml_of("facts/laws.toml")
    return [same(f"{names[one]['title']}: {one}") for one in _cited(known)], known.policy_source


def _cited(known: Known) -> list[str]:
    """Numbers of the laws that the policies in force name and that have a title here."""
    names = read_toml_of("facts/laws.toml")
    found = {
        number
        for version in known.in_force
        for _, part in sourced(version.policy)
        for _, number in _LAW.findall(part.source)
    }
    return [number for number in names if number in found]


def _unread(known: Known) -> Found:
    lines = []
    for version in known.in_force:
        parts = [part for _, part in sourced(version.policy)]
        unread = sum(part.to_verify for part in parts)
        if unread:
            title = version.policy.title
            lines.append(say("fact", "unread", title=title, n=unread, of=len(parts)))
    return lines, known.policy_source


def _status(known: Known) -> Found:
    lines = dict.fromkeys(version.policy.status for version in known.in_force)
    return list(lines), known.policy_source


def _second_readers(_known: Known) -> Found:
    from risicoscreener.screening.record.decision import second_reader_rules

    lines = [say("fact", "second_reader", text=rule.text) for rule in second_reader_rules()]
    return lines, "screening/record/second_readers.toml"


def _retention(_known: Known) -> Found:
    from risicoscreener.screening.record.retention import categories

    lines = []
    for one in categories().values():
        parts = {"text": one.text, "starts": one.starts, "source": one.source}
        if one.years or one.months:
            key, n = ("years", one.years) if one.years else ("months", one.months)
            lines.append(say("fact", "retention", term=say("fact", key, n=n), **parts))
        else:
            lines.append(say("fact", "kept", **parts))
    return lines, "screening/record/retention.toml"


def _purposes(known: Known) -> Found:
    from risicoscreener.reentry.sharing import purposes
    from risicoscreener.screening.audience import recipients

    titles = recipients()
    lines = [
        say(
            "fact",
            "purpose",
            recipient=titles[one.recipient],
            title=one.title,
            source=one.source,
            days=one.keep_days,
        )
        for one in purposes()
        if one.holds_on(known.as_of)
    ]
    return lines, "reentry/sharing/purposes.toml"


def _tables(_known: Known) -> Found:
    """The categories of data that a dossier has, by its tables."""
    names = [persons().name, *(name for name in tables() if name not in NEVER_SHARED)]
    listed = [Texts(**{lang: table_label(name, lang) for lang in LANGUAGES}) for name in names]
    apart = [say("fact", "audit_table")] if set(NEVER_SHARED) & set(tables()) else []
    return [say("fact", "tables", names=joined(listed, ", ")), *apart], "docs/schema/dossier.json"


def _data_fields(_known: Known) -> Found:
    """What stands in each table of a dossier, without what only says when it was recorded."""
    lines = []
    for spec in (persons(), *tables().values()):
        if spec.name in NEVER_SHARED:
            continue
        names = [name for name in spec.columns if name not in _ABOUT_THE_FACT]
        parts = {
            lang: f"{table_label(spec.name, lang)}: "
            + ", ".join(field_label(spec.name, name, lang) for name in names)
            for lang in LANGUAGES
        }
        lines.append(Texts(**parts))
    return lines, "docs/schema/dossier.json"


def _remedies(known: Known) -> Found:
    from risicoscreener.screening.explanation.wording import remedies

    lines = [
        say("fact", "remedy", title=version.policy.title, text=one.text, source=one.source)
        for version in known.in_force
        for one in remedies(version.policy.kind)
    ]
    return lines, "screening/explanation/texts/remedies.toml"


FACTS: dict[str, Callable[[Known], Found]] = {
    "decisions": _decisions,
    "validity": _validity,
    "properties": _properties,
    "limits_of_score": _limits_of_score,
    "cut_offs": _cut_offs,
    "domains": _domains,
    "laws": _laws,
    "law_links": _law_links,
    "unread": _unread,
    "policy_status": _status,
    "second_readers": _second_readers,
    "retention": _retention,
    "purposes": _purposes,
    "tables": _tables,
    "data_fields": _data_fields,
    "remedies": _remedies,
}
