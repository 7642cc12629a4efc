"""Valid bodies and queries for every address, so that nothing but an id can be refused.

In texts, ``my:acc`` stands for an id of the one who asks, and ``their:acc`` for another's.
"""

from __future__ import annotations

import re
from typing import Any

from tests.prove.addresses import DAY

MONEY = {"amount": "1250000.00", "currency": "USD"}
_LATE = "taken over"
_RULE = {
    "name": _LATE,
    "conditions": {"merchants": ["no such shop"]},
    "actions": {"category": "my:cat"},
}
_RULE_FORM = {"name": _LATE, "merchants": "no such shop", "category": "my:cat"}
_BUDGET_FORM = {
    "amount": "7", "currency": "USD", "every": "month", "starts_on": "2026-11-01",
    "carry": "nothing",
}  # fmt: skip
_GOAL = {"name": "mine", "timeline_months": 12, "target": MONEY}
_GOAL_FORM = {
    "name": _LATE, "goal_type": "custom", "target_amount": "7", "currency": "USD",
    "timeline_months": "12",
}  # fmt: skip
_PART = {"category": "my:cat", "amount": "-0.01"}

# By address: a body, or several to try one after the other. Forms for pages.
BODIES: dict[str, dict[str, Any] | list[dict[str, Any]]] = {
    "PATCH /api/v1/accounts/{account_id}": {"name": _LATE},
    "POST /api/v1/accounts/{account_id}/balances": {"value": MONEY},
    "PATCH /api/v1/accounts/{account_id}/values/{day}": {"value": MONEY},
    "PUT /api/v1/accounts/{account_id}/details": {"note": _LATE, "remind_months": 3},
    "PUT /api/v1/accounts/{account_id}/loan": {
        "principal": MONEY, "yearly_percent": "3", "first_payment": "2026-12-01", "payments": 12,
    },
    "POST /accounts/{account_id}": {"name": _LATE, "action": "rename"},
    "POST /accounts/{account_id}/edit": {"name": _LATE, "note": _LATE},
    "POST /accounts/{account_id}/values": [
        {"value": "5", "day": DAY},
        {"action": "forget", "was": DAY},
    ],
    "POST /accounts/{account_id}/loan": [
        {"principal": "1250000", "rate": "3", "first": "2026-12-01", "payments": "12"},
        {"action": "forget"},
    ],
    "PATCH /api/v1/transactions/{transaction_id}": [{"note": _LATE}, {"category": "my:cat"}],
    "POST /transactions/{transaction_id}": {"note": _LATE},
    "PUT /api/v1/transactions/{transaction_id}/tags": {"tags": [_LATE]},
    "POST /transactions/{transaction_id}/tags": {"tags": _LATE},
    "PUT /api/v1/transactions/{transaction_id}/splits": [{"parts": [_PART, _PART]}, {"parts": []}],
    "POST /transactions/{transaction_id}/split": [
        {"category": ["my:cat", "my:cat"], "amount": ["0.01", ""], "note": ["", ""]},
        {"action": "whole"},
    ],
    "POST /transactions/{transaction_id}/use-for-all": [{"action": "all"}, {"action": "rule"}],
    "POST /transactions/same/{proposal_id}": [{"action": "same"}, {"action": "other"}],
    "POST /transactions/together/transfers/{transfer_id}": [{"action": "reject"}, {}],
    "POST /transactions/together/refunds/{refund_id}": [{"action": "reject"}, {}],
    "POST /transactions/together/doubles/{double_id}": [{"action": "merge"}, {}],
    "PUT /api/v1/rules/{rule_id}": _RULE,
    "POST /api/v1/rules/{rule_id}/switch": {"on": False},
    "POST /api/v1/rules/{rule_id}/move": {"place": 1},
    "POST /settings/rules/{rule_id}": [_RULE_FORM, {**_RULE_FORM, "action": "preview"}],
    "POST /settings/rules/{rule_id}/move": {"place": "1"},
    "POST /settings/rules/{rule_id}/switch": {"on": ""},
    "PATCH /api/v1/categories/{category_id}": [
        {"name": _LATE}, {"parent": None}, {"kind": "income"}, {"before": None},
    ],
    "POST /settings/categories/{category_id}/rename": {"name": _LATE},
    "POST /settings/categories/{category_id}/move": {"parent": "my:cat"},
    "POST /settings/categories/{category_id}/kind": {"kind": "income"},
    "POST /settings/categories/{category_id}/place": {"to": "down"},
    "POST /settings/categories/{category_id}/remove": {"into": "my:cat"},
    "PATCH /api/v1/tags/{tag_id}": {"name": _LATE},
    "PATCH /api/v1/goals/{goal_id}": [{"name": _LATE}, {"accounts": []}],
    "POST /api/v1/goals/{goal_id}/simulations": {"paths": 1000},
    "POST /api/v1/goals/{goal_id}/what-if": {"months": 12},
    "POST /goals/{goal_id}": _GOAL_FORM,
    "POST /goals/{goal_id}/move": {"way": "up"},
    "POST /goals/{goal_id}/runs": {"paths": "1000"},
    "PUT /api/v1/budgets/{budget_id}": {"amount": MONEY, "starts_on": "2026-11-01"},
    "POST /budgets/{budget_id}": _BUDGET_FORM,
    "PATCH /api/v1/recurring/{item}": {"verdict": "dismissed"},
    "POST /budgets/recurring/{item}": {"verdict": "dismissed"},
    "POST /notifications/{notification}/read": {},
    "POST /api/v1/links/{link_id}/choose": {"choice": "leave"},
    "POST /accounts/link/{session_id}/choose": {"choice": "leave"},
    "POST /connections/{item}/unlink": {"close_accounts": "true"},
    "PATCH /api/v1/imports/{import_id}": {"guess": {"sign": "as_is"}},
    "POST /api/v1/imports/{import_id}/confirm": {},
    "POST /api/v1/imports/{import_id}/undo": {},
    "POST /imports/{import_id}/undo": {"even_edited": "yes"},
}  # fmt: skip
_PERIODS = {"period": "2026-11", "against": "2026-10"}
# What an address has to be asked with.
QUERIES: dict[str, dict[str, str]] = {
    "GET /api/v1/reports/spending/why": _PERIODS,
    "GET /api/v1/reports/spending/since": {
        "period": "2026-11", "known_at": "2026-11-01T00:00:00Z",
    },
    "GET /api/v1/net-worth/why": {"since": "2026-10-01"},
    "GET /api/v1/rates": {"base": "NOK", "quote": "NOK"},
    "GET /settings/data/export": {"format": "json"},
    "GET /why/rows": {"since": "2026-10-01", "until": "2026-11-30", "flow": "spending"},
    "GET /api/v1/net-worth/why/rows": {"since": "2026-10-01", "flow": "spending"},
}  # fmt: skip
# These go back to the page with a word on it, where others say that there is no such page.
GO_BACK = {
    "POST /transactions/changes/{edit_id}/undo",
    "POST /transactions/same/{proposal_id}",
    "POST /transactions/together/undo/{what}/{ref}",
    "POST /transactions/{transaction_id}/use-for-all",
}

_ROWS = {"since": "2026-01-01", "until": "2026-11-30"}
_WHY_ROWS = {"since": "2026-10-01", "flow": "spending"}
_NEW = {"account": "my:acc", "day": DAY, "amount": MONEY, "text": "mine"}
_NEW_FORM = {
    "text": "mine", "direction": "out", "amount": "7", "day": DAY, "account": "my:acc",
}  # fmt: skip
_TWO = {"refund": "my:trn", "purchase": "their:trn"}
_TWO_BACK = {"refund": "their:trn", "purchase": "my:trn"}
_FILE = {"file": ("receipt.txt", b"mine", "text/plain")}
_TOGETHER = "/transactions/together"

# Another's ids in bodies, forms and queries: the address, what is sent, and the answer that is
# due. None: whatever an id that nobody has is answered with.
REFERENCES: list[tuple[str, dict[str, Any], int | None]] = [
    ("GET /api/v1/transactions", {"params": {"account": "their:acc"}}, None),
    ("GET /api/v1/transactions", {"params": {"category": "their:cat"}}, None),
    ("GET /api/v1/transactions", {"params": {"tag": "their:tag"}}, None),
    ("GET /api/v1/transactions/summary", {"params": {"account": "their:acc"}}, None),
    ("GET /api/v1/transactions/recurring", {"params": {"account": "their:acc"}}, None),
    ("GET /api/v1/refunds", {"params": {"transaction": "their:trn"}}, None),
    ("GET /api/v1/recurring", {"params": {"account": "their:acc"}}, 404),
    ("GET /api/v1/reports/rows", {"params": {**_ROWS, "account": "their:acc"}}, None),
    ("GET /api/v1/reports/rows", {"params": {**_ROWS, "category": "their:cat"}}, None),
    ("GET /api/v1/reports/spending/since",
     {"params": {"period": "2026-11", "known_at": "2026-11-01T00:00:00Z",
                 "category": "their:cat"}}, None),
    ("GET /api/v1/net-worth/why/rows", {"params": {**_WHY_ROWS, "account": "their:acc"}}, None),
    ("GET /api/v1/net-worth/why/rows", {"params": {**_WHY_ROWS, "category": "their:cat"}}, None),
    ("GET /api/v1/net-worth/remainders", {"params": {"account": "their:acc"}}, None),
    ("PATCH /api/v1/transactions/my:trn", {"json": {"category": "their:cat"}}, 404),
    ("PATCH /api/v1/transactions/my:trn", {"json": {"account": "their:acc"}}, 404),
    ("POST /api/v1/transactions", {"json": {**_NEW, "account": "their:acc"}}, 404),
    ("POST /api/v1/transactions", {"json": {**_NEW, "category": "their:cat"}}, 404),
    ("POST /api/v1/transactions/bulk", {"json": {"ids": ["their:trn"], "note": _LATE}}, 404),
    ("POST /api/v1/transactions/bulk",
     {"json": {"ids": ["my:trn", "their:trn"], "reviewed": True}}, 404),
    ("POST /api/v1/transactions/bulk", {"json": {"ids": ["their:trn"], "delete": True}}, 404),
    ("POST /api/v1/transactions/bulk",
     {"json": {"ids": ["my:trn"], "category": "their:cat"}}, 404),
    ("POST /api/v1/transactions/bulk",
     {"json": {"filter": {"account": "their:acc"}, "note": _LATE}}, None),
    ("POST /api/v1/transactions/tags",
     {"json": {"transactions": ["my:trn", "their:trn"], "add": [_LATE]}}, 404),
    ("PUT /api/v1/transactions/my:trn/splits",
     {"json": {"parts": [{**_PART, "category": "their:cat"}, _PART]}}, 404),
    ("POST /api/v1/attachments?transaction=their:trn&name=a.txt", {"content": b"mine"}, 404),
    ("POST /api/v1/categories", {"json": {"name": "mine", "parent": "their:cat"}}, 404),
    ("PATCH /api/v1/categories/my:cat", {"json": {"parent": "their:cat"}}, 404),
    ("PATCH /api/v1/categories/my:cat", {"json": {"before": "their:cat"}}, 404),
    ("DELETE /api/v1/categories/my:cat", {"params": {"into": "their:cat"}}, 404),
    ("POST /api/v1/rules", {"json": {**_RULE, "actions": {"category": "their:cat"}}}, 404),
    ("POST /api/v1/rules",
     {"json": {**_RULE, "conditions": {"accounts": ["their:acc"]}}}, 422),
    ("POST /api/v1/rules",
     {"json": {**_RULE, "actions": {"parts": [{"category": "their:cat", "percent": "50"}]}}}, 404),
    ("POST /api/v1/rules/preview",
     {"json": {**_RULE, "conditions": {"accounts": ["their:acc"]}}}, 422),
    ("POST /api/v1/rules/preview", {"json": _RULE, "params": {"rule": "their:rul"}}, None),
    ("PUT /api/v1/rules/my:rul", {"json": {**_RULE, "actions": {"category": "their:cat"}}}, 404),
    ("POST /api/v1/budgets",
     {"json": {"category": "their:cat", "amount": MONEY, "starts_on": "2026-11-01"}}, 404),
    ("PUT /api/v1/budgets/my:bdg",
     {"json": {"category": "their:cat", "amount": MONEY, "starts_on": "2026-11-01"}}, 404),
    ("POST /api/v1/goals", {"json": {**_GOAL, "accounts": ["their:acc"]}}, 404),
    ("PATCH /api/v1/goals/my:goal", {"json": {"accounts": ["their:acc"]}}, 404),
    ("GET /api/v1/goals/my:goal/simulations/their:run", {}, 404),
    ("DELETE /api/v1/goals/my:goal/simulations/their:run", {}, 404),
    ("POST /api/v1/goals/my:goal/simulations/their:run/stop", {}, 404),
    ("POST /api/v1/goals/my:goal/what-if",
     {"json": {"cuts": [{"category": "their:cat", "share": "0.2"}]}}, 404),
    ("POST /api/v1/transfers", {"json": {"one": "my:trn", "other": "their:trn"}}, 404),
    ("POST /api/v1/transfers", {"json": {"one": "their:trn", "other": "my:trn"}}, 404),
    ("POST /api/v1/transfers/ask-again", {"json": {"out": "my:trn", "into": "their:trn"}}, 404),
    ("POST /api/v1/refunds", {"json": _TWO}, 404),
    ("POST /api/v1/refunds", {"json": _TWO_BACK}, 404),
    ("POST /api/v1/refunds/ask-again", {"json": _TWO}, 404),
    ("POST /api/v1/doubles/ask-again", {"json": {"row": "my:trn", "kept": "their:trn"}}, 404),
    ("POST /api/v1/links", {"json": {"repair": "their:itm"}}, 404),
    ("GET /transactions", {"params": {"account": "their:acc"}}, None),
    ("GET /transactions", {"params": {"category": "their:cat"}}, None),
    ("GET /transactions", {"params": {"tag": "their:tag"}}, None),
    ("GET /transactions.csv", {"params": {"account": "their:acc"}}, None),
    ("GET /transactions/new", {"params": {"account": "their:acc"}}, None),
    ("GET /reports/rows", {"params": {**_ROWS, "account": "their:acc"}}, None),
    ("GET /reports/rows", {"params": {**_ROWS, "category": "their:cat"}}, None),
    ("GET /reports/rows.csv", {"params": {**_ROWS, "account": "their:acc"}}, None),
    ("GET /reports/rows.csv", {"params": {**_ROWS, "category": "their:cat"}}, None),
    ("GET /why/rows", {"params": {**_WHY_ROWS, "account": "their:acc"}}, None),
    ("GET /why/rows", {"params": {**_WHY_ROWS, "category": "their:cat"}}, None),
    ("GET /why/spending", {"params": {**_PERIODS, "category": "their:cat"}}, None),
    ("GET /budgets/new", {"params": {"category": "their:cat"}}, None),
    ("GET /settings/rules/new",
     {"params": {"merchants": "a", "category": "their:cat", "preview": "1"}}, None),
    ("GET /settings/rules/new",
     {"params": {"accounts": "their:acc", "category": "my:cat", "preview": "1"}}, None),
    ("POST /transactions/my:trn", {"data": {"category": "their:cat"}}, 404),
    ("POST /transactions/bulk", {"data": {"chosen": "their:trn"}}, 404),
    ("POST /transactions/bulk", {"data": {"one": "their:trn"}}, 404),
    ("POST /transactions/bulk",
     {"data": {"chosen": ["my:trn", "their:trn"], "action": "tag", "tag": _LATE}}, 404),
    ("POST /transactions/bulk", {"data": {"chosen": "their:trn", "action": "delete"}}, 404),
    ("POST /transactions/bulk",
     {"data": {"chosen": "my:trn", "action": "category", "category": "their:cat"}}, 404),
    ("POST /transactions/bulk",
     {"data": {"everything": "1", "next": "/transactions?account=their:acc"}}, None),
    ("POST /transactions/new", {"data": {**_NEW_FORM, "account": "their:acc"}}, None),
    ("POST /transactions/new", {"data": {**_NEW_FORM, "category": "their:cat"}}, None),
    ("POST /transactions/my:trn/split",
     {"data": {"category": ["their:cat", "my:cat"], "amount": ["0.01", ""], "note": ["", ""]}},
     404),
    ("POST /attachments", {"data": {"transaction": "their:trn"}, "files": _FILE}, 404),
    ("POST /settings/categories", {"data": {"name": "mine", "parent": "their:cat"}}, 404),
    ("POST /settings/categories/my:cat/move", {"data": {"parent": "their:cat"}}, 404),
    ("POST /settings/categories/my:cat/remove", {"data": {"into": "their:cat"}}, 404),
    ("POST /settings/rules", {"data": {**_RULE_FORM, "category": "their:cat"}}, 422),
    ("POST /settings/rules", {"data": {**_RULE_FORM, "accounts": "their:acc"}}, 422),
    ("POST /settings/rules",
     {"data": {**_RULE_FORM, "part_category": "their:cat", "part_percent": "50"}}, 422),
    ("POST /settings/rules/my:rul", {"data": {**_RULE_FORM, "category": "their:cat"}}, 422),
    ("POST /budgets", {"data": {**_BUDGET_FORM, "category": "their:cat"}}, 422),
    ("POST /budgets/my:bdg", {"data": {**_BUDGET_FORM, "category": "their:cat"}}, 422),
    ("POST /goals", {"data": {**_GOAL_FORM, "accounts": "their:acc"}}, 404),
    ("POST /goals/my:goal", {"data": {**_GOAL_FORM, "accounts": "their:acc"}}, 404),
    (f"POST {_TOGETHER}/transfers", {"data": {"one": "my:trn", "other": "their:trn"}}, 303),
    (f"POST {_TOGETHER}/refunds", {"data": {"one": "my:trn", "other": "their:trn"}}, 303),
    (f"POST {_TOGETHER}/undo/refunds/their:rfd", {}, 303),
    (f"POST {_TOGETHER}/again/transfers?one=my:trn&other=their:trn", {}, 303),
    (f"POST {_TOGETHER}/again/refunds?one=my:trn&other=their:trn", {}, 303),
    (f"POST {_TOGETHER}/again/doubles?one=my:trn&other=their:trn", {}, 303),
]  # fmt: skip
_WHOSE = re.compile(r"\b(my|their):([a-z]{3,4})\b")


def filled(what: Any, mine: dict[str, str], theirs: dict[str, str]) -> Any:
    """Return a text, or what holds texts, with ids in it; the mappings go from prefix to id."""
    if isinstance(what, str):
        return _WHOSE.sub(lambda m: (mine if m[1] == "my" else theirs)[m[2]], what)
    if isinstance(what, dict):
        return {name: filled(one, mine, theirs) for name, one in what.items()}
    if isinstance(what, list):
        return [filled(one, mine, theirs) for one in what]
    return what
