"""A policy as data: requirements, cut-offs, domains, conditions and ordered rules, each sourced.

A policy file is read strictly: what is not understood is refused, never skipped.

Everywhere `source` is the citation alone, as lawyers write it, the same in every language; several
are joined by ``"; "``, and ``project`` stands for a choice of this project. `remark` says in words
what is taken from it, what was not read and what is a choice.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import msgspec
from msgspec import Struct

from risicoscreener.decision.drafting import resolve
from risicoscreener.decision.outcome import Outcome
from risicoscreener.decision.wording import PROJECT, band_counts, band_names, texts
from risicoscreener.errors import PolicyError
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import LANGUAGES, Texts

ADMISSIBILITY, DOSSIER, RISK, CERTAINTY = "admissibility", "dossier", "risk", "certainty"
BUILT_IN = (ADMISSIBILITY, DOSSIER, RISK, CERTAINTY)
"""Domains that every policy has, in this order before those that it reads from inputs."""
CONDUCT, VICTIMS, ASSESSMENT = "conduct", "victims", "assessment"
"""Domains read from inputs that have a fixed meaning, so that properties can speak of them."""
FAVOURABLE, UNFAVOURABLE = "favourable", "unfavourable"
"""Levels of a deep assessment that is done and still valid."""
UNKNOWN_LEVEL = "unknown"
NO_RISK: tuple[str, ...] = ("not_weighed",)
"""The one level of risk and of its certainty where a policy reads no model."""
EXEMPTIBLE = (
    "score_never_denies_alone",
    "victims_count",
    "assessment_matters",
    "worst_conduct_never_grants",
)
"""General properties from which a kind of decision may be exempted, with a reason."""
QUARANTINED_ROWS = "quarantined_rows"
"""Input that is not a feature: the number of rows of the dossier that were unusable."""


class Test(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``min <= input <= max``; unknown if the input is NaN."""

    input: str
    min: float | None = None
    max: float | None = None


class ModelCuts(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A model that the policy reads; a probability at or above a cut is in the next band."""

    model: str
    cuts: tuple[float, ...]
    source: str
    remark: Texts | None = None
    to_verify: bool = False


class Requirement(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A legal requirement: met, not met or unknown, and who can supply it when unknown."""

    id: str
    text: Texts
    source: str
    supplier: Texts
    remark: Texts | None = None
    to_verify: bool = False
    all: tuple[Test, ...] | None = None
    any: tuple[Test, ...] | None = None


class Level(Struct, frozen=True, forbid_unknown_fields=True):
    """One level of a domain."""

    id: str
    text: Texts


class Reading(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A test that gives a level when it holds, and `unknown` when it cannot be told."""

    level: str
    all: tuple[Test, ...] | None = None
    any: tuple[Test, ...] | None = None


class Domain(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An ordinal domain read from inputs, best level first; `unknown` is implied, last."""

    id: str
    title: Texts
    source: str
    supplier: Texts
    levels: tuple[Level, ...]
    readings: tuple[Reading, ...]
    otherwise: str
    changeable: bool = False
    unknown: Texts | None = None
    remark: Texts | None = None
    to_verify: bool = False


class Condition(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must hold if the liberty is granted; an unknown test counts as holding."""

    id: str
    text: Texts
    source: str
    remark: Texts | None = None
    to_verify: bool = False
    when: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    all: tuple[Test, ...] | None = None
    any: tuple[Test, ...] | None = None


class Rule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Levels that must hold, and the outcome if they do and no earlier rule holds."""

    id: str
    text: Texts
    outcome: Outcome
    source: str
    remark: Texts | None = None
    to_verify: bool = False
    when: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class Property(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that must hold in every cell with the levels of ``when``; exactly one of three.

    Attributes
    ----------
    outcomes
        The outcome is one of these.
    matters
        The domain of this name changes the outcome in at least one of the cells.
    conditions
        Each of these conditions is attached wherever the liberty is not denied; its tests on
        inputs, if it has any, still decide.
    """

    id: str
    text: Texts
    source: str
    remark: Texts | None = None
    to_verify: bool = False
    when: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    outcomes: tuple[Outcome, ...] | None = None
    matters: str | None = None
    conditions: tuple[str, ...] | None = None


class Exemption(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a general property does not hold of this kind of decision."""

    reason: Texts
    source: str


Sourced = ModelCuts | Requirement | Domain | Condition | Rule | Property
"""What has a source, and perhaps a remark on it."""


class Policy(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version of the policy for one kind of decision.

    Attributes
    ----------
    kind, valid_from, valid_until
        What is decided on, and the days on which this version holds (inclusive; no end: still).
    date_basis
        Whether the day of the ``decision`` or of the ``judgment`` picks the version.
    validity_days
        How long an outcome holds at most.
    models
        None for a decision in which no risk is estimated, such as promotion.
    decided_by
        Who decides by law.
    outcomes
        What the outcomes are called, where grant and deny are not the words for it.
    properties
        What must hold of this policy, beside what must hold of every policy.
    exempt
        General properties that do not apply, with the reason.
    """

    kind: str
    valid_from: dt.date
    date_basis: Literal["decision", "judgment"]
    validity_days: int
    title: Texts
    status: Texts
    requirements: tuple[Requirement, ...]
    domains: tuple[Domain, ...]
    rules: tuple[Rule, ...]
    models: tuple[ModelCuts, ...] = ()
    conditions: tuple[Condition, ...] = ()
    properties: tuple[Property, ...] = ()
    exempt: dict[str, Exemption] = msgspec.field(default_factory=dict)
    outcomes: dict[Outcome, Texts] = msgspec.field(default_factory=dict)
    decided_by: Texts | None = None
    valid_until: dt.date | None = None

    @property
    def id(self) -> str:
        """Kind and first day, such as ``leave/2021-07-01``."""
        return f"{self.kind}/{self.valid_from.isoformat()}"

    def in_force(self, day: dt.date) -> bool:
        """Whether this version holds on that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def text(self, lang: str = "nl") -> str:
        """The whole policy as a readable page in ``nl`` or ``en``."""
        from risicoscreener.decision.page import policy_page

        return policy_page(self, lang)

    def html(self, lang: str = "nl") -> str:
        """The whole policy as one page of HTML in ``nl`` or ``en``, with what is proven of it.

        Without scripts, and it asks nothing of the network.
        """
        from risicoscreener.decision.html import policy_html

        return policy_html(self, lang)

    def outcome_text(self, outcome: Outcome) -> Texts:
        """What an outcome is called in this kind of decision."""
        return self.outcomes.get(outcome) or texts("outcome", outcome)

    @classmethod
    def from_toml(cls, text: str, origin: str) -> Policy:
        """The policy in the text of a file that stands alone; ``origin`` names it in errors.

        Raises
        ------
        PolicyError
            Naming the file, the place and what was expected there.
        """
        return cls.from_raw(resolve(raw_policy(text, origin), origin, {}, None), origin)

    @classmethod
    def from_raw(cls, raw: dict[str, object], origin: str) -> Policy:
        """The policy in plain values, in full; ``origin`` names it in errors.

        Raises
        ------
        PolicyError
            Naming the origin, the place and what was expected there.
        """
        _refuse_misplaced_otherwise(raw, origin)
        try:
            policy = msgspec.convert(raw, cls)
        except msgspec.ValidationError as error:
            raise PolicyError(f"{origin}: {error}; see the format of a policy file") from None
        check_policy(policy, origin)
        return policy


def raw_policy(text: str, origin: str) -> dict[str, object]:
    """The plain values of a TOML file.

    Raises
    ------
    PolicyError
        If it is not TOML.
    """
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{origin} is not TOML: {error}") from None


def _refuse_misplaced_otherwise(raw: dict[str, object], origin: str) -> None:
    """In TOML a key after a sub-table belongs to that sub-table; say so rather than 'unknown'."""
    domains = raw.get("domains")
    for d, domain in enumerate(domains if isinstance(domains, list) else ()):
        parts = domain if isinstance(domain, dict) else {}
        for name in ("levels", "readings"):
            entries = parts.get(name)
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict) and "otherwise" in entry:
                    raise PolicyError(
                        f"{origin}: domains[{d}]: `otherwise` stands in the last of its {name}; "
                        "expected above the first [[domains.levels]]"
                    )


def check_policy(policy: Policy, origin: str) -> None:
    """Refuse a policy whose names, levels, bounds or cuts do not fit together.

    Raises
    ------
    PolicyError
        Naming the origin, the place and what was expected there.
    """
    _Check(policy, origin).everything()


class _Check:
    """Everything about a policy that the shape of its file does not settle."""

    def __init__(self, policy: Policy, origin: str) -> None:
        self.policy = policy
        self.origin = origin
        self.levels = level_ids(policy)

    def fail(self, place: str, found: str, expected: str) -> PolicyError:
        return PolicyError(f"{self.origin}: {place}: {found}; expected {expected}")

    def everything(self) -> None:
        self.head()
        self.models()
        self.requirements()
        self.domains()
        self.conditions()
        self.rules()
        self.properties()
        self.exempt()

    def head(self) -> None:
        policy = self.policy
        if not policy.kind.isidentifier():
            raise self.fail("kind", f"{policy.kind!r}", "a name such as leave")
        if policy.validity_days < 1:
            raise self.fail("validity_days", str(policy.validity_days), "at least 1")
        if policy.valid_until is not None and policy.valid_until < policy.valid_from:
            raise self.fail("valid_until", str(policy.valid_until), f"{policy.valid_from} or later")

    def models(self) -> None:
        models = self.policy.models
        self.unique("models", (m.model for m in models))
        for model in models:
            place = f"models {model.model!r}"
            self.named(place, model.model)
            self.sourced(place, model)
            if not all(0 < c < 1 for c in model.cuts):
                raise self.fail(place, f"cuts {list(model.cuts)}", "probabilities between 0 and 1")
            if any(a >= b for a, b in pairwise(model.cuts)):
                raise self.fail(place, f"cuts {list(model.cuts)}", "ascending cuts")
            if len(model.cuts) != len(models[0].cuts):
                raise self.fail(
                    place, f"{len(model.cuts)} cuts", f"{len(models[0].cuts)} as in the first model"
                )
            if band_names(len(model.cuts) + 1) is None:
                counts = " or ".join(str(n - 1) for n in band_counts())
                raise self.fail(place, f"{len(model.cuts)} cuts", f"{counts} cuts")

    def requirements(self) -> None:
        requirements = self.policy.requirements
        self.filled("requirements", requirements)
        self.unique("requirements", (r.id for r in requirements))
        for requirement in requirements:
            place = f"requirements {requirement.id!r}"
            self.named(place, requirement.id)
            self.sourced(place, requirement)
            self.clause(place, requirement.all, requirement.any)

    def domains(self) -> None:
        self.unique("domains", (*BUILT_IN, *(d.id for d in self.policy.domains)))
        for domain in self.policy.domains:
            place = f"domains {domain.id!r}"
            self.named(place, domain.id)
            self.sourced(place, domain)
            self.filled(f"{place}: levels", domain.levels)
            self.filled(f"{place}: readings", domain.readings)
            self.unique(f"{place}: levels", (*(v.id for v in domain.levels), UNKNOWN_LEVEL))
            self.level(f"{place}: otherwise", domain.id, domain.otherwise)
            for i, reading in enumerate(domain.readings):
                self.level(f"{place}: readings[{i}]", domain.id, reading.level)
                self.clause(f"{place}: readings[{i}]", reading.all, reading.any)

    def conditions(self) -> None:
        self.unique("conditions", (c.id for c in self.policy.conditions))
        for condition in self.policy.conditions:
            place = f"conditions {condition.id!r}"
            self.named(place, condition.id)
            self.sourced(place, condition)
            self.when(place, condition.when)
            if condition.all is not None or condition.any is not None:
                self.clause(place, condition.all, condition.any)

    def rules(self) -> None:
        rules = self.policy.rules
        self.filled("rules", rules)
        self.unique("rules", (r.id for r in rules))
        for rule in rules:
            place = f"rules {rule.id!r}"
            self.named(place, rule.id)
            self.sourced(place, rule)
            self.when(place, rule.when)
        if rules[-1].when:
            raise self.fail(
                f"rules {rules[-1].id!r}", "the last rule has conditions", "a rule for all cases"
            )

    def properties(self) -> None:
        policy = self.policy
        self.unique("properties", (p.id for p in policy.properties))
        conditions = [c.id for c in policy.conditions]
        for prop in policy.properties:
            place = f"properties {prop.id!r}"
            self.named(place, prop.id)
            self.sourced(place, prop)
            self.when(place, prop.when)
            asked = [a for a in (prop.outcomes, prop.matters, prop.conditions) if a is not None]
            if len(asked) != 1 or not asked[0]:
                raise self.fail(place, f"{len(asked)} demands", "outcomes, matters or conditions")
            if prop.matters is not None and prop.matters not in self.levels:
                raise self.fail(
                    place, f"domain {prop.matters!r}", "one of " + ", ".join(self.levels)
                )
            for condition in prop.conditions or ():
                if condition not in conditions:
                    expected = "one of " + ", ".join(conditions)
                    raise self.fail(place, f"condition {condition!r}", expected)

    def exempt(self) -> None:
        for name, exemption in self.policy.exempt.items():
            place = f"exempt {name!r}"
            if name not in EXEMPTIBLE:
                raise self.fail(place, "may not be exempted", "one of " + ", ".join(EXEMPTIBLE))
            if not exemption.source.strip():
                raise self.fail(place, "no source", f"where the reason comes from, or {PROJECT!r}")

    def named(self, place: str, name: str) -> None:
        if not name.isidentifier():
            raise self.fail(place, f"the name {name!r}", "letters, digits and underscores")

    def sourced(self, place: str, entry: Sourced) -> None:
        if not all(part.strip() for part in entry.source.split(";")):
            raise self.fail(
                place,
                "no source" if not entry.source.strip() else f"a gap in source {entry.source!r}",
                f"the article or publication it comes from, or {PROJECT!r}",
            )
        if entry.remark is not None:
            for lang in LANGUAGES:
                if not entry.remark.text(lang).strip():
                    raise self.fail(place, f"remark without {lang}", "a text, or no remark at all")

    def filled(self, place: str, entries: tuple[object, ...]) -> None:
        if not entries:
            raise self.fail(place, "nothing", "at least one")

    def unique(self, place: str, names: Iterable[str]) -> None:
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise self.fail(place, f"{name!r} twice", "each name once (or it is built in)")
            seen.add(name)

    def level(self, place: str, domain: str, level: str) -> None:
        if level not in self.levels[domain]:
            raise self.fail(place, f"level {level!r}", "one of " + ", ".join(self.levels[domain]))

    def when(self, place: str, when: dict[str, tuple[str, ...]]) -> None:
        for domain, levels in when.items():
            if domain not in self.levels:
                raise self.fail(place, f"domain {domain!r}", "one of " + ", ".join(self.levels))
            self.filled(f"{place}: when {domain}", levels)
            self.unique(f"{place}: when {domain}", levels)
            for level in levels:
                self.level(f"{place}: when {domain}", domain, level)

    def clause(
        self, place: str, every: tuple[Test, ...] | None, some: tuple[Test, ...] | None
    ) -> None:
        if (every is None) == (some is None):
            raise self.fail(place, "both or neither of all and any", "exactly one of all and any")
        tests = every if every is not None else some or ()
        self.filled(f"{place}: tests", tests)
        for test in tests:
            at = f"{place}: test of {test.input!r}"
            if not test.input.isidentifier():
                raise self.fail(at, "no input", "the name of an input")
            bounds = [b for b in (test.min, test.max) if b is not None]
            if not bounds or not all(map(math.isfinite, bounds)):
                raise self.fail(at, "no finite min or max", "a min, a max or both")
            if bounds[0] > bounds[-1]:
                raise self.fail(at, f"min {test.min} above max {test.max}", "min at most max")


def level_ids(policy: Policy) -> dict[str, tuple[str, ...]]:
    """Level ids of every domain, built-in ones first, in the order of the table."""
    risk, certainty = NO_RISK, NO_RISK
    if policy.models:
        risk = band_names(len(policy.models[0].cuts) + 1) or ()
        certainty = ("certain", "near_cut", "outside")
    built_in = {
        ADMISSIBILITY: ("met", "not_met", UNKNOWN_LEVEL),
        DOSSIER: ("sound", "flawed"),
        RISK: risk,
        CERTAINTY: certainty,
    }
    read = {d.id: (*(v.id for v in d.levels), UNKNOWN_LEVEL) for d in policy.domains}
    return built_in | read
