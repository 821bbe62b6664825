"""A policy as one page of HTML: requirements, what is weighed, the decision table, proofs, sources.

For a lawyer who checks it: every part with its source and what is still to be read. No scripts, and
nothing is asked of the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from risicoscreener.decision.compiled import CompiledPolicy
from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.decision.page import Titles, bands_in_words, tests_in_words
from risicoscreener.decision.policy import UNKNOWN_LEVEL, level_ids
from risicoscreener.decision.properties import PROPERTIES, sourced
from risicoscreener.decision.verification import Check, verify
from risicoscreener.decision.wording import PROJECT, cited, say, texts
from risicoscreener.templating import style, template
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from risicoscreener.decision.policy import Condition, Domain, Policy, Rule, Sourced


def policy_html(policy: Policy, lang: str) -> str:
    """The page.

    Raises
    ------
    RisicoscreenerError
        If the language is not spoken.
    """
    check_language(lang)
    page = _Page(policy, lang)
    return template("risicoscreener.decision", "page.html.jinja").render(
        page=page, lang=lang, css=style("risicoscreener.decision", "page.css")
    )


class _Page:
    """What the template shows, in one language."""

    def __init__(self, policy: Policy, lang: str) -> None:
        self.policy = policy
        self.lang = lang
        self.compiled = CompiledPolicy(policy)
        self.report = verify(self.compiled)
        self.titles = Titles(policy)
        self.parts = list(sourced(policy))
        self.unread = [name for name, part in self.parts if part.to_verify]
        levels = level_ids(policy)
        self.columns = [d for d in self.compiled.domains if len(levels[d.id]) > 1]

    def w(self, name: str, **parts: Any) -> str:
        """A text of the page."""
        return self.say(say("html", name, **parts))

    def say(self, text: Texts | None) -> str:
        """A text in the language of the page."""
        return "" if text is None else text.text(self.lang)

    def facts(self) -> list[tuple[str, str]]:
        """Terms and what they are, at the head."""
        policy = self.policy
        ends = {"valid_from": str(policy.valid_from), "valid_until": str(policy.valid_until)}
        force = "since" if policy.valid_until is None else "until"
        found = [
            ("version", policy.id),
            ("in_force", self.w(force, **ends)),
            ("basis", self.w(policy.date_basis)),
            ("holds_for", self.w("days", n=policy.validity_days)),
        ]
        if policy.decided_by is not None:
            found.append(("who", self.say(policy.decided_by)))
        called = ", ".join(self.say(policy.outcome_text(o)) for o in reversed(OUTCOMES))
        found += [("outcomes", called), ("digest", self.compiled.digest[:16])]
        return [(self.w(name), value) for name, value in found]

    def proof(self) -> str:
        """Whether everything is proven, in a sentence."""
        failed = len(self.report.failed())
        if failed:
            return self.w("failing", n=failed, m=len(self.report.checks))
        return self.w("proof", cells=self.report.cells)

    def cited(self, entry: Sourced) -> str:
        """Source and remark of an entry."""
        return self.say(cited(entry.source, entry.remark))

    def tests(self, entry: Any) -> Markup:
        """What an entry reads, names of inputs as code."""
        return _coded(self.say(tests_in_words(entry)))

    def bands(self, model: Any) -> str:
        """The bands of a model."""
        return self.say(bands_in_words(model))

    def levels(self, domain: Domain) -> list[tuple[str, str, list[Any]]]:
        """Of each level its id, its meaning, and the readings that give it."""
        words = {v.id: v.text for v in domain.levels}
        words[UNKNOWN_LEVEL] = domain.unknown or texts("unknown", "text")
        given: dict[str, list[Any]] = {name: [] for name in words}
        for reading in domain.readings:
            given[reading.level].append(self.tests(reading))
        given[domain.otherwise].append(self.w("otherwise"))
        given[UNKNOWN_LEVEL].append(self.w("cannot_tell"))
        return [(name, self.say(text), given[name]) for name, text in words.items()]

    def entries(self, rule: Rule) -> list[list[tuple[str, str]]]:
        """Per column the levels that a rule asks for with their meanings; empty for any."""
        found = []
        for domain in self.columns:
            meaning = {v.id: self.say(v.text) for v in domain.levels}
            asked = rule.when.get(domain.id, ())
            found.append([(level, meaning[level]) for level in asked])
        return found

    def built_in(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Title and levels of the domains that every policy has."""
        return [
            (self.say(d.title), [(v.id, self.say(v.text)) for v in d.levels])
            for d in self.columns
            if d.built_in
        ]

    def outcome(self, rule: Rule) -> str:
        """What the outcome of a rule is called."""
        return self.say(self.policy.outcome_text(rule.outcome))

    def when(self, entry: Rule | Condition) -> str:
        """Levels that an entry asks for, in words."""
        return self.say(self.titles.when(entry.when)) if entry.when else self.w("otherwise")

    def condition(self, entry: Condition) -> Markup:
        """When a condition is attached."""
        parts = [escape(self.say(self.titles.when(entry.when)))] if entry.when else []
        if entry.all is not None or entry.any is not None:
            holds = self.say(texts("page", "unknown_holds"))
            parts.append(Markup("{} ({})").format(self.tests(entry), holds))
        return escape(self.say(texts("page", "and"))).join(parts)

    def checks(self) -> tuple[list[Check], list[Check]]:
        """Properties of every policy, and those of this one."""
        split = len(PROPERTIES)
        return list(self.report.checks[:split]), list(self.report.checks[split:])

    def state(self, check: Check) -> str:
        """Whether a property is proven."""
        if check.exempt is not None:
            return self.w("not_applicable")
        return self.w("proven" if check.ok else "fails")

    def own_title(self, check: Check) -> str:
        """What a property of the policy itself says."""
        return self.say(next(p.text for p in self.policy.properties if p.id == check.name))

    def sources(self) -> list[tuple[str, list[tuple[str, bool]]]]:
        """Each source with the parts that rest on it, and whether it is still to be read."""
        found: dict[str, list[tuple[str, bool]]] = {}
        for name, part in self.parts:
            for source in part.source.split(";"):
                found.setdefault(source.strip(), []).append((name, part.to_verify))
        chosen = found.pop(PROJECT, None)
        listed = sorted(found.items())
        if chosen is not None:
            listed.append((self.say(texts("source", PROJECT)), chosen))
        return listed

    def title(self, text: Texts) -> str:
        """A text with a capital, as it begins a line."""
        said = self.say(text)
        return said[:1].upper() + said[1:]

    def rule_name(self, rule: Rule) -> Markup:
        """The id of a rule, which may be broken at its underscores."""
        return Markup("_<wbr>").join(rule.id.split("_"))

    def heading(self, name: str) -> str:
        """A heading as the page in words has it."""
        return self.say(texts("page", name))


def _coded(text: str) -> Markup:
    """A text with what stands between backticks as code."""
    pieces = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )
