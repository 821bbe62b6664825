"""The integer scorecard of the library beside that of optbinning, on the same people and folds.

    python scripts/compare_binning.py --python PATH [--compas PATH] [--people 8000]
        [--only recid rossi] [--out docs/scorecard.md]

PATH is a Python in which optbinning is installed (pip install optbinning, in an environment of its
own); it needs nothing of this library. Without it the library's card is measured alone, and that
is said. 10-fold stratified cross-validation with seed 0, as in scripts/compare_models.py. Both may
make six bins per feature of at least a twentieth of the people. With --out the part of that page
between its two marks is replaced.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

FOLDS, SEED = 10, 0
MAX_BINS, MIN_SHARE, TOTAL = 6, 0.05, 100
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


# -- optbinning, in its own interpreter ------------------------------------------------------------


def other_card(x: np.ndarray, y: np.ndarray) -> Any:
    """A fitted scorecard of optbinning with whole points from 0 to `TOTAL`.

    Its penalty is chosen by cross-validation, which suits it better than that of scikit-learn's
    default.
    """
    import pandas as pd
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegressionCV

    names = [f"f{i}" for i in range(x.shape[1])]
    binning = BinningProcess(names, max_n_bins=MAX_BINS, min_bin_size=MIN_SHARE)
    card = Scorecard(
        binning_process=binning,
        estimator=LogisticRegressionCV(cv=5, scoring="neg_log_loss", max_iter=1000),
        scaling_method="min_max",
        scaling_method_params={"min": 0, "max": TOTAL},
        rounding=True,
    )
    frame = pd.DataFrame(x, columns=names)
    card.fit(frame, y.astype(int), metric_missing="empirical")
    return card


def measure_other(source: str, target: str) -> None:
    """Predict out of fold and describe the card of everybody; arrays and JSON to ``target``."""
    import warnings

    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    warnings.simplefilter("ignore")
    given = np.load(source)
    x, y, fold = given["x"], given["y"], given["fold"]
    names = [f"f{i}" for i in range(x.shape[1])]
    exact, whole = np.empty(len(y)), np.empty(len(y))
    for held in (fold == number for number in range(fold.max() + 1)):
        card = other_card(x[~held], y[~held])
        p = np.clip(card.predict_proba(pd.DataFrame(x[held], columns=names))[:, 1], 1e-9, 1 - 1e-9)
        exact[held] = np.log(p / (1.0 - p))
        points = card.score(pd.DataFrame(x[~held], columns=names))[:, None]
        line = LogisticRegression(C=1e6, max_iter=1000).fit(points / TOTAL, y[~held])
        whole[held] = line.decision_function(
            card.score(pd.DataFrame(x[held], columns=names))[:, None] / TOTAL
        )
    started = time.perf_counter()
    card = other_card(x, y)
    seconds = time.perf_counter() - started
    table = card.table(style="summary")
    known = table[~table["Bin"].isin(["Special", "Missing"])]
    points = [rows["Points"].tolist() for _, rows in known.groupby("Variable", sort=False)]
    np.savez(target, exact=exact, whole=whole)
    print(json.dumps({"seconds": seconds, "points": points}))


# -- measure ---------------------------------------------------------------------------------------


def folds_of(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Number of the fold that holds out each row."""
    from sklearn.model_selection import StratifiedKFold

    fold = np.empty(len(y), dtype=np.int64)
    cut = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for number, (_, held) in enumerate(cut.split(x, y)):
        fold[held] = number
    return fold


def measure_ours(x: np.ndarray, y: np.ndarray, fold: np.ndarray) -> tuple[np.ndarray, Any, float]:
    """Log odds out of fold, the card of everybody, and the seconds that it took."""
    from risicoscreener.models.estimators import ScorecardClassifier

    lp = np.empty(len(y))
    for held in (fold == number for number in range(FOLDS)):
        fitted = ScorecardClassifier().fit(x[~held], y[~held])
        lp[held] = fitted.decision_function(x[held])
    started = time.perf_counter()
    card = ScorecardClassifier().fit(x, y)
    return lp, card, time.perf_counter() - started


def run_other(python: str, x: np.ndarray, y: np.ndarray, fold: np.ndarray) -> dict[str, Any]:
    """What optbinning says of the same people in the same folds."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "people.npz"), Path(folder, "found.npz")
        np.savez(source, x=x, y=y, fold=fold)
        command = [python, __file__, "--worker", str(source), str(target)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = np.load(target)
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said | {"exact": found["exact"], "whole": found["whole"]}


def shape(points: list[list[float]]) -> str:
    """Features that count, bins, most points of a feature, and how many rise or fall throughout."""
    used = [row for row in points if len(set(row)) > 1]
    steps = [np.diff(row) for row in used]
    monotone = sum(bool((step >= 0).all() or (step <= 0).all()) for step in steps)
    bins, most = sum(map(len, used)), max((max(row) - min(row) for row in used), default=0)
    return f"{len(used)} | {bins} | {most:.0f} | {monotone}"


def row(name: str, y: np.ndarray, lp: np.ndarray, rest: str) -> str:
    """A line of the table."""
    from risicoscreener.models.performance import measure_performance

    found = measure_performance(y, lp, method=f"{FOLDS}-fold")
    return (
        f"| {name} | {found.auc:.4f} | {found.brier:.4f} | {found.calibration_slope:.2f} | {rest} |"
    )


def chapter(label: str, x: np.ndarray, y: np.ndarray, python: str | None) -> str:
    """The table of one data set."""
    from compare_models import brier_difference
    from risicoscreener.models.updating.comparison import auc_difference

    fold = folds_of(x, y)
    lp, card, seconds = measure_ours(x, y, fold)
    ours = [np.asarray(points[:-1], dtype=float).tolist() for points in card.points_]
    lines = [
        f"**{label[0].upper()}{label[1:]}**: {len(y):,} people, {int(y.sum()):,} with the outcome.",
        "",
        "| card | AUC | Brier | slope | features | bins | most points | monotone | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
        row("this library, whole points", y, lp, f"{shape(ours)} | {seconds:.1f}"),
    ]
    if python is None:
        return "\n".join([*lines, "", "optbinning was not at hand: give --python.", ""])
    other = run_other(python, x, y, fold)
    rest = f"{shape(other['points'])} | {other['seconds']:.1f}"
    lines.append(row("optbinning, whole points", y, other["whole"], rest))
    lines.append(row("optbinning, not rounded", y, other["exact"], "- | - | - | - | -"))
    auc = auc_difference(y, other["whole"], lp)
    brier = brier_difference(y, lp, other["whole"])
    lines += [
        "",
        f"Ours less optbinning, whole points: AUC {auc.estimate:+.4f} ({auc.lower:+.4f} to "
        f"{auc.upper:+.4f}), Brier {brier.estimate:+.5f} ({brier.lower:+.5f} to "
        f"{brier.upper:+.5f}).",
        "",
    ]
    return "\n".join(lines)


def printed_card() -> str:
    """The card of recid with at most six features, as it looks, in both languages."""
    from risicoscreener.datasets import load_recid
    from risicoscreener.models.estimators import ScorecardClassifier

    data = load_recid()
    fitted = ScorecardClassifier(max_features=6).fit(data.frame, data.outcome)
    definitions = {name: data.catalogue[name] for name in data.frame.columns}
    card = fitted.card(definitions=definitions, title=data.title, outcome=data.outcome_text)
    return "\n\n".join(f"```text\n{card.text(lang).rstrip()}\n```" for lang in ("nl", "en"))


def write_between_marks(path: Path, text: str) -> None:
    """Replace the measured part of a page."""
    from risicoscreener.writing import put_in_place

    page = path.read_text("utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    with put_in_place(path) as unfinished:
        unfinished.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def main(arguments: list[str] | None = None) -> int:
    from compare_models import groups_of_people

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", metavar="PATH", help="a Python with optbinning")
    parser.add_argument("--compas", metavar="PATH")
    parser.add_argument("--people", type=int, default=8000)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--out", metavar="FILE")
    options = parser.parse_args(arguments)
    known = groups_of_people(options.compas, options.people)
    if unknown := sorted(set(options.only) - set(known)):
        parser.error(f"no data set {', '.join(unknown)}; known: {', '.join(known)}")
    parts = []
    for name in options.only or [n for n in known if n not in LEFT_OUT]:
        people = known[name]()
        parts.append(chapter(people.label, people.x, people.y, options.python))
        print(parts[-1], flush=True)
    parts += ["## The card as it looks", "", printed_card()]
    print(parts[-1])
    if options.out:
        write_between_marks(Path(options.out), "\n".join(["", *parts, ""]))
    return 0


LEFT_OUT = ("rossi_without_aid", "compas")

if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        measure_other(*sys.argv[2:4])
        sys.exit(0)
    sys.exit(main())
