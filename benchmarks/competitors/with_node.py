"""The official rsr-calculator under Node, from a checkout that `RSR_CALCULATOR` names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from competitors._instruments import Inputs
from competitors._interface import Competitor, Took

VARIABLE = "RSR_CALCULATOR"
RUNNER = Path(__file__).with_name("node_timing.js")


class Node:
    """A process that has its inputs and waits for the word."""

    def __init__(self, instrument: str, inputs: list[dict[str, Any]]) -> None:
        self.process = subprocess.Popen(
            ["node", str(RUNNER), os.environ[VARIABLE], instrument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TZ": "UTC"},
        )
        self._tell(json.dumps(inputs))

    def _tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line: str) -> Any:
        """The answer to a line."""
        self._tell(line)
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def __del__(self) -> None:
        self.process.kill()
        self.process.wait()


class Library(Competitor):
    name = "rsr-calculator under Node"
    does = "the two probabilities, and what they are made of"
    tuned = "one process, warm, inputs as objects with dates; its own time; one thread"

    def __init__(self, task: str) -> None:
        self.task = task

    def absent(self) -> str:
        if shutil.which("node") is None:
            return "there is no node"
        path = os.environ.get(VARIABLE)
        if not path or not (Path(path) / "lib").is_dir():
            return f"{VARIABLE} names no checkout of NOMS-DIGITAL-STUDIO/rsr-calculator"
        return ""

    def prepare(self, data: Inputs) -> Node:
        return Node(self.task, data.theirs)

    def run(self, prepared: Node) -> Any:
        prepared.ask("1")
        return prepared

    def timed(self, prepared: Node, loops: int) -> Took:
        return Took(**prepared.ask(str(loops)))

    def answers(self, prepared: Node, found: Any) -> np.ndarray:  # noqa: ARG002
        return np.array(prepared.ask("answers"), float)


COMPETITORS = (Library("ogrs3"), Library("rsr"))
