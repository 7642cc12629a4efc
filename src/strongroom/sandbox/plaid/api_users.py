"""Endpoints for a client's users: make one, and look one up.

A user has no effect on what the practice banks do, and items do not belong to users here.
"""

from __future__ import annotations

from typing import Any, Final

from strongroom.sandbox.plaid import ids, views
from strongroom.sandbox.plaid.endpoint import Call, endpoint
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import FLAG, REQUIRED_TEXT, Field
from strongroom.sandbox.plaid.wire import dumps, loads

_LONGEST_NAME: Final = 128
_USER_ID_LETTERS: Final = 14
_ID_TYPES: Final = tuple(
    "ar_dni au_drivers_license au_passport br_cpf ca_sin cl_run cn_resident_card co_nit dk_cpr "
    "eg_national_id es_dni es_nie hk_hkid in_pan it_cf jo_civil_id jp_my_number ke_huduma_namba "
    "kw_civil_id mx_curp mx_rfc my_nric ng_nin nz_drivers_license om_civil_id ph_psn pl_pesel "
    "ro_cnp sa_national_id se_pin sg_nric tr_tc_kimlik us_ssn us_ssn_last_4 za_smart_id".split()
)
_OPTIONAL_TEXT: Final = Field("str", nullable=True)
_PRIMARY: Final = Field("bool", required=True)
_REACHED: Final = Field(
    "objects", nullable=True, members={"data": REQUIRED_TEXT, "primary": _PRIMARY}
)
_ADDRESSES: Final = Field(
    "objects",
    nullable=True,
    members={
        **dict.fromkeys(("street_1", "street_2", "city", "region", "postal_code"), _OPTIONAL_TEXT),
        "country": REQUIRED_TEXT,
        "primary": _PRIMARY,
    },
)
_ID_NUMBERS: Final = Field(
    "objects",
    nullable=True,
    open=True,
    members={"value": REQUIRED_TEXT, "type": Field("str", required=True, choices=_ID_TYPES)},
)
_IDENTITY: Final = Field(
    "object",
    nullable=True,
    open=True,
    members={
        "name": Field(
            "object",
            nullable=True,
            members={"given_name": REQUIRED_TEXT, "family_name": REQUIRED_TEXT},
        ),
        "date_of_birth": Field("date", nullable=True),
        "emails": _REACHED,
        "phone_numbers": _REACHED,
        "addresses": _ADDRESSES,
        "id_numbers": _ID_NUMBERS,
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

    Who sends ``identity``, or asks for an upgraded user (in the body or by a header), has a user_id
    only. Others are taken for integrations from before December 2025, which have a user_token too.
    The first identity sent stays.
    """
    body = call.body
    upgraded = "identity" in body or call.new_users or bool(body.get("with_upgraded_user"))
    key = (call.client_id, body["client_user_id"], int(upgraded))
    made = ids.stable_id(call.world.options.seed, "user", *key)
    identity = body.get("identity")
    call.world.db.execute(
        "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (client_id, client_user_id, upgraded)"
        " DO UPDATE SET identity = coalesce(identity, excluded.identity)",
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
