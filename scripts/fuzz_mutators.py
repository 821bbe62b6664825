"""Damages files the way attackers and accidents do: bytes, and the parts that a file is made of.

Each function takes a generator of random numbers and bytes, and gives bytes. Those that know a
format keep the file readable, so that what reads it is tried beyond its first line; now and then
bytes are damaged as well.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

Mutator = Callable[[random.Random, bytes], bytes]

HOSTILE: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 0.5, -0.0, 1e308, -1e308, 5e-324, 2**31, 2**53 + 1, 2**63),
    *(-(2**63) - 1, 10**40, "", " ", "0", "NaN", "null", "true", "-", "=1+1", "@SUM(A1)", "\x00"),
    *("\u202e", "\ud7ff", "\U0001f600", "é", "a" * 300, "../../etc/passwd", "C:\\con", "%s%n"),
    *("<script>alert(1)</script>", "{{ 7*7 }}", "'; drop table entries; --", "2024-02-30"),
    *("2024-01-01", "0001-01-01", "9999-12-31", "2024-01-01T00:00:00Z", "1e999", "deny", "grant"),
    *([], {}, [[]], [None], {"": None}, {"a": {"a": {}}}, [1, "1", None, {}], "[0, 1", "01234567"),
]  # fmt: skip
NUMBERS = (float("inf"), float("-inf"), float("nan"))
_TOML_VALUES = (
    *("true", "0", "-1", "1.5", "nan", "inf", "-inf", '""', "[]", "{}", "[[]]", '"x"', "[1, '1']"),
    *("2024-01-01", "0001-01-01", "9999-12-31", "12:00:00", "2024-01-01T00:00:00Z", "1e400"),
    *("9223372036854775808", '"\\u0000"', "'../../x'", "{a = {a = 1}}", "'<script>'", "[1, 2, 3]"),
    *("9" * 5000, "[" * 3000 + "]" * 3000, '"' + "y" * 5000 + '"', "1e-400", "0x10", "-0.0"),
)  # fmt: skip
_TOKENS = (
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"=", b"#", b"\n", b"\x00", b"\xff", b"-1"),
    *(b"\xef\xbb\xbf", b"1e999", b"null", b"NaN", b"]]", b"[[", b"<!--", b"&lt;", b"\\", b"\\u0"),
)  # fmt: skip


def of_bytes(rng: random.Random, data: bytes) -> bytes:
    """Bytes changed, lost, doubled, moved, put in or cut off."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        if not out:
            return rng.randbytes(rng.randint(0, 40))
        at = rng.randrange(len(out))
        until = min(len(out), at + rng.choice((1, 2, 8, 64, 1024)))
        match rng.randrange(8):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at] = rng.randrange(256)
            case 2:
                del out[at:until]
            case 3:
                out[at:at] = out[at:until] * rng.choice((1, 2, 50))
            case 4:
                out[at:at] = rng.choice(_TOKENS)
            case 5:
                out[at:until] = rng.choice(_TOKENS)
            case 6:
                part = bytes(out[at:until])
                del out[at:until]
                to = rng.randrange(len(out) + 1)
                out[to:to] = part
            case _:
                del out[at:]
    return bytes(out)


# --- JSON ----------------------------------------------------------------------------------------


def of_json(rng: random.Random, data: bytes) -> bytes:
    """A value of JSON with some of its parts changed, and at times its bytes."""
    if rng.random() < 0.15:
        return of_bytes(rng, data)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return of_bytes(rng, data)
    return as_json(changed_value(rng, value), rng)


def as_json(value: Any, rng: random.Random) -> bytes:
    """A value as JSON; at times with a key twice, nested by thousands, or in a strange encoding."""
    text = json.dumps(value)
    if rng.random() < 0.03 and "{" in text:
        at = rng.choice([i for i, letter in enumerate(text) if letter == "{"])
        text = f'{text[: at + 1]}"{rng.choice(("a", "person_id", "x"))}": 1, {text[at + 1 :]}'
    if rng.random() < 0.02 and '": ' in text:
        at = rng.choice([i + 3 for i in range(len(text)) if text.startswith('": ', i)])
        text = f'{text[:at]}{_deep(rng)}, "x": {text[at:]}'
    if rng.random() < 0.02 and "{" in text:
        text = with_first(text, "x", _deep(rng))
    return text.encode(rng.choice(("utf-8",) * 30 + ("utf-16", "utf-8-sig")))


def with_first(text: str, key: str, value: str) -> str:
    """JSON whose outermost object has one more key, before all others."""
    at = text.index("{") + 1
    comma = "" if text[at:].lstrip().startswith("}") else ", "
    return f'{text[:at]}"{key}": {value}{comma}{text[at:]}'


def _deep(rng: random.Random) -> str:
    deep = rng.choice((2_000, 100_000))
    return "[" * deep + "]" * deep


def changed_value(rng: random.Random, value: Any) -> Any:
    """A value in which a few places, found by going down at random, are others."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        value = _changed_once(rng, value)
    return value


def _changed_once(rng: random.Random, value: Any) -> Any:
    place = _place(rng, value)
    if place is None:
        return _hostile(rng, value)
    holder, key = place
    match rng.randrange(9):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, holder[rng.randrange(len(holder))])
        case 2 if isinstance(holder, list):
            holder[:] = holder * rng.choice((2, 3, 40))
        case 3 if isinstance(holder, dict):
            holder[str(rng.choice(HOSTILE))[:400]] = holder.pop(key)
        case 4:
            other = _place(rng, value)
            if other is not None:
                holder[key] = json.loads(json.dumps(other[0][other[1]]))
        case 5:
            holder[key] = _nested(rng, holder[key])
        case 6 if isinstance(holder[key], str):
            holder[key] = of_bytes(rng, holder[key].encode()).decode("utf-8", "replace")
        case 7 if isinstance(holder[key], (int, float)):
            holder[key] = rng.choice((holder[key] + 1, -holder[key], holder[key] * 1e9, 0))
        case _:
            holder[key] = _hostile(rng, holder[key])
    return value


def _place(rng: random.Random, value: Any) -> tuple[Any, Any] | None:
    """An object or list within the value, and a key of it."""
    place = None
    while isinstance(value, (dict, list)) and value:
        key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
        place, value = (value, key), value[key]
        if rng.random() < 0.15:
            break
    return place


def _hostile(rng: random.Random, old: Any) -> Any:
    if rng.random() < 0.05:
        return rng.choice(NUMBERS)
    if rng.random() < 0.3:
        like = [one for one in HOSTILE if type(one) is type(old)]
        if like:
            return json.loads(json.dumps(rng.choice(like)))
    return json.loads(json.dumps(rng.choice(HOSTILE)))


def _nested(rng: random.Random, value: Any) -> Any:
    if rng.random() < 0.1:
        for _ in range(rng.choice((50, 400))):
            value = [value]
        return value
    return rng.choice(([value], {"a": value}, [value, value]))


def of_lines(rng: random.Random, data: bytes) -> bytes:
    """Lines of JSON or of a table: some changed, doubled, lost or moved."""
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(rng.randrange(len(lines) + 1), lines[at])
        case 2:
            rng.shuffle(lines)
        case _ if lines[at].lstrip().startswith(b"{"):
            lines[at] = of_json(rng, lines[at])
        case _:
            lines[at] = of_cells(rng, lines[at])
    return b"\n".join(lines)


def of_cells(rng: random.Random, line: bytes) -> bytes:
    """A line of a table with a cell changed."""
    cells = line.split(b",")
    at = rng.randrange(len(cells))
    match rng.randrange(4):
        case 0:
            del cells[at]
        case 1:
            cells.insert(at, cells[at])
        case 2:
            cells[at] = of_bytes(rng, cells[at])
        case _:
            cells[at] = str(rng.choice(HOSTILE)).encode("utf-8", "replace")
    return b",".join(cells)


# --- TOML ----------------------------------------------------------------------------------------


def of_toml(rng: random.Random, data: bytes) -> bytes:
    """A file of TOML with values, keys, lines and sections changed, and at times its bytes."""
    if rng.random() < 0.1:
        return of_bytes(rng, data)
    lines = data.decode("utf-8", "replace").split("\n")
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        lines = _toml_once(rng, lines)
    return "\n".join(lines).encode()


def _toml_once(rng: random.Random, lines: list[str]) -> list[str]:
    lines = lines or [""]
    keyed = [i for i, line in enumerate(lines) if " = " in line]
    headed = [i for i, line in enumerate(lines) if line.startswith("[")]
    at = rng.choice(keyed) if keyed else rng.randrange(len(lines))
    key, _, value = lines[at].partition(" = ")
    lines = [*lines]
    match rng.randrange(9):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[rng.choice(keyed or [at])])
        case 2 if keyed:
            lines[at] = f"{key} = {lines[rng.choice(keyed)].partition(' = ')[2]}"
        case 3:
            name = rng.choice(("x", "a.b", '""', f"{key}.a", f"{key}2"))
            lines[at] = f"{name} = {value}"
        case 4 if headed:
            begin = rng.choice(headed)
            end = next((i for i in headed if i > begin), len(lines))
            lines[begin:begin] = lines[begin:end]
        case 5 if headed:
            begin = rng.choice(headed)
            end = next((i for i in headed if i > begin), len(lines))
            del lines[begin:end]
        case 6 if value:
            lines[at] = f"{key} = {of_bytes(rng, value.encode()).decode('utf-8', 'replace')}"
        case 7 if value:
            wrapped = rng.choice(("[{}]", "[{0}, {0}]", "{{a = {}}}", "[[{}]]"))
            lines[at] = f"{key} = {wrapped.format(value)}"
        case _:
            lines[at] = f"{key} = {rng.choice(_TOML_VALUES)}"
    return lines


# --- XML and archives ----------------------------------------------------------------------------

_BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(12))
_PROLOGUES = (
    f"<!DOCTYPE x [{_BOMB}]>",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    f'<!DOCTYPE x [<!ENTITY e "{"a" * 100_000}">]>',
    '<?xml-stylesheet href="x"?>',
)


def of_xml(rng: random.Random, data: bytes) -> bytes:
    """A document with elements, texts and attributes changed, nested, or entities declared."""
    if rng.random() < 0.1:
        return of_bytes(rng, data)
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, RecursionError):
        return of_bytes(rng, data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        _xml_once(rng, root)
    try:
        text = ET.tostring(root, encoding="unicode")
    except (RecursionError, ValueError):
        return of_bytes(rng, data)
    if rng.random() < 0.05:
        text = rng.choice(_PROLOGUES) + text.replace(">a<", ">&e11;<", 1)
    if rng.random() < 0.02:
        at = text.rfind("</")
        text = f"{text[:at]}{'<a>' * 20_000}{'</a>' * 20_000}{text[at:]}"
    return text.encode("utf-8", "replace")


def _xml_once(rng: random.Random, root: ET.Element) -> None:
    parents = [e for e in root.iter() if len(e)]
    parent = rng.choice(parents or [root])
    one = rng.choice(list(root.iter()))
    match rng.randrange(8):
        case 0 if len(parent):
            parent.remove(rng.choice(list(parent)))
        case 1 if len(parent) and len(parents) < 5000:
            parent.insert(rng.randrange(len(parent) + 1), rng.choice(list(parent)))
        case 2:
            one.text = _xml_text(rng, one.text or "")
        case 3 if one.attrib:
            name = rng.choice(list(one.attrib))
            one.set(name, _xml_text(rng, one.get(name) or ""))
        case 4 if one.attrib:
            del one.attrib[rng.choice(list(one.attrib))]
        case 5:
            one.tag = rng.choice(["x", rng.choice(list(root.iter())).tag])
        case 6 if rng.random() < 0.05:
            for _ in range(rng.choice((20, 200))):
                one = ET.SubElement(one, "a")
        case _:
            one.text = (one.text or "") * rng.choice((0, 2, 30))


def _xml_text(rng: random.Random, old: str) -> str:
    if old and rng.random() < 0.4:
        new = of_bytes(rng, old.encode()).decode("utf-8", "replace")
    else:
        new = str(
            rng.choice((*HOSTILE, 'not("a", "b")', '"', '"a",', "-", '"\\', "[0..1]", "< 0.5"))
        )
    return "".join(letter for letter in new if letter in "\t\n\r" or " " <= letter < "\ud800")


def of_zip(rng: random.Random, data: bytes) -> bytes:
    """An archive of which parts are damaged, added, doubled, lost or called what they are not."""
    if rng.random() < 0.1:
        return of_bytes(rng, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(part.filename, archive.read(part)) for part in archive.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError):
        return of_bytes(rng, data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(parts))
        name, content = parts[at]
        match rng.randrange(7):
            case 0 if len(parts) > 1:
                del parts[at]
            case 1:
                parts.append((rng.choice(_NAMES), rng.choice((b"", content, bytes(20_000_000)))))
            case 2:
                parts.append((name, of_xml(rng, content)))
            case 3:
                parts[at] = (
                    rng.choice((name.upper(), "/" + name, "../" + name, name + "\x00")),
                    content,
                )
            case _:
                parts[at] = (name, of_xml(rng, content))
    return _zipped(rng, parts)


_NAMES = (
    *("../../evil", "/etc/passwd", "xl/media/a.bin", "xl/vbaProject.bin", "xl/externalLinks/e.xml"),
    *("xl/worksheets/sheet9.xml", "xl/embeddings/o.bin", "[Content_Types].xml", "a" * 300),
)  # fmt: skip


def _zipped(rng: random.Random, parts: list[tuple[str, bytes]]) -> bytes:
    import warnings

    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # names that are there twice
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    made = out.getvalue()
    if rng.random() < 0.1:  # a size that is not that of the part
        at = made.rfind(b"PK\x01\x02") + 24
        made = made[:at] + rng.randbytes(4) + made[at + 4 :]
    return made
