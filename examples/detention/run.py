"""One synthetic detention from the first day to the release, fact by fact.

    python examples/detention/run.py                    outcomes over time, what moved, alerts
    python examples/detention/run.py --lang en
    python examples/detention/run.py --picture out.png  and a picture of it
    python examples/detention/run.py --write            renew the stored outcomes, expected.json

The person does not exist. The facts stand in ``events.jsonl``, in the order in which they were
recorded: an arrest in January 2020, a sentence in March 2020, and a release in April 2023, so that
the law of 1 July 2021 comes in between.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from risicoscreener.screening.picture import Followed, follow, read_events
from risicoscreener.writing import put_in_place

HERE = Path(__file__).parent
UNTIL = "2023-04-27"
"""A week after the release."""


def followed() -> Followed:
    """The whole detention."""
    found = read_events((HERE / "events.jsonl").read_bytes(), "events.jsonl")
    return follow(found.person, found.events, until=UNTIL)


def in_brief(found: Followed) -> dict[str, Any]:
    """What is stored: the outcomes of each kind over time, what moved, and the alerts."""
    outcomes = {
        kind: [[str(s.first), str(s.last), s.outcome] for s in found.outcomes(kind)]
        for kind in found.picture.kinds
    }
    moved = [
        [str(m.day), m.decision, m.what, m.name, _rounded(m.before), _rounded(m.after), m.cause]
        for m in found.moved
    ]
    alerts = [[str(a.day), a.severity, a.code, a.decision, str(a.due)] for a in found.alerts]
    return {"outcomes": outcomes, "moved": moved, "alerts": alerts}


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def as_lines(stored: dict[str, Any]) -> str:
    """JSON with a line for each thing that moved, so that a change is seen as such."""
    parts = []
    for name, content in stored.items():
        pairs = content.items() if isinstance(content, dict) else None
        lines = (
            [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in pairs]
            if pairs is not None
            else [f"  {json.dumps(value)}" for value in content]
        )
        begin, end = "{}" if pairs is not None else "[]"
        parts.append(f'"{name}": {begin}\n' + ",\n".join(lines) + f"\n{end}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Follow, print, and renew or draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=("nl", "en"), default="nl")
    parser.add_argument("--picture", metavar="FILE")
    parser.add_argument("--write", action="store_true", help="renew expected.json")
    arguments = parser.parse_args()
    found = followed()
    print(found.text(arguments.lang), end="")
    if arguments.write:
        with put_in_place(HERE / "expected.json") as unfinished:
            unfinished.write_text(as_lines(in_brief(found)), encoding="utf-8")
    if arguments.picture:
        from risicoscreener.report.detention import plot_detention
        from risicoscreener.screening.picture.course import course_of

        course = course_of(found.picture.dossier, last=found.last)
        plot_detention(course, language=arguments.lang).savefig(arguments.picture, dpi=110)


if __name__ == "__main__":
    main()
