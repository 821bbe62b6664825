"""A direct reading of a policy file, written apart from the engine, to hold it against."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from hypothesis import strategies as st

from risicoscreener.decision import CompiledPolicy, Policy, Score

WORDS = {
    2: ["low", "high"],
    3: ["low", "moderate", "high"],
    4: ["low", "moderate", "high", "very_high"],
}


def domain_levels(policy: Policy) -> dict[str, list[str]]:
    """Level ids per domain, as the format of a policy file says."""
    return {
        "admissibility": ["met", "not_met", "unknown"],
        "dossier": ["sound", "flawed"],
        **_weighing(policy),
        **{d.id: [*(level.id for level in d.levels), "unknown"] for d in policy.domains},
    }


def _weighing(policy: Policy) -> dict[str, list[str]]:
    """Risk and its certainty; where no model is read, there is one level of each."""
    if not policy.models:
        return {"risk": ["not_weighed"], "certainty": ["not_weighed"]}
    bands = WORDS[len(policy.models[0].cuts) + 1]
    return {"risk": bands, "certainty": ["certain", "near_cut", "outside"]}


def matches(when: dict[str, tuple[str, ...]], case: dict[str, str]) -> bool:
    return all(case[domain] in levels for domain, levels in when.items())


def rule_of(policy: Policy, case: dict[str, str]) -> int:
    """Position of the first rule that matches."""
    return next(i for i, rule in enumerate(policy.rules) if matches(rule.when, case))


def cells(policy: Policy) -> Iterator[dict[str, str]]:
    """Every combination of levels, the last domain fastest."""
    levels = domain_levels(policy)
    for combination in itertools.product(*levels.values()):
        yield dict(zip(levels, combination, strict=True))


def truth(every, some, values: dict[str, float]) -> bool | None:
    """Kleene's logic over tests, with None for unknown."""
    answers = []
    for test in every if every is not None else some:
        value = values[test.input]
        if math.isnan(value):
            answers.append(None)
        else:
            answers.append(
                (test.min is None or value >= test.min) and (test.max is None or value <= test.max)
            )
    if every is not None:
        return False if False in answers else None if None in answers else True
    return True if True in answers else None if None in answers else False


def read(policy: Policy, values: dict[str, float], scores: dict[str, Score]) -> dict[str, str]:
    """The level of every domain for one person."""
    requirements = [truth(r.all, r.any, values) for r in policy.requirements]
    case = {
        "admissibility": "not_met"
        if False in requirements
        else "unknown"
        if None in requirements
        else "met",
        "dossier": "sound" if values["quarantined_rows"] < 1 else "flawed",
    }
    case |= weigh(policy, scores)
    for domain in policy.domains:
        case[domain.id] = domain.otherwise
        for reading in domain.readings:
            answer = truth(reading.all, reading.any, values)
            if answer is not False:
                case[domain.id] = reading.level if answer else "unknown"
                break
    return case


def band(cuts: tuple[float, ...], probability: float) -> int:
    return sum(probability >= cut for cut in cuts)


def weigh(policy: Policy, scores: dict[str, Score]) -> dict[str, str]:
    if not policy.models:
        return {"risk": "not_weighed", "certainty": "not_weighed"}
    overall: dict[str, list[int]] = {"probability": [], "lower": [], "upper": []}
    outside = False
    for model in policy.models:
        score = scores[model.model]
        known = 0 <= score.probability <= 1
        outside |= not known or not score.supported
        for name, bands in overall.items():
            value = getattr(score, name)
            if value is None or math.isnan(value):
                value = score.probability
            bands.append(band(model.cuts, value) if known else len(model.cuts))
    risk = max(overall["probability"])
    near = max(overall["lower"]) != risk or max(overall["upper"]) != risk
    return {
        "risk": WORDS[len(policy.models[0].cuts) + 1][risk],
        "certainty": "outside" if outside else "near_cut" if near else "certain",
    }


def input_values(compiled: CompiledPolicy) -> st.SearchStrategy[list[float]]:
    """Inputs at, just beside and far from the bounds of the policy's tests, unknown, or infinite."""
    bounds: dict[str, set[float]] = {name: {0.0, 1.0} for name in compiled.inputs}
    policy = compiled.policy
    tested = [
        *policy.requirements,
        *(r for d in policy.domains for r in d.readings),
        *policy.conditions,
    ]
    for entry in tested:
        for test in (*(entry.all or ()), *(entry.any or ())):
            bounds[test.input] |= {b for b in (test.min, test.max) if b is not None}
    special = [math.nan, math.inf, -math.inf]
    return st.tuples(
        *(
            st.sampled_from(
                [
                    v
                    for b in sorted(found)
                    for v in (b, math.nextafter(b, -9e9), math.nextafter(b, 9e9), b + 1)
                ]
                + special
            )
            for found in bounds.values()
        )
    ).map(list)


def score_values(compiled: CompiledPolicy) -> st.SearchStrategy[list[Score]]:
    """Scores at and beside the cuts, without bounds, without support, and no number at all."""
    per_model = []
    for model in compiled.policy.models:
        at = [v for c in model.cuts for v in (c, math.nextafter(c, 0), math.nextafter(c, 1))]
        number = st.sampled_from(
            [*at, 0.0, 1.0, math.nan, math.inf, -math.inf, -0.1, 1.1]
        ) | st.floats(0, 1)
        likely = st.sampled_from([0.0, *at]) | st.floats(0, 0.3)
        bound = st.none() | number
        per_model.append(
            st.builds(Score, likely | number, bound, bound, st.booleans())
            | st.builds(Score, likely, st.none(), st.none(), st.just(True))
        )
    return st.tuples(*per_model).map(list)
