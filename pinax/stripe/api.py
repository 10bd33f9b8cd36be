"""Stripe's API, read only: the one module that imports the SDK. Plain dicts in and out, errors sorted.

Every error leaves here as a `TemporaryStripeError` (try again later) or a `FinalStripeError` (it will not help).
"""

import email.utils
import json
import os
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import stripe

from .conf import secret_key, setting
from .exceptions import AccessDenied, FinalStripeError, ObjectNotFound, StripeError, TemporaryStripeError

# With telemetry the SDK writes an id below the home directory and, since 15.3.1, fails where there is none.
stripe.enable_telemetry = False

#: How far Stripe's `Date` may be from our clock before it is not believed (seconds).
CLOCK_TOLERANCE = 60
#: Longest page of a list.
PAGE = 100

_clients: dict[tuple[Any, ...], stripe.StripeClient] = {}
_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An object as Stripe answered it, and when that was true."""

    data: dict[str, Any]
    #: Epoch seconds on Stripe's clock: read at or after `earliest`, at or before `latest`; None when unknown.
    earliest: int | None
    latest: int | None


def client() -> stripe.StripeClient:
    """The client of this process for the current settings; TemporaryStripeError without a key."""
    key = secret_key()
    if not key:
        raise TemporaryStripeError(
            "No API key: set PINAX_STRIPE_SECRET_KEY (or STRIPE_SECRET_KEY in the environment).", code="no_key"
        )
    # A forked worker must not share its parent's connections, hence the process id.
    identity = (os.getpid(), key, setting("API_BASE"), setting("API_VERSION"), setting("API_TIMEOUT"))
    with _lock:
        if identity not in _clients:
            _clients.clear()
            _clients[identity] = stripe.StripeClient(
                key,
                base_addresses={"api": setting("API_BASE")},
                stripe_version=setting("API_VERSION"),
                max_network_retries=0,
                http_client=stripe.RequestsClient(timeout=setting("API_TIMEOUT")),
            )
        return _clients[identity]


def get(path: str, params: dict[str, Any] | None = None, *, account: str = "", context: str = "") -> Fetched:
    """GET a path of the API (ids in it quoted by the caller), for a connected account if one is given."""
    options = {"stripe_account": account or None, "stripe_context": context or None}
    options = {name: value for name, value in options.items() if value}
    deadline = time.monotonic() + setting("API_TIMEOUT")
    for attempt in range(setting("API_RETRIES") + 1):
        started = time.time()
        try:
            response = client().raw_request("get", path, **(params or {}), **options)
        except stripe.StripeError as error:
            if may_retry(error) and attempt < setting("API_RETRIES") and pause(attempt, deadline):
                continue
            raise sorted_error(error) from None
        if not isinstance(response.data, dict):
            raise TemporaryStripeError("Stripe answered with something that is no object.", code="api_error")
        earliest, latest = reading_time(response.headers, started, time.time())
        return Fetched(data=plain(response.data), earliest=earliest, latest=latest)
    raise AssertionError("unreachable")  # pragma: no cover


def plain(data: Any) -> Any:
    """Ordinary dicts out of the SDK's ordered ones."""
    return json.loads(json.dumps(data))


def may_retry(error: stripe.StripeError) -> bool:
    """Whether Stripe, or the want of any answer, says that trying again at once makes sense."""
    wish = (getattr(error, "headers", None) or {}).get("Stripe-Should-Retry", "").lower()
    if wish in ("true", "false"):
        return wish == "true"
    if isinstance(error, stripe.APIConnectionError):
        return True
    status = error.http_status or 0
    return status == 409 or status >= 500


def pause(attempt: int, deadline: float) -> bool:
    """Wait a little before the next attempt; False when the time for this call is used up."""
    delay = 0.1 * 2**attempt
    if time.monotonic() + delay >= deadline:
        return False
    time.sleep(delay)
    return True


def reading_time(headers: Any, started: float, ended: float) -> tuple[int | None, int | None]:
    """Between which seconds of Stripe's clock an answer was read, by its `Date`; (None, None) if it is not credible."""
    try:
        date = email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None, None
    if abs(date - ended) > CLOCK_TOLERANCE:
        return None, None
    # Stripe wrote the date after it read the object, and read the object after we asked.
    return int(date - (ended - started)) - 1, int(date) + 1


def sorted_error(error: stripe.StripeError) -> StripeError:
    """Our error for one of the SDK's."""
    status = error.http_status
    code = getattr(error, "code", None)
    message = masked(error.user_message or str(error))
    if isinstance(error, stripe.AuthenticationError):
        return TemporaryStripeError(
            f"Stripe refused the API key; set PINAX_STRIPE_SECRET_KEY to a valid one. ({message})",
            code="key_refused",
            status=status,
        )
    if isinstance(error, stripe.PermissionError):
        return AccessDenied(message, code="no_permission", status=status)
    if isinstance(error, stripe.RateLimitError):
        return TemporaryStripeError(message, code="rate_limited", status=status)
    if isinstance(error, stripe.InvalidRequestError):
        if status == 404 or code == "resource_missing":
            return ObjectNotFound(message, code="not_found", status=status)
        return FinalStripeError(message, code="request_refused", status=status)
    if isinstance(error, stripe.APIConnectionError):
        return TemporaryStripeError(f"No answer from Stripe: {message}", code="no_answer", status=status)
    return TemporaryStripeError(f"Stripe failed: {message}", code="api_error", status=status)


def masked(message: str) -> str:
    """The message without our key, and not longer than a line of a log should be."""
    key = secret_key()
    return (message.replace(key, "…" + key[-4:]) if key else message)[:500]


def quoted(stripe_id: str) -> str:
    """An id made safe for a path."""
    return urllib.parse.quote(stripe_id, safe="")


def retrieve_event(stripe_id: str, *, account: str = "") -> dict[str, Any]:
    """The snapshot event Stripe has under this id. `data` is in the event's own version, whatever we ask for."""
    return get(f"/v1/events/{quoted(stripe_id)}", account=account).data


def retrieve_thin_event(stripe_id: str, *, context: str = "") -> dict[str, Any]:
    """The thin event (`v2.core.event`) Stripe has under this id."""
    return get(f"/v2/core/events/{quoted(stripe_id)}", context=context).data


def retrieve(path: str, *, account: str = "") -> Fetched:
    """The current object at a path."""
    return get(path, account=account)


def iterate(path: str, params: dict[str, Any] | None = None, *, account: str = "") -> Iterator[dict[str, Any]]:
    """All objects of a list, page by page, in Stripe's order."""
    params = {"limit": PAGE, **(params or {})}
    while True:
        page = get(path, params, account=account).data
        rows = page.get("data") or []
        yield from rows
        if not page.get("has_more") or not rows:
            return
        params = {**params, "starting_after": rows[-1]["id"]}
