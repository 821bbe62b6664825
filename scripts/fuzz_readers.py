"""Which functions of the package read files or decode what comes from outside, by its sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

OPENING = {
    *("read_text", "read_bytes", "open", "read_csv", "read_parquet", "ParquetFile", "read_table"),
    *("ZipFile", "load_workbook", "open_stream", "dataset"),
}
DECODING = {"parse_toml", "decode_toml", "read_json", "fromstring"}
DECODING |= {"load_pem_private_key", "load_pem_public_key"}
OWN = ("msgspec.json.encode", "self.to_json")
"""What was encoded just before comes from nowhere else."""


def readers(package: Path) -> dict[str, set[str]]:
    """For each function that reads something, as ``part/module.py:Class.function``, what it calls.

    What reads data that ship with the package (by `importlib.resources.files`) is left out.
    """
    found = {}
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).as_posix()
        for name, function in _functions(ast.parse(path.read_text("utf-8")), ""):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            read = {_name(call) for call in calls if _reads(call)}
            if read and "files" not in {_name(call) for call in calls}:
                found[f"{module}:{name}"] = read
    return found


def _functions(node: ast.AST, within: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield within + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{within}{child.name}.")


def _name(call: ast.Call) -> str:
    asked = call.func
    return asked.attr if isinstance(asked, ast.Attribute) else getattr(asked, "id", "")


def _reads(call: ast.Call) -> bool:
    name, asked = _name(call), call.func
    of = ast.unparse(asked.value) if isinstance(asked, ast.Attribute) else ""
    if name == "read_bytes":
        return bool(of)  # not the one of cli.common, which is looked at by itself
    if name == "open":
        return of != "os"
    if name == "loads":
        return of in ("json", "tomllib")
    if name == "decode":
        own = any(ast.unparse(one).startswith(OWN) for one in call.args)
        return of.startswith("msgspec") and not own
    return name in OPENING | DECODING
