"""TRIPOD+AI and PROBAST+AI: what the table or the facts given answer, and what is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import Level, Section, Table, Verdict
from risicoscreener.report.evaluation.wording import texts

ANSWER_OF: dict[Level, str] = {
    "good": "yes",
    "uncertain": "maybe",
    "problem": "no",
    "unknown": "maybe",
}
Answer = tuple[str, str]
"""How far an item is filled in (a name in the words), and where or with what."""


def checklists(
    context: Context, titles: Mapping[str, str], verdicts: tuple[Verdict, ...]
) -> Section:
    """Both lists.

    Parameters
    ----------
    titles
        Of the chapters of this report, by name.
    verdicts
        Answers that some questions refer to.
    """
    words = context.words
    return Section(
        name="checklists",
        title=words("checklists.title"),
        lead=words("checklists.lead"),
        blocks=(
            _list(context, "tripod", "tripod_ai.toml", titles, {}),
            _list(context, "probast", "probast_ai.toml", titles, {v.question: v for v in verdicts}),
        ),
    )


def _list(
    context: Context,
    name: str,
    file: str,
    titles: Mapping[str, str],
    verdicts: Mapping[str, Verdict],
) -> Table:
    words, content = context.words, texts(file)
    answers = [_answer(context, item, titles, verdicts) for item in content["items"]]
    counted = [state for state, _ in answers if state != "development"]
    done = sum(state not in ("open", "partly") for state in counted)
    rows = tuple(
        (item["number"], words.of(item["text"]), words(f"checklists.{state}"), where)
        for item, (state, where) in zip(content["items"], answers, strict=True)
    )
    columns = tuple(words.column(c) for c in ("item", "asked", "state", "where"))
    return Table(
        name=f"{name}-table",
        caption=words(f"checklists.{name}", done=words.count(done), all=words.count(len(counted))),
        columns=columns,
        rows=rows,
        notes=(content["source"],),
    )


def _answer(
    context: Context,
    item: dict[str, Any],
    titles: Mapping[str, str],
    verdicts: Mapping[str, Verdict],
) -> Answer:
    if item.get("development"):
        return "development", ""
    if "rule" in item:
        return _by_rule(context, item["rule"], verdicts)
    fact = getattr(context.facts.about, item["fact"]) if "fact" in item else ""
    section = item.get("section", "")
    lacking = _lacking(context, item.get("needs", ""))
    if not lacking and section in titles:
        chapter = context.words("checklists.chapter", title=titles[section])
        whole = not item.get("partly") and (bool(fact) or "fact" not in item)
        return ("done" if whole else "partly"), "; ".join(p for p in (fact, chapter) if p)
    return ("done", fact) if fact else ("open", lacking)


def _by_rule(context: Context, rule: str, verdicts: Mapping[str, Verdict]) -> Answer:
    words = context.words
    if rule == "not_apparent":
        kind = context.facts.about.evaluation
        if not kind:
            return "open", ""
        return ("no" if kind == "apparent" else "yes"), words(f"checklists.{kind}")
    verdict = verdicts[rule]
    return ANSWER_OF[verdict.level], words("checklists.answer_verdict", title=verdict.title)


def _lacking(context: Context, needed: str) -> str:
    facts = context.facts
    if needed == "groups" and not facts.group_columns:
        return context.words("checklists.needs_groups")
    if needed == "prison" and "prison" not in facts.group_columns:
        return context.words("checklists.needs_prison")
    return ""
