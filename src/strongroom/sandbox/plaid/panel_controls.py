"""The fault panel's forms: which controls there are, their fields, and what they send.

A form's answers become the JSON body of the control door's own act; nothing is done here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from strongroom.sandbox.plaid import control, control_items, faults, rate_limits, troubles
from strongroom.sandbox.plaid.ask import Act
from strongroom.sandbox.plaid.errors import REASONS, TABLE
from strongroom.sandbox.plaid.fields import invalid
from strongroom.sandbox.plaid.wire import BadJson, loads


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form. ``kind``: text, number, flag, choice, words (a list) or json."""

    name: str
    label: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    start: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """One form: ``act`` is what it does, ``button`` what it says; ``grave`` cannot be undone."""

    name: str
    title: str
    button: str
    act: Act
    note: str = ""
    entries: Sequence[Entry] = ()
    grave: bool = False


_TELL: Final = Entry("webhook", "Tell by webhook", "flag", start="on")
_ITEM_ERRORS: Final = tuple(
    code for code, row in TABLE.items() if row[0] in ("ITEM_ERROR", "INSTITUTION_ERROR")
)
_RATE_NOTES: Final = {
    "error": "an error object, or an HTML page",
    "timeout": "no answer, before or after the work",
    "cut": "the connection breaks in the body",
    "slow": "the answer comes late",
    "mutate": "rows change while pages are read",
    "partial_page": "fewer rows than asked, perhaps none, with more to come",
    "rate_limit": "429 with the endpoint's own code",
    "webhook_double": "comes twice",
    "webhook_drop": "never comes",
    "webhook_late": "comes late",
    "webhook_reorder": "comes after later ones",
    "webhook_forge": "a forged copy comes first",
    "webhook_stale": "a copy signed ten minutes ago comes first",
    "relink_new_ids": "a repaired link has new account ids",
}
RATES: Final = tuple(
    Entry(f"rate.{kind}", kind, "number", note=_RATE_NOTES[kind]) for kind in faults.ALL_KINDS
)
PLAN: Final = (
    Entry("seed", "Seed", "number", start="0"),
    Entry("most", "Stop after so many strikes", "number"),
    Entry("endpoints", "Only these endpoints", "words", note="paths, with spaces between"),
    Entry("error_codes", "Error codes", "words", note="such as INSTITUTION_DOWN or HTML"),
    Entry("slow_seconds", "Slow: seconds", "number"),
    Entry("timeout_seconds", "Timeout: seconds", "number"),
    Entry("late_seconds", "Late webhooks: seconds", "number"),
    Entry("mutations", "Mutate: changes at a time", "number"),
)
FAULTS: Final = Control(
    "faults", "Faults by chance", "Set this plan", control.put_faults,
    "A rate from 0 to 1 for each kind. The same seed and the same requests meet the same faults.",
    (*RATES, *PLAN),
)  # fmt: skip
WORLD: Final = (
    FAULTS,
    Control("no_faults", "No faults", "Stop all faults", control.drop_faults),
    Control(
        "clock", "Clock", "Set the clock", control.set_clock,
        "Days bring new rows, let pending rows post, and end sign-ins and consents.",
        (Entry("offset_seconds", "Seconds ahead of real time", "number", note="a day is 86400"),
         Entry("speed", "Speed", "number", note="1440 makes a day a minute")),
    ),
    Control(
        "rate_limits", "Rate limits", "Set the limits", control.set_rate_limits,
        "Plaid's limits a minute, for each item and client.",
        (Entry("tier", "Limits of", "choice", rate_limits.TIERS),),
    ),
    Control("rotate_key", "Webhook key", "Rotate the key", control.rotate_key,
            "The present key expires; later webhooks name a new one."),
    Control("reset", "Start over", "Forget everything", control.reset,
            "All items, rows, links, webhooks and faults go. Signing keys stay.", grave=True),
)  # fmt: skip
OF_ITEM: Final = (
    Control(
        "mutate", "Change rows", "Change rows now", control_items.mutate,
        "Adds, corrects, removes and posts rows.",
        (Entry("count", "How many changes", "number", start="5"),
         Entry("seed", "Seed", "number"), _TELL),
    ),
    Control(
        "error", "Error state", "Set the error", control_items.set_error,
        "No code repairs the item and sends LOGIN_REPAIRED.",
        (Entry("code", "Code", "choice", ("", *_ITEM_ERRORS), "ITEM_LOGIN_REQUIRED"),
         Entry("reason", "Reason (banks with a page of their own)", "choice", ("", *REASONS))),
    ),
    Control("revoke", "Permission revoked", "Revoke all access", control_items.revoke,
            "The person takes everything back at the bank."),
    Control(
        "revoke_account", "Account revoked", "Revoke one account", control_items.revoke_account,
        "The account is gone and never offered again.",
        (Entry("account_id", "Account", "choice", ("ACCOUNTS",)),
         Entry("rows", "Its rows", "choice", ("keep", "remove"),
               note="keep: never spoken of again; remove: told as removed"), _TELL),
    ),
    Control(
        "new_account", "New account", "Open an account", control_items.new_account,
        "On offer in Link's update mode with account selection.",
        (Entry("name", "Name", start="New Savings"),
         Entry("type", "Type", "choice", control_items.TYPES, "depository"),
         Entry("subtype", "Subtype", note="Plaid's word, such as savings or credit card"),
         Entry("mask", "Mask", start="9090"), Entry("current", "Current", "number", start="250.00"),
         Entry("rows", "Rows", "number", start="5"), _TELL),
    ),
    Control(
        "migrate_accounts", "Bank migration", "Change all account ids",
        control_items.migrate_accounts,
        "Every account has a new account_id; every row comes again with a new transaction_id.",
        (Entry("removed", "Old rows are told as removed", "flag"), _TELL),
    ),
    Control(
        "bad_row", "Something broken", "Send it", control_items.bad_row, "",
        (Entry("kind", "Kind", "choice", troubles.BAD_KINDS),
         Entry("account_id", "Account", "choice", ("ACCOUNTS",)), _TELL),
    ),
    Control("heal_rows", "Repair", "Make all good again", control_items.heal_rows,
            "Broken rows come again, as modified.", (_TELL,)),
    Control("pending_expiration", "Consent will end", "Warn", control_items.pending_expiration,
            "PENDING_EXPIRATION now; a new sign-in is needed when the time has come.",
            (Entry("days", "In days", "number", start="7"),)),
    Control(
        "pending_disconnect", "Bank will cut off", "Warn", control_items.pending_disconnect,
        "PENDING_DISCONNECT now; a new sign-in is needed when the time has come.",
        (Entry("days", "In days", "number", start="7"),
         Entry("reason", "Reason", "choice", control_items.REASONS)),
    ),
    Control(
        "webhook", "Any webhook", "Send the webhook", control_items.send_webhook, "",
        (Entry("webhook_type", "Type", start="TRANSACTIONS"),
         Entry("webhook_code", "Code", start="DEFAULT_UPDATE"),
         Entry("members", "Further members", "json", start="{}", note="a JSON object")),
    ),
)  # fmt: skip
BY_NAME: Final = {one.name: one for one in (*WORLD, *OF_ITEM)}


def body_of(found: Control, form: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a form's answers into the act's JSON body; empty fields are absent.

    Raises INVALID_FIELD naming what could not be read.
    """
    body: dict[str, Any] = {}
    for entry in found.entries:
        text = str(form.get(entry.name, "")).strip()
        if entry.kind == "flag":
            body[entry.name] = text == "on"
        elif text:
            body[entry.name] = _value(entry, text)
    if found is FAULTS:
        rates = {entry.name: body.pop(entry.name, None) for entry in RATES}
        body["rates"] = {name[5:]: rate for name, rate in rates.items() if rate}
    return body


def _value(entry: Entry, text: str) -> Any:
    try:
        if entry.kind == "number":
            number = Decimal(text)
            return int(number) if number == number.to_integral_value() else number
        if entry.kind == "json":
            return loads(text)
    except (InvalidOperation, ValueError, OverflowError, BadJson) as error:
        raise invalid(entry.name, f"is not a {entry.kind}") from error
    return text.split() if entry.kind == "words" else text
