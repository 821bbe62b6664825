"""One life as a picture: every fact is drawn once, in its lane, and not before it was known."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from importlib.resources import files

import pytest
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from risicoscreener.dossier.record import (
    Assessment,
    Conduct,
    Conviction,
    Debt,
    Detention,
    Dossier,
    Housing,
    IncomeWork,
    Liberty,
    Person,
    Programme,
    VictimFact,
)
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DossierError, RisicoscreenerError
from risicoscreener.report import plot_timeline

LANES = (
    "cases", "stays", "programme", "conduct", "liberties",
    "assessments", "victims", "housing", "income_work", "debts",
)  # fmt: skip


def day(month: int, of: int = 1, year: int = 2024) -> dt.date:
    return dt.date(year, month, of)


@pytest.fixture
def dossier() -> Dossier:
    """A stay from January to December 2024 with a known number of facts in each lane."""
    case = {"sanction": "custodial", "judged_on": day(1), "recorded_at": day(1)}
    return Dossier(
        person_id="SYN-0000001",
        person=Person(birth_date=dt.date(1990, 1, 1), sex="male"),
        convictions=[
            Conviction(
                offence_class="theft", offence_on=dt.date(2023, 3, 1), severity=1, **case
            ),
            Conviction(
                offence_class="robbery",
                offence_on=dt.date(2023, 9, 1),
                severity=4,
                index_offence=True,
                **case,
            ),
        ],
        detentions=[
            Detention(
                arrived_on=day(1), regime="remand", recorded_at=day(1), fact_id="stay-1"
            ),
            Detention(
                arrived_on=day(1),
                regime="sentence",
                released_on=day(12),
                recorded_at=day(2),
                fact_id="stay-2",
                supersedes="stay-1",
            ),
        ],
        programme=[
            Programme(kind="plan_made", occurred_on=day(2), recorded_at=day(2)),
            Programme(kind="promotion", occurred_on=day(3), recorded_at=day(3)),
            Programme(kind="degradation", occurred_on=day(5), recorded_at=day(5)),
            Programme(kind="visit", occurred_on=day(4), recorded_at=day(4)),
            Programme(
                kind="goal",
                goal="debts",
                occurred_on=day(3),
                status="met",
                status_on=day(6),
                recorded_at=day(6),
            ),
        ],
        conduct=[
            Conduct(
                occurred_on=day(4, 8),
                kind="week_review",
                category="living_climate",
                grade="desired",
                recorded_at=day(4, 8),
            ),
            Conduct(
                occurred_on=day(4, 15),
                kind="week_review",
                category="living_climate",
                grade="undesired",
                recorded_at=day(4, 15),
            ),
            Conduct(
                occurred_on=day(9),
                kind="incident",
                category="living_climate",
                grade="intolerable",
                recorded_at=day(9, 2),
            ),
        ],
        liberties=[
            Liberty(
                kind="short_leave",
                asked_on=day(7),
                decision="granted",
                decided_on=day(7, 10),
                started_on=day(7, 20),
                outcome="late",
                ended_on=day(7, 21),
                recorded_at=day(7, 10),
            ),
            Liberty(
                kind="short_leave",
                asked_on=day(8),
                decision="denied",
                decided_on=day(8, 10),
                recorded_at=day(8, 10),
            ),
        ],
        assessments=[
            Assessment(
                kind="deep_risk_assessment",
                asked_on=day(3),
                done_on=day(8),
                outcome="favourable",
                recorded_at=day(3),
            )
        ],
        victims=[VictimFact(known_on=day(2), interest="known", recorded_at=day(2, 5))],
        housing=[
            Housing(status="own_address", from_on=day(1, year=2022), recorded_at=day(1)),
        ],
        income_work=[
            IncomeWork(
                kind="work", from_on=day(1, year=2023), until_on=day(1), recorded_at=day(1)
            ),
        ],
        debts=[
            Debt(
                kind="fine",
                creditor="state",
                amount_eur=500.0,
                since=day(6, year=2023),
                recorded_at=day(1),
            ),
            Debt(
                kind="rent",
                creditor="landlord",
                amount_eur=1500.0,
                since=day(8),
                recorded_at=day(9),
            ),
        ],
    )  # fmt: skip


def drawn(ax) -> dict[str, int]:
    """Number of artists in each lane."""
    return dict(Counter(a.get_gid() for a in ax.get_children() if a.get_gid() in LANES))


def faint(ax, lane: str) -> list[bool]:
    return [
        a.get_alpha() not in (None, 1.0) for a in ax.get_children() if a.get_gid() == lane
    ]  # fmt: skip


def extent(artist) -> tuple[float, float]:
    """First and last day of an artist, as numbers of matplotlib."""
    if hasattr(artist, "get_x"):
        return artist.get_x(), artist.get_x() + artist.get_width()
    points = artist.get_offsets()
    if len(points) == 1 and artist.get_gid() != "debts":
        return points[0][0], points[0][0]
    box = artist.get_datalim(artist.axes.transData)
    return box.x0, box.x1


def test_every_fact_is_drawn_in_its_lane(dossier):
    assert drawn(plot_timeline(dossier)) == {
        "cases": 2,
        "stays": 1,  # the remand was replaced
        "programme": 4,  # plan, goal, plus, basic; a visit is not drawn
        "conduct": 2,  # a desired review is not drawn
        "liberties": 3,  # a bar with its end, and a denial
        "assessments": 2,  # a bar with its outcome
        "victims": 1,
        "housing": 1,
        "income_work": 1,
        "debts": 1,
    }


def test_what_was_not_known_on_the_day_is_faint(dossier):
    ax = plot_timeline(dossier, as_of=day(5, 15))
    assert faint(ax, "stays") == [False, True]  # cut at the day
    assert faint(ax, "conduct") == [True, False]
    assert faint(ax, "liberties") == [True, True, True]
    assert faint(ax, "victims") == [False]
    assert faint(ax, "assessments") == [False, True, True]


def test_without_a_day_nothing_is_faint(dossier):
    ax = plot_timeline(dossier)
    assert not any(any(faint(ax, lane)) for lane in LANES)
    assert not [a for a in ax.get_children() if a.get_gid() == "as_of"]


def test_a_line_stands_at_the_day(dossier):
    ax = plot_timeline(dossier, as_of=day(5, 15))
    (line,) = [a for a in ax.get_children() if a.get_gid() == "as_of"]
    assert line.get_xdata()[0] == date2num(day(5, 15))


def test_the_stay_is_drawn_as_it_was_known_on_the_day(dossier):
    ax = plot_timeline(dossier, as_of=day(1, 15))
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "voorlopige hechtenis" in labels
    assert "gevangenisstraf of hechtenis" in labels  # later, and faint


def test_debts_grow_in_steps(dossier):
    (area,) = [a for a in plot_timeline(dossier).get_children() if a.get_gid() == "debts"]
    heights = sorted({round(y, 6) for _, y in area.get_paths()[0].vertices})
    bottom = heights[0]
    tops = [y - bottom for y in heights[1:]]
    assert tops[0] / tops[-1] == pytest.approx(500 / 2000)


@pytest.mark.parametrize("as_of", [None, day(5, 15)])
@pytest.mark.parametrize("from_", [None, day(4)])
def test_nothing_is_drawn_outside_the_days_shown(dossier, as_of, from_):
    ax = plot_timeline(dossier, as_of=as_of, from_=from_)
    first = date2num(from_ or dt.date(2022, 1, 1))
    spans = [extent(a) for a in ax.get_children() if a.get_gid() in LANES]
    assert min(low for low, _ in spans) >= first
    assert max(high for _, high in spans) <= date2num(day(12))


def test_the_programme_ends_with_the_stay(dossier):
    dossier.victims[0] = VictimFact(
        known_on=day(6, year=2025), interest="known", recorded_at=day(6, year=2025)
    )
    bars = [a for a in plot_timeline(dossier).patches if a.get_gid() == "programme"]
    assert max(extent(bar)[1] for bar in bars) == date2num(day(12))


def test_facts_before_the_first_day_shown_are_left_out(dossier):
    assert "cases" not in drawn(plot_timeline(dossier, from_=day(4)))


def test_a_dossier_without_facts_says_so_in_every_lane():
    empty = Dossier(person_id="X-1", person=Person(birth_date=dt.date(1990, 1, 1), sex="female"))
    ax = plot_timeline(empty, language="en")
    assert drawn(ax) == {}
    assert [t.get_text() for t in ax.texts] == ["nothing recorded"] * len(LANES)


@pytest.mark.parametrize(
    ("language", "lane", "note"),
    [("nl", "strafzaken", "synthetisch"), ("en", "cases", "synthetic: not an existing person")],
)
def test_texts_are_in_the_language_asked_for(dossier, language, lane, note):
    ax = plot_timeline(dossier, language=language)
    assert ax.get_yticklabels()[0].get_text() == lane
    assert note in ax.get_title(loc="left")


def test_only_the_id_of_a_synthetic_person_says_so(dossier):
    dossier.person_id = "EXAMPLE-1"
    assert plot_timeline(dossier, language="en").get_title(loc="left") == "Dossier EXAMPLE-1"


def test_a_withdrawn_fact_is_not_drawn(dossier):
    dossier.victims[0].void = True
    assert "victims" not in drawn(plot_timeline(dossier))


def test_an_axes_that_is_given_is_drawn_on(dossier):
    own = Figure().add_subplot()
    assert plot_timeline(dossier, ax=own) is own


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_picture_is_saved_without_a_warning(dossier, language, tmp_path):
    ax = plot_timeline(dossier, as_of=day(5, 15), language=language)
    ax.figure.savefig(tmp_path / "life.png")
    assert (tmp_path / "life.png").stat().st_size > 10_000


def test_a_first_day_after_the_last_fact_is_refused(dossier):
    with pytest.raises(DossierError, match="from_ is 2025-01-01; expected a day before"):
        plot_timeline(dossier, from_=dt.date(2025, 1, 1))


def test_a_time_is_no_day(dossier):
    with pytest.raises(DossierError, match="as_of is .*expected a day"):
        plot_timeline(dossier, as_of=dt.datetime(2024, 5, 1, 12))


def test_a_language_that_is_not_spoken_is_refused(dossier):
    with pytest.raises(RisicoscreenerError, match="'fr' is not spoken"):
        plot_timeline(dossier, language="fr")


@pytest.mark.parametrize(
    ("part", "vocabulary"),
    [
        ("bars", "regime"),
        ("bars", "housing_status"),
        ("bars", "income_kind"),
        ("marks", "liberty_outcome"),
        ("marks", "assessment_outcome"),
    ],
)
def test_every_code_that_is_drawn_has_looks_of_its_own(part, vocabulary):
    text = (files("risicoscreener.report") / "timeline.toml").read_text("utf-8")
    looks = tomllib.loads(text)[part][vocabulary]
    assert set(looks) == set(vocabularies()[vocabulary].codes)
    assert len({tuple(sorted(style.items())) for style in looks.values()}) == len(looks)
