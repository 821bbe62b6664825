"""Many threads that share what screens, the first call included, give what one thread gives."""

from __future__ import annotations

import json
import subprocess
import sys

from cases import EXAMPLES, KINDS

TOGETHER = """
import json, sys
from threading import Barrier, Thread

examples, kinds, n = json.load(sys.stdin)
jobs = [(text, kind) for text in examples for kind in kinds]
barrier = Barrier(n)
sys.setswitchinterval(1e-4)
found = [None] * n

def work(number):
    barrier.wait()
    import risicoscreener
    turned = jobs[number % len(jobs):] + jobs[:number % len(jobs)]
    said = {job: risicoscreener.screen(*job).to_json().decode() for job in turned}
    found[number] = [said[job] for job in jobs]

threads = [Thread(target=work, args=(number,)) for number in range(n)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
json.dump(found, sys.stdout)
"""
THREADS = 12


def test_threads_that_start_together_give_what_one_gives(screener):
    texts = [path.read_text("utf-8") for path in sorted(EXAMPLES.glob("*.json"))]
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER],
        input=json.dumps([texts, KINDS, THREADS]),
        capture_output=True,
        text=True,
        check=True,
    )
    alone = [screener.screen(t, kind).to_json().decode() for t in texts for kind in KINDS]
    assert len(set(alone)) == len(alone) > 8
    for of_thread in json.loads(done.stdout):
        assert of_thread == alone
