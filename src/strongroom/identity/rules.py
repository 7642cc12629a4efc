"""What identity accepts: e-mail addresses, names, passwords, settings; and how long sessions last.

Pure: no database, no clock, no randomness.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from strongroom.core.errors import Refused
from strongroom.core.money import NO_CURRENCY, BadCurrency, Currency, currency, is_official
from strongroom.identity.types import (
    CARDS,
    SCOPES,
    DateFormat,
    Limit,
    Settings,
    Strength,
)
from strongroom.ui import N_

IDLE: Final = timedelta(days=14)
"""A session ends when it was not used for so long."""
ABSOLUTE: Final = timedelta(days=90)
"""A session ends so long after the person signed in, used or not."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use of a session or token is kept: a write each minute, not each page."""

SIGN_INS_PER_ADDRESS: Final = Limit(60, timedelta(minutes=15))
SIGN_INS_PER_EMAIL_AND_ADDRESS: Final = Limit(20, timedelta(minutes=15))
SIGN_INS_PER_EMAIL: Final = Limit(300, timedelta(minutes=15))
"""From all addresses together; far above the other, so that few strangers lock nobody out."""
SIGN_INS_PER_KNOWN_BROWSER: Final = Limit(20, timedelta(minutes=15))
SIGN_UPS_PER_ADDRESS: Final = Limit(30, timedelta(hours=1))
PASSWORD_CHECKS_PER_PERSON: Final = Limit(20, timedelta(minutes=15))

DATE_FORMATS: Final[tuple[DateFormat, ...]] = ("locale", "iso", "day-first", "month-first")
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 1000
_LONGEST_NAME = 100
_LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
_EMAIL = re.compile(r"[^@\s\x00-\x1f<>]{1,64}@[^@\s\x00-\x1f<>]+\Z")

_LEET = str.maketrans("01345678@$!|+", "oieasgtbasiit")
_COMMON_WORDS = re.compile(
    "password|passwort|passord|passphrase|qwerty|qwertz|azerty|asdf|zxcv|letmein|welcome|velkommen"
    "|admin|administrator|strongroom|iloveyou|monkey|dragon|football|fotball|baseball|superman"
    "|batman|princess|sunshine|shadow|master|secret|hemmelig|login|changeme|default|guest|test|user"
    "|hello|whatever|trustno|abc|xyz|sommer|summer|winter|vinter|spring|autumn|pass|qaz|wsx"
)
_RUNS = (
    "0123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)


class BadEmail(Refused):
    """The text is not an e-mail address."""


class BadName(Refused):
    """The name is empty or too long."""


class BadPassword(Refused):
    """The new password is too short, too long or too easily guessed."""


class BadChoice(Refused):
    """A setting was given a value that it cannot have."""


def read_email(text: str) -> str:
    """Return an e-mail address in the form it is stored in: trimmed, NFC, lower case.

    Raises ``BadEmail``. Whether mail arrives there is not asked: nothing is ever sent.
    """
    email = unicodedata.normalize("NFC", text.strip().lower())
    if len(email) > _LONGEST_EMAIL or not _EMAIL.match(email):
        raise BadEmail(
            N_("That is not an e-mail address."),
            field="email",
            hint=N_("Write it as kari@example.com."),
        )
    return email


def read_name(text: str, *, name_of: str) -> str:
    """Return a name, or nothing, without surrounding or repeated space. Raises ``BadName``."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadName(
            N_("That name is too long, or holds characters that cannot be shown."),
            field=name_of,
            hint=N_("Use at most 100 characters."),
        )
    return name


def normal_password(text: str) -> str:
    """Return the form that is hashed: NFKC, so that every keyboard writes the same password."""
    return unicodedata.normalize("NFKC", text)


def check_new_password(text: str, *, email: str, name: str, field: str = "password") -> str:
    """Return the normal form of a password that may be used from now on. Raises ``BadPassword``.

    At least 12 characters and no rules about which (NIST SP 800-63B); refused are those that a
    guesser tries first: common words with digits around them, runs, repeats, and one's own name.
    """
    password = normal_password(text)
    if len(password) < SHORTEST_PASSWORD:
        raise BadPassword(
            N_("The password is too short: it needs at least 12 characters."),
            field=field,
            hint=N_("Four random words make a good one."),
        )
    if len(password) > LONGEST_PASSWORD:
        raise BadPassword(
            N_("The password is longer than 1,000 characters."),
            field=field,
            hint=N_("Use a shorter one."),
        )
    if _guessable(password, [email.partition("@")[0], email, *name.split()]):
        raise BadPassword(
            N_("That password is among the first a guesser would try."),
            field=field,
            hint=N_("Four random words make a good one."),
        )
    return password


def strength(password: str) -> Strength:
    """Return how hard a password is to guess, in a word; an estimate from length and variety."""
    text = normal_password(password)
    if len(text) < SHORTEST_PASSWORD or _guessable(text, []):
        return "weak"
    kinds = sum(
        any(test(character) for character in text)
        for test in (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    )
    score = min(len(text), 40) + 3 * (kinds - 1) + min(len(set(text)), 16) // 2
    return "fair" if score < 22 else "good" if score < 30 else "strong"


def _guessable(password: str, own: list[str]) -> bool:
    """Whether little is left once common words, runs, repeats and one's own names are taken out."""
    text = password.lower()
    if len(set(text)) < 5:
        return True
    plain = text
    for word in sorted(own, key=len, reverse=True):
        if len(word) >= 4:
            plain = plain.replace(word.lower(), "")
    plain = _without_runs(plain).translate(_LEET)
    rest = re.sub(r"[\W\d_]+", "", _COMMON_WORDS.sub("", plain))
    return len(set(rest)) < 4


def _without_runs(text: str) -> str:
    """Take out stretches of four or more neighbours on the keyboard or in the alphabet."""
    kept: list[str] = []
    at = 0
    while at < len(text):
        length = max(_run_length(text[at:], run) for run in (*_RUNS, *(r[::-1] for r in _RUNS)))
        if length < 4:
            kept.append(text[at])
            length = 1
        at += length
    return "".join(kept)


def _run_length(text: str, run: str) -> int:
    start = run.find(text[:4])
    if start < 0 or len(text) < 4:
        return 0
    length = 4
    while length < len(text) and run[start : start + length + 1] == text[: length + 1]:
        length += 1
    return length


def read_scopes(wanted: list[str]) -> list[str]:
    """Return the scopes in their order, each once. Raises ``BadChoice``."""
    unknown = sorted(set(wanted) - set(SCOPES))
    if unknown or not wanted:
        raise BadChoice(
            f"{unknown[0]!r} is no scope of a token." if unknown else "A token needs a scope.",
            field="scopes",
            hint=f"Choose from {', '.join(SCOPES)}.",
        )
    return [scope for scope in SCOPES if scope in wanted]


def changed(settings: Settings, wanted: Mapping[str, Any]) -> Settings:
    """Return ``settings`` with the fields in ``wanted`` changed. Raises ``BadChoice``.

    The message names the field and what it may hold.
    """
    for name, value in wanted.items():
        settings = replace(settings, **{name: _read_setting(name, value)})
    return settings


def _read_setting(name: str, value: object) -> Any:
    if name == "currency":
        return _read_currency(value)
    if name in _CHOICES:
        return _read_choice(name, value)
    if name in ("hide_amounts", "shortcuts"):
        if not isinstance(value, bool):
            raise BadChoice(f"{name} must be true or false.", field=name)
        return value
    if name == "time_zone" and isinstance(value, str):
        return _read_time_zone(value)
    if name == "dashboard_layout":
        return _read_layout(value)
    raise BadChoice(f"There is no setting {name!r} of that kind.", field=name)


_CHOICES: Final = {
    "language": ("en", "nb"),
    "theme": ("auto", "light", "dark"),
    "date_format": DATE_FORMATS,
}


def _read_choice(name: str, value: object) -> object:
    if value not in _CHOICES[name]:
        raise BadChoice(f"{name} must be one of: {', '.join(_CHOICES[name])}.", field=name)
    return value


def _read_layout(value: object) -> dict[str, list[str]]:
    """Return which cards come first, and which not at all, each named once."""
    layout = {} if value is None else value
    if (
        not isinstance(layout, dict)
        or not set(layout) <= {"order", "hidden"}
        or not all(_are_cards(names) for names in layout.values())
    ):
        raise BadChoice(
            f"dashboard_layout holds order and hidden, each a list of: {', '.join(CARDS)}.",
            field="dashboard_layout",
        )
    return {key: list(names) for key, names in layout.items() if names}


def _are_cards(names: object) -> bool:
    return (
        isinstance(names, list)
        and all(isinstance(one, str) for one in names)
        and set(names) <= set(CARDS)
        and len(set(names)) == len(names)
    )


# ISO 4217 codes of metals, units of account, tests and "no currency".
_NOT_MONEY: Final = frozenset("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split())


def _read_currency(value: object) -> Currency | None:
    if value is None or value == "":
        return None
    try:
        code = currency(str(value))
    except BadCurrency:
        code = NO_CURRENCY
    if not is_official(code) or code in _NOT_MONEY:
        raise BadChoice(
            N_("That is not the code of a currency."),
            field="currency",
            hint=N_("Use an ISO 4217 code such as NOK, EUR or USD."),
        )
    return code


@cache
def time_zones() -> frozenset[str]:
    """Return the names a time zone may have: places, and what PostgreSQL knows by the same name.

    ``localtime`` and ``posixrules`` are this machine's own, ``posix/`` and ``right/`` (which counts
    leap seconds) are other readings of the same zones, and ``Factory`` is none.
    """
    return frozenset(
        name
        for name in available_timezones()
        if name not in ("localtime", "posixrules", "Factory")
        and not name.startswith(("posix/", "right/"))
    )


def _read_time_zone(name: str) -> str:
    if name not in time_zones():
        raise BadChoice(
            N_("That is not the name of a time zone."),
            field="time_zone",
            hint=N_("Use an IANA name such as Europe/Oslo."),
        )
    return name


def session_ends(now: datetime) -> tuple[datetime, datetime]:
    """Return when a session that starts at ``now`` ends if it is not used, and in any case."""
    return now + IDLE, now + ABSOLUTE


def token_end(now: datetime, days: str) -> datetime | None:
    """Return when a token ends that works for so many days; for ever if none are given.

    Raises ``BadChoice``.
    """
    if not days.strip():
        return None
    if not days.strip().isdecimal() or not 1 <= int(days) <= _MOST_TOKEN_DAYS:
        raise BadChoice(N_("Write a number of days from 1 to 3650, or nothing."), field="days")
    return now + timedelta(days=int(days))


def browser(user_agent: str | None) -> str:
    """Return the name of a browser and its system, as far as it tells; for people to recognise."""
    agent = user_agent or ""
    name = next((shown for mark, shown in _BROWSERS if mark in agent), agent[:40] or "–")
    system = next((shown for mark, shown in _SYSTEMS if mark in agent), "")
    return f"{name} · {system}" if system else name


_MOST_TOKEN_DAYS = 3650
# The more special first: most browsers also name those that they descend from.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
