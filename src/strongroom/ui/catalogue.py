"""Keeping the translations complete: ``python -m strongroom.ui.catalogue extract|check|compile``.

Texts are taken from every domain's templates and Python files into that domain's own catalogue,
``<domain>/locale/<language>/LC_MESSAGES/strongroom.po``. Never runs while pages are served.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from strongroom.ui.language import PACKAGE, SOURCE_LANGUAGE, catalogue_files, translations
from strongroom.ui.preferences import LANGUAGES, Locale

_KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
_TRANSLATED: Final[tuple[Locale, ...]] = tuple(
    locale for locale in LANGUAGES if locale != SOURCE_LANGUAGE
)
_WIDTH: Final = 100
# Catalogues carry a date; a fixed one keeps them equal when nothing changed.
_SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)


def domains(package: Path = PACKAGE) -> list[str]:
    """Return the folders that may hold texts."""
    return sorted(path.name for path in package.iterdir() if (path / "__init__.py").is_file())


def extract(domain: str, package: Path = PACKAGE) -> Catalog:
    """Return a template catalogue of one domain's texts, with the files they stand in."""
    found = Catalog(charset="utf-8")
    for path in _sources(package, domain):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}
        for line, message, comments, context in extract_from_file(
            method, path, keywords=_KEYWORDS, comment_tags=("Translators:",), options=options
        ):
            name = path.relative_to(package).as_posix()
            found.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return found


def update(domain: str, locale: Locale, package: Path = PACKAGE) -> int:
    """Write a domain's catalogue anew, keeping translations; return how many texts lack one.

    A text that another domain has translated is filled in from there. Texts that are gone are
    dropped.
    """
    template = extract(domain, package)
    path = package / domain / "locale" / locale / "LC_MESSAGES" / "strongroom.po"
    known = merged(locale, package)
    fresh = Catalog(
        locale=locale,
        charset="utf-8",
        fuzzy=False,
        project="Strongroom",
        version="1",
        header_comment=f"# The texts of {domain} in {LANGUAGES[locale].name}.",
        msgid_bugs_address="the project's issues",
        last_translator="the project's contributors",
        language_team=LANGUAGES[locale].name,
        creation_date=_SINCE,
        revision_date=_SINCE,
    )
    lacking = 0
    for message in _texts(template):
        translated = known.get(message.id)
        string = translated.string if translated and not translated.fuzzy else None
        lacking += not _complete(message, string)
        # No line numbers: they would change the file with every edit of a template.
        files = sorted({(name, 0) for name, _ in message.locations})
        fresh.add(message.id, string, files, flags=message.flags)
    if len(fresh) == 0 and not path.exists():
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file, fresh, width=_WIDTH, sort_output=True, omit_header=False, include_lineno=False
        )
    return lacking


def merged(locale: Locale, package: Path = PACKAGE) -> Catalog:
    """Return every domain's translations of a language in one catalogue."""
    known = Catalog(locale=locale, charset="utf-8")
    for path in sorted(package.glob(f"*/locale/{locale}/LC_MESSAGES/strongroom.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale, ignore_obsolete=True):
                if message.id and message.string:
                    known[message.id] = message
    return known


def problems(domain: str, locale: Locale, package: Path = PACKAGE) -> list[str]:
    """Return one sentence for each text of a domain that is not translated, or wrongly.

    Wrongly: a placeholder of the text is missing in the translation, or the other way round.
    """
    known = merged(locale, package)
    found = []
    for message in _texts(extract(domain, package)):
        where = ", ".join(sorted({name for name, _ in message.locations}))
        translated = known.get(message.id)
        if translated is None or translated.fuzzy or not _complete(message, translated.string):
            found.append(f"{where}: {message.id!r} has no translation into {locale}.")
        else:
            found += [f"{where}: {message.id!r} into {locale}: {e}" for e in translated.check()]
    return found


def _texts(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _complete(message: Message, string: object) -> bool:
    if isinstance(message.id, str):
        return bool(string)
    return isinstance(string, list | tuple) and bool(string) and all(string)


def _sources(package: Path, domain: str) -> Iterator[Path]:
    """Return a domain's files; the entry points beside the domains count as part of ``ui``."""
    if domain == "ui":
        yield from sorted(package.glob("*.py"))
    yield from sorted((package / domain).rglob("*.py"))
    yield from sorted((package / domain / "templates").rglob("*.html"))


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is 0 when every text is translated."""
    command, *chosen = arguments or ["check"]
    if command not in {"extract", "check", "compile"}:
        print("Use: python -m strongroom.ui.catalogue extract|check|compile [domain ...]")
        return 2
    lacking = 0
    for locale in _TRANSLATED:
        if command == "compile":
            count = len(translations(locale)._catalog)  # type: ignore[attr-defined]
            print(f"{locale}: {len(catalogue_files(locale))} files, {count} forms compile.")
            continue
        for domain in chosen or domains():
            if command == "extract":
                lacking += (missing := update(domain, locale))
                print(f"{domain}: {missing} texts lack a translation into {locale}.")
            else:
                found = problems(domain, locale)
                lacking += len(found)
                print("\n".join(found), end="\n" if found else "")
    if command == "check" and not lacking:
        print("Every text is translated.")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
