"""The currency that a page's address asks figures in, for pages of every domain above.

Refuses what is none, in one way everywhere; which figures there are is the page's matter.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from strongroom import identity
from strongroom.accounts.service import currency_asked
from strongroom.core.money import Currency
from strongroom.identity.access import visitor

Visitor = Annotated[identity.Caller | None, Depends(visitor)]


async def currency_in_address(request: Request, caller: Visitor) -> Currency | None:
    """Return the currency in an address's ``cur``, None without one. Raises ``BadCurrency``."""
    code = request.query_params.get("cur", "").strip()
    if not code or caller is None:
        return None
    async with caller.unit_of_work() as db:
        return await currency_asked(db, owner=caller.owner, code=code)
