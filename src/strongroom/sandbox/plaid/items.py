"""Items: one person's login at one practice bank, from sign-in to removal.

Makes items and finds them by token, and moves their data along as time passes. Answers no
requests itself.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from strongroom.sandbox.plaid import dynamic, household, ids, ledger, logins, webhooks
from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.errors import REASONS, REVOKED, PlaidError, revoked_webhook_error
from strongroom.sandbox.plaid.institutions import BY_ID, Institution
from strongroom.sandbox.plaid.persona import Account, Persona
from strongroom.sandbox.plaid.store import next_number
from strongroom.sandbox.plaid.wire import dumps, loads, number
from strongroom.sandbox.plaid.world import World

OFF: Final = "OFF"
NOT_READY: Final = "NOT_READY"
INITIAL: Final = "INITIAL_UPDATE_COMPLETE"
HISTORICAL: Final = "HISTORICAL_UPDATE_COMPLETE"
DEFAULT_DAYS: Final = 90
MOST_DAYS: Final = 730
MOST_REMOVED: Final = 5_000
PUBLIC_TOKEN_SECONDS: Final = 1800.0
DAY_SECONDS: Final = 86_400.0
CONSENT_SECONDS: Final = 180 * DAY_SECONDS
WARNING_SECONDS: Final = 7 * DAY_SECONDS
BULK: Final = "bulk"
LOGIN_REQUIRED: Final = "ITEM_LOGIN_REQUIRED"
Item = sqlite3.Row


@dataclass(frozen=True, slots=True)
class NewItem:
    """What is needed to open an item. ``shared``: positions of accounts chosen (None: all)."""

    client_id: str
    bank: Institution
    username: str
    products: Sequence[str]
    consented: Sequence[str] = ()
    webhook: str | None = None
    days_requested: int | None = None
    origin: str = "api"
    shared: Collection[int] | None = None


def reserve_number(world: World) -> int:
    """Take the next item number; with the seed it decides the item's ids and later changes."""
    return next_number(world.db, "item_number")


def seed_of(world: World, item_number: int) -> str:
    """Give the seed text from which an item's ids and later changes are made."""
    return f"{world.options.seed}|{item_number}"


def life_of(world: World, bank: Institution, username: str) -> str:
    """Give the seed text from which a user's life at a bank is made, the same on every link."""
    return f"{world.options.seed}|{bank.institution_id}|{username}"


def born(world: World, bank: Institution, username: str) -> date:
    """Give the day (UTC) on which a user's bank was first linked, which may be today."""
    first = world.db.execute(
        "SELECT min(created_at) FROM items WHERE institution_id = ? AND username = ?",
        (bank.institution_id, username),
    ).fetchone()[0]
    return world.today() if first is None else datetime.fromtimestamp(first, UTC).date()


def sign_in(
    world: World, bank: Institution, username: str, password: str, since: date | None = None
) -> Persona:
    """Give the persona behind a login; raises ``PlaidError`` when the bank refuses it.

    ``since`` is how far back the client asked for history, if it said so.
    """
    return logins.sign_in(
        bank, username, password, seed=life_of(world, bank, username), today=world.today(),
        born=born(world, bank, username), since=since,
    )  # fmt: skip


def account_id_of(seed: str, position: int) -> str:
    """Give the account_id of the account at ``position`` of the item with this seed."""
    return ids.stable_id(seed, "account", position)


def create(world: World, new: NewItem, persona: Persona, item_number: int) -> str:
    """Open an item with the persona's accounts and rows; returns its item_id."""
    seed = seed_of(world, item_number)
    item_id = ids.stable_id(seed, "item")
    created = world.now()
    expires = world.options.login_lifetime_days * DAY_SECONDS
    consent = CONSENT_SECONDS if new.bank.asks_consent_again else None
    world.db.execute(
        "INSERT INTO items (item_id, number, client_id, institution_id, origin, webhook, username,"
        " products, consented, days_requested, created_at, login_expires_at, txn_status, grown_to,"
        " consent_expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            item_id, item_number, new.client_id, new.bank.institution_id, new.origin, new.webhook,
            new.username, dumps(list(new.products)),
            dumps(list(dict.fromkeys([*new.products, *new.consented]))), new.days_requested,
            created.timestamp(), created.timestamp() + expires if expires else None, OFF,
            world.today().isoformat(), consent and created.timestamp() + consent,
        ),
    )  # fmt: skip
    account_ids = [account_id_of(seed, index) for index in range(len(persona.accounts))]
    for index, account in enumerate(persona.accounts):
        shared = new.shared is None or index in new.shared
        _insert_account(world, find(world, item_id), account_ids[index], index, account,
                        shared=shared)  # fmt: skip
    ledger.stage(world.db, item_id, account_ids, persona.rows)
    if "transactions" in new.products:
        start_transactions(world, find(world, item_id), new.days_requested)
    return item_id


def _insert_account(
    world: World, item: Item, account_id: str, index: int, account: Account, *, shared: bool
) -> None:  # fmt: skip
    facts = {
        "name": account.name,
        "official_name": account.official_name,
        "mask": account.mask,
        "holder": account.holder,
        "numbers": dict(account.numbers),
        "owners": list(account.owners),
        "liability": account.liability,
        "holdings": list(account.holdings),
        "investment_transactions": list(account.investment_transactions),
        # Banks with tokenised numbers name the real account across items.
        "persistent_id": (
            ids.stable_id("persistent", item["institution_id"], item["username"], index)
            if BY_ID[item["institution_id"]].oauth
            else None
        ),
    }
    world.db.execute(
        "INSERT INTO accounts (account_id, item_id, position, shared, type, subtype, current,"
        " available, available_rule, credit_limit, currency, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account_id, item["item_id"], index, int(shared), account.type, account.subtype,
            None if account.current is None else number(account.current),
            None if account.available is None else number(account.available),
            account.available_rule, None if account.limit is None else number(account.limit),
            account.currency, dumps(facts),
        ),
    )  # fmt: skip


def add_account(world: World, item: Item, account: Account) -> str:
    """Open one more account at the bank, which the user does not share yet; its account_id."""
    position: int = world.db.execute(
        "SELECT count(*) FROM accounts WHERE item_id = ?", (item["item_id"],)
    ).fetchone()[0]
    account_id = account_id_of(seed_of(world, item["number"]), position)
    _insert_account(world, item, account_id, position, account, shared=False)
    return account_id


def start_transactions(world: World, item: Item, days_requested: int | None) -> None:
    """Begin the first transactions update; rows older than the window are never reported."""
    whole = item["username"] in (logins.CUSTOM, logins.DYNAMIC, BULK)
    if whole and (days_requested is None or days_requested >= MOST_DAYS):
        window = None
    else:
        window = days_requested or DEFAULT_DAYS
    if window is not None:
        oldest = world.today() - timedelta(days=window)
        world.db.execute(
            "DELETE FROM transactions WHERE item_id = ? AND state = 'staged' AND date < ?",
            (item["item_id"], oldest.isoformat()),
        )
    now = time.time()
    initial = now + world.options.initial_delay_seconds
    world.db.execute(
        "UPDATE items SET txn_status = ?, initial_at = ?, historical_at = ?, days_requested = ?"
        " WHERE item_id = ?",
        (NOT_READY, initial, initial + world.options.historical_delay_seconds,
         days_requested, item["item_id"]),
    )  # fmt: skip
    world.wake()


def find(world: World, item_id: str) -> Item:
    """Give an item by its id; raises ITEM_NOT_FOUND."""
    row = world.db.execute("SELECT * FROM items WHERE item_id = ?", (item_id,)).fetchone()
    if row is None:
        raise PlaidError("ITEM_NOT_FOUND")
    found: Item = row
    return found


def by_access_token(world: World, client_id: str, access_token: str) -> Item:
    """Give the item of an access token, brought up to date.

    Raises INVALID_ACCESS_TOKEN or ITEM_NOT_FOUND (removed).
    """
    if access_token.startswith("access-production-"):
        raise PlaidError("INVALID_ACCESS_TOKEN", "the access token is for another environment")
    row = world.db.execute(
        "SELECT item_id, client_id, removed_at FROM items WHERE access_token = ?", (access_token,)
    ).fetchone()
    if row is None or row["client_id"] != client_id:
        raise PlaidError("INVALID_ACCESS_TOKEN")
    if row["removed_at"] is not None:
        raise PlaidError("ITEM_NOT_FOUND")
    advance(world, find(world, row["item_id"]))
    return find(world, row["item_id"])


def issue_public_token(world: World, item: Item) -> str:
    """Make a public token for an item: good for one exchange within 30 minutes."""
    token = ids.token("public")
    world.db.execute(
        "INSERT INTO public_tokens VALUES (?, ?, ?, ?, NULL)",
        (token, item["item_id"], item["client_id"], time.time() + PUBLIC_TOKEN_SECONDS),
    )
    return token


def exchange(world: World, client_id: str, public_token: str) -> tuple[str, str]:
    """Turn a public token into (access_token, item_id); raises INVALID_PUBLIC_TOKEN."""
    row = world.db.execute(
        "SELECT * FROM public_tokens WHERE public_token = ?", (public_token,)
    ).fetchone()
    if row is None or row["client_id"] != client_id:
        raise PlaidError("INVALID_PUBLIC_TOKEN")
    item = find(world, row["item_id"])
    if row["used_at"] is not None or row["expires_at"] < time.time() or item["removed_at"]:
        raise PlaidError("INVALID_PUBLIC_TOKEN")
    world.db.execute(
        "UPDATE public_tokens SET used_at = ? WHERE public_token = ?", (time.time(), public_token)
    )
    if item["access_token"] is None:
        return new_access_token(world, item), item["item_id"]
    return item["access_token"], item["item_id"]


def new_access_token(world: World, item: Item) -> str:
    """Give the item a fresh access token; an older one dies at once."""
    token = ids.token("access")
    world.db.execute(
        "UPDATE items SET access_token = ? WHERE item_id = ?", (token, item["item_id"])
    )
    return token


def need_product(world: World, item: Item, product: str) -> None:
    """Make sure that an item has a product, adding it as Plaid does on first use.

    Raises PRODUCTS_NOT_SUPPORTED when the bank does not offer it.
    """
    products = loads(item["products"])
    if product in products:
        return
    if product not in BY_ID[item["institution_id"]].products:
        raise PlaidError("PRODUCTS_NOT_SUPPORTED", f"this institution does not support {product}")
    world.db.execute(
        "UPDATE items SET products = ? WHERE item_id = ?",
        (dumps([*products, product]), item["item_id"]),
    )
    if product == "transactions" and item["txn_status"] == OFF:
        start_transactions(world, item, item["days_requested"])


def advance(world: World, item: Item) -> None:
    """Let time act on an item: updates that have become ready, posting, growth, expiry."""
    if item["removed_at"] is not None:
        return
    if item["txn_status"] == NOT_READY and time.time() >= item["initial_at"]:
        _first_update(world, item, INITIAL)
        item = find(world, item["item_id"])
    if item["txn_status"] == INITIAL and time.time() >= item["historical_at"]:
        _first_update(world, item, HISTORICAL)
        item = find(world, item["item_id"])
    if item["error_code"] is not None:
        return
    ends = [item[name] for name in ("login_expires_at", "consent_expires_at", "disconnect_at")]
    now = world.now().timestamp()
    if any(end is not None and now >= end for end in ends):
        consent_is_over = ends[1] is not None and now >= ends[1]
        oauth = BY_ID[item["institution_id"]].oauth
        reason = REASONS[1] if oauth and consent_is_over else None
        set_error(world, item, LOGIN_REQUIRED, reason)
        return
    consent = item["consent_expires_at"]
    if consent is not None and not item["consent_warned"] and now >= consent - WARNING_SECONDS:
        warn_of_expiration(world, item, consent)
    if item["txn_status"] == HISTORICAL:
        _new_days(world, item)


def warn_of_expiration(world: World, item: Item, consent_ends: float) -> None:
    """Say that the user's consent will end, and let it end then (Unix time)."""
    world.db.execute(
        "UPDATE items SET consent_expires_at = ?, consent_warned = 1 WHERE item_id = ?",
        (consent_ends, item["item_id"]),
    )
    moment = stamp(datetime.fromtimestamp(consent_ends, UTC))
    fire(world, item, "ITEM", "PENDING_EXPIRATION", consent_expiration_time=moment)


def warn_of_disconnect(world: World, item: Item, ends: float, reason: str) -> None:
    """Say that the bank will cut the item off, and let it do so then (Unix time)."""
    world.db.execute(
        "UPDATE items SET disconnect_at = ? WHERE item_id = ?", (ends, item["item_id"])
    )
    moment = stamp(datetime.fromtimestamp(ends, UTC))
    fire(world, item, "ITEM", "PENDING_DISCONNECT", reason=reason, disconnect_time=moment)


def _first_update(world: World, item: Item, status: str) -> None:
    _report(world, item, status)
    world.db.execute(
        "UPDATE items SET txn_status = ?, updated_at = ? WHERE item_id = ?",
        (status, world.now().timestamp(), item["item_id"]),
    )
    _tell_sync(world, find(world, item["item_id"]))


def _report(world: World, item: Item, status: str) -> None:
    """Report what waits to be told in an update, and say how much of it there is."""
    month = world.today() - timedelta(days=ledger.INITIAL_DAYS)
    since, code = (month, "INITIAL_UPDATE") if status == INITIAL else (None, "HISTORICAL_UPDATE")
    counted = ledger.report_staged(world.db, item["item_id"], since=since)
    fire(world, item, "TRANSACTIONS", code, new_transactions=counted, error=None)


def _new_days(world: World, item: Item) -> None:
    """Bring in what happened at the bank on days that have begun since the last look."""
    today = world.today()
    grown = date.fromisoformat(item["grown_to"])
    if today <= grown:
        return
    ledger.post_due(world.db, item["item_id"], today)
    if item["username"] == logins.HOUSEHOLD:
        _grow_household(world, item, grown, today)
    elif item["username"] == logins.DYNAMIC:
        for offset in range((today - grown).days):
            day = grown + timedelta(days=offset + 1)
            rng = draw(world, find(world, item["item_id"]))
            dynamic.stir(world.db, item["item_id"], rng, day)
    world.db.execute(
        "UPDATE items SET grown_to = ?, updated_at = ? WHERE item_id = ?",
        (today.isoformat(), world.now().timestamp(), item["item_id"]),
    )
    if ledger.log_head(world.db, item["item_id"]) > item["log_head"]:
        announce(world, item, since=item["log_head"])


def _grow_household(world: World, item: Item, grown: date, today: date) -> None:
    bank = BY_ID[item["institution_id"]]
    seed = life_of(world, bank, item["username"])
    start = born(world, bank, item["username"]) - timedelta(days=household.HISTORY_DAYS)
    shared = {
        row["position"]: row["account_id"]
        for row in world.db.execute(
            "SELECT position, account_id FROM accounts WHERE item_id = ? AND shared",
            (item["item_id"],),
        )
    }
    for offset in range((today - grown).days):
        day = grown + timedelta(days=offset + 1)
        for row in household.grow(seed, bank.currency, start, day, today):
            if row.account in shared:
                ledger.add(world.db, item["item_id"], shared[row.account], row)


def announce(world: World, item: Item, *, since: int) -> None:
    """Send the webhooks that tell of the changes after number ``since`` of the item's log."""
    if not item["webhook"]:
        return
    _tell_sync(world, item)
    _tell_removed(world, item, since)
    if count := ledger.came(world.db, item["item_id"], since):
        fire(world, item, "TRANSACTIONS", "DEFAULT_UPDATE", new_transactions=count, error=None)


def _tell_sync(world: World, item: Item) -> None:
    if item["synced"]:
        fire(
            world, item, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE",
            initial_update_complete=item["txn_status"] in (INITIAL, HISTORICAL),
            historical_update_complete=item["txn_status"] == HISTORICAL,
        )  # fmt: skip


def _tell_removed(world: World, item: Item, since: int) -> None:
    """Name the rows that are gone, in so many webhooks that none outgrows what servers take."""
    for some in ledger.went(world.db, item["item_id"], since, MOST_REMOVED):
        fire(world, item, "TRANSACTIONS", "TRANSACTIONS_REMOVED", removed_transactions=some,
             error=None)  # fmt: skip


def fire(world: World, item: Item, kind: str, code: str, **members: Any) -> bool:
    """Queue a webhook about an item; False when the item has no address."""
    return webhooks.queue(
        world,
        item_id=item["item_id"],
        url=item["webhook"],
        kind=kind,
        code=code,
        members=members,
    )


def set_error(world: World, item: Item, code: str, reason: str | None = None) -> None:
    """Put an item into an error state and send the ITEM ERROR webhook.

    A bank with a sign-in page of its own says why; unless told, the connection is not valid.
    """
    error = PlaidError(code, reason=reason)
    if error.reason is None and code == LOGIN_REQUIRED and BY_ID[item["institution_id"]].oauth:
        error.reason = REASONS[0]
    world.db.execute(
        "UPDATE items SET error_code = ?, error_reason = ?, error_at = ? WHERE item_id = ?",
        (code, error.reason, world.now().timestamp(), item["item_id"]),
    )
    if code == REVOKED:
        fire(world, item, "ITEM", code, error=revoked_webhook_error(reason).as_object(None))
    else:
        fire(world, item, "ITEM", "ERROR", error=error.as_object(None))


def clear_error(world: World, item: Item) -> None:
    """Repair an item: the login works again, and the consent, both for their full lifetime."""
    lifetime = world.options.login_lifetime_days * DAY_SECONDS
    now = world.now().timestamp()
    again = BY_ID[item["institution_id"]].asks_consent_again
    world.db.execute(
        "UPDATE items SET error_code = NULL, error_reason = NULL, error_at = NULL,"
        " login_expires_at = ?, consent_expires_at = ?, consent_warned = 0, disconnect_at = NULL"
        " WHERE item_id = ?",
        (now + lifetime if lifetime else None, now + CONSENT_SECONDS if again else None,
         item["item_id"]),
    )  # fmt: skip


def share_accounts(world: World, item: Item, positions: Collection[int]) -> None:
    """Change which accounts the user shares; rows come and go with their accounts.

    It is told as the first updates are, with the number of rows that came.
    """
    item_id, before = item["item_id"], ledger.log_head(world.db, item["item_id"])
    changed = False
    for row in world.db.execute(
        "SELECT account_id, position, shared FROM accounts WHERE item_id = ? AND NOT revoked",
        (item_id,),
    ).fetchall():
        wanted = row["position"] in positions
        if wanted == bool(row["shared"]):
            continue
        changed = True
        world.db.execute(
            "UPDATE accounts SET shared = ? WHERE account_id = ?", (int(wanted), row["account_id"])
        )
        if not wanted:
            ledger.withdraw_account(world.db, item_id, row["account_id"])
    if changed and item["txn_status"] in (INITIAL, HISTORICAL):
        _report(world, item, INITIAL)
        if item["txn_status"] == HISTORICAL:
            _report(world, item, HISTORICAL)
        _tell_sync(world, item)
        if item["webhook"]:
            _tell_removed(world, item, before)


def draw(world: World, item: Item) -> random.Random:
    """Give the item's next seeded source of choices."""
    world.db.execute("UPDATE items SET draws = draws + 1 WHERE item_id = ?", (item["item_id"],))
    seed = seed_of(world, item["number"])
    return random.Random(f"{seed}|draw|{item['draws'] + 1}")
