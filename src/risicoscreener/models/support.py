"""Support: whether a person is like those on whom the model was made, and enough is known."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray

Status = Literal["inside", "outside", "insufficient"]
Reason = Literal["population", "range"]

FARTHEST = 3
"""Features that are named of a person who is far from what is typical."""

MOST_SPREADS = 3.0
"""Largest part of one feature in a distance: a single value far away is for its range to say."""

STATUSES: tuple[Status, ...] = ("inside", "outside", "insufficient")
"""Codes of `SupportColumns.status`: the position in this tuple."""


@cache
def texts() -> dict[str, Any]:
    """The sentences of this package that people read, in Dutch and English."""
    return tomllib.loads((files("risicoscreener.models") / "texts.toml").read_text("utf-8"))


class PopulationRule(Struct, frozen=True, forbid_unknown_fields=True):
    """The model is meant for people whose feature lies between these bounds (inclusive)."""

    feature: str
    minimum: float | None = None
    maximum: float | None = None


class FeatureRange(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the training data lie: lowest, highest and the median as typical value.

    The fit stores the fifth smallest and fifth largest value, not the extremes: an extreme is
    one person's datum, and a bundle travels.
    """

    low: float
    high: float
    typical: float

    def __post_init__(self) -> None:
        if not self.low <= self.typical <= self.high:
            raise ModelError(
                f"a training range must have low <= typical <= high, not {self.low!r}, "
                f"{self.typical!r}, {self.high!r}."
            )


class OutsideFeature(Struct, frozen=True, gc=False):
    """One feature at which a person differs from the population or the training data."""

    feature: str
    value: float
    low: float
    high: float
    typical: float
    reason: Reason

    def text(self, lang: str = "nl") -> str:
        """One sentence in ``nl`` or ``en``."""
        sentence: str = texts()["support"][self.reason][lang]
        return sentence.format(
            feature=self.feature,
            value=f"{self.value:g}",
            low=_bound(self.low),
            high=_bound(self.high),
            typical=f"{self.typical:g}",
        )


class SupportResult(Struct, frozen=True, gc=False):
    """Whether a model may speak about one person, and why not.

    Attributes
    ----------
    status
        ``outside`` the population of the model, else ``insufficient`` knowledge, else
        ``outside`` the training data, else ``inside``.
    outside
        The features that differ, with what is typical. Population rules come first.
    unknown_required
        Features that must be known and are not.
    missing_share
        Share of the features that is unknown, 0 to 1.
    leverage
        Variance of the linear predictor, the distance to the training data in the metric of
        the model; ``None`` if the program carries no covariance.
    leverage_exceeded
        The leverage is above that of 99.9% of the training data: an unseen combination.
    distance
        How far from typical the known features are together; ``None`` if support has no limit.
    distance_exceeded
        The distance is above that of 99.9% of the training data.
    farthest
        If so: the features farthest from typical.
    """

    status: Status
    outside: tuple[OutsideFeature, ...] = ()
    unknown_required: tuple[str, ...] = ()
    missing_share: float = 0.0
    leverage: float | None = None
    leverage_exceeded: bool = False
    distance: float | None = None
    distance_exceeded: bool = False
    farthest: tuple[str, ...] = ()

    def sentences(self, lang: str = "nl") -> tuple[str, ...]:
        """What a reader should know, in ``nl`` or ``en``; the first sentence is the status."""
        wording = texts()["support"]
        lines = [wording[self.status][lang]]
        lines += [item.text(lang) for item in self.outside]
        if self.unknown_required:
            names = ", ".join(self.unknown_required)
            lines.append(wording["unknown_required"][lang].format(names=names))
        if self.leverage_exceeded:
            lines.append(wording["leverage"][lang])
        if self.distance_exceeded:
            names = ", ".join(self.farthest)
            lines.append(wording["distance"][lang].format(names=names))
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class SupportColumns:
    """Support of ``n`` rows: the same answers as `SupportResult`, as columns.

    ``status`` holds positions in `STATUSES` (int8). ``outside_population`` and
    ``outside_range`` are ``(n, F)`` boolean.
    """

    status: npt.NDArray[np.int8]
    outside_population: npt.NDArray[np.bool_]
    outside_range: npt.NDArray[np.bool_]
    missing_share: FloatArray
    leverage: FloatArray | None
    leverage_exceeded: npt.NDArray[np.bool_]
    distance: FloatArray | None = None
    distance_exceeded: npt.NDArray[np.bool_] | None = None

    def labels(self) -> npt.NDArray[np.str_]:
        """The status of each row as text."""
        return np.array(STATUSES)[self.status]


class Support(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """What decides whether a model may speak about a person.

    Parameters
    ----------
    features
        Names in the order of the program.
    ranges
        Per feature the range of the training data.
    rules
        The population: an unknown value of such a feature counts as required and unknown.
    required
        Features without which the model does not speak.
    max_missing_share
        Largest share of unknown features, 0 to 1.
    max_leverage
        Largest variance of the linear predictor; `None` for no check.
    spreads
        Per feature its standard deviation in the training data; needed for ``max_distance``.
    max_distance
        Largest distance to what is typical: the root of the mean over the known features of the
        squared number of spreads from the typical value, at most `MOST_SPREADS` each. It serves
        programs without uncertainty, which have no leverage. `None` for no check.
    """

    features: tuple[str, ...]
    ranges: tuple[FeatureRange, ...]
    rules: tuple[PopulationRule, ...] = ()
    required: tuple[str, ...] = ()
    max_missing_share: Annotated[float, Meta(ge=0, le=1)] = 0.5
    max_leverage: Annotated[float, Meta(ge=0)] | None = None
    spreads: tuple[Annotated[float, Meta(gt=0)], ...] = ()
    max_distance: Annotated[float, Meta(ge=0)] | None = None

    def __post_init__(self) -> None:
        self._check_spreads()
        if len(self.ranges) != len(self.features):
            raise ModelError(
                f"support has {len(self.features)} features and {len(self.ranges)} ranges; "
                "give one range per feature."
            )
        named = [*(rule.feature for rule in self.rules), *self.required]
        unknown = sorted(set(named) - set(self.features))
        if unknown:
            raise ModelError(
                f"support names {', '.join(unknown)}, which the program does not have; "
                f"known: {', '.join(self.features)}."
            )

    def _check_spreads(self) -> None:
        needed = len(self.features) if self.spreads or self.max_distance is not None else 0
        if len(self.spreads) != needed:
            raise ModelError(
                f"support has {len(self.spreads)} spreads; {needed} were expected, one per feature."
            )

    @cached_property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Lowest and highest value of each feature in the training data."""
        return tuple((r.low, r.high) for r in self.ranges)

    @cached_property
    def rules_at(self) -> tuple[tuple[int, float, float], ...]:
        """Position, minimum and maximum of each population rule; absent bounds are infinite."""
        return tuple(
            (
                self.features.index(rule.feature),
                -math.inf if rule.minimum is None else rule.minimum,
                math.inf if rule.maximum is None else rule.maximum,
            )
            for rule in self.rules
        )

    @cached_property
    def required_at(self) -> tuple[int, ...]:
        """Positions of the features that must be known, in the order of the program."""
        positions = {self.features.index(name) for name in self.required}
        return tuple(sorted(positions | {position for position, _, _ in self.rules_at}))

    def check_one(
        self, values: Sequence[float], leverage: float | None = None, *, in_ranges: bool = False
    ) -> SupportResult:
        """Support of one row of feature values (NaN is unknown).

        Parameters
        ----------
        leverage
            Variance of the linear predictor, if the program knows it.
        in_ranges
            Whether each value is known to lie within its `bounds`; if not, it is looked at here.
        """
        far = (
            leverage is not None and self.max_leverage is not None and leverage > self.max_leverage
        )
        if in_ranges and not far and self._ranges_suffice:
            return SupportResult("inside", leverage=leverage)
        ranged, missing = ([], 0) if in_ranges else self._out_of_range(values)
        barred = [r for r in self.rules_at if values[r[0]] < r[1] or values[r[0]] > r[2]]
        unknown = [p for p in self.required_at if isnan(values[p])] if missing else []
        share = missing / len(self.features) if self.features else 0.0
        distance = distant = None
        if self.max_distance is not None:
            distance = float(self.distances(np.array([values]))[0])
            distant = distance > self.max_distance
        status: Status = "inside"
        if barred:
            status = "outside"
        elif unknown or share > self.max_missing_share:
            status = "insufficient"
        elif ranged or far or distant:
            status = "outside"
        if status == "inside" and not missing:
            return SupportResult("inside", leverage=leverage, distance=distance)
        outside = [self._outside(p, values[p], low, high, "population") for p, low, high in barred]
        outside += [self._outside(p, values[p], *self.bounds[p], "range") for p in ranged]
        names = tuple(self.features[p] for p in unknown)
        farthest = self._farthest(values) if distant else ()
        return SupportResult(
            status, tuple(outside), names, share, leverage, far, distance, bool(distant), farthest
        )

    @cached_property
    def _ranges_suffice(self) -> bool:
        """Whether who is within all `bounds`, and of no unseen combination, is inside."""
        kept = all(
            low <= self.bounds[p][0] and self.bounds[p][1] <= high for p, low, high in self.rules_at
        )
        return kept and self.max_distance is None and len(self.features) > 0

    def _out_of_range(self, values: Sequence[float]) -> tuple[list[int], int]:
        """Positions of the values outside their bounds, and how many are unknown."""
        ranged: list[int] = []
        missing = 0
        for position, (x, (low, high)) in enumerate(zip(values, self.bounds, strict=True)):
            if not low <= x <= high:
                if isnan(x):
                    missing += 1
                else:
                    ranged.append(position)
        return ranged, missing

    @cached_property
    def _typical(self) -> FloatArray:
        return np.array([r.typical for r in self.ranges])

    def _parts(self, matrix: FloatArray) -> FloatArray:
        """Spreads from typical of each value, at most `MOST_SPREADS`; NaN for unknown."""
        parts: FloatArray = np.abs(matrix - self._typical) / np.array(self.spreads)
        return np.minimum(parts, MOST_SPREADS, out=parts)

    def distances(self, matrix: FloatArray) -> FloatArray:
        """Distance of each row of an ``(n, F)`` matrix to what is typical; 0 if nothing is known.

        Raises
        ------
        ModelError
            If support has no spreads.
        """
        if len(self.spreads) != len(self.features):
            raise ModelError("support has no spreads; measure them on the training data.")
        squares = np.square(self._parts(np.ascontiguousarray(matrix, dtype=np.float64)))
        known = ~np.isnan(squares)
        total = np.where(known, squares, 0.0).sum(axis=1)
        distance: FloatArray = np.sqrt(total / np.maximum(known.sum(axis=1), 1))
        return distance

    def _farthest(self, values: Sequence[float]) -> tuple[str, ...]:
        parts = np.nan_to_num(self._parts(np.array([values]))[0])
        order = np.argsort(-parts, kind="stable")[:FARTHEST]
        return tuple(self.features[i] for i in order if parts[i] > 0)

    def _outside(
        self, position: int, value: float, low: float, high: float, reason: Reason
    ) -> OutsideFeature:
        typical = self.ranges[position].typical
        return OutsideFeature(self.features[position], value, low, high, typical, reason)

    def check_many(self, matrix: FloatArray, leverage: FloatArray | None = None) -> SupportColumns:
        """Support of each row of an ``(n, F)`` matrix."""
        unknown = np.isnan(matrix)
        bounds = np.array(self.bounds, dtype=float).reshape(-1, 2)
        ranged = (matrix < bounds[:, 0]) | (matrix > bounds[:, 1])
        barred = np.zeros(matrix.shape, bool)
        for position, minimum, maximum in self.rules_at:
            column = matrix[:, position]
            barred[:, position] |= (column < minimum) | (column > maximum)
        share = self.shares(unknown.sum(axis=1))
        lacking = np.asarray(unknown[:, list(self.required_at)].any(axis=1))
        far = self._is_far(len(matrix), leverage)
        distance = distant = None
        if self.max_distance is not None:
            distance = self.distances(matrix)
            distant = distance > self.max_distance
        out = [np.asarray(each.any(axis=1)) for each in (barred, ranged)]
        status = self.status_of(out[0], lacking, out[1], share, leverage, distant)
        return SupportColumns(status, barred, ranged, share, leverage, far, distance, distant)

    def shares(self, missing: npt.NDArray[np.integer]) -> FloatArray:
        """Share of the features that is unknown, from their number."""
        share: FloatArray = missing / max(len(self.features), 1)
        return share

    def _is_far(self, n: int, leverage: FloatArray | None) -> npt.NDArray[np.bool_]:
        if leverage is None or self.max_leverage is None:
            return np.zeros(n, bool)
        far: npt.NDArray[np.bool_] = leverage > self.max_leverage
        return far

    def status_of(
        self,
        barred: npt.NDArray[np.bool_],
        lacking: npt.NDArray[np.bool_],
        ranged: npt.NDArray[np.bool_],
        share: FloatArray,
        leverage: FloatArray | None,
        distant: npt.NDArray[np.bool_] | None = None,
    ) -> npt.NDArray[np.int8]:
        """Status of ``n`` rows: positions in `STATUSES`.

        Parameters
        ----------
        barred, lacking, ranged
            Whether a rule of the population bars a row, whether a required feature is unknown,
            and whether any value lies outside its range.
        share
            Of the features that is unknown.
        leverage, distant
            Variance of the linear predictor, and whether the distance is too large.
        """
        unusual = self._is_far(len(share), leverage)
        if distant is not None:
            unusual = unusual | distant
        status = (ranged | unusual).astype(np.int8)
        status[lacking | (share > self.max_missing_share)] = STATUSES.index("insufficient")
        status[barred] = STATUSES.index("outside")
        return status


def _bound(bound: float) -> str:
    if math.isinf(bound):
        return "∞" if bound > 0 else "-∞"
    return f"{bound:g}"
