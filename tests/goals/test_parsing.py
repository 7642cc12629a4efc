"""What is understood of a goal as a person writes it, in English and Norwegian."""

from __future__ import annotations

import json
from calendar import monthrange
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from strongroom import goals
from strongroom.cli import app
from strongroom.core.money import Currency
from strongroom.goals import GoalTextIsEmpty, GoalTextIsTooLong, Understood
from strongroom.goals.parsing import assumptions_of
from strongroom.goals.parsing.words import split
from tests.goals.phrases import PHRASES
from tests.goals.phrases_asked import ASKED
from tests.goals.phrases_audited import AUDITED, AUDITED_LIMITS
from tests.goals.phrases_english import ENGLISH
from tests.goals.phrases_norwegian import NORWEGIAN

TODAY = date(2026, 11, 21)
USD = Currency("USD")
LINES = [line for line in (PHRASES + ENGLISH + NORWEGIAN + AUDITED + ASKED).splitlines() if line]


def parse(text: str, born: date | None = None) -> Understood:
    return goals.parse(text, today=TODAY, currency=USD, born=born)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split("|")[0].strip())
def test_a_phrase(line: str) -> None:
    text, kind, amount, currency, months, asks = (part.strip() for part in line.split("|"))
    said = parse(text)
    assert said.goal_type.value == kind
    assert said.target_amount == (Decimal(amount) if amount else None)
    assert said.currency == currency
    assert said.timeline_months == (int(months) if months else None)
    assert [question.code for question in said.questions] == asks.split()
    assert said.needs_clarification == bool(asks)


def test_there_are_hundreds_of_them_and_they_differ() -> None:
    texts = [line.split("|")[0].strip() for line in LINES]
    assert len(texts) == len({*texts}) >= 450


SAME_DAYS = {
    date(2026, 12, 31): (
        "by the end of the year", "innen utgangen av året", "by EOY", "by 2026-12-31",
        "by 31 December 2026", "by new year's eve 2026", "innen nyttårsaften",
    ),
    date(2027, 12, 31): (
        "by the end of 2027", "by 31/12/2027", "by the end of next year", "by EOY 2027",
        "innen årsslutt 2027", "by 31 December 2027", "by New Year's Eve 2027",
    ),
    date(2028, 1, 1): (
        "by 2028", "innen 2028", "before 2028", "by 1 January 2028", "by 2028-01-01",
        "by new year 2028", "innen årsskiftet 2027/28",
    ),
    date(2027, 12, 24): ("by Christmas 2027", "by 2027-12-24", "til jul neste år"),
    date(2027, 3, 28): ("by Easter 2027", "innen påske neste år", "by 28 March 2027"),
    date(2028, 6, 30): ("by the end of June 2028", "by 2028-06-30", "by June 2028", "by 2028-06"),
}  # fmt: skip


@given(st.sampled_from([*SAME_DAYS]), st.dates(date(2026, 1, 1), date(2026, 11, 30)))
def test_a_day_is_the_same_however_it_is_named_and_never_later(day: date, today: date) -> None:
    texts = [f"save 9k {told}" for told in SAME_DAYS[day]]
    said = {goals.parse(text, today=today, currency=USD).timeline_months for text in texts}
    (months,) = said
    assert months is not None
    years, month = divmod(today.month - 1 + months, 12)
    year = today.year + years
    assert date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])) <= day


BORN = date(1990, 6, 15)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("retire at 62 with $2m", (2052 - 2026) * 12 - 5 - 1),
        ("save 50k before I turn 60", (2050 - 2026) * 12 - 5 - 1),
        ("save 30000 for my 40th birthday", (2030 - 2026) * 12 - 5 - 1),
        ("før jeg fyller 60 vil jeg ha 3 millioner kroner", (2050 - 2026) * 12 - 5 - 1),
        ("$1m by retirement", (2057 - 2026) * 12 - 5 - 1),
        ("save 10k before I turn 30", None),
        ("retire at 60 or 65 with $2m", None),
        ("$2m when I turn 60-65", None),
    ],
)
def test_ages_count_from_the_day_of_birth(text: str, months: int | None) -> None:
    said = parse(text, BORN)
    assert said.timeline_months == months
    assert said.needs_clarification == (months is None)


def test_an_age_that_was_not_said_is_told_as_assumed() -> None:
    assert parse("$1m by retirement", BORN).assumed == ("retirement_age",)
    assert parse("retire at 62 with $1m", BORN).assumed == ()


def test_what_was_understood_is_shown_in_the_persons_own_words() -> None:
    said = parse("I'd love to save US$ 2,500.50 for a laptop in four months")
    assert said.said_amount == "US$ 2,500.50"
    assert said.said_time == "four months"
    assert said.confidence == Decimal("1.0")


@pytest.mark.parametrize(
    ("text", "monthly"),
    [
        ("Save 500/mo until I have 12k for a used car", 500),
        ("$300 a month for the next 18 months towards a new laptop", 300),
        ("need 7k for braces in a year and a half, can do 400 monthly", 400),
        ("I can spare 350 a month and need 7000 for dental work", 350),
        ("save $1 million by 2040; $400 each month", 400),
        ("3000 kr pr. måned til ferie i juli", 3000),
        ("sparer 1500 kr mnd til bil", 1500),
        ("legge av 2.500,- i mnd til jeg har 30 000,-", 2500),
        ("save 10k, $50 a week", None),
        ("$500 each for 4 bikes in a year", None),
        ("each month I put aside 500 for a car in 2 years", 500),
        ("hver måned sparer jeg 500 til bil", 500),
        ("I make 5000/month and want 40000", None),
        ("jeg tjener 40 000 i måneden, spare 100 000", None),
        ("my rent is 1500 a month, save 6k", None),
        ("husleia er 12 000 i måneden, spare 60 000", None),
        ("I get paid 3k a month and put aside 400 a month for a 5k bike", 400),
        ("40 000 kr netto i måneden, vil spare 2000 kr i måneden", 2000),
        ("$400 per month car payment, want to pay off 14k in 3 years", None),
        ("20k in 2 years, I pay 500 a month", None),
        ("pay off my 20k loan, paying 500 a month", 500),
        ("€20,000 in 3 years, 500 dollars a month", None),
        ("spare 300 til 400 i måneden", None),
        ("save 300 a month, then 500 a month", None),
        ("20k for a car, minus 500 a month", None),
        ("mum gives me 200 a month; save 5k", None),
        ("save 5k in a month or so", None),
        ("save 40% of 5000 a month", None),
    ],
)
def test_what_is_put_aside_each_month(text: str, monthly: int | None) -> None:
    assert parse(text).monthly_contribution == (None if monthly is None else Decimal(monthly))


@pytest.mark.parametrize(
    ("text", "kind", "words", "amount"),
    [
        ("20k for a car, at most 600 a month", "at_most_a_month", "600", 600),
        ("maks 3000 i måneden, bil til 120 000 kr", "at_most_a_month", "3000", 3000),
        ("keep $5,000 in checking and save 10k", "keep", "keep $5,000 in checking", 5000),
        ("20k without touching my emergency fund", "leave_alone",
         "without touching my emergency fund", None),
        ("spare 100 000 kr uten å røre bufferen", "leave_alone", "uten å røre bufferen", None),
        ("don't use my retirement savings; 30k for a kitchen", "leave_alone",
         "don't use my retirement savings", None),
        ("40k in 4 years, no stocks", "no_risk", "no stocks", None),
        ("bil til 90 000 kr på 2 år uten risiko", "no_risk", "uten risiko", None),
        ("$50k for a house in 3 years without touching my $10k emergency fund", "leave_alone",
         "without touching my $10k emergency fund", 10_000),
        ("500k til hus uten å røre bufferen på 100 000 kr", "leave_alone",
         "uten å røre bufferen på 100 000 kr", 100_000),
        ("50k for a house, keep $10k emergency fund", "keep", "keep $10k emergency fund", 10_000),
        ("50k for a house, keep 10k untouched", "keep", "keep 10k untouched", 10_000),
        ("keep ten thousand dollars untouched, 50k for a car", "keep",
         "keep ten thousand dollars untouched", 10_000),
        ("behold 100 000 kr som buffer, bil til 500 000 kr", "keep",
         "behold 100 000 kr som buffer", 100_000),
        ("keep my 10k savings untouched, 50k for a car", "leave_alone",
         "keep my 10k savings untouched", 10_000),
        ("40k in 4 years, I don't want to invest it", "no_risk", "don't want to invest it", None),
        ("90 000 på 2 år, kun på sparekonto", "no_risk", "kun på sparekonto", None),
    ],
)  # fmt: skip
def test_limits_are_told_in_the_persons_words(
    text: str, kind: str, words: str, amount: int | None
) -> None:
    (limit,) = parse(text).constraints
    assert (limit.kind.value, limit.words) == (kind, words)
    assert limit.amount == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    "line", AUDITED_LIMITS.split("\n")[1:-1], ids=lambda line: line.split("|")[0].strip()
)
def test_what_limits_come_to(line: str) -> None:
    text, limits, assumed, monthly = (part.strip() for part in line.split("|"))
    said = parse(text)
    amounts = [one.amount if one.reckoned else None for one in said.constraints]
    assert limits.split() == [
        f"{one.kind}:{amount or ''}" for one, amount in zip(said.constraints, amounts, strict=True)
    ]
    found = assumptions_of(text, said.currency)
    assert found == {
        name: Decimal(value) for name, value in (one.split("=") for one in assumed.split())
    }
    assert said.monthly_contribution == (Decimal(monthly) if monthly else None)


def test_a_plain_goal_sets_no_limits() -> None:
    assert parse("save 20k for a car in 2 years, 600 a month").constraints == []


def test_each_field_tells_the_words_it_was_read_from() -> None:
    text = "Ürgent: save $50k for a House in 3 years, 900 a month"
    said = parse(text)
    told = {one.field: one.words for one in said.origins}
    assert told == {
        "goal_type": "House",
        "target_amount": "$50k",
        "timeline_months": "3 years",
        "monthly_contribution": "900",
    }
    assert all(text[one.start : one.end] == one.words for one in said.origins)
    assert (said.source, said.model) == ("rules", "off")


def test_money_of_several_countries_is_that_of_home_or_asked_about() -> None:
    text = "5000 pesos in 3 months"
    at_home = goals.parse(text, today=TODAY, currency=Currency("MXN"))
    assert (at_home.target_amount, at_home.currency) == (Decimal(5000), "MXN")
    assert not at_home.needs_clarification
    assert [one.field for one in parse(text).questions] == ["currency"]


def test_months_of_spending_are_no_timeline() -> None:
    said = parse("an emergency fund of 6 months of expenses in two years")
    assert (said.covers_months, said.timeline_months) == (Decimal(6), 24)


def test_a_monthly_sum_is_not_the_target() -> None:
    said = parse("save 10k in 2 years putting away 400/month")
    assert (said.target_amount, said.monthly_contribution) == (Decimal(10_000), Decimal(400))


@given(st.text(max_size=300))
@example("$" * 300)
@example("1 " * 150)
@example("tusen" * 100)
@example("hundred thousand " * 100)
@example("pay " * 75)
@example("in in in 3 3 3 years years")
def test_any_text_is_understood_or_asked_about(text: str) -> None:
    try:
        said = parse(text)
    except GoalTextIsEmpty:
        assert not text.strip()
        return
    assert said.target_amount is None or said.target_amount > 0
    assert said.timeline_months is None or 1 <= said.timeline_months <= 720
    ready = said.target_amount is not None and said.timeline_months is not None
    beside = {"currency", "monthly_contribution"}
    asked = [question for question in said.questions if question.field not in beside]
    assert ready != bool(asked)


WORDS = st.sampled_from(
    sorted({token.text for line in LINES for token in split(line.split("|")[0])})
)


@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_an_amount_is_never_made_up(text: str) -> None:
    """What is understood as the target stands in the text, digit by digit or in words."""
    if not text.strip():
        return
    said = parse(text)
    if said.target_amount is not None:
        assert said.said_amount is not None
        assert said.said_amount in text
        assert parse(said.said_amount).target_amount in (said.target_amount, None)


@given(
    st.decimals("0.01", "999999999", places=2, allow_nan=False),
    st.integers(1, 60),
)
def test_any_amount_and_number_of_years_come_through(amount: Decimal, years: int) -> None:
    for shown in (f"${amount:,}", f"$ {amount}", f"{amount:,} dollars"):
        said = parse(f"save {shown} for a house in {years} years")
        assert said.target_amount == amount
        assert said.timeline_months == 12 * years
        assert not said.needs_clarification


PARTS = {"1/2": "0.5", "1/4": "0.25", "3/4": "0.75", "½": "0.5", "¼": "0.25", "¾": "0.75"}
SCALES = st.sampled_from([("thousand", 3), ("million", 6), ("tusen", 3), ("millioner", 6)])


@given(st.integers(0, 99), st.sampled_from(sorted(PARTS)), SCALES)
def test_a_part_counts_whole_numbers_of_its_scale(
    whole: int, part: str, scale: tuple[str, int]
) -> None:
    value = whole + Decimal(PARTS[part])
    written = f"{whole} {part}" if whole else part
    said = parse(f"save {written} {scale[0]} in {written} years")
    assert said.target_amount == value.scaleb(scale[1])
    assert said.timeline_months == (int(12 * value + Decimal("0.5")) if value < 60 else None)


@given(
    st.integers(1, 99), st.sampled_from(["a half", "en halv", "et halvt", "half"]),
    st.sampled_from(["and", "og"]), SCALES,
)  # fmt: skip
def test_and_a_half_is_more_and_never_all(
    whole: int, half: str, joined: str, scale: tuple[str, int]
) -> None:
    said = parse(f"save {whole} {joined} {half} {scale[0]} dollars")
    assert said.target_amount == (whole + Decimal("0.5")).scaleb(scale[1])


LOW = st.sampled_from("five ten twenty 5 10 fem ti tjue".split())
HIGH = st.sampled_from("fifty sixty 50 60 femti seksti".split())
EITHER = st.sampled_from([" to ", " or ", "-", " - ", " til ", " eller ", " and ", " og "])


@given(LOW, EITHER, HIGH, st.sampled_from(["thousand", "k", "tusen", "million"]))
def test_a_range_is_asked_about_whichever_way_it_is_written(
    low: str, joined: str, high: str, scale: str
) -> None:
    said = parse(f"save between {low}{joined}{high} {scale} dollars in 3 years")
    assert [one.code for one in said.questions] == ["range"]


@given(
    st.integers(100, 10**7), st.integers(100, 10**7),
    st.sampled_from([" for a car and ", ", maybe ", ", ideally ", " til bil og ", " eller helst ",
                     " for a trip, later "]),
    st.sampled_from(["save ", "need ", "trenger ", ""]),
)  # fmt: skip
def test_of_two_amounts_none_is_taken_without_asking(
    one: int, other: int, joined: str, verb: str
) -> None:
    said = parse(f"{verb}${one}{joined}${other} in 2 years")
    assert said.target_amount == (Decimal(one) if one == other else None)


PAID = st.sampled_from(
    ["I make {}/month", "I earn {} a month", "my salary is {} a month", "my rent is {} a month",
     "rent: {} a month", "{} a month in bills", "I get paid {} a month", "I take home {} a month",
     "{} net a month", "jeg tjener {} i måneden", "husleia er {} i måneden", "lønna er {} i mnd",
     "jeg betaler {} i husleie i måneden", "{} brutto i måneden", "jeg har {} kr fra før",
     "I have {}", "I currently have {}", "my rent is {}"]
)  # fmt: skip


@given(PAID, st.integers(200, 90_000), st.booleans())
def test_what_is_earned_had_or_paid_is_neither_goal_nor_contribution(
    told: str, amount: int, first: bool
) -> None:
    parts = [told.format(amount), "save $123456 for a car in 2 years"]
    said = parse(", ".join(parts if first else parts[::-1]))
    assert (said.target_amount, said.monthly_contribution) == (Decimal(123456), None)


@given(
    st.sampled_from(["June", "june", "juni", "desember", "December", "mars", "spring", "summer of",
                     "the fall of", "våren", "Q2", "2nd quarter of", "3. kvartal", "EOY"]),
    st.integers(2027, 2084),
)  # fmt: skip
def test_a_year_means_the_same_in_two_digits(when: str, year: int) -> None:
    whole = parse(f"save 9k by {when} {year}")
    assert whole.timeline_months is not None
    assert (year - 2026) * 12 - 12 <= whole.timeline_months <= (year - 2026) * 12 + 3
    assert parse(f"save 9k by {when} '{year % 100}").timeline_months == whole.timeline_months


KEEPS = st.sampled_from(
    ["keep {}", "keep {} untouched", "keep my {} emergency fund", "keep {} in my savings account",
     "without touching my {} emergency fund", "don't touch the {} in my savings",
     "behold {} som buffer", "uten å røre de {} på sparekontoen", "keep a {} cushion"]
)  # fmt: skip
SUMS = st.sampled_from(
    ["$10k", "$10,000", "10k", "10 thousand", "10 000", "ten thousand", "$10_000", "10.000 dollars",
     "10 tusen", "10k dollars", "USD 10 000"]
)  # fmt: skip


@given(KEEPS, SUMS, st.booleans())
def test_what_is_to_stay_is_read_whole_and_is_not_the_goal(
    told: str, amount: str, first: bool
) -> None:
    parts = [told.format(amount), "$50k for a house in 3 years"]
    said = parse(", ".join(parts if first else parts[::-1]))
    assert (said.target_amount, said.goal_type.value) == (Decimal(50_000), "major_purchase")
    (limit,) = said.constraints
    assert (limit.amount, limit.reckoned, amount in limit.words) == (Decimal(10_000), True, True)


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(GoalTextIsTooLong):
        parse("save " * 200_000)


def run(*arguments: str) -> tuple[int, str]:
    alone = {"OLLAMA_URL": None, "OLLAMA_MODEL": None}
    done = CliRunner(env=alone).invoke(app, ["goals", "parse", *arguments])
    return done.exit_code, done.output


def test_the_command_prints_json() -> None:
    code, said = run(
        "spare en halv million til bolig om 5 år", "--today", "2026-11-21", "--currency", "nok"
    )
    assert code == 0
    told = json.loads(said)
    assert told["goal_type"] == "major_purchase"
    assert told["target_amount"] == "500000"
    assert told["currency"] == "NOK"
    assert told["timeline_months"] == 60
    assert told["needs_clarification"] is False
    assert told["questions"] == []
    assert told["source"] == "rules"


def test_the_command_asks() -> None:
    told = json.loads(run("a house", "--today", "2026-11-21")[1])
    assert [one["field"] for one in told["questions"]] == ["target_amount", "timeline_months"]
