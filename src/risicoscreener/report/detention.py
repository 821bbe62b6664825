"""One detention as a picture: outcomes by kind, probabilities, and the facts below them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.decision import OUTCOMES
from risicoscreener.dossier.schema import tables
from risicoscreener.features.wording import table_label
from risicoscreener.report.timeline import SYNTHETIC, plot_timeline
from risicoscreener.screening.render import say_date, say_percent
from risicoscreener.texts import Sentences, check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from risicoscreener.screening.picture.course import Course, KindCourse, ModelCourse

ONE_DAY = dt.timedelta(days=1)
_DASHED: Any = (0, (2, 1))
NARROWEST_SHARE = 0.003
"""A span of a few days is drawn at least so wide, so that it is seen."""
LETTERED_SHARE = 0.012
"""A span shorter than this share of the picture has no letter in it."""


_SHEET = Sentences("risicoscreener.report", "detention.toml")


def _say(key: str, lang: str, **values: object) -> str:
    return _SHEET.say("texts", key, lang, **values)


def plot_detention(course: Course, *, language: str = "nl") -> Figure:
    """Draw one detention: a band of outcomes for each kind of decision, then what it rests on.

    Parameters
    ----------
    course
        Every day screened, as `course_of` gives it.
    language
        ``nl`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure
        Axes ``outcomes``, one for each model, and ``facts``, by their labels. A band of outcomes
        differs by colour, hatch and letter; a line above it says where all legal requirements are
        met, and goes on dashed after the last day, by what is known then. A kind of decision to
        which no policy applies on any of the days is left out.

    Raises
    ------
    RisicoscreenerError
        For a language that is not spoken.
    """
    from matplotlib.figure import Figure

    lang = check_language(language)
    kinds = [kind for kind in course.kinds if (kind.outcome >= 0).any()]
    heights = [0.55 * max(len(kinds), 1) + 0.4, *(1.1 for _ in course.models), 4.6]
    figure = Figure(figsize=(13.0, sum(heights) + 2.4), layout="constrained")
    axes = figure.subplots(len(heights), 1, height_ratios=heights)
    _draw_outcomes(axes[0], course, kinds, lang)
    for ax, model in zip(axes[1:-1], course.models, strict=True):
        _draw_model(ax, course, model, lang)
    plot_timeline(
        course.dossier, as_of=course.last, language=lang, ax=axes[-1], from_=_begin(course)
    )
    axes[-1].set_label("facts")
    axes[-1].set_title("", loc="left")
    axes[-1].set_xlim(_number(_begin(course)), _number(_end(course)))
    for ax in axes[:-1]:
        _draw_time(ax, course)
    title = _say("title", lang, person_id=course.dossier.person_id, **_days(course, lang))
    if course.dossier.person_id.startswith(SYNTHETIC):
        title = f"{title} · {_say('synthetic', lang)}"
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def _days(course: Course, lang: Any) -> dict[str, str]:
    return {"first": say_date(course.first, lang), "last": say_date(course.last, lang)}


def _begin(course: Course) -> dt.date:
    return min(course.first, course.last - ONE_DAY)


def _end(course: Course) -> dt.date:
    """The last day shown: of the picture, or on which something is admissible after it."""
    ahead = [window.last for kind in course.ahead.kinds for window in kind.windows]
    return max([course.last, *ahead])


def _number(day: dt.date) -> float:
    from matplotlib.dates import date2num

    return float(date2num(day))  # type: ignore[no-untyped-call]


def _draw_time(ax: Axes, course: Course) -> None:
    """The same days on each axis, and a line on the last that is known."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    ax.xaxis.set_major_locator(AutoDateLocator())  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(DateFormatter("%Y-%m"))  # type: ignore[no-untyped-call]
    ax.set_xlim(*(_number(day) for day in (_begin(course), _end(course))))
    ax.axvline(_number(course.last), color="black", linewidth=1.2, linestyle="--")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="x", color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize="small")


def _draw_outcomes(ax: Axes, course: Course, kinds: list[KindCourse], lang: str) -> None:
    ax.set_label("outcomes")
    used = [_draw_kind(ax, course, kind, place, lang) for place, kind in enumerate(kinds)]
    names = [name for name in (*reversed(OUTCOMES), "none") if any(name in u for u in used)]
    ax.set_ylim(len(kinds) - 0.4, -0.6)
    ax.set_yticks(range(len(kinds)), [_short(kind, lang) for kind in kinds])
    ax.tick_params(axis="y", length=0)
    _draw_legend(ax, names, lang)


def _short(kind: KindCourse, lang: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(kind.title.text(lang), 42)[:2])


def _draw_kind(ax: Axes, course: Course, kind: KindCourse, place: int, lang: str) -> frozenset[str]:
    """The outcomes of one kind; the names of those that occur."""
    used = set()
    for outcome, first, last in kind.spans(course.first):
        name = "none" if outcome < 0 else OUTCOMES[outcome]
        used.add(name)
        look = _SHEET.entries["looks"][name]
        begin, end = (_number(day) for day in (first, last + ONE_DAY))
        least = NARROWEST_SHARE * (_end(course) - course.first).days
        ax.barh(
            place,
            max(end - begin, least),
            left=begin,
            height=0.5,
            zorder=2 if end - begin > least else 3,
            color=look["colour"],
            hatch=look["hatch"] or None,
            edgecolor="0.25",
            linewidth=0.4,
            gid=f"{kind.decision}.{name}",
        )
        if (end - begin) >= LETTERED_SHARE * (_end(course) - course.first).days:
            letter = look["letter"][lang]
            frame = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "linewidth": 0.4}
            ax.text((begin + end) / 2, place, letter, ha="center", va="center", bbox=frame, size=7)
    _draw_admissible(ax, course, kind, place)
    return frozenset(used)


def _draw_admissible(ax: Axes, course: Course, kind: KindCourse, place: int) -> None:
    colour = _SHEET.entries["looks"]["admissible"]["colour"]
    known = [(first, last, "-") for first, last in kind.admissible_spans(course.first)]
    ahead = [
        (max(window.first, course.last), window.last, _DASHED)
        for window in course.ahead[kind.decision].windows
        if window.last > course.last
    ]
    for first, last, style in (*known, *ahead):
        days = [_number(day) for day in (first, last + ONE_DAY)]
        gid = f"{kind.decision}.admissible"
        ax.plot(days, [place - 0.36] * 2, color=colour, linewidth=2.4, linestyle=style, gid=gid)


def _draw_legend(ax: Axes, names: list[str], lang: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    looks = _SHEET.entries["looks"]
    handles: list[Any] = [
        Patch(facecolor=looks[n]["colour"], hatch=looks[n]["hatch"] or None, edgecolor="0.25")
        for n in names
    ]
    colour = looks["admissible"]["colour"]
    handles += [
        Line2D([], [], color=colour, linewidth=2.4, linestyle=s) for s in ("-", (0, (2, 1)))
    ]
    labels = [_say(name, lang) for name in (*names, "admissible", "ahead")]
    ax.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=3,
        fontsize="small",
        frameon=False,
    )


def _draw_model(ax: Axes, course: Course, model: ModelCourse, lang: str) -> None:
    from matplotlib.ticker import FuncFormatter

    ax.set_label(model.name)
    days = [_number(course.first + dt.timedelta(days=n)) for n in range(course.days)]
    ax.fill_between(
        days, model.lower, model.upper, color="#56B4E9", alpha=0.35, linewidth=0, step="post"
    )
    ax.plot(days, model.probability, color="#0072B2", linewidth=1.4, drawstyle="steps-post")
    for cut in model.cuts:
        ax.axhline(cut, color="0.35", linewidth=0.8, linestyle=(0, (6, 2)))
    top = np.nanmax([*model.upper, *model.probability, *(1.15 * cut for cut in model.cuts), 0.02])
    ax.set_ylim(0.0, min(1.0, 1.05 * float(top)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: say_percent(value, lang)))  # type: ignore[arg-type]
    label = model.outcome.text(lang)
    behind = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
    ax.text(0.005, 0.94, label, transform=ax.transAxes, va="top", fontsize="small", bbox=behind)
    ax.tick_params(axis="x", labelbottom=False)


def describe_detention(course: Course, *, language: str = "nl") -> str:
    """What `plot_detention` draws, in words.

    Raises
    ------
    RisicoscreenerError
        For a language that is not spoken.
    """
    return "\n".join(_lines(course, check_language(language)))


def _lines(course: Course, lang: Any) -> Iterator[str]:
    yield _say("title", lang, person_id=course.dossier.person_id, **_days(course, lang)) + "."
    for kind in course.kinds:
        yield f"{kind.title.text(lang)}:"
        for outcome, first, last in kind.spans(course.first):
            word = _say("no_policy", lang) if outcome < 0 else kind.words[outcome].text(lang)
            yield f"- {_span('outcome', lang, first, last, outcome=word)}"
        for first, last in kind.admissible_spans(course.first):
            yield f"- {_span('admissible_span', lang, first, last)}"
        for window in course.ahead[kind.decision].windows:
            if window.last > course.last:
                begin = max(window.first, course.last)
                yield f"- {_span('admissible_ahead', lang, begin, window.last)}"
    for model in course.models:
        yield _model(model, lang)
    counts = [(name, len(getattr(course.dossier, name))) for name in tables() if name != "audit"]
    facts = ", ".join(f"{n} {table_label(name, lang)}" for name, n in counts if n)
    yield _say("facts", lang, facts=facts or "0")


def _span(key: str, lang: Any, first: dt.date, last: dt.date, **values: str) -> str:
    return _say(key, lang, first=say_date(first, lang), last=say_date(last, lang), **values)


def _model(model: ModelCourse, lang: Any) -> str:
    known = model.probability[~np.isnan(model.probability)]
    numbers = (known[0], known[-1], known.min(), known.max())
    told = dict(
        zip(("begin", "end", "low", "high"), (say_percent(n, lang) for n in numbers), strict=True)
    )
    cuts = ", ".join(say_percent(cut, lang) for cut in model.cuts)
    return _say("model", lang, outcome=model.outcome.text(lang), cuts=cuts, **told) + "."
