"""What a person reads: texts in their language, money and dates, charts, the page's shell.

Pages give a template and plain values to ``ui.responses.render``; this door needs no HTTP, so that
commands and services may enter it too. Nothing here knows an account or a database.
"""

from strongroom.ui import charts
from strongroom.ui.amounts import AmountNotReadable, parse_amount
from strongroom.ui.dates import ago, show_date
from strongroom.ui.figures import money, number, percent
from strongroom.ui.language import N_, Sentence, current, gettext, ngettext, speak, using
from strongroom.ui.preferences import LANGUAGES, Preferences, preferred_locale, read_preferences
from strongroom.ui.shell import (
    CONTENT_SECURITY_POLICY,
    NAVIGATION,
    SECURITY_HEADERS,
    NavItem,
    Person,
)

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "LANGUAGES",
    "NAVIGATION",
    "N_",
    "SECURITY_HEADERS",
    "AmountNotReadable",
    "NavItem",
    "Person",
    "Preferences",
    "Sentence",
    "ago",
    "charts",
    "current",
    "gettext",
    "money",
    "ngettext",
    "number",
    "parse_amount",
    "percent",
    "preferred_locale",
    "read_preferences",
    "show_date",
    "speak",
    "using",
]
