"""Activity as a browser without scripts sees it."""

from __future__ import annotations

import re

from tests.house import House, Person, text_of

ROW = re.compile(r'id="open-(trn_[0-9a-f]{32})"')


def rows_of(html: str) -> list[str]:
    return ROW.findall(html)


def test_older_pages_lead_through_all_rows_of_a_filter(kari: Person) -> None:
    wanted = kari.get("/transactions/summary", category="transport")["count"]
    path, seen = "/transactions?category=transport", []
    while path:
        html = kari.page(path)
        seen += rows_of(html)
        older = re.search(r'id="tx-pages-older"[^>]*href="([^"]+)"', html)
        path = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == wanted > 100


def test_the_address_holds_every_filter_and_a_chip_takes_it_off(kari: Person) -> None:
    path = "/transactions?q=kopper&category=coffee&since=2026-01-01&to_review=1"
    html = kari.page(path)
    assert 'value="kopper"' in html
    assert re.search(r'<option value="coffee" selected>', html)
    off = re.search(r'id="off-category" href="([^"]+)"', html)
    assert off is not None
    address = off[1].replace("&amp;", "&")
    assert "category" not in address
    assert "q=kopper" in address
    assert "to_review=1" in address
    export = re.search(r'id="export" href="([^"]+)"', html)
    assert export is not None
    answer = kari.pages.get(export[1].replace("&amp;", "&"))
    assert [line.split(",")[-1] for line in answer.text.splitlines()[1:51]] == rows_of(html)


def test_what_cannot_be_read_is_left_out_and_said(kari: Person) -> None:
    text = kari.text("/transactions?since=soon&until=2026-13-40&account=acc_x")
    assert "could not be read and was left out" in text
    assert "Nothing matches" in kari.text("/transactions?q=no+such+shop+anywhere")


def test_a_misspelt_search_shows_what_is_nearest_and_says_so(house: House, kari: Person) -> None:
    right = kari.get("/transactions", q="kopper coffee")
    assert right["items"] and right["instead"] is None
    found = kari.get("/transactions", q="koper cofee")
    assert found["instead"] == "kopper coffee"
    assert [one["id"] for one in found["items"]] == [one["id"] for one in right["items"]]
    html = kari.page("/transactions?q=koper+cofee")
    assert "Nothing has “koper cofee”. Shown: “kopper coffee”." in text_of(html)
    assert 'value="koper cofee"' in html
    assert rows_of(html) == rows_of(kari.page("/transactions?q=kopper+coffee"))
    # What is done with the rows that are shown is done with those, by the words that found them.
    assert re.search(r'name="next" value="/transactions\?q=kopper\+coffee"', html)
    assert re.search(r'id="export" href="/transactions.csv\?q=kopper\+coffee"', html)
    assert kari.get("/transactions/summary", q="koper cofee")["count"] == 0
    begun = kari.get("/transactions", q="koper cofee", limit="2")
    then = kari.get("/transactions", q="koper cofee", limit="2", after=begun["next"])
    assert then["instead"] == "kopper coffee"
    assert [one["id"] for one in then["items"]] == [one["id"] for one in right["items"][2:4]]
    html = kari.page(f"/transactions?q=koper+cofee&after={begun['next']}")
    assert "Nothing has “koper cofee”. Shown: “kopper coffee”." in text_of(html)
    listed = house.command(kari, "transactions", "koper cofee", "--limit", "3")
    assert [one["id"] for one in listed] == [one["id"] for one in right["items"][:3]]


def test_a_category_that_is_none_is_left_out_and_said(kari: Person) -> None:
    text = kari.text("/transactions?category=nonsense")
    assert "There is no such category. Transactions of all categories are shown." in text
    html = kari.page("/transactions?category=nonsense")
    assert rows_of(html) == rows_of(kari.page("/transactions"))
    assert 'id="off-category"' not in html
    both = kari.text("/transactions?category=nonsense&since=soon")
    assert "could not be read and was left out" in both
    all_rows = kari.page("/transactions.csv")
    assert kari.page("/transactions.csv?category=nonsense") == all_rows
    kari.pages.cookies.set("locale", "nb")
    try:
        norwegian = kari.text("/transactions?category=nonsense")
    finally:
        kari.pages.cookies.set("locale", "en")
    assert "Det finnes ingen slik kategori." in norwegian


def test_pending_rows_say_so_in_a_word(kari: Person) -> None:
    assert "○ pending" in kari.text("/transactions?pending=1")
    assert "○ pending" not in kari.text("/transactions?pending=0")


def test_one_row_is_changed_by_a_plain_form(kari: Person) -> None:
    ref = rows_of(kari.page("/transactions?category=gym&pending=0"))[0]
    path = f"/transactions/{ref}"
    html = kari.page(path)
    assert "What the bank said" in html
    gifts = re.search(r'<option value="(cat_[0-9a-f]{32})">Gifts<', html)
    assert gifts is not None
    form = {"category": gifts[1], "note": "Ola's\r\nbirthday", "reviewed": "1"}
    answer = kari.pages.post(path, data=form)
    assert answer.url.path == path
    assert "Saved." in text_of(answer.text)
    row = kari.get(f"/transactions/{ref}")
    assert (row["category"]["key"], row["note"]) == ("gifts", "Ola's\nbirthday")
    assert row["reviewed_at"] is not None
    too_long = kari.pages.post(path, data={**form, "note": "y" * 2001})
    assert too_long.status_code == 422
    assert "at most 2,000 characters" in too_long.text
    assert "y" * 2001 in too_long.text
    assert kari.get(f"/transactions/{ref}")["note"] == "Ola's\nbirthday"


def test_many_rows_are_changed_at_once(kari: Person) -> None:
    html = kari.page("/transactions?category=entertainment&pending=0")
    refs = rows_of(html)[:3]
    pets = re.search(r'<option value="(cat_[0-9a-f]{32})">Pets<', html)
    assert pets is not None
    back = "/transactions?category=entertainment"
    form = {"chosen": refs, "action": "category", "category": pets[1], "next": back}
    answer = kari.pages.post("/transactions/bulk", data=form)
    assert str(answer.url).endswith(back)
    assert "3 categories changed." in text_of(answer.text)
    assert {kari.get(f"/transactions/{ref}")["category"]["key"] for ref in refs} == {"pets"}
    kari.pages.post("/transactions/bulk", data={"chosen": refs, "action": "review"})
    assert all(kari.get(f"/transactions/{ref}")["reviewed_at"] for ref in refs)
    nothing = kari.pages.post("/transactions/bulk", data={"action": "review", "next": back})
    assert "Choose some rows first." in text_of(nothing.text)


def test_a_row_leaves_the_list_to_review_by_its_own_button(kari: Person) -> None:
    html = kari.page("/transactions?to_review=1")
    ref = rows_of(html)[0]
    assert f'name="one" value="{ref}"' in html
    kari.pages.post("/transactions/bulk", data={"one": ref})
    assert ref not in rows_of(kari.page("/transactions?to_review=1"))


def test_hidden_amounts_are_hidden_everywhere(kari: Person) -> None:
    ref = rows_of(kari.page("/transactions"))[0]
    amount = kari.get(f"/transactions/{ref}")["amount"]["amount"].lstrip("-")
    kari.pages.cookies.set("hide_amounts", "1")
    try:
        for path in ("/transactions?category=fuel", f"/transactions/{ref}"):
            html = kari.page(path)
            assert "•••••" in html
            assert not re.search(r"\$[0-9]", text_of(html))
        assert amount not in text_of(kari.page(f"/transactions/{ref}"))
    finally:
        kari.pages.cookies.delete("hide_amounts")


def test_the_list_speaks_norwegian(kari: Person) -> None:
    kari.pages.cookies.set("locale", "nb")
    try:
        text = kari.text("/transactions?category=groceries")
    finally:
        kari.pages.cookies.set("locale", "en")
    assert "Dagligvarer" in text
    assert "transaksjoner" in text


def test_somebody_elses_row_is_not_there(house: House, kari: Person) -> None:
    ref = rows_of(kari.page("/transactions"))[0]
    stranger = house.person()
    assert stranger.pages.get(f"/transactions/{ref}").status_code == 404
    answer = stranger.pages.post("/transactions/bulk", data={"chosen": [ref]})
    assert answer.status_code == 404
    assert "No transactions yet." in stranger.text("/transactions")
