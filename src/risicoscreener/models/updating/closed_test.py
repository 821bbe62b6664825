"""Which rung of the ladder the new data call for: a closed test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from risicoscreener.errors import ModelError
from risicoscreener.models.estimators.penalised import Bounds, Fit, Sample, fit_penalised
from risicoscreener.models.risk_model import RiskModel
from risicoscreener.models.updating.data import NewData
from risicoscreener.models.updating.mixture import mixture_tail
from risicoscreener.models.updating.recalibration import (
    calibrated_predictor,
    fit_line,
    per_person,
    score_and_spread,
)
from risicoscreener.models.updating.revision import Penalty, Revision
from risicoscreener.models.updating.wording import RUNGS, Rung, check_rung, sentence, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram

TEST_PENALTY: Penalty = (1.0, 1.0)
"""Prior of the changes that the test looks for: over the range of a feature a standard deviation
of about 1 in log odds, and nearly straight. Fixed beforehand, not chosen on the data."""


@dataclass(frozen=True)
class RungTest:
    """One likelihood-ratio test of a rung against the largest candidate.

    Attributes
    ----------
    smaller, larger
        The rungs compared.
    statistic
        Twice the difference of the (penalised) log-likelihoods.
    degrees_of_freedom
        Its expectation if the smaller rung is enough: the parameters that the larger rung adds,
        each counted as far as its penalty leaves it free.
    p_value
        From the chi-squared distribution, or where a penalty or repeated people are involved
        from the weighted sum of chi-squared variables that the statistic then follows.
    rejected
        The smaller rung is not enough at the level of the test.
    """

    smaller: Rung
    larger: Rung
    statistic: float
    degrees_of_freedom: float
    p_value: float
    rejected: bool

    def text(self, lang: str = "nl") -> str:
        """One sentence in ``nl`` or ``en``."""
        return sentence(
            "test",
            None,
            lang,
            smaller=sentence("name", self.smaller, lang),
            larger=sentence("name", self.larger, lang),
            statistic=f"{self.statistic:.2f}",
            df=f"{self.degrees_of_freedom:.1f}",
            p=shown(self.p_value),
            verdict=sentence("verdict", "rejected" if self.rejected else "kept", lang),
        )


@dataclass(frozen=True)
class RungFit:
    """How well one rung fits the new data.

    Attributes
    ----------
    log_likelihood
        Without penalty, at the penalised fit.
    degrees_of_freedom
        Parameters estimated in the new data; of a penalised fit the trace of its hat matrix.
    aic
        ``-2 log_likelihood + 2 degrees_of_freedom``: smaller is better.
    """

    rung: Rung
    log_likelihood: float
    degrees_of_freedom: float
    aic: float


@dataclass(frozen=True)
class UpdateChoice:
    """The rung that the new data call for, and why.

    Attributes
    ----------
    rung
        The choice of the closed test.
    tests
        The tests that were carried out, in order.
    fits
        Fit of each candidate.
    aic_rung
        The candidate of smallest AIC: a second opinion, not the choice.
    level, n, events
        Level of the test, number of new people, and of them with the outcome.
    """

    rung: Rung
    tests: tuple[RungTest, ...]
    fits: tuple[RungFit, ...]
    aic_rung: Rung
    level: float
    n: int
    events: int

    def sentences(self, lang: str = "nl") -> tuple[str, ...]:
        """What was chosen and why, in ``nl`` or ``en``; the first sentence is the choice."""
        lines = [sentence("rung", self.rung, lang)]
        lines.append(
            sentence("summary", None, lang, n=self.n, events=self.events, level=f"{self.level:g}")
        )
        lines += [test.text(lang) for test in self.tests]
        if self.aic_rung == self.rung:
            lines.append(sentence("aic", "agrees", lang))
        else:
            name = sentence("name", self.aic_rung, lang)
            lines.append(sentence("aic", "differs", lang, name=name))
        return tuple(lines)

    def __str__(self) -> str:
        return "\n".join(self.sentences("en"))


def choose_rung(
    model: ScoringProgram | RiskModel,
    X: Any,  # noqa: N803
    y: Any,
    *,
    level: float = 0.05,
    candidates: Sequence[str] | None = None,
    revision: Literal["curves", "slopes"] = "curves",
    sample_weight: Any = None,
    groups: Any = None,
) -> UpdateChoice:
    """Choose how far to update a model in a new population, by a closed test.

    The largest candidate is tested against keeping the old model; only if that is rejected
    against a new intercept; only then against a new intercept and slope; and so on up. The
    first rung that is not rejected is chosen. Because each test is done only after the one
    below it was rejected at the same level, the chance of any needless update is at most the
    level (Vergouwe et al. 2017, Statistics in Medicine 36:4529).

    Parameters
    ----------
    model
        The old model.
    X
        New people: ``(n, F)`` in the order of the features, or a data frame by name; columns
        that the model does not have are candidates for an extension. NaN is unknown.
    y
        ``(n,)``, 0 or 1.
    level
        Of each test, and so of a needless update.
    candidates
        Rungs to choose from; ``none`` always is. By default all that the data allow: without
        new features no extension, for another link than the logit recalibration only.
    revision
        What ``refit`` means in the test. ``slopes``: each term gets a multiple of its own, as
        re-estimating each coefficient in the paper; unpenalised, exact for terms that have a
        shape. ``curves``: the values at all knots may move, under a penalty that is fixed
        beforehand (`TEST_PENALTY`); it finds effects that the old model does not have.
    sample_weight
        ``(n,)``; a weight of 2 is a row seen twice.
    groups
        ``(n,)`` person of each row, if a person has several: the distribution of the statistics
        is then corrected for it (Rao and Scott 1984; Kent 1982).

    Raises
    ------
    ModelError
        For data that do not fit the model, or candidates that the data do not allow.

    Notes
    -----
    The test does not look at the sign of the slope: if few people happen to be ranked the wrong way
    round, ``logistic`` may be chosen, and `update` then refuses it.

    Under the penalty ``S``, twice the penalised log-likelihood ratio follows the sum of ``h_i``
    times chi-squared variables of one degree of freedom, with ``h_i`` the eigenvalues of
    ``inv(I + S) I`` of the information ``I`` of the changes, beside the unpenalised parameters
    with weight 1. Their sum is reported as degrees of freedom.
    """
    if not 0.0 < level < 1.0:
        raise ModelError(f"the level of the test is {level!r}; give a number between 0 and 1.")
    program = model.program if isinstance(model, RiskModel) else model
    data = NewData.read(program, X, y, sample_weight, groups)
    allowed = _candidates(program, data, candidates)
    ladder = _Ladder.of(program, data, allowed, revision)
    tests = tuple(ladder.tests(level))
    chosen = _choice(tests, allowed)
    fits = tuple(ladder.fitted(rung) for rung in allowed)
    best = min(fits, key=lambda fit: fit.aic)
    return UpdateChoice(chosen, tests, fits, best.rung, level, data.n, data.events)


def _candidates(
    program: ScoringProgram, data: NewData, candidates: Sequence[str] | None
) -> tuple[Rung, ...]:
    """The rungs to choose from, in the order of the ladder."""
    possible: set[Rung] = {"none", "in_the_large", "logistic"}
    if program.link == "logit":
        possible |= {"refit"}
        if data.new_names:
            possible |= {"extension", "refit_and_extension"}
    wanted = possible if candidates is None else {check_rung(c) for c in candidates} | {"none"}
    beyond = [rung for rung in RUNGS if rung in wanted and rung not in possible]
    if beyond:
        raise ModelError(
            f"{', '.join(beyond)} cannot be tested: an extension needs new features, and a refit "
            "a program with a logit link."
        )
    if {"refit", "extension"} <= wanted:
        wanted |= {"refit_and_extension"}
    return tuple(rung for rung in RUNGS if rung in wanted)


def _choice(tests: Sequence[RungTest], allowed: Sequence[Rung]) -> Rung:
    """The first rung that was not rejected, or the largest."""
    for test in tests:
        if not test.rejected:
            return test.smaller
    return allowed[-1]


@dataclass(frozen=True)
class _Ladder:
    """The columns of the largest candidate, and of each rung its part of them.

    The columns are: intercept, old predictor, changes of old terms, terms of new features.
    """

    sample: Sample
    z: FloatArray
    penalty: FloatArray
    places: dict[Rung, list[int]]
    data: NewData
    link: str
    fits: dict[Rung, Fit]

    @classmethod
    def of(
        cls, program: ScoringProgram, data: NewData, allowed: Sequence[Rung], revision: str
    ) -> _Ladder:
        refit = any(rung in allowed for rung in ("refit", "refit_and_extension"))
        extend = any(rung in allowed for rung in ("extension", "refit_and_extension"))
        z = calibrated_predictor(program, data.old)
        old, old_penalty = np.zeros((data.n, 0)), np.zeros((0, 0))
        new, new_penalty = old, old_penalty
        if refit or extend:
            design = Revision.of(program, data, refit=refit, extend=extend)
            columns, penalty = design.sample.design, design.penalty(TEST_PENALTY)
            new = columns[:, design.new_places]
            new_penalty = penalty[design.new_places, design.new_places]
            if refit and revision == "curves":
                old = columns[:, design.old_places]
                old_penalty = penalty[design.old_places, design.old_places]
            elif refit:
                old = _shapes(program, data)
                old_penalty = np.zeros((old.shape[1], old.shape[1]))
        whole = np.hstack([np.ones((data.n, 1)), z[:, None], old, new])
        size, middle = whole.shape[1], 2 + old.shape[1]
        penalty = np.zeros((size, size))
        penalty[2:middle, 2:middle] = old_penalty
        penalty[middle:, middle:] = new_penalty
        free, moved, added = [0, 1], list(range(2, middle)), list(range(middle, size))
        places: dict[Rung, list[int]] = {
            "none": [],
            "in_the_large": [0],
            "logistic": free,
            "refit": [*free, *moved],
            "extension": [*free, *added],
            "refit_and_extension": [*free, *moved, *added],
        }
        sample = Sample(whole, data.outcome, data.weight)
        return cls(sample, z, penalty, {r: places[r] for r in allowed}, data, program.link, {})

    def tests(self, level: float) -> list[RungTest]:
        """Tests against the largest rung, up to the first that is not rejected."""
        *smaller, larger = self.places
        done: list[RungTest] = []
        while len(done) < len(smaller) and all(test.rejected for test in done):
            done.append(self._test(smaller[len(done)], larger, level))
        return done

    def _test(self, smaller: Rung, larger: Rung, level: float) -> RungTest:
        statistic = max(2.0 * (self._maximum(larger) - self._maximum(smaller)), 0.0)
        weights = self._weights(smaller, larger)
        p_value = mixture_tail(statistic, weights)
        return RungTest(smaller, larger, statistic, float(weights.sum()), p_value, p_value < level)

    def fitted(self, rung: Rung) -> RungFit:
        """Likelihood and AIC of a rung."""
        if rung in ("none", "in_the_large", "logistic"):
            likelihood, df = self._maximum(rung), float(len(self.places[rung]))
        else:
            fit, places = self._fit(rung), self.places[rung]
            likelihood = -float(self._part(places).deviance(fit.coefficients))
            information, penalty = fit.information, self.penalty[np.ix_(places, places)]
            df = float(np.trace(np.linalg.lstsq(information + penalty, information)[0]))
        return RungFit(rung, likelihood, df, 2.0 * (df - likelihood))

    def _maximum(self, rung: Rung) -> float:
        """Largest (penalised) log-likelihood of a rung."""
        if rung in ("none", "in_the_large", "logistic"):
            estimated = {"intercept": rung != "none", "slope": rung == "logistic"}
            return fit_line(self.data, self.z, self.link, **estimated).log_likelihood
        places, fit = self.places[rung], self._fit(rung)
        b, s = fit.coefficients, self.penalty[np.ix_(places, places)]
        return -float(self._part(places).deviance(b)) - float(b @ s @ b) / 2.0

    def _part(self, places: list[int]) -> Sample:
        sample = self.sample
        return Sample(sample.design[:, places], sample.outcome, sample.weight)

    def _fit(self, rung: Rung) -> Fit:
        if rung not in self.fits:
            self.fits[rung] = self._fitted_anew(rung)
        return self.fits[rung]

    def _fitted_anew(self, rung: Rung) -> Fit:
        places = self.places[rung]
        penalty = self.penalty[np.ix_(places, places)]
        ridge = 1e-9 * np.eye(len(places)) * (np.diag(penalty) == 0)
        start = np.zeros(len(places))
        start[1] = 1.0
        free = Bounds.none(len(places))
        return fit_penalised(self._part(places), penalty + ridge, free, start, 1e-13)

    def _weights(self, smaller: Rung, larger: Rung) -> FloatArray:
        """Weights of the chi-squared variables that the statistic is a sum of."""
        every, few = self.places[larger], self.places[smaller]
        expansion, spread = self._information(larger)
        gain = np.linalg.pinv(expansion + self.penalty[np.ix_(every, every)], rcond=1e-12)
        nested = [every.index(place) for place in few]
        if nested:
            inner = np.ix_(nested, nested)
            lesser = self.penalty[np.ix_(few, few)]
            gain[inner] -= np.linalg.pinv(expansion[inner] + lesser, rcond=1e-12)
        found = np.linalg.eigvalsh(spread.T @ gain @ spread)
        return _whole(np.clip(found, 0.0, None), clean=self.data.groups is None)

    def _information(self, rung: Rung) -> tuple[FloatArray, FloatArray]:
        """Information of a rung, and a root of the covariance of its score."""
        places = self.places[rung]
        if rung in ("in_the_large", "logistic") or self.link != "logit":
            line = fit_line(self.data, self.z, self.link, intercept=True, slope=rung == "logistic")
            lp = line.intercept + line.slope * self.z
        else:
            lp = self._part(places).design @ self._fit(rung).coefficients
        design = self.sample.design[:, places]
        residual, spread = score_and_spread(lp, self.data, self.link)
        rooted = design * np.sqrt(spread)[:, None]
        information: FloatArray = rooted.T @ rooted
        if self.data.groups is None:
            return information, _symmetric_root(information)
        scores = design * residual[:, None]
        summed = per_person(scores, self.data.groups)
        return information, _symmetric_root(summed.T @ summed)


def _symmetric_root(matrix: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(matrix)
    root: FloatArray = vectors * np.sqrt(np.clip(values, 0.0, None))
    return root


def _whole(weights: FloatArray, *, clean: bool) -> FloatArray:
    """Weights of unpenalised parameters are 1 but for rounding; with repeated people not."""
    if not clean:
        return weights
    weights = np.where(np.abs(weights - 1.0) < 1e-6, 1.0, weights)
    found: FloatArray = np.where(weights < 1e-8, 0.0, weights)
    return found


def _shapes(program: ScoringProgram, data: NewData) -> FloatArray:
    """What each term adds to the linear predictor; but for one, which the old slope stands for."""
    scores = program.score_many(data.old, contributions=True)
    assert scores.contributions is not None
    kept = scores.contributions[:, scores.contributions.std(axis=0) > 1e-9]
    return kept[:, 1:]
