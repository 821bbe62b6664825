"""The lines of a stream are the same however it comes in, as a simple reference cuts them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from risicoscreener.serve import bodies
from risicoscreener.serve.bodies import BYTES_AT_ONCE, LINES_AT_ONCE, Line, read_lines
from risicoscreener.serve.problems import Problem

PIECES = st.sampled_from(
    [b"{}", b"\n", b"\n\n", b"\r\n", b" ", b"\t", b"a" * 7, b"b" * 30, b"\xff", b"\x00", b"\n" * 70]
)
BODIES = st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=60).map(b"".join))


class Coming:
    """A request of which the body comes in parts."""

    def __init__(self, parts: list[bytes]) -> None:
        self.parts = parts

    async def stream(self):
        for part in self.parts:
            yield part


def cut(parts, longest, most):
    """The batches that are given out, and the problem at the end."""

    async def read():
        batches = []
        try:
            async for batch in read_lines(Coming(parts), longest, most, 5.0):
                batches.append(batch)
        except Problem as problem:
            return batches, problem.status
        return batches, None

    return asyncio.run(read())


def simply(body, longest, most):
    """What should come of a body that is there as a whole."""
    lines = body.split(b"\n")
    if not lines[-1]:
        lines.pop()
    found = []
    for number, line in enumerate(lines[:most], 1):
        if len(line) > longest:
            found.append((number, 413))
        elif line.strip():
            found.append((number, line.strip()))
    return found, 413 if len(lines) > most else None


def plain(line: Line):
    content = line.content
    return line.number, content.status if isinstance(content, Problem) else content


def in_parts(body, places):
    bounds = [0, *sorted(min(place, len(body)) for place in places), len(body)]
    return [body[a:b] for a, b in pairwise(bounds)]


@settings(max_examples=300, deadline=None)
@given(BODIES, st.lists(st.integers(0, 2000), max_size=12), st.integers(1, 40), st.integers(1, 80))
@example(b"a\nb\nc", [], 9, 2)
@example(b"a\nb\nc\n", [1, 2, 3], 9, 3)
@example(b"aaaa", [2], 3, 9)
@example(b"aaaa\nb", [2, 4, 5], 3, 9)
@example(b"{}\n" * 200, [], 9, 500)
def test_a_stream_is_cut_as_when_it_is_there_as_a_whole(body, places, longest, most):
    batches, problem = cut(in_parts(body, places), longest, most)
    lines = [plain(line) for batch in batches for line in batch]
    assert (lines, problem) == simply(body, longest, most)
    assert all(1 <= len(batch) <= LINES_AT_ONCE for batch in batches)


@pytest.mark.parametrize("size", [1, 10, 1000, 10**6])
def test_lines_that_were_read_before_there_are_too_many_are_given_out(size):
    body = b"{}\n" * 150
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    batches, problem = cut(parts, 10, 100)
    assert [line.number for batch in batches for line in batch] == list(range(1, 101))
    assert problem == 413


def test_no_batch_holds_much_more_than_it_may():
    body = (b"x" * 400_000 + b"\n") * 10
    batches, problem = cut([body], 500_000, 100)
    assert problem is None
    assert [len(batch) for batch in batches] == [3, 3, 3, 1]
    assert all(sum(len(line.content) for line in batch[:-1]) < BYTES_AT_ONCE for batch in batches)


def test_of_a_line_that_is_too_long_nothing_is_kept():
    cutter = bodies._Cutter(1000, 10)
    for _ in range(50):
        assert not list(cutter.cut(b"x" * 900))
        assert len(cutter._rest) <= 1000
    (line,) = cutter.end()
    assert plain(line) == (1, 413)
