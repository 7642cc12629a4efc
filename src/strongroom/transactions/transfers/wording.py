"""What the text of a row says of the account at its other end: its number, its name, or somebody.

Pure. Knows the words that banks have for transfers, in English and the Nordic languages.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from strongroom.transactions.transfers.types import Leg, OwnAccount, Reason

SAYS_NOTHING = frozenset({
    None, "uncategorised", "other_income", "other_services", "loan_payment", "fees_and_interest",
    "cash_withdrawal",
})  # fmt: skip
"""Categories that a bank gives rows of which it knows nothing: no word against a transfer."""

_TRANSFER_WORDS = frozenset(
    "transfer transfers xfer internal online mobile ach wire book own accounts account acct between"
    " overføring overfort overført overføre mellom egne egen konto konti kontoer kontoregulering"
    " overførsel överföring siirto sparing spare sparekonto savings saving checking brukskonto"
    " payment payments thank you received autopay epay pay bill card crd credit kredittkort"
    " betaling betalt innbetaling mottatt takk faktura avtalegiro nettgiro giro web pmt debit"
    " valutaveksling veksling exchange fx currency deposit withdrawal".split()
)
_SMALL_WORDS = frozenset(
    "to from the a of for in on by at and til fra av i på og med ref id no nr kid konto xx xxx xxxx"
    " ppd ccd des indn co trace seq num number ending dato date uke week".split()
)
_PEOPLE = re.compile(r"\b(vipps|zelle|venmo|paypal|cash ?app|swish|mobilepay|revolut|wise)\b")
# Digits that stand for an account: after marks that hide the rest, or after a word for it.
_NUMBER = re.compile(
    r"(?:x{2,}|\*{2,}|•+|konto(?:nr)?\.?:?\s*•*|account\s*#?|acct\.?\s*#?|ending in\s*)\s*"
    r"(\d[\d. ]*\d)"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONE_NUMBER = re.compile(r"(?<!\d)\d{4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that mean nobody else: those of transfers, of own accounts and of one's name."""

    words: frozenset[str]
    accounts: tuple[OwnAccount, ...]

    @classmethod
    def of(cls, accounts: Iterable[OwnAccount], own_names: Collection[str]) -> Vocabulary:
        """Return the vocabulary of a person with these accounts."""
        held = tuple(accounts)
        names = [text for one in held for text in (one.name, one.institution or "")]
        ours = {word for text in (*names, *own_names) for word in _WORD.findall(text.casefold())}
        return cls(_TRANSFER_WORDS | _SMALL_WORDS | ours, held)

    def read(self, leg: Leg, other: OwnAccount, own: OwnAccount, side: str) -> list[Reason]:
        """Return what a leg's text says for and against ``other`` being its other end."""
        text = leg.text.casefold()
        found = [_by_number(text, other, own) or self._by_name(text, other, own)]
        if _PEOPLE.search(text):
            found.append(("person", -25))
        elif leg.merchant and not self._is_ours(leg.merchant.casefold()):
            found.append(("merchant", -25))
        else:
            found.append(self._by_words(text))
        return [Reason(f"{side}_{fact}", points) for fact, points in filter(None, found)]

    def _by_name(self, text: str, other: OwnAccount, own: OwnAccount) -> tuple[str, int] | None:
        if other.name.casefold() in text:
            return "names_it", 16
        if (
            other.institution
            and other.institution != own.institution
            and (other.institution.casefold() in text)
        ):
            return "names_its_bank", 10
        others = [one for one in self.accounts if one.id not in (other.id, own.id)]
        if any(len(one.name) > 3 and one.name.casefold() in text for one in others):
            return "names_another", -30
        return None

    def _by_words(self, text: str) -> tuple[str, int] | None:
        words = set(_WORD.findall(text))
        strange = words - self.words
        if strange:
            return "strange_words", -6 - 4 * min(3, len(strange))
        return ("words_of_transfers", 8) if words & _TRANSFER_WORDS else None

    def _is_ours(self, text: str) -> bool:
        return not set(_WORD.findall(text)) - self.words


def _by_number(text: str, other: OwnAccount, own: OwnAccount) -> tuple[str, int] | None:
    """Return what an account's number in the text says; a lone four digits may be anything."""
    numbers = [re.sub(r"\D", "", found) for found in _NUMBER.findall(text)]
    if other.mask and any(number.endswith(other.mask) for number in numbers):
        return "has_its_number", 20
    if [one for one in numbers if not (own.mask and one.endswith(own.mask))]:
        return "has_another_number", -40
    if other.mask and other.mask in _LONE_NUMBER.findall(text):
        return "has_its_number", 16
    return None
