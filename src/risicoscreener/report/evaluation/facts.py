"""All results on which a report rests, without a word of it: arrays in, figures out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.selection import PartlySeen, Regions, bounds
from risicoscreener.evaluation.time import HorizonSample
from risicoscreener.report.evaluation.about import About
from risicoscreener.report.evaluation.binary import BinaryPerformance
from risicoscreener.report.evaluation.grouping import Groups, groups_of
from risicoscreener.report.evaluation.options import Options
from risicoscreener.report.evaluation.performance import Performance
from risicoscreener.report.evaluation.reading import NO_GROUP, Rows
from risicoscreener.report.evaluation.timed import TimedPerformance


@dataclass(frozen=True, eq=False)
class Facts:
    """The rows, and everything computed from them when it is first asked for."""

    rows: Rows
    options: Options
    about: About

    @cached_property
    def n(self) -> int:
        """Rows that are used."""
        return int(self.rows.used.sum())

    @cached_property
    def persons(self) -> int | None:
        """People among the used rows; None where the table does not name them."""
        ids = self.rows.labels.get("person_id")
        return None if ids is None else len(set(ids[self.rows.used].tolist()))

    @property
    def repeated(self) -> bool:
        """Whether some people have several rows."""
        return self.persons is not None and self.persons < self.n

    @property
    def timed(self) -> bool:
        """Whether outcomes have a time and a horizon."""
        return self.rows.horizon_days is not None

    @property
    def horizon_days(self) -> float:
        """Days after which outcomes are judged, where they have a time."""
        return self.rows.horizon_days or 0.0

    @cached_property
    def probability(self) -> npt.NDArray[np.float64]:
        """``(n,)``, of the used rows in the order of the table; so are those below."""
        return self.rows.values["probability"][self.rows.used]

    @cached_property
    def outcome(self) -> npt.NDArray[np.float64]:
        """``(n,)``: 0 or 1, or causes where outcomes have a time."""
        return self.rows.values["outcome"][self.rows.used]

    @cached_property
    def weight(self) -> npt.NDArray[np.float64] | None:
        """``(n,)`` or None."""
        weight = self.rows.values.get("weight")
        return None if weight is None else weight[self.rows.used]

    @cached_property
    def cluster(self) -> npt.NDArray[np.object_] | None:
        """``(n,)`` person ids, where some people have several rows."""
        return self.rows.labels["person_id"][self.rows.used] if self.repeated else None

    @cached_property
    def followed(self) -> int:
        """Rows whose state at the horizon is known; all of them where outcomes have no time."""
        if not self.timed:
            return self.n
        time = self.rows.values["time"][self.rows.used]
        return int(((time >= self.horizon_days) | (self.outcome > 0)).sum())

    @property
    def judged(self) -> bool:
        """Whether there is anybody to judge the probabilities on."""
        return self.n > 0

    @property
    def events(self) -> int:
        """People with the outcome; where outcomes have a time, by the horizon."""
        return int(self._has_outcome.sum())

    @property
    def others(self) -> int:
        """People known not to have the outcome; where outcomes have a time, at the horizon."""
        return self.followed - self.events

    @cached_property
    def _has_outcome(self) -> npt.NDArray[np.bool_]:
        if not self.timed:
            return self.outcome == 1
        time = self.rows.values["time"][self.rows.used]
        return (self.outcome == 1) & (time <= self.horizon_days)

    @property
    def group_columns(self) -> tuple[str, ...]:
        """Columns and roles by which people are divided."""
        prison = ("prison",) if "prison" in self.rows.labels else ()
        return tuple(dict.fromkeys((*self.rows.columns.groups, *prison)))

    @cached_property
    def groups(self) -> Groups | None:
        """The figures of each group; None where nobody is divided or judged."""
        if self.performance is None:
            return None
        labels = {column: self.labels(column) for column in self.group_columns}
        return groups_of(self.performance, labels, self.options)

    @cached_property
    def performance(self) -> Performance | None:
        """The figures; None if there is nobody to judge on."""
        return self.performance_of(self.probability, np.ones(self.n, dtype=bool))

    def performance_of(
        self, probability: npt.NDArray[np.float64], rows: npt.NDArray[np.bool_]
    ) -> Performance | None:
        """The figures of these probabilities ``(n,)`` on some of the used rows.

        None if there are none, or none with weight.
        """
        weight = None if self.weight is None else self.weight[rows]
        if not rows.any():
            return None
        cluster = None if self.cluster is None else self.cluster[rows]
        p, y = probability[rows], self.outcome[rows]
        if not self.timed:
            sample = Sample.of(p, y, weight=weight, cluster=cluster)
            return BinaryPerformance(self.options, sample)
        time = self.rows.values["time"][self.rows.used][rows]
        by_horizon = HorizonSample.of(
            p, time, y, horizon_days=self.horizon_days, weight=weight, cluster=cluster
        )
        return TimedPerformance(self.options, by_horizon)

    @cached_property
    def partly_seen(self) -> PartlySeen | None:
        """Everybody with a probability, of whom the outcome of part is not known.

        None where it is known of all or of none, and where outcomes have a time.
        """
        values = self.rows.values
        weight = values.get("weight")
        usable = ~np.isnan(values["probability"])
        if weight is not None:
            usable &= weight > 0
        seen = ~np.isnan(values["outcome"][usable])
        if self.timed or not seen.any() or seen.all():
            return None
        ids = self.rows.labels.get("person_id")
        return PartlySeen.of(
            values["probability"][usable],
            values["outcome"][usable],
            weight=None if weight is None else weight[usable],
            cluster=None if ids is None or not self.repeated else ids[usable],
        )

    @cached_property
    def bounds(self) -> Regions | None:
        """What the figures can be, whatever the outcomes that are not known."""
        if self.partly_seen is None:
            return None
        o = self.options
        return bounds(
            self.partly_seen, level=o.level, replicates=o.replicates, seed=o.seed, jobs=o.jobs
        )

    def rival(self, name: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
        """Which used rows ``(n,)`` have a probability of a further model, and it, NaN elsewhere."""
        probability = self.rows.rivals[name][self.rows.used]
        return ~np.isnan(probability), probability

    def labels(self, column: str) -> npt.NDArray[np.object_]:
        """``(n,)`` levels of a group column; empty where not known."""
        return self.rows.labels[column][self.rows.used]

    def known_labels(self, column: str) -> list[str]:
        """Levels that occur, in order, those not known left out."""
        return sorted({str(label) for label in self.labels(column) if label != NO_GROUP})
