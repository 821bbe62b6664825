"""Clients that go away, a server that complains, and a start that fails: what is said and logged."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
from urllib.parse import urlencode

import pytest

from cases import EXAMPLES
from risicoscreener.screening.record import open_log
from risicoscreener.serve import Settings
from risicoscreener.serve.logs import Log, ServerLines
from serving import EVERYTHING, LINES, SCREEN, Issuer, free_port, on_a_day, running, words_of

LINE = json.dumps(json.loads((EXAMPLES / "grant.json").read_bytes())).encode() + b"\n"


def cut_off(service, headers, *parts):
    """Ask, send those parts of a body, and go away."""
    path, _, query = SCREEN.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    sent = []

    async def receive():
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(service.edge(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("kind", "parts", "kept"),
    [
        ("application/json", [LINE[:100]], 0),
        ("application/json", [LINE], 0),
        (LINES["content-type"], [LINE[:100]], 0),
        (LINES["content-type"], [LINE, LINE[:100]], 2),
    ],
)
def test_who_goes_away_in_the_midst_is_no_fault_and_half_a_body_is_not_screened(
    issuer, everything, tmp_path, kind, parts, kept
):
    settings = issuer.settings(tmp_path / "record.db")
    with running(settings, today=on_a_day) as service:
        sent = cut_off(service, {**everything, "content-type": kind}, *parts)
        lines = service.lines
    assert [line["event"] for line in lines] == ["request"]
    assert lines[0]["problem"] == "cut-off"
    assert b'"done":true' not in b"".join(m.get("body", b"") for m in sent)
    with open_log(settings.record) as log:
        assert len(log) == kept


@pytest.mark.parametrize("what", ["record", "keys"])
def test_a_start_that_fails_says_why_and_no_password(issuer, tmp_path, what):
    record = tmp_path / "record.db"
    if what == "record":
        record = f"postgresql://user:a-password@127.0.0.1:{free_port()}/none"
    else:
        (tmp_path / "none.json").write_text("{}")
    words = words_of(issuer.settings(record))
    if what == "keys":
        words[-1] = str(tmp_path / "none.json")
    command = [sys.executable, "-m", "risicoscreener", "serve", "--port", str(free_port())]
    ended = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    *lines, last = ended.stderr.splitlines()
    assert ended.returncode == 3
    assert last.startswith(f"error: {what}")
    assert all(json.loads(line)["event"] in ("fault", "server") for line in lines)
    assert "a-password" not in ended.stderr + ended.stdout


def test_what_the_server_says_is_a_line_without_what_it_speaks_of():
    stream = io.StringIO()
    server = logging.getLogger("uvicorn.error")
    with ServerLines(Log(stream, b"k" * 32)):
        server.warning("Invalid HTTP request received.")
        server.warning("it is about %s", "case-0001")
        server.error("many\nlines of case-0001")
        server.info("not worth a line")
        try:
            raise ZeroDivisionError("case-0001")
        except ZeroDivisionError:
            server.exception("Exception in ASGI application\n")
    server.warning("afterwards nothing is written")
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in said] == ["server", "server", "fault"]
    assert said[0]["message"] == "Invalid HTTP request received."
    assert said[2]["error"] == "ZeroDivisionError"
    assert "case-0001" not in stream.getvalue()


# --- tokens that the issuer signed, and that are not right all the same ---------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["other"]},
        {"aud": {"risicoscreener": 1}},
        {"aud": "risicoscreener2"},
        {"aud": "RISICOSCREENER"},
        {"iss": "https://issuer.example.org/"},
        {"exp": "never"},
        {"exp": 10**400},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": True},
        {"exp": [9999999999]},
        {"nbf": "never"},
        {"sub": ["a"]},
        {"sub": 1},
    ],
    ids=str,
)
def test_claims_of_another_kind_are_not_believed(service, issuer, claims):
    answer = service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING, **claims))
    assert answer.status_code == 401, answer.text
    assert answer.json()["type"] == "urn:risicoscreener:problem:unauthenticated"


@pytest.mark.parametrize(
    "scope",
    [
        "screenings purpose:decision_maker/* role:director",
        "screenings purpose:* role:director",
        "SCREENINGS purpose:decision_maker/decision role:director",
        "screenings,purpose:decision_maker/decision,role:director",
        "screenings purpose:decision_maker/decision role:king",
        "screenings purpose:decision_maker/decision role:",
        "screenings purpose:decision_maker/decision ROLE:director",
        {"screenings": 1},
        [["screenings"]],
        1,
    ],
    ids=str,
)
def test_a_scope_counts_only_as_it_is_written(service, issuer, scope):
    answer = service.post(SCREEN, LINE, issuer.bearer(scope=scope))
    assert answer.status_code == 403, answer.text


def test_keys_that_cannot_be_had_again_are_used_for_a_day_and_no_longer(tmp_path):
    issuer = Issuer(tmp_path)
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        verifier, now = service.service.verifier, [0.0]
        verifier._clock = lambda: now[0]
        verifier.load()
        issuer.keys.unlink()
        for now[0], status in ((86_000.0, 200), (86_500.0, 503)):
            answer = service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING, jti=str(now)))
            assert answer.status_code == status, answer.text
        assert answer.json()["type"] == "urn:risicoscreener:problem:keys"
        issuer.publish("one")
        now[0] += 11
        assert service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING)).status_code == 200


@pytest.mark.parametrize(
    "kid", ["", "One", "one ", "../one", "one' OR '1'='1", "/dev/null", "x" * 5000]
)
def test_the_name_of_a_key_leads_to_that_key_alone(service, issuer, kid):
    answer = service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING, kid=kid))
    assert answer.status_code == 401, answer.text


# --- forms that nobody filled in ------------------------------------------------------------------

PLACES = ["²", "٣", "+1", "-1", "1_0", "499", "500", "9999", "00000", "", "x"]
TYPED = [
    "²",
    "nan",
    "1e400",
    "9" * 4500,
    "9999-12-31",
    "\x00",
    "{{7*7}}",
    "<script>alert(1)</script>",
]


@pytest.fixture(scope="module")
def demonstration():
    with running(Settings(demo=True), today=on_a_day) as found:
        yield found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("typed", TYPED, ids=[one[:8] for one in TYPED])
def test_a_form_that_nobody_filled_in_is_no_fault(demonstration, place, typed):
    form = urlencode({"person_id": "case-0001", f"debts.{place}.kind": typed, "as_of": typed})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = demonstration.post("/", form, headers)
    assert answer.status_code == 200, answer.text
    assert "<script>alert" not in answer.text
