"""The markup that charts share: escaped elements, the frame, the grid, its labels.

Follows the page's security policy: presentation attributes only, never ``style``, a handler or a
link. The outer picture has no view box, so that text keeps its size; shapes are drawn in a nested
one that stretches.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from markupsafe import Markup, escape

from strongroom.ui.charts.scale import Scale

WIDE: Final = 4000  # the nested picture's own units across
FINE: Final = 10  # its units a pixel downwards
# XML 1.0, section 2.2.
_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, *children: str | Markup, **attributes: object) -> Markup:
    """Return an element; ``class_`` and ``stroke_width`` lose and change their underscores.

    Texts and attribute values are escaped, an attribute of ``None`` is left out. Characters that
    XML cannot hold, which a bank's text may contain, become U+FFFD.
    """
    inside = Markup("").join(
        part if isinstance(part, Markup) else _clean(part) for part in children
    )
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_clean(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    # The parts are escaped above; this puts them together.
    return Markup(f"<{name}{written}>{inside}</{name}>" if children else f"<{name}{written}/>")  # noqa: S704


def _clean(value: object) -> str:
    return _NOT_XML.sub("\ufffd", str(value))


def frame(
    id_: str, title: str, description: str, height: int, *shapes: Markup, kind: str = ""
) -> Markup:
    """Return the outer picture, named and described for those who cannot see it."""
    return element(
        "svg",
        element("title", title, id=f"{id_}-title"),
        element("desc", description, id=f"{id_}-desc"),
        *shapes,
        class_=f"chart {kind}".strip(),
        role="img",
        aria_labelledby=f"{id_}-title {id_}-desc",
        width="100%",
        height=height,
    )


def stretched(top: int, height: int, *shapes: Markup) -> Markup:
    """Return the nested picture that fills the width; its strokes keep their thickness."""
    return element(
        "svg",
        *(shapes or (Markup(""),)),
        x=0,
        y=top,
        width="100%",
        height=height,
        viewBox=f"0 0 {WIDE} {height * FINE}",
        preserveAspectRatio="none",
        overflow="visible",
    )


def path(d: str, class_: str) -> Markup:
    """Return a path whose stroke does not stretch."""
    return element("path", d=d, class_=class_, vector_effect="non-scaling-stroke")


def grid(scale: Scale, labels: Iterable[str], top: int, height: int) -> tuple[Markup, Markup]:
    """Return the lines, to lie under the shapes, and their labels, to lie over them."""
    lines, texts = [], []
    for tick, label in zip(scale.ticks, labels, strict=True):
        y = top + scale.up(tick, height)
        kind = "zero" if tick == 0 else "grid"
        lines.append(element("line", x1=0, x2="100%", y1=y, y2=y, class_=kind))
        texts.append(element("text", label, x=0, y=y - 5, class_="tick"))
    return Markup("").join(lines), Markup("").join(texts)


def share(part: int, whole: int) -> str:
    """Return a place as a percentage with two decimals: ``34.21%``."""
    return f"{(Decimal(part * 100) / whole).quantize(Decimal('0.01')).normalize():f}%"


def cursor(top: int, height: int, dot: bool = True) -> Markup:
    """Return the marker that kit.js moves along the chart, hidden until then."""
    line = element("line", x1=0, x2=0, y1=top, y2=top + height)
    circle = (element("circle", cx=0, cy=top, r=5),) if dot else ()
    return element("svg", line, *circle, class_="cursor", x=0, overflow="visible")
