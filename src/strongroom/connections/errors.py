"""What goes wrong with a bank link, as errors. What each of Plaid's codes means: ``troubles``."""

from __future__ import annotations

from collections.abc import Mapping

from strongroom.connections import troubles
from strongroom.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Refused,
    StrongroomError,
    TooManyRequests,
    Unavailable,
)


class ItemNotFound(NotFound):
    """No bank link of yours has that id."""


class LinkSessionNotFound(NotFound):
    """No attempt to link of yours has that id."""


class SyncIsRunning(Conflict):
    """The bank is being read, or linked, at this moment; its result will serve both."""


class SyncTooSoon(TooManyRequests):
    """The bank was asked for a moment ago; ``retry_after_seconds`` says when it may be again."""


class LinkIsDisconnected(Refused):
    """The bank was unlinked here; link it again to get new data."""


class LinkIsPaused(Refused):
    """The bank link rests, as its person wished; resume it to read it."""


class LinkedElsewhere(Refused):
    """The bank was linked in another of Plaid's environments; its token is never sent here."""


class BadWebhook(Forbidden):
    """The message was not signed by Plaid, is too old, or was altered on its way."""


AGAIN = "We try again by ourselves."
"""What is true of a link that is read in turn, and of one that is being made."""


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
        self.status, self.exit_code = self.kind.status, self.kind.exit_code

    def where_nothing_is_linked(self) -> FeedError:
        """Return the same without the promise to try again: without a link nothing does."""
        self.hint = (self.hint or "").replace(AGAIN, "").strip() or None
        return self

    @property
    def kind(self) -> type[StrongroomError]:
        """Not available where it will pass, else refused: one told "later" would ask for ever."""
        return type(self) if self.will_pass else Refused

    @property
    def extensions(self) -> Mapping[str, str]:
        """Plaid's own words for what is wrong."""
        return {"plaid_error_type": self.error_type, "plaid_error_code": self.error_code}

    @property
    def will_pass(self) -> bool:
        """Whether trying again later can help without anybody doing something."""
        return troubles.trouble_of(self.error_code, self.error_type).will_pass


class BankAnswerMakesNoSense(FeedError):
    """Plaid's answer lacks what its document promises. Nothing of it was stored."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            error_type="API_ERROR",
            error_code=troubles.NO_SENSE,
            hint=f"Nothing was stored. {AGAIN}",
        )


NO_ANSWER = troubles.NO_ANSWER
MUTATION = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
NOT_YET = "PRODUCT_NOT_READY"
NO_LINK_TOKEN = "INVALID_LINK_TOKEN"  # noqa: S105 - the name of an error, not a token
GONE = frozenset({"ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"})
"""What Plaid says of an access token that is good for nothing any more."""
TOKEN_LOST = "TOKEN_LOST"  # noqa: S105 - our own name for it, not a token
"""Plaid gave out a new token, and its answer never reached us."""
USED_PUBLIC_TOKEN = "INVALID_PUBLIC_TOKEN"  # noqa: S105 - the name of an error, not a token
