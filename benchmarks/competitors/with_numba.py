"""A numba kernel by hand: one pass over the rows of each person."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from competitors._features import LONGEST_AGO, MOST_DEBT, TODAY, VIOLENT, VIOLENT_DAYS, People
from competitors._interface import Competitor


@cache
def kernel() -> Any:
    """The kernel, compiled when it is first wanted."""
    import numba

    @numba.njit(parallel=True, error_model="numpy")
    def seven(offsets, convictions, debts, housing, values):
        recorded, offence_on, kind, severity, violent = convictions
        debt_recorded, amount, until = debts
        place_recorded, from_on, until_on, status, own = housing
        for person in numba.prange(len(values)):
            total, recent, latest, highest, kinds = 0, 0, -1, 0, 0
            for row in range(offsets[0, person], offsets[0, person + 1]):
                if recorded[row] <= TODAY:
                    total += 1
                    recent += violent[kind[row]] & (offence_on[row] > TODAY - VIOLENT_DAYS)
                    latest = max(latest, offence_on[row])
                    highest = max(highest, severity[row])
                    kinds |= 1 << kind[row]
            different = 0
            while kinds:
                kinds &= kinds - 1
                different += 1
            owed, debts_open = 0.0, 0
            for row in range(offsets[1, person], offsets[1, person + 1]):
                if debt_recorded[row] <= TODAY and until[row] > TODAY:
                    owed += amount[row]
                    debts_open += 1
            since, at_home = -(2**31), np.nan
            for row in range(offsets[2, person], offsets[2, person + 1]):
                known = place_recorded[row] <= TODAY and until_on[row] > TODAY
                if known and from_on[row] > since:
                    since, at_home = from_on[row], 1.0 if own[status[row]] else 0.0
            values[person, 0] = total if total else np.nan
            values[person, 1] = recent if total else np.nan
            values[person, 2] = min(TODAY - latest, LONGEST_AGO) if total else np.nan
            values[person, 3] = highest if total else np.nan
            values[person, 4] = different if total else np.nan
            values[person, 5] = min(owed, MOST_DEBT) if debts_open else np.nan
            values[person, 6] = at_home

    return seven


class Features(Competitor):
    name = "numba by hand"
    task = "features"
    does = "the seven features; no corrections; fixed in the code"
    tuned = "one pass over each table, persons in parallel, compiled beforehand; two threads"
    needs = ("numba",)

    def prepare(self, data: People) -> tuple[Any, ...]:
        persons = np.arange(data.n + 1)
        offsets = [np.searchsorted(t["number"], persons) for t in data.arrays.values()]
        given = [list(t.values())[1:] for t in data.arrays.values()]
        kinds = data.codes("convictions", "offence_class")
        given[0].append(np.isin(kinds, VIOLENT))
        places = data.codes("housing", "status")
        given[2].append(np.array([place == "own_address" for place in places]))
        prepared = (np.array(offsets), *map(tuple, given), data.n)
        self.run(prepared)
        return prepared

    def run(self, prepared: tuple[Any, ...]) -> np.ndarray:
        *given, n = prepared
        values = np.empty((n, 7))
        kernel()(*given, values)
        return values


COMPETITORS = (Features(),)
