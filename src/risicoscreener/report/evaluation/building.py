"""From facts to plain data: the chapters in their order, and the summary that stands first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from risicoscreener.report.evaluation import chapters
from risicoscreener.report.evaluation.context import Context
from risicoscreener.report.evaluation.data import (
    FigureValue,
    Origin,
    ReportData,
    Section,
    Verdict,
)
from risicoscreener.report.evaluation.facts import Facts
from risicoscreener.report.evaluation.judging import SYMBOLS, verdicts
from risicoscreener.report.evaluation.wording import Words
from risicoscreener.texts import Lang

PACKAGES = ("numpy", "scipy", "pandas", "matplotlib")
HEADING = ("model", "outcome", "population", "period", "setting", "intended_use")


@dataclass(frozen=True)
class Built:
    """A report as plain data, and by name how its pictures are drawn."""

    data: ReportData
    pictures: dict[str, Callable[[], str]]


def build(facts: Facts, lang: Lang) -> Built:
    """All that a report says, in one language."""
    context = Context(facts, Words(lang))
    answers = verdicts(facts, context.words)
    found = _origin(facts)
    sections = list(_results(context))
    sections += [
        chapters.limits(context),
        chapters.methods(context, _measures(sections, answers)),
        chapters.next_steps(context, answers),
        chapters.origin(context, found),
    ]
    titles = {section.name: section.title for section in sections}
    titles["summary"] = context.words("page.summary")
    sections.append(chapters.checklists(context, titles, answers))
    data = ReportData(
        language=lang,
        title=facts.about.title or context.words("page.title"),
        about=_about(context),
        summary=tuple(_summary(context)),
        counted=_counted(context, answers),
        verdicts=answers,
        sections=tuple(sections),
        origin=found,
    )
    return Built(data, context.pictures)


def _results(context: Context) -> Iterator[Section]:
    yield chapters.people(context)
    yield chapters.missing(context)
    found = context.facts.performance
    if found is None:
        return
    yield chapters.discrimination(context, found)
    yield chapters.calibration(context, found)
    yield chapters.groups(context, found)
    yield chapters.decisions(context, found)
    yield chapters.utility(context, found)
    for rival in context.facts.rows.rivals:
        yield chapters.comparison(context, rival)


def _counted(context: Context, answers: tuple[Verdict, ...]) -> str:
    """How many answers there are of each level."""
    words = context.words
    numbers = Counter(answer.level for answer in answers)
    each = [f"{numbers[level]} {words(f'level.{level}')}" for level in SYMBOLS if numbers[level]]
    return words("page.counted", all=words.count(len(answers)), each=", ".join(each))


def _summary(context: Context) -> Iterator[str]:
    words, facts = context.words, context.facts
    found = facts.performance
    if found is None:
        yield words("summary.nobody")
    else:
        yield from _summary_of_people(context)
        if facts.events in (0, facts.n):
            yield words("summary.one_class")
        if facts.probability.min() == facts.probability.max():
            yield words("summary.constant")
    if facts.about.synthetic:
        yield words("summary.synthetic")
    yield words("summary.status")


def _summary_of_people(context: Context) -> Iterator[str]:
    words, facts = context.words, context.facts
    found = facts.performance
    assert found is not None
    who = words("summary.rows")
    if facts.repeated:
        who = words("summary.assessments", persons=words.count(facts.persons or 0))
    outcome = f" ({facts.about.outcome})" if facts.about.outcome else ""
    yield words(
        "summary.people_timed" if facts.timed else "summary.people",
        n=words.count(facts.n),
        who=who,
        events=words.count(facts.events),
        share=words.percent(found.base_rate),
        outcome=outcome,
        days=words.count(facts.horizon_days),
    )
    yield words(
        "summary.mean",
        mean=words.percent(found.mean_probability),
        share=words.percent(found.base_rate),
    )


def _about(context: Context) -> dict[str, str]:
    about, words = context.facts.about, context.words
    shown = {words(f"about.{name}"): getattr(about, name) for name in HEADING}
    if about.evaluation:
        shown[words("about.evaluation")] = words(f"checklists.{about.evaluation}")
    return {title: value for title, value in shown.items() if value}


def _measures(sections: list[Section], answers: tuple[Verdict, ...]) -> Iterator[str]:
    """Measures that occur in the report, in order of appearance, each once."""
    seen: dict[str, None] = dict.fromkeys(f.measure for v in answers for f in v.figures)
    for section in sections:
        for block in section.blocks:
            table = getattr(block, "table", block)
            for row in getattr(table, "rows", ()):
                seen |= dict.fromkeys(v.measure for v in row if isinstance(v, FigureValue))
    yield from seen


def _origin(facts: Facts) -> Origin:
    from risicoscreener import __version__

    options = facts.options
    return Origin(
        table=facts.rows.name,
        sha256=facts.rows.sha256,
        command=options.command,
        seed=options.seed,
        replicates=options.replicates,
        made_on=options.made_on.isoformat(),
        versions={"risicoscreener": __version__, **{name: version(name) for name in PACKAGES}},
    )
