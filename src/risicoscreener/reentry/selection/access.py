"""Who is reached: access by group, and what equal access would cost.

Groups are attributes for audits. They are looked at afterwards and never order anybody.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import ReentryError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.groups.disclosure import (
    Disclosure,
    Hidden,
    Relation,
    hidden_cells,
)
from risicoscreener.evaluation.intervals import share_estimate
from risicoscreener.evaluation.sample import texts_of
from risicoscreener.evaluation.uplift import Compared, first_share, policy_difference
from risicoscreener.reentry.selection.proposals import Allocation
from risicoscreener.reentry.selection.wording import say
from risicoscreener.texts import Lang, check_language, sections_as_text

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier.tables import DossierTables

FloatArray = npt.NDArray[np.float64]
Labels = npt.NDArray[np.str_]
EVERYBODY, UNKNOWN_GROUP = "", "unknown"
CONSIDERED = ("proposed", "waiting", "no_gain_expected", "outside", "no_capacity")
"""Statuses of who needs the help and does not refuse it."""


@dataclass(frozen=True)
class Access:
    """One group.

    Attributes
    ----------
    by, group
        Attribute and label; both empty for everybody.
    n, proposed
        People who come into consideration, and those proposed; None where hidden.
    rate, rate_gaining
        ``access_rate``, and ``access_rate_gaining`` of those with an expected gain.
    hidden
        ``small``, ``derivable`` or empty.
    """

    by: str
    group: str
    n: int | None
    proposed: int | None
    rate: Estimate
    rate_gaining: Estimate
    hidden: Hidden = ""


@dataclass(frozen=True)
class AccessTable:
    """Groups beside each other, everybody first."""

    groups: tuple[Access, ...]
    disclosure: Disclosure

    def __iter__(self) -> Any:
        return iter(self.groups)

    def __getitem__(self, label: str) -> Access:
        for one in self.groups:
            if one.group == label:
                return one
        raise KeyError(label)

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each group."""
        import pandas as pd

        rows = []
        for one in self.groups:
            row: dict[str, Any] = {"by": one.by, "group": one.group, "n": one.n}
            row["proposed"] = one.proposed
            for figure in (one.rate, one.rate_gaining):
                row |= {figure.name: figure.value, f"{figure.name}_low": figure.low}
                row[f"{figure.name}_high"] = figure.high
            row["hidden"] = say("access", "hidden", lang) if one.hidden else ""
            rows.append(row)
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        groups = [
            {
                "by": one.by,
                "group": one.group,
                "n": one.n,
                "proposed": one.proposed,
                "rate": one.rate.to_dict(),
                "rate_gaining": one.rate_gaining.to_dict(),
                "hidden": one.hidden,
            }
            for one in self.groups
        ]
        return {"groups": groups, "disclosure": asdict(self.disclosure)}

    def text(self, lang: str = "nl") -> str:
        """A line for each group."""
        spoken = check_language(lang)
        lines = []
        for one in self.groups:
            name = _called(one, spoken)
            if one.hidden:
                lines.append(f"{name}: {say('access', 'hidden', spoken)}")
                continue
            rate = one.rate.text(spoken, 2)
            lines.append(say("access", "line", spoken, name=name, rate=rate, n=one.n))
        return sections_as_text([(say("access", "title", spoken), lines)])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.3f}".format, index=False, escape=True)


def _called(one: Access, lang: Lang) -> str:
    """A group as people read it: by its vocabulary, if it has one."""
    if not one.by:
        return say("access", "everybody", lang)
    sex, attributes = vocabularies()["sex"], vocabularies()["audit_attribute"]
    if one.by == sex.name:
        return f"{sex.title[lang].lower()} {sex.label(one.group, lang)}"
    by = attributes.label(one.by, lang) if one.by in attributes.codes else one.by
    group = say("access", "unknown", lang) if one.group == UNKNOWN_GROUP else one.group
    return f"{by} {group}"


def access_by_group(
    allocation: Allocation,
    groups: Mapping[str, npt.ArrayLike],
    *,
    disclosure: Disclosure | None = None,
    level: float = 0.95,
) -> AccessTable:
    """Which part of each group that needs the help is proposed.

    Parameters
    ----------
    groups
        By attribute labels in the order of ``allocation.proposals``; `audit_groups` gives them.
    disclosure
        What is too small to be shown: fewer than 10 people, or fewer than 5 with or without a
        place, unless it says otherwise. A group whose figures follow from others is hidden too.
    level
        Of the intervals, after Wilson.

    Raises
    ------
    EvaluationError
        If a label is missing or their number is not that of the people.
    """
    rule = disclosure or Disclosure()
    proposals = allocation.proposals
    considered = np.array([one.status in CONSIDERED for one in proposals], dtype=bool)
    if not considered.any():
        raise ReentryError("nobody comes into consideration; there is no access to look at")
    gaining = considered & np.array([not one.effect <= 0 for one in proposals], dtype=bool)
    placed = np.array([one.status == "proposed" for one in proposals], dtype=bool)
    sample = Sample.of(np.zeros(len(placed)), placed.astype(float))
    made = _Maker(sample, considered, gaining, placed, level)
    found = [made.of("", EVERYBODY, np.ones(len(placed), dtype=bool), "")]
    for by, labels in groups.items():
        found += _attribute(made, by, texts_of(labels, len(placed), by), rule)
    return AccessTable(tuple(found), rule)


@dataclass(frozen=True, eq=False)
class _Maker:
    sample: Sample
    considered: npt.NDArray[np.bool_]
    gaining: npt.NDArray[np.bool_]
    placed: npt.NDArray[np.bool_]
    level: float

    def counts(self, mask: npt.NDArray[np.bool_], of: npt.NDArray[np.bool_]) -> tuple[int, int]:
        part = mask & of
        return int(part.sum()), int((part & self.placed).sum())

    def of(self, by: str, label: str, mask: npt.NDArray[np.bool_], hidden: Hidden) -> Access:
        names = ("access_rate", "access_rate_gaining")
        if hidden:
            empty = [Estimate(name, math.nan, problem="small_group") for name in names]
            return Access(by, label, None, None, empty[0], empty[1], hidden)
        n, proposed = self.counts(mask, self.considered)
        figures = [
            share_estimate(name, self.sample, mask & part, self.placed, self.level)
            for name, part in zip(names, (self.considered, self.gaining), strict=True)
        ]
        return Access(by, label, n, proposed, figures[0], figures[1])


def _attribute(made: _Maker, by: str, labels: Labels, rule: Disclosure) -> list[Access]:
    """Groups of one attribute; hidden if small among all or among those with a gain."""
    names = sorted(set(labels[made.considered].tolist()))
    masks = [labels == name for name in names]
    relation = [Relation(len(names), tuple(range(len(names))))]
    hidden = [False] * (len(names) + 1)
    why: list[Hidden] = [""] * (len(names) + 1)
    while True:  # what is hidden in one table is hidden in the other, until both agree
        for part in (made.considered, made.gaining):
            counts = [made.counts(mask, part) for mask in masks]
            whole = made.counts(np.ones(len(labels), dtype=bool), part)
            found = hidden_cells([*counts, whole], relation, rule, hidden)
            why = [old or new for old, new in zip(why, found, strict=True)]
        now = [bool(one) for one in why[:-1]] + [False]
        if now == hidden:
            break
        hidden = now
    return [
        made.of(by, name, mask, one) for name, mask, one in zip(names, masks, why[:-1], strict=True)
    ]


def audit_groups(
    dossiers: DossierTables, allocation: Allocation, attributes: Sequence[str] = ("origin_group",)
) -> dict[str, Labels]:
    """Labels for an audit, in the order of the proposals: sex, and attributes of the audit table.

    They are for `access_by_group` alone. Who has none is ``unknown``.
    """
    ids = [one.person_id for one in allocation.proposals]
    sex = dossiers.to_pandas("persons").set_index("person_id")["sex"].astype(str)
    found = {"sex": np.asarray(sex.reindex(ids).fillna(UNKNOWN_GROUP), dtype=str)}
    rows = dossiers.to_pandas("audit")
    rows = rows[~rows["void"].to_numpy(bool)]
    for name in attributes:
        own = rows[rows["attribute"].astype(str) == name]
        if not len(own):
            raise ReentryError(
                f"attribute {name!r} is not in the table audit; expected one that is, such as "
                f"{', '.join(sorted(set(rows['attribute'].astype(str)))) or '(none)'}"
            )
        latest = own.sort_values("recorded_at", kind="stable").drop_duplicates(
            "person_id", keep="last"
        )
        values = latest.set_index("person_id")["value"].astype(str).reindex(ids)
        found[name] = np.asarray(values.fillna(UNKNOWN_GROUP), dtype=str)
    return found


@dataclass(frozen=True)
class PriceOfAccess:
    """What it would cost to give every group its part.

    Attributes
    ----------
    least_ratio
        Fewest places of a group, per person, over those of everybody.
    capacity
        Part of the people for whom there is help.
    rates, equal_rates
        By group the part with a place, without and with the constraint; None where hidden.
    loss
        ``policy_difference`` of the free order over the constrained one, doubly robust.
    expected_loss
        The same by the values that ordered people.
    """

    least_ratio: float
    capacity: float
    rates: Mapping[str, float | None]
    equal_rates: Mapping[str, float | None]
    loss: Estimate
    expected_loss: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"loss": self.loss.to_dict()}

    def to_frame(self) -> pd.DataFrame:
        """A row for each group."""
        import pandas as pd

        return pd.DataFrame({"rate": self.rates, "equal_rate": self.equal_rates})

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.3f}".format, escape=True)


def price_of_equal_access(
    compared: Compared,
    value: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    capacity: float,
    least_ratio: float = 0.8,
    disclosure: Disclosure | None = None,
    level: float = 0.95,
) -> PriceOfAccess:
    """What a floor under the access of each group would cost, on people of a history.

    Each group first gets ``least_ratio * capacity`` of its people, those with its highest values;
    what is left goes to the highest values of all. With one attribute that is the best there is.

    Parameters
    ----------
    compared
        A history (`Findings.compared`).
    value
        ``(n,)``: what orders people, made without their own row; one scale for all.
    groups
        ``(n,)`` labels.
    capacity
        Part of the people for whom there is help.
    least_ratio
        In [0, 1].

    Notes
    -----
    An analysis to weigh rules by. Giving places by group is a different matter, in law as well,
    and `allocate` does not do it.
    """
    labels = texts_of(groups, len(compared), "groups")
    score = np.asarray(value, dtype=np.float64)
    if not (0 <= least_ratio <= 1 and 0 < capacity < 1):
        raise ReentryError(
            f"least_ratio is {least_ratio!r} and capacity {capacity!r}; expected parts from 0 to 1"
        )
    free = first_share(score, capacity, compared.weight)
    equal = _with_floor(score, labels, compared.weight, capacity, least_ratio)
    share = compared.weight / compared.weight.sum()
    names = sorted(set(labels.tolist()))
    rule = disclosure or Disclosure()
    hidden = {name for pi in (free, equal) for name in _hidden(labels, names, pi, rule)}
    rates = [
        {name: None if name in hidden else float(np.average(pi[labels == name])) for name in names}
        for pi in (free, equal)
    ]
    loss = policy_difference(compared, free, equal, level=level)
    return PriceOfAccess(
        least_ratio, capacity, rates[0], rates[1], loss, float(share @ (score * (free - equal)))
    )


def _with_floor(
    score: FloatArray, labels: Labels, weight: FloatArray, capacity: float, ratio: float
) -> FloatArray:
    kept = np.zeros(len(score))
    for name in set(labels.tolist()):
        rows = labels == name
        kept[rows] = first_share(score[rows], ratio * capacity, weight[rows])
    left = weight * (1 - kept)
    rest = capacity * weight.sum() - weight @ kept
    share = min(max(float(rest / left.sum()), 0.0), 1.0) if left.sum() > 0 else 0.0
    found: FloatArray = kept + (1 - kept) * first_share(score, share, left)
    return found


def _hidden(labels: Labels, names: list[str], treat: FloatArray, rule: Disclosure) -> set[str]:
    counts = [
        (int((labels == name).sum()), round(float(treat[labels == name].sum()))) for name in names
    ]
    whole = (sum(n for n, _ in counts), sum(e for _, e in counts))
    why = hidden_cells([*counts, whole], [Relation(len(names), tuple(range(len(names))))], rule)
    return {name for name, one in zip(names, why, strict=False) if one}
