"""Which cards Overview shows, and in which order: reading a person's layout and changing it.

Pure. A layout is as ``identity.Settings`` has it; cards that it does not name come after, shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from strongroom import identity

Layout = Mapping[str, Sequence[str]]

# From so many listed accounts on, their card is as long as what stands beside it, and twice so.
_SOME, _MANY = 4, 14
_WIDE: Final = ("worth", "spending")


@dataclass(frozen=True, slots=True)
class Place:
    """A card of the page, in its place among the others."""

    card: str
    hidden: bool


def places(layout: Layout) -> list[Place]:
    """Return every card, in the person's order."""
    first = layout.get("order", ())
    hidden = layout.get("hidden", ())
    return [
        Place(card, card in hidden)
        for card in (*first, *(one for one in identity.CARDS if one not in first))
    ]


def changed(layout: Layout, card: str, action: str) -> dict[str, list[str]]:
    """Return the layout after ``action`` on a card: up, down, hide or show; or reset.

    What cannot be done, such as moving the first one up, changes nothing.
    """
    if action == "reset":
        return {}
    held = places(layout)
    order = [one.card for one in held]
    hidden = [one.card for one in held if one.hidden]
    if card in order:
        at = order.index(card)
        to = max(0, min(len(order) - 1, at + {"up": -1, "down": 1}.get(action, 0)))
        order.insert(to, order.pop(at))
        if action in ("hide", "show"):
            hidden = [one for one in hidden if one != card] + [card] * (action == "hide")
    return {"order": order, "hidden": hidden}


def wide(accounts: int, *, steps: bool) -> frozenset[str]:
    """Return the cards of the wide column, so that neither column ends long before the other.

    ``accounts`` are those listed; ``steps``: the first steps take room of the narrow column too.
    """
    more = ["flow"] * (steps or accounts >= _SOME) + ["goals", "coming"] * (accounts >= _MANY)
    return frozenset((*_WIDE, *more))
