"""What a synthetic cohort reaches of the published aggregates, as a table.

    python scripts/synthetic_targets.py -n 40000 --seed 1

Everything is measured on the dossiers as a register would be, except for the states that registers
see only in part (addiction, debts, address, work, identity document), which are those of the truth.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from risicoscreener.dossier import vocabularies
from risicoscreener.synthetic import Cohort, load_parameters, simulate

YEAR = 365.25
COMPLETE = {"calendar.extracted_on": dt.date(2150, 1, 1)}
"""Registers read when everything has come true: published figures are of mature cohorts."""
PEOPLE, SEED = 40_000, 1


@dataclass(frozen=True)
class Target:
    """A published aggregate, and how near a cohort has to come."""

    name: str
    quantity: str
    target: float
    tolerance: float
    unit: str
    mark: str
    source: str
    absent: str = ""

    def meets(self, reached: float) -> bool:
        """Whether a value is within the tolerance."""
        return abs(reached - self.target) <= self.tolerance


def targets() -> list[Target]:
    """Every target that the package lists."""
    text = (files("risicoscreener.synthetic") / "targets.toml").read_text("utf-8")
    return [Target(name=name, **entry) for name, entry in tomllib.loads(text).items()]


def people_of(cohort: Cohort) -> pd.DataFrame:
    """One row for each person, with what the targets are about."""
    truth = cohort.truth.persons
    frame = truth.reset_index()
    persons = cohort.tables.to_pandas("persons")
    frame["is_female"] = (persons["sex"] == "female").to_numpy()
    stay = _present_stay(cohort)
    frame["arrived"], frame["regime"] = stay["arrived_on"], stay["regime"]
    frame["stay"] = (frame["release_on"] - frame["arrived"]).dt.days
    frame["age"] = (frame["as_of"] - persons["birth_date"]).dt.days / YEAR
    _add_history(cohort, frame)
    _add_later(cohort, frame)
    return frame


def _owned(cohort: Cohort, table: str) -> pd.DataFrame:
    facts = cohort.tables.to_pandas(table)
    facts["owner"] = cohort.tables.owners(table)
    return facts


def _present_stay(cohort: Cohort) -> pd.DataFrame:
    facts = _owned(cohort, "detentions")
    facts = facts[facts["fact_id"].isin(["stay-2", "stay-3"])]
    return facts.drop_duplicates("owner", keep="last").set_index("owner")


def _anyone(frame: pd.DataFrame, owners: pd.Series) -> np.ndarray:
    return np.bincount(owners, minlength=len(frame)) > 0


def _add_history(cohort: Cohort, frame: pd.DataFrame) -> None:
    cases = _owned(cohort, "convictions")
    index = cases[cases["index_offence"]].set_index("owner")["offence_class"]
    frame["index_class"] = index.reindex(frame.index)
    prior = cases[~cases["index_offence"]]
    prior = prior[prior["offence_on"] < frame["arrived"].to_numpy()[prior["owner"]]]
    is_violent = prior["offence_class"].isin(vocabularies()["offence_class"].groups["violent"])
    frame["prior"] = np.bincount(prior["owner"], minlength=len(frame))
    frame["prior_violent"] = np.bincount(prior.loc[is_violent, "owner"], minlength=len(frame))
    born = cohort.tables.to_pandas("persons")["birth_date"]
    first = prior.groupby("owner")["offence_on"].min().reindex(frame.index)
    frame["first_age"] = ((first - born).dt.days / YEAR).fillna(frame["age"])
    stays = _owned(cohort, "detentions")
    earlier = stays["arrived_on"] < frame["arrived"].to_numpy()[stays["owner"]]
    frame["detained_before"] = _anyone(frame, stays.loc[earlier, "owner"])


def _add_later(cohort: Cohort, frame: pd.DataFrame) -> None:
    release = frame["release_on"].to_numpy()
    cases = _owned(cohort, "convictions")
    cases["after"] = (cases["offence_on"] - release[cases["owner"]]).dt.days
    later = cases[(cases["after"] > 0) & ~cases["index_offence"]]
    for name, days in {"any_1y": 365, "any_2y_seen": 730, "any_5y": 1826}.items():
        frame[name] = _anyone(frame, later.loc[later["after"] <= days, "owner"])
    within = later[later["after"] <= 730]
    violent = vocabularies()["offence_class"].groups["violent"]
    of_violence = within["offence_class"].isin(violent)
    frame["violence_2y_seen"] = _anyone(frame, within.loc[of_violence, "owner"])
    frame["very_serious_2y"] = _anyone(frame, within.loc[within["severity"] >= 4, "owner"])
    stays = _owned(cohort, "detentions")
    after = (stays["arrived_on"] - release[stays["owner"]]).dt.days
    frame["detained_2y"] = _anyone(frame, stays.loc[(after > 0) & (after <= 730), "owner"])


def measure(cohort: Cohort) -> dict[str, float]:
    """Every quantity that a cohort can show, by the name of its target."""
    frame = people_of(cohort)
    percent = {**_who(frame), **_outcomes(frame), **_circumstances(cohort, frame)}
    reached = {name: 100.0 * float(np.mean(values)) for name, values in percent.items()}
    reached["stay_mean"] = float(frame["stay"].mean())
    reached["debt_relative_risk"] = _relative_risk_of_debt(frame)
    reached["disposal_lag"] = _disposal_lag(cohort)
    return {**reached, **_discrimination(cohort, frame)}


def _who(frame: pd.DataFrame) -> dict[str, Any]:
    age, stay, female = frame["age"], frame["stay"], frame["is_female"]
    young, before = age < 23, frame["detained_before"]
    index = frame["index_class"].dropna()
    groups = vocabularies()["offence_class"].groups
    return {
        "female": female,
        "age_18_22": young,
        "age_23_44": (age >= 23) & (age < 45),
        "age_45": age >= 45,
        "stay_14_days": stay < 14,
        "stay_1_month": stay < YEAR / 12,
        "stay_3_months": stay < YEAR / 4,
        "stay_6_months": stay < YEAR / 2,
        "stay_1_year": stay > 365,
        "index_property": index.isin(groups["property"]),
        "index_drugs": index == "drugs",
        "index_sexual": index == "sexual",
        "detained_before": before,
        "detained_before_men": before[~female],
        "detained_before_women": before[female],
        "detained_before_18_22": before[young],
        "no_prior_case": frame["prior"] == 0,
        "many_prior_cases": frame["prior"] >= 20,
    }


def _outcomes(frame: pd.DataFrame) -> dict[str, Any]:
    seen, index = frame["any_2y_seen"], frame["index_class"]
    property_classes = vocabularies()["offence_class"].groups["property"]
    return {
        "any_2y": seen,
        "any_1y": frame["any_1y"],
        "any_5y": frame["any_5y"],
        "violence_2y": frame["violence_2y_seen"],
        "very_serious_2y": frame["very_serious_2y"],
        "detained_2y": frame["detained_2y"],
        "any_2y_stay_14_days": seen[frame["stay"] > 14],
        "any_2y_no_prior": seen[frame["prior"] == 0],
        "any_2y_many_prior": seen[frame["prior"] >= 20],
        "any_2y_women": seen[frame["is_female"]],
        "any_2y_men": seen[~frame["is_female"]],
        "any_2y_age_50": seen[frame["age"] >= 50],
        "any_2y_property": seen[index.isin(property_classes)],
        "any_2y_drugs": seen[index == "drugs"],
        "any_2y_sexual": seen[index == "sexual"],
    }


def _circumstances(cohort: Cohort, frame: pd.DataFrame) -> dict[str, Any]:
    care, liberties = _owned(cohort, "identity_care"), _owned(cohort, "liberties")
    early = liberties[liberties["kind"] == "conditional_release"]
    granted = early.loc[early["decision"] == "granted", "owner"]
    screened = care[care["kind"] == "intellectual_disability"]
    return {
        "conditional_release": _anyone(frame, granted),
        "no_id": frame["latent_no_id"],
        "in_work": frame["latent_in_work"],
        "no_address": frame["latent_homeless"],
        "problematic_debt": frame["latent_problematic_debt"],
        "addicted": frame["latent_addicted"],
        "mental_disorder": frame["latent_disordered"],
        "no_income": _last_income(cohort) == "none",
        "screened_positive": screened["finding"] == "yes",
        "conditions_known": _is_known(cohort, frame),
        "leave_failure": cohort.truth.liberties["failed"],
    }


def _last_income(cohort: Cohort) -> pd.Series:
    income = _owned(cohort, "income_work")
    return income.loc[income["until_on"].isna(), "kind"]


def _is_known(cohort: Cohort, frame: pd.DataFrame) -> np.ndarray:
    inquiries = _owned(cohort, "inquiries")
    by_release = inquiries["recorded_at"] <= frame["release_on"].to_numpy()[inquiries["owner"]]
    whole = inquiries[inquiries["complete"] & by_release]
    subjects = ("housing", "income_work", "debts", "identity_care")
    known = [_anyone(frame, whole.loc[whole["subject"] == s, "owner"]) for s in subjects]
    return np.logical_and.reduce(known)


def _relative_risk_of_debt(frame: pd.DataFrame) -> float:
    """Mean risk of all people with the debt over that of all without, the rest as it is."""
    effect = load_parameters()["outcomes.any_2y"]["problematic_debt"]
    chance, has = frame["probability_any_2y"], frame["latent_problematic_debt"].astype(float)
    log_odds = np.log(chance / (1.0 - chance)) - effect * has
    without, with_debt = (1.0 / (1.0 + np.exp(-(log_odds + shift))) for shift in (0.0, effect))
    return float(with_debt.mean() / without.mean())


def _disposal_lag(cohort: Cohort) -> float:
    cases = cohort.tables.to_pandas("convictions")
    cases = cases[~cases["index_offence"]]
    return float((cases["judged_on"] - cases["offence_on"]).dt.days.mean() / 7.0)


def _discrimination(cohort: Cohort, frame: pd.DataFrame) -> dict[str, float]:
    static = _static(frame)
    dynamic = pd.concat([static, _dynamic(cohort, frame)], axis=1)
    alone = _auc(static, frame["any_2y_seen"])
    return {
        "auc_static": alone,
        "auc_violence": _auc(static, frame["violence_2y_seen"]),
        "auc_gain": _auc(dynamic, frame["any_2y_seen"]) - alone,
    }


def _static(frame: pd.DataFrame) -> pd.DataFrame:
    index = pd.get_dummies(frame["index_class"].astype(object).fillna("unknown"), dtype=float)
    return index.assign(
        log_prior=np.log1p(frame["prior"]),
        log_prior_violent=np.log1p(frame["prior_violent"]),
        age=frame["age"] / 10.0,
        first_age=frame["first_age"] / 10.0,
        is_female=frame["is_female"].astype(float),
    )


def _dynamic(cohort: Cohort, frame: pd.DataFrame) -> pd.DataFrame:
    names = ["addicted", "problematic_debt", "homeless", "in_work", "no_id"]
    states = frame[[f"latent_{name}" for name in names]].astype(float)
    conduct = _owned(cohort, "conduct")
    incidents = conduct.loc[conduct["kind"] == "incident", "owner"]
    return states.assign(incident=_anyone(frame, incidents).astype(float))


def _auc(predictors: pd.DataFrame, outcome: pd.Series) -> float:
    model = LogisticRegression(C=np.inf, max_iter=1000).fit(predictors, outcome)
    return float(roc_auc_score(outcome, model.predict_proba(predictors)[:, 1]))


def table(reached: dict[str, float]) -> str:
    """The targets and what was reached, as Markdown."""
    lines = [
        "| quantity | mark | target | tolerance | reached | within |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_line(target, reached) for target in targets()]
    return "\n".join(lines)


def _line(target: Target, reached: dict[str, float]) -> str:
    wanted = f"{target.target:g} {target.unit}".strip()
    start = f"| {target.quantity} | {target.mark} | {wanted} | {target.tolerance:g} |"
    if target.absent:
        return f"{start} | not represented: {target.absent} |"
    value = reached[target.name]
    shown = f"{value:.1f}" if target.unit else f"{value:.3f}"
    return f"{start} {shown} | {'yes' if target.meets(value) else 'no'} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    print(table(measure(simulate(arguments.n, seed=arguments.seed, changes=COMPLETE))))


if __name__ == "__main__":
    main()
