"""What is understood of a goal as a person writes it, in English and Norwegian."""

from __future__ import annotations

import json
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
from strongroom.goals.parsing.words import split
from tests.goals.phrases import PHRASES
from tests.goals.phrases_english import ENGLISH
from tests.goals.phrases_norwegian import NORWEGIAN

TODAY = date(2026, 11, 21)
USD = Currency("USD")
LINES = [line for line in (PHRASES + ENGLISH + NORWEGIAN).splitlines() if line]


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
    ],
)  # fmt: skip
def test_limits_are_told_in_the_persons_words(
    text: str, kind: str, words: str, amount: int | None
) -> None:
    (limit,) = parse(text).constraints
    assert (limit.kind.value, limit.words) == (kind, words)
    assert limit.amount == (None if amount is None else Decimal(amount))


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
    asked = [question for question in said.questions if question.code != "currency"]
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
