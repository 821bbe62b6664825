"""The page of an intake: one sheet of paper, an extract for each reader, nothing from outside."""

from __future__ import annotations

import datetime as dt
import os
import re

import pytest

from cases import example
from intake_cases import a_dossier, day
from risicoscreener.errors import ReentryError, RisicoscreenerError
from risicoscreener.reentry.intake import Questionnaire, intake_value
from risicoscreener.report.intake_page import intake_page, intake_pdf

DAY = dt.date(2024, 4, 15)
SHIPPED = Questionnaire.shipped()


def lacks_pdf() -> str:
    """Why no PDF can be made here, or nothing."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        return str(error)
    return ""


def needs_pdf():
    if lacks_pdf():
        if os.environ.get("RISICOSCREENER_REQUIRE_PDF"):
            pytest.fail(lacks_pdf())
        pytest.skip(lacks_pdf())


@pytest.fixture(scope="module")
def nothing_known():
    """A page on which everything is missing, with what matters most: the longest there is."""
    dossier = a_dossier()
    return intake_page(dossier, day(60), "nl", value=intake_value(dossier, day(60)))


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_says_what_is_missing_who_asks_it_and_what_is_late(nothing_known):
    said = plain(nothing_known)
    assert "beantwoord 0 van 21" in said
    for question in SHIPPED:
        assert question.title.nl.replace("&", "&amp;") in said
    assert "niet gevraagd (toestemming nodig)" in said
    assert "(alleen via slachtofferinformatie)" in said
    assert "29-01-2024 32" in said  # the plan
    assert "Wat het meest uitmaakt" in said
    english = plain(intake_page(example("grant"), DAY, "en"))
    assert "answered 15 of 21" in english
    assert "earlier convictions (2024-04-15; 403 days after the term )" in english


def test_what_is_not_for_a_reader_is_nowhere_in_the_page():
    page = intake_page(example("deny"), DAY, "nl", reader="municipality")
    shown = {"debts_judicial", "debts_other", "arrangements", "housing_now", "leave_address"}
    shown |= {"income_work", "valid_id"}
    for question in SHIPPED:
        assert (question.title.nl in plain(page)) == (question.id in shown), question.id
    for word in ("verslaving", "slachtoffer", "behandeling", "veroordeling", "Wat het meest"):
        assert word not in page
    assert "Voor de gemeente" in plain(page)


def test_what_answers_would_change_is_for_who_decides_alone():
    value = intake_value(example("deny"), DAY)
    with pytest.raises(ReentryError, match="not for municipality"):
        intake_page(example("deny"), DAY, reader="municipality", value=value)
    assert "Wat het meest" in intake_page(
        example("deny"), DAY, reader="decision_maker", value=value
    )
    with pytest.raises(ReentryError, match="the value is of EXAMPLE-DENY on 2024-04-15"):
        intake_page(example("grant"), DAY, value=value)


def test_names_from_outside_are_escaped(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        "[[questions]]\n"
        'id = "own"\ntitle = { nl = "<script>alert(1)</script>", en = "x" }\n'
        'group = "housing"\ntext = { nl = "x", en = "x" }\nasker = "casemanager"\n'
        'registers = ["prison"]\ntable = "housing"\nkind = "current"\nfields = ["status"]\n'
        'within_days = 1\nsource = "project"\n',
        "utf-8",
    )
    page = intake_page(a_dossier(), day(3), questions=Questionnaire.from_toml(path))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_same_page_every_time():
    assert intake_page(example("grant"), DAY) == intake_page(example("grant"), DAY)


def test_on_paper_it_is_one_sheet_of_a4(nothing_known):
    needs_pdf()
    from weasyprint import HTML

    value = intake_value(example("deny"), DAY)
    pages = [nothing_known, intake_page(example("deny"), DAY, "en", value=value)]
    pages.append(intake_page(example("grant"), DAY, reader="municipality"))
    for page in pages:
        made = HTML(string=page).render().pages
        assert len(made) == 1
        assert (round(made[0].width), round(made[0].height)) == (794, 1123)


def test_the_pdf_is_one(nothing_known):
    needs_pdf()
    made = intake_pdf(nothing_known)
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")


def test_a_pdf_asks_for_nothing(tmp_path):
    needs_pdf()
    picture = tmp_path / "a.svg"
    picture.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"/>', "utf-8"
    )
    style = tmp_path / "a.css"
    style.write_text("p { break-before: page }", "utf-8")
    page = (
        '<html lang="en"><title>x</title><link rel="stylesheet" href="{style}">'
        '<img src="{picture}" alt="x"><p>a</p></html>'
    )
    asked = intake_pdf(page.format(style=style.as_uri(), picture=picture.as_uri()))
    without = intake_pdf(page.format(style="none:a", picture="none:a"))
    assert len(asked) == len(without)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImportError("no module"), r"risicoscreener\[pdf\]"),
        (OSError("cannot load library"), "libpango-1.0-0"),
    ],
)
def test_what_to_install_is_said(monkeypatch, error, said):
    import builtins

    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "weasyprint":
            raise error
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RisicoscreenerError, match=said):
        intake_pdf("<html></html>")


# --- in a browser -----------------------------------------------------------------------------

SIZES = {"desktop": (1280, 900), "telephone": (360, 740)}


@pytest.fixture(scope="module")
def pages(tmp_path_factory, nothing_known):
    folder = tmp_path_factory.mktemp("pages")
    made = {
        "nothing": nothing_known,
        "deny-en": intake_page(example("deny"), DAY, "en"),
        "extract": intake_page(example("grant"), DAY, "nl", reader="municipality"),
    }
    for name, page in made.items():
        (folder / f"{name}.html").write_text(page, "utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["nothing", "deny-en", "extract"])
def test_a_browser_shows_it_without_faults(tab, pages, name, size):
    tab.size(*SIZES[size])
    tab.open(pages[name])
    assert tab.violations() == []
    assert tab.complaints() == []
    assert tab.requests() == [pages[name].resolve().as_uri()]
    assert tab.ask("document.documentElement.scrollWidth") <= SIZES[size][0]
