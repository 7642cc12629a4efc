"""Tells from a goal's words what kind of goal it is. English and Norwegian; pure."""

from __future__ import annotations

import re

from strongroom.goals.types import GoalType

# An emergency of one kind is paid for, and no reserve for whatever comes.
_NO_RESERVE = (
    r"(trip|travel|flights?|visit|surgery|operation|vet|dental|dentist|room|repairs?|roof|plumb\w+"
    r"|kit|exit|generator|radio|car|boat)\b"
)
# In the order of strength: the first kind that matches wins, so that paying off a student loan is
# a debt and not an education, and a reserve for travel is travel.
_SIGNS: tuple[tuple[GoalType, str], ...] = (
    (
        GoalType.DEBT_PAYOFF,
        r"\b(pay(ing)? (it |them |this |that |all |the |my |our |down |back |off )*"
        r"(\S+ ){0,6}?(off|down|back|debts?|loans?|credit cards?|mortgage)\b"
        r"|pay ?off|paid (\S+ )?(off|down)|(debt|mortgage|loan).?free|(get )?out of debt"
        r"|owe|owing|overdraft"
        r"|(student|card|medical|tax|consumer|personal) debts?"
        r"|(clear|clearing|kill|eliminate|get rid of|repay|reduce|reducing|lower|shrink|cut"
        r"|wipe out|chip away at|knock out|settle)"
        r" (\S+ ){0,5}?(debts?|loans?|cards?|mortgage|balance)"
        r"|(debts?|loans?|mortgage|credit cards?|overdraft)"
        r" (\S+ ){0,4}?(paid|gone|cleared|repaid|settled)"
        r"|\w*(gjeld(a|en)?|lån(et|ene)?|kredittkort(et)?) (\S+ ){0,4}?"
        r"(betales?|betalt|ned|nedbetal\w*|borte|vekk|innfri\w*|slettet)\b"
        r"|(ned)?betale (ned )?(\S+ ){0,6}?(gjeld|gjelden|\w*lån|\w*lånet|kredittkort\w*|ned)\b"
        r"|nedbetal\w*|innfri\w*|skylder|kassekreditt\w*"
        r"|(slette|bli fri|fri fra) (\S+ ){0,3}?gjeld\w*"
        r"|(gjelds?|låne)fri\w*|betale tilbake|(kvitt\w*|redusere|senke|minske|bli ferdig med)"
        r" (\S+ ){0,3}?(gjeld\w*|lån\w*|kreditt\w*"
        r"|\w+lånet|\w+gjeld\w*)|bli ferdig med (\S+ ){0,2}?\w*lånet)",
    ),
    (
        GoalType.EMERGENCY_FUND,
        r"\b(emergenc(y|ies)(?! "
        + _NO_RESERVE
        + r")|rainy.?day|safety (net|cushion)|(cash )?(cushion|buffer|reserve)"
        r"|unexpected (costs?|expenses?)|\w*buffer\w*|nødfond|nød(s)?reserve|uforutsette?"
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
        r"\b(college|uni|universit\w+|tuition|school\w*|degree|master(?:'?s| i)|mba|phd|bachelor\w*"
        r"|educat\w+"
        r"|stud(y|ies|ying)|course|bootcamp|529|semester|utdann\w*|studi(er|et|e|ene)\b"
        r"|studere\w*|skole\w*|høgskole\w*"
        r"|høyskole\w*|folkehøgskole\w*|kurs|masterstudi\w*|utveksling\w*)\b",
    ),
    (
        GoalType.MAJOR_PURCHASE,
        r"\b(houses?|home|apartment|flat|condo\w*|down.?payment|deposit|property"
        r"|cabin|cottage|cars?|truck"
        r"|van|motorcycle|motorbike|scooter|moped|trailer|bikes?|bicycles?|boat|yacht"
        r"|tesla|wedding|ring|kitchen|bathroom|roof"
        r"|renovat\w+|remodel\w*|laptop|computer|iphone|phone|camera|desk|piano|guitar|tv|sofa|couch|furniture"
        r"|fridge|refrigerator|freezer|oven|stove|dishwasher|washing machine|dryer|mattress"
        r"|land|tiny house|camper\w*|rv|bolig\w*|depositum\w*|terrasse\w*"
        r"|vaskemaskin\w*|kjøleskap\w*|seng|senga"
        r"|hus|huset|leilighet\w*|egenkapital|bil|bilen"
        r"|elbil\w*"
        r"|hytte\w*|båt|båten|seilbåt\w*|bryllup\w*|oppuss\w*|kjøkken\w*|bad|badet|tak"
        r"|\w*sykkel\w*|\w*sykler"
        r"|motorsykkel\w*|bobil\w*|tomt\w*|mobil\w*|pc|rekkehus\w*|ring\w*|møbler|skrivebord\w*)\b",
    ),
    (
        GoalType.TRAVEL,
        r"\b(travel\w*|trip|vacation|holiday\w*|honeymoon|cruise|safari|backpack\w*|tour|flights?"
        r"|(weeks?|days?|month) in|tickets? to|visit|around the world"
        r"|sabbatical|interrail\w*|reise\w*|\w*ferie|ferie\w*|bryllupsreise\w*"
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
# What a person lives on is not what they save for.
_BESIDE = re.compile(
    r"\bmy pension (is|pays|of)\b|\bpensjonen (min )?er\b|\bi pensjon (i|hver) måned(en)?\b"
    r"|\bof course\b|\b(in|over|during|through|throughout) the course of\b"
    r"|\b(golf|race|main) course\b|\b(study|school) (?=desk|lamp|chair|table|room)"
    r"|\b(so|too|very|really|not) bad\b"
    r"|\b(without|no|avoid(ing)?|uten|unngå) (going into |getting into |new |any |mer |ny )*"
    r"(debts?|loans?|gjeld|lån)\b"
)
_TRIP = re.compile(r"\b(road trip|trip|flights?|honeymoon|bryllupsreise\w*|tour|cruise)\b")


def kind_of(text: str) -> tuple[GoalType, int, int]:
    """Return the kind of goal and where the word stands that tells it; ``CUSTOM`` where none does.

    The places are characters of ``text``.
    """
    words = text.lower()
    words = words if len(words) == len(text) else text
    words = _BESIDE.sub(lambda beside: " " * len(beside[0]), words)
    for kind, pattern in _PATTERNS:
        sign = pattern.search(words)
        if sign is None:
            continue
        rather = _ELSE.search(words) if kind is GoalType.RETIREMENT else None
        if rather is not None:
            return GoalType.MAJOR_PURCHASE, *rather.span()
        rather = _TRIP.search(words) if kind is GoalType.MAJOR_PURCHASE else None
        if rather is not None:
            return GoalType.TRAVEL, *rather.span()
        return kind, *sign.span()
    return GoalType.CUSTOM, 0, 0
