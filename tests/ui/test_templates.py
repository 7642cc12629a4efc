"""Templates: what a person wrote is text wherever it comes back, in messages about it too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from strongroom.ui.environment import environment
from strongroom.ui.language import PACKAGE

TEMPLATES = sorted(PACKAGE.glob("*/templates/*.html"))
HOSTILE = "'<a href=//evil.test>100 %</a>' is not a number."


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_only_texts_of_the_program_are_filled_in(path: Path) -> None:
    # What gettext returns is formatted: a message with a person's words in it goes through the
    # filter ``translated``. With keywords, it is one of a table's titles with a name to fill in.
    text = path.read_text(encoding="utf-8")
    calls = re.findall(r"(?<![\w.])(?:gettext|_)\((?=[^\"'\s)])([^)]*)", text)
    assert [call for call in calls if "=" not in call] == []


def test_a_message_with_markup_is_text() -> None:
    page = environment().from_string("{{ message|translated }}").render(message=HOSTILE)
    assert "<a" not in page
    assert "&lt;a href=//evil.test&gt;100 %&lt;/a&gt;" in page


def test_a_text_that_is_taken_for_the_programs_own_is_no_markup_either() -> None:
    page = environment().from_string("{{ gettext(message) }}").render(message="<b>bold</b>")
    assert page == "&lt;b&gt;bold&lt;/b&gt;"
    filled = environment().from_string('{{ _("%(name)s is here.", name=name) }}')
    assert filled.render(name="<i>") == "&lt;i&gt; is here."
