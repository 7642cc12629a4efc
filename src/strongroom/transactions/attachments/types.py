"""The values of attachments. Plain data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType
from uuid import UUID

from strongroom.core.ids import TransactionId

AttachmentId = NewType("AttachmentId", UUID)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a row. ``size`` is in bytes; ``media_type`` is what was found in it."""

    id: AttachmentId
    transaction_id: TransactionId
    name: str
    media_type: str
    size: int
    created_at: datetime

    @property
    def is_picture(self) -> bool:
        """Whether every browser shows it as a picture."""
        return self.media_type in ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Opened:
    """An attachment and what is in it."""

    attachment: Attachment
    content: bytes = field(repr=False)
