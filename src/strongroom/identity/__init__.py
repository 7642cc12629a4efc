"""Who people are: accounts, sessions, settings, API tokens, notifications, and rate limits.

Edges of every domain take their caller from ``identity.access``, which speaks HTTP; this door
does not. Knows nothing of money.
"""

from strongroom.identity.callers import Caller
from strongroom.identity.entrance import (
    EmailTaken,
    PersonNotFound,
    SignUp,
    SignUpClosed,
    WrongEmailOrPassword,
    WrongPassword,
    add_person_for_all,
    change_password,
    known_browser,
    make_demo,
    reset_password_for_all,
    sign_in,
    sign_up,
)
from strongroom.identity.limits import TooManyAttempts, take, use_key
from strongroom.identity.notices import (
    NotificationNotFound,
    count_unread,
    list_notifications,
    notify,
    read_all_notifications,
    read_notification,
    settle_notifications,
)
from strongroom.identity.rules import BadChoice, BadEmail, BadName, BadPassword, strength
from strongroom.identity.section import OwnSettings
from strongroom.identity.service import (
    PersonGone,
    change_settings,
    forget_ended_for_all,
    forget_made_up_for_all,
    get_person,
    get_settings,
    list_people_for_all,
    owners_for_all,
    rename,
)
from strongroom.identity.sessions import (
    SessionNotFound,
    end_other_sessions,
    end_session,
    list_sessions,
    sign_out,
)
from strongroom.identity.tokens import (
    ExpiryHasPassed,
    TokenNotFound,
    TooManyTokens,
    create_token,
    list_tokens,
    revoke_token,
)
from strongroom.identity.types import (
    CARDS,
    SCOPES,
    ApiToken,
    Client,
    NewApiToken,
    NewSession,
    Notification,
    NotificationId,
    Person,
    Session,
    SessionId,
    Settings,
    TokenId,
)

SECTIONS = (OwnSettings(),)
"""What of a person's is told in exports and brought back: their settings."""

__all__ = [
    "CARDS",
    "SCOPES",
    "ApiToken",
    "BadChoice",
    "BadEmail",
    "BadName",
    "BadPassword",
    "Caller",
    "Client",
    "EmailTaken",
    "ExpiryHasPassed",
    "NewApiToken",
    "NewSession",
    "Notification",
    "NotificationId",
    "NotificationNotFound",
    "Person",
    "PersonGone",
    "PersonNotFound",
    "Session",
    "SessionId",
    "SessionNotFound",
    "Settings",
    "SignUp",
    "SignUpClosed",
    "TokenId",
    "TokenNotFound",
    "TooManyAttempts",
    "TooManyTokens",
    "WrongEmailOrPassword",
    "WrongPassword",
    "add_person_for_all",
    "change_password",
    "change_settings",
    "count_unread",
    "create_token",
    "end_other_sessions",
    "end_session",
    "forget_ended_for_all",
    "forget_made_up_for_all",
    "get_person",
    "get_settings",
    "known_browser",
    "list_notifications",
    "list_people_for_all",
    "list_sessions",
    "list_tokens",
    "make_demo",
    "notify",
    "owners_for_all",
    "read_all_notifications",
    "read_notification",
    "rename",
    "reset_password_for_all",
    "revoke_token",
    "settle_notifications",
    "sign_in",
    "sign_out",
    "sign_up",
    "strength",
    "take",
    "use_key",
]
