"""The results as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from competitors._interface import Competitor, Task
from competitors._measuring import Row
from competitors._results import Results

HEAD = """\
# Benchmarks

```text
python benchmarks/compare.py --write
```

makes this page: each other way in which a user could carry out a task, in turn with ours, on the
same data, in one run. **A figure is how many times as long the other way takes**, as the median of
the ratios of such pairs, with the quartiles: above 1 ours is faster, below 1 the other is. What
each does and does not do, and how it was written to be fast, stands under each table; answers are
checked to be equal before anything is timed, and where they cannot be (a model of its own) that is
said. Nothing here is a test; of the times themselves, other work on the machine makes more or less.
"""


ONE = {"people": "person", "cases": "case"}


def seconds(took: float) -> str:
    """A time with its unit, in three digits."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if took * factor >= 1:
            return f"{_digits(took * factor)} {unit}"
    return f"{_digits(took * 1e6)} µs"


def times(ratio: float) -> str:
    """A ratio in two or three digits."""
    if ratio >= 100:
        return f"{ratio:,.0f}"
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2g}"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def page(found: Results, tasks: Iterable[Task], competitors: list[Competitor]) -> str:
    """The page, as text."""
    parts = [HEAD, *_where(found), _pictures(found)]
    for task in tasks:
        rows = [row for row in found.rows if row.task == task.id]
        if rows:
            parts += _section(task, rows, [c for c in competitors if c.task == task.id])
    return "\n".join(parts)


def _where(found: Results) -> Iterator[str]:
    versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    days = sorted(set(found.measured.values()))
    yield (
        f"Measured on {' and '.join(days)}: {found.machine}; Python {found.python}; risicoscreener "
        f"{found.library}, last changed {found.committed}; {versions}. Load of the machine by "
        f"other work when it began: {found.busy:g}.\n"
    )


def _pictures(found: Results) -> str:
    where = "pictures/benchmarks-"
    lines = [f"![How many times as long each other way takes, by task]({where}ratios.svg)\n"]
    if any(row.size > 1 for row in found.rows):
        lines.append(f"![Time against size, ours and the others]({where}scaling.svg)\n")
    lines.append(
        f"[Ratios over time]({where}history.svg) (`python benchmarks/history.py`). `python "
        "benchmarks/compare.py --check` ends with 1 if a ratio fell by more than a third since the "
        "last run.\n"
    )
    return "\n".join(lines)


def _section(task: Task, rows: list[Row], competitors: list[Competitor]) -> Iterator[str]:
    sizes = sorted({row.size for row in rows})
    yield f"## {task.title}\n"
    yield f"{task.compared}\n"
    yield f"| times as long as ours | {' | '.join(_size(size, task) for size in sizes)} |"
    yield f"|---|{'---:|' * len(sizes)}"
    for competitor in competitors:
        cells = [_cell(rows, competitor.name, size) for size in sizes]
        if any(cells):
            mark = " *" if competitor.kind_only else ""
            yield f"| {competitor.name}{mark} | {' | '.join(cells)} |"
    yield f"| ours takes | {' | '.join(_ours(rows, size) for size in sizes)} |\n"
    yield f"- ours: {task.ours.does} ({task.ours.tuned})."
    measured = {row.competitor for row in rows}
    for competitor in competitors:
        if competitor.name in measured:
            kind = f" *: {competitor.kind_only}." if competitor.kind_only else ""
            yield f"- {competitor.name}: {competitor.does} ({competitor.tuned}).{kind}"
    yield ""


def _size(size: int, task: Task) -> str:
    return f"one {ONE.get(task.unit, task.unit)}" if size == 1 else f"{size:,} {task.unit}"


def _cell(rows: list[Row], competitor: str, size: int) -> str:
    for row in rows:
        if row.competitor == competitor and row.size == size:
            return f"**{times(row.ratio)}** ({times(row.low)} to {times(row.high)})"
    return ""


def _ours(rows: list[Row], size: int) -> str:
    """The shortest of the medians: each competitor had one of its own."""
    return seconds(min(row.ours for row in rows if row.size == size))
