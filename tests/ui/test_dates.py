"""Days and instants as a person reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from strongroom.ui import Preferences, ago, show_date, using

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("style", "english", "norwegian"),
    [
        ("medium", "20 Nov 2026", "20. nov. 2026"),
        ("day", "Friday, 20 November 2026", "fredag 20. november 2026"),
        ("short", "20 Nov", "20. nov."),
        ("month", "Nov 2026", "nov. 2026"),
        ("name", "Nov", "nov"),
    ],
)
def test_days(style: str, english: str, norwegian: str) -> None:
    assert show_date(DAY, style) == english  # type: ignore[arg-type]
    with using(Preferences(locale="nb")):
        assert show_date(DAY, style) == norwegian  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "english", "norwegian", "short"),
    [
        ("iso", "2026-11-20", "2026-11-20", "11-20"),
        ("day-first", "20/11/2026", "20.11.2026", "20/11"),
        ("month-first", "11/20/2026", "11/20/2026", "11/20"),
    ],
)
def test_days_in_digits_for_those_who_want_them_so(
    wanted: Any, english: str, norwegian: str, short: str
) -> None:
    with using(Preferences(date_format=wanted)):
        assert show_date(DAY) == english
        assert show_date(DAY, "day") == f"Friday {english}"
        assert show_date(DAY, "short") == short
        assert show_date(NOW, "instant") == f"{english}, 23:30"
        assert (show_date(DAY, "month"), show_date(DAY, "name")) == ("Nov 2026", "Nov")
    with using(Preferences(locale="nb", date_format=wanted)):
        assert show_date(DAY) == norwegian


def test_instants_are_shown_where_the_person_lives() -> None:
    with using(Preferences(time_zone="Europe/Oslo")):
        assert show_date(NOW) == "21 Nov 2026"
        assert show_date(NOW, "instant") == "21 Nov 2026, 00:30"
        assert show_date(NOW, "time") == "00:30"
    assert show_date(NOW, "instant") == "20 Nov 2026, 23:30"


def test_ago_in_words() -> None:
    assert ago(NOW - timedelta(days=3), NOW) == "3 days ago"
    assert ago(NOW - timedelta(seconds=20), NOW) == "just now"
    assert ago(NOW + timedelta(hours=2), NOW) == "in 2 hours"
    with using(Preferences(locale="nb")):
        assert ago(NOW - timedelta(days=3), NOW) == "for 3 døgn siden"
        assert ago(NOW, NOW) == "akkurat nå"


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(TypeError):
        show_date(DAY, "time")
    with pytest.raises(ValueError, match="time zone"):
        show_date(NOW.replace(tzinfo=None))
