"""How a person wants pages to look and read: language, theme, hidden amounts, shortcuts.

Holds values and their cookies only; who the person is and where the account keeps its settings
is identity's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from strongroom.core.money import Currency

Locale = Literal["en", "nb"]
Theme = Literal["auto", "light", "dark"]
DateFormat = Literal["locale", "iso", "day-first", "month-first"]


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages.

    ``tag`` is for ``<html lang>`` and the browser's Intl, ``cldr`` for dates and numbers. English
    takes its dates from Britain (20 Nov 2026, 14:30) because they read the same everywhere.
    ``day_first`` is how it writes a day in digits.
    """

    tag: str
    cldr: str
    name: str
    day_first: str


LANGUAGES: Final[Mapping[Locale, Language]] = {
    "en": Language(tag="en-GB", cldr="en_GB", name="English", day_first="dd/MM/yyyy"),
    "nb": Language(tag="nb-NO", cldr="nb_NO", name="Norsk", day_first="dd.MM.yyyy"),
}
THEMES: Final[tuple[Theme, ...]] = ("auto", "light", "dark")

# One cookie each, so that one can change without reading the others.
COOKIES: Final = ("locale", "theme", "hide_amounts", "shortcuts")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a page needs to know of its reader.

    ``currency`` is the home currency, ``time_zone`` an IANA name that decides what "today" is,
    ``shortcuts`` whether single-key shortcuts work (WCAG 2.1.4 asks for the switch);
    ``date_format`` is as the language writes days, or in digits.
    """

    locale: Locale = "en"
    theme: Theme = "auto"
    hide_amounts: bool = False
    currency: Currency = Currency("EUR")  # noqa: RUF009 - a str, immutable
    time_zone: str = "UTC"
    shortcuts: bool = True
    date_format: DateFormat = "locale"

    @property
    def date_pattern(self) -> str:
        """How a day is written in digits, such as ``dd/MM/yyyy``; empty where in words."""
        return {
            "locale": "",
            "iso": "yyyy-MM-dd",
            "day-first": self.language.day_first,
            "month-first": "MM/dd/yyyy",
        }[self.date_format]

    @property
    def language(self) -> Language:
        """The language's tags."""
        return LANGUAGES[self.locale]


def read_preferences(
    cookies: Mapping[str, str], *, accept_language: str = "", saved: Preferences | None = None
) -> Preferences:
    """Return ``saved`` (or the defaults) with what the browser's cookies say on top.

    Without a saved choice and without a cookie, the first language of ``Accept-Language`` that we
    speak is taken. A cookie with a value we do not know is ignored.
    """
    preferences = saved or Preferences(locale=preferred_locale(accept_language))
    for name in COOKIES:
        preferences = with_choice(preferences, name, cookies.get(name, ""))
    return preferences


def with_choice(preferences: Preferences, name: str, value: str) -> Preferences:
    """Return ``preferences`` with one choice as text changed; unknown names and values change none.

    Flags are ``1`` and ``0``.
    """
    if name == "locale" and value in LANGUAGES:
        return replace(preferences, locale=cast(Locale, value))
    if name == "theme" and value in THEMES:
        return replace(preferences, theme=value)
    if name == "hide_amounts" and value in {"0", "1"}:
        return replace(preferences, hide_amounts=value == "1")
    if name == "shortcuts" and value in {"0", "1"}:
        return replace(preferences, shortcuts=value == "1")
    return preferences


def preferred_locale(accept_language: str) -> Locale:
    """Return the language we speak that the header asks for most, English if none.

    Norwegian Nynorsk and plain Norwegian get Bokmål. RFC 9110, section 12.5.4.
    """
    best: Locale = "en"
    best_weight = 0
    for part in accept_language[:500].split(","):
        tag, _, quality = part.strip().partition(";q=")
        locale: Locale | None = {"en": "en", "nb": "nb", "no": "nb", "nn": "nb"}.get(  # type: ignore[assignment]
            tag.split("-")[0].lower()
        )
        weight = _thousandths(quality)
        if locale and weight > best_weight:
            best, best_weight = locale, weight
    return best


def _thousandths(quality: str) -> int:
    """Return a header weight such as ``0.8`` as 800; absent is 1000, nonsense 0."""
    if not quality:
        return 1000
    whole, _, fraction = quality.strip().partition(".")
    if whole not in {"0", "1"} or not (fraction or "0").isdecimal():
        return 0
    return min(1000, int(whole) * 1000 + int(fraction[:3].ljust(3, "0")))
