"""How often analyses of pilots with few sites are wrong, on pilots that never were.

    python scripts/pilot_operating.py [--runs 1000] [--seed 1] [--page docs/pilots.md]
                                       [--only wedge parallel ...]

A binary outcome of which the level falls by eight points during the pilot, sites of different
sizes, a correlation of 0.05 within sites of which 0.8 remains between periods. ``--runs`` pilots
are drawn for each design, without an effect and with one of ten points less. With ``--page`` the
tables of that page, between comments ``<!-- operating:NAME -->``, are replaced.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from risicoscreener.evaluation.pilots import (
    AnalysisPlan,
    Assumed,
    Operating,
    PilotDesign,
    World,
    operating,
    parallel,
    power,
    staggered,
    stepped_wedge,
)

ASSUMED = Assumed("binary", level=0.40, per_cell=30, icc=0.05, cac=0.8, size_cv=0.4)
EFFECT, TREND = -0.10, -0.08
SOUND = ("randomisation", "kenward_roger", "satterthwaite", "cr2", "wild_bootstrap")
NAIVE = ("ignoring_sites", "normal_sandwich", "without_time")
NAMES = {
    "randomisation": "randomisation inference",
    "kenward_roger": "mixed model, Kenward-Roger",
    "satterthwaite": "mixed model, Satterthwaite",
    "cr2": "CR2, Bell-McCaffrey",
    "wild_bootstrap": "wild cluster bootstrap, Webb",
    "group_time": "effects by group and time",
    "two_way": "*two-way fixed effects (CR2)*",
    "ignoring_sites": "*ignoring sites*",
    "normal_sandwich": "*cluster-robust, normal quantile*",
    "without_time": "*mixed model without periods*",
}


class Row(NamedTuple):
    """One method on one design: without and with an effect."""

    method: str
    none: Operating
    some: Operating


def sites(n: int) -> list[str]:
    return [f"PI-{i + 1:02}" for i in range(n)]


def parallel_of(n: int) -> PilotDesign:
    return parallel(sites(n), sites(n)[: n // 2], periods=["1", "2", "3", "4"], start=2)


def wedge_of(n: int) -> PilotDesign:
    names = sites(n)
    return stepped_wedge([names[i : i + 2] for i in range(0, n, 2)])


def staggered_of(n: int) -> PilotDesign:
    """A third starts in the third period, a third in the fifth, the others never; eight periods."""
    names, third = sites(n), n // 3 + (n % 3 > 0)
    starts = ["3"] * third + ["5"] * third + [None] * (n - 2 * third)
    return staggered(dict(zip(names, starts, strict=True)), [str(i + 1) for i in range(8)])


def rows(
    design: PilotDesign,
    methods: tuple[str, ...],
    runs: int,
    seed: int,
    *,
    world: World | None = None,
    assumed: Assumed = ASSUMED,
    plan: AnalysisPlan | None = None,
) -> list[Row]:
    world = world or World(trend=TREND)
    found = [
        operating(design, assumed, effect, methods, world=world, runs=runs, seed=seed, plan=plan)
        for effect in (0.0, EFFECT)
    ]
    return [Row(none.method, none, some) for none, some in zip(*found, strict=True)]


def percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f}"


def table(title: str, parts: dict[str, list[Row]]) -> str:
    """Type I error, coverage and power by method, for each number of sites."""
    heads = [f"{n}: {what}" for n in parts for what in ("type I error", "coverage", "power")]
    lines = [f"| {title} | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for place, row in enumerate(next(iter(parts.values()))):
        cells = []
        for of in parts.values():
            one = of[place]
            cells += [
                percent(one.none.rejected),
                percent(one.some.covered),
                percent(one.some.rejected),
            ]
        lines.append(f"| {NAMES[row.method]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def growing(runs: int, seed: int) -> str:
    """Sites that started by choice, with effects that grow: bias of plain two-way fixed effects."""
    lines = [
        "| effects that grow with time since the start | mean of the estimates | coverage |",
        "|---|---|---|",
    ]
    world = World(trend=TREND, grows=True)
    for n in (8, 14):
        design = staggered_of(n)
        by_group = rows(design, ("group_time",), runs, seed, world=world)[0].some
        plan = AnalysisPlan(site_effects=True)
        plain = rows(design, ("cr2",), runs, seed, world=world, plan=plan)[0].some
        truth = mean_truth(design)
        for name, one in (("group_time", by_group), ("two_way", plain)):
            mean = 100 * (one.bias + truth)
            lines.append(
                f"| {n} sites: {NAMES[name]} | {mean:.1f} (true {100 * truth:.1f}) "
                f"| {percent(one.covered)} |"
            )
    return "\n".join(lines)


def mean_truth(design: PilotDesign) -> float:
    from risicoscreener.evaluation.pilots.simulating import true_effect

    at = true_effect(design, EFFECT, World(grows=True))
    return float(at[design.exposure > 0].mean())


def detectable() -> str:
    """The smallest effects that are found four times in five, by the formula."""
    lines = [
        "| design | people a cell | 8 sites | 14 sites | 26 sites |",
        "|---|---|---|---|---|",
    ]
    makers = {
        "stepped wedge, two sites a step": wedge_of,
        "parallel, two periods before and two after": parallel_of,
    }
    for name, make in makers.items():
        for people in (30, 120, 1_000_000):
            assumed = Assumed("binary", 0.40, people, icc=0.03, cac=0.8)
            found = [power(make(n), assumed, -0.05).detectable for n in (8, 14, 26)]
            shown = f"{people}" if people < 1000 else "without end"
            lines.append(
                f"| {name} | {shown} | " + " | ".join(f"{100 * one:.1f}" for one in found) + " |"
            )
    return "\n".join(lines)


def wedge_table(runs: int, seed: int) -> str:
    parts = {k: rows(wedge_of(n), (*SOUND, *NAIVE), runs, seed) for k, n in BOTH.items()}
    return table("stepped wedge", parts)


def parallel_table(runs: int, seed: int) -> str:
    parts = {k: rows(parallel_of(n), (*SOUND, *NAIVE), runs, seed) for k, n in BOTH.items()}
    return table("parallel, two periods before and two after", parts)


def decay_table(runs: int, seed: int) -> str:
    assumed = Assumed("binary", 0.40, 30, icc=0.05, cac=0.8, size_cv=0.4, decay=True)
    parts = {k: rows(wedge_of(n), SOUND, runs, seed, assumed=assumed) for k, n in BOTH.items()}
    return table("stepped wedge, correlation that fades with time", parts)


def staggered_table(runs: int, seed: int) -> str:
    parts = {k: rows(staggered_of(n), ("group_time",), runs, seed) for k, n in BOTH.items()}
    return table("started by choice, the same effect throughout", parts)


def note(runs: int) -> str:
    error = 100 * math.sqrt(0.05 * 0.95 / runs)
    return (
        f"{runs:,} pilots for each figure: the Monte Carlo standard error of 5% or 95% is "
        f"{error:.2f} points, of a power of 50% {50 / math.sqrt(runs):.1f}. In italics: wrong "
        "analyses, for comparison."
    )


BOTH = {"8 sites": 8, "14 sites": 14}
TABLES: dict[str, Callable[[int, int], str]] = {
    "wedge": wedge_table,
    "parallel": parallel_table,
    "decay": decay_table,
    "staggered": staggered_table,
    "growing": growing,
    "detectable": lambda _runs, _seed: detectable(),
    "note": lambda runs, _seed: note(runs),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--only", choices=TABLES, nargs="+", default=list(TABLES))
    arguments = parser.parse_args()
    found = {name: TABLES[name](arguments.runs, arguments.seed) for name in arguments.only}
    for text in found.values():
        print(text, end="\n\n")
    if arguments.page:
        page = arguments.page.read_text("utf-8")
        for name, text in found.items():
            mark = f"<!-- operating:{name} -->"
            pattern = re.compile(f"{re.escape(mark)}.*?<!-- end -->", re.DOTALL)
            assert pattern.search(page), f"{arguments.page} lacks {mark}"
            page = pattern.sub(lambda _, m=mark, t=text: f"{m}\n{t}\n<!-- end -->", page)
        arguments.page.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
