"""What commands share: exit codes, what they read, and how they say it."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from risicoscreener.errors import DossierError
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.screening import Screener

EXIT_FAILED, EXIT_USAGE, EXIT_DATA, EXIT_BUNDLE, EXIT_DEFINITION = 1, 2, 3, 4, 5
EXIT_ALARM = 20
EXIT_STOPPED, EXIT_PIPE = 130, 141


def screener_of(arguments: argparse.Namespace) -> Screener:
    """The screener with the bundle and policies that were asked for."""
    from risicoscreener.screening import Screener

    return Screener.load(bundle=arguments.bundle, policies=arguments.policies)


def policies_of(arguments: argparse.Namespace) -> Any:
    """The policies that were asked for."""
    from risicoscreener.decision import PolicyBook

    if arguments.policies:
        return PolicyBook.from_directory(arguments.policies)
    return PolicyBook.shipped()


def bundle_of(arguments: argparse.Namespace, trusted_keys: Any = None) -> Any:
    """The bundle that was asked for; with keys, one of them must have signed it."""
    from risicoscreener.models import Bundle
    from risicoscreener.models.shipped import shipped_bundle_bytes

    source = shipped_bundle_bytes() if arguments.bundle is None else arguments.bundle
    return Bundle.load(source, trusted_keys=trusted_keys)


def read_bytes(path: str) -> bytes:
    """What is in a file or on standard input, if that is a dossier's size."""
    from risicoscreener.dossier.reading import MAX_BYTES

    if path == "-":
        if sys.stdin is None:
            raise DossierError("standard input is closed; expected one dossier as JSON")
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    if Path(path).is_dir():
        raise DossierError(f"{path} is a folder; expected a file with one dossier as JSON")
    with Path(path).open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DossierError(f"{path} has more than {MAX_BYTES:,} bytes; expected at most that many")
    return data


def read_one_dossier(path: str) -> Dossier:
    """The dossier in a file or on standard input."""
    from risicoscreener.dossier import read_dossier

    return read_dossier(read_bytes(path), recorded_by=dt.date.today())


def day_of(dossier: Dossier, as_of: dt.date | None) -> dt.date:
    """The day asked for, or that of the dossier."""
    from risicoscreener.screening import day_of_picture

    return day_of_picture(dossier, as_of)


def read_frame(path: str) -> Any:
    """A table with a row for each person: a file, or a folder of Parquet files with its parts."""
    import pandas as pd
    import pyarrow as pa

    is_parquet = Path(path).suffix == ".parquet"
    if Path(path).is_dir() and not is_parquet:
        raise DossierError(f"{path} is a folder; expected a table with person_id and as_of")
    try:
        if is_parquet:
            from risicoscreener.dossier.files import files_of

            frames = [pd.read_parquet(file) for file in files_of(Path(path))]
            frame = pd.concat(frames) if len(frames) > 1 else frames[0]
            # The truth of a cohort has its people in the index, as pandas keeps it in the file.
            return frame.reset_index(drop="person_id" not in frame.index.names)
        # Nothing is guessed: someone's id may be NA, and a column that is there twice stays so.
        rows = pd.read_csv(path, header=None, dtype=str, keep_default_na=False, na_values=[""])
    except (ValueError, NotImplementedError, pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the file cannot be opened, whatever is in it
        raise DossierError(f"{path} cannot be read as a table: {str(error).strip()}") from None
    return rows.iloc[1:].set_axis(rows.iloc[0], axis="columns").reset_index(drop=True)


def to_plain(record: Any) -> Any:
    """Dictionaries, lists, numbers and text."""
    import msgspec

    return msgspec.to_builtins(record)


def say_json(value: Any) -> None:
    """JSON on standard output; in an encoding that lacks letters they are written as escapes."""
    print(json.dumps(value, ensure_ascii=not speaks_utf8(sys.stdout), indent=2))


def speaks_utf8(stream: TextIO | None) -> bool:
    """Whether every letter can be written to a stream."""
    return stream is None or (stream.encoding or "utf-8").lower().replace("-", "") == "utf8"


def as_page(fragment: str, lang: str) -> str:
    """A fragment of HTML as a page."""
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>risicoscreener</title></head><body><main>\n{fragment}</main></body></html>\n"
    )


def write_text(path: str, text: str) -> None:
    """Write a file that is whole or not there."""
    with put_in_place(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


@contextmanager
def progress(label: str, arguments: argparse.Namespace) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, if that is a terminal and no JSON was asked for."""
    if getattr(arguments, "json", False) or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, advance=done, total=total)


def so_far(advance: Callable[[int, int], None], total: int) -> Callable[[int], None]:
    """Report a number done so far to a bar that wants what was just done."""
    before = 0

    def report(done: int) -> None:
        nonlocal before
        advance(done - before, total)
        before = done

    return report
