"""What an instrument answers: scores, bands, every step in between, and every objection."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from risicoscreener.texts import Texts

ProblemKind = Literal["refused", "fallback", "assumed"]


@cache
def wording() -> dict[str, Any]:
    """The sentences of this package that people read, in Dutch and English."""
    return tomllib.loads((files("risicoscreener.instruments") / "texts.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class InstrumentProblem:
    """One objection to one input, or one thing that was assumed.

    Attributes
    ----------
    kind
        ``refused``: there is no score because of it. ``fallback``: the static variant was
        scored because of it. ``assumed``: the score counts an answer that was not given.
    code
        Stable name: ``missing``, ``wrong_kind``, ``out_of_range``, ``not_allowed``,
        ``unknown_field``, ``unknown_code``, or the name of a rule.
    fields, values
        The inputs and what was given for each; None if nothing was.
    expected
        What was expected, in Dutch and English.
    part
        The instrument whose objection it is, within a composite one.
    """

    kind: ProblemKind
    code: str
    fields: tuple[str, ...]
    values: tuple[Any, ...]
    expected: Texts
    part: str = ""

    @property
    def field(self) -> str:
        """The input, or the first of several that do not agree."""
        return self.fields[0]

    @property
    def value(self) -> Any:
        """What was given for `field`."""
        return self.values[0]

    def text(self, lang: str = "nl") -> str:
        """One sentence in ``nl`` or ``en``."""
        absent = self.kind == "refused" and self.values == (None,)
        sentence: str = wording()["problems"]["missing" if absent else self.kind][lang]
        return sentence.format(
            field=", ".join(self.fields),
            value=", ".join(_shown(value) for value in self.values),
            expected=self.expected.text(lang),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        plain = {
            "kind": self.kind,
            "code": self.code,
            "fields": list(self.fields),
            "values": [None if value is None else _shown(value) for value in self.values],
            "expected": {"nl": self.expected.nl, "en": self.expected.en},
        }
        return {**plain, "part": self.part} if self.part else plain


@dataclass(frozen=True, slots=True)
class InstrumentScore:
    """The answer for one horizon.

    Attributes
    ----------
    probability
        Between 0 and 1, unrounded; None for an instrument that gives points only.
    percentage
        The probability in percent as the instrument reports it, rounded by its rule.
    points, scaled
        Sum of points and scaled score, for an instrument that has them.
    band
        Code of the band; None without cut-offs.
    linear_predictor
        Log odds, where the probability comes from them.
    at_most
        The highest probability that the unanswered inputs could give; None if all are answered.
    """

    horizon: str
    probability: float | None = None
    percentage: float | None = None
    points: float | None = None
    scaled: float | None = None
    band: str | None = None
    linear_predictor: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class InstrumentResult:
    """All that an instrument says about one person.

    Attributes
    ----------
    instrument, version
        Which version of which instrument.
    variant
        ``static`` or ``dynamic``; None if there is no score.
    scores
        One per horizon; empty if there is no score.
    problems
        Every objection and every assumption, not only the first.
    populations
        The populations whose formulas were used.
    derived
        Each derived variable and its value; None where it does not apply.
    contributions
        What each variable adds to the sum, and ``intercept``; intercepts that differ between
        horizons are those of the first.
    remarks
        What the reader must know, such as that a band was lowered.
    parts
        Results of the parts of a composite instrument.
    """

    instrument: str
    version: str
    variant: str | None = None
    scores: tuple[InstrumentScore, ...] = ()
    problems: tuple[InstrumentProblem, ...] = ()
    populations: tuple[str, ...] = ()
    derived: dict[str, Any] = field(default_factory=dict)
    contributions: dict[str, float] = field(default_factory=dict)
    remarks: tuple[Texts, ...] = ()
    parts: dict[str, InstrumentResult] = field(default_factory=dict)
    applicable: bool = True

    @property
    def ok(self) -> bool:
        """There is a score."""
        return bool(self.scores)

    @property
    def score(self) -> InstrumentScore | None:
        """The answer for the first horizon, or None."""
        return self.scores[0] if self.scores else None

    @property
    def band(self) -> str | None:
        """The band of the first horizon, or None."""
        return self.scores[0].band if self.scores else None

    @property
    def missing_dynamic(self) -> tuple[str, ...]:
        """The dynamic inputs for want of which the static variant was scored."""
        return _fields(self.problems, "fallback")

    @property
    def assumed(self) -> tuple[str, ...]:
        """The inputs that were not answered and counted as something."""
        return _fields(self.problems, "assumed")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, with dates as text."""
        return {
            "instrument": self.instrument,
            "version": self.version,
            "variant": self.variant,
            "applicable": self.applicable,
            "scores": [
                {name: getattr(score, name) for name in InstrumentScore.__slots__}
                for score in self.scores
            ],
            "problems": [problem.to_dict() for problem in self.problems],
            "populations": list(self.populations),
            "derived": {name: _plain(value) for name, value in self.derived.items()},
            "contributions": dict(self.contributions),
            "remarks": [{"nl": remark.nl, "en": remark.en} for remark in self.remarks],
            "parts": {name: part.to_dict() for name, part in self.parts.items()},
        }

    def text(self, lang: str = "nl") -> str:
        """Some lines for a reader, in ``nl`` or ``en``."""
        said = wording()["result"]
        name = f"{self.instrument} {self.version}"
        if self.variant:
            name += f" ({said[self.variant][lang]})"
        lines = [name]
        lines += [f"  {_score_line(score, lang)}" for score in self.scores]
        if not self.scores:
            lines.append("  " + said["no_score"][lang])
        lines += [f"  {remark.text(lang)}" for remark in self.remarks]
        lines += [f"  - {problem.text(lang)}" for problem in self.problems]
        for part in self.parts.values():
            lines += ["  " + line for line in part.text(lang).splitlines()]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text("en")


def _fields(problems: tuple[InstrumentProblem, ...], kind: ProblemKind) -> tuple[str, ...]:
    found = [name for problem in problems if problem.kind == kind for name in problem.fields]
    return tuple(dict.fromkeys(found))


def _score_line(score: InstrumentScore, lang: str) -> str:
    said = wording()["result"]
    found = []
    if score.percentage is not None:
        found.append(f"{score.percentage:g} %")
    elif score.probability is not None:
        found.append(f"{100 * score.probability:.2f} %")
    if score.points is not None:
        found.append(said["points"][lang].format(points=f"{score.points:g}"))
    if score.scaled is not None:
        found.append(said["scaled"][lang].format(scaled=f"{score.scaled:g}"))
    if score.band is not None:
        found.append(said["band"][lang].format(band=score.band))
    if score.at_most is not None:
        found.append(said["at_most"][lang].format(at_most=f"{100 * score.at_most:.2f}"))
    return f"{score.horizon}: {', '.join(found)}"


def _shown(value: Any) -> str:
    """A value as a message shows it, cut off if it is long."""
    plain = _plain(value)
    text = ", ".join(map(str, plain)) if isinstance(plain, list) else str(plain)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    return value
