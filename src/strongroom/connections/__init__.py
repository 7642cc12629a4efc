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
    LinkIsPaused,
    LinkSessionNotFound,
    SyncIsRunning,
    SyncTooSoon,
)
from strongroom.connections.histories import other_histories
from strongroom.connections.kept_aside import SetAsideNotFound, dismiss, set_aside
from strongroom.connections.link_queries import forget_link_sessions_for_all
from strongroom.connections.linking import finish, institutions, link_without_page, start
from strongroom.connections.links import WEBHOOK_PATH, Links
from strongroom.connections.log_queries import ApiEvent, LinkEvent, StoredWebhook, WebhookEvent
from strongroom.connections.logs import Log, log
from strongroom.connections.products import read as read_products
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
    pause,
    refreshes,
    resume,
    wait_before_sync,
    webhooks_of,
)
from strongroom.connections.signatures import WebhookKeys
from strongroom.connections.syncing import sync
from strongroom.connections.tokens import renew_token
from strongroom.connections.told_aside import ToldAside, told_of
from strongroom.connections.troubles import Trouble, Way, trouble_of
from strongroom.connections.types import (
    Choice,
    Institution,
    Item,
    LinkAccount,
    LinkSession,
    LinkState,
    Purpose,
    Refresh,
    SetAside,
    Status,
    Why,
)
from strongroom.connections.unlinking import unlink
from strongroom.connections.webhooks import (
    WebhookNotFound,
    keys_for,
    list_for_all,
    receive,
    replay_for_all,
)

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
    "LinkIsPaused",
    "LinkSession",
    "LinkSessionNotFound",
    "LinkState",
    "Links",
    "Log",
    "NothingToDecide",
    "Purpose",
    "Refresh",
    "RefreshNotFound",
    "SetAside",
    "SetAsideNotFound",
    "Status",
    "StoredWebhook",
    "SyncIsRunning",
    "SyncTooSoon",
    "ToldAside",
    "Trouble",
    "Way",
    "WebhookEvent",
    "WebhookKeys",
    "WebhookNotFound",
    "Why",
    "api_events",
    "ask_for_sync",
    "ask_if_stale",
    "decide",
    "dismiss",
    "dismiss_new_accounts",
    "finish",
    "forget_link_sessions_for_all",
    "get_item",
    "get_link_session",
    "get_refresh",
    "held_already",
    "institutions",
    "items",
    "keys_for",
    "link_events",
    "link_without_page",
    "list_for_all",
    "log",
    "other_histories",
    "pause",
    "read_products",
    "receive",
    "refreshes",
    "renew_token",
    "replay_for_all",
    "resume",
    "set_aside",
    "start",
    "sync",
    "told_of",
    "trouble_of",
    "unlink",
    "wait_before_sync",
    "webhooks_of",
]
