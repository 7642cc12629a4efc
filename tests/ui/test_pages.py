"""Pages over real HTTP: what is sent, in which language, under which headers."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import httpx
import pytest

from strongroom import ui
from strongroom.ui.assets import static_url

MOST_COMPRESSED = 60 * 1024
PAGES = ["/gallery", "/gallery/overview", "/gallery/overview?view=breakdown", "/gallery/activity"]


@pytest.fixture
def client(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site) as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_private_small_and_within_its_policy(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert len(gzip.compress(answer.content)) < MOST_COMPRESSED
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", answer.text)
    for address in re.findall(r'(?:src|href)="([^"]*)"', answer.text):
        assert not re.match(r"https?:|//", address), address
    ids = re.findall(r'\sid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)


def test_language_theme_and_current_page_are_in_the_first_byte(client: httpx.Client) -> None:
    answer = client.get("/gallery/activity", headers={"Accept-Language": "nn-NO,en;q=0.5"})
    assert '<html lang="nb-NO" data-theme="auto">' in answer.text
    assert "Aktivitet" in answer.text
    client.cookies.update({"locale": "en", "theme": "dark"})
    answer = client.get("/gallery/activity", headers={"Accept-Language": "nb"})
    assert '<html lang="en-GB" data-theme="dark">' in answer.text
    current = re.findall(r'href="([^"]+)" aria-current="page"', answer.text)
    assert current == ["/transactions"]


def test_hidden_amounts_are_not_sent_at_all(client: httpx.Client) -> None:
    client.cookies.update({"hide_amounts": "1"})
    for path in ("/gallery/overview", "/gallery/overview?view=breakdown", "/gallery/activity"):
        text = client.get(path).text
        assert "•••••" in text
        assert not re.search(r"€\s?\d|\d\s?€", text)


def test_a_swap_gets_the_same_page_without_its_shell(client: httpx.Client) -> None:
    whole = client.get("/gallery/activity")
    part = client.get("/gallery/activity", headers={"X-Swap": "tx"})
    assert "X-Swap" in part.headers["vary"]
    assert len(part.content) < len(whole.content)
    assert 'class="rail"' not in part.text and 'class="rail"' in whole.text

    def region(text: str) -> str:
        return text[text.index('<div id="tx"') : text.index("</main>")]

    assert region(part.text) == region(whole.text)


def test_names_are_escaped(client: httpx.Client) -> None:
    answer = client.get("/error")
    assert answer.status_code == 503
    assert "North Bank &lt;did&gt; not answer." in answer.text
    assert "Nothing was changed." in answer.text and "BankNotAnswering" in answer.text
    assert 'class="rail"' in answer.text
    assert 'class="rail"' not in client.get("/error?signed-out").text
    assert "Kunne ikke lagre." in client.get("/error", headers={"Accept-Language": "nb"}).text


def test_a_toast_is_shown_once(client: httpx.Client) -> None:
    answer = client.get("/saved", follow_redirects=True)
    assert answer.url.path == "/gallery/activity"
    assert "Category changed &amp; kept" in answer.text
    assert "Category changed" not in client.get("/gallery/activity").text


def test_choices_are_kept_and_lead_back(client: httpx.Client) -> None:
    answer = client.post("/preferences", data={"theme": "dark", "next": "/gallery?x=1"})
    assert answer.status_code == 303 and answer.headers["location"] == "/gallery?x=1"
    assert (
        "HttpOnly" in answer.headers["set-cookie"]
        and "SameSite=lax" in answer.headers["set-cookie"]
    )
    assert 'data-theme="dark"' in client.get("/gallery").text
    client.post("/preferences", data={"theme": "auto", "shortcuts": "0"})
    text = client.get("/gallery").text
    assert 'data-theme="auto"' in text and 'data-shortcuts="off"' in text


@pytest.mark.parametrize(
    "to", ["https://bank.example", "//bank.example", "/\\bank.example", "bank", "/a\r\nb", ""]
)
def test_no_redirect_leaves_the_site(client: httpx.Client, to: str) -> None:
    answer = client.post("/preferences", data={"theme": "pink", "next": to})
    assert answer.headers["location"] == "/"
    assert "theme" not in answer.headers.get("set-cookie", "")


def test_assets_are_kept_for_ever_under_their_hash(client: httpx.Client) -> None:
    for file, media_type in (
        ("app.css", "text/css"),
        ("kit.js", "text/javascript"),
        ("favicon.svg", "image/svg+xml"),
    ):
        address = static_url(file)
        assert re.fullmatch(rf"/static/{file.split('.')[0]}\.[0-9a-f]{{12}}\.\w+", address)
        answer = client.get(address)
        assert answer.headers["content-type"].startswith(media_type)
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        plain = client.get(address, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers and plain.content == answer.content
    assert client.get("/static/app.css").status_code == 404
    assert client.get("/static/../shell.py").status_code == 404
    assert client.post(static_url("app.css")).status_code == 405
    with pytest.raises(KeyError):
        static_url("missing.css")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        ("en-US,en;q=0.9,nb;q=0.8", "en"),
        ("de,no;q=0.3", "nb"),
        ("nb;q=0,en;q=0.1", "en"),
        ("nb;q=x", "en"),
        ("sr" * 5000, "en"),
    ],
)
def test_the_best_language_we_speak(header: str, expected: str) -> None:
    assert ui.preferred_locale(header) == expected


def test_unknown_cookies_change_nothing() -> None:
    saved = ui.Preferences(locale="nb", theme="dark", time_zone="Europe/Oslo")
    odd = {"locale": "xx", "theme": "<b>", "hide_amounts": "yes", "shortcuts": ""}
    assert ui.read_preferences(odd, saved=saved) == saved
    assert ui.read_preferences({"hide_amounts": "1"}, saved=saved).hide_amounts
