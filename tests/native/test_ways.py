"""A screening by the compiled library and one without it give the same to the last byte."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _full_dossier import AS_OF, full_dossier
from cases import EXAMPLES, KINDS
from read_columns import altered
from risicoscreener import Screener, native
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.models import ScoringProgram
from risicoscreener.models.terms import PairTerm
from risicoscreener.synthetic import simulate
from strategies import as_of_days, corrupted, dossiers

NOTHING = object()


@pytest.fixture(scope="module")
def screener(library):
    return Screener.load()


def said(screener, source, kind="leave", **more):
    """The result as bytes, or what was wrong."""
    try:
        return screener.screen(source, kind, **more).to_json()
    except RisicoscreenerError as error:
        return type(error), str(error)


def both(screener, *given, **more):
    """What is said with the library, after checking that it is said without it too."""
    with native.without():
        expected = said(screener, *given, **more)
    found = said(screener, *given, **more)
    assert found == expected
    return found


def is_compiled(screener, data, as_of=None, kind="leave"):
    """Whether the library takes a dossier, so that the two ways are not one."""
    found = screener.route(kind).screen_at_once(data, as_of, dt.date.today())
    return found is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda p: p.stem)
def test_of_the_examples(screener, path, kind):
    data = path.read_bytes()
    assert is_compiled(screener, data, kind=kind)
    assert isinstance(both(screener, data, kind), bytes)
    assert isinstance(both(screener, data.decode(), kind, on_error="quarantine"), bytes)


@given(dossiers(), as_of_days(), st.sampled_from(KINDS), st.booleans())
@settings(max_examples=250)
def test_of_any_sound_dossier(screener, dossier, as_of, kind, latest):
    both(screener, dossier.to_json(), kind, as_of=None if latest else as_of)


@given(dossiers(full=True, max_rows=6), as_of_days(), st.sampled_from(KINDS))
@settings(max_examples=60)
def test_of_a_dossier_with_all_that_there_is(screener, dossier, as_of, kind):
    both(screener, dossier.to_json(), kind, as_of=min(as_of, dt.date.today()))


@given(st.data())
@settings(max_examples=100)
def test_of_a_dossier_that_is_wrong(screener, data):
    broken = data.draw(corrupted(data.draw(dossiers(max_rows=2)), max_faults=2))
    try:
        text = broken.to_json()
    except TypeError:
        return
    both(screener, text, as_of=data.draw(as_of_days()))
    both(screener, text, on_error="quarantine")


def test_of_dossiers_altered_and_damaged(screener):
    draw = random.Random(11)
    cases = [altered(full_dossier(), draw) for _ in range(150)]
    found = [both(screener, case, as_of=AS_OF) for case in cases]
    results = [one for one in found if isinstance(one, bytes)]
    assert 20 < len(results) < 120
    assert sum(is_compiled(screener, case, AS_OF) for case in cases) == len(results)


def test_of_whole_lives(screener):
    cohort = simulate(60, seed=12, population="sentenced")
    days = cohort.truth.persons["as_of"]
    taken = 0
    for dossier in cohort.tables.to_dossiers():
        data, day = dossier.to_json(), days[dossier.person_id].date()
        taken += is_compiled(screener, data, day)
        for kind in KINDS:
            both(screener, data, kind, as_of=day)
            both(screener, data, kind, as_of=day - dt.timedelta(days=700))
    assert taken > 50


WRONG = {
    "a day that has yet to come": {"as_of": "2199-01-01"},
    "a day before the birth": {"as_of": "1960-01-01"},
    "a day of a week": {"as_of": "2024-W10-1"},
    "no day": {"as_of": 5},
    "an unknown kind": {"kind": "holiday"},
    "an unknown word": {"on_error": "ignore"},
}


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG)
def test_of_what_is_asked_wrongly(screener, more):
    data = json.dumps(full_dossier()).encode()
    assert not isinstance(both(screener, data, **more), bytes)
    assert not isinstance(both(screener, data[:-1], **more), bytes)


SOURCES = {
    "a mapping": full_dossier,
    "text": lambda: json.dumps(full_dossier()),
    "text that is no UTF-8": lambda: json.dumps(full_dossier()) + "\ud800",
    "bytes to write in": lambda: bytearray(json.dumps(full_dossier()).encode()),
    "text beyond ASCII": lambda: json.dumps(full_dossier()).replace("SYN", "é"),
    "too much": lambda: b" " * 5_000_001,
    "nothing": lambda: b"",
    "None": lambda: None,
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_of_any_source(screener, source):
    both(screener, source(), as_of=AS_OF)


def test_nobody_without_a_fact_has_a_day_of_the_latest_one(screener):
    data = b'{"person_id":"p","person":{"birth_date":"1990-01-01","sex":"male"}}'
    assert not is_compiled(screener, data)
    assert is_compiled(screener, data, AS_OF)
    assert json.loads(both(screener, data))["as_of"] == dt.date.today().isoformat()


def with_program(screener, change):
    """The screener with another program in each model."""
    models = tuple(
        msgspec.structs.replace(model, program=change(model.program), golden=())
        for model in screener.bundle.models
    )
    bundle = msgspec.structs.replace(screener.bundle, models=models)
    return Screener(bundle, screener.policies, screener.definitions)


def with_pair(program):
    first, second = program.features[:2]
    pair = PairTerm(
        first, second, (1.0,), (2.0,), ((0.0, 0.1, 0.2), (0.2, -0.3, 0.1), (0.4, 0.0, 0.3))
    )
    return msgspec.structs.replace(program, uncertainty=None, pairs=(pair,))


PROGRAMS = {
    "without intervals": lambda p: msgspec.structs.replace(p, uncertainty=None),
    "without support": lambda p: msgspec.structs.replace(p, support=None),
    "of another link": lambda p: msgspec.structs.replace(p, link="cloglog"),
}


@pytest.mark.parametrize("change", PROGRAMS.values(), ids=PROGRAMS)
def test_of_other_programs(screener, change):
    other = with_program(screener, change)
    data = json.dumps(full_dossier()).encode()
    assert is_compiled(other, data, AS_OF)
    assert isinstance(both(other, data, as_of=AS_OF), bytes)
    assert isinstance(both(other, (EXAMPLES / "deny.json").read_bytes()), bytes)


def test_a_program_that_the_library_does_not_hold_is_left_to_python(screener):
    other = with_program(screener, with_pair)
    data = json.dumps(full_dossier()).encode()
    assert isinstance(other.bundle.models[0].program, ScoringProgram)
    assert not is_compiled(other, data, AS_OF)
    assert isinstance(both(other, data, as_of=AS_OF), bytes)


def test_of_many_threads_at_once(screener):
    draw = random.Random(3)
    jobs = [(altered(full_dossier(), draw), kind) for _ in range(40) for kind in KINDS]
    alone = [said(screener, data, kind, as_of=AS_OF) for data, kind in jobs]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(4):
            together = pool.map(lambda job: said(screener, *job, as_of=AS_OF), jobs)
            assert list(together) == alone


SWITCHED = """
import sys
from risicoscreener import native, screen
sys.stdout.buffer.write(screen(sys.stdin.buffer.read(), as_of="2024-06-01").to_json())
print(native.available(), native.why_not(), file=sys.stderr)
"""


def test_the_environment_switches_it_off(screener):
    data = json.dumps(full_dossier()).encode()
    done = subprocess.run(
        [sys.executable, "-c", SWITCHED],
        input=data,
        capture_output=True,
        check=True,
        env={**os.environ, "RISICOSCREENER_NATIVE": "off"},
    )
    assert done.stderr.decode().startswith("False RISICOSCREENER_NATIVE is 'off'")
    assert done.stdout == said(screener, data, as_of=AS_OF)
