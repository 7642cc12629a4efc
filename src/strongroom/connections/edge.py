"""What the domain's routes and pages take from the application and from addresses."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from strongroom.connections.links import Links
from strongroom.connections.signatures import WebhookKeys
from strongroom.connections.webhooks import keys_for
from strongroom.core import ids
from strongroom.core.errors import NotFound
from strongroom.core.ids import ItemId
from strongroom.ui import N_


def links_of(request: Request) -> Links:
    """Return what flows that call a bank need, as wiring built it."""
    links: Links = request.app.state.services.links
    return links


def keys_of(request: Request) -> WebhookKeys:
    """Return the keys that this process checks webhooks with, made at the first webhook."""
    state = request.app.state
    if getattr(state, "webhook_keys", None) is None:
        state.webhook_keys = keys_for(links_of(request))
    keys: WebhookKeys = state.webhook_keys
    return keys


Flows = Annotated[Links, Depends(links_of)]


class NoSuchPage(NotFound):
    """The address names no bank link."""


def item_ref(text: str) -> ItemId:
    """Read a link's id from an address: ``itm_…`` or the bare UUID of a notification's link."""
    if text.startswith("itm_"):
        return ItemId(ids.parse("itm", text))
    try:
        return ItemId(UUID(text))
    except ValueError:
        raise NoSuchPage(N_("There is no such bank link.")) from None
