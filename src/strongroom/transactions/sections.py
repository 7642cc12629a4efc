"""What of a person's book goes along with an export beside its rows, in the order it comes back."""

from __future__ import annotations

from strongroom.core.sections import Section
from strongroom.core.vault import Vault
from strongroom.transactions.attachments.section import Attachments
from strongroom.transactions.links import Refunds, Rejections, Transfers
from strongroom.transactions.sorting.section import Rules
from strongroom.transactions.tags.section import Tags


def sections(vault: Vault) -> tuple[Section, ...]:
    """Return the sections of the book; ``vault`` seals and unseals what is attached to rows."""
    return (Tags(), Rules(), Rejections(), Transfers(), Refunds(), Attachments(vault))
