"""Files that the library itself wrote and reads again: models, keys, exports, states, reports."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fuzz_base import COHORT, EXAMPLES, Parser, files_of
from fuzz_mutators import as_json, changed_value, of_bytes, of_json, of_lines
from fuzz_tables import of_parquet

KEY = b"k" * 32
GIVEN_ON, LATER, VIEWED_ON = dt.date(2021, 6, 1), dt.date(2021, 7, 1), dt.date(2024, 4, 15)


# --- who gets help -------------------------------------------------------------------------------


def _selection(path: Path) -> None:
    from risicoscreener.reentry.selection import SelectionModel

    model = SelectionModel.read(path)
    model.to_dict()
    for lang in ("nl", "en"):
        model.text(lang)
    model.effects.effect(np.full((2, len(model.names)), 0.5))


@cache
def _selection_seeds() -> list[tuple[str, bytes]]:
    """A model of people among whom chance decides on all."""
    from risicoscreener.reentry.selection import History, learn, people_for
    from risicoscreener.synthetic import simulate

    made = simulate(600, seed=1, population="sentenced")
    people = people_for(made.tables, made.index(), "supervision")
    rng = np.random.default_rng(1)
    received, outcome = (rng.random((2, len(people))) < 0.5).astype(float)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("spline", "two_models"):
            history = History.of(people, received, outcome)
            learn(history, learners=(kind,), replicates=10).write(Path(folder) / kind)
            found.append((f"{kind}.json", (Path(folder) / kind).read_bytes()))
    return found


# --- what is given to others ---------------------------------------------------------------------


def _pseudonym_key(path: Path) -> None:
    from risicoscreener.reentry.sharing.research import Pseudonyms, read_key

    Pseudonyms(read_key(path), "study", 30).pseudonym("case-0001")


def _key_seeds() -> list[tuple[str, bytes]]:
    return [("project.key", (KEY.hex() + "\n").encode("ascii"))]


def _export(path: Path) -> None:
    """An export of which one file is another, with the manifest that fits it."""
    from risicoscreener.reentry.sharing.research import open_export, shipped_project
    from risicoscreener.reentry.sharing.research.earlier import read_earlier

    given = path.read_bytes()
    path.unlink()
    for name, content in _fitting(path.name, given):
        (path.parent / name).write_bytes(content)
    read_earlier(path.parent, shipped_project())
    report = open_export(path.parent, LATER)
    for lang in ("nl", "en"):
        report.text(lang)
    report.html()


def _fitting(changed: str, given: bytes) -> Iterator[tuple[str, bytes]]:
    for name, content in _whole_export():
        if name == changed:
            yield name, given
        elif name == "export.json" and changed != name:
            manifest = json.loads(content)
            manifest["files"][changed] = hashlib.sha256(given).hexdigest()
            yield name, json.dumps(manifest).encode()
        else:
            yield name, content


@cache
def _whole_export() -> list[tuple[str, bytes]]:
    from risicoscreener.dossier import DossierTables
    from risicoscreener.reentry.sharing.research import export, shipped_project

    made = export(DossierTables.read(COHORT), shipped_project(), KEY, GIVEN_ON)
    with tempfile.TemporaryDirectory() as folder:
        made.write(Path(folder) / "export")
        return [(p.name, p.read_bytes()) for p in sorted((Path(folder) / "export").iterdir())]


@cache
def _export_seeds() -> list[tuple[str, bytes]]:
    """The manifest, and the table of people, which is read again."""
    return [one for one in _whole_export() if one[0] in ("export.json", "persons.csv")]


def _json_or_lines(rng: random.Random, data: bytes) -> bytes:
    return (of_json if data.lstrip().startswith(b"{") else of_lines)(rng, data)


def _view(path: Path) -> None:
    from risicoscreener.reentry.sharing import open_view

    view = open_view(path.read_bytes(), VIEWED_ON)
    for lang in ("nl", "en"):
        view.text(lang)


@cache
def _view_seeds() -> list[tuple[str, bytes]]:
    """A view for each purpose, with an extract where there can be one."""
    from risicoscreener import Screener
    from risicoscreener.dossier import read_dossier
    from risicoscreener.reentry.sharing import Consent, purposes, share

    given = (EXAMPLES / "deep_assessment.json").read_bytes()
    dossier, found = read_dossier(given), []
    result = Screener.load().screen(given, "leave", as_of=VIEWED_ON)
    for one in [purpose for purpose in purposes() if purpose.form == "view"]:
        consent = Consent(
            person_id=dossier.person_id,
            recipient=one.recipient,
            purpose=one.id,
            given_on=VIEWED_ON,
            reference="T-1",
        )
        more = {"result": result} if one.extract else {}
        view = share(dossier, one.recipient, one.id, VIEWED_ON, consent=consent, **more)
        found.append((f"{one.id}.json", view.to_json()))
    return found


def of_view(rng: random.Random, data: bytes) -> bytes:
    """A view with a changed content whose hash fits again."""
    from risicoscreener.reentry.sharing import View
    from risicoscreener.reentry.sharing.view import digest_of_view

    try:
        plain = changed_value(rng, json.loads(data))
        view = msgspec.convert(plain, View)
    except (ValueError, RecursionError):
        return of_json(rng, data)
    return msgspec.structs.replace(view, sha256=digest_of_view(view)).to_json()


def _consent(path: Path) -> None:
    from risicoscreener.cli.sharing import _consent

    _consent(str(path))


def _consent_seeds() -> list[tuple[str, bytes]]:
    found = []
    for path in sorted(EXAMPLES.glob("reentry/*_consents.json")):
        for number, one in enumerate(json.loads(path.read_bytes())):
            found.append((f"{path.stem}_{number}.json", json.dumps(one).encode()))
    return found


# --- what is watched, and what is said of a model ------------------------------------------------


def watched() -> tuple[Any, Any]:
    """Screenings and outcomes of a few people."""
    import pandas as pd

    screened, outcomes = (
        pd.read_parquet(EXAMPLES / "monitoring" / f"{name}.parquet")
        for name in ("screened", "outcomes")
    )
    some = screened.iloc[::20].reset_index(drop=True)
    return some, outcomes[outcomes["person_id"].isin(some["person_id"])].reset_index(drop=True)


def watching() -> str:
    """Settings with every stream, and a timing that has not to be learnt from few people."""
    text = (EXAMPLES / "monitoring" / "all_streams.toml").read_text("utf-8")
    return text.replace("[timing]", "[timing]\ncurve = [[30, 0.05], [365, 0.6], [730, 1.0]]")


@cache
def _watched() -> tuple[Any, Any, Any]:
    from risicoscreener.monitoring import outcomes_of, read_settings, screenings_of

    screened, outcomes = watched()
    settings = read_settings(watching().encode())
    return settings, screenings_of(screened, settings.model), outcomes_of(outcomes)


def _state(path: Path) -> None:
    """A state, and two months more that go on with it."""
    from risicoscreener.monitoring import monitor, read_state

    settings, screened, outcomes = _watched()
    found = monitor(settings, screened, outcomes, as_of=_SECOND, state=read_state(path))
    for lang in ("nl", "en"):
        found.text(lang)


_FIRST, _SECOND = dt.date(2018, 4, 1), dt.date(2018, 6, 1)


@cache
def _state_seeds() -> list[tuple[str, bytes]]:
    from risicoscreener.monitoring import monitor

    settings, screened, outcomes = _watched()
    found = monitor(settings, screened, outcomes, as_of=_FIRST)
    return [("state.json", found.state.to_json())]


@cache
def known() -> Any:
    """What documents are filled from."""
    from risicoscreener import Screener
    from risicoscreener.governance import Known

    screener = Screener.load()
    return Known(screener.bundle, screener.policies, dt.date(2026, 11, 30))


def of_state(rng: random.Random, data: bytes) -> bytes:
    """A state with a changed content whose checksum fits again."""
    try:
        state = as_json(changed_value(rng, json.loads(data)["state"]), rng)
    except (ValueError, KeyError, TypeError, RecursionError):  # it was damaged before
        return of_bytes(rng, data)
    if rng.random() < 0.1:
        return of_json(rng, data)
    kept = f'{{"format_version": 2, "checksum": "{hashlib.sha256(state).hexdigest()}", "state": '
    return kept.encode() + state + b"}"


def _evaluation(path: Path) -> None:
    from risicoscreener.errors import GovernanceError
    from risicoscreener.governance import fill
    from risicoscreener.governance.evaluation import by_language, read_evaluation

    found = read_evaluation(path)
    whole = replace(known(), evaluation=by_language(found))
    for kind in ("tripod", "model_card"):
        fill(kind, whole).to_dict()
    for chapter in found.sections:
        chapter.lines()
        for block in chapter.blocks:
            with contextlib.suppress(GovernanceError):  # it has no such table
                found.rows(str(block.get("name")))


@cache
def _evaluation_seeds() -> list[tuple[str, bytes]]:
    from risicoscreener.cli import main

    table, about = (EXAMPLES / "report" / f"leave.{kind}" for kind in ("csv", "toml"))
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        out = Path(folder) / "evaluation.json"
        words = ["report", table, "--about", about, "--json", out, "--replicates", "20"]
        with contextlib.redirect_stderr(io.StringIO()):
            main([str(word) for word in words])
        return [(out.name, out.read_bytes())]


# --- cohorts and runs ----------------------------------------------------------------------------


def _cohort(path: Path) -> None:
    """A synthetic cohort of which a table of the truth is damaged."""
    from risicoscreener.synthetic import Cohort

    truth = path.parent / "truth"
    truth.mkdir()
    for name, content in _truth_seeds():
        (truth / name).write_bytes(path.read_bytes() if name == path.name else content)
    (path.parent / "dossiers").symlink_to(COHORT)
    Cohort.read(path.parent).index()


def _cohort_index(path: Path) -> None:
    """The index of a cohort, compared with what the cohort says."""
    from risicoscreener.synthetic import verify_cohort

    for name in ("dossiers", "truth", "card.json"):
        (path.parent / name).symlink_to(COHORT.parent / name)
    verify_cohort(path.parent)


_truth_seeds = files_of("data/synthetic/sentenced_40/truth/*.parquet")


def _lock(path: Path) -> None:
    """A folder in which another run is said to be at work."""
    from risicoscreener.scale.runs.lock import locked

    with locked(path.parent):
        pass


def _lock_seeds() -> list[tuple[str, bytes]]:
    from risicoscreener.scale.runs import lock

    owner = {"pid": 2**22 + 1, "host": "", "started": "1", "token": "a"}
    owner["host"] = json.loads(lock._this_process())["host"]
    return [(lock.LOCK, json.dumps(owner).encode())]


def _entry(path: Path) -> None:
    from risicoscreener.cli.document import _entry
    from risicoscreener.errors import GovernanceError
    from risicoscreener.governance.register import check_entry

    found = check_entry(_entry(str(path)))
    if found:
        raise GovernanceError("; ".join(one.text(lang) for one in found for lang in ("nl", "en")))


KEPT: dict[str, Parser] = {
    "selection": Parser(_selection, _selection_seeds, of_json),
    "pseudonyms": Parser(_pseudonym_key, _key_seeds, of_bytes),
    "export": Parser(_export, _export_seeds, _json_or_lines),
    "view": Parser(_view, _view_seeds, of_view),
    "consent": Parser(_consent, _consent_seeds, of_json),
    "state": Parser(_state, _state_seeds, of_state),
    "evaluation": Parser(_evaluation, _evaluation_seeds, of_json),
    "cohort": Parser(_cohort, _truth_seeds, of_parquet),
    "cohort_index": Parser(
        _cohort_index, files_of("data/synthetic/sentenced_40/index.parquet"), of_parquet
    ),
    "lock": Parser(_lock, _lock_seeds, of_json),
    "register": Parser(_entry, files_of("examples/governance/register.json"), of_json),
}
