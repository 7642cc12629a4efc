"""The values of bank links, and the ``BankFeed`` that a provider of bank data implements.

Plain data and one protocol; Plaid's adapter is ``plaid.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from strongroom.accounts import BankAccount, BankHolding, BankLiability
from strongroom.core.ids import ItemId
from strongroom.transactions import BankPage, BankStream
from strongroom.ui import Sentence

if TYPE_CHECKING:
    from strongroom.connections.troubles import Trouble


class Status(StrEnum):
    """The one state machine of a link (Plaid's item)."""

    ACTIVE = "active"
    LOGIN_REQUIRED = "login_required"
    """The bank wants a new sign-in; history and cursor are kept."""
    PENDING_EXPIRATION = "pending_expiration"
    PENDING_DISCONNECT = "pending_disconnect"
    ERROR = "error"
    """The bank or Plaid has a problem; we try again by ourselves."""
    REVOKED = "revoked"
    """The person withdrew consent at the bank."""
    DISCONNECTED = "disconnected"
    """Unlinked here: the token is destroyed, the history stays."""


class Why(StrEnum):
    """Who asked for a refresh of data."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Item:
    """A linked bank. Its access token is never part of a value."""

    id: ItemId
    plaid_item_id: str
    institution_id: str | None
    institution_name: str
    status: Status
    error_code: str | None
    error_message: str | None
    consent_expires_at: datetime | None
    last_successful_update: datetime | None
    last_attempt_at: datetime | None
    failures: int
    next_try_at: datetime | None
    update_status: str | None
    created_at: datetime
    environment: str
    """Where its token holds: ``local``, ``sandbox`` or ``production``."""
    paused_at: datetime | None = None
    """Since when its person lets it rest; nothing reads it until they resume."""
    new_accounts_at: datetime | None = None
    """Since when the bank offers an account that the person has not answered for."""
    token_renewed_at: datetime | None = None
    repaired_at: datetime | None = None
    """When its person last set it right; what was sent before may come for a day after."""
    disconnects_at: datetime | None = None
    """The bank has warned that the link ends then, unless somebody signs in again."""
    alerted_at: datetime | None = None
    """Since when its person knows that it does not work."""
    kept_aside: int = 0
    """How much of its answers could not be taken in, and was not let be."""

    def __post_init__(self) -> None:
        """Read the database's text as the state it names."""
        object.__setattr__(self, "status", Status(self.status))

    @property
    def needs_person(self) -> bool:
        """Whether only the person can set this link right, by signing in at the bank again."""
        return self.status in (
            Status.LOGIN_REQUIRED,
            Status.PENDING_EXPIRATION,
            Status.PENDING_DISCONNECT,
            Status.REVOKED,
        )

    @property
    def needs_attention(self) -> bool:
        """Whether it stays as it is until its person does something, be it no sign-in."""
        trouble = self.trouble
        stuck = self.status is Status.ERROR and trouble is not None and trouble.ends_for_good
        return self.needs_person or stuck

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with the link and what to do about it, or None where it works."""
        from strongroom.connections.troubles import trouble_of  # it names states, defined here

        known = _UNNAMED_TROUBLE.get(self.status)
        return None if known is None else trouble_of(self.error_code or known)

    @property
    def history_complete(self) -> bool:
        """Whether Plaid has given all the history that was asked for."""
        return self.update_status == "HISTORICAL_UPDATE_COMPLETE"


_UNNAMED_TROUBLE = {
    Status.LOGIN_REQUIRED: "ITEM_LOGIN_REQUIRED",
    Status.REVOKED: "USER_PERMISSION_REVOKED",
    Status.ERROR: "",
}
"""What a state means where no error code came with it."""


class LinkState(StrEnum):
    """How far an attempt to link or repair a bank has come."""

    OPEN = "open"
    DUPLICATE = "duplicate"
    """The accounts seem to be linked already: the person chooses before anything is exchanged."""
    EXCHANGING = "exchanging"
    DONE = "done"
    EXITED = "exited"
    EXPIRED = "expired"
    LOST = "lost"
    """Plaid had made the item, but its token never reached us; link again, nothing doubles."""


class Purpose(StrEnum):
    """What an attempt is for."""

    LINK = "link"
    REPAIR = "repair"
    """The bank wanted a new sign-in when it began."""
    CONSENT = "consent"
    """Nothing was broken: the person signs in again to let it go on."""
    ACCOUNTS = "accounts"
    """To choose anew which accounts the bank shares."""


class Choice(StrEnum):
    """What a person does about a link to accounts that are linked already."""

    RECONNECT = "reconnect"
    """Sign in again for the link there is."""
    ANYWAY = "anyway"
    """Link them a second time: someone else's sign-in at the same bank."""
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class LinkAccount:
    """An account as Link tells of it before anything is exchanged. All but its name may lack."""

    plaid_account_id: str | None
    persistent_account_id: str | None
    name: str
    mask: str | None
    type: str
    subtype: str | None


@dataclass(frozen=True, slots=True)
class LinkSession:
    """One attempt to link a bank, or to repair a link. ``hosted_link_url`` leaves this site.

    ``accounts`` is what Link told of those that were chosen, None where it told nothing;
    ``duplicate_of`` is the link that holds some of them already.
    """

    id: UUID
    mode: str
    state: LinkState
    hosted_link_url: str | None
    item_id: ItemId | None
    institution_name: str | None
    error_code: str | None
    created_at: datetime
    expires_at: datetime
    purpose: Purpose = Purpose.LINK
    duplicate_of: ItemId | None = None
    accounts: Sequence[LinkAccount] | None = None

    def __post_init__(self) -> None:
        """Read the database's texts as what they name."""
        object.__setattr__(self, "state", LinkState(self.state))
        object.__setattr__(self, "purpose", Purpose(self.purpose))
        told: Any = self.accounts  # as the database has it: JSON
        if told is not None:
            read = [one if isinstance(one, LinkAccount) else LinkAccount(**one) for one in told]
            object.__setattr__(self, "accounts", tuple(read))


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh of data. ``rows_fetched`` grows while ``status`` is running."""

    id: UUID
    item_id: ItemId | None
    refresh_type: Why
    status: str
    accounts_updated: int
    added: int
    modified: int
    removed: int
    rows_fetched: int
    error_code: str | None
    error_message: str | None
    started_at: datetime
    completed_at: datetime | None

    def __post_init__(self) -> None:
        """Read the database's text as the reason it names."""
        object.__setattr__(self, "refresh_type", Why(self.refresh_type))

    @property
    def is_over(self) -> bool:
        """Whether the refresh has ended, well or badly."""
        return self.completed_at is not None


@dataclass(frozen=True, slots=True)
class Institution:
    """A bank that can be linked. ``oauth``: its own sign-in page is used."""

    id: str
    name: str
    countries: Sequence[str]
    oauth: bool
    url: str | None = None


@dataclass(frozen=True, slots=True)
class LinkToken:
    """What a Link session starts from. ``token`` is a secret."""

    token: str = field(repr=False)
    hosted_link_url: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkOutcome:
    """How a Link session ended at Plaid; ``public_token`` is set on success."""

    link_session_id: str
    public_token: str | None = field(repr=False)
    institution_id: str | None
    institution_name: str | None
    error_type: str | None
    error_code: str | None
    request_id: str | None
    finished: bool
    accounts: Sequence[LinkAccount] | None = None
    """Those that were chosen; None where the provider does not tell."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A new item and its access token, which is a secret."""

    plaid_item_id: str
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ItemReport:
    """What Plaid says of an item."""

    institution_id: str | None
    institution_name: str | None
    error_code: str | None
    consent_expires_at: datetime | None
    products: Sequence[str] = ()
    """What Plaid reads for it, under Plaid's names."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something a bank told that could not be taken, in its own words, and why.

    ``reason`` is said in the language of whoever reads it. ``kind`` is transaction, removal,
    account, balance, holding, liability or stream.
    ``plaid_id`` names it for good: Plaid's id, or where that is the trouble, a hash of ``raw``.
    ``place`` is where it stood in its page: 0 added, 1 modified, 2 removed.
    """

    kind: str
    plaid_id: str
    reason: Sentence
    raw: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class SetAside:
    """What was kept aside of a bank's answers, until the bank tells better or a person looks.

    ``reason`` is in English; ``said`` holds the same to be said in another language.
    """

    id: UUID
    item_id: ItemId
    kind: str
    plaid_id: str
    reason: str
    raw: str
    first_seen_at: datetime
    last_seen_at: datetime
    said: Mapping[str, Any] | None = None

    @property
    def why(self) -> str:
        """The reason in the current language."""
        return self.reason if self.said is None else Sentence(**self.said).said


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of an item's changes since a cursor; ``unreadable`` is what it could not give."""

    page: BankPage
    accounts: Sequence[BankAccount]
    next_cursor: str
    has_more: bool
    update_status: str
    unreadable: Sequence[Unreadable] = ()


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call to Plaid as it is logged: arguments without secrets, request id always."""

    method: str
    arguments: Mapping[str, Any]
    request_id: str | None
    error_type: str | None
    error_code: str | None
    duration_ms: int
    created_at: datetime


class BankFeed(Protocol):
    """A provider of bank data. Each call may raise ``FeedError`` and is added to ``calls``.

    What an answer holds that cannot be read, beside much that can, is added to ``unreadable``;
    of ``changes`` it comes with its page.
    """

    calls: list[ApiCall]
    unreadable: list[Unreadable]

    async def create_link_token(
        self,
        *,
        user_ref: str,
        language: str,
        webhook: str,
        completion_uri: str,
        institution_id: str | None,
        access_token: str | None,
        select_accounts: bool = False,
    ) -> LinkToken:
        """Start a Link session; with ``access_token`` it repairs that item.

        With ``select_accounts`` it also asks anew which accounts to share.
        """
        ...

    async def link_outcomes(self, link_token: str) -> list[LinkOutcome]:
        """Return how the sessions of a link token went, oldest first."""
        ...

    async def create_public_token(
        self, *, institution_id: str, username: str, password: str, webhook: str
    ) -> str:
        """Link without a page, which only a sandbox allows; return the public token."""
        ...

    async def exchange(self, public_token: str) -> Exchanged:
        """Turn a public token into an item, once."""
        ...

    async def item(self, access_token: str) -> ItemReport:
        """Return what is known of an item."""
        ...

    async def accounts(self, access_token: str) -> list[BankAccount]:
        """Return the item's accounts with their balances as last read from the bank."""
        ...

    async def changes(
        self, access_token: str, cursor: str, known: Collection[str] = frozenset()
    ) -> ChangePage:
        """Return the next page of changes after ``cursor`` (empty: from the beginning).

        An added row whose MD5 is ``known`` comes as its id alone, as ``same``.
        """
        ...

    async def holdings(self, access_token: str) -> list[BankHolding]:
        """Return what the item's investment accounts hold."""
        ...

    async def liabilities(self, access_token: str) -> list[BankLiability]:
        """Return the terms of what is owed on the item's cards and loans."""
        ...

    async def recurring(self, access_token: str) -> list[BankStream]:
        """Return the payments that come again and again, as the provider sees them."""
        ...

    async def refresh(self, access_token: str) -> None:
        """Ask the provider to look at the bank now; what it finds is told later."""
        ...

    async def remove(self, access_token: str) -> None:
        """End an item at the provider."""
        ...

    async def renew_token(self, access_token: str) -> str:
        """Return a new access token of an item; the one given is dead from that moment."""
        ...

    async def institutions(self, query: str, countries: Sequence[str] = ()) -> list[Institution]:
        """Return the banks that match a query, or the first ones when it is empty."""
        ...

    async def webhook_key(self, key_id: str) -> dict[str, Any]:
        """Return the JSON web key that signs webhooks under ``key_id``."""
        ...


class Provider(Protocol):
    """Where feeds come from: one set of credentials at one provider of bank data."""

    def session(self, clock: Callable[[], datetime]) -> BankFeed:
        """Return a feed for one flow, with a log of its calls."""
        ...
