"""Every error that Plaid names, and what it means for a bank link: state, words, what to do.

Plain data, after the error tables and the OpenAPI document that Plaid publishes. A code that is
not in the table falls to the stated meaning of its type; one of an unknown type to ``UNKNOWN``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from strongroom.connections.types import Status
from strongroom.ui import N_


class Way(StrEnum):
    """The one button that helps, if any does."""

    RECONNECT = "reconnect"
    LINK_AGAIN = "link_again"
    SYNC = "sync"
    IMPORT = "import"
    """Bring in what is new from a file of the bank's."""
    NOTHING = "nothing"
    """Nothing for the person to do here."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one error means. ``status`` None: the link itself is well, only this call got nothing.

    ``will_pass``: trying again later can help without anybody doing something. ``title`` and
    ``advice`` are texts of the catalogue; ``title`` takes ``%(bank)s``.
    """

    status: Status | None
    will_pass: bool
    title: str
    advice: str
    way: Way

    @property
    def ends_for_good(self) -> bool:
        """Whether neither time nor a sign-in mends it. Of what is not known, nobody can say."""
        return self.status is Status.ERROR and not self.will_pass and self.way is not Way.SYNC


NO_ANSWER = "NO_ANSWER"
NO_SENSE = "ANSWER_MAKES_NO_SENSE"
OURS = "INTERNAL_ERROR"

_KEPT = N_("Your history is kept.")
_BY_ITSELF = N_("We try again by ourselves. Nothing for you to do.")
_OPERATOR = N_(
    "Whoever runs this server can set it right: the code below says what Plaid objects to."
    " Your history is kept."
)

SIGN_IN = Trouble(
    Status.LOGIN_REQUIRED, False, N_("%(bank)s wants you to sign in again"),
    N_("Your history is kept. Reconnect to go on."), Way.RECONNECT,
)  # fmt: skip
LOCKED = Trouble(
    Status.LOGIN_REQUIRED, False, N_("%(bank)s has locked your access"),
    N_("Unlock it at the bank first, then reconnect. Your history is kept."), Way.RECONNECT,
)  # fmt: skip
SET_UP = Trouble(
    Status.LOGIN_REQUIRED, False, N_("%(bank)s waits for you on its own site"),
    N_("Sign in there, finish what it asks, then reconnect. Your history is kept."), Way.RECONNECT,
)  # fmt: skip
NEW_PASSWORD = Trouble(
    Status.LOGIN_REQUIRED, False, N_("%(bank)s wants you to choose a new password"),
    N_("Choose it at the bank, then reconnect. Your history is kept."), Way.RECONNECT,
)  # fmt: skip
OTHER_SIGN_IN = Trouble(
    Status.LOGIN_REQUIRED, False, N_("The way you sign in to %(bank)s cannot be used here"),
    N_("Choose another second step at the bank, then reconnect. Your history is kept."),
    Way.RECONNECT,
)  # fmt: skip
NOT_ALLOWED = Trouble(
    Status.LOGIN_REQUIRED, False, N_("%(bank)s was not allowed to show your accounts"),
    N_("Reconnect and allow what you want to see. Your history is kept."), Way.RECONNECT,
)  # fmt: skip
NO_ACCOUNT = Trouble(
    Status.LOGIN_REQUIRED, False, N_("%(bank)s shows no account that can be read"),
    N_("Reconnect and choose accounts. Your history is kept."), Way.RECONNECT,
)  # fmt: skip
REVOKED = Trouble(
    Status.REVOKED, False, N_("%(bank)s no longer lets us read your accounts"),
    N_("Your history is kept. Sign in again to go on."), Way.RECONNECT,
)  # fmt: skip
GONE = Trouble(
    Status.REVOKED, False, N_("The link to %(bank)s has ended at Plaid"),
    N_("Linking the bank again is enough. Your history is kept, nothing doubles."),
    Way.LINK_AGAIN,
)  # fmt: skip
UNSUPPORTED = Trouble(
    Status.ERROR, False, N_("%(bank)s can no longer be read through Plaid"),
    N_("New rows can come in from a file that you download at the bank. Your history is kept."),
    Way.IMPORT,
)  # fmt: skip
BANK_DOWN = Trouble(
    Status.ERROR, True, N_("%(bank)s is not answering"), _BY_ITSELF, Way.NOTHING
)  # fmt: skip
PLAID_DOWN = Trouble(
    Status.ERROR, True, N_("Plaid, which reads %(bank)s for us, is not answering"), _BY_ITSELF,
    Way.NOTHING,
)  # fmt: skip
SLOW_DOWN = Trouble(
    Status.ERROR, True, N_("%(bank)s has been asked too often"),
    N_("We wait a while and try again by ourselves. Nothing for you to do."), Way.NOTHING,
)  # fmt: skip
CHANGING = Trouble(
    Status.ERROR, True, N_("%(bank)s kept changing while it was read"), _BY_ITSELF, Way.SYNC
)  # fmt: skip
NO_SENSE_MADE = Trouble(
    Status.ERROR, True, N_("The answer of %(bank)s made no sense"),
    N_("Nothing of it was stored. We try again by ourselves."), Way.NOTHING,
)  # fmt: skip
OUR_FAULT = Trouble(
    Status.ERROR, True, N_("%(bank)s could not be read: something went wrong on this server"),
    N_("We try again by ourselves. This server's log tells more."), Way.NOTHING,
)  # fmt: skip
SET_WRONG = Trouble(
    Status.ERROR, False, N_("%(bank)s cannot be read: this server is not set up for it at Plaid"),
    _OPERATOR, Way.NOTHING,
)  # fmt: skip
NOT_UNDERSTOOD = Trouble(
    Status.ERROR, False, N_("%(bank)s could not be read: Plaid did not take our question"),
    _OPERATOR, Way.NOTHING,
)  # fmt: skip
NOT_YET = Trouble(
    None, True, N_("%(bank)s is still getting your data ready"), _BY_ITSELF, Way.NOTHING
)  # fmt: skip
NONE_HELD = Trouble(
    None, False, N_("%(bank)s holds nothing of this kind for you"), _KEPT, Way.NOTHING
)  # fmt: skip
ATTEMPT_OVER = Trouble(
    None, False, N_("This attempt to link %(bank)s cannot be used any more"),
    N_("Begin again. Nothing was changed."), Way.LINK_AGAIN,
)  # fmt: skip
UNKNOWN = Trouble(
    Status.ERROR, False, N_("%(bank)s could not be read"),
    N_("Your history is kept. We look again every few hours."), Way.SYNC,
)  # fmt: skip
"""The meaning of an error whose code and type are both unknown to this program."""


def _named(trouble: Trouble, codes: str) -> Iterator[tuple[str, Trouble]]:
    return ((code, trouble) for code in codes.split())


CODES: Mapping[str, Trouble] = dict(
    [
        # ITEM_ERROR
        *_named(SIGN_IN, """ITEM_LOGIN_REQUIRED INVALID_CREDENTIALS INVALID_MFA INVALID_SEND_METHOD
            INVALID_UPDATED_USERNAME INSUFFICIENT_CREDENTIALS USER_INPUT_TIMEOUT"""),
        *_named(LOCKED, "ITEM_LOCKED TOO_MANY_VERIFICATION_ATTEMPTS"),
        *_named(SET_UP, "USER_SETUP_REQUIRED"),
        *_named(NEW_PASSWORD, "PASSWORD_RESET_REQUIRED"),
        *_named(OTHER_SIGN_IN, "MFA_NOT_SUPPORTED"),
        *_named(NOT_ALLOWED, "ACCESS_NOT_GRANTED ADDITIONAL_CONSENT_REQUIRED"),
        *_named(NO_ACCOUNT, "NO_ACCOUNTS"),
        *_named(REVOKED, "USER_PERMISSION_REVOKED"),
        *_named(GONE, "ITEM_NOT_FOUND ITEM_CONCURRENTLY_DELETED INVALID_ACCESS_TOKEN TOKEN_LOST"),
        *_named(UNSUPPORTED, """ITEM_NOT_SUPPORTED INSTITUTION_NO_LONGER_SUPPORTED
            COUNTRY_NOT_SUPPORTED"""),
        *_named(NOT_YET, "PRODUCT_NOT_READY LAST_UPDATED_DATETIME_OUT_OF_RANGE"),
        *_named(NONE_HELD, """NO_AUTH_ACCOUNTS NO_INVESTMENT_ACCOUNTS NO_LIABILITY_ACCOUNTS
            PRODUCTS_NOT_SUPPORTED PRODUCT_NOT_SUPPORTED"""),
        # INSTITUTION_ERROR
        *_named(BANK_DOWN, """INSTITUTION_DOWN INSTITUTION_NOT_RESPONDING
            INSTITUTION_NOT_AVAILABLE"""),
        *_named(SET_WRONG, """UNAUTHORIZED_INSTITUTION INSTITUTION_REGISTRATION_REQUIRED
            UNAUTHORIZED_ROUTE_ACCESS
            INVALID_API_KEYS UNAUTHORIZED_ENVIRONMENT DIRECT_INTEGRATION_NOT_ENABLED
            PRODUCT_NOT_ENABLED SANDBOX_ONLY INVALID_CONFIGURATION SANDBOX_WEBHOOK_INVALID
            SANDBOX_PRODUCT_NOT_ENABLED SANDBOX_ACCOUNT_SELECT_V2_NOT_ENABLED
            OAUTH_REGISTRATION_ERROR"""),
        # RATE_LIMIT_EXCEEDED
        *_named(SLOW_DOWN, """ACCOUNTS_LIMIT BALANCE_LIMIT ACCOUNTS_BALANCE_GET_LIMIT AUTH_LIMIT
            IDENTITY_LIMIT ITEM_GET_LIMIT TRANSACTIONS_LIMIT TRANSACTIONS_SYNC_LIMIT
            INVESTMENT_HOLDINGS_GET_LIMIT INVESTMENT_TRANSACTIONS_LIMIT LIABILITIES_LIMIT
            INSTITUTIONS_GET_LIMIT INSTITUTIONS_GET_BY_ID_LIMIT INSTITUTION_RATE_LIMIT
            RATE_LIMIT"""),
        # API_ERROR, and no answer at all
        *_named(PLAID_DOWN, f"INTERNAL_SERVER_ERROR PLANNED_MAINTENANCE {NO_ANSWER}"),
        *_named(NO_SENSE_MADE, NO_SENSE),
        *_named(CHANGING, "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"),
        *_named(OUR_FAULT, OURS),
        # INVALID_REQUEST, INVALID_INPUT and USER_ERROR: our question was wrong
        *_named(NOT_UNDERSTOOD, """MISSING_FIELDS INVALID_FIELD INVALID_BODY INVALID_HEADERS
            UNKNOWN_FIELDS INCOMPATIBLE_API_VERSION NOT_FOUND NO_LONGER_AVAILABLE
            INVALID_ACCOUNT_ID INVALID_INSTITUTION INVALID_PRODUCT
            INVALID_WEBHOOK_VERIFICATION_KEY_ID USER_NOT_FOUND"""),
        *_named(ATTEMPT_OVER, """INVALID_PUBLIC_TOKEN INVALID_LINK_TOKEN RECAPTCHA_REQUIRED
            RECAPTCHA_BAD"""),
    ]
)  # fmt: skip

TYPES: Mapping[str, Trouble] = dict(
    [
        *_named(SLOW_DOWN, "RATE_LIMIT_EXCEEDED"),
        *_named(PLAID_DOWN, "API_ERROR NETWORK"),
        *_named(OUR_FAULT, OURS),
        *_named(UNKNOWN, "ITEM_ERROR INSTITUTION_ERROR TRANSACTIONS_ERROR USER_ERROR"),
        *_named(SET_WRONG, "SANDBOX_ERROR OAUTH_ERROR PARTNER_ERROR"),
        *_named(NOT_UNDERSTOOD, "INVALID_REQUEST INVALID_INPUT INVALID_RESULT"),
        *_named(ATTEMPT_OVER, "RECAPTCHA_ERROR"),
        # Of products that are never asked for here; named, so that a new type is noticed.
        *_named(UNKNOWN, """ASSET_REPORT_ERROR BASE_REPORT_ERROR PAYMENT_ERROR BANK_TRANSFER_ERROR
            INCOME_VERIFICATION_ERROR MICRODEPOSITS_ERROR SIGNAL_ERROR TRANSACTION_ERROR
            TRANSFER_ERROR CHECK_REPORT_ERROR CONSUMER_REPORT_ERROR"""),
    ]
)  # fmt: skip


def trouble_of(error_code: str, error_type: str | None = None) -> Trouble:
    """Return what an error means; an unknown code has the meaning of its type."""
    known = CODES.get(error_code)
    return known or TYPES.get(error_type or "", UNKNOWN)
