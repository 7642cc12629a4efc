"""Money that came back, and the purchase it came back for: found, asked about, linked, taken apart.

What the rest of the book may use of it.
"""

from strongroom.transactions.refunds.service import (
    NotARefund,
    RefundNotFound,
    RefundRowNotFound,
    ask_again,
    confirm,
    count_proposed,
    get,
    let_go,
    let_go_of_import,
    let_go_of_rows,
    link,
    list_newest,
    match,
    of_row,
    purchases_near,
    reject,
    reopen,
    stand_again,
)
from strongroom.transactions.refunds.types import Refund, RefundRow

__all__ = [
    "NotARefund",
    "Refund",
    "RefundNotFound",
    "RefundRow",
    "RefundRowNotFound",
    "ask_again",
    "confirm",
    "count_proposed",
    "get",
    "let_go",
    "let_go_of_import",
    "let_go_of_rows",
    "link",
    "list_newest",
    "match",
    "of_row",
    "purchases_near",
    "reject",
    "reopen",
    "stand_again",
]
