"""Attachments: receipts and the like, hung on rows of the book and sealed in the database.

Pictures, PDF and plain text, known by what is in them. Programs are refused whatever their name.
"""

from __future__ import annotations

from strongroom.transactions.attachments.rules import LARGEST_BYTES, AttachmentIsRefused
from strongroom.transactions.attachments.service import (
    AttachmentIsThere,
    AttachmentNotFound,
    TooManyAttachments,
    attach,
    attachments_of,
    detach,
    open_attachment,
)
from strongroom.transactions.attachments.types import Attachment, AttachmentId, Opened

__all__ = [
    "LARGEST_BYTES",
    "Attachment",
    "AttachmentId",
    "AttachmentIsRefused",
    "AttachmentIsThere",
    "AttachmentNotFound",
    "Opened",
    "TooManyAttachments",
    "attach",
    "attachments_of",
    "detach",
    "open_attachment",
]
