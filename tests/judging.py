"""Judges pages in a browser: axe finds nothing, nothing overflows, at every width and theme.

Each page is loaded once and then looked at in all dresses: widths are the window's, and a
theme is one attribute of the root, as the server writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DRESSES = [(1280, "light"), (1280, "dark"), (390, "dark"), (390, "light")]
_NARROWEST = 320  # there nothing may overflow; axe has judged it at 390
# A theme changes colours and nothing else: in the second one at a width, axe judges these alone.
_COLOURS = ["color-contrast", "link-in-text-block"]
_ONLY_COLOURS = {(1280, "dark"), (390, "light")}
_RUN = """
([options]) => axe.run(document, options).then((found) => found.violations.map(
    (one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]))
"""
_OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
_OF_COLOURS = {"runOnly": {"type": "rule", "values": _COLOURS}, "resultTypes": ["violations"]}


def faults(page: Any, *, only_colours: bool = False) -> list[object]:
    """What is wrong with the page that is open, as it stands: axe's findings, and overflow."""
    from axe_playwright_python.base import AXE_SCRIPT

    page.wait_for_load_state()  # a page that has only begun has no root yet
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found: list[object] = page.evaluate(_RUN, [_OF_COLOURS if only_colours else _OPTIONS])
    return [*found, *_overflow(page)]


def _overflow(page: Any) -> list[object]:
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [("sideways", over)] if over > 0 else []


def faults_in_every_dress(page: Any, name: str) -> list[object]:
    """What is wrong with the page that is open in any dress. It must let axe run (CSP off)."""
    wrong: list[object] = []
    page.wait_for_load_state()
    for width, theme in DRESSES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        found = faults(page, only_colours=(width, theme) in _ONLY_COLOURS)
        wrong += [(name, width, theme, one) for one in found]
    page.set_viewport_size({"width": _NARROWEST, "height": 900})
    wrong += [(name, _NARROWEST, one) for one in _overflow(page)]
    page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def faults_of_all(page: Any, paths: Iterable[str], *, open_details: bool = False) -> list[object]:
    """What is wrong with any of these pages in any dress."""
    wrong: list[object] = []
    for path in paths:
        page.goto(path)
        page.wait_for_load_state()
        if open_details:
            page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        wrong += faults_in_every_dress(page, path)
    return wrong
