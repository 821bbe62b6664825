"""Just enough of DMN to run what `to_dmn` writes, written apart from it: tables with hit policy FIRST."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

NAMESPACE = "{https://www.omg.org/spec/DMN/20230324/MODEL/}"
INTERVAL = re.compile(r"([\[(\]])(.+?)\.\.(.+?)([\])\[])$")
COMPARED = re.compile(r"(<=|>=|<|>)\s*(.+)$")


class Model:
    """Decision tables by name; `decide` gives the value of any of them."""

    def __init__(self, xml: str) -> None:
        root = ET.fromstring(xml.encode())
        self.inputs = {e.get("name") for e in root.iter(f"{NAMESPACE}inputData")}
        self.tables = {}
        for decision in root.iter(f"{NAMESPACE}decision"):
            table = decision.find(f"{NAMESPACE}decisionTable")
            assert table.get("hitPolicy") == "FIRST"
            columns = [
                e.findtext(f"{NAMESPACE}inputExpression/{NAMESPACE}text")
                for e in table.iter(f"{NAMESPACE}input")
            ]
            rows = [
                (
                    [e.findtext(f"{NAMESPACE}text") for e in rule.iter(f"{NAMESPACE}inputEntry")],
                    rule.findtext(f"{NAMESPACE}outputEntry/{NAMESPACE}text"),
                )
                for rule in table.iter(f"{NAMESPACE}rule")
            ]
            self.tables[decision.get("name")] = (columns, rows)

    def decide(self, name: str, known: dict) -> object:
        """Value of a decision or an input; ``known`` holds the inputs and what was found before."""
        if name in known:
            return known[name]
        columns, rows = self.tables[name]
        values = [self.decide(column, known) for column in columns]
        for tests, given in rows:
            if all(passes(t, v) for t, v in zip(tests, values, strict=True)):
                known[name] = literal(given)
                return known[name]
        raise AssertionError(f"no row of {name} matches")


def literal(text: str) -> object:
    text = text.strip()
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    return text[1:-1] if text.startswith('"') else float(text)


def passes(test: str, value: object) -> bool:
    """A unary test: any of those between commas; with null only ``null`` and ``-`` are true."""
    if test == "-":
        return True
    return any(_one(part.strip(), value) for part in test.split(","))


def _one(test: str, value: object) -> bool:
    interval = INTERVAL.match(test)
    compared = COMPARED.match(test)
    if interval or compared:
        if value is None:
            return False
        if compared:
            bound = float(compared[2])
            return {
                "<": value < bound,
                "<=": value <= bound,
                ">": value > bound,
                ">=": value >= bound,
            }[compared[1]]
        low, high = float(interval[2]), float(interval[3])
        above = value >= low if interval[1] == "[" else value > low
        return above and (value <= high if interval[4] == "]" else value < high)
    return literal(test) == value
