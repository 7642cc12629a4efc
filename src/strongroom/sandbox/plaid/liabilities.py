"""Builds the terms of cards, mortgages and student loans from what an account's facts say."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from strongroom.sandbox.plaid.wire import loads

_APRS = (
    ("purchase_apr", "purchase_apr"),
    ("cash_apr", "cash_apr"),
    ("balance_transfer_apr", "balance_transfer_apr"),
    ("special_apr", "special"),
)
_STATUS_TYPES = frozenset(
    ("cancelled", "charged off", "claim", "consolidated", "deferment", "delinquent", "discharged",
     "extension", "forbearance", "in grace", "in military", "in school", "not fully disbursed",
     "other", "paid in full", "refunded", "repayment", "transferred", "pending idr")
)  # fmt: skip


def build(rows: Sequence[sqlite3.Row], today: date) -> dict[str, list[dict[str, Any]]]:
    """Give liabilities by kind: credit, mortgage and student."""
    found: dict[str, list[dict[str, Any]]] = {"credit": [], "mortgage": [], "student": []}
    makers = {"credit": _credit, "mortgage": _mortgage, "student": _student}
    for row in rows:
        terms = loads(row["facts"])["liability"]
        if terms and terms.get("type") in makers:
            found[terms["type"]].append(makers[terms["type"]](row, terms, today))
    return found


def _decimal(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) else None


def _month_ago(today: date, day: int = 5) -> date:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=day)


def _next_due(today: date, day: int = 5) -> date:
    due = today.replace(day=day)
    return due if due > today else (today.replace(day=28) + timedelta(days=4)).replace(day=day)


def _credit(row: sqlite3.Row, terms: Mapping[str, Any], today: date) -> dict[str, Any]:
    balance = _decimal(loads(row["current"])) if row["current"] else None
    return {
        "account_id": row["account_id"],
        "aprs": [
            {
                "apr_percentage": _decimal(terms[name]),
                "apr_type": kind,
                "balance_subject_to_apr": balance if name == "purchase_apr" else None,
                "interest_charge_amount": None,
            }
            for name, kind in _APRS
            if _decimal(terms.get(name)) is not None
        ],
        "is_overdue": bool(terms.get("is_overdue", False)),
        "last_payment_amount": _decimal(terms.get("last_payment_amount")),
        "last_payment_date": _month_ago(today).isoformat(),
        "last_statement_balance": balance,
        "last_statement_issue_date": _month_ago(today, 28).isoformat(),
        "minimum_payment_amount": _decimal(terms.get("minimum_payment_amount")),
        "next_payment_due_date": _next_due(today, 23).isoformat(),
    }


def _mortgage(row: sqlite3.Row, terms: Mapping[str, Any], today: date) -> dict[str, Any]:
    day = int(terms.get("due_day", 15))
    payment = _decimal(terms.get("payment") or terms.get("minimum_payment_amount"))
    return {
        "account_id": row["account_id"],
        "account_number": "3120194154",
        "current_late_fee": Decimal(0),
        "escrow_balance": None,
        "has_pmi": False,
        "has_prepayment_penalty": False,
        "interest_rate": {
            "percentage": _decimal(terms.get("rate") or terms.get("nominal_apr")),
            "type": "fixed",
        },
        "last_payment_amount": payment,
        "last_payment_date": _month_ago(today, day).isoformat(),
        "loan_term": terms.get("term", "30 year"),
        "loan_type_description": "conventional",
        "maturity_date": today.replace(year=today.year + 25, day=1).isoformat(),
        "next_monthly_payment": payment,
        "next_payment_due_date": _next_due(today, day).isoformat(),
        "origination_date": today.replace(year=today.year - 5, day=1).isoformat(),
        "origination_principal_amount": _decimal(terms.get("principal")),
        "past_due_amount": Decimal(0),
        "property_address": {
            "city": "Fernmouth", "country": "US", "postal_code": "40210", "region": "KY",
            "street": "14 Alder Lane",
        },
        "ytd_interest_paid": None,
        "ytd_principal_paid": None,
    }  # fmt: skip


def _student(row: sqlite3.Row, terms: Mapping[str, Any], today: date) -> dict[str, Any]:
    status = _given(terms.get("loan_status"))
    forgiveness = _given(terms.get("pslf_status"))
    address = _given(_given(terms.get("servicer_address")).get("data"))
    begun = terms.get("origination_date")
    minimum = _decimal(terms.get("minimum_payment_amount"))
    return {
        "account_id": row["account_id"],
        "account_number": "4277075694",
        "disbursement_dates": [begun] if begun else None,
        "expected_payoff_date": terms.get("expected_payoff_date"),
        "guarantor": terms.get("guarantor"),
        "interest_rate_percentage": _decimal(terms.get("nominal_apr")) or Decimal(0),
        "is_overdue": bool(terms.get("is_overdue", False)),
        "last_payment_amount": _decimal(terms.get("last_payment_amount")) or minimum,
        "last_payment_date": _month_ago(today).isoformat(),
        "last_statement_balance": _decimal(loads(row["current"])) if row["current"] else None,
        "last_statement_issue_date": _month_ago(today, 28).isoformat(),
        "loan_name": terms.get("loan_name"),
        "loan_status": {
            "end_date": status.get("end_date"),
            "type": status["type"] if status.get("type") in _STATUS_TYPES else "repayment",
        },
        "minimum_payment_amount": minimum,
        "next_payment_due_date": _next_due(today).isoformat(),
        "origination_date": begun,
        "origination_principal_amount": _decimal(terms.get("principal")),
        "outstanding_interest_amount": None,
        "payment_reference_number": terms.get("payment_reference_number"),
        "pslf_status": {
            "estimated_eligibility_date": forgiveness.get("estimated_eligibility_date"),
            "payments_made": forgiveness.get("payments_made"),
            "payments_remaining": forgiveness.get("payments_remaining"),
        },
        "repayment_plan": {
            "description": terms.get("repayment_plan_description"),
            "type": terms.get("repayment_plan_type"),
        },
        "sequence_number": terms.get("sequence_number"),
        "servicer_address": {
            name: address.get(name) for name in ("city", "country", "postal_code", "region",
                                                 "street")
        },
        "ytd_interest_paid": None,
        "ytd_principal_paid": None,
    }  # fmt: skip


def _given(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
