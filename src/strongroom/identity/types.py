"""The values of identity: people, settings, sessions, API tokens, notifications."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, NewType
from uuid import UUID

from strongroom.core.ids import UserId
from strongroom.core.money import Currency

SessionId = NewType("SessionId", UUID)
TokenId = NewType("TokenId", UUID)
NotificationId = NewType("NotificationId", UUID)

Role = Literal["user", "merchant", "compliance", "admin"]
Language = Literal["en", "nb"]
Theme = Literal["auto", "light", "dark"]
DateFormat = Literal["locale", "iso", "day-first", "month-first"]
Strength = Literal["weak", "fair", "good", "strong"]

SCOPES: Final[tuple[str, ...]] = (
    "accounts:read",
    "transactions:read",
    "transactions:write",
    "connections:read",
    "connections:write",
    "net_worth:read",
    "budgets:read",
    "budgets:write",
    "goals:read",
    "goals:write",
    "settings:write",
    "audit:read",
)
"""What an API token may be allowed."""

CARDS: Final[tuple[str, ...]] = (
    "worth",
    "review",
    "spending",
    "accounts",
    "goals",
    "flow",
    "coming",
)
"""The cards of the first page, in the order in which they come unless a person chose another."""

EVERYONE: Final[tuple[str, ...]] = ("profile:read",)
"""What every caller may do, whatever scopes a token has: see who they are."""

SESSION_ONLY: Final[tuple[str, ...]] = ("sessions:write", "tokens:write")
"""What only a person who signed in may do: a token must not make tokens or end sessions."""


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from. ``ip`` is None for the command line."""

    ip: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account. ``is_demo`` marks a made-up household."""

    id: UserId
    email: str
    first_name: str
    last_name: str
    role: Role
    is_demo: bool
    created_at: datetime
    last_login_at: datetime | None

    @property
    def name(self) -> str:
        """What to call the person: their name, or else their e-mail address."""
        return f"{self.first_name} {self.last_name}".strip() or self.email


@dataclass(frozen=True, slots=True)
class Settings:
    """How a person wants things shown.

    ``currency`` None means the one most accounts are in; ``time_zone`` is an IANA name that
    decides what "today" is; ``hide_amounts`` starts every page with amounts hidden.
    ``date_format`` is as the language writes days, or in digits. ``dashboard_layout`` is of the
    first page's cards: the ``order`` of those it names, before all others, and which are
    ``hidden``.
    """

    currency: Currency | None = None
    language: Language = "en"
    theme: Theme = "auto"
    time_zone: str = "UTC"
    hide_amounts: bool = False
    shortcuts: bool = True
    date_format: DateFormat = "locale"
    dashboard_layout: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Login:
    """What is on file for an e-mail address that someone signs in with."""

    user_id: UserId
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in. It ends after idle time, at its end, or when told."""

    id: SessionId
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    idle_until: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session as its owner's browser gets it, once. Only a hash of ``secret`` is stored."""

    owner: UserId
    id: SessionId
    expires_at: datetime
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's way in, with what it may do."""

    id: TokenId
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewApiToken:
    """An API token as its owner gets it, once. Only a hash of ``secret`` is stored."""

    token: ApiToken
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notification:
    """Something a person should know. ``link`` is a path on this site.

    ``title`` and ``body`` are in English as they are stored, and in the reader's language once
    ``in_words`` has filled ``arguments`` into them.
    """

    id: NotificationId
    type: str
    title: str
    body: str
    link: str | None
    created_at: datetime
    read_at: datetime | None
    arguments: dict[str, str]
    settled_at: datetime | None = None
    """Since when what it told of has passed."""
    times: int = 1
    """How often it was told; ``created_at`` is the newest time."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` attempts in ``window``, counted from the first."""

    count: int
    window: timedelta
