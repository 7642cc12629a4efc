"""What surrounds every page: the navigation, the security headers, who is signed in."""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from strongroom.ui.language import N_


class Person(Protocol):
    """Who is signed in, as far as the shell shows it."""

    @property
    def name(self) -> str:
        """What the person is called."""

    @property
    def email(self) -> str:
        """The address they sign in with."""

    @property
    def is_demo(self) -> bool:
        """Whether it is a made-up household, whose address is made up too and not shown."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation.

    ``key`` is what a page passes as ``nav=`` and the key of its badge; ``label`` an untranslated
    text (``N_``); ``go`` the letter after ``g``; ``place`` main (rail and bottom bar), bar (bottom
    bar, and below in the rail) or below;
    ``counted`` what its badge counts, for screen readers.
    """

    key: str
    label: str
    href: str
    icon: str
    place: Literal["main", "bar", "below"] = "main"
    go: str = ""
    counted: str = N_("need you")


NAVIGATION: Final[tuple[NavItem, ...]] = (
    NavItem("overview", N_("Overview"), "/", "home", go="o"),
    NavItem("activity", N_("Activity"), "/transactions", "list", go="t"),
    NavItem("budgets", N_("Budgets"), "/budgets", "budget", go="b"),
    NavItem("goals", N_("Goals"), "/goals", "flag", go="g"),
    NavItem("connections", N_("Connections"), "/connections", "link", "bar", go="c"),
    NavItem(
        "notifications",
        N_("Notifications"),
        "/notifications",
        "bell",
        "below",
        counted=N_("unread"),
    ),
    NavItem("reports", N_("Reports"), "/reports", "bars", "below", go="r"),
    NavItem("settings", N_("Settings"), "/settings", "gear", "below", go="s"),
    NavItem("help", N_("Help"), "/help", "help", "below", go="h"),
)

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types kit",
    )
)

# For every response. The camera is for reading payment codes, on our own pages only.
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
}
