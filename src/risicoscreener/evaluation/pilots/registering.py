"""What was agreed before a pilot: design, outcome, analysis and the rule that decides on it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.cells import OutcomeKind
from risicoscreener.evaluation.pilots.design import Kind, PilotDesign
from risicoscreener.evaluation.pilots.design_checks import NEVER
from risicoscreener.evaluation.pilots.model import Effect, Time
from risicoscreener.evaluation.pilots.plan import AnalysisPlan
from risicoscreener.evaluation.pilots.power import Assumed
from risicoscreener.strict_toml import decode_toml

NOT_AT_ALL = "never"
MOST_BYTES = 1_000_000


class RegisteredOutcome(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is counted: a name, its kind, and whether less of it is better or more."""

    name: str
    kind: OutcomeKind
    better: Literal["lower", "higher"] = "lower"


class RegisteredDesign(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Sites and periods; for each site the period in which it starts, or ``never``."""

    kind: Kind
    periods: tuple[str, ...]
    starts: dict[str, str]
    strata: dict[str, str] = field(default_factory=dict)
    variants: dict[str, str] = field(default_factory=dict)
    transition: int = 0
    randomised: bool = True
    seed: int | None = None
    balance: dict[str, dict[str, float]] = field(default_factory=dict)
    keep: float = 1.0


class RegisteredAnalysis(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As of an `AnalysisPlan`."""

    method: str = ""
    effect: Effect = "constant"
    time: Time = "periods"
    site_effects: bool = False
    level: float = 0.95
    icc: float = 0.05
    cac: float = 0.8
    seed: int = 1
    draws: int = 1999


class RegisteredExpectation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As of `Assumed`, without the kind."""

    level: float
    per_cell: float
    icc: float = 0.05
    cac: float = 0.8
    between_cv: float = 0.25
    sd: float = 1.0
    size_cv: float = 0.0


class DecisionRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When to roll out, extend or stop.

    Attributes
    ----------
    worthwhile
        The smallest effect that is worth the trouble: a size, above 0.
    extra_sites
        Sites that may be added in an extension; 0 if none was agreed.
    power
        Probability with which an extension must find a worthwhile effect.
    most_sites_lost
        With more sites lost, nothing is concluded.
    """

    worthwhile: float
    extra_sites: int = 0
    power: float = 0.8
    most_sites_lost: int = 0


class RegisteredCosts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the new way costs for each person (of counts: for each unit of time at risk)."""

    per_person: float
    currency: str = "euro"


class Registration(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pilot as it was agreed on beforehand."""

    title: str
    question: str
    outcome: RegisteredOutcome
    design: RegisteredDesign
    rule: DecisionRule
    expected: RegisteredExpectation
    analysis: RegisteredAnalysis = field(default_factory=RegisteredAnalysis)
    costs: RegisteredCosts | None = None
    registered_on: dt.date | None = None
    hash: str = ""

    def checksum(self) -> str:
        """SHA-256 of all that was agreed, whatever the file looks like."""
        plain = msgspec.to_builtins(self)
        plain.pop("hash")
        text = json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_registered(self) -> bool:
        """Whether it has a date and its own checksum."""
        return self.registered_on is not None and self.hash == self.checksum()

    def pilot_design(self) -> PilotDesign:
        """The design."""
        design = self.design
        place = {name: i for i, name in enumerate(design.periods)}
        for site, start in design.starts.items():
            if start != NOT_AT_ALL and start not in place:
                raise PilotError(
                    f"design.starts has {start!r} for site {site!r}; expected a period or "
                    f"{NOT_AT_ALL}"
                )
        sites = tuple(design.starts)
        named: dict[str, Iterable[str]] = {"strata": design.strata, **design.balance}
        for name, given in named.items():
            wrong = sorted(set(sites) ^ set(given)) if given else []
            if wrong:
                raise PilotError(f"design has {name} that fit no site: {wrong[0]!r}")
        return PilotDesign(
            design.kind,
            sites,
            design.periods,
            tuple(NEVER if s == NOT_AT_ALL else place[s] for s in design.starts.values()),
            tuple(design.strata[site] for site in sites) if design.strata else (),
            design.transition,
            design.randomised and design.kind != "staggered",
            {name: tuple(of[site] for site in sites) for name, of in design.balance.items()},
            design.keep,
        )

    def plan(self) -> AnalysisPlan:
        """The analysis."""
        return AnalysisPlan(**msgspec.structs.asdict(self.analysis))

    def assumed(self) -> Assumed:
        """What was expected of the outcome."""
        return Assumed(self.outcome.kind, **msgspec.structs.asdict(self.expected))

    @property
    def good(self) -> float:
        """1.0 if more of the outcome is better, -1.0 if less is."""
        return 1.0 if self.outcome.better == "higher" else -1.0


def read_registration(source: str | os.PathLike[str] | bytes) -> Registration:
    """Read a registration from a TOML file, and check that all of it fits together.

    Raises
    ------
    PilotError
        If it cannot be understood, or was changed after it was registered.
    """
    name, data = _bytes(source)
    try:
        found: Registration = decode_toml(data, Registration)
    except msgspec.ValidationError as error:
        raise PilotError(f"{name}: {error}") from None
    except ValueError as error:
        raise PilotError(f"{name} is no TOML: {error}") from None
    _check(found, name)
    if found.hash and found.hash != found.checksum():
        raise PilotError(
            f"{name} was changed after it was registered: its content has checksum "
            f"{found.checksum()[:12]}…, and it says {found.hash[:12]}…; take the file as it was"
        )
    return found


def register(source: str | os.PathLike[str] | bytes, on: dt.date) -> str:
    """The text of a registration with its date and checksum; all else stays as it was.

    The checksum shows that the file is the one that was registered only to who has it from
    elsewhere: publish it, with the date, before the first site starts.

    Raises
    ------
    PilotError
        If the draft cannot be used, or was registered already.
    """
    name, data = _bytes(source)
    draft = read_registration(data)
    if draft.hash or draft.registered_on:
        raise PilotError(f"{name} has a date or checksum already; register a draft without")
    made = msgspec.structs.replace(draft, registered_on=on)
    head = f'registered_on = {on.isoformat()}\nhash = "{made.checksum()}"\n\n'
    return head + data.decode("utf-8")


def _bytes(source: str | os.PathLike[str] | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "the registration", source
    path = Path(source)
    if path.stat().st_size > MOST_BYTES:
        raise PilotError(f"{path} has more than {MOST_BYTES:,} bytes; expected a registration")
    return str(path), path.read_bytes()


def _check(found: Registration, name: str) -> None:
    rule: dict[str, tuple[Any, float, float]] = {
        "rule.worthwhile": (found.rule.worthwhile, 1e-12, 1e12),
        "rule.extra_sites": (found.rule.extra_sites, 0, 400),
        "rule.power": (found.rule.power, 0.5, 0.999),
        "rule.most_sites_lost": (found.rule.most_sites_lost, 0, 400),
    }
    if found.outcome.kind == "binary":
        rule["rule.worthwhile"] = (found.rule.worthwhile, 1e-12, 1.0)
    if found.costs is not None:
        rule["costs.per_person"] = (found.costs.per_person, 0, 1e12)
    for field_name, (value, low, high) in rule.items():
        if not low <= value <= high:
            raise PilotError(f"{name}: {field_name} is {value}; expected {low:g} to {high:g}")
    for field_name, text in (
        ("title", found.title),
        ("question", found.question),
        ("outcome.name", found.outcome.name),
    ):
        if not text.strip():
            raise PilotError(f"{name}: {field_name} is empty; expected a text")
    try:
        found.pilot_design()
        found.plan()
        found.assumed()
    except PilotError as error:
        raise PilotError(f"{name}: {error}") from None
