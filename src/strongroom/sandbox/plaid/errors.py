"""Plaid's error objects: one table from error code to type, HTTP status and sentences.

Holds no logic about when an error arises; endpoints raise ``PlaidError`` with a code.
"""

from __future__ import annotations

from typing import Any, Final

_BAD: Final = 400
_PAGES: Final = "https://plaid.com/docs/errors"
_RATE: Final = "RATE_LIMIT_EXCEEDED"
_LOGIN: Final = "The given credentials were not correct. Please try again."
_BANK_DOWN: Final = "This institution is not answering. Please try again later."

# code -> (type, HTTP status, message for developers, message for people or None)
TABLE: Final[dict[str, tuple[str, int, str, str | None]]] = {
    "MISSING_FIELDS": ("INVALID_REQUEST", _BAD, "required fields are missing", None),
    "UNKNOWN_FIELDS": ("INVALID_REQUEST", _BAD, "fields are not recognized", None),
    "INVALID_FIELD": ("INVALID_REQUEST", _BAD, "a field has an invalid value", None),
    "INVALID_BODY": ("INVALID_REQUEST", _BAD, "the request body must be a JSON object", None),
    "INVALID_HEADERS": ("INVALID_REQUEST", _BAD, "a header has an invalid value", None),
    "INCOMPATIBLE_API_VERSION": (
        "INVALID_REQUEST",
        _BAD,
        "this API version is not served here; use 2020-09-14",
        None,
    ),
    "SANDBOX_ONLY": ("INVALID_REQUEST", _BAD, "only available in the sandbox", None),
    "INVALID_CONFIGURATION": ("INVALID_REQUEST", _BAD, "the configuration is not valid", None),
    "NOT_FOUND": (
        "INVALID_REQUEST",
        404,
        "no endpoint of the local Plaid has this path and method",
        None,
    ),
    "NO_LONGER_AVAILABLE": ("INVALID_REQUEST", 404, "this endpoint has been retired", None),
    "INVALID_API_KEYS": ("INVALID_INPUT", _BAD, "client_id or secret is wrong", None),
    "UNAUTHORIZED_ENVIRONMENT": (
        "INVALID_INPUT",
        _BAD,
        "these keys may not be used in this environment",
        None,
    ),
    "UNAUTHORIZED_ROUTE_ACCESS": (
        "INVALID_INPUT",
        _BAD,
        "client is not authorized to access this route; the local Plaid does not serve it",
        None,
    ),
    "INVALID_ACCESS_TOKEN": ("INVALID_INPUT", _BAD, "no such access token is known", None),
    "INVALID_PUBLIC_TOKEN": (
        "INVALID_INPUT",
        _BAD,
        "the public token is unknown, has been used or has expired",
        None,
    ),
    "INVALID_LINK_TOKEN": ("INVALID_INPUT", _BAD, "the link token is unknown or has expired", None),
    "INVALID_ACCOUNT_ID": (
        "INVALID_INPUT",
        _BAD,
        "an account_id does not belong to this item",
        None,
    ),
    "INVALID_INSTITUTION": (
        "INVALID_INPUT",
        _BAD,
        "no such institution in the given countries",
        None,
    ),
    "INVALID_PRODUCT": (
        "INVALID_INPUT",
        _BAD,
        "a product is unknown or cannot be requested here",
        None,
    ),
    "INVALID_WEBHOOK_VERIFICATION_KEY_ID": (
        "INVALID_INPUT",
        _BAD,
        "no webhook key has this key_id",
        None,
    ),
    "USER_NOT_FOUND": ("USER_ERROR", _BAD, "no user of this client has this user_id", None),
    "ADDITIONAL_CONSENT_REQUIRED": (
        "INVALID_INPUT",
        _BAD,
        "the user has not consented to this product",
        None,
    ),
    "USER_PERMISSION_REVOKED": (
        "INVALID_INPUT",
        _BAD,
        "the user has revoked access to this item",
        None,
    ),
    "TOO_MANY_VERIFICATION_ATTEMPTS": ("INVALID_INPUT", _BAD, "too many attempts", None),
    "DIRECT_INTEGRATION_NOT_ENABLED": ("INVALID_INPUT", _BAD, "not enabled", None),
    "ITEM_LOGIN_REQUIRED": (
        "ITEM_ERROR",
        _BAD,
        "the login details of this item have changed; repair it with Link's update mode",
        None,
    ),
    "ITEM_NOT_FOUND": (
        "ITEM_ERROR",
        _BAD,
        "the item cannot be found; it may have been removed",
        None,
    ),
    "ITEM_LOCKED": (
        "ITEM_ERROR",
        _BAD,
        "the account is locked at the institution",
        "This account is locked. Please visit your bank to unlock it, then try again.",
    ),
    "ITEM_NOT_SUPPORTED": (
        "ITEM_ERROR",
        _BAD,
        "this account cannot be linked",
        "This account cannot be linked at present. Please choose another.",
    ),
    "ITEM_CONCURRENTLY_DELETED": (
        "ITEM_ERROR",
        _BAD,
        "the item was deleted while this request ran",
        None,
    ),
    "INVALID_CREDENTIALS": ("ITEM_ERROR", _BAD, "the credentials were not correct", _LOGIN),
    "INVALID_MFA": (
        "ITEM_ERROR",
        _BAD,
        "the MFA answer was not correct",
        "That answer was not correct. Please try again.",
    ),
    "INVALID_SEND_METHOD": (
        "ITEM_ERROR",
        _BAD,
        "the MFA send method is not valid",
        "That way of sending a code is not available. Please choose another.",
    ),
    "INVALID_UPDATED_USERNAME": (
        "ITEM_ERROR",
        _BAD,
        "the user name differs from the item's",
        "Use the same user name.",
    ),
    "INSUFFICIENT_CREDENTIALS": ("ITEM_ERROR", _BAD, "the user did not finish at the bank", None),
    "MFA_NOT_SUPPORTED": (
        "ITEM_ERROR",
        _BAD,
        "this kind of MFA is not supported",
        "Your bank asks for a second step that is not supported.",
    ),
    "USER_SETUP_REQUIRED": (
        "ITEM_ERROR",
        _BAD,
        "the user must finish setting up the account at the institution",
        "Please sign in at your bank directly, finish what it asks for, then try again.",
    ),
    "USER_INPUT_TIMEOUT": (
        "ITEM_ERROR",
        _BAD,
        "the user did not answer in time",
        "The sign-in took too long. Please try again.",
    ),
    "PASSWORD_RESET_REQUIRED": (
        "ITEM_ERROR",
        _BAD,
        "the user must set a new password at the institution",
        "Please set a new password at your bank, then try again.",
    ),
    "NO_ACCOUNTS": (
        "ITEM_ERROR",
        _BAD,
        "this login has no accounts",
        "No open account was found. Please choose another bank.",
    ),
    "NO_AUTH_ACCOUNTS": ("ITEM_ERROR", _BAD, "no account of this item has numbers", None),
    "NO_INVESTMENT_ACCOUNTS": ("ITEM_ERROR", _BAD, "this item has no investment account", None),
    "NO_LIABILITY_ACCOUNTS": ("ITEM_ERROR", _BAD, "this item has no liability account", None),
    "PRODUCT_NOT_READY": (
        "ITEM_ERROR",
        _BAD,
        "the product is not ready yet; try again later",
        None,
    ),
    "PRODUCTS_NOT_SUPPORTED": ("ITEM_ERROR", _BAD, "this item does not support the product", None),
    "PRODUCT_NOT_ENABLED": (
        "ITEM_ERROR",
        _BAD,
        "the product has not been enabled for this item",
        None,
    ),
    "ACCESS_NOT_GRANTED": (
        "ITEM_ERROR",
        _BAD,
        "the user did not grant the access needed",
        "You have not allowed the access that is needed.",
    ),
    "INSTITUTION_DOWN": ("INSTITUTION_ERROR", _BAD, "the institution is down", _BANK_DOWN),
    "INSTITUTION_NOT_RESPONDING": (
        "INSTITUTION_ERROR",
        _BAD,
        "the institution does not respond",
        _BANK_DOWN,
    ),
    "INSTITUTION_NOT_AVAILABLE": (
        "INSTITUTION_ERROR",
        _BAD,
        "the institution is not available",
        _BANK_DOWN,
    ),
    "INSTITUTION_NO_LONGER_SUPPORTED": (
        "INSTITUTION_ERROR",
        _BAD,
        "the institution is no longer supported",
        "This bank is no longer supported. Please choose another.",
    ),
    "UNAUTHORIZED_INSTITUTION": (
        "INSTITUTION_ERROR",
        _BAD,
        "access to this institution is not granted",
        None,
    ),
    "INSTITUTION_REGISTRATION_REQUIRED": (
        "INSTITUTION_ERROR",
        _BAD,
        "this institution asks for registration first",
        None,
    ),
    "COUNTRY_NOT_SUPPORTED": (
        "INVALID_REQUEST",
        _BAD,
        "the country is not supported",
        "Banks of this country cannot be linked.",
    ),
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": (
        "TRANSACTIONS_ERROR",
        _BAD,
        "transactions changed while pages were read; start again from the first cursor",
        None,
    ),
    "SANDBOX_WEBHOOK_INVALID": (
        "SANDBOX_ERROR",
        _BAD,
        "the item has no webhook, or it cannot be fired",
        None,
    ),
    "SANDBOX_PRODUCT_NOT_ENABLED": (
        "SANDBOX_ERROR",
        _BAD,
        "the webhook's product is not enabled for this item",
        None,
    ),
    "SANDBOX_ACCOUNT_SELECT_V2_NOT_ENABLED": (
        "SANDBOX_ERROR",
        _BAD,
        "only items that came through Link can fire this",
        None,
    ),
    "ACCOUNTS_LIMIT": (_RATE, 429, "rate limit exceeded for accounts", None),
    "BALANCE_LIMIT": (_RATE, 429, "rate limit exceeded for balance", None),
    "ACCOUNTS_BALANCE_GET_LIMIT": (_RATE, 429, "rate limit exceeded for balance", None),
    "AUTH_LIMIT": (_RATE, 429, "rate limit exceeded for auth", None),
    "IDENTITY_LIMIT": (_RATE, 429, "rate limit exceeded for identity", None),
    "ITEM_GET_LIMIT": (_RATE, 429, "rate limit exceeded for item/get", None),
    "TRANSACTIONS_LIMIT": (_RATE, 429, "rate limit exceeded for transactions", None),
    "INVESTMENT_HOLDINGS_GET_LIMIT": (_RATE, 429, "rate limit exceeded for holdings", None),
    "INVESTMENT_TRANSACTIONS_LIMIT": (
        _RATE,
        429,
        "rate limit exceeded for investment transactions",
        None,
    ),
    "INSTITUTIONS_GET_LIMIT": (_RATE, 429, "rate limit exceeded for institutions", None),
    "INSTITUTIONS_GET_BY_ID_LIMIT": (_RATE, 429, "rate limit exceeded for institutions", None),
    "INSTITUTION_RATE_LIMIT": (_RATE, 429, "the institution's rate limit is exceeded", None),
    "RATE_LIMIT": (_RATE, 429, "rate limit exceeded", None),
    "LAST_UPDATED_DATETIME_OUT_OF_RANGE": (
        "INVALID_RESULT",
        _BAD,
        "the bank has no balance as new as was asked for",
        None,
    ),
    "RECAPTCHA_REQUIRED": (
        "RECAPTCHA_ERROR",
        _BAD,
        "the user must pass a challenge first",
        "Please complete the challenge, then try again.",
    ),
    "OAUTH_REGISTRATION_ERROR": (
        "PARTNER_ERROR",
        _BAD,
        "the registration with the institution is not complete",
        None,
    ),
    "INTERNAL_SERVER_ERROR": ("API_ERROR", 500, "an unexpected error occurred", None),
    "PLANNED_MAINTENANCE": ("API_ERROR", 503, "the service is under maintenance", None),
}


# Why a bank with a sign-in page of its own turns an item away.
REASONS: Final = ("OAUTH_INVALID_TOKEN", "OAUTH_CONSENT_EXPIRED", "OAUTH_USER_REVOKED")
REVOKED: Final = "USER_PERMISSION_REVOKED"


class PlaidError(Exception):
    """An answer of Plaid's that says no; becomes an error object and its HTTP status."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        reason: str | None = None,
        error_type: str | None = None,
    ) -> None:
        """Take the rest from the table; ``error_type`` stands where Plaid's differs from it."""
        self.reason = reason
        usual, self.status, default, self.display_message = TABLE[code]
        self.error_type = error_type or usual
        self.code = code
        self.message = message or default
        super().__init__(f"{code}: {self.message}")

    def as_object(self, request_id: str | None) -> dict[str, Any]:
        """Give the JSON object; without ``request_id`` the form inside items and webhooks."""
        page = self.error_type.removesuffix("_ERROR").lower().replace("_", "-")
        body: dict[str, Any] = {
            "display_message": self.display_message,
            "documentation_url": f"{_PAGES}/{page}/#{self.code.lower()}",
            "error_code": self.code,
            "error_message": self.message,
            "error_type": self.error_type,
            **({"error_code_reason": self.reason} if self.reason else {}),
            "suggested_action": None,
        }
        if request_id is None:
            body["status"] = self.status
        else:
            body["request_id"] = request_id
        return body


def revoked_webhook_error(reason: str | None = None) -> PlaidError:
    """Build the error in a USER_PERMISSION_REVOKED webhook: there, and only there, an item's."""
    return PlaidError(REVOKED, reason=reason, error_type="ITEM_ERROR")
