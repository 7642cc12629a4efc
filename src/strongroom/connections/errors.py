"""What goes wrong with a bank link, named, and what each of Plaid's error codes means for it.

The table follows Plaid's published error types; codes it does not know count as the bank's
trouble, which we try again.
"""

from __future__ import annotations

from strongroom.connections.types import Status
from strongroom.core.errors import Conflict, Forbidden, NotFound, Refused, Unavailable


class ItemNotFound(NotFound):
    """No bank link of yours has that id."""


class LinkSessionNotFound(NotFound):
    """No attempt to link of yours has that id."""


class SyncIsRunning(Conflict):
    """The bank is being read at this moment; its result will serve both."""


class SyncTooSoon(Unavailable):
    """The bank was read a moment ago; ``retry_after_seconds`` says when it may be again."""


class LinkIsDisconnected(Refused):
    """The bank was unlinked here; link it again to get new data."""


class LinkedElsewhere(Refused):
    """The bank was linked in another of Plaid's environments; its token is never sent here."""


class BadWebhook(Forbidden):
    """The message was not signed by Plaid, is too old, or was altered on its way."""


class FeedError(Unavailable):
    """Plaid said no, or did not answer. ``error_type`` and ``error_code`` are Plaid's own."""

    def __init__(
        self,
        message: str,
        *,
        error_type: str,
        error_code: str,
        request_id: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.error_type = error_type
        self.error_code = error_code
        self.request_id = request_id
        if not self.will_pass:
            # A script that is told "try later" would ask for ever.
            self.exit_code = Refused.exit_code

    @property
    def will_pass(self) -> bool:
        """Whether trying again later can help without anybody doing something."""
        return self.error_type in _PASSING_TYPES or self.error_code in _PASSING_CODES


class BankAnswerMakesNoSense(FeedError):
    """Plaid's answer lacks what its document promises. Nothing of it was stored."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            error_type="API_ERROR",
            error_code=NO_SENSE,
            hint="Nothing was stored. We try again by ourselves.",
        )


NO_ANSWER = "NO_ANSWER"
NO_SENSE = "ANSWER_MAKES_NO_SENSE"
MUTATION = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
NOT_YET = "PRODUCT_NOT_READY"
NO_LINK_TOKEN = "INVALID_LINK_TOKEN"  # noqa: S105 - the name of an error, not a token
USED_PUBLIC_TOKEN = "INVALID_PUBLIC_TOKEN"  # noqa: S105 - the name of an error, not a token

_PASSING_TYPES = frozenset({"API_ERROR", "RATE_LIMIT_EXCEEDED", "NETWORK"})
_PASSING_CODES = frozenset(
    {
        "INSTITUTION_DOWN",
        "INSTITUTION_NOT_RESPONDING",
        "INSTITUTION_NOT_AVAILABLE",
        NOT_YET,
        MUTATION,
    }
)
_STATUS = {
    "ITEM_LOGIN_REQUIRED": Status.LOGIN_REQUIRED,
    "ITEM_LOCKED": Status.LOGIN_REQUIRED,
    "INVALID_CREDENTIALS": Status.LOGIN_REQUIRED,
    "INVALID_MFA": Status.LOGIN_REQUIRED,
    "INSUFFICIENT_CREDENTIALS": Status.LOGIN_REQUIRED,
    "USER_SETUP_REQUIRED": Status.LOGIN_REQUIRED,
    "PASSWORD_RESET_REQUIRED": Status.LOGIN_REQUIRED,
    "ACCESS_NOT_GRANTED": Status.LOGIN_REQUIRED,
    "USER_PERMISSION_REVOKED": Status.REVOKED,
    "ITEM_NOT_FOUND": Status.REVOKED,
    "INVALID_ACCESS_TOKEN": Status.REVOKED,
}


def status_after(error_code: str) -> Status:
    """Return the state an item is in after Plaid answered with this error code."""
    return _STATUS.get(error_code, Status.ERROR)
