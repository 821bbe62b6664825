"""Generated situations of the shortened screening."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from risicoscreener.reentry.conditions import BasicConditions, Done, Situation

KNOWN = BasicConditions.shipped()
FIRST = dt.date(2023, 1, 1)


@st.composite
def situations(draw: st.DrawFn, *, with_release: bool = True, ahead: bool | None = None):
    """Anybody on any day: inside or still to come in, with some answers and some things done."""
    as_of = FIRST + dt.timedelta(draw(st.integers(0, 400)))
    comes = draw(st.booleans()) if ahead is None else ahead
    if comes:
        arrival = as_of + dt.timedelta(draw(st.integers(1, 70)))
    else:
        arrival = as_of - dt.timedelta(draw(st.integers(0, 120)))
    later = draw(st.integers(0, 10) | st.integers(0, 120))
    release = max(as_of, arrival) + dt.timedelta(later)
    answers = {
        question.id: draw(st.sampled_from([*question.ids, None])) for question in KNOWN.questions
    }
    done = draw(st.lists(st.sampled_from(sorted(KNOWN.by_action)), max_size=3, unique=True))
    return Situation(
        person_id="case-0001",
        as_of=as_of,
        arrival_on=arrival,
        regime="self_reporter" if comes else draw(st.sampled_from(["arrestant", "sentence"])),
        release_on=release if with_release else None,
        answers=answers,
        done=tuple(Done(name, as_of + dt.timedelta(draw(st.integers(-20, 5)))) for name in done),
    )
