"""A policy as DMN 1.5, the notation of other rule engines.

`to_dmn` writes everything that decides: a decision table for each requirement, domain, band of risk
and condition, and one for the outcome with hit policy FIRST, which is what a policy is. An input
that is unknown is ``null``. Names are those of the policy file.

`risicoscreener.decision.dmn_draft` reads decision tables of DMN.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET  # only to write
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.decision.policy import (
    ADMISSIBILITY,
    CERTAINTY,
    DOSSIER,
    QUARANTINED_ROWS,
    RISK,
    UNKNOWN_LEVEL,
    Condition,
    Domain,
    Reading,
    Requirement,
    Sourced,
    Test,
    level_ids,
)
from risicoscreener.decision.wording import cited

if TYPE_CHECKING:
    from risicoscreener.decision.compiled import CompiledPolicy
    from risicoscreener.decision.policy import ModelCuts, Policy
    from risicoscreener.texts import Texts

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"
"""Namespace of DMN 1.5."""
FEEL = "https://www.omg.org/spec/DMN/20230324/FEEL/"
ANY = "-"
OUTCOME = "outcome"
ANNOTATIONS = ("rule", "nl", "en", "source")
"""Columns beside each row: its rule, what that says in either language, and where it is from."""

Row = tuple[dict[str, str], str]
"""A test by input (others: any), and what comes out, both in FEEL."""


def to_dmn(compiled: CompiledPolicy) -> str:
    """The policy as a DMN 1.5 file.

    Parameters
    ----------
    compiled
        The policy.

    Returns
    -------
    XML. Inputs of a model are ``<model>_probability``, ``_lower``, ``_upper`` (null without an
    interval) and ``_supported``; everything else is named as in the policy file. The decision
    ``outcome`` gives ``deny``, ``deep_assessment`` or ``grant``, and ``condition_<id>`` whether
    that condition is attached.
    """
    return _Export(compiled.policy).xml()


class _Export:
    """Writes the decisions of a policy, each after those that it needs."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.levels = level_ids(policy)
        self.inputs = dict.fromkeys(t.input for entry in _tested(policy) for t in _tests(entry))
        self.inputs[QUARANTINED_ROWS] = None
        self.kinds = dict.fromkeys(self.inputs, "number")
        for model in policy.models:
            for part, kind in (("probability", "number"), ("lower", "number"), ("upper", "number")):
                self.kinds[f"{model.model}_{part}"] = kind
            self.kinds[f"{model.model}_supported"] = "boolean"
        self.type_of: dict[str, str] = {}
        self.weighed = [d for d, levels in self.levels.items() if len(levels) > 1]
        self.root = ET.Element(
            "definitions",
            {
                "xmlns": MODEL,
                "id": "definitions",
                "name": policy.id,
                "namespace": f"urn:risicoscreener:policy:{policy.kind}:{policy.valid_from}",
                "expressionLanguage": FEEL,
                "typeLanguage": FEEL,
                "exporter": "risicoscreener",
            },
        )

    def xml(self) -> str:
        """All of it."""
        _describe(self.root, self.policy.title, self.policy.status)
        for domain in self.weighed:
            self._type(domain, self.levels[domain])
        self._type(OUTCOME, OUTCOMES)
        for name, kind in self.kinds.items():
            data = ET.SubElement(self.root, "inputData", {"id": f"input_{name}", "name": name})
            ET.SubElement(data, "variable", {"name": name, "typeRef": kind})
        self._requirements()
        self._dossier()
        if self.policy.models:
            self._risk()
        for read in self.policy.domains:
            self._domain(read)
        self._outcome()
        for condition in self.policy.conditions:
            self._condition(condition)
        ET.indent(self.root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(self.root, "unicode") + "\n"

    def name(self, domain: str) -> str:
        """The name of a domain, apart from an input of the same name."""
        return f"{domain}_level" if domain in self.kinds else domain

    def _type(self, name: str, values: Iterable[str]) -> None:
        item = ET.SubElement(
            self.root, "itemDefinition", {"id": f"type_{name}", "name": f"t_{name}"}
        )
        ET.SubElement(item, "typeRef").text = "string"
        _text(ET.SubElement(item, "allowedValues"), _strings(values))

    def _requirements(self) -> None:
        for requirement in self.policy.requirements:
            rows = [(when, _string("met")) for when in _holds(requirement)]
            rows += [(when, _string(UNKNOWN_LEVEL)) for when in _unsure(requirement)]
            self._table(
                f"requirement_{requirement.id}",
                f"t_{ADMISSIBILITY}",
                [*rows, ({}, _string("not_met"))],
                entry=requirement,
                said=requirement.text,
            )
        names = [f"requirement_{r.id}" for r in self.policy.requirements]
        rows = [
            ({name: _string(level)}, _string(level))
            for level in ("not_met", UNKNOWN_LEVEL)
            for name in names
        ]
        self._table(self.name(ADMISSIBILITY), f"t_{ADMISSIBILITY}", [*rows, ({}, _string("met"))])

    def _dossier(self) -> None:
        rows = [({QUARANTINED_ROWS: "< 1"}, _string("sound")), ({}, _string("flawed"))]
        self._table(self.name(DOSSIER), f"t_{DOSSIER}", rows)

    def _risk(self) -> None:
        models, bands = self.policy.models, self.levels[RISK]
        for model in models:
            within = _probabilities(model)
            rows = [
                ({f"{model.model}_probability": span}, _string(band))
                for span, band in zip(within, bands, strict=True)
            ]
            name = f"{model.model}_band"
            self._table(name, f"t_{RISK}", [*rows, ({}, _string(bands[-1]))], entry=model)
            for side in ("lower", "upper"):
                self._table(f"{name}_{side}", f"t_{RISK}", _bound_rows(model, side, bands))
        for name, part in (
            (self.name(RISK), ""),
            ("risk_lower", "_lower"),
            ("risk_upper", "_upper"),
        ):
            rows = [
                ({f"{m.model}_band{part}": _string(band)}, _string(band))
                for band in reversed(bands[1:])
                for m in models
            ]
            self._table(name, f"t_{RISK}", [*rows, ({}, _string(bands[0]))])
        self._certainty(bands)

    def _certainty(self, bands: Sequence[str]) -> None:
        speaks = {}
        for model in self.policy.models:
            speaks[f"{model.model}_supported"] = "true"
            speaks[f"{model.model}_probability"] = "[0..1]"
        names = (self.name(RISK), "risk_lower", "risk_upper")
        rows: list[Row] = [
            ({**speaks, **dict.fromkeys(names, _string(band))}, _string("certain"))
            for band in bands
        ]
        rows += [(speaks, _string("near_cut")), ({}, _string("outside"))]
        self._table(self.name(CERTAINTY), f"t_{CERTAINTY}", rows)

    def _domain(self, domain: Domain) -> None:
        rows: list[Row] = []
        for reading in domain.readings:
            rows += [(when, _string(reading.level)) for when in _holds(reading)]
            rows += [(when, _string(UNKNOWN_LEVEL)) for when in _unsure(reading)]
        rows.append(({}, _string(domain.otherwise)))
        name = self.name(domain.id)
        self._table(name, f"t_{domain.id}", rows, entry=domain, said=domain.title)

    def _outcome(self) -> None:
        rules = self.policy.rules
        rows = [(self._when(rule.when), _string(rule.outcome)) for rule in rules]
        notes = [(rule.id, rule.text, rule) for rule in rules]
        columns = [self.name(d) for d in self.weighed]
        self._table(OUTCOME, f"t_{OUTCOME}", rows, columns=columns, notes=notes, ids="rule")

    def _condition(self, condition: Condition) -> None:
        when = self._when(condition.when)
        allowed = {OUTCOME: _strings(o for o in OUTCOMES if o != "deny"), **when}
        rows = [({**allowed, **tests}, "true") for tests in _holds(condition)]
        rows += [({**allowed, **tests}, "true") for tests in _unsure(condition)]
        rows.append(({}, "false"))
        name = f"condition_{condition.id}"
        self._table(name, "boolean", rows, entry=condition, said=condition.text)

    def _when(self, when: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """Tests of levels; of a domain with one level there is nothing to test."""
        return {
            self.name(domain): _strings(levels)
            for domain, levels in when.items()
            if domain in self.weighed
        }

    def _table(
        self,
        name: str,
        kind: str,
        rows: Sequence[Row],
        *,
        columns: Sequence[str] | None = None,
        entry: Sourced | None = None,
        said: Texts | None = None,
        notes: Sequence[tuple[str, Texts, Sourced]] = (),
        ids: str | None = None,
    ) -> None:
        """One decision: a table with hit policy FIRST."""
        read = list(
            dict.fromkeys(c for when, _ in rows for c in when) if columns is None else columns
        )
        self.type_of[name] = kind
        decision = ET.SubElement(self.root, "decision", {"id": f"decision_{name}", "name": name})
        if entry is not None:
            _describe(
                decision, *(() if said is None else (said,)), cited(entry.source, entry.remark)
            )
        ET.SubElement(decision, "variable", {"name": name, "typeRef": kind})
        for column in read:
            needs = ET.SubElement(decision, "informationRequirement")
            of = "Input" if column in self.kinds else "Decision"
            href = f"#{'input' if of == 'Input' else 'decision'}_{column}"
            ET.SubElement(needs, f"required{of}", {"href": href})
        table = ET.SubElement(
            decision, "decisionTable", {"id": f"table_{name}", "hitPolicy": "FIRST"}
        )
        for column in read:
            clause = ET.SubElement(table, "input", {"id": f"{name}.{column}", "label": column})
            typed = {"typeRef": self.kinds.get(column) or self.type_of[column]}
            _text(ET.SubElement(clause, "inputExpression", typed), column)
        ET.SubElement(table, "output", {"id": f"{name}.output", "label": name})
        for annotation in ANNOTATIONS if notes else ():
            ET.SubElement(table, "annotation", {"name": annotation})
        for number, (when, given) in enumerate(rows):
            label = notes[number][0] if ids and notes else str(number + 1)
            stem = f"{ids}_" if ids else f"{name}."
            rule = ET.SubElement(table, "rule", {"id": stem + label})
            for column in read:
                _text(ET.SubElement(rule, "inputEntry"), when.get(column, ANY))
            _text(ET.SubElement(rule, "outputEntry"), given)
            for note in _notes(*notes[number]) if notes else ():
                _text(ET.SubElement(rule, "annotationEntry"), note)


def _notes(name: str, said: Texts, entry: Sourced) -> tuple[str, ...]:
    return name, said.nl, said.en, cited(entry.source, entry.remark).en


def _describe(element: ET.Element, *said: Texts) -> None:
    lines = [text for one in said for text in dict.fromkeys((one.nl, one.en))]
    ET.SubElement(element, "description").text = "\n".join(lines)


def _text(element: ET.Element, text: str) -> None:
    ET.SubElement(element, "text").text = text


def _string(value: str) -> str:
    return f'"{value}"'


def _strings(values: Iterable[str]) -> str:
    return ", ".join(map(_string, values))


def _tested(policy: Policy) -> Iterator[Requirement | Reading | Condition]:
    yield from policy.requirements
    for domain in policy.domains:
        yield from domain.readings
    yield from policy.conditions


def _tests(entry: Requirement | Reading | Condition) -> tuple[Test, ...]:
    return entry.all or entry.any or ()


def _joined(tests: Iterable[Test]) -> dict[str, str | None]:
    """By input what all tests together allow; None if nothing."""
    spans: dict[str, tuple[float | None, float | None]] = {}
    for test in tests:
        low, high = spans.get(test.input, (None, None))
        lows = [b for b in (low, test.min) if b is not None]
        highs = [b for b in (high, test.max) if b is not None]
        spans[test.input] = (max(lows, default=None), min(highs, default=None))
    return {name: _span(low, high) for name, (low, high) in spans.items()}


def _span(low: float | None, high: float | None) -> str | None:
    if low is None:
        return f"<= {_number(high or 0.0)}"
    if high is None:
        return f">= {_number(low)}"
    return f"[{_number(low)}..{_number(high)}]" if low <= high else None


def _number(value: float) -> str:
    """A number as FEEL writes it: without an exponent, and without digits that say nothing."""
    text = f"{value:.15f}".rstrip("0").rstrip(".")
    return text if float(text) == value else repr(value)


def _holds(entry: Requirement | Reading | Condition) -> list[dict[str, str]]:
    """Rows in which a clause is true; without a clause it is always."""
    if entry.any is not None:
        return [
            {test.input: span}
            for test in entry.any
            if (span := _span(test.min, test.max)) is not None
        ]
    joined = _joined(entry.all or ())
    if None in joined.values():
        return []
    return [{name: span for name, span in joined.items() if span is not None}]


def _unsure(entry: Requirement | Reading | Condition) -> list[dict[str, str]]:
    """Rows in which it cannot be told, after those in which it is true."""
    if entry.any is not None:
        return [{name: "null"} for name in dict.fromkeys(t.input for t in entry.any)]
    joined = _joined(entry.all or ())
    open_ = {name: "null" if span is None else f"null, {span}" for name, span in joined.items()}
    return [{**open_, name: "null"} for name in joined]


def _edges(model: ModelCuts) -> list[str]:
    return [_number(cut) for cut in model.cuts]


def _probabilities(model: ModelCuts) -> list[str]:
    """Per band the probabilities in it."""
    edges = ["0", *_edges(model), "1"]
    spans = [f"[{low}..{high})" for low, high in pairwise(edges)]
    return [*spans[:-1], spans[-1].removesuffix(")") + "]"]


def _bound_rows(model: ModelCuts, side: str, bands: Sequence[str]) -> list[Row]:
    """Band of a bound of the interval; of the probability without one; the worst without either."""
    probability, bound = f"{model.model}_probability", f"{model.model}_{side}"
    edges = _edges(model)
    spans = [f"< {edges[0]}", *(f"[{a}..{b})" for a, b in pairwise(edges)), f">= {edges[-1]}"]
    rows: list[Row] = [
        ({probability: "[0..1]", bound: span}, _string(band))
        for span, band in zip(spans, bands, strict=True)
    ]
    rows += [
        ({probability: span, bound: "null"}, _string(band))
        for span, band in zip(_probabilities(model), bands, strict=True)
    ]
    return [*rows, ({}, _string(bands[-1]))]
