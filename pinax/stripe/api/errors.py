"""Failures of a request, sorted: whether to try again at once, later, or not at all."""

import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

from ..catalogue.details import Detail
from ..conf import secret_key
from ..exceptions import (
    AccessDenied,
    AccountInaccessible,
    FinalStripeError,
    ListChanged,
    ObjectNotFound,
    StripeError,
    TemporaryStripeError,
)
from .answers import Failure, NoAnswer, Refusal
from .parameters import is_v2

#: Code by which Stripe says that it does not have an object, the one that v2 has besides, and the type of the error.
MISSING, MISSING_V2 = "resource_missing", "not_found"
REFUSED = "invalid_request_error"
#: What Stripe adds if a key of the other mode would find the object: it exists, and the key is of the wrong mode.
OTHER_MODE_HINT = re.compile(r"similar object exists in \w+ mode")
#: Name and password in an address.
USERINFO = re.compile(r"//[^/@\s]+@")
#: Parameters that say where a page begins.
CURSORS = ("starting_after", "ending_before")


def may_retry(failure: Failure) -> bool:
    """Whether Stripe's answer, or a missing one, says that trying again at once makes sense."""
    wish = failure.headers.get("Stripe-Should-Retry", "").lower()
    if wish in ("true", "false"):
        return wish == "true"
    if isinstance(failure, NoAnswer):
        return True
    status = failure.status or 0
    return status == 409 or status >= 500


def sorted_error(failure: Failure, path: str = "", params: Mapping[str, Any] | None = None) -> StripeError:
    """Our error for a failed request to a path with parameters."""
    message, status = without_keys(str(failure)), failure.status
    if isinstance(failure, NoAnswer):
        return TemporaryStripeError(Detail("no_answer", {"message": message}), code="no_answer", status=status)
    if isinstance(failure, Refusal):
        refusal = sorted_refusal(failure, message, path, params)
        if refusal is not None:
            return refusal
    if status == 404:
        return unexpected_404(message)
    return TemporaryStripeError(Detail("stripe_failed", {"message": message}), code="api_error", status=status)


def sorted_refusal(refusal: Refusal, message: str, path: str, params: Mapping[str, Any] | None) -> StripeError | None:
    """Our error for an answer of Stripe's, None if it says no more than that the request failed.

    The same as the SDK makes of status, type and code: https://docs.stripe.com/api/errors.
    """
    status, reuses_key = refusal.status, refusal.details.get("type") == "idempotency_error"
    if reuses_key and is_v2(path):
        return None
    if is_rate_limit(refusal, path):
        return TemporaryStripeError(message, code="rate_limited", status=status)
    if status in (400, 404):
        return None if reuses_key else error_of_request(refusal, message, path, params)
    if status == 401:
        return TemporaryStripeError(Detail("key_was_refused", {"message": message}), code="key_refused", status=status)
    if status == 403 and is_about_account(refusal):
        return AccountInaccessible(message, code="no_access", status=status)
    if status == 403:
        return AccessDenied(message, code="no_permission", status=status)
    return None


def is_rate_limit(refusal: Refusal, path: str) -> bool:
    """Whether there were too many requests; once that was a 400, and in v2 it has a type (both still in the SDK)."""
    if refusal.status == 400 and refusal.details.get("code") == "rate_limit":
        return True
    return refusal.status == 429 or (is_v2(path) and refusal.details.get("type") == "rate_limit")


def is_about_account(refusal: Refusal) -> bool:
    """Whether a 403 is Stripe's word on the account: that there is none, or none that the key has access to.

    A restricted key that lacks a permission gets a 403 as well, which names the account, too, and says nothing of it
    (https://docs.stripe.com/error-codes#account-invalid).
    """
    return refusal.details.get("code") == "account_invalid" or "does not have access to account" in refusal.words


def error_of_request(refusal: Refusal, message: str, path: str, params: Mapping[str, Any] | None) -> StripeError:
    """Our error for a 400 or 404: the object does not exist only if Stripe says so of an id that was asked for.

    A 404 can also mean that the address is wrong, or that another server answered; then it says nothing about the
    object.
    """
    status, words, details = refusal.status, refusal.words, refusal.details
    is_missing = says_missing(details, path)
    if is_missing and details.get("param") in CURSORS:
        return ListChanged(Detail("list_changed", {"message": message}), code="api_error", status=status)
    if is_missing and OTHER_MODE_HINT.search(words):
        return TemporaryStripeError(message, code="key_of_other_mode", status=status)
    if is_missing and any(names(words, each) for each in asked_for(path, params)):
        return ObjectNotFound(message, code="not_found", status=status)
    return (
        unexpected_404(message) if status == 404 else FinalStripeError(message, code="request_refused", status=status)
    )


def says_missing(details: Mapping[str, Any], path: str) -> bool:
    """Whether an error says that there is no such object, as Stripe says it at this path."""
    if details.get("code") == MISSING:
        return details.get("type", REFUSED) == REFUSED
    return details.get("code") == MISSING_V2 and is_v2(path)


def unexpected_404(message: str) -> TemporaryStripeError:
    """The error for a 404 that says nothing of an object."""
    return TemporaryStripeError(Detail("unexpected_404", {"message": message}), code="unexpected_404", status=404)


def asked_for(path: str, params: Mapping[str, Any] | None) -> set[str]:
    """The ids that a request is about: those in its path and in its filters, but not where a page begins."""
    segments = {urllib.parse.unquote(segment) for segment in path.split("/")}
    filters = {value for name, value in (params or {}).items() if name not in CURSORS and isinstance(value, str)}
    return (segments | filters) - {""}


def names(message: str, stripe_id: str) -> bool:
    """Whether Stripe's message is about an id: "No such customer: 'cus_1'", until about 2020 without the quotes."""
    return f"'{stripe_id}'" in message or re.search(rf": {re.escape(stripe_id)}(;|$)", message) is not None


def without_keys(message: str) -> str:
    """The message without our key and the password of a proxy, and not longer than a line of a log should be."""
    key = secret_key()
    message = USERINFO.sub("//…@", message)
    return (message.replace(key, "…" + key[-4:]) if key else message)[:500]
