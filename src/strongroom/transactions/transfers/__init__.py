"""Two rows of a person's accounts that are one movement: found, asked about, made, taken apart.

What the rest of the book may use of it.
"""

from strongroom.transactions.transfers.service import (
    LegIsTaken,
    LegNotFound,
    NotTwoLegs,
    TransferNotFound,
    ask_again,
    confirm,
    count_proposed,
    find_of,
    get,
    legs_of,
    link,
    list_newest,
    match,
    others_near,
    reject,
    reopen,
)
from strongroom.transactions.transfers.types import (
    Reason,
    State,
    Transfer,
    TransferKind,
    TransferLeg,
)

__all__ = [
    "LegIsTaken",
    "LegNotFound",
    "NotTwoLegs",
    "Reason",
    "State",
    "Transfer",
    "TransferKind",
    "TransferLeg",
    "TransferNotFound",
    "ask_again",
    "confirm",
    "count_proposed",
    "find_of",
    "get",
    "legs_of",
    "link",
    "list_newest",
    "match",
    "others_near",
    "reject",
    "reopen",
]
