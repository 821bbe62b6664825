"""Pictures as SVG that can stand in a page: no ids that clash, no dates, nothing from outside."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
KEPT = frozenset(
    [
        *("svg", "g", "defs", "use", "clipPath", "path", "rect", "circle", "ellipse"),
        *("line", "polyline", "polygon", "linearGradient", "stop", "pattern"),
    ]
)
"""Elements that a picture may hold; all else (metadata, styles, links, scripts) is left out."""
REFERENCE = re.compile(r"url\(#([^)]+)\)")
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Signs that XML does not allow; a drawing has them in comments only."""
LONG = re.compile(r"-?\d+\.\d{4,}")


def drawn(draw: Callable[[], Axes], name: str) -> str:
    """The figure of the axes that a function draws, as an SVG element with ids of its own.

    Texts become outlines, so that no font is needed, and signs such as ``$`` in the name of a
    group are drawn as they are. The same figure gives the same text every time.
    """
    from matplotlib import rc_context

    settings: dict[Any, Any] = {
        "svg.hashsalt": name,
        "svg.fonttype": "path",
        "text.parse_math": False,
        "axes.unicode_minus": True,
    }
    with rc_context(settings), warnings.catch_warnings():
        # A sign that the font lacks is drawn as a box; the table beside the picture has it.
        warnings.simplefilter("ignore")
        figure = draw().get_figure(root=True)
        assert figure is not None
        buffer = io.StringIO()
        # Tight: a label may be wider than the figure.
        figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return cleaned(buffer.getvalue(), name)


def cleaned(svg: str, name: str) -> str:
    """An SVG document as an element for a page."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(NO_XML.sub("", svg))  # noqa: S314  (drawn by matplotlib, not read from outside)
    _prune(root)
    used = {ref for element in root.iter() for ref in _references(element)}
    names = {old: f"{name}-{place}" for place, old in enumerate(sorted(used))}
    for element in root.iter():
        _rename(element, names)
    width, height = root.get("width", ""), root.get("height", "")
    root.attrib.pop("version", None)
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    root.set("style", f"width:{_pixels(width)};aspect-ratio:{_ratio(width, height)}")
    text = ET.tostring(root, encoding="unicode")
    return LONG.sub(lambda found: f"{float(found.group()):.3f}", text)


def _prune(element: ET.Element) -> None:
    for child in list(element):
        if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] not in KEPT:
            element.remove(child)
        else:
            child.tail = None
            _prune(child)
    element.text = None


def _references(element: ET.Element) -> list[str]:
    found = [ref for value in element.attrib.values() for ref in REFERENCE.findall(value)]
    for key, value in element.attrib.items():
        if key.endswith("href") and value.startswith("#"):
            found.append(value[1:])
    return found


def _rename(element: ET.Element, names: dict[str, str]) -> None:
    for key, value in list(element.attrib.items()):
        if key == "id":
            if value in names:
                element.set(key, names[value])
            else:
                del element.attrib[key]
        elif key.endswith("href"):
            if value[1:] in names:
                element.set(key, f"#{names[value[1:]]}")
            else:
                del element.attrib[key]
        else:
            element.set(key, REFERENCE.sub(lambda m: f"url(#{names[m.group(1)]})", value))


def _points(length: str) -> float:
    return float(length.removesuffix("pt") or 0)


def _pixels(length: str) -> str:
    return f"{round(_points(length) * 4 / 3)}px"


def _ratio(width: str, height: str) -> str:
    return f"{_points(width):.0f}/{max(_points(height), 1):.0f}"
