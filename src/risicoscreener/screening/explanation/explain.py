"""Put an explanation together from the rule, the contributions and the facts behind them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from risicoscreener.decision.compiled import truth
from risicoscreener.decision.outcome import FALSE, TRUE, UNKNOWN
from risicoscreener.decision.policy import ADMISSIBILITY, ASSESSMENT, BUILT_IN, DOSSIER, VICTIMS
from risicoscreener.screening.alike import cases_alike
from risicoscreener.screening.explanation.deciding import deciding_domains
from risicoscreener.screening.explanation.explanation import (
    Explanation,
    Reason,
    ToldToPerson,
    Waiting,
)
from risicoscreener.screening.explanation.facts import facts_behind
from risicoscreener.screening.explanation.projection import Projection
from risicoscreener.screening.explanation.steps import Steps, fails
from risicoscreener.screening.explanation.wording import remedies
from risicoscreener.screening.of_victims import of_victims
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from risicoscreener.decision import CompiledPolicy, Decided
    from risicoscreener.decision.compiled import CompiledDomain
    from risicoscreener.dossier.reading import Source
    from risicoscreener.features import Catalogue
    from risicoscreener.screening.explanation.explanation import FactUsed
    from risicoscreener.screening.result import ScreeningResult
    from risicoscreener.screening.screener import OnError, Screener

SHOWN_CONTRIBUTIONS = 3


def explain(
    source: Source,
    decision: str = "leave",
    *,
    as_of: dt.date | str | None = None,
    screener: Screener | None = None,
    on_error: OnError = "raise",
) -> Explanation:
    """Screen one dossier and explain the outcome.

    Parameters
    ----------
    source, decision, as_of, on_error
        As for `Screener.screen`.
    screener
        Models and policies; the shipped ones by default.

    Returns
    -------
    Explanation
        Of the day of the latest recorded fact where ``as_of`` is not given, not of today.

    Raises
    ------
    DossierError, PolicyError
        As for `Screener.screen`.

    Examples
    --------
    >>> from pathlib import Path
    >>> found = explain(Path("examples/deny.json").read_bytes())        # doctest: +SKIP
    >>> print(found.letter_to_person().text())                          # doctest: +SKIP
    """
    from risicoscreener.screening.screener import day_of_picture, default_screener, read_source

    used = default_screener() if screener is None else screener
    route = used.route(decision)
    today = used.today()
    dossier, quarantined = read_source(source, on_error, today)
    day = day_of_picture(dossier, as_of, today=today)
    seen = route.look(dossier, day, quarantined)
    result = route.result(dossier.person_id, day, *seen, quarantined)
    compiled = route.policies[seen.at].compiled
    inputs = route.inputs_of(seen.at, seen.values, quarantined)
    reasons = tuple(_reasons(compiled, seen.decided, inputs, used.definitions))
    last = used.bundle.use_until
    projection = Projection(route, dossier, day, seen.at, last)
    steps = Steps(compiled, seen.decided, inputs, projection)
    protected = of_victims(compiled, used.definitions)
    hidden, unseen = frozenset().union(*protected), protected.weighed
    alike = _first_alike(compiled, seen.decided, unseen)
    told = tuple(_reasons(compiled, alike, inputs, used.definitions))
    open_ = tuple(reason for reason in told if reason.name not in hidden)

    def facts(of: Sequence[Reason]) -> tuple[FactUsed, ...]:
        return facts_behind(dossier, day, _features(of, result), used.definitions)

    behind = facts(reasons)
    return Explanation(
        result=result,
        reasons=reasons,
        helps=steps.that_help(),
        first=tuple(step for reason in reasons for step in steps.about(reason)),
        waiting=None if quarantined else _waiting(seen.decided, projection),
        facts=behind,
        remedies=remedies(decision),
        about_victims=hidden,
        models_until=last,
        to_person=ToldToPerson(
            reasons=open_,
            helps=steps.that_help(alike.cell, unseen),
            first=tuple(step for reason in open_ for step in steps.about(reason)),
            waiting=None if quarantined else _waiting(alike, projection, unseen),
            facts=tuple(
                fact
                for fact in (behind if open_ == reasons else facts(open_))
                if fact.table != VICTIMS
            ),
            victims_weighed=len(open_) < len(told),
            depends_on_victims=bool(unseen),
        ),
    )


def _first_alike(compiled: CompiledPolicy, decided: Decided, unseen: frozenset[str]) -> Decided:
    """The first case that differs in unseen domains alone and ends alike."""
    levels = next(cases_alike(compiled, decided.levels, unseen))
    return msgspec.structs.replace(
        decided,
        levels=levels,
        cell=int(np.ravel_multi_index(levels, compiled.shape)),
        rule=int(compiled.rules[levels]),
    )


def _reasons(
    compiled: CompiledPolicy, decided: Decided, inputs: Sequence[float], definitions: Catalogue
) -> Iterator[Reason]:
    """Requirements that are not met where they decide, and the domains that decided."""
    deciding = deciding_domains(compiled, decided.levels)
    for d, (domain, level) in enumerate(zip(compiled.domains, decided.levels, strict=True)):
        if d not in deciding:
            continue
        if domain.id == ADMISSIBILITY:
            yield from _requirements(compiled, decided)
        elif not _goes_without_saying(domain, level):
            behind = _behind_level(compiled, domain.id, inputs)
            yield Reason(
                part="domain",
                name=domain.id,
                title=domain.title,
                level=domain.levels[level].id,
                text=domain.levels[level].text,
                source=_source_of(compiled, domain.id, decided),
                features=behind,
                counted=tuple(
                    Texts(**definitions[name].text) for name in behind if name in definitions
                ),
            )


def _goes_without_saying(domain: CompiledDomain, level: int) -> bool:
    """That a dossier can be read, or that nobody asked for an assessment, is no reason."""
    return domain.id in (DOSSIER, ASSESSMENT) and level == domain.usual


def _requirements(compiled: CompiledPolicy, decided: Decided) -> Iterator[Reason]:
    for requirement, clause, found in zip(
        compiled.policy.requirements,
        compiled.requirement_clauses,
        decided.requirements,
        strict=True,
    ):
        if found == TRUE:
            continue
        yield Reason(
            part="requirement",
            name=requirement.id,
            title=compiled.domains[0].title,
            level="unknown" if found == UNKNOWN else "not_met",
            text=requirement.text,
            source=requirement.source,
            features=tuple(dict.fromkeys(compiled.inputs[slot] for slot, _, _ in clause.tests)),
        )


def _source_of(compiled: CompiledPolicy, domain: str, decided: Decided) -> str:
    """Where the weighing of a domain comes from; of a built-in one, where the rule does."""
    for read in compiled.policy.domains:
        if read.id == domain:
            return read.source
    return compiled.policy.rules[decided.rule].source


def _behind_level(
    compiled: CompiledPolicy, domain: str, inputs: Sequence[float]
) -> tuple[str, ...]:
    """The inputs of the tests that made the level of a domain what it is."""
    names: dict[str, None] = {}
    ids = [d.id for d in compiled.domains[len(BUILT_IN) :]]
    if domain not in ids:
        return ()
    for _, clause in compiled.readings[ids.index(domain)].readings:
        for slot, low, high in clause.tests:
            if not fails(inputs[slot], low, high):
                names[compiled.inputs[slot]] = None
        if truth(*clause, inputs) != FALSE:
            break
    return tuple(names)


def _features(reasons: Sequence[Reason], result: ScreeningResult) -> dict[str, None]:
    """What the reasons rest on, and the strongest contributions of each model."""
    found = dict.fromkeys(name for reason in reasons for name in reason.features)
    for model in result.models:
        for item in model.contributions[:SHOWN_CONTRIBUTIONS]:
            found[item.feature] = None
    return found


def _waiting(
    decided: Decided, projection: Projection, hidden: frozenset[str] = frozenset()
) -> Waiting | None:
    """When the outcome is better by time alone, with hidden domains as they are in this case."""
    found = projection.better_than(decided, hidden)
    if found is None:
        return None
    day, outcome = found
    return Waiting(day=day, outcome=outcome, models_may_decide=projection.may_decide(day))
