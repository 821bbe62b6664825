"""Does what the tutorial says, in a fresh copy, and prints how many minutes it took.

    python3 scripts/strangers_path.py             what is committed, in a folder that goes after
    python3 scripts/strangers_path.py --keep DIR  the same in a folder that stays
    python3 scripts/strangers_path.py --here      this checkout with its environment as it is

Blocks of `docs/tutorial.md` are taken in their order and nothing else: lines of bash, definitions
that are saved as `own.toml`, and Python that is typed in one session. The time of reading is that
of a reader of 200 words a minute. Needs Python 3.11 and git alone.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs") / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$|^## ([^\n]*)$", re.MULTILINE | re.DOTALL)
WORDS_A_MINUTE = 200


class Step(NamedTuple):
    """A block of the tutorial, under its heading."""

    heading: str
    language: str
    code: str


def steps(text: str) -> list[Step]:
    """The blocks of a page in their order."""
    found, heading = [], ""
    for language, code, title in BLOCK.findall(text):
        if title:
            heading = title
        else:
            found.append(Step(heading, language, code))
    return found


def words(text: str) -> int:
    """Words that are read, code left out."""
    return len(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL).split())


SESSION = """
import json, sys, traceback
scope = {"__name__": "__main__"}
for line in sys.stdin:
    try:
        exec(compile(json.loads(line), "tutorial", "exec"), scope)
        said = ""
    except BaseException:
        said = traceback.format_exc()
    print("\\n" + json.dumps({"failed": said}), flush=True)
"""
"""What is typed in Python is typed in one session."""


class Stranger:
    """Somebody who does what a page says, in a folder.

    Parameters
    ----------
    folder
        A copy of the repository.
    environment
        Variables of the terminal.
    installs
        Whether the lines that make the environment are done, or it is there.
    """

    def __init__(self, folder: Path, environment: dict[str, str], installs: bool) -> None:
        self.folder, self.environment, self.installs = folder, environment, installs
        self.python: subprocess.Popen[str] | None = None

    def walk(self) -> dict[str, float]:
        """Do every step; seconds by heading."""
        took: dict[str, float] = {}
        for step in steps((self.folder / PAGE).read_text("utf-8")):
            start = time.perf_counter()
            getattr(self, f"_do_{step.language}")(step)
            took[step.heading] = took.get(step.heading, 0.0) + time.perf_counter() - start
        if self.python is not None and self.python.stdin is not None:
            self.python.stdin.close()
            self.python.wait()
        return took

    def _do_toml(self, step: Step) -> None:
        (self.folder / "own.toml").write_text(step.code, "utf-8")

    def _do_bash(self, step: Step) -> None:
        lines = step.code.splitlines()
        if not self.installs:
            lines = [line for line in lines if line.startswith("risicoscreener ")]
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            _give_up(step, done.stdout + done.stderr)

    def _do_python(self, step: Step) -> None:
        if self.python is None:
            self.python = subprocess.Popen(
                ["python", "-c", SESSION],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.python.stdin is not None
        assert self.python.stdout is not None
        self.python.stdin.write(json.dumps(step.code) + "\n")
        self.python.stdin.flush()
        for line in self.python.stdout:
            if line.startswith('{"failed"'):
                if said := json.loads(line)["failed"]:
                    _give_up(step, said)
                return
        _give_up(step, "Python ended")


def _give_up(step: Step, said: str) -> None:
    raise SystemExit(f"{PAGE}, {step.heading}: this does not work:\n{step.code}\n{said}")


def fresh_copy(folder: Path) -> float:
    """Clone what is committed; seconds."""
    start = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return time.perf_counter() - start


def environment_of(folder: Path, venv: Path) -> dict[str, str]:
    """The variables of a terminal of somebody new, in which the environment is activated."""
    kept = ("HOME", "LANG", "LC_ALL", "PIP_CACHE_DIR", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "TMPDIR")
    found = {name: value for name, value in os.environ.items() if name in kept}
    paths = [str(venv / "bin"), os.environ["PATH"]]
    return found | {"PATH": os.pathsep.join(paths), "PWD": str(folder)}


def report(took: dict[str, float], read: int, files: list[Path]) -> str:
    """The minutes, by step."""
    lines = [f"{seconds / 60:6.1f} min  {heading}" for heading, seconds in took.items()]
    total = sum(took.values()) / 60
    lines.append(f"{total:6.1f} min  in all, by the machine")
    lines.append(f"{read / WORDS_A_MINUTE:6.1f} min  to read {read} words")
    lines.append(
        f"{total + read / WORDS_A_MINUTE:6.1f} min  from nothing to " + ", ".join(map(str, files))
    )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--keep", type=Path, metavar="DIR", help="a folder that stays")
    where.add_argument("--here", action="store_true", help="this checkout and its environment")
    arguments = parser.parse_args()
    made = None if arguments.keep else Path(tempfile.mkdtemp())
    folder = arguments.keep or made / "risicoscreener"
    try:
        took = {}
        if arguments.here:
            folder.mkdir()
            for name in ("docs", "examples", "data"):
                (folder / name).symlink_to(ROOT / name)
            venv = Path(sys.prefix)
        else:
            took["git clone"] = fresh_copy(folder)
            venv = folder / ".venv"
        stranger = Stranger(folder, environment_of(folder, venv), installs=not arguments.here)
        took |= stranger.walk()
        made_by_hand = [Path(name) for name in ("own.toml", "report.html")]
        missing = [name for name in made_by_hand if not (folder / name).is_file()]
        if missing:
            raise SystemExit(f"{PAGE} does not lead to {', '.join(map(str, missing))}")
        print(report(took, words((folder / PAGE).read_text("utf-8")), made_by_hand))
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
