"""What is read of people for help: needs, willingness, risk, and what comparing rests on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.decision.outcome import TRUE, UNKNOWN
from risicoscreener.errors import ReentryError
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.sensitivity import effective_sensitivity
from risicoscreener.reentry.reading import holds
from risicoscreener.reentry.selection.aids import RISK, Aid, Aids, check_features, shipped_aids

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.decision.policy import Test
    from risicoscreener.dossier.tables import DossierTables
    from risicoscreener.models.bundle import Bundle

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pictures:
    """People as of their day, as far as a kind of help reads them.

    Attributes
    ----------
    aid
        The kind of help.
    person_ids, days
        Who and when; days as ``datetime64[D]``.
    modifiers
        Frame of what may change the effect, the risk first; NaN for unknown.
    adjust
        Frame of what people must be alike in; NaN for unknown.
    needs
        ``(n, k)``: 1 there, 0 not there, NaN unknown; a column for each need of the aid.
    refused
        ``(n,)``: 1 refused, 0 not, NaN unknown.
    site
        ``(n,)``: the prison of the latest stay that was known on the day; empty if unknown.
    """

    aid: Aid
    person_ids: npt.NDArray[Any]
    days: npt.NDArray[np.datetime64]
    modifiers: pd.DataFrame
    adjust: pd.DataFrame
    needs: FloatArray
    refused: FloatArray
    site: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.person_ids)

    def __repr__(self) -> str:
        return f"<Pictures of {len(self):,} people for {self.aid.id}>"

    @property
    def risk(self) -> FloatArray:
        """``(n,)``: probability of the outcome by the model of the bundle."""
        found: FloatArray = self.modifiers[RISK].to_numpy()
        return found

    @property
    def need_level(self) -> FloatArray:
        """``(n,)``: how many needs are there; NaN if none is known to be there and one is unknown.

        For help that is for everybody it is 0.
        """
        there = np.nansum(self.needs, axis=1)
        unknown = np.isnan(self.needs).any(axis=1)
        return np.where((there == 0) & unknown, math.nan, there)

    def where(self, rows: npt.ArrayLike) -> Pictures:
        """Some of the people, by a mask or by their places."""
        kept = np.asarray(rows)
        places = np.flatnonzero(kept) if kept.dtype == bool else kept
        return Pictures(
            self.aid,
            self.person_ids[places],
            self.days[places],
            self.modifiers.iloc[places].reset_index(drop=True),
            self.adjust.iloc[places].reset_index(drop=True),
            self.needs[places],
            self.refused[places],
            self.site[places],
        )


def people_for(
    dossiers: DossierTables,
    index: Any,
    aid: str | Aid,
    *,
    bundle: Bundle | None = None,
    aids: Aids | None = None,
    definitions: Catalogue | None = None,
) -> Pictures:
    """Read people for a kind of help, from what was known on their day.

    Parameters
    ----------
    dossiers, index
        As of `compute_features`: a frame with person_id and as_of, or one day for everybody.
    aid
        A kind of help, or its id.
    bundle
        Gives the risk; the shipped one by default.
    aids
        Where the help and its waivers are defined; the shipped file by default.
    definitions
        Of features; the shipped ones by default.

    Raises
    ------
    ReentryError
        For a feature that is forbidden or about victims, or an unknown help.
    ModelError
        For a feature that stands for something protected without a waiver.
    """
    from risicoscreener.features.table import compute_features

    known = shipped_aids() if aids is None else aids
    chosen = known[aid] if isinstance(aid, str) else aid
    defined = catalogue() if definitions is None else definitions
    _check(chosen, known, defined)
    model = _bundle(bundle).model(chosen.risk)
    names = tuple(dict.fromkeys((*chosen.features, *model.features)))
    table = compute_features(dossiers, index, names, definitions=defined)
    frame = table.to_frame().reset_index(drop=True)
    risk = model.scorer.score_many(frame[list(model.features)].to_numpy()).probability
    modifiers = frame[list(chosen.modifiers)].copy()
    modifiers.insert(0, RISK, risk)
    return Pictures(
        chosen,
        np.asarray(table.person_ids.to_pylist(), dtype=object),
        np.asarray(table.days, dtype="datetime64[D]"),
        modifiers,
        frame[list(chosen.adjust)].copy(),
        _needs(chosen, frame),
        _refused(chosen, frame),
        _sites(dossiers, table.person_ids.to_pylist(), np.asarray(table.days)),
    )


def _check(aid: Aid, aids: Aids, definitions: Catalogue) -> None:
    from risicoscreener.models.checking import check_sensitivity

    check_features(aid, definitions, aid.id)
    kinds = effective_sensitivity(aid.features, definitions)
    check_sensitivity(list(aid.features), kinds, aids.waivers)


def _bundle(bundle: Bundle | None) -> Bundle:
    if bundle is not None:
        return bundle
    from risicoscreener.models.bundle import Bundle
    from risicoscreener.models.shipped import shipped_bundle_bytes

    return Bundle.load(shipped_bundle_bytes())


def _needs(aid: Aid, frame: pd.DataFrame) -> FloatArray:
    columns = [_held(need.tests, frame, every=True) for need in aid.needs]
    return np.column_stack(columns) if columns else np.zeros((len(frame), 0))


def _refused(aid: Aid, frame: pd.DataFrame) -> FloatArray:
    if not aid.refused:
        return np.zeros(len(frame))
    return _held(aid.refused, frame, every=False)


def _held(tests: Iterable[Test], frame: pd.DataFrame, *, every: bool) -> FloatArray:
    """1, 0 or NaN for each row: whether tests hold; equal rows are asked once."""
    tests = tuple(tests)
    names = list(dict.fromkeys(test.input for test in tests))
    rows = frame[names].to_numpy()
    kinds, place = np.unique(rows, axis=0, return_inverse=True, equal_nan=True)
    meaning = {TRUE: 1.0, UNKNOWN: math.nan}
    answers = [
        meaning.get(holds(tests, dict(zip(names, kind, strict=True)), every=every), 0.0)
        for kind in kinds
    ]
    return np.array(answers)[place.ravel()]


def have_a_stay(dossiers: DossierTables, people: Pictures) -> npt.NDArray[np.bool_]:
    """``(n,)``: of whom it was known on their day that they had come in."""
    days = people.days.astype(np.int64)  # since 1970, as the tables count
    found = _latest_stays(dossiers, people.person_ids.tolist(), days)
    return np.isin(np.arange(len(people)), found.index)


def _sites(dossiers: DossierTables, ids: list[str], days: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The prison of the latest stay of each person that was known on their day."""
    prisons = _latest_stays(dossiers, ids, days).reindex(range(len(ids))).astype(object)
    return np.asarray(prisons.where(prisons.notna(), "").to_numpy(), dtype=object)


def _latest_stays(dossiers: DossierTables, ids: list[str], days: npt.NDArray[Any]) -> pd.Series:
    """Prisons of the latest stay known on their day, by place, of those who have one."""
    import pandas as pd

    from risicoscreener.features.many import FAR, EventTables

    events, rows = EventTables(dossiers), slice(None)
    stays = dossiers.to_pandas("detentions")[["person_id", "prison"]].copy()
    for name in ("arrived_on", "recorded_at", "void"):
        stays[name] = events.rows("detentions", name, rows)
    replaced = events.replaced_on("detentions")
    stays["until"] = FAR if replaced is None else replaced
    asked = pd.DataFrame({"person_id": ids, "day": days, "row": np.arange(len(ids))})
    both = asked.merge(stays[stays["void"] <= 0], on="person_id")
    known = both["recorded_at"].le(both["day"]) & both["until"].gt(both["day"])
    there = both[known & both["arrived_on"].le(both["day"])].sort_values(
        ["row", "arrived_on"], kind="stable"
    )
    return there.drop_duplicates("row", keep="last").set_index("row")["prison"]


@dataclass(frozen=True, eq=False)
class History:
    """People of whom is known whether they received the help, and what became of them.

    Attributes
    ----------
    pictures
        As of the day before it could begin.
    received
        ``(n,)`` of 0.0 and 1.0.
    outcome
        ``(n,)`` of 0.0 and 1.0: 1 if things went well (no new offence).
    """

    pictures: Pictures
    received: FloatArray
    outcome: FloatArray

    def __len__(self) -> int:
        return len(self.pictures)

    @classmethod
    def of(cls, pictures: Pictures, received: npt.ArrayLike, reoffended: npt.ArrayLike) -> History:
        """History of people.

        Parameters
        ----------
        received
            ``(n,)``, 0 or 1: who received the help after the day of the picture.
        reoffended
            ``(n,)``, 0 or 1, of people who were all followed as long.

        Raises
        ------
        ReentryError
            If a value is missing or is not 0 or 1, or lengths differ.
        """
        columns = []
        for name, values in (("received", received), ("reoffended", reoffended)):
            array = np.asarray(values, dtype=np.float64)
            if array.shape != (len(pictures),):
                raise ReentryError(f"{name} has shape {array.shape}; expected ({len(pictures)},)")
            wrong = (array != 0) & (array != 1)
            if wrong.any():
                row = int(np.argmax(wrong))
                raise ReentryError(
                    f"{name} of {pictures.person_ids[row]} is {array[row]:g}; expected 0 or 1. "
                    "Leave out who was not followed to the end, and report how many"
                )
            columns.append(array)
        return cls(pictures, columns[0], 1.0 - columns[1])

    def in_need(self) -> History:
        """Only people with a need that is known to be there; all, if the help is for everybody."""
        if not self.pictures.aid.needs:
            return self
        rows = self.pictures.need_level > 0
        return History(self.pictures.where(rows), self.received[rows], self.outcome[rows])
