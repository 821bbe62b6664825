"""Facts of use: what an evaluation found, and how a record shows that people used screenings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from risicoscreener.evaluation.figure import number
from risicoscreener.governance.fact import joined, same, say
from risicoscreener.monitoring.settings import kinds
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from risicoscreener.governance.evaluation import Evaluation
    from risicoscreener.governance.known import Known

Found = tuple[list[Texts], Texts | str]


def _in_both(known: Known, lines: Callable[[Evaluation], Iterable[str]]) -> Found:
    """Lines of an evaluation in each language; one that is not given is stood in for."""
    reports = known.evaluation
    if not reports:
        return [], "evaluation"
    either = next(iter(reports.values()))
    nl, en = (lines(reports.get(lang, either)) for lang in ("nl", "en"))
    return [Texts(nl=a, en=b) for a, b in zip(nl, en, strict=True)], either.source


def _summary(known: Known) -> Found:
    return _in_both(known, lambda report: report.summary)


def _verdicts(known: Known) -> Found:
    return _in_both(known, lambda report: [one.text() for one in report.verdicts])


def _groups(known: Known) -> Found:
    return _in_both(known, lambda report: report.chapter("groups"))


def _use(known: Known) -> Found:
    use = known.use
    if use is None:
        return [], "record"
    source = say("source", "record", id=use.record)
    if use.first is None:
        return [say("fact", "no_use", day=known.as_of)], source
    kinds = joined(same(f"{kind} {n}") for kind, n in use.screenings.items())
    return [
        say("fact", "use", first=use.first, last=use.last, kinds=kinds),
        say("fact", "decisions_taken", n=use.decisions, overridden=use.overridden),
    ], source


def _watchable(_known: Known) -> Found:
    """What of a model in use can be watched."""
    listed = joined((kind.title for kind in kinds().values()), ", ")
    return [say("fact", "watchable", names=listed)], "monitoring/streams.toml"


def _watched(known: Known) -> Found:
    """The plan by which the models are watched: each stream, what an alarm means, who acts."""
    plan = known.monitor
    if plan is None:
        return [], "monitor"
    told = {"model": plan.model, "owner": plan.owner, "months": plan.period_months}
    level = Texts(**{lang: f"{number(100 * plan.level, 1, lang)}%" for lang in LANGUAGES})
    lines = [say("fact", "watched", title=plan.title, level=level, first=plan.from_, **told)]
    for stream in plan.streams:
        kind = kinds()[stream.kind]
        meaning = Texts(**{lang: plan.meaning(stream, lang) for lang in LANGUAGES})
        groups = "".join(f", {column}" for column in stream.by)
        parts = {"name": stream.name, "groups": groups, "who": stream.who or kind.who}
        lines.append(say("fact", "stream", title=kind.title, meaning=meaning, **parts))
    return lines, say("source", "monitor", sha=plan.digest[:16])


def _begin_month(known: Known) -> Found:
    use = known.use
    if known.bundle.synthetic or use is None or use.first is None:
        return [], "record"
    return [same(f"{use.first:%Y-%m}")], say("source", "record", id=use.record)


FACTS: dict[str, Callable[[Known], Found]] = {
    "evaluation": _summary,
    "verdicts": _verdicts,
    "groups": _groups,
    "use": _use,
    "watchable": _watchable,
    "watched": _watched,
    "begin_month": _begin_month,
}
