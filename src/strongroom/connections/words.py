"""What is wrong with a bank's answer, in sentences for people. Reads no answer."""

from __future__ import annotations

from typing import Final

from strongroom.core.errors import Refused
from strongroom.ui import N_, Sentence

_WORDS: Final = {
    "account_id": N_("account"),
    "amount": N_("amount"),
    "available": N_("available balance"),
    "balances": N_("balance"),
    "current": N_("current balance"),
    "date": N_("day"),
    "iso_currency_code": N_("currency"),
    "limit": N_("credit limit"),
    "name": N_("name"),
    "pending": N_("word whether it is booked"),
    "stream_id": N_("identifier"),
    "transaction_id": N_("identifier"),
    "type": N_("type"),
}


class Nonsense(ValueError):
    """One member of an answer is not what it must be; ``sentence`` says so.

    Its text's ``%(member)s`` is filled with what people call that member.
    """

    def __init__(self, text: str, *, member: str | None = None, **facts: str) -> None:
        words = {} if member is None else {"member": in_words(member)}
        self.sentence = Sentence(text, facts, words)
        super().__init__(str(self.sentence))


def in_words(name: str) -> str:
    """Return what a member of an answer is called in a sentence for people."""
    return _WORDS.get(name, name.replace("_", " "))


def reason_of(error: Exception) -> Sentence:
    """Return in one sentence why something cannot be read."""
    if isinstance(error, Nonsense):
        return error.sentence
    if isinstance(error, KeyError):
        return _lacking(str(error.args[0]))
    if isinstance(error, Refused):
        return Sentence(error.message)
    return Sentence(N_("It is not as Plaid writes it."))


def _lacking(name: str) -> Sentence:
    """Return that a member is missing; what people have no word for goes by its own name."""
    if name in _WORDS:
        return Sentence(N_("It lacks its %(member)s."), words={"member": _WORDS[name]})
    return Sentence(N_("It lacks %(name)s."), {"name": repr(name)})
