"""Money that a household moves between its own accounts, and payments that merely look so."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.household_draft import Draft
from benchmarks.labels import HouseAccount, HouseRate, TransferLabel

_FRIENDS = ("Ola Hansen", "Ingrid Berg", "Sam Carter", "Mia Lopez", "Jonas Lie", "Eva Lund")
_OUT = "TRANSFER_OUT_ACCOUNT_TRANSFER"
_INTO = "TRANSFER_IN_ACCOUNT_TRANSFER"
_ODD = ("GENERAL_SERVICES_OTHER_GENERAL_SERVICES", "TRANSFER_IN_DEPOSIT", None)
_LAGS = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4)


def own_transfers(draft: Draft) -> None:
    """Let money go to and fro between accounts of the household's own currency."""
    ours = [one for one in draft.accounts.values()
            if one.type == "depository" and one.currency == draft.home]  # fmt: skip
    months = max(1, (draft.today - draft.first_day).days // 30)
    for _ in range(months * 3):
        out, into = draft.rng.sample(ours, 2)
        amount = draft.rng.choice((50, 100, 200, 250, 300, 500, 1000, 1500)) * draft.scale
        exact = Decimal(amount) if draft.chance(0.8) else draft.money(20, 900)
        day = draft.day()
        move(draft, out, into, exact, day)
        if draft.chance(0.06):  # and back, because it was needed after all
            move(draft, into, out, exact, day + timedelta(days=draft.rng.randint(1, 4)))
        if draft.chance(0.05) and len(ours) > 2:  # the same sum to two accounts on one day
            third = draft.rng.choice([one for one in ours if one not in (out, into)])
            move(draft, out, third, exact, day)


def move(
    draft: Draft,
    out: HouseAccount,
    into: HouseAccount,
    amount: Decimal,
    day: date,
    *,
    kind: str = "transfer",
    received: Decimal | None = None,
    lag: int | None = None,
) -> str:
    """Write both legs of a movement down; return the key of the first, empty where none is."""
    lag = (
        draft.rng.choice(_LAGS if out.bank != into.bank else (0, 0, 0, 0, 1))
        if lag is None
        else lag
    )
    arrives = day + timedelta(days=lag)
    if arrives > draft.today:
        return ""
    come = amount if received is None else received
    if received is None and kind == "transfer" and draft.chance(0.005):
        come = amount - draft.rng.choice((2, 3, 5)) * draft.scale  # a bank on the way kept a fee
    text, pfc = _words(draft, into, "out", kind)
    first = draft.add(out.key, day, -amount, text, None, pfc)
    text, pfc = _words(draft, out, "into", kind)
    second = draft.add(into.key, arrives, come, text, None, pfc)
    if first and second:
        draft.transfers.append(TransferLabel(first, second, kind))
    return first


def _words(draft: Draft, other: HouseAccount, side: str, kind: str) -> tuple[str, str | None]:
    """What a bank calls one leg, and its category: often it names the other account, not always."""
    named = draft.rng.random()
    pfc: str | None = _OUT if side == "out" else _INTO
    if other.subtype == "savings" and draft.chance(0.6):
        pfc = "TRANSFER_OUT_SAVINGS" if side == "out" else "TRANSFER_IN_SAVINGS"
    if kind == "card_payment":
        pfc = "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"
    if draft.chance(0.12):
        pfc = draft.rng.choice(_ODD)
    if kind == "card_payment":
        return draft.rng.choice(_CARD_WORDS[draft.norwegian, side]).format(other=other), pfc
    words = _WORDS[draft.norwegian, side]
    return words[0 if named < 0.3 else 1 if named < 0.6 else 2 if named < 0.9 else 3].format(
        other=other, id=draft.rng.randint(10_000, 99_999)
    ), pfc


_WORDS = {
    (True, "out"): ("Overføring til {other.name}", "Til konto ••{other.mask}",
                    "Overføring mellom egne konti", "Betaling {id}"),
    (True, "into"): ("Overføring fra {other.name}", "Fra konto ••{other.mask}",
                     "Overføring mellom egne konti", "Innbetaling {id}"),
    (False, "out"): ("Online Transfer to {other.name}", "TRANSFER TO XXXX{other.mask} REF {id}",
                     "INTERNAL TRANSFER", "ACH DEBIT {id}"),
    (False, "into"): ("Online Transfer from {other.name}",
                      "TRANSFER FROM XXXX{other.mask} REF {id}",
                      "INTERNAL TRANSFER", "ACH CREDIT {id}"),
}  # fmt: skip
_CARD_WORDS = {
    (True, "out"): ("Betaling {other.name}", "Kredittkort faktura ••{other.mask}",
                    "AvtaleGiro {other.bank}", "Nettgiro"),
    (True, "into"): ("Innbetaling", "Innbetaling takk", "Betaling mottatt"),
    (False, "out"): ("{other.bank} CARD AUTOPAY", "CREDIT CRD EPAY {other.mask}",
                     "Payment to card ending in {other.mask}", "ACH BILL PAY"),
    (False, "into"): ("PAYMENT THANK YOU - WEB", "AUTOPAY PAYMENT", "Payment received"),
}  # fmt: skip


def card_payments(draft: Draft) -> None:
    """Pay each card every month, what it owes or a part of it."""
    payer = draft.accounts["checking"]
    for card in [one for one in draft.accounts.values() if one.type == "credit"]:
        due = draft.rng.randint(5, 26)
        month = draft.first_day.replace(day=1)
        while month <= draft.today:
            day = draft.workday(month.replace(day=due))
            amount = draft.money(90, 1600) if draft.chance(0.8) else Decimal(100 * draft.scale)
            if draft.chance(0.95):
                lag = draft.rng.choice((0, 1, 1, 2, 2, 3, 4, 5))
                move(draft, payer, card, amount, day, kind="card_payment", lag=lag)
            month = (month + timedelta(days=32)).replace(day=1)


def exchanges(draft: Draft) -> None:
    """Change money into the account of another currency and back, at a bank's rate."""
    abroad = [one for one in draft.accounts.values() if one.currency != draft.home]
    rate = Decimal("11.50") if draft.norwegian else Decimal("1.09")
    market = random.Random(f"rates of {draft.home}")  # the same for every household
    day, rates = draft.first_day - timedelta(days=7), {}
    while day <= draft.today and abroad:
        rate *= 1 + Decimal(market.randint(-40, 40)) / 10_000
        if day.weekday() < 5:
            draft.rates.append(HouseRate("EUR", draft.home, day, round(rate, 4)))
        rates[day] = rate
        day += timedelta(days=1)
    for account in abroad:
        for _ in range((draft.today - draft.first_day).days // 45):
            day = draft.day(draft.first_day, draft.today - timedelta(days=4))
            spread = 1 + Decimal(draft.rng.randint(10, 150)) / 10_000
            euros = Decimal(draft.rng.choice((100, 200, 250, 400, 1000)))
            home = round(euros * rates[day] * spread, 2)
            if draft.chance(0.75):
                move(draft, draft.accounts["checking"], account, home, day, kind="exchange",
                     received=euros, lag=draft.rng.choice((0, 0, 1, 2)))  # fmt: skip
            else:
                back = round(euros * rates[day] / spread, 2)
                move(draft, account, draft.accounts["checking"], euros, day, kind="exchange",
                     received=back, lag=draft.rng.choice((0, 0, 1, 2)))  # fmt: skip


def lookalikes(draft: Draft) -> None:
    """Payments to and from others that look like legs: round sums, words of transfers, near."""
    held = [one for one in draft.accounts.values()
            if one.type == "depository" and one.currency == draft.home]  # fmt: skip
    for _ in range((draft.today - draft.first_day).days // 14):
        day, amount = draft.day(), Decimal(draft.rng.choice((100, 200, 250, 500)) * draft.scale)
        friend = draft.rng.choice(_FRIENDS)
        account = draft.rng.choice(held)
        bare = ("Overføring", "Innbetaling {0}") if draft.norwegian else ("ACH CREDIT", "TRANSFER")
        words = (
            ("Vipps {0}", "Overføring fra {0}")
            if draft.norwegian
            else ("Zelle from {0}", "VENMO CASHOUT {0}")
        )
        text = draft.rng.choice(bare if draft.chance(0.12) else words)
        draft.add(account.key, day, amount, text.format(friend), None, _INTO)
        if draft.chance(0.5):
            other = draft.rng.choice([one for one in held if one is not account])
            near = day + timedelta(days=draft.rng.randint(-4, 4))
            paid = (
                ("Til konto 9{0:05d}", "Vipps {1}", "Sparing hos annen bank")
                if draft.norwegian
                else ("TRANSFER TO XXXX9{0:03d}", "Zelle to {1}", "BROKERAGE ACH {0}")
            )
            text = draft.rng.choice(bare if draft.chance(0.12) else paid)
            text = text.format(draft.rng.randint(100, 999), friend)
            draft.add(other.key, near, -amount, text, None, _OUT)
    for _ in range((draft.today - draft.first_day).days // 60):  # a flatmate's half, and the rent
        day, amount = draft.day(), Decimal(draft.rng.choice((400, 600, 750)) * draft.scale)
        draft.add("checking", day, amount, draft.rng.choice(_FRIENDS), None, _INTO)
        draft.add(draft.rng.choice(held).key, day + timedelta(days=draft.rng.randint(0, 3)),
                  -amount, "Husleie Bakken" if draft.norwegian else "HILLSIDE RENTALS", None,
                  "RENT_AND_UTILITIES_RENT")  # fmt: skip
