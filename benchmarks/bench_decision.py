"""How long deciding takes, against the same rules written out with numpy and in plain Python.

    python benchmarks/bench_decision.py [--people 1000000]

First people: the golden cases of each policy, over and over. The peer for many is what a user
would write: a pandas frame, `np.select` over the readings of each domain, `np.select` over the
rules. The peer for one is the rules tried one by one. Then prepared cases, of which the levels are
known: `CompiledPolicy.lookup` against `np.select` over the same rules, on random levels. That both
give the same outcomes is checked before anything is timed; deciding also gives levels, rule and
conditions. Last, how long it takes to verify every policy that ships.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from _timing import best, ratio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from decision import reference
from decision.golden_cases import CASES, SHIPPED, Case
from risicoscreener.decision import OUTCOMES, CompiledPolicy, Policy, verify

PEER_PEOPLE = 100_000
READ = """
import time
from risicoscreener.decision import PolicyBook
t = time.perf_counter()
book = PolicyBook.shipped()
print((time.perf_counter() - t) * 1e3)
"""


# -- what a user would write -----------------------------------------------------------------------


def truth(frame: pd.DataFrame, part: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where a requirement or reading is true and where it is unknown."""
    tests = part.all if part.all is not None else part.any
    holds, fails = [], []
    for test in tests:
        value = frame[test.input].to_numpy()
        low = -math.inf if test.min is None else test.min
        high = math.inf if test.max is None else test.max
        inside = (value >= low) & (value <= high)
        holds.append(inside)
        fails.append(~inside & ~np.isnan(value))
    if part.all is not None:
        true, false = np.logical_and.reduce(holds), np.logical_or.reduce(fails)
    else:
        true, false = np.logical_or.reduce(holds), np.logical_and.reduce(fails)
    return true, ~true & ~false


def by_select(policy: Policy, frame: pd.DataFrame, scores: dict[str, pd.DataFrame]) -> np.ndarray:
    """The outcome of each row: levels by `np.select`, then the rules by `np.select`."""
    names = reference.domain_levels(policy)
    required = [truth(frame, requirement) for requirement in policy.requirements]
    failed = np.logical_or.reduce([~true & ~unknown for true, unknown in required])
    unsure = np.logical_or.reduce([unknown for _, unknown in required])
    levels = {
        "admissibility": np.select([failed, unsure], [1, 2], 0),
        "dossier": np.select([frame["quarantined_rows"].to_numpy() < 1], [0], 1),
        **_weighed(policy, scores),
    }
    for domain in policy.domains:
        found, codes = [], []
        for reading in domain.readings:
            true, unknown = truth(frame, reading)
            found += [true, unknown]
            codes += [names[domain.id].index(reading.level), names[domain.id].index("unknown")]
        otherwise = names[domain.id].index(domain.otherwise)
        levels[domain.id] = np.select(found, codes, otherwise) if found else otherwise
    return rules_by_select(policy, levels, len(frame))


def rules_by_select(policy: Policy, levels: dict[str, np.ndarray], n: int) -> np.ndarray:
    """The outcome of each case of which the levels are known, by `np.select` over the rules."""
    names = reference.domain_levels(policy)
    everyone = np.ones(n, dtype=bool)
    conditions = []
    for rule in policy.rules:
        holds = everyone
        for domain, wanted in rule.when.items():
            holds = holds & np.isin(levels[domain], [names[domain].index(name) for name in wanted])
        conditions.append(holds)
    return np.select(conditions, [OUTCOMES.index(rule.outcome) for rule in policy.rules], -1)


def _weighed(policy: Policy, scores: dict[str, pd.DataFrame]) -> dict[str, np.ndarray | int]:
    if not policy.models:
        return {"risk": 0, "certainty": 0}
    bands: dict[str, list[np.ndarray]] = {"probability": [], "lower": [], "upper": []}
    outside = np.zeros(len(next(iter(scores.values()))), dtype=bool)
    for model in policy.models:
        score = scores[model.model]
        probability = score["probability"]
        known = probability.between(0, 1).to_numpy()
        outside |= ~known | ~score["supported"].to_numpy()
        for name, found in bands.items():
            value = score[name].fillna(probability).to_numpy()
            band = np.searchsorted(model.cuts, value, side="right")
            found.append(np.where(known, band, len(model.cuts)))
    risk, low, high = (np.maximum.reduce(found) for found in bands.values())
    return {"risk": risk, "certainty": np.select([outside, (low != risk) | (high != risk)], [2, 1])}


def by_rules(compiled: CompiledPolicy, case: Case) -> str:
    """The outcome of one case: its levels read, and the rules tried one by one."""
    levels = reference.read(compiled.policy, case.inputs, case.scores)
    return compiled.policy.rules[reference.rule_of(compiled.policy, levels)].outcome


# -- measuring -------------------------------------------------------------------------------------


def columns(compiled: CompiledPolicy, cases: list[Case], n: int) -> list[np.ndarray]:
    """Arguments of `decide_many` for ``n`` people: the cases over and over."""
    arguments = [case.arguments(compiled) for case in cases]
    inputs = np.array([inputs for inputs, _ in arguments])
    scores = [
        np.array(
            [[getattr(score, name) for score in per_model] for _, per_model in arguments],
            dtype=kind,
        )
        for name, kind in (
            ("probability", float),
            ("lower", float),
            ("upper", float),
            ("supported", bool),
        )
    ]
    return [np.resize(part, (n, part.shape[1])) for part in (inputs, *scores)]


def frames(
    compiled: CompiledPolicy, given: list[np.ndarray]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The same, as a user of pandas would have it."""
    inputs, *scores = given
    names = ("probability", "lower", "upper", "supported")
    return pd.DataFrame(inputs, columns=list(compiled.inputs)), {
        model: pd.DataFrame({name: part[:, m] for name, part in zip(names, scores, strict=True)})
        for m, model in enumerate(compiled.models)
    }


def measured(compiled: CompiledPolicy, people: int, repeat: int) -> str:
    """One line of the table."""
    cases = [case for case in CASES if case.policy == compiled.id]
    fresh = CompiledPolicy(compiled.policy)
    tables = best(lambda: (fresh.rules, fresh.outcomes, fresh.attached), 1)
    proof = best(lambda: verify(compiled), repeat)
    arguments = [case.arguments(compiled) for case in cases]
    given = columns(compiled, cases, people)
    few = [part[:PEER_PEOPLE] for part in given]
    frame, scores = frames(compiled, few)
    np.testing.assert_array_equal(
        by_select(compiled.policy, frame, scores), compiled.decide_many(*few).outcome
    )
    assert all(by_rules(compiled, case) == case.decide(compiled).outcome for case in cases)
    one = best(lambda: [compiled.decide_one(*a) for a in arguments * 20], repeat) / len(cases) / 20
    tried = ratio(
        lambda: [by_rules(compiled, case) for case in cases * 5],
        lambda: [compiled.decide_one(*a) for a in arguments * 5],
        3 * repeat,
    )
    many = best(lambda: compiled.decide_many(*given), repeat)
    selected = ratio(
        lambda: by_select(compiled.policy, frame, scores),
        lambda: compiled.decide_many(*few),
        3 * repeat,
    )
    return (
        f"{compiled.id:<32}{compiled.outcomes.size:>9,}{one * 1e6:>7.1f} µs{tried:>6.1f} x"
        f"{many:>8.2f} s{selected:>6.1f} x{tables * 1e3:>7.0f} ms{proof * 1e3:>7.0f} ms"
    )


def looked_up(compiled: CompiledPolicy, n: int, repeat: int) -> str:
    """One line of the table of prepared cases."""
    rng = np.random.default_rng(1)
    levels = np.array([rng.integers(0, size, n, np.uint8) for size in compiled.shape])
    named = {domain.id: levels[axis] for axis, domain in enumerate(compiled.domains)}
    _ = compiled.outcomes
    np.testing.assert_array_equal(
        rules_by_select(compiled.policy, named, n), compiled.lookup(levels)
    )
    ours = best(lambda: compiled.lookup(levels), 3 * repeat)
    times = ratio(
        lambda: rules_by_select(compiled.policy, named, n), lambda: compiled.lookup(levels), repeat
    )
    return f"{compiled.id:<34}{len(compiled.domains):>8}{ours * 1e3:>9.1f} ms{times:>8.0f} x"


def main(people: int, repeat: int) -> None:
    with_cases = {case.policy for case in CASES}
    print(
        f"one: a person, and how many times as long the rules one by one; many: {people:,} people,"
    )
    print(f"and how many times as long np.select ({PEER_PEOPLE:,} people)")
    print(
        f"{'policy':<32}{'cells':>9}{'one':>10}{'rules':>8}{'many':>10}{'select':>8}{'tables':>10}{'verify':>10}"
    )
    for compiled in SHIPPED.values():
        if compiled.id in with_cases:
            print(measured(compiled, people, repeat), flush=True)
    print(f"\nprepared: {people:,} cases looked up, and how many times as long np.select")
    print(f"{'policy':<34}{'domains':>8}{'lookup':>12}{'select':>10}")
    for compiled in SHIPPED.values():
        print(looked_up(compiled, people, repeat), flush=True)
    proof = best(lambda: [verify(compiled) for compiled in SHIPPED.values()], 3)
    cells = sum(compiled.outcomes.size for compiled in SHIPPED.values())
    print(f"\nall {len(SHIPPED)} policies verified in each of {cells:,} cells: {proof:.2f} s")
    runs = [
        float(subprocess.run([sys.executable, "-c", READ], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    print(f"all {len(SHIPPED)} files read and checked, in a fresh process: {min(runs):.0f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    main(given.people, given.repeat)
