"""The people of a simulation: their stay, their prison, and what is true of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ImpactError
from risicoscreener.features.index import Index

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import DossierTables

Days = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Labels = npt.NDArray[np.str_]

TRUE_COLUMNS = ("failure", "offence_per_day", "dangerous")
"""What the truth says of each person; see `People.of`."""
NOT_SET = -1
"""Stands for a day that is not known."""
UNKNOWN_PRISON = "unknown"


@dataclass(frozen=True, eq=False)
class People:
    """People who may ask for liberties, as arrays of shape (n,).

    Days are counted from 1970-01-01.

    Attributes
    ----------
    dossiers
        What is known of them, in the same order.
    arrived, release, conditional
        First day of the stay, the day of release as far as it is known (or expected), and the date
        of conditional release; -1 where there is none.
    sentence_days
        Length of the sentence; 0 where there is none.
    prison
        Where they are at the end of the stay.
    groups
        Labels by the name of an attribute, to report by.
    failure
        True probability that one liberty fails.
    offence_per_day
        True hazard of an offence on a day outside.
    dangerous
        Whether a deep assessment should be unfavourable.
    """

    dossiers: DossierTables
    arrived: Days
    release: Days
    conditional: Days
    sentence_days: Days
    prison: Labels
    groups: Mapping[str, Labels]
    failure: FloatArray
    offence_per_day: FloatArray
    dangerous: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.release)

    def __repr__(self) -> str:
        return f"<People {len(self):,} in {len(set(self.prison.tolist()))} prisons>"

    @classmethod
    def of(
        cls,
        dossiers: DossierTables,
        index: pd.DataFrame,
        truth: pd.DataFrame,
        *,
        groups: Mapping[str, npt.ArrayLike] | None = None,
    ) -> People:
        """People from dossiers, a day inside the stay that is meant, and the truth.

        Parameters
        ----------
        dossiers
            Validated tables.
        index
            ``person_id`` and ``as_of``, one row for each person: a day inside the stay.
        truth
            By ``person_id``: ``failure`` (probability that one liberty fails), ``offence_per_day``
            (hazard of an offence on a day outside, per day), ``dangerous`` (0 or 1: whether a deep
            assessment should be unfavourable).
            `risicoscreener.synthetic.at_liberty` gives it for a synthetic cohort.
        groups
            Labels of the people in the order of the index, by name of an attribute.

        Raises
        ------
        ImpactError
            If someone has two rows, no stay on the day, or no truth.
        DossierError
            If the index names someone who is not in the dossiers.
        """
        at = Index.of(dossiers, index)
        order = np.argsort(at.positions, kind="stable")
        positions, days = at.positions[order], at.days[order].astype(np.int64)
        twice = np.flatnonzero(np.diff(positions) == 0)
        if len(twice):
            who = dossiers.person_ids[int(positions[twice[0]])].as_py()
            raise ImpactError(f"the index has {who} twice; expected one day for each person")
        kept = dossiers.select(positions)
        ids = [str(one) for one in kept.person_ids.to_pylist()]
        stays = _stays(kept, ids, days)
        true = _truth(truth, ids)
        labels = {"sex": np.asarray(kept.to_pandas("persons")["sex"].astype(str), dtype=str)}
        for name, given in (groups or {}).items():
            found = np.asarray(given).astype(str)
            if found.shape != (len(order),):
                raise ImpactError(
                    f"groups {name!r} has shape {found.shape}; expected ({len(order)},), a label "
                    "for each row of the index"
                )
            labels[name] = found[order]
        return cls(kept, **stays, groups=labels, **true)

    def are_those_of(self, other: People) -> bool:
        """Whether the other has the same people, with the same stays and the same truth."""
        names = ("arrived", "release", "conditional", "sentence_days", *TRUE_COLUMNS)
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)

    def with_sentence_of(self, days: int) -> People:
        """Those with a sentence of at least so many days and a day of release: who may ask."""
        chosen = np.flatnonzero((self.sentence_days >= days) & (self.release != NOT_SET))
        if not len(chosen):
            raise ImpactError(f"nobody has a sentence of {days} days; expected somebody to ask")
        return self.at(chosen)

    def at(self, chosen: npt.NDArray[np.intp]) -> People:
        """The people at some positions, which ascend."""
        arrays = {
            name: getattr(self, name)[chosen]
            for name in ("arrived", "release", "conditional", "sentence_days", "prison")
        }
        true = {name: getattr(self, name)[chosen] for name in TRUE_COLUMNS}
        groups = {name: labels[chosen] for name, labels in self.groups.items()}
        return People(self.dossiers.select(chosen), **arrays, groups=groups, **true)


def _stays(dossiers: DossierTables, ids: list[str], days: Days) -> dict[str, Any]:
    """The stay of each person on their day, as it was last recorded."""
    import pandas as pd

    rows = dossiers.to_pandas("detentions")
    rows["person"] = dossiers.owners("detentions")
    replaced = rows.loc[rows["supersedes"].notna(), ["person", "supersedes"]]
    gone = pd.MultiIndex.from_frame(replaced)
    named = pd.MultiIndex.from_arrays([rows["person"], rows["fact_id"]])
    rows = rows[~named.isin(gone) & ~rows["void"].to_numpy(bool)]
    ends = rows["released_on"].fillna(rows["expected_release_on"])
    begin, end = _days(rows["arrived_on"]), _days(ends)
    of = rows["person"].to_numpy()
    there = (begin <= days[of]) & ((end > days[of]) | (end == NOT_SET))
    rows, begin, end, of = rows[there], begin[there], end[there], of[there]
    last = pd.Series(np.arange(len(of))).groupby(of).last().reindex(range(len(ids)))
    lacking = np.flatnonzero(last.isna().to_numpy())
    place = last.fillna(-1).to_numpy(int)
    if len(lacking):
        who = int(lacking[0])
        day = np.datetime64(int(days[who]), "D")
        raise ImpactError(f"{ids[who]} has no stay on {day}; expected one for each person")
    prison = rows["prison"].astype(object).where(rows["prison"].notna(), UNKNOWN_PRISON)
    return {
        "arrived": begin[place],
        "release": end[place],
        "conditional": _days(rows["conditional_release_on"])[place],
        "sentence_days": rows["sentence_days"].fillna(0).to_numpy(np.int64)[place],
        "prison": np.asarray(prison.to_numpy(), dtype=str)[place],
    }


def _days(dates: pd.Series[Any]) -> Days:
    found = dates.to_numpy("datetime64[D]")
    known = ~np.isnat(found)
    return np.where(known, found.astype(np.int64), NOT_SET)


def _truth(truth: pd.DataFrame, ids: list[str]) -> dict[str, Any]:
    frame = truth.set_index("person_id") if "person_id" in truth.columns else truth
    absent = [name for name in TRUE_COLUMNS if name not in frame.columns]
    if absent:
        raise ImpactError(f"the truth has no {', '.join(absent)}; expected {TRUE_COLUMNS}")
    found = frame.reindex(ids)[list(TRUE_COLUMNS)]
    values = {name: found[name].to_numpy(np.float64) for name in TRUE_COLUMNS}
    for name, column in values.items():
        wrong = ~(column >= 0) | (column > 1)
        if wrong.any():
            who = int(np.flatnonzero(wrong)[0])
            raise ImpactError(
                f"the truth of {ids[who]} has {name} = {column[who]}; expected one from 0 to 1"
            )
    return {**values, "dangerous": values["dangerous"] >= 0.5}
