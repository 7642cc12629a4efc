"""The templates of every domain: finding them, and what they may call.

Knows where they stand and nothing of what is in them. The answer around a page is ``responses``.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from jinja2.loaders import split_template_path
from markupsafe import escape

from strongroom.core import ids
from strongroom.ui import charts, dates, figures
from strongroom.ui.assets import static_url
from strongroom.ui.language import PACKAGE, current, found, found_plural
from strongroom.ui.preferences import LANGUAGES


class DomainLoader(BaseLoader):
    """Finds ``accounts/list.html`` in ``accounts/templates/list.html``, for every domain folder."""

    def __init__(self, package: Path = PACKAGE) -> None:
        self._package = package

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return the source, its path and whether it is still fresh."""
        domain, *rest = split_template_path(template)
        path = self._package.joinpath(domain, "templates", *rest)
        try:
            source = path.read_text(encoding="utf-8")
            changed = path.stat().st_mtime_ns
        except OSError as error:
            raise TemplateNotFound(template) from error
        return source, str(path), lambda: path.is_file() and path.stat().st_mtime_ns == changed

    def list_templates(self) -> list[str]:
        """Return every domain's templates by the names that ``render`` takes."""
        return sorted(
            f"{folder.parent.name}/{path.relative_to(folder).as_posix()}"
            for folder in self._package.glob("*/templates")
            for path in folder.rglob("*.html")
        )


@cache
def environment() -> Environment:
    """Return the one environment of the process, built when the first page is rendered."""
    made = Environment(
        loader=DomainLoader(),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The extension takes what these return for markup, so it has to be: a text is none. It adds
    # the method when it is loaded; Jinja's types do not know it.
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: escape(found(text)),
        lambda one, many, n: escape(found_plural(one, many, n)),
        newstyle=True,
    )
    made.filters.update(
        money=figures.money,
        number=figures.number,
        percent=figures.percent,
        date=dates.show_date,
        ago=dates.ago,
        translated=found,
    )
    made.globals.update(
        static_url=static_url,
        show_id=ids.show,
        draw=charts.draw,
        sparkline=charts.draw_sparkline,
        spending_bar=charts.draw_spending_bar,
        hundred=charts.draw_hundred,
        chance_bar=charts.draw_chance_bar,
        lever_bar=charts.draw_lever_bar,
        preferences=current,
        languages=LANGUAGES,
    )
    return made


def template_names() -> list[str]:
    """Return every template of every domain, for tests and the catalogue."""
    return DomainLoader().list_templates()
