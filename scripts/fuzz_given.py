"""Settings, keys and tables that users give to commands: of services, monitors, plans, pilots."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import datetime as dt
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from fuzz_base import COHORT, DAY, EXAMPLES, Parser, files_of
from fuzz_kept import known, watched, watching
from fuzz_mutators import of_json, of_lines, of_toml
from fuzz_tables import of_parquet

# --- the service ---------------------------------------------------------------------------------


def _service(path: Path) -> None:
    from risicoscreener.serve.settings import read_settings

    read_settings(path).checked()


def _service_seeds() -> list[tuple[str, bytes]]:
    text = """record = "record.db"
issuer = "https://issuer.example.org"
audience = "risicoscreener"
keys = "https://issuer.example.org/keys"
algorithms = ["ES256", "EdDSA"]
max_dossier_bytes = 1_000_000
threads = 2
read_seconds = 30.0
origins = ["https://dossier.example.org"]
public_url = "https://screener.example.org"
contact_email = "contact@example.org"
"""
    return [("service.toml", text.encode())]


def _jwks(path: Path) -> None:
    """Keys of an issuer, and a token that may be signed with one of them."""
    from risicoscreener.serve.problems import Problem
    from risicoscreener.serve.settings import Settings
    from risicoscreener.serve.tokens import Verifier

    given = Settings(issuer="https://i.example.org", audience="a", keys=str(path), demo=True)
    verifier = Verifier(given)
    verifier.load()
    for token in _tokens():
        with contextlib.suppress(Problem):
            asyncio.run(verifier.client(f"Bearer {token}"))


@cache
def _signers() -> list[tuple[str, Any]]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    return [
        ("ES256", ec.derive_private_key(12345, ec.SECP256R1())),
        ("EdDSA", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))),
        ("RS256", rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    ]


@cache
def _tokens() -> list[str]:
    import jwt

    said = {"iss": "https://i.example.org", "aud": "a", "sub": "s", "exp": 4_000_000_000}
    return [jwt.encode(said, key, alg, {"kid": f"k{alg}"}) for alg, key in _signers()]


@cache
def _jwks_seeds() -> list[tuple[str, bytes]]:
    from jwt.algorithms import get_default_algorithms

    keys = []
    for alg, key in _signers():
        plain = get_default_algorithms()[alg].to_jwk(key.public_key(), as_dict=True)
        keys.append({**plain, "kid": f"k{alg}", "use": "sig", "alg": alg})
    alone = [(f"{key['kty']}.json", json.dumps({"keys": [key]}).encode()) for key in keys]
    return [("keys.json", json.dumps({"keys": keys}).encode()), *alone]


# --- what is watched -----------------------------------------------------------------------------


def _monitor(path: Path) -> None:
    """Settings of a monitor, and a month of it."""
    from risicoscreener.monitoring import monitor, outcomes_of, read_settings, screenings_of

    settings = read_settings(path)
    screened, outcomes = watched()
    found = screenings_of(screened, settings.model)
    monitor(settings, found, outcomes_of(outcomes), as_of=dt.date(2018, 3, 1)).text("nl")


def _monitor_seeds() -> list[tuple[str, bytes]]:
    return [("monitor.toml", watching().encode())]


def _watched(path: Path) -> None:
    """Screenings or outcomes as they are given to a monitor."""
    from risicoscreener.cli.common import read_frame
    from risicoscreener.monitoring import monitor, outcomes_of, read_settings, screenings_of
    from risicoscreener.monitoring.reading import read_tables

    settings = read_settings(watching().encode())
    screened, outcomes = watched()
    given = read_frame(str(path))
    if path.stem == "outcomes":
        outcomes = given
    else:
        screened = read_tables([given]) if path.stem == "screened" else screened
    groups = given if path.stem == "groups" else None
    found = screenings_of(read_tables([screened], groups), settings.model)
    monitor(settings, found, outcomes_of(outcomes), as_of=dt.date(2018, 3, 1)).text("nl")


@cache
def _watched_seeds() -> list[tuple[str, bytes]]:
    import io

    screened, outcomes = watched()
    groups = screened[["person_id"]].drop_duplicates().assign(region="north")
    found = []
    for name, frame in (("screened", screened), ("outcomes", outcomes), ("groups", groups)):
        binary = io.BytesIO()
        frame.to_parquet(binary)
        found.append((f"{name}.parquet", binary.getvalue()))
        found.append((f"{name}.csv", frame.to_csv(index=False).encode()))
    return found


def _of_suffix(rng: random.Random, data: bytes) -> bytes:
    return (of_parquet if data.startswith(b"PAR1") else of_lines)(rng, data)


# --- documents, instruments, data sets -----------------------------------------------------------


def _answers(path: Path) -> None:
    from risicoscreener.governance import fill
    from risicoscreener.governance.answers import Answers

    given = Answers.read(path)
    for name in given.given:
        if name not in ("shared", "explanation"):
            fill(name, known(), given).to_dict()


def _activities(path: Path) -> None:
    from risicoscreener.governance.processing import Activities

    found = Activities.read(path)
    for kind in found.activities:
        found.of(kind)


def _scored(path: Path) -> None:
    from risicoscreener.cli.instruments import _inputs
    from risicoscreener.instruments import Instrument

    result = Instrument.load(path.stem).score(_inputs(str(path)))
    result.to_dict()
    for lang in ("nl", "en"):
        result.text(lang)


@cache
def _scored_seeds() -> list[tuple[str, bytes]]:
    """Inputs of a few of the golden vectors of instruments."""
    from risicoscreener.instruments import golden_files, instruments

    found = []
    for one in instruments():
        for file in golden_files(one)[:1]:
            for case in file.cases[:2]:
                plain = {name: _plain(value) for name, value in case.inputs.items()}
                found.append((f"{one.id}.json", json.dumps(plain).encode()))
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _compas(path: Path) -> None:
    from risicoscreener.datasets import load_compas

    load_compas(path)


@cache
def _compas_seeds() -> list[tuple[str, bytes]]:
    """People who are made up, in the columns of the published file."""
    columns = (
        "id,compas_screening_date,sex,age,race,juv_fel_count,decile_score,juv_misd_count,"
        "juv_other_count,priors_count,days_b_screening_arrest,c_jail_in,c_jail_out,"
        "c_charge_degree,is_recid,two_year_recid"
    )
    rows = [
        f"{i},2013-0{1 + i % 9}-11,{('Male', 'Female')[i % 2]},{21 + i},Other,{i % 2},{1 + i % 10},"
        f"0,{i % 3},{i % 5},-1.0,2013-0{1 + i % 9}-10 06:03:42,2013-0{1 + i % 9}-12 05:41:20,"
        f"{'FM'[i % 2]},{i % 2},{i % 2}"
        for i in range(1, 31)
    ]
    return [("compas.csv", "\n".join([columns, *rows, ""]).encode())]


# --- tables of help, of stays, of pilots, of records ---------------------------------------------


def _places(path: Path) -> None:
    from risicoscreener.cli.allocate import _places
    from risicoscreener.reentry.selection import shipped_aids

    _places(str(path), shipped_aids()["supervision"])


def _place_seeds() -> list[tuple[str, bytes]]:
    text = "site,places,hours,from,until\nPI-01,5,,2024-01-01,2024-06-30\nPI-02,,120.5,,\n*,3,,,\n"
    return [("places.csv", text.encode())]


def _stays(path: Path) -> None:
    from risicoscreener.cli.common import read_frame
    from risicoscreener.impact.capacity import Stays

    frame = read_frame(str(path))
    Stays.from_frame(frame, seen_from=dt.date(2019, 1, 1), seen_until=DAY)


def _stay_seeds() -> list[tuple[str, bytes]]:
    text = (
        "arrived_on,left_on,kind,regime,switched_on,low_from_on,prison,sentence_days,expected_on,"
        "conditional_on\n"
        "2019-03-01,2019-09-01,sentence,sentence,,,PI-01,200,2019-09-01,\n"
        "2023-02-01,,sentence,sentence,2023-03-01,,PI-02,900,2025-06-01,2024-12-01\n"
        "2023-05-01,2023-06-01,remand,remand,,,PI-01,,,\n"
    )
    return [("stays.csv", text.encode())]


def _pilot(path: Path) -> None:
    from risicoscreener.cli.common import read_frame
    from risicoscreener.evaluation.pilots import read_registration
    from risicoscreener.evaluation.pilots.cells import cells_from

    registration = read_registration(EXAMPLES / "pilot" / "registration.toml")
    cells_from(read_frame(str(path)), registration.pilot_design(), registration.outcome.kind)


def _started(path: Path) -> None:
    from risicoscreener.cli.record import _started

    _started(str(path))


def _started_seeds() -> list[tuple[str, bytes]]:
    text = "person_id,started_on\ncase-0001,2024-01-01\ncase-0002,2024-02-29 10:00:00\n"
    return [("started.csv", text.encode())]


def _rescreen(path: Path) -> None:
    """Results of last time, from which follows who is screened again."""
    from risicoscreener.cli.common import read_frame
    from risicoscreener.screening.picture import rescreen_list

    rescreen_list(_few(), dt.date(2019, 6, 1), read_frame(str(path)), kinds=["leave"])


@cache
def _few() -> Any:
    import numpy as np

    from risicoscreener.dossier import DossierTables

    return DossierTables.read(COHORT).select(np.arange(4))


@cache
def _rescreen_seeds() -> list[tuple[str, bytes]]:
    ids = _few().person_ids.to_pylist()
    rows = [f"{one},2018-0{1 + i}-11,leave,leave/2021-07-01,reference" for i, one in enumerate(ids)]
    text = "\n".join(["person_id,as_of,decision,policy,bundle", *rows, ""])
    return [("last.csv", text.encode())]


def _aims(path: Path) -> None:
    from risicoscreener.synthetic.aims.aggregates import read_aggregates

    read_aggregates(path)


@cache
def _aim_seeds() -> list[tuple[str, bytes]]:
    """The aggregates of the example as TOML."""
    rows = csv.DictReader((EXAMPLES / "aggregates_us_2005.csv").read_text("utf-8").splitlines())
    lines = [f'[targets."{row["quantity"]}"]\ntarget = {row["value"]}' for row in rows]
    return [("aims.toml", ("\n\n".join(lines) + "\n").encode())]


def _amending(path: Path) -> None:
    from risicoscreener.impact.policies import book_of, policy_of

    book_of(policy_of(path), start=DAY)


GIVEN: dict[str, Parser] = {
    "service": Parser(_service, _service_seeds, of_toml),
    "jwks": Parser(_jwks, _jwks_seeds, of_json),
    "monitor": Parser(_monitor, _monitor_seeds, of_toml),
    "watched": Parser(_watched, _watched_seeds, _of_suffix),
    "answers": Parser(_answers, files_of("examples/governance/answers.toml"), of_toml),
    "activities": Parser(_activities, files_of("examples/governance/activities.toml"), of_toml),
    "scored": Parser(_scored, _scored_seeds, of_json),
    "compas": Parser(_compas, _compas_seeds, of_lines),
    "places": Parser(_places, _place_seeds, of_lines),
    "stays": Parser(_stays, _stay_seeds, of_lines),
    "pilot": Parser(_pilot, files_of("examples/pilot/*.csv"), of_lines),
    "started": Parser(_started, _started_seeds, of_lines),
    "rescreen": Parser(_rescreen, _rescreen_seeds, of_lines),
    "aims": Parser(_aims, _aim_seeds, of_toml),
    "amending": Parser(
        _amending, files_of("src/risicoscreener/decision/policies/leave/*.toml"), of_toml
    ),
}
