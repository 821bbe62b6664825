"""What moved between two pictures of someone, and why: which fact, or which day that passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from risicoscreener.decision.policy import ADMISSIBILITY, BUILT_IN, CERTAINTY, RISK
from risicoscreener.decision.wording import band_names, level_texts
from risicoscreener.features.lineage import lineage
from risicoscreener.features.wording import say_number, table_label, unit_label
from risicoscreener.screening.picture.events import FactRef
from risicoscreener.screening.picture.wording import joined, phrase, say
from risicoscreener.screening.render import say_percent, wording
from risicoscreener.screening.views import REQUIREMENT_LEVELS
from risicoscreener.texts import LANGUAGES, Texts, check_language

if TYPE_CHECKING:
    from risicoscreener.features.lineage import Lineage
    from risicoscreener.models import Assessment
    from risicoscreener.screening.picture.compiled import PictureRoutes
    from risicoscreener.screening.picture.current import Snapshot
    from risicoscreener.screening.route import Route, Seen

What = Literal["policy", "outcome", "band", "level", "requirement", "probability"]
Cause = Literal["fact", "time", "policy"]
FEW = 3
"""So many facts are told one by one."""
STRONGEST = 3
"""How many features are given as the reasons of a changed probability."""


class Because(Struct, frozen=True, kw_only=True):
    """A value that changed, and the facts by which it did.

    Attributes
    ----------
    before, after
        None if unknown.
    joined, left
        Facts that count now and did not before, and facts that no longer count: corrected,
        withdrawn, or out of the window.
    """

    feature: str
    text: Texts
    unit: str
    before: float | None
    after: float | None
    joined: tuple[FactRef, ...] = ()
    left: tuple[FactRef, ...] = ()


class Moved(Struct, frozen=True, kw_only=True):
    """One thing that is not what it was in the picture before.

    Attributes
    ----------
    decision
        Kind of decision; None for a probability, which is of all kinds that read it.
    what, name
        ``outcome``, ``policy`` (the version), ``band`` of a model, ``level`` of a domain,
        ``requirement`` or ``probability`` of a model; and which.
    before, after
        Ids; None where there was none. Of a probability the number.
    cause
        ``fact``: a fact that arrived; ``time``: days that passed; ``policy``: another version of
        the policy applies.
    fact
        The fact that arrived.
    because
        The values that changed among those that it is made of.
    """

    day: dt.date
    decision: str | None
    what: What
    name: str
    title: Texts
    before: str | float | None
    after: str | float | None
    before_text: Texts
    after_text: Texts
    cause: Cause
    fact: FactRef | None = None
    because: tuple[Because, ...] = ()

    def text(self, lang: str = "nl") -> str:
        """One sentence, and a line for each value that changed, in ``nl`` or ``en``."""
        return "\n".join(_lines(self, lang))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain


class Change(NamedTuple):
    """Two pictures in a row; ``fact`` is None if only days passed."""

    routes: PictureRoutes
    before: Snapshot
    after: Snapshot
    fact: FactRef | None

    @property
    def cause(self) -> Cause:
        """What came between the two."""
        return "time" if self.fact is None else "fact"


def moved_between(change: Change, told: dict[str, float], step: float) -> list[Moved]:
    """What moved, kind by kind, and then the probabilities.

    Parameters
    ----------
    told
        For each model the probability that was last said to have moved.
    step
        Least change of it that is told.
    """
    tracer = _Tracer(change)
    found: list[Moved] = []
    for kind in change.routes.kinds:
        before, after = change.before.seen[kind], change.after.seen[kind]
        if _decided_alike(before, after):
            continue
        found += _of_kind(change, kind, before, after, tracer)
    return [*found, *_probabilities(change, told, step, tracer)]


def _decided_alike(before: Seen | None, after: Seen | None) -> bool:
    if before is None or after is None:
        return before is after
    return before.at == after.at and before.decided == after.decided


def _of_kind(
    change: Change, kind: str, before: Seen | None, after: Seen | None, tracer: _Tracer
) -> Iterator[Moved]:
    route = change.routes.routes[kind]
    same_version = before is not None and after is not None and before.at == after.at
    cause: Cause = change.cause if same_version else "policy"
    parts = [*_requirements(route, before, after), *_levels(route, before, after)]
    bands = list(_bands(route, before, after))
    of_parts = {id(part): tracer.of_part(kind, part, after) for part in (*parts, *bands)}
    shared: dict[str, Any] = {
        "day": change.after.day,
        "decision": kind,
        "cause": cause,
        "fact": change.fact,
    }
    if not same_version:
        yield _of_version(route, before, after, shared)
    first, last = _outcome(before), _outcome(after)
    if first != last:
        because = _each_once(one for part in parts for one in of_parts[id(part)])
        yield Moved(
            what="outcome",
            name=kind,
            title=phrase("moved", "outcome"),
            before=first,
            after=last,
            before_text=_outcome_text(route, before),
            after_text=_outcome_text(route, after),
            because=because,
            **shared,
        )
    for part in (*bands, *parts):
        yield Moved(
            what=part.what,
            name=part.name,
            title=part.title,
            before=part.before[0],
            after=part.after[0],
            before_text=part.before[1],
            after_text=part.after[1],
            because=of_parts[id(part)],
            **shared,
        )


def _each_once(found: Iterable[Because]) -> tuple[Because, ...]:
    return tuple({one.feature: one for one in found}.values())


class _Part(NamedTuple):
    """Something that moved: ids and texts of before and after, and what it reads."""

    what: What
    name: str
    title: Texts
    before: tuple[str | None, Texts]
    after: tuple[str | None, Texts]
    reads: tuple[str, ...] = ()
    models: tuple[int, ...] = ()


def _of_version(
    route: Route, before: Seen | None, after: Seen | None, shared: dict[str, Any]
) -> Moved:
    old, new = (None if s is None else route.policies[s.at].used for s in (before, after))
    none = phrase("moved", "none")
    return Moved(
        what="policy",
        name=route.kind,
        title=phrase("moved", "policy"),
        before=None if old is None else old.id,
        after=None if new is None else new.id,
        before_text=none if old is None else Texts(nl=old.id, en=old.id),
        after_text=none if new is None else Texts(nl=new.id, en=new.id),
        **shared,
    )


def _outcome(seen: Seen | None) -> str | None:
    return None if seen is None else seen.decided.outcome


def _outcome_text(route: Route, seen: Seen | None) -> Texts:
    if seen is None:
        return phrase("moved", "none")
    return route.policies[seen.at].compiled.policy.outcome_text(seen.decided.outcome)


def _requirements(route: Route, before: Seen | None, after: Seen | None) -> Iterator[_Part]:
    old = _levels_of_requirements(route, before)
    for name, (level, text, reads) in _levels_of_requirements(route, after).items():
        was = old.get(name)
        if was is not None and was[0] == level:
            continue
        yield _Part(
            "requirement",
            name,
            text,
            (None, phrase("moved", "none")) if was is None else _said_level(was[0]),
            _said_level(level),
            reads,
        )


def _said_level(level: str) -> tuple[str, Texts]:
    return level, Texts(**wording("level", level))


def _levels_of_requirements(
    route: Route, seen: Seen | None
) -> dict[str, tuple[str, Texts, tuple[str, ...]]]:
    if seen is None:
        return {}
    compiled = route.policies[seen.at].compiled
    return {
        requirement.id: (REQUIREMENT_LEVELS[level], requirement.text, _named(compiled, clause))
        for requirement, clause, level in zip(
            compiled.policy.requirements,
            compiled.requirement_clauses,
            seen.decided.requirements,
            strict=True,
        )
    }


def _named(compiled: Any, *clauses: Any) -> tuple[str, ...]:
    """The inputs that some clauses test."""
    return tuple(
        dict.fromkeys(compiled.inputs[slot] for clause in clauses for slot, _, _ in clause.tests)
    )


def _levels(route: Route, before: Seen | None, after: Seen | None) -> Iterator[_Part]:
    """The domains that are at another level; admissibility is said by its requirements."""
    old = _domains(route, before)
    for name, (level, text, title, reads) in _domains(route, after).items():
        was = old.get(name)
        if name == ADMISSIBILITY or was is None or was[0] == level:
            continue
        models = route.models_of[after.at] if after and name in (RISK, CERTAINTY) else ()
        yield _Part("level", name, title, (was[0], was[1]), (level, text), reads, models)


def _domains(
    route: Route, seen: Seen | None
) -> dict[str, tuple[str, Texts, Texts, tuple[str, ...]]]:
    if seen is None:
        return {}
    view = route.policies[seen.at]
    compiled = view.compiled
    found = {}
    for place, (levels, level) in enumerate(zip(view.domains, seen.decided.levels, strict=True)):
        name = levels[level].name
        reads: tuple[str, ...] = ()
        if place >= len(BUILT_IN):
            readings = compiled.readings[place - len(BUILT_IN)].readings
            reads = _named(compiled, *(clause for _, clause in readings))
        found[name] = (levels[level].level, levels[level].text, levels[level].title, reads)
    return found


def _bands(route: Route, before: Seen | None, after: Seen | None) -> Iterator[_Part]:
    old, new = _bands_of(route, before), _bands_of(route, after)
    for name, (band, title, m) in new.items():
        was = old.get(name)
        if was is None or was[0] == band:
            continue
        yield _Part("band", name, title, _said_band(was[0]), _said_band(band), models=(m,))


def _said_band(band: tuple[int, int]) -> tuple[str, Texts]:
    number, of = band
    names = band_names(of)
    if names is None:
        return str(number), Texts(nl=str(number + 1), en=str(number + 1))
    return names[number], level_texts(RISK, names[number])


def _bands_of(route: Route, seen: Seen | None) -> dict[str, tuple[tuple[int, int], Texts, int]]:
    """For each model its band and how many there are, what it is of, and its position."""
    if seen is None:
        return {}
    compiled = route.policies[seen.at].compiled
    return {
        route.models[m].model.name: (
            (band, len(cuts) + 1),
            route.models[m].model.outcome,
            m,
        )
        for m, band, cuts in zip(
            route.models_of[seen.at], seen.decided.bands, compiled.cuts, strict=True
        )
    }


def _probabilities(
    change: Change, told: dict[str, float], step: float, tracer: _Tracer
) -> Iterator[Moved]:
    done: set[str] = set()
    for kind, route in change.routes.routes.items():
        seen = change.after.seen[kind]
        for m, found in ({} if seen is None else seen.assessments).items():
            model = route.models[m].model
            was = told.get(model.name)
            if model.name in done or was is None or not abs(found.probability - was) >= step:
                continue
            done.add(model.name)
            yield Moved(
                day=change.after.day,
                decision=None,
                what="probability",
                name=model.name,
                title=model.outcome,
                before=was,
                after=found.probability,
                before_text=_said_percent(was),
                after_text=_said_percent(found.probability),
                cause=change.cause,
                fact=change.fact,
                because=tracer.strongest(kind, m, found),
            )


def _said_percent(probability: float) -> Texts:
    return Texts(**{lang: say_percent(probability, lang) for lang in LANGUAGES})


class _Tracer:
    """Finds the values that changed between two pictures, and the facts by which they did."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self._found: dict[str, Because] = {}

    def of_part(self, kind: str, part: _Part, after: Seen | None) -> tuple[Because, ...]:
        """The features that changed among those of a part; of a model those that weigh."""
        found = [*self._because_of(part.reads)]
        if after is not None:
            for m in part.models:
                found += self.strongest(kind, m, after.assessments[m])
        return _each_once(found)

    def _because_of(self, names: Iterable[str]) -> tuple[Because, ...]:
        return tuple(self._because(name) for name in names if self._changed(name))

    def strongest(self, kind: str, m: int, found: Assessment) -> tuple[Because, ...]:
        """The features whose contribution to a model changed most."""
        before = self.change.before.seen[kind]
        features = self.change.routes.routes[kind].models[m].model.features
        was = None if before is None else before.assessments.get(m)
        if was is None:
            return ()
        differences = [
            abs(a - b) for a, b in zip(found.contributions, was.contributions, strict=True)
        ]
        order = sorted(range(len(differences)), key=[-d for d in differences].__getitem__)
        chosen = [features[i] for i in order[:STRONGEST] if differences[i] > 0]
        return self._because_of(chosen)

    def _values(self, name: str) -> tuple[float, float]:
        place = self.change.routes.place[name]
        return self.change.before.values[place], self.change.after.values[place]

    def _changed(self, name: str) -> bool:
        if name not in self.change.routes.place:
            return False
        before, after = self._values(name)
        return before != after and not (before != before and after != after)

    def _because(self, name: str) -> Because:
        if name not in self._found:
            before, after = self._values(name)
            feature = self.change.routes.plan.features[name]
            joined_, left = self._facts(name)
            self._found[name] = Because(
                feature=name,
                text=Texts(nl=feature.text["nl"], en=feature.text["en"]),
                unit=feature.unit,
                before=None if before != before else before,
                after=None if after != after else after,
                joined=joined_,
                left=left,
            )
        return self._found[name]

    def _facts(self, name: str) -> tuple[tuple[FactRef, ...], tuple[FactRef, ...]]:
        """Facts that count now and did not before, and the other way round."""
        definitions = self.change.routes.screener.definitions
        was, now = (
            set(_rows(lineage(side.dossier, name, side.day, definitions)))
            for side in (self.change.before, self.change.after)
        )
        return tuple(sorted(now - was, key=_place)), tuple(sorted(was - now, key=_place))


def _place(fact: FactRef) -> tuple[str, int]:
    return fact.table, fact.position


def _rows(found: Lineage) -> Iterator[FactRef]:
    for row in found.rows:
        yield FactRef(row.table, row.position, row.recorded_at)
    for item in found.inputs:
        yield from _rows(item)


# --- in words ---------------------------------------------------------------------------------


def _lines(moved: Moved, language: str) -> Iterator[str]:
    lang = check_language(language)
    about = "" if moved.decision is None else f"{moved.decision}: "
    why = say("cause", moved.cause, lang)
    if moved.fact is not None and moved.cause == "fact":
        why = say("cause", "fact_of", lang, table=table_label(moved.fact.table, lang))
    yield say(
        "moved",
        "line",
        lang,
        day=moved.day,
        about=about,
        title=moved.title,
        before=moved.before_text,
        after=moved.after_text,
        why=why,
    )
    for one in moved.because:
        yield f"  - {because_text(one).text(lang)}"


def because_text(one: Because) -> Texts:
    """A value that changed, in words."""
    facts = [
        phrase("because", name, facts=_told(refs))
        for name, refs in (("joined", one.joined), ("left", one.left))
        if refs
    ]
    told = joined(facts, "; ")
    return Texts(
        **{
            lang: say(
                "because",
                "value" if not facts else "value_by",
                lang,
                text=one.text,
                unit=unit_label(one.unit, lang),
                before=_number(one.before, lang),
                after=_number(one.after, lang),
                facts=told,
            )
            for lang in LANGUAGES
        }
    )


def _told(facts: tuple[FactRef, ...]) -> Texts:
    """A few facts by their tables and days; many by their number and tables."""
    if len(facts) > FEW:
        names = dict.fromkeys(fact.table for fact in facts)
        tables = joined((_table(name) for name in names), ", ")
        return phrase("because", "many", n=len(facts), tables=tables)
    return joined(
        (phrase("because", "fact", table=_table(f.table), day=f.recorded_at) for f in facts), ", "
    )


def _table(name: str) -> Texts:
    return Texts(**{lang: table_label(name, lang) for lang in LANGUAGES})


def _number(value: float | None, lang: Any) -> str:
    return say("level", "unknown", lang) if value is None else say_number(value, lang)
