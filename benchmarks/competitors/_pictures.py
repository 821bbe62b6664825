"""The results as pictures: ratios by task, time against size, ratios over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from competitors._interface import Task
from competitors._measuring import Row
from competitors._page import seconds
from history import Entry
from risicoscreener.writing import put_in_place

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#882255", "#666666")
"""Of Okabe and Ito, without the yellow, which is faint on white; markers and lines differ too."""
MARKERS = "osD^vP*X"
FONT = {"font.size": 10, "svg.fonttype": "path", "svg.hashsalt": "risicoscreener"}


def draw_ratios(rows: Sequence[Row], tasks: Iterable[Task], path: Path) -> None:
    """Each competitor of each task at the largest size that it was timed at."""
    import matplotlib.pyplot as plt

    shown = [(task, _at_their_largest(rows, task)) for task in tasks]
    shown = [(task, best) for task, best in shown if best]
    heights = [len(best) + 0.6 for _, best in shown]
    with plt.rc_context(FONT):
        figure, panels = plt.subplots(
            len(shown),
            1,
            figsize=(10, 0.34 * sum(heights) + 0.55 * len(shown)),
            sharex=True,
            squeeze=False,
            gridspec_kw={"height_ratios": heights},
            layout="constrained",
        )
        for panel, (task, best) in zip(panels[:, 0], shown, strict=True):
            _ratios(panel, task, best)
        panels[-1, 0].xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
        panels[-1, 0].set_xlabel("times as long as ours (bar: quartiles)")
        _save(figure, path)


def _ratios(panel: Any, task: Task, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        colour = COLOURS[0] if row.ratio >= 1 else COLOURS[1]
        panel.plot([row.low, row.high], [place, place], color=colour, linewidth=3, alpha=0.5)
        panel.plot(row.ratio, place, "o" if row.ratio >= 1 else "D", color=colour, markersize=7)
        digits = f"{row.ratio:,.0f}" if row.ratio >= 10 else f"{row.ratio:.2g}"
        panel.annotate(
            digits,
            (max(row.ratio, row.high), place),
            (8, 0),
            textcoords="offset points",
            va="center",
        )
    panel.set_xscale("log")
    panel.axvline(1, color="black", linewidth=1)
    panel.set_yticks(range(len(rows)), [_label(row, task) for row in rows])
    panel.set_ylim(len(rows) - 0.4, -0.6)
    panel.margins(x=0.12)
    panel.set_title(task.title, loc="left", fontsize=10, fontweight="bold")
    panel.grid(axis="x", color="#dddddd")
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)


def _label(row: Row, task: Task) -> str:
    return row.competitor if row.size == 1 else f"{row.competitor}, {row.size:,} {task.unit}"


def _at_their_largest(rows: Sequence[Row], task: Task) -> list[Row]:
    """One row for each competitor, the slowest first."""
    found: dict[str, Row] = {}
    for row in sorted((row for row in rows if row.task == task.id), key=lambda row: row.size):
        found[row.competitor] = row
    return sorted(found.values(), key=lambda row: -row.ratio)


def draw_scaling(rows: Sequence[Row], tasks: Iterable[Task], path: Path) -> None:
    """Time against size for the tasks of many, ours and each competitor."""
    import matplotlib.pyplot as plt

    shown = [task for task in tasks if len({r.size for r in rows if r.task == task.id}) > 1]
    if not shown:
        return
    columns = min(2, len(shown))
    deep = -(-len(shown) // columns)
    with plt.rc_context(FONT):
        figure, panels = plt.subplots(
            deep, columns, figsize=(5.6 * columns, 6 * deep), squeeze=False, layout="constrained"
        )
        for panel in panels.flat[len(shown) :]:
            panel.set_visible(False)
        for panel, task in zip(panels.flat, shown, strict=False):
            _scaling(panel, task, [row for row in rows if row.task == task.id])
        _save(figure, path)


def _scaling(panel: Any, task: Task, rows: Sequence[Row]) -> None:
    from matplotlib.ticker import EngFormatter

    sizes = sorted({row.size for row in rows})
    ours = [min(row.ours for row in rows if row.size == size) for size in sizes]
    panel.plot(
        sizes, ours, color="black", linewidth=3, marker="o", label="risicoscreener", zorder=3
    )
    styles = zip(cycle(COLOURS), cycle(MARKERS), strict=False)
    for name, (colour, marker) in zip(
        dict.fromkeys(r.competitor for r in rows), styles, strict=False
    ):
        line = sorted((row.size, row.theirs) for row in rows if row.competitor == name)
        panel.plot(*zip(*line, strict=True), color=colour, marker=marker, linewidth=1.4, label=name)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.xaxis.set_major_formatter(EngFormatter(sep=""))
    panel.yaxis.set_major_formatter(lambda x, _: seconds(x))
    panel.set_xlabel(task.unit)
    panel.set_title(task.title, loc="left", fontsize=10, fontweight="bold")
    panel.grid(color="#dddddd")
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(
        fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2
    )


def draw_history(entries: Sequence[Entry], path: Path) -> None:
    """Each ratio over the days on which it was measured, a panel for each task."""
    import matplotlib.pyplot as plt

    days = sorted({entry.date for entry in entries})
    tasks = list(dict.fromkeys(entry.task for entry in entries))
    if not tasks:
        return
    with plt.rc_context(FONT):
        figure, panels = plt.subplots(
            len(tasks), 1, figsize=(10, 3.2 * len(tasks)), squeeze=False, layout="constrained"
        )
        for panel, task in zip(panels[:, 0], tasks, strict=True):
            styles = zip(cycle(COLOURS), cycle(MARKERS), strict=False)
            for (name, line), (colour, marker) in zip(_lines(entries, task), styles, strict=False):
                at = [days.index(entry.date) for entry in line]
                ratios = [entry.ratio for entry in line]
                panel.plot(at, ratios, color=colour, marker=marker, label=name)
            panel.set_xticks(range(len(days)), days)
            panel.set_xlim(-0.5, len(days) - 0.5)
            panel.set_yscale("log")
            panel.yaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
            panel.axhline(1, color="black", linewidth=1)
            panel.set_ylabel("times as long as ours")
            panel.set_title(task, loc="left", fontsize=10, fontweight="bold")
            panel.grid(color="#dddddd")
            panel.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        _save(figure, path)


def _lines(entries: Sequence[Entry], task: str) -> Iterator[tuple[str, list[Entry]]]:
    """Each competitor of a task at its largest size."""
    for name in dict.fromkeys(e.competitor for e in entries if e.task == task):
        of_it = [e for e in entries if (e.task, e.competitor) == (task, name)]
        largest = max(entry.size for entry in of_it)
        line = [entry for entry in of_it if entry.size == largest]
        yield f"{name}, {largest:,}", sorted(line, key=lambda entry: entry.date)


def _save(figure: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

    path.parent.mkdir(parents=True, exist_ok=True)
    with put_in_place(path) as unfinished:
        figure.savefig(unfinished, format="svg", metadata={"Date": None})
    plt.close(figure)
