"""The five kinds of refusal a verb may raise. Anything else that escapes is a bug.

Domains subclass one kind, name it as a sentence and declare it beside the verb that raises it.
The edges map kinds to HTTP statuses, job outcomes and exit codes; nothing else does.
"""

from collections.abc import Mapping


class StrongroomError(Exception):
    """A refusal with a message that a person can read and act on.

    ``message`` is one plain sentence, safe to show; ``field`` names the input at fault, if one
    is; ``hint`` says what to do next.
    """

    status = 500
    exit_code = 70

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint

    @property
    def code(self) -> str:
        """The error's stable name for programs: the class name, such as ``AccountNotFound``."""
        return type(self).__name__

    @property
    def kind(self) -> type["StrongroomError"]:
        """What the edges answer as: the class itself, unless the cause decides."""
        return type(self)

    @property
    def extensions(self) -> Mapping[str, str | int]:
        """What else a program is told, as extension members of problem JSON. Never a secret."""
        return {}


class NotFound(StrongroomError):
    """No such thing, or not yours: the two are never told apart."""

    status = 404
    exit_code = 4


class Conflict(StrongroomError):
    """The thing changed or exists already; look again and repeat if it still makes sense."""

    status = 409
    exit_code = 5


class Refused(StrongroomError):
    """A rule says no, or the input is not valid. Repeating the same call will not help."""

    status = 422
    exit_code = 2


class Forbidden(StrongroomError):
    """The caller is not signed in, or may not do this."""

    status = 403
    exit_code = 3


class SignInNeeded(Forbidden):
    """No session or token came with the request, or it has ended."""

    status = 401


class Unavailable(StrongroomError):
    """Something we depend on does not answer. Try later; nothing was lost.

    ``retry_after_seconds`` is set where the time is known.
    """

    status = 503
    exit_code = 75

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        hint: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message, field=field, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class TooManyRequests(Unavailable):
    """A rate limit was reached; ``retry_after_seconds`` says when it opens again."""

    status = 429
