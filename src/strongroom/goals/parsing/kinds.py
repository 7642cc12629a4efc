"""Tells from a goal's words what kind of goal it is. English and Norwegian; pure."""

from __future__ import annotations

import re

from strongroom.goals.types import GoalType

# In the order of strength: the first kind that matches wins, so that paying off a student loan is
# a debt and not an education, and a reserve for travel is travel.
_SIGNS: tuple[tuple[GoalType, str], ...] = (
    (
        GoalType.DEBT_PAYOFF,
        r"\b(pay(ing)? (it |them |this |that |all |the |my |our |down |back |off )*"
        r"(\S+ ){0,6}?(off|down|back|debts?|loans?|credit cards?|mortgage)\b"
        r"|pay ?off|debt.?free|(get )?out of debt|(clear|clearing|kill|eliminate|get rid of|repay)"
        r" (\S+ ){0,5}?(debts?|loans?|cards?|mortgage|balance)"
        r"|(ned)?betale (ned )?(\S+ ){0,6}?(gjeld|gjelden|\w*lån|\w*lånet|kredittkort\w*|ned)\b"
        r"|nedbetal\w*|gjeldfri\w*|kvitt (\S+ ){0,3}?(gjeld\w*|lån\w*|kreditt\w*"
        r"|\w+lånet|\w+gjeld\w*)|bli ferdig med (\S+ ){0,2}?\w*lånet)",
    ),
    (
        GoalType.EMERGENCY_FUND,
        r"\b(emergenc(y|ies)|rainy.?day|safety (net|cushion)|(cash )?(cushion|buffer|reserve)"
        r"|unexpected (costs?|expenses?)|buffer\w*|nødfond|nød(s)?reserve|uforutsette?"
        r"|krisefond|months?['’]? (worth )?of (living )?(expenses|spending|salary))\b",
    ),
    (
        GoalType.RETIREMENT,
        r"\b(retir(e|ed|ement|ing)|pension\w*|pensjon\w*|financial(ly)? independen\w+|fire number"
        r"|401 ?\(?k\)?|403 ?\(?b\)?|roth|ira|(stop|quit) working|økonomisk (uavhengig\w*|fri\w*)"
        r"|slutte å jobbe|alderdom\w*|otium)\b",
    ),
    (
        GoalType.EDUCATION,
        r"\b(college|universit\w+|tuition|school\w*|degree|master'?s|mba|phd|bachelor\w*|educat\w+"
        r"|stud(y|ies|ying)|course|bootcamp|529|semester|utdann\w*|studi(er|et|e|ene)\b|studere\w*|skole\w*|høgskole\w*"
        r"|høyskole\w*|folkehøgskole\w*|kurs|masterstudi\w*|utveksling\w*)\b",
    ),
    (
        GoalType.MAJOR_PURCHASE,
        r"\b(house|home|apartment|flat|condo\w*|down.?payment|deposit|property|cabin|cottage|car|truck"
        r"|van|motorcycle|motorbike|bike|boat|yacht|tesla|wedding|ring|kitchen|bathroom|roof"
        r"|renovat\w+|remodel\w*|laptop|computer|iphone|phone|camera|piano|guitar|tv|sofa|furniture"
        r"|land|tiny house|camper\w*|rv|bolig\w*|hus|huset|leilighet\w*|egenkapital|bil|bilen"
        r"|elbil\w*"
        r"|hytte\w*|båt|båten|seilbåt\w*|bryllup\w*|oppuss\w*|kjøkken\w*|bad|badet|tak|sykkel\w*|elsykkel\w*"
        r"|motorsykkel\w*|bobil\w*|tomt\w*|mobil\w*|pc|rekkehus\w*|ring\w*|møbler)\b",
    ),
    (
        GoalType.TRAVEL,
        r"\b(travel\w*|trip|vacation|holiday\w*|honeymoon|cruise|safari|backpack\w*|tour|flights?"
        r"|visit|around the world|sabbatical|interrail\w*|reise\w*|ferie\w*|bryllupsreise\w*"
        r"|jordomseiling|jord(a|en) rundt|tur til|\w*tur|cruise\w*|besøke)\b",
    ),
    (
        GoalType.INVESTMENT,
        r"\b(invest\w*|stocks?|shares|index fund\w*|etfs?|portfolio|bonds|bitcoin|btc|crypto\w*"
        r"|brokerage|rental|aksje\w*|fond|fondet|indeksfond\w*|portefølje\w*|krypto\w*|utleie\w*)\b",
    ),
)
_PATTERNS = tuple((kind, re.compile(signs)) for kind, signs in _SIGNS)
# Words that name a kind of thing but mean another beside them.
_ELSE = re.compile(
    r"\b(holiday|vacation|retirement|ferie) ?"
    r"(home|house|cabin|cottage|apartment|bolig\w*|hus\w*|leilighet\w*)\b"
)
_TRIP = re.compile(r"\b(road trip|trip|honeymoon|bryllupsreise\w*|tour|cruise)\b")


def kind_of(text: str) -> GoalType:
    """Return the kind of goal; ``CUSTOM`` where no word tells."""
    words = text.lower()
    for kind, pattern in _PATTERNS:
        if pattern.search(words):
            if kind is GoalType.RETIREMENT and _ELSE.search(words):
                return GoalType.MAJOR_PURCHASE
            if kind is GoalType.MAJOR_PURCHASE and _TRIP.search(words):
                return GoalType.TRAVEL
            return kind
    return GoalType.CUSTOM
