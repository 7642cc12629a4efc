"""The look of every page: templates, charts, the money and date texts, the page's shell.

Domains give a template and plain values to ``render``. Nothing here knows an account or a database.
"""

from strongroom.ui import charts
from strongroom.ui.amounts import AmountNotReadable, parse_amount
from strongroom.ui.assets import MOUNTED_AT, static_app, static_url
from strongroom.ui.dates import ago, show_date
from strongroom.ui.environment import here, is_local, redirect, render, swap_targets
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
    "MOUNTED_AT",
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
    "here",
    "is_local",
    "money",
    "ngettext",
    "number",
    "parse_amount",
    "percent",
    "preferred_locale",
    "read_preferences",
    "redirect",
    "render",
    "show_date",
    "speak",
    "static_app",
    "static_url",
    "swap_targets",
    "using",
]
