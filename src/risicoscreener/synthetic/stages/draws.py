"""Random streams, and draws for many people at once."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DataError
from risicoscreener.synthetic.parameters import Parameters

Array: TypeAlias = np.ndarray[Any, Any]
Stream: TypeAlias = np.random.Generator
NO_DAY = np.int32(np.iinfo(np.int32).min)
"""The day that stands for no day."""
_ALL_BLOCKS = 2**32 - 1


@dataclass(frozen=True)
class Block:
    """A fixed number of people who are drawn together, and apart from all other people.

    A stage draws from a stream of its own, named after it, so that one more draw in a stage
    does not move the others.
    """

    seed: int
    number: int
    size: int
    parameters: Parameters

    def stream(self, stage: str) -> Stream:
        """The random stream of a stage for the people of this block."""
        return _stream(self.seed, self.number, stage)

    def shared_stream(self, stage: str) -> Stream:
        """A random stream that is the same in every block, for what people share."""
        return _stream(self.seed, _ALL_BLOCKS, stage)


def _stream(seed: int, block: int, stage: str) -> Stream:
    key = (block, zlib.crc32(stage.encode()))
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=key)))


def probability(log_odds: Any) -> Array:
    """The probability of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(log_odds, dtype=np.float64))))


def happens(rng: Stream, chance: Any, size: int) -> Array:
    """Whether each of ``size`` events with a given chance happens."""
    return np.asarray(rng.random(size) < chance)


def gamma(rng: Stream, spec: Mapping[str, float], size: int) -> Array:
    """Gamma draws with a mean and a shape."""
    return rng.gamma(spec["shape"], spec["mean"] / spec["shape"], size)


def poisson(rng: Stream, mean: Any, size: int) -> Array:
    """Numbers of events with a given mean."""
    return rng.poisson(mean, size).astype(np.int32)


def gamma_days(rng: Stream, spec: Mapping[str, float], size: int) -> Array:
    """Whole days with a mean and a shape."""
    return np.rint(gamma(rng, spec, size)).astype(np.int32)


def between(rng: Stream, bounds: Sequence[int], size: int) -> Array:
    """Whole numbers from the first of ``bounds`` to the last, both included."""
    return rng.integers(bounds[0], bounds[1] + 1, size).astype(np.int32)


def code(vocabulary: str, name: str) -> int:
    """Place of a code in its vocabulary, which is how tables hold it.

    Raises
    ------
    DataError
        If the vocabulary does not have the code, which a changed parameter may name.
    """
    codes = vocabularies()[vocabulary].codes
    if name not in codes:
        known = ", ".join(codes)
        raise DataError(f"{name!r} is no code of {vocabulary!r}; expected one of {known}")
    return codes.index(name)


def places(vocabulary: str, names: Sequence[str]) -> Array:
    """Places of several codes in their vocabulary."""
    return np.array([code(vocabulary, name) for name in names], dtype=np.int8)


def pick(rng: Stream, weights: Mapping[str, float], vocabulary: str, size: int) -> Array:
    """Codes drawn with the same weights for all."""
    chosen = _choose(rng.random(size), np.array([list(weights.values())], dtype=np.float64))
    return places(vocabulary, list(weights))[chosen]


def pick_by(
    rng: Stream, weights: Sequence[Mapping[str, float]], kind: Array, vocabulary: str
) -> Array:
    """Codes drawn with the weights of each row's kind, an index into ``weights``."""
    names = list(dict.fromkeys(name for one in weights for name in one))
    table = np.array([[one.get(name, 0.0) for name in names] for one in weights], dtype=np.float64)
    return places(vocabulary, names)[choose_by(rng, table, kind)]


def choose_by(rng: Stream, table: Array, kind: Array) -> Array:
    """A column of ``table``, shape (kinds, k), for each row by the weights of its kind.

    All rows of the table are laid end to end, so that one search finds the columns.
    """
    shares = np.cumsum(table, axis=1)
    shares /= shares[:, -1:]
    ends = (shares + np.arange(len(table))[:, None]).ravel()
    mark = kind + np.minimum(rng.random(len(kind)), 1.0 - 1e-12)
    found = np.searchsorted(ends, mark, side="right")
    return np.asarray(found - kind * np.int64(table.shape[1]))


def choose(rng: Stream, weights: Array) -> Array:
    """A column of ``weights``, shape (n, k), for each row."""
    return _choose(rng.random(len(weights)), weights)


def _choose(uniform: Array, weights: Array) -> Array:
    cumulative = np.cumsum(weights, axis=1)
    mark = uniform[:, None] * cumulative[:, -1:]
    return np.asarray((mark >= cumulative).sum(axis=1))


def by_code(vocabulary: str, values: Mapping[str, Any], kind: type = float) -> Array:
    """A lookup array over the codes of a vocabulary; codes without a value get zero."""
    codes = vocabularies()[vocabulary].codes
    return np.array([values.get(name, 0) for name in codes], dtype=kind)
