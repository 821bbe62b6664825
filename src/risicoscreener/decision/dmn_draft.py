"""Decision tables of DMN read as a draft of a policy: domains, levels and rules in order.

Read is what decides in one table whose inputs are enumerations of text. Its hit policy says what
happens where several rows match:

``FIRST``
    The first row decides, as in a policy.
``UNIQUE``, ``ANY``
    No two rows match the same case, or they agree there; that is checked, and then the order does
    not matter.
``PRIORITY``
    The outcome that stands first among the output values decides; rows are put in that order.

Others (``COLLECT``, ``RULE ORDER``, ``OUTPUT ORDER``) give lists, which no policy gives. Nothing in
the file is evaluated, and no entity or file that it names is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, get_args
from xml.etree.ElementTree import Element  # a type; what is read passes defusedxml

import numpy as np
from msgspec import Struct

from risicoscreener.decision.outcome import OUTCOMES, Outcome
from risicoscreener.decision.policy import BUILT_IN, UNKNOWN_LEVEL
from risicoscreener.errors import PolicyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

HitPolicy = Literal["UNIQUE", "FIRST", "PRIORITY", "ANY"]
MAX_BYTES = 20_000_000
MAX_CELLS = 20_000_000
MAX_DOMAINS = 32
MAX_LEVELS = 1_000
"""Of a domain: what is looked through for each row must not be as long as the file."""
MAX_ROWS = 10_000
_STRING = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*(,|$)')
_NOT = re.compile(r"^\s*not\s*\((.*)\)\s*$", re.DOTALL)


class DraftRule(Struct, frozen=True, kw_only=True):
    """One row of the table: levels by domain (others: any), the outcome, and its annotations."""

    id: str
    when: dict[str, tuple[str, ...]]
    outcome: Outcome
    notes: dict[str, str]


class Draft(Struct, frozen=True, kw_only=True):
    """What a decision table says, in the terms of a policy.

    Attributes
    ----------
    name
        Of the decision.
    hit_policy
        Of the table.
    domains
        Levels by domain, in the order of the file: whether that is from best to worst is for
        whoever completes the draft to check.
    rules
        In the order in which they decide.
    """

    name: str
    hit_policy: HitPolicy
    domains: dict[str, tuple[str, ...]]
    rules: tuple[DraftRule, ...]

    def outcomes(self, domains: Mapping[str, Sequence[str]] | None = None) -> NDArray[np.int8]:
        """Positions in `OUTCOMES` of every cell; -1 where no rule matches.

        Parameters
        ----------
        domains
            Levels of each axis of the table; those of the draft by default. A domain that the
            draft does not know makes no difference.
        """
        axes = self.domains if domains is None else domains
        table = np.full([len(levels) for levels in axes.values()], -1, np.int8)
        for rule in reversed(self.rules):
            table[_cells(rule.when, axes)] = OUTCOMES.index(rule.outcome)
        return table

    def toml(self) -> str:
        """The start of a policy file: domains and rules, with what a person has to fill in."""
        return _toml(self)


def from_dmn(
    xml: str | bytes, decision: str | None = None, outcomes: Mapping[str, Outcome] | None = None
) -> Draft:
    """A decision table of a DMN file as a draft of a policy.

    Parameters
    ----------
    xml
        The file, of DMN 1.1 to 1.5.
    decision
        Name or id of the decision; by default the one whose table gives outcomes of a policy.
    outcomes
        What an output of the table means, such as ``{"approve": "grant"}``; by default outputs are
        named as outcomes are.

    Raises
    ------
    PolicyError
        If it is no DMN, has no such table, or the table says what a policy cannot say exactly.
    """
    meaning: Mapping[str, Outcome] = outcomes or {name: name for name in OUTCOMES}
    root = _parsed(xml)
    found = _tables(root)
    if not found:
        raise PolicyError("the file has no decision table; expected DMN with <decisionTable>")
    chosen = _chosen(found, decision, meaning)
    return _Reader(chosen, found[chosen], _values_given(found), _types(root), meaning).draft()


def _parsed(xml: str | bytes) -> Element:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(xml) > MAX_BYTES:
        raise PolicyError(f"the DMN file has {len(xml):,} bytes; expected at most {MAX_BYTES:,}")
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except DefusedXmlException:
        raise PolicyError("the file declares entities or a DTD; expected plain DMN") from None
    except (ValueError, SyntaxError) as error:
        raise PolicyError(f"the file is not XML: {error}; expected DMN") from None
    if _local(root) != "definitions" or "/DMN/" not in root.tag:
        raise PolicyError(f"the file is {root.tag!r}; expected DMN, with <definitions> of the OMG")
    return root


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if _local(child) == name]


def _text(element: Element | None, name: str = "text") -> str:
    for child in () if element is None else _children(element, name):
        return (child.text or "").strip()
    return ""


def _tables(root: Element) -> dict[str, Element]:
    """Decision tables by the name of their decision; its variables and types beside them."""
    found: dict[str, Element] = {}
    for decision in _children(root, "decision"):
        name = decision.get("name") or decision.get("id") or ""
        for table in _children(decision, "decisionTable"):
            table.set("decision_id", decision.get("id", ""))
            found[name] = table
    return found


def _chosen(
    found: Mapping[str, Element], decision: str | None, meaning: Mapping[str, Outcome]
) -> str:
    named = ", ".join(found)
    if decision is not None:
        for name, table in found.items():
            if decision in (name, table.get("decision_id")):
                return name
        raise PolicyError(f"there is no decision table {decision!r}; expected one of {named}")
    fitting = [n for n, table in found.items() if _outputs(table) and _outputs(table) <= {*meaning}]
    if len(fitting) != 1:
        raise PolicyError(
            f"{len(fitting)} decision tables give {', '.join(meaning)}; expected one, or the name "
            f"of a decision and what its outputs mean: {named}"
        )
    return fitting[0]


def _outputs(table: Element) -> set[str]:
    """What the rows give, if these are texts."""
    given = set()
    for rule in _children(table, "rule"):
        entries = _children(rule, "outputEntry")
        values = _enumerated(_text(entries[0])) if entries else None
        given.add(values[0] if values and len(values) == 1 else "")
    return given


def _enumerated(text: str) -> tuple[str, ...] | None:
    """The texts in a list of texts of FEEL; None if it is something else."""
    found, at = [], 0
    while at < len(text):
        match = _STRING.match(text, at)
        if match is None:
            return None
        found.append(re.sub(r"\\(.)", r"\1", match.group(1)))
        at = match.end()
    # A list that ends in a comma lacks something.
    return None if not found or text.rstrip().endswith(",") else tuple(found)


def _values_given(found: Mapping[str, Element]) -> dict[str, tuple[str, ...]]:
    """By decision what its table can give, in the order of its output values or its rows."""
    given: dict[str, tuple[str, ...]] = {}
    for name, table in found.items():
        outputs = _children(table, "output")
        values = _enumerated(_text(_first(outputs[0], "outputValues"))) if outputs else None
        rows = [_enumerated(_text(e)) for r in _children(table, "rule") for e in r[-1:]]
        if values is not None:
            given[name] = values
        elif rows and all(row is not None for row in rows):
            given[name] = tuple(dict.fromkeys(v for row in rows for v in row or ()))
    return given


def _types(root: Element) -> dict[str, tuple[str, ...]]:
    """Allowed values by the name of a type, of types that are enumerations of texts."""
    found = {}
    for item in _children(root, "itemDefinition"):
        values = _enumerated(_text(_first(item, "allowedValues")))
        if values is not None:
            found[item.get("name", "")] = values
    return found


def _first(element: Element, name: str) -> Element | None:
    return next(iter(_children(element, name)), None)


class _Reader:
    """Reads one decision table."""

    def __init__(
        self,
        name: str,
        table: Element,
        given: Mapping[str, tuple[str, ...]],
        types: Mapping[str, tuple[str, ...]],
        meaning: Mapping[str, Outcome],
    ) -> None:
        self.name, self.table, self.meaning = name, table, meaning
        self.given, self.types = given, types

    def fail(self, place: str, found: str, expected: str) -> PolicyError:
        return PolicyError(f"decision {self.name!r}: {place}: {found}; expected {expected}")

    def draft(self) -> Draft:
        """The whole table."""
        hit = self.hit_policy()
        if len(_children(self.table, "output")) != 1:
            found = f"{len(_children(self.table, 'output'))} outputs"
            raise self.fail("outputs", found, "one, which is the outcome")
        inputs = self.inputs()
        rows = [
            self.rule(number, row, inputs)
            for number, row in enumerate(_children(self.table, "rule"), start=1)
        ]
        if not rows or len(rows) > MAX_ROWS:
            raise self.fail("rules", f"{len(rows)}", f"from 1 to {MAX_ROWS}")
        domains = {name: self.levels(name, clause, rows) for name, clause in inputs.items()}
        self.check_levels(rows, domains)
        rules = [self.complete(when, rule, domains) for when, rule in rows]
        return Draft(
            name=self.name,
            hit_policy=hit,
            domains=domains,
            rules=(*self.ordered(hit, rules, domains), *self.default()),
        )

    def hit_policy(self) -> HitPolicy:
        """Of the table; UNIQUE where it does not say."""
        said = self.table.get("hitPolicy", "UNIQUE")
        for known in get_args(HitPolicy):
            if said == known:
                return known
        expected = ", ".join(get_args(HitPolicy))
        raise self.fail("hit policy", said, f"{expected}: the others give lists of outcomes")

    def inputs(self) -> dict[str, Element]:
        """Clauses by the name that they test."""
        found: dict[str, Element] = {}
        for clause in _children(self.table, "input"):
            name = _text(_first(clause, "inputExpression"))
            if not name.isidentifier():
                raise self.fail("input", f"the expression {name!r}", "the name of a domain")
            if name in found:
                raise self.fail("input", f"{name!r} twice", "each domain once")
            found[name] = clause
        return found

    def levels(
        self, name: str, clause: Element, rows: Sequence[tuple[dict[str, _Entry], DraftRule]]
    ) -> tuple[str, ...]:
        """Levels of a domain: input values, its type, what its table gives, or what rows name."""
        values = _enumerated(_text(_first(clause, "inputValues")))
        if values is None:
            expression = _first(clause, "inputExpression")
            kind = "" if expression is None else expression.get("typeRef", "")
            values = self.types.get(kind.rpartition(":")[2]) or self.given.get(name)
        named = dict.fromkeys(v for when, _ in rows for v in when[name].values)
        if values is None:
            if any(when[name].negated and when[name].values for when, _ in rows):
                raise self.fail(f"input {name!r}", "not(...) without input values", "input values")
            values = tuple(named)
        if not values:
            raise self.fail(f"input {name!r}", "no values", "input values, or rows that name them")
        return values

    def rule(
        self, number: int, row: Element, inputs: Mapping[str, Element]
    ) -> tuple[dict[str, _Entry], DraftRule]:
        """A row as it stands; `complete` gives its levels."""
        name = row.get("id") or f"row_{number}"
        entries = _children(row, "inputEntry")
        if len(entries) != len(inputs):
            raise self.fail(name, f"{len(entries)} input entries", f"{len(inputs)}, one per input")
        when = {
            domain: self.entry(name, domain, _text(entry))
            for domain, entry in zip(inputs, entries, strict=True)
        }
        outputs = [_text(entry) for entry in _children(row, "outputEntry")]
        outcome = self.outcome(name, outputs[0] if len(outputs) == 1 else "")
        columns = [a.get("name", "") for a in _children(self.table, "annotation")]
        said = [_text(a) for a in _children(row, "annotationEntry")]
        notes = dict(zip(columns, said, strict=False))
        return when, DraftRule(id=_identifier(name), when={}, outcome=outcome, notes=notes)

    def entry(self, rule: str, domain: str, text: str) -> _Entry:
        """What a row asks of a domain."""
        if text in ("", "-"):
            return _Entry((), negated=True)
        negated = _NOT.match(text)
        values = _enumerated(negated.group(1) if negated else text)
        if values is None:
            raise self.fail(
                f"{rule}, {domain}", f"the test {text!r}", 'texts such as "low", "high", or -'
            )
        return _Entry(values, negated=negated is not None)

    def outcome(self, place: str, text: str) -> Outcome:
        """What an output entry means."""
        values = _enumerated(text)
        if values is None or len(values) != 1 or values[0] not in self.meaning:
            raise self.fail(place, f"the output {text!r}", f"one of {', '.join(self.meaning)}")
        return self.meaning[values[0]]

    def check_levels(
        self,
        rows: Sequence[tuple[dict[str, _Entry], DraftRule]],
        domains: Mapping[str, Sequence[str]],
    ) -> None:
        """Every value that a row names is a level, and there are not too many of either."""
        for domain, levels in domains.items():
            if len(levels) > MAX_LEVELS:
                raise self.fail(domain, f"{len(levels):,} values", f"at most {MAX_LEVELS:,}")
        if len(domains) > MAX_DOMAINS:
            raise self.fail("inputs", f"{len(domains)}", f"at most {MAX_DOMAINS}")
        for when, rule in rows:
            for domain, entry in when.items():
                for value in entry.values:
                    if value not in domains[domain]:
                        known = ", ".join(domains[domain])
                        raise self.fail(f"{rule.id}, {domain}", f"the value {value!r}", known)
        size = 1
        for levels in domains.values():
            size *= len(levels)
        if size > MAX_CELLS:
            raise self.fail("inputs", f"{size:,} combinations", f"at most {MAX_CELLS:,}")

    def complete(
        self,
        when: Mapping[str, _Entry],
        rule: DraftRule,
        domains: Mapping[str, Sequence[str]],
    ) -> DraftRule:
        """The rule with its levels; a domain of which all levels do is not named."""
        asked = {
            domain: tuple(v for v in domains[domain] if (v in entry.values) != entry.negated)
            for domain, entry in when.items()
            if entry.values
        }
        named = {d: levels for d, levels in asked.items() if len(levels) < len(domains[d])}
        return DraftRule(id=rule.id, when=named, outcome=rule.outcome, notes=rule.notes)

    def default(self) -> list[DraftRule]:
        """The default output as a last rule."""
        output = _children(self.table, "output")[0]
        entry = _first(output, "defaultOutputEntry")
        if entry is None:
            return []
        outcome = self.outcome("default output", _text(entry))
        return [DraftRule(id="otherwise", when={}, outcome=outcome, notes={})]

    def ordered(
        self, hit: HitPolicy, rules: Sequence[DraftRule], domains: Mapping[str, Sequence[str]]
    ) -> Sequence[DraftRule]:
        """The rules in an order in which the first that matches gives what the table gives."""
        if hit == "PRIORITY":
            order = self.priority()
            return sorted(rules, key=lambda rule: order[rule.outcome])
        if hit in ("UNIQUE", "ANY"):
            self.check_overlap(hit, rules, domains)
        return rules

    def priority(self) -> dict[Outcome, int]:
        """Outcomes by their place among the output values."""
        output = _children(self.table, "output")[0]
        values = _enumerated(_text(_first(output, "outputValues")))
        if values is None:
            raise self.fail("hit policy", "PRIORITY without output values", "output values")
        unknown = [value for value in values if value not in self.meaning]
        if unknown or {self.meaning[v] for v in values} < {*self.meaning.values()} & self.used():
            raise self.fail("output values", ", ".join(values), ", ".join(self.meaning))
        return {self.meaning[value]: place for place, value in reversed([*enumerate(values)])}

    def used(self) -> set[Outcome]:
        """Outcomes that some row gives."""
        return {self.meaning[name] for name in _outputs(self.table) if name in self.meaning}

    def check_overlap(
        self, hit: HitPolicy, rules: Sequence[DraftRule], domains: Mapping[str, Sequence[str]]
    ) -> None:
        """No case in which two rows match, or with ANY none in which they differ."""
        table = np.full([len(levels) for levels in domains.values()], -1, np.int16)
        for place, rule in enumerate(rules):
            cells = _cells(rule.when, domains)
            before = np.unique(table[cells])
            for other in before[before >= 0]:
                if hit == "UNIQUE" or rules[other].outcome != rule.outcome:
                    raise self.fail(
                        f"hit policy {hit}",
                        f"{rules[other].id} and {rule.id} match the same case",
                        "rows apart" if hit == "UNIQUE" else "the same outcome of both",
                    )
            table[cells] = place


class _Entry(Struct, frozen=True):
    """Values that a row names of a domain; ``negated``: all but these."""

    values: tuple[str, ...]
    negated: bool


def _cells(
    when: Mapping[str, Sequence[str]], domains: Mapping[str, Sequence[str]]
) -> tuple[NDArray[np.intp], ...]:
    return np.ix_(
        *(
            [place for place, level in enumerate(levels) if level in when.get(domain, levels)]
            for domain, levels in domains.items()
        )
    )


def _identifier(name: str) -> str:
    """A name as policy files have them."""
    found = re.sub(r"\W+", "_", name).strip("_")
    return found if found.isidentifier() else f"row_{found}"


def _toml(draft: Draft) -> str:
    import json

    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)  # a string of JSON is one of TOML

    lines = [
        f"# Draft from the decision table {draft.name!r} (hit policy {draft.hit_policy}).",
        "# Not a policy yet: requirements, readings of the levels, sources and texts in both",
        "# languages are to be written, and the levels to be put from best to worst.",
        "# See the format of a policy file.",
    ]
    for domain, levels in draft.domains.items():
        if domain in BUILT_IN:
            continue
        lines += ["", "[[domains]]", f"id = {text(domain)}"]
        for level in levels:
            if level == UNKNOWN_LEVEL:
                continue
            lines += ["", "  [[domains.levels]]", f"  id = {text(level)}"]
    for rule in draft.rules:
        lines += ["", "[[rules]]", f"id = {text(rule.id)}"]
        named = ", ".join(
            f"{domain} = [{', '.join(map(text, levels))}]" for domain, levels in rule.when.items()
        )
        if named:
            lines.append(f"when = {{ {named} }}")
        lines.append(f"outcome = {text(rule.outcome)}")
        said = {lang: rule.notes.get(lang, "") for lang in ("nl", "en")}
        lines.append(f"text = {{ nl = {text(said['nl'])}, en = {text(said['en'])} }}")
        lines.append(f"source = {text(rule.notes.get('source', ''))}")
    return "\n".join(lines) + "\n"
