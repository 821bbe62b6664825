"""Everything of the package that reads what comes from outside, with good files to start from."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import random
import shutil
import sqlite3
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from fuzz_base import COHORT, DAY, EXAMPLES, ROOT, SHIPPED, Parser
from fuzz_base import files_of as _files
from fuzz_given import GIVEN
from fuzz_kept import KEPT
from fuzz_mutators import (
    changed_value,
    of_bytes,
    of_json,
    of_lines,
    of_toml,
    of_xml,
    of_zip,
)
from fuzz_tables import as_stream, of_arrow, of_parquet, of_sqlite

# --- dossiers and their tables -------------------------------------------------------------------


def _dossier(path: Path) -> None:
    from risicoscreener.dossier import read_dossier, read_dossier_leniently

    read_dossier_leniently(path.read_bytes())
    read_dossier(path.read_bytes())


def _screened(path: Path) -> None:
    from risicoscreener import screen

    result = screen(path.read_bytes(), decision="leave", on_error="quarantine")
    result.text("nl")
    type(result).from_json(result.to_json())


def _table(path: Path) -> None:
    """One table among good ones."""
    from risicoscreener.dossier import DossierTables

    others = _parquet_seeds if path.suffix == ".parquet" else _csv_seeds
    for name, content in others():
        if name != path.name:
            (path.parent / name).write_bytes(content)
    DossierTables.read(path.parent, on_error="quarantine")
    DossierTables.read(path.parent)


@cache
def _few() -> Any:
    """The tables of a few people, so that reading them takes little time."""
    from risicoscreener.dossier import DossierTables

    return DossierTables.read(COHORT).select(np.arange(4))


def _written(format: Any) -> list[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        _few().write(Path(folder) / "tables", format=format)
        return [(p.name, p.read_bytes()) for p in sorted((Path(folder) / "tables").iterdir())]


@cache
def _parquet_seeds() -> list[tuple[str, bytes]]:
    return _written("parquet")


@cache
def _csv_seeds() -> list[tuple[str, bytes]]:
    return _written("csv")


def _arrow(path: Path) -> None:
    from risicoscreener.dossier import DossierTables

    tables = dict(_arrow_tables())
    tables[path.stem] = pa.ipc.open_stream(path.read_bytes()).read_all()
    DossierTables.from_arrow(tables, on_error="quarantine")
    DossierTables.from_arrow(tables)


def _arrow_tables() -> dict[str, pa.Table]:
    return dict(_few().tables)


@cache
def _arrow_seeds() -> list[tuple[str, bytes]]:
    return [(f"{name}.arrows", as_stream(table)) for name, table in _arrow_tables().items()]


def _nested(path: Path) -> None:
    from risicoscreener.dossier import DossierTables

    nested = pa.ipc.open_stream(path.read_bytes()).read_all()
    DossierTables.from_nested(nested, on_error="quarantine")


@cache
def _nested_seeds() -> list[tuple[str, bytes]]:
    return [("nested.arrows", as_stream(_few().to_nested()))]


def _index(path: Path) -> None:
    from risicoscreener.cli.common import read_frame
    from risicoscreener.features.index import Index

    Index.from_frame(_few(), read_frame(str(path)))


@cache
def _index_seeds() -> list[tuple[str, bytes]]:
    import pandas as pd

    frame = pd.read_parquet(COHORT.parent / "index.parquet")
    if "person_id" not in frame:
        frame = frame.reset_index()
    frame = frame[frame["person_id"].isin(_few().person_ids.to_pylist())]
    binary = io.BytesIO()
    frame.to_parquet(binary)
    return [("index.parquet", binary.getvalue()), ("index.csv", frame.to_csv(index=False).encode())]


def _of_suffix(rng: random.Random, data: bytes) -> bytes:
    return (of_parquet if data.startswith(b"PAR1") else of_lines)(rng, data)


def _events(path: Path) -> None:
    from risicoscreener.screening.picture import CurrentPicture
    from risicoscreener.screening.picture.events import Event, read_events

    found = read_events(path.read_bytes())
    picture = CurrentPicture(found.person, kinds=["leave"], day=dt.date(2018, 1, 1))
    for one in found.events[:6]:
        if isinstance(one, Event):
            picture.add(one.table, one.fact)


# --- policies, features, conduct -----------------------------------------------------------------


def _policy(path: Path) -> None:
    from risicoscreener.decision import CompiledPolicy
    from risicoscreener.decision.book import shipped_parts
    from risicoscreener.decision.drafting import resolve
    from risicoscreener.decision.policy import Policy, raw_policy

    text = path.read_text("utf-8", errors="replace")
    raw = resolve(raw_policy(text, path.name), path.name, shipped_parts(), None)
    CompiledPolicy(Policy.from_raw(raw, path.name))


def _policy_folder(path: Path) -> None:
    from risicoscreener.decision import PolicyBook

    kind = path.parent / "book" / "leave"
    kind.mkdir(parents=True)
    (kind / path.name).write_bytes(path.read_bytes())
    shutil.copy(SHIPPED / "decision" / "policies" / "parts.toml", kind.parent)
    try:
        PolicyBook.from_directory(kind.parent)
    finally:
        shutil.rmtree(kind.parent)


def _golden(path: Path) -> None:
    from risicoscreener.decision.golden import read_golden

    read_golden(path.parent)


def _dmn(path: Path) -> None:
    from risicoscreener.decision.dmn_draft import from_dmn

    draft = from_dmn(path.read_bytes())
    draft.toml()
    draft.outcomes()


@cache
def _dmn_seeds() -> list[tuple[str, bytes]]:
    from risicoscreener.decision import PolicyBook
    from risicoscreener.decision.dmn import to_dmn

    book = PolicyBook.shipped()
    chosen = [book.versions(kind)[-1] for kind in ("leave", "promotion", "regime_leave")]
    shipped = [(f"{c.policy.kind}.dmn", to_dmn(c).encode()) for c in chosen]
    return [("small.dmn", _SMALL_DMN.encode())] * 9 + shipped


_SMALL_DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d">
<decision name="leave" id="d1"><decisionTable hitPolicy="FIRST">
<input><inputExpression><text>risk</text></inputExpression>
<inputValues><text>"low", "high"</text></inputValues></input>
<input><inputExpression><text>conduct</text></inputExpression>
<inputValues><text>"good", "bad"</text></inputValues></input>
<output><outputValues><text>"grant", "deny"</text></outputValues>
<defaultOutputEntry><text>"deny"</text></defaultOutputEntry></output>
<rule id="r1"><inputEntry><text>"low"</text></inputEntry><inputEntry><text>not("bad")</text>
</inputEntry><outputEntry><text>"grant"</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>-</text></inputEntry><inputEntry><text>"good", "bad"</text>
</inputEntry><outputEntry><text>"deny"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def _features(path: Path) -> None:
    from risicoscreener.features.catalogue import Catalogue

    Catalogue.from_toml(path).plan()


def _conduct(path: Path) -> None:
    from risicoscreener.conduct.definition import Definitions

    Definitions.from_directory(path.parent)


# --- models --------------------------------------------------------------------------------------


def _bundle(path: Path) -> None:
    from risicoscreener.models.bundle import Bundle

    Bundle.load(path)


def of_bundle(rng: random.Random, data: bytes) -> bytes:
    """A bundle with a changed content whose hash fits again, as whoever made it would do."""
    from risicoscreener.errors import BundleError
    from risicoscreener.models.bundle import content_hash

    if rng.random() < 0.1:
        return of_json(rng, data)
    try:
        envelope = json.loads(data)
        envelope["content"] = changed_value(rng, envelope["content"])
    except (ValueError, KeyError, TypeError, RecursionError):  # it was damaged before
        return of_bytes(rng, data)
    try:
        envelope["sha256"] = content_hash(envelope["content"])
    except (BundleError, TypeError):
        return json.dumps(envelope).encode()
    return json.dumps(envelope).encode("utf-8", "surrogatepass")


@cache
def _bundle_seeds() -> list[tuple[str, bytes]]:
    """Bundles of one model each, so that reading them takes little time."""
    from risicoscreener.models.bundle import content_hash

    found = []
    for path in (*sorted(ROOT.glob("tests/models/golden_bundles/*.json")), _REFERENCE):
        whole = json.loads(path.read_bytes())
        for number, model in enumerate(whole["content"]["models"]):
            content = {**whole["content"], "models": [model]}
            made = {**whole, "content": content, "sha256": content_hash(content)}
            made.pop("signature", None)
            found.append((f"{path.stem}_{number}.json", json.dumps(made).encode()))
    return found


_REFERENCE = SHIPPED / "models" / "bundles" / "reference.json"


def _recipe(path: Path) -> None:
    from risicoscreener.models.recipe import Recipe

    Recipe.load(path)


def _meanings(path: Path) -> None:
    from risicoscreener.models.missing.meanings import MissingPolicy

    MissingPolicy.from_toml(path)


def _meanings_seeds() -> list[tuple[str, bytes]]:
    text = '[[rules]]\nfeature = "days"\nmeaning = "not_applicable"\n'
    text += 'when = {feature = "priors", high = 0.0}\n'
    return [("meanings.toml", text.encode())]


def _instrument(path: Path) -> None:
    from risicoscreener.instruments.instrument import Instrument

    Instrument.from_toml(path.read_text("utf-8", errors="replace"))


def _key(path: Path) -> None:
    from risicoscreener.errors import BundleError
    from risicoscreener.models.signing import read_private_key, read_public_key

    try:
        read_private_key(path)
    except BundleError:
        read_public_key(path)


@cache
def _key_seeds() -> list[tuple[str, bytes]]:
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    return [("public.pem", public), ("private.pem", private)]


# --- results, decisions, records -----------------------------------------------------------------


def _result(path: Path) -> None:
    from risicoscreener.screening.result import ScreeningResult

    result = ScreeningResult.from_json(path.read_bytes())
    result.text("nl")
    result.text("en")


def _decision(path: Path) -> None:
    from risicoscreener.screening.record import read_decision

    read_decision(path.read_bytes())


def _second_reading(path: Path) -> None:
    from risicoscreener.screening.record import read_second_reading

    read_second_reading(path.read_bytes())


def _made() -> tuple[Any, bytes, Any]:
    """A screener, a dossier and what the screener says of it."""
    from risicoscreener import Screener

    screener, dossier = Screener.load(), (EXAMPLES / "deny.json").read_bytes()
    return screener, dossier, screener.screen(dossier, "leave")


def _decided() -> Any:
    from risicoscreener.screening.record import Actor, ConditionSet, Decision, Reason, digest_of

    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    return Decision(
        screening=digest_of(_made()[2]),
        decided_by=Actor("director", "DIR-00A1"),
        prison="PI-1",
        opened_at=noon,
        decided_at=noon + dt.timedelta(minutes=10),
        seconds=400.0,
        outcome="grant",
        reasons=(Reason("facts_wrong", "words"),),
        conditions=(ConditionSet("other", "words"),),
        legal_ground="words",
    )


@cache
def _decision_seeds() -> list[tuple[str, bytes]]:
    return [("decision.json", _decided().to_json())]


@cache
def _second_reading_seeds() -> list[tuple[str, bytes]]:
    from risicoscreener.screening.record import Actor, SecondReading

    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    reader = Actor("director", "DIR-00A2")
    agreed = SecondReading(decision="a" * 64, read_by=reader, read_at=noon, agrees=True)
    return [("second.json", msgspec.json.encode(agreed))]


def _record(path: Path) -> None:
    from risicoscreener.screening.record import Replayer, open_log
    from risicoscreener.screening.record.entries import shown

    with open_log(path) as log:
        log.verify()
        for entry in log.entries():
            shown(entry)
        list(Replayer(log).all())


def _counted(path: Path) -> None:
    """A record as what is watched of a model, and of those who decide."""
    from risicoscreener.monitoring import decisions_in, overrides, table_of_record
    from risicoscreener.screening.record import open_log

    with open_log(path) as log:
        table_of_record(log, "leave", "any_2y")
        overrides(list(decisions_in(log))).to_dict()


@cache
def _record_seeds() -> list[tuple[str, bytes]]:
    from risicoscreener.screening.record import open_log

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.db"
        screener, dossier, result = _made()
        with open_log(path, create=True) as log:
            log.append_screening(result, dossier, screener)
            log.append_decision(msgspec.structs.replace(_decided(), conditions=()))
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.close()
        return [("record.db", path.read_bytes())]


def _checkpoints(path: Path) -> None:
    from risicoscreener.screening.record import read_checkpoints

    read_checkpoints(path)


def _checkpoint_seeds() -> list[tuple[str, bytes]]:
    plain = {"record": "a" * 32, "sequence": 3, "sha256": "b" * 64, "at": "2024-01-01T00:00:00Z"}
    return [("checkpoints.jsonl", (json.dumps(plain) + "\n").encode())]


def _run(path: Path) -> None:
    """A folder of results: its description, or the results of a part."""
    from risicoscreener.scale.runs.running import read_problems, read_results, read_run

    for name, content in _run_seeds():
        if name != path.name and not name.startswith("problems"):
            (path.parent / name).write_bytes(content)
    read_run(path.parent)
    found = read_results(path.parent, unfinished=True)
    with contextlib.suppress(pa.ArrowException, OSError):  # it is Arrow that reads values later
        found.to_table()
    read_problems(path.parent)


@cache
def _run_seeds() -> list[tuple[str, bytes]]:
    from risicoscreener.cli import main

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        words = ["screen-many", COHORT, "--index", COHORT.parent / "index.parquet", "--out", out]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main([str(word) for word in words])
        return [(p.name, p.read_bytes()) for p in sorted(out.iterdir()) if p.is_file()]


def _of_run(rng: random.Random, data: bytes) -> bytes:
    return (of_parquet if data.startswith(b"PAR1") else of_json)(rng, data)


# --- the chain around the decision ---------------------------------------------------------------


def _questions(path: Path) -> None:
    from risicoscreener.reentry.intake import Questionnaire

    Questionnaire.from_toml(path)


def _sheet(path: Path) -> None:
    from risicoscreener.reentry.intake.sheets.reading import read_intake_sheet

    read_intake_sheet(path, recorded_at=DAY)


def _conditions(path: Path) -> None:
    from risicoscreener.reentry.conditions.definition import BasicConditions

    asked = {"questions.toml": "questions", "actions.toml": "actions"}[path.name]
    _ = BasicConditions.from_files(**{asked: path}).reader


def _goals(path: Path) -> None:
    from risicoscreener.reentry.plan.definition import GoalCatalogue

    asked = {"goals.toml": "goals", "needs.toml": "needs"}[path.name]
    _ = GoalCatalogue.from_files(**{asked: path}).reader


def _situation(path: Path) -> None:
    from risicoscreener.reentry.conditions.situation import read_situation

    read_situation(path.read_bytes())


def _consents(path: Path) -> None:
    from risicoscreener.reentry.conditions.care import read_consents

    read_consents(path.read_bytes())


def _plan(path: Path) -> None:
    from risicoscreener.reentry.plan.planned import read_plan

    read_plan(path.read_bytes())


def _purposes(path: Path) -> None:
    from risicoscreener.reentry.sharing.purposes import read_purposes

    read_purposes(path)


def _notices(path: Path) -> None:
    from risicoscreener.reentry.notices.rules import read_notice_rules

    read_notice_rules(path)


def _entries(path: Path) -> None:
    from risicoscreener.reentry.notices.entries import read_entries

    read_entries(path)


def _entry_seeds() -> list[tuple[str, bytes]]:
    judged = {"entry": "judged", "person_id": "case-0001", "purpose": "p", "about": "a"}
    judged |= {"judged_on": "2024-01-01", "applies": True}
    died = {"entry": "died", "person_id": "case-0001"}
    died |= {"died_on": "2024-01-01", "recorded_at": "2024-01-02"}
    lines = "".join(json.dumps(one) + "\n" for one in (judged, died))
    table = "entry,person_id,died_on,recorded_at\ndied,case-0001,2024-01-01,2024-01-02\n"
    return [("entries.jsonl", lines.encode()), ("entries.csv", table.encode())]


def _project(path: Path) -> None:
    from risicoscreener.reentry.sharing.research.project import read_project

    read_project(path)


def _aids(path: Path) -> None:
    from risicoscreener.reentry.selection.aids import read_aids

    read_aids(path)


# --- impact, evaluation, cohorts -----------------------------------------------------------------


def _capacity(path: Path) -> None:
    from risicoscreener.impact.capacity.settings import CapacitySettings

    CapacitySettings.read(path)


def _tasks(path: Path) -> None:
    from risicoscreener.impact.capacity.settings import read_toml, tasks_from

    tasks_from(read_toml(path), path.name)


def _changes(path: Path) -> None:
    from risicoscreener.impact.capacity.changes import Scenario

    Scenario.read(path)


def _registration(path: Path) -> None:
    from risicoscreener.evaluation.pilots.registering import read_registration

    found = read_registration(path)
    found.pilot_design()
    found.plan()


def _rows(path: Path) -> None:
    from risicoscreener.report.evaluation.reading import read_rows

    read_rows(path)


def _about(path: Path) -> None:
    from risicoscreener.report.evaluation.about import read_about

    read_about(path)


def _scenario(path: Path) -> None:
    from risicoscreener.synthetic.scenario import Scenario

    Scenario.load(path).parameters()


def _card(path: Path) -> None:
    from risicoscreener.synthetic.storing.card import DataCard

    DataCard.read(path.parent)


def _aggregates(path: Path) -> None:
    from risicoscreener.synthetic.aims.aggregates import read_aggregates

    read_aggregates(path)


_DOSSIERS = _files("examples/*.json")
_REENTRY = "src/risicoscreener/reentry"

PARSERS: dict[str, Parser] = {
    "dossier": Parser(_dossier, _DOSSIERS, of_json),
    "screen": Parser(_screened, _DOSSIERS, of_json),
    "parquet": Parser(_table, _parquet_seeds, of_parquet),
    "csv": Parser(_table, _csv_seeds, of_lines),
    "arrow": Parser(_arrow, _arrow_seeds, of_arrow),
    "nested": Parser(_nested, _nested_seeds, of_arrow),
    "index": Parser(_index, _index_seeds, _of_suffix),
    "events": Parser(_events, _files("examples/detention/events.jsonl"), of_lines),
    "policy": Parser(_policy, _files("src/risicoscreener/decision/policies/*/*.toml"), of_toml),
    "policies": Parser(
        _policy_folder, _files("src/risicoscreener/decision/policies/leave/*.toml"), of_toml
    ),
    "golden": Parser(_golden, _files("tests/decision/golden/*.toml"), of_toml),
    "dmn": Parser(_dmn, _dmn_seeds, of_xml),
    "features": Parser(
        _features, _files("src/risicoscreener/features/definitions/*.toml"), of_toml
    ),
    "conduct": Parser(_conduct, _files("src/risicoscreener/conduct/definitions/*.toml"), of_toml),
    "bundle": Parser(_bundle, _bundle_seeds, of_bundle),
    "recipe": Parser(_recipe, _files("src/risicoscreener/models/recipes/*.toml"), of_toml),
    "meanings": Parser(_meanings, _meanings_seeds, of_toml),
    "instrument": Parser(_instrument, _files("src/risicoscreener/instruments/**/*.toml"), of_toml),
    "key": Parser(_key, _key_seeds, of_bytes),
    "result": Parser(_result, _files("tests/screening/golden/**/*.json"), of_json),
    "decision": Parser(_decision, _decision_seeds, of_json),
    "second_reading": Parser(_second_reading, _second_reading_seeds, of_json),
    "record": Parser(_record, _record_seeds, of_sqlite),
    "counted": Parser(_counted, _record_seeds, of_sqlite),
    "checkpoints": Parser(_checkpoints, _checkpoint_seeds, of_lines),
    "run": Parser(_run, _run_seeds, _of_run),
    "questions": Parser(_questions, _files(f"{_REENTRY}/intake/questions.toml"), of_toml),
    "xlsx": Parser(_sheet, _files("examples/intake/*.xlsx"), of_zip),
    "conditions": Parser(
        _conditions,
        _files(f"{_REENTRY}/conditions/questions.toml", f"{_REENTRY}/conditions/actions.toml"),
        of_toml,
    ),
    "goals": Parser(
        _goals, _files(f"{_REENTRY}/plan/goals.toml", f"{_REENTRY}/plan/needs.toml"), of_toml
    ),
    "situation": Parser(
        _situation,
        _files(
            "examples/reentry/arr*.json", "examples/reentry/n*.json", "examples/reentry/s*.json"
        ),
        of_json,
    ),
    "consents": Parser(_consents, _files("examples/reentry/*_consents.json"), of_json),
    "plan": Parser(_plan, _files("examples/reentry/*_plan.json"), of_json),
    "purposes": Parser(_purposes, _files(f"{_REENTRY}/sharing/purposes.toml"), of_toml),
    "notices": Parser(_notices, _files(f"{_REENTRY}/notices/notices.toml"), of_toml),
    "entries": Parser(_entries, _entry_seeds, of_lines),
    "project": Parser(_project, _files(f"{_REENTRY}/sharing/research/project.toml"), of_toml),
    "aids": Parser(_aids, _files(f"{_REENTRY}/selection/aids.toml"), of_toml),
    "capacity": Parser(_capacity, _files("examples/capacity/small*.toml"), of_toml),
    "tasks": Parser(_tasks, _files("src/risicoscreener/impact/capacity/tasks.toml"), of_toml),
    "changes": Parser(
        _changes,
        _files(
            "examples/capacity/l*.toml", "examples/capacity/n*.toml", "examples/capacity/sh*.toml"
        ),
        of_toml,
    ),
    "registration": Parser(_registration, _files("examples/pilot/*.toml"), of_toml),
    "rows": Parser(_rows, _files("examples/report/*.csv"), of_lines),
    "about": Parser(_about, _files("examples/report/*.toml"), of_toml),
    "scenario": Parser(_scenario, _files("src/risicoscreener/synthetic/scenarios/*.toml"), of_toml),
    "card": Parser(_card, _files("data/synthetic/sentenced_40/card.json"), of_json),
    "aggregates": Parser(_aggregates, _files("examples/aggregates*.csv"), of_lines),
    **KEPT,
    **GIVEN,
}
