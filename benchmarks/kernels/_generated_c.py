"""A feature plan as C: what gcc makes of the plan itself, rather than of an interpreter of it.

Conditions are computed without branches and a row adds 0 or 1 to a count; only what is rarer than
a count is behind an `if`. It needs a compiler where the plan is made, which is on the machine of
the user: a catalogue can be the user's own.
"""

from __future__ import annotations

from _bytecode import F_OP, FINISHES, OPS, PlanCode

NAMES = {number: name for name, number in OPS.items()}


def source(code: PlanCode) -> str:
    """The C of a plan, to be compiled after `plan.h`."""
    lines = ['#include "plan.h"', ""]
    for number, made in enumerate(code.tables.values()):
        if made.code:
            lines += _table(number, made.code, made.limits)
    lines += _all(code)
    return "\n".join(lines) + "\n"


def _table(number: int, code: list[list[int]], limits: list[tuple[float, float]]) -> list[str]:
    body: list[str] = []
    counts: set[int] = set()
    _block(code, limits, 0, len(code), "m", body, counts)
    return [
        f"static uint64_t table_{number}(const Table *t, int64_t from, int64_t to, int32_t today,",
        "        int32_t arrival, const double *lookups, State *s) {",
        "    uint64_t any = 0;",
        *(f"    int64_t n{slot} = 0;" for slot in sorted(counts)),
        "    for (int64_t r = from; r < to; r++) {",
        "        int m = seen(t, r, today);",
        "        any |= m;",
        *(f"        {line}" for line in body),
        "    }",
        *(f"    s->value[{slot}] = n{slot};" for slot in sorted(counts)),
        f"    return any << {number};",
        "}",
    ]


def _block(
    code: list[list[int]],
    limits: list[tuple[float, float]],
    start: int,
    end: int,
    mask: str,
    body: list[str],
    counts: set[int],
    ago: str = "0",
) -> None:
    """Instructions from ``start`` to ``end``, of which all count under ``mask``."""
    at = start
    while at < end:
        name, skip, slot = NAMES[code[at][0]], code[at][3], code[at][4]
        if name == "count":
            counts.add(slot)
            body.append(f"n{slot} += {mask};")
        elif OPS[name] > OPS["count"]:
            op, col, known, _, slot, a, b = code[at]
            fields = f"{{{op}, {col}, {known}, 0, {slot}, {a}, {b}}}"
            body.append(f"if ({mask}) {{ static const Instruction i = {fields};")
            body.append(f"    gather(t, &i, r, today, {ago}, lookups, s); }}")
        else:
            inner, within = f"m{at}", ago
            if name == "on":
                within = f"ago{at}"
                body.append(f"int32_t {within} = today - t->days[{code[at][1]}][r];")
            body.append(f"int {inner} = {mask} & ({_test(name, code[at], limits[at], within)});")
            _block(code, limits, at + 1, skip, inner, body, counts, within)
            at = skip
            continue
        at += 1


def _test(name: str, instruction: list[int], limits: tuple[float, float], ago: str) -> str:
    _, col, known, _, _, a, b = instruction
    known_by = f" & (t->days[{known}][r] <= today)" if known >= 0 else ""
    negated = "!" if a and name.startswith("has_") else ""
    if name == "in":
        # An absent code is -1: its lowest six bits are 63, which no vocabulary reaches.
        return f"({a}ULL >> (t->codes[{col}][r] & 63) & 1){known_by}"
    if name in ("range", "days"):
        low, high = (_number(limit) for limit in limits)
        value = f"t->{'numbers' if name == 'range' else 'days'}[{col}][r]"
        there = f" & ({value} < FAR)" if name == "days" else ""
        return f"({value} >= {low}) & ({value} <= {high}){there}{known_by}"
    if name == "has_day":
        return f"{negated}((t->days[{col}][r] < FAR){known_by})"
    if name == "has_code":
        return f"{negated}((t->codes[{col}][r] >= 0){known_by})"
    if name == "has_number":
        return f"{negated}(!isnan(t->numbers[{col}][r]){known_by})"
    return {
        "open": f"t->days[{col}][r] > today",
        "on": f"{ago} >= 0",
        "within": f"({ago} >= {a}) & ({ago} < {b})",
        "since": f"{ago} <= arrival",
    }[name]


def _number(value: float) -> str:
    if value in (float("inf"), float("-inf")):
        return "INFINITY" if value > 0 else "-INFINITY"
    return repr(float(value))


def _all(code: PlanCode) -> list[str]:
    names = [FINISHES[row[F_OP]] for row in code.finish.tolist()]
    lines = [
        "static void generated(const Plan *p, int64_t person, int32_t today, State *s) {",
        "    memset(s->value, 0, sizeof(double) * p->n_features);",
        "    memset(s->other, 0, sizeof(int64_t) * p->n_features);",
        "    int32_t arrival = arrival_of(p, person, today);",
        "    uint64_t asked = asked_of(p, person, today);",
        "    const double *lookups = p->lookups;",
        "    const Table *t;",
    ]
    for number, made in enumerate(code.tables.values()):
        if made.code:
            lines += [
                f"    t = p->tables + {number};",
                f"    asked |= table_{number}(t, t->offsets[person], t->offsets[person + 1],",
                "        today, arrival, lookups, s);",
            ]
    lines.append("    double value;")
    for f, (name, row) in enumerate(zip(names, code.finish.tolist(), strict=True)):
        numbers = ", ".join(map(str, row))
        lines += [
            f"    {{ static const Finish how = {{{numbers}}}; /* {name} */",
            f"    value = finish_one(p, &how, {f}, person, today, asked, arrival, s);",
            f"    s->value[{f}] = value > {_number(code.finish_numbers[f, 1])}"
            f" ? {_number(code.finish_numbers[f, 1])} : value; }}",
        ]
    return [*lines, "}", "#define FEATURES_OF generated", '#include "many.h"']
