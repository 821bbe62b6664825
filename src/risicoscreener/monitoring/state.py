"""What is kept between runs, so that a monthly run goes on with the same test."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from risicoscreener.errors import EvaluationError, MonitoringError
from risicoscreener.evaluation.sequential import (
    BettingSequence,
    Binned,
    CohortProcess,
    EProcess,
)
from risicoscreener.writing import put_in_place

MOST_BYTES = 200_000_000


class PartState(Struct, frozen=True, forbid_unknown_fields=True):
    """An `EProcess`, or with ``by_cohort`` a `CohortProcess`, as plain values."""

    log_wealth: list[float | None]
    bets: int
    periods: int
    log_largest: float
    first: float
    mean_wait: float
    by_cohort: bool = False

    @classmethod
    def of(cls, process: EProcess) -> PartState:
        """As it is kept."""
        return cls(**process.to_dict(), by_cohort=isinstance(process, CohortProcess))

    def process(self) -> EProcess:
        """As it goes on."""
        kind = CohortProcess if self.by_cohort else EProcess
        return kind.from_dict(msgspec.structs.asdict(self))


class SequenceState(Struct, frozen=True, forbid_unknown_fields=True):
    """A `BettingSequence` as plain values."""

    level: float
    log_up: list[float | None]
    log_down: list[float | None]
    n: int
    total: float
    squares: float

    @classmethod
    def of(cls, sequence: BettingSequence) -> SequenceState:
        """As it is kept."""
        return cls(**sequence.to_dict())

    def sequence(self) -> BettingSequence:
        """As it goes on."""
        return BettingSequence.from_dict(msgspec.structs.asdict(self))


class CusumState(Struct, frozen=True, forbid_unknown_fields=True):
    """Two risk-adjusted sums: for more outcomes than predicted, and for fewer."""

    limits: tuple[float, float]
    values: tuple[float, float] = (0.0, 0.0)
    largest: tuple[float, float] = (0.0, 0.0)


class Point(Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """One stream in one period.

    Attributes
    ----------
    period
        Name of the period.
    n
        People, decisions or person-months.
    observed, expected, variance
        What was counted, what was to be expected, and the variance of that.
    log_e
        Log of the e-value after the period; for a CUSUM the larger of its two sums, over its limit.
    hits
        What was counted of each part, in their order.
    """

    period: str
    n: float
    observed: float
    expected: float
    variance: float
    log_e: float
    hits: tuple[float, ...] = ()


class StreamState(Struct, frozen=True, forbid_unknown_fields=True):
    """One stream of one group.

    Attributes
    ----------
    parts
        By name what is bet on.
    points
        What was counted, by period.
    alarm
        Period in which the alarm was first raised; empty without.
    sequence, cusum
        Of kinds that have one.
    """

    parts: dict[str, PartState]
    points: tuple[Point, ...] = ()
    alarm: str = ""
    sequence: SequenceState | None = None
    cusum: CusumState | None = None


class BinnedState(Struct, frozen=True, forbid_unknown_fields=True):
    """A `Binned` as plain values."""

    edges: list[float]
    counts: list[float]

    def binned(self) -> Binned:
        """As it is used."""
        return Binned.from_dict(msgspec.structs.asdict(self))


class Range(Struct, frozen=True, forbid_unknown_fields=True):
    """Between what a share, or a rate by month, is expected; and what it was in the reference."""

    low: float
    high: float
    reference: float


class Timing(Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """How outcomes come in of people with a probability below ``below``.

    ``curve`` has days and the part that is registered by then, as of `TimingCurve`.
    """

    below: float
    curve: tuple[tuple[float, float], ...]


class Baseline(Struct, frozen=True, forbid_unknown_fields=True):
    """What was learnt from the reference before the first period.

    Attributes
    ----------
    people
        Screenings in the reference.
    groups
        By column the groups that are watched apart.
    bins
        By column the bins of features, and of the score as ``score``.
    ranges
        By key of the stream, and part.
    timing
        How outcomes come in, from low to high risk; empty where no stream needs it.
    limits
        By key the two limits of a CUSUM.
    """

    people: int
    groups: dict[str, tuple[str, ...]]
    bins: dict[str, BinnedState]
    ranges: dict[str, dict[str, Range]]
    timing: tuple[Timing, ...] = ()
    limits: dict[str, tuple[float, float]] = {}

    def binned(self) -> dict[str, Binned]:
        """The bins as they are used."""
        return {name: kept.binned() for name, kept in self.bins.items()}


class MonitorState(Struct, frozen=True, forbid_unknown_fields=True):
    """A test that goes on.

    Attributes
    ----------
    settings
        Digest of the configuration that it belongs to.
    periods
        Names of the periods that were counted, and the screenings in each.
    streams
        By key.
    queue
        Deep assessments that waited at the end of each period.
    """

    settings: str
    baseline: Baseline
    streams: dict[str, StreamState]
    periods: dict[str, int] = {}
    queue: tuple[int, ...] = ()
    format_version: Literal[1] = 1

    def to_json(self) -> bytes:
        """As it is kept: the same state gives the same bytes."""
        return msgspec.json.encode(self, order="sorted") + b"\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file that is whole or not there.

        It holds counts of small groups too: keep it as the record is kept.
        """
        with put_in_place(path) as unfinished:
            unfinished.write_bytes(self.to_json())


def read_state(path: str | os.PathLike[str]) -> MonitorState:
    """A state that was saved.

    Raises
    ------
    MonitoringError
        If the file is no state, or of another version of this library.
    OSError
        If it cannot be read.
    """
    file = Path(path)
    if file.stat().st_size > MOST_BYTES:
        raise MonitoringError(f"{path} has more than {MOST_BYTES:,} bytes; expected a state")
    try:
        found = msgspec.json.decode(file.read_bytes(), type=MonitorState)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise MonitoringError(
            f"{path} is no state of a monitor: {error}; expected the file that an earlier run wrote"
        ) from None
    try:
        for stream in found.streams.values():
            for part in stream.parts.values():
                part.process()
            if stream.sequence is not None:
                stream.sequence.sequence()
    except (ValueError, EvaluationError) as error:
        raise MonitoringError(f"{path} holds a bet that is none: {error}") from None
    if any(not math.isfinite(point.log_e) for s in found.streams.values() for point in s.points):
        raise MonitoringError(f"{path} holds an e-value that is no number")
    return found
