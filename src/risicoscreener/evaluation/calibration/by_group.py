"""Calibration in each group apart: a model that is right on average may be wrong in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from risicoscreener.evaluation.calibration.moderate import (
    SPLINE,
    calibration_curve,
    moderate_calibration,
)
from risicoscreener.evaluation.calibration.smoothers import Smoother
from risicoscreener.evaluation.calibration.weak import mean_calibration, weak_calibration
from risicoscreener.evaluation.estimate import Curve, Estimates
from risicoscreener.evaluation.sample import Sample, texts_of

if TYPE_CHECKING:
    import pandas as pd

FEWEST_SHOWN = 10
"""People in a group; of a smaller one nothing is shown, for its figures are those of persons."""


@dataclass(frozen=True)
class CalibrationOfGroup:
    """One group: its mean, weak and moderate calibration, and its curve."""

    label: str
    n: int
    events: int
    estimates: Estimates
    curve: Curve


@dataclass(frozen=True)
class CalibrationByGroup:
    """Groups in order of their labels.

    For who looks into a model. What is published comes from
    `risicoscreener.evaluation.groups.by_group`, which also hides what would follow from totals.

    Attributes
    ----------
    groups
        Those that are shown.
    small
        Labels of the groups with fewer people than asked.
    """

    groups: tuple[CalibrationOfGroup, ...]
    small: tuple[str, ...]

    def __getitem__(self, label: str) -> CalibrationOfGroup:
        for group in self.groups:
            if group.label == label:
                return group
        raise KeyError(label)

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each group and figure."""
        import pandas as pd

        frames = [g.estimates.to_frame(lang).assign(group=g.label) for g in self.groups]
        if not frames:
            return pd.DataFrame(columns=["group", "measure", "value", "low", "high", "problem"])
        found = pd.concat(frames)
        return found.set_index("group", append=True).swaplevel()

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "groups": [
                {
                    "label": g.label,
                    "n": g.n,
                    "events": g.events,
                    "estimates": g.estimates.to_dict(),
                    "curve": g.curve.to_dict(),
                }
                for g in self.groups
            ],
            "small": list(self.small),
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def calibration_by(
    sample: Sample,
    labels: npt.ArrayLike,
    *,
    smoother: Smoother = SPLINE,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    jobs: int = 1,
    fewest: int = FEWEST_SHOWN,
) -> CalibrationByGroup:
    """Mean, weak and moderate calibration of each group of people.

    Parameters
    ----------
    labels
        ``(n,)``: the group of each row, in the order that was given to `Sample.of`.
    fewest
        People that a group needs to be shown.
    smoother, level, replicates, seed, jobs
        As of `moderate_calibration`. Each group has knots of its own.

    Raises
    ------
    EvaluationError
        If the number of labels is not that of the rows, or a label is missing.
    """
    names = sample.sorted(texts_of(labels, len(sample)))
    shown, small = [], []
    for label in sorted(set(names.tolist())):
        mask = names == label
        if int((mask & (sample.weight > 0)).sum()) < max(fewest, 1):
            small.append(label)
            continue
        part = sample.where(mask)
        estimates = mean_calibration(part, level=level) + weak_calibration(part, level=level)
        estimates += moderate_calibration(
            part,
            smoother=smoother,
            level=level,
            replicates=replicates,
            seed=seed,
            jobs=jobs,
        )
        curve = calibration_curve(part, smoother=smoother, level=level, label=label)
        shown.append(CalibrationOfGroup(label, part.people, part.events, estimates, curve))
    return CalibrationByGroup(tuple(shown), tuple(small))
