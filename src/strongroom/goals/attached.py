"""Accounts that are attached to goals: which ones may be. What they hold is the pool's to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from strongroom import accounts
from strongroom.accounts import Category
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, UserId
from strongroom.ui import gettext

_MAY: Final = (Category.CASH, Category.INVESTMENTS, Category.DIGITAL_ASSETS)
_MOST: Final = 50


class AccountIsNoSavings(Refused):
    """Only money and investments can be put aside for a goal: no debt, no house, nothing closed."""


async def check(db: Db, *, owner: UserId, wanted: Sequence[AccountId]) -> None:
    """Look whether accounts may be attached. Raises ``AccountNotFound``, ``AccountIsNoSavings``."""
    if len(wanted) > _MOST:
        raise AccountIsNoSavings(gettext("At most 50 accounts can be attached."), field="accounts")
    if not wanted:
        return
    known = {one.id: one for one in await accounts.list_all(db, owner=owner)}
    for one in wanted:
        if one not in known:
            raise accounts.AccountNotFound(gettext("There is no such account."), field="accounts")
        if known[one].category not in _MAY or known[one].closed_at is not None:
            raise AccountIsNoSavings(
                gettext("%(name)s cannot be put aside for a goal.", name=known[one].name),
                field="accounts",
                hint=gettext("Attach open accounts with money or investments."),
            )
