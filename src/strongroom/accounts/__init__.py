"""What is held: accounts and their balances by day. The door of the domain."""

from strongroom.accounts.currencies import currencies_of
from strongroom.accounts.rules import MANUAL_SUBTYPES
from strongroom.accounts.service import (
    AccountIsTheBanks,
    AccountNotFound,
    BadAccountName,
    BadSubtype,
    BadValue,
    balance_history,
    close,
    get,
    hide,
    list_all,
    make_partitions_for_all,
    open_manual,
    rename,
    reopen,
    revalue,
    take_in,
)
from strongroom.accounts.types import (
    Account,
    BalanceSource,
    BankAccount,
    Category,
    DayBalance,
    OpenManual,
)

__all__ = [
    "MANUAL_SUBTYPES",
    "Account",
    "AccountIsTheBanks",
    "AccountNotFound",
    "BadAccountName",
    "BadSubtype",
    "BadValue",
    "BalanceSource",
    "BankAccount",
    "Category",
    "DayBalance",
    "OpenManual",
    "balance_history",
    "close",
    "currencies_of",
    "get",
    "hide",
    "list_all",
    "make_partitions_for_all",
    "open_manual",
    "rename",
    "reopen",
    "revalue",
    "take_in",
]
