"""Adding and changing accounts by plain forms."""

from __future__ import annotations

import re

import pytest

from tests.house import House, Person, text_of


@pytest.fixture(scope="module")
def ola(house: House) -> Person:
    return house.person()


def add(person: Person, **form: str) -> tuple[int, str, str]:
    typed = {"name": "Flat", "subtype": "real_estate", "value": "1 234,50", "currency": "NOK"}
    answer = person.pages.post("/accounts/new", data={**typed, **form})
    return answer.status_code, answer.url.path, text_of(answer.text)


@pytest.mark.parametrize("typed", ["338 500,00", "338,500.00", "338500"])
def test_a_value_is_read_as_people_write_it(ola: Person, typed: str) -> None:
    status, path, text = add(ola, value=typed, name=f"Flat {typed}")
    assert status == 200
    assert path.startswith("/accounts/acc_")
    assert f"Flat {typed} is added." in text
    account = ola.get(f"/accounts/{path.rsplit('/', 1)[1]}")
    assert account["balance"] == {"amount": "338500.00", "currency": "NOK"}


def test_a_debt_is_written_without_a_sign_and_counts_below_zero(ola: Person) -> None:
    _, path, _ = add(ola, subtype="loan", value="1000", name="From an aunt")
    assert ola.get(path)["balance"]["amount"] == "-1000.00"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": " "}, "A name has 1 to 100 characters."),
        ({"value": ""}, "Enter an amount."),
        ({"value": "a lot"}, "is not an amount"),
        ({"value": "-5"}, "from zero to"),
        ({"value": "1000000000000001"}, "from zero to 1,000,000,000,000,000"),
        ({"currency": "kroner"}, "three letters"),
        ({"day": "2999-01-01"}, "between 1970 and today"),
        ({"day": "soon"}, "between 1970 and today"),
        ({"subtype": "castle"}, "cannot be added"),
    ],
)
def test_bad_input_is_said_at_its_field_and_what_was_typed_stays(
    ola: Person, form: dict[str, str], says: str
) -> None:
    before = ola.get("/accounts")
    status, path, text = add(ola, **{"name": "Hut by the sea", **form})
    assert (status, path) == (422, "/accounts/new")
    assert says in text
    assert ola.get("/accounts") == before


def test_an_account_is_renamed_valued_hidden_closed_and_reopened(ola: Person) -> None:
    _, path, _ = add(ola, name="Car", subtype="vehicle", value="90000")

    def act(**form: str) -> str:
        answer = ola.pages.post(path, data=form)
        assert (answer.status_code, answer.url.path) == (200, path)
        return text_of(answer.text)

    assert "Renamed." in act(action="rename", name="Old car")
    assert "Valued at" in act(action="value", value="85 000")
    assert "Give a day between 1970 and today." in act(action="value", value="1", day="1066-10-14")
    assert "is not an amount" in act(action="value", value="much")
    account = ola.get(path)
    assert (account["name"], account["balance"]["amount"]) == ("Old car", "85000.00")
    assert "Hidden from lists." in act(action="hide")
    assert "Old car" not in ola.text("/")
    assert "Old car" in ola.text("/accounts")
    act(action="show")
    assert "Old car" in ola.text("/")
    assert "This account is closed." in act(action="close")
    assert "Open again." in act(action="reopen")
    assert "Nothing was changed." in act(action="burn")


def test_an_account_with_a_pending_payment_says_so_where_it_is_closed(house: House) -> None:
    kari = house.person()
    house.link(kari)
    account = kari.get("/accounts")["items"][0]["id"]
    with house.admin() as db:
        db.execute("SET search_path = strongroom")
        row = db.execute(
            "UPDATE transactions SET pending = true WHERE id = ("
            "SELECT id FROM transactions WHERE account_id = %s ORDER BY day LIMIT 1)"
            " RETURNING (SELECT count(*) + 1 FROM transactions o WHERE o.pending"
            "            AND o.account_id = %s)",
            (account.removeprefix("acc_"),) * 2,
        ).fetchone()
    assert row is not None
    told = text_of(kari.pages.post(f"/accounts/{account}", data={"action": "close"}).text)
    assert re.search(rf"{row[0]} payments? (is|are) pending on", told), told
    assert "Close it once the bank has booked or dropped them." in told
    assert not kari.get(f"/accounts/{account}")["closed"]


def test_a_stranger_s_account_is_not_there(house: House, ola: Person) -> None:
    _, path, _ = add(ola)
    stranger = house.person()
    assert stranger.pages.get(path).status_code == 404
    answer = stranger.pages.post(path, data={"action": "rename", "name": "Mine"})
    assert answer.status_code == 404
    assert not re.search("Mine", ola.text(path))
