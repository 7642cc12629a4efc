"""What a household buys and sends back, and what its book is told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.household_draft import Draft
from benchmarks.labels import DoubleLabel, PendingLabel, RefundLabel

# Merchant, Plaid's category, price from and to in dollars, visits a month, whether tips are given.
_SHOPS = (
    ("Green Basket", "FOOD_AND_DRINK_GROCERIES", 8, 120, 6.0, False),
    ("Corner Market", "FOOD_AND_DRINK_GROCERIES", 4, 60, 3.0, False),
    ("Harbour Coffee", "FOOD_AND_DRINK_COFFEE", 4, 7, 6.0, False),
    ("Trattoria Sole", "FOOD_AND_DRINK_RESTAURANT", 25, 110, 1.2, True),
    ("Noodle Bar", "FOOD_AND_DRINK_FAST_FOOD", 11, 24, 2.0, True),
    ("Fjord Fuel", "TRANSPORTATION_GAS", 35, 80, 1.5, False),
    ("City Taxi", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", 12, 40, 0.8, True),
    ("Nordic Outfit", "GENERAL_MERCHANDISE_CLOTHING_AND_ACCESSORIES", 25, 240, 1.2, False),
    ("Volt Electronics", "GENERAL_MERCHANDISE_ELECTRONICS", 30, 700, 0.5, False),
    ("Parcelhaus", "GENERAL_MERCHANDISE_ONLINE_MARKETPLACES", 9, 180, 2.5, False),
    ("Home & Hammer", "HOME_IMPROVEMENT_HARDWARE", 10, 300, 0.6, False),
    ("Old Apothecary", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS", 6, 60, 0.7, False),
    ("Lantern Cinema", "ENTERTAINMENT_TV_AND_MOVIES", 14, 45, 0.5, False),
    ("Skyway Air", "TRAVEL_FLIGHTS", 90, 600, 0.15, False),
)
_PENDING_WITHIN = 58
"""Days before today: a pending row of before the bank was linked is booked already."""
_SEND_BACK = ("Nordic Outfit", "Volt Electronics", "Parcelhaus", "Home & Hammer", "Skyway Air")


def shop_words(draft: Draft, merchant: str, origin: str = "bank") -> str:
    """What a bank, a file or a person calls a purchase there."""
    number = draft.rng.randint(1000, 9999)
    if origin == "manual":
        return draft.rng.choice((merchant, merchant.split(maxsplit=1)[0].lower(), merchant.lower()))
    town = draft.rng.choice(("Oslo", "Bergen") if draft.norwegian else ("Portland ME", "Salem OR"))
    kinds = ("{m} {n} {t}", "VISA VARE {n} {m}", "*{n} {m} {t}") if draft.norwegian else (
        "{m} #{n} {t}", "POS PURCHASE {m} {n}", "SQ *{m}")  # fmt: skip
    text = draft.rng.choice(kinds).format(m=merchant, n=number, t=town)
    return text.upper() if draft.chance(0.7) else text


def purchases(draft: Draft) -> None:
    """Buy what people buy; some of it pending first, some of it twice, some of it sent back."""
    cards = [one.key for one in draft.accounts.values() if one.type == "credit"]
    days = (draft.today - draft.first_day).days
    for merchant, pfc, low, high, visits, tips in _SHOPS:
        for _ in range(round(visits * days / 30)):
            day = draft.day()
            account = draft.rng.choice(cards) if cards and draft.chance(0.55) else "checking"
            amount = -draft.price(low, high)
            seen = merchant if draft.chance(0.8) else None
            if (draft.today - day).days < _PENDING_WITHIN and draft.chance(0.5):
                text = shop_words(draft, merchant)
                key = _pending_first(draft, account, day, amount, merchant, pfc, text, tips)
                if high <= 24 and draft.chance(0.1):  # two coffees, both pending at first
                    again = _pending_first(draft, account, day, amount, merchant, pfc, text)
                    draft.twins.append((key, again))
            else:
                key = draft.add(account, day, amount, shop_words(draft, merchant), seen, pfc)
                if high <= 24 and draft.chance(0.05):
                    text = draft.rows[key].text  # once more the same: a twin, a second coffee
                    draft.twins.append((key, draft.add(account, day, amount, text, seen, pfc)))
            if merchant in _SEND_BACK and key and draft.chance(0.25):
                _send_back(draft, key, merchant)


def _pending_first(
    draft: Draft,
    account: str,
    day: date,
    amount: Decimal,
    merchant: str,
    pfc: str,
    text: str,
    tips: bool = False,
) -> str:
    """A purchase that is pending at first; return the key of the row it is booked as."""
    first_told = draft.next_sync(day)
    booked = day + timedelta(days=draft.rng.randint(1, 4))
    then_told = draft.next_sync(max(booked, first_told + timedelta(days=1)))
    if then_told <= first_told or booked > draft.today:
        return draft.add(account, day, amount, text, merchant, pfc)
    final = round(amount * Decimal(draft.rng.choice((110, 115, 118, 120))) / 100, 2) if (
        tips and draft.chance(0.6)) else amount  # fmt: skip
    held = Decimal(-draft.scale) if pfc == "TRANSPORTATION_GAS" and draft.chance(0.4) else amount
    said = draft.chance(0.7)
    was = draft.add(account, day, held, text, None, pfc, pending=True, told_on=first_told,
                    gone_on=then_told)  # fmt: skip
    key = draft.add(account, draft.rng.choice((day, booked)), final, text, merchant, pfc,
                    told_on=then_told, follows=was if said else None)  # fmt: skip
    draft.pending.append(PendingLabel(was, key, said))
    return key


def _send_back(draft: Draft, purchase: str, merchant: str) -> None:
    """Get all or a part of a purchase back, under the shop's name, mostly where it was paid."""
    bought = draft.rows[purchase]
    day = bought.day + timedelta(days=draft.rng.randint(2, 45))
    part = Decimal(1) if draft.chance(0.7) else Decimal(draft.rng.choice((20, 25, 50, 60))) / 100
    account = bought.account if draft.chance(0.93) else "checking"
    text = shop_words(draft, merchant)
    if draft.chance(0.4):
        text = ("Retur " if draft.norwegian else "REFUND ") + text
    seen = merchant if draft.chance(0.8) else None
    key = draft.add(account, day, round(-bought.amount * part, 2), text, seen, bought.pfc)
    if key:
        draft.refunds.append(RefundLabel(key, purchase))


def odd_incomes(draft: Draft) -> None:
    """Money in that is no refund though a shop's name stands on it, and sales to strangers."""
    for _ in range((draft.today - draft.first_day).days // 75):
        day, amount = draft.day(), draft.money(15, 120)
        text = draft.rng.choice(("Parcelhaus seller payout", "Harbour Coffee wages extra shift",
                                 "Cashback bonus", "Finn.no Torget oppgjor"))  # fmt: skip
        pfc = draft.rng.choice(("INCOME_OTHER", "INCOME_OTHER_INCOME", "TRANSFER_IN_DEPOSIT"))
        draft.add("checking", day, amount, text, None, pfc)


def told_twice(draft: Draft) -> None:
    """Enter some purchases by hand before the bank tells them, and bring a file of some weeks."""
    ours = [
        row
        for row in draft.rows.values()
        if not row.pending
        and row.amount < 0
        and row.origin == "bank"
        and (row.pfc or "").startswith(("FOOD", "GENERAL_MERCHANDISE", "HOME"))
    ]
    recent = [row for row in ours if (draft.today - row.day).days < 60]
    for row in draft.rng.sample(recent, min(18, len(recent))):
        day = row.day - timedelta(days=draft.rng.choice((0, 0, 0, 1, 1, 2)))
        text = shop_words(draft, _merchant_of(row.text), "manual")
        key = draft.add(row.account, day, row.amount, text, None, None, origin="manual",
                        told_on=min(row.told_on, draft.next_sync(day)))  # fmt: skip
        if key:
            draft.doubles.append(DoubleLabel(key, row.key))
    _file_beside(draft)
    for _ in range(6):  # cash from the till of one's own account: entered by hand, told by no bank
        day = draft.day(draft.today - timedelta(days=60))
        rival = draft.rng.choice(recent)
        text = draft.rng.choice(("flea market", "loppemarked", "parking meter", "kiosk"))
        draft.add(rival.account, day, rival.amount, text, None, None, origin="manual", told_on=day)


def _file_beside(draft: Draft) -> None:
    """A file with five weeks of the checking account, in the file's own words.

    Some of its rows no bank tells: these are new. It is brought the day before the bank is linked,
    or at the end.
    """
    brought = draft.rng.choice((draft.syncs[0] - timedelta(days=1), draft.today))
    until = draft.today - timedelta(days=70)
    since = until - timedelta(days=35)
    told = [
        row
        for row in draft.rows.values()
        if row.account == "checking"
        and since <= row.day <= until
        and not row.pending
        and row.origin == "bank"
    ]
    for row in told:
        day = row.day + timedelta(days=draft.rng.choice((0, 0, 0, 0, 1, 2)))
        text = _file_words(draft, row.merchant or row.text)
        key = draft.add("checking", day, row.amount, text, None, None, origin="file",
                        told_on=brought)  # fmt: skip
        draft.doubles.append(DoubleLabel(key, row.key))
    for _ in range(8):
        merchant, pfc, low, high, *_rest = draft.rng.choice(_SHOPS)
        day, amount = draft.day(since, until), -draft.price(low, high)
        draft.add("checking", day, amount, _file_words(draft, merchant), None, pfc, origin="file",
                  told_on=brought)  # fmt: skip


def _file_words(draft: Draft, text: str) -> str:
    date_text = f"{draft.rng.randint(1, 28):02d}.{draft.rng.randint(1, 12):02d}"
    return draft.rng.choice(("{0}", "Varekjøp {0}", "{0} {1}")).format(text.title(), date_text)


def _merchant_of(text: str) -> str:
    return next((shop[0] for shop in _SHOPS if shop[0].casefold() in text.casefold()), text)


def told_later(draft: Draft) -> None:
    """Let the bank tell some recent rows some syncs late."""
    for row in list(draft.rows.values()):
        recent = (draft.today - row.day).days < 60
        if row.origin == "bank" and not row.pending and not row.follows and recent:
            later = draft.next_sync(row.told_on + timedelta(days=draft.rng.choice((0, 0, 0, 4))))
            draft.rows[row.key] = replace(row, told_on=later)
