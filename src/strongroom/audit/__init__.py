"""Who did what, in an append-only log whose rows are chained by a keyed hash, one chain a person.

Every verb that changes something records itself in its own unit of work. Changes are found, not
prevented: ``verify`` tells an altered, missing or reordered row, and published heads a cut-off one.
"""

from strongroom.audit.heads import HEADS_FILE, HeadsNotReadable
from strongroom.audit.service import (
    list_newest,
    list_page,
    newest_heads_for_all,
    publish_heads,
    record,
    use_key,
    verify,
    verify_for_all,
)
from strongroom.audit.types import Details, Entry, Head, Verified

__all__ = [
    "HEADS_FILE",
    "Details",
    "Entry",
    "Head",
    "HeadsNotReadable",
    "Verified",
    "list_newest",
    "list_page",
    "newest_heads_for_all",
    "publish_heads",
    "record",
    "use_key",
    "verify",
    "verify_for_all",
]
