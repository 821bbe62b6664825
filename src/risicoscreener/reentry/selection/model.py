"""The selection model: expected effects of one kind of help, and what may be said with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ReentryError
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.figure import number
from risicoscreener.evaluation.pilots.telling import whole
from risicoscreener.evaluation.selection.weighting import LEAST_EFFECTIVE
from risicoscreener.evaluation.uplift import SequentialTest, help_overlap, rate
from risicoscreener.models.program import ScoringProgram
from risicoscreener.reentry.selection.aids import Aid
from risicoscreener.reentry.selection.learners import Effects
from risicoscreener.reentry.selection.learning import LOWEST, Findings, Learned, learn_from
from risicoscreener.reentry.selection.stored import (
    FORMAT,
    Stated,
    Stored,
    golden_rows,
    read_stored,
)
from risicoscreener.reentry.selection.wording import per_hundred, say
from risicoscreener.texts import (
    Lang,
    check_language,
    default_language,
    sections_as_html,
    sections_as_text,
)
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    from risicoscreener.reentry.selection.pictures import History, Pictures

FloatArray = npt.NDArray[np.float64]
MOST_TRIMMED = 0.5
LEAST_P = 0.001
_AS_THEY_ARE = (
    *("aid", "chance", "names", "adjusted", "lowest", "people", "helped", "trimmed"),
    *("seed", "capacity", "overlaps"),
)
"""What a file of a model holds as the model does."""


@dataclass(frozen=True, eq=False, repr=False)
class SelectionModel:
    """Expected effects of one kind of help.

    Make one with `learn`, or `read` one that was stored.

    Attributes
    ----------
    aid
        The kind of help.
    effects
        The fitted model of the effect.
    chance
        Program of the chance of help, to tell for whom the history cannot speak.
    names, adjusted
        Columns by which the effect may differ, and in which people had to be alike.
    lowest
        Chance of help, or of none, below which people have no counterparts.
    people, helped, trimmed
        In the history: all in need, those kept who received the help, and those left out.
    seed, capacity
        As of `learn`.
    test
        Whether the effect differs.
    overlaps
        Whether people with and without the help can be compared after trimming.
    figures
        By name: ``average``, ``as_seen``, ``autoc``, ``risk_autoc``, ``slope``, ``against_lot``,
        ``against_risk``, ``risk_against_lot``, ``e_value``, ``e_value_limit``, ``tipping_point``.
    findings
        All that was found; None for a model that was read from a file.
    """

    aid: Aid
    effects: Effects
    chance: ScoringProgram
    names: tuple[str, ...]
    adjusted: tuple[str, ...]
    lowest: float
    people: int
    helped: int
    trimmed: int
    seed: int
    capacity: float
    test: SequentialTest
    overlaps: bool
    figures: Mapping[str, Estimate]
    findings: Findings | None = field(default=None)

    def __repr__(self) -> str:
        return (
            f"<SelectionModel of {self.aid.id} ({self.effects.kind}), {self.people:,} people, "
            f"advice {self.advice}>"
        )

    # -- what may be said ------------------------------------------------------------------

    @property
    def differs(self) -> bool:
        """Whether the data show that the effect differs between people."""
        return self.test.differs

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why people should not be ordered by effect: names of `learning.DOUBTS`."""
        found = {
            "no_difference_shown": not self.differs,
            "poor_overlap": not self.overlaps,
            "harm_shown": self.figures["average"].high < 0,
        }
        return tuple(name for name, there in found.items() if there)

    @property
    def advice(self) -> str:
        """What the data advise to order people by.

        ``effect``; ``risk`` where that does as well; ``need_and_risk`` where no difference in
        effect is shown; ``need_and_lot`` where besides people at high risk seem to gain less;
        ``lot_in_trial`` where the help is not shown to work; ``look_first`` where it harms.
        """
        average, by_risk = self.figures["average"], self.figures["risk_autoc"]
        if average.high < 0:
            return "look_first"
        if self.differs and self.overlaps:
            beaten = self.figures["against_risk"].low > 0
            return "risk" if by_risk.low > 0 and not beaten else "effect"
        if not (average.low > 0 and self.overlaps):
            return "lot_in_trial"
        return "need_and_lot" if by_risk.high < 0 else "need_and_risk"

    def expected(self, people: Pictures, level: float = 0.95) -> dict[str, npt.NDArray[Any]]:
        """Expected effects: ``effect``, ``low``, ``high``, ``(n,)`` each, and ``comparable``.

        ``comparable`` says whether people like them went both ways in the history.

        Raises
        ------
        ReentryError
            If the people were read for another kind of help.
        """
        if people.aid.id != self.aid.id:
            raise ReentryError(
                f"people read for {people.aid.id!r}; expected for {self.aid.id!r}, as the model"
            )
        from risicoscreener.evaluation.intervals import quantile

        x = people.modifiers[list(self.names)].to_numpy()
        value, error = self.effects.effect(x)
        half = quantile(level) * error
        extra = [name for name in self.adjusted if name not in self.names]
        chance = self.chance.score_many(np.column_stack([x, people.adjust[extra].to_numpy()]))
        inside = (chance.probability >= self.lowest) & (chance.probability <= 1 - self.lowest)
        return {"effect": value, "low": value - half, "high": value + half, "comparable": inside}

    # -- texts -----------------------------------------------------------------------------

    def text(self, lang: str = "nl") -> str:
        """What was found, and the advice."""
        return sections_as_text(self._sections(check_language(lang)))

    def _repr_html_(self) -> str:
        lang = default_language()
        return sections_as_html(self._sections(lang), lang, "selection-model")

    def _sections(self, lang: Lang) -> list[tuple[str, list[str]]]:
        figures = self.figures
        test = "differs" if self.differs else "no_difference_shown"
        gains = [
            say(
                "model",
                "against_lot",
                lang,
                capacity=f"{100 * self.capacity:.0f}",
                effect=_interval(figures["against_lot"], lang),
            ),
            say("model", "against_risk", lang, effect=_interval(figures["against_risk"], lang)),
        ]
        lines = [
            say(
                "model",
                "people",
                lang,
                n=whole(self.people - self.trimmed, lang),
                helped=whole(self.helped, lang),
                trimmed=whole(self.trimmed, lang),
                all=whole(self.people, lang),
            ),
            say("model", "average", lang, effect=_interval(figures["average"], lang)),
            say("model", "as_seen", lang, effect=_interval(figures["as_seen"], lang)),
            say("model", test, lang, p=_p_value(self.test.p_value, lang)),
            " ".join(gains),
            say("model", "slope", lang, slope=figures["slope"].text(lang, 2)),
            say(
                "model",
                "sensitivity",
                lang,
                e_value=figures["e_value"].text(lang, 2),
                limit=figures["e_value_limit"].text(lang, 2),
            ),
        ]
        tipping = figures["tipping_point"]
        if tipping.ok:
            key = "tipping" if tipping.value > 1 else "tipped"
            lines.append(say("model", key, lang, gamma=tipping.text(lang, 2)))
        lines += [say("model", d, lang) for d in self.doubts if d != "no_difference_shown"]
        lines += [say("model", self.advice, lang), say("model", "caution", lang)]
        return [(say("model", "title", lang, aid=self.aid.title.text(lang)), lines)]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without the model itself."""
        return {
            "aid": self.aid.id,
            "kind": self.effects.kind,
            "people": self.people,
            "helped": self.helped,
            "trimmed": self.trimmed,
            "test": self.test.to_dict(),
            "doubts": list(self.doubts),
            "advice": self.advice,
            "figures": {name: one.to_dict() for name, one in self.figures.items()},
            "seed": self.seed,
            "capacity": self.capacity,
        }

    # -- files -----------------------------------------------------------------------------

    def write(self, path: str | Path) -> None:
        """Write the model as JSON; `read` gives it back.

        Raises
        ------
        ReentryError
            For a forest, which lives in memory only.
        """
        programs = self.effects.programs()
        if programs is None:
            raise ReentryError(
                f"a model of kind {self.effects.kind!r} is not stored; learn one of kind spline "
                "or two_models to write it"
            )
        kept = {name: getattr(self, name) for name in _AS_THEY_ARE}
        stored = Stored(
            format=FORMAT,
            kind=self.effects.kind,
            programs=dict(programs),
            p_value=self.test.p_value,
            statistic=self.test.statistic,
            by_fold=self.test.by_fold,
            alpha=self.test.alpha,
            figures={name: Stated(**one.to_dict()) for name, one in self.figures.items()},
            golden=golden_rows(self.effects, programs),
            **kept,
        )
        with put_in_place(path) as unfinished:
            unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(stored)))

    @classmethod
    def read(cls, path: str | Path) -> SelectionModel:
        """The model of a file, once it gives its own numbers again.

        Raises
        ------
        ReentryError
            If it cannot be read, is of another format, or gives other numbers.
        """
        stored, effects = read_stored(path)
        return cls(
            **{name: getattr(stored, name) for name in _AS_THEY_ARE},
            effects=effects,
            test=SequentialTest(stored.statistic, stored.p_value, stored.by_fold, stored.alpha),
            figures={key: one.estimate() for key, one in stored.figures.items()},
        )


def learn(history: History, *, by_site: bool = False, **options: Any) -> SelectionModel:
    """Learn for whom a kind of help adds value.

    Parameters
    ----------
    history
        People who received the help, or not. Only those in need of it are looked at.
    by_site
        People of one prison hang together (help is offered by prison): folds and intervals are
        then of prisons.
    options
        As of `learning.learn_arrays`: ``learners``, ``folds``, ``lowest``, ``capacity``,
        ``alpha``, ``replicates``, ``seed``.

    Raises
    ------
    ReentryError
        For too few people, or people with and without help who cannot be compared.

    Notes
    -----
    Supposes that all was measured that decided on the help and says something on the outcome;
    that help of one person does nothing to another; and that outcomes are seen as well with the
    help as without: supervision sees more, and looks worse for it where outcomes are registered.
    """
    found = learn_from(history, by_site=by_site, **options)
    return _model(history, found, float(options.get("lowest", LOWEST)))


def _model(history: History, found: Learned, lowest: float) -> SelectionModel:
    seen = found.findings
    left = help_overlap(seen.compared)
    arms = (
        (left.effective_with, left.treated),
        (left.effective_without, left.n - left.treated),
    )
    enough = all(effective >= LEAST_EFFECTIVE * count for effective, count in arms)
    risk = rate(seen.compared, seen.risk, replicates=200, seed=found.seed)["autoc"]
    figures = {
        "average": seen.effects["average_effect"],
        "as_seen": seen.effects["difference_as_seen"],
        "autoc": seen.targeting["autoc"],
        "risk_autoc": risk,
        "slope": seen.slope,
        "against_lot": seen.against_lot,
        "against_risk": seen.against_risk,
        "risk_against_lot": seen.risk_against_lot,
        "e_value": seen.e_values["e_value"],
        "e_value_limit": seen.e_values["e_value_limit"],
        "tipping_point": seen.bounds.tipping_point,
    }
    return SelectionModel(
        aid=history.pictures.aid,
        effects=found.effects,
        chance=found.chance,
        names=found.names,
        adjusted=found.adjusted,
        lowest=lowest,
        people=found.people,
        helped=left.treated,
        trimmed=seen.trimmed,
        seed=found.seed,
        capacity=seen.capacity,
        test=seen.test,
        overlaps=enough and seen.trimmed <= MOST_TRIMMED * found.people,
        figures=figures,
        findings=seen,
    )


def _interval(estimate: Estimate, lang: Lang) -> str:
    if not estimate.ok:
        return estimate.text(lang)
    value = per_hundred(estimate.value, lang)
    if not estimate.has_interval:
        return value
    low, high = (per_hundred(limit, lang) for limit in (estimate.low, estimate.high))
    return f"{value} ({low} {'tot' if lang == 'nl' else 'to'} {high})"


def _p_value(p: float, lang: Lang) -> str:
    return f"= {number(p, 3, lang)}" if p >= LEAST_P else f"< {number(LEAST_P, 3, lang)}"
