"""The current picture: facts arrive one by one, days pass, and each kind of decision has an answer.

What a new fact cannot touch is not computed again: features by the table that they read, models
by their features, outcomes by their inputs. The answer is that of a screening from scratch on the
day, in every field.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from struct import pack
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from risicoscreener.decision.policy import (
    ADMISSIBILITY,
    ASSESSMENT,
    CERTAINTY,
    CONDUCT,
    RISK,
    VICTIMS,
)
from risicoscreener.dossier.reading import fits_together, read_dossier
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import DossierError, PolicyError
from risicoscreener.screening.picture.compiled import PictureRoutes
from risicoscreener.screening.picture.events import Event, FactRef, check_table
from risicoscreener.screening.picture.moved import Change, Moved, moved_between
from risicoscreener.screening.picture.wording import say as tell
from risicoscreener.screening.render import say, say_date, say_outcome, say_percent
from risicoscreener.screening.route import Seen, score_of
from risicoscreener.screening.screener import check_day, default_screener, latest_day
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from risicoscreener.decision.outcome import Outcome
    from risicoscreener.models import Assessment
    from risicoscreener.screening.result import ModelFound, ScreeningResult
    from risicoscreener.screening.screener import Screener
    from risicoscreener.texts import Lang

Late = Literal["refuse", "accept"]
SAID_DOMAINS = (ADMISSIBILITY, RISK, CERTAINTY, CONDUCT, VICTIMS, ASSESSMENT)
"""What is told of each kind in a few words; the result has all."""
STEP = 0.02
"""A probability that moved by less than this is not said to have moved."""
ONE_DAY = dt.timedelta(days=1)


class ModelStanding(Struct, frozen=True):
    """What one model says.

    Attributes
    ----------
    band
        Number of the band of the probability by the cut-offs of the policy, 0 the lowest.
    supported
        Whether the model may speak of this person.
    """

    name: str
    probability: float
    lower: float | None
    upper: float | None
    band: int
    supported: bool


class Standing(Struct, frozen=True, kw_only=True):
    """Where one kind of decision stands on the day of the picture.

    Attributes
    ----------
    outcome
        None where no version of the policy applies.
    domains
        Level of each domain, by name, such as ``conduct`` and ``victims``.
    requirements
        Level of each requirement, by name.
    valid_until
        Last day on which the outcome holds, if no new fact comes.
    """

    decision: str
    day: dt.date
    policy: str | None
    outcome: Outcome | None
    domains: dict[str, str]
    requirements: dict[str, str]
    models: tuple[ModelStanding, ...]
    valid_until: dt.date | None = None


class Snapshot(NamedTuple):
    """All that was found on a day: values by position, and by kind what was seen."""

    dossier: Dossier
    day: dt.date
    values: list[float]
    seen: dict[str, Seen | None]


class CurrentPicture:
    """What is known of one person, and where each kind of decision stands by it.

    Parameters
    ----------
    person
        A dossier, with or without facts.
    kinds
        Kinds of decision; all that the screener knows by default.
    day
        First day of the picture; that of the latest fact by default. Without facts it has to be
        given.
    screener
        Models and policies; the shipped ones by default.
    late
        What to do with a fact that was recorded before the day of the picture: ``refuse``, or
        ``accept`` and let it count from now on. What the picture said before is not changed.
    step
        Least change of a probability that is told as a move.
    routes
        What was prepared for another person, to be used again; then ``kinds`` and ``screener``
        are those.

    Raises
    ------
    DossierError
        If the dossier or the day cannot be used.
    PolicyError
        If there is no such kind.

    Examples
    --------
    >>> from risicoscreener.screening.picture import CurrentPicture
    >>> person = {"person_id": "SYN-000001", "person": {"birth_date": "1990-01-01", "sex": "male"}}
    >>> picture = CurrentPicture(person, kinds=["leave"], day="2022-01-03")
    >>> stay = {"recorded_at": "2022-01-03", "arrived_on": "2022-01-03", "regime": "sentence"}
    >>> moved = picture.add("detentions", stay)
    >>> [(one.name, one.before, one.after) for one in moved if one.what == "requirement"][0]
    ('sentenced', 'unknown', 'met')
    """

    def __init__(
        self,
        person: Any,
        *,
        kinds: str | Iterable[str] | None = None,
        day: dt.date | str | None = None,
        screener: Screener | None = None,
        late: Late = "refuse",
        step: float = STEP,
        routes: PictureRoutes | None = None,
    ) -> None:
        if late not in ("refuse", "accept"):
            raise DossierError(f"late is {late!r}; expected 'refuse' or 'accept'")
        if not 0 <= step <= 1:
            raise DossierError(f"step is {step!r}; expected a difference from 0 to 1")
        self.routes = routes or PictureRoutes(screener or default_screener(), kinds)
        dossier = read_dossier(person, recorded_by=dt.date.today())
        self.late: Late = late
        self.step = step
        self._assessed: dict[str, tuple[bytes, Assessment]] = {}
        first = _first_day(dossier, day)
        values = list(self.routes.values_of(dossier, first))
        self._now = Snapshot(dossier, first, values, {})
        self._now = self._now._replace(seen=self._look(first, values, {}))
        self._results: dict[str, ScreeningResult] = {}
        self._told = {name: found.probability for name, (_, found) in self._assessed.items()}

    @property
    def dossier(self) -> Dossier:
        """The facts so far, each table in the order in which they arrived."""
        return self._now.dossier

    @property
    def day(self) -> dt.date:
        """The day of the picture."""
        return self._now.day

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of decision that are followed."""
        return self.routes.kinds

    def value(self, name: str) -> float | None:
        """A feature that the picture reads; None if it is unknown or nothing reads it."""
        place = self.routes.place.get(name)
        value = float("nan") if place is None else self._now.values[place]
        return None if value != value else value

    def add(self, event: Event | str, fact: Any = None) -> tuple[Moved, ...]:
        """A fact arrives: the picture goes to the day on which it was recorded, and takes it in.

        Parameters
        ----------
        event
            An `Event`, or the name of a table; then ``fact`` is the fact, as a record or as plain
            values. A correction names the fact that it replaces, as in a dossier.

        Returns
        -------
        tuple of Moved
            What moved by the days that passed, and then by the fact.

        Raises
        ------
        DossierError
            If the fact is not valid beside those that there are, or was recorded before the day
            of the picture. Then nothing has changed.
        """
        table, given = (event.table, event.fact) if isinstance(event, Event) else (event, fact)
        check_table(table, "a fact cannot be added")
        grown = self._with(table, given)
        rows = getattr(grown, table)
        recorded_at = rows[-1].recorded_at
        if recorded_at < self.day and self.late == "refuse":
            raise DossierError(
                f"a fact of {table} was recorded on {recorded_at}, before the day of the picture, "
                f"{self.day}; expected facts in the order in which they were recorded, or "
                "late='accept'"
            )
        passed = self.advance(max(recorded_at, self.day))
        at = FactRef(table, len(rows) - 1, recorded_at)
        grown = msgspec.structs.replace(self.dossier, **{table: rows})
        return (*passed, *self._take_in(grown, table, at))

    def advance(self, day: dt.date | str, *, daily: bool = False) -> tuple[Moved, ...]:
        """Days pass without a new fact.

        Parameters
        ----------
        day
            The day to go to.
        daily
            Whether to look on each day on the way, so that each move has its own day; else only
            on the last.

        Raises
        ------
        DossierError
            If it is no day, lies before the day of the picture, or has yet to come.
        BundleError
            After the last day on which the bundle may be used; the picture stays where it was, with
            ``daily`` at that last day.
        """
        to = check_day(day)
        if to < self.day:
            raise DossierError(
                f"the picture is of {self.day} and cannot go back to {to}; expected a later day"
            )
        moved: list[Moved] = []
        while self.day < to:
            next_day = self.day + ONE_DAY if daily else to
            values = list(self.routes.values_of(self.dossier, next_day))
            moved += self._become(Snapshot(self.dossier, next_day, values, {}), None)
        return tuple(moved)

    def result(self, decision: str) -> ScreeningResult:
        """The screening of the day, as `Screener.screen` gives it of the same facts.

        Raises
        ------
        PolicyError
            If the kind is not followed, or no version of its policy applies on the day.
        """
        route = self._route(decision)
        if decision not in self._results:
            seen = self._now.seen[decision]
            if seen is None:
                return route.screen_one(self.dossier, self.day, 0)  # which says why it cannot
            self._results[decision] = route.result(self.dossier.person_id, self.day, *seen, 0)
        return self._results[decision]

    def standing(self, decision: str) -> Standing:
        """Outcome, levels and probabilities of the day, without their texts and reasons.

        Raises
        ------
        PolicyError
            If the kind is not followed.
        """
        route, seen = self._route(decision), self._now.seen[decision]
        if seen is None:
            return Standing(
                decision=decision,
                day=self.day,
                policy=None,
                outcome=None,
                domains={},
                requirements={},
                models=(),
            )
        view, decided = route.policies[seen.at], seen.decided
        return Standing(
            decision=decision,
            day=self.day,
            policy=view.used.id,
            outcome=decided.outcome,
            domains={
                d[i].name: d[i].level for d, i in zip(view.domains, decided.levels, strict=True)
            },
            requirements={
                r[i].name: r[i].level
                for r, i in zip(view.requirements, decided.requirements, strict=True)
            },
            models=tuple(
                _model_standing(route.models[m].model.name, found, band)
                for (m, found), band in zip(seen.assessments.items(), decided.bands, strict=True)
            ),
            valid_until=self.day + dt.timedelta(days=view.compiled.policy.validity_days),
        )

    def standings(self) -> dict[str, Standing]:
        """Where each kind stands."""
        return {kind: self.standing(kind) for kind in self.kinds}

    def text(self, lang: str = "nl") -> str:
        """Where each kind stands, in ``nl`` or ``en``: outcome, what is weighed, probabilities."""
        return "\n".join(_lines(self, check_language(lang))) + "\n"

    def __str__(self) -> str:
        return self.text()

    def _route(self, decision: str) -> Any:
        if decision not in self.routes.routes:
            raise PolicyError(
                f"{decision!r} is not followed; expected one of {', '.join(self.kinds)}"
            )
        return self.routes.routes[decision]

    def _with(self, table: str, given: Any) -> Dossier:
        """The table with the fact after those that there are, validated together."""
        person, rows = self.dossier.person, getattr(self.dossier, table)
        today = dt.date.today()
        try:
            fact = msgspec.convert(msgspec.to_builtins(given), tables()[table].row)
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
            fact = None
        if fact is not None:
            one: dict[str, Any] = {"person_id": self.dossier.person_id, table: [*rows, fact]}
            grown = Dossier(person=person, **one)
            if fits_together(grown, today):
                return grown
        plain = {"person_id": self.dossier.person_id, "person": person, table: [*rows, given]}
        return read_dossier(plain, recorded_by=today)  # which says what is wrong

    def _take_in(self, grown: Dossier, table: str, at: FactRef) -> list[Moved]:
        places, function = self.routes.touched_by(_touching(grown, table))
        values = list(self._now.values)
        for place, value in zip(places, function(grown, self.day), strict=True):
            values[place] = value
        return self._become(Snapshot(grown, self.day, values, {}), at)

    def _become(self, snapshot: Snapshot, fact: FactRef | None) -> list[Moved]:
        before = self._now
        seen = self._look(snapshot.day, snapshot.values, before.seen)
        self._now = snapshot._replace(seen=seen)
        self._results = {}
        change = Change(self.routes, before, self._now, fact)
        moved = moved_between(change, self._told, self.step)
        self._told |= {
            name: found.probability
            for name, (_, found) in self._assessed.items()
            if name not in self._told
        }
        for one in moved:
            if one.what == "probability":
                self._told[one.name] = self._assessed[one.name][1].probability
        return moved

    def _look(
        self, day: dt.date, values: Sequence[float], before: dict[str, Seen | None]
    ) -> dict[str, Seen | None]:
        """What is seen for each kind; what did not change is what was seen before."""
        self.routes.screener.bundle.check_usable(day)
        return {kind: self._look_at(kind, day, values, before.get(kind)) for kind in self.kinds}

    def _look_at(
        self, kind: str, day: dt.date, values: Sequence[float], before: Seen | None
    ) -> Seen | None:
        route = self.routes.routes[kind]
        own = [values[i] for i in self.routes.columns[kind]]
        judged_on = None
        if route.judgment is not None and own[route.judgment] == own[route.judgment]:
            judged_on = day + dt.timedelta(days=int(own[route.judgment]))
        try:
            at = route.version(day, judged_on)
        except PolicyError:
            return None
        assessments = {m: self._assess(kind, m, own) for m in route.models_of[at]}
        inputs = route.inputs_of(at, own)
        if before is not None and _is_same(route, before, at, assessments, inputs):
            return Seen(at, own, assessments, before.decided)
        decided = route.policies[at].compiled.decide_one(
            inputs, [score_of(assessment) for assessment in assessments.values()]
        )
        return Seen(at, own, assessments, decided)

    def _assess(self, kind: str, m: int, own: Sequence[float]) -> Assessment:
        """What a model says; asked again only if one of its features changed."""
        route = self.routes.routes[kind]
        view = route.models[m]
        features = [own[i] for i in route.model_inputs[m]]
        key = _bits(features)
        known = self._assessed.get(view.model.name)
        if known is None or known[0] != key:
            known = self._assessed[view.model.name] = key, view.program.assess_one(features)
        return known[1]


def _first_day(dossier: Dossier, day: dt.date | str | None) -> dt.date:
    """The first day of a picture: as given, and not before the facts that there are."""
    recorded = any(getattr(dossier, name) for name in tables())
    if day is None:
        if not recorded:
            raise DossierError("there are no facts yet; give the first day of the picture")
        return latest_day(dossier)
    first = check_day(day)
    if recorded and first < latest_day(dossier):
        raise DossierError(
            f"the picture cannot begin on {first}: a fact was recorded on {latest_day(dossier)}; "
            "expected that day or later"
        )
    if first < dossier.person.birth_date:
        raise DossierError(
            f"day is {first}, before the birth of {dossier.person_id} on "
            f"{dossier.person.birth_date}; expected a later day"
        )
    return first


def _touching(dossier: Dossier, table: str) -> tuple[str, ...]:
    """The tables whose features the last fact of a table can touch.

    That a register was consulted touches what is made of the table that it is about. A correction
    of an inquiry may be about another table than the inquiry that it corrects.
    """
    if table != "inquiries":
        return (table,)
    fact = dossier.inquiries[-1]
    if fact.supersedes is None:
        return ("inquiries", fact.subject)
    return tuple(tables())


def _is_same(
    route: Any, before: Seen, at: int, assessments: dict[int, Assessment], inputs: Sequence[float]
) -> bool:
    """Whether a version has before it what it had: then it decides what it decided."""
    return (
        before.at == at
        and all(before.assessments.get(m) is found for m, found in assessments.items())
        and _bits(route.inputs_of(at, before.values)) == _bits(inputs)
    )


def _bits(values: Sequence[float]) -> bytes:
    return pack(f"{len(values)}d", *values)


def _model_standing(name: str, found: Assessment, band: int) -> ModelStanding:
    return ModelStanding(name, *score_of(found)[:3], band, score_of(found).supported)


# --- in words ---------------------------------------------------------------------------------


def _lines(picture: CurrentPicture, lang: Lang) -> Iterator[str]:
    yield say(
        "phrase",
        "person",
        lang,
        person_id=picture.dossier.person_id,
        as_of=say_date(picture.day, lang),
    )
    for kind in picture.kinds:
        if picture.standing(kind).outcome is None:
            yield tell("standing", "no_policy", lang, decision=kind)
            continue
        result = picture.result(kind)
        outcome = say_outcome(result, result.outcome, lang)
        yield tell("standing", "kind", lang, title=result.policy.title, outcome=outcome)
        for found in result.domains:
            if found.name in SAID_DOMAINS:
                yield f"  - {found.title.text(lang)}: {found.text.text(lang)}"
        bands = picture.standing(kind).models
        for model, standing in zip(result.models, bands, strict=True):
            yield f"  - {_probability(model, standing, lang)}"


def _probability(model: ModelFound, standing: ModelStanding, lang: Lang) -> str:
    told: dict[str, Any] = {
        "outcome": model.outcome,
        "probability": say_percent(model.probability, lang),
        "band": standing.band + 1,
    }
    if model.lower is None or model.upper is None:
        return tell("standing", "probability", lang, **told)
    told |= {"lower": say_percent(model.lower, lang), "upper": say_percent(model.upper, lang)}
    return tell("standing", "interval", lang, **told)
