"""Signing in at a practice bank: which user names and passwords work, and to what they lead.

Gives the persona behind a login, or the error the bank answers with. Opens no item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from strongroom.sandbox.plaid import custom_user, household, standard_users
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.institutions import Institution
from strongroom.sandbox.plaid.persona import Persona

CUSTOM: Final = "user_custom"
HOUSEHOLD: Final = "user_household"
DYNAMIC: Final = "user_transactions_dynamic"

Builder = Callable[[object, str, date], Persona]
_STRICT: Final = frozenset({"user_good", HOUSEHOLD})
_ANY_PASSWORD: Final[Mapping[str, Builder]] = {
    DYNAMIC: standard_users.dynamic,
    "user_small_business": standard_users.small_business,
    "user_yuppie": standard_users.yuppie,
    "user_ewa_user": standard_users.wage_earner,
}
_LINK_ERRORS: Final = frozenset(
    "ITEM_LOCKED INVALID_CREDENTIALS INVALID_MFA INVALID_SEND_METHOD ITEM_NOT_SUPPORTED "
    "USER_SETUP_REQUIRED USER_INPUT_TIMEOUT NO_ACCOUNTS COUNTRY_NOT_SUPPORTED INSTITUTION_DOWN "
    "INSTITUTION_NOT_RESPONDING INTERNAL_SERVER_ERROR".split()
)
_QUESTIONS: Final = re.compile(r"mfa_questions_([1-9])_([1-9])\Z")


def check_bank(bank: Institution) -> None:
    """Raise the error of a bank that cannot be linked at all."""
    if bank.health == "DOWN":
        raise PlaidError("INSTITUTION_DOWN")
    if bank.health == "UNSUPPORTED":
        raise PlaidError("INSTITUTION_NO_LONGER_SUPPORTED")


def sign_in(
    bank: Institution,
    username: str,
    password: str,
    *,
    seed: object,
    today: date,
    born: date,
    since: date | None = None,
) -> Persona:
    """Give the persona behind a login; raises ``PlaidError`` when the bank refuses it.

    ``born`` is when this login was first linked; from there what grows is counted. ``since`` is
    how far back the client asked for history, if it said so.
    """
    check_bank(bank)
    if password.startswith("error_") and not bank.oauth:
        code = password.removeprefix("error_")
        raise PlaidError(code if code in _LINK_ERRORS else "INVALID_CREDENTIALS")
    if username == CUSTOM:
        return custom_user.build(password, today, bank.currency)
    builder = _ANY_PASSWORD.get(username)
    if builder is not None and password:
        return builder(seed, bank.currency, today)
    mfa = mfa_of(password)
    if username not in _STRICT or not (mfa or password in ("pass_good", "microdeposits_good")):
        raise PlaidError("INVALID_CREDENTIALS")
    if username == HOUSEHOLD:
        return replace(household.build(seed, bank.currency, today, born), mfa=mfa)
    return replace(standard_users.good(seed, bank.currency, today, since), mfa=mfa)


def mfa_of(password: str) -> dict[str, int] | None:
    """Give what Link must ask next for a password that stands for MFA, or None."""
    if password == "mfa_device":  # noqa: S105  (a documented test password)
        return {"device": 1}
    if password == "mfa_selections":  # noqa: S105
        return {"rounds": 1, "questions": 2, "selections": 3}
    match = _QUESTIONS.match(password)
    return {"rounds": int(match[1]), "questions": int(match[2])} if match else None
