"""A policy as a page that a lawyer reads: everything the file holds, in words and in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from risicoscreener.decision.policy import (
    UNKNOWN_LEVEL,
    Condition,
    Domain,
    ModelCuts,
    Policy,
    Reading,
    Requirement,
    Rule,
    Sourced,
    Test,
)
from risicoscreener.decision.wording import band_names, cited, join, level_texts, say, texts
from risicoscreener.texts import Texts, check_language


def policy_page(policy: Policy, lang: str) -> str:
    """The page, as Markdown.

    Raises
    ------
    RisicoscreenerError
        If the language is not spoken.
    """
    check_language(lang)
    return "\n".join(line.text(lang) for line in _lines(policy)) + "\n"


def _lines(policy: Policy) -> Iterator[Texts]:
    titles = Titles(policy)
    yield from _head(policy)
    yield from _heading("requirements")
    for requirement in policy.requirements:
        yield from _requirement(requirement)
    if policy.models:
        yield from _heading("models")
        yield texts("page", "worst_band")
    for model in policy.models:
        yield from _model(model)
    yield from _heading("domains")
    for domain in policy.domains:
        yield from _domain(domain)
    yield from _heading("rules")
    for number, rule in enumerate(policy.rules, start=1):
        yield from _rule(number, rule, titles, policy.outcome_text(rule.outcome))
    yield from _heading("conditions")
    for condition in policy.conditions:
        yield from _condition(condition, titles)
    yield from _demands(policy)


def _head(policy: Policy) -> Iterator[Texts]:
    yield _bare(f"# {{}} ({policy.id})", policy.title)
    yield _bare("")
    yield policy.status
    if policy.valid_until is None:
        span = _say("valid_still", valid_from=str(policy.valid_from))
    else:
        ends = {"valid_from": str(policy.valid_from), "valid_until": str(policy.valid_until)}
        span = _say("valid", **ends)
    yield join(
        " ", [span, texts("page", policy.date_basis), _say("validity", n=policy.validity_days)]
    )
    if policy.decided_by is not None:
        yield _say("decided_by", who=policy.decided_by)
    for outcome in policy.outcomes:
        word = policy.outcome_text(outcome)
        yield _say("called", outcome=texts("outcome", outcome), word=word)


def _demands(policy: Policy) -> Iterator[Texts]:
    if policy.properties or policy.exempt:
        yield from _heading("properties")
    for prop in policy.properties:
        yield _bare(f"- **{prop.id}**: {{}}.", prop.text)
        yield _source(prop)
    for name, exemption in policy.exempt.items():
        reason = cited(exemption.source, exemption.reason)
        yield _bare("- {}", _say("exempt", text=texts("property", name), reason=reason))


def _say(name: str, **parts: Texts | str | int) -> Texts:
    return say("page", name, **parts)


def _bare(pattern: str, text: Texts | None = None) -> Texts:
    if text is None:
        return Texts(nl=pattern, en=pattern)
    return Texts(nl=pattern.format(text.nl), en=pattern.format(text.en))


def _heading(name: str) -> Iterator[Texts]:
    yield _bare("")
    yield _bare("## {}", texts("page", name))


def _source(entry: Sourced) -> Texts:
    source = _bare("  {}", _say("source", source=cited(entry.source, entry.remark)))
    return join(" ", [source, texts("page", "to_verify")]) if entry.to_verify else source


def _test(test: Test) -> Texts:
    low, high = (None if b is None else f"{b:g}" for b in (test.min, test.max))
    name = f"`{test.input}`"
    if low is None:
        return _say("at_most", input=name, high=high or "")
    if high is None:
        return _say("at_least", input=name, low=low)
    if low == high:
        return _say("exactly", input=name, low=low)
    return _say("span", input=name, low=low, high=high)


def tests_in_words(entry: Requirement | Reading | Condition) -> Texts | None:
    """What a clause asks of the inputs; None without a clause."""
    if entry.all is not None:
        return join(texts("page", "and"), map(_test, entry.all))
    if entry.any is not None:
        return join(texts("page", "or"), map(_test, entry.any))
    return None


def _requirement(requirement: Requirement) -> Iterator[Texts]:
    yield _bare(f"- **{requirement.id}**: {{}}.", requirement.text)
    tests = tests_in_words(requirement)
    if tests is not None:
        yield _bare("  {}", _say("reads", tests=tests))
    yield _bare("  {}", _say("supplier", supplier=requirement.supplier))
    yield _source(requirement)


def bands_in_words(model: ModelCuts) -> Texts:
    """The bands of a model with their probabilities."""
    names = band_names(len(model.cuts) + 1) or ()
    edges = [None, *(f"{c:g}" for c in model.cuts), None]
    bands = []
    for name, (low, high) in zip(names, pairwise(edges), strict=True):
        if low is None:
            span = _say("below", high=high or "")
        elif high is None:
            span = _say("from", low=low)
        else:
            span = _say("between", low=low, high=high)
        bands.append(_say("band", level=level_texts("risk", name), span=span))
    return join("; ", bands)


def _model(model: ModelCuts) -> Iterator[Texts]:
    yield _bare(f"- **{model.model}**: {{}}.", bands_in_words(model))
    yield _source(model)


def _domain(domain: Domain) -> Iterator[Texts]:
    words = {level.id: level.text for level in domain.levels}
    unknown = domain.unknown or texts("unknown", "text")
    words[UNKNOWN_LEVEL] = unknown
    yield _bare(f"- **{domain.id}**: {{}}.", domain.title)
    for reading in domain.readings:
        tests = tests_in_words(reading) or _bare("")
        level = reading.level
        yield _bare("  - {}", _say("if", level=level, text=words[level], tests=tests))
    otherwise = domain.otherwise
    yield _bare("  - {}", _say("else", level=otherwise, text=words[otherwise]))
    yield _bare("  - {}", _say("unknown", text=unknown))
    if domain.changeable:
        yield _bare("  {}", texts("page", "changeable"))
    yield _bare("  {}", _say("supplier", supplier=domain.supplier))
    yield _source(domain)


class Titles:
    """Titles and texts of levels, to say in words what a rule asks for."""

    def __init__(self, policy: Policy) -> None:
        self.domains = {d.id: d for d in policy.domains}

    def when(self, when: dict[str, tuple[str, ...]]) -> Texts:
        """Levels that must hold."""
        return join(texts("page", "and"), [self._is(d, levels) for d, levels in when.items()])

    def _is(self, domain: str, levels: tuple[str, ...]) -> Texts:
        read = self.domains.get(domain)
        title = texts(domain, "title") if read is None else read.title
        words = [self._level(domain, level) for level in levels]
        return _say("is", domain=title, levels=join(texts("page", "or"), words))

    def _level(self, domain: str, level: str) -> Texts:
        read = self.domains.get(domain)
        if read is None:
            return _bare("'{}'", level_texts(domain, level))
        for known in read.levels:
            if known.id == level:
                return _bare("'{}'", known.text)
        return _bare("'{}'", read.unknown or texts("unknown", "text"))


def _rule(number: int, rule: Rule, titles: Titles, outcome: Texts) -> Iterator[Texts]:
    when = _say("when", when=titles.when(rule.when)) if rule.when else texts("page", "always")
    yield _bare(f"{number}. **{rule.id}**: {{}}:", when)
    yield Texts(nl=f"  **{outcome.nl}**. {rule.text.nl}", en=f"  **{outcome.en}**. {rule.text.en}")
    yield _source(rule)


def _condition(condition: Condition, titles: Titles) -> Iterator[Texts]:
    yield _bare(f"- **{condition.id}**: {{}}.", condition.text)
    parts = [titles.when(condition.when)] if condition.when else []
    tests = tests_in_words(condition)
    if tests is not None:
        holds = texts("page", "unknown_holds")
        parts.append(Texts(nl=f"{tests.nl} ({holds.nl})", en=f"{tests.en} ({holds.en})"))
    if parts:
        yield _bare("  {}.", _say("when", when=join(texts("page", "and"), parts)))
    else:
        yield _bare("  {}.", texts("page", "any_case"))
    yield _source(condition)
