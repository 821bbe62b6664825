"""How much one client may ask for: buckets that fill with time, and places that others keep."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import ExitStack

from risicoscreener.serve.problems import Problem

MOST_CLIENTS = 10_000
"""Clients that are remembered; who was silent longest is forgotten, and starts full again."""


class Buckets:
    """A bucket for each client, filled at a rate up to a size; a screening takes one.

    Parameters
    ----------
    per_minute, burst
        How fast a bucket fills, and how much it holds.
    clock
        Seconds that only go forward.
    """

    def __init__(
        self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._size, self._clock = per_minute / 60.0, float(burst), clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Take one.

        Raises
        ------
        Problem
            429, with the seconds after which there is one again.
        """
        seconds = self.seconds_until_one(client)
        if seconds > 0:
            raise Problem(
                429,
                "too-many-requests",
                "more was asked for than this client may in this time; ask again after the seconds "
                "in Retry-After",
                {"Retry-After": str(int(seconds) + 1)},
            )
        level, at = self._levels[client]
        self._levels[client] = (level - 1.0, at)

    def seconds_until_one(self, client: str) -> float:
        """Seconds until a client may take one; 0 if it may now."""
        now = self._clock()
        level, at = self._levels.pop(client, (self._size, now))
        level = min(self._size, level + (now - at) * self._rate)
        self._levels[client] = (level, now)
        while len(self._levels) > MOST_CLIENTS:
            self._levels.popitem(last=False)
        return 0.0 if level >= 1.0 else (1.0 - level) / self._rate


class Places:
    """Requests of each client that are worked on: one client never has all places.

    Parameters
    ----------
    most
        How many places one client may have.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken: Counter[str] = Counter()

    def take(self, client: str, afterwards: ExitStack) -> None:
        """Take a place until ``afterwards`` is closed.

        Raises
        ------
        Problem
            429, with the seconds after which to come back.
        """
        if self.taken[client] >= self.most:
            raise Problem(
                429,
                "too-many-at-once",
                f"{self.most} requests of this client are worked on, as many as it may have at one "
                "time; ask again when one of them has ended",
                {"Retry-After": "1"},
            )
        self.taken[client] += 1
        afterwards.callback(self._leave, client)

    def _leave(self, client: str) -> None:
        self.taken[client] -= 1
        if not self.taken[client]:
            del self.taken[client]
