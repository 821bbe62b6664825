"""What is known of the interests of victims: a level, what meets them, and what is yet to be asked.

The levels are those that policies read in their domain ``victims``. What is not known is unknown,
and never stands for *none*: that there is no interest is known only after inquiry.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from msgspec import Struct

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.visible import is_consulted, visible
from risicoscreener.errors import DossierError
from risicoscreener.texts import InWords, Lang, Section
from risicoscreener.victims.wording import code_label, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from risicoscreener.dossier.record import VictimFact

Level = Literal["none_known", "met_by_conditions", "weighty", "unknown"]
Asked = Literal["asked", "not_asked", "unknown"]
HIGH = "high"
FIELDS = (
    "protection_need",
    "no_contact_asked",
    "area_ban_asked",
    "objects_to_liberty",
    "contact_wish",
)
"""What has to be asked of each victim."""


class VictimFound(Struct, frozen=True, kw_only=True):
    """One fact about a victim, as far as known on the day.

    Attributes
    ----------
    position
        Its place in ``dossier.victims``.
    to_ask
        Fields that were not asked, for a known interest.
    """

    position: int
    recorded_at: dt.date
    known_on: dt.date
    interest: str
    protection_need: str | None
    contact_wish: str | None
    no_contact_asked: bool | None
    area_ban_asked: bool | None
    objects_to_liberty: bool | None
    informed_on: dt.date | None
    to_ask: tuple[str, ...]


class Ground(Struct, frozen=True, kw_only=True):
    """Something that makes an interest weighty: true, false or not known, and by which facts."""

    name: Literal["protection_need", "objects_to_liberty"]
    holds: bool | None
    rows: tuple[int, ...]


class ConditionMeets(Struct, frozen=True, kw_only=True):
    """A condition that would meet interests, and whether any victim asked for it."""

    name: Literal["no_contact", "area_ban", "information"]
    state: Asked
    rows: tuple[int, ...]


class Interests(InWords, frozen=True, kw_only=True):
    """Interests of victims as known on a day.

    Attributes
    ----------
    level
        ``none_known``, ``met_by_conditions``, ``weighty`` or ``unknown``.
    consulted
        Whether anyone inquired.
    victims
        Every fact that counts, in the order of the record.
    grounds
        What can make an interest weighty.
    conditions
        What would meet the interests.
    """

    kind: ClassVar[str] = "rs-victims"

    person_id: str
    as_of: dt.date
    level: Level
    consulted: bool
    victims: tuple[VictimFound, ...]
    grounds: tuple[Ground, ...]
    conditions: tuple[ConditionMeets, ...]

    @property
    def to_ask(self) -> dict[int, tuple[str, ...]]:
        """Per fact, by its position, the fields that are still to be asked."""
        return {victim.position: victim.to_ask for victim in self.victims if victim.to_ask}

    def sections(self, lang: Lang) -> list[Section]:
        """Headings with their lines."""
        return _outline(self, lang)


def interests(dossier: Dossier, as_of: dt.date, *, objection_weighs: bool = True) -> Interests:
    """Interests of victims, as known on a day.

    Parameters
    ----------
    dossier
        A valid dossier.
    as_of
        The day; what was recorded or came true later is not looked at.
    objection_weighs
        Whether an objection to liberties makes an interest weighty, as policies since 2021 read
        it; before, only a high need for protection does.

    Raises
    ------
    DossierError
        If the source is no dossier, or the day no date.
    """
    check_dossier(dossier)
    check_day(as_of)
    facts = visible(dossier.victims, as_of)
    consulted = is_consulted(dossier, "victims", as_of)
    known = [(position, fact) for position, fact in facts if fact.interest == "known"]
    grounds = [_ground("protection_need", facts, known, _is_high)]
    if objection_weighs:
        grounds.append(_ground("objects_to_liberty", facts, known, _objects))
    return Interests(
        person_id=dossier.person_id,
        as_of=as_of,
        level=_level(consulted, grounds, bool(known)),
        consulted=consulted,
        victims=tuple(_victim(position, fact, as_of) for position, fact in facts),
        grounds=tuple(grounds),
        conditions=(
            _condition("no_contact", facts, known, lambda fact: fact.no_contact_asked),
            _condition("area_ban", facts, known, lambda fact: fact.area_ban_asked),
            _condition("information", known, known, _wants_information),
        ),
    )


def check_day(day: Any, name: str = "as_of") -> None:
    """Raise DossierError for a day that is no date."""
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        raise DossierError(f"{name} is {day!r}; expected a date, without a time")


def check_dossier(dossier: Any) -> None:
    """Raise DossierError for anything that is no record."""
    if not isinstance(dossier, Dossier):
        kind = type(dossier).__name__
        raise DossierError(f"the dossier is of type {kind}; expected a Dossier (see read_dossier)")


Facts = list[tuple[int, "VictimFact"]]


def _is_high(fact: VictimFact) -> bool | None:
    return None if fact.protection_need is None else fact.protection_need == HIGH


def _objects(fact: VictimFact) -> bool | None:
    return fact.objects_to_liberty


def _wants_information(fact: VictimFact) -> bool | None:
    """A wish about contact says that someone wants to be told only where it says so."""
    return True if fact.contact_wish in ("informed_only", "contact") else None


def _told(
    facts: Facts, known: Facts, says: Callable[[VictimFact], bool | None]
) -> tuple[bool | None, tuple[int, ...]]:
    """Whether any fact says yes, or all of whom an interest is known say no; and by which facts."""
    yes = tuple(position for position, fact in facts if says(fact))
    if yes:
        return True, yes
    open_ = tuple(position for position, fact in known if says(fact) is None)
    return (None, open_) if open_ else (False, ())


def _ground(
    name: Literal["protection_need", "objects_to_liberty"],
    facts: Facts,
    known: Facts,
    says: Callable[[VictimFact], bool | None],
) -> Ground:
    holds, rows = _told(facts, known, says)
    return Ground(name=name, holds=holds, rows=rows)


def _condition(
    name: Literal["no_contact", "area_ban", "information"],
    facts: Facts,
    known: Facts,
    says: Callable[[VictimFact], bool | None],
) -> ConditionMeets:
    holds, rows = _told(facts, known, says)
    state: Asked = "unknown" if holds is None else "asked" if holds else "not_asked"
    return ConditionMeets(name=name, state=state, rows=rows)


def _level(consulted: bool, grounds: list[Ground], any_known: bool) -> Level:
    if not consulted:
        return "unknown"
    if any(ground.holds for ground in grounds):
        return "weighty"
    if any(ground.holds is None for ground in grounds):
        return "unknown"
    return "met_by_conditions" if any_known else "none_known"


def _victim(position: int, fact: VictimFact, as_of: dt.date) -> VictimFound:
    is_known = fact.interest == "known"
    informed = fact.informed_on if _came_true(fact.informed_on, as_of) else None
    return VictimFound(
        position=position,
        recorded_at=fact.recorded_at,
        known_on=fact.known_on,
        interest=fact.interest,
        protection_need=fact.protection_need,
        contact_wish=fact.contact_wish,
        no_contact_asked=fact.no_contact_asked,
        area_ban_asked=fact.area_ban_asked,
        objects_to_liberty=fact.objects_to_liberty,
        informed_on=informed,
        to_ask=tuple(f for f in FIELDS if is_known and getattr(fact, f) is None),
    )


def _came_true(day: dt.date | None, as_of: dt.date) -> bool:
    return day is not None and day <= as_of


# --- in words ---------------------------------------------------------------------------------


def _outline(found: Interests, lang: Lang) -> list[Section]:
    title = say("heading", "interests", lang, person_id=found.person_id, as_of=found.as_of)
    level = [say("phrase", "level", lang, level=say("level", found.level, lang))]
    level += [
        say("phrase", "ground", lang, ground=say("ground", g.name, lang), rows=_rows(g.rows))
        for g in found.grounds
        if g.holds
    ]
    asked = [
        say("phrase", "to_ask", lang, position=p + 1, fields=_fields(fields, lang))
        for p, fields in found.to_ask.items()
    ]
    if not found.consulted:
        asked = [say("field", "inquiry", lang)]
    return [
        (title, level),
        (say("heading", "conditions", lang), [_say_condition(c, lang) for c in found.conditions]),
        (say("heading", "victims", lang), [_say_victim(v, lang) for v in found.victims]),
        (say("heading", "to_ask", lang), asked or [say("phrase", "nothing", lang)]),
    ]


def _rows(positions: tuple[int, ...]) -> str:
    return ", ".join(str(position + 1) for position in positions)


def _fields(names: tuple[str, ...], lang: Lang) -> str:
    return "; ".join(say("field", name, lang) for name in names)


def _say_condition(condition: ConditionMeets, lang: Lang) -> str:
    said = say(
        "phrase",
        "condition",
        lang,
        condition=say("condition", condition.name, lang),
        state=say("asked", condition.state, lang),
    )
    if not condition.rows:
        return said
    return say("phrase", "rows", lang, text=said, rows=_rows(condition.rows))


def _say_victim(victim: VictimFound, lang: Lang) -> str:
    said = [code_label("victim_interest", victim.interest, lang)]
    if victim.protection_need is not None:
        need = code_label("need", victim.protection_need, lang)
        said.append(say("phrase", "need", lang, need=need))
    if victim.contact_wish is not None:
        wish = code_label("contact_wish", victim.contact_wish, lang)
        said.append(say("phrase", "wish", lang, wish=wish))
    if victim.objects_to_liberty:
        said.append(say("ground", "objects_to_liberty", lang))
    if victim.informed_on is not None:
        said.append(say("phrase", "informed", lang, day=victim.informed_on))
    elif victim.interest == "known":
        said.append(say("phrase", "not_informed", lang))
    return say(
        "phrase",
        "victim",
        lang,
        position=victim.position + 1,
        known_on=victim.known_on,
        said="; ".join(said),
    )
