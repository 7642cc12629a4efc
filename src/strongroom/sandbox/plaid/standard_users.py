"""Plaid's own test users: user_good, the dynamic one, and the fixed realistic sets.

Account names, masks and balances are the ones that Plaid's sandbox is known to serve.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid.habits import Habit, days, falls_on, on_day
from strongroom.sandbox.plaid.persona import Account, Persona, Row, owner

HISTORY_DAYS: Final = 730
_LONGEST_PLAN_DAYS: Final = 3650
DYNAMIC_ROWS: Final = 50
_DYNAMIC_PENDING: Final = 6
_DYNAMIC_DAYS: Final = 180
_OWNER: Final = owner(
    "Alberta Bobbeth Charleson", "2992 Cameron Road", "Malakoff", "NY", "14236", "US",
    "accountholder0@example.com", "1112223333",
)  # fmt: skip
# A bank often knows more than one way to reach a person.
_OWNERS: Final = (
    _OWNER
    | {
        "emails": [
            *_OWNER["emails"],
            {"data": "alberta@charleson.example", "primary": False, "type": "secondary"},
            {"data": "the.charleson.family.at.the.old.mill.house@post-office.letters.example",
             "primary": False, "type": "other"},
        ],
        "phone_numbers": [
            *_OWNER["phone_numbers"],
            {"data": "7185550164", "primary": False, "type": "work"},
            {"data": "7185550187", "primary": False, "type": "mobile"},
        ],
        "addresses": [
            *_OWNER["addresses"],
            {"data": {"street": "17 Heron Quay, Apt 4", "city": "Port Ellery", "region": "ME",
                      "postal_code": "04999-0117", "country": "US"}, "primary": False},
        ],
    },
)  # fmt: skip
_HOLDINGS: Final[tuple[dict[str, Any], ...]] = (
    {"institution_price": Decimal("1"), "quantity": Decimal("120.76"),
     "cost_basis": Decimal("120.76"), "currency": "USD",
     "security": {"name": "U S Dollar", "ticker_symbol": "CUR:USD", "type": "cash"}},
    {"institution_price": Decimal("10"), "quantity": Decimal("20"), "cost_basis": Decimal("180"),
     "currency": "USD", "security": {"name": "Evergreen Balanced Fund", "ticker_symbol": "EVGBX",
                                     "type": "mutual fund"}},
)  # fmt: skip

# type, subtype, name, official name, mask, available, current, limit
_GOOD: Final = (
    ("depository", "checking", "Checking", "Plaid Gold Standard 0% Interest Checking", "0000",
     "100", "110", None),
    ("depository", "savings", "Saving", "Plaid Silver Standard 0.1% Interest Saving", "1111",
     "200", "210", None),
    ("depository", "cd", "CD", "Plaid Bronze Standard 0.2% Interest CD", "2222",
     None, "1000", None),
    ("credit", "credit card", "Credit Card", "Plaid Diamond 12.5% APR Interest Credit Card", "3333",
     None, "410", "2000"),
    ("depository", "money market", "Money Market",
     "Plaid Platinum Standard 1.85% Interest Money Market", "4444", "43200", "43200", None),
    ("investment", "ira", "IRA", None, "5555", None, "320.76", None),
    ("investment", "401k", "401k", None, "6666", None, "23631.9805", None),
    ("loan", "student", "Student Loan", None, "7777", None, "65262", None),
    ("loan", "mortgage", "Mortgage", None, "8888", None, "56302.06", None),
    ("depository", "hsa", "HSA", "Plaid Cares Health Savings Account", "9001",
     "6009", "6009", None),
    ("depository", "cash management", "Cash Management", "Plaid Growth Cash Management", "9002",
     "12060", "12060", None),
    ("credit", "credit card", "Business Credit Card", "Plaid Platinum Small Business Credit Card",
     "9999", "4980", "5020", "10000"),
)  # fmt: skip

_CHECKING, _SAVING, _CARD = 0, 1, 3
_GOOD_HABITS: Final = (
    Habit(_CHECKING, "GUSTO PAY", "INCOME_SALARY", -585_000, -585_000, channel="other",
          day_of_month=1),
    Habit(_CHECKING, "Uber", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", 540, 633, "Uber", "uber.com",
          "online", a_week=0.6, counterparty="merchant"),
    Habit(_CHECKING, "McDonald's", "FOOD_AND_DRINK_FAST_FOOD", 1_200, 1_200, "McDonald's",
          "mcdonalds.com", a_week=0.4),
    Habit(_CHECKING, "Starbucks", "FOOD_AND_DRINK_COFFEE", 433, 433, "Starbucks", "starbucks.com",
          a_week=0.7),
    Habit(_CHECKING, "SparkFun", "GENERAL_MERCHANDISE_ELECTRONICS", 8_940, 8_940, "SparkFun",
          "sparkfun.com", "online", day_of_month=13),
    Habit(_CHECKING, "CREDIT CARD 3333 PAYMENT", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", 2_500, 2_500,
          channel="other", day_of_month=22),
    Habit(_SAVING, "INTRST PYMNT", "INCOME_INTEREST_EARNED", -422, -422, channel="other",
          day_of_month=28),
    Habit(_CARD, "United Airlines", "TRAVEL_FLIGHTS", 50_000, 50_000, "United Airlines",
          "united.com", "online", day_of_month=3, every_months=2),
    Habit(_CARD, "United Airlines", "TRAVEL_FLIGHTS", -50_000, -50_000, "United Airlines",
          "united.com", "online", day_of_month=17, every_months=6),
    Habit(_CARD, "Touchstone Climbing", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS", 7_850, 7_850,
          "Touchstone Climbing", "touchstoneclimbing.com", "in store", day_of_month=16),
    Habit(_CARD, "KFC", "FOOD_AND_DRINK_FAST_FOOD", 1_150, 2_600, "KFC", "kfc.com",
          day_of_month=19),
    Habit(_CARD, "Madison Bicycle Shop", "GENERAL_MERCHANDISE_SPORTING_GOODS", 50_000, 50_000,
          "Madison Bicycle Shop", None, "in store", day_of_month=20, every_months=3),
    Habit(_CARD, "AUTOMATIC PAYMENT - THANK", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", -207_850,
          -207_850, channel="other", day_of_month=21),
)  # fmt: skip

_SHOP_HABITS: Final = (
    Habit(0, "Card sales settlement", "INCOME_OTHER", -190_000, -64_000, channel="other",
          a_week=3.0),
    Habit(0, "Employee payroll", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES", 640_000, 655_000,
          channel="other", day_of_month=15),
    Habit(0, "Workshop rent", "RENT_AND_UTILITIES_RENT", 240_000, 240_000, channel="other",
          day_of_month=1),
    Habit(0, "Wholesale timber", "HOME_IMPROVEMENT_HARDWARE", 42_000, 180_000,
          "Quarry Timber", None, "online", a_week=0.8),
    Habit(1, "Parcel post", "GENERAL_SERVICES_POSTAGE_AND_SHIPPING", 1_500, 9_800, "Parcel Post",
          None, "in store", a_week=1.5),
    Habit(1, "Office paper", "GENERAL_MERCHANDISE_OFFICE_SUPPLIES", 1_900, 14_000, "Paper & Clip",
          None, "online", a_week=0.5),
)  # fmt: skip
_YUPPIE_HABITS: Final = (
    Habit(0, "LUMEN ROBOTICS PAYROLL", "INCOME_SALARY", -412_500, -412_500, channel="other",
          day_of_month=15),
    Habit(0, "LUMEN ROBOTICS PAYROLL", "INCOME_SALARY", -412_500, -412_500, channel="other",
          day_of_month=30),
    Habit(0, "Loft rent", "RENT_AND_UTILITIES_RENT", 285_000, 285_000, channel="other",
          day_of_month=1),
    Habit(0, "Brokerage transfer", "TRANSFER_OUT_INVESTMENT_AND_RETIREMENT_FUNDS", 90_000, 90_000,
          channel="other", day_of_month=16),
    Habit(1, "Oat & Ember", "FOOD_AND_DRINK_COFFEE", 480, 1_150, "Oat & Ember", None, a_week=5.0),
    Habit(1, "Izakaya Nine", "FOOD_AND_DRINK_RESTAURANT", 3_800, 14_500, "Izakaya Nine", None,
          a_week=1.6),
    Habit(1, "Glide rides", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", 900, 3_900, "Glide", None,
          "online", a_week=2.2),
    Habit(1, "Pulse studio", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS", 18_900, 18_900,
          "Pulse Studio", None, "online", day_of_month=3),
)  # fmt: skip
_EARNER_HABITS: Final = (
    Habit(0, "SHIFTLY WAGES", "INCOME_SALARY", -41_000, -29_000, channel="other", a_week=1.0),
    Habit(0, "EARLYPAY ADVANCE", "LOAN_DISBURSEMENTS_EWA", -10_000, -5_000, channel="online",
          a_week=0.5),
    Habit(0, "EARLYPAY REPAYMENT", "LOAN_PAYMENTS_EWA", 5_000, 10_500, channel="online",
          a_week=0.5),
    Habit(0, "Value Mart", "FOOD_AND_DRINK_GROCERIES", 1_200, 6_800, "Value Mart", None,
          a_week=1.7),
    Habit(0, "Room rent", "RENT_AND_UTILITIES_RENT", 62_000, 62_000, channel="other",
          day_of_month=1),
)  # fmt: skip


def good(seed: object, currency: str, today: date, since: date | None = None) -> Persona:
    """Build user_good: twelve accounts and two years of its habitual rows.

    ``since``, when earlier, is how far back its investment transactions go (ten years at most).
    """
    plan = _savings_plan(today, since or today)
    accounts = [
        Account(
            kind, subtype, f"Plaid {name}", official, mask, Decimal(current),
            None if available is None else Decimal(available),
            "unknown" if available is None else ("remaining" if kind == "credit" else "follow"),
            None if limit is None else Decimal(limit), currency, _numbers(kind, subtype, mask),
            _OWNERS, _liability(kind, subtype, Decimal(current)),
            _holdings(subtype, Decimal(current)), plan if subtype == "401k" else (),
            "business" if "Business" in name else "personal",
        )
        for kind, subtype, name, official, mask, available, current, limit in _GOOD
    ]  # fmt: skip
    return Persona(accounts, _history(_GOOD_HABITS, seed, currency, today))


def small_business(seed: object, currency: str, today: date) -> Persona:
    """Build user_small_business: a workshop with a current account and a card."""
    accounts = _pair("Workshop", Decimal("18450.22"), Decimal("1260.40"), currency, "business")
    return Persona(accounts, _history(_SHOP_HABITS, seed, currency, today))


def yuppie(seed: object, currency: str, today: date) -> Persona:
    """Build user_yuppie: a well-paid single person in a city."""
    accounts = _pair("City", Decimal("9320.18"), Decimal("2214.75"), currency, "personal")
    return Persona(accounts, _history(_YUPPIE_HABITS, seed, currency, today))


def wage_earner(seed: object, currency: str, today: date) -> Persona:
    """Build user_ewa_user: paid by the shift, with advances on wages."""
    accounts = _pair("Shift", Decimal("214.09"), Decimal("388.10"), currency, "personal")[:1]
    return Persona(accounts, _history(_EARNER_HABITS, seed, currency, today))


def dynamic(seed: object, currency: str, today: date) -> Persona:
    """Build user_transactions_dynamic: 50 rows, some pending, that /transactions/refresh moves."""
    accounts = _pair("Dynamic", Decimal("3120.55"), Decimal("640.12"), currency, "personal")
    rng = random.Random(f"{seed}|dynamic")
    rows: list[Row] = []
    for month in range(6):
        day = today - timedelta(days=3 + 30 * month)
        rows += [
            Row(0, day, day, Decimal("-2450.00"), "ACME PAYROLL", "INCOME_SALARY",
                currency=currency),
            Row(0, day, day, Decimal("980.00"), "Parkside rent", "RENT_AND_UTILITIES_RENT",
                currency=currency),
            Row(1, day, day, Decimal("15.99"), "Lantern Streaming", "ENTERTAINMENT_TV_AND_MOVIES",
                "Lantern Streaming", None, "online", currency),
        ]  # fmt: skip
    while len(rows) < DYNAMIC_ROWS:
        pending = DYNAMIC_ROWS - len(rows) <= _DYNAMIC_PENDING
        age = rng.randrange(2) if pending else rng.randrange(1, _DYNAMIC_DAYS)
        rows.append(dynamic_row(rng, today - timedelta(days=age), currency, pending=pending))
    return Persona(accounts, rows, lively=True)


def dynamic_row(rng: random.Random, day: date, currency: str, *, pending: bool) -> Row:
    """Give one more purchase of the dynamic user; pending ones post at the next refresh."""
    name, category = rng.choice(
        (
            ("Daily Basket", "FOOD_AND_DRINK_GROCERIES"),
            ("Kopper Coffee", "FOOD_AND_DRINK_COFFEE"),
            ("Cityline Transit", "TRANSPORTATION_PUBLIC_TRANSIT"),
            ("Pageworn Books", "GENERAL_MERCHANDISE_BOOKSTORES_AND_NEWSSTANDS"),
            ("Sundew Pharmacy", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS"),
        )
    )
    amount = Decimal(rng.randint(300, 12_000)).scaleb(-2)
    return Row(rng.randrange(2), day, day, amount, name.upper(), category, name, None, "in store",
               currency, pending)  # fmt: skip


def _history(habits: Sequence[Habit], seed: object, currency: str, today: date) -> list[Row]:
    start = today - timedelta(days=HISTORY_DAYS)
    return [row for day in days(start, today) for row in on_day(habits, seed, day, today, currency)]


def _numbers(kind: str, subtype: str, mask: str) -> dict[str, str]:
    if kind == "depository" and subtype in ("checking", "savings", "cash management"):
        return {"account": f"111122223333{mask}"}
    return {}


def _liability(kind: str, subtype: str, current: Decimal) -> dict[str, Any] | None:
    if kind == "credit":
        return {"type": "credit", "purchase_apr": Decimal("15.24"), "cash_apr": Decimal("27.95"),
                "balance_transfer_apr": Decimal("15.24"), "special_apr": Decimal("0"),
                "last_payment_amount": Decimal("168.25"),
                "minimum_payment_amount": Decimal("20"), "is_overdue": False}  # fmt: skip
    if subtype == "student":
        return {"type": "student", "principal": Decimal("25000"), "nominal_apr": Decimal("5.25"),
                "loan_name": "Consolidation", "guarantor": "DEPT OF ED", "is_overdue": False,
                "minimum_payment_amount": Decimal("25")}  # fmt: skip
    if subtype == "mortgage":
        return {"type": "mortgage", "rate": Decimal("3.99"), "payment": Decimal("3141.54"),
                "principal": Decimal("425000"), "term": "30 year", "due_day": 15}  # fmt: skip
    return None


def _holdings(subtype: str, current: Decimal) -> tuple[dict[str, Any], ...]:
    if subtype == "ira":
        return _HOLDINGS
    if subtype == "401k":
        return (
            {"institution_price": Decimal("23.6319805"), "quantity": Decimal("1000"),
             "institution_value": current, "cost_basis": Decimal("19850"), "currency": "USD",
             "security": {"name": "Evergreen Target 2045", "ticker_symbol": "EVGTX",
                          "type": "mutual fund"}},
        )  # fmt: skip
    return ()


def _savings_plan(today: date, since: date) -> list[dict[str, Any]]:
    """Give monthly purchases, each the month's payroll contribution; the newest first."""
    price = Decimal("23.63")
    first = max(
        min(since, today - timedelta(days=HISTORY_DAYS)),
        today - timedelta(days=_LONGEST_PLAN_DAYS),
    )
    return [
        {"date": day.isoformat(),
         "name": "BUY Evergreen Target 2045", "type": "buy", "quantity": Decimal("12"),
         "price": price, "amount": price * 12, "fees": Decimal("0"), "currency": "USD",
         "security": {"name": "Evergreen Target 2045", "ticker_symbol": "EVGTX",
                      "type": "mutual fund"}}
        for day in reversed(list(days(first, today))) if falls_on(day, 18)
    ]  # fmt: skip


def _pair(name: str, checking: Decimal, card: Decimal, currency: str, holder: str) -> list[Account]:
    limit = Decimal("8000")
    return [
        Account("depository", "checking", f"{name} Checking", f"{name} Current Account", "0101",
                checking, checking, currency=currency, numbers={"account": "1111222233330101"},
                owners=_OWNERS, holder=holder),
        Account("credit", "credit card", f"{name} Card", f"{name} Credit Card", "0202", card,
                limit - card, "remaining", limit, currency, owners=_OWNERS,
                liability=_liability("credit", "credit card", card), holder=holder),
    ]  # fmt: skip
