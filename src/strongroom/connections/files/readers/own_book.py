"""What all readers of our own exports share: records of a book as accounts, balances and rows.

A record is what an export says of one account, category, balance or transaction, by the same
names in every format. What ``FileRow`` has no place for goes
along as JSON in ``raw``: when it happened, who chose its category, when it was reviewed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from strongroom.connections.files.amounts import AmountReader, NotAnAmount
from strongroom.connections.files.types import FileBalance, FileCategory, FileRow, Findings
from strongroom.ui import gettext as _

Record = Mapping[str, object]
_CHOSEN_BY: Final = frozenset({"bank", "rule", "person"})
_MORE: Final = ("official_name", "kind", "institution", "hidden_at", "closed_at")
_SAID: Final = ("details", "loan")
"""What a person says of an account; what of it cannot be is left out as it is taken in."""
_BY_HAND: Final = "manual"
_A_DAY: Final = timedelta(days=1)
_HANDS: Final = frozenset({"category", "merchant", "tag", "split", "review"})
_MOST_HANDS: Final = 60
_LONGEST_WAS: Final = 1_000
_LONGEST_TAG, _MOST_TAGS, _MOST_PARTS, _LONGEST_NOTE = 50, 30, 50, 500


class BadRecord(ValueError):
    """A record cannot be taken: which field, and why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class OwnBook:
    """Takes records in the order of the file and remembers what later ones refer to."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._paths: dict[str, str] = {}
        self._taken: set[str] = set()
        self._amount = AmountReader()

    def account(self, record: Record) -> str:
        """Take an account; return its key. Raises ``BadRecord``."""
        key = _text(record, "id")
        if not key:
            raise BadRecord("id", _("The account has no id."))
        more: dict[str, object] = {}
        for name in _MORE:
            if found := _text(record, name):
                more[name] = _instant(record, name) if name.endswith("_at") else found
        for name in ("manual", "primary"):
            if record.get(name):
                more[name] = True
        for name in _SAID:
            if isinstance(record.get(name), dict):
                more[name] = record[name]
        self._findings.account(
            key, _text(record, "name") or key,
            type=_text(record, "type"), subtype=_text(record, "subtype"),
            mask=_text(record, "mask"), iban=_text(record, "iban"),
            currency=_text(record, "currency"), more=json.dumps(more, ensure_ascii=False),
        )  # fmt: skip
        return key

    def category(self, record: Record) -> str:
        """Take a category; return its path. Its group has been taken before it.

        Two that would have one path get different ones: a path is what tells them apart.
        """
        key, parent = _text(record, "id") or "", self._paths.get(_text(record, "parent") or "")
        own = _text(record, "name")
        name = _text(record, "key") or own or key
        path = stem = f"{parent}:{name}" if parent else name
        number = 1
        while path in self._taken:
            number += 1
            path = f"{stem} ({number})"
        self._taken.add(path)
        self._paths[key] = path
        self._findings.categories.append(
            FileCategory(
                path,
                parent,
                _text(record, "key"),
                own,
                _text(record, "kind") or "",
                self._paths.get(_text(record, "goes_to") or ""),
                key,
            )
        )
        return path

    def balance(self, record: Record, day: date | None = None) -> None:
        """Take what an account held at the end of a day. Raises ``BadRecord``.

        What a rate or a schedule made of a value is left out: they do so again. A value that was
        told by hand is none that a bank's file could be held to.
        """
        found = FileBalance(
            self._account(record),
            day or _day(record, "day"),
            self._number(record, "balance"),
            _text(record, "currency"),
            _text(record, "source") or "file",
        )
        if found.source == "projected":
            return
        self._findings.balances.append(found)
        known = self._findings.accounts[found.account]
        newest = known.balance_day is None or known.balance_day <= found.day
        if newest and found.source != _BY_HAND and found.currency in (None, known.currency):
            self._findings.account(found.account, balance=found.balance, balance_day=found.day)

    def row(self, record: Record, line: int) -> FileRow:
        """Return a transaction as a row. Raises ``BadRecord``."""
        category = _text(record, "category")
        more = _facts(record)
        if tags := _tags(record):
            more["tags"] = tags
        if parts := self._parts(record):
            more["parts"] = parts
        if hands := _hands(record):
            more["hands"] = hands
        return FileRow(
            line=line,
            day=_day(record, "day"),
            amount=self._number(record, "amount"),
            currency=_text(record, "currency"),
            description=_text(record, "description") or "",
            payee=_text(record, "merchant"),
            note=_text(record, "note"),
            category=self._paths.get(category or ""),
            account=self._account(record),
            fitid=_text(record, "id"),
            pending=record.get("pending") is True,
            reviewed=bool(record.get("reviewed_at")),
            raw=json.dumps(more, ensure_ascii=False),
        )

    def _parts(self, record: Record) -> list[dict[str, str | None]]:
        """Return the parts of a row, in categories by their paths. Raises ``BadRecord``."""
        told = record.get("parts")
        if isinstance(told, str):
            try:
                told = json.loads(told, parse_float=str, parse_int=str)
            except (ValueError, RecursionError):
                raise BadRecord("parts", _("The parts cannot be read.")) from None
        if not told:
            return []
        if not isinstance(told, list) or len(told) > _MOST_PARTS:
            raise BadRecord("parts", _("The parts cannot be read."))
        return [self._part(part) for part in told]

    def _part(self, part: object) -> dict[str, str | None]:
        path = self._paths.get(_text(part, "category") or "") if isinstance(part, dict) else None
        if not isinstance(part, dict) or path is None:
            raise BadRecord("parts", _("A part has no category that the file tells of."))
        amount = self._number(part, "amount", field="parts")
        if not amount:
            raise BadRecord("parts", _("A part is nothing."))
        note = _text(part, "note")
        return {
            "category": path,
            "amount": f"{amount:f}",
            "note": note[:_LONGEST_NOTE] if note else None,
        }

    def _account(self, record: Record) -> str:
        key = _text(record, "account")
        if key is None or key not in self._findings.accounts:
            raise BadRecord("account", _("It belongs to no account that the file tells of."))
        return key

    def _number(self, record: Record, name: str, field: str | None = None) -> Decimal:
        try:
            return self._amount(_text(record, name) or "")
        except NotAnAmount as error:
            raise BadRecord(field or name, str(error)) from None


def _tags(record: Record) -> list[str]:
    """Return the tags of a row: a list, or a text in which commas part them."""
    told = record.get("tags")
    names = told.split(",") if isinstance(told, str) else told if isinstance(told, list) else []
    found = [" ".join(name.split())[:_LONGEST_TAG] for name in names if isinstance(name, str)]
    return [name.replace(",", " ") for name in found if name][:_MOST_TAGS]


def _hands(record: Record) -> list[dict[str, str | None]]:
    """Return what rules set on a row. Raises ``BadRecord``."""
    told = record.get("hands") or []
    if not isinstance(told, list) or len(told) > _MOST_HANDS:
        raise BadRecord("hands", _("What rules did cannot be read."))
    found = []
    for one in told:
        if not isinstance(one, dict) or _text(one, "field") not in _HANDS:
            raise BadRecord("hands", _("What rules did cannot be read."))
        found.append(
            {
                "rule": _text(one, "rule"),
                "field": _text(one, "field"),
                "value": (_text(one, "value") or "")[:_LONGEST_TAG],
                "was": (_text(one, "was") or "")[:_LONGEST_WAS] or None,
                "at": _instant(one, "at"),
            }
        )
    return found


def _facts(record: Record) -> dict[str, object]:
    """Return what ``raw`` tells, each fact of its kind. Raises ``BadRecord``."""
    found: dict[str, object] = {}
    if _text(record, "happened_on"):
        found["happened_on"] = _day(record, "happened_on").isoformat()
    by = _text(record, "category_by")
    if by is not None and by not in _CHOSEN_BY:
        raise BadRecord("category_by", _("It must be one of: bank, rule, person."))
    if by is not None:
        found["category_by"] = by
    hand = _text(record, "merchant_by")
    if hand is not None and hand not in _CHOSEN_BY:
        raise BadRecord("merchant_by", _("It must be one of: bank, rule, person."))
    if hand not in (None, "bank"):
        found["merchant_by"] = hand
    if _text(record, "origin") == _BY_HAND:
        found["origin"] = _BY_HAND
    if not _text(record, "description"):
        found["description"] = ""  # an import of other files fills it in
    needs = record.get("needs_review")
    if isinstance(needs, bool):
        found["needs_review"] = needs
    for name in ("reviewed_at", "removed_by_bank", "never_booked_at"):
        if _text(record, name):
            found[name] = _instant(record, name)
    return found


def _instant(record: Record, name: str) -> str:
    text = _text(record, name) or ""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise BadRecord(
            name, _("%(text)s is not an instant with its time zone.", text=repr(text[:40]))
        ) from None


def _text(record: Record, name: str) -> str | None:
    found = record.get(name)
    return found if isinstance(found, str) and found else None


def _day(record: Record, name: str) -> date:
    text = _text(record, name) or ""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRecord(name, _("%(text)s is not a day.", text=repr(text[:40]))) from None


def day_before(day: date) -> date:
    """Return the day before, whose end is the beginning of ``day``."""
    return day - _A_DAY if day > date.min else day
