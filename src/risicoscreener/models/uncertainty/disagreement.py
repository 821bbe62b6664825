"""Where models that should say the same do not: on whom, how much, which, and by what feature.

Disagreement of models that fit about equally well is uncertainty that no interval of one of them
shows (predictive multiplicity: Marx, Calmon and Ustun 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.models.calibration import Logistic, expit_one
from risicoscreener.texts import Sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram

LEAST_PROBABILITY = 1e-6
"""Probabilities are taken as no nearer to 0 or 1 than this: their logit is otherwise infinite."""

PER_PERSON = ("logit", "spread", "deviation", "lowest", "highest", "by_feature")
"""Attributes of `Disagreement` with a row per person."""


@dataclass(frozen=True)
class Disagreement:
    """What several models say of ``n`` people.

    Attributes
    ----------
    models
        Their names.
    logit
        ``(n, M)``, log odds of the calibrated probability.
    spread, deviation
        ``(n,)``: highest less lowest log odds, and standard deviation over the models.
    lowest, highest
        ``(n,)``: position of the model with the lowest, and the highest, probability.
    features
        All features of the models.
    by_feature
        ``(n, F)``: by how much the contribution of a feature differs between the model with the
        highest and that with the lowest probability; a model without the feature adds nothing.
    """

    models: tuple[str, ...]
    logit: FloatArray
    spread: FloatArray
    deviation: FloatArray
    lowest: npt.NDArray[np.intp]
    highest: npt.NDArray[np.intp]
    features: tuple[str, ...]
    by_feature: FloatArray

    def threshold(self, share: float = 0.95) -> float:
        """Spread that this share of these people does not pass.

        For use on others; see `out_of_fold_disagreement`.
        """
        return float(np.quantile(self.spread, share))

    def exceeds(self, threshold: float) -> npt.NDArray[np.bool_]:
        """For whom the models differ by more than a threshold on the log odds: ``(n,)``."""
        return self.spread > threshold

    def to_frame(self) -> pd.DataFrame:
        """One row per person: spread, deviation, the models at the ends, the feature behind it."""
        import pandas as pd

        names, features = np.array(self.models), np.array(self.features)
        return pd.DataFrame(
            {
                "spread": self.spread,
                "deviation": self.deviation,
                "lowest": names[self.lowest],
                "highest": names[self.highest],
                "feature": features[np.abs(self.by_feature).argmax(axis=1)],
            }
        )

    def text(self, row: int, threshold: float, lang: str = "nl") -> str:
        """What is to be said of one person, in ``nl`` or ``en``."""
        low, high = int(self.lowest[row]), int(self.highest[row])
        said = {
            "low": self.models[low],
            "high": self.models[high],
            "lowest": _percent(self.logit[row, low], lang),
            "highest": _percent(self.logit[row, high], lang),
        }
        if not self.spread[row] > threshold:
            return _say("agree", lang, **said)
        feature = self.features[int(np.abs(self.by_feature[row]).argmax())]
        return f"{_say('differ', lang, **said)} {_say('feature', lang, feature=feature)}"


def disagreement(models: Mapping[str, ScoringProgram], frame: pd.DataFrame) -> Disagreement:
    """Compare what models say of the same people.

    Parameters
    ----------
    models
        Two or more programs by name; they may read different features.
    frame
        One row per person with a column for each feature of each model, NaN for unknown.

    Raises
    ------
    ModelError
        For fewer than two models, no people, or a feature without a column.
    """
    if len(models) < 2 or not len(frame):
        raise ModelError("disagreement needs two or more models, and one or more people.")
    features = tuple(dict.fromkeys(f for program in models.values() for f in program.features))
    absent = [name for name in features if name not in frame.columns]
    if absent:
        raise ModelError(f"the frame lacks columns {', '.join(absent)}, which a model reads.")
    logit = np.empty((len(frame), len(models)))
    parts = np.zeros((len(models), len(frame), len(features)))
    for m, program in enumerate(models.values()):
        scores = program.score_many(
            frame[list(program.features)].to_numpy(np.float64), contributions=True
        )
        p = np.clip(scores.probability, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
        logit[:, m] = np.log(p / (1.0 - p))
        places = [features.index(name) for name in program.features]
        assert scores.contributions is not None
        parts[m][:, places] = _slope(program) * scores.contributions
    rows, lowest, highest = np.arange(len(frame)), logit.argmin(axis=1), logit.argmax(axis=1)
    return Disagreement(
        models=tuple(models),
        logit=logit,
        spread=logit[rows, highest] - logit[rows, lowest],
        deviation=logit.std(axis=1, ddof=1),
        lowest=lowest,
        highest=highest,
        features=features,
        by_feature=parts[highest, rows] - parts[lowest, rows],
    )


def out_of_fold_disagreement(
    estimators: Mapping[str, Any],
    frame: pd.DataFrame,
    y: npt.ArrayLike,
    *,
    groups: npt.ArrayLike | None = None,
    folds: int = 5,
) -> Disagreement:
    """Disagreement about each person between fits that did not see that person.

    Its `Disagreement.threshold` is the one to hold new people against: on people whom the models
    were fitted on, they agree too much.

    Parameters
    ----------
    estimators
        Two or more by name, unfitted, with ``lower``.
    frame, y
        One column per feature, NaN for unknown; 0 or 1 per row.
    groups
        Person of each row: the rows of a person stay in one fold.
    folds
        Number of folds; they follow from the content of the rows.

    Raises
    ------
    ModelError
        If there are too few people with or without the outcome.
    """
    from sklearn.base import clone

    from risicoscreener.models.estimators import deal_folds

    x, outcome = frame.to_numpy(np.float64), np.asarray(y, np.float64)
    dealt = deal_folds(x, outcome, np.ones(len(x)), groups, folds)
    if dealt is None:
        raise ModelError("too few people with or without the outcome to leave folds out.")
    parts, rows = [], []
    for held in dealt.T > 0:
        fits = {
            name: clone(one).fit(frame[~held], outcome[~held]) for name, one in estimators.items()
        }
        parts.append(disagreement({name: fit.lower() for name, fit in fits.items()}, frame[held]))
        rows.append(np.flatnonzero(held))
    order = np.argsort(np.concatenate(rows))
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])[order] for name in PER_PERSON
    }
    return Disagreement(models=parts[0].models, features=parts[0].features, **joined)


def _slope(program: ScoringProgram) -> float:
    """What a logistic map multiplies contributions by; other maps have no one slope."""
    return program.calibration.slope if isinstance(program.calibration, Logistic) else 1.0


_SENTENCES = Sentences("risicoscreener.models.uncertainty")


def _say(key: str, lang: str, **values: str) -> str:
    return _SENTENCES.say("disagreement", key, lang, **values)


def _percent(logit: float, lang: str) -> str:
    text = f"{100.0 * expit_one(float(logit)):.1f}%"
    return text.replace(".", ",") if lang == "nl" else text
