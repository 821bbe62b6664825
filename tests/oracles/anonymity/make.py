"""Ask pycanon 1.3.6 for k and l of small tables, and store what it says.

pycanon pins versions of numpy and pandas that this project does not use, so it is no dependency:
install it without its dependencies, with beartype, and run this script in that environment.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pandas as pd
from pycanon import anonymity

QUASI, SENSITIVE = ["a", "b", "c"], ["s", "t"]


def main() -> None:
    chance = random.Random(20240415)
    cases = []
    for n in (1, 2, 5, 12, 40, 200):
        for spread in (1, 2, 4):
            rows = [
                {
                    "a": f"a{chance.randrange(spread)}",
                    "b": f"b{chance.randrange(spread)}",
                    "c": chance.randrange(spread),
                    "s": f"s{chance.randrange(4)}",
                    "t": f"t{chance.randrange(2)}",
                }
                for _ in range(n)
            ]
            frame = pd.DataFrame(rows)
            cases.append(
                {
                    "rows": rows,
                    "k": int(anonymity.k_anonymity(frame, QUASI)),
                    "l": {
                        name: int(anonymity.l_diversity(frame, QUASI, [name])) for name in SENSITIVE
                    },
                }
            )
    said = {"pycanon": "1.3.6", "quasi": QUASI, "sensitive": SENSITIVE, "cases": cases}
    (Path(__file__).parent / "pycanon.json").write_text(json.dumps(said) + "\n", "utf-8")


if __name__ == "__main__":
    main()
