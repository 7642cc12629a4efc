"""Bank links: how money data comes in. The door of the domain.

Verbs that take ``links`` call a bank and open their own units of work; those that take ``db``
read or ask in the caller's.
"""

from strongroom.connections.errors import (
    BadWebhook,
    FeedError,
    ItemNotFound,
    LinkIsDisconnected,
    LinkSessionNotFound,
    SyncIsRunning,
    SyncTooSoon,
)
from strongroom.connections.linking import finish, institutions, link_without_page, start, unlink
from strongroom.connections.links import WEBHOOK_PATH, Links
from strongroom.connections.log_queries import ApiEvent, LinkEvent
from strongroom.connections.service import (
    RefreshNotFound,
    api_events,
    ask_for_sync,
    ask_if_stale,
    get_item,
    get_link_session,
    get_refresh,
    items,
    link_events,
    refreshes,
)
from strongroom.connections.signatures import WebhookKeys
from strongroom.connections.syncing import sync
from strongroom.connections.types import (
    Institution,
    Item,
    LinkSession,
    LinkState,
    Refresh,
    Status,
    Why,
)
from strongroom.connections.webhooks import keys_for, receive

__all__ = [
    "WEBHOOK_PATH",
    "ApiEvent",
    "BadWebhook",
    "FeedError",
    "Institution",
    "Item",
    "ItemNotFound",
    "LinkEvent",
    "LinkIsDisconnected",
    "LinkSession",
    "LinkSessionNotFound",
    "LinkState",
    "Links",
    "Refresh",
    "RefreshNotFound",
    "Status",
    "SyncIsRunning",
    "SyncTooSoon",
    "WebhookKeys",
    "Why",
    "api_events",
    "ask_for_sync",
    "ask_if_stale",
    "finish",
    "get_item",
    "get_link_session",
    "get_refresh",
    "institutions",
    "items",
    "keys_for",
    "link_events",
    "link_without_page",
    "receive",
    "refreshes",
    "start",
    "sync",
    "unlink",
]
