"""Who has to be screened again this morning, and why: a whole prison at once.

Nothing is scored. What can have changed an outcome since the last screening is found in the
tables: a fact that was recorded, a field that came true, a requirement or a domain that is at
another level because days passed, another version of the policy, other models, or a screening
that no longer holds. A probability drifts a little with each day; that is what the validity of a
screening is for.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.decision.policy import ASSESSMENT
from risicoscreener.dossier.schema import EARLIEST, EPOCH, tables
from risicoscreener.errors import DossierError
from risicoscreener.features.definition import OF_ROWS
from risicoscreener.features.many import BLOCK, FAR, EventTables, compute_block
from risicoscreener.screening.block import NO_VERSION
from risicoscreener.screening.picture.compiled import kinds_of
from risicoscreener.screening.picture.levels import LevelsFound, PolicyLevels
from risicoscreener.screening.picture.wording import joined, phrase
from risicoscreener.screening.screener import check_day, default_screener
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from risicoscreener.dossier import DossierTables
    from risicoscreener.screening.route import Route
    from risicoscreener.screening.screener import Screener

REASONS = (
    "never_screened",
    "bundle_changed",
    "policy_changed",
    "validity_expired",
    "new_fact",
    "admissible_reached",
    "admissible_lost",
    "assessment_expired",
    "level_changed",
)
"""In this order; a person can be on the list for several."""
_BIT = {name: np.uint16(1 << place) for place, name in enumerate(REASONS)}
NOT_SCREENED = np.iinfo(np.int32).min
"""Stands for a person who was never screened."""
_INSIDE, _EXPIRED = "has_open_detention", "expired"


@dataclass(frozen=True)
class RescreenList:
    """Who has to be screened again, for which kinds of decision, and why.

    Attributes
    ----------
    day
        The morning.
    person_ids
        All people of the tables, in their order.
    kinds
        The kinds of decision.
    why
        A bit for each of `REASONS`, shape (people, kinds), uint16; 0: not on the list.
    """

    day: dt.date
    person_ids: Any
    kinds: tuple[str, ...]
    why: np.ndarray

    def __len__(self) -> int:
        return int((self.why > 0).sum())

    def reasons(self, person: int, kind: str) -> tuple[str, ...]:
        """Why the person at a position has to be screened again for a kind; none if not."""
        bits = self.why[person, self.kinds.index(kind)]
        return tuple(name for name in REASONS if bits & _BIT[name])

    def counts(self) -> dict[str, int]:
        """How many screenings are on the list for each reason; one may be there for several."""
        return {name: int((self.why & bit > 0).sum()) for name, bit in _BIT.items()}

    def people(self) -> np.ndarray:
        """Positions of the people who are on the list for any kind, ascending."""
        return np.flatnonzero((self.why > 0).any(axis=1))

    def text_of(self, person: int, kind: str) -> Texts:
        """The reasons in words."""
        return joined(phrase("rescreen", name) for name in self.reasons(person, kind))

    def to_frame(self) -> pd.DataFrame:
        """A row for each screening to do: person_id, decision, and a column for each reason."""
        import pandas as pd

        rows, columns = np.nonzero(self.why)
        bits = self.why[rows, columns]
        ids = np.asarray(self.person_ids.to_pylist(), dtype=object)
        found: dict[str, Any] = {
            "person_id": ids[rows],
            "decision": np.array(self.kinds, dtype=object)[columns],
        }
        found |= {name: (bits & bit) > 0 for name, bit in _BIT.items()}
        return pd.DataFrame(found)


def rescreen_list(
    dossiers: DossierTables | Mapping[str, Any],
    day: dt.date | str,
    since: dt.date | str | pd.DataFrame,
    *,
    kinds: str | Iterable[str] | None = None,
    screener: Screener | None = None,
    only_inside: bool = True,
) -> RescreenList:
    """Who has to be screened again on a morning.

    Parameters
    ----------
    dossiers
        Validated tables, or frames by table name.
    day
        The morning; facts recorded on it count.
    since
        When people were last screened: one day for everyone, or a frame with ``person_id``,
        ``as_of`` and optionally ``decision``, ``policy`` and ``bundle``, as results give them;
        the kind of decision is otherwise that of the policy, or any if there is none. Of several
        rows for one person and kind the latest counts; who is not in it was never screened.
    kinds
        Kinds of decision; all by default.
    screener
        The models and policies of today; the shipped ones by default.
    only_inside
        Leave out who is not in detention on the morning.

    Returns
    -------
    RescreenList

    Raises
    ------
    DossierError
        If the dossiers, a day or the frame cannot be used.
    PolicyError
        If there is no such kind.

    Notes
    -----
    Who is not on the list has, on the morning, the same version of the policy and the same level
    of each requirement and domain as at the last screening, but for risk and its certainty, which
    drift with age and time within the validity. Days are whole: what was recorded on the day of
    the last screening counts as seen by it.
    """
    from risicoscreener.screening.many import tables_of

    screener = default_screener() if screener is None else screener
    morning = (check_day(day) - EPOCH).days
    tables_ = tables_of(dossiers)
    listed = kinds_of(screener, kinds)
    last = _LastScreened.of(since, tables_, listed, morning)
    work = _Morning(screener, tables_, listed, morning)
    people = work.inside() if only_inside else np.arange(tables_.n_persons)
    why = np.zeros((tables_.n_persons, len(listed)), np.uint16)
    for start in range(0, len(people), BLOCK):
        some = people[start : start + BLOCK]
        why[some] = work.why(some, last)
    return RescreenList(check_day(day), tables_.person_ids, listed, why)


@dataclass(frozen=True)
class _LastScreened:
    """The day of the last screening by person and kind, and what it was made with, if known."""

    days: np.ndarray
    policy_of: np.ndarray | None = None
    bundle_of: np.ndarray | None = None

    @classmethod
    def of(
        cls, since: Any, dossiers: DossierTables, kinds: tuple[str, ...], morning: int
    ) -> _LastScreened:
        shape = (dossiers.n_persons, len(kinds))
        if isinstance(since, (str, dt.date)):
            day = (check_day(since) - EPOCH).days
            _check_order(np.array([day]), morning)
            return cls(np.full(shape, day, np.int32))
        return cls._of_frame(since, dossiers, kinds, morning)

    @classmethod
    def _of_frame(
        cls, frame: Any, dossiers: DossierTables, kinds: tuple[str, ...], morning: int
    ) -> _LastScreened:
        from risicoscreener.features.index import Index

        given = list(frame.columns)
        for name in ("decision", "policy", "bundle"):
            if given.count(name) > 1:
                raise DossierError(f"last screened has the column {name} twice; expected it once")
        at = Index.from_frame(dossiers, frame)
        _check_order(at.days, morning)
        order = np.argsort(at.days, kind="stable")
        days = np.full((dossiers.n_persons, len(kinds)), NOT_SCREENED, np.int32)
        policy_of = np.full(days.shape, None, object) if "policy" in frame else None
        bundle_of = np.full(days.shape, None, object) if "bundle" in frame else None
        columns = _columns_of(frame, kinds)
        for place in range(len(kinds)):
            rows = order if columns is None else order[columns[order] == place]
            days[at.positions[rows], place] = at.days[rows]
            for made_with, name in ((policy_of, "policy"), (bundle_of, "bundle")):
                if made_with is not None:
                    made_with[at.positions[rows], place] = frame[name].to_numpy(object)[rows]
        return cls(days, policy_of, bundle_of)


def _columns_of(frame: Any, kinds: tuple[str, ...]) -> np.ndarray | None:
    """For each row the position of its kind, -1 for one that is not asked for; None: all kinds.

    Without a column that says so, the kind is that of the policy that decided.
    """
    if "decision" in frame:
        named = [str(kind) for kind in frame["decision"]]
    elif "policy" in frame:
        named = [str(policy).partition("/")[0] for policy in frame["policy"]]
    else:
        return None
    place = {kind: i for i, kind in enumerate(kinds)}
    return np.array([place.get(kind, -1) for kind in named], dtype=np.int64)


def _check_order(days: np.ndarray, morning: int) -> None:
    late = np.flatnonzero((days > morning) | (days < (EARLIEST - EPOCH).days))
    if len(late):
        day = EPOCH + dt.timedelta(days=int(days[late[0]]))
        raise DossierError(
            f"last screened on {day}; expected a day up to and including the morning, "
            f"{EPOCH + dt.timedelta(days=morning)} ({len(late)} like this)"
        )


class _Morning:
    """Finds the reasons on one morning; what several kinds need is made once."""

    def __init__(
        self, screener: Screener, dossiers: DossierTables, kinds: tuple[str, ...], morning: int
    ) -> None:
        self.screener = screener
        self.dossiers = dossiers
        self.morning = morning
        self.events = EventTables(dossiers)
        self.levels = [PolicyLevels(screener, kind, with_domains=True) for kind in kinds]
        names = dict.fromkeys(name for levels in self.levels for name in levels.plan.names)
        self.plan = screener.definitions.plan(list(names))
        self.events.prepare(self.plan)
        self.place = {name: i for i, name in enumerate(self.plan.names)}
        self._latest: dict[str, np.ndarray] = {}

    def inside(self) -> np.ndarray:
        """Positions of who is in detention."""
        plan = self.screener.definitions.plan([_INSIDE])
        self.events.prepare(plan)
        everyone = np.arange(self.dossiers.n_persons, dtype=np.int32)
        days = np.full(len(everyone), self.morning, np.int32)
        return np.flatnonzero(compute_block(plan, self.events, everyone, days)[:, 0] > 0)

    def why(self, people: np.ndarray, last: _LastScreened) -> np.ndarray:
        """Bits of the reasons of some people, shape (people, kinds), uint16."""
        found = np.zeros((len(people), len(self.levels)), np.uint16)
        values: dict[bytes, np.ndarray] = {}
        for column, levels in enumerate(self.levels):
            since = last.days[people, column]
            policies = None if last.policy_of is None else last.policy_of[people, column]
            screened = since != NOT_SCREENED
            bits = found[:, column]
            bits[~screened] |= _BIT["never_screened"]
            if last.bundle_of is not None:
                bundles = last.bundle_of[people, column]
                other = _is_told(bundles) & (bundles != self.screener.bundle.id)
                bits[screened & other] |= _BIT["bundle_changed"]
            news = self._latest_news(levels.route)[people]
            bits[screened & (news > since)] |= _BIT["new_fact"]
            days = np.where(screened, since, self.morning).astype(np.int32)
            before = self._levels(levels, people, days, values)
            today = np.full(len(people), self.morning, np.int32)
            now = self._levels(levels, people, today, values)
            self._compare(levels, bits, (before, now), days, policies, screened)
        return found

    def _levels(
        self,
        levels: PolicyLevels,
        people: np.ndarray,
        days: np.ndarray,
        values: dict[bytes, np.ndarray],
    ) -> LevelsFound:
        """Levels of some people on their days; all kinds share the values of the same days."""
        key = days.tobytes()
        if key not in values:
            positions = people.astype(np.int32)
            values[key] = compute_block(self.plan, self.events, positions, days)
        apart = self.dossiers.quarantined_rows[people].astype(np.float64)
        return levels.of_values(values[key], self.place, apart, days)

    def _compare(
        self,
        levels: PolicyLevels,
        bits: np.ndarray,
        both: tuple[LevelsFound, LevelsFound],
        since: np.ndarray,
        policies: np.ndarray | None,
        screened: np.ndarray,
    ) -> None:
        """What is at another level than at the last screening, and what no longer holds."""
        before, now = both
        valid = np.array([v.policy.validity_days for v in levels.versions] + [0])
        expired = (before.version != NO_VERSION) & (since + valid[before.version] < self.morning)
        changed = now.version != before.version
        if policies is not None:
            ids = np.array([v.id for v in levels.versions] + [None], dtype=object)
            changed |= _is_told(policies) & (policies != ids[now.version])
        same = ~changed & screened
        bits[expired & screened] |= _BIT["validity_expired"]
        bits[changed & screened] |= _BIT["policy_changed"]
        bits[same & now.all_met & ~before.all_met] |= _BIT["admissible_reached"]
        bits[same & ~now.all_met & before.all_met] |= _BIT["admissible_lost"]
        bits[same & _assessment_expired(levels, now, before)] |= _BIT["assessment_expired"]
        bits[same & _differs(now, before)] |= _BIT["level_changed"]

    def _latest_news(self, route: Route) -> np.ndarray:
        """For each person the last day on which something became known that a kind reads."""
        latest = np.full(self.dossiers.n_persons, NOT_SCREENED, np.int64)
        read = _tables_read(route)
        for name in read | {"inquiries"}:
            latest = np.maximum(latest, self._latest_of(name))
        return latest

    def _latest_of(self, name: str) -> np.ndarray:
        """For each person the last day by the morning on which a row of a table became known.

        That is the day of its record, or the later day on which a field of it came true.
        """
        if name not in self._latest:
            spec = tables()[name]
            fields = {c.known_from for c in spec.columns.values() if c.known_from}
            owners = self.dossiers.owners(name)
            recorded = self.events.column(name, "recorded_at")
            latest = np.full(self.dossiers.n_persons, NOT_SCREENED, np.int64)
            for field in ("recorded_at", *sorted(fields)):
                days = np.maximum(self.events.column(name, field), recorded)
                known = (days <= self.morning) & (self.events.column(name, field) != FAR)
                np.maximum.at(latest, owners[known], days[known])
            self._latest[name] = latest
        return self._latest[name]


def _tables_read(route: Route) -> set[str]:
    """The tables that the features of a kind of decision are computed from."""
    read = set()
    for feature in route.plan.features.values():
        if feature.aggregate in OF_ROWS:
            read.add(str(feature.table))
            if feature.since_arrival:
                read.add("detentions")
    return read


def _differs(now: LevelsFound, before: LevelsFound) -> np.ndarray:
    requirements = (now.requirements != before.requirements).any(axis=1)
    return requirements | (now.domains != before.domains).any(axis=1)


def _assessment_expired(levels: PolicyLevels, now: LevelsFound, before: LevelsFound) -> np.ndarray:
    """Where a deep assessment has expired since."""
    found = np.zeros(len(now.version), dtype=bool)
    for at, version in enumerate(levels.versions):
        for place, domain in enumerate(version.policy.domains):
            names = [level.id for level in domain.levels]
            if domain.id == ASSESSMENT and _EXPIRED in names:
                expired = names.index(_EXPIRED)
                is_now = (now.version == at) & (now.domains[:, place] == expired)
                found |= is_now & (before.domains[:, place] != expired)
    return found


def _is_told(names: np.ndarray) -> np.ndarray:
    """Where a policy or bundle is named, in an array of names and what stands for none."""
    return np.array([isinstance(name, str) for name in names], dtype=bool)
