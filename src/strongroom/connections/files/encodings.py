"""Which encoding a text file is in, from its first bytes and from whether all of it is UTF-8.

Decided by marks and by what the bytes can mean; never by the system's locale.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import Final

_LONGEST_LINE: Final = 1024 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Bytes that Windows' code page does not use; DOS's page has letters there.
_UNUSED_IN_1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
# Letters of northern and western Europe between letters: as DOS and as Windows write them.
_DOS_LETTERS: Final = re.compile(rb"(?<=[A-Za-z])[\x80-\x9b\xa0-\xa5](?=[a-z])")
_WINDOWS_LETTERS: Final = re.compile(rb"(?<=[A-Za-z])[\xc0-\xff](?=[a-z])")


def is_known(encoding: str) -> bool:
    """Return whether Python can read text in an encoding of that name."""
    try:
        # "zip" and "hex" are codecs too, of bytes.
        return bool(getattr(codecs.lookup(encoding), "_is_text_encoding", True))
    except (LookupError, ValueError):
        return False


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark, or the zeros of UTF-16, tell of."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[:4096]
    half = len(sample) // 2
    if half and sample[1::2].count(0) > half * 0.7:
        return "utf-16-le"
    if half and sample[0::2].count(0) > half * 0.7:
        return "utf-16-be"
    return None


def is_utf8(chunks: Iterable[bytes]) -> bool:
    """Return whether all of it is UTF-8, stopping at the first byte that is not."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            decoder.decode(chunk)
        # An unfinished last letter is a file that was cut, not another encoding.
    except UnicodeDecodeError:
        return False
    return True


def is_mostly_utf8(chunks: Iterable[bytes]) -> bool:
    """Return whether of the lines with other letters than ASCII's a third or more are UTF-8.

    In text of one byte a letter, two of them hardly ever happen to be one of UTF-8. A file put
    together from two sources is read as UTF-8, and the lines that are not are told of.
    """
    good, bad, rest = 0, 0, b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            rest = b""
        for line in lines:
            fits = _is_utf8_line(line)
            good += fits is True
            bad += fits is False
    last = _is_utf8_line(rest)
    good += last is True
    bad += last is False
    return good > 0 and bad <= 2 * good


def _is_utf8_line(line: bytes) -> bool | None:
    """Return None for a line that is all ASCII."""
    if line.isascii():
        return None
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def legacy_encoding(head: bytes) -> str:
    """Return the one-byte encoding that reads most like words of western Europe."""
    if len(_DOS_LETTERS.findall(head)) > len(_WINDOWS_LETTERS.findall(head)):
        return "cp850"
    return "latin-1" if _UNUSED_IN_1252.search(head) else "cp1252"
