"""What pages say of why two rows were taken for a pair, in the person's language."""

from __future__ import annotations

from typing import Final

from strongroom.transactions.transfers import Reason
from strongroom.ui import N_, gettext

_FACTS: Final = {
    "same_amount": N_("the same amount"),
    "odd_amount": N_("an amount that is rare"),
    "less_a_fee": N_("the same amount less a fee"),
    "rate": N_("near the rate of the day"),
    "days": N_("near in days"),
    "out_has_its_number": N_("the text has the other account's number"),
    "into_has_its_number": N_("the text has the first account's number"),
    "out_names_it": N_("the text names the other account"),
    "into_names_it": N_("the text names the first account"),
    "out_names_its_bank": N_("the text names the other bank"),
    "into_names_its_bank": N_("the text names the first bank"),
    "out_words_of_transfers": N_("words of a transfer where it left"),
    "into_words_of_transfers": N_("words of a transfer where it arrived"),
    "out_is_transfer": N_("a transfer by its category where it left"),
    "into_is_transfer": N_("a transfer by its category where it arrived"),
    "card_payment": N_("a card's payment by its category"),
    "out_names_another": N_("the text names another account"),
    "into_names_another": N_("the text names another account"),
    "out_has_another_number": N_("the text has another account's number"),
    "into_has_another_number": N_("the text has another account's number"),
    "out_person": N_("paid by an app for people"),
    "into_person": N_("paid by an app for people"),
    "out_merchant": N_("a shop is named"),
    "into_merchant": N_("a shop is named"),
    "out_strange_words": N_("words that no transfer has"),
    "into_strange_words": N_("words that no transfer has"),
    "out_is_spending": N_("spending by its category"),
    "into_is_spending": N_("spending by its category"),
    "out_is_income": N_("income by its category"),
    "into_is_income": N_("income by its category"),
    "is_income": N_("income by its category"),
    "same_shop": N_("the same shop"),
    "shared_words": N_("the same words"),
    "part": N_("part of the amount"),
    "same_account": N_("the same account"),
    "same_category": N_("the same category"),
    "says_refund": N_("the text says refund"),
}


def reason_text(one: Reason) -> str:
    """Return what spoke for a pair, or against it, in words."""
    known = _FACTS.get(one.fact)
    return one.fact if known is None else gettext(known)
