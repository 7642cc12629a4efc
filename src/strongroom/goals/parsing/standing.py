"""Tells from the words around an amount what it stands for: what is wanted, earned, had or paid.

English and Norwegian. Reads no numbers itself, and chooses nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from strongroom.goals.parsing.amounts import SAVES, TAKEN_HOME, Amount
from strongroom.goals.parsing.words import Token, ends_a_number

_EARNS = frozenset(
    "earn earns earning make makes making income salary salaries wage wages paycheck pension tjener"
    " tjene lønn lønna lønnen månedslønn årslønn inntekt inntekten inntekta utbetalt benefits"
    " allowance trygd stipend takehome".split()
)
_ALREADY = _EARNS - {"pension", "stipend", "allowance", "benefits", "paycheck"} | frozenset(
    "already allerede currently worth double triple quadruple doble doblet tredoble"
    " firedoble".split()
)
_PAYS = frozenset(
    "rent rents husleie husleia husleien leie leia bill bills regning regninger regningene payment"
    " payments installment installments instalment instalments avdrag avdraget terminbeløp"
    " subscription subscriptions abonnement abonnementer fee fees kontingent groceries mat"
    " spend spends spending bruker brukes expenses expense utgifter utgiftene utgift cost costs"
    " koster costing insurance forsikring forsikringer strøm childcare daycare barnehage barnehagen"
    " gym utilities alimony barnebidrag mortgage".split()
)
_PAYING = frozenset("pay pays paying paid betaler betale".split())
_PAID = frozenset(
    {("get", "paid"), ("gets", "paid"), ("am", "paid"), ("i'm", "paid"), ("take", "home")}
    | {
        ("home", "pay"),
        ("bring", "home"),
        ("brings", "home"),
        ("bringing", "home"),
        ("får", "betalt"),
    }
)
_RECEIVES = frozenset("gives give gives get gets receive gir får mottar".split())
_WITHIN = frozenset("in within over about for under than for om på innen".split())
_MAY = frozenset("can could kan kunne".split())
_PUTS = frozenset(
    "save saves saving spare sparer spar put puts putting aside setting set legge legger sette"
    " setter avsette invest investing investere investerer contribute contributing add adding stash"
    " deposit depositing afford overs".split()
)
_WANTS = SAVES - {"have", "ha"}
_IS = frozenset("is are er was i'm = : at".split())
_HAS = frozenset({"have", "got", "has", "had"})
_HAVERS = frozenset("i we i've we've already currently now he she they".split())
_UNTIL = frozenset("until till til når when once before før innen so så that if hvis".split())
_PERFECT = frozenset("saved spart oppspart".split())
_PARTED = frozenset("% percent prosent half halvparten third tredjedel quarter".split())
_MINE = frozenset("my our min mitt mine vår vårt våre".split())
_ARTICLES = frozenset("a an the en et ei den det de".split()) | _MINE
_HOARDS = frozenset(
    "savings saving fund buffer cushion reserve reserves account nest stash sparing sparepenger"
    " sparepengene sparepengar bufferen bufferkonto fond fondet konto kontoen nødfond".split()
)
_FILLERS = frozenset("about around roughly approximately only just ca cirka rundt omtrent bare nå"
                     " now some ~ $ på of".split())  # fmt: skip
_BREAKS = frozenset({",", ".", ";", ":", "and", "og", "but", "men", "!", "?"})
_JOINS = frozenset("- – to til or eller and og".split())
_BETWEEN = frozenset({"between", "mellom"})
_AFTER_SHARE = frozenset("down of on deposit av egenkapital i på".split())
_WHOLE_CLAUSE = 8


def is_context(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether a whole sum is what the person earns, has or pays, and not what they want."""
    before = _clause_before(tokens, one)
    after = [_text(tokens, place) for place in range(one.stop, one.stop + 3)]
    told = _text(tokens, one.at - 1) == ":" and _text(tokens, one.at - 2) in _PAYS | _EARNS
    return (
        bool(_ALREADY & {*before})
        or told
        or bool(_PAID & {*pairwise(before)})
        or _is_had(before)
        or _is_a_hoard(tokens, one, before)
        or is_of_a_part(tokens, one)
        or (before[-1:] in _ENDS_OF_IS and bool((_PAYS | _EARNS) & {*before[-3:-1]}))
        or "already" in after
        or "allerede" in after
        or after[:2] in (["saved", "already"], ["saved", "so"])
        or after[0] in _EARNS - {"pension", "make", "making"}
        or (after[0] in ("i", "in", "av", "as", "som") and after[1] in _EARNS - {"pension"})
    )


_ENDS_OF_IS = [[word] for word in _IS]


def _is_had(before: list[str]) -> bool:
    """Whether the words before an amount say that it is there: I have, jeg har, I've saved."""
    while before and before[-1] in _FILLERS:
        before = before[:-1]
    if not before or {*before} & _UNTIL:
        return False
    last, previous = before[-1], before[-2] if len(before) > 1 else ""
    if last in _PERFECT:
        return bool({"have", "i've", "we've", "har"} & {*before}) and not _WANTS & {*before}
    if last in ("har", "hadde", "i've", "we've"):
        return True
    return last in _HAS and previous in _HAVERS


def _is_a_hoard(tokens: Sequence[Token], one: Amount, before: list[str]) -> bool:
    """Whether an amount is of something that is there: my 5k savings, and not build my 10k fund."""
    after = {_text(tokens, place) for place in range(one.end, one.end + 3)}
    return before[-1:] in _ENDS_OF_MINE and bool(_HOARDS & after) and not _WANTS & {*before}


_ENDS_OF_MINE = [[word] for word in _MINE]


def is_of_a_part(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether an amount is what a share is of, and not the share: 20 % of a 400k house."""
    place = one.at - 1
    while _text(tokens, place) in ("a", "an", "the", "my", "en", "et", "min", "$"):
        place -= 1
    return _text(tokens, place) in ("of", "on", "av", "på") and _text(tokens, place - 1) in _PARTED


def is_on_top(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether a sum is said to come on top of what there is: 10k more, 10 000 til innen juni."""
    before, after = _clause_before(tokens, one), _clause_after(tokens, one)
    follows = [_text(tokens, place) for place in range(one.stop, one.stop + 3)]
    if follows[0] == "til":
        up_to = follows[1:] == ["og", "med"]  # til og med juni
        return follows[1] in _AFTER_MORE and not up_to
    return bool(_MORE & {*before[-1:], follows[0]}) or bool(
        _ON_TOP & {*pairwise(before), *pairwise(after)}
    )


_MORE = frozenset("more extra additional another further mer ekstra ytterligere enda mangler"
                  " mangle lack lacking short".split())  # fmt: skip
_ON_TOP = frozenset(
    {("on", "top"), ("in", "addition"), ("i", "tillegg"), ("på", "toppen"), ("still", "need"),
     ("trenger", "fortsatt"), ("fortsatt", "trenger"), ("trenger", "ennå")}
)  # fmt: skip
_AFTER_MORE = frozenset(", . ; ! ? ) innen om på i før og men for så utover".split()) | {""}
"""After the Norwegian ``til`` that is more, and not what something is for."""


def is_put_aside(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether what comes again and again is said to be saved."""
    before = {*_clause_before(tokens, one, _WHOLE_CLAUSE)}
    return bool(_PUTS & before) or "aside" in _clause_after(tokens, one)


def is_earned_or_spent(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether what comes again and again is pay, rent or another bill, and not saved."""
    before = _clause_before(tokens, one, _WHOLE_CLAUSE)
    around = {*before, *_clause_after(tokens, one)}
    earned = _text(tokens, one.end) in TAKEN_HOME or _PAID & {*pairwise(before)}
    told = _text(tokens, one.at - 1) == ":" and _text(tokens, one.at - 2) in _PAYS | _EARNS
    named = _RECEIVES & {*before} or (_EARNS | _PAYS) & around
    return not is_put_aside(tokens, one) and bool(earned or told or named)


def is_paid(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether what comes again and again is paid: for what, nobody says."""
    before = {*_clause_before(tokens, one, _WHOLE_CLAUSE)}
    return bool(_PAYING & before) and not before & (_PUTS | _MAY)


def is_monthly(tokens: Sequence[Token], one: Amount, since: int, until: int) -> bool:
    """Whether words around a sum, between two places, say that it comes each month.

    ``hver måned sparer jeg 500``, ``1500 in rent each month``.
    """
    words = _clause_before(tokens, one, _WHOLE_CLAUSE)
    words = words[max(len(words) - (one.at - since), 0) :]
    if since and len(_clause_before(tokens, one, one.at - since)) == one.at - since:
        words = words[_end_of_month_for(words) :]
    after = _clause_after(tokens, one)[: until - one.stop]
    whole = _clause_after(tokens, one, _WHOLE_CLAUSE)[: until - one.stop]
    each = any(
        left in _EACH and right in _MONTH for left, right in [*pairwise(words), *pairwise(after)]
    ) or any(
        words[1:] in (["i", "måneden"], ["a", "month"]) and words[0] not in _WITHIN
        for words in (after[place : place + 3] for place in range(len(after) - 2))
    )
    named = any(
        left in ("monthly", "månedlig") and right in _EARNS | _PAYS | _MONTHLY
        for left, right in pairwise(words)
    )
    handed = until < len(tokens) and _end_of_month_for(whole) > 0
    return each or named or handed or "månedssparing" in words


def _end_of_month_for(words: Sequence[str]) -> int:
    """Return the place after ``each month for``, 0 without it: it is of the sum before it.

    ``500 aside each month for a bike of 6000``.
    """
    for place in range(len(words) - 2):
        each, month, what_for = words[place : place + 3]
        if each in _EACH and month in _MONTH and what_for in ("for", "til", "towards", "toward"):
            return place + 3
    return 0


_EACH = frozenset("each every per hver pr".split())
_MONTH = frozenset("month måned mnd mo".split())

_MONTHLY = frozenset("saving savings contribution contributions deposit transfer amount sum sparing"
                     " sparebeløp beløp trekk overføring of på".split())  # fmt: skip


def is_governed(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether a verb of saving stands right before an amount, at most a filler or two between."""
    before = _clause_before(tokens, one)
    article = before[-1:] in (["a"], ["an"], ["the"], ["en"], ["et"], ["ei"])
    if article and not _follows_sum(tokens, one):
        return False
    return bool(SAVES & {*before})


def is_attribute(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether an amount only tells of what kind a thing is: a $400k house."""
    before = _clause_before(tokens, one)
    return bool(before) and before[-1] in _ARTICLES and not _follows_sum(tokens, one)


def _follows_sum(tokens: Sequence[Token], one: Amount) -> bool:
    return _text(tokens, one.end) in ("", ".", ",", "for", "by", "in", "til", "innen", "om", "and")


def is_range(tokens: Sequence[Token], one: Amount, other: Amount) -> bool:
    """Whether two amounts are the ends of a range."""
    between = [_text(tokens, place) for place in range(one.stop, other.at)]
    if between in (["-"], ["–"], ["/"], ["to"], ["til"], ["or"], ["eller"]):
        return True
    opened = {_text(tokens, one.at - 1), _text(tokens, one.at - 2)} if one.at else set()
    return between in (["and"], ["og"]) and bool(opened & _BETWEEN)


def is_upper_end(
    tokens: Sequence[Token], one: Amount, found: Sequence[Amount], taken: frozenset[int]
) -> bool:
    """Whether an amount ends a range whose lower end shares its scale: 40 to 50 thousand."""
    join = _text(tokens, one.at - 1)
    if join not in _JOINS or one.at < 2 or one.at - 2 in taken:
        return False
    apart = join in ("and", "og") and any(other.end == one.at - 1 for other in found)
    return not apart and ends_a_number(tokens, one.at - 1)


def is_share(tokens: Sequence[Token], at: int) -> bool:
    """Whether a share of something stands at a place: the percent of 20 % of a house."""
    percent = _text(tokens, at) in ("%", "percent", "prosent") and at > 0
    return percent and _text(tokens, at + 1) in _AFTER_SHARE


def _clause_before(tokens: Sequence[Token], one: Amount, most: int = 4) -> list[str]:
    """Return the few words before an amount, of its own clause only."""
    words = [_text(tokens, place) for place in range(max(one.at - most, 0), one.at)]
    for place in range(len(words) - 1, -1, -1):
        if words[place] in _BREAKS:
            return words[place + 1 :]
    return words


def _clause_after(tokens: Sequence[Token], one: Amount, most: int = 4) -> list[str]:
    """Return the few words after an amount and its period, of its own clause only."""
    words: list[str] = []
    for place in range(one.stop, min(one.stop + most, len(tokens))):
        if _text(tokens, place) in _BREAKS:
            break
        words.append(_text(tokens, place))
    return words


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
