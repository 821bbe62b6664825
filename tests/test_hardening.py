"""Files that were made to do harm: bombs, tricks with paths and types, and texts without an end."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

import fuzz
from cases import ROOT
from fuzz_mutators import of_json, of_toml, with_first
from fuzz_parsers import COHORT, PARSERS
from risicoscreener.decision.dmn_draft import from_dmn
from risicoscreener.errors import PolicyError, ReentryError, RisicoscreenerError, ScaleError
from risicoscreener.models.bundle import Bundle
from risicoscreener.models.shipped import shipped_bundle_bytes
from risicoscreener.reentry.intake.sheets.reading import read_intake_sheet
from risicoscreener.scale.runs import screen_folder
from risicoscreener.scale.runs.storing import RunFolder
from risicoscreener.strict_toml import MOST_CHARACTERS, parse_toml

OF_JSON = [name for name, parser in PARSERS.items() if parser.change is of_json]
OF_TOML = [name for name, parser in PARSERS.items() if parser.change is of_toml]
BEYOND = {
    "nested": "x = " + "[" * 20_000 + "]" * 20_000,
    "digits": "x = " + "9" * 20_000,
    "cut off": "x = [",
    "twice": "x = 1\nx = 2",
    "bytes": None,
}


@pytest.fixture
def folder(tmp_path):
    for name in ("here", "temporary"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize("beyond", BEYOND)
@pytest.mark.parametrize("name", OF_TOML)
def test_toml_that_goes_too_far_is_refused_in_one_way(name, beyond, folder):
    parser, text = PARSERS[name], BEYOND[beyond]
    file, _ = parser.seeds()[0]
    content = b"\xff\xfe\x00" if text is None else text.encode()
    assert fuzz.tried(parser, file, content, folder) is not None


@pytest.mark.parametrize("name", OF_JSON)
def test_json_that_goes_too_far_is_refused_in_one_way_also_where_nobody_looks(name, folder):
    parser = PARSERS[name]
    file, content = parser.seeds()[0]
    text = content.decode()
    assert "{" in text
    for key in ("x", "fact_id"):
        deep = with_first(text, key, "[" * 100_000 + "]" * 100_000).encode()
        fuzz.tried(parser, file, deep, folder)  # which lets out no other error
    assert fuzz.tried(
        parser, file, text.replace('"', '"\ud800', 1).encode("utf-8", "surrogatepass"), folder
    )


@pytest.mark.parametrize("text", [t for t in BEYOND.values() if t] + ["#" * (MOST_CHARACTERS + 1)])
def test_toml_is_refused_with_one_kind_of_error(text):
    with pytest.raises(tomllib.TOMLDecodeError):
        parse_toml(text)


def test_toml_that_is_sound_is_read_as_ever():
    text = 'a = 1\n[b]\nc = [2024-01-01, "x"]\n'
    assert parse_toml(text) == tomllib.loads(text)


def dmn(inputs: int, levels: int) -> str:
    values = ", ".join(f'"v{i}"' for i in range(levels))
    columns = "".join(
        f"<input><inputExpression><text>d{i}</text></inputExpression>"
        f"<inputValues><text>{values}</text></inputValues></input>"
        for i in range(inputs)
    )
    cells = "<inputEntry><text>-</text></inputEntry>" * inputs
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="n">'
        f'<decision name="x" id="i"><decisionTable hitPolicy="UNIQUE">{columns}<output/>'
        f'<rule id="r">{cells}<outputEntry><text>"grant"</text></outputEntry></rule>'
        f'<rule id="s">{cells}<outputEntry><text>"grant"</text></outputEntry></rule>'
        "</decisionTable></decision></definitions>"
    )


@pytest.mark.parametrize(("inputs", "levels"), [(20, 10), (70, 2), (1, 100_000), (70, 1)])
def test_a_decision_table_of_more_cells_than_a_machine_holds_is_refused(inputs, levels):
    with pytest.raises(PolicyError, match="expected at most"):
        from_dmn(dmn(inputs, levels)).outcomes()


# --- spreadsheets --------------------------------------------------------------------------------


def sheet() -> dict[str, bytes]:
    with zipfile.ZipFile(ROOT / "examples" / "intake" / "deny.xlsx") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def test_a_part_that_says_that_it_is_small_is_not_unpacked_further():
    """The size that an archive tells is all that is read of a part, however much there is."""
    name = "xl/worksheets/sheet1.xml"
    data = packed({**sheet(), name: b"<worksheet>" + b" " * 50_000_000})
    assert len(data) < 200_000
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(name.encode()))
    told = data[: at + 24] + (100).to_bytes(4, "little") + data[at + 28 :]
    with pytest.raises(ReentryError):
        read_intake_sheet(told)


@pytest.mark.parametrize("name", ["../../evil.xml", "/etc/evil.xml", "xl/../../evil", "C:\\evil"])
def test_names_of_parts_lead_nowhere(name, tmp_path, monkeypatch):
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    data = packed({**sheet(), name: b"<evil/>"})
    try:
        read_intake_sheet(data)
    except ReentryError:
        pass
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_bomb_in_a_bomb_is_not_opened():
    inner = packed({f"{i}.bin": bytes(1_000_000) for i in range(10)})
    read_intake_sheet(packed({**sheet(), "xl/media/inner.zip": inner}))


# --- bundles -------------------------------------------------------------------------------------

CONFUSED = [None, True, 0, -1, 1e308, "", "x", [], {}, [[]], [None], {"": 1}, "1", [1, "1"]]


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for i in range(min(len(value), 2)):
            yield from places(value[i], (*path, i))


def of_another_kind():
    """Bundles with one value of another type, each kind of place once, whose hash fits."""
    from risicoscreener.models.bundle import content_hash

    _, raw = PARSERS["bundle"].seeds()[0]
    seen = set()
    for path in places(json.loads(raw)["content"]):
        kind = tuple(key if isinstance(key, str) else "#" for key in path)
        if kind in seen or not path:
            continue
        seen.add(kind)
        for number in range(3):
            envelope = json.loads(raw)
            holder = envelope["content"]
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = CONFUSED[(len(seen) * 5 + number) % len(CONFUSED)]
            envelope["sha256"] = content_hash(envelope["content"])
            yield path, json.dumps(envelope).encode()


def test_a_bundle_with_a_value_of_another_type_is_read_as_what_it_is_or_refused():
    tried = refused = 0
    for path, raw in of_another_kind():
        tried += 1
        try:
            Bundle.load(raw)
        except RisicoscreenerError as error:
            assert str(error), path
            refused += 1
    assert tried > 150
    assert refused > 0.8 * tried


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\x00b", "con", "x" * 5000])
def test_the_path_of_a_bundle_is_a_path_and_nothing_is_made_of_it(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RisicoscreenerError):
        Bundle.load(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("depth", [100, 5_000, 200_000])
def test_a_bundle_that_is_nested_too_deeply_is_refused(depth):
    raw = b'{"format": ' + b"[" * depth + b"]" * depth + b"}"
    with pytest.raises(RisicoscreenerError):
        Bundle.load(raw)


def test_a_bundle_is_not_asked_for_more_than_it_may_have():
    with pytest.raises(RisicoscreenerError, match="more than"):
        Bundle.load(shipped_bundle_bytes() + b" " * 200_000_000)


# --- runs ----------------------------------------------------------------------------------------


def test_a_run_that_names_files_elsewhere_does_not_lead_to_them(tmp_path):
    """What describes a run may be anybody's: beginning anew must not remove what it names."""
    seeds = dict(PARSERS["run"].seeds())
    out = tmp_path / "out"
    out.mkdir()
    plain = json.loads(seeds["run.json"])
    plain["parts"] = ["../kept"]
    (out / "run.json").write_text(json.dumps(plain))
    (tmp_path / "kept.parquet").write_text("kept")
    with pytest.raises(ScaleError, match="does not describe a run"):
        RunFolder(out).manifest()
    screen_folder(COHORT, out, "leave", as_of=dt.date(2021, 6, 1), restart=True)
    assert (tmp_path / "kept.parquet").read_text() == "kept"


# --- what is never done --------------------------------------------------------------------------


NEVER = re.compile(r"\b(pickle|marshal|shelve|yaml)\.(load|loads|open)\b|allow_pickle\s*=\s*True")


def test_nothing_is_read_that_may_run_code():
    for path in sorted(Path(ROOT / "src").rglob("*.py")):
        assert not NEVER.search(path.read_text("utf-8")), path
