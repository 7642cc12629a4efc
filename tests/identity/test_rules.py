"""What identity accepts and refuses, without a database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from strongroom.core.errors import Refused
from strongroom.identity import rules
from strongroom.identity.types import SCOPES, Settings

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
OWN = {"email": "kari.nordmann@example.com", "name": "Kari Nordmann"}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("kari@example.com", "kari@example.com"),
        ("  Kari@Example.COM\n", "kari@example.com"),
        ("kari+bank@home", "kari+bank@home"),
        ("bla\u030aba\u0308r@example.com", "blåbär@example.com"),
    ],
)
def test_an_address_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert rules.read_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "kari", "@example.com", "kari@", "a@b@c", "a b@c.de", "a\0@b.c", "a@b.c\r\nBcc: x",
     "<a@b.c>", "a" * 65 + "@b.c", "a@" + "b" * 260],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(rules.BadEmail) as caught:
        rules.read_email(typed)
    assert caught.value.field == "email"


parts = st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P")), min_size=1)


@given(parts.map(lambda part: part[:30]), parts)
def test_an_address_read_twice_is_the_same(local: str, domain: str) -> None:
    assume(not set("@<>") & set(local + domain))
    once = rules.read_email(f"{local}@{domain}")
    assert rules.read_email(once) == once
    assert rules.read_email(f" {once}\t") == once


@pytest.mark.parametrize(
    "password",
    [
        "four quiet harbour lamps",
        "correct horse battery staple",
        "Tr0ub4dor&3xyzzy",
        "blåbærsyltetøy på brødskiva",
        "пароль из четырёх слов",
        "正確的馬電池釘書針很好用啊",
        "x7$Kq9!vLm2@",
        "passord for hytta i Lofoten",
        "84719650283764",
        "  spaces are kept too  ",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    assert rules.check_new_password(password, **OWN) == rules.normal_password(password)
    assert rules.strength(password) != "weak"


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password123!", "P@ssw0rd2026", "passord12345", "qwertyuiop12",
        "123456789012", "aaaaaaaaaaaa", "abababababab", "abcdefghijkl", "1qaz2wsx3edc",
        "letmein12345", "iloveyou1234", "strongroom123", "Sommer2026!!", "karinordmann",
        "Kari.Nordmann1", "kari.nordmann@example.com", "zyxwvutsrqponm", "098765432109",
        "adminadmin12", "welcome2home".replace("home", "welcome"),
    ],
)  # fmt: skip
def test_what_a_guesser_tries_first_is_refused(password: str) -> None:
    with pytest.raises(rules.BadPassword) as caught:
        rules.check_new_password(password, **OWN)
    assert caught.value.field == "password"
    assert password not in str(caught.value)


@pytest.mark.parametrize("password", ["", "short", "elevenchars", "x" * 1001, "ab " * 400])
def test_length_has_bounds(password: str) -> None:
    with pytest.raises(rules.BadPassword):
        rules.check_new_password(password, **OWN)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=1100))
def test_any_text_is_either_a_password_or_refused_with_a_reason(text: str) -> None:
    try:
        taken = rules.check_new_password(text, **OWN)
    except rules.BadPassword as error:
        assert error.hint
    else:
        assert 12 <= len(taken) <= 1000
        assert rules.normal_password(taken) == taken


def test_strength_grows_with_length_and_variety() -> None:
    words = ["password1234", "blueharbour", "harbourlamps", "Harbour lamps 7!", "four quiet lamps"]
    assert [rules.strength(word) for word in words[:2]] == ["weak", "weak"]
    assert rules.strength("harbourlamps") == "fair"
    assert rules.strength("four quiet lamps") == "good"
    assert rules.strength("four quiet harbour lamps at Moss") == "strong"


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("currency", " nok ", "NOK"),
        ("currency", "", None),
        ("currency", None, None),
        ("currency", "XOF", "XOF"),
        ("language", "nb", "nb"),
        ("theme", "dark", "dark"),
        ("time_zone", "Asia/Tokyo", "Asia/Tokyo"),
        ("hide_amounts", True, True),
        ("shortcuts", False, False),
        ("date_format", "month-first", "month-first"),
        ("dashboard_layout", None, {}),
        ("dashboard_layout", {"order": ["flow"], "hidden": []}, {"order": ["flow"]}),
    ],
)
def test_a_setting_is_changed_alone(name: str, value: object, stored: object) -> None:
    after = asdict(rules.changed(Settings(), {name: value}))
    assert after == {**asdict(Settings()), name: stored}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "XAU"), ("currency", "XXX"), ("currency", "euro"), ("currency", "N K"),
        ("language", "sv"), ("language", None), ("theme", ""), ("time_zone", "Oslo"),
        ("time_zone", "../etc/passwd"), ("time_zone", ""), ("time_zone", None),
        ("time_zone", "a" * 5000), ("hide_amounts", "1"), ("shortcuts", None), ("role", "admin"),
        ("user_id", "x"), ("date_format", "d/m"), ("dashboard_layout", ["flow"]),
        ("dashboard_layout", {"order": ["rain"]}), ("dashboard_layout", {"first": ["flow"]}),
        ("dashboard_layout", {"hidden": ["flow", "flow"]}), ("dashboard_layout", {"order": [[1]]}),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_names_its_field(name: str, value: object) -> None:
    with pytest.raises(Refused) as caught:
        rules.changed(Settings(), {name: value})
    assert caught.value.field == name


def test_scopes_keep_their_order_and_unknown_ones_are_named() -> None:
    assert rules.read_scopes(["net_worth:read", "accounts:read", "accounts:read"]) == [
        "accounts:read",
        "net_worth:read",
    ]
    assert rules.read_scopes([*reversed(SCOPES)]) == [*SCOPES]
    for wanted in ([], ["tokens:write"], ["accounts:read", "everything"], ["profile:read"]):
        with pytest.raises(rules.BadChoice) as caught:
            rules.read_scopes(wanted)
        assert caught.value.field == "scopes"


@pytest.mark.parametrize(("days", "ends"), [("", None), (" ", None), ("1", 1), ("3650", 3650)])
def test_days_of_a_token(days: str, ends: int | None) -> None:
    assert rules.token_end(NOW, days) == (None if ends is None else NOW + timedelta(days=ends))


@pytest.mark.parametrize("days", ["0", "-1", "3651", "1.5", "ten", "9" * 30, "²"])
def test_days_that_are_none(days: str) -> None:
    with pytest.raises(rules.BadChoice):
        rules.token_end(NOW, days)


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
         "Firefox · Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
         "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        ("curl/8.5", "curl/8.5"),
        (None, "–"),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_know_it(agent: str | None, shown: str) -> None:
    assert rules.browser(agent) == shown


@pytest.mark.parametrize(
    "name",
    ["localtime", "posixrules", "Factory", "right/UTC", "posix/UTC", "posix/Europe/Oslo", "",
     "europe/oslo", "Europe/Oslo ", "../UTC", "/etc/localtime", "CEST", "+02:00"],
)  # fmt: skip
def test_time_zones_that_are_no_place_are_refused(name: str) -> None:
    with pytest.raises(rules.BadChoice) as refused:
        rules.changed(Settings(), {"time_zone": name})
    assert refused.value.field == "time_zone"
    assert "Europe/Oslo" in (refused.value.hint or "")
