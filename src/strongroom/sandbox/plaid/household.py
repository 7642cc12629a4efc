"""A made-up household for demonstrations: five accounts and a calm, believable life.

Every balance is its opening balance plus the sum of its rows, so history can be rebuilt from
today backwards without a jump. All names are invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from strongroom.sandbox.plaid.habits import Habit, days, falls_on, on_day
from strongroom.sandbox.plaid.persona import Account, Persona, Row, balance_change, owner

EVERYDAY, SAVINGS, CARD, FUND, MORTGAGE = range(5)
HISTORY_DAYS: Final = 730
_SETTLED_AFTER: Final = 7  # days until nothing of a day is pending any more
_CENT: Final = Decimal("0.01")
_OPENING: Final = {
    EVERYDAY: Decimal("2814.37"),
    SAVINGS: Decimal("9650.00"),
    CARD: Decimal("486.20"),
    FUND: Decimal("21340.00"),
    MORTGAGE: Decimal("248600.00"),
}
_TO_SAVINGS: Final = Decimal("450.00")
_TO_FUND: Final = Decimal("350.00")
_MORTGAGE_PAYMENT: Final = Decimal("1486.00")
_MORTGAGE_RATE: Final = Decimal("0.0389")
_SAVINGS_RATE: Final = Decimal("0.0240")
_UNIT_PRICE: Final = Decimal("118.40")

_HABITS: Final = (
    Habit(EVERYDAY, "NORTHFELL DESIGN PAYROLL", "INCOME_SALARY", -452_000, -452_000,
          "Northfell Design", "northfell.example", "other", day_of_month=25,
          counterparty="income_source"),
    Habit(EVERYDAY, "Brightwell Energy direct debit", "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY",
          7_400, 15_800, "Brightwell Energy", "brightwell.example", "online", day_of_month=12),
    Habit(EVERYDAY, "Clearbrook Water", "RENT_AND_UTILITIES_WATER", 3_150, 3_150,
          "Clearbrook Water", "clearbrook.example", "online", day_of_month=18, every_months=2),
    Habit(EVERYDAY, "Skylark Fibre", "RENT_AND_UTILITIES_INTERNET_AND_CABLE", 4_900, 4_900,
          "Skylark Fibre", "skylark.example", "online", day_of_month=8),
    Habit(EVERYDAY, "Harbor Mutual home insurance", "GENERAL_SERVICES_INSURANCE", 8_640, 8_640,
          "Harbor Mutual", "harbormutual.example", "online", day_of_month=3),
    Habit(EVERYDAY, "Little Acorns Nursery", "GENERAL_SERVICES_CHILDCARE", 31_000, 31_000,
          "Little Acorns", None, "online", day_of_month=2),
    Habit(EVERYDAY, "Cash withdrawal Market Square", "TRANSFER_OUT_WITHDRAWAL", 4_000, 8_000,
          None, None, "in store", a_week=0.25),
    Habit(CARD, "GREENGROCER & SONS", "FOOD_AND_DRINK_GROCERIES", 2_850, 9_400,
          "Greengrocer & Sons", "greengrocer.example", a_week=1.5, settles_days=2, numbered=True),
    Habit(CARD, "DAILY BASKET MARKET", "FOOD_AND_DRINK_GROCERIES", 850, 4_600, "Daily Basket",
          "dailybasket.example", a_week=1.3, settles_days=2, numbered=True),
    Habit(CARD, "KOPPER COFFEE", "FOOD_AND_DRINK_COFFEE", 340, 980, "Kopper Coffee",
          "koppercoffee.example", a_week=2.2, settles_days=2),
    Habit(CARD, "TRATTORIA LUNA", "FOOD_AND_DRINK_RESTAURANT", 2_600, 8_900, "Trattoria Luna",
          None, a_week=0.55, settles_days=3),
    Habit(CARD, "NOODLE CORNER", "FOOD_AND_DRINK_FAST_FOOD", 950, 2_400, "Noodle Corner", None,
          a_week=0.7, settles_days=2),
    Habit(CARD, "CITYLINE TRANSIT", "TRANSPORTATION_PUBLIC_TRANSIT", 320, 320,
          "Cityline Transit", "cityline.example", a_week=2.5, settles_days=1),
    Habit(CARD, "FORESTWAY FUEL", "TRANSPORTATION_GAS", 3_400, 6_300, "Forestway Fuel", None,
          a_week=0.6, settles_days=3, numbered=True),
    Habit(CARD, "HUM MUSIC FAMILY", "ENTERTAINMENT_MUSIC_AND_AUDIO", 1_499, 1_499, "Hum Music",
          "hum.example", "online", day_of_month=5, settles_days=1),
    Habit(CARD, "LANTERN STREAMING", "ENTERTAINMENT_TV_AND_MOVIES", 1_199, 1_199,
          "Lantern Streaming", "lantern.example", "online", day_of_month=14, settles_days=1),
    Habit(CARD, "IRONLEAF GYM", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS", 3_900, 3_900,
          "Ironleaf Gym", "ironleaf.example", "online", day_of_month=1, settles_days=1),
    Habit(CARD, "PALLET PHONE", "RENT_AND_UTILITIES_TELEPHONE", 2_700, 2_700, "Pallet Phone",
          "pallet.example", "online", day_of_month=20, settles_days=1),
    Habit(CARD, "TINKER & PINE", "HOME_IMPROVEMENT_HARDWARE", 1_400, 11_000, "Tinker & Pine",
          "tinkerandpine.example", a_week=0.3, settles_days=2),
    Habit(CARD, "WILLOW CLOTHING", "GENERAL_MERCHANDISE_CLOTHING_AND_ACCESSORIES", 2_900, 12_500,
          "Willow Clothing", "willow.example", "online", a_week=0.35, settles_days=3),
    Habit(CARD, "WILLOW CLOTHING RETURN", "GENERAL_MERCHANDISE_CLOTHING_AND_ACCESSORIES", -7_900,
          -2_900, "Willow Clothing", "willow.example", "online", a_week=0.06, settles_days=2),
    Habit(CARD, "PAGEWORN BOOKS", "GENERAL_MERCHANDISE_BOOKSTORES_AND_NEWSSTANDS", 900, 4_200,
          "Pageworn Books", None, a_week=0.3, settles_days=2),
    Habit(CARD, "SUNDEW PHARMACY", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS", 600, 3_900,
          "Sundew Pharmacy", None, a_week=0.35, settles_days=2),
    Habit(CARD, "NORDLIGHT AIR", "TRAVEL_FLIGHTS", 18_000, 46_000, "Nordlight Air",
          "nordlight.example", "online", day_of_month=9, every_months=5, settles_days=2),
    Habit(CARD, "GULLY HOUSE HOTEL", "TRAVEL_LODGING", 16_000, 39_000, "Gully House", None,
          "online", day_of_month=22, every_months=5, settles_days=2),
    Habit(CARD, "PUPPET THEATRE TICKETS",
          "ENTERTAINMENT_SPORTING_EVENTS_AMUSEMENT_PARKS_AND_MUSEUMS", 2_200, 5_600,
          "Puppet Theatre", None, a_week=0.2, settles_days=2),
)  # fmt: skip


class Household:
    """The household's rows, day by day, for one seed, currency and first day."""

    def __init__(self, seed: object, currency: str, start: date) -> None:
        """``start`` is the first day that has rows; interest is counted from it."""
        self.seed = seed
        self.currency = currency
        self.start = start
        self._card_spent = lru_cache(maxsize=64)(self._sum_card)

    def on_day(self, day: date, today: date) -> list[Row]:
        """Give all rows that happen on ``day``, as the bank shows them on ``today``."""
        return [
            *on_day(_HABITS, self.seed, day, today, self.currency),
            *self._own_transfers(day),
            *self._card_payment(day),
            *self._mortgage(day),
            *self._growth(day),
        ]

    def _own(self, account: int, day: date, amount: Decimal, name: str, category: str) -> Row:
        return Row(account, day, day, amount, name, category, currency=self.currency)

    def _own_transfers(self, day: date) -> list[Row]:
        rows: list[Row] = []
        if falls_on(day, 26):
            rows += [
                self._own(EVERYDAY, day, _TO_SAVINGS, "Transfer to Rainy Day Savings",
                          "TRANSFER_OUT_SAVINGS"),
                self._own(SAVINGS, day, -_TO_SAVINGS, "Transfer from Everyday",
                          "TRANSFER_IN_SAVINGS"),
            ]  # fmt: skip
        if falls_on(day, 27):
            rows += [
                self._own(EVERYDAY, day, _TO_FUND, "Transfer to Index Fund",
                          "TRANSFER_OUT_INVESTMENT_AND_RETIREMENT_FUNDS"),
                self._own(FUND, day, -_TO_FUND, "Monthly contribution",
                          "TRANSFER_IN_INVESTMENT_AND_RETIREMENT_FUNDS"),
            ]  # fmt: skip
        return rows

    def _card_payment(self, day: date) -> list[Row]:
        if not falls_on(day, 4):
            return []
        last_month = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
        owed = self._card_spent(last_month)
        if last_month < self.start.replace(day=1) or owed <= 0:
            owed = _OPENING[CARD]
        return [
            self._own(EVERYDAY, day, owed, "Card payment Meridian Card",
                      "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"),
            self._own(CARD, day, -owed, "Payment received, thank you",
                      "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"),
        ]  # fmt: skip

    def _sum_card(self, month: date) -> Decimal:
        """Sum what the card was used for in a month, by posting-independent happening day."""
        end = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        long_after = end + timedelta(days=30)
        return sum(
            (
                row.amount
                for day in days(max(month, self.start), end)
                for row in on_day(_HABITS, self.seed, day, long_after, self.currency)
                if row.account == CARD
            ),
            Decimal(0),
        )

    def _mortgage(self, day: date) -> list[Row]:
        if not falls_on(day, 1):
            return []
        interest = (self._owed_before(day) * _MORTGAGE_RATE / 12).quantize(_CENT)
        return [
            self._own(EVERYDAY, day, _MORTGAGE_PAYMENT, "Mortgage payment Hearthstone",
                      "LOAN_PAYMENTS_MORTGAGE_PAYMENT"),
            self._own(MORTGAGE, day, interest, "Interest charged", "BANK_FEES_INTEREST_CHARGE"),
            self._own(MORTGAGE, day, -_MORTGAGE_PAYMENT, "Payment received",
                      "LOAN_PAYMENTS_MORTGAGE_PAYMENT"),
        ]  # fmt: skip

    def _owed_before(self, day: date) -> Decimal:
        owed = _OPENING[MORTGAGE]
        for _ in range(self._months_since_start(day)):
            owed += (owed * _MORTGAGE_RATE / 12).quantize(_CENT) - _MORTGAGE_PAYMENT
        return owed

    def _months_since_start(self, day: date) -> int:
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        return max(0, months - (1 if self.start.day > 1 else 0))

    def _growth(self, day: date) -> list[Row]:
        rows: list[Row] = []
        months = self._months_since_start(day)
        if falls_on(day, 30, 3):
            saved = _OPENING[SAVINGS] + _TO_SAVINGS * months
            interest = (saved * _SAVINGS_RATE / 4).quantize(_CENT)
            rows.append(
                self._own(SAVINGS, day, -interest, "Interest paid", "INCOME_INTEREST_EARNED")
            )
        if falls_on(day, 15, 3):
            held = _OPENING[FUND] + _TO_FUND * months
            dividend = (held * Decimal("0.0135")).quantize(_CENT)
            rows.append(self._own(FUND, day, -dividend, "Dividend reinvested", "INCOME_DIVIDENDS"))
        return rows


def build(seed: object, currency: str, today: date, born: date) -> Persona:
    """Build the household with the rows of two years before ``born`` up to and with ``today``.

    ``born`` is the day it was first linked: on any later link it has had the same life.
    """
    start = born - timedelta(days=HISTORY_DAYS)
    house = Household(seed, currency, start)
    rows = [row for day in days(start, today) for row in house.on_day(day, today)]
    lately = days(born - timedelta(days=_SETTLED_AFTER), born)
    if not any(row.pending for day in lately for row in house.on_day(day, born)):
        rows.append(_first_coffee(currency, born, today))
    return Persona(accounts=_accounts(rows, currency, today), rows=rows, grows=True)


def _first_coffee(currency: str, born: date, today: date) -> Row:
    """Give a purchase of the first day, for when nothing else happens to be pending then."""
    posts_on = born + timedelta(days=1)
    pending = today < posts_on
    return Row(
        CARD,
        born if pending else posts_on,
        born,
        Decimal("4.60"),
        "KOPPER COFFEE",
        "FOOD_AND_DRINK_COFFEE",
        "Kopper Coffee",
        "koppercoffee.example",
        "in store",
        currency,
        pending=pending,
        posts_on=posts_on if pending else None,
        confidence="VERY_HIGH",
    )


def grow(seed: object, currency: str, start: date, day: date, today: date) -> list[Row]:
    """Give the rows of one further day of a household whose first day was ``start``."""
    return Household(seed, currency, start).on_day(day, today)


def _accounts(rows: Sequence[Row], currency: str, today: date) -> list[Account]:
    kinds = ("depository", "depository", "credit", "investment", "loan")
    current = dict(_OPENING)
    waiting = dict.fromkeys(_OPENING, Decimal(0))
    for row in rows:
        change = balance_change(kinds[row.account], row.amount)
        (waiting if row.pending else current)[row.account] += change
    people = (owner("Kari Solberg-Hale", "14 Alder Lane", "Fernmouth", None, "40210", "US",
                    "kari@household.example", "5550100142"),)  # fmt: skip
    everyday = Account(
        "depository", "checking", "Everyday", "Everyday Current Account", "4021",
        current[EVERYDAY], current[EVERYDAY] + waiting[EVERYDAY],
        numbers={"account": "990000004021"}, owners=people, currency=currency,
    )  # fmt: skip
    limit = Decimal("6000.00")
    card = replace(
        everyday, type="credit", subtype="credit card", name="Meridian Card",
        official_name="Meridian Rewards Card", mask="7733", current=current[CARD],
        available=limit - current[CARD] - waiting[CARD], available_rule="remaining", limit=limit,
        numbers={}, liability=_card_liability(current[CARD]),
    )  # fmt: skip
    savings = replace(
        everyday, subtype="savings", name="Rainy Day Savings", official_name="Easy Access Savings",
        mask="4039", current=current[SAVINGS], available=current[SAVINGS],
        numbers={"account": "990000004039"},
    )  # fmt: skip
    fund = replace(
        everyday, type="investment", subtype="brokerage", name="Index Fund",
        official_name="Global Index Fund Account", mask="5508", current=current[FUND],
        available=None, available_rule="unknown", numbers={},
        holdings=(_fund_holding(current[FUND], currency, today),),
        investment_transactions=_purchases(rows, currency),
    )  # fmt: skip
    mortgage = replace(
        everyday, type="loan", subtype="mortgage", name="Mortgage",
        official_name="Hearthstone Repayment Mortgage", mask="1290", current=current[MORTGAGE],
        available=None, available_rule="unknown", numbers={}, liability=_mortgage_liability(),
    )  # fmt: skip
    return [everyday, savings, card, fund, mortgage]


def _card_liability(owed: Decimal) -> dict[str, Any]:
    return {
        "type": "credit",
        "purchase_apr": Decimal("19.9"),
        "minimum_payment_amount": max(Decimal("25.00"), (owed / 50).quantize(_CENT)),
        "is_overdue": False,
    }


def _mortgage_liability() -> dict[str, Any]:
    return {
        "type": "mortgage",
        "rate": _MORTGAGE_RATE * 100,
        "payment": _MORTGAGE_PAYMENT,
        "principal": Decimal("265000.00"),
        "term": "30 year",
        "due_day": 1,
    }


def _fund_holding(value: Decimal, currency: str, today: date) -> dict[str, Any]:
    return {
        "institution_price": _UNIT_PRICE,
        "institution_price_as_of": today.isoformat(),
        "institution_value": value,
        "quantity": (value / _UNIT_PRICE).quantize(Decimal("0.00000001")),
        "cost_basis": (value * Decimal("0.83")).quantize(_CENT),
        "currency": currency,
        "security": {"name": "Evergreen Global Index Fund", "ticker_symbol": "EVGIX",
                     "type": "mutual fund"},
    }  # fmt: skip


def _purchases(rows: Sequence[Row], currency: str) -> list[dict[str, Any]]:
    return [
        {
            "date": row.day.isoformat(),
            "name": row.name,
            "amount": -row.amount,
            "quantity": (-row.amount / _UNIT_PRICE).quantize(Decimal("0.00000001")),
            "price": _UNIT_PRICE,
            "fees": Decimal(0),
            "type": "buy",
            "currency": currency,
            "security": {"name": "Evergreen Global Index Fund", "ticker_symbol": "EVGIX",
                         "type": "mutual fund"},
        }
        for row in rows
        if row.account == FUND
    ]  # fmt: skip
