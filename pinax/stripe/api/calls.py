"""Calls to Stripe's API: read, create, change and delete.

Every error leaves here as a `TemporaryStripeError` (try again later) or a `FinalStripeError` (trying again does not
help). `post` and `delete` change things at Stripe: they are for `actions`, and nothing that handles an event calls
them.
"""

import json
import logging
import re
import time
import urllib.parse
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from .. import __version__
from ..catalogue.details import Detail
from ..conf import is_sendable, secret_key, setting
from ..exceptions import (
    FinalStripeError,
    ListChanged,
    ObjectNotFound,
    Secret,
    StripeError,
    TemporaryStripeError,
    UnusableAnswer,
)
from .answers import Answer, Failure, data_of, reading_time
from .deadlines import budget, longest_call
from .errors import may_retry, sorted_error
from .pace import note_refusal, take_turn, wait_before_retry
from .parameters import encoded_body, encoded_form
from .sdk import pinned_version

#: An API version: a date, since 2024 with a name; events of 2016 may have features of a preview behind it, too
#: (`2016-03-07; orders_beta=v3`). Nothing else is put into a header.
VERSION = re.compile(r"\d{4}-\d{2}-\d{2}([ -~]{0,200}[!-~])?")
#: Which limit a refused request met (https://docs.stripe.com/rate-limits).
RATE_LIMIT_REASON = "Stripe-Rate-Limited-Reason"
#: What every request says of itself.
HEADERS = {"Accept-Encoding": "gzip, deflate", "User-Agent": f"pinax-stripe/{__version__}"}

logger = logging.getLogger(__name__)

#: Answers that are kept from earlier attempts, and those that are read now; None for none.
_kept: ContextVar["dict[str, Fetched] | None"] = ContextVar("pinax_stripe_kept", default=None)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """An object as Stripe answered it, and when that was true."""

    data: dict[str, Any]
    #: Epoch seconds on Stripe's clock: read at or after `earliest`, at or before `latest`; None when unknown.
    earliest: int | None
    latest: int | None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent; no representation of it shows the key or what is said of persons."""

    method: str
    path: str
    params: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str]
    key: Secret

    def send(self) -> Answer:
        """Stripe's answer, with any status; NoAnswer without one."""
        from . import transport

        url, body, headers = setting("API_BASE").rstrip("/") + self.path, None, {**HEADERS, **self.headers}
        if self.method == "post":
            headers["Content-Type"], body = encoded_body(self.path, self.params)
        elif self.params:
            url = f"{url}?{encoded_form(self.params)}"
        return transport.send(self.method.upper(), url, headers=headers, body=body, key=self.key)


@contextmanager
def keeping(answers: dict[str, Fetched]) -> Iterator[None]:
    """What is read inside is put into `answers`, and what is there already is not read again.

    A list that changed so that its pages do not fit together any more empties `answers`, and so does an answer that is
    not what was asked for: it would be taken for Stripe's in each further attempt.
    """
    token = _kept.set(answers)
    try:
        yield
    except (ListChanged, UnusableAnswer):
        answers.clear()
        raise
    finally:
        _kept.reset(token)


def get(
    path: str,
    params: dict[str, Any] | None = None,
    *,
    account: str = "",
    context: str = "",
    api_version: str | None = None,
) -> Fetched:
    """GET a path of the API (ids in it quoted by the caller), for a connected account if one is given.

    `api_version` is the version of the answer: None for that of our own calls; "", or what is no version, for
    PINAX_STRIPE_API_VERSION, else the account's default (https://docs.stripe.com/api/versioning). A version that Stripe
    refuses costs a second call, in the version of our own calls.
    """
    kept = _kept.get()
    if kept is None:
        return read(path, params, account, context, api_version)
    request = json.dumps([path, params or {}, account, context, api_version], sort_keys=True)
    if request not in kept:
        kept[request] = read(path, params, account, context, api_version)
    return kept[request]


def read(path: str, params: dict[str, Any] | None, account: str, context: str, api_version: str | None) -> Fetched:
    """GET a path in a version of the API."""
    headers = {"Stripe-Account": account, "Stripe-Context": context}
    if api_version is None:
        return call("get", path, params, headers)
    try:
        return call("get", path, params, {**headers, "Stripe-Version": rendering(api_version)})
    except FinalStripeError as error:
        if error.code != "request_refused" or error.status != 400:
            raise
        logger.warning("refused version=%s path=%s", api_version, path)
        return call("get", path, params, headers)


def rendering(api_version: str) -> str:
    """The version to ask for, so that an answer has the shape of what was rendered in one; "" for the account's."""
    return api_version if VERSION.fullmatch(api_version) else setting("API_VERSION") or ""


def post(
    path: str, params: dict[str, Any] | None = None, *, account: str = "", idempotency_key: str = ""
) -> dict[str, Any]:
    """Create or change something at Stripe; the object as it is then.

    All attempts of one call share an Idempotency-Key, a fresh one by default: Stripe carries it out once.
    """
    key = idempotency_key or str(uuid.uuid4())
    return call("post", path, params, {"Stripe-Account": account, "Idempotency-Key": key}).data


def delete(path: str, *, account: str = "") -> dict[str, Any]:
    """Delete something at Stripe; returns what is left of it. ObjectNotFound if it does not exist any more."""
    return call("delete", path, None, {"Stripe-Account": account}).data


def call(method: str, path: str, params: dict[str, Any] | None, headers: Mapping[str, str]) -> Fetched:
    """Make a request, again if that makes sense, within PINAX_STRIPE_API_TIMEOUT (or what `patient` allows).

    Headers that are "" are not sent: without a version Stripe takes the account's. Waiting for the pace does not count:
    a slow pace would leave no time for the call itself.
    """
    load_transport()
    given = {name: value for name, value in {"Stripe-Version": version(), **headers}.items() if value}
    request = Request(method=method, path=path, params=params or {}, headers=given, key=usable_key())
    take_turn(path)
    with budget(longest_call()):
        for attempt in range(setting("API_RETRIES") + 1):
            started = time.time()
            try:
                return call_once(request)
            except Failure as failure:
                if failure.status == 429:
                    note_refusal(path, failure.headers.get(RATE_LIMIT_REASON, ""))
                if may_retry(failure) and attempt < setting("API_RETRIES") and wait_before_retry(attempt, path):
                    continue
                error = dated(sorted_error(failure, path, params), failure, started)
                logger.info("failed method=%s path=%s code=%s status=%s", method, path, error.code, error.status)
                raise error from None
    raise AssertionError("unreachable")  # pragma: no cover


def load_transport() -> None:
    """Import what the first call of a process needs (urllib3): neither when Django starts nor in the time of a call."""
    from . import transport  # noqa: F401


def call_once(request: Request) -> Fetched:
    """One attempt; a Failure, or UnusableAnswer for an answer that is no object."""
    started = time.time()
    answer = request.send()
    data = data_of(answer)
    logger.debug("called method=%s path=%s status=%s", request.method, request.path, answer.status)
    if not isinstance(data, dict) or ("error" in data and "object" not in data):
        raise UnusableAnswer(Detail("answer_is_no_object"), code="api_error")
    earliest, latest = reading_time(answer.headers, started, time.time())
    return Fetched(data=data, earliest=earliest, latest=latest)


def usable_key() -> Secret:
    """The key of our calls; TemporaryStripeError without one that can be sent."""
    key = secret_key()
    if not key:
        raise TemporaryStripeError(Detail("no_key"), code="no_key")
    if not is_sendable(key):
        raise TemporaryStripeError(Detail("unusable_key"), code="key_refused")
    return key


def dated(error: StripeError, failure: Failure, started: float) -> StripeError:
    """The error, which knows when an object was not there."""
    if isinstance(error, ObjectNotFound):
        error.earliest, error.latest = reading_time(failure.headers, started, time.time())
    return error


def quoted(stripe_id: str) -> str:
    """An id made safe for a path."""
    return urllib.parse.quote(stripe_id, safe="")


def version() -> str:
    """The API version that our calls ask for: PINAX_STRIPE_API_VERSION, else the one the SDK was made for."""
    return setting("API_VERSION") or pinned_version()


def retrieve_event(stripe_id: str, *, account: str = "") -> dict[str, Any]:
    """The snapshot event Stripe has under this id. `data` is in the event's own version, whatever we ask for."""
    return get(f"/v1/events/{quoted(stripe_id)}", account=account).data


def retrieve_thin_event(stripe_id: str, *, context: str = "") -> dict[str, Any]:
    """The thin event (`v2.core.event`) Stripe has under this id."""
    return get(f"/v2/core/events/{quoted(stripe_id)}", context=context).data


def retrieve(path: str, *, account: str = "", api_version: str | None = None) -> Fetched:
    """The current object at a path, in an API version (see `get`)."""
    return get(path, account=account, api_version=api_version)
