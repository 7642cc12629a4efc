"""Every text that a person can see exists in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from strongroom.ui import Preferences, gettext, ngettext, using
from strongroom.ui.catalogue import domains, extract, main, problems, update
from strongroom.ui.environment import environment, template_names
from strongroom.ui.language import catalogue_files, translations


@pytest.mark.parametrize("domain", domains())
def test_every_text_is_translated(domain: str) -> None:
    """To mend: ``python -m strongroom.ui.catalogue extract DOMAIN``, then fill in its .po file."""
    assert problems(domain, "nb") == []


def test_extraction_finds_templates_and_python() -> None:
    found = extract("ui")
    assert "View as table" in found, "from a template"
    assert "Enter an amount." in found, "from Python"
    assert ("%(num)s transaction", "%(num)s transactions") in [m.id for m in found]


def test_every_template_compiles() -> None:
    names = template_names()
    assert "ui/base.html" in names
    for name in names:
        environment().get_template(name)


def test_languages_differ_and_nothing_leaks_out() -> None:
    with using(Preferences(locale="nb")):
        assert gettext("Overview") == "Oversikt"
        assert ngettext("%(num)s transaction", "%(num)s transactions", 1) == "1 transaksjon"
        assert ngettext("%(num)s transaction", "%(num)s transactions", 2) == "2 transaksjoner"
        assert gettext("%(bank)s is linked.", bank="DNB") == "DNB er koblet til."
    assert gettext("Overview") == "Overview"
    assert ngettext("%(num)s transaction", "%(num)s transactions", 1) == "1 transaction"


def test_every_catalogue_compiles() -> None:
    assert catalogue_files("nb")
    assert len(translations("nb")._catalog) > 100  # type: ignore[attr-defined]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A project of two domains: one text each of its own and one that both have."""
    for domain, text in (("first", "Only here"), ("second", "Only there")):
        folder = tmp_path / domain
        (folder / "templates").mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "templates" / "page.html").write_text(
            f'{{{{ _("{text}") }}}} {{{{ _("%(n)s of both", n=1) }}}}'
        )
    return tmp_path


def test_a_text_without_translation_is_reported(package: Path) -> None:
    assert update("first", "nb", package) == 2
    found = problems("first", "nb", package)
    assert len(found) == 2
    assert "first/templates/page.html: 'Only here' has no translation into nb." in found


def test_translations_are_kept_and_shared_between_domains(package: Path) -> None:
    update("first", "nb", package)
    path = package / "first/locale/nb/LC_MESSAGES/strongroom.po"
    filled = path.read_text().replace(
        'msgid "%(n)s of both"\nmsgstr ""', 'msgid "%(n)s of both"\nmsgstr "%(n)s av begge"'
    )
    assert filled != path.read_text()
    path.write_text(filled)
    assert update("first", "nb", package) == 1
    assert path.read_text() == filled
    assert len(problems("second", "nb", package)) == 1
    assert update("second", "nb", package) == 1


def test_a_wrong_placeholder_is_reported(package: Path) -> None:
    update("first", "nb", package)
    path = package / "first/locale/nb/LC_MESSAGES/strongroom.po"
    path.write_text(
        path.read_text()
        .replace('"%(n)s of both"\nmsgstr ""', '"%(n)s of both"\nmsgstr "%(m)s av begge"')
        .replace('"Only here"\nmsgstr ""', '"Only here"\nmsgstr "Bare her"')
    )
    (problem,) = problems("first", "nb", package)
    assert "of both" in problem


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate"]) == 2
    assert "extract|check|compile" in capsys.readouterr().out
    assert main(["compile"]) == 0
