"""Personal finance categories (PFC): codes of both versions, and a guess from a description.

The guess is a small keyword table, for rows that come without a category; it is no classifier.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

PRIMARIES: Final = (
    "INCOME", "LOAN_DISBURSEMENTS", "LOAN_PAYMENTS", "TRANSFER_IN", "TRANSFER_OUT", "BANK_FEES",
    "ENTERTAINMENT", "FOOD_AND_DRINK", "GENERAL_MERCHANDISE", "HOME_IMPROVEMENT", "MEDICAL",
    "PERSONAL_CARE", "GENERAL_SERVICES", "GOVERNMENT_AND_NON_PROFIT", "TRANSPORTATION", "TRAVEL",
    "RENT_AND_UTILITIES", "OTHER",
)  # fmt: skip

# Version 2 codes that version 1 lacks, and what version 1 calls them.
_V1: Final = {
    "INCOME_SALARY": "INCOME_WAGES",
    "INCOME_OTHER": "INCOME_OTHER_INCOME",
    "INCOME_CHILD_SUPPORT": "INCOME_OTHER_INCOME",
    "INCOME_GIG_ECONOMY": "INCOME_OTHER_INCOME",
    "INCOME_LONG_TERM_DISABILITY": "INCOME_OTHER_INCOME",
    "INCOME_MILITARY": "INCOME_WAGES",
    "INCOME_RENTAL": "INCOME_OTHER_INCOME",
    "LOAN_PAYMENTS_CASH_ADVANCES": "LOAN_PAYMENTS_OTHER_PAYMENT",
    "LOAN_PAYMENTS_EWA": "LOAN_PAYMENTS_OTHER_PAYMENT",
    "TRANSFER_IN_WIRE": "TRANSFER_IN_OTHER_TRANSFER_IN",
    "TRANSFER_OUT_WIRE": "TRANSFER_OUT_OTHER_TRANSFER_OUT",
    "BANK_FEES_LATE_FEES": "BANK_FEES_OTHER_BANK_FEES",
    "BANK_FEES_CASH_ADVANCE": "BANK_FEES_OTHER_BANK_FEES",
    "OTHER_OTHER": "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
}

# First match wins. A third member restricts the rule: "in" to money received, "out" to money
# paid. Words are matched at their beginning, without regard to case.
_KEYWORDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("BANK_FEES_ATM_FEES", r"atm .*fee|atm balance inquiry|atm transaction decline", ""),
    ("BANK_FEES_OVERDRAFT_FEES", r"overdraft", ""),
    ("BANK_FEES_INSUFFICIENT_FUNDS", r"nsf\b|insufficient fund|returned item", ""),
    ("BANK_FEES_FOREIGN_TRANSACTION_FEES", r"foreign (transaction|exchange) fee", ""),
    ("BANK_FEES_LATE_FEES", r"late (payment )?fee", ""),
    ("BANK_FEES_INTEREST_CHARGE", r"interest charge|purchase interest|finance charge", ""),
    ("BANK_FEES_CASH_ADVANCE", r"cash advance fee", ""),
    ("INCOME_TAX_REFUND", r"tax ref|irs treas|tax refund", "in"),
    ("INCOME_RETIREMENT_PENSION", r"social security|ssa treas|pension|retirement", "in"),
    ("INCOME_UNEMPLOYMENT", r"unemployment|edd ", "in"),
    ("INCOME_CHILD_SUPPORT", r"child support", "in"),
    ("INCOME_LONG_TERM_DISABILITY", r"disability", "in"),
    ("INCOME_MILITARY", r"dfas|military|va benefit", "in"),
    ("INCOME_DIVIDENDS", r"dividend", "in"),
    ("INCOME_INTEREST_EARNED", r"interest|intrst", "in"),
    ("INCOME_GIG_ECONOMY", r"uber|lyft|doordash|instacart|grubhub", "in"),
    ("INCOME_RENTAL", r"rent(al)? (income|received|from)|airbnb", "in"),
    ("INCOME_SALARY", r"payroll|salary|direct dep|dir dep|wages|gusto|paycheck|adp ", "in"),
    ("TRANSFER_IN_DEPOSIT", r"(mobile |atm |cash |check )?deposit", "in"),
    ("TRANSFER_IN_WIRE", r"wire", "in"),
    ("TRANSFER_IN_SAVINGS", r".*from sav", "in"),
    ("TRANSFER_IN_ACCOUNT_TRANSFER", r"transfer|xfer|zelle|venmo|cash app|paypal", "in"),
    ("LOAN_DISBURSEMENTS_OTHER_DISBURSEMENT", r"loan|lending|advance", "in"),
    ("GENERAL_SERVICES_OTHER_GENERAL_SERVICES", r"payroll|gusto", "out"),
    (
        "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT",
        r"credit car?d.*(pay|pmt)|crd autopay|card payment|discover e-pay|payment to .*card",
        "",
    ),
    ("LOAN_PAYMENTS_MORTGAGE_PAYMENT", r"mortgage", "out"),
    ("LOAN_PAYMENTS_STUDENT_LOAN_PAYMENT", r"student l|navient|nelnet|mohela", "out"),
    ("LOAN_PAYMENTS_CAR_PAYMENT", r"(auto|car) (loan|pay)|toyota fin|honda fin", "out"),
    ("LOAN_PAYMENTS_PERSONAL_LOAN_PAYMENT", r"loan|lending", "out"),
    ("TRANSFER_OUT_WITHDRAWAL", r"atm|withdraw|cash withdrawal", "out"),
    ("TRANSFER_OUT_INVESTMENT_AND_RETIREMENT_FUNDS", r"vanguard|fidelity|schwab|coinbase", "out"),
    ("TRANSFER_OUT_SAVINGS", r".*to sav", "out"),
    ("RENT_AND_UTILITIES_RENT", r".*rent(al)?\b|landlord|property manage", "out"),
    ("TRAVEL_RENTAL_CARS", r"hertz|avis|enterprise rent", ""),
    ("RENT_AND_UTILITIES_GAS_AND_ELECTRICITY", r"electric|power|con ?ed|energy|pg&e|duke", "out"),
    ("RENT_AND_UTILITIES_INTERNET_AND_CABLE", r"comcast|xfinity|internet|spectrum|cable", "out"),
    ("RENT_AND_UTILITIES_TELEPHONE", r"verizon|t-mobile|at&t|vodafone|telecom|phone", "out"),
    ("RENT_AND_UTILITIES_WATER", r"water", "out"),
    ("FOOD_AND_DRINK_COFFEE", r"starbucks|coffee|dunkin|cafe|espresso", "out"),
    ("FOOD_AND_DRINK_FAST_FOOD", r"mcdonald|kfc|burger|subway|taco|chipotle|wendy", "out"),
    (
        "FOOD_AND_DRINK_GROCERIES",
        r"grocer|whole ?foods|trader joe|safeway|kroger|aldi|tesco|supermarket|market basket",
        "out",
    ),
    ("FOOD_AND_DRINK_BEER_WINE_AND_LIQUOR", r"liquor|wine|beer|brew", "out"),
    ("FOOD_AND_DRINK_RESTAURANT", r"restaurant|pizza|grill|diner|sushi|bistro|kitchen", "out"),
    ("TRANSPORTATION_TAXIS_AND_RIDE_SHARES", r".*(uber|lyft|taxi)", "out"),
    ("TRANSPORTATION_GAS", r"shell|exxon|chevron|bp |gas station|fuel|petrol|mobil", "out"),
    ("TRANSPORTATION_PUBLIC_TRANSIT", r"metro|transit|mta|train|bus ", "out"),
    ("TRANSPORTATION_PARKING", r"parking", "out"),
    ("TRANSPORTATION_TOLLS", r"toll|ezpass|e-zpass", "out"),
    ("TRAVEL_FLIGHTS", r".*air ?lines?|delta air|ryanair|flight", ""),
    ("TRAVEL_LODGING", r"hotel|airbnb|marriott|hilton|inn ", "out"),
    ("ENTERTAINMENT_MUSIC_AND_AUDIO", r"spotify|apple music|pandora", "out"),
    ("ENTERTAINMENT_TV_AND_MOVIES", r"netflix|hulu|disney|cinema|theat|hbo", "out"),
    ("ENTERTAINMENT_VIDEO_GAMES", r"steam|playstation|xbox|nintendo", "out"),
    ("ENTERTAINMENT_CASINOS_AND_GAMBLING", r"casino|draftkings|fanduel|lottery", ""),
    ("GENERAL_MERCHANDISE_ONLINE_MARKETPLACES", r"amazon|amzn|ebay|etsy", ""),
    ("GENERAL_MERCHANDISE_SUPERSTORES", r"walmart|wal-mart|target|costco", ""),
    ("GENERAL_MERCHANDISE_CLOTHING_AND_ACCESSORIES", r"clothing|zara|h&m|nike|gap ", ""),
    ("GENERAL_MERCHANDISE_ELECTRONICS", r"best buy|apple store|electronic", ""),
    ("GENERAL_MERCHANDISE_CONVENIENCE_STORES", r"7-eleven|convenience", "out"),
    ("GENERAL_MERCHANDISE_SPORTING_GOODS", r"sport|bicycle", ""),
    ("HOME_IMPROVEMENT_HARDWARE", r"home depot|lowe'?s|hardware|gypsum|drywall|lumber", ""),
    ("HOME_IMPROVEMENT_FURNITURE", r"ikea|furniture|wayfair", ""),
    ("MEDICAL_PHARMACIES_AND_SUPPLEMENTS", r"pharmac|cvs|walgreen|boots", "out"),
    ("MEDICAL_DENTAL_CARE", r"dent", "out"),
    ("MEDICAL_PRIMARY_CARE", r"doctor|clinic|medical|hospital|health", "out"),
    ("PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS", r"gym|fitness|climbing|yoga", "out"),
    ("PERSONAL_CARE_HAIR_AND_BEAUTY", r"hair|salon|barber|beauty", "out"),
    ("GENERAL_SERVICES_INSURANCE", r"insurance|geico|allstate|state farm", "out"),
    ("GENERAL_SERVICES_EDUCATION", r"tuition|university|college|school", "out"),
    ("GENERAL_SERVICES_CHILDCARE", r"child ?care|day ?care|nursery", "out"),
    ("GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT", r"irs|tax", "out"),
    ("GOVERNMENT_AND_NON_PROFIT_DONATIONS", r"donat|charity|red cross", "out"),
    ("TRANSFER_OUT_ACCOUNT_TRANSFER", r"transfer|xfer|zelle|venmo|cash app|paypal|wire", "out"),
)
_COMPILED: Final = tuple(
    (category, re.compile(rf"\b(?:{pattern})", re.IGNORECASE), side)
    for category, pattern, side in _KEYWORDS
)


def guess(description: str, amount: Decimal) -> str:
    """Give the detailed PFC (version 2) that a description suggests, else OTHER_OTHER."""
    side = "in" if amount < 0 else "out"
    for category, pattern, wanted in _COMPILED:
        if wanted in ("", side) and pattern.search(description):
            return category
    return "OTHER_OTHER"


def primary_of(detailed: str) -> str:
    """Give the primary category of a detailed one of either version."""
    for primary in PRIMARIES:
        if detailed.startswith(primary + "_"):
            return primary
    return "OTHER"


def in_v1(detailed: str) -> str:
    """Translate a version 2 detailed code to version 1."""
    if detailed.startswith("LOAN_DISBURSEMENTS_"):
        return "TRANSFER_IN_CASH_ADVANCES_AND_LOANS"
    return _V1.get(detailed, detailed)


def as_object(detailed: str, confidence: str, version: str) -> dict[str, str]:
    """Build Plaid's personal_finance_category object in version v1 or v2."""
    code = in_v1(detailed) if version == "v1" else detailed
    return {
        "primary": primary_of(code),
        "detailed": code,
        "confidence_level": confidence,
        "version": version,
    }
