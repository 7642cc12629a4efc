"""Endpoints for a client's users: make one, and look one up.

A user has no effect on what the practice banks do, and items do not belong to users here.
"""

from __future__ import annotations

from typing import Any, Final

from strongroom.sandbox.plaid import ids, views
from strongroom.sandbox.plaid.endpoint import Call, endpoint
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import ANY, FLAG, REQUIRED_TEXT, Field
from strongroom.sandbox.plaid.wire import dumps, loads

_LONGEST_NAME: Final = 128
_USER_ID_LETTERS: Final = 14
_IDENTITY: Final = Field(
    "object",
    nullable=True,
    members={
        "name": Field(
            "object",
            nullable=True,
            members={"given_name": REQUIRED_TEXT, "family_name": REQUIRED_TEXT},
        ),
        "date_of_birth": Field("date", nullable=True),
        "emails": ANY,
        "phone_numbers": ANY,
        "addresses": ANY,
        "id_numbers": ANY,
    },
)


@endpoint(
    "/user/create",
    client_user_id=Field("str", required=True, high=_LONGEST_NAME),
    identity=_IDENTITY,
    consumer_report_user_identity=Field("object", nullable=True),
    end_customer=Field("str", nullable=True, high=_LONGEST_NAME),
    with_upgraded_user=FLAG,
)
def create_user(call: Call) -> dict[str, Any]:
    """Make a user, or give the one there is of this client_user_id.

    Who sends ``identity``, or asks for an upgraded user, has a user_id only. Others are taken for
    integrations from before December 2025, which have a user_token too.
    """
    body = call.body
    upgraded = "identity" in body or bool(body.get("with_upgraded_user"))
    key = (call.client_id, body["client_user_id"], int(upgraded))
    made = ids.stable_id(call.world.options.seed, "user", *key)
    identity = body.get("identity")
    call.world.db.execute(
        "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (client_id, client_user_id, upgraded) DO NOTHING",
        (
            f"usr_{made[:_USER_ID_LETTERS]}" if upgraded else made, *key,
            None if upgraded else ids.token("user"),
            None if identity is None else dumps(_as_given(identity)),
            call.world.now().timestamp(),
        ),
    )  # fmt: skip
    user = call.world.db.execute(
        "SELECT user_id, user_token FROM users"
        " WHERE client_id = ? AND client_user_id = ? AND upgraded = ?",
        key,
    ).fetchone()
    token = {} if upgraded else {"user_token": user["user_token"]}
    return {"user_id": user["user_id"], **token}


def _as_given(identity: dict[str, Any]) -> dict[str, Any]:
    born = identity.get("date_of_birth")
    return identity | ({"date_of_birth": born.isoformat()} if born else {})


@endpoint("/user/get", user_id=REQUIRED_TEXT)
def get_user(call: Call) -> dict[str, Any]:
    """Describe a user that has no user_token; Plaid describes no others."""
    user = call.world.db.execute(
        "SELECT * FROM users WHERE user_id = ? AND client_id = ? AND upgraded",
        (call.body["user_id"], call.client_id),
    ).fetchone()
    if user is None:
        raise PlaidError("USER_NOT_FOUND")
    made = views.moment(user["created_at"])
    return {
        "user_id": user["user_id"],
        "client_user_id": user["client_user_id"],
        "created_at": made,
        "updated_at": made,
        "identity": user["identity"] and loads(user["identity"]),
    }
