"""Plain Python: if and elif, loops over lists."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from _full_dossier import AS_OF
from competitors._chain import Chain, log_odds, outcome_one
from competitors._decision import policy, rules
from competitors._features import LONGEST_AGO, MOST_DEBT, VIOLENT, VIOLENT_DAYS
from competitors._interface import Competitor
from competitors._single import Dossier


@cache
def by_rules() -> Callable[..., int]:
    """The rules as one function of if and elif, written from numbers alone."""
    lines = [f"def outcome({', '.join(f'd{i}' for i in range(len(policy().shape)))}):"]
    for rule in rules():
        tests = [
            f"d{i} == {levels[0]}" if len(levels) == 1 else f"d{i} in {levels}"
            for i, levels in rule.levels.items()
        ]
        lines += [f"    if {' and '.join(tests) or 'True'}:", f"        return {rule.outcome}"]
    made: dict[str, Callable[..., int]] = {}
    exec("\n".join(lines), made)
    return made["outcome"]


class Decision(Competitor):
    name = "Python, if and elif"
    task = "decision"
    does = "the outcome"
    tuned = "the rules written out as one function, case by case; one thread"
    largest = 1_000_000

    def prepare(self, data: np.ndarray) -> list[list[int]]:
        by_rules()
        return data.tolist()

    def run(self, prepared: list[list[int]]) -> list[int]:
        return list(map(by_rules(), *prepared))


@cache
def day(text: str) -> dt.date:
    """A date; those of a dossier recur, and are read once."""
    return dt.date.fromisoformat(text)


def seven(raw: bytes) -> list[float]:
    """The seven features of one dossier; NaN where there is no row."""
    found = json.loads(raw)
    known = [c for c in found["convictions"] if day(c["recorded_at"]) <= AS_OF]
    since = AS_OF - dt.timedelta(days=VIOLENT_DAYS)
    among = frozenset(VIOLENT)
    recent = sum(c["offence_class"] in among and day(c["offence_on"]) > since for c in known)
    latest = max((day(c["offence_on"]) for c in known), default=None)
    debts = [d["amount_eur"] for d in found["debts"] if is_open(d, "until")]
    housing = [h for h in found["housing"] if is_open(h, "until_on")]
    last = max(housing, key=lambda h: day(h["from_on"]), default=None)
    return [
        len(known),
        recent,
        math.nan if latest is None else min((AS_OF - latest).days, LONGEST_AGO),
        max((c["severity"] for c in known), default=math.nan),
        len({c["offence_class"] for c in known}),
        min(sum(debts), MOST_DEBT) if debts else math.nan,
        math.nan if last is None else float(last["status"] == "own_address"),
    ]


def is_open(row: dict[str, Any], until: str) -> bool:
    """Known, and not ended."""
    end = row.get(until)
    return day(row["recorded_at"]) <= AS_OF and (end is None or day(end) > AS_OF)


class OneDossier(Competitor):
    """A way from the bytes of one dossier to features, probability and outcome."""

    task = "single"
    does = "seven features, one probability, four rules; no checks"

    def prepare(self, data: Dossier) -> Any:
        return data.raw

    def answers(self, prepared: Any, found: tuple[list[float], float, int]) -> Chain:  # noqa: ARG002
        features, probability, outcome = found
        return Chain(np.array([features], float), np.array([probability]), np.array([outcome]))


class Single(OneDossier):
    name = "Python by hand"
    tuned = "json, dates read once in the life of the process, bisect; one thread"

    def run(self, prepared: bytes) -> tuple[list[float], float, int]:
        return decided(seven(prepared))


def decided(features: list[float]) -> tuple[list[float], float, int]:
    """Features with their probability and outcome, of one person."""
    probability = 1.0 / (1.0 + math.exp(-log_odds(features)))
    return features, probability, outcome_one(features, probability)


COMPETITORS = (Decision(), Single())
