"""The selection model in three worlds of which the truth is known.

    python scripts/selection_worlds.py --jobs 2 --write

People are synthetic, read from their dossiers as of their day; the help (supervision) and what it
does to them are drawn anew in each replicate:

- ``grows``: the effect grows with the true risk;
- ``middle``: only people in the middle gain;
- ``none``: nobody gains or loses.

Who receives the help depends on the risk that dossiers show, so that a plain comparison is wrong.
For each world: what a lottery, an order by risk, an order by expected effect, the advice of the
model and an oracle gain on 20,000 other people; how often a difference in effect is claimed; and
how often intervals hold the truth.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy import special

from risicoscreener.evaluation.intervals import wilson
from risicoscreener.evaluation.uplift import (
    first_share,
    policy_difference,
    policy_value,
    sequential_test,
)
from risicoscreener.reentry.selection import History, Pictures, learn, people_for
from risicoscreener.synthetic import simulate
from risicoscreener.writing import put_in_place

PAGE = Path(__file__).parent.parent / "docs" / "probation-selection.md"
BEGIN, END = "<!-- begin: scripts/selection_worlds.py -->", "<!-- end -->"
OTHERS = 20_000
CAPACITY = 0.3
BOOTSTRAPS = 50
PIECE = 10
"""Replicates that one process does at a time."""
WORLDS = ("grows", "middle", "none")
POLICIES = ("lottery", "risk", "effect", "advice", "oracle")


@dataclass(frozen=True)
class World:
    """People with their probability of a new case without help, and the effect of help."""

    people: Pictures
    without: np.ndarray
    effect: np.ndarray
    chance: np.ndarray

    @classmethod
    def of(cls, name: str, people: Pictures, without: np.ndarray) -> World:
        """The people of a world by its name."""
        effect = {
            "grows": 0.25 * without**2,
            "middle": 0.25 * np.exp(-(((without - 0.55) / 0.12) ** 2)),
            "none": np.zeros(len(without)),
        }[name]
        seen = special.logit(people.risk)
        chance = np.clip(special.expit(-0.4 + 0.6 * (seen - seen.mean())), 0.1, 0.9)
        return cls(people, without, effect, chance)

    def history(self, rows: np.ndarray, rng: np.random.Generator) -> History:
        """Whom help is given to, by chance and by risk, and what becomes of them."""
        received = (rng.random(len(rows)) < self.chance[rows]).astype(float)
        risk = self.without[rows] - received * self.effect[rows]
        reoffended = (rng.random(len(rows)) < risk).astype(float)
        return History.of(self.people.where(rows), received, reoffended)

    def gain(self, rows: np.ndarray, treat: np.ndarray) -> float:
        """What an allocation gains, per 100 people."""
        return float(100 * np.mean(treat * self.effect[rows]))


def one(world: World, n: int, seed: int) -> dict[str, float]:
    """One history, learnt from, and what its orders are worth for other people."""
    rng = np.random.default_rng([seed, 77])
    total = len(world.effect)
    others = np.arange(total - OTHERS, total)
    rows = rng.choice(total - OTHERS, n, replace=False)
    model = learn(world.history(rows, rng), seed=seed, capacity=CAPACITY, replicates=BOOTSTRAPS)
    found: dict[str, float] = {
        "differs": model.differs,
        **{by: sequential_test(f.compared, f.ahead, f.fold, by=by).differs
           for f in [model.findings] for by in ("slope", "autoc", "qini")},
        **{f"advice_{name}": model.advice == name
           for name in ("effect", "risk", "need_and_risk", "need_and_lot", "lot_in_trial",
                        "look_first")},
    }  # fmt: skip
    people = world.people.where(others)
    orders = {
        "lottery": np.full(OTHERS, CAPACITY),
        "risk": first_share(people.risk, CAPACITY),
        "effect": first_share(model.expected(people)["effect"], CAPACITY),
        "oracle": first_share(world.effect[others], CAPACITY),
    }
    # the other advices are lotteries
    named = {"effect": "effect", "risk": "risk", "need_and_risk": "risk"}
    orders["advice"] = orders[named.get(model.advice, "lottery")]
    found |= {name: world.gain(others, treat) for name, treat in orders.items()}
    return found | covered(world, model, rows)


def some(name: str, world: World, n: int, seeds: list[int]) -> list[dict[str, object]]:
    """Several replicates of a world."""
    true = 100 * world.effect.mean()
    return [{"world": name, "seed": seed, "true": true, **one(world, n, seed)} for seed in seeds]


def covered(world: World, model: object, rows: np.ndarray) -> dict[str, float]:
    """Whether intervals hold the truth: of everybody, of a fixed rule, and of the order ahead."""
    f = model.findings
    kept = rows[f.kept]
    cut = np.quantile(world.people.risk, 1 - CAPACITY)
    fixed = (world.people.risk >= cut).astype(float)
    by_risk = policy_value(f.compared, fixed[kept])["policy_gain"]
    judged = np.isfinite(f.ahead)
    first = first_share(f.place[judged], CAPACITY)
    part = f.compared.where(judged)
    ahead = policy_difference(part, first, np.full(judged.sum(), CAPACITY))
    truth = float(np.mean((first - CAPACITY) * world.effect[kept[judged]]))
    average = f.effects["average_effect"]
    return {
        "cover_average": average.low <= world.effect.mean() <= average.high,
        "cover_risk": by_risk.low <= (fixed * world.effect).mean() <= by_risk.high,
        "cover_ahead": ahead.low <= truth <= ahead.high,
        "as_seen": 100 * f.effects["difference_as_seen"].value,
        "average": 100 * average.value,
    }


def share(values: pd.Series) -> str:
    low, high = wilson(float(values.mean()), len(values))
    return f"{100 * values.mean():.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def spread(values: pd.Series) -> str:
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{values.mean():.2f} ({low:.2f} to {high:.2f})"


def tables(found: pd.DataFrame) -> str:
    """Two tables: what orders gain, and what is claimed and covered."""
    lines = ["| world | true average | " + " | ".join(POLICIES) + " |", "|---" * 7 + "|"]
    for world, rows in found.groupby("world", sort=False):
        gains = " | ".join(spread(rows[name]) for name in POLICIES)
        lines.append(f"| {world} | {rows['true'].iloc[0]:.2f} | {gains} |")
    lines += ["", "| world | difference claimed | advice: effect or risk | as seen | average | "
              "its interval covers | of a fixed rule | of the order ahead |",
              "|---" * 8 + "|"]  # fmt: skip
    for world, rows in found.groupby("world", sort=False):
        told = rows["advice_effect"] | rows["advice_risk"]
        cells = [share(rows["differs"]), share(told), spread(rows["as_seen"]),
                 spread(rows["average"])]  # fmt: skip
        cells += [share(rows[f"cover_{name}"]) for name in ("average", "risk", "ahead")]
        lines.append(f"| {world} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=5000, help="people in a history")
    parser.add_argument("--replicates", type=int, default=80)
    parser.add_argument("--null", type=int, default=200, help="replicates without an effect")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pool", type=int, default=40_000, help="people that are drawn once")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--out", help="each replicate, as CSV")
    parser.add_argument("--write", action="store_true", help="put the tables in the page")
    parser.add_argument("--read", metavar="CSV", help="replicates of an earlier run, by --out")
    asked = parser.parse_args()
    found = pd.read_csv(asked.read) if asked.read else run(asked)
    if asked.out:
        found.to_csv(asked.out, index=False)
    print(said := tables(found))
    if asked.write:
        put_in_page(asked, said)


def run(asked: argparse.Namespace) -> pd.DataFrame:
    cohort = simulate(asked.pool, seed=asked.seed, population="sentenced")
    people = people_for(cohort.tables, cohort.index(), "supervision")
    without = cohort.truth.interventions["probability_any_2y_if_supervision_0"].to_numpy()
    worlds = {name: World.of(name, people, without) for name in WORLDS}
    work = []
    for name in reversed(WORLDS):
        count = asked.null if name == "none" else asked.replicates
        seeds = [asked.seed * 10_000 + r for r in range(count)]
        work += [(name, seeds[i : i + PIECE]) for i in range(0, count, PIECE)]
    found = Parallel(n_jobs=asked.jobs)(
        delayed(some)(name, worlds[name], asked.n, piece) for name, piece in work
    )
    rows = [row for part in found for row in part]
    order = {name: place for place, name in enumerate(WORLDS)}
    return pd.DataFrame(sorted(rows, key=lambda row: order[str(row["world"])]))


def put_in_page(asked: argparse.Namespace, said: str) -> None:
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    counts = f"-n {asked.n} --replicates {asked.replicates} --null {asked.null}"
    command = f"python scripts/selection_worlds.py {counts} --seed {asked.seed}"
    made = f"```\n{command}\n```\n\n{said}\n"
    text = f"{before}{BEGIN}\n{made}{END}{rest.split(END)[1]}"
    with put_in_place(PAGE) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
