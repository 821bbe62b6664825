"""A result as text and as HTML, in Dutch and in English: one outline, two ways to write it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from risicoscreener.decision.wording import cited
from risicoscreener.features.wording import group_label
from risicoscreener.features.wording import say_number as say_known_number
from risicoscreener.texts import Lang, Sentences, check_language

if TYPE_CHECKING:
    from risicoscreener.decision.outcome import Outcome
    from risicoscreener.screening.result import (
        ChangeFound,
        ChangeStep,
        ConditionFound,
        Contribution,
        MissingFound,
        ModelFound,
        RequirementFound,
        RuleFound,
        ScreeningResult,
    )

SHOWN_CONTRIBUTIONS = 6
SHOWN_IF_KNOWN = 3
_MONTHS_NL = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


_SENTENCES = Sentences("risicoscreener.screening")
say = _SENTENCES.say


def wording(section: str, key: str) -> dict[str, str]:
    """One text of the text file, in each language."""
    found: dict[str, str] = _SENTENCES.entries[section][key]
    return found


def say_outcome(result: ScreeningResult, outcome: Outcome, lang: Lang) -> str:
    """What an outcome is called in the kind of decision of a result."""
    own = result.policy.outcomes.get(outcome)
    return say("outcome", outcome, lang) if own is None else own.text(lang)


def say_date(day: dt.date, lang: Lang) -> str:
    """A day in words."""
    months = _MONTHS_NL if lang == "nl" else _MONTHS_EN
    return f"{day.day} {months[day.month - 1]} {day.year}"


def say_percent(probability: float, lang: Lang) -> str:
    """A probability as a percentage with one decimal."""
    text = f"{100 * probability:.1f}%"
    return text.replace(".", ",") if lang == "nl" else text


def _say_level(level: float | None, lang: Lang) -> str:
    """The level of an interval, with as many decimals as it has; nothing if it is not known."""
    text = "" if level is None else f"{100 * level:g}%"
    return text.replace(".", ",") if lang == "nl" else text


def say_number(value: float | None, lang: Lang) -> str:
    """A number in at most two decimals, or that it is unknown."""
    if value is None or value != value:
        return say("phrase", "unknown_value", lang)
    return say_known_number(value, lang)


def say_days(days: int, lang: Lang) -> str:
    """A number of days."""
    return say("phrase", "one_day", lang) if days == 1 else say("phrase", "days", lang, n=days)


def _say_horizon(days: int, lang: Lang) -> str:
    if days % 365 <= days // 1460 + 1 and days >= 365:
        return say("phrase", "years", lang, n=days // 365)
    return say_days(days, lang)


def _say_within(days: int | None, lang: Lang) -> str:
    """Within what time the outcome counts; nothing if it has no horizon."""
    return "" if days is None else say("phrase", "within", lang, horizon=_say_horizon(days, lang))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section: a mark (``ok``, ``no``, ``unknown`` or none), text and source."""

    text: str
    mark: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with lines."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a result says, in the order in which it is read."""

    outcome: str
    label: str
    title: str
    subtitle: str
    sentence: str
    warning: str
    sections: tuple[Section, ...]


def outline(result: ScreeningResult, lang: Lang) -> Outline:
    """The content of a result in one language, for whoever writes it down."""
    lang = check_language(lang)
    sections = (
        Section(say("heading", "why", lang), _why(result, lang)),
        Section(say("heading", "requirements", lang), _requirements(result, lang)),
        Section(say("heading", "domains", lang), _domains(result, lang)),
        *(_risk(model, lang) for model in result.models),
        Section(say("heading", "conditions", lang), _conditions(result, lang)),
        Section(say("heading", "changes", lang), _changes(result, lang)),
        Section(say("heading", "missing", lang), _missing(result, lang)),
        Section(say("heading", "notes", lang), _notes(result, lang)),
    )
    return Outline(
        outcome=result.outcome,
        label=say_outcome(result, result.outcome, lang),
        title=result.policy.title.text(lang),
        subtitle=say(
            "phrase",
            "person",
            lang,
            person_id=result.person_id,
            as_of=say_date(result.as_of, lang),
        ),
        sentence=say("outcome_sentence", result.outcome, lang),
        warning=say("phrase", "not_for_decisions", lang) if result.bundle.synthetic else "",
        sections=tuple(section for section in sections if section.lines),
    )


def _why(result: ScreeningResult, lang: Lang) -> tuple[Line, ...]:
    rule = result.rule
    return (Line(rule.text.text(lang), source=_source(rule, lang)),)


def _source(item: RuleFound | RequirementFound | ConditionFound, lang: Lang) -> str:
    """Where something stands, what there is to say of that, and whether it has yet to be read."""
    source = cited(item.source, item.remark).text(lang)
    return f"{source}; {say('phrase', 'to_verify', lang)}" if item.to_verify else source


def _requirements(result: ScreeningResult, lang: Lang) -> tuple[Line, ...]:
    marks = {"met": "ok", "not_met": "no", "unknown": "unknown"}
    return tuple(
        Line(
            f"{r.text.text(lang)}: {say('level', r.level, lang)}",
            marks[r.level],
            _source(r, lang),
        )
        for r in result.requirements
    )


def _domains(result: ScreeningResult, lang: Lang) -> tuple[Line, ...]:
    return tuple(
        Line(f"{d.title.text(lang)}: {d.text.text(lang)}", "" if d.known else "unknown")
        for d in result.domains
    )


def _risk(model: ModelFound, lang: Lang) -> Section:
    values = {
        "outcome": model.outcome.text(lang),
        "within": _say_within(model.horizon_days, lang),
        "probability": say_percent(model.probability, lang),
    }
    if model.lower is None or model.upper is None:
        lines = [Line(say("phrase", "probability_only", lang, **values))]
    else:
        bounds = {
            "level": _say_level(model.level, lang),
            "lower": say_percent(model.lower, lang),
            "upper": say_percent(model.upper, lang),
        }
        lines = [Line(say("phrase", "probability", lang, **values, **bounds))]
    supported = "ok" if model.support == "inside" else "unknown"
    lines.append(Line(model.support_text.text(lang), supported))
    lines += [_outside(model, item, lang) for item in model.outside]
    lines += _unusual(model, lang)
    lines += _if_known(model, lang)
    lines += [*_band_set(model, lang), *_pattern(model, lang)]
    lines += _contributions(model, lang)
    return Section(f"{say('heading', 'risk', lang)}: {model.outcome.text(lang)}", tuple(lines))


def _feature_texts(model: ModelFound, lang: Lang) -> dict[str, str]:
    return {c.feature: c.text.text(lang) for c in model.contributions}


def _unusual(model: ModelFound, lang: Lang) -> list[Line]:
    """Which features together make a person unlike the data of the model."""
    if not model.unusual:
        return []
    named = {c.feature: c for c in model.contributions}
    features = [
        f"{_in_sentence(item.text.text(lang))}: {say_number(item.value, lang)}"
        for item in (named[name] for name in model.unusual)
    ]
    return [Line(say("phrase", "unusual", lang, features="; ".join(features)), "unknown")]


def _if_known(model: ModelFound, lang: Lang) -> list[Line]:
    """What knowing what is unknown could change, as far as that shows in the percentages."""
    if model.lowest is None or model.highest is None:
        return []
    texts, now = _feature_texts(model, lang), say_percent(model.probability, lang)
    lines = []
    for item in model.if_known:
        between = _between(item.lowest, item.highest, lang)
        if set(between.values()) != {now}:
            feature = _in_sentence(texts.get(item.feature, item.feature))
            lines.append(say("phrase", "if_known", lang, feature=feature, **between))
    lines = lines[:SHOWN_IF_KNOWN]
    if lines and len(model.if_known) > 1:
        between = _between(model.lowest, model.highest, lang)
        lines.append(say("phrase", "if_all_known", lang, **between))
    return [Line(line, "unknown") for line in lines]


def _band_set(model: ModelFound, lang: Lang) -> list[Line]:
    """The risk bands that cannot be ruled out, the first of them band 1."""
    found = model.band_set
    if found is None:
        return []
    values = {
        "lower": say_percent(found.lower, lang),
        "upper": say_percent(found.upper, lang),
        "coverage": say_percent(found.coverage, lang),
        "bands": ", ".join(str(band + 1) for band in found.bands),
        "count": len(found.cut_offs) + 1,
    }
    return [Line(say("phrase", "band_set", lang, **values))]


def _pattern(model: ModelFound, lang: Lang) -> list[Line]:
    """What was unknown, if the program was one for people of whom just that is unknown."""
    texts = _feature_texts(model, lang)
    unknown = [name for name in texts if model.pattern is not None and name not in model.pattern]
    if not unknown:
        return []
    features = "; ".join(_in_sentence(texts[name]) for name in unknown)
    return [Line(say("phrase", "pattern", lang, features=features))]


def _between(lowest: float, highest: float, lang: Lang) -> dict[str, str]:
    return {"lowest": say_percent(lowest, lang), "highest": say_percent(highest, lang)}


def _outside(model: ModelFound, item: Any, lang: Lang) -> Line:
    texts = _feature_texts(model, lang)
    return Line(
        say(
            "phrase",
            "outside",
            lang,
            feature=texts.get(item.feature, item.feature),
            value=say_number(item.value, lang),
            typical=say_number(item.typical, lang),
            low=say_number(item.low, lang),
            high=say_number(item.high, lang),
        ),
        "unknown",
    )


def _contributions(model: ModelFound, lang: Lang) -> list[Line]:
    """What the probability rests on: against what it is laid, sums by group, largest features."""
    shown = [c for c in model.contributions[:SHOWN_CONTRIBUTIONS] if _is_seen(c.contribution)]
    if not shown:
        return []
    lines = [say("phrase", "relative", lang)]
    sums = sorted(model.by_group.items(), key=lambda item: -abs(item[1]))
    groups = [
        f"{_in_sentence(group_label(group, lang))} {_say_log_odds(size, lang)}"
        for group, size in sums
        if _is_seen(size)
    ]
    if groups:
        lines.append(say("phrase", "by_group", lang, groups="; ".join(groups)))
    lines += [_contribution(c, lang) for c in shown]
    return [Line(line) for line in lines]


def _contribution(item: Contribution, lang: Lang) -> str:
    direction = "raises" if item.contribution > 0 else "lowers"
    size = _say_log_odds(item.contribution, lang)
    added = say("phrase", direction, lang, size=size)
    return f"{item.text.text(lang)}: {say_number(item.value, lang)} ({added})"


def _is_seen(log_odds: float) -> bool:
    return round(log_odds, 2) != 0


def _say_log_odds(size: float, lang: Lang) -> str:
    text = f"{size:+.2f}"
    return text.replace(".", ",") if lang == "nl" else text


def _in_sentence(name: str) -> str:
    """A name that begins with a capital where it stands alone."""
    return name[:1].lower() + name[1:]


def _conditions(result: ScreeningResult, lang: Lang) -> tuple[Line, ...]:
    return tuple(Line(c.text.text(lang), source=_source(c, lang)) for c in result.conditions)


def _changes(result: ScreeningResult, lang: Lang) -> tuple[Line, ...]:
    return tuple(Line(_change(result, change, lang)) for change in result.changes)


def _change(result: ScreeningResult, change: ChangeFound, lang: Lang) -> str:
    steps = say("phrase", "and", lang).join(_step(result, step, lang) for step in change.steps)
    outcome = say_outcome(result, change.outcome, lang).lower()
    return say("phrase", "change", lang, steps=steps, outcome=outcome)


def _step(result: ScreeningResult, step: ChangeStep, lang: Lang) -> str:
    """One thing at another level; of the legal requirements, those that are not met now."""
    lacking = [r.text.text(lang) for r in result.requirements if r.level != "met"]
    if step.domain == "admissibility" and lacking:
        return say("phrase", "step_requirements", lang, lacking="; ".join(lacking))
    return say("phrase", "step", lang, title=step.title.text(lang), level=step.text_to.text(lang))


def _missing(result: ScreeningResult, lang: Lang) -> tuple[Line, ...]:
    return tuple(
        Line(f"{m.text.text(lang)} ({_supplied_by(m, lang)})", "unknown") for m in result.missing
    )


def _supplied_by(item: MissingFound, lang: Lang) -> str:
    return say("phrase", "supplier", lang, supplier=item.supplier.text(lang))


def _notes(result: ScreeningResult, lang: Lang) -> tuple[Line, ...]:
    notes = [say("phrase", "person_decides", lang)]
    notes.append(say("phrase", "valid", lang, valid_until=say_date(result.valid_until, lang)))
    if result.quarantined_rows:
        notes.append(say("phrase", "quarantined", lang, n=result.quarantined_rows))
    if result.bundle.expired:
        review_on = say_date(result.bundle.review_on, lang)
        notes.append(say("phrase", "expired", lang, review_on=review_on))
    notes += [result.bundle.disclaimer.text(lang), result.policy.status.text(lang)]
    versions = f"{result.policy.id} ({result.policy.digest[:12]}), {result.bundle.id}"
    return tuple(Line(note) for note in [*notes, versions])


_MARKS = {"ok": "+", "no": "-", "unknown": "?", "": " "}


def as_text(result: ScreeningResult, lang: Lang) -> str:
    """The result as plain text."""
    page = outline(result, lang)
    lines = [page.label, "=" * len(page.label), page.title, page.subtitle, page.sentence]
    lines += [page.warning] if page.warning else []
    for section in page.sections:
        lines += ["", section.heading, "-" * len(section.heading)]
        for line in section.lines:
            source = f" [{line.source}]" if line.source else ""
            lines.append(f" {_MARKS[line.mark]} {line.text}{source}")
    return "\n".join(lines) + "\n"


def as_html(result: ScreeningResult, lang: Lang) -> str:
    """The result as an HTML fragment without scripts; everything from outside is escaped."""
    page = outline(result, lang)
    template = Template((files("risicoscreener.screening") / "result.html").read_text("utf-8"))
    return template.substitute(
        lang=lang,
        outcome=page.outcome,
        label=escape(page.label),
        title=escape(page.title),
        subtitle=escape(page.subtitle),
        sentence=escape(page.sentence),
        warning=f'<p role="note"><strong>{escape(page.warning)}</strong></p>'
        if page.warning
        else "",
        sections="\n".join(_section_html(section) for section in page.sections),
    )


def _section_html(section: Section) -> str:
    items = "\n".join(_line_html(line) for line in section.lines)
    return f"<section><h4>{escape(section.heading)}</h4><ul>\n{items}\n</ul></section>"


def _line_html(line: Line) -> str:
    mark = f' class="{line.mark}"' if line.mark else ""
    source = f" <cite>{escape(line.source)}</cite>" if line.source else ""
    return f"<li{mark}>{escape(line.text)}{source}</li>"
