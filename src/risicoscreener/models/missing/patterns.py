"""Pattern submodels: people of whom the same features are known have a model of their own.

The prediction uses what is known and nothing made up, also where a value is missing for a reason
that has to do with the outcome (Fletcher Mercaldo and Blume 2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct

from risicoscreener.errors import ModelError
from risicoscreener.models.answers import Assessment, Assessments, Interval, Intervals, Scores
from risicoscreener.models.many import matrix_of
from risicoscreener.models.program import ScoringProgram
from risicoscreener.models.support import SupportColumns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from risicoscreener.models.covariance import Uncertainty
    from risicoscreener.models.ensemble import Ensemble
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.support import Support

LEVERAGE_QUANTILE = 0.999


class Submodel(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="pattern_submodel"
):
    """The program of one pattern.

    Parameters
    ----------
    known
        One character per feature, ``1`` for known and ``0`` for unknown.
    n, events
        People on whom it was made, and those with the outcome.
    program
        Of the known features alone.
    max_leverage
        Largest variance of its linear predictor that its training data have, but for 0.1%.
    """

    known: Annotated[str, Meta(pattern="^[01]*$")]
    n: Annotated[int, Meta(ge=0)]
    events: Annotated[int, Meta(ge=0)]
    program: ScoringProgram
    max_leverage: float | None = None


@dataclass(frozen=True, slots=True)
class _Choice:
    """A program, the positions of its features, and the support that holds for it."""

    program: ScoringProgram
    positions: list[int]
    support: Support | None


class PatternSubmodels(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A program per pattern of what is known, and one for all other patterns.

    It scores with the methods of a `ScoringProgram`, and is plain data like one. Support is that
    of ``fallback``, so that a feature that must be known is missed whatever the pattern; only
    the largest leverage is that of the submodel.

    Parameters
    ----------
    fallback
        Program of all features, for every pattern without a submodel.
    submodels
        At most one per pattern.
    """

    fallback: ScoringProgram
    submodels: tuple[Submodel, ...] = ()

    def __post_init__(self) -> None:
        patterns = [s.known for s in self.submodels]
        if len(set(patterns)) < len(patterns):
            raise ModelError("two submodels have one pattern; give each pattern once.")
        for submodel in self.submodels:
            known = zip(self.features, submodel.known, strict=False)
            expected = tuple(name for name, mark in known if mark == "1")
            wrong = len(submodel.known) != len(self.features)
            if wrong or submodel.program.features != expected:
                raise ModelError(
                    f"the submodel of pattern {submodel.known} must have the known features of "
                    f"{', '.join(self.features)}, in that order."
                )

    def __repr__(self) -> str:
        return f"<PatternSubmodels: {len(self.submodels)} patterns, and {self.fallback!r}>"

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features in the order in which values are given."""
        return self.fallback.features

    @property
    def support(self) -> Support | None:
        """Where the models may speak."""
        return self.fallback.support

    @property
    def uncertainty(self) -> Uncertainty | Ensemble | None:
        """What the interval of the fall-back comes from; the submodels have their own."""
        return self.fallback.uncertainty

    @cached_property
    def _choices(self) -> dict[str, _Choice]:
        found = {}
        for submodel in self.submodels:
            support = self.support
            if support is not None:
                support = msgspec.structs.replace(support, max_leverage=submodel.max_leverage)
            positions = [i for i, mark in enumerate(submodel.known) if mark == "1"]
            found[submodel.known] = _Choice(submodel.program, positions, support)
        return found

    @cached_property
    def _fallback(self) -> _Choice:
        return _Choice(self.fallback, list(range(len(self.features))), self.support)

    def _choice(self, values: Sequence[float]) -> _Choice:
        if len(values) != len(self.features):
            raise ModelError(f"{len(values)} values were given for {len(self.features)} features.")
        pattern = "".join(["1" if x == x else "0" for x in values])
        return self._choices.get(pattern, self._fallback)

    def program_for(self, values: Sequence[float]) -> ScoringProgram:
        """The program that scores a person of whom these values are known."""
        return self._choice(values).program

    def known_for(self, values: Sequence[float]) -> tuple[str, ...] | None:
        """The features of the submodel that scores such a person; None for the fall-back."""
        program = self._choice(values).program
        return None if program is self.fallback else program.features

    def support_for(self, values: Sequence[float]) -> Support | None:
        """The support that holds for such a person."""
        return self._choice(values).support

    def reference_for(self, values: Sequence[float]) -> float:
        """Linear predictor to which the contributions of such a person add."""
        return self._choice(values).program.reference

    # -- one person ----------------------------------------------------------------------------

    def score_one(self, values: Sequence[float]) -> tuple[float, float, list[float]]:
        """Probability, linear predictor and contributions, as `ScoringProgram.score_one`.

        A feature that is unknown in the pattern of a submodel contributes 0: what its absence
        says is in the reference of that submodel (`reference_for`).
        """
        chosen = self._choice(values)
        probability, lp, parts = chosen.program.score_one([values[i] for i in chosen.positions])
        contributions = [0.0] * len(values)
        for i, part in zip(chosen.positions, parts, strict=True):
            contributions[i] = part
        return probability, lp, contributions

    def interval_one(
        self, values: Sequence[float], linear_predictor: float | None = None
    ) -> Interval | None:
        """As `ScoringProgram.interval_one`."""
        chosen = self._choice(values)
        return chosen.program.interval_one([values[i] for i in chosen.positions], linear_predictor)

    def assess_one(self, values: Sequence[float]) -> Assessment:
        """As `ScoringProgram.assess_one`."""
        chosen = self._choice(values)
        probability, lp, contributions = self.score_one(values)
        interval = self.interval_one(values, lp)
        support = None
        if chosen.support is not None:
            leverage = None if interval is None else interval.standard_error**2
            support = chosen.support.check_one(values, leverage)
        return Assessment(probability, lp, contributions, interval, support)

    # -- many people -----------------------------------------------------------------------------

    def _parts(self, x: FloatArray) -> Iterator[tuple[npt.NDArray[np.intp], _Choice]]:
        """Rows of each pattern, with what scores them."""
        patterns, inverse = np.unique(~np.isnan(x), axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            rows = np.flatnonzero(inverse.ravel() == number)
            key = "".join("1" if known else "0" for known in pattern)
            yield rows, self._choices.get(key, self._fallback)

    def score_many(self, matrix: npt.ArrayLike, *, contributions: bool = False) -> Scores:
        """As `ScoringProgram.score_many`."""
        x = matrix_of(matrix, self.features)
        probability, lp = np.empty(len(x)), np.empty(len(x))
        parts = np.zeros(x.shape) if contributions else None
        for rows, chosen in self._parts(x):
            found = chosen.program.score_many(
                x[rows][:, chosen.positions], contributions=contributions
            )
            probability[rows], lp[rows] = found.probability, found.linear_predictor
            if parts is not None:
                parts[rows[:, None], chosen.positions] = found.contributions
        return Scores(probability, lp, parts)

    def interval_many(
        self, matrix: npt.ArrayLike, linear_predictor: FloatArray | None = None
    ) -> Intervals | None:
        """As `ScoringProgram.interval_many`; NaN for rows whose program has no uncertainty."""
        x = matrix_of(matrix, self.features)
        programs = [self.fallback, *(s.program for s in self.submodels)]
        if all(program.uncertainty is None for program in programs):
            return None
        found = Intervals(*(np.full(len(x), np.nan) for _ in range(3)))
        for rows, chosen in self._parts(x):
            lp = None if linear_predictor is None else linear_predictor[rows]
            part = chosen.program.interval_many(x[rows][:, chosen.positions], lp)
            if part is not None:
                found.lower[rows], found.upper[rows] = part.lower, part.upper
                found.standard_error[rows] = part.standard_error
        return found

    def assess_many(
        self,
        matrix: npt.ArrayLike,
        *,
        contributions: bool = False,
        runs: npt.NDArray[np.intp] | None = None,  # noqa: ARG002  (rows go to several programs)
    ) -> Assessments:
        """As `ScoringProgram.assess_many`."""
        x = matrix_of(matrix, self.features)
        scores = self.score_many(x, contributions=contributions)
        intervals = self.interval_many(x, scores.linear_predictor)
        leverage = None if intervals is None else np.square(intervals.standard_error)
        support = None if self.support is None else self._support_many(x, leverage)
        return Assessments(scores, intervals, support)

    def _support_many(self, x: FloatArray, leverage: FloatArray | None) -> SupportColumns:
        distance, distant = np.zeros(len(x)), np.zeros(len(x), bool)
        whole = SupportColumns(
            np.empty(len(x), np.int8),
            np.zeros(x.shape, bool),
            np.zeros(x.shape, bool),
            np.empty(len(x)),
            leverage,
            np.zeros(len(x), bool),
            distance,
            distant,
        )
        for rows, chosen in self._parts(x):
            assert chosen.support is not None
            part = chosen.support.check_many(x[rows], None if leverage is None else leverage[rows])
            whole.status[rows] = part.status
            whole.outside_population[rows] = part.outside_population
            whole.outside_range[rows] = part.outside_range
            whole.missing_share[rows] = part.missing_share
            whole.leverage_exceeded[rows] = part.leverage_exceeded
            if part.distance is not None and part.distance_exceeded is not None:
                distance[rows], distant[rows] = part.distance, part.distance_exceeded
        return whole


def fit_pattern_submodels(
    estimator: Any,
    frame: pd.DataFrame,
    y: npt.ArrayLike,
    *,
    rows: Literal["pattern", "known"] = "pattern",
    least_rows: int = 200,
    least_events: int = 20,
    support: Support | None = None,
    sample_weight: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
) -> PatternSubmodels:
    """Fit a submodel for each pattern of known features that is frequent enough.

    Parameters
    ----------
    estimator
        Unfitted; with ``lower``. The fall-back is its fit on all people, in which being unknown
        has a coefficient.
    frame, y
        One column per feature, NaN for missing; 0 or 1 per row.
    rows
        ``pattern``: a submodel is made on the people of its pattern alone, and is right whatever
        the reason that values are missing. ``known``: on all people of whom its features are
        known, which is more people, and right if values are missing at random.
    least_rows, least_events
        Fewest people of the pattern, and fewest of them with and without the outcome, for which a
        submodel is made.
    support
        Where the models may speak, for the features of the frame.
    sample_weight, groups
        As for the ``fit`` of the estimator.

    Raises
    ------
    ModelError
        If ``rows`` is neither.
    """
    from sklearn.base import clone

    if rows not in ("pattern", "known"):
        raise ModelError(f"rows is {rows!r}; expected 'pattern' or 'known'.")
    names = [str(column) for column in frame.columns]
    x, outcome = frame.to_numpy(np.float64), np.asarray(y, np.float64)
    options = {"sample_weight": sample_weight, "groups": groups}
    given = {name: np.asarray(one) for name, one in options.items() if one is not None}
    fallback = clone(estimator).fit(frame, outcome, **given).lower(names, support=support)
    patterns, inverse = np.unique(~np.isnan(x), axis=0, return_inverse=True)
    found = []
    for number, known in enumerate(patterns):
        own = inverse.ravel() == number
        events = outcome[own].sum()
        if not known.any() or own.sum() < least_rows:
            continue
        if min(events, own.sum() - events) < least_events:
            continue
        used = np.flatnonzero(own if rows == "pattern" else ~np.isnan(x[:, known]).any(axis=1))
        part = frame.iloc[used, np.flatnonzero(known)]
        own_estimator = _for_columns(estimator, names, known)
        fit = own_estimator.fit(part, outcome[used], **{k: v[used] for k, v in given.items()})
        found.append(_submodel(known, fit.lower(list(part.columns)), part, outcome[used]))
    found.sort(key=lambda s: (-s.n, s.known))
    return PatternSubmodels(fallback, tuple(found))


def _for_columns(estimator: Any, names: Sequence[str], known: npt.NDArray[np.bool_]) -> Any:
    """The unfitted estimator, its directions those of the known features alone."""
    from sklearn.base import clone

    own = clone(estimator)
    for key, directions in own.get_params().items():
        if directions is None or key.split("__")[-1] != "monotone":
            continue
        given = (
            [directions.get(name, 0) for name in names]
            if isinstance(directions, Mapping)
            else directions
        )
        own.set_params(**{key: [d for d, mark in zip(given, known, strict=True) if mark]})
    return own


def _submodel(
    known: npt.NDArray[np.bool_], program: ScoringProgram, part: pd.DataFrame, outcome: FloatArray
) -> Submodel:
    intervals = program.interval_many(part.to_numpy(np.float64))
    leverage = None
    if intervals is not None:
        leverage = float(np.quantile(np.square(intervals.standard_error), LEVERAGE_QUANTILE))
    pattern = "".join("1" if mark else "0" for mark in known)
    return Submodel(pattern, len(part), int(outcome.sum()), program, leverage)
