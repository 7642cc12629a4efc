"""The control door's acts on one item: its truth, and everything that can befall it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid import items, ledger, troubles, views, webhooks
from strongroom.sandbox.plaid.ask import Act, Ask
from strongroom.sandbox.plaid.errors import REASONS as OAUTH_REASONS
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import REQUIRED_TEXT, TEXT, Field, check, invalid
from strongroom.sandbox.plaid.items import Item
from strongroom.sandbox.plaid.persona import Account
from strongroom.sandbox.plaid.wire import Raw
from strongroom.sandbox.plaid.world import World

REASONS: Final = ("INSTITUTION_MIGRATION", "INSTITUTION_TOKEN_EXPIRATION")
_TELLS: Final = Field("bool")
_DAYS: Final = Field("number")
_WEEK: Final = Decimal(7)
_MOST_DAYS: Final = 400
TYPES: Final = ("depository", "credit", "loan", "investment", "other")


def list_items(ask: Ask) -> dict[str, Any]:
    """List items without their tokens: their state, and how much of everything they have."""
    counted = ask.world.db.execute(
        "SELECT i.*,"
        " (SELECT count(*) FROM accounts a WHERE a.item_id = i.item_id AND a.shared) AS accounts,"
        " (SELECT count(*) FROM transactions t WHERE t.item_id = i.item_id AND t.state = 'live')"
        " AS rows, (SELECT count(*) FROM webhooks w WHERE w.item_id = i.item_id) AS webhooks"
        " FROM items i ORDER BY i.number"
    )
    return {
        "items": [
            {"item_id": row["item_id"], "institution_id": row["institution_id"],
             "username": row["username"], "error_code": row["error_code"],
             "removed": row["removed_at"] is not None, "status": row["txn_status"],
             "accounts": row["accounts"], "rows": row["rows"], "webhooks": row["webhooks"]}
            for row in counted
        ]
    }  # fmt: skip


def truth(ask: Ask) -> dict[str, Any]:
    """Give an item's accounts and every transaction that a full sync must end with.

    Rows that were broken on the way are not among them; they are listed apart.
    """
    world = ask.world
    items.advance(world, items.find(world, ask.query.get("item_id", "")))
    item = items.find(world, ask.query.get("item_id", ""))
    rows = world.db.execute(
        "SELECT t.head, t.category_v2, t.original FROM transactions t"
        " JOIN accounts a USING (account_id)"
        " WHERE t.item_id = ? AND t.state = 'live' AND a.shared AND t.bad IS NULL"
        " ORDER BY t.date, t.position, t.transaction_id",
        (item["item_id"],),
    )
    written = ",".join(
        f'{row["head"]},"personal_finance_category":{row["category_v2"]},'
        f'"original_description":{row["original"]}}}'
        for row in rows
    )
    return {
        "item": views.item_object(item),
        "status": item["txn_status"],
        "changes": item["log_head"],
        "removed": item["removed_at"] is not None,
        "accounts": [views.account_object(row) for row in views.account_rows(world, item)],
        "transactions": Raw(f"[{written}]"),
        **_apart(world, item),
    }


def _apart(world: World, item: Item) -> dict[str, Any]:
    bad = world.db.execute(
        "SELECT t.transaction_id, t.bad FROM transactions t JOIN accounts a USING (account_id)"
        " WHERE t.item_id = ? AND t.state = 'live' AND a.shared AND t.bad IS NOT NULL"
        " ORDER BY t.position",
        (item["item_id"],),
    )
    revoked = world.db.execute(
        "SELECT account_id FROM accounts WHERE item_id = ? AND revoked ORDER BY position",
        (item["item_id"],),
    )
    return {
        "bad_transactions": [
            {"transaction_id": row["transaction_id"], "kind": row["bad"]} for row in bad
        ],
        "revoked_accounts": [row["account_id"] for row in revoked],
    }


def mutate(ask: Ask) -> dict[str, Any]:
    """Change rows of an item now, by seed, and send the webhook."""
    table = {"count": Field("int", low=1, high=10_000), "seed": Field("int"), "webhook": _TELLS}
    wish = check(table, ask.body)
    world, item = ask.world, ask.item()
    rng = items.draw(world, item)
    if "seed" in wish:
        rng.seed(f"{wish['seed']}|{item['number']}")
    made = ledger.shake(world.db, item["item_id"], rng, wish.get("count", 1), world.today())
    if made and wish.get("webhook", True):
        items.announce(world, item, since=item["log_head"])
    return {"changed": made, "changes": ledger.log_head(world.db, item["item_id"])}


def set_error(ask: Ask) -> dict[str, Any]:
    """Put an item into an error state, or out of it (``code`` null), with its webhook."""
    table = {"code": Field("str", nullable=True),
             "reason": Field("str", nullable=True, choices=OAUTH_REASONS)}  # fmt: skip
    wish = check(table, ask.body)
    item = items.find(ask.world, ask.name)
    if wish.get("code"):
        try:
            items.set_error(ask.world, item, wish["code"], wish.get("reason"))
        except KeyError as error:
            raise PlaidError("INVALID_FIELD", "code is not a known error code") from error
    else:
        items.clear_error(ask.world, item)
        items.fire(ask.world, item, "ITEM", "LOGIN_REPAIRED")
    return {"error_code": wish.get("code")}


def revoke(ask: Ask) -> dict[str, Any]:
    """Let the person take back, at the bank, all that they had allowed."""
    check({}, ask.body)
    items.set_error(ask.world, ask.item(), "USER_PERMISSION_REVOKED")
    return {"error_code": "USER_PERMISSION_REVOKED"}


def send_webhook(ask: Ask) -> dict[str, Any]:
    """Send any webhook about an item, also those that Plaid's sandbox cannot fire."""
    table = {
        "webhook_type": REQUIRED_TEXT,
        "webhook_code": REQUIRED_TEXT,
        "members": Field("object", nullable=True),
    }
    wish = check(table, ask.body)
    taken = {"webhook_type", "webhook_code", "item_id", "environment"}
    members = {key: value for key, value in wish.get("members", {}).items() if key not in taken}
    item = items.find(ask.world, ask.name)
    sent = webhooks.queue(
        ask.world,
        item_id=item["item_id"],
        url=item["webhook"],
        kind=wish["webhook_type"],
        code=wish["webhook_code"],
        members=members,
    )
    return {"sent": sent}


def migrate_accounts(ask: Ask) -> dict[str, Any]:
    """Let the bank move to another system: every account and row has a new id."""
    wish = check({"removed": Field("bool"), "webhook": _TELLS}, ask.body)
    world, item = ask.world, ask.item()
    done = troubles.migrate_accounts(world.db, item["item_id"], removed=wish.get("removed", False))
    if wish.get("webhook", True):
        items.announce(world, item, since=item["log_head"])
    return {"accounts": dict(done.accounts), "transactions": done.transactions}


def new_account(ask: Ask) -> dict[str, Any]:
    """Open a further account at the bank; the person may share it in Link's update mode."""
    table = {
        "name": TEXT, "type": Field("str", choices=TYPES), "subtype": TEXT,
        "mask": Field("str", high=4), "current": Field("number"),
        "rows": Field("int", low=0, high=1_000), "webhook": _TELLS,
    }  # fmt: skip
    wish = check(table, ask.body)
    world, item = ask.world, ask.item()
    kind, current = wish.get("type", "depository"), wish.get("current", Decimal("250.00"))
    sibling = troubles.shared_account(world.db, item["item_id"])
    account = Account(
        kind, wish.get("subtype", "savings" if kind == "depository" else None),
        wish.get("name", "New Savings"), None, wish.get("mask", "9090"), current,
        current if kind == "depository" else None,
        "follow" if kind == "depository" else "unknown", currency=sibling["currency"],
    )  # fmt: skip
    account_id = items.add_account(world, item, account)
    row = world.db.execute("SELECT * FROM accounts WHERE account_id = ?", (account_id,)).fetchone()
    troubles.stage_rows_of_new_account(
        world.db, item["item_id"], row, wish.get("rows", 5), world.today()
    )
    if wish.get("webhook", True):
        items.fire(world, item, "ITEM", "NEW_ACCOUNTS_AVAILABLE", error=None)
    return {"account_id": account_id}


def revoke_account(ask: Ask) -> dict[str, Any]:
    """Let the person take back one account at the bank; it is gone from then on."""
    table = {"account_id": TEXT, "rows": Field("str", choices=("keep", "remove")),
             "webhook": _TELLS}  # fmt: skip
    wish = check(table, ask.body)
    item, told = ask.item(), wish.get("rows") == "remove"
    account_id = troubles.revoke_account(
        ask.world.db, item["item_id"], wish.get("account_id", ""), told=told
    )
    if wish.get("webhook", True):
        items.fire(ask.world, item, "ITEM", "USER_ACCOUNT_REVOKED", account_id=account_id)
        if told:
            items.announce(ask.world, item, since=item["log_head"])
    return {"account_id": account_id}


def _days_from_now(ask: Ask, days: Decimal) -> float:
    if not 0 <= days <= _MOST_DAYS:
        raise invalid("days", f"must lie between 0 and {_MOST_DAYS}")
    return ask.world.now().timestamp() + float(days) * items.DAY_SECONDS


def pending_expiration(ask: Ask) -> dict[str, Any]:
    """Let the person's consent end in ``days``, and say so now."""
    wish = check({"days": _DAYS}, ask.body)
    item, ends = ask.item(), _days_from_now(ask, wish.get("days", _WEEK))
    items.warn_of_expiration(ask.world, item, ends)
    return {"consent_expiration_time": views.moment(ends)}


def pending_disconnect(ask: Ask) -> dict[str, Any]:
    """Let the bank cut the item off in ``days``, and say so now."""
    wish = check({"days": _DAYS, "reason": Field("str", choices=REASONS)}, ask.body)
    item, ends = ask.item(), _days_from_now(ask, wish.get("days", _WEEK))
    items.warn_of_disconnect(ask.world, item, ends, wish.get("reason", REASONS[0]))
    return {"disconnect_time": views.moment(ends)}


def bad_row(ask: Ask) -> dict[str, Any]:
    """Let the bank send something broken: a row, or an account that changes under the hand."""
    table = {"kind": Field("str", required=True, choices=troubles.BAD_KINDS), "account_id": TEXT,
             "webhook": _TELLS}  # fmt: skip
    wish = check(table, ask.body)
    world, item = ask.world, ask.item()
    account = troubles.shared_account(world.db, item["item_id"], wish.get("account_id", ""))
    made = troubles.break_something(world.db, item["item_id"], wish["kind"], account, world.today())
    if wish.get("webhook", True):
        items.announce(world, item, since=item["log_head"])
    return made


def heal_rows(ask: Ask) -> dict[str, Any]:
    """Let the bank correct everything that it had sent broken."""
    wish = check({"webhook": _TELLS}, ask.body)
    item = ask.item()
    healed = troubles.heal(ask.world.db, item["item_id"])
    if healed and wish.get("webhook", True):
        items.announce(ask.world, item, since=item["log_head"])
    return {"healed": healed}


def sent_webhooks(ask: Ask) -> dict[str, Any]:
    """List the last webhooks about an item, with their bodies."""
    rows = ask.world.db.execute(
        "SELECT * FROM webhooks WHERE item_id = ? ORDER BY id DESC LIMIT 50", (ask.name,)
    ).fetchall()
    return {"webhooks": [webhooks.as_object(row) | {"body": json.loads(row["body"])}
                         for row in rows]}  # fmt: skip


def deliveries(ask: Ask, most: int) -> list[dict[str, Any]]:
    """List the last webhooks about an item, ``most`` at most, without their long bodies."""
    rows = ask.world.db.execute(
        "SELECT id, item_id, url, code, attempts, outcome, due_at, forged FROM webhooks"
        " WHERE item_id = ? ORDER BY id DESC LIMIT ?",
        (ask.name, most),
    )
    return list(map(webhooks.as_object, rows))


ACTS: Final[dict[str, Act]] = {
    "mutate": mutate,
    "error": set_error,
    "revoke": revoke,
    "webhook": send_webhook,
    "migrate_accounts": migrate_accounts,
    "new_account": new_account,
    "revoke_account": revoke_account,
    "pending_expiration": pending_expiration,
    "pending_disconnect": pending_disconnect,
    "bad_row": bad_row,
    "heal_rows": heal_rows,
}
