"""Fits the library's model on three real data sets and sets it beside the marks.

    python scripts/real_data.py [--compas PATH] [--json]
    python scripts/real_data.py --stretch
    python scripts/real_data.py --leak --compas PATH

Needs the extra `data`. The path of the COMPAS file may also stand in the environment variable
RISICOSCREENER_COMPAS; without it that data set is left out. Ends with 1 if a mark is missed.
With --stretch it measures instead what keeps an additive model from the stretch mark on recid;
with --leak how much of the outcome the day of screening and the age of 2016 give away in COMPAS.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from risicoscreener import Screener, __version__
from risicoscreener.datasets import Dataset, load_compas, load_recid, load_rossi
from risicoscreener.decision import CompiledPolicy, Policy, PolicyBook
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.models import Bundle, Provenance, SplineLogisticClassifier, Texts, Waiver
from risicoscreener.models.fitting import fit_risk_model, measure_performance

if TYPE_CHECKING:
    from risicoscreener.models import Performance, RiskModel
    from risicoscreener.screening import ScreenedTable

MARKS = Path(__file__).with_name("real_data_marks.toml")
VARIABLE = "RISICOSCREENER_COMPAS"
FOLDS = 10
SEED = 0
METHOD = f"{FOLDS}-fold stratified cross-validation, seed {SEED}"


@dataclass(frozen=True)
class Entry:
    """One data set in one form: what is fitted, and the name under which its marks stand."""

    key: str
    label: str
    data: Dataset


@dataclass(frozen=True)
class Verdict:
    """One mark, and whether the model reaches it.

    ``kind`` is ``demand``, ``stretch`` (may be missed) or ``comparison`` (no verdict).
    """

    text: str
    auc: float
    brier: float | None
    kind: str
    reached: bool
    suspect: bool


def marks() -> dict[str, Any]:
    """The data file of this script."""
    return tomllib.loads(MARKS.read_text("utf-8"))


def entries(compas: str | None) -> list[Entry]:
    """The data sets, in the forms that are measured."""
    recid, rossi = load_recid(), load_rossi()
    found = [
        Entry("recid", "recid, 24 months", recid),
        Entry("recid_allowed", "recid, without proxies", recid.without(*recid.proxies)),
        Entry("rossi", "rossi, 52 weeks", rossi),
        Entry("rossi_allowed", "rossi, without proxies", rossi.without(*rossi.proxies)),
    ]
    if compas:
        followed = load_compas(compas, rows="followed_up")
        found += [
            Entry(
                "compas_as_published",
                "compas, as published",
                load_compas(compas, age="as_published"),
            ),
            Entry("compas", "compas, age at screening", load_compas(compas)),
            Entry("compas_followed_up", "compas, and followed up", followed),
            Entry(
                "compas_followed_up_allowed",
                "compas, and without sex",
                followed.without(*followed.proxies),
            ),
        ]
    return found


# -- measure -----------------------------------------------------------------------------------


def out_of_fold(data: Dataset, estimator: Any, seed: int = SEED) -> Performance:
    """Performance in the folds in which the marks were measured."""
    return _out_of_fold(data.frame.to_numpy(), data, estimator, seed)


def _out_of_fold(x: np.ndarray, data: Dataset, estimator: Any, seed: int) -> Performance:
    y = data.outcome.to_numpy(dtype=np.float64)
    return measure_performance(y, log_odds_out_of_fold(x, y, estimator, seed), method=METHOD)


def log_odds_out_of_fold(
    x: np.ndarray, y: np.ndarray, estimator: Any, seed: int = SEED
) -> np.ndarray:
    """Log odds of everyone by a fit that did not see them."""
    log_odds = np.empty(len(y))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for kept, held in folds.split(x, y):
        fitted = clone(estimator).fit(x[kept], y[kept])
        log_odds[held] = fitted.decision_function(x[held]).ravel()
    return log_odds


def reference() -> Any:
    """A plain logistic regression of scikit-learn."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def verdicts(key: str, found: Performance) -> list[Verdict]:
    """The marks of a data set beside what was measured."""
    settings = marks()
    listed = settings["marks"].get(key, {}).values()
    return [_verdict(mark, found, settings["rule"]) for mark in listed]


def _verdict(mark: dict[str, Any], found: Performance, rule: dict[str, float]) -> Verdict:
    kind = mark.get("kind", "demand")
    auc_slack, brier_slack = rule["auc_within"], rule["brier_within"]
    if kind == "stretch":
        auc_slack = brier_slack = 0.0
    good = found.auc >= mark["auc"] - auc_slack
    if "brier" in mark:
        good = good and found.brier <= mark["brier"] + brier_slack
    return Verdict(
        text=mark["text"],
        auc=mark["auc"],
        brier=mark.get("brier"),
        kind=kind,
        reached=good,
        suspect=found.auc > mark["auc"] + rule["suspect_auc_above"],
    )


def boosting(depth: int) -> Any:
    """Gradient boosting; with depth 1 it is additive, as the library's model is."""
    return GradientBoostingClassifier(
        n_estimators=200 // depth, max_depth=depth, learning_rate=0.05, random_state=0
    )


def stretch_lines(data: Dataset, seeds: int = 8) -> list[str]:
    """Mean AUC and Brier score over seeds, with and without the month of release.

    That month is the length of the follow-up, which the boosting of the stretch mark had.
    """
    assert data.index is not None
    month = data.index["as_of"].dt.year * 12.0 + data.index["as_of"].dt.month
    dated = np.column_stack([data.frame.to_numpy(), month])
    models = {
        "spline": SplineLogisticClassifier(),
        "boosting, depth 1 (additive)": boosting(1),
        "boosting, depth 2 (interactions)": boosting(2),
    }
    text = [f"{data.name}, mean over {seeds} seeds (standard deviation between seeds)"]
    for label, x in (("features at release", data.frame.to_numpy()), ("and follow-up", dated)):
        for name, model in models.items():
            found = [_out_of_fold(x, data, model, seed) for seed in range(seeds)]
            auc, brier = np.array([[f.auc, f.brier] for f in found]).T
            text.append(
                f"{label:<22}{name:<34}AUC {auc.mean():.4f} ({auc.std():.4f})  "
                f"Brier {brier.mean():.4f} ({brier.std():.4f})"
            )
    return text


def leak_lines(path: str) -> list[str]:
    """What the day of screening alone says of the outcome, and how it depends on the age used."""
    text = []
    for rows in ("published", "followed_up"):
        data = load_compas(path, rows=rows)
        assert data.index is not None
        day = data.index["as_of"].to_numpy().astype("datetime64[D]").astype(np.float64)
        alone = _out_of_fold(day[:, None], data, SplineLogisticClassifier(), SEED)
        text.append(_leaked(rows, "day of screening, alone", alone))
        for age in ("as_published", "at_screening"):
            found = out_of_fold(load_compas(path, rows=rows, age=age), SplineLogisticClassifier())
            text.append(_leaked(rows, f"features, age {age}", found))
    return text


def _leaked(rows: str, what: str, found: Performance) -> str:
    return f"{rows:<14}{what:<30}AUC {found.auc:.3f}  Brier {found.brier:.4f}"


# -- fit, store, load, score -------------------------------------------------------------------


def fit(data: Dataset) -> RiskModel:
    """A risk model of a data set, with a recorded waiver for each proxy."""
    waiver = marks()["waiver"]
    return fit_risk_model(
        data.frame,
        data.outcome,
        name=f"{data.name}_{data.horizon_days}d",
        outcome=data.outcome_text,
        horizon_days=data.horizon_days,
        population=data.population,
        title=data.title,
        description=Texts(
            nl=f"Meting op openbare gegevens; niet voor beslissingen. {data.dating.nl}",
            en=f"Measured on public data; not for decisions. {data.dating.en}",
        ),
        sensitivity=data.sensitivity,
        provenance=Provenance(
            data_set=data.source, command="python scripts/real_data.py", made_on=dt.date.today()
        ),
        synthetic=False,
        waivers=[Waiver(feature=name, sensitivity="proxy", **waiver) for name in data.proxies],
        definitions=data.digests,
        censoring="nobody without the outcome is followed shorter than the horizon",
        folds=FOLDS,
    )


def bundle(data: Dataset, model: RiskModel) -> Bundle:
    """A bundle with the model of one data set."""
    today = dt.date.today()
    return Bundle.create(
        id=f"real-{data.name}",
        models=[model],
        owner=marks()["owner"]["role"],
        created=today,
        review_on=today + dt.timedelta(days=365),
        library_version=__version__,
        definitions=data.digests,
    )


def reloaded(data: Dataset, model: RiskModel) -> Bundle:
    """The bundle of a model, written and loaded again with all its checks."""
    return Bundle.load(bundle(data, model).to_bytes(), definitions=data.digests)


def screen(data: Dataset, loaded: Bundle) -> ScreenedTable:
    """Everyone of a data set through the whole chain: model, interval, support, policy, reasons."""
    kind = f"{data.name}_study"
    template = Template(Path(__file__).with_name("real_data_policy.toml").read_text("utf-8"))
    text = template.substitute(kind=kind, model=loaded.models[0].name)
    book = PolicyBook([CompiledPolicy(Policy.from_toml(text, "real_data_policy.toml"))])
    return Screener(loaded, book, data.catalogue).screen_features(data.frame, kind)


def measure(entry: Entry) -> dict[str, Any]:
    """Everything about one data set, as plain data."""
    data = entry.data
    ours, plain = out_of_fold(data, SplineLogisticClassifier()), out_of_fold(data, reference())
    model = fit(data)
    assert model.performance is not None
    screened = screen(data, reloaded(data, model))
    first = screened.result(0).models[0]
    return {
        "key": entry.key,
        "label": entry.label,
        "rows": len(data.frame),
        "events": int(data.outcome.sum()),
        "features": list(data.frame.columns),
        "spline": ours.to_dict(),
        "logistic": plain.to_dict(),
        "own_folds": model.performance.to_dict(),
        "marks": [vars(verdict) for verdict in verdicts(entry.key, ours)],
        "first_person": {
            "probability": first.probability,
            "interval": [first.lower, first.upper],
            "support": first.support,
        },
        "screened": screened.counts(),
    }


def lines(results: list[dict[str, Any]]) -> list[str]:
    """The report for a terminal."""
    text = [
        f"{METHOD}; race is never a feature.",
        "",
        f"{'data':<26}{'model':<16}{'AUC':>7}  {'95%':<13} {'Brier':>7}{'slope':>7}{'interc.':>9}",
    ]
    for result in results:
        people = f"{result['events']} of {result['rows']}"
        text.append(_measured(result["label"], "spline", result["spline"]))
        text.append(_measured(f"  {people}", "plain logistic", result["logistic"]))
        text.append(_measured("", "own folds", result["own_folds"]))
    text += ["", f"{'data':<26}{'mark':<50}{'AUC':>6}{'Brier':>8}  reached"]
    for result in results:
        text += [_marked(result["label"], mark) for mark in result["marks"]]
    text += ["", "First person of each, by the model loaded from its bundle:"]
    for result in results:
        person = result["first_person"]
        low, high = person["interval"]
        text.append(
            f"{result['label']:<26}{person['probability']:.3f} ({low:.3f} to {high:.3f}), "
            f"support: {person['support']}"
        )
    text += [
        "",
        "Everyone through the whole chain (a demonstration policy, which never denies):",
    ]
    for result in results:
        said = ", ".join(f"{count} {outcome}" for outcome, count in result["screened"].items())
        text.append(f"{result['label']:<26}{said}")
    return text


def _measured(label: str, model: str, found: dict[str, Any]) -> str:
    low, high = found["intervals"]["auc"]
    return (
        f"{label:<26}{model:<16}{found['auc']:>7.4f}  {low:.3f}-{high:.3f}  {found['brier']:>7.4f}"
        f"{found['calibration_slope']:>7.2f}{found['calibration_intercept']:>+9.3f}"
    )


def _marked(label: str, mark: dict[str, Any]) -> str:
    brier = "" if mark["brier"] is None else f"{mark['brier']:.4f}"
    said = "yes" if mark["reached"] else "NO"
    if mark["kind"] != "demand":
        said += f" ({mark['kind']})"
    elif mark["suspect"]:
        said += ", and so far above that something leaks"
    return f"{label:<26}{mark['text']:<50}{mark['auc']:>6.3f}{brier:>8}  {said}"


def missed(results: list[dict[str, Any]]) -> bool:
    """Some mark that is a demand is missed, or passed by so much that something leaks."""
    demands = [m for r in results for m in r["marks"] if m["kind"] == "demand"]
    return any(mark["suspect"] or not mark["reached"] for mark in demands)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compas", metavar="PATH", default=os.environ.get(VARIABLE))
    parser.add_argument("--json", action="store_true", help="everything as JSON")
    parser.add_argument("--stretch", action="store_true", help="what the stretch mark takes")
    parser.add_argument("--leak", action="store_true", help="what gives the outcome away")
    options = parser.parse_args(arguments)
    try:
        if options.leak:
            if not options.compas:
                parser.error(f"--leak needs --compas PATH, or {VARIABLE}")
            print("\n".join(leak_lines(options.compas)))
            return 0
        if options.stretch:
            print("\n".join(stretch_lines(load_recid())))
            return 0
        results = [measure(entry) for entry in entries(options.compas)]
    except RisicoscreenerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"method": METHOD, "origin": marks()["origin"], "results": results}))
    else:
        print("\n".join(lines(results)))
        if not options.compas:
            print(f"\nCOMPAS is left out: give --compas PATH, or set {VARIABLE}.")
    return int(missed(results))


if __name__ == "__main__":
    sys.exit(main())
