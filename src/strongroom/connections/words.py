"""What the members of a bank's answers are called in sentences for people. Reads no answer."""

from __future__ import annotations

_WORDS = {
    "account_id": "account",
    "amount": "amount",
    "available": "available balance",
    "balances": "balance",
    "current": "current balance",
    "date": "day",
    "iso_currency_code": "currency",
    "limit": "credit limit",
    "name": "name",
    "pending": "word whether it is booked",
    "stream_id": "identifier",
    "transaction_id": "identifier",
    "type": "type",
}


def in_words(name: str) -> str:
    """Return what a member of an answer is called in a sentence for people."""
    return _WORDS.get(name, name.replace("_", " "))


def lacking(name: str) -> str:
    """Return that a member is missing; what people have no word for goes by its own name."""
    return f"It lacks its {_WORDS[name]}." if name in _WORDS else f"It lacks {name!r}."
