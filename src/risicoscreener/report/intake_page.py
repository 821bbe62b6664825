"""One page on an intake for the team: what is known, what is missing, who asks it, what matters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import ReentryError, RisicoscreenerError
from risicoscreener.reentry.intake import Intake, intake, intake_curve, status_text
from risicoscreener.reentry.intake.questions import Questionnaire
from risicoscreener.reentry.intake.readers import DECIDER, reader_title
from risicoscreener.reentry.intake.wording import say as say_intake
from risicoscreener.screening.render import say_date, say_days
from risicoscreener.templating import style, template
from risicoscreener.texts import Lang, Sentences, check_language

if TYPE_CHECKING:
    from risicoscreener.dossier.reading import Source
    from risicoscreener.reentry.intake import IntakeCurve, IntakeItem, IntakeValue

MOST_LINES = 3
"""So many answers that matter most are on the page; the command `intake value` gives all."""


_SENTENCES = Sentences("risicoscreener.report", "intake.toml")


def _say(lang: Lang, key: str, **values: object) -> str:
    return _SENTENCES.say("texts", key, lang, **values)


@dataclass(frozen=True, slots=True)
class _Part:
    """One row of the table by part."""

    title: str
    known: int
    asked: int
    late: int

    @property
    def percent(self) -> int:
        return round(100 * self.known / self.asked)


def intake_page(
    source: Source,
    as_of: dt.date | str | None = None,
    lang: str = "nl",
    *,
    questions: Questionnaire | None = None,
    reader: str | None = None,
    consent: bool = False,
    value: IntakeValue | None = None,
) -> str:
    """A page that stands alone and prints on one sheet of A4.

    Parameters
    ----------
    source, as_of, questions, reader, consent
        As for `intake`.
    lang
        ``nl`` or ``en``.
    value
        What matters most, as `intake_value` gives it; only on a page with everything, or for who
        decides.

    Raises
    ------
    DossierError
        If it is no valid dossier, or ``as_of`` is no day that can be meant.
    ReentryError
        As for `intake`; or if ``value`` is of someone else, of another day, or for a reader who
        may not see it.
    """
    spoken = check_language(lang)
    asked = Questionnaire.shipped() if questions is None else questions
    found = intake(source, as_of, questions=asked, reader=reader, consent=consent)
    _check_value(value, found)
    seen = asked.of([item.question for item in found.items])
    curve = intake_curve(source, as_of, questions=seen)
    return _rendered(found, curve, value, spoken)


def intake_pdf(page: str) -> bytes:
    """A page of `intake_page` as PDF; nothing is fetched for it.

    Raises
    ------
    RisicoscreenerError
        If WeasyPrint or the libraries that it needs are not installed.
    """
    try:
        from weasyprint import HTML  # type: ignore[import-untyped]
        from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]
    except ImportError:
        raise RisicoscreenerError("a PDF needs WeasyPrint; install risicoscreener[pdf]") from None
    except OSError as error:  # it opens Pango as it is imported
        raise RisicoscreenerError(
            f"WeasyPrint cannot find a library of the system ({error}); on Debian install "
            "libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0"
        ) from None
    nothing = URLFetcher(allowed_protocols=())
    document = HTML(string=page, url_fetcher=nothing)
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return made


def _check_value(value: IntakeValue | None, found: Intake) -> None:
    if value is None:
        return
    if found.reader not in (None, DECIDER):
        raise ReentryError(
            f"what answers would change is not for {found.reader}; expected no value, or the "
            f"reader {DECIDER}"
        )
    if (value.person_id, value.as_of) != (found.person_id, found.as_of):
        raise ReentryError(
            f"the value is of {value.person_id} on {value.as_of}; expected {found.person_id} on "
            f"{found.as_of}"
        )


def _rendered(found: Intake, curve: IntakeCurve, value: IntakeValue | None, lang: Lang) -> str:
    from markupsafe import Markup

    from risicoscreener.report.evaluation.svg import drawn

    picture = drawn(partial(curve.plot, None, lang), "course")
    return template("risicoscreener.report", "templates/intake.html.jinja").render(
        lang=lang,
        css=style("risicoscreener.report", "templates/intake.css"),
        picture=Markup(picture),  # noqa: S704  (drawn by matplotlib, cleaned)
        found=found,
        reader="" if found.reader is None else reader_title(found.reader).text(lang),
        figures=list(_figures(found, lang)),
        parts=list(_parts(found, lang)),
        course=_course(curve, lang),
        answered=[item for item in found.items if item.status == "known"],
        matters=None if value is None else _matters(value, lang),
        how="" if value is None else _how(value, lang),
        w=partial(_say, lang),
        date=partial(say_date, lang=lang),
        days=partial(say_days, lang=lang),
        short=lambda day: day.strftime(_say(lang, "date")),
        status=lambda item: status_text(item.status).text(lang),
        limits=lambda item: ", ".join(_limits(item, lang)),
    )


def _figures(found: Intake, lang: Lang) -> Iterator[tuple[str, str]]:
    asked = [item for item in found.items if item.status != "not_applicable"]
    known = sum(item.status == "known" for item in asked)
    hours = f"{sum(item.minutes for item in found.to_do) / 60:.1f}"
    yield "known", _say(lang, "of_asked", known=known, asked=len(asked))
    yield "to_do", str(len(found.to_do))
    yield "overdue", str(len(found.overdue))
    yield "work", hours.replace(".", ",") if lang == "nl" else hours


def _parts(found: Intake, lang: Lang) -> Iterator[_Part]:
    for group, counts in found.counts().items():
        asked = sum(counts.values()) - counts["not_applicable"]
        of_group = [item for item in found.items if item.group == group]
        if asked:
            late = sum(item.is_overdue for item in of_group)
            yield _Part(of_group[0].part.text(lang), counts["known"], asked, late)


def _course(curve: IntakeCurve, lang: Lang) -> str:
    begin, end = curve.counts[0], curve.counts[-1]
    return _say(
        lang,
        "course_said",
        first=say_date(curve.days[0], lang),
        last=say_date(curve.until, lang),
        begin=begin["known"],
        end=end["known"],
        asked=sum(end.values()) - end["not_applicable"],
    )


def _how(value: IntakeValue, lang: Lang) -> str:
    key = "alike" if value.reference else "bounds"
    return say_intake("value", key, lang, n=value.reference)


def _matters(value: IntakeValue, lang: Lang) -> list[str]:
    some = [found for found in value.items if found.effect != "none"]
    return [value.line(found, lang) for found in some[:MOST_LINES]]


def _limits(item: IntakeItem, lang: Lang) -> Iterator[str]:
    if item.consent:
        yield _say(lang, "consent")
    if item.channel is not None:
        yield _say(lang, "channel", title=vocabularies()["register"].label(item.channel, lang))
