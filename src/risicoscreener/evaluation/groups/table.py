"""Every figure by group and by intersection of groups, with what is hidden and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation.calibration import (
    mean_calibration,
    moderate_calibration,
    weak_calibration,
)
from risicoscreener.evaluation.discrimination import auc_estimate, error_rates
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.groups.disclosure import (
    BySide,
    Disclosure,
    Hidden,
    Relation,
    hidden_cells,
)
from risicoscreener.evaluation.groups.labels import Mask, attributes, members, partitions
from risicoscreener.evaluation.groups.parts import count, sides
from risicoscreener.evaluation.intervals import estimate_around, mean_error, share_estimate
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring import brier_estimate
from risicoscreener.evaluation.wording import words

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]

FIGURES = (
    "base_rate",
    "mean_probability",
    "expected_observed",
    "calibration_intercept",
    "calibration_slope",
    "ici",
    "auc",
    "brier",
)
"""What is given of each group without a cut-off."""
RATES = ("false_positive_rate", "false_negative_rate", "ppv", "npv", "share_above")
"""What is given at each cut-off."""


@dataclass(frozen=True)
class AtCutOff:
    """Error rates of a group at one cut-off."""

    cut_off: float
    estimates: Estimates

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]


@dataclass(frozen=True)
class Group:
    """One group, or an intersection of groups, or everybody.

    Attributes
    ----------
    by
        The attributes by which people were split; empty for everybody.
    labels
        Those of the group, in the same order.
    n, events
        People and people with the outcome; None where hidden.
    estimates
        The figures of `FIGURES`; without values where hidden.
    at
        Error rates per cut-off.
    hidden
        ``small``, ``derivable`` or empty.
    """

    by: tuple[str, ...]
    labels: tuple[str, ...]
    n: int | None
    events: int | None
    estimates: Estimates
    at: tuple[AtCutOff, ...] = ()
    hidden: Hidden = ""

    @property
    def label(self) -> str:
        """The labels as one text; empty for everybody."""
        return " × ".join(self.labels)

    def title(self, lang: str = "nl") -> str:
        """The group as a reader calls it."""
        return self.label if self.labels else words("groups", "everybody", lang)

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]


@dataclass(frozen=True)
class GroupTable:
    """Groups beside each other: everybody first, then by attribute, then intersections.

    Attributes
    ----------
    groups
        All of them, also those that are hidden.
    disclosure
        The rule by which groups were hidden.
    """

    groups: tuple[Group, ...]
    disclosure: Disclosure

    def __getitem__(self, label: str | tuple[str, ...]) -> Group:
        wanted = (label,) if isinstance(label, str) else label
        for group in self.groups:
            if group.labels == wanted:
                return group
        raise KeyError(label)

    def __iter__(self) -> Iterator[Group]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def shown(self) -> tuple[Group, ...]:
        """Groups that are not hidden."""
        return tuple(g for g in self.groups if not g.hidden)

    def by(self, *names: str) -> tuple[Group, ...]:
        """The groups of one attribute, or of one intersection of attributes."""
        return tuple(g for g in self.groups if g.by == names)

    def why_hidden(self, group: Group, lang: str = "nl") -> str:
        """Why a group is not shown, in words; empty if it is."""
        if not group.hidden:
            return ""
        rule = self.disclosure
        return words(
            "groups", group.hidden, lang, people=rule.fewest_people, outcome=rule.fewest_of_class
        )

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each group and figure; a cut-off is NaN where there is none."""
        import pandas as pd

        rows = [
            {
                "by": " × ".join(group.by),
                "group": group.title(lang),
                "people": group.n,
                "with_outcome": group.events,
                "name": one.name,
                "measure": one.title(lang),
                "cut_off": cut_off,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "method": one.method,
                "problem": one.problem,
                "hidden": self.why_hidden(group, lang),
            }
            for group in self.groups
            for cut_off, one in _all_of(group)
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "groups": [_group_dict(g) for g in self.groups],
            "disclosure": asdict(self.disclosure),
        }

    def _repr_html_(self) -> str:
        import pandas as pd

        rows = [
            {"by": " × ".join(group.by), "group": group.title("en"), "cut_off": cut_off}
            | {one.name: one.value for one in estimates}
            for group in self.groups
            for cut_off, estimates in [
                (np.nan, group.estimates),
                *((at.cut_off, at.estimates) for at in group.at),
            ]
        ]
        frame = pd.DataFrame(rows).set_index(["by", "group", "cut_off"]).dropna(how="all")
        return frame.to_html(float_format="{:.4f}".format, escape=True)


def by_group(
    sample: Sample,
    groups: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    cut_offs: Sequence[float] = (),
    intersections: int = 1,
    disclosure: Disclosure | None = None,
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    jobs: int = 1,
) -> GroupTable:
    """Base rate, calibration, discrimination and error rates of every group.

    Parameters
    ----------
    sample
        Everybody.
    groups
        ``(n,)`` labels, or labels by the name of an attribute (``{"sex": …, "origin": …}``), in
        the order in which people were given.
    cut_offs
        Where error rates are given, in [0, 1]; who is at one counts as above it.
    intersections
        Of how many attributes at most groups are intersected: 1 for each attribute apart, 2 for
        pairs.
    disclosure
        What is too small to be shown: fewer than 10 people, or fewer than 5 with or without the
        outcome, unless it says otherwise. If fewer people than that, but not nobody, are above
        (below) a cut-off, error rates and predictive values are not shown there, nor those of
        other groups from which they would follow. People are rows here: with several rows for a
        person choose a larger number.
    level, replicates, seed, jobs
        Of the intervals; replicates are drawn for the calibration index alone.

    Raises
    ------
    EvaluationError
        If labels are missing or of another length, or a cut-off is not in [0, 1].
    """
    rule = disclosure or Disclosure()
    by = attributes(sample, groups)
    keys: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    masks: list[Mask] = []
    for split in partitions(by, intersections):
        for labels, mask in members(by, split, len(sample)).items():
            keys.append((split, labels))
            masks.append(mask)
    counts = [count(sample, mask) for mask in masks]
    sums = relations(keys) + nested(keys, [mask & (sample.weight > 0) for mask in masks])
    hidden = hidden_cells(counts, sums, rule)
    before = [bool(why) for why in hidden]
    silent = [
        hidden_cells(
            [sides(sample, mask, cut_off) for mask in masks],
            sums,
            BySide(rule.fewest_people),
            before,
        )
        for cut_off in cut_offs
    ]
    found = []
    for i, (split, labels) in enumerate(keys):
        mask, (n, events), why = masks[i], counts[i], hidden[i]
        if why:
            found.append(_hidden_group(split, labels, cut_offs, level, why))
            continue
        part = sample.where(mask)
        figures = _figures(part, level, replicates, seed, jobs)
        at = tuple(
            _at(part, cut_off, bool(few[i]), level)
            for cut_off, few in zip(cut_offs, silent, strict=True)
        )
        found.append(Group(split, labels, n, events, figures, at))
    return GroupTable(tuple(found), rule)


def relations(keys: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> list[Relation]:
    """Each group with the groups into which one more attribute splits it."""
    place = {key: i for i, key in enumerate(keys)}
    found: dict[tuple[int, str], list[int]] = {}
    for (split, labels), i in place.items():
        for j, name in enumerate(split):
            parent = (split[:j] + split[j + 1 :], labels[:j] + labels[j + 1 :])
            found.setdefault((place[parent], "×".join((*split, name))), []).append(i)
    return [Relation(parent, tuple(children)) for (parent, _), children in found.items()]


def nested(
    keys: Sequence[tuple[tuple[str, ...], tuple[str, ...]]], masks: Sequence[Mask]
) -> list[Relation]:
    """Each group with the groups of another split of which it happens to be the sum.

    A region is the sum of its prisons, although region and prison are two attributes.
    """
    by_split: dict[tuple[str, ...], list[int]] = {}
    for i, (split, _) in enumerate(keys):
        by_split.setdefault(split, []).append(i)
    sizes = np.array([int(mask.sum()) for mask in masks])
    found = []
    for other, places in by_split.items():
        part = np.zeros(len(masks[0]), dtype=np.intp)
        for k, j in enumerate(places):
            part[masks[j]] = k
        for i, (split, _) in enumerate(keys):
            if set(split) <= set(other) or not sizes[i]:
                continue
            shared = np.bincount(part[masks[i]], minlength=len(places))
            whole = (shared == sizes[places]) & (shared > 0)
            if shared[whole].sum() == sizes[i]:
                found.append(Relation(i, tuple(np.array(places)[whole].tolist())))
    return found


def _figures(part: Sample, level: float, replicates: int, seed: int, jobs: int) -> Estimates:
    everybody = np.ones(len(part), dtype=bool)
    means = mean_calibration(part, level=level)
    weak = weak_calibration(part, level=level)
    moderate = moderate_calibration(part, level=level, replicates=replicates, seed=seed, jobs=jobs)
    found = (
        share_estimate("base_rate", part, everybody, part.outcome == 1, level),
        mean_probability_estimate(part, level),
        means["expected_observed"],
        means["calibration_intercept"],
        weak["calibration_slope"],
        moderate["ici"],
        auc_estimate(part, level=level),
        brier_estimate(part, level=level),
    )
    return Estimates(found)


def mean_probability(sample: Sample, weight: FloatArray) -> float:
    """Mean of the probabilities with these weights."""
    return float(weight @ sample.probability) / float(weight.sum())


def mean_probability_estimate(sample: Sample, level: float = 0.95) -> Estimate:
    """Mean of the probabilities with a normal interval."""
    value = mean_probability(sample, sample.weight)
    error = mean_error(sample.probability, sample.weight, sample.cluster)
    return estimate_around("mean_probability", sample, value, error, level, bounds=(0.0, 1.0))


def _at(part: Sample, cut_off: float, few: bool, level: float) -> AtCutOff:
    """Error rates; of few people above or below the cut-off only how large that part is."""
    rates = error_rates(part, cut_off, level=level)
    shown = [
        Estimate(name, np.nan, level=level, problem="few_at_cut_off")
        if few and name != "share_above"
        else rates[name]
        for name in RATES
    ]
    return AtCutOff(float(cut_off), Estimates(tuple(shown)))


def _hidden_group(
    split: tuple[str, ...],
    labels: tuple[str, ...],
    cut_offs: Sequence[float],
    level: float,
    why: Hidden,
) -> Group:
    def nothing(names: Sequence[str]) -> Estimates:
        return Estimates(
            tuple(Estimate(n, np.nan, level=level, problem="small_group") for n in names)
        )

    at = tuple(AtCutOff(float(c), nothing(RATES)) for c in cut_offs)
    return Group(split, labels, None, None, nothing(FIGURES), at, why)


def _all_of(group: Group) -> Iterator[tuple[float, Estimate]]:
    for one in group.estimates:
        yield np.nan, one
    for at in group.at:
        for one in at.estimates:
            yield at.cut_off, one


def _group_dict(group: Group) -> dict[str, Any]:
    return {
        "by": list(group.by),
        "labels": list(group.labels),
        "n": group.n,
        "events": group.events,
        "hidden": group.hidden,
        "estimates": group.estimates.to_dict(),
        "at": [{"cut_off": a.cut_off, "estimates": a.estimates.to_dict()} for a in group.at],
    }
