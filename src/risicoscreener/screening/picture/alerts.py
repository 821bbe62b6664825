"""Alerts that matter to who works with someone, each told once. None of them changes an outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from risicoscreener.decision.compiled import truth
from risicoscreener.decision.outcome import OUTCOMES, TRUE
from risicoscreener.decision.policy import RISK, VICTIMS
from risicoscreener.decision.wording import band_names, level_texts
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError, PolicyError
from risicoscreener.screening.picture.events import Event
from risicoscreener.screening.picture.latch import MARGIN, BandLatch
from risicoscreener.screening.picture.wording import joined, kind_title, phrase, say
from risicoscreener.screening.route import JUDGMENT
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.screening.picture.compiled import PictureRoutes
    from risicoscreener.screening.picture.current import CurrentPicture
    from risicoscreener.screening.picture.moved import Moved

Severity = Literal["urgent", "warning", "notice"]
Code = Literal[
    "outcome",
    "requirement_met",
    "requirement_not_met",
    "band",
    "victims_interest",
    "victims_changed",
    "victims_not_informed",
    "validity_expiring",
    "assessment_expiring",
    "admissible_reached",
    "admissible_soon",
    "new_offence",
]
AHEAD_DAYS = 14
"""So many days before it is told that something expires or becomes possible."""
VALID_STATES = (2.0, 3.0)
"""Of ``deep_assessment_state``: favourable and unfavourable, done and valid."""
ONE_DAY = dt.timedelta(days=1)


class Alert(Struct, frozen=True, kw_only=True):
    """Something that someone should look at.

    Attributes
    ----------
    decision
        Kind of decision; None if it is not of one kind.
    severity
        ``urgent``: look today; ``warning``: look before the next step; ``notice``: to know.
    due
        The day on which something ends or begins, if the alert is about such a day.
    """

    day: dt.date
    code: Code
    severity: Severity
    decision: str | None
    message: Texts
    due: dt.date | None = None

    def text(self, lang: str = "nl") -> str:
        """One line, in ``nl`` or ``en``."""
        spoken = check_language(lang)
        severity = say("severity", self.severity, spoken)
        return say("alert", "line", spoken, day=self.day, severity=severity, message=self.message)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain


class Watch:
    """Keeps watch over a picture: give facts and days to it instead of to the picture.

    Parameters
    ----------
    picture
        The picture as it is now.
    margin
        How far beyond a cut-off a probability has to go before a change of band is told; see
        `BandLatch`.
    ahead_days
        How long before it is told that something expires or becomes possible.

    Attributes
    ----------
    relied_on
        For each kind the last day on which the screening that is relied on holds.
    opening
        What is to be looked at on the first day already.
    moved
        What moved by the last fact or the last days.

    Raises
    ------
    PolicyError
        If the margin does not fit the cut-offs of a policy.
    DossierError
        If ``ahead_days`` is no number of days.
    """

    def __init__(
        self, picture: CurrentPicture, *, margin: float = MARGIN, ahead_days: int = AHEAD_DAYS
    ) -> None:
        if not isinstance(ahead_days, int) or not 0 <= ahead_days <= 366:
            raise DossierError(f"ahead_days is {ahead_days!r}; expected from 0 to 366 days")
        self.picture = picture
        self.margin = margin
        self.ahead_days = ahead_days
        self.relied_on: dict[str, dt.date] = {}
        self.moved: tuple[Moved, ...] = ()
        self._latches = _latches(picture.routes, margin)
        self._told: set[tuple[Any, ...]] = set()
        self._counts: dict[str, float] = {}
        self._admissible: dict[str, bool] = {}
        self._ahead = _Ahead(picture.routes)
        for kind in picture.kinds:
            self.rely_on(kind)
        self.opening = tuple(self._look(()))

    def rely_on(self, kind: str) -> None:
        """A person has looked at the screening of today: its validity begins anew.

        Raises
        ------
        PolicyError
            If the kind is not followed.
        """
        valid_until = self.picture.standing(kind).valid_until
        if valid_until is not None:
            self.relied_on[kind] = valid_until

    def add(self, event: Event | str, fact: Any = None) -> tuple[Alert, ...]:
        """A fact arrives, as `CurrentPicture.add`; what moved is in ``moved``."""
        moved = self.picture.add(event, fact)
        table = event.table if isinstance(event, Event) else event
        self._ahead.take_in(table)
        found = [*self._of_fact(table), *self._look(moved)]
        self.moved = moved
        return tuple(found)

    def advance(self, day: dt.date | str) -> tuple[Alert, ...]:
        """Days pass, as `CurrentPicture.advance`; each day on the way is looked at."""
        from risicoscreener.screening.screener import check_day

        to = check_day(day)
        if to < self.picture.day:
            self.picture.advance(to)  # which says why not
        found: list[Alert] = []
        moved: list[Moved] = []
        while self.picture.day < to:
            passed = self.picture.advance(self.picture.day + ONE_DAY)
            moved += passed
            found += self._look(passed)
        self.moved = tuple(moved)
        return tuple(found)

    def _look(self, moved: Sequence[Moved]) -> Iterator[Alert]:
        yield from self._of_moves(moved)
        yield from self._of_admissibility()
        yield from self._of_bands()
        yield from self._of_values()
        yield from self._of_days()

    def _alert(
        self,
        code: Code,
        severity: Severity,
        message: Texts,
        decision: str | None = None,
        due: dt.date | None = None,
    ) -> Alert:
        return Alert(
            day=self.picture.day,
            code=code,
            severity=severity,
            decision=decision,
            message=message,
            due=due,
        )

    def _title(self, kind: str) -> Texts:
        book, policy = self.picture.routes.screener.policies, self.picture.standing(kind).policy
        return kind_title(book, kind, self.picture.day, policy)

    def _once(self, *key: Any) -> bool:
        """Whether this is the first time."""
        if key in self._told:
            return False
        self._told.add(key)
        return True

    # What moved.

    def _of_moves(self, moved: Iterable[Moved]) -> Iterator[Alert]:
        lost: dict[str, list[Moved]] = {}
        for one in moved:
            if one.what == "outcome":
                yield self._of_outcome(one)
            elif one.what == "requirement":
                yield from self._of_requirement(one, lost)
            elif one.what == "level" and one.name == VICTIMS:
                yield self._of_victims(one)
        for kind, listed in lost.items():
            yield self._of_lost(kind, listed)

    def _of_outcome(self, one: Moved) -> Alert:
        assert one.decision is not None
        ranks = [OUTCOMES.index(x) if x in OUTCOMES else -1 for x in (one.before, one.after)]
        severity: Severity = "urgent" if ranks[1] < ranks[0] else "warning"
        message = phrase(
            "alert",
            "outcome",
            kind=self._title(one.decision),
            before=one.before_text,
            after=one.after_text,
        )
        return self._alert("outcome", severity, message, one.decision)

    def _of_requirement(self, one: Moved, lost: dict[str, list[Moved]]) -> Iterator[Alert]:
        """One that is met now; what is no longer met is gathered, where all were met before."""
        assert one.decision is not None
        if one.after == "met" and one.before is not None:
            kind = self._title(one.decision)
            message = phrase("alert", "requirement_met", kind=kind, text=one.title)
            yield self._alert("requirement_met", "notice", message, one.decision)
        elif one.before == "met" and self._admissible.get(one.decision, False):
            lost.setdefault(one.decision, []).append(one)

    def _of_lost(self, kind: str, listed: Sequence[Moved]) -> Alert:
        """The requirements that are no longer met, or if there are none, no longer known to be."""
        level = "not_met" if any(one.after == "not_met" for one in listed) else "unknown"
        text = joined(one.title for one in listed if one.after == level)
        message = phrase("alert", f"requirement_{level}", kind=self._title(kind), text=text)
        return self._alert("requirement_not_met", "warning", message, kind)

    def _of_victims(self, one: Moved) -> Alert:
        assert one.decision is not None
        message = phrase(
            "alert",
            "victims_changed",
            kind=self._title(one.decision),
            before=one.before_text,
            after=one.after_text,
        )
        severity: Severity = "warning" if self._is_worse(one) else "notice"
        return self._alert("victims_changed", severity, message, one.decision)

    def _is_worse(self, one: Moved) -> bool:
        """Whether a domain moved to a level that gives less liberty, or is not known."""
        standing = self.picture.standing(str(one.decision))
        versions = self.picture.routes.screener.policies.versions(str(one.decision))
        version = next(v for v in versions if v.id == standing.policy)
        levels = [v.id for d in version.domains if d.id == one.name for v in d.levels]
        return one.before not in levels or levels.index(str(one.after)) > levels.index(
            str(one.before)
        )

    # A fact.

    def _of_fact(self, table: str) -> Iterator[Alert]:
        *before, fact = getattr(self.picture.dossier, table)
        # A correction is told where it says what the fact that it replaces did not.
        old = [row for row in before if fact.supersedes and row.fact_id == fact.supersedes]
        if table == "victims" and _is_known(fact) and not any(map(_is_known, old)):
            yield self._alert("victims_interest", "urgent", phrase("alert", "victims_interest"))
        if table == "convictions" and self._is_new(fact) and not any(map(self._is_new, old)):
            message = phrase("alert", "new_offence", day=fact.offence_on)
            yield self._alert("new_offence", "urgent", message)

    def _is_new(self, conviction: Any) -> bool:
        """Whether it is for an offence during this stay."""
        served = self.picture.value("served_days")
        if served is None or conviction.void or conviction.offence_on is None:
            return False
        arrived = self.picture.day - dt.timedelta(days=int(served))
        return bool(conviction.offence_on >= arrived)

    # Bands, values and days.

    def _of_bands(self) -> Iterator[Alert]:
        for kind in self.picture.kinds:
            standing = self.picture.standing(kind)
            latches = self._latches.get(standing.policy or "", {})
            for model in standing.models:
                latch = latches[model.name]
                if not model.supported:
                    continue
                before = latch.update(model.probability, model.lower, model.upper)
                if before is None or latch.band is None:
                    continue
                is_up = latch.band > before
                message = phrase(
                    "alert",
                    "band",
                    kind=self._title(kind),
                    model=self._outcome_of(kind, model.name),
                    before=_band(before, latch),
                    after=_band(latch.band, latch),
                )
                yield self._alert("band", "warning" if is_up else "notice", message, kind)

    def _outcome_of(self, kind: str, model: str) -> Texts:
        views = self.picture.routes.routes[kind].models
        return next(view.model.outcome for view in views if view.model.name == model)

    def _of_values(self) -> Iterator[Alert]:
        """Victims who are not informed and offences during a liberty, when their number grows."""
        for name, code, severity in _COUNTED:
            number = self.picture.value(name) or 0.0
            if number > self._counts.get(name, 0.0):
                yield self._alert(code, severity, phrase("alert", name))
            self._counts[name] = number

    def _of_admissibility(self) -> Iterator[Alert]:
        """Kinds of which all requirements are met, and were not all met before."""
        for kind in self.picture.kinds:
            levels = self.picture.standing(kind).requirements
            is_met = bool(levels) and set(levels.values()) == {"met"}
            if is_met and not self._admissible.get(kind, False):
                message = phrase("alert", "admissible_reached", kind=self._title(kind))
                yield self._alert("admissible_reached", "warning", message, kind)
            self._admissible[kind] = is_met

    def _of_days(self) -> Iterator[Alert]:
        yield from self._expiring_validity()
        yield from self._expiring_assessment()
        yield from self._coming()

    def _expiring_validity(self) -> Iterator[Alert]:
        for kind, until in self.relied_on.items():
            near = until - dt.timedelta(days=self.ahead_days) <= self.picture.day
            if near and self._once("validity", kind, until):
                message = phrase("alert", "validity_expiring", kind=self._title(kind), day=until)
                yield self._alert("validity_expiring", "notice", message, kind, until)

    def _expiring_assessment(self) -> Iterator[Alert]:
        left = self.picture.value("deep_assessment_days_valid")
        state = self.picture.value("deep_assessment_state")
        if left is None or state not in VALID_STATES or not 0 <= left <= self.ahead_days:
            return
        until = self.picture.day + dt.timedelta(days=int(left))
        if self._once("assessment", until):
            message = phrase("alert", "assessment_expiring", day=until)
            yield self._alert("assessment_expiring", "warning", message, None, until)

    def _coming(self) -> Iterator[Alert]:
        """Kinds that become admissible within the days ahead, if no fact changes."""
        for kind, due in self._ahead.coming(self.picture, self.ahead_days):
            if self._once("soon", kind, due):
                message = phrase("alert", "admissible_soon", kind=self._title(kind), day=due)
                yield self._alert("admissible_soon", "notice", message, kind, due)


def _is_known(victim: Any) -> bool:
    """Whether a fact says that there is a victim with an interest."""
    return victim.interest == "known" and not victim.void


_COUNTED: tuple[tuple[str, Code, Severity], ...] = (
    ("victims_not_informed", "victims_not_informed", "warning"),
    ("liberty_offences_detention", "new_offence", "urgent"),
)
"""Features of which a higher number is an alert."""


def _latches(routes: PictureRoutes, margin: float) -> dict[str, dict[str, BandLatch]]:
    """For each version of each policy a latch for each model that it reads."""
    return {
        view.used.id: {
            name: BandLatch(cuts, margin)
            for name, cuts in zip(view.compiled.models, view.compiled.cuts, strict=True)
        }
        for route in routes.routes.values()
        for view in route.policies
    }


def _band(number: int, latch: BandLatch) -> Texts:
    names = band_names(len(latch.cuts) + 1)
    if names is None:
        return Texts(nl=str(number + 1), en=str(number + 1))
    return level_texts(RISK, names[number])


class _Ahead:
    """Looks at the days ahead by the facts of today, each day once until a fact arrives."""

    def __init__(self, routes: PictureRoutes) -> None:
        self.routes = routes
        plan, self.values_of = routes.of_requirements
        self.names = plan.names
        self.tables = {*plan.of_rows, "detentions", "inquiries"}
        self.forget()

    def take_in(self, table: str) -> None:
        """A fact arrived: the days ahead have to be looked at again, if a requirement reads it."""
        if table in self.tables:
            self.forget()

    def forget(self) -> None:
        """All days ahead have to be looked at again."""
        self._known: Dossier | None = None
        self._until, self._seen = dt.date.max, dt.date.min
        self._was: dict[str, bool] = {}

    def coming(self, picture: CurrentPicture, ahead_days: int) -> Iterator[tuple[str, dt.date]]:
        """Kinds and the day on which all their requirements begin to be met."""
        if self._known is None or picture.day >= self._until:
            self._known, self._seen = as_known(picture.dossier, picture.day), picture.day
            self._until = _next_known(picture.dossier, picture.day)
            self._was = self._met(picture.day)
        last = picture.day + dt.timedelta(days=ahead_days)
        while self._seen < last:
            self._seen += ONE_DAY
            met = self._met(self._seen)
            for kind, is_met in met.items():
                if is_met and not self._was[kind] and self._seen > picture.day:
                    yield kind, self._seen
            self._was = met

    def _met(self, day: dt.date) -> dict[str, bool]:
        """For each kind whether all requirements are met on a day, by the facts of today."""
        assert self._known is not None
        values = dict(zip(self.names, self.values_of(self._known, day), strict=True))
        return {kind: self._is_met(kind, day, values) for kind in self.routes.kinds}

    def _is_met(self, kind: str, day: dt.date, values: dict[str, float]) -> bool:
        route = self.routes.routes[kind]
        judged = values.get(JUDGMENT, float("nan"))
        judged_on = day + dt.timedelta(days=int(judged)) if judged == judged else None
        try:
            at = route.version(day, judged_on if route.by_judgment else None)
        except PolicyError:
            return False
        version = route.policies[at].compiled
        inputs = [values.get(name, 0.0) for name in version.inputs]
        return all(truth(*clause, inputs) == TRUE for clause in version.requirement_clauses)


def _next_known(dossier: Dossier, day: dt.date) -> dt.date:
    """The next day on which a field of a fact that is there comes true; the last day if none."""
    later = [
        since
        for name, spec in tables().items()
        for field in dict.fromkeys(c.known_from for c in spec.columns.values() if c.known_from)
        for row in getattr(dossier, name)
        if (since := getattr(row, field)) is not None and since > day
    ]
    return min(later, default=dt.date.max)
