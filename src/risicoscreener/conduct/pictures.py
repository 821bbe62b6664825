"""Conduct by week as a picture. matplotlib is imported when it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from risicoscreener.conduct.definition import CATEGORIES, GRADES
from risicoscreener.conduct.wording import NOT_RECORDED, code_label, say_grade
from risicoscreener.texts import Lang, check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from risicoscreener.conduct.classifying import ConductFound

# Told apart without colour too: by hatching, and lighter for what is not known.
_FACES = dict(
    zip((*GRADES, NOT_RECORDED), ("#1a7f37", "#d29922", "#b42318", "#ffffff"), strict=True)
)
_HATCHES = dict(zip((*GRADES, NOT_RECORDED), ("", "//", "xx", ".."), strict=True))


def plot_weeks(found: ConductFound, language: Lang, ax: Axes | None = None) -> Axes:
    """A strip of weeks for each category, the last week at the right.

    Returns
    -------
    matplotlib.axes.Axes
        Each week has its category and grade as ``gid``, such as ``reintegration:desired``.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Patch

    lang = check_language(language)
    if ax is None:
        _, ax = plt.subplots(figsize=(9, 2), layout="constrained")
    for week in found.weeks:
        grade = week.grade or NOT_RECORDED
        ago = (found.as_of - week.ends_on).days // 7
        bars = ax.barh(
            CATEGORIES.index(week.category),
            0.92,
            left=-ago - 0.92,
            height=0.7,
            facecolor=_FACES[grade],
            hatch=_HATCHES[grade],
            edgecolor="#4b5563",
        )
        bars[0].set_gid(f"{week.category}:{grade}")
    ax.set_yticks(
        range(len(CATEGORIES)), [code_label("conduct_category", c, lang) for c in CATEGORIES]
    )
    ax.set_xlabel({"nl": "weken geleden", "en": "weeks ago"}[lang])
    ax.legend(
        handles=[
            Patch(facecolor=_FACES[g], hatch=_HATCHES[g], edgecolor="#4b5563", label=label)
            for g in _FACES
            for label in [say_grade(g, lang)]
        ],
        ncols=len(_FACES),
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        frameon=False,
    )
    return ax
