"""Tags: words of a person's own on rows of the book, as many on a row as they like.

A tag changes no sum. What a rule puts on is told apart from what the person did.
"""

from __future__ import annotations

from strongroom.transactions.tags.rules import read_names
from strongroom.transactions.tags.service import (
    TagExists,
    TagIsNoName,
    TagNotFound,
    TooManyTags,
    change_tags,
    list_tags,
    names,
    remove_tag,
    rename_tag,
    set_tags,
    tag_by_rule,
    tags_of,
)
from strongroom.transactions.tags.types import Tag, TagId, TagUse

__all__ = [
    "Tag",
    "TagExists",
    "TagId",
    "TagIsNoName",
    "TagNotFound",
    "TagUse",
    "TooManyTags",
    "change_tags",
    "list_tags",
    "names",
    "read_names",
    "remove_tag",
    "rename_tag",
    "set_tags",
    "tag_by_rule",
    "tags_of",
]
