"""What a cohort is like: marginals, dependence and time structure of its dossiers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.tables import DossierTables
from risicoscreener.errors import DataError
from risicoscreener.synthetic.cohort import Cohort
from risicoscreener.synthetic.fidelity.dependence import (
    Dependence,
    StructureCheck,
    check_structure,
    dependence,
)
from risicoscreener.synthetic.fidelity.facts import index_days
from risicoscreener.synthetic.fidelity.marginals import Marginals, marginals
from risicoscreener.synthetic.fidelity.quantities import quantities, reoffended
from risicoscreener.synthetic.fidelity.timing import TimeStructure, time_structure

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Description:
    """What the dossiers of a cohort are like.

    Attributes
    ----------
    quantities
        Person-level quantities on the index day, by ``person_id``, and ``reoffended``: whether a
        case within two years after release is registered, unknown where it is too early.
    marginals, dependence, structure, time
        The three parts, and whether the dependence is as the causal structure prescribes.
    """

    quantities: pd.DataFrame
    marginals: Marginals
    dependence: Dependence
    structure: StructureCheck
    time: TimeStructure

    @property
    def n_persons(self) -> int:
        """Number of people."""
        return len(self.quantities)

    def to_dict(self) -> dict[str, Any]:
        """All parts as plain values, and the number of people; not the people themselves."""
        names = ("marginals", "dependence", "structure", "time")
        return {"people": self.n_persons, **{n: getattr(self, n).to_dict() for n in names}}

    def to_markdown(self) -> str:
        """All parts as Markdown; of the dependence only what the causal structure is about."""
        parts = (self.structure, self.time, self.marginals)
        return "\n\n".join([f"## {self._title}", *(part.to_markdown() for part in parts)])

    def _repr_html_(self) -> str:
        parts = (self.structure, self.time, self.marginals)
        return f"<h3>{self._title}</h3>" + "".join(part._repr_html_() for part in parts)

    @property
    def _title(self) -> str:
        return f"Dossiers of {self.n_persons:,} people"

    def __repr__(self) -> str:
        return f"Description of {self.n_persons} people"


def describe(
    source: Cohort | DossierTables,
    as_of: dt.date | pd.Series[Any] | pd.DataFrame | None = None,
) -> Description:
    """What the dossiers of a cohort, or of tables of one's own, are like.

    Parameters
    ----------
    source
        A synthetic cohort, or tables in the form of the dossier.
    as_of
        The index day: one day, days by ``person_id``, or a frame with ``person_id`` and
        ``as_of``. A cohort has its own.

    Raises
    ------
    DataError
        If there is no index day for someone.

    Examples
    --------
    >>> from risicoscreener.synthetic import simulate
    >>> described = describe(simulate(200, seed=1))
    >>> described.n_persons
    200
    """
    dossiers, given = _dossiers_of(source, as_of)
    days = index_days(dossiers, given)
    found = quantities(dossiers, given)
    with_outcome = found.assign(reoffended=reoffended(dossiers, days))
    return Description(
        quantities=with_outcome,
        marginals=marginals(dossiers, with_outcome),
        dependence=dependence(with_outcome),
        structure=check_structure(with_outcome),
        time=time_structure(dossiers, days),
    )


def _dossiers_of(source: Cohort | DossierTables, as_of: Any) -> tuple[DossierTables, Any]:
    if isinstance(source, Cohort):
        own = source.truth.persons["as_of"]
        return source.tables, own if as_of is None else as_of
    if not isinstance(source, DossierTables):
        what = f"there is nothing to describe in a {type(source).__name__}"
        raise DataError(f"{what}; expected a Cohort or DossierTables")
    if as_of is None:
        what = "tables have no index day of their own"
        raise DataError(f"{what}; give as_of: one day, or days by person_id")
    return source, as_of
