"""What belongs together as a client and a browser without scripts see it."""

from __future__ import annotations

import re
from typing import Any

from tests.house import API, House, Person, text_of


def ask(person: Person, method: str, path: str, **more: Any) -> Any:
    answer = person.api.request(method, API + path, **more)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
    return answer.json() if answer.content else None


def newest(person: Person) -> dict[str, Any]:
    """The newest that nobody had a hand in."""
    found = person.get("/transfers")["items"]
    return next(
        one
        for one in found
        if (one["kind"], one["made_by"], one["confirmed_at"]) == ("transfer", "match", None)
    )


def undo_of(html: str) -> str:
    found = re.search(r'<form method="post" action="([^"]+)"><button class="quiet">', html)
    assert found is not None, text_of(html)
    return found[1].replace("&amp;", "&")


def test_transfers_over_json(kari: Person, house: House) -> None:
    one = newest(kari)
    assert one["state"] == "matched"
    assert one["reasons"]
    assert one["out"]["amount"]["amount"] == "-" + one["into"]["amount"]["amount"]
    legs = [kari.get(f"/transactions/{one[side]['id']}") for side in ("out", "into")]
    assert all(leg["transfer"] for leg in legs)
    ask(kari, "DELETE", f"/transfers/{one['id']}")
    assert not kari.get(f"/transactions/{one['out']['id']}")["transfer"]
    pair = {"out": one["out"]["id"], "into": one["into"]["id"]}
    again = ask(kari, "POST", "/transfers/ask-again", json=pair)
    assert (again["out"]["id"], again["state"]) == (pair["out"], "matched")
    confirmed = ask(kari, "POST", f"/transfers/{again['id']}/confirm")
    assert confirmed["confirmed_at"]
    ask(kari, "POST", f"/transfers/{again['id']}/reopen")
    linked = ask(kari, "POST", "/transfers", json={"one": pair["into"], "other": pair["out"]})
    assert linked["made_by"] == "person"
    same = {"one": pair["out"], "other": pair["out"]}
    assert kari.api.post(f"{API}/transfers", json=same).status_code == 422
    stranger = house.person()
    assert stranger.api.get(f"{API}/transfers/{linked['id']}").status_code == 404
    assert stranger.get("/transfers")["items"] == []


def test_transfers_are_told_in_pages(kari: Person) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = kari.get("/transfers", limit=20, after=cursor)
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) > 20
    assert kari.get("/refunds")["items"] is not None
    assert kari.get("/doubles")["items"] == []


def test_the_pages_show_why_and_take_an_answer_back(kari: Person) -> None:
    assert "Transfers between your accounts" in kari.text("/transactions/together")
    one = newest(kari)
    place = f"/transactions/{one['out']['id']}"
    shown = kari.text(place)
    assert "Transfer between your accounts" in shown
    assert "Counts as neither income nor spending." in shown
    answer = {"action": "reject", "next": place}
    told = kari.pages.post(f"/transactions/together/transfers/{one['id']}", data=answer)
    assert told.status_code == 200
    assert "both rows count again" in text_of(told.text)
    back = kari.pages.post(undo_of(told.text))
    assert "Counts as neither income nor spending." in text_of(back.text)
    assert "Undone." in text_of(back.text)


def test_two_rows_are_linked_by_hand_or_refused_in_words(kari: Person) -> None:
    one = newest(kari)
    place = f"/transactions/{one['out']['id']}"
    kari.pages.post(f"/transactions/together/transfers/{one['id']}", data={"action": "reject"})
    assert "The other part of a transfer" in kari.text(place)
    form = {"one": one["out"]["id"], "other": one["into"]["id"], "next": place}
    told = kari.pages.post("/transactions/together/transfers", data=form)
    assert "Linked: it counts as neither income nor spending." in text_of(told.text)
    told = kari.pages.post("/transactions/together/refunds", data={**form, "next": place})
    assert "A refund is money that came in." in text_of(told.text)
    told = kari.pages.post("/transactions/together/transfers", data={**form, "other": ""})
    assert "Choose the other transaction first." in text_of(told.text)


def test_refunds_and_doubles_in_a_terminal(house: House) -> None:
    ola = house.person()
    nok = {"currency": "NOK"}
    body = {"name": "Purse", "subtype": "cash", "value": {"amount": "500", **nok}}
    purse = ask(ola, "POST", "/accounts", json=body)["id"]
    day = ola.get("/net-worth")["total"]["day"]
    rows = {}
    for text, amount in (("Boots", "-90"), ("Money for boots", "40"), ("Tea", "-3"), ("T", "-3")):
        row = {"account": purse, "day": day, "text": text, "amount": {"amount": amount, **nok}}
        rows[text] = ask(ola, "POST", "/transactions", json=row)["transaction"]["id"]
    linked = house.command(ola, "refunds", "link", rows["Money for boots"], rows["Boots"])
    assert (linked["purchase"], linked["made_by"]) == (rows["Boots"], "person")
    (listed,) = house.command(ola, "refunds", "list")
    assert listed == linked
    assert house.command(ola, "refunds", "confirm", linked["id"])["confirmed"]
    house.command(ola, "refunds", "reject", linked["id"])
    assert house.command(ola, "refunds", "list") == []
    with house.admin() as db:  # as if two sources had told it
        db.execute(
            "INSERT INTO strongroom.doubles SELECT user_id, gen_random_uuid(), id, %s, 90, 0, now()"
            " FROM strongroom.transactions WHERE id = %s",
            (rows["Tea"].removeprefix("trn_"), rows["T"].removeprefix("trn_")),
        )
    (double,) = house.command(ola, "doubles", "list")
    assert (double["kept"], double["row"]) == (rows["Tea"], rows["T"])
    merged = house.command(ola, "doubles", "confirm", double["id"])
    assert merged["transaction"] == rows["Tea"]
    assert ola.api.get(f"{API}/transactions/{rows['T']}").status_code == 404
    house.command(ola, "transactions", "undo", merged["edit"])
    assert ola.get(f"/transactions/{rows['T']}")["title"] == "T"


def test_transfers_in_a_terminal(kari: Person, house: House) -> None:
    one = newest(kari)
    listed = house.command(kari, "transfers", "list", "--limit", "100")
    assert one["id"] in [each["id"] for each in listed]
    assert house.command(kari, "transfers", "confirm", one["id"])["confirmed"]
    assert house.command(kari, "transfers", "reject", one["id"])["out"] == one["out"]["id"]
    linked = house.command(kari, "transfers", "link", one["out"]["id"], one["into"]["id"])
    assert linked["made_by"] == "person"
