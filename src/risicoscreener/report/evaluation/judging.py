"""The answers in the summary: figures held against written limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from risicoscreener.evaluation import Estimate
from risicoscreener.evaluation.wording import problem_text
from risicoscreener.report.evaluation.data import Level, Verdict
from risicoscreener.report.evaluation.grouping import ratios
from risicoscreener.report.evaluation.reading import NO_GROUP
from risicoscreener.report.evaluation.wording import Words, texts

if TYPE_CHECKING:
    from risicoscreener.report.evaluation.facts import Facts

SYMBOLS: dict[Level, str] = {"good": "✓", "uncertain": "?", "problem": "✗", "unknown": "–"}
PROJECT = "project"
"""As the source of a limit: a choice of this project."""


@dataclass(frozen=True)
class Judgement:
    """The level of an answer, and what its sentence names.

    Attributes
    ----------
    figures
        What was held against the limits.
    values
        By name what is filled in in the sentence, before it is put into words.
    """

    level: Level
    figures: tuple[Estimate, ...] = ()
    values: dict[str, Any] | None = None


def within(one: Estimate, low: float | None = None, high: float | None = None) -> Level:
    """Whether the whole interval lies within limits, outside, or neither."""
    if not one.ok:
        return "unknown"
    if not one.has_interval:
        return "uncertain"
    if (low is None or one.low >= low) and (high is None or one.high <= high):
        return "good"
    if (low is not None and one.high < low) or (high is not None and one.low > high):
        return "problem"
    return "uncertain"


def worst(levels: Iterable[Level]) -> Level:
    """A problem if there is one, else uncertain if there is one; good only if all are."""
    found = set(levels)
    for level in ("problem", "uncertain", "unknown", "good"):
        if level in found:
            return level
    return "unknown"


def verdicts(facts: Facts, words: Words) -> tuple[Verdict, ...]:
    """An answer to each question, in the order of the data file."""
    questions = texts("criteria.toml")["questions"]
    return tuple(
        _verdict(name, questions[name], judgement, words) for name, judgement in _judge(facts)
    )


def _verdict(name: str, question: dict[str, Any], found: Judgement, words: Words) -> Verdict:
    values = {k: _worded(k, v, words) for k, v in (found.values or {}).items()}
    values.setdefault("problem", _reason(found, words))
    limits = {k: _limit(name, v, words) for k, v in question.items() if not isinstance(v, dict)}
    source = question["source"]
    return Verdict(
        question=name,
        title=words.of(question["title"]),
        level=found.level,
        word=words(f"level.{found.level}"),
        symbol=SYMBOLS[found.level],
        sentence=words.of(question["answers"][found.level], **values),
        criterion=words.of(question["criterion"], **limits),
        source=words("methods.project") if source == PROJECT else source,
        figures=tuple(words.figure(one) for one in found.figures),
    )


def _reason(found: Judgement, words: Words) -> str:
    """Why there is no answer, as the end of a sentence that says that there is none."""
    otherwise = "not_defined" if found.figures else "nobody"
    problem = next((f.problem for f in found.figures if f.problem), otherwise)
    said = problem_text("not_defined").text(words.lang)
    return problem_text(problem).text(words.lang).removeprefix(f"{said}: ")


def _limit(question: str, value: Any, words: Words) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return words.count(value)
    return words.percent(value, 0) if question == "completeness" else words.number(value, 2)


def _worded(name: str, value: Any, words: Words) -> str:
    if name == "share":
        return words.percent(value)
    if isinstance(value, int):
        return words.count(value)
    if isinstance(value, float):
        return words.number(value, 1 if name == "points" else 0)
    if isinstance(value, tuple):
        return ", ".join(words.cut_off(v) if isinstance(v, float) else str(v) for v in value)
    return str(value)


def _judge(facts: Facts) -> Iterator[tuple[str, Judgement]]:
    limits = texts("criteria.toml")["questions"]
    yield "enough", _enough(facts, limits["enough"])
    yield "completeness", _completeness(facts, limits["completeness"])
    found = facts.performance
    if found is None:
        for name in ("average", "levels", "ranking", "groups", "usefulness"):
            yield name, Judgement("unknown")
        return
    yield "average", _average(facts, limits["average"])
    levels, slope = found.ici, found.slope
    limit = limits["levels"]
    level = worst((within(levels, high=limit["ici"]), within(slope, limit["low"], limit["high"])))
    yield "levels", Judgement(level, (levels, slope), {"points": 100 * levels.value})
    ranking = within(found.auc, low=limits["ranking"]["low"])
    yield "ranking", Judgement(ranking, (found.auc,), {"of_100": 100 * found.auc.value})
    yield "groups", _groups(facts, limits["groups"])
    yield "usefulness", _usefulness(facts)


def _enough(facts: Facts, limits: dict[str, Any]) -> Judgement:
    if not facts.judged:
        return Judgement("unknown")
    events, others = facts.events, facts.others
    fewest = min(events, others)
    level: Level = "good" if fewest >= limits["good"] else "uncertain"
    if fewest < limits["least"]:
        level = "problem"
    return Judgement(level, values={"events": events, "others": others})


def _completeness(facts: Facts, limits: dict[str, Any]) -> Judgement:
    n = facts.rows.n
    if not n:
        return Judgement("unknown")
    out = n - facts.n
    level: Level = "good" if out <= limits["good"] * n else "uncertain"
    if out > limits["most"] * n:
        level = "problem"
    return Judgement(level, values={"excluded": out, "n": n, "share": out / n})


def _average(facts: Facts, limits: dict[str, Any]) -> Judgement:
    found = facts.performance
    assert found is not None
    level = within(found.average, limits["low"], limits["high"])
    values = {"expected": 1000 * found.mean_probability, "observed": 1000 * found.base_rate}
    return Judgement(level, (found.average,), values)


def _groups(facts: Facts, limits: dict[str, Any]) -> Judgement:
    if facts.groups is None:
        return Judgement("unknown")
    found = ratios(facts.groups, facts.group_columns)
    named = {f"{column}: {label}": one for column, label, one in found if label != NO_GROUP}
    judged = {name: within(one, limits["low"], limits["high"]) for name, one in named.items()}
    judged = {name: level for name, level in judged.items() if level != "unknown"}
    if not judged:
        return Judgement("unknown")
    wrong = tuple(name for name, level in judged.items() if level == "problem")
    values = {
        "judged": len(judged),
        "uncertain": sum(level == "uncertain" for level in judged.values()),
        "wrong": len(wrong),
        "named": wrong,
    }
    return Judgement(worst(judged.values()), values=values)


def _usefulness(facts: Facts) -> Judgement:
    found = facts.performance
    assert found is not None
    levels, figures = {}, []
    for cut_off in facts.options.cut_offs:
        gain = found.gain(cut_off)
        figures.append(gain)
        levels[cut_off] = within(gain, low=0.0)
    level = worst(levels.values())
    named = tuple(cut_off for cut_off, one in levels.items() if one == level)
    return Judgement(level, tuple(figures), {"number": len(levels), "named": named})
