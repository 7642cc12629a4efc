"""Speaking a person's language: whose preferences hold right now, and their translated texts.

Texts live in each domain's ``locale/<language>/LC_MESSAGES/strongroom.po`` and are read when a
language is first spoken; English is the source and needs no file. Dates and amounts are elsewhere.
"""

import gettext as gettext_module
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from strongroom.ui.preferences import Locale, Preferences

PACKAGE: Final = Path(__file__).resolve().parent.parent
SOURCE_LANGUAGE: Final[Locale] = "en"

_current: ContextVar[Preferences] = ContextVar("preferences", default=Preferences())  # noqa: B039


def current() -> Preferences:
    """Return the preferences that hold in this task: the defaults outside ``using``."""
    return _current.get()


@contextmanager
def using(preferences: Preferences) -> Iterator[None]:
    """Let ``preferences`` decide language and format for everything called inside."""
    token = _current.set(preferences)
    try:
        yield
    finally:
        _current.reset(token)


def speak(preferences: Preferences) -> None:
    """Let ``preferences`` hold for the rest of this task, or of the ``using`` around it.

    For an edge that learns in the middle of a request who its reader is.
    """
    _current.set(preferences)


def gettext(message: str, **values: object) -> str:
    """Return ``message`` in the current language, with ``%(name)s`` filled from ``values``."""
    text = found(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """Return the form for ``n``; ``%(num)s`` is ``n`` unless given."""
    return found_plural(singular, plural, n) % {"num": n, **values}


def found(message: str) -> str:
    """Return the translation with its placeholders, for a caller that fills them itself."""
    return translations(current().locale).gettext(message) if message else ""


def found_plural(singular: str, plural: str, n: int) -> str:
    """Return the form for ``n`` with its placeholders, likewise."""
    return translations(current().locale).ngettext(singular, plural, n)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark ``message`` for the catalogue and return it as it is."""
    return message


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text of the catalogue that is kept and said later, in the language that is spoken then.

    ``facts`` fill its ``%(name)s`` as they are, ``words`` as texts of the catalogue themselves.
    As ``str`` it is in English.
    """

    text: str
    facts: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self._filled(self.text, self.words)

    @property
    def said(self) -> str:
        """The sentence in the current language."""
        return self._filled(
            gettext(self.text), {name: gettext(word) for name, word in self.words.items()}
        )

    def _filled(self, text: str, words: Mapping[str, str]) -> str:
        values = {**self.facts, **words}
        return text % values if values else text


def catalogue_files(locale: Locale) -> list[Path]:
    """Return every domain's catalogue of a language, in the order of the domains' names."""
    return sorted(PACKAGE.glob(f"*/locale/{locale}/LC_MESSAGES/strongroom.po"))


@cache
def translations(locale: Locale) -> gettext_module.NullTranslations:
    """Return the texts of a language, read and compiled in memory the first time it is spoken.

    No binary catalogue is kept, so text and program cannot drift apart.
    """
    if locale == SOURCE_LANGUAGE:
        return gettext_module.NullTranslations()
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    merged = Catalog(locale=locale, charset="utf-8")
    for path in catalogue_files(locale):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale, ignore_obsolete=True):
                if message.id and message.string and not message.fuzzy:
                    merged[message.id] = message
    buffer = BytesIO()
    write_mo(buffer, merged)
    buffer.seek(0)
    return gettext_module.GNUTranslations(buffer)
