"""The figures of each group, whether outcomes have a time or not; small groups stay hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation import Estimate, Estimates
from risicoscreener.evaluation.designs import Summary, summarise
from risicoscreener.evaluation.groups import AtCutOff, Disclosure, Group, GroupTable, by_group
from risicoscreener.evaluation.groups.disclosure import Relation, hidden_cells
from risicoscreener.evaluation.groups.table import nested
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.time import HorizonSample, horizon_performance
from risicoscreener.report.evaluation.binary import BinaryPerformance
from risicoscreener.report.evaluation.performance import Performance
from risicoscreener.report.evaluation.timed import TimedPerformance

if TYPE_CHECKING:
    from risicoscreener.report.evaluation.options import Options

Labels = npt.NDArray[np.object_]
PRISON, FEWEST_PRISONS = "prison", 3
OVER_PRISONS = ("expected_observed", "calibration_slope", "auc")
RATIO, RATIO_BY_HORIZON = "expected_observed", "horizon_expected_observed"
BY_HORIZON = (
    "horizon_incidence",
    "horizon_expected",
    RATIO_BY_HORIZON,
    "horizon_auc",
    "horizon_brier",
)


@dataclass(frozen=True)
class Groups:
    """All groups of all columns, and the rule by which some are hidden.

    Attributes
    ----------
    table
        Everybody first; a group that is not known has an empty label.
    ratio
        Name of the figure *expected divided by observed* in it.
    """

    table: GroupTable
    ratio: str

    def of(self, column: str) -> tuple[Group, ...]:
        """The groups of one column."""
        return self.table.by(column)

    @property
    def everybody(self) -> Group:
        """All people together."""
        return self.table.groups[0]


def groups_of(found: Performance, labels: Mapping[str, Labels], options: Options) -> Groups | None:
    """The figures of each group; None if the table divides nobody.

    Parameters
    ----------
    labels
        By column ``(n,)``, in the order of the rows that are used.
    """
    if not labels:
        return None
    if isinstance(found, BinaryPerformance):
        table = by_group(
            found.sample,
            dict(labels),
            cut_offs=options.cut_offs,
            level=options.level,
            replicates=options.replicates,
            seed=options.seed,
            jobs=options.jobs,
        )
        return Groups(table, RATIO)
    assert isinstance(found, TimedPerformance)
    return Groups(_by_horizon(found.sample, labels, options.level), RATIO_BY_HORIZON)


def _by_horizon(sample: HorizonSample, labels: Mapping[str, Labels], level: float) -> GroupTable:
    rule = Disclosure()
    masks: list[tuple[tuple[str, ...], tuple[str, ...], npt.NDArray[np.bool_]]] = [
        ((), (), np.ones(len(sample), dtype=bool))
    ]
    relations = []
    for column, given in labels.items():
        of_rows = given[sample.order]
        levels = sorted(set(of_rows.tolist()))
        relations.append(Relation(0, tuple(range(len(masks), len(masks) + len(levels)))))
        masks += [((column,), (level_,), of_rows == level_) for level_ in levels]
    counts = [(int(mask.sum()), int(sample.outcome[mask].sum())) for *_, mask in masks]
    relations += nested([key[:2] for key in masks], [key[2] for key in masks])
    hidden = hidden_cells(counts, relations, rule)
    return GroupTable(
        tuple(
            Group(by, level_, None, None, Estimates(()), hidden=why)
            if why
            else Group(by, level_, *count, _figures(sample.where(mask), level))
            for (by, level_, mask), count, why in zip(masks, counts, hidden, strict=True)
        ),
        rule,
    )


def _figures(part: HorizonSample, level: float) -> Estimates:
    found = horizon_performance(part, level=level)
    return Estimates(tuple(found[name] for name in BY_HORIZON))


def ratios(groups: Groups, columns: Sequence[str]) -> tuple[tuple[str, str, Estimate], ...]:
    """By column and label expected divided by observed, of the groups that are shown."""
    return tuple(
        (column, group.label, group[groups.ratio])
        for column in columns
        for group in groups.of(column)
        if not group.hidden
    )


def between_prisons(groups: Groups, level: float) -> tuple[Summary, ...]:
    """Mean over prisons and what to expect of another one, of the prisons that are shown.

    Empty with fewer than three, and where outcomes have a time.
    """
    shown = [group for group in groups.of(PRISON) if not group.hidden and group.label]
    if len(shown) < FEWEST_PRISONS or groups.ratio != RATIO:
        return ()
    errors = quantile(level)
    return tuple(
        summarise([(group.label, group[name], errors) for group in shown], level=level)
        for name in OVER_PRISONS
    )


def rates_at(group: Group, cut_off: float) -> AtCutOff | None:
    """Error rates of a group at a cut-off; None where there are none."""
    return next((at for at in group.at if at.cut_off == cut_off), None)
