"""What may be attached: told from the content, never from a name or what a browser says. Pure.

A list of what is taken, not of what is not: whatever is not known is refused, with a reason
where it is a program.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from strongroom.core.errors import Refused
from strongroom.ui import N_
from strongroom.ui import gettext as _

LARGEST_BYTES: Final = 10 * 1024 * 1024
MOST_OF_A_ROW: Final = 20
MOST_BYTES_OF_A_PERSON: Final = 1024 * 1024 * 1024
_LONGEST_NAME: Final = 120

_ENDINGS: Final = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "image/avif": (".avif",),
    "image/tiff": (".tif", ".tiff"),
    "text/plain": (".txt", ".csv", ".tsv", ".md", ".log", ".eml", ".json"),
}
_BEGINNINGS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_BRANDS: Final = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
}
# How programs begin: Windows, Linux, macOS (both orders, and for several processors), Java,
# Android, WebAssembly, a shortcut, an installer, and whatever a shell would start.
_PROGRAMS: Final = (
    b"MZ", b"ZM", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xbe\xba\xfe\xca", b"dex\n", b"\x00asm", b"#!",
    b"L\x00\x00\x00\x01\x14\x02\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"!<arch>\n",
    b"BC\xc0\xde",
)  # fmt: skip
# Text that something would run: pages with scripts, and scripts of systems and languages.
_RUNNABLE: Final = re.compile(
    rb"(?i)\A\s*(?:<!doctype|<html|<svg|<script|<\?php|<\?xml|<%|<hta|<job\b|@echo\b|\[autorun|"
    rb"\[desktop entry\]|\[internetshortcut\]|windows registry editor|%!ps|\{\\rtf)"
)
_SCRIPT: Final = re.compile(rb"(?i)<script[\s>]|<iframe[\s>]|javascript:")
_PROGRAM_NAMES: Final = frozenset(
    """app apk appimage bash bat bin chm cmd com command cpl deb desktop dll dmg elf exe gadget hta
    htm html inf iso jar js jse jsp ksh lnk mjs msc msh msi msix msp php pif pkg pl ps1 psm1 py pyc
    pyw rb reg rpm rtf scf scpt scr sct sh svg swf url vb vbe vbs ws wsc wsf wsh xhtml xml zsh
    """.split()
)
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class AttachmentIsRefused(Refused):
    """The file is too large, empty, a program, or nothing that may be attached."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be attached: its name, ending as its content does, and what it is."""

    name: str
    media_type: str


def accept(name: str, content: bytes) -> Accepted:
    """Return what a file is and what it is called from here on. Raises ``AttachmentIsRefused``."""
    if not content:
        raise _refused(N_("The file is empty."), N_("Choose another file."))
    if len(content) > LARGEST_BYTES:
        most = LARGEST_BYTES >> 20
        raise AttachmentIsRefused(
            _("The file is larger than %(most)s MiB.", most=most),
            field="file",
            hint=_("Make a smaller copy of it, such as a picture of less detail."),
        )
    if content.startswith(_PROGRAMS):
        raise _program()
    media_type = _picture_or_pdf(content) or _text(name, content)
    if media_type is None:
        raise _refused(
            N_("This is neither a picture, nor a PDF, nor plain text."),
            N_("Take a picture of it, or save it as PDF."),
        )
    return Accepted(_called(name, media_type), media_type)


def _picture_or_pdf(content: bytes) -> str | None:
    for beginning, media_type in _BEGINNINGS:
        if content.startswith(beginning):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12])
    return None


def _text(name: str, content: bytes) -> str | None:
    """Return plain text's type for text that nothing would run, else None or a refusal."""
    bare = content.removeprefix(b"\xef\xbb\xbf")
    if _RUNNABLE.match(bare) or _SCRIPT.search(bare) or bare.startswith(_PROGRAMS):
        raise _program()
    if _CONTROLS.search(bare):
        return None
    try:
        bare.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _ending(name) in _PROGRAM_NAMES:
        raise _program()
    return "text/plain"


def _called(name: str, media_type: str) -> str:
    """Return a name without folders and marks that steer, ending as what the file is."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(
        one if unicodedata.category(one)[0] not in "CZ" or one == " " else " " for one in last
    )
    clean = " ".join(re.sub(r'[<>:"|?*]', " ", clean).split()).strip(". ") or _("Attachment")
    endings = _ENDINGS[media_type]
    stem, dot, ending = clean.rpartition(".")
    if dot and f".{ending.lower()}" in endings:
        return f"{stem[:_LONGEST_NAME]}.{ending}"
    return f"{clean[:_LONGEST_NAME]}{endings[0]}"


def _ending(name: str) -> str:
    return name.rpartition(".")[2].strip().lower() if "." in name else ""


def _program() -> AttachmentIsRefused:
    return _refused(
        N_("This file is a program, or could run as one."),
        N_("Attach a picture, a PDF or plain text."),
    )


def _refused(message: str, hint: str) -> AttachmentIsRefused:
    return AttachmentIsRefused(_(message), field="file", hint=_(hint))
