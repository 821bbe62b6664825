"""After the last day on which its models may decide, the service decides nothing more."""

from __future__ import annotations

import datetime as dt
import json

import msgspec
import pytest

from cases import EXAMPLES
from risicoscreener.models import Bundle
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.screening.record import open_log
from risicoscreener.serve import Settings
from risicoscreener.serve.settings import asks_this_machine
from serving import EXPLAIN, LINES, SCREEN, running

GRANT = (EXAMPLES / "grant.json").read_bytes()
SHIPPED = Bundle.load(shipped_bundle_bytes())
LAST = SHIPPED.review_on + dt.timedelta(days=30)
KEY = {"idempotency-key": "a-key-to-ask-again"}


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """A bundle with a last day."""
    path = tmp_path_factory.mktemp("limited") / "bundle.json"
    SHIPPED.with_use_until(LAST, on=SHIPPED.review_on, by="owner").save(path)
    return str(path)


def refused(answer):
    assert answer.status_code == 503, answer.text
    assert answer.json()["type"] == "urn:risicoscreener:problem:bundle"
    assert answer.headers["retry-after"] == "3600"
    assert SHIPPED.owner not in answer.text


def test_on_its_last_day_it_decides_and_the_day_after_it_does_not(
    issuer, everything, limited, tmp_path
):
    day = [LAST]
    settings = issuer.settings(tmp_path / "record.db", bundle=limited)
    with running(settings, today=lambda: day[0]) as service:
        assert service.post(SCREEN, GRANT, {**everything, **KEY}).status_code == 200
        assert service.ask("GET", "/v1/readiness").status_code == 200
        assert service.ask("GET", "/v1/bundle", headers=everything).json()["standing"] == (
            "review_due"
        )
        day[0] += dt.timedelta(days=1)
        # whatever day the picture is of, and also under a key that was answered
        for path in (SCREEN, f"{SCREEN}&asOf=2026-01-01", EXPLAIN):
            refused(service.post(path, GRANT, everything))
        refused(service.post(SCREEN, GRANT, {**everything, **KEY}))
        refused(service.post(SCREEN, GRANT, {**everything, **LINES}))
        refused(service.ask("GET", "/v1/readiness"))
        assert service.ask("GET", "/v1/health").status_code == 200
        told = service.ask("GET", "/v1/bundle", headers=everything).json()
        assert (told["standing"], told["use_until"]) == ("refused", str(LAST))
        assert not [line for line in service.lines if line["event"] == "fault"]
    with open_log(settings.record) as log:
        assert len(log) == 2


def test_a_stream_over_midnight_is_refused_from_there_on(issuer, everything, limited, tmp_path):
    day = [LAST]
    settings = issuer.settings(tmp_path / "record.db", bundle=limited)
    line = json.dumps(json.loads(GRANT)).encode() + b"\n"

    async def lines():
        yield line
        day[0] += dt.timedelta(days=1)
        yield line

    with running(settings, today=lambda: day[0]) as service:
        answer = service.post(SCREEN, lines(), {**everything, **LINES})
    said = [json.loads(one) for one in answer.text.splitlines()]
    assert [one.get("status") for one in said] == [200, 503, None]
    with open_log(settings.record) as log:
        assert len(log) == 2


def test_a_bundle_without_a_last_day_warns_and_goes_on(issuer, everything, tmp_path):
    later = SHIPPED.review_on + dt.timedelta(days=4000)
    with running(issuer.settings(tmp_path / "record.db"), today=lambda: later) as service:
        assert service.post(SCREEN, GRANT, everything).status_code == 200
        told = service.ask("GET", "/v1/bundle", headers=everything).json()
        assert (told["standing"], told["use_until"]) == ("review_due", None)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_page_says_so_and_has_no_outcome(limited, lang):
    settings = Settings(demo=True, bundle=limited)
    form = {"content-type": "application/x-www-form-urlencoded"}
    with running(settings, today=lambda: LAST + dt.timedelta(days=1)) as service:
        page = service.post("/", f"lang={lang}&person_id=case-0001", form)
    assert page.status_code == 200
    assert str(LAST) in page.text
    assert 'class="outcome fault"' in page.text


def test_the_command_says_that_it_cannot_decide(run, tmp_path):
    path = tmp_path / "bundle.json"
    past = dt.date(2001, 1, 1)
    early = msgspec.structs.replace(SHIPPED, created=dt.date(2000, 1, 1), review_on=past)
    early.with_use_until(past, on=past, by="owner").save(path)
    code, out, err = run("serve", "--demo", "--check", "--bundle", str(path))
    assert (code, out) == (4, "")
    assert str(past) in err


def test_the_service_is_on_the_day_that_it_was_told(issuer, everything, tmp_path):
    day = [dt.date(2024, 4, 14)]
    with running(issuer.settings(tmp_path / "record.db"), today=lambda: day[0]) as service:
        answer = service.post(SCREEN, GRANT, everything)
        assert answer.status_code == 400
        assert "2024-04-14" in answer.json()["errors"][0]["detail"]  # a fact of the day after
        answer = service.post(f"{SCREEN}&asOf=2024-04-15", GRANT, everything)
        assert answer.json()["type"] == "urn:risicoscreener:problem:parameter"
        day[0] += dt.timedelta(days=1)
        assert service.post(f"{SCREEN}&asOf=2024-04-15", GRANT, everything).status_code == 200
        assert service.post(EXPLAIN, GRANT, everything).status_code == 200


# --- a name that only leads to this machine --------------------------------------------------


@pytest.mark.parametrize(
    ("header", "is_it"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8080", True),
        ("LOCALHOST:8080", True),
        ("[::1]", True),
        ("[::1]:8080", True),
        ("", False),
        ("evil.example.org", False),
        ("127.0.0.1.evil.example.org:8080", False),
        ("localhost:80@evil.example.org", False),
        ("evil.example.org@127.0.0.1", False),
        ("localhost/evil", False),
        ("[::1", False),
        ("0.0.0.0:8080", False),
    ],
)
def test_which_names_ask_this_machine(header, is_it):
    assert asks_this_machine(header) is is_it


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/static/page.js", SCREEN, "/v1/policies", "/v1/bundle"])
def test_a_demonstration_answers_no_other_name(path, method):
    headers = {"host": "evil.example.org", "origin": "http://evil.example.org"}
    with running(Settings(demo=True)) as service:
        answer = service.ask(method, path, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:risicoscreener:problem:host"
    assert "access-control-allow-origin" not in answer.headers
