"""All results on which a report rests, without a word of it: arrays in, figures out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from risicoscreener.evaluation import Estimate, Sample
from risicoscreener.report.evaluation.about import About
from risicoscreener.report.evaluation.options import Options
from risicoscreener.report.evaluation.performance import Performance
from risicoscreener.report.evaluation.reading import NO_GROUP, Rows


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
    def sample(self) -> Sample | None:
        """The used rows; None if there are none, or if outcomes have a time."""
        if self.n == 0 or self.timed:
            return None
        return Sample.of(self.probability, self.outcome, weight=self.weight, cluster=self.cluster)

    @cached_property
    def followed(self) -> int:
        """Rows whose state at the horizon is known; all of them where outcomes have no time."""
        if not self.timed:
            return self.n
        time = self.rows.values["time"][self.rows.used]
        return int(((time >= self.horizon_days) | (self.outcome > 0)).sum())

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
    def expected_observed_by_group(self) -> tuple[tuple[str, Estimate], ...]:
        """By column and level the calibration on average; hidden groups are left out."""
        return ()

    @cached_property
    def performance(self) -> Performance | None:
        """The figures; None if there is nobody to judge on."""
        return None if self.sample is None else Performance(self.sample, self.options)

    @property
    def judged(self) -> bool:
        """Whether there is anybody to judge the probabilities on."""
        return self.n > 0

    def labels(self, column: str) -> npt.NDArray[np.object_]:
        """``(n,)`` levels of a group column; empty where not known."""
        return self.rows.labels[column][self.rows.used]

    def known_labels(self, column: str) -> list[str]:
        """Levels that occur, in order, those not known left out."""
        return sorted({str(label) for label in self.labels(column) if label != NO_GROUP})
