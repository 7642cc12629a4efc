"""The register of API endpoints: path, table of fields, function.

Modules named ``api_*`` fill it; the app serves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from strongroom.sandbox.plaid import items
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import ANY, Field, Table
from strongroom.sandbox.plaid.items import Item
from strongroom.sandbox.plaid.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """One checked request: who asks, and the body without credentials and empty options.

    ``page_share`` below 1 makes a page shorter than asked for, though there is more. ``new_users``:
    a header asks for Plaid's newer way with users.
    """

    world: World
    client_id: str
    body: Mapping[str, Any]
    base_url: str
    page_share: float = 1.0
    new_users: bool = False

    @property
    def options(self) -> Mapping[str, Any]:
        """Give the ``options`` member, empty when absent."""
        found: Mapping[str, Any] = self.body.get("options") or {}
        return found

    def item(self, *, broken: bool = False) -> Item:
        """Give the item of the access_token; ``broken`` also takes one in an error state."""
        item = items.by_access_token(self.world, self.client_id, self.body["access_token"])
        if item["error_code"] and not broken:
            raise PlaidError(item["error_code"], reason=item["error_reason"])
        return item

    def item_with(self, product: str) -> Item:
        """Give the item, with a product it has or gets by this call."""
        item = self.item()
        items.need_product(self.world, item, product)
        return items.find(self.world, item["item_id"])


Handler = Callable[[Call], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of the API. ``public``: needs no credentials."""

    handler: Handler
    table: Table
    public: bool = False


ENDPOINTS: Final[dict[str, Endpoint]] = {}


def endpoint(
    path: str, *, public: bool = False, unused: Sequence[str] = (), **fields: Field
) -> Callable[[Handler], Handler]:
    """Register a function under a path with its table of fields.

    ``unused`` names fields that are known and have no effect. ``public``: needs no credentials.
    """

    def register(handler: Handler) -> Handler:
        ENDPOINTS[path] = Endpoint(handler, {**dict.fromkeys(unused, ANY), **fields}, public)
        return handler

    return register
