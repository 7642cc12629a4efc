"""Closing and reopening at the terminal."""

from __future__ import annotations

from tests.house import House


def test_an_account_is_closed_and_opened_again_at_the_terminal(house: House) -> None:
    kari = house.person()
    house.command(kari, "assets", "add", "Boat", "--kind", "other", "--value", "20",
                  "--currency", "NOK")  # fmt: skip
    (boat,) = kari.get("/accounts")["items"]
    house.command(kari, "assets", "close", boat["id"])
    assert kari.get(f"/accounts/{boat['id']}")["closed"] is True
    house.command(kari, "assets", "reopen", boat["id"])
    assert kari.get(f"/accounts/{boat['id']}")["closed"] is False
