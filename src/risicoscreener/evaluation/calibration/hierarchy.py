"""The levels of calibration together, as far as data can show them.

Strong calibration, being right for every combination of features, cannot be shown by any number of
people; `risicoscreener.evaluation.calibration` ends at moderate calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from risicoscreener.evaluation.calibration.grouped import GroupedCalibration, grouped_calibration
from risicoscreener.evaluation.calibration.moderate import (
    FEWEST_REPLICATES,
    SPLINE,
    calibration_curve,
    ici_by_chance,
    moderate_calibration,
)
from risicoscreener.evaluation.calibration.smoothers import Smoother
from risicoscreener.evaluation.calibration.weak import (
    CalibrationTest,
    mean_calibration,
    spiegelhalter_test,
    unreliability_test,
    weak_calibration,
)
from risicoscreener.evaluation.estimate import Curve, Estimates
from risicoscreener.evaluation.sample import Sample

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CalibrationHierarchy:
    """Mean, weak and moderate calibration of one sample.

    Attributes
    ----------
    mean, weak, moderate
        Figures of the three levels; beside the last what chance alone gives.
    curve
        The flexible curve.
    grouped
        Groups of about equal size.
    tests
        Of intercept 0 and slope 1, and Spiegelhalter's.
    sample
        The people, for the distribution under the picture.
    """

    mean: Estimates
    weak: Estimates
    moderate: Estimates
    curve: Curve
    grouped: GroupedCalibration
    tests: tuple[CalibrationTest, ...]
    sample: Sample

    @property
    def estimates(self) -> Estimates:
        """The figures of all levels."""
        return self.mean + self.weak + self.moderate

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each figure."""
        return self.estimates.to_frame(lang)

    def to_dict(self) -> dict[str, Any]:
        """Plain values; not those of single people."""
        return {
            "estimates": self.estimates.to_dict(),
            "curve": self.curve.to_dict(),
            "grouped": self.grouped.to_dict(),
            "tests": [test.to_dict() for test in self.tests],
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def calibration_hierarchy(
    sample: Sample,
    *,
    smoother: Smoother = SPLINE,
    groups: int = 10,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    jobs: int = 1,
    label: str = "",
) -> CalibrationHierarchy:
    """Mean, weak and moderate calibration (Van Calster et al. 2016), with curve and groups.

    Parameters are those of `mean_calibration`, `weak_calibration`, `moderate_calibration`,
    `calibration_curve` and `grouped_calibration`.
    """
    moderate = moderate_calibration(
        sample, smoother=smoother, level=level, replicates=replicates, seed=seed, jobs=jobs
    )
    if replicates:
        draws = max(replicates // 5, FEWEST_REPLICATES)
        chance = ici_by_chance(sample, smoother=smoother, level=level, replicates=draws, seed=seed)
        moderate += Estimates((chance,))
    return CalibrationHierarchy(
        mean=mean_calibration(sample, level=level),
        weak=weak_calibration(sample, level=level),
        moderate=moderate,
        curve=calibration_curve(sample, smoother=smoother, level=level, label=label),
        grouped=grouped_calibration(sample, groups=groups, level=level),
        tests=(unreliability_test(sample), spiegelhalter_test(sample)),
        sample=sample,
    )
