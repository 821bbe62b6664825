"""Screening of many dossiers: the chain of `route` over blocks of index rows, columns out."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from risicoscreener.decision import OUTCOMES
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.schema import EARLIEST
from risicoscreener.errors import DossierError, PolicyError
from risicoscreener.features.many import BLOCK, EventTables, compute_block
from risicoscreener.features.table import EPOCH, Index
from risicoscreener.models import Assessment, Interval
from risicoscreener.models.support import STATUSES
from risicoscreener.screening.result import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from risicoscreener.models import Assessments
    from risicoscreener.screening.result import ScreeningResult
    from risicoscreener.screening.route import Route

NO_REASON = np.int16(-1)
NO_VERSION = np.int8(-1)
NOT_SCREENED = "not_screened"
"""Counted apart: rows on whose deciding day no version of the policy applies."""


@dataclass(frozen=True)
class ModelColumns:
    """What one model says of each row: shape (n,), ``reasons`` (n, 3).

    ``support`` holds positions in `STATUSES` (-1: the row's policy does not read this model);
    ``reasons`` positions among the features of the model, the largest contribution first.
    """

    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    support: np.ndarray
    reasons: np.ndarray

    @classmethod
    def empty(cls, n: int) -> ModelColumns:
        """Columns for ``n`` rows of which nothing is known."""
        return cls(
            np.full(n, np.nan),
            np.full(n, np.nan),
            np.full(n, np.nan),
            np.full(n, -1, dtype=np.int8),
            np.full((n, REASONS), NO_REASON, dtype=np.int16),
        )


@dataclass(frozen=True)
class DecisionColumns:
    """What the policy says of each row.

    Attributes
    ----------
    version
        Position of the version of the policy, shape (n,), int8; -1 where no version applies, and
        then nothing else is decided.
    outcome, rule, cell
        Positions in `OUTCOMES` (-1: not screened), in the rules and in the table of that
        version, shape (n,).
    requirements
        0 met, 1 not met, 2 unknown, shape (n, most requirements of a version), int8.
    conditions
        Whether each condition is attached, shape (n, most conditions of a version), bool.
    """

    version: np.ndarray
    outcome: np.ndarray
    rule: np.ndarray
    cell: np.ndarray
    requirements: np.ndarray
    conditions: np.ndarray

    @classmethod
    def empty(cls, n: int, route: Route) -> DecisionColumns:
        """Columns for ``n`` rows not yet decided."""
        most = [
            max(len(found) for found in counted)
            for counted in (
                [view.requirements for view in route.policies],
                [view.conditions for view in route.policies],
            )
        ]
        return cls(
            np.full(n, NO_VERSION),
            np.full(n, NO_VERSION),
            np.zeros(n, dtype=np.int16),
            np.zeros(n, dtype=np.int32),
            np.zeros((n, most[0]), dtype=np.int8),
            np.zeros((n, most[1]), dtype=bool),
        )


class ScreenedTable:
    """The results of many screenings, as columns; ``result(i)`` gives one in full.

    Attributes
    ----------
    decision
        Kind of decision.
    person_ids, as_of
        Who and when (days since 1970-01-01), shape (n,).
    decided, models
        What the policy and each model say of each row.
    """

    def __init__(self, route: Route, events: EventTables, at: Index) -> None:
        n = len(at)
        self.decision = route.kind
        self.person_ids = events.dossiers.person_ids.take(pa.array(at.positions))
        self.as_of = at.days
        self.decided = DecisionColumns.empty(n, route)
        self.models = {view.model.name: ModelColumns.empty(n) for view in route.models}
        self._route, self._events, self._at = route, events, at

    def __len__(self) -> int:
        return len(self.as_of)

    def __repr__(self) -> str:
        said = ", ".join(f"{count:,} {outcome}" for outcome, count in self.counts().items())
        return f"<ScreenedTable of {len(self):,} screenings for {self.decision}: {said}>"

    def counts(self) -> dict[str, int]:
        """How many rows have each outcome, the most liberty first; then those not screened."""
        screened = self.decided.outcome[self.decided.outcome >= 0]
        counts = np.bincount(screened, minlength=len(OUTCOMES)).tolist()
        said = dict(reversed(list(zip(OUTCOMES, counts, strict=True))))
        without = len(self) - len(screened)
        return {**said, NOT_SCREENED: without} if without else said

    @property
    def outcomes(self) -> np.ndarray:
        """The outcome of each row as text, ``not_screened`` among them, shape (n,)."""
        return np.array([*OUTCOMES, NOT_SCREENED])[self.decided.outcome]

    def result(self, row: int) -> ScreeningResult:
        """One row in full, with texts, contributions and missing information.

        Raises
        ------
        IndexError
            If there is no such row.
        PolicyError
            If no version of the policy applies to it.
        """
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        row %= len(self)
        route, chosen = self._route, slice(row, row + 1)
        block = _Block(route, self._events, self._at.positions[chosen], self._at.days[chosen])
        at = int(block.version[0])
        if at < 0:
            raise block.without_policy[0]
        person = int(self._at.positions[row])
        return route.result(
            str(self.person_ids[row]),
            EPOCH + dt.timedelta(days=int(self._at.days[row])),
            at,
            block.values[0].tolist(),
            {m: block.assessment(m) for m in route.models_of[at]},
            block.decided[at][1].row(0),
            int(self._events.dossiers.quarantined_rows[person]),
        )

    def to_arrow(self) -> pa.Table:
        """A row for each screening; texts and codes as dictionaries.

        Where no version of the policy applies, all but the first two are null.

        Columns: person_id, as_of, outcome, policy, rule, the level of each domain, per model
        probability, lower, upper, support and three reasons, and lists of the requirements not
        met or unknown and of the conditions.
        """
        views = self._route.policies
        columns: dict[str, Any] = {
            "person_id": self.person_ids,
            "as_of": pa.array(self.as_of, pa.int32()).cast(pa.date32()),
            "outcome": _coded(self.decided.outcome, OUTCOMES),
            "policy": _coded(self.decided.version, [view.used.id for view in views]),
            "rule": self._of_version(self.decided.rule, [[r.id for r in v.rules] for v in views]),
            **self._levels(),
        }
        for view, found in zip(self._route.models, self.models.values(), strict=True):
            columns |= _model_columns(view.model.name, found, view.model.features)
        named = [[levels[0].name for levels in view.requirements] for view in views]
        lacking = self.decided.requirements
        columns["requirements_not_met"] = self._lists(lacking == 1, named)
        columns["requirements_unknown"] = self._lists(lacking == 2, named)
        conditions = [[c.id for c in view.conditions] for view in views]
        columns["conditions"] = self._lists(self.decided.conditions, conditions)
        return pa.table(columns)

    def to_frame(self) -> pd.DataFrame:
        """`to_arrow` as a pandas frame."""
        frame: pd.DataFrame = self.to_arrow().to_pandas(date_as_object=False)
        return frame

    def write(self, path: str | Path) -> None:
        """Write to a file; in CSV lists are joined by a space.

        Raises
        ------
        DossierError
            If the name ends neither in ``.parquet`` nor in ``.csv``.
        """
        import pyarrow.csv
        import pyarrow.parquet

        table, name = self.to_arrow(), str(path)
        if name.endswith(".parquet"):
            pyarrow.parquet.write_table(table, name)
        elif name.endswith(".csv"):
            pyarrow.csv.write_csv(_flat(table), name)
        else:
            raise DossierError(f"{name}: expected a name that ends in .parquet or .csv")

    def _levels(self) -> dict[str, pa.Array]:
        """For each domain of any version the level of each row; null where not weighed."""
        found: dict[str, np.ndarray] = {}
        codes: dict[str, list[str]] = {}
        for version, view in enumerate(self._route.policies):
            rows = np.flatnonzero(self.decided.version == version)
            shape = tuple(len(levels) for levels in view.domains)
            places = np.unravel_index(self.decided.cell[rows], shape)
            for levels, place in zip(view.domains, places, strict=True):
                known = codes.setdefault(levels[0].name, [])
                known += [level.level for level in levels if level.level not in known]
                column = found.setdefault(levels[0].name, np.full(len(self), -1, dtype=np.int8))
                column[rows] = np.array([known.index(x.level) for x in levels], np.int8)[place]
        return {name: _coded(column, codes[name]) for name, column in found.items()}

    def _of_version(self, column: np.ndarray, names: list[list[str]]) -> pa.Array:
        """Names for positions that count within the version of each row."""
        known, codes = _numbered(names)
        found = codes[self.decided.version, column]
        return _coded(np.where(self.decided.version < 0, -1, found), known)

    def _lists(self, chosen: np.ndarray, names: list[list[str]]) -> pa.Array:
        """For each row the names of the chosen columns."""
        known, codes = _numbered(names)
        decided = self.decided.version >= 0
        kept = chosen[:, : codes.shape[1]] & (codes >= 0)[self.decided.version] & decided[:, None]
        rows, columns = np.nonzero(kept)
        ends = np.concatenate(([0], np.cumsum(kept.sum(axis=1)))).astype(np.int32)
        found = codes[self.decided.version[rows], columns]
        return pa.ListArray.from_arrays(pa.array(ends), _coded(found, known))


def _numbered(names: list[list[str]]) -> tuple[list[str], np.ndarray]:
    """All distinct names, and the number of each by version and position (-1: no such position)."""
    known = list(dict.fromkeys(name for part in names for name in part))
    codes = np.full((len(names), max(map(len, names), default=0)), -1, dtype=np.int16)
    for version, part in enumerate(names):
        codes[version, : len(part)] = [known.index(name) for name in part]
    return known, codes


def screen_many(
    route: Route,
    dossiers: DossierTables,
    index: pd.DataFrame | Index | dt.date,
    *,
    n_threads: int | None = None,
    on_block: Callable[[int, int], None] | None = None,
) -> ScreenedTable:
    """Screen many dossiers along a route; see `Screener.screen_many`."""
    at = Index.of(dossiers, index)
    _check_days(dossiers, at)
    events = EventTables(dossiers)
    events.prepare(route.plan)
    screened = ScreenedTable(route, events, at)
    n = len(at)
    bounds = [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]

    def work(rows: slice) -> int:
        block = _Block(route, events, at.positions[rows], at.days[rows])
        block.write(screened, rows.start)
        return rows.stop - rows.start

    # The blocks are the parallel work: threads inside the linear algebra would only wait.
    with (
        threadpool_limits(1, "blas"),
        ThreadPoolExecutor(n_threads or os.cpu_count() or 1) as pool,
    ):
        for done in pool.map(work, bounds):
            if on_block is not None:
                on_block(done, n)
    return screened


def tables_of(dossiers: DossierTables | Mapping[str, Any]) -> DossierTables:
    """Tables as they are, or validated from frames (pandas or Arrow) by table name.

    Raises
    ------
    DossierError
        If they are not those of dossiers.
    """
    if isinstance(dossiers, DossierTables):
        return dossiers
    try:
        frames = dict(dossiers)
    except (TypeError, ValueError):
        kind = type(dossiers).__name__
        raise DossierError(f"expected dossier tables or frames by table name, not {kind}") from None
    if all(isinstance(frame, (pa.Table, pa.RecordBatch)) for frame in frames.values()):
        return DossierTables.from_arrow(frames)
    return DossierTables.from_pandas(frames)


def _check_days(dossiers: DossierTables, at: Index) -> None:
    """Each day lies after the birth of its person and has come."""
    born = dossiers.tables["persons"].column("birth_date").combine_chunks().cast(pa.int32())
    first = np.maximum(born.to_numpy()[at.positions], (EARLIEST - EPOCH).days)
    today = (dt.date.today() - EPOCH).days
    wrong = np.flatnonzero((at.days < first) | (at.days > today))
    if len(wrong):
        row = int(wrong[0])
        day = np.datetime64(int(at.days[row]), "D")
        raise DossierError(
            f"index row {row}: as_of is {day}; expected a day after the birth of "
            f"{dossiers.person_ids[int(at.positions[row])]}, up to and including today "
            f"({len(wrong)} row(s) like this)"
        )


class _Block:
    """Features, models and decisions of some index rows, in this thread."""

    def __init__(
        self,
        route: Route,
        events: EventTables,
        positions: np.ndarray,
        days: np.ndarray,
    ) -> None:
        self.route = route
        self.values = compute_block(route.plan, events, positions, days)
        self.quarantined = events.dossiers.quarantined_rows[positions]
        self.without_policy: list[PolicyError] = []
        self.version = self._versions(days)
        used = {int(at) for at in np.unique(self.version) if at >= 0}
        self.inputs: dict[int, np.ndarray] = {}
        self.assessed: dict[int, Assessments] = {}
        self.reasons: dict[int, np.ndarray] = {}
        for m in sorted({m for at in used for m in route.models_of[at]}):
            self._assess(m)
        self.decided = {at: self._decide(at) for at in sorted(used)}

    def _versions(self, days: np.ndarray) -> np.ndarray:
        """Position of the version for each row: the deciding days, each looked up once."""
        route = self.route
        version = np.empty(len(days), dtype=np.int8)
        judged = np.full(len(days), np.nan)
        if route.judgment is not None:
            judged = self.values[:, route.judgment] + days
        by_judgment = ~np.isnan(judged) & route.by_judgment
        for chosen, deciding in ((by_judgment, judged), (~by_judgment, days)):
            found, inverse = np.unique(deciding[chosen], return_inverse=True)
            picked = [self._pick(int(day), chosen is by_judgment) for day in found]
            version[chosen] = np.array(picked, dtype=np.int8)[inverse] if picked else 0
        return version

    def _pick(self, day: int, judged: bool) -> int:
        on = EPOCH + dt.timedelta(days=day)
        try:
            return self.route.version(on, on if judged else None)
        except PolicyError as error:
            self.without_policy.append(error)
            return int(NO_VERSION)

    def _assess(self, m: int) -> None:
        """What one model says of the rows, and its strongest reasons."""
        self.inputs[m] = self.values[:, list(self.route.model_inputs[m])]
        assessed = self.route.models[m].program.assess_many(self.inputs[m], contributions=True)
        contributions = assessed.scores.contributions
        assert contributions is not None
        self.reasons[m] = strongest(contributions, REASONS)
        self.assessed[m] = assessed

    def _decide(self, at: int) -> tuple[np.ndarray, Any]:
        """The rows of one version, and what it decides of them."""
        rows = np.flatnonzero(self.version == at)
        n, models = len(rows), self.route.models_of[at]
        probability, lower, upper = (np.full((n, len(models)), np.nan) for _ in range(3))
        supported = np.ones((n, len(models)), dtype=bool)
        for place, m in enumerate(models):
            found = self.assessed[m]
            probability[:, place] = found.scores.probability[rows]
            if found.intervals is not None:
                lower[:, place] = found.intervals.lower[rows]
                upper[:, place] = found.intervals.upper[rows]
            if found.support is not None:
                supported[:, place] = found.support.status[rows] == STATUSES.index("inside")
        decided = self.route.policies[at].compiled.decide_many(
            self._inputs(at, rows), probability, lower, upper, supported
        )
        return rows, decided

    def _inputs(self, at: int, rows: np.ndarray) -> np.ndarray:
        """What a version reads of some rows, shape (len(rows), its inputs)."""
        columns = self.route.inputs[at]
        inputs = np.empty((len(rows), len(columns)), order="F")
        for place, column in enumerate(columns):
            apart = column == self.route.set_apart
            inputs[:, place] = (self.quarantined if apart else self.values[:, column])[rows]
        return inputs

    def assessment(self, m: int) -> Assessment:
        """What a model says of the first row, as for one person."""
        found, view = self.assessed[m], self.route.models[m]
        scores, intervals, support = found.scores, found.intervals, found.support
        interval = checked = None
        if intervals is not None:
            interval = Interval(
                float(intervals.lower[0]),
                float(intervals.upper[0]),
                float(intervals.standard_error[0]),
            )
        if support is not None and view.program.support is not None:
            leverage = None if support.leverage is None else float(support.leverage[0])
            checked = view.program.support.check_one(self.inputs[m][0].tolist(), leverage)
        assert scores.contributions is not None
        return Assessment(
            float(scores.probability[0]),
            float(scores.linear_predictor[0]),
            scores.contributions[0].tolist(),
            interval,
            checked,
        )

    def write(self, screened: ScreenedTable, start: int) -> None:
        """Put what was found into the columns of the whole, from row ``start``."""
        for at, (rows, decided) in self.decided.items():
            into, out = start + rows, screened.decided
            out.version[into] = at
            out.outcome[into] = decided.outcome
            out.rule[into] = decided.rule
            out.cell[into] = decided.cell
            out.requirements[into, : decided.requirements.shape[1]] = decided.requirements
            out.conditions[into, : decided.conditions.shape[1]] = decided.conditions
            for m in self.route.models_of[at]:
                self._write_model(m, rows, into, screened)

    def _write_model(
        self, m: int, rows: np.ndarray, into: np.ndarray, screened: ScreenedTable
    ) -> None:
        columns = screened.models[self.route.models[m].model.name]
        found = self.assessed[m]
        columns.probability[into] = found.scores.probability[rows]
        columns.reasons[into, : self.reasons[m].shape[1]] = self.reasons[m][rows]
        columns.support[into] = 0 if found.support is None else found.support.status[rows]
        if found.intervals is not None:
            columns.lower[into] = found.intervals.lower[rows]
            columns.upper[into] = found.intervals.upper[rows]


def strongest(contributions: np.ndarray, k: int) -> np.ndarray:
    """Positions of the ``k`` largest absolute values of each row, ties in column order.

    Parameters
    ----------
    contributions
        Shape (n, F).

    Returns
    -------
    ndarray of shape (n, min(k, F)), int16.
    """
    size = np.abs(contributions)
    k = min(k, size.shape[1])
    best = np.empty((len(size), k), dtype=np.int16)
    rows = np.arange(len(size))
    for place in range(k):
        best[:, place] = size.argmax(axis=1)
        size[rows, best[:, place]] = -1.0
    return best


def _coded(codes: np.ndarray, names: Sequence[str] | np.ndarray) -> pa.DictionaryArray:
    indices = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), pa.string()))


def _model_columns(name: str, found: ModelColumns, features: Sequence[str]) -> dict[str, pa.Array]:
    columns: dict[str, Any] = {
        f"{name}_{part}": pa.array(getattr(found, part), from_pandas=True)
        for part in ("probability", "lower", "upper")
    }
    columns[f"{name}_support"] = _coded(found.support, STATUSES)
    for place in range(REASONS):
        columns[f"{name}_reason_{place + 1}"] = _coded(found.reasons[:, place], features)
    return columns


def _flat(table: pa.Table) -> pa.Table:
    """A table without dictionaries and lists, for CSV."""
    import pyarrow.compute as pc

    columns = []
    for column in table.columns:
        plain = column.combine_chunks()
        if pa.types.is_list(column.type):
            flat = pa.ListArray.from_arrays(plain.offsets, plain.values.cast(pa.string()))
            plain = pc.binary_join(flat, " ")
        elif pa.types.is_dictionary(column.type):
            plain = plain.cast(pa.string())
        columns.append(plain)
    return pa.table(columns, names=table.column_names)
