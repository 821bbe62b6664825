"""One life as a picture: lanes of facts over time. matplotlib is imported when it is drawn."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from risicoscreener.dossier.record import Conviction, Dossier, Fact, Liberty
from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SYNTHETIC = "SYN-"
"""How the ids of people in synthetic cohorts begin."""
DAYS_PER_YEAR = 365.25
_FACT = TypeVar("_FACT", bound=Fact)


@cache
def _data() -> dict[str, Any]:
    path = files("risicoscreener.report") / "timeline.toml"
    return tomllib.loads(path.read_text("utf-8"))


def plot_timeline(
    dossier: Dossier,
    *,
    as_of: dt.date | None = None,
    language: str = "nl",
    ax: Axes | None = None,
    from_: dt.date | None = None,
) -> Axes:
    """Draw one life: a lane for each part of the dossier, time from left to right.

    Parameters
    ----------
    dossier
        The person's dossier, in which any list may be empty.
    as_of
        A day on which to look: what was not known by then is drawn faint. All is drawn alike
        without it.
    language
        ``nl`` or ``en``.
    ax
        A matplotlib axes; a new figure is made without it.
    from_
        First day shown; by default that of the first fact.

    Returns
    -------
    matplotlib.axes.Axes
        Each mark has the name of its lane as ``gid``: cases, stays, programme, conduct,
        liberties, assessments, victims, housing, income_work or debts.

    Raises
    ------
    RisicoscreenerError
        For a language that is not spoken.
    DossierError
        If the first day to show is not before the last fact, or a day is no day.

    Notes
    -----
    Facts that were withdrawn or replaced are not drawn. Of two versions of a fact, the one that
    was in force on ``as_of`` is drawn in full, and the later one faint. Weekly reviews are drawn
    only where conduct was not desired; labour and visits are not drawn.
    """
    check_language(language)
    for name, day in (("as_of", as_of), ("from_", from_)):
        _check_day(name, day)
    first, last = _span(dossier, as_of, from_)
    picture = _Picture(_axes(ax), language, as_of, first, last)
    picture.ax.xaxis_date()
    for draw in _LANES.values():
        draw(picture, dossier)
    picture.finish(dossier)
    return picture.ax


def _check_day(name: str, day: Any) -> None:
    if day is not None and (not isinstance(day, dt.date) or isinstance(day, dt.datetime)):
        raise DossierError(f"{name} is {day!r}; expected a day, such as datetime.date(2024, 4, 15)")


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(12.0, 6.5), layout="constrained").add_subplot()


def _span(
    dossier: Dossier, as_of: dt.date | None, from_: dt.date | None
) -> tuple[dt.date, dt.date]:
    """First and last day of the picture."""
    days = [day for name in tables() for fact in getattr(dossier, name) for day in _days(fact)]
    days = days or [dossier.person.birth_date]
    last = max([*days, as_of or days[0]])
    first = from_ or min([*days, as_of or days[0]])
    if from_ is not None and from_ >= last:
        raise DossierError(f"from_ is {from_}; expected a day before the last fact, of {last}")
    return first, max(last, first + dt.timedelta(days=1))


def _days(fact: Fact) -> Iterator[dt.date]:
    """The days on which something of a fact happened: not its record, nor what is only expected."""
    expected = ("recorded_at", "expected_release_on", "conditional_release_on", "valid_until")
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if isinstance(value, dt.date) and name not in expected:
            yield value


@dataclass
class _Picture:
    """The axes, and what all lanes need to draw on them."""

    ax: Any
    language: str
    as_of: dt.date | None
    first: dt.date
    last: dt.date
    legend: dict[str, Any] = field(default_factory=dict)

    def text(self, key: str, **values: str) -> str:
        return str(_data()["texts"][key][self.language]).format(**values)

    def number(self, day: dt.date) -> float:
        return float(self.ax.convert_xunits(day))

    def label(self, vocabulary: str, code: str) -> str:
        return vocabularies()[vocabulary].label(code, self.language)

    def y(self, lane: str, at: float = 0.0) -> float:
        """Height of a place in a lane, from -1 at its bottom to 1 at its top."""
        half = _data()["looks"]["lane_height"] / 2.0
        return -list(_data()["lanes"]).index(lane) + at * half

    def versions(self, facts: Iterable[_FACT]) -> Iterator[tuple[_FACT, bool]]:
        """Facts in force, each with whether it is drawn faint: later ones first, so below."""
        listed = list(facts)
        now = self.as_of or dt.date.max
        known = _in_force([fact for fact in listed if fact.recorded_at <= now])
        shown = {id(fact) for fact in known}
        later = [fact for fact in _in_force(listed) if id(fact) not in shown]
        yield from ((fact, True) for fact in later)
        yield from ((fact, False) for fact in known)

    def mark(
        self, lane: str, style: Any, day: dt.date, is_faint: bool, label: str, **changes: Any
    ) -> None:
        """One mark, unless its day lies outside the picture."""
        if not self.first <= day <= self.last:
            return
        is_later = is_faint or (self.as_of is not None and day > self.as_of)
        looks = {"s": _data()["looks"]["mark_area"], "at": style["at"], **changes}
        at = looks.pop("at")
        drawn = {**_shape(style), **looks}
        self.ax.scatter(
            self.number(day),
            self.y(lane, at),
            alpha=_data()["looks"]["faint"] if is_later else 1.0,
            zorder=3,
            gid=lane,
            **drawn,
        )
        if label not in self.legend:
            size = _data()["looks"]["mark_area"]
            self.legend[label] = self.ax.scatter([], [], **{**drawn, "s": size})

    def bar(
        self,
        lane: str,
        style: Any,
        begin: dt.date,
        end: dt.date | None,
        is_faint: bool,
        label: str,
        **changes: Any,
    ) -> None:
        """A bar over a spell, in full up to the day looked at and faint after it."""
        end = end or self.last
        begin, end = max(begin, self.first), min(end, self.last)
        if begin > end:
            return
        cut = end if self.as_of is None else min(max(self.as_of, begin), end)
        if not is_faint and cut >= begin:
            self._piece(lane, style, begin, cut, 1.0, label, changes)
        start = begin if is_faint else cut
        if start < end or (is_faint and start == end):
            self._piece(lane, style, start, end, _data()["looks"]["faint"], label, changes)

    def _piece(
        self,
        lane: str,
        style: Any,
        begin: dt.date,
        end: dt.date,
        alpha: float,
        label: str,
        changes: dict[str, Any],
    ) -> None:
        from matplotlib.patches import Patch, Rectangle

        height = _data()["looks"]["lane_height"] * changes.get("part", 0.8)
        bottom = self.y(lane, changes.get("at", 0.0)) - height / 2.0
        corner, width = (self.number(begin), bottom), self.number(end) - self.number(begin)
        looks = _filling(style)
        self.ax.add_patch(
            Rectangle(corner, width, height, alpha=alpha, zorder=2, gid=lane, **looks)
        )
        self.legend.setdefault(label, Patch(**looks))

    def finish(self, dossier: Dossier) -> None:
        """Axes, line of the day, title and legend."""
        _draw_axes(self)
        _draw_ages(self, dossier.person.birth_date)
        _draw_day(self)
        title = self.text("title", id=dossier.person_id)
        if dossier.person_id.startswith(SYNTHETIC):
            title = f"{title} · {self.text('synthetic')}"
        self.ax.set_title(title, loc="left", fontsize="large", pad=10)
        if self.legend:
            _draw_legend(self)


def _shape(style: Any) -> dict[str, Any]:
    """How `scatter` draws a mark; lines have no edge."""
    is_line = style["shape"] in "x|"
    edge = {"linewidths": 1.4} if is_line else {"linewidths": 0.6, "edgecolors": "white"}
    return {"marker": style["shape"], "color": _data()["colours"][style["colour"]], **edge}


def _filling(style: Any) -> dict[str, Any]:
    """How a patch is filled."""
    colour = _data()["colours"][style["colour"]]
    hatch = style["hatch"] or None
    return {"facecolor": colour, "edgecolor": "0.25", "hatch": hatch, "linewidth": 0.4}


def _in_force(facts: list[_FACT]) -> list[_FACT]:
    gone = {fact.supersedes for fact in facts if fact.supersedes is not None}
    return [fact for fact in facts if not fact.void and fact.fact_id not in gone]


def _bars(name: str, code: str) -> Any:
    return _data()["bars"][name][code]


def _marks(name: str) -> Any:
    return _data()["marks"][name]


def _cases(picture: _Picture, dossier: Dossier) -> None:
    for case, faint in picture.versions(dossier.convictions):
        name = "violent_case" if _is_violent(case) else "case"
        size, at = _data()["looks"]["case_area"] * (1 + case.severity), (case.severity - 3) / 4.0
        style, label = _marks(name), picture.text(name)
        edge = {}
        if case.index_offence:
            edge = {"edgecolors": "black", "linewidths": 1.8}
            label = picture.text("index_case")
        picture.mark("cases", style, case.offence_on, faint, label, s=size, at=at, **edge)


def _is_violent(case: Conviction) -> bool:
    return case.offence_class in vocabularies()["offence_class"].groups["violent"]


def _stays(picture: _Picture, dossier: Dossier) -> None:
    for stay, faint in picture.versions(dossier.detentions):
        style, label = _bars("regime", stay.regime), picture.label("regime", stay.regime)
        picture.bar("stays", style, stay.arrived_on, stay.released_on, faint, label)


def _programme(picture: _Picture, dossier: Dossier) -> None:
    _regime_steps(picture, dossier)
    for fact, faint in picture.versions(dossier.programme):
        if fact.kind == "plan_made":
            label = picture.text("plan_made")
            picture.mark("programme", _marks("plan_made"), fact.occurred_on, faint, label)
        elif fact.kind == "goal" and fact.status in _GOALS and fact.status_on is not None:
            name = _GOALS[fact.status]
            picture.mark("programme", _marks(name), fact.status_on, faint, picture.text(name))


_GOALS = {"met": "goal_met", "not_met": "goal_not_met", "refused": "goal_not_met"}


def _regime_steps(picture: _Picture, dossier: Dossier) -> None:
    """The plus and basic programme, from one step to the next or the end of the stay."""
    moves = sorted(
        (
            (fact.occurred_on, fact, faint)
            for fact, faint in picture.versions(dossier.programme)
            if fact.kind in ("promotion", "degradation")
        ),
        key=lambda move: move[0],
    )
    for place, (begin, fact, faint) in enumerate(moves):
        end = moves[place + 1][0] if place + 1 < len(moves) else picture.last
        end = min([end, *_releases_after(dossier, begin)])
        name = "plus" if fact.kind == "promotion" else "basic"
        style = _bars("programme", name)
        picture.bar("programme", style, begin, end, faint, picture.text(name), part=0.45)


def _releases_after(dossier: Dossier, day: dt.date) -> list[dt.date]:
    stays = _in_force(dossier.detentions)
    return [s.released_on for s in stays if s.released_on is not None and s.released_on >= day]


def _conduct(picture: _Picture, dossier: Dossier) -> None:
    for fact, faint in picture.versions(dossier.conduct):
        name = _conduct_mark(fact.kind, fact.grade)
        if name is not None:
            picture.mark("conduct", _marks(name), fact.occurred_on, faint, picture.text(name))


def _conduct_mark(kind: str, grade: str) -> str | None:
    if kind == "positive_act":
        return "positive_act"
    if grade == "desired":
        return None
    return f"incident_{grade}" if kind == "incident" else "review"


def _liberties(picture: _Picture, dossier: Dossier) -> None:
    for fact, faint in picture.versions(dossier.liberties):
        if fact.started_on is not None:
            _movement(picture, fact, fact.started_on, faint)
        elif fact.decision in ("denied", "withdrawn") and fact.decided_on is not None:
            label = picture.text("denied")
            picture.mark("liberties", _marks("denied"), fact.decided_on, faint, label)
        else:
            label = picture.text("asked")
            picture.mark("liberties", _marks("asked"), fact.asked_on, faint, label)


def _movement(picture: _Picture, fact: Liberty, started_on: dt.date, faint: bool) -> None:
    style, label = _bars("other", "liberty"), picture.text("liberty")
    picture.bar("liberties", style, started_on, fact.ended_on, faint, label, part=0.35, at=0.3)
    if fact.outcome is not None and fact.ended_on is not None:
        label = picture.label("liberty_outcome", fact.outcome)
        style = _data()["marks"]["liberty_outcome"][fact.outcome]
        picture.mark("liberties", style, fact.ended_on, faint, label)


def _assessments(picture: _Picture, dossier: Dossier) -> None:
    for fact, faint in picture.versions(dossier.assessments):
        style, label = _bars("other", "assessment"), picture.text("assessment_open")
        picture.bar("assessments", style, fact.asked_on, fact.done_on, faint, label, part=0.25)
        if fact.outcome is not None and fact.done_on is not None:
            label = picture.label("assessment_outcome", fact.outcome)
            style = _data()["marks"]["assessment_outcome"][fact.outcome]
            picture.mark("assessments", style, fact.done_on, faint, label)


def _victims(picture: _Picture, dossier: Dossier) -> None:
    for fact, faint in picture.versions(dossier.victims):
        name = "victim_known" if fact.interest == "known" else "victim_none"
        picture.mark("victims", _marks(name), fact.known_on, faint, picture.text(name))


def _housing(picture: _Picture, dossier: Dossier) -> None:
    for spell, faint in picture.versions(dossier.housing):
        style = _bars("housing_status", spell.status)
        label = picture.label("housing_status", spell.status)
        picture.bar("housing", style, spell.from_on, spell.until_on, faint, label)


def _income(picture: _Picture, dossier: Dossier) -> None:
    for spell, faint in picture.versions(dossier.income_work):
        style = _bars("income_kind", spell.kind)
        label = picture.label("income_kind", spell.kind)
        picture.bar("income_work", style, spell.from_on, spell.until_on, faint, label)


def _debts(picture: _Picture, dossier: Dossier) -> None:
    """The sum of open debts as steps; what was not known on the day is faint around it."""
    versions = list(picture.versions(dossier.debts))
    steps = _open_amounts([fact for fact, _ in versions if fact in _in_force(dossier.debts)])
    highest = max((amount for _, amount in steps), default=0.0)
    if not highest:
        return
    looks = _data()["looks"]
    known = _open_amounts([fact for fact, faint in versions if not faint])
    whole = looks["faint"] if picture.as_of is not None else 1.0
    _draw_steps(picture, steps, picture.last, highest, whole)
    if picture.as_of is not None:
        _draw_steps(picture, known, min(picture.as_of, picture.last), highest, 1.0)


def _open_amounts(debts: Iterable[Any]) -> list[tuple[dt.date, float]]:
    """Days on which the sum of open debts changes, and what it is from then on."""
    changes: dict[dt.date, float] = {}
    for debt in debts:
        changes[debt.since] = changes.get(debt.since, 0.0) + debt.amount_eur
        if debt.until is not None:
            changes[debt.until] = changes.get(debt.until, 0.0) - debt.amount_eur
    total, steps = 0.0, []
    for day in sorted(changes):
        total += changes[day]
        steps.append((day, max(total, 0.0)))
    return steps


def _draw_steps(
    picture: _Picture,
    steps: list[tuple[dt.date, float]],
    end: dt.date,
    highest: float,
    alpha: float,
) -> None:
    shown = [(max(day, picture.first), amount) for day, amount in steps if day <= end]
    if not shown or end < picture.first:
        return
    days = [picture.number(day) for day, _ in [*shown, (end, 0.0)]]
    amounts = [amount for _, amount in [*shown, shown[-1]]]
    bottom, height = picture.y("debts", -1.0), _data()["looks"]["lane_height"]
    tops = [bottom + height * amount / highest for amount in amounts]
    colour = _data()["colours"][_bars("other", "debts")["colour"]]
    area = picture.ax.fill_between(
        days, bottom, tops, step="post", color=colour, alpha=alpha, linewidth=0, zorder=2
    )
    area.set_gid("debts")
    amount = f"{highest:,.0f}"
    amount = amount.replace(",", ".") if picture.language == "nl" else amount
    picture.legend[picture.text("open_debts", amount=amount)] = area


_LANES = {
    "cases": _cases,
    "stays": _stays,
    "programme": _programme,
    "conduct": _conduct,
    "liberties": _liberties,
    "assessments": _assessments,
    "victims": _victims,
    "housing": _housing,
    "income_work": _income,
    "debts": _debts,
}


def _draw_axes(picture: _Picture) -> None:
    ax, lanes = picture.ax, _data()["lanes"]
    drawn = {child.get_gid() for child in ax.get_children()}
    first, last = picture.number(picture.first), picture.number(picture.last)
    margin = max((last - first) * 0.015, 0.5)
    ax.set_xlim(first - margin, last + margin)
    ax.set_ylim(-len(lanes) + 0.4, 0.6)
    ax.set_yticks(range(0, -len(lanes), -1), [title[picture.language] for title in lanes.values()])
    for lane in lanes:
        place = picture.y(lane)
        if lane in drawn:
            ax.axhline(place - 0.5, color="0.88", linewidth=0.6, zorder=0)
        else:
            ax.axhspan(place - 0.5, place + 0.5, color="0.965", zorder=0)
            text = picture.text("nothing")
            ax.text(first, place, text, fontsize="small", color="0.5", va="center", style="italic")
    ax.xaxis.set_major_formatter(_written_days((picture.last - picture.first).days))
    ax.grid(axis="x", color="0.9", linewidth=0.6, zorder=0)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _written_days(shown: int) -> Any:
    """Years, months or days along the axis, by how many days it shows."""
    from matplotlib.dates import DateFormatter

    form = "%Y" if shown > 5 * DAYS_PER_YEAR else "%Y-%m" if shown > 150 else "%Y-%m-%d"
    return DateFormatter(form)  # type: ignore[no-untyped-call]


def _draw_ages(picture: _Picture, birth_date: dt.date) -> None:
    """Age along the top."""
    from matplotlib.ticker import MaxNLocator

    born = picture.number(birth_date)
    ages = picture.ax.secondary_xaxis(
        "top",
        functions=(lambda x: (x - born) / DAYS_PER_YEAR, lambda a: a * DAYS_PER_YEAR + born),
    )
    ages.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ages.set_xlabel(picture.text("age"), fontsize="small", color="0.4", loc="right")
    ages.tick_params(labelsize="small", labelcolor="0.4", length=2)
    ages.spines["top"].set_visible(False)


def _draw_day(picture: _Picture) -> None:
    if picture.as_of is None or not picture.first <= picture.as_of <= picture.last:
        return
    label = picture.text("as_of", day=picture.as_of.isoformat())
    picture.legend[label] = picture.ax.axvline(
        picture.number(picture.as_of),
        color="black",
        linewidth=1.2,
        linestyle="--",
        zorder=4,
        gid="as_of",
    )


def _draw_legend(picture: _Picture) -> None:
    from matplotlib.patches import Patch

    ax, faint = picture.ax, _data()["looks"]["faint"]
    if any(child.get_gid() in _LANES and child.get_alpha() == faint for child in ax.get_children()):
        picture.legend[picture.text("later")] = Patch(facecolor="black", alpha=faint)
    ax.legend(
        list(picture.legend.values()),
        list(picture.legend),
        loc="upper center",
        bbox_to_anchor=(0.5, -0.07),
        ncols=5,
        fontsize="small",
        frameon=False,
        handletextpad=0.5,
        columnspacing=1.6,
    )
