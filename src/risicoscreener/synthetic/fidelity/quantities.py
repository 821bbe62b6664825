"""What a dossier says of a person on a day, in some thirty quantities: each defined here alone."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.dossier import schema
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.synthetic.fidelity.facts import Facts, index_days, known
from risicoscreener.synthetic.stages.draws import Array

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier.tables import DossierTables

DAYS_PER_YEAR = 365.25
DAYS_PER_WEEK = 7.0


@cache
def structure() -> dict[str, Any]:
    """What the data file ``structure.toml`` says: quantities, pairs and their order."""
    path = files("risicoscreener.synthetic.fidelity") / "structure.toml"
    return tomllib.loads(path.read_text("utf-8"))


def quantities(
    tables: DossierTables, as_of: dt.date | pd.Series[Any] | pd.DataFrame
) -> pd.DataFrame:
    """What the dossiers say of each person on a day.

    Only facts recorded by that day count, and of them only what had come true. What was not
    inquired is unknown, not none.

    Parameters
    ----------
    as_of
        One day, days by ``person_id``, or a frame with ``person_id`` and ``as_of``.

    Returns
    -------
    pandas.DataFrame
        One row for each person, by ``person_id``. Numbers and yes (1) or no (0) are floats, NaN
        where unknown; codes without an order are categories. ``structure.toml`` says what each
        column means and its unit.

    Raises
    ------
    DataError
        If a person has no day, or several.
    """
    import pandas as pd

    dossier = _Dossiers(tables, index_days(tables, as_of))
    columns = {
        **_person(dossier),
        **_stay(dossier),
        **_history(dossier),
        **_circumstances(dossier),
        **_care(dossier),
        **_conduct(dossier),
        **_programme(dossier),
        **_decisions(dossier),
    }
    return pd.DataFrame(columns, index=pd.Index(tables.person_ids.to_pandas(), name="person_id"))


@dataclass
class _Dossiers:
    """Dossiers as of a day of each person, with what several quantities need."""

    tables: DossierTables
    as_of: Array

    def __post_init__(self) -> None:
        stays = self.visible("detentions")
        begun = stays.where(stays.days("arrived_on") <= self.as_of[stays.owner])
        self.stays = begun
        self._arrived = begun.last(begun.days("arrived_on"), begun.days("arrived_on"))
        self._consulted = self.visible("inquiries")

    def visible(self, name: str) -> Facts:
        return Facts.visible(self.tables, name, self.as_of)

    @property
    def arrived(self) -> Array:
        """Arrival of the present stay; the day itself for who has none."""
        return np.where(np.isnan(self._arrived), self.as_of, self._arrived)

    def is_known(self, subject: str, facts: Facts) -> Array:
        """Whether a register was consulted on a subject, or a fact shows that someone looked."""
        asked = self._consulted.has("subject", subject) & (self._consulted.numbers("complete") > 0)
        return (self._consulted.count(asked) > 0) | (facts.count() > 0)


def _categories(places: Array, codes: tuple[str, ...]) -> Any:
    import pandas as pd

    return pd.Categorical.from_codes(
        np.nan_to_num(places, nan=-1).astype(np.int64), pd.Index(codes)
    )


def _person(d: _Dossiers) -> dict[str, Any]:
    people = d.tables.tables["persons"]
    born = people.column("birth_date").cast("int32").to_numpy().astype(np.float64)
    sex = people.to_pandas()["sex"].to_numpy()
    return {
        "age": (d.as_of - born) / DAYS_PER_YEAR,
        "female": known(sex == "female", sex != "unknown"),
        "origin_group": _origin(d),
    }


def _origin(d: _Dossiers) -> Any:
    import pandas as pd

    audit = d.visible("audit")
    of_origin = audit.where(audit.has("attribute", "origin_group"))
    values = of_origin.texts("value").to_pandas().to_numpy()
    found = np.full(d.tables.n_persons, None, dtype=object)
    found[of_origin.owner] = values
    return pd.Categorical(found)


def _stay(d: _Dossiers) -> dict[str, Any]:
    stays = d.stays
    arrived = stays.days("arrived_on")
    regime = stays.last(arrived, stays.codes("regime").astype(np.float64))
    expected = stays.last(arrived, stays.days("expected_release_on"))
    return {
        "regime": _categories(regime, stays.spec.columns["regime"].codes),
        "days_served": d.as_of - d.arrived,
        "sentence_days": stays.last(arrived, stays.numbers("sentence_days")),
        "days_to_release": expected - d.as_of,
        "earlier_stays": stays.count(arrived < d.arrived[stays.owner]),
    }


def _history(d: _Dossiers) -> dict[str, Any]:
    cases = d.visible("convictions")
    is_index = cases.numbers("index_offence") > 0
    index = cases.where(is_index)
    judged = index.days("judged_on")
    offence_class = index.last(judged, index.codes("offence_class").astype(np.float64))
    prior = cases.where(~is_index & (cases.days("offence_on") < d.arrived[cases.owner]))
    on = prior.days("offence_on")
    violent = prior.has("offence_class", "@violent", vocabulary="offence_class")
    born = d.tables.tables["persons"].column("birth_date").cast("int32").to_numpy()
    codes = vocabularies()["offence_class"]
    is_violent = np.isin(offence_class, [codes.codes.index(c) for c in codes.groups["violent"]])
    number = prior.count()
    return {
        "prior_cases": number,
        "prior_violent_cases": prior.count(violent),
        "age_at_first_case": (prior.least(on) - born) / DAYS_PER_YEAR,
        "years_since_last_case": (d.as_of - prior.last(on, on)) / DAYS_PER_YEAR,
        "index_class": _categories(offence_class, codes.codes),
        "index_violent": known(is_violent, ~np.isnan(offence_class)),
        "index_severity": index.last(judged, index.numbers("severity")),
    }


def _circumstances(d: _Dossiers) -> dict[str, Any]:
    debts, housing, income = (d.visible(name) for name in ("debts", "housing", "income_work"))
    still = np.isnan(debts.days("until"))
    debts_known = d.is_known("debts", debts)
    return {
        "debts": known(debts.count(still), debts_known),
        "debts_eur": known(debts.total(debts.numbers("amount_eur") * still), debts_known),
        "homeless": _latest(d, housing, "status", "none", "shelter"),
        "in_work": _latest(d, income, "kind", "work"),
        "no_income": _latest(d, income, "kind", "none"),
    }


def _latest(d: _Dossiers, spells: Facts, column: str, *codes: str) -> Array:
    """Whether the spell that began last by the day has one of some codes."""
    begun = spells.where(spells.days("from_on") <= d.as_of[spells.owner])
    return begun.last(begun.days("from_on"), begun.has(column, *codes).astype(np.float64))


_CARE = {
    "no_id": ("valid_id", "no"),
    "uninsured": ("health_insurance", "no"),
    "treated": ("treatment", "yes"),
    "addicted": ("addiction", "yes"),
    "disordered": ("mental_health", "yes"),
    "disabled": ("intellectual_disability", "yes"),
}


def _care(d: _Dossiers) -> dict[str, Any]:
    care = d.visible("identity_care")
    clear = care.where(care.has("finding", "yes", "no"))
    return {
        name: _latest(d, clear.where(clear.has("kind", kind)), "finding", finding)
        for name, (kind, finding) in _CARE.items()
    }


def _conduct(d: _Dossiers) -> dict[str, Any]:
    conduct = d.visible("conduct")
    conduct = conduct.where(conduct.days("occurred_on") >= d.arrived[conduct.owner])
    incident, review = conduct.has("kind", "incident"), conduct.has("kind", "week_review")
    undesired = conduct.has("grade", "undesired", "intolerable")
    reviews = conduct.count(review)
    punished = ~conduct.has("discipline", "none")
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(reviews > 0, conduct.count(review & undesired) / reviews, np.nan)
    return {
        "incidents": conduct.count(incident),
        "sanctioned": (conduct.count(punished) > 0).astype(np.float64),
        "undesired_reviews": share,
    }


def _programme(d: _Dossiers) -> dict[str, Any]:
    programme = d.visible("programme")
    on = programme.days("occurred_on")
    programme = programme.where((on >= d.arrived[programme.owner]) & (on <= programme.known_on))
    moves = programme.where(programme.has("kind", "promotion", "degradation"))
    goals = programme.has("kind", "goal")
    labour = programme.where(programme.has("kind", "labour"))
    hours = labour.numbers("hours")
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_hours = labour.total(hours) / labour.count(~np.isnan(hours))
    weeks = np.maximum((d.as_of - d.arrived) / DAYS_PER_WEEK, 1.0)
    promoted = moves.has("kind", "promotion").astype(np.float64)
    return {
        "on_plus": np.nan_to_num(moves.last(moves.days("occurred_on"), promoted)),
        "goals": programme.count(goals),
        "goals_met": programme.count(goals & programme.has("status", "met")),
        "labour_hours": mean_hours,
        "visits_per_week": programme.count(programme.has("kind", "visit")) / weeks,
    }


def _decisions(d: _Dossiers) -> dict[str, Any]:
    liberties, victims, assessments = (
        d.visible(name) for name in ("liberties", "victims", "assessments")
    )
    leave = liberties.has("kind", "@leave", vocabulary="liberty_kind")
    begun = leave & (liberties.days("started_on") <= liberties.known_on)
    failed = leave & liberties.has("outcome", "@failed", vocabulary="liberty_outcome")
    return {
        "leaves": liberties.count(begun),
        "leaves_denied": liberties.count(leave & liberties.has("decision", "denied")),
        "leave_failed": known(liberties.count(failed) > 0, liberties.count(begun) > 0),
        "victim_interest": _latest_interest(victims),
        "assessed": (assessments.count() > 0).astype(np.float64),
    }


def _latest_interest(victims: Facts) -> Array:
    return victims.last(
        victims.days("known_on"), victims.has("interest", "known").astype(np.float64)
    )


@dataclass(frozen=True)
class Release:
    """When the stay of the index day ended, and when the registers were read.

    Attributes
    ----------
    arrived, released
        Days since 1970-01-01 by person; NaN where no stay was known on the index day, or its end
        is not in the register.
    read_on
        Last day on which anything was recorded.
    """

    arrived: Array
    released: Array
    read_on: float

    @classmethod
    def of(cls, tables: DossierTables, as_of: Array) -> Release:
        """The stay during which each person's index day falls."""
        stays = Facts.standing(tables, "detentions")
        begun = stays.where(stays.days("arrived_on") <= as_of[stays.owner])
        arrived = begun.days("arrived_on")
        released = begun.last(arrived, begun.days("released_on"))
        after = released >= as_of
        return cls(
            known(begun.last(arrived, arrived), after), known(released, after), read_on(tables)
        )


def read_on(tables: DossierTables) -> float:
    """Last day on which a fact was recorded, in days since 1970-01-01; NaN without facts."""
    found = [Facts.standing(tables, name) for name in schema.tables()]
    return max((float(f.days("recorded_at").max()) for f in found if len(f)), default=np.nan)


def first_case_after(tables: DossierTables, release: Release) -> Array:
    """Days from release to the first registered case, NaN where none is registered."""
    cases = Facts.standing(tables, "convictions")
    after = cases.days("offence_on") - release.released[cases.owner]
    is_new = (after > 0) & ~(cases.numbers("index_offence") > 0)
    return cases.where(is_new).least(after[is_new])


def reoffended(tables: DossierTables, as_of: Array) -> Array:
    """Whether a case after release is registered within the horizon, NaN where it is too early."""
    terms = structure()["reoffending"]
    release = Release.of(tables, as_of)
    first = first_case_after(tables, release)
    is_ripe = release.released + terms["read_after_days"] <= release.read_on
    return known(first <= terms["horizon_days"], is_ripe)
