"""The kernels of `columns.h` and `scoring.c` in numba: the same bytecode, the same loops.

numba takes no array of pointers, so the columns of a kind are copied into one array for each
table; that is not counted as time of the kernel.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from _bytecode import FINISH, OPS, PlanCode
from _scoring import ARRAYS, NUMBERS, arrays_of
from numba import njit

from risicoscreener.dossier.schema import tables
from risicoscreener.features.many import EventTables
from risicoscreener.features.one import DAYS_PER_YEAR
from risicoscreener.models import ScoringProgram

FAR = np.int32(2**30)
BLOCK = 256
DEPTH = 24

IN, RANGE, DAYS = OPS["in"], OPS["range"], OPS["days"]
HAS_DAY, HAS_CODE, HAS_NUMBER = OPS["has_day"], OPS["has_code"], OPS["has_number"]
OPEN, ON, WITHIN, SINCE = OPS["open"], OPS["on"], OPS["within"], OPS["since"]
COUNT, LEAST_AGO, MOST_AGO = OPS["count"], OPS["least_ago"], OPS["most_ago"]
SUM_NUMBER, SUM_CODE = OPS["sum_number"], OPS["sum_code"]
MAX_NUMBER, MAX_CODE = OPS["max_number"], OPS["max_code"]
LAST_NUMBER, LAST_DAY, DISTINCT = OPS["last_number"], OPS["last_day"], OPS["distinct"]
F_ANY, F_MAX, F_LEAST, F_MOST = (FINISH[n] for n in ("any", "max", "least_ago", "most_ago"))
F_AGE_AT, F_LAST, F_DISTINCT = (FINISH[n] for n in ("age_at_first", "last", "distinct"))
F_AGE, F_GIVEN, F_RATIO = (FINISH[n] for n in ("age", "given", "ratio"))
F_LINEAR, F_CASES = FINISH["linear"], FINISH["cases"]

compiled = njit(nogil=True, cache="NO_CACHE" not in os.environ, error_model="numpy")


@compiled
def _test_rows(i, limits, days, codes, numbers, rows, today, arrival, owner, mask, ago, out):
    op, col, known = i[0], i[1], i[2]
    n = rows.stop - rows.start
    if op == IN:
        wanted, c = np.uint32(i[5]), codes[col, rows]
        for k in range(n):
            out[k] = mask[k] & np.uint8((wanted >> np.uint32(c[k] & 31)) & np.uint32(1))
    elif op == RANGE:
        x, low, high = numbers[col, rows], limits[0], limits[1]
        for k in range(n):
            out[k] = mask[k] & np.uint8(x[k] >= low) & np.uint8(x[k] <= high)
    elif op == DAYS:
        d, low, high = days[col, rows], limits[0], limits[1]
        for k in range(n):
            near = np.uint8(d[k] < FAR)
            out[k] = mask[k] & near & np.uint8(d[k] >= low) & np.uint8(d[k] <= high)
    elif op == HAS_DAY:
        d = days[col, rows]
        for k in range(n):
            out[k] = np.uint8(d[k] < FAR)
    elif op == HAS_CODE:
        c = codes[col, rows]
        for k in range(n):
            out[k] = np.uint8(c[k] >= 0)
    elif op == HAS_NUMBER:
        x = numbers[col, rows]
        for k in range(n):
            out[k] = np.uint8(x[k] == x[k])
    elif op == OPEN:
        d = days[col, rows]
        for k in range(n):
            out[k] = mask[k] & np.uint8(d[k] > today)
    elif op == ON:
        d = days[col, rows]
        for k in range(n):
            out[k] = mask[k] & np.uint8(d[k] <= today)
    elif op == WITHIN:
        low, high = np.int32(i[5]), np.int32(i[6])
        for k in range(n):
            out[k] = mask[k] & np.uint8(ago[k] >= low) & np.uint8(ago[k] < high)
    elif op == SINCE:
        for k in range(n):
            out[k] = mask[k] & np.uint8(ago[k] <= arrival[owner[k]])
    if op > HAS_NUMBER:
        return
    if known >= 0:
        d = days[known, rows]
        for k in range(n):
            out[k] &= np.uint8(d[k] <= today)
    if op >= HAS_DAY:
        negated = np.uint8(i[5])
        for k in range(n):
            out[k] = mask[k] & (out[k] ^ negated)


@compiled
def _gather(i, first, n, today, mask, ago, days, codes, numbers, lookups, value, other, owner):
    """All in one function: an array that is handed over is counted, which costs more than a row."""
    op, col, known, lookup = i[0], i[1], i[2], i[5]
    for k in range(n):
        if not mask[k]:
            continue
        r, j = first + k, owner[k]
        if op in (LEAST_AGO, MOST_AGO):
            nearer = ago[k] < value[j] if op == LEAST_AGO else ago[k] > value[j]
            if other[j] == 0 or nearer:
                value[j] = ago[k]
            other[j] = 1
            continue
        late = known >= 0 and days[known, r] > today
        if op == DISTINCT:
            if codes[col, r] >= 0 and not late:
                other[j] |= np.int64(1) << np.int64(codes[col, r])
            continue
        v = np.nan
        if not late:
            if op == LAST_DAY:
                if days[col, r] < FAR:
                    v = float(days[col, r] - today)
            elif op in (SUM_NUMBER, MAX_NUMBER, LAST_NUMBER):
                v = numbers[col, r]
            elif codes[col, r] >= 0:
                v = lookups[lookup, codes[col, r]]
        if op in (SUM_NUMBER, SUM_CODE):
            if v == v:
                value[j] += v
        elif op in (MAX_NUMBER, MAX_CODE):
            if v == v and (other[j] < 2 or v > value[j]):
                value[j] = v
                other[j] = 2
            other[j] = max(other[j], 1)
        elif other[j] == 0 or ago[k] < other[j] - 1:
            other[j] = ago[k] + 1
            value[j] = v
        elif ago[k] == other[j] - 1 and value[j] != v:
            value[j] = np.nan


@compiled
def _seen(rows, recorded, voided, replaced, today, out):
    r, v, g = recorded[rows], voided[rows], replaced[rows]
    for k in range(len(r)):
        out[k] = np.uint8(r[k] <= today) & np.uint8(v[k] <= 0) & np.uint8(g[k] > today)


@compiled
def _pack(mask, n, bits):
    eights = mask.view(np.uint64)
    for w in range((n + 63) // 64):
        word = np.uint64(0)
        for k in range(8):
            eight = eights[w * 8 + k] * np.uint64(0x0102040810204080)
            word |= (eight >> np.uint64(56)) << np.uint64(8 * k)
        bits[w] = word
    bits[(n + 63) // 64] = np.uint64(0)


@compiled
def _ones(bits, start, stop):
    total = 0
    while start < stop:
        n, shift = min(stop - start, 64), start & 63
        word = bits[start >> 6] >> np.uint64(shift)
        if shift:
            word |= bits[(start >> 6) + 1] << np.uint64(64 - shift)
        if n < 64:
            word &= (np.uint64(1) << np.uint64(n)) - np.uint64(1)
        word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
        pairs = np.uint64(0x3333333333333333)
        word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
        word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        total += np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
        start += n
    return total


@compiled
def _table(
    table, person, people, today, arrival, lookups, values, others, asked, masks, agos, owner, bits
):
    offsets, recorded, voided, replaced, days, codes, numbers, code, limits = table
    first = offsets[person]
    n = offsets[person + people] - first
    rows = slice(first, first + n)
    _seen(rows, recorded, voided, replaced, today, masks[0])
    masks[0, n : n + 64] = 0
    _pack(masks[0], n, bits)
    for j in range(people):
        start, stop = offsets[person + j] - first, offsets[person + j + 1] - first
        if _ones(bits, start, stop) > 0:
            asked[j] = 1
        for k in range(start, stop):
            owner[k] = j
    ends = np.zeros(DEPTH, dtype=np.int64)
    ago_of = np.zeros(DEPTH, dtype=np.int64)
    ends[0], depth = len(code), 0
    for at in range(len(code)):
        while depth > 0 and at >= ends[depth]:
            depth -= 1
        i, mask, ago = code[at], masks[depth], agos[ago_of[depth]]
        if i[0] == COUNT:
            value = values[i[4]]
            _pack(mask, n, bits)
            for j in range(people):
                value[j] += _ones(
                    bits, offsets[person + j] - first, offsets[person + j + 1] - first
                )
        elif i[0] > COUNT:
            value, other = values[i[4]], others[i[4]]
            _gather(
                i, first, n, today, mask, ago, days, codes, numbers, lookups, value, other, owner
            )
        else:
            depth += 1
            ends[depth], ago_of[depth] = i[3], ago_of[depth - 1]
            if i[0] == ON:
                d, new = days[i[1], rows], agos[depth]
                for k in range(n):
                    new[k] = today - d[k]
                ago_of[depth] = depth
            _test_rows(
                i, limits[at], days, codes, numbers, rows, today, arrival, owner, mask, ago,
                masks[depth],
            )  # fmt: skip
            masks[depth, n : n + 64] = 0


@compiled
def _finish(how, with_, inputs, weights, born, today, values, other, asked, arrival, f, n):
    op, table, since, first, count, needed = how
    none, cap, v = with_[0], with_[1], values[f]
    if op in (F_LINEAR, F_CASES):
        v[:n] = none
    for k in range(n):
        if op == F_ANY:
            v[k] = 1.0 if v[k] > 0 else 0.0
        elif op == F_MAX:
            v[k] = v[k] if other[k] == 2 else np.nan if other[k] else none
        elif op in (F_LEAST, F_MOST, F_LAST):
            v[k] = v[k] if other[k] else none
        elif op == F_AGE_AT:
            v[k] = (today - born[k] - v[k]) / DAYS_PER_YEAR if other[k] else none
        elif op == F_AGE:
            v[k] = (today - born[k]) / DAYS_PER_YEAR
        elif op == F_GIVEN:
            v[k] = np.nan
        elif op == F_DISTINCT:
            bits, v[k] = other[k], 0.0
            while bits:
                bits &= bits - 1
                v[k] += 1.0
    if op == F_RATIO:
        a, b, scale = values[inputs[first]], values[inputs[first + 1]], weights[first, 0]
        for k in range(n):
            known = a[k] == a[k] and b[k] == b[k]
            v[k] = (a[k] / b[k] * scale if b[k] > 0 else none) if known else np.nan
    elif op == F_LINEAR:
        for j in range(first, first + count):
            a, weight = values[inputs[j]], weights[j, 0]
            for k in range(n):
                v[k] += weight * a[k]
    elif op == F_CASES:
        for j in range(first + count - 1, first - 1, -1):
            a, low, high, result = values[inputs[j]], weights[j, 0], weights[j, 1], weights[j, 2]
            for k in range(n):
                if a[k] >= low and a[k] <= high:
                    v[k] = result
        for j in range(first + count, first + count + needed):
            a = values[inputs[j]]
            for k in range(n):
                if a[k] != a[k]:
                    v[k] = np.nan
    for k in range(n):
        if (table >= 0 and asked[table, k] == 0) or (since and arrival[k] < 0):
            v[k] = np.nan
        elif v[k] > cap:
            v[k] = cap


@compiled
def _people(fixed, person, people, today, arrival, asked):
    """Arrival of each, and into which tables an inquiry is known."""
    stays, looked, stay_seen, look_seen, released, arrived, subject, complete, subjects = fixed
    for j in range(people):
        arrival[j] = -1
        for r in range(stays[person + j], stays[person + j + 1]):
            late = stay_seen[0][r] > today or stay_seen[1][r] > 0 or stay_seen[2][r] <= today
            if not late and released[r] > today:
                ago = today - arrived[r]
                if arrival[j] < 0 or ago < arrival[j]:
                    arrival[j] = ago
        bits = np.int64(0)
        for r in range(looked[person + j], looked[person + j + 1]):
            late = look_seen[0][r] > today or look_seen[1][r] > 0 or look_seen[2][r] <= today
            if not late and complete[r] == 1:
                bits |= np.int64(1) << np.int64(subject[r])
        for table in range(len(subjects)):
            known = subjects[table] >= 0 and (bits >> subjects[table]) & 1
            asked[table, j] = np.uint8(1) if known else np.uint8(0)


@compiled
def _features(of_tables, fixed, born, plan, persons_at, days_at, start, stop, room, out):
    finish, with_, inputs, weights, lookups, asked_for = plan
    values = np.empty((len(finish), BLOCK))
    others = np.empty((len(finish), BLOCK), dtype=np.int64)
    asked = np.empty((len(of_tables), BLOCK), dtype=np.uint8)
    arrival = np.empty(BLOCK, dtype=np.int32)
    masks = np.empty((DEPTH, room), dtype=np.uint8)
    agos = np.zeros((DEPTH, room), dtype=np.int32)
    owner = np.empty(room, dtype=np.int32)
    bits = np.empty(room // 64 + 2, dtype=np.uint64)
    while start < stop:
        n, person, today = 1, persons_at[start], days_at[start]
        while (
            n < BLOCK
            and start + n < stop
            and persons_at[start + n] == person + n
            and days_at[start + n] == today
        ):
            n += 1
        values[:, :n] = 0.0
        others[:, :n] = 0
        _people(fixed, person, n, today, arrival, asked)
        for table in range(len(of_tables)):
            if len(of_tables[table][7]):
                _table(
                    of_tables[table], person, n, today, arrival, lookups, values, others,
                    asked[table], masks, agos, owner, bits,
                )  # fmt: skip
        for f in range(len(finish)):
            _finish(
                finish[f], with_[f], inputs, weights, born[person : person + n], today, values,
                others[f], asked, arrival, f, n,
            )  # fmt: skip
        for c in range(len(asked_for)):
            out[c, start : start + n] = values[asked_for[c], :n]
        start += n


def features_kernel(code: PlanCode, columns: EventTables) -> Callable[..., None]:
    """``run(persons_at, days_at, start, stop, out)``, with ``out`` of shape (features, n)."""
    arrays = tuple(_arrays(name, code, columns) for name in tables())
    order = list(tables())
    stays, looked = (arrays[order.index(name)] for name in ("detentions", "inquiries"))
    codes = tables()["inquiries"].columns["subject"].codes
    subjects = np.array([codes.index(n) if n in codes else -1 for n in order], dtype=np.int64)
    fixed = (
        *(stays[0], looked[0], stays[1:4], looked[1:4]),
        columns.column("detentions", "released_on"),
        columns.column("detentions", "arrived_on"),
        columns.column("inquiries", "subject"),
        columns.column("inquiries", "complete"),
        subjects,
    )
    born = columns.column("persons", "birth_date")
    plan = (code.finish, code.finish_numbers, code.inputs, code.input_numbers, code.lookups)
    plan = (*plan, code.asked_for)
    longest = max(int(_longest(a[0])) for a in arrays)

    def run(persons_at: np.ndarray, days_at: np.ndarray, start: int, stop: int, out: Any) -> None:
        _features(arrays, fixed, born, plan, persons_at, days_at, start, stop, longest, out)

    return run


def _longest(offsets: np.ndarray) -> int:
    """The most rows that any block of people has."""
    ends = offsets[np.minimum(np.arange(len(offsets)) + BLOCK, len(offsets) - 1)]
    return (int((ends - offsets).max(initial=0)) // 64 + 2) * 64


def _arrays(name: str, code: PlanCode, columns: EventTables) -> tuple[np.ndarray, ...]:
    made, recorded = code.tables[name], columns.column(name, "recorded_at")
    replaced = columns.replaced_on(name)
    return (
        columns.offsets(name),
        recorded.copy(),
        columns.column(name, "void").copy(),
        np.full(len(recorded), FAR, dtype=np.int32) if replaced is None else replaced,
        _stacked(name, made.days, columns, np.int32),
        _stacked(name, made.codes, columns, np.int8),
        _stacked(name, made.numbers, columns, np.float64),
        np.array(made.code, dtype=np.int64).reshape(-1, 7),
        np.array(made.limits, dtype=np.float64).reshape(-1, 2),
    )


def _stacked(name: str, some: list[str], columns: EventTables, dtype: Any) -> np.ndarray:
    stacked = np.empty((max(len(some), 1), len(columns.column(name, "recorded_at"))), dtype=dtype)
    for i, column in enumerate(some):
        stacked[i] = columns.column(name, column)
    return stacked


@compiled
def _expit(x):
    e = np.exp(-abs(x))
    return 1.0 / (1.0 + e) if x >= 0 else e / (1.0 + e)


@compiled
def _assess(arrays, numbers, values, start, stop, out):
    first, knots, anchors, starts, slopes, missing, low, high, _, full, factor, offset = arrays
    intercept, shift, slope, quantile, max_leverage = numbers
    root, size = np.empty(len(offset)), len(offset)
    for row in range(start, stop):
        lp, plain = intercept, True
        root[:] = offset
        for t in range(len(first) - 1):
            x, begin, n, piece = values[t, row], first[t], first[t + 1] - first[t], 0
            if x != x:
                lp += missing[t]
                plain = False
                for k in range(size):
                    root[k] += full[begin + t + n, k]
                continue
            for k in range(n):
                piece += knots[begin + k] <= x
            at = begin + t + piece
            lp += starts[at] + slopes[at] * (x - anchors[at])
            plain = plain and low[t] <= x <= high[t]
            width = begin - t + n - 1
            if 0 < piece < n:
                segment, inside = begin - t + piece - 1, x - knots[begin + piece - 1]
                for k in range(width):
                    root[k] += full[at - 1, k] + inside * factor[segment, k]
            elif piece:
                for k in range(width):
                    root[k] += full[at - 1, k]
        square = 0.0
        for k in range(size):
            square += root[k] * root[k]
        error = np.sqrt(square)
        half = quantile * error
        out[0, row] = lp
        out[1, row] = _expit(shift + slope * lp)
        out[2, row] = _expit(shift + slope * (lp - half))
        out[3, row] = _expit(shift + slope * (lp + half))
        out[4, row] = error
        out[5, row] = 1.0 if plain and error * error <= max_leverage else 0.0


def scoring_kernel(program: ScoringProgram) -> Callable[..., None]:
    """``run(values, start, stop, out)``: values of shape (terms, n), out of shape (6, n)."""
    found = arrays_of(program)
    arrays = tuple(found[name] for name in ARRAYS)
    numbers = tuple(float(found[name]) for name in NUMBERS)

    def run(values: np.ndarray, start: int, stop: int, out: np.ndarray) -> None:
        _assess(arrays, numbers, values, start, stop, out)

    return run
