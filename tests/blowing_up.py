"""Whether a regular expression can take time that explodes with the length of a text.

An engine that goes back tries every way in which a beginning of the text can be matched. The ways
are paths through the automaton of the expression (that of Glushkov, with a state for each sign in
it), so that the question is whether there are ever more of them: two ways round a loop that read
the same text double them each time round; a loop that hands over to another one that reads the same
text makes as many as the text is long. No clock is needed.

After Weideman, Van der Merwe, Berglund and Watson (2016), Analyzing matching time behavior of
backtracking regular expression matchers by using ambiguity of NFA.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from re import _constants as c  # no other way to what the engine reads
from re import _parser
from typing import Any

MANY = 50
"""From so many times a repetition is taken to have no end."""
SIGNS = "07afzAFZ_ \n\t.,-+:;/\\'\"()[]{}<>=@#%&*!?$^|~é\u00a0\u200b\x00€"

Sign = Callable[[str], bool]


@dataclass
class Automaton:
    """A state for each sign of an expression; edges are counted, since two are two ways."""

    reads: list[Sign] = field(default_factory=list)
    follow: Counter[tuple[int, int]] = field(default_factory=Counter)

    def state(self, reads: Sign) -> int:
        self.reads.append(reads)
        return len(self.reads) - 1

    def join(self, before: Iterable[int], after: Iterable[int]) -> None:
        self.follow.update(product(before, after))


@dataclass
class Part:
    """Where a part of an expression begins and ends, and whether it may be nothing."""

    first: list[int]
    last: list[int]
    empty: bool


def growth(pattern: str, flags: int = 0) -> str:
    """``line`` if the time grows as the text does, ``power`` or ``explosion`` if it grows faster."""
    parsed = _parser.parse(pattern, flags)
    automaton = Automaton()
    _sequence(automaton, parsed, parsed.state.flags)
    letters = SIGNS + "".join(ch for ch in pattern if ch not in SIGNS)
    n = len(automaton.reads)
    reading = [
        frozenset(i for i, ch in enumerate(letters) if automaton.reads[s](ch)) for s in range(n)
    ]
    after: list[list[int]] = [[] for _ in range(n)]
    for s, t in automaton.follow:
        after[s].append(t)
    twice = [edge for edge, times in automaton.follow.items() if times > 1]
    if any(s in _reached(after, t) for s, t in twice) or _doubles(after, reading):
        return "explosion"
    return "power" if _hands_over(after, reading) else "line"


# --- the automaton -------------------------------------------------------------------------------


def _sequence(automaton: Automaton, items: Iterable[Any], flags: int) -> Part:
    whole = Part([], [], True)
    for item in items:
        part = _part(automaton, item, flags)
        automaton.join(whole.last, part.first)
        whole = Part(
            whole.first + (part.first if whole.empty else []),
            part.last + (whole.last if part.empty else []),
            whole.empty and part.empty,
        )
    return whole


def _part(automaton: Automaton, item: Any, flags: int) -> Part:
    op, value = item
    if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        return _repeat(automaton, value, flags)
    if op is c.BRANCH:
        parts = [_sequence(automaton, branch, flags) for branch in value[1]]
        return Part(
            [s for p in parts for s in p.first],
            [s for p in parts for s in p.last],
            any(p.empty for p in parts),
        )
    if op is c.SUBPATTERN:
        return _sequence(automaton, value[3], (flags | value[1]) & ~value[2])
    if op is c.ATOMIC_GROUP:
        return _sequence(automaton, value, flags)
    if op in (c.AT, c.ASSERT, c.ASSERT_NOT):
        return Part([], [], True)
    state = automaton.state(_sign(op, value, flags))
    return Part([state], [state], False)


def _repeat(automaton: Automaton, value: Any, flags: int) -> Part:
    least, most, inner = value
    whole = Part([], [], True)
    endless = most is c.MAXREPEAT or most >= MANY
    copies = max(1, min(least, 3)) if endless else min(most, 4)
    for number in range(copies):
        part = _sequence(automaton, inner, flags)
        automaton.join(whole.last, part.first)
        may_skip = number >= least
        whole = Part(
            whole.first + (part.first if whole.empty else []),
            part.last + (whole.last if part.empty or may_skip else []),
            whole.empty and (part.empty or may_skip),
        )
        if endless and number == copies - 1:
            automaton.join(part.last, part.first)
    return whole


def _sign(op: Any, value: Any, flags: int) -> Sign:
    if op is c.GROUPREF:
        return lambda _: True
    if op is c.ANY:
        return (lambda _: True) if flags & re.DOTALL else (lambda ch: ch != "\n")
    one = re.compile(_written(op, value), flags & (re.ASCII | re.IGNORECASE))
    return lambda ch: one.fullmatch(ch) is not None


def _written(op: Any, value: Any) -> str:
    """A single sign as an expression again."""
    if op is c.LITERAL:
        return f"[{_escaped(value)}]"
    if op is c.NOT_LITERAL:
        return f"[^{_escaped(value)}]"
    assert op is c.IN, op
    return f"[{''.join(map(_in_set, value))}]"


def _in_set(member: Any) -> str:
    op, value = member
    if op is c.NEGATE:
        return "^"
    if op is c.RANGE:
        return f"{_escaped(value[0])}-{_escaped(value[1])}"
    if op is c.CATEGORY:
        return _CATEGORIES[value]
    return _escaped(value)


def _escaped(code: int) -> str:
    return f"\\U{code:08x}"


_CATEGORIES = {
    c.CATEGORY_DIGIT: r"\d", c.CATEGORY_NOT_DIGIT: r"\D", c.CATEGORY_SPACE: r"\s",
    c.CATEGORY_NOT_SPACE: r"\S", c.CATEGORY_WORD: r"\w", c.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


# --- its paths -----------------------------------------------------------------------------------


def _reached(after: list[list[int]], start: int) -> set[int]:
    """The states to which a start leads, itself among them."""
    found, waiting = {start}, [start]
    while waiting:
        for t in after[waiting.pop()]:
            if t not in found:
                found.add(t)
                waiting.append(t)
    return found


def _steps(
    after: list[list[int]], reading: list[frozenset[int]], at: tuple[int, ...]
) -> Iterator[tuple[int, ...]]:
    """Where several walkers can be after reading the same sign."""
    for to in product(*(after[s] for s in at)):
        if frozenset.intersection(*(reading[s] for s in to)):
            yield to


def _leads(
    after: list[list[int]],
    reading: list[frozenset[int]],
    start: tuple[int, ...],
    end: tuple[int, ...],
) -> bool:
    seen: set[tuple[int, ...]] = set()
    waiting = deque(_steps(after, reading, start))
    while waiting:
        at = waiting.popleft()
        if at == end:
            return True
        if at not in seen:
            seen.add(at)
            waiting.extend(_steps(after, reading, at))
    return False


def _loops(after: list[list[int]]) -> list[int]:
    return [s for s in range(len(after)) if any(s in _reached(after, t) for t in after[s])]


def _doubles(after: list[list[int]], reading: list[frozenset[int]]) -> bool:
    """Whether two ways lead round from a state to itself and read the same."""
    in_loops = _loops(after)
    for q in in_loops:
        for pair in product(in_loops, repeat=2):
            if pair[0] != pair[1] and _leads(after, reading, (q, q), pair):
                if _leads(after, reading, pair, (q, q)):
                    return True
    return False


def _hands_over(after: list[list[int]], reading: list[frozenset[int]]) -> bool:
    """Whether a loop leads to another one, and both and the way between them read the same."""
    return any(
        _leads(after, reading, (q, q, p), (q, p, p))
        for q, p in product(_loops(after), repeat=2)
        if q != p and p in _reached(after, q)
    )
