"""Rows that belong together, as sections of exports: transfers, refunds, and pairs that are none.

How they are found and confirmed is ``transfers``' and ``refunds``' matter.
"""

from __future__ import annotations

from strongroom.transactions.links.sections import Refunds, Rejections, Transfers

__all__ = ["Refunds", "Rejections", "Transfers"]
