"""What is answered: the view of the purpose, after it is in the record."""

from __future__ import annotations

import json
import re

import pytest

from cases import EXAMPLES
from risicoscreener.reentry.sharing import open_view
from risicoscreener.screening.record import open_log
from serving import DAY, EXPLAIN, JSON, LINES, SCREEN, on_a_day, running

DOCS = EXAMPLES.parent / "docs"
KEY = {"idempotency-key": "a-key-of-a-client-1"}


def example(name):
    return (EXAMPLES / f"{name}.json").read_bytes()


def body(name="grant", **changes):
    plain = json.loads(example(name))
    return json.dumps({**plain, **changes}).encode()


def log_of(service):
    return open_log(service.service.settings.record)


def test_an_answer_is_the_view_of_the_purpose_and_is_in_the_record(service, everything):
    answer = service.post(SCREEN, body(person_id="case-0001"), everything)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["view"]["recipient"] == "decision_maker"
    assert said["view"]["content"]["screening"]["outcome"] == "grant"
    with log_of(service) as log:
        entry = log.entry(said["record"]["entry"])
        assert entry.sha256 == said["record"]["sha256"]
        assert entry.link.kind == "screening"
        assert log.screening(said["record"]["screening"]).sha256 == entry.sha256
        given = log.entry(said["record"]["entry"] + 1)
        assert (given.link.kind, given.payload.reference) == ("sharing", said["view"]["sha256"])
        assert log.verify().ok
        # whoever got it can show years later that it was given
        opened = open_view(json.dumps(said["view"]), DAY, log=log)
    assert opened.content["persons"]["person_id"] == "case-0001"


def test_who_sees_less_is_not_told_the_hash_of_all(service, everything):
    path = "/v1/screenings?recipient=municipality&purpose=reintegration"
    said = service.post(path, body(), everything).json()
    assert set(said["record"]) == {"entry", "sha256"}
    shown = said["view"]["content"]["screening"]
    assert not shown["models"]
    assert not shown["domains"]


def test_the_answer_is_that_of_the_library(service, everything):
    import risicoscreener as rs

    for name in ("grant", "deny", "deep_assessment"):
        said = service.post(SCREEN, example(name), everything).json()
        whole = rs.screen(example(name)).for_audience("decision_maker").to_dict()
        assert said["view"]["content"]["screening"] == whole


@pytest.mark.parametrize("path", [SCREEN, EXPLAIN])
def test_who_asks_again_with_the_same_key_gets_the_same_answer(service, everything, path):
    headers = {**everything, "idempotency-key": f"again-{path[4:12]}"}
    first = service.post(path, body("deny"), headers)
    with log_of(service) as log:
        before = len(log)
    second = service.post(path, body("deny"), headers)
    assert second.content == first.content
    with log_of(service) as log:
        assert len(log) == before


def test_a_key_is_not_taken_for_something_else(service, everything):
    service.post(SCREEN, body("deny"), {**everything, **KEY})
    answer = service.post(SCREEN, body("grant"), {**everything, **KEY})
    assert (answer.status_code, answer.json()["type"][-10:]) == (422, "key-reused")


def test_a_key_belongs_to_its_client(service, everything, issuer):
    first = service.post(SCREEN, body("deny"), {**everything, **KEY})
    other = issuer.bearer(
        "screenings", "purpose:decision_maker/decision", "role:director", sub="system-b"
    )
    second = service.post(SCREEN, body("deny"), {**other, **KEY})
    assert second.status_code == 200
    assert second.json()["record"]["entry"] != first.json()["record"]["entry"]


def test_a_key_outlives_the_service(issuer, everything, tmp_path):
    settings = issuer.settings(tmp_path / "record.db")
    with running(settings, today=on_a_day) as service:
        first = service.post(SCREEN, body(), {**everything, **KEY})
    with running(settings, today=on_a_day) as service:
        assert service.post(SCREEN, body(), {**everything, **KEY}).content == first.content


def test_what_was_deleted_since_is_not_answered_again(issuer, everything, tmp_path):
    from risicoscreener.screening.record import Actor

    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        entry = service.post(SCREEN, body(), {**everything, **KEY}).json()["record"]["entry"]
        with log_of(service) as log:
            log.delete([entry], basis="court", by=Actor("archivist", "ARC-0001"))
        assert service.post(SCREEN, body(), {**everything, **KEY}).status_code == 410


def test_a_stream_is_answered_line_by_line_in_its_order(service, everything):
    lines = [body(person_id=f"case-{i:04}") for i in range(150)]
    lines[3] = b"{"
    lines[7] = b""
    answer = service.post(SCREEN, b"\n".join(lines), {**everything, **LINES})
    assert answer.headers["content-type"] == "application/x-ndjson"
    *said, last = [json.loads(line) for line in answer.text.splitlines()]
    assert last == {"done": True, "answered": 149}
    assert [one["line"] for one in said] == [i + 1 for i in range(150) if i != 7]
    assert said[3]["status"] == 400
    assert said[3]["problem"]["title"]
    assert said[4]["view"]["content"]["persons"]["person_id"] == "case-0004"
    with log_of(service) as log:
        for one in (said[0], said[-1]):
            assert log.entry(one["record"]["entry"]).sha256 == one["record"]["sha256"]


def test_a_stream_with_a_key_records_nothing_twice(service, everything):
    lines = b"\n".join(body(person_id=f"case-{i:04}") for i in range(5))
    headers = {**everything, **LINES, "idempotency-key": "stream-key"}
    first = service.post(SCREEN, lines, headers)
    with log_of(service) as log:
        before = len(log)
    assert service.post(SCREEN, lines, headers).content == first.content
    with log_of(service) as log:
        assert len(log) == before


def test_a_stream_that_is_too_long_says_so_at_its_end(issuer, everything, tmp_path):
    settings = issuer.settings(tmp_path / "record.db", max_stream_lines=3)
    with running(settings, today=on_a_day) as service:
        answer = service.post(SCREEN, b"\n".join([body()] * 5), {**everything, **LINES})
    last = json.loads(answer.text.splitlines()[-1])
    assert last["done"] is False
    assert last["problem"]["status"] == 413


def test_a_line_that_is_too_long_spoils_no_other(issuer, everything, tmp_path):
    settings = issuer.settings(tmp_path / "record.db", max_dossier_bytes=20_000)
    lines = [body(), b" " * 20_001 + body(), body()]
    with running(settings, today=on_a_day) as service:
        answer = service.post(SCREEN, b"\n".join(lines), {**everything, **LINES})
    said = [json.loads(line) for line in answer.text.splitlines()]
    assert [one.get("status") for one in said] == [200, 413, 200, None]


def test_the_person_concerned_is_told_nothing_of_victims(service, everything):
    path = "/v1/explanations?recipient=person&purpose=access&lang=en"
    plain = json.loads(example("grant"))
    without = service.post(path, json.dumps({**plain, "victims": []}), everything).json()
    assert set(without["explanation"]) == {"to_person", "remedies"}
    assert "victims" not in without["view"]["content"]
    assert without["letter"]["lang"] == "en"


def test_the_decider_gets_reasons_facts_and_a_letter(service, everything):
    said = service.post(EXPLAIN, example("deny"), everything).json()
    assert said["explanation"]["reasons"]
    assert said["explanation"]["facts"]
    assert said["letter"]["text"]


def test_rows_set_apart_are_said_and_never_grant(service, everything):
    plain = json.loads(example("grant"))
    plain["debts"].append({"recorded_at": "2023-03-20", "kind": "no such kind"})
    spoilt = json.dumps(plain)
    refused = service.post(SCREEN, spoilt, everything)
    assert refused.status_code == 400
    assert "debts[1]" in refused.json()["errors"][0]["detail"]
    kept = service.post(f"{SCREEN}&onError=quarantine", spoilt, everything).json()
    assert kept["view"]["content"]["screening"]["outcome"] != "grant"
    headers = {**everything, "idempotency-key": "quarantine-1"}
    path = f"{EXPLAIN}&onError=quarantine"
    first = service.post(path, spoilt, headers)
    assert first.status_code == 200
    assert service.post(path, spoilt, headers).content == first.content


def test_a_postgresql_record_holds_the_same(issuer, everything, postgres):
    settings = issuer.settings(postgres.new_schema("service"))
    with running(settings, today=on_a_day) as service:
        first = service.post(SCREEN, body(), {**everything, **KEY})
        assert first.status_code == 200, first.text
        assert service.post(SCREEN, body(), {**everything, **KEY}).content == first.content
        assert service.ask("GET", "/v1/readiness").status_code == 200
    with open_log(settings.record) as log:
        assert log.verify().ok
        assert len(log) == 2


def test_a_service_that_may_only_write_answers(issuer, everything, postgres):
    import psycopg

    schema = postgres.new_schema("only_writes")
    with running(issuer.settings(schema), today=on_a_day) as service:
        assert service.post(SCREEN, body(), everything).status_code == 200
    with psycopg.connect(schema, autocommit=True) as connection:
        for page in ("record.md", "service.md"):
            said = re.search(r"```sql\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)[1]
            own = re.sub(r"record_(reader|writer|retention)", r"served_\1", said)
            connection.execute(own.replace("SCHEMA_NAME", "only_writes"))
        connection.execute("CREATE ROLE a_service LOGIN IN ROLE served_writer")
    settings = issuer.settings(postgres.dsn("only_writes", "a_service"))
    with running(settings, today=on_a_day) as service:
        first = service.post(SCREEN, body(), {**everything, **KEY})
        assert first.status_code == 200, first.text
        assert service.post(SCREEN, body(), {**everything, **KEY}).content == first.content


def test_a_demonstration_has_no_record(tmp_path):
    from risicoscreener.serve import Settings

    with running(Settings(demo=True), today=on_a_day) as service:
        said = service.post(SCREEN, body(), JSON).json()
    assert "record" not in said
