"""Bank links: how money data comes in. The door of the domain.

Verbs that take ``links`` call a bank and open their own units of work; those that take ``db``
read or ask in the caller's.
"""

from strongroom.connections.deciding import NothingToDecide, decide
from strongroom.connections.duplicates import held_already
from strongroom.connections.errors import (
    TOKEN_LOST,
    BadWebhook,
    FeedError,
    ItemNotFound,
    LinkIsDisconnected,
    LinkSessionNotFound,
    SyncIsRunning,
    SyncTooSoon,
)
from strongroom.connections.linking import finish, institutions, link_without_page, start
from strongroom.connections.links import WEBHOOK_PATH, Links
from strongroom.connections.log_queries import ApiEvent, LinkEvent
from strongroom.connections.repairing import dismiss_new_accounts
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
from strongroom.connections.tokens import renew_token
from strongroom.connections.types import (
    Choice,
    Institution,
    Item,
    LinkAccount,
    LinkSession,
    LinkState,
    Purpose,
    Refresh,
    Status,
    Why,
)
from strongroom.connections.unlinking import unlink
from strongroom.connections.webhooks import keys_for, receive

__all__ = [
    "TOKEN_LOST",
    "WEBHOOK_PATH",
    "ApiEvent",
    "BadWebhook",
    "Choice",
    "FeedError",
    "Institution",
    "Item",
    "ItemNotFound",
    "LinkAccount",
    "LinkEvent",
    "LinkIsDisconnected",
    "LinkSession",
    "LinkSessionNotFound",
    "LinkState",
    "Links",
    "NothingToDecide",
    "Purpose",
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
    "decide",
    "dismiss_new_accounts",
    "finish",
    "get_item",
    "get_link_session",
    "get_refresh",
    "held_already",
    "institutions",
    "items",
    "keys_for",
    "link_events",
    "link_without_page",
    "receive",
    "refreshes",
    "renew_token",
    "start",
    "sync",
    "unlink",
]
