"""A person's own hand in the book: entries, changes to any rows, merging with the bank's, undoing.

What the rest of the program may use of it.
"""

from strongroom.transactions.manual.editing import (
    MOST_AT_ONCE,
    RowIsSplit,
    TooManyRows,
    change,
    ids_of,
)
from strongroom.transactions.manual.entries import (
    AccountIsClosed,
    AccountIsValued,
    NotAnEntry,
    PartsDoNotFit,
    add,
    change_entry,
    delete,
)
from strongroom.transactions.manual.merging import (
    ProposalNotFound,
    confirm,
    look_at,
    meet,
    proposals,
    reject,
)
from strongroom.transactions.manual.rules import BadEntry, OtherCurrency, TooManyDecimals
from strongroom.transactions.manual.types import (
    Act,
    Edit,
    EntryChange,
    HistoryLine,
    NewEntry,
    Proposal,
    RowChange,
    Verb,
)
from strongroom.transactions.manual.undoing import (
    AlreadyUndone,
    ChangedSince,
    EditNotFound,
    NotUndoable,
    acts,
    can_be_undone,
    history,
    undo,
)

__all__ = [
    "MOST_AT_ONCE",
    "AccountIsClosed",
    "AccountIsValued",
    "Act",
    "AlreadyUndone",
    "BadEntry",
    "ChangedSince",
    "Edit",
    "EditNotFound",
    "EntryChange",
    "HistoryLine",
    "NewEntry",
    "NotAnEntry",
    "NotUndoable",
    "OtherCurrency",
    "PartsDoNotFit",
    "Proposal",
    "ProposalNotFound",
    "RowChange",
    "RowIsSplit",
    "TooManyDecimals",
    "TooManyRows",
    "Verb",
    "acts",
    "add",
    "can_be_undone",
    "change",
    "change_entry",
    "confirm",
    "delete",
    "history",
    "ids_of",
    "look_at",
    "meet",
    "proposals",
    "reject",
    "undo",
]
