"""One request at the control door, from a program (JSON) or a person (the fault panel's forms)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from strongroom.sandbox.plaid import items
from strongroom.sandbox.plaid.items import Item
from strongroom.sandbox.plaid.world import World


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: ``name`` is the id in the path (an item, a webhook), ``body`` unchecked."""

    world: World
    name: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def item(self) -> Item:
        """Give the item named in the path, brought up to date; raises ITEM_NOT_FOUND."""
        items.advance(self.world, items.find(self.world, self.name))
        return items.find(self.world, self.name)


Act = Callable[[Ask], dict[str, Any]]
