"""What of a result each reader may see: bound to a purpose, and nothing that is not named.

Leaving out what is about victims is not enough. Which rule decided, or what else would help, can
depend on facts about victims though it does not speak of them. So a rule is shown only if it would
have been the same whatever the hidden domains say, as far as the outcome would be the same; of what
would change the outcome only what would do so in each of those cases. Then nothing that is shown
tells two cases apart that differ in hidden domains alone, except by the outcome itself.
"""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.decision.outcome import OUTCOMES
from risicoscreener.decision.policy import ADMISSIBILITY
from risicoscreener.decision.wording import cited
from risicoscreener.errors import AudienceError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import about_victims
from risicoscreener.screening.alike import changes_alike
from risicoscreener.screening.of_victims import of_victims
from risicoscreener.screening.render import say
from risicoscreener.screening.result import ConditionFound, PolicyUsed, RuleFound
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from risicoscreener.decision import CompiledPolicy, PolicyBook
    from risicoscreener.decision.policy import Condition
    from risicoscreener.features.definition import Feature
    from risicoscreener.screening.result import (
        ChangeFound,
        ModelFound,
        RequirementFound,
        ScreeningResult,
    )

Part = Literal[
    "person_id",
    "rule",
    "requirements",
    "domains",
    "conditions",
    "models",
    "changes",
    "missing",
    "values",
]
WITHHELD = "withheld"
ALL = "*"


class Audience(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reader with a purpose, and what may be seen for it.

    Attributes
    ----------
    source
        The legal basis; ``project`` where none was established.
    parts, domains, groups
        Parts of a result, domains of policies (`ALL`: every one) and groups of features that are
        shown.
    victims
        Of victims ``nothing``, only the ``conditions`` that protect them, or the ``facts``.
    """

    id: str
    title: Texts
    source: str
    remark: Texts
    parts: tuple[Part, ...]
    domains: tuple[str, ...]
    groups: tuple[str, ...]
    victims: Literal["nothing", "conditions", "facts"]
    to_verify: bool = False


class _Wording(Struct, frozen=True, forbid_unknown_fields=True):
    withheld_rule: Texts
    more_conditions: Texts
    extract: Texts


class _Recipient(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: Texts


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    audiences: tuple[Audience, ...]
    recipients: tuple[_Recipient, ...]
    texts: _Wording


@cache
def _file() -> _File:
    path = files("risicoscreener.screening") / "audiences.toml"
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)


def audiences() -> dict[str, Audience]:
    """The readers that there are, by name."""
    return {audience.id: audience for audience in _file().audiences}


def recipients() -> dict[str, Texts]:
    """What everyone who can be given something is called; who is no audience gets no extract."""
    file = _file()
    named: tuple[Audience | _Recipient, ...] = (*file.audiences, *file.recipients)
    return {one.id: one.title for one in named}


def for_audience(
    result: ScreeningResult,
    audience: str | Audience,
    *,
    policies: PolicyBook | None = None,
    definitions: Mapping[str, Feature] | None = None,
) -> ScreeningResult:
    """The result as a reader may see it; see `ScreeningResult.for_audience`."""
    reader = _reader(audience)
    compiled = _policy(result, policies)
    known = catalogue() if definitions is None else definitions
    return _Extract(result, _sight(reader, compiled, known)).made()


def _reader(audience: str | Audience) -> Audience:
    if isinstance(audience, Audience):
        return audience
    known = audiences()
    if audience not in known:
        raise AudienceError(f"audience {audience!r}; expected one of {', '.join(known)}")
    return known[audience]


def _policy(result: ScreeningResult, policies: PolicyBook | None) -> CompiledPolicy:
    """The version that gave the result: what depends on hidden facts is found in its table."""
    from risicoscreener.decision import PolicyBook

    book = PolicyBook.shipped() if policies is None else policies
    versions = book.versions(result.decision) if result.decision in book.kinds() else ()
    for version in versions:
        if (version.id, version.digest) == (result.policy.id, result.policy.digest):
            return version
    raise AudienceError(
        f"policy {result.policy.id} ({result.policy.digest[:12]}) of the result is not among the "
        "policies; give those with which the result was made as `policies`"
    )


class _Sight:
    """What one reader may see of any result of one version of a policy."""

    def __init__(
        self, reader: Audience, compiled: CompiledPolicy, definitions: Mapping[str, Feature]
    ) -> None:
        self.reader, self.compiled = reader, compiled
        self.sees_victims = reader.victims == "facts"
        self.of_victims = of_victims(compiled, definitions)
        self.hidden = self._hidden_domains()
        victims = () if self.sees_victims else about_victims(definitions, definitions)
        self.features = frozenset(
            name for name, feature in definitions.items() if feature.group in reader.groups
        ).difference(victims)
        self.requirements = frozenset(r.id for r in compiled.policy.requirements)
        self.conditions = frozenset(
            c.id for c in compiled.policy.conditions if self._may_be_told(c)
        )
        self.more_conditions = len(self.conditions) < len(compiled.policy.conditions)

    def sees(self, part: Part) -> bool:
        """Whether a part of a result is for this reader."""
        return part in self.reader.parts

    def shows(self, domain: str) -> bool:
        """Whether a domain, or admissibility, may be seen."""
        return domain not in self.hidden

    def may_miss(self, name: str) -> bool:
        """Whether it may be said that something is missing."""
        if name in self.requirements:
            shown = self.shows(ADMISSIBILITY) and self.sees("requirements")
            return shown and name not in self.barred_requirements
        if any(domain.id == name for domain in self.compiled.domains):
            return self.shows(name)
        return name in self.features

    @property
    def barred_requirements(self) -> frozenset[str]:
        """Requirements that rest on facts about victims, for who may not see those."""
        return frozenset() if self.sees_victims else self.of_victims.requirements

    def _hidden_domains(self) -> frozenset[str]:
        """Domains that are not named for the reader, or are about victims."""
        named = set(self.reader.domains)
        barred = frozenset() if self.sees_victims else self.of_victims.weighed
        every = {d.id for d in self.compiled.domains}
        return frozenset(barred if ALL in named else (every - named) | barred)

    def _may_be_told(self, condition: Condition) -> bool:
        protects = condition.id in self.of_victims.conditions
        if protects and self.reader.victims == "nothing":
            return False
        allowed = self.of_victims.domains if protects else frozenset()
        return all(self.shows(domain) or domain in allowed for domain in condition.when)


def _sight(
    reader: Audience, compiled: CompiledPolicy, definitions: Mapping[str, Feature]
) -> _Sight:
    if definitions is catalogue():
        return _sight_of_catalogue(reader, compiled)
    return _Sight(reader, compiled, definitions)


@lru_cache(maxsize=256)
def _sight_of_catalogue(reader: Audience, compiled: CompiledPolicy) -> _Sight:
    return _Sight(reader, compiled, catalogue())


class _Extract:
    """What of one result one reader may see."""

    def __init__(self, result: ScreeningResult, sight: _Sight) -> None:
        self.result, self.sight = result, sight
        domains = sight.compiled.domains
        if [d.id for d in domains] != [d.name for d in result.domains]:
            raise AudienceError("the result is an extract itself; give the whole result")
        self.levels = tuple(
            next(i for i, level in enumerate(domain.levels) if level.id == found.level)
            for domain, found in zip(domains, result.domains, strict=True)
        )

    def made(self) -> ScreeningResult:
        """The result with only what may be seen."""
        result, sight, seen = self.result, self.sight, self.sight.sees
        return msgspec.structs.replace(
            result,
            person_id=result.person_id if seen("person_id") else WITHHELD,
            rule=self._rule(),
            policy=self._policy_used(),
            domains=tuple(d for d in result.domains if seen("domains") and sight.shows(d.name)),
            requirements=self._requirements(),
            conditions=self._conditions(),
            models=tuple(map(self._model, result.models)) if seen("models") else (),
            changes=tuple(self._changes()) if seen("changes") else (),
            missing=tuple(m for m in result.missing if seen("missing") and sight.may_miss(m.name)),
            values=self._values(),
            quarantined_rows=result.quarantined_rows if sight.sees_victims else 0,
        )

    def _values(self) -> dict[str, float | None]:
        if not self.sight.sees("values"):
            return {}
        shown = self.sight.features
        return {name: value for name, value in self.result.values.items() if name in shown}

    def _requirements(self) -> tuple[RequirementFound, ...]:
        if not self.sight.sees("requirements") or not self.sight.shows(ADMISSIBILITY):
            return ()
        barred = self.sight.barred_requirements
        return tuple(r for r in self.result.requirements if r.name not in barred)

    def _model(self, model: ModelFound) -> ModelFound:
        """A model with only the features of groups that may be seen."""
        shown = self.sight.features
        contributions = tuple(c for c in model.contributions if c.feature in shown)
        groups = {c.group for c in contributions}
        pattern = model.pattern
        return msgspec.structs.replace(
            model,
            contributions=contributions,
            by_group={name: size for name, size in model.by_group.items() if name in groups},
            outside=tuple(item for item in model.outside if item.feature in shown),
            unknown=tuple(name for name in model.unknown if name in shown),
            unusual=tuple(name for name in model.unusual if name in shown),
            if_known=tuple(item for item in model.if_known if item.feature in shown),
            pattern=None if pattern is None else tuple(n for n in pattern if n in shown),
        )

    # --- what the table says --------------------------------------------------------------

    def _rule(self) -> RuleFound:
        """The rule, if nothing hidden is in it and it does not tell hidden cases apart."""
        sight = self.sight
        rule = next(r for r in sight.compiled.policy.rules if r.id == self.result.rule.id)
        open_ = sight.sees("rule") and sight.hidden.isdisjoint(rule.when)
        if open_ and self._is_the_only_rule():
            return self.result.rule
        return RuleFound(
            id=WITHHELD,
            text=_file().texts.withheld_rule,
            source=sight.reader.source,
            to_verify=False,
        )

    def _is_the_only_rule(self) -> bool:
        """Whether one rule gives this outcome in all cases that differ in hidden domains alone."""
        if not self.sight.hidden:
            return True
        compiled = self.sight.compiled
        place = tuple(
            slice(None) if domain.id in self.sight.hidden else level
            for domain, level in zip(compiled.domains, self.levels, strict=True)
        )
        same = compiled.outcomes[place] == OUTCOMES.index(self.result.outcome)
        return len(np.unique(compiled.rules[place][same])) == 1

    def _changes(self) -> Iterator[ChangeFound]:
        """What would help in each of the cases that are alike, by steps that may all be seen."""
        if not self.result.changes:
            return
        compiled = self.sight.compiled
        domains = compiled.domains
        helps = {
            (frozenset((domains[d].id, domains[d].levels[v].id) for d, v in c.steps), c.outcome)
            for c in changes_alike(compiled, self.levels, self.sight.hidden)
        }
        for change in self.result.changes:
            steps = frozenset((step.domain, step.level_to) for step in change.steps)
            if (steps, change.outcome) in helps:
                yield change

    # --- conditions -----------------------------------------------------------------------

    def _conditions(self) -> tuple[ConditionFound, ...]:
        """What may be seen; that there may be more is said whatever the facts are."""
        if not self.sight.sees("conditions"):
            return ()
        found = [c for c in self.result.conditions if c.id in self.sight.conditions]
        if self.result.outcome != "deny" and self.sight.more_conditions:
            found.append(self._more())
        return tuple(found)

    def _more(self) -> ConditionFound:
        return ConditionFound(
            id=WITHHELD,
            text=_file().texts.more_conditions,
            source=self.sight.reader.source,
            to_verify=False,
        )

    def _policy_used(self) -> PolicyUsed:
        """The policy, with a word on whom this is for and on what basis."""
        reader, status = self.sight.reader, self.result.policy.status
        basis = cited(reader.source, reader.remark)
        said = {}
        for lang in LANGUAGES:
            source = basis.text(lang)
            if reader.to_verify:
                source = f"{source}; {say('phrase', 'to_verify', lang)}"
            extract = _file().texts.extract.text(lang)
            extract = extract.format(title=reader.title.text(lang), source=source)
            said[lang] = f"{extract} {status.text(lang)}"
        return msgspec.structs.replace(self.result.policy, status=Texts(**said))
