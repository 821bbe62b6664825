"""Turns the fixtures of the official service of England and Wales into golden vectors.

    python scripts/instrument_golden.py CHECKOUT [--write]
    python scripts/instrument_golden.py CHECKOUT --regression CSV [--write]

CHECKOUT is a checkout of ministryofjustice/hmpps-arns-risk-actuarial-api. Without --write it says
whether the stored vectors are what the fixtures give. With --regression it scores the service's
own regression sheet (src/test/resources/regression/*.csv in a full checkout) and prints how many
scores agree to the percentage that the service reports, and those that do not; with --write it
also stores these rows as golden vectors.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from risicoscreener.instruments import Instrument
from risicoscreener.instruments.answers import code_table
from risicoscreener.instruments.kernels import whole_years
from risicoscreener.instruments.scoring import rounded

TODAY = "2026-08-04"
"""Day of assessment where a fixture gives none: that of the commit; the service takes today."""
REGRESSION_DAY = "2025-10-03"
"""Day of assessment of the regression sheet (ActuarialRegressionTestUtils.kt)."""

REGRESSION_COMMIT = "647df36cff3c089f3f4b5111b077699008a0fda4"
SHEET = "src/test/resources/regression/v4_1_2_oasys_test_data.csv"

ALGORITHMS = {
    "ALL_REOFFENDING_PREDICTOR": "ogrs4g",
    "VIOLENT_REOFFENDING_PREDICTOR": "ogrs4v",
    "SERIOUS_VIOLENT_REOFFENDING_PREDICTOR": "snsv",
    "DIRECT_CONTACT_SEXUAL_REOFFENDING_PREDICTOR": "osp_dc",
    "IMAGES_AND_INDIRECT_CONTACT_SEXUAL_REOFFENDING_PREDICTOR": "osp_iic",
    "COMBINED_SERIOUS_REOFFENDING_PREDICTOR": "rsr",
}
SEXED = {
    "age_at_followup",
    "second_sanction_years",
    "copas_g",
    "copas_g_squared",
    "copas_v",
    "never_violent",
}
"""Variables with a coefficient for each sex."""
FEATURES = {
    "twoYearInterceptWeight": "intercept",
    "ageGenderPolynomialWeight": "age_at_followup",
    "genderWeight": "female",
    "offenceGroupWeight": "offence_category",
    "firstSanctionWeight": "first_sanction",
    "secondSanctionWeight": "second_sanction",
    "totalNumberOfSanctionsForAllOffencesWeight": "sanctions",
    "secondSanctionGapWeight": "second_sanction_years",
    "offenceFreeMonthsWeight": "offence_free_months",
    "copasScoreSquared": "copas_g_squared",
    "neverViolentWeight": "never_violent",
    "onceViolentWeight": "once_violent",
    "totalNumberOfViolentSanctionsWeight": "violent_sanctions",
    "violentSanctionsWeight": "violent_sanctions",
    "copasViolentOffencesScore": "violent_rate",
    "violenceRateWeight": "violent_rate",
    "offenceInvolveCarryingOrUsingWeaponsWeight": "weapon_in_offence",
    "suitableAccommodationWeight": "accommodation",
    "unemployedWeight": "unemployed_score",
    "liveInRelationshipWeight": "lives_with_partner",
    "relationshipQualityWeight": "partner_relationship",
    "multiplicativeRelationshipWeight": "live_in_relationship",
    "domesticViolenceWeight": "domestic_abuse",
    "regularOffendingActivitiesWeight": "offending_activities",
    "drugMotivationWeight": "drug_motivation",
    "chronicDrinkingProblemsWeight": "drinking",
    "bingeDrinkingProblemsWeight": "binge_drinking",
    "impulsivityProblemsWeight": "impulsivity",
    "temperControlWeight": "temper",
    "proCriminalAttitudesWeight": "attitudes",
    "heroinUsageWeight": "heroin",
    "methadoneUsageWeight": "methadone",
    "otherOpiateUsageWeight": "other_opiate",
    "crackCocaineUsageWeight": "crack_cocaine",
    "powderCocaineUsageWeight": "powder_cocaine",
    "misusedPrescriptionDrugUsageWeight": "prescription_drugs",
    "benzodiazepinesUsageWeight": "benzodiazepines",
    "cannabisUsageWeight": "cannabis",
    "steroidUsageWeight": "steroids",
    "otherDrugUsageWeight": "other_drugs",
    "pastHomicideOffenceWeight": "earlier_homicide",
    "pastWoundingGrievousBodilyHarmOffenceWeight": "earlier_wounding",
    "pastKidnappingOffenceWeight": "earlier_kidnapping",
    "pastFirearmsOffenceWeight": "earlier_firearms",
    "pastRobberyOffenceWeight": "earlier_robbery",
    "pastAggravatedBurglaryOffenceWeight": "earlier_aggravated_burglary",
    "pastNonFirearmWeaponOffenceWeight": "earlier_weapon",
    "pastCriminalDamageOffenceWeight": "earlier_criminal_damage",
    "pastArsonOffenceWeight": "earlier_arson",
    "totalContactAdultSexualSanctionsWeight": "contact_adult_sanctions",
    "totalContactChildSexualSanctionsWeight": "contact_child_sanctions",
    "totalNonContactSexualOffencesWeight": "non_contact_offences",
    "ageAtStartOfFollowUpWeight": "age_at_followup",
    "ageAtLastSanctionForSexualOffenceWeight": "last_sexual_offence_age",
    "currentOffenceAgainstVictimStrangerWeight": "stranger_victim",
    "imagesAndIndirectContactWeight": "sanction_group",
}
OUT_OF_RANGE = {
    "TOTAL_NUMBER_OF_SANCTIONS_OUT_OF_RANGE": "sanctions",
    "AGE_AT_FIRST_SANCTION_OUT_OF_RANGE": "age_at_first_sanction",
}
SAID_OTHERWISE = {"DATE_OF_START_OF_FOLLOWUP_REQUIRED", "COMPONENT_VALIDATION_ERROR"}
"""Errors that repeat another: a missing conviction date, and those of the parts."""


def our_names() -> dict[str, str]:
    """Input of the service to ours."""
    inputs = Instrument.load("rsr").all_inputs
    return {spec.source_name: name for name, spec in inputs.items() if spec.source_name}


def our_inputs(request: dict[str, Any], instrument: Instrument) -> dict[str, Any]:
    """A request of the service as inputs of an instrument."""
    names, found = our_names(), {}
    for name, value in request.items():
        ours = names.get(name)
        if ours is None or ours not in instrument.inputs or value is None:
            continue
        kind = instrument.inputs[ours].kind
        if kind == "choices":
            found[ours] = [code.lower() for code in value]
        else:
            found[ours] = value.lower() if kind == "choice" else value
    if "assessment_date" in instrument.inputs:
        found.setdefault("assessment_date", TODAY)
    return found


def expectation(answer: dict[str, Any], inputs: dict[str, Any], code: str) -> dict[str, Any]:
    """What the service answers, in our terms."""
    output = answer["output"]
    score = output.get("overallScore") if code == "rsr" else output.get("score")
    expected: dict[str, Any] = {"score": score is not None}
    if score is not None:
        expected |= {"percentage": score, "band": output["band"].lower()}
        if output["band"] == "NOT_APPLICABLE":
            expected["applicable"] = False
        if answer["type"] in ("STATIC", "DYNAMIC"):
            expected["variant"] = answer["type"].lower()
        if output.get("pointScore") is not None:
            expected["points"] = output["pointScore"]
    weights = dict(answer.get("featureValues", {}))
    sum_of_weights = weights.pop("totalWeight", None)
    if sum_of_weights is not None:
        expected["points" if code == "osp_dc" else "linear_predictor"] = sum_of_weights
    if weights:
        expected["contributions"] = {
            feature_of(name, code, inputs["sex"]): value for name, value in weights.items()
        }
    if code != "rsr":
        expected |= objections(answer["validationErrors"], Instrument.load(code))
    return expected


def feature_of(name: str, code: str, sex: str) -> str:
    """Our feature for a weight of the service."""
    if name == "copasScore":
        feature = "copas_g" if code == "ogrs4g" else "copas_v"
    else:
        feature = FEATURES[name]
    return f"{feature}_{sex}" if feature in SEXED and code != "osp_dc" else feature


def objections(errors: list[dict[str, Any]], instrument: Instrument) -> dict[str, Any]:
    """Validation errors of the service as codes and fields of ours."""
    names = our_names() | {"currentOffenceCode": "offence_category"}
    rules = {rule.source_name: name for name, rule in instrument.rules.items()}
    found: dict[str, dict[str, list[str]]] = {"refused": {}, "fallback": {}}
    for error in errors:
        kind = error["type"]
        if kind in SAID_OTHERWISE:
            continue
        if kind in ("MISSING_MANDATORY_INPUT", "MISSING_DYNAMIC_INPUT"):
            where = found["refused" if kind == "MISSING_MANDATORY_INPUT" else "fallback"]
            where.setdefault("missing", []).extend(names[field] for field in error["fields"])
        elif kind in OUT_OF_RANGE:
            found["refused"].setdefault("out_of_range", []).append(OUT_OF_RANGE[kind])
        elif kind.startswith("OFFENCE_CODE"):
            found["refused"]["unknown_code"] = ["offence_code"]
        else:
            rule = instrument.rules[rules[kind]]
            level = "refused" if rule.level == "static" else "fallback"
            found[level][rules[kind]] = list(rule.fields)
    if "assessment_date" in instrument.inputs:  # the service takes today, ours was given one
        found["refused"]["missing"] = [
            f for f in found["refused"].get("missing", []) if f != "assessment_date"
        ]
    return {
        kind: {c: sorted(set(f)) for c, f in codes.items() if f} for kind, codes in found.items()
    }


def answers_in(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answers of predictors in a response, with those of the parts of a composite one."""
    if "algorithm" in response:
        yield response
        parts = (response.get("output") or {}).get("componentScores") or {}
        for part in parts.values():
            yield from answers_in(part)
    for predictor in (response.get("actuarialPredictors") or {}).values():
        yield from answers_in(predictor)


def vectors_of(checkout: Path) -> dict[str, list[dict[str, Any]]]:
    """Golden vectors by instrument, each input once."""
    root = checkout / "src" / "test" / "resources"
    found: dict[str, list[dict[str, Any]]] = {code: [] for code in ALGORITHMS.values()}
    paths = sorted([*root.glob("fixtures/*Predictor/*.json"), *root.glob("e2e/*.json")])
    for path in paths:
        stored = json.loads(path.read_text("utf-8"))
        for answer in answers_in(stored["response"]):
            code = ALGORITHMS[answer["algorithm"]]
            inputs = our_inputs(stored["request"], Instrument.load(code))
            vector = {
                "name": path.name,
                "inputs": inputs,
                "expected": expectation(answer, inputs, code),
            }
            if not any(v["inputs"] == inputs for v in found[code]):
                found[code].append(vector)
    return found


def as_file(vectors: list[dict[str, Any]], origin: Any) -> str:
    """The text of a golden file."""
    said = (
        f"{origin.title}, {origin.repository} @ {origin.commit}, src/test/resources/fixtures and "
        f"e2e; {origin.licence}; where a fixture gives no day of assessment, {TODAY}"
    )
    stored = {"origin": said, "tolerance": 1e-9, "vectors": vectors}
    return json.dumps(stored, indent=1, ensure_ascii=False) + "\n"


def make(checkout: Path, write: bool) -> int:
    """Write the golden files, or say which differ."""
    changed = 0
    for code, vectors in vectors_of(checkout).items():
        instrument = Instrument.load(code, "1.0")
        path = Path(str(files("risicoscreener.instruments"))) / "data" / code / "1.0.golden.json"
        text = as_file(vectors, instrument.definition.origin)
        same = path.exists() and path.read_text("utf-8") == text
        changed += not same
        if write:
            path.write_text(text, "utf-8")
        print(f"{code:8} {len(vectors):3} vectors {'as stored' if same else 'differ from stored'}")
    return 0 if write or not changed else 1


# -- the regression sheet ------------------------------------------------------------------

PROBLEM = {"0": "no_problems", "1": "some_problems", "2": "significant_problems"}
MOTIVATION = {"0": "full_motivation", "1": "partial_motivation", "2": "no_motivation"}
RELATIONSHIP = {
    "1": "in_relationship_living_together",
    "2": "in_relationship_not_living_together",
    "3": "not_in_relationship",
}
PROBLEM_COLUMNS = {
    "accommodation": "three_point_four",
    "partner_relationship": "six_point_four",
    "offending_activities": "seven_point_two",
    "drinking": "nine_point_one",
    "binge_drinking": "nine_point_two",
    "impulsivity": "eleven_point_two",
    "temper": "eleven_point_four",
    "attitudes": "twelve_point_one",
}
DRUG_COLUMNS = {
    "heroin": "heroin",
    "methadone": "methadone",
    "other_opiate": "other_opiate",
    "crack_cocaine": "crack_cocaine",
    "powder_cocaine": "powder_cocaine",
    "prescription_drugs": "misused_prescribed",
    "benzodiazepines": "benzodiazipines",
    "cannabis": "cannabis",
    "steroids": "steroids",
    "other_drug": "other_drugs",
    "ketamine": "ketamine",
    "spice": "spice",
    "hallucinogens": "hallucinogens",
    "solvents": "solvents",
}
OFFENCE_COLUMNS = {
    "aggravated_burglary": "aggravated_burglary",
    "arson": "arson",
    "criminal_damage": "criminal_damage",
    "firearms": "firearms",
    "wounding_gbh": "gbh",
    "homicide": "homicide",
    "kidnapping": "kidnap",
    "robbery": "robbery",
    "weapon": "weapons_not_firearms",
}
SCORES = {
    "snsv": ("serious_violence_brief_predictions", "serious_violence_extended_predictions"),
    "ogrs4v": ("violence_brief_predictions", "violence_extended_predictions"),
    "ogrs4g": ("all_brief_predictions", "all_extended_predictions"),
}


def static_inputs(row: dict[str, str]) -> dict[str, Any]:
    """Static inputs of a row of the regression sheet."""
    birth = dt.date.fromisoformat(row["dob"])
    return {
        "sex": {"M": "male", "F": "female"}[row["gender"]],
        "assessment_date": REGRESSION_DAY,
        "birth_date": row["dob"],
        "conviction_date": row["last_sanction_date"],
        "followup_date": row["community_date"],
        "offence_code": row["offence_code"],
        "sanctions": int(row["total_sanctions_count"]),
        "violent_sanctions": int(row["total_violent_sanctions"]),
        "age_at_first_sanction": whole_years(
            birth, dt.date.fromisoformat(row["first_sanction_date"])
        ),
    }


def dynamic_inputs(row: dict[str, str]) -> dict[str, Any]:
    """Static and dynamic inputs of a row of the regression sheet."""
    return {
        **static_inputs(row),
        "weapon_in_offence": row["two_point_two"] == "1",
        "unemployed": row["four_point_two"] == "2",
        "domestic_abuse": row["six_point_seven"] == "1",
        "relationship_status": RELATIONSHIP[row["six_point_eight"]],
        "drug_motivation": MOTIVATION[row["eight_point_eight"]],
        **{name: PROBLEM[row[column]] for name, column in PROBLEM_COLUMNS.items()},
        **{name: row[column] == "Y" for name, column in DRUG_COLUMNS.items()},
        "earlier_serious_offences": [
            offence for offence, column in OFFENCE_COLUMNS.items() if row[column] == "1"
        ],
    }


def regression(path: Path, write: bool) -> int:
    """Score every row of the sheet whose offence code still exists."""
    codes = code_table("england_wales_offences.csv")
    compared, skipped, wrong = 0, 0, []
    stored: dict[str, list[dict[str, Any]]] = {code: [] for code in SCORES}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["offence_code"] not in codes:
                skipped += 1
                continue
            for code, columns in SCORES.items():
                for column, inputs in zip(
                    columns, (static_inputs(row), dynamic_inputs(row)), strict=True
                ):
                    wanted = rounded(100 * Decimal(float(row[column])), 2)
                    score = Instrument.load(code, "1.0").score(inputs).score
                    compared += 1
                    if score is None or score.percentage != wanted:
                        wrong.append(f"row {row['id']} {code} {column}: {wanted} {score}")
                    stored[code].append(golden_row(row, column, inputs, wanted))
    if write:
        for code, rows in stored.items():
            store(Instrument.load(code, "1.0"), rows)
    print(
        f"{compared} scores compared, {len(wrong)} differ; {skipped} rows with a code that is "
        "no longer mapped"
    )
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


def golden_row(
    row: dict[str, str], column: str, inputs: dict[str, Any], percentage: float
) -> dict[str, Any]:
    """A row of a golden file; a probability that the sheet gives to four decimals is left out."""
    probability = float(row[column])
    exact = abs(round(probability, 4) - probability) > 1e-12
    return {
        "name": f"row {row['id']} {'static' if 'brief' in column else 'dynamic'}",
        **inputs,
        "expected.variant": "static" if "brief" in column else "dynamic",
        "expected.percentage": percentage,
        "expected.probability": probability if exact else "",
    }


def store(instrument: Instrument, rows: list[dict[str, Any]]) -> None:
    """Write the golden file of an instrument."""
    folder = Path(str(files("risicoscreener.instruments"))) / "data" / instrument.id
    origin = instrument.definition.origin
    expected = ["expected.variant", "expected.percentage", "expected.probability"]
    columns = ["name", *(n for n in instrument.inputs if any(n in row for row in rows)), *expected]
    with (folder / "1.0.golden-regression.csv").open("w", encoding="utf-8", newline="") as out:
        out.write(
            f"# origin: {origin.title}, {origin.repository} @ {REGRESSION_COMMIT}, {SHEET}, "
            f"rows as named; {origin.licence}\n# tolerance: 1e-9\n"
        )
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([as_cell(row.get(name, "")) for name in columns] for row in rows)


def as_cell(value: Any) -> str:
    """A value as a cell; an empty list is a semicolon, since an empty cell is unknown."""
    if isinstance(value, list):
        return ";".join(value) or ";"
    return str(value).lower() if isinstance(value, bool) else str(value)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--regression", type=Path, metavar="CSV")
    arguments = parser.parse_args()
    if arguments.regression:
        return regression(arguments.regression, arguments.write)
    return make(arguments.checkout, arguments.write)


if __name__ == "__main__":
    sys.exit(main())
