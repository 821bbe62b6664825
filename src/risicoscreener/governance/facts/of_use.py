"""Facts of use: what an evaluation found, and how a record shows that people used screenings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from risicoscreener.governance.fact import joined, same, say
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.governance.evaluation import Evaluation
    from risicoscreener.governance.known import Known

Found = tuple[list[Texts], str]


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
    source = f"record {use.record}"
    if use.first is None:
        return [say("fact", "no_use", day=known.as_of)], source
    kinds = joined(same(f"{kind} {n}") for kind, n in use.screenings.items())
    return [
        say("fact", "use", first=use.first, last=use.last, kinds=kinds),
        say("fact", "decisions_taken", n=use.decisions, overridden=use.overridden),
    ], source


def _begin_month(known: Known) -> Found:
    use = known.use
    if known.bundle.synthetic or use is None or use.first is None:
        return [], "record"
    return [same(f"{use.first:%Y-%m}")], f"record {use.record}"


FACTS: dict[str, Callable[[Known], Found]] = {
    "evaluation": _summary,
    "verdicts": _verdicts,
    "groups": _groups,
    "use": _use,
    "begin_month": _begin_month,
}
