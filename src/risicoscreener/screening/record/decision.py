"""The decision of a person on a screening: what was chosen, why, in how much time, read by whom.

What a person decides is not blocked. What cannot be understood is refused (an override without a
reason, a reason that says the opposite); what is unusual is found and recorded with the decision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from risicoscreener.decision.outcome import OUTCOMES, Outcome
from risicoscreener.errors import RecordError
from risicoscreener.screening.record.chain import sha256_of
from risicoscreener.screening.record.wording import names, read, say
from risicoscreener.strict_json import read_json
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.screening.result import ScreeningResult

    Role: TypeAlias = str
else:
    Role = Literal[names("role")]

LONGEST_TEXT = 1000
FASTEST_READING = 30.0
"""Seconds below which nobody has read the screen: about a hundred words."""
CLOCKS_DIFFER = 60.0
"""Seconds by which two clocks may differ before two times contradict each other."""

Direction = Literal["agreed", "up", "down"]

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]
Pseudonym = Annotated[str, Meta(pattern=r"^[A-Z]{1,8}-[0-9A-F]{4,32}$", max_length=41)]
"""Letters, a dash and hexadecimal digits, such as ``DIR-00A1``: nobody's name fits."""
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$", max_length=64)]
Prison = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:\-]{1,64}$", max_length=64)]
Words = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)]
Moment = Annotated[dt.datetime, Meta(tz=True)]
Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]


class Actor(Struct, frozen=True, forbid_unknown_fields=True):
    """Who did something, by role and pseudonym; the key to pseudonyms is kept elsewhere."""

    role: Role
    id: Pseudonym


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """Why someone decides as they do: a name in ``reasons.toml``, and words if they are needed.

    Words are for what the codes lack, at most `LONGEST_TEXT` letters, and should name nobody.
    """

    code: Name
    words: Words | None = None


class ConditionSet(Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that is set: one of the screening by its id, or another in words."""

    id: Name
    words: Words | None = None


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person decides on a screening.

    Attributes
    ----------
    screening
        `digest_of` the result that was decided on.
    decided_by, prison
        Who, and where; ``prison`` is a code.
    opened_at, decided_at
        When the screening was opened and when the decision was taken, with their zone.
    seconds
        How long the screening was looked at.
    outcome
        What was decided.
    reasons
        At least one if the outcome is not that of the screening.
    conditions
        What must hold if the liberty is granted; none with ``deny``.
    legal_ground
        The article on which a liberty is granted though a requirement is not met.
    """

    screening: Sha256
    decided_by: Actor
    prison: Prison
    opened_at: Moment
    decided_at: Moment
    seconds: Seconds
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[ConditionSet, ...] = ()
    legal_ground: Words | None = None

    def to_json(self) -> bytes:
        """The decision as JSON, after `decision_json_schema`."""
        return msgspec.json.encode(self)


class SecondReading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What someone else says of a decision that needs a second reader.

    Attributes
    ----------
    decision
        sha256 of the entry of the decision in the record.
    words
        Why; needed if the reader does not agree.
    """

    decision: Sha256
    read_by: Actor
    read_at: Moment
    agrees: bool
    words: Words | None = None


class ReasonText(Struct, frozen=True, forbid_unknown_fields=True):
    """A reason that can be given, and for overrides in which direction."""

    text: Texts
    direction: Literal["up", "down", "both"]
    needs_text: bool = False


class SecondReaderRule(Struct, frozen=True, forbid_unknown_fields=True):
    """When a decision needs a second reader: if all that is given here holds.

    Attributes
    ----------
    advice, chosen
        The outcome of the screening, and that of the decision, are among these.
    direction
        The decision gives more liberty (``up``) or less (``down``) than the screening.
    requirements
        A legal requirement is at one of these levels.
    domain, levels
        What was weighed under this name is at one of these levels.
    also_if_not_weighed
        The rule also holds where the policy does not weigh ``domain``.
    """

    id: str
    text: Texts
    source: str
    advice: tuple[Outcome, ...] | None = None
    chosen: tuple[Outcome, ...] | None = None
    direction: Literal["up", "down"] | None = None
    requirements: tuple[str, ...] | None = None
    domain: str | None = None
    levels: tuple[str, ...] = ()
    also_if_not_weighed: bool = False

    def holds(self, outcome: Outcome, result: ScreeningResult) -> bool:
        """Whether a decision with this outcome needs a second reader by this rule."""
        found = {one.name: one.level for one in result.domains}
        levels = {one.level for one in result.requirements}
        return (
            (self.advice is None or result.outcome in self.advice)
            and (self.chosen is None or outcome in self.chosen)
            and self.direction in (None, direction_of(outcome, result))
            and (self.requirements is None or bool(levels & set(self.requirements)))
            and self._domain_holds(found)
        )

    def _domain_holds(self, found: Mapping[str, str]) -> bool:
        if self.domain is None:
            return True
        level = found.get(self.domain)
        return self.also_if_not_weighed if level is None else level in self.levels


class Finding(Struct, frozen=True):
    """Something about a decision that is recorded with it: a code, and what it means."""

    code: str
    text: Texts


@cache
def reasons() -> dict[str, ReasonText]:
    """The reasons that can be given, by their code."""
    return msgspec.toml.decode(read("reasons.toml"), type=dict[str, ReasonText])


@cache
def second_reader_rules() -> tuple[SecondReaderRule, ...]:
    """When a decision needs a second reader."""
    found = msgspec.toml.decode(
        read("second_readers.toml"), type=dict[str, tuple[SecondReaderRule, ...]]
    )
    return found["rules"]


def digest_of(result: ScreeningResult) -> str:
    """sha256 of the JSON of a result, by which a decision and a record name it."""
    return sha256_of(result.to_json())


def direction_of(outcome: Outcome, result: ScreeningResult) -> Direction:
    """Whether a decision follows the screening, or gives more liberty or less."""
    chosen, advised = OUTCOMES.index(outcome), OUTCOMES.index(result.outcome)
    if chosen == advised:
        return "agreed"
    return "up" if chosen > advised else "down"


def read_decision(source: bytes | str | Mapping[str, Any] | Decision) -> Decision:
    """A decision from JSON, from plain values, or one that was made in Python.

    Raises
    ------
    RecordError
        Naming the field and what was expected.
    """
    return _read(source, Decision, "the decision")


def read_second_reading(source: bytes | str | Mapping[str, Any] | SecondReading) -> SecondReading:
    """A second reading; see `read_decision`."""
    return _read(source, SecondReading, "the second reading")


def _read(source: Any, kind: type[Any], what: str) -> Any:
    plain = source
    if isinstance(source, (bytes, str)):
        try:
            text = source.decode() if isinstance(source, bytes) else source
            plain, repeated = read_json(text)
        except (ValueError, RecursionError) as error:
            raise RecordError(f"{what} is not JSON: {error}") from None
        if repeated:
            raise RecordError(f"{what} has {repeated[0].key!r} twice; expected it once")
    elif isinstance(source, kind):
        plain = msgspec.to_builtins(source)
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise RecordError(f"{what}: {error}") from None


def check_decision(decision: Decision, result: ScreeningResult) -> None:
    """Refuse a decision that contradicts itself or is not of this screening.

    Raises
    ------
    RecordError
        Naming the field, what it is and what was expected.
    """
    if decision.screening != digest_of(result):
        raise RecordError(
            f"screening is {decision.screening}; expected {digest_of(result)}, the sha256 of the "
            "result that was decided on"
        )
    check_content(decision, result)


def check_content(decision: Decision, result: ScreeningResult) -> None:
    """As `check_decision`, of a decision that is known to be on this result.

    A result that an older version of the library recorded may have other bytes when this version
    writes it; the record knows it by those that it has.
    """
    _check_times(decision)
    _check_reasons(decision, direction_of(decision.outcome, result))
    _check_conditions(decision, result)


def _check_times(decision: Decision) -> None:
    lasted = (decision.decided_at - decision.opened_at).total_seconds()
    if lasted < 0:
        raise RecordError(
            f"decided_at is {decision.decided_at}, before opened_at ({decision.opened_at}); "
            "expected it after the screening was opened"
        )
    if decision.seconds > lasted + CLOCKS_DIFFER:
        raise RecordError(
            f"seconds is {decision.seconds:g}; expected at most the {lasted:g} from opened_at to "
            "decided_at"
        )


def _check_reasons(decision: Decision, direction: Direction) -> None:
    if direction != "agreed" and not decision.reasons:
        raise RecordError(
            f"reasons is empty and the outcome {decision.outcome} is not that of the screening; "
            f"expected one of {', '.join(_possible(direction))}"
        )
    for reason in decision.reasons:
        known = reasons().get(reason.code)
        if known is None or (direction != "agreed" and known.direction not in (direction, "both")):
            raise RecordError(
                f"reasons has {reason.code!r}, which is no reason for this decision "
                f"({say('direction', direction).en}); expected one of "
                f"{', '.join(_possible(direction))}"
            )
        if known.needs_text and reason.words is None:
            raise RecordError(f"reason {reason.code!r} has no words; expected what the reason is")


def _possible(direction: Direction) -> list[str]:
    fits = (direction, "both") if direction != "agreed" else ("up", "down", "both")
    return [code for code, reason in reasons().items() if reason.direction in fits]


def _check_conditions(decision: Decision, result: ScreeningResult) -> None:
    if decision.outcome == "deny" and decision.conditions:
        raise RecordError(
            "conditions are set and the outcome is deny; expected none, since nothing is granted"
        )
    advised = {condition.id for condition in result.conditions}
    for condition in decision.conditions:
        if condition.id not in advised and condition.words is None:
            raise RecordError(
                f"condition {condition.id!r} is not one of the screening and has no words; "
                f"expected words, or one of: {', '.join(sorted(advised)) or 'none'}"
            )


def findings_of(decision: Decision, result: ScreeningResult) -> tuple[Finding, ...]:
    """What is unusual about a decision; nothing of it blocks the decision."""
    codes = [*_of_grant(decision, result)] if decision.outcome == "grant" else []
    day = decision.decided_at.date()
    if day > result.valid_until:
        codes.append("not_valid_any_more")
    if day < result.as_of:
        codes.append("before_picture")
    if result.bundle.expired:
        codes.append("bundle_expired")
    if conditions_left_out(decision, result):
        codes.append("conditions_left_out")
    if decision.seconds < FASTEST_READING:
        codes.append("decided_fast")
    return tuple(found(code) for code in codes)


def found(code: str) -> Finding:
    """The finding of that code."""
    return Finding(code, say("finding", code))


def _of_grant(decision: Decision, result: ScreeningResult) -> list[str]:
    codes = []
    if any(one.level != "met" for one in result.requirements):
        codes.append("inadmissible" if decision.legal_ground is None else "ground_stated")
    if not all(one.known for one in result.domains):
        codes.append("unknown")
    if result.quarantined_rows:
        codes.append("rows_set_apart")
    return codes


def conditions_left_out(decision: Decision, result: ScreeningResult) -> tuple[str, ...]:
    """Conditions of the screening that were not set, where the liberty is granted."""
    if decision.outcome != "grant":
        return ()
    chosen = {condition.id for condition in decision.conditions}
    return tuple(c.id for c in result.conditions if c.id not in chosen)


def second_reader_of(outcome: Outcome, result: ScreeningResult) -> tuple[SecondReaderRule, ...]:
    """The rules by which this decision needs a second reader; none if it does not."""
    return tuple(rule for rule in second_reader_rules() if rule.holds(outcome, result))


def decision_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a decision."""
    return _schema(Decision)


def second_reading_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a second reading."""
    return _schema(SecondReading)


def _schema(kind: type[Any]) -> dict[str, Any]:
    from risicoscreener.dossier.json_schema import DIALECT

    return {"$schema": DIALECT, "title": kind.__name__, **msgspec.json.schema(kind)}
