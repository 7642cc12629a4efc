"""Link tokens and Hosted Link sessions: what the user has done so far, and how it ends.

The pages draw what is here; the rules of each step (sign-in, MFA, choosing accounts) are here.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid import faults, ids, items, logins, troubles, webhooks
from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.institutions import BY_ID, Institution
from strongroom.sandbox.plaid.items import Item, NewItem
from strongroom.sandbox.plaid.persona import Account, Persona
from strongroom.sandbox.plaid.wire import dumps, loads
from strongroom.sandbox.plaid.world import World

LINK_SECONDS: Final = 4 * 3600.0
UPDATE_SECONDS: Final = 30 * 60.0
HOSTED_SECONDS: Final = 30 * 60.0
REPAIR_PASSWORD: Final = "pass_good"  # noqa: S105  (a documented test password)
INSTITUTION, CREDENTIALS, MFA, ACCOUNTS, BANK, DONE = (
    "institution", "credentials", "mfa", "accounts", "bank", "done",
)  # fmt: skip
_EXIT_STATUS: Final = {
    INSTITUTION: "institution_not_found",
    CREDENTIALS: "requires_credentials",
    MFA: "requires_questions",
    ACCOUNTS: "requires_account_selection",
    BANK: "requires_oauth",
}


@dataclass(slots=True)
class Session:
    """One visit to the Link pages. ``state`` is kept in the state file between requests."""

    world: World
    session_id: str
    token: Any
    request: dict[str, Any]
    state: dict[str, Any]
    finished: bool

    @property
    def step(self) -> str:
        """Say which page comes next."""
        return str(self.state["step"])

    @property
    def bank(self) -> Institution | None:
        """Give the bank chosen, or None."""
        return BY_ID.get(self.state.get("institution_id", ""))

    @property
    def update_item(self) -> Item | None:
        """Give the item being repaired (update mode), or None."""
        item_id = self.token["item_id"]
        return items.find(self.world, item_id) if item_id else None

    @property
    def chooses_accounts(self) -> bool:
        """Say whether the user is asked which accounts to share."""
        update = self.request.get("update") or {}
        return self.update_item is None or bool(update.get("account_selection_enabled"))

    def note(self, name: str, **metadata: Any) -> None:
        """Remember an event, as Link reports it."""
        bank = self.bank
        known: dict[str, Any] = {}
        if bank is not None:
            known = {"institution_id": bank.institution_id, "institution_name": bank.name}
        self.state["events"].insert(
            0,
            {
                "event_id": ids.fresh_uuid(),
                "event_metadata": {**known, **metadata, "request_id": ids.request_id()},
                "event_name": name,
                "timestamp": stamp(self.world.now()),
            },
        )

    def go(self, step: str) -> None:
        """Turn to another page."""
        self.state["step"] = step
        self.note("TRANSITION_VIEW", view_name=step.upper())

    def save(self) -> None:
        """Keep the session as it is now."""
        self.world.db.execute(
            "UPDATE link_sessions SET state = ?, finished_at = coalesce(finished_at, ?)"
            " WHERE session_id = ?",
            (dumps(self.state), time.time() if self.finished else None, self.session_id),
        )


def create_token(
    world: World, client_id: str, request: dict[str, Any], item: Item | None
) -> tuple[str, float, str | None]:
    """Make a link token; returns (token, expiry, hosted id or None)."""
    token = ids.token("link")
    hosted = request.get("hosted_link")
    lifetime = HOSTED_SECONDS
    if hosted is not None:
        by_mail = {"sms": 24 * 3600.0, "email": 7 * 24 * 3600.0}
        lifetime = float(
            hosted.get("url_lifetime_seconds")
            or by_mail.get(hosted.get("delivery_method", ""), HOSTED_SECONDS)
        )
    hosted_id = ids.stable_id(token, ids.fresh_uuid()) if hosted is not None else None
    now = time.time()
    expires = now + (LINK_SECONDS if item is None else UPDATE_SECONDS)
    if hosted_id is not None:
        expires = max(expires, now + lifetime) if lifetime > LINK_SECONDS else expires
    world.db.execute(
        "INSERT INTO link_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (token, client_id, hosted_id, dumps(request), item["item_id"] if item else None, now,
         expires, now + lifetime if hosted_id else None),
    )  # fmt: skip
    return token, expires, hosted_id


def open_session(world: World, hosted_id: str, *, again: bool = False) -> Session | None:
    """Give the running session of a Hosted Link address, starting one when there is none.

    ``again`` starts anew after a session that was left. None when the address is unknown or has
    expired.
    """
    token = world.db.execute(
        "SELECT * FROM link_tokens WHERE hosted_id = ?", (hosted_id,)
    ).fetchone()
    if token is None:
        return None
    row = world.db.execute(
        "SELECT * FROM link_sessions WHERE link_token = ? ORDER BY started_at DESC LIMIT 1",
        (token["link_token"],),
    ).fetchone()
    exited = row is not None and loads(row["state"]).get("exit") is not None
    if token["hosted_expires_at"] < time.time() and (row is None or row["finished_at"] is None):
        return None
    if row is None or (exited and again):
        return _start(world, token)
    return Session(
        world, row["session_id"], token, loads(token["request"]), loads(row["state"]),
        row["finished_at"] is not None,
    )  # fmt: skip


def _start(world: World, token: Any) -> Session:
    session = Session(
        world, ids.fresh_uuid(), token, loads(token["request"]),
        {"step": INSTITUTION, "events": [], "exit": None, "results": []}, finished=False,
    )  # fmt: skip
    world.db.execute(
        "INSERT INTO link_sessions VALUES (?, ?, ?, ?, NULL)",
        (session.session_id, token["link_token"], dumps(session.state), time.time()),
    )
    session.note("OPEN")
    item = session.update_item
    wanted = item["institution_id"] if item else session.request.get("institution_id")
    if wanted:
        choose_bank(session, wanted)
    session.save()
    return session


def choose_bank(session: Session, institution_id: str) -> None:
    """Choose a bank; raises the error of one that cannot be linked."""
    bank = BY_ID.get(institution_id)
    if bank is None:
        raise PlaidError("INVALID_INSTITUTION")
    session.state["institution_id"] = institution_id
    session.state.pop("login", None)
    session.note("SELECT_INSTITUTION")
    session.go(BANK if bank.oauth else CREDENTIALS)


def sign_in(session: Session, username: str, password: str) -> None:
    """Try a login; afterwards comes MFA, the choice of accounts, or the end.

    Raises ``PlaidError`` when the bank refuses; the session stays where it is.
    """
    bank = session.bank
    if bank is None:
        raise PlaidError("INVALID_INSTITUTION")
    session.note("SUBMIT_CREDENTIALS")
    item = session.update_item
    if item is not None and item["username"] != username:
        raise PlaidError("INVALID_UPDATED_USERNAME")
    if item is None and "item_number" not in session.state:
        session.state["item_number"] = items.reserve_number(session.world)
    session.state["login"] = {"username": username, "password": password}
    if item is not None and username == logins.CUSTOM and password == REPAIR_PASSWORD:
        # Whoever repairs a custom user need not paste the whole person again.
        session.state["mfa"] = None
        session.go(ACCOUNTS)
        return
    try:
        persona = persona_of(session)
    except PlaidError:
        del session.state["login"]
        raise
    session.state["mfa"] = {"round": 0, **persona.mfa} if persona.mfa else None
    session.go(MFA if persona.mfa else ACCOUNTS)


def persona_of(session: Session) -> Persona:
    """Give the persona behind the session's login."""
    login, bank = session.state.get("login"), session.bank
    if login is None or bank is None:
        raise PlaidError("INVALID_CREDENTIALS")
    return items.sign_in(session.world, bank, login["username"], login["password"])


def offered(session: Session) -> list[tuple[int, Account]]:
    """Give the accounts, with their positions, that the client's filters let the user share."""
    item = session.update_item
    if item is None:
        accounts = list(enumerate(persona_of(session).accounts))
    else:
        accounts = [
            (row["position"], _known(row))
            for row in session.world.db.execute(
                "SELECT * FROM accounts WHERE item_id = ? AND NOT revoked ORDER BY position",
                (item["item_id"],),
            )
        ]
    filters = session.request.get("account_filters")
    return [one for one in accounts if not filters or _passes(filters, one[1])]


def shared_positions(session: Session) -> set[int] | None:
    """Give the positions shared so far of an item under repair; None for a new item."""
    item = session.update_item
    if item is None:
        return None
    found = session.world.db.execute(
        "SELECT position FROM accounts WHERE item_id = ? AND shared", (item["item_id"],)
    )
    return {row["position"] for row in found}


def _known(row: Any) -> Account:
    facts = loads(row["facts"])
    return Account(
        row["type"],
        row["subtype"],
        facts["name"],
        facts["official_name"],
        facts["mask"],
        None if row["current"] is None else Decimal(row["current"]),
        currency=row["currency"],
    )


def _passes(filters: dict[str, Any], account: Account) -> bool:
    one = filters.get(account.type)
    subtypes = one.get("account_subtypes") or [] if isinstance(one, dict) else []
    return "all" in subtypes or account.subtype in subtypes


def answer_mfa(session: Session, answers: list[str]) -> None:
    """Check one round of MFA answers; raises INVALID_MFA."""
    mfa = session.state.get("mfa") or {}
    session.note("SUBMIT_MFA", mfa_type=mfa_type(mfa))
    turn = mfa.get("round", 0)
    if "device" in mfa:
        right = ["1234"]
    elif "selections" in mfa:
        right = ["Yes"] * mfa["questions"]
    else:
        right = [f"answer_{turn}_{index}" for index in range(mfa.get("questions", 0))]
    if answers != right:
        raise PlaidError("INVALID_MFA")
    mfa["round"] = turn + 1
    if turn + 1 >= mfa.get("rounds", 1):
        session.go(ACCOUNTS)


def mfa_type(mfa: dict[str, Any]) -> str:
    """Name the kind of MFA as Link does."""
    return "code" if "device" in mfa else "selections" if "selections" in mfa else "questions"


def finish(session: Session, positions: Collection[int]) -> None:
    """Open or repair the item, with the chosen accounts, and tell the client's webhook.

    Raises NO_ACCOUNTS when none was chosen. A finished session stays as it is.
    """
    if session.finished:
        return
    if not positions:
        raise PlaidError("NO_ACCOUNTS", "choose at least one account")
    item = session.update_item
    if item is None:
        item = _open_item(session, persona_of(session), positions)
    else:
        if session.chooses_accounts:
            items.share_accounts(session.world, item, positions)
        items.clear_error(session.world, item)
        if faults.changes_ids_at_relink(session.world):
            item = items.find(session.world, item["item_id"])
            troubles.migrate_accounts(session.world.db, item["item_id"], removed=False)
            items.announce(session.world, item, since=item["log_head"])
        item = items.find(session.world, item["item_id"])
    public_token = items.issue_public_token(session.world, item)
    session.state["results"].append(_result(session, item, public_token))
    # The password has done its work; it is not kept.
    session.state.pop("login", None)
    session.note("HANDOFF")
    session.finished = True
    session.state["step"] = DONE
    session.save()
    _tell(session, "SUCCESS", public_token)


def _open_item(session: Session, persona: Persona, positions: Collection[int]) -> Item:
    request, bank = session.request, session.bank
    if bank is None:
        raise PlaidError("INVALID_INSTITUTION")
    wanted = [*(request.get("products") or ()),
              *(one for name in ("required_if_supported_products", "optional_products")
                for one in request.get(name) or () if one in bank.products)]  # fmt: skip
    new = NewItem(
        client_id=session.token["client_id"],
        bank=bank,
        username=session.state["login"]["username"],
        products=list(dict.fromkeys(wanted)),
        consented=request.get("additional_consented_products") or (),
        webhook=request.get("webhook"),
        days_requested=(request.get("transactions") or {}).get("days_requested"),
        origin="link",
        shared=frozenset(positions),
    )
    item_id = items.create(session.world, new, persona, session.state["item_number"])
    return items.find(session.world, item_id)


def _result(session: Session, item: Item, public_token: str) -> dict[str, Any]:
    bank = BY_ID[item["institution_id"]]
    rows = session.world.db.execute(
        "SELECT * FROM accounts WHERE item_id = ? AND shared ORDER BY position", (item["item_id"],)
    ).fetchall()
    return {
        "public_token": public_token,
        "accounts": [
            {
                "id": row["account_id"],
                "name": (facts := loads(row["facts"]))["name"],
                "mask": facts["mask"],
                "type": row["type"],
                "subtype": row["subtype"] or "",
                "verification_status": None,
                "class_type": None,
            }
            for row in rows
        ],
        "institution": {"institution_id": bank.institution_id, "name": bank.name},
    }


def leave(session: Session, error: PlaidError | None = None) -> None:
    """End the session without a result."""
    if session.finished:
        return
    session.state.pop("login", None)
    bank = session.bank
    session.state["exit"] = {
        "error": error.as_object(None) if error else None,
        "metadata": {
            "institution": {"institution_id": bank.institution_id, "name": bank.name}
            if bank
            else None,
            "link_session_id": session.session_id,
            "request_id": ids.request_id(),
            "status": _EXIT_STATUS.get(session.step, ""),
        },
    }
    session.note("EXIT", exit_status=_EXIT_STATUS.get(session.step, ""))
    session.finished = True
    session.save()
    _tell(session, "EXITED", None)


def _tell(session: Session, status: str, public_token: str | None) -> None:
    """Send the webhooks that end a Hosted Link session."""
    common = {"link_session_id": session.session_id, "link_token": session.token["link_token"]}
    one = {"public_token": public_token} if public_token else {}
    item = session.update_item
    url = session.request.get("webhook") or (item["webhook"] if item else None)

    def send(code: str, members: dict[str, Any]) -> None:
        webhooks.queue(
            session.world, item_id=None, url=url, kind="LINK", code=code, members=members
        )

    if public_token and session.request.get("enable_multi_item_link"):
        send("ITEM_ADD_RESULT", one | common)
    told = {"status": status, "public_tokens": [public_token] if public_token else []}
    send("SESSION_FINISHED", told | one | common)
    send("EVENTS", {"events": session.state["events"]} | common)


def session_object(row: Any) -> dict[str, Any]:
    """Build one member of link_sessions in the answer of /link/token/get."""
    state = loads(row["state"])
    results = state["results"]
    body: dict[str, Any] = {
        "events": state["events"],
        "exit": state["exit"],
        "finished_at": _moment(row["finished_at"]),
        "link_session_id": row["session_id"],
        "results": _results(results) if results else None,
        "started_at": _moment(row["started_at"]),
        "on_exit": state["exit"],
        "on_success": None,
    }
    if results:
        body["on_success"] = {
            "public_token": results[0]["public_token"],
            "metadata": {
                "accounts": results[0]["accounts"],
                "institution": results[0]["institution"],
                "link_session_id": row["session_id"],
            },
        }
    return body


def _results(added: list[dict[str, Any]]) -> dict[str, Any]:
    """Wrap what a session brought; the kinds of result that are not made here are empty."""
    return {
        "item_add_results": added,
        "cra_item_add_results": [],
        "cra_update_results": [],
        "bank_income_results": [],
        "payroll_income_results": [],
        "document_income_results": None,
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else stamp(datetime.fromtimestamp(seconds, UTC))
