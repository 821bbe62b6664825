"""Holds every policy, written as DMN 1.5, against the official schema and two independent engines.

    python scripts/check_dmn.py [--xsd DMN15.xsd] [--node NODE_MODULES] [--pydmnrules PYTHON]

``--xsd`` names the schema of the OMG with DMNDI15.xsd, DI.xsd and DC.xsd beside it (they are in
dmn-tck/tck under TestCases); ``--node`` a folder with dmn-moddle and feelin from npm; and
``--pydmnrules`` a Python that has pyDMNrules. Each golden case is decided by each engine. Ends with
1 if something differs.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mutate_policies import GOLDEN, shipped
from risicoscreener.decision import CompiledPolicy
from risicoscreener.decision.dmn import to_dmn
from risicoscreener.decision.golden import GoldenFile, read_golden

HERE = Path(__file__).resolve().parent
PY_DMN_RULES = """
import json, re, sys
import pyDMNrules
text = open(sys.argv[1]).read()
text = text[text.index("?>") + 2:]
# Version 1.4.5 stops at annotations; they decide nothing.
text = re.sub(r"<annotation [^>]*/>|<annotationEntry>.*?</annotationEntry>", "", text, flags=re.S)
model = pyDMNrules.DMN()
said = model.useXML(text)
assert not said, said
wrong = []
for case in json.load(open(sys.argv[2])):
    _, found = model.decide(case["inputs"])
    last = found[-1] if isinstance(found, list) else found
    result = last["Result"]
    named = (k for k, v in result.items() if k.startswith("condition_") and v)
    attached = [k[len("condition_"):] for k in named]
    same = sorted(attached) == sorted(case["conditions"])
    if result["outcome"] != case["outcome"] or not same:
        wrong.append(case["name"])
print(json.dumps({"wrong": wrong}))
"""


def cases_of(compiled: CompiledPolicy, golden: GoldenFile) -> list[dict[str, Any]]:
    """Golden cases as the inputs of the DMN file, unknown as null, with what is decided."""
    found = []
    for case in golden.cases:
        inputs, scores = golden.arguments(compiled, case)
        known: dict[str, Any] = dict(zip(compiled.inputs, inputs, strict=True))
        for model, score in zip(compiled.models, scores, strict=True):
            known |= {f"{model}_{part}": value for part, value in score._asdict().items()}
        decided = compiled.decide_one(inputs, scores)
        found.append(
            {
                "name": case.name,
                "inputs": {k: None if _unknown(v) else v for k, v in known.items()},
                "outcome": decided.outcome,
                "conditions": [compiled.policy.conditions[c].id for c in decided.conditions],
            }
        )
    return found


def _unknown(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def run(*words: str | Path) -> dict[str, Any]:
    """What an engine prints, as JSON."""
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"wrong": [done.stderr.strip().splitlines()[-1]]}
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def fits(schema: Path, xml: str) -> list[str]:
    """What does not fit the schema."""
    import lxml.etree

    checked = lxml.etree.XMLSchema(lxml.etree.parse(schema))
    checked.validate(lxml.etree.fromstring(xml.encode()))
    return [str(error) for error in checked.error_log]


def main(arguments: argparse.Namespace) -> int:
    golden = read_golden(GOLDEN)
    failed = False
    for compiled in shipped():
        xml = to_dmn(compiled)
        cases = cases_of(compiled, golden[compiled.id]) if compiled.id in golden else []
        found: dict[str, list[str]] = {}
        with tempfile.TemporaryDirectory() as folder:
            file, listed = Path(folder) / "policy.dmn", Path(folder) / "cases.json"
            file.write_text(xml, "utf-8")
            listed.write_text(json.dumps(cases), "utf-8")
            if arguments.xsd:
                found["schema"] = fits(arguments.xsd, xml)
            if arguments.node:
                engine = HERE / "dmn_engine.mjs"
                found["feelin"] = run("node", engine, arguments.node, file, listed)["wrong"]
            if arguments.pydmnrules:
                python = arguments.pydmnrules
                found["pyDMNrules"] = run(python, "-c", PY_DMN_RULES, file, listed)["wrong"]
        said = ", ".join(f"{name} {len(wrong)}" for name, wrong in found.items())
        print(
            f"{compiled.id:<36}{len(xml):>9,} bytes{len(cases):>5} cases; wrong: {said}", flush=True
        )
        for name, wrong in found.items():
            failed |= bool(wrong)
            for one in wrong[:5]:
                print(f"  {name}: {one}")
    return int(failed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--xsd", type=Path)
    parser.add_argument("--node", type=Path)
    parser.add_argument("--pydmnrules")
    sys.exit(main(parser.parse_args()))
