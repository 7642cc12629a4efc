"""Account numbers as files write them: what shows of one, and whether it is an IBAN.

Nothing is looked up; whose account it is, is not known here.
"""

from __future__ import annotations

import re

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}\Z")


def mask_of(number: str) -> str | None:
    """Return the last four letters or digits of an account number."""
    bare = "".join(one for one in number if one.isalnum())
    return bare[-4:] if len(bare) >= 4 else None


def read_iban(number: str) -> str | None:
    """Return the number as an IBAN if its check digits (ISO 13616) are right, else None."""
    bare = "".join(number.split()).upper()
    if not _IBAN.match(bare):
        return None
    digits = "".join(str(int(one, 36)) for one in bare[4:] + bare[:4])
    return bare if int(digits) % 97 == 1 else None
